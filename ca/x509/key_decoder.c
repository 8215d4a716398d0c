/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys by hand. The numbers are copied once, into memory that is wiped, in the order OpenSSL's parameters want; what
 * OpenSSL makes of them it wipes itself.
 */
#include "x509/key_decoder.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/params.h>

#include "x509/der.h"
#include "x509/oid.h"

/* An RSA key has eight numbers; and the end. */
#define PARAMS_MAX 9
/* Octets of the longest modulus OpenSSL works with, and a leading zero. */
#define MODULUS_MAX 2049
/* An uncompressed point of the largest named curve (571 bits). */
#define POINT_MAX 145

static const unsigned char rsa_encryption[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
static const unsigned char ec_public_key[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
static const unsigned char id_ed25519[] = {0x2b, 0x65, 0x70};
static const unsigned char id_ed448[] = {0x2b, 0x65, 0x71};
#define IS(oid, octets) slice_equal((oid), (struct slice){(octets), sizeof(octets)})

/* Parameters for EVP_PKEY_fromdata, and the numbers they point at. */
struct parameters {
    OSSL_PARAM items[PARAMS_MAX];
    size_t count;
    struct bytes store; /* never grows while parameters point into it */
};

static int parameters_start(struct parameters *parameters, size_t octets)
{
    memset(parameters, 0, sizeof(*parameters));
    return bytes_reserve(&parameters->store, octets);
}

static void parameters_end(struct parameters *parameters)
{
    bytes_free(&parameters->store);
}

/* A number from big-endian octets: OpenSSL wants it in the machine's order. */
static int add_number(struct parameters *parameters, const char *name, struct slice magnitude)
{
    unsigned char *at = parameters->store.data + parameters->store.length;
    BIGNUM *number = BN_secure_new();
    int status = -1;

    if (number != NULL && magnitude.length <= MODULUS_MAX * 2 &&
        magnitude.length <= parameters->store.capacity - 1 - parameters->store.length &&
        BN_bin2bn(magnitude.data, (int)magnitude.length, number) != NULL &&
        BN_bn2nativepad(number, at, (int)magnitude.length) >= 0) {
        parameters->items[parameters->count++] = OSSL_PARAM_construct_BN(name, at, magnitude.length);
        parameters->store.length += magnitude.length;
        status = 0;
    }
    BN_clear_free(number);
    return status;
}

static enum key_decoded make(const struct context *context, const char *type, int selection,
                             struct parameters *parameters, EVP_PKEY **pkey)
{
    EVP_PKEY_CTX *making = EVP_PKEY_CTX_new_from_name(context_libctx(context), type, NULL);
    enum key_decoded result = KEY_DECODED_MALFORMED;

    parameters->items[parameters->count] = OSSL_PARAM_construct_end();
    if (making != NULL && EVP_PKEY_fromdata_init(making) == 1 &&
        EVP_PKEY_fromdata(making, pkey, selection, parameters->items) == 1) {
        result = KEY_DECODED;
    }
    EVP_PKEY_CTX_free(making);
    return result;
}

/* The content of an INTEGER that is positive. */
static int read_positive(struct slice *rest, struct slice *magnitude)
{
    struct der_item item;

    if (der_expect(rest, DER_INTEGER, &item) != 0 || !der_is_well_formed(item.whole) ||
        (item.content.data[0] & 0x80) != 0 || (item.content.length == 1 && item.content.data[0] == 0)) {
        return -1;
    }
    *magnitude = item.content;
    return 0;
}

/* A version: the value of an INTEGER of one octet. */
static int read_version(struct slice *rest, unsigned char *version)
{
    struct der_item item;

    if (der_expect(rest, DER_INTEGER, &item) != 0 || item.content.length != 1) {
        return -1;
    }
    *version = item.content.data[0];
    return 0;
}

/* ---- RSA --------------------------------------------------------------------------------------------------------- */

/* Whether the modulus is the product of its primes: the cheap one of the checks, which finds any damage to the three. */
static bool is_product(struct slice modulus, struct slice prime, struct slice other)
{
    BN_CTX *context = BN_CTX_secure_new();
    BIGNUM *n = BN_secure_new();
    BIGNUM *p = BN_secure_new();
    BIGNUM *q = BN_secure_new();
    bool result = false;

    if (context != NULL && n != NULL && p != NULL && q != NULL && modulus.length <= MODULUS_MAX &&
        prime.length <= MODULUS_MAX && other.length <= MODULUS_MAX &&
        BN_bin2bn(prime.data, (int)prime.length, p) != NULL &&
        BN_bin2bn(other.data, (int)other.length, q) != NULL && BN_mul(n, p, q, context) == 1 &&
        BN_bin2bn(modulus.data, (int)modulus.length, p) != NULL) {
        result = BN_cmp(n, p) == 0;
    }
    BN_clear_free(n);
    BN_clear_free(p);
    BN_clear_free(q);
    BN_CTX_free(context);
    return result;
}

enum key_decoded key_decode_rsa(const struct context *context, struct slice der, EVP_PKEY **pkey)
{
    static const char *const names[8] = {OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
                                         OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                                         OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                         OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    enum key_decoded result = KEY_DECODED_MALFORMED;
    struct parameters parameters;
    struct slice numbers[8];
    struct der_item outer;
    unsigned char version;

    if (der_expect(&der, DER_SEQUENCE, &outer) != 0 || der.length != 0 ||
        read_version(&outer.content, &version) != 0) {
        return KEY_DECODED_MALFORMED;
    }
    if (version != 0) {
        return version == 1 ? KEY_DECODED_FOREIGN : KEY_DECODED_MALFORMED;
    }
    if (parameters_start(&parameters, outer.content.length) != 0) {
        return KEY_DECODED_MALFORMED;
    }
    for (size_t i = 0; i < 8; i++) {
        if (read_positive(&outer.content, &numbers[i]) != 0 ||
            add_number(&parameters, names[i], numbers[i]) != 0) {
            goto out;
        }
    }
    if (outer.content.length == 0 && is_product(numbers[0], numbers[3], numbers[4])) {
        result = make(context, "RSA", EVP_PKEY_KEYPAIR, &parameters, pkey);
    }
out:
    parameters_end(&parameters);
    return result;
}

/* ---- EC ---------------------------------------------------------------------------------------------------------- */

/* The curve's number at OpenSSL, or NID_undef. */
static int curve_of(struct slice oid)
{
    struct bytes dotted = BYTES_EMPTY;
    int nid = NID_undef;

    if (oid_format(oid, &dotted) == 0) {
        nid = OBJ_txt2nid(bytes_text(&dotted));
    }
    bytes_free(&dotted);
    return nid;
}

/* The public point of a private scalar, for the files that leave it out. Gives its length, 0 on failure. */
static size_t find_point(const struct context *context, int curve, struct slice scalar,
                         unsigned char point[POINT_MAX])
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(context_libctx(context), NULL, curve);
    BN_CTX *work = BN_CTX_secure_new();
    BIGNUM *number = BN_secure_new();
    EC_POINT *product = group == NULL ? NULL : EC_POINT_new(group);
    size_t length = 0;

    if (product != NULL && work != NULL && number != NULL && scalar.length <= POINT_MAX &&
        BN_bin2bn(scalar.data, (int)scalar.length, number) != NULL && !BN_is_zero(number) &&
        EC_POINT_mul(group, product, number, NULL, NULL, work) == 1) {
        length = EC_POINT_point2oct(group, product, POINT_CONVERSION_UNCOMPRESSED, point, POINT_MAX, work);
    }
    EC_POINT_clear_free(product);
    BN_clear_free(number);
    BN_CTX_free(work);
    EC_GROUP_free(group);
    return length;
}

/* What an ECPrivateKey holds. */
struct ec_parts {
    struct slice scalar;
    struct slice curve;  /* OID content; empty: not named here */
    struct slice public; /* point; empty: left out */
    bool explicit_curve; /* spelt out rather than named */
};

static int read_ec(struct slice der, struct ec_parts *parts)
{
    struct der_item outer;
    struct der_item item;
    struct der_item inner;
    unsigned char version;

    memset(parts, 0, sizeof(*parts));
    if (der_expect(&der, DER_SEQUENCE, &outer) != 0 || der.length != 0 ||
        read_version(&outer.content, &version) != 0 || version != 1 ||
        der_expect(&outer.content, DER_OCTET_STRING, &item) != 0 || item.content.length == 0) {
        return -1;
    }
    parts->scalar = item.content;
    if (outer.content.length != 0 && outer.content.data[0] == DER_CONTEXT_CONSTRUCTED(0)) {
        if (der_expect(&outer.content, DER_CONTEXT_CONSTRUCTED(0), &item) != 0 ||
            der_read(&item.content, &inner) != 1 || item.content.length != 0) {
            return -1;
        }
        parts->explicit_curve = inner.tag != DER_OID;
        parts->curve = inner.content;
    }
    if (outer.content.length != 0) {
        if (der_expect(&outer.content, DER_CONTEXT_CONSTRUCTED(1), &item) != 0 ||
            der_expect(&item.content, DER_BIT_STRING, &inner) != 0 || item.content.length != 0 ||
            inner.content.length < 2 || inner.content.data[0] != 0) {
            return -1;
        }
        parts->public = (struct slice){inner.content.data + 1, inner.content.length - 1};
    }
    return outer.content.length == 0 ? 0 : -1;
}

/* @p curve: OID content from around the ECPrivateKey, empty when it must be in it. */
static enum key_decoded decode_ec(const struct context *context, struct slice der, struct slice curve,
                                  EVP_PKEY **pkey)
{
    enum key_decoded result = KEY_DECODED_MALFORMED;
    struct parameters parameters;
    unsigned char point[POINT_MAX];
    struct ec_parts parts;
    int nid;

    if (read_ec(der, &parts) != 0 || (curve.length != 0 && parts.curve.length != 0 && !parts.explicit_curve &&
                                      !slice_equal(curve, parts.curve))) {
        return KEY_DECODED_MALFORMED;
    }
    if (parts.explicit_curve) {
        return KEY_DECODED_FOREIGN;
    }
    nid = curve_of(curve.length != 0 ? curve : parts.curve);
    if (nid == NID_undef) {
        return KEY_DECODED_FOREIGN;
    }
    if (parts.public.length == 0) {
        parts.public = (struct slice){point, find_point(context, nid, parts.scalar, point)};
    }
    if (parts.public.length == 0 || parameters_start(&parameters, parts.scalar.length) != 0) {
        return KEY_DECODED_MALFORMED;
    }
    parameters.items[parameters.count++] =
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)OBJ_nid2sn(nid), 0);
    parameters.items[parameters.count++] = OSSL_PARAM_construct_octet_string(
        OSSL_PKEY_PARAM_PUB_KEY, (void *)parts.public.data, parts.public.length);
    if (add_number(&parameters, OSSL_PKEY_PARAM_PRIV_KEY, parts.scalar) == 0) {
        result = make(context, "EC", EVP_PKEY_KEYPAIR, &parameters, pkey);
    }
    parameters_end(&parameters);
    return result;
}

