/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL's opinion: X509_verify_cert as its TLS calls it - purpose, host, security level -, with a CRL or OCSP response where the case
 * has one; PKCS12_parse for bundles. Its words begin with the error's number.
 *
 * Usage: agreement_openssl [legacy] <questions; with legacy, the legacy provider is there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509_vfy.h>

#include "question.h"

static const char *last_error(void)
{
    const char *text = ERR_reason_error_string(ERR_peek_last_error());

    return text != NULL ? text : "no reason given";
}

/* The certificates in a PEM file; NULL when one of them cannot be read. */
static STACK_OF(X509) * read_certificates(const char *path)
{
    STACK_OF(X509) *list = sk_X509_new_null();
    BIO *file = BIO_new_file(path, "r");
    X509 *one;

    ERR_clear_error();
    while ((one = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        sk_X509_push(list, one);
    }
    BIO_free(file);
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE || sk_X509_num(list) == 0) {
        sk_X509_pop_free(list, X509_free);
        return NULL;
    }
    ERR_clear_error();
    return list;
}

static void add_crl(X509_STORE *store, X509_VERIFY_PARAM *parameters, const char *path)
{
    BIO *file = BIO_new_file(path, "r");
    X509_CRL *crl = PEM_read_bio_X509_CRL(file, NULL, NULL, NULL);

    if (crl != NULL) {
        X509_STORE_add_crl(store, crl);
    }
    X509_CRL_free(crl);
    BIO_free(file);
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK);
}

/* What the response says of the leaf of @p chain, as one who was stapled it: NULL when it is good. */
static const char *ask_ocsp(const char *path, STACK_OF(X509) * chain, X509_STORE *store)
{
    BIO *file = BIO_new_file(path, "rb");
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE_bio(file, NULL);
    OCSP_BASICRESP *basic = response == NULL ? NULL : OCSP_response_get1_basic(response);
    OCSP_CERTID *id = sk_X509_num(chain) < 2
                          ? NULL
                          : OCSP_cert_to_id(NULL, sk_X509_value(chain, 0), sk_X509_value(chain, 1));
    ASN1_GENERALIZEDTIME *this_update = NULL;
    ASN1_GENERALIZEDTIME *next_update = NULL;
    const char *problem = NULL;
    int status = -1;

    if (basic == NULL || id == NULL) {
        problem = "OCSP response cannot be read";
    } else if (OCSP_basic_verify(basic, chain, store, 0) != 1) {
        problem = "OCSP response is not by the authority";
    } else if (OCSP_resp_find_status(basic, id, &status, NULL, NULL, &this_update, &next_update) != 1) {
        problem = "OCSP response is of another certificate";
    } else if (OCSP_check_validity(this_update, next_update, 300, -1) != 1) {
        problem = "OCSP response is out of date";
    } else if (status != V_OCSP_CERTSTATUS_GOOD) {
        problem = OCSP_cert_status_str(status);
    }
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    BIO_free(file);
    return problem;
}

static void configure(const struct question *question, X509_STORE_CTX *state, X509_STORE *store)
{
    X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(state);

    X509_STORE_CTX_set_default(state, strcmp(question->purpose, "server") == 0 ? "ssl_server" : "ssl_client");
    X509_VERIFY_PARAM_set_auth_level(parameters, (int)strtol(question->level, NULL, 10));
    if (question->host != NULL && X509_VERIFY_PARAM_set1_ip_asc(parameters, question->host) != 1) {
        X509_VERIFY_PARAM_set1_host(parameters, question->host, 0);
    }
    ERR_clear_error();
    if (question->crl != NULL) {
        add_crl(store, parameters, question->crl);
    }
}

static void judge(const struct question *question)
{
    STACK_OF(X509) *chain = read_certificates(question->chain);
    STACK_OF(X509) *anchors = read_certificates(question->anchors);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *state = X509_STORE_CTX_new();
    const char *revoked = NULL;
    int error;

    for (int i = 0; anchors != NULL && i < sk_X509_num(anchors); i++) {
        X509_STORE_add_cert(store, sk_X509_value(anchors, i));
    }
    if (chain == NULL) {
        question_answer(question, "reject", "0 a certificate cannot be read: %s", last_error());
        goto out;
    }
    X509_STORE_CTX_init(state, store, sk_X509_value(chain, 0), chain);
    configure(question, state, store);
    (void)X509_verify_cert(state);
    error = X509_STORE_CTX_get_error(state);
    if (error == X509_V_OK && question->ocsp != NULL) {
        revoked = ask_ocsp(question->ocsp, X509_STORE_CTX_get0_chain(state), store);
        error = revoked != NULL ? X509_V_ERR_CERT_REVOKED : X509_V_OK;
    }
    question_answer(question, error == X509_V_OK ? "accept" : "reject", "%d %s", error,
                    revoked != NULL ? revoked : X509_verify_cert_error_string(error));
out:
    X509_STORE_CTX_free(state);
    X509_STORE_free(store);
    sk_X509_pop_free(anchors, X509_free);
    sk_X509_pop_free(chain, X509_free);
}

/* A bundle is taken when it gives a key and the certificate that goes with it. */
static void open_p12(const struct question *question)
{
    char *passphrase = question_line(question->passphrase);
    BIO *file = BIO_new_file(question->p12, "rb");
    PKCS12 *p12 = d2i_PKCS12_bio(file, NULL);
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;

    ERR_clear_error();
    if (p12 == NULL || PKCS12_parse(p12, passphrase, &key, &certificate, NULL) != 1) {
        question_answer(question, "reject", "0 %s", last_error());
    } else if (key == NULL || certificate == NULL) {
        question_answer(question, "reject", "0 no certificate goes with its key");
    } else {
        question_answer(question, "accept", "0 key and certificate");
    }
    EVP_PKEY_free(key);
    X509_free(certificate);
    PKCS12_free(p12);
    BIO_free(file);
    free(passphrase);
}

int main(int count, char **words)
{
    OSSL_PROVIDER *legacy = NULL;
    OSSL_PROVIDER *standard = NULL;
    struct question question;

    if (count > 1 && strcmp(words[1], "legacy") == 0) {
        standard = OSSL_PROVIDER_load(NULL, "default");
        legacy = OSSL_PROVIDER_load(NULL, "legacy");
        if (standard == NULL || legacy == NULL) {
            fputs("agreement_openssl: there is no legacy provider\n", stderr);
            return 1;
        }
    }
    question_version("OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING));
    while (question_next(&question)) {
        if (strcmp(question.check, "p12") == 0) {
            open_p12(&question);
        } else {
            judge(&question);
        }
    }
    OSSL_PROVIDER_unload(legacy);
    OSSL_PROVIDER_unload(standard);
    return 0;
}
