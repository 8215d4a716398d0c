/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How keys of x509/key.h are written. EC keys on the NIST curves and EdDSA keys, the ones made by the thousand, are written by
 * hand: OpenSSL's encoders take fifty microseconds for what takes three. All others go through OpenSSL.
 *
 *   SubjectPublicKeyInfo ::= SEQUENCE { algorithm, BIT STRING }               RFC 5280 section 4.1.2.7
 *   PrivateKeyInfo       ::= SEQUENCE { 0, algorithm, OCTET STRING }          RFC 5208 section 5
 *   ECPrivateKey         ::= SEQUENCE { 1, OCTET STRING, [1] BIT STRING }     RFC 5915 section 3
 *   CurvePrivateKey      ::= OCTET STRING                                     RFC 8410 section 7
 */
#include "x509/key.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/x509.h>

#include "x509/der.h"
#include "x509/pem.h"

/* An uncompressed point of P-521, the longest public key here. */
#define PUBLIC_MAX    133
#define PRIVATE_MAX   66

#define PBKDF2_ROUNDS 600000
#define SALT_LENGTH   16
#define IV_LENGTH     16
#define CIPHER_KEY    32

/* What the template of an algorithm needs. */
struct encoding {
    enum key_algorithm algorithm;
    size_t private_length;  /* octets of the private key */
    size_t public_length;   /* octets of the public key */
    const char *identifier; /* AlgorithmIdentifier in DER */
    size_t identifier_length;
};

#define ENCODING(algorithm, private, public, identifier)                                                     \
    {                                                                                                        \
        algorithm, private, public, identifier, sizeof(identifier) - 1                                       \
    }

static const struct encoding encodings[] = {
    ENCODING(KEY_EC_P256, 32, 65,
             "\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"),
    ENCODING(KEY_EC_P384, 48, 97, "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"),
    ENCODING(KEY_EC_P521, 66, 133,
             "\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"),
    ENCODING(KEY_ED25519, 32, 32, "\x30\x05\x06\x03\x2b\x65\x70"),
    ENCODING(KEY_ED448, 57, 57, "\x30\x05\x06\x03\x2b\x65\x71"),
};

static const struct encoding *find(const struct key *key)
{
    for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        if (encodings[i].algorithm == key_algorithm_of(key)) {
            return &encodings[i];
        }
    }
    return NULL;
}

static struct slice identifier_of(const struct encoding *encoding)
{
    return (struct slice){(const unsigned char *)encoding->identifier, encoding->identifier_length};
}

/* The public key as it stands in the BIT STRING: an uncompressed point, or an EdDSA key. */
static int get_public(const struct key *key, const struct encoding *encoding, unsigned char out[PUBLIC_MAX],
                      struct faults *faults)
{
    bool point = key_family_of(key) == KEY_FAMILY_EC;
    size_t length = 0;

    if (EVP_PKEY_get_octet_string_param(key_pkey(key),
                                        point ? OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY : OSSL_PKEY_PARAM_PUB_KEY,
                                        out, PUBLIC_MAX, &length) != 1) {
        fault_openssl(faults, "cannot take out the public key");
        return -1;
    }
    if (length != encoding->public_length || (point && out[0] != 4)) {
        fault_error(faults, NULL, NULL, NULL, "the public key has an unexpected form");
        return -1;
    }
    return 0;
}

/* The private key as it stands in its OCTET STRING. */
static int get_private(const struct key *key, const struct encoding *encoding, unsigned char out[PRIVATE_MAX],
                       struct faults *faults)
{
    size_t length = PRIVATE_MAX;
    BIGNUM *scalar = NULL;
    int status = -1;

