/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name constraints:
 *
 *   NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL, excludedSubtrees [1] GeneralSubtrees OPTIONAL }
 *   GeneralSubtrees ::= SEQUENCE OF SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }
 */
#include "x509/name_constraints.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include <openssl/x509.h>

#include "x509/asn1_string.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/host.h"
#include "x509/name.h"
#include "x509/oid.h"

/** Whether a name lies in a base. */
enum fit { FIT_YES, FIT_NO, FIT_UNKNOWN };

static enum fit fit_of(bool fits)
{
    return fits ? FIT_YES : FIT_NO;
}

static struct slice from(struct slice text, size_t start)
{
    return (struct slice){text.data + start, text.length - start};
}

static bool same_text(struct slice one, struct slice other)
{
    return one.length == other.length &&
           (one.length == 0 ||
            strncasecmp((const char *)one.data, (const char *)other.data, one.length) == 0);
}

/** Whether @p text ends in @p tail and has more before it. */
static bool ends_in(struct slice text, struct slice tail)
{
    return text.length > tail.length && same_text(from(text, text.length - tail.length), tail);
}

static bool is_ia5(struct slice text)
{
    size_t i;

    for (i = 0; i < text.length; i++) {
        if (text.data[i] == 0 || text.data[i] > 0x7f) {
            return false;
        }
    }
    return true;
}

/* ---- one kind after the other ---------------------------------------------------------------------------------------- */

static enum fit fit_dns(struct slice name, struct slice base)
{
    if (base.length == 0 || same_text(name, base)) {
        return FIT_YES;
    }
    return fit_of(ends_in(name, base) &&
                  (base.data[0] == '.' || name.data[name.length - base.length - 1] == '.'));
}

/** A host against the domain of an e-mail's or URI's constraint. */
static bool host_fits(struct slice host, struct slice base)
{
    return base.length > 0 && base.data[0] == '.' ? ends_in(host, base) : same_text(host, base);
}

/** Where the last @p octet of @p text lies; its length when there is none. */
static size_t find_last(struct slice text, unsigned char octet)
{
    size_t at = text.length;

    while (at > 0 && text.data[at - 1] != octet) {
        at--;
    }
    return at > 0 ? at - 1 : text.length;
}

static enum fit fit_email(struct slice name, struct slice base)
{
    size_t at = find_last(name, '@');
    size_t base_at = find_last(base, '@');

    if (at == name.length) {
        return FIT_UNKNOWN;
    }
    if (base_at == base.length) {
        return fit_of(host_fits(from(name, at + 1), base));
    }
    /* the part before the @ is the host's own business: its case counts */
    return fit_of((base_at == 0 || (base_at == at && memcmp(name.data, base.data, at) == 0)) &&
                  same_text(from(name, at + 1), from(base, base_at + 1)));
}

/** The host of a URI (RFC 3986 section 3.2); empty when there is none, or an address (RFC 5280 wants such URIs refused). */
static struct slice uri_host(struct slice uri)
{
    const struct slice none = {NULL, 0};
    unsigned char octets[HOST_ADDRESS_MAX];
    struct slice host;
    size_t start = 0, i;

    while (start < uri.length && uri.data[start] != ':') {
        start++;
    }
    if (start + 3 > uri.length || memcmp(uri.data + start, "://", 3) != 0) {
        return none;
    }
    host = from(uri, start + 3);
    for (i = 0; i < host.length && strchr("/?#", host.data[i]) == NULL; i++) {
    }
    host.length = i;
    i = find_last(host, '@');
    host = i < host.length ? from(host, i + 1) : host;
    if (host.length > 0 && host.data[0] == '[') {
        return none;
    }
    for (i = 0; i < host.length && host.data[i] != ':'; i++) {
    }
    host.length = i;
    return host.length > 0 && host_parse_address(host, octets) == 0 ? host : none;
}

static enum fit fit_uri(struct slice name, struct slice base)
{
    struct slice host = uri_host(name);

    return host.length == 0 ? FIT_UNKNOWN : fit_of(host_fits(host, base));
}

static enum fit fit_ip(struct slice name, struct slice base)
{
    size_t i;

