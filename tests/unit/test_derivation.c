/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS #12's derivation is the one that OpenSSL computes, for every hash, purpose and length. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "x509/derivation.h"

static void by_openssl(const struct derivation *derivation, const struct bytes *bmp, int purpose,
                       unsigned char *key, size_t length)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "PKCS12KDF", NULL);
    EVP_KDF_CTX *state = EVP_KDF_CTX_new(kdf);
    uint64_t iterations = (uint64_t)derivation->iterations;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)derivation->digest->evp, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, bmp->data, bmp->length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)derivation->salt.data,
                                          derivation->salt.length),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_ITER, &iterations),
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS12_ID, &purpose),
        OSSL_PARAM_construct_end(),
    };

    cr_assert_eq(EVP_KDF_derive(state, key, length, parameters), 1);
    EVP_KDF_CTX_free(state);
    EVP_KDF_free(kdf);
}

static void compare(const struct context *context, const struct derivation *derivation,
                    const struct passphrase_forms *forms)
{
    static const size_t lengths[] = {1, 8, 20, 24, 32, 64, 65, 200};

    for (int purpose = 1; purpose <= 3; purpose++) {
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            unsigned char ours[200];
            unsigned char theirs[200];

            cr_assert_eq(derivation_pkcs12(context, derivation, forms, (enum derivation_purpose)purpose, ours,
                                           lengths[i]),
                         0);
            by_openssl(derivation, &forms->bmp, purpose, theirs, lengths[i]);
            cr_assert_arr_eq(ours, theirs, lengths[i], "%s, purpose %d, %zu octets", derivation->digest->name,
                             purpose, lengths[i]);
        }
    }
}

Test(derivation, pkcs12_is_openssls)
{
    static const char *const digests[] = {"SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"};
    static const char *const passphrases[] = {
        "", "a", "secret of the test",
        "longer than a block of SHA-1 has octets, once each letter has taken two of them: \xc3\xa4"};
    static const size_t salts[] = {1, 8, 20, 64, 100, 256};
    struct context *context = context_new(NULL);
    unsigned char salt[256];

    memset(salt, 0xf7, sizeof(salt)); /* so that adding carries */
    for (size_t d = 0; d < 5; d++) {
        for (size_t p = 0; p < 4; p++) {
            struct passphrase_forms forms = {BYTES_EMPTY, BYTES_EMPTY};

            cr_assert_eq(passphrase_forms_set(&forms, slice_of_text(passphrases[p])), 0);
            for (size_t s = 0; s < 6; s++) {
                struct derivation derivation = {.digest = derivation_digest_by_name(digests[d]),
                                                .salt = {salt, salts[s]},
                                                .iterations = (long)(1 + s)};

                compare(context, &derivation, &forms);
            }
            passphrase_forms_free(&forms);
        }
    }
    context_free(context);
}