    if (key_family_of(key) == KEY_FAMILY_EC) {
        if (EVP_PKEY_get_bn_param(key_pkey(key), OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1 &&
            BN_bn2binpad(scalar, out, (int)encoding->private_length) > 0) {
            status = 0;
        }
    } else if (EVP_PKEY_get_raw_private_key(key_pkey(key), out, &length) == 1 &&
               length == encoding->private_length) {
        status = 0;
    }
    if (status != 0) {
        fault_openssl(faults, "cannot take out the private key");
    }
    BN_clear_free(scalar);
    return status;
}

/* What OpenSSL allocated and filled, to @p der. */
static int append_and_wipe(unsigned char *encoded, int length, struct bytes *der, struct faults *faults)
{
    int status = -1;

    if (length <= 0) {
        fault_openssl(faults, "cannot encode a key");
    } else if (bytes_append(der, encoded, (size_t)length) != 0) {
        fault_memory(faults);
    } else {
        status = 0;
    }
    OPENSSL_clear_free(encoded, length > 0 ? (size_t)length : 0);
    return status;
}

int key_spki(const struct key *key, struct bytes *der, struct faults *faults)
{
    const struct encoding *encoding = find(key);
    unsigned char public[PUBLIC_MAX];
    struct der writer;

    if (encoding == NULL) {
        unsigned char *encoded = NULL;
        int length = i2d_PUBKEY(key_pkey(key), &encoded);

        return append_and_wipe(encoded, length, der, faults);
    }
    if (get_public(key, encoding, public, faults) != 0) {
        return -1;
    }
    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_raw(&writer, identifier_of(encoding));
    der_begin_bits(&writer);
    der_raw(&writer, (struct slice){public, encoding->public_length});
    der_end(&writer);
    der_end(&writer);
    if (der_finish(&writer) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

int key_spki_digest(const struct context *context, const struct key *key, struct digest *digest,
                    struct faults *faults)
{
    struct bytes spki = BYTES_EMPTY;
    int status = key_spki(key, &spki, faults);

    if (status == 0 && digest_of(context, slice_of(&spki), digest) != 0) {
        fault_openssl(faults, "cannot compute SHA-256");
        status = -1;
    }
    bytes_free(&spki);
    return status;
}

/* ---- PKCS#8 ------------------------------------------------------------------------------------------------------ */

static int pkcs8_by_openssl(const struct key *key, struct bytes *der, struct faults *faults)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key_pkey(key));
    unsigned char *encoded = NULL;
    int length;
    int status;

    if (info == NULL) {
        fault_openssl(faults, "cannot encode the private key");
        return -1;
    }
    length = i2d_PKCS8_PRIV_KEY_INFO(info, &encoded);
    status = append_and_wipe(encoded, length, der, faults);
    PKCS8_PRIV_KEY_INFO_free(info);
    return status;
}

static int pkcs8_by_template(const struct key *key, const struct encoding *encoding, struct bytes *der,
                             struct faults *faults)
{
    bool point = key_family_of(key) == KEY_FAMILY_EC;
    unsigned char public[PUBLIC_MAX];
    unsigned char private[PRIVATE_MAX];
    struct slice secret = {private, encoding->private_length};
    struct der writer;
    int status = -1;

    if (get_private(key, encoding, private, faults) != 0 ||
        (point && get_public(key, encoding, public, faults) != 0)) {
        goto out;
    }
    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_number(&writer, 0);
    der_raw(&writer, identifier_of(encoding));
    der_begin(&writer, DER_OCTET_STRING);
    if (point) {
        der_begin(&writer, DER_SEQUENCE);
        der_number(&writer, 1);
        der_value(&writer, DER_OCTET_STRING, secret);
        der_begin(&writer, DER_CONTEXT_CONSTRUCTED(1));
        der_begin_bits(&writer);
        der_raw(&writer, (struct slice){public, encoding->public_length});
        der_end(&writer);
        der_end(&writer);
        der_end(&writer);
    } else {
        der_value(&writer, DER_OCTET_STRING, secret);
    }
    der_end(&writer);
    der_end(&writer);
    status = der_finish(&writer);
    if (status != 0) {
        fault_memory(faults);
    }
out:
    OPENSSL_cleanse(private, sizeof(private));
    return status;
}

int key_pkcs8(const struct key *key, struct bytes *der, struct faults *faults)
{
    const struct encoding *encoding = find(key);

    if (!key_is_private(key)) {
        fault_error(faults, NULL, NULL, NULL, "this is a public key; there is no private key to write");
        return -1;
    }
    return encoding == NULL ? pkcs8_by_openssl(key, der, faults)
                            : pkcs8_by_template(key, encoding, der, faults);
}

int key_pkcs8_pem(const struct key *key, struct bytes *pem, struct faults *faults)
{
    struct bytes der = BYTES_EMPTY;
    int status = key_pkcs8(key, &der, faults);

    if (status == 0 && pem_write(slice_of(&der), "PRIVATE KEY", pem) != 0) {
        fault_memory(faults);
        status = -1;
    }
    bytes_free(&der);
    return status;
}

/* ---- encrypted PKCS#8 -------------------------------------------------------------------------------------------- */

/* The cipher's key from the passphrase: PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2). */
static int derive(const struct context *context, const struct bytes *passphrase, struct slice salt,
                  unsigned char out[CIPHER_KEY])
{
    static unsigned char nothing[1];
    EVP_KDF *kdf = EVP_KDF_fetch(context_libctx(context), "PBKDF2", NULL);
    EVP_KDF_CTX *derivation = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    unsigned int rounds = PBKDF2_ROUNDS;
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD,
                                          passphrase->length == 0 ? nothing : passphrase->data,
                                          passphrase->length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.data, salt.length),
        OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &rounds),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    int status = derivation != NULL && EVP_KDF_derive(derivation, out, CIPHER_KEY, params) == 1 ? 0 : -1;

    EVP_KDF_CTX_free(derivation);
    EVP_KDF_free(kdf);
    return status;
}