    if ((name.length != 4 && name.length != 16) || (base.length != 8 && base.length != 32)) {
        return FIT_UNKNOWN;
    }
    if (base.length != 2 * name.length) {
        return FIT_NO;
    }
    for (i = 0; i < name.length; i++) {
        if (((name.data[i] ^ base.data[i]) & base.data[name.length + i]) != 0) {
            return FIT_NO;
        }
    }
    return FIT_YES;
}

/** A Name of the first @p count RDNs of @p rdns, which has that many. NULL: no memory, or no Name. */
static X509_NAME *name_begin(struct slice rdns, size_t count)
{
    struct bytes encoded = BYTES_EMPTY;
    X509_NAME *name = NULL;
    const unsigned char *at;
    struct der_item item;
    struct der der;

    der_start(&der, &encoded);
    der_begin(&der, DER_SEQUENCE);
    for (; count > 0 && der_read(&rdns, &item) == 1; count--) {
        der_raw(&der, item.whole);
    }
    der_end(&der);
    if (der_finish(&der) == 0 && encoded.length <= LONG_MAX) {
        at = encoded.data;
        name = d2i_X509_NAME(NULL, &at, (long)encoded.length);
    }
    bytes_free(&encoded);
    return name;
}

/** How many values lie in @p content; -1 malformed. */
static int count_values(struct slice content)
{
    struct der_item item;
    int count = 0, found;

    while ((found = der_read(&content, &item)) == 1) {
        count++;
    }
    return found == 0 ? count : -1;
}

/** The RDNs of a directoryName: [4] holds the Name's SEQUENCE. */
static int read_rdns(struct slice content, struct slice *rdns)
{
    struct der_item name;

    if (der_expect(&content, DER_SEQUENCE, &name) != 0 || content.length > 0) {
        return -1;
    }
    *rdns = name.content;
    return 0;
}

/** RFC 5280 section 7.1: letters' case and runs of spaces do not count, as OpenSSL compares names. */
static enum fit fit_dirname(struct slice name, struct slice base)
{
    struct slice name_rdns, base_rdns;
    X509_NAME *one = NULL, *other = NULL;
    int count, base_count;
    enum fit fit = FIT_UNKNOWN;

    if (read_rdns(name, &name_rdns) != 0 || read_rdns(base, &base_rdns) != 0 ||
        (count = count_values(name_rdns)) < 0 || (base_count = count_values(base_rdns)) < 0) {
        return FIT_UNKNOWN;
    }
    if (base_count > count) {
        return FIT_NO;
    }
    one = name_begin(name_rdns, (size_t)base_count);
    other = name_begin(base_rdns, (size_t)base_count);
    if (one != NULL && other != NULL) {
        fit = fit_of(X509_NAME_cmp(one, other) == 0);
    }
    X509_NAME_free(one);
    X509_NAME_free(other);
    return fit;
}

/** Both are of the tag of @p name. */
static enum fit fit_one(const struct der_item *name, const struct der_item *base)
{
    switch (name->tag) {
    case DER_CONTEXT(GENERAL_NAME_DNS):
    case DER_CONTEXT(GENERAL_NAME_EMAIL):
    case DER_CONTEXT(GENERAL_NAME_URI):
        if (!is_ia5(name->content) || !is_ia5(base->content)) {
            return FIT_UNKNOWN;
        }
        return name->tag == DER_CONTEXT(GENERAL_NAME_DNS)     ? fit_dns(name->content, base->content)
               : name->tag == DER_CONTEXT(GENERAL_NAME_EMAIL) ? fit_email(name->content, base->content)
                                                              : fit_uri(name->content, base->content);
    case DER_CONTEXT(GENERAL_NAME_IP):
        return fit_ip(name->content, base->content);
    case DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_DIRNAME):
        return fit_dirname(name->content, base->content);
    default:
        return FIT_UNKNOWN;
    }
}

/* ---- names against constraints ---------------------------------------------------------------------------------------- */

/** Whether @p name lies in one of @p bases. *met: one of them is of its kind; *base: the one that decided. */
static enum fit fit_any(const struct der_item *name, struct slice bases, bool *met, struct slice *base)
{
    struct der_item item;
    int found;

