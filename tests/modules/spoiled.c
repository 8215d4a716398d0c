/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL on a bad day, to be preloaded: SPOIL_CONTENT names a cipher, and a bit of all that is encrypted with it is wrong, if it is as long as a
 * certificate; SPOIL_MAC is the number of the call that gives a wrong MAC, from 1. So what checks a P12 after it was made can be seen to find it.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#define CONTENT_LEAST 300

int EVP_CipherUpdate(EVP_CIPHER_CTX *context, unsigned char *output, int *length, const unsigned char *input,
                     int input_length)
{
    int (*update)(EVP_CIPHER_CTX *, unsigned char *, int *, const unsigned char *, int) = NULL;
    const char *name = getenv("SPOIL_CONTENT");
    int done;

    *(void **)&update = dlsym(RTLD_NEXT, "EVP_CipherUpdate");
    done = update(context, output, length, input, input_length);
    if (name != NULL && done == 1 && EVP_CIPHER_CTX_is_encrypting(context) && input_length >= CONTENT_LEAST &&
        strcmp(EVP_CIPHER_get0_name(EVP_CIPHER_CTX_get0_cipher(context)), name) == 0) {
        output[*length / 2] ^= 0x10;
    }
    return done;
}

unsigned char *EVP_Q_mac(OSSL_LIB_CTX *libctx, const char *name, const char *propq, const char *subalg,
                         const OSSL_PARAM *params, const void *key, size_t key_length,
                         const unsigned char *data, size_t data_length, unsigned char *out, size_t out_size,
                         size_t *out_length)
{
    static atomic_int calls;
    unsigned char *(*mac)(OSSL_LIB_CTX *, const char *, const char *, const char *, const OSSL_PARAM *,
                          const void *, size_t, const unsigned char *, size_t, unsigned char *, size_t,
                          size_t *) = NULL;
    const char *number = getenv("SPOIL_MAC");
    unsigned char *made;

    *(void **)&mac = dlsym(RTLD_NEXT, "EVP_Q_mac");
    made = mac(libctx, name, propq, subalg, params, key, key_length, data, data_length, out, out_size,
               out_length);
    if (number != NULL && made != NULL && atomic_fetch_add(&calls, 1) + 1 == strtol(number, NULL, 10)) {
        made[0] ^= 1;
    }
    return made;
}
