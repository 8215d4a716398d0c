/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the private keys of x509/key.h are encrypted: PKCS#8's EncryptedPrivateKeyInfo (RFC 5208 section 6), PBES2 (RFC 8018) with
 * AES-256-CBC, and PBKDF2 or scrypt (RFC 7914) between passphrase and cipher.
 */
#include "x509/key.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "x509/der.h"
#include "x509/key_scheme.h"
#include "x509/pem.h"

#define SALT_LENGTH     16
#define IV_LENGTH       16
#define CIPHER_KEY      32

#define ENCRYPTED_LABEL "ENCRYPTED PRIVATE KEY"

/* ---- words ------------------------------------------------------------------------------------------------------- */

static const char *const words[] = {[KEY_KDF_PBKDF2] = "pbkdf2", [KEY_KDF_SCRYPT] = "scrypt"};

int key_kdf_parse(const char *text, enum key_kdf *kdf)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) == 0) {
            *kdf = (enum key_kdf)i;
            return 0;
        }
    }
    return -1;
}

const char *key_kdf_text(enum key_kdf kdf)
{
    return words[kdf];
}

enum key_kdf key_kdf_of(struct slice content)
{
    struct faults *unheard = faults_new();
    struct pem_block block;
    struct slice rest = content;
    size_t line = 1;
    bool scrypt = key_scheme_is_scrypt(content);

    while (!scrypt && unheard != NULL && pem_read(&rest, &line, "", &block, unheard) == 1) {
        scrypt = strcmp(block.label, ENCRYPTED_LABEL) == 0 && key_scheme_is_scrypt(slice_of(&block.der));
        pem_block_free(&block);
    }
    faults_free(unheard);
    return scrypt ? KEY_KDF_SCRYPT : KEY_KDF_PBKDF2;
}

/* ---- deriving ---------------------------------------------------------------------------------------------------- */

/* The cipher's key from the passphrase: PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2), scrypt (RFC 7914). */
static int derive(const struct context *context, enum key_kdf kdf, const struct bytes *passphrase,
                  struct slice salt, unsigned char out[CIPHER_KEY])
{
    const char *name = kdf == KEY_KDF_SCRYPT ? "SCRYPT" : "PBKDF2";
    EVP_KDF *method = EVP_KDF_fetch(context_libctx(context), name, NULL);
    EVP_KDF_CTX *derivation = method == NULL ? NULL : EVP_KDF_CTX_new(method);
    unsigned int rounds = KEY_PBKDF2_ROUNDS;
    uint64_t n = KEY_SCRYPT_N;
    uint32_t r = KEY_SCRYPT_R;
    uint32_t p = KEY_SCRYPT_P;
    char digest[] = "SHA256";
    /* each takes what is its own and leaves the others */
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, (void *)bytes_text(passphrase),
                                          passphrase->length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt.data, salt.length),
        OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &rounds),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
        OSSL_PARAM_construct_end(),
    };
    int status = derivation != NULL && EVP_KDF_derive(derivation, out, CIPHER_KEY, params) == 1 ? 0 : -1;

    EVP_KDF_CTX_free(derivation);
    EVP_KDF_free(method);
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

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* PBKDF2 in a keyDerivationFunc (RFC 8018 appendix A.2). */
static void write_pbkdf2(struct slice salt, struct der *writer)
{
    static const unsigned char pbkdf2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
    static const unsigned char hmac_sha256[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09};

    der_begin(writer, DER_SEQUENCE);
    der_value(writer, DER_OID, (struct slice){pbkdf2, sizeof(pbkdf2)});
    der_begin(writer, DER_SEQUENCE);
    der_value(writer, DER_OCTET_STRING, salt);
    der_number(writer, KEY_PBKDF2_ROUNDS);
    der_begin(writer, DER_SEQUENCE);
    der_value(writer, DER_OID, (struct slice){hmac_sha256, sizeof(hmac_sha256)});
    der_null(writer);
    der_end(writer);
    der_end(writer);
    der_end(writer);
}

/* scrypt in a keyDerivationFunc (RFC 7914 section 7). */
static void write_scrypt(struct slice salt, struct der *writer)
{
    static const unsigned char scrypt[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};

    der_begin(writer, DER_SEQUENCE);
    der_value(writer, DER_OID, (struct slice){scrypt, sizeof(scrypt)});
    der_begin(writer, DER_SEQUENCE);
    der_value(writer, DER_OCTET_STRING, salt);
    der_number(writer, KEY_SCRYPT_N);
    der_number(writer, KEY_SCRYPT_R);
    der_number(writer, KEY_SCRYPT_P);
    der_end(writer);
    der_end(writer);
}

/* EncryptedPrivateKeyInfo (RFC 5208 section 6) with PBES2 (RFC 8018 appendix A.4). */
static int write_encrypted(enum key_kdf kdf, struct slice salt, struct slice iv, struct slice encrypted,
                           struct bytes *der)
{
    static const unsigned char pbes2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
    static const unsigned char aes_256_cbc[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a};
    struct der writer;

    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){pbes2, sizeof(pbes2)});
    der_begin(&writer, DER_SEQUENCE);
    if (kdf == KEY_KDF_SCRYPT) {
        write_scrypt(salt, &writer);
    } else {
        write_pbkdf2(salt, &writer);
    }
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

int key_pkcs8_encrypted_pem(const struct context *context, const struct key *key, enum key_kdf kdf,
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
    if (derive(context, kdf, passphrase, salt, cipher_key) != 0 ||
        encrypt(context, cipher_key, iv.data, &plain, &encrypted) != 0) {
        fault_openssl(faults, "cannot encrypt a private key");
        goto out;
    }
    if (write_encrypted(kdf, salt, iv, slice_of(&encrypted), &der) != 0 ||
        pem_write(slice_of(&der), ENCRYPTED_LABEL, pem) != 0) {
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