    *met = false;
    while ((found = der_read(&bases, &item)) == 1) {
        enum fit fit;

        if (item.tag != name->tag) {
            continue;
        }
        *met = true;
        fit = fit_one(name, &item);
        if (fit != FIT_NO) {
            *base = item.whole;
            return fit;
        }
    }
    return found == 0 ? FIT_NO : FIT_UNKNOWN;
}

enum name_verdict name_constraints_match(const struct name_constraints *constraints, struct slice name,
                                         struct slice *base)
{
    struct slice rest = name, decided = {NULL, 0};
    struct der_item item;
    enum name_verdict verdict = NAME_FITS;
    enum fit fit;
    bool met = false;

    if (der_read(&rest, &item) != 1 || rest.length > 0) {
        verdict = NAME_UNJUDGED;
        goto out;
    }
    fit = fit_any(&item, constraints->permitted, &met, &decided);
    if (fit == FIT_UNKNOWN || (met && fit == FIT_NO)) {
        verdict = fit == FIT_UNKNOWN ? NAME_UNJUDGED : NAME_OUTSIDE;
        goto out;
    }
    decided = (struct slice){NULL, 0};
    fit = fit_any(&item, constraints->excluded, &met, &decided);
    if (fit != FIT_NO) {
        verdict = fit == FIT_UNKNOWN ? NAME_UNJUDGED : NAME_EXCLUDED;
    }
out:
    if (base != NULL) {
        *base = decided;
    }
    return verdict;
}

/** Match one name and tell of it when it does not fit. */
static int check_name(const struct name_constraints *constraints, struct slice name, enum name_origin origin,
                      name_breach_fn told, void *state)
{
    struct name_breach breach = {NAME_FITS, origin, name, {NULL, 0}};

    breach.verdict = name_constraints_match(constraints, name, &breach.base);
    return breach.verdict == NAME_FITS ? 0 : told(state, &breach);
}

/** The same for a name that is made up of @p tag and @p content. */
static int check_made(const struct name_constraints *constraints, unsigned char tag, struct slice content,
                      enum name_origin origin, name_breach_fn told, void *state)
{
    struct bytes name = BYTES_EMPTY;
    struct der der;
    int status = -1;

    der_start(&der, &name);
    der_value(&der, tag, content);
    if (der_finish(&der) == 0) {
        status = check_name(constraints, slice_of(&name), origin, told, state);
    }
    bytes_free(&name);
    return status;
}

/** Whether a common name reads as a host name: labels with a dot between them. */
static bool reads_as_host(struct slice text)
{
    return text.length > 0 && memchr(text.data, '.', text.length) != NULL &&
           host_complaint(text, HOST_PLAIN) == NULL;
}

/** One attribute of the subject: an e-mail address, or the common name where that counts. */
static int check_attribute(const struct name_constraints *constraints, struct slice attribute,
                           const struct oid *email, const struct oid *common_name, name_breach_fn told,
                           void *state)
{
    struct bytes text = BYTES_EMPTY;
    struct der_item type, value;
    int status = 0;

    if (der_expect(&attribute, DER_OID, &type) != 0 || der_read(&attribute, &value) != 1) {
        return -1;
    }
    if (oid_equal(email, type.content)) {
        status = check_made(constraints, DER_CONTEXT(GENERAL_NAME_EMAIL), value.content, NAME_OF_EMAIL, told,
                            state);
    } else if (common_name != NULL && oid_equal(common_name, type.content) &&
               asn1_string_to_utf8(value.tag, value.content, &text) == 0 && reads_as_host(slice_of(&text))) {
        status = check_made(constraints, DER_CONTEXT(GENERAL_NAME_DNS), slice_of(&text), NAME_OF_HOST, told,
                            state);
    }
    bytes_free(&text);
    return status;
}

