/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures by their AlgorithmIdentifier. What each names - the hash, the padding, the kind of key - is held against the key
 * before anything is computed.
 */
#include "x509/signature.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/fault.h"
#include "x509/key.h"
#include "x509/part.h"

/* Longest salt of PSS that is taken; the hash's length is what everybody writes. */
#define PSS_SALT_MAX 512

#define OCTETS(text)                                                                                         \
    {                                                                                                        \
        (const unsigned char *)(text), sizeof(text) - 1                                                      \
    }

enum padding { PADDING_NONE, PADDING_PKCS1, PADDING_PSS };

/* Algorithms by OID: RFC 8017, RFC 5758, RFC 8410, RFC 9881, NIST's registry of SHA-3. A digest of "" is too weak. */
static const struct scheme {
    struct slice oid;
    const char *key, *other_key; /* OpenSSL's names of the kinds of key that sign so */
    enum padding padding;
    const char *digest;
} schemes[] = {
    {OCTETS("\x2a\x86\x48\xce\x3d\x04\x03\x02"), "EC", NULL, PADDING_NONE, "SHA256"},
    {OCTETS("\x2a\x86\x48\xce\x3d\x04\x03\x03"), "EC", NULL, PADDING_NONE, "SHA384"},
    {OCTETS("\x2a\x86\x48\xce\x3d\x04\x03\x04"), "EC", NULL, PADDING_NONE, "SHA512"},
    {OCTETS("\x2a\x86\x48\xce\x3d\x04\x03\x01"), "EC", NULL, PADDING_NONE, "SHA224"},
    {OCTETS("\x2a\x86\x48\xce\x3d\x04\x01"), "EC", NULL, PADDING_NONE, ""},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x0a"), "EC", NULL, PADDING_NONE, "SHA3-256"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x0b"), "EC", NULL, PADDING_NONE, "SHA3-384"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x0c"), "EC", NULL, PADDING_NONE, "SHA3-512"},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), "RSA", NULL, PADDING_PKCS1, "SHA256"},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"), "RSA", NULL, PADDING_PKCS1, "SHA384"},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"), "RSA", NULL, PADDING_PKCS1, "SHA512"},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e"), "RSA", NULL, PADDING_PKCS1, "SHA224"},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02"), "RSA", NULL, PADDING_PKCS1, ""},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04"), "RSA", NULL, PADDING_PKCS1, ""},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"), "RSA", NULL, PADDING_PKCS1, ""},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x0e"), "RSA", NULL, PADDING_PKCS1, "SHA3-256"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x0f"), "RSA", NULL, PADDING_PKCS1, "SHA3-384"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x10"), "RSA", NULL, PADDING_PKCS1, "SHA3-512"},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), "RSA", "RSA-PSS", PADDING_PSS, NULL},
    {OCTETS("\x2b\x65\x70"), "ED25519", NULL, PADDING_NONE, NULL},
    {OCTETS("\x2b\x65\x71"), "ED448", NULL, PADDING_NONE, NULL},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x11"), "ML-DSA-44", NULL, PADDING_NONE, NULL},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x12"), "ML-DSA-65", NULL, PADDING_NONE, NULL},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x03\x13"), "ML-DSA-87", NULL, PADDING_NONE, NULL},
    {OCTETS("\x2a\x86\x48\xce\x38\x04\x03"), "DSA", NULL, PADDING_NONE, ""},
};

/* Hashes of PSS by OID. */
static const struct hash {
    struct slice oid;
    const char *digest;
} hashes[] = {
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), "SHA256"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), "SHA384"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), "SHA512"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x02\x04"), "SHA224"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x02\x08"), "SHA3-256"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x02\x09"), "SHA3-384"},
    {OCTETS("\x60\x86\x48\x01\x65\x03\x04\x02\x0a"), "SHA3-512"},
    {OCTETS("\x2b\x0e\x03\x02\x1a"), ""},
    {OCTETS("\x2a\x86\x48\x86\xf7\x0d\x02\x05"), ""},
};

/* ---- PSS --------------------------------------------------------------------------------------------------------- */

struct pss {
    const char *digest, *mask_digest;
    int salt;
};

/* The digest an AlgorithmIdentifier names, whose content is @p rest. NULL: not known. */
static const char *digest_of_identifier(struct slice rest)
{
    struct der_item oid;

    if (der_expect(&rest, DER_OID, &oid) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        if (slice_equal(hashes[i].oid, oid.content)) {
            return hashes[i].digest;
        }
    }
    return NULL;
}