/* AES-256-CBC with PKCS#7 padding, appended to @p out. */
static int encrypt(const struct context *context, const unsigned char key[CIPHER_KEY],
                   const unsigned char iv[IV_LENGTH], const struct bytes *plain, struct bytes *out)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(context_libctx(context), "AES-256-CBC", NULL);
    EVP_CIPHER_CTX *encryption = EVP_CIPHER_CTX_new();
    int body = 0;
    int tail = 0;
    int status = -1;

    if (cipher == NULL || encryption == NULL || plain->length > 1024 * 1024 ||
        bytes_reserve(out, plain->length + IV_LENGTH) != 0) {
        goto out;
    }
    if (EVP_EncryptInit_ex2(encryption, cipher, key, iv, NULL) != 1 ||
        EVP_EncryptUpdate(encryption, out->data + out->length, &body, plain->data, (int)plain->length) != 1 ||
        EVP_EncryptFinal_ex(encryption, out->data + out->length + body, &tail) != 1) {
        goto out;
    }
    out->length += (size_t)body + (size_t)tail;
    out->data[out->length] = '\0';
    status = 0;
out:
    EVP_CIPHER_CTX_free(encryption);
    EVP_CIPHER_free(cipher);
    return status;
}

/* EncryptedPrivateKeyInfo (RFC 5208 section 6) with PBES2 (RFC 8018 appendix A.4). */
static int write_encrypted(struct slice salt, struct slice iv, struct slice encrypted, struct bytes *der)
{
    static const unsigned char pbes2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
    static const unsigned char pbkdf2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
    static const unsigned char hmac_sha256[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09};
    static const unsigned char aes_256_cbc[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a};
    struct der writer;

    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){pbes2, sizeof(pbes2)});
    der_begin(&writer, DER_SEQUENCE);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){pbkdf2, sizeof(pbkdf2)});
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OCTET_STRING, salt);
    der_number(&writer, PBKDF2_ROUNDS);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){hmac_sha256, sizeof(hmac_sha256)});
    der_null(&writer);
    der_end(&writer);
    der_end(&writer);
    der_end(&writer);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){aes_256_cbc, sizeof(aes_256_cbc)});
    der_value(&writer, DER_OCTET_STRING, iv);
    der_end(&writer);
    der_end(&writer);
    der_end(&writer);
    der_value(&writer, DER_OCTET_STRING, encrypted);
    der_end(&writer);
    return der_finish(&writer);
}

int key_pkcs8_encrypted_pem(const struct context *context, const struct key *key,
                            const struct bytes *passphrase, struct bytes *pem, struct faults *faults)
{
    unsigned char random[SALT_LENGTH + IV_LENGTH];
    unsigned char cipher_key[CIPHER_KEY] = {0};
    struct bytes plain = BYTES_EMPTY;
    struct bytes encrypted = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    struct slice salt = {random, SALT_LENGTH};
    struct slice iv = {random + SALT_LENGTH, IV_LENGTH};
    int status = -1;

    if (passphrase->length == 0) {
        fault_error(faults, NULL, NULL, NULL, "a private key is not encrypted with an empty passphrase");
        goto out;
    }
    if (key_pkcs8(key, &plain, faults) != 0) {
        goto out;
    }
    if (context_random(context, random, sizeof(random)) != 0) {
        fault_openssl(faults, "no randomness for a salt");
        goto out;
    }
    if (derive(context, passphrase, salt, cipher_key) != 0 ||
        encrypt(context, cipher_key, iv.data, &plain, &encrypted) != 0) {
        fault_openssl(faults, "cannot encrypt a private key");
        goto out;
    }
    if (write_encrypted(salt, iv, slice_of(&encrypted), &der) != 0 ||
        pem_write(slice_of(&der), "ENCRYPTED PRIVATE KEY", pem) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = 0;
out:
    OPENSSL_cleanse(cipher_key, sizeof(cipher_key));
    bytes_free(&plain);
    bytes_free(&encrypted);
    bytes_free(&der);
    return status;
}