/** The subject as a whole, then its attributes. @p host: the common name counts. */
static int check_subject(const struct name_constraints *constraints, struct slice subject, bool host,
                         name_breach_fn told, void *state)
{
    struct oid email, common_name;
    struct slice rest = subject;
    struct der_item rdns, rdn, attribute;
    int found = 0, status;

    if (name_type_parse("emailAddress", &email) != 0 || name_type_parse("CN", &common_name) != 0 ||
        der_expect(&rest, DER_SEQUENCE, &rdns) != 0) {
        return -1;
    }
    if (rdns.content.length == 0) {
        return 0;
    }
    status = check_made(constraints, DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_DIRNAME), subject, NAME_OF_SUBJECT,
                        told, state);
    while (status == 0 && (found = der_read(&rdns.content, &rdn)) == 1) {
        while (status == 0 && (found = der_read(&rdn.content, &attribute)) == 1) {
            status = check_attribute(constraints, attribute.content, &email, host ? &common_name : NULL, told,
                                     state);
        }
        if (found < 0) {
            break;
        }
    }
    return found < 0 ? -1 : status;
}

int name_constraints_check(const struct name_constraints *constraints, struct slice subject,
                           struct slice names, bool leaf, name_breach_fn told, void *state)
{
    struct slice rest = names;
    struct der_item name;
    bool has_dns = false;
    int found = 0, status;

    if (constraints->permitted.length == 0 && constraints->excluded.length == 0) {
        return 0;
    }
    while ((found = der_read(&rest, &name)) == 1) {
        has_dns = has_dns || name.tag == DER_CONTEXT(GENERAL_NAME_DNS);
    }
    if (found < 0) {
        return -1;
    }
    status = check_subject(constraints, subject, leaf && !has_dns, told, state);
    while (status == 0 && der_read(&names, &name) == 1) {
        status = check_name(constraints, name.whole, NAME_OF_SAN, told, state);
    }
    return status;
}

int name_breach_text(const struct name_breach *breach, struct bytes *text)
{
    if (general_name_format(breach->name, text) != 0) {
        return -1;
    }
    switch (breach->verdict) {
    case NAME_FITS:
        return bytes_append_text(text, " fits");
    case NAME_OUTSIDE:
        return bytes_append_text(text, " lies outside of what is permitted");
    case NAME_EXCLUDED:
        return bytes_append_text(text, " is excluded by ") == 0
                   ? general_name_format_constraint(breach->base, text)
                   : -1;
    case NAME_UNJUDGED:
        break;
    }
    return bytes_append_text(text, " has a form that cannot be held against name constraints");
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

/** The bases of one GeneralSubtrees. */
static int read_subtrees(struct slice content, struct bytes *bases)
{
    struct der_item subtree, base;
    int found;

    while ((found = der_read(&content, &subtree)) == 1) {
        if (subtree.tag != DER_SEQUENCE || der_read(&subtree.content, &base) != 1 ||
            subtree.content.length > 0 || bytes_append(bases, base.whole.data, base.whole.length) != 0) {
            return -1;
        }
    }
    return found;
}

int name_constraints_read(struct slice value, struct bytes *permitted, struct bytes *excluded)
{
    const size_t lengths[2] = {permitted->length, excluded->length};
    struct der_item whole, list;
    int found = -1;

    if (der_expect(&value, DER_SEQUENCE, &whole) != 0 || value.length > 0) {
        return -1;
    }
    while ((found = der_read(&whole.content, &list)) == 1) {
        struct bytes *bases = list.tag == DER_CONTEXT_CONSTRUCTED(0)   ? permitted
                              : list.tag == DER_CONTEXT_CONSTRUCTED(1) ? excluded
                                                                       : NULL;

        if (bases == NULL || read_subtrees(list.content, bases) != 0) {
            found = -1;
            break;
        }
    }
    if (found != 0) {
        permitted->length = lengths[0];
        excluded->length = lengths[1];
    }
    return found;
}

int name_constraints_of(const struct certificate_view *certificate, struct bytes *permitted,
                        struct bytes *excluded)
{
    struct slice value;
    bool critical;
    int found = certificate_find_extension(certificate, extension_type(EXTENSION_NAME_CONSTRAINTS), &value,
                                           &critical);

    return found == 1 ? name_constraints_read(value, permitted, excluded) : found;
}
