/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object identifiers. An arc may be larger than any integer type, so the two number systems are turned into one another
 * digit by digit: OID_MAX octets hold at most 448 bits, 135 decimal digits.
 */
#include "x509/oid.h"

#include <stdint.h>
#include <string.h>

/* Nine decimal digits a limb. */
#define LIMB       UINT64_C(1000000000)
#define LIMBS      16
#define LIMB_WIDTH 9

/* ---- text to octets ---------------------------------------------------------------------------------------------- */

/* An arc in base 128, least digit first. */
struct arc {
    unsigned char digits[OID_MAX];
    size_t length;
};

/* arc = arc * factor + addend; -1 when it does not fit. */
static int arc_multiply_add(struct arc *arc, unsigned int factor, unsigned int addend)
{
    unsigned int carry = addend;

    for (size_t i = 0; i < arc->length; i++) {
        carry += arc->digits[i] * factor;
        arc->digits[i] = (unsigned char)(carry & 0x7f);
        carry >>= 7;
    }
    for (; carry != 0; carry >>= 7) {
        if (arc->length == sizeof(arc->digits)) {
            return -1;
        }
        arc->digits[arc->length++] = (unsigned char)(carry & 0x7f);
    }
    return 0;
}

/* The decimal number at *at, without leading zeros; *at moves behind it. */
static int arc_read(const char **at, struct arc *arc)
{
    const char *start = *at;

    arc->length = 0;
    while (**at >= '0' && **at <= '9') {
        if (arc_multiply_add(arc, 10, (unsigned int)(**at - '0')) != 0) {
            return -1;
        }
        *at += 1;
    }
    return *at == start || (*start == '0' && *at != start + 1) ? -1 : 0;
}

static int arc_append(const struct arc *arc, struct oid *oid)
{
    size_t length = arc->length == 0 ? 1 : arc->length;

    if (length > sizeof(oid->octets) - oid->length) {
        return -1;
    }
    for (size_t i = length; i > 0; i--) {
        unsigned int digit = arc->length == 0 ? 0 : arc->digits[i - 1];

        oid->octets[oid->length++] = (unsigned char)(digit | (i > 1 ? 0x80u : 0));
    }
    return 0;
}

int oid_parse(const char *dotted, struct oid *oid)
{
    struct oid result = {.length = 0};
    struct arc arc = {.length = 0};
    const char *at = dotted + 1;
    unsigned int first;

    if (dotted[0] < '0' || dotted[0] > '2' || *at++ != '.' || arc_read(&at, &arc) != 0) {
        return -1;
    }
    first = (unsigned int)(dotted[0] - '0');
    if (first < 2 && (arc.length > 1 || (arc.length == 1 && arc.digits[0] > 39))) {
        return -1;
    }
    /* The first two arcs share one number (X.690, 8.19.4). */
    if (arc_multiply_add(&arc, 1, 40 * first) != 0 || arc_append(&arc, &result) != 0) {
        return -1;
    }
    while (*at != '\0') {
        if (*at++ != '.' || arc_read(&at, &arc) != 0 || arc_append(&arc, &result) != 0) {
            return -1;
        }
    }
    *oid = result;
    return 0;
}

/* ---- octets to text ---------------------------------------------------------------------------------------------- */

/* A number in base LIMB, least limb first. */
struct decimal {
    uint32_t limbs[LIMBS];
    size_t length;
};

/* number = number * 128 + addend. OID_MAX octets fit LIMBS. */
static void decimal_push(struct decimal *number, unsigned int addend)
{
    uint64_t carry = addend;

    for (size_t i = 0; i < number->length; i++) {
        carry += (uint64_t)number->limbs[i] * 128;
        number->limbs[i] = (uint32_t)(carry % LIMB);
        carry /= LIMB;
    }
    if (carry != 0 && number->length < LIMBS) {
        number->limbs[number->length++] = (uint32_t)carry;
    }
}

static void decimal_subtract(struct decimal *number, uint32_t value)
{
    for (size_t i = 0; i < number->length; i++) {
        if (number->limbs[i] >= value) {
            number->limbs[i] -= value;
            break;
        }
        number->limbs[i] += (uint32_t)LIMB - value;
        value = 1;
    }
    while (number->length > 0 && number->limbs[number->length - 1] == 0) {
        number->length -= 1;
    }
}

