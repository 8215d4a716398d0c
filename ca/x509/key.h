/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: algorithms, generation, and the encodings a key has: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), PKCS#8
 * (RFC 5958) plain and encrypted (RFC 8018).
 */
#ifndef MTLSKIT_X509_KEY_H
#define MTLSKIT_X509_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"

enum key_algorithm {
    KEY_NONE,
    KEY_RSA_2048,
    KEY_RSA_3072,
    KEY_RSA_4096,
    KEY_EC_P256,
    KEY_EC_P384,
    KEY_EC_P521,
    KEY_ED25519,
    KEY_ED448,
    KEY_ML_DSA_44,
    KEY_ML_DSA_65,
    KEY_ML_DSA_87,
    KEY_FOREIGN /**< read from a file, none of the above (RSA of another size, another curve) */
};

enum key_family { KEY_FAMILY_RSA, KEY_FAMILY_EC, KEY_FAMILY_EDDSA, KEY_FAMILY_ML_DSA, KEY_FAMILY_OTHER };

/** "ec-p256" and so on; -1 unknown. ml-dsa parses always; key_algorithm_available tells whether this OpenSSL has it. */
int key_algorithm_parse(const char *text, enum key_algorithm *algorithm) MUST_USE;
const char *key_algorithm_text(enum key_algorithm algorithm);
/** All words, comma-separated, for hints. */
const char *key_algorithm_words(void);
bool key_algorithm_available(const struct context *context, enum key_algorithm algorithm);
enum key_family key_algorithm_family(enum key_algorithm algorithm);

/** A private key, or a public one alone. Opaque; wiped when freed. */
struct key;

/**
 * Generates keys of one algorithm, again and again, with its OpenSSL context reused (a P-256 key in 9 rather than 40 us). One
 * thread; the context is borrowed. The randomness is the DRBG of the context's OSSL_LIB_CTX: OpenSSL lets no other source into its key
 * generation, so one set by context_set_random is not asked. In a fixture's context keys follow from its stream alone (x509/key_seeded.h),
 * which is to be begun before each. An algorithm this OpenSSL lacks is a fault that says which version has it.
 */
struct key_maker;
struct key_maker *key_maker_new(const struct context *context, enum key_algorithm algorithm,
                                struct faults *faults);
void key_maker_free(struct key_maker *maker);
/** A fresh key; NULL with a fault. The caller owns it. */
struct key *key_maker_make(struct key_maker *maker, struct faults *faults);
/** The key of @p owner (a name): in a fixture's context its stream is begun, so that it comes out the same again; else a fresh one. */
struct key *key_maker_make_of(struct key_maker *maker, const char *owner, struct faults *faults);

/** Most rounds of a key derivation that are done for a key read. */
#define KEY_KDF_ITERATIONS_MAX 10000000
/** Most a scrypt may cost (RFC 7914): 128 * N * r * p. */
#define KEY_SCRYPT_COST_MAX (UINT64_C(1) << 30)

/**
 * Read a private key: PEM (PKCS#8 plain or encrypted, PKCS#1, SEC1, the latter two also encrypted the traditional way, RFC 1421) or
 * DER of the same; the first private key in the text. A wrong passphrase is told apart from a broken file. Refused before any
 * work: PBKDF2 of more than KEY_KDF_ITERATIONS_MAX rounds, scrypt that costs more than KEY_SCRYPT_COST_MAX. The terminal is never asked.
 * @param passphrase NULL when none is at hand; an encrypted key is then a fault that says so
 * @param shown      file name for complaints
 */
struct key *key_read(const struct context *context, struct slice content, const struct bytes *passphrase,
                     const char *shown, struct faults *faults);
/** Whether @p content looks like an encrypted private key (PEM or DER). */
bool key_is_encrypted(struct slice content);
/** A public key from SubjectPublicKeyInfo DER, any curve and size OpenSSL takes. */
struct key *key_from_spki(const struct context *context, struct slice spki, struct faults *faults);
/** Takes its own reference to @p pkey. */
struct key *key_from_pkey(EVP_PKEY *pkey, struct faults *faults);
void key_free(struct key *key);

enum key_algorithm key_algorithm_of(const struct key *key);
enum key_family key_family_of(const struct key *key);
/** That of a SubjectPublicKeyInfo, by its algorithm alone; KEY_FAMILY_OTHER also for what is malformed. */
enum key_family key_family_of_spki(struct slice spki);
/** Security-relevant size in bits: RSA modulus, EC field, else 0. */
int key_bits(const struct key *key);
bool key_is_private(const struct key *key);
/** Whether two keys have the same public part, however it was encoded. */
bool key_equal(const struct key *one, const struct key *other);
/** The EVP_PKEY, borrowed. For signers and bundles; nobody above x509/ calls it. */
EVP_PKEY *key_pkey(const struct key *key);

/** Append SubjectPublicKeyInfo DER. Points of the NIST curves are written uncompressed, however they were read. */
int key_spki(const struct key *key, struct bytes *der, struct faults *faults) MUST_USE;
/** SHA-256 of the SubjectPublicKeyInfo: the key's identity in ledger and pins. */
int key_spki_digest(const struct context *context, const struct key *key, struct digest *digest,
                    struct faults *faults) MUST_USE;
/** Append PKCS#8 DER (PrivateKeyInfo), unencrypted. */
int key_pkcs8(const struct key *key, struct bytes *der, struct faults *faults) MUST_USE;
/**
 * Append the DER that algorithms had before PKCS#8, unencrypted: RSAPrivateKey (RFC 8017 appendix A.1.2), or ECPrivateKey with its curve
 * named (RFC 5915 section 3). Keys of other families have none: -1 with a fault.
 */
int key_traditional(const struct key *key, struct bytes *der, struct faults *faults) MUST_USE;
/** Append "BEGIN PRIVATE KEY" PEM. */
int key_pkcs8_pem(const struct key *key, struct bytes *pem, struct faults *faults) MUST_USE;

/** How a passphrase becomes the key of the cipher that a private key's file is encrypted with. */
enum key_kdf {
    KEY_KDF_PBKDF2, /**< HMAC-SHA-256, KEY_PBKDF2_ROUNDS: everybody reads it */
    KEY_KDF_SCRYPT  /**< RFC 7914, takes memory as well: OpenSSL reads it, GnuTLS and Java do not */
};
#define KEY_PBKDF2_ROUNDS 600000
/** 16 MiB, five times over: OpenSSL opens no key file whose scrypt takes 32 MiB or more. */
#define KEY_SCRYPT_N 16384
#define KEY_SCRYPT_R 8
#define KEY_SCRYPT_P 5
/** "pbkdf2", "scrypt"; -1: neither. */
int key_kdf_parse(const char *text, enum key_kdf *kdf) MUST_USE;
const char *key_kdf_text(enum key_kdf kdf);
/** That of an encrypted private key (PEM or DER); KEY_KDF_PBKDF2 for whatever is not scrypt. */
enum key_kdf key_kdf_of(struct slice content);
/** Append "BEGIN ENCRYPTED PRIVATE KEY" PEM: PBES2, AES-256-CBC, @p kdf with the cost above and a salt of 16 octets. */
int key_pkcs8_encrypted_pem(const struct context *context, const struct key *key, enum key_kdf kdf,
                            const struct bytes *passphrase, struct bytes *pem, struct faults *faults)
    MUST_USE;

#endif