enum key_decoded key_decode_ec(const struct context *context, struct slice der, EVP_PKEY **pkey)
{
    return decode_ec(context, der, (struct slice){NULL, 0}, pkey);
}

/* ---- PKCS#8 ------------------------------------------------------------------------------------------------------ */

/* CurvePrivateKey: an OCTET STRING in the OCTET STRING (RFC 8410 section 7). */
static enum key_decoded decode_raw(const struct context *context, const char *type, struct slice octets,
                                   EVP_PKEY **pkey)
{
    struct der_item item;

    if (der_expect(&octets, DER_OCTET_STRING, &item) != 0 || octets.length != 0) {
        return KEY_DECODED_MALFORMED;
    }
    *pkey = EVP_PKEY_new_raw_private_key_ex(context_libctx(context), type, NULL, item.content.data,
                                            item.content.length);
    return *pkey != NULL ? KEY_DECODED : KEY_DECODED_MALFORMED;
}

/* @p identifier: the whole AlgorithmIdentifier; @p octets: what the OCTET STRING holds. */
static enum key_decoded decode_parts(const struct context *context, struct slice identifier,
                                     struct slice octets, EVP_PKEY **pkey)
{
    struct der_item outer;
    struct der_item type;
    struct der_item curve;

    if (!der_is_well_formed(identifier) || der_expect(&identifier, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_OID, &type) != 0) {
        return KEY_DECODED_MALFORMED;
    }
    if (IS(type.content, rsa_encryption)) {
        return key_decode_rsa(context, octets, pkey);
    }
    if (IS(type.content, id_ed25519)) {
        return decode_raw(context, "ED25519", octets, pkey);
    }
    if (IS(type.content, id_ed448)) {
        return decode_raw(context, "ED448", octets, pkey);
    }
    if (IS(type.content, ec_public_key) && der_expect(&outer.content, DER_OID, &curve) == 0) {
        return decode_ec(context, octets, curve.content, pkey);
    }
    return KEY_DECODED_FOREIGN;
}

