/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GeneralNames from text. Each kind has a function that checks its value and writes it; the constraint's forms have their own where
 * they differ. The way back to text is general_name_text.c's.
 */
#include "x509/general_name.h"

#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/utf8.h"
#include "x509/der.h"
#include "x509/host.h"
#include "x509/mailbox.h"
#include "x509/name.h"
#include "x509/oid.h"
#include "x509/uri.h"

#define PREFIX_DIGITS 3

/* 1.3.6.1.4.1.311.20.2.3, the type of a user principal name. */
static const unsigned char upn_type[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x14, 0x02, 0x03};

static const struct {
    const char *word;
    enum general_name_kind kind;
} kinds[] = {
    {"dns", GENERAL_NAME_DNS},         {"ip", GENERAL_NAME_IP},       {"email", GENERAL_NAME_EMAIL},
    {"uri", GENERAL_NAME_URI},         {"upn", GENERAL_NAME_UPN},     {"rid", GENERAL_NAME_RID},
    {"dirname", GENERAL_NAME_DIRNAME}, {"other", GENERAL_NAME_OTHER},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int general_name_kind_parse(const char *word, enum general_name_kind *kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i].word, word) == 0) {
            *kind = kinds[i].kind;
            return 0;
        }
    }
    return -1;
}

const char *general_name_kind_word(enum general_name_kind kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].kind == kind) {
            return kinds[i].word;
        }
    }
    return "other";
}

/* ---- the values -------------------------------------------------------------------------------------------------- */

static bool is_ascii(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] > 0x7f) {
            return false;
        }
    }
    return true;
}

/* What is wrong with text that a UTF8String is to hold, or NULL. */
static const char *text_complaint(struct slice text)
{
    if (text.length == 0) {
        return "has an empty value";
    }
    while (text.length > 0) {
        uint32_t character;
        size_t length = utf8_take(text, &character);

        if (length == 0) {
            return "is not valid UTF-8";
        }
        if (utf8_is_control(character)) {
            return "holds a control character";
        }
        text.data += length;
        text.length -= length;
    }
    return NULL;
}

static void put_dns(const char *value, struct der *der, const char **why)
{
    unsigned char address[HOST_ADDRESS_MAX];

    *why = host_parse_address(slice_of_text(value), address) != 0
               ? "is an IP address; write it as ip:, such as ip:127.0.0.1"
               : host_complaint(slice_of_text(value), HOST_WILDCARD);
    der_value(der, DER_CONTEXT(GENERAL_NAME_DNS), slice_of_text(value));
}

static void put_dns_constraint(const char *value, struct der *der, const char **why)
{
    *why = value[0] == '*' ? "has a wildcard; a constraint is the domain alone, as in dns:example.com"
                           : host_complaint(slice_of_text(value), HOST_DOMAIN);
    der_value(der, DER_CONTEXT(GENERAL_NAME_DNS), slice_of_text(value));
}

static void put_ip(const char *value, struct der *der, const char **why)
{
    unsigned char octets[HOST_ADDRESS_MAX];
    size_t length = host_parse_address(slice_of_text(value), octets);

    if (strchr(value, '%') != NULL) {
        *why = "has a zone; a certificate holds an address without one";
    } else if (strchr(value, '/') != NULL) {
        *why = "is a network, not an address";
    } else if (value[0] == '[') {
        *why = "has brackets; write the address without them, as in ip:::1";
    } else if (length == 0) {
        *why = "is not an IP address";
    }
    der_value(der, DER_CONTEXT(GENERAL_NAME_IP), (struct slice){octets, length});
}

/* The number behind the slash, at most @p most; -1 when it is none. */
static int prefix_length(const char *digits, int most)
{
    int sum = 0;
    size_t count = 0;

    for (; digits[count] >= '0' && digits[count] <= '9' && count < PREFIX_DIGITS; count++) {
        sum = sum * 10 + (digits[count] - '0');
    }
    if (count == 0 || digits[count] != '\0' || sum > most || (digits[0] == '0' && count > 1)) {
        return -1;
    }
    return sum;
}

