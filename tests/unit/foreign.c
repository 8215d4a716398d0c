/* SPDX-License-Identifier: Apache-2.0 */
/* Identities made by OpenSSL alone. */
#include "foreign.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

struct context *foreign_context(void)
{
    struct context *context = context_new(NULL);

    cr_assert_not_null(context);
    context_set_time(context, FOREIGN_NOW);
    return context;
}

static struct key *make_key(const struct recipe *recipe)
{
    const char *word = recipe->key == NULL ? "ec-p256" : recipe->key;
    struct faults *faults = faults_new();
    struct key *key = NULL;
    EVP_PKEY *pkey;

    cr_assert_not_null(faults);
    if (recipe->same_key != NULL) {
        pkey = key_pkey(recipe->same_key->key);
        cr_assert_eq(EVP_PKEY_up_ref(pkey), 1);
    } else if (strncmp(word, "rsa-", 4) == 0) {
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)strtoul(word + 4, NULL, 10));
    } else if (strncmp(word, "ec-p", 4) == 0 && strspn(word + 4, "0123456789") == 3) {
        char curve[16];

        snprintf(curve, sizeof(curve), "P-%s", word + 4);
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
    } else if (strncmp(word, "ec-", 3) == 0) {
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", word + 3);
    } else {
        pkey = EVP_PKEY_Q_keygen(NULL, NULL, word);
    }
    cr_assert_not_null(pkey, "no key %s", word);
    key = key_from_pkey(pkey, faults);
    EVP_PKEY_free(pkey);
    cr_assert_not_null(key);
    faults_free(faults);
    return key;
}

static void add_extensions(X509 *x509, X509 *issuer, const char *list)
{
    char *copy = strdup(list);
    char *rest = copy;
    X509V3_CTX state;

    cr_assert_not_null(copy);
    X509V3_set_ctx(&state, issuer, x509, NULL, NULL, 0);
    while (rest != NULL && *rest != '\0') {
        char *next = strstr(rest, "; ");
        char *value = strchr(rest, '=');
        X509_EXTENSION *extension;

        cr_assert_not_null(value);
        if (next != NULL) {
            *next = '\0';
            next += 2;
        }
        *value = '\0';
        extension = X509V3_EXT_nconf(NULL, &state, rest, value + 1);
        cr_assert_not_null(extension, "extension %s", rest);
        cr_assert_eq(X509_add_ext(x509, extension, -1), 1);
        X509_EXTENSION_free(extension);
        rest = next;
    }
    free(copy);
}

struct foreign *foreign_make(const struct recipe *recipe)
{
    struct foreign *foreign = calloc(1, sizeof(*foreign));
    static long serial = 1000;
    bool dated = recipe->from != 0 || recipe->until != 0;
    X509_NAME *name = X509_NAME_new();
    const EVP_MD *digest = NULL;
    unsigned char *der = NULL;
    X509 *issuer;
    EVP_PKEY *signer;
    int length;

    cr_assert_not_null(foreign);
    foreign->key = make_key(recipe);
    foreign->x509 = X509_new();
    issuer = recipe->issuer == NULL ? foreign->x509 : recipe->issuer->x509;
    signer = key_pkey(recipe->issuer == NULL ? foreign->key : recipe->issuer->key);
    if (recipe->name != NULL) {
        cr_assert_eq(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                                (const unsigned char *)recipe->name, -1, -1, 0),
                     1);
    }
    cr_assert_eq(X509_set_version(foreign->x509, recipe->version == 0 ? X509_VERSION_3 : recipe->version - 1),
                 1);
    cr_assert_eq(ASN1_INTEGER_set(X509_get_serialNumber(foreign->x509),
                                  recipe->serial != 0 ? recipe->serial : ++serial),
                 1);
    cr_assert_eq(X509_set_subject_name(foreign->x509, name), 1);
    cr_assert_eq(X509_set_issuer_name(foreign->x509, X509_get_subject_name(issuer)), 1);
    cr_assert_not_null(
        ASN1_TIME_adj(X509_getm_notBefore(foreign->x509), FOREIGN_NOW, (int)(dated ? recipe->from : -1), 0));
    cr_assert_not_null(
        ASN1_TIME_adj(X509_getm_notAfter(foreign->x509), FOREIGN_NOW, (int)(dated ? recipe->until : 90), 0));
    cr_assert_eq(X509_set_pubkey(foreign->x509, key_pkey(foreign->key)), 1);
    if (recipe->extensions != NULL) {
        add_extensions(foreign->x509, issuer, recipe->extensions);
    }
    if (EVP_PKEY_is_a(signer, "ED25519") != 1 && EVP_PKEY_is_a(signer, "ED448") != 1) {
        digest = EVP_get_digestbyname(recipe->digest == NULL ? "SHA256" : recipe->digest);
        cr_assert_not_null(digest);
    }
    cr_assert_gt(X509_sign(foreign->x509, signer, digest), 0);
    length = i2d_X509(foreign->x509, &der);
    cr_assert_gt(length, 0);
    cr_assert_eq(bytes_append(&foreign->der, der, (size_t)length), 0);
    OPENSSL_free(der);
    X509_NAME_free(name);
    return foreign;
}

void foreign_free(struct foreign *foreign)
{
    if (foreign != NULL) {
        key_free(foreign->key);
        X509_free(foreign->x509);
        bytes_free(&foreign->der);
        free(foreign);
    }
}

struct slice foreign_der(const struct foreign *foreign)
{
    return slice_of(&foreign->der);
}
