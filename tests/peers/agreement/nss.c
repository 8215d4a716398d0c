/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NSS' opinion: CERT_PKIXVerifyCert with the case's anchors alone, and CERT_VerifyCertName; a CRL or OCSP response where the case has one.
 * NSS finds every certificate that is in memory and keeps what it has found out, so each case has a process of its own. Bundles are for
 * pk12util: agreement.py calls it.
 *
 * Usage: agreement_nss <questions
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cert.h>
#include <certdb.h>
#include <nss.h>
#include <nssb64.h>
#include <ocsp.h>
#include <pk11pub.h>
#include <prerror.h>
#include <secerr.h>
#include <secport.h>
#include <sslerr.h>

#include "question.h"

#define BLOCKS_MAX 16
#define BEGIN      "-----BEGIN "
#define DASHES     "-----"

/* The PEM blocks of @p path; *count of them, into @p items. */
static void read_pem(const char *path, SECItem *items[BLOCKS_MAX], size_t *count)
{
    char *text = question_file(path, NULL);
    char *at = text;

    *count = 0;
    while (*count < BLOCKS_MAX && (at = strstr(at, BEGIN)) != NULL) {
        char *start = strchr(at, '\n');
        char *end = start == NULL ? NULL : strstr(start, DASHES);

        if (end == NULL) {
            break;
        }
        items[*count] = NSSBase64_DecodeBuffer(NULL, NULL, start, (unsigned)(end - start));
        *count += items[*count] != NULL;
        at = end + strlen(DASHES);
    }
    free(text);
}

/* The certificates in a PEM file, as far as they can be read. */
static CERTCertList *read_certificates(const char *path, size_t *unread)
{
    CERTCertList *list = CERT_NewCertList();
    SECItem *items[BLOCKS_MAX];
    size_t count;

    read_pem(path, items, &count);
    *unread = 0;
    for (size_t i = 0; i < count; i++) {
        CERTCertificate *one =
            CERT_NewTempCertificate(CERT_GetDefaultCertDB(), items[i], NULL, PR_FALSE, PR_TRUE);

        if (one == NULL || CERT_AddCertToListTail(list, one) != SECSuccess) {
            *unread += 1;
        }
        SECITEM_FreeItem(items[i], PR_TRUE);
    }
    return list;
}

static const char *reason(void)
{
    PRErrorCode error = PORT_GetError();
    /* A name of libssl, which is not here to tell it. */
    const char *name =
        error == SSL_ERROR_BAD_CERT_DOMAIN ? "SSL_ERROR_BAD_CERT_DOMAIN" : PR_ErrorToName(error);

    return name != NULL ? name : "no reason given";
}

/* The leaf's revocation is to be known, from CRLs at hand alone. */
static void want_crl(const struct question *question, CERTRevocationFlags *flags)
{
    static PRUint64 leaf[2], above[2];
    SECItem *items[BLOCKS_MAX];
    size_t count;

    flags->leafTests.number_of_defined_methods = 2;
    flags->leafTests.cert_rev_flags_per_method = leaf;
    flags->chainTests.number_of_defined_methods = 2;
    flags->chainTests.cert_rev_flags_per_method = above;
    if (question->crl != NULL) {
        leaf[cert_revocation_method_crl] =
            CERT_REV_M_TEST_USING_THIS_METHOD | CERT_REV_M_FORBID_NETWORK_FETCHING |
            CERT_REV_M_REQUIRE_INFO_ON_MISSING_SOURCE | CERT_REV_M_FAIL_ON_MISSING_FRESH_INFO;
        read_pem(question->crl, items, &count);
        for (size_t i = 0; i < count; i++) {
            (void)CERT_CacheCRL(CERT_GetDefaultCertDB(), items[i]);
        }
    }
}

static SECStatus verify(const struct question *question, CERTCertificate *certificate, CERTCertList *anchors)
{
    SECCertificateUsage usage =
        strcmp(question->purpose, "server") == 0 ? certificateUsageSSLServer : certificateUsageSSLClient;
    CERTRevocationFlags flags = {0};
    CERTValOutParam out[] = {{.type = cert_po_end}};
    CERTValInParam in[] = {{.type = cert_pi_trustAnchors},
                           {.type = cert_pi_useOnlyTrustAnchors},
                           {.type = cert_pi_revocationFlags},
                           {.type = cert_pi_end}};

    want_crl(question, &flags);
    in[0].value.pointer.chain = anchors;
    in[1].value.scalar.b = PR_TRUE;
    in[2].value.pointer.revocation = &flags;
    return CERT_PKIXVerifyCert(certificate, usage, in, out, NULL);
}