/* Address and mask, one behind the other (RFC 5280, section 4.2.1.10). */
static void put_ip_constraint(const char *value, struct der *der, const char **why)
{
    unsigned char octets[2 * HOST_ADDRESS_MAX] = {0};
    const char *slash = strchr(value, '/');
    size_t length;
    int prefix;

    if (slash == NULL) {
        *why = "lacks the length of its prefix; write a network such as ip:10.0.0.0/8";
        return;
    }
    length =
        host_parse_address((struct slice){(const unsigned char *)value, (size_t)(slash - value)}, octets);
    prefix = prefix_length(slash + 1, (int)length * 8);
    if (length == 0) {
        *why = "is not an IP network; write one such as ip:10.0.0.0/8";
        return;
    }
    if (prefix < 0) {
        *why = "has no valid prefix length; it is 0 to 32, or to 128 for IPv6";
        return;
    }
    for (size_t bit = 0; bit < length * 8; bit++) {
        unsigned char mask = (unsigned char)(0x80u >> (bit % 8));

        if (bit < (size_t)prefix) {
            octets[length + bit / 8] |= mask;
        } else if ((octets[bit / 8] & mask) != 0) {
            *why = "has bits set behind its prefix; they are zero in a network";
            return;
        }
    }
    der_value(der, DER_CONTEXT(GENERAL_NAME_IP), (struct slice){octets, 2 * length});
}

static void put_email(const char *value, struct der *der, const char **why)
{
    *why = mailbox_complaint(slice_of_text(value));
    der_value(der, DER_CONTEXT(GENERAL_NAME_EMAIL), slice_of_text(value));
}

static void put_email_constraint(const char *value, struct der *der, const char **why)
{
    *why = strchr(value, '@') != NULL ? mailbox_complaint(slice_of_text(value))
                                      : host_complaint(slice_of_text(value), HOST_DOMAIN);
    der_value(der, DER_CONTEXT(GENERAL_NAME_EMAIL), slice_of_text(value));
}

static void put_uri(const char *value, struct der *der, const char **why)
{
    *why = uri_complaint(value);
    der_value(der, DER_CONTEXT(GENERAL_NAME_URI), slice_of_text(value));
}

static void put_uri_constraint(const char *value, struct der *der, const char **why)
{
    *why = strstr(value, "://") != NULL
               ? "is a whole URI; a constraint is its host alone, as in uri:example.com"
               : host_complaint(slice_of_text(value), HOST_DOMAIN);
    der_value(der, DER_CONTEXT(GENERAL_NAME_URI), slice_of_text(value));
}

/* OtherName around a string of type @p tag, or around DER when @p tag is 0. */
static void write_other(struct slice type, unsigned char tag, struct slice value, struct der *der)
{
    der_begin(der, DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_OTHER));
    der_value(der, DER_OID, type);
    der_begin(der, DER_CONTEXT_CONSTRUCTED(0));
    if (tag == 0) {
        der_raw(der, value);
    } else {
        der_value(der, tag, value);
    }
    der_end(der);
    der_end(der);
}

static void put_upn(const char *value, struct der *der, const char **why)
{
    const char *at = strchr(value, '@');

    *why = text_complaint(slice_of_text(value));
    if (*why == NULL && (at == NULL || at == value || at[1] == '\0')) {
        *why = "is not a user principal name, such as user@example.com";
    }
    write_other((struct slice){upn_type, sizeof(upn_type)}, DER_UTF8_STRING, slice_of_text(value), der);
}

static void put_rid(const char *value, struct der *der, const char **why)
{
    struct oid oid;

    if (oid_parse(value, &oid) != 0) {
        *why = "is not an object identifier, such as 1.2.3.4";
        return;
    }
    der_value(der, DER_CONTEXT(GENERAL_NAME_RID), oid_slice(&oid));
}

