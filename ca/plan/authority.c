/* SPDX-License-Identifier: Apache-2.0 */
/* An authority that is asked for a signature it cannot give: each way that came about has its own way out. */
#include "plan/authority.h"

#include <stdio.h>

/** Room for a hint. */
#define HINT_MAX 600

void authority_check_signs(struct authority *authority, const char *what, struct faults *faults)
{
    char hint[HINT_MAX] = "";

    if (authority->can_sign || authority->told) {
        return;
    }
    authority->told = true;
    if (authority->entry->adopt_certificate != NULL && authority->entry->adopt_key == NULL &&
        authority->entry->token_uri == NULL) {
        entry_error(faults, authority->entry, "give adopt.key",
                    "%s must be signed, and the adopted authority's key is not known", what);
        return;
    }
    if (authority->entry->ephemeral) {
        (void)snprintf(hint, sizeof(hint),
                       "--replace-authority %s makes a new authority, and all under it anew",
                       authority->entry->name);
        entry_error(faults, authority->entry, hint,
                    "its key was ephemeral and is gone, and %s must be signed with it", what);
        return;
    }
    if (authority->entry->adopt_key != NULL) {
        entry_error_at(faults, authority->entry, (struct entry_spot){ENTRY_ADOPT_KEY, NULL}, "put it back",
                       "%s is missing, and %s must be signed with it", authority->entry->adopt_key, what);
        return;
    }
    (void)snprintf(hint, sizeof(hint), "put %s.key back; --replace-authority %s makes a new authority",
                   authority->entry->name, authority->entry->name);
    entry_error(faults, authority->entry, hint, "%s.key is missing, and %s must be signed with it",
                authority->entry->name, what);
}
