/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GnuTLS' opinion: gnutls_x509_trust_list_verify_crt2 with purpose, host and the profile that its TLS has unless told otherwise (low), with a CRL or OCSP
 * response where the case has one; for bundles what servers load them with.
 *
 * Usage: agreement_gnutls <questions
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/gnutls.h>
#include <gnutls/ocsp.h>
#include <gnutls/x509.h>

#include "question.h"

#define CERTIFICATES_MAX 16

struct chain {
    gnutls_x509_crt_t certificates[CERTIFICATES_MAX];
    unsigned count;
};

static gnutls_datum_t whole(const char *path)
{
    gnutls_datum_t data;
    size_t length;

    data.data = (unsigned char *)question_file(path, &length);
    data.size = (unsigned)length;
    return data;
}

static int read_chain(const char *path, struct chain *chain)
{
    gnutls_datum_t data = whole(path);
    int status;

    chain->count = CERTIFICATES_MAX;
    status = gnutls_x509_crt_list_import(chain->certificates, &chain->count, &data, GNUTLS_X509_FMT_PEM, 0);
    free(data.data);
    if (status < 0) {
        chain->count = 0;
    }
    return status;
}

static void free_chain(struct chain *chain)
{
    for (unsigned i = 0; i < chain->count; i++) {
        gnutls_x509_crt_deinit(chain->certificates[i]);
    }
}

/* What the response says of the leaf, as one who was stapled it: NULL when it is good. */
static const char *ask_ocsp(const char *path, const struct chain *chain, gnutls_x509_trust_list_t trust)
{
    gnutls_datum_t data = whole(path);
    gnutls_ocsp_resp_t response;
    const char *problem = NULL;
    unsigned verdict = 0;
    unsigned status = GNUTLS_OCSP_CERT_UNKNOWN;
    time_t next = (time_t)-1;

    gnutls_ocsp_resp_init(&response);
    if (gnutls_ocsp_resp_import(response, &data) < 0) {
        problem = "OCSP response cannot be read";
    } else if (gnutls_ocsp_resp_check_crt(response, 0, chain->certificates[0]) < 0) {
        problem = "OCSP response is of another certificate";
    } else if (gnutls_ocsp_resp_verify(response, trust, &verdict, 0) < 0 || verdict != 0) {
        if (chain->count < 2 ||
            gnutls_ocsp_resp_verify_direct(response, chain->certificates[1], &verdict, 0) < 0 ||
            verdict != 0) {
            problem = "OCSP response is not by the authority";
        }
    }
    if (problem == NULL) {
        gnutls_ocsp_resp_get_single(response, 0, NULL, NULL, NULL, NULL, &status, NULL, &next, NULL, NULL);
        if (status != GNUTLS_OCSP_CERT_GOOD) {
            problem = status == GNUTLS_OCSP_CERT_REVOKED ? "revoked" : "unknown";
        } else if (next != (time_t)-1 && next < time(NULL)) {
            problem = "OCSP response is out of date";
        }
    }
    gnutls_ocsp_resp_deinit(response);
    free(data.data);
    return problem;
}

static void judge_chain(const struct question *question, struct chain *chain, gnutls_x509_trust_list_t trust)
{
    gnutls_typed_vdata_st wanted[2];
    const char *purpose =
        strcmp(question->purpose, "server") == 0 ? GNUTLS_KP_TLS_WWW_SERVER : GNUTLS_KP_TLS_WWW_CLIENT;
    unsigned flags = GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_LOW);
    const char *problem = NULL;
    gnutls_datum_t words = {NULL, 0};
    unsigned verdict = 0;
    unsigned count = 1;
    int status;

    wanted[0] = (gnutls_typed_vdata_st){GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)purpose, 0};
    if (question->host != NULL) {
        wanted[count++] = (gnutls_typed_vdata_st){GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)question->host, 0};
    }
    status = gnutls_x509_trust_list_verify_crt2(trust, chain->certificates, chain->count, wanted, count,
                                                flags, &verdict, NULL);
    if (status < 0) {
        question_answer(question, "reject", "%s", gnutls_strerror(status));
        return;
    }
    if (verdict == 0 && question->ocsp != NULL) {
        problem = ask_ocsp(question->ocsp, chain, trust);
    }
    gnutls_certificate_verification_status_print(verdict, GNUTLS_CRT_X509, &words, 0);
    question_answer(question, verdict == 0 && problem == NULL ? "accept" : "reject", "%s",
                    problem != NULL ? problem : (const char *)words.data);
    gnutls_free(words.data);
}

static void judge(const struct question *question)
{
    gnutls_x509_trust_list_t trust;
    struct chain chain;
    int status = read_chain(question->chain, &chain);

    if (status < 0) {
        question_answer(question, "reject", "a certificate cannot be read: %s", gnutls_strerror(status));
        return;
    }
    gnutls_x509_trust_list_init(&trust, 0);
    if (gnutls_x509_trust_list_add_trust_file(trust, question->anchors, question->crl, GNUTLS_X509_FMT_PEM, 0,
                                              0) < 1) {
        question_answer(question, "reject", "an anchor or CRL cannot be read");
    } else {
        judge_chain(question, &chain, trust);
    }
    gnutls_x509_trust_list_deinit(trust, 1);
    free_chain(&chain);
}

static void open_p12(const struct question *question)
{
    gnutls_certificate_credentials_t credentials;
    char *passphrase = question_line(question->passphrase);
    int status;

    gnutls_certificate_allocate_credentials(&credentials);
    status = gnutls_certificate_set_x509_simple_pkcs12_file(credentials, question->p12, GNUTLS_X509_FMT_DER,
                                                            passphrase);
    question_answer(question, status < 0 ? "reject" : "accept", "%s",
                    status < 0 ? gnutls_strerror(status) : "key and certificate");
    gnutls_certificate_free_credentials(credentials);
    free(passphrase);
}

int main(void)
{
    struct question question;

    gnutls_global_init();
    question_version("GnuTLS", gnutls_check_version(NULL));
    while (question_next(&question)) {
        if (strcmp(question.check, "p12") == 0) {
            open_p12(&question);
        } else {
            judge(&question);
        }
    }
    gnutls_global_deinit();
    return 0;
}
