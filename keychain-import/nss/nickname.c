/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of nicknames.
 */
#include "nss/nickname.h"

#include <certdb.h>

bool nss_nickname_taken(const char *nickname, const SECItem *subject)
{
    return SEC_CertNicknameConflict(nickname, subject, CERT_GetDefaultCertDB());
}

/** Append what the database calls other certificates of this subject; 0 with nothing appended: there is none. */
static int adopt(const CERTCertificate *certificate, struct bytes *nickname)
{
    CERTCertList *list =
        CERT_CreateSubjectCertList(NULL, CERT_GetDefaultCertDB(), &certificate->derSubject, 0, PR_FALSE);
    int result = 0;

    if (list == NULL) {
        return 0;
    }
    for (CERTCertListNode *node = CERT_LIST_HEAD(list); !CERT_LIST_END(node, list);
         node = CERT_LIST_NEXT(node)) {
        if (node->cert->nickname != NULL && *node->cert->nickname != '\0') {
            result = bytes_append_text(nickname, node->cert->nickname);
            break;
        }
    }
    CERT_DestroyCertList(list);
    return result;
}

/** Append the subject's common name, or organisation, or "certificate". */
static int subject_word(const CERTCertificate *certificate, struct bytes *word)
{
    char *text = CERT_GetCommonName(&certificate->subject);
    int result;

    if (text == NULL) {
        text = CERT_GetOrgName(&certificate->subject);
    }
    result = bytes_append_text(word, text != NULL && *text != '\0' ? text : "certificate");
    PORT_Free(text);
    return result;
}

static int invent(struct nss_database *database, const CERTCertificate *certificate, struct bytes *nickname,
                  struct faults *faults)
{
    struct bytes word = BYTES_EMPTY;
    int result = -1;

    if (subject_word(certificate, &word) != 0 || bytes_append_text(nickname, bytes_text(&word)) != 0) {
        fault_memory(faults);
        goto done;
    }
    for (unsigned i = 2; nss_nickname_taken(bytes_text(nickname), &certificate->derSubject); i++) {
        bytes_clear(nickname);
        if (i > NICKNAME_TRIES) {
            fault_error(faults, NULL, NULL, "choose one with --label",
                        "%s: \"%s\" and %d more nicknames like it are taken", bytes_text(&database->name),
                        bytes_text(&word), NICKNAME_TRIES - 1);
            goto done;
        }
        if (bytes_printf(nickname, "%s #%u", bytes_text(&word), i) != 0) {
            fault_memory(faults);
            goto done;
        }
    }
    result = 0;

done:
    bytes_free(&word);
    return result;
}

int nss_nickname_choose(struct nss_database *database, const CERTCertificate *certificate, const char *label,
                        struct bytes *nickname, struct faults *faults)
{
    if ((label != NULL ? bytes_append_text(nickname, label) : adopt(certificate, nickname)) != 0) {
        fault_memory(faults);
        return -1;
    }
    return nickname->length > 0 ? 0 : invent(database, certificate, nickname, faults);
}