/* Content of the [n] EXPLICIT value at the front of *rest, of type @p tag: 1 there, 0 not, -1 malformed. */
static int read_tagged(struct slice *rest, unsigned char n, unsigned char tag, struct slice *content)
{
    struct der_item item;

    if (rest->length == 0 || rest->data[0] != DER_CONTEXT_CONSTRUCTED(n)) {
        return 0;
    }
    return der_read(rest, &item) == 1 && part_only(item.content, tag, content) == 0 ? 1 : -1;
}

/* RSASSA-PSS-params (RFC 8017 appendix A.2.3). What is left out is SHA-1. */
static int read_pss(struct slice rest, struct pss *pss)
{
    static const unsigned char mgf1[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08};
    struct der_item parameters;
    struct der_item oid;
    struct der_item mask;
    struct slice part;
    int status;

    *pss = (struct pss){"", "", 20};
    if (der_expect(&rest, DER_SEQUENCE, &parameters) != 0 || rest.length != 0) {
        return -1;
    }
    rest = parameters.content;
    if ((status = read_tagged(&rest, 0, DER_SEQUENCE, &part)) == 1) {
        pss->digest = digest_of_identifier(part);
    }
    if (status >= 0 && (status = read_tagged(&rest, 1, DER_SEQUENCE, &part)) == 1) {
        if (der_expect(&part, DER_OID, &oid) != 0 ||
            !slice_equal(oid.content, (struct slice){mgf1, sizeof(mgf1)}) ||
            der_expect(&part, DER_SEQUENCE, &mask) != 0) {
            return -1;
        }
        pss->mask_digest = digest_of_identifier(mask.content);
    }
    if (status >= 0 && (status = read_tagged(&rest, 2, DER_INTEGER, &part)) == 1) {
        if (part.length == 0 || part.length > 2 || (part.data[0] & 0x80) != 0) {
            return -1;
        }
        pss->salt = part.length == 1 ? part.data[0] : part.data[0] << 8 | part.data[1];
    }
    if (status >= 0 && (status = read_tagged(&rest, 3, DER_INTEGER, &part)) == 1 &&
        (part.length != 1 || part.data[0] != 1)) {
        return -1;
    }
    return status < 0 || rest.length != 0 || pss->digest == NULL || pss->mask_digest == NULL ||
                   pss->salt > PSS_SALT_MAX
               ? -1
               : 0;
}

static int set_pss(EVP_PKEY_CTX *operation, const struct pss *pss)
{
    return EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PSS_PADDING) == 1 &&
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, pss->salt) == 1 &&
                   EVP_PKEY_CTX_set_rsa_mgf1_md_name(operation, pss->mask_digest, NULL) == 1
               ? 0
               : -1;
}

/* ---- a verifier -------------------------------------------------------------------------------------------------- */

struct signature_verifier {
    const struct context *context;
    EVP_PKEY *ec;            /* the last EC key: the next one on its curve takes its place in it */
    EVP_PKEY_CTX *operation; /* ready to verify with it; NULL until it was used so */
    struct bytes curve;      /* the AlgorithmIdentifier that names its curve */
    EVP_MD *digest;          /* the last one of an EC signature */
    const char *digest_name; /* as its scheme has it */
    EVP_MD_CTX *hash;
};

struct signature_verifier *signature_verifier_new(const struct context *context)
{
    struct signature_verifier *verifier = calloc(1, sizeof(*verifier));

    if (verifier != NULL) {
        verifier->context = context;
        verifier->hash = EVP_MD_CTX_new();
        if (verifier->hash == NULL) {
            signature_verifier_free(verifier);
            verifier = NULL;
        }
    }
    return verifier;
}

static void forget_curve(struct signature_verifier *verifier)
{
    EVP_PKEY_CTX_free(verifier->operation);
    EVP_PKEY_free(verifier->ec);
    verifier->operation = NULL;
    verifier->ec = NULL;
    bytes_clear(&verifier->curve);
}

void signature_verifier_free(struct signature_verifier *verifier)
{
    if (verifier != NULL) {
        forget_curve(verifier);
        bytes_free(&verifier->curve);
        EVP_MD_free(verifier->digest);
        EVP_MD_CTX_free(verifier->hash);
        free(verifier);
    }
}