static void put_dirname(const char *value, struct der *der, const char **why)
{
    struct name name = {NULL, 0};
    struct bytes encoded = BYTES_EMPTY;

    if (name_parse(value, &name, why) != 0) {
        goto out;
    }
    if (name.count == 0) {
        *why = "has an empty name";
        goto out;
    }
    if (name_encode(&name, &encoded) != 0) {
        *why = "does not fit into memory";
        goto out;
    }
    der_begin(der, DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_DIRNAME));
    der_raw(der, slice_of(&encoded));
    der_end(der);
out:
    name_free(&name);
    bytes_free(&encoded);
}

static void put_other_der(const struct oid *type, const char *hex, struct der *der, const char **why)
{
    struct bytes encoded = BYTES_EMPTY;

    *why = "has no well-formed DER in hexadecimal behind der:";
    for (; *hex != '\0'; hex += 2) {
        int octet = hex_octet(hex);

        if (octet < 0) {
            goto out;
        }
        if (bytes_append_byte(&encoded, (unsigned char)octet) != 0) {
            *why = "does not fit into memory";
            goto out;
        }
    }
    if (der_is_well_formed(slice_of(&encoded))) {
        *why = NULL;
        write_other(oid_slice(type), 0, slice_of(&encoded), der);
    }
out:
    bytes_free(&encoded);
}

/* "OID;utf8:text", "OID;ia5:text" or "OID;der:hex". */
static void put_other(const char *value, struct der *der, const char **why)
{
    const char *semicolon = strchr(value, ';');
    char dotted[256];
    size_t length = semicolon == NULL ? 0 : (size_t)(semicolon - value);
    struct oid type;

    if (length == 0 || length >= sizeof(dotted)) {
        *why = "is not of the form other:OID;utf8:TEXT, other:OID;ia5:TEXT or other:OID;der:HEX";
        return;
    }
    memcpy(dotted, value, length);
    dotted[length] = '\0';
    value = semicolon + 1;
    if (oid_parse(dotted, &type) != 0) {
        *why = "has no valid object identifier behind other:";
    } else if (strncmp(value, "utf8:", 5) == 0) {
        *why = text_complaint(slice_of_text(value + 5));
        write_other(oid_slice(&type), DER_UTF8_STRING, slice_of_text(value + 5), der);
    } else if (strncmp(value, "ia5:", 4) == 0) {
        *why = !is_ascii(slice_of_text(value + 4)) ? "has a character outside ASCII in an IA5String"
                                                   : text_complaint(slice_of_text(value + 4));
        write_other(oid_slice(&type), DER_IA5_STRING, slice_of_text(value + 4), der);
    } else if (strncmp(value, "der:", 4) == 0) {
        put_other_der(&type, value + 4, der, why);
    } else {
        *why = "has an unknown type behind its object identifier; the types are utf8:, ia5: and der:";
    }
}

/* ---- the kinds --------------------------------------------------------------------------------------------------- */

/* Writes the value, or says what is wrong with it; what it wrote then is thrown away. */
typedef void (*put_fn)(const char *value, struct der *der, const char **why);

static put_fn put_of(enum general_name_kind kind)
{
    switch (kind) {
    case GENERAL_NAME_DNS:
        return put_dns;
    case GENERAL_NAME_IP:
        return put_ip;
    case GENERAL_NAME_EMAIL:
        return put_email;
    case GENERAL_NAME_URI:
        return put_uri;
    case GENERAL_NAME_UPN:
        return put_upn;
    case GENERAL_NAME_RID:
        return put_rid;
    case GENERAL_NAME_DIRNAME:
        return put_dirname;
    case GENERAL_NAME_OTHER:
        break;
    }
    return put_other;
}

