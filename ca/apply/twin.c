/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an authority that is to be adopted is in the ledger under another name. */
#include "apply/twin.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"

/** Room for a hint. */
#define HINT_MAX 600

struct search {
    struct ledger *ledger;
    const struct entry *entry;
    const struct certificate_view *view;
    struct digest spki;
    int64_t generation; /* the one that is looked at */
    bool by_hand;       /* it came by install-certificate */
    struct faults *faults;
};

/** 1 when it is a certificate of the generation's own key and of the same subject. */
static int take_row(void *state, const struct ledger_certificate *row)
{
    struct search *search = state;
    struct bytes der = BYTES_EMPTY;
    struct certificate_view view;
    int found = 0;

    if (row->own_generation == search->generation) {
        found = ledger_get_der(search->ledger, row->id, &der, search->faults);
        found = found == 1 ? certificate_view_read(slice_of(&der), &view) == 0 &&
                                 slice_equal(view.subject, search->view->subject)
                           : found;
        search->by_hand = row->manifest[0] == '\0';
    }
    bytes_free(&der);
    return found;
}

static int take_generation(void *state, const struct ledger_generation *generation)
{
    struct search *search = state;
    char hint[HINT_MAX];
    int found;

    if (!digest_equal(&generation->spki, &search->spki) ||
        strcmp(generation->name, search->entry->name) == 0) {
        return 0;
    }
    search->generation = generation->id;
    found = ledger_each_of_name(search->ledger, generation->name, false, take_row, search, search->faults);
    if (found == 1) {
        (void)snprintf(hint, sizeof(hint),
                       search->by_hand ? "mtls-ca issue --issuer %s issues under it; a manifest adopts it in "
                                         "another PKI directory"
                                       : "one authority has one entry, and so one list of what it revoked: "
                                         "call it %s, or take another PKI directory",
                       generation->name);
        entry_error_at(search->faults, search->entry, (struct entry_spot){ENTRY_ADOPT_CERTIFICATE, NULL},
                       hint, "%s is the authority that the PKI directory has as \"%s\"",
                       search->entry->adopt_certificate, generation->name);
    }
    return found;
}

int twin_refuse(const struct context *context, struct ledger *ledger, const struct entry *entry,
                const struct certificate_view *view, struct faults *faults)
{
    struct search search = {.ledger = ledger, .entry = entry, .view = view, .faults = faults};
    struct ledger_generation own;
    int found;

    if (digest_of(context, view->spki, &search.spki) != 0) {
        fault_openssl(faults, "SHA-256 failed");
        return -1;
    }
    found = ledger_find_generation(ledger, entry->name, &own, faults);
    if (found == 1 && digest_equal(&own.spki, &search.spki)) {
        return 0;
    }
    return found >= 0 && ledger_each_generation(ledger, NULL, take_generation, &search, faults) == 0 ? 0 : -1;
}
