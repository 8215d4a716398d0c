/* SPDX-License-Identifier: Apache-2.0 */
/* Identities and anchors given back. */
#include "identity/identity.h"

void identity_free(struct identity *identity)
{
    key_free(identity->key);
    identity->key = NULL;
    certificate_list_free(&identity->chain);
    bytes_free(&identity->name);
    bytes_free(&identity->shown);
}

void anchors_free(struct anchors *anchors)
{
    certificate_list_free(&anchors->certificates);
    bytes_free(&anchors->shown);
}