enum key_decoded key_decode_pkcs8(const struct context *context, struct slice der, EVP_PKEY **pkey)
{
    struct der_item outer;
    struct der_item identifier;
    struct der_item octets;
    struct der_item more;
    unsigned char version;
    int status;

    if (der_expect(&der, DER_SEQUENCE, &outer) != 0 || der.length != 0 ||
        read_version(&outer.content, &version) != 0 || version > 1 ||
        der_expect(&outer.content, DER_SEQUENCE, &identifier) != 0 ||
        der_expect(&outer.content, DER_OCTET_STRING, &octets) != 0) {
        return KEY_DECODED_MALFORMED;
    }
    /* attributes, and in version 1 the public key, say nothing that matters here */
    while ((status = der_read(&outer.content, &more)) == 1) {
        if (more.tag != DER_CONTEXT_CONSTRUCTED(0) && more.tag != DER_CONTEXT(1)) {
            return KEY_DECODED_MALFORMED;
        }
    }
    return status == 0 ? decode_parts(context, identifier.whole, octets.content, pkey)
                       : KEY_DECODED_MALFORMED;
}

/* ---- SubjectPublicKeyInfo ------------------------------------------------------------------------------------------ */

static enum key_decoded decode_public_rsa(const struct context *context, struct slice der, EVP_PKEY **pkey)
{
    enum key_decoded result = KEY_DECODED_FOREIGN;
    struct parameters parameters;
    struct slice modulus;
    struct slice exponent;
    struct der_item outer;

