/* SPDX-License-Identifier: Apache-2.0 */
/* x509/signer: signatures OpenSSL accepts, again and again, and the wall through which any other signer comes in. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/fault.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/signer.h"

static struct context *context;
static struct faults *faults;

static void set_up(void)
{
    context = context_new(NULL);
    faults = faults_new();
}

static void tear_down(void)
{
    context_free(context);
    faults_free(faults);
}

TestSuite(signer, .init = set_up, .fini = tear_down);

static struct key *make(enum key_algorithm algorithm)
{
    struct key_maker *maker = key_maker_new(context, algorithm, faults);
    struct key *key = key_maker_make(maker, faults);

    cr_assert_not_null(key);
    key_maker_free(maker);
    return key;
}

/* Whether OpenSSL takes @p signature for one over @p message, with the hash that @p digest names (NULL: none). */
static bool verifies(const struct key *key, const char *digest, struct slice message,
                     const struct bytes *signature)
{
    EVP_MD_CTX *verification = EVP_MD_CTX_new();
    bool valid;

    cr_assert_eq(EVP_DigestVerifyInit_ex(verification, NULL, digest, NULL, NULL, key_pkey(key), NULL), 1);
    valid =
        EVP_DigestVerify(verification, signature->data, signature->length, message.data, message.length) == 1;
    EVP_MD_CTX_free(verification);
    return valid;
}

static const struct kind {
    enum key_algorithm algorithm;
    const char *digest;
    int identifier; /* NID of the signature algorithm */
    bool null;      /* its parameters are NULL rather than absent */
} kinds[] = {
    {KEY_RSA_2048, "SHA256", NID_sha256WithRSAEncryption, true},
    {KEY_RSA_3072, "SHA256", NID_sha256WithRSAEncryption, true},
    {KEY_EC_P256, "SHA256", NID_ecdsa_with_SHA256, false},
    {KEY_EC_P384, "SHA384", NID_ecdsa_with_SHA384, false},
    {KEY_EC_P521, "SHA512", NID_ecdsa_with_SHA512, false},
    {KEY_ED25519, NULL, NID_ED25519, false},
    {KEY_ED448, NULL, NID_ED448, false},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void identifier_is(struct slice der, const struct kind *kind)
{
    const unsigned char *at = der.data;
    X509_ALGOR *algorithm = d2i_X509_ALGOR(NULL, &at, (long)der.length);
    const ASN1_OBJECT *type;
    int parameters;

    cr_assert_not_null(algorithm);
    cr_assert_eq(at, der.data + der.length);
    X509_ALGOR_get0(&type, &parameters, NULL, algorithm);
    cr_assert_eq(OBJ_obj2nid(type), kind->identifier, "%s", key_algorithm_text(kind->algorithm));
    cr_assert_eq(parameters, kind->null ? V_ASN1_NULL : V_ASN1_UNDEF, "%s",
                 key_algorithm_text(kind->algorithm));
    X509_ALGOR_free(algorithm);
}

Test(signer, each_kind_again_and_again)
{
    for (size_t i = 0; i < KINDS; i++) {
        struct key *key = make(kinds[i].algorithm);
        struct signer *signer = signer_from_key(context, key, faults);

        cr_assert_not_null(signer, "%s", faults_text(faults, 0));
        identifier_is(signer_algorithm(signer), &kinds[i]);
        for (size_t length = 0; length < 300; length += 37) {
            unsigned char message[300];
            struct slice tbs = {message, length};
            struct bytes signature = BYTES_EMPTY;

            memset(message, (int)length, sizeof(message));
            cr_assert_eq(signer_sign(signer, tbs, &signature, faults), 0);
            cr_assert(verifies(key, kinds[i].digest, tbs, &signature), "%s, %zu octets",
                      key_algorithm_text(kinds[i].algorithm), length);
            message[0] ^= 1;
            tbs.length = length == 0 ? 1 : length;
            cr_assert(!verifies(key, kinds[i].digest, tbs, &signature));
            bytes_free(&signature);
        }
        signer_free(signer);
        key_free(key);
    }
}

Test(signer, spki_is_the_keys)
{
    struct key *key = make(KEY_EC_P384);
    struct signer *signer = signer_from_key(context, key, faults);
    struct bytes spki = BYTES_EMPTY;

    cr_assert_eq(key_spki(key, &spki, faults), 0);
    cr_assert(slice_equal(signer_spki(signer), slice_of(&spki)));
    bytes_free(&spki);
    signer_free(signer);
    key_free(key);
}

Test(signer, signatures_are_appended)
{
    struct key *key = make(KEY_ED25519);
    struct signer *signer = signer_from_key(context, key, faults);
    struct bytes out = BYTES_EMPTY;

    cr_assert_eq(bytes_append_text(&out, "before"), 0);
    cr_assert_eq(signer_sign(signer, slice_of_text("m"), &out, faults), 0);
    cr_assert_eq(out.length, 6 + 64);
    cr_assert_arr_eq(out.data, "before", 6);
    bytes_free(&out);
    signer_free(signer);
    key_free(key);
}

/* The key and the first signer may go; their duplicates sign on. */
Test(signer, duplicates_stand_alone)
{
    for (size_t i = 0; i < KINDS; i++) {
        struct key *key = make(kinds[i].algorithm);
        struct key *copy = key_from_pkey(key_pkey(key), faults);
        struct signer *signer = signer_from_key(context, key, faults);
        struct signer *duplicate = signer_duplicate(signer, faults);
        struct bytes signature = BYTES_EMPTY;

        cr_assert_not_null(duplicate);
        cr_assert(slice_equal(signer_algorithm(signer), signer_algorithm(duplicate)));
        cr_assert(slice_equal(signer_spki(signer), signer_spki(duplicate)));
        signer_free(signer);
        key_free(key);
        cr_assert_eq(signer_sign(duplicate, slice_of_text("message"), &signature, faults), 0);
        cr_assert(verifies(copy, kinds[i].digest, slice_of_text("message"), &signature));
        bytes_free(&signature);
        signer_free(duplicate);
        key_free(copy);
    }
}

/* The hash grows with a foreign curve. */
Test(signer, foreign_curves)
{
    static const struct {
        const char *curve;
        const char *digest;
        int identifier;
    } curves[] = {
        {"secp256k1", "SHA256", NID_ecdsa_with_SHA256},
        {"secp224r1", "SHA256", NID_ecdsa_with_SHA256},
        {"brainpoolP320r1", "SHA384", NID_ecdsa_with_SHA384},
        {"brainpoolP512r1", "SHA512", NID_ecdsa_with_SHA512},
    };

    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curves[i].curve);
        struct key *key = key_from_pkey(pkey, faults);
        struct signer *signer = signer_from_key(context, key, faults);
        struct kind kind = {KEY_FOREIGN, curves[i].digest, curves[i].identifier, false};
        struct bytes signature = BYTES_EMPTY;

        cr_assert_not_null(signer, "%s", curves[i].curve);
        identifier_is(signer_algorithm(signer), &kind);
        cr_assert_eq(signer_sign(signer, slice_of_text("m"), &signature, faults), 0);
        cr_assert(verifies(key, curves[i].digest, slice_of_text("m"), &signature), "%s", curves[i].curve);
        bytes_free(&signature);
        signer_free(signer);
        key_free(key);
        EVP_PKEY_free(pkey);
    }
}

