/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys as they were written before PKCS#8, which some readers still want. A PKCS#8 key holds that form in its OCTET STRING; an EC
 * key is there without the name of its curve, which stands beside it, and is put in.
 *
 *   PrivateKeyInfo ::= SEQUENCE { 0, SEQUENCE { algorithm, parameters }, OCTET STRING }    RFC 5208 section 5
 *   ECPrivateKey   ::= SEQUENCE { 1, OCTET STRING, [0] curve, [1] BIT STRING }             RFC 5915 section 3
 */
#include "x509/key.h"

#include "x509/der.h"

/* Where in a PrivateKeyInfo what is wanted stands. */
struct inside {
    struct slice curve; /* the parameters, whole */
    struct slice key;   /* content of the OCTET STRING */
};

static int look_inside(struct slice pkcs8, struct inside *inside)
{
    struct der_item outer;
    struct der_item version;
    struct der_item identifier;
    struct der_item algorithm;
    struct der_item octets;

    if (der_expect(&pkcs8, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_INTEGER, &version) != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &identifier) != 0 ||
        der_expect(&outer.content, DER_OCTET_STRING, &octets) != 0 ||
        der_expect(&identifier.content, DER_OID, &algorithm) != 0) {
        return -1;
    }
    inside->curve = identifier.content;
    inside->key = octets.content;
    return 0;
}

/* An ECPrivateKey with its curve; what it has of its own after the scalar, but for a curve, follows. */
static int write_ec(const struct inside *inside, struct bytes *der)
{
    struct slice rest = inside->key;
    struct der_item outer;
    struct der_item version;
    struct der_item scalar;
    struct der_item other;
    struct der writer;
    int more = 1;

    if (der_expect(&rest, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_INTEGER, &version) != 0 ||
        der_expect(&outer.content, DER_OCTET_STRING, &scalar) != 0) {
        return -1;
    }
    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_raw(&writer, version.whole);
    der_raw(&writer, scalar.whole);
    der_begin(&writer, DER_CONTEXT_CONSTRUCTED(0));
    der_raw(&writer, inside->curve);
    der_end(&writer);
    while ((more = der_read(&outer.content, &other)) == 1) {
        if (other.tag != DER_CONTEXT_CONSTRUCTED(0)) {
            der_raw(&writer, other.whole);
        }
    }
    der_end(&writer);
    return more == 0 && der_finish(&writer) == 0 ? 0 : -1;
}

int key_traditional(const struct key *key, struct bytes *der, struct faults *faults)
{
    enum key_family family = key_family_of(key);
    struct bytes pkcs8 = BYTES_EMPTY;
    struct inside inside;
    int status = -1;

    if (family != KEY_FAMILY_RSA && family != KEY_FAMILY_EC) {
        fault_error(faults, NULL, NULL, "an RSA or EC key", "a key of %s has no form older than PKCS#8",
                    key_algorithm_text(key_algorithm_of(key)));
        goto out;
    }
    if (key_pkcs8(key, &pkcs8, faults) != 0) {
        goto out;
    }
    if (look_inside(slice_of(&pkcs8), &inside) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the private key has an unexpected form");
    } else if ((family == KEY_FAMILY_EC ? write_ec(&inside, der)
                                        : bytes_append(der, inside.key.data, inside.key.length)) != 0) {
        fault_memory(faults);
    } else {
        status = 0;
    }
out:
    bytes_free(&pkcs8);
    return status;
}