    if (der_expect(&der, DER_SEQUENCE, &outer) != 0 || der.length != 0 ||
        read_positive(&outer.content, &modulus) != 0 || read_positive(&outer.content, &exponent) != 0 ||
        outer.content.length != 0 || parameters_start(&parameters, modulus.length + exponent.length) != 0) {
        return KEY_DECODED_FOREIGN;
    }
    if (add_number(&parameters, OSSL_PKEY_PARAM_RSA_N, modulus) == 0 &&
        add_number(&parameters, OSSL_PKEY_PARAM_RSA_E, exponent) == 0) {
        result = make(context, "RSA", EVP_PKEY_PUBLIC_KEY, &parameters, pkey);
    }
    parameters_end(&parameters);
    return result;
}

/* fromdata takes a point only when it lies on the curve. */
static enum key_decoded decode_public_ec(const struct context *context, struct slice curve,
                                         struct slice point, EVP_PKEY **pkey)
{
    struct parameters parameters = {.count = 0};
    int nid = curve_of(curve);

    if (nid == NID_undef || point.length < 2 || point.data[0] < 2 || point.data[0] > 4) {
        return KEY_DECODED_FOREIGN;
    }
    parameters.items[parameters.count++] =
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)OBJ_nid2sn(nid), 0);
    parameters.items[parameters.count++] =
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point.data, point.length);
    return make(context, "EC", EVP_PKEY_PUBLIC_KEY, &parameters, pkey);
}

static enum key_decoded decode_public_raw(const struct context *context, const char *type,
                                          struct slice octets, EVP_PKEY **pkey)
{
    *pkey = EVP_PKEY_new_raw_public_key_ex(context_libctx(context), type, NULL, octets.data, octets.length);
    return *pkey != NULL ? KEY_DECODED : KEY_DECODED_FOREIGN;
}

/* @p algorithm: content of the AlgorithmIdentifier; @p octets: what the BIT STRING holds. */
static enum key_decoded decode_public(const struct context *context, struct slice algorithm,
                                      struct slice octets, EVP_PKEY **pkey)
{
    struct der_item type;
    struct der_item parameters;
    int found;

    if (der_expect(&algorithm, DER_OID, &type) != 0) {
        return KEY_DECODED_FOREIGN;
    }
    found = der_read(&algorithm, &parameters);
    if (found < 0 || algorithm.length != 0) {
        return KEY_DECODED_FOREIGN;
    }
    if (IS(type.content, ec_public_key) && found == 1 && parameters.tag == DER_OID) {
        return decode_public_ec(context, parameters.content, octets, pkey);
    }
    if (IS(type.content, rsa_encryption) && found == 1 && parameters.tag == DER_NULL) {
        return decode_public_rsa(context, octets, pkey);
    }
    if (IS(type.content, id_ed25519) && found == 0) {
        return decode_public_raw(context, "ED25519", octets, pkey);
    }
    if (IS(type.content, id_ed448) && found == 0) {
        return decode_public_raw(context, "ED448", octets, pkey);
    }
    return KEY_DECODED_FOREIGN;
}

enum key_decoded key_decode_spki(const struct context *context, struct slice der, EVP_PKEY **pkey)
{
    struct der_item outer;
    struct der_item algorithm;
    struct der_item bits;
    enum key_decoded result;

    if (!der_is_well_formed(der) || der_expect(&der, DER_SEQUENCE, &outer) != 0 ||
        der_expect(&outer.content, DER_SEQUENCE, &algorithm) != 0 ||
        der_expect(&outer.content, DER_BIT_STRING, &bits) != 0 || outer.content.length != 0 ||
        bits.content.length < 2 || bits.content.data[0] != 0) {
        return KEY_DECODED_FOREIGN;
    }
    ERR_set_mark();
    result = decode_public(context, algorithm.content,
                           (struct slice){bits.content.data + 1, bits.content.length - 1}, pkey);
    ERR_pop_to_mark();
    return result == KEY_DECODED ? KEY_DECODED : KEY_DECODED_FOREIGN;
}