/*
 * A response is believed only when its signer is trusted by the database, whatever the anchors of a call: one with the anchors in it, made
 * for the case.
 */
static SECStatus trust_in_database(const CERTCertList *anchors)
{
    PK11SlotInfo *slot = PK11_GetInternalKeySlot();
    CERTCertTrust trust = {CERTDB_VALID_CA | CERTDB_TRUSTED_CA, 0, 0};
    SECStatus status = slot != NULL && PK11_InitPin(slot, NULL, "") == SECSuccess ? SECSuccess : SECFailure;

    for (CERTCertListNode *node = CERT_LIST_HEAD(anchors);
         status == SECSuccess && !CERT_LIST_END(node, anchors); node = CERT_LIST_NEXT(node)) {
        status = PK11_ImportCert(slot, node->cert, CK_INVALID_HANDLE, "anchor", PR_FALSE);
        if (status == SECSuccess) {
            status = CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), node->cert, &trust);
        }
    }
    PK11_FreeSlot(slot);
    return status;
}

static SECStatus ask_ocsp(const struct question *question, CERTCertificate *certificate)
{
    SECItem response = {siBuffer, NULL, 0};
    SECStatus status;
    size_t length;

    response.data = (unsigned char *)question_file(question->ocsp, &length);
    response.len = (unsigned)length;
    status = CERT_CacheOCSPResponseFromSideChannel(CERT_GetDefaultCertDB(), certificate, PR_Now(), &response,
                                                   NULL);
    free(response.data);
    return status;
}

/* @p database: "sql:FOLDER", or NULL for none. */
static void judge(const struct question *question, const char *database)
{
    CERTCertList *chain, *anchors;
    CERTCertificate *leaf;
    size_t unread, ignored;

    if ((database == NULL ? NSS_NoDB_Init(NULL) : NSS_InitReadWrite(database)) != SECSuccess) {
        question_answer(question, "n/a", "NSS does not start: %s", reason());
        return;
    }
    chain = read_certificates(question->chain, &unread);
    anchors = read_certificates(question->anchors, &ignored);
    if (unread != 0 || CERT_LIST_EMPTY(chain)) {
        question_answer(question, "reject", "a certificate cannot be read: %s", reason());
        return;
    }
    leaf = CERT_LIST_HEAD(chain)->cert;
    if (database != NULL && trust_in_database(anchors) != SECSuccess) {
        question_answer(question, "n/a", "the anchors are not taken: %s", reason());
        return;
    }
    if (verify(question, leaf, anchors) != SECSuccess ||
        (question->host != NULL && CERT_VerifyCertName(leaf, question->host) != SECSuccess) ||
        (question->ocsp != NULL && ask_ocsp(question, leaf) != SECSuccess)) {
        question_answer(question, "reject", "%s", reason());
    } else {
        question_answer(question, "accept", "good");
    }
}

/* In a folder of its own where the case wants a database. */
static void judge_apart(const struct question *question)
{
    static const char *const files[] = {"cert9.db", "key4.db", "pkcs11.txt"};
    char folder[] = "agreement.XXXXXX";
    char path[64];

    if (question->ocsp == NULL) {
        judge(question, NULL);
        return;
    }
    if (mkdtemp(folder) == NULL) {
        question_answer(question, "n/a", "no folder for a database");
        return;
    }
    snprintf(path, sizeof(path), "sql:%s", folder);
    judge(question, path);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    struct question question;

    question_version("NSS", NSS_GetVersion());
    while (question_next(&question)) {
        pid_t child = fork();

        if (child == 0) {
            judge_apart(&question);
            _exit(0);
        }
        if (child < 0 || waitpid(child, NULL, 0) != child) {
            fputs("agreement_nss: a case has no process\n", stderr);
            return 1;
        }
    }
    return 0;
}