/* NULL: no constraint can be of this kind. */
static put_fn put_of_constraint(enum general_name_kind kind)
{
    switch (kind) {
    case GENERAL_NAME_DNS:
        return put_dns_constraint;
    case GENERAL_NAME_IP:
        return put_ip_constraint;
    case GENERAL_NAME_EMAIL:
        return put_email_constraint;
    case GENERAL_NAME_URI:
        return put_uri_constraint;
    case GENERAL_NAME_DIRNAME:
        return put_dirname;
    case GENERAL_NAME_UPN:
    case GENERAL_NAME_RID:
    case GENERAL_NAME_OTHER:
        break;
    }
    return NULL;
}

/* Split "kind:value". */
static int read_kind(const char *text, enum general_name_kind *kind, const char **value, const char **why)
{
    const char *colon = strchr(text, ':');

    for (size_t i = 0; i < KINDS && colon != NULL; i++) {
        size_t length = strlen(kinds[i].word);

        if (length == (size_t)(colon - text) && strncasecmp(kinds[i].word, text, length) == 0) {
            if (memcmp(kinds[i].word, text, length) != 0) {
                *why = "has its kind in upper case; write dns:, ip:, email:, uri:, upn:, rid:, dirname: or "
                       "other:";
                return -1;
            }
            *kind = kinds[i].kind;
            *value = colon + 1;
            return 0;
        }
    }
    *why =
        colon == NULL
            ? "has no kind in front; write one, as in dns:localhost, ip:127.0.0.1 or email:user@example.com"
            : "has an unknown kind; the kinds are dns, ip, email, uri, upn, rid, dirname and other";
    return -1;
}

static int parse(const char *text, bool constraint, enum general_name_kind *kind, struct bytes *der,
                 const char **why)
{
    struct bytes written = BYTES_EMPTY;
    enum general_name_kind found;
    const char *complaint = NULL;
    const char *value;
    struct der writer;
    put_fn put;
    int status = -1;

    if (read_kind(text, &found, &value, why) != 0) {
        goto out;
    }
    put = constraint ? put_of_constraint(found) : put_of(found);
    if (put == NULL) {
        *why = "is of a kind that constrains nothing; dns, ip, email, uri and dirname do";
        goto out;
    }
    der_start(&writer, &written);
    put(value, &writer, &complaint);
    if (complaint != NULL) {
        *why = complaint;
        goto out;
    }
    if (der_finish(&writer) != 0 || bytes_append(der, written.data, written.length) != 0) {
        *why = "does not fit into memory";
        goto out;
    }
    /* An other: of the UPN's type is one, whatever it was called. */
    if (kind != NULL && general_name_kind_of(slice_of(&written), kind) != 0) {
        *kind = found;
    }
    status = 0;
out:
    bytes_free(&written);
    return status;
}

int general_name_parse(const char *text, enum general_name_kind *kind, struct bytes *der, const char **why)
{
    return parse(text, false, kind, der, why);
}

int general_name_parse_constraint(const char *text, enum general_name_kind *kind, struct bytes *der,
                                  const char **why)
{
    return parse(text, true, kind, der, why);
}

int general_name_kind_of(struct slice der, enum general_name_kind *kind)
{
    struct der_item item;
    struct der_item type;

    if (der_read(&der, &item) != 1 || der.length != 0) {
        return -1;
    }
    switch (item.tag) {
    case DER_CONTEXT(GENERAL_NAME_EMAIL):
    case DER_CONTEXT(GENERAL_NAME_DNS):
    case DER_CONTEXT(GENERAL_NAME_URI):
    case DER_CONTEXT(GENERAL_NAME_IP):
    case DER_CONTEXT(GENERAL_NAME_RID):
    case DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_DIRNAME):
        *kind = (enum general_name_kind)(item.tag & 0x1f);
        return 0;
    case DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_OTHER):
        if (der_expect(&item.content, DER_OID, &type) != 0) {
            return -1;
        }
        *kind = slice_equal(type.content, (struct slice){upn_type, sizeof(upn_type)}) ? GENERAL_NAME_UPN
                                                                                      : GENERAL_NAME_OTHER;
        return 0;
    default:
        return -1;
    }
}