/* An uncompressed point and the AlgorithmIdentifier it is of; false for a key that is no such thing. */
static bool read_point(struct slice spki, struct slice *curve, struct slice *point)
{
    struct slice rest;
    struct der_item bits;

    if (part_only(spki, DER_SEQUENCE, &rest) != 0 || part_algorithm(&rest, curve) != 0 ||
        der_expect(&rest, DER_BIT_STRING, &bits) != 0 || rest.length != 0 || bits.content.length < 2 ||
        bits.content.data[0] != 0 || bits.content.data[1] != POINT_CONVERSION_UNCOMPRESSED) {
        return false;
    }
    *point = (struct slice){bits.content.data + 1, bits.content.length - 1};
    return true;
}

/*
 * The key of @p spki, NULL when it is not readable; the caller's. Most of what reading an EC key costs is the making of its curve: so one
 * on the curve of the last is that one with another point. OpenSSL takes no point that is not on the curve, there as here.
 */
static EVP_PKEY *read_key(struct signature_verifier *verifier, struct slice spki)
{
    struct slice curve;
    struct slice point;
    bool plain = read_point(spki, &curve, &point);
    struct faults *unused;
    EVP_PKEY *pkey = NULL;
    struct key *key;

    if (plain && verifier->ec != NULL && slice_equal(curve, slice_of(&verifier->curve)) &&
        EVP_PKEY_set1_encoded_public_key(verifier->ec, point.data, point.length) == 1) {
        return EVP_PKEY_up_ref(verifier->ec) == 1 ? verifier->ec : NULL;
    }
    unused = faults_new();
    key = unused != NULL ? key_from_spki(verifier->context, spki, unused) : NULL;
    if (key != NULL && EVP_PKEY_up_ref(key_pkey(key)) == 1) {
        pkey = key_pkey(key);
    }
    forget_curve(verifier);
    if (plain && pkey != NULL && EVP_PKEY_is_a(pkey, "EC") == 1 &&
        bytes_append(&verifier->curve, curve.data, curve.length) == 0 && EVP_PKEY_up_ref(pkey) == 1) {
        verifier->ec = pkey;
    }
    key_free(key);
    faults_free(unused);
    return pkey;
}

/* ---- verifying --------------------------------------------------------------------------------------------------- */

static const char wrong[] = "is wrong";
static const char weak[] =
    "is made with MD5 or SHA-1, for which other contents with the same hash can be found";
static const char unknown[] = "is of an algorithm that is not known here";
static const char unfit[] = "is of another algorithm than the key's";
static const char unsupported[] = "cannot be verified by this OpenSSL";

static const struct scheme *find_scheme(struct slice oid)
{
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (slice_equal(schemes[i].oid, oid)) {
            return &schemes[i];
        }
    }
    return NULL;
}

static bool key_fits(const struct scheme *scheme, const EVP_PKEY *pkey)
{
    return EVP_PKEY_is_a(pkey, scheme->key) == 1 ||
           (scheme->other_key != NULL && EVP_PKEY_is_a(pkey, scheme->other_key) == 1);
}

/* The digest @p name; one that OpenSSL found before it does not look for again. */
static const EVP_MD *find_digest(struct signature_verifier *verifier, const char *name)
{
    if (verifier->digest == NULL || strcmp(verifier->digest_name, name) != 0) {
        EVP_MD_free(verifier->digest);
        verifier->digest = EVP_MD_fetch(context_libctx(verifier->context), name, NULL);
        verifier->digest_name = name;
    }
    return verifier->digest;
}

/* What verifies with @p pkey; the caller's. NULL: this OpenSSL has nothing. */
static EVP_PKEY_CTX *start_operation(const struct signature_verifier *verifier, EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *operation = EVP_PKEY_CTX_new_from_pkey(context_libctx(verifier->context), pkey, NULL);

    if (operation != NULL && EVP_PKEY_verify_init(operation) != 1) {
        EVP_PKEY_CTX_free(operation);
        operation = NULL;
    }
    return operation;
}

