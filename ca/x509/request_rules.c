/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request held against a profile.
 */
#include "x509/request_rules.h"

#include "x509/der.h"
#include "x509/extension.h"
#include "x509/key.h"

#define OCTETS(text)                                                                                         \
    {                                                                                                        \
        (const unsigned char *)(text), sizeof(text) - 1                                                      \
    }

/* AlgorithmIdentifiers, as they stand in the SEQUENCE, of keys that are certified as they are (RFC 5480, 8410, 9881). */
static const struct slice certified[] = {
    OCTETS("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"), /* P-256 */
    OCTETS("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"),             /* P-384 */
    OCTETS("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"),             /* P-521 */
    OCTETS("\x06\x03\x2b\x65\x70"),                                                         /* Ed25519 */
    OCTETS("\x06\x03\x2b\x65\x71"),                                                         /* Ed448 */
    OCTETS("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11"),                                 /* ML-DSA-44 */
    OCTETS("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12"),                                 /* ML-DSA-65 */
    OCTETS("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13"),                                 /* ML-DSA-87 */
};
static const struct slice rsa_encryption = OCTETS("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");

/** Bits of the modulus of an RSAPublicKey (RFC 8017 appendix A.1.1), 0 when it is none. */
static size_t rsa_bits(struct slice der)
{
    struct der_item outer;
    struct der_item modulus;
    size_t bits;
    unsigned char first;

    if (der_expect(&der, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_INTEGER, &modulus) != 0) {
        return 0;
    }
    while (modulus.content.length > 0 && modulus.content.data[0] == 0) {
        modulus.content.data++;
        modulus.content.length--;
    }
    if (modulus.content.length == 0) {
        return 0;
    }
    bits = modulus.content.length * 8;
    for (first = modulus.content.data[0]; (first & 0x80) == 0; first = (unsigned char)(first << 1)) {
        bits--;
    }
    return bits;
}

static void check_key(const struct request_view *view, const char *shown, struct faults *faults)
{
    struct slice rest = view->spki;
    struct der_item outer;
    struct der_item algorithm;
    size_t bits;
    size_t i;

    if (der_expect(&rest, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &algorithm) != 0) {
        fault_error(faults, NULL, shown, NULL, "its key cannot be read");
        return;
    }
    for (i = 0; i < sizeof(certified) / sizeof(certified[0]); i++) {
        if (slice_equal(certified[i], algorithm.content)) {
            return;
        }
    }
    if (!slice_equal(rsa_encryption, algorithm.content)) {
        fault_error(faults, NULL, shown, key_algorithm_words(),
                    "its key is of an algorithm or curve that is not certified");
        return;
    }
    bits = rsa_bits(view->public_key);
    if (bits < REQUEST_RSA_BITS_MIN) {
        fault_error(faults, NULL, shown,
                    "2,048 bits are the least that clients take (CA/Browser Forum BR 6.1.5)",
                    "its RSA key has %zu bits", bits);
    } else if (bits > REQUEST_RSA_BITS_MAX) {
        fault_error(faults, NULL, shown, NULL, "its RSA key has %zu bits, more than verifiers take", bits);
    }
}

static void check_extended_key_usage(const struct profile *profile, struct slice wished, const char *shown,
                                     struct faults *faults)
{
    struct der_item usage;

    while (der_read(&wished, &usage) == 1) {
        const char *name = oid_extended_key_usage_name(usage.content);
        struct bytes dotted = BYTES_EMPTY;
        size_t i = 0;

        while (i < profile->extended_key_usage_count &&
               !oid_equal(&profile->extended_key_usages[i], usage.content)) {
            i++;
        }
        if (i == profile->extended_key_usage_count) {
            if (name == NULL && oid_format(usage.content, &dotted) != 0) {
                bytes_clear(&dotted);
            }
            fault_error(faults, NULL, shown, "ask for another profile, or sign with --ignore-usages",
                        "it asks for the extended key usage %s, which profile \"%s\" does not give",
                        name != NULL ? name : bytes_text(&dotted), profile->name);
        }
        bytes_free(&dotted);
    }
}

/** What was wished for and will not be in the certificate, in words. */
static int ungranted_text(const struct profile *profile, const struct request_view *view, struct bytes *text)
{
    uint32_t usages = view->has_key_usage ? view->key_usage & ~profile->key_usage : 0;
    unsigned bit;
    int status = 0;

    for (bit = 0; status == 0 && extension_key_usage_name(bit) != NULL; bit++) {
        if ((usages & (1u << bit)) != 0) {
            status = bytes_printf(text, "%s%s", text->length > 0 ? ", " : "", extension_key_usage_name(bit));
        }
    }
    if (status == 0 && view->other_count > 0) {
        status = bytes_printf(text, "%s%zu other extension%s", text->length > 0 ? ", " : "",
                              view->other_count, view->other_count > 1 ? "s" : "");
    }
    return status;
}

void request_rules_check(const struct profile *profile, const struct request_view *view, bool ignore_usages,
                         const char *shown, struct faults *faults)
{
    struct bytes text = BYTES_EMPTY;

    check_key(view, shown, faults);
    if (view->ca && !profile->ca) {
        fault_error(faults, NULL, shown, "--profile intermediate-ca, if it is to be one",
                    "it asks to be an authority, and profile \"%s\" makes none", profile->name);
    }
    if (view->fixture) {
        fault_error(faults, NULL, shown, NULL, "it asks for the fixture mark: its key counts as public");
    }
    if (!ignore_usages) {
        check_extended_key_usage(profile, view->extended_key_usage, shown, faults);
    }
    if (ungranted_text(profile, view, &text) == 0 && text.length > 0) {
        fault_warning(faults, NULL, shown, NULL, "it asks for %s, which profile \"%s\" does not give",
                      bytes_text(&text), profile->name);
    }
    bytes_free(&text);
}
