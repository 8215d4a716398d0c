/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing.
 */
#include "nss/listing.h"

#include <keyhi.h>

#include "nss/key.h"
#include "nss/nickname.h"
#include "nss/trust.h"

static int tell(struct nss_database *database, CERTCertificate *certificate, store_entry_fn each, void *state)
{
    SECKEYPrivateKey *key = PK11_FindPrivateKeyFromCert(database->slot, certificate, database);
    struct store_entry entry = {
        .certificate = nss_slice_of(&certificate->derCert),
        .label = certificate->nickname != NULL ? nss_nickname_of(certificate) : NULL,
        .has_key = key != NULL,
        .extractable = key != NULL,
        .scope = nss_trust_scope(certificate),
    };

    if (key != NULL) {
        SECKEY_DestroyPrivateKey(key);
    }
    return each(state, &entry);
}

int nss_list(struct nss_database *database, store_entry_fn each, void *state, struct faults *faults)
{
    CERTCertList *list;
    int result = 0;

    if (!database->open) {
        return 0;
    }
    list = PK11_ListCertsInSlot(database->slot);
    if (list == NULL) {
        nss_complain(database, faults, NULL, "its certificates cannot be listed");
        return -1;
    }
    for (CERTCertListNode *node = CERT_LIST_HEAD(list); !CERT_LIST_END(node, list) && result == 0;
         node = CERT_LIST_NEXT(node)) {
        result = tell(database, node->cert, each, state);
    }
    CERT_DestroyCertList(list);
    return result;
}