static int decimal_append(const struct decimal *number, struct bytes *text)
{
    if (number->length == 0) {
        return bytes_append_byte(text, '0');
    }
    if (bytes_printf(text, "%lu", (unsigned long)number->limbs[number->length - 1]) != 0) {
        return -1;
    }
    for (size_t i = number->length - 1; i > 0; i--) {
        if (bytes_printf(text, "%0*lu", LIMB_WIDTH, (unsigned long)number->limbs[i - 1]) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The number both first arcs make, split: "1.2" of 42. */
static int format_first(struct decimal *number, struct bytes *dotted)
{
    uint32_t low = number->length == 0 ? 0 : number->limbs[0];
    uint32_t first = number->length > 1 || low >= 80 ? 2 : low / 40;

    decimal_subtract(number, 40 * first);
    return bytes_printf(dotted, "%lu.", (unsigned long)first);
}

/* Whether @p content is whole arcs, each in its shortest form (X.690, 8.19.2). */
static bool content_is_valid(struct slice content)
{
    bool at_start = true;

    if (content.length == 0 || content.length > OID_MAX) {
        return false;
    }
    for (size_t i = 0; i < content.length; i++) {
        if (at_start && content.data[i] == 0x80) {
            return false;
        }
        at_start = (content.data[i] & 0x80) == 0;
    }
    return at_start;
}

int oid_format(struct slice content, struct bytes *dotted)
{
    struct decimal number = {.length = 0};
    bool first = true;

    if (!content_is_valid(content)) {
        return -1;
    }
    for (size_t i = 0; i < content.length; i++) {
        decimal_push(&number, content.data[i] & 0x7fu);
        if ((content.data[i] & 0x80) != 0) {
            continue;
        }
        if ((first ? format_first(&number, dotted) : bytes_append_byte(dotted, '.')) != 0 ||
            decimal_append(&number, dotted) != 0) {
            return -1;
        }
        first = false;
        number.length = 0;
    }
    return 0;
}

struct slice oid_slice(const struct oid *oid)
{
    return (struct slice){oid->octets, oid->length};
}

bool oid_equal(const struct oid *oid, struct slice content)
{
    return slice_equal(oid_slice(oid), content);
}

/* ---- extended key usages ----------------------------------------------------------------------------------------- */

struct usage {
    const char *name;
    const char *octets;
    size_t length;
};

#define USAGE(name, octets)                                                                                  \
    {                                                                                                        \
        (name), (octets), sizeof(octets) - 1                                                                 \
    }
/* id-kp, 1.3.6.1.5.5.7.3 (the registry "SMI Security for PKIX Extended Key Purpose"). */
#define PKIX(name, last) USAGE(name, "\x2b\x06\x01\x05\x05\x07\x03" last)

static const struct usage usages[] = {
    PKIX("serverAuth", "\x01"),                                            /* RFC 5280 */
    PKIX("clientAuth", "\x02"),                                            /* RFC 5280 */
    PKIX("codeSigning", "\x03"),                                           /* RFC 5280 */
    PKIX("emailProtection", "\x04"),                                       /* RFC 5280 */
    PKIX("ipsecEndSystem", "\x05"),                                        /* obsolete, RFC 4945 */
    PKIX("ipsecTunnel", "\x06"),                                           /* obsolete, RFC 4945 */
    PKIX("ipsecUser", "\x07"),                                             /* obsolete, RFC 4945 */
    PKIX("timeStamping", "\x08"),                                          /* RFC 5280 */
    PKIX("OCSPSigning", "\x09"),                                           /* RFC 5280 */
    PKIX("eapOverPPP", "\x0d"),                                            /* RFC 4334 */
    PKIX("eapOverLAN", "\x0e"),                                            /* RFC 4334 */
    PKIX("ipsecIKE", "\x11"),                                              /* RFC 4945 */
    PKIX("secureShellClient", "\x15"),                                     /* RFC 6187 */
    PKIX("secureShellServer", "\x16"),                                     /* RFC 6187 */
    PKIX("cmcCA", "\x1b"),                                                 /* RFC 6402 */
    PKIX("cmcRA", "\x1c"),                                                 /* RFC 6402 */
    PKIX("documentSigning", "\x24"),                                       /* RFC 9336 */
    USAGE("anyExtendedKeyUsage", "\x55\x1d\x25\x00"),                      /* RFC 5280 */
    USAGE("pkinitKPClientAuth", "\x2b\x06\x01\x05\x02\x03\x04"),           /* RFC 4556 */
    USAGE("pkinitKPKdc", "\x2b\x06\x01\x05\x02\x03\x05"),                  /* RFC 4556 */
    USAGE("msSmartcardLogin", "\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x02"), /* [MS-WCCE] */
};
#define USAGES (sizeof(usages) / sizeof(usages[0]))

static struct slice usage_slice(const struct usage *usage)
{
    return (struct slice){(const unsigned char *)usage->octets, usage->length};
}

int oid_parse_extended_key_usage(const char *text, struct oid *oid)
{
    for (size_t i = 0; i < USAGES; i++) {
        if (strcmp(usages[i].name, text) == 0) {
            memcpy(oid->octets, usages[i].octets, usages[i].length);
            oid->length = usages[i].length;
            return 0;
        }
    }
    return oid_parse(text, oid);
}

const char *oid_extended_key_usage_name(struct slice content)
{
    for (size_t i = 0; i < USAGES; i++) {
        if (slice_equal(usage_slice(&usages[i]), content)) {
            return usages[i].name;
        }
    }
    return NULL;
}
