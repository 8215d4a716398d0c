/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict.
 */
#include "nss/judgement.h"

#include <string.h>

#include <secerr.h>

/* Most intermediates that are looked at. */
#define CHAIN_MAX 32

static CERTCertificate *lend(struct slice der)
{
    SECItem item = nss_item_of(der);

    return CERT_NewTempCertificate(CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
}

/** Put what went wrong on the path into words: "depth 1: ...". */
static int describe(const CERTVerifyLog *log, struct bytes *reason)
{
    const struct CERTVerifyLogNodeStr *node = log->head;
    int result = 0;

    if (node == NULL) {
        return nss_error_describe(PR_GetError(), reason);
    }
    for (; node != NULL && result == 0; node = node->next) {
        result = bytes_append_text(reason, reason->length > 0 ? "; " : "");
        if (result == 0 && node->depth > 0) {
            result = bytes_printf(reason, "%u above it: ", node->depth);
        }
        if (result == 0) {
            result = nss_error_describe((PRErrorCode)node->error, reason);
        }
    }
    return result;
}

static int verify(CERTCertificate *certificate, const struct store_question *question, instant now,
                  struct store_verdict *verdict)
{
    SECCertificateUsage usage =
        question->policy == SCOPE_CLIENT ? certificateUsageSSLClient : certificateUsageSSLServer;
    SECCertificateUsage returned = 0;
    CERTVerifyLog log = {.arena = PORT_NewArena(DER_DEFAULT_CHUNKSIZE)};
    SECStatus status;
    int result = 0;

    if (log.arena == NULL) {
        return -1;
    }
    status = CERT_VerifyCertificate(CERT_GetDefaultCertDB(), certificate, PR_TRUE, usage,
                                    (PRTime)now * PR_USEC_PER_SEC, NULL, &log, &returned);
    verdict->good = status == SECSuccess && log.count == 0;
    if (!verdict->good) {
        result = describe(&log, &verdict->reason);
    } else if (question->host != NULL && CERT_VerifyCertName(certificate, question->host) != SECSuccess) {
        verdict->good = false;
        result = bytes_printf(&verdict->reason, "it is not for the host \"%s\"", question->host);
    }
    for (struct CERTVerifyLogNodeStr *node = log.head; node != NULL; node = node->next) {
        if (node->cert != NULL) {
            CERT_DestroyCertificate(node->cert);
        }
    }
    PORT_FreeArena(log.arena, PR_FALSE);
    return result;
}

int nss_judge(struct nss_database *database, const struct store_question *question, instant now,
              struct store_verdict *verdict, struct faults *faults)
{
    CERTCertificate *chain[CHAIN_MAX] = {NULL};
    CERTCertificate *certificate = NULL;
    int result = -1;

    if (!database->open) {
        verdict->good = false;
        if (bytes_append_text(&verdict->reason, "the database is not there, so nobody is trusted") != 0) {
            fault_memory(faults);
            return -1;
        }
        return 1;
    }
    for (size_t i = 0; i < question->chain_count && i < CHAIN_MAX; i++) {
        chain[i] = lend(question->chain[i]);
    }
    certificate = lend(question->certificate);
    if (certificate == NULL) {
        nss_complain(database, faults, NULL, "NSS cannot read the certificate");
        goto done;
    }
    if (verify(certificate, question, now, verdict) != 0) {
        fault_memory(faults);
        goto done;
    }
    result = 1;

done:
    if (certificate != NULL) {
        CERT_DestroyCertificate(certificate);
    }
    for (size_t i = 0; i < CHAIN_MAX; i++) {
        if (chain[i] != NULL) {
            CERT_DestroyCertificate(chain[i]);
        }
    }
    return result;
}