/* ECDSA over a hash taken here: with the hash left to it, OpenSSL looks for its algorithm anew each time, as it does for each new operation. */
static const char *compute_ecdsa(struct signature_verifier *verifier, EVP_PKEY *pkey, const char *name,
                                 struct slice tbs, struct slice signature)
{
    bool kept = pkey == verifier->ec;
    EVP_PKEY_CTX *operation =
        kept && verifier->operation != NULL ? verifier->operation : start_operation(verifier, pkey);
    const EVP_MD *digest = find_digest(verifier, name);
    unsigned char octets[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    const char *why = wrong;

    if (operation == NULL || digest == NULL || EVP_DigestInit_ex2(verifier->hash, digest, NULL) != 1 ||
        EVP_DigestUpdate(verifier->hash, tbs.data, tbs.length) != 1 ||
        EVP_DigestFinal_ex(verifier->hash, octets, &length) != 1) {
        why = unsupported;
    } else if (EVP_PKEY_verify(operation, signature.data, signature.length, octets, length) == 1) {
        why = NULL;
    }
    if (kept) {
        verifier->operation = operation;
    } else {
        EVP_PKEY_CTX_free(operation);
    }
    return why;
}

static const char *compute(const struct context *context, EVP_PKEY *pkey, const char *digest,
                           const struct pss *pss, struct slice tbs, struct slice signature)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    EVP_PKEY_CTX *operation = NULL;
    const char *why = wrong;

    if (hash == NULL ||
        EVP_DigestVerifyInit_ex(hash, &operation, digest, context_libctx(context), NULL, pkey, NULL) != 1) {
        why = unsupported;
    } else if (pss != NULL && set_pss(operation, pss) != 0) {
        why = unfit;
    } else if (EVP_DigestVerify(hash, signature.data, signature.length, tbs.data, tbs.length) == 1) {
        why = NULL;
    }
    EVP_MD_CTX_free(hash);
    return why;
}

/* NULL when it is right. */
static const char *judge(struct signature_verifier *verifier, struct slice algorithm, EVP_PKEY *pkey,
                         struct slice tbs, struct slice signature)
{
    const struct scheme *scheme;
    struct der_item oid;
    struct slice rest;
    struct pss pss = {NULL, NULL, 0};

    if (part_only(algorithm, DER_SEQUENCE, &rest) != 0 || der_expect(&rest, DER_OID, &oid) != 0) {
        return unknown;
    }
    scheme = find_scheme(oid.content);
    if (scheme == NULL || (scheme->padding == PADDING_PSS && read_pss(rest, &pss) != 0)) {
        return unknown;
    }
    if ((scheme->digest != NULL && scheme->digest[0] == '\0') ||
        (scheme->padding == PADDING_PSS && (pss.digest[0] == '\0' || pss.mask_digest[0] == '\0'))) {
        return weak;
    }
    if (!key_fits(scheme, pkey)) {
        return unfit;
    }
    if (scheme->digest != NULL && strcmp(scheme->key, "EC") == 0) {
        return compute_ecdsa(verifier, pkey, scheme->digest, tbs, signature);
    }
    return scheme->padding == PADDING_PSS
               ? compute(verifier->context, pkey, pss.digest, &pss, tbs, signature)
               : compute(verifier->context, pkey, scheme->digest, NULL, tbs, signature);
}

int signature_verify_next(struct signature_verifier *verifier, struct slice algorithm, struct slice spki,
                          struct slice tbs, struct slice signature, const char **why)
{
    EVP_PKEY *pkey;

    *why = "cannot be verified: the key is not readable";
    ERR_set_mark();
    pkey = read_key(verifier, spki);
    if (pkey != NULL) {
        *why = judge(verifier, algorithm, pkey, tbs, signature);
    }
    ERR_pop_to_mark();
    EVP_PKEY_free(pkey);
    return *why == NULL ? 0 : -1;
}

int signature_verify_by(struct signature_verifier *verifier, struct slice algorithm, const struct key *key,
                        struct slice tbs, struct slice signature, const char **why)
{
    ERR_set_mark();
    *why = judge(verifier, algorithm, key_pkey(key), tbs, signature);
    ERR_pop_to_mark();
    if (*why == NULL) {
        return 0;
    }
    return *why == wrong || *why == unfit ? -1 : 1;
}

int signature_verify(const struct context *context, struct slice algorithm, struct slice spki,
                     struct slice tbs, struct slice signature, const char **why)
{
    struct signature_verifier *verifier = signature_verifier_new(context);
    int status = -1;

    *why = "cannot be verified: memory is out";
    if (verifier != NULL) {
        status = signature_verify_next(verifier, algorithm, spki, tbs, signature, why);
    }
    signature_verifier_free(verifier);
    return status;
}
