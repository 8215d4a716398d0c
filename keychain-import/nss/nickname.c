/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of nicknames.
 */
#include "nss/nickname.h"

#include <string.h>

#include <certdb.h>
#include <pk11func.h>

const char *nss_nickname_of(const CERTCertificate *certificate)
{
    const char *token = certificate->slot != NULL ? PK11_GetTokenName(certificate->slot) : NULL;
    const char *nickname = certificate->nickname;
    size_t length = token != NULL ? strlen(token) : 0;

    if (nickname != NULL && length > 0 && strncmp(nickname, token, length) == 0 && nickname[length] == ':') {
        nickname += length + 1;
    }
    return nickname != NULL ? nickname : "";
}

bool nss_nickname_taken(struct nss_database *database, const char *nickname, const SECItem *subject)
{
    CERTCertificate *found = NULL;
    struct bytes name = BYTES_EMPTY;
    bool taken;

    if (strchr(nickname, ':') == NULL) {
        return SEC_CertNicknameConflict(nickname, subject, CERT_GetDefaultCertDB());
    }
    /* NSS looks for a token by what is before the first colon */
    taken = bytes_printf(&name, "%s:%s", PK11_GetTokenName(database->slot), nickname) != 0;
    if (!taken) {
        found = PK11_FindCertFromNickname(bytes_text(&name), database);
    }
    if (found != NULL) {
        taken = SECITEM_CompareItem(&found->derSubject, subject) != SECEqual;
        CERT_DestroyCertificate(found);
    }
    bytes_free(&name);
    return taken;
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
        if (*nss_nickname_of(node->cert) != '\0') {
            result = bytes_append_text(nickname, nss_nickname_of(node->cert));
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
    for (unsigned i = 2; nss_nickname_taken(database, bytes_text(nickname), &certificate->derSubject); i++) {
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