Test(signer, keys_that_cannot_sign)
{
    EVP_PKEY *agreement = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    struct key *foreign = key_from_pkey(agreement, faults);
    struct key *key = make(KEY_EC_P256);
    struct bytes spki = BYTES_EMPTY;
    struct key *public;

    cr_assert_eq(key_spki(key, &spki, faults), 0);
    public = key_from_spki(context, slice_of(&spki), faults);
    cr_assert_null(signer_from_key(context, public, faults));
    cr_assert_not_null(strstr(faults_text(faults, 0), "a public key alone cannot sign"));
    cr_assert_null(signer_from_key(context, foreign, faults));
    cr_assert_not_null(strstr(faults_text(faults, 1), "do not sign certificates"));
    cr_assert_eq(faults_count(faults), 2);
    bytes_free(&spki);
    key_free(public);
    key_free(key);
    key_free(foreign);
    EVP_PKEY_free(agreement);
}

/* ---- a signer from elsewhere ------------------------------------------------------------------------------------- */

/* Signs with "signed:" and the message; counts what it is asked. */
struct counter {
    int signatures, duplicates, releases;
    bool fails;
};

static int counter_sign(void *state, struct slice tbs, struct bytes *signature, struct faults *told)
{
    struct counter *counter = state;

    counter->signatures += 1;
    if (counter->fails) {
        fault_error(told, NULL, NULL, NULL, "the token is out");
        return -1;
    }
    return bytes_append_text(signature, "signed:") != 0 ? -1 : bytes_append(signature, tbs.data, tbs.length);
}

static void *counter_duplicate(void *state, struct faults *told)
{
    struct counter *counter = state;

    if (counter->fails) {
        fault_error(told, NULL, NULL, NULL, "no second session");
        return NULL;
    }
    counter->duplicates += 1;
    return counter;
}

static void counter_release(void *state)
{
    struct counter *counter = state;

    counter->releases += 1;
}

static const struct signer_methods counter_methods = {counter_sign, counter_duplicate, counter_release};

Test(signer, methods_are_called_and_nothing_else)
{
    struct counter counter = {0, 0, 0, false};
    struct signer *signer = signer_new(&counter_methods, &counter, slice_of_text("\x30\x03\x06\x01\x2a"),
                                       slice_of_text("\x30\x02\x05"), faults);
    struct signer *duplicate = signer_duplicate(signer, faults);
    struct bytes der = BYTES_EMPTY;

    cr_assert(slice_equal(signer_algorithm(signer), slice_of_text("\x30\x03\x06\x01\x2a")));
    cr_assert(slice_equal(signer_spki(duplicate), slice_of_text("\x30\x02\x05")));
    for (int i = 0; i < 3; i++) {
        bytes_clear(&der);
        cr_assert_eq(
            signer_assemble(i == 1 ? duplicate : signer, slice_of_text("\x30\x01\x78"), &der, faults), 0);
        cr_assert(slice_equal(slice_of(&der),
                              (struct slice){(const unsigned char *)"\x30\x15\x30\x01\x78\x30\x03\x06\x01"
                                                                    "\x2a\x03\x0b\x00signed:\x30\x01\x78",
                                             23}));
    }
    signer_free(signer);
    signer_free(duplicate);
    bytes_free(&der);
    cr_assert_eq(counter.signatures, 3);
    cr_assert_eq(counter.duplicates, 1);
    cr_assert_eq(counter.releases, 2);
}

Test(signer, failures_come_through)
{
    struct counter counter = {0, 0, 0, true};
    struct signer *signer =
        signer_new(&counter_methods, &counter, slice_of_text("\x30"), slice_of_text("\x30"), faults);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(signer_assemble(signer, slice_of_text("tbs"), &der, faults), -1);
    cr_assert_eq(der.length, 0);
    cr_assert_str_eq(faults_text(faults, 0), "the token is out");
    cr_assert_null(signer_duplicate(signer, faults));
    cr_assert_str_eq(faults_text(faults, 1), "no second session");
    signer_free(signer);
    cr_assert_eq(counter.releases, 1);
}
