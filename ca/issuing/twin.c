/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an authority that is to be taken in is in the ledger under another name. */
#include "issuing/twin.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"

/** Room for a hint. */
#define HINT_MAX 600

struct search {
    struct ledger *ledger;
    const char *name;
    const struct certificate_view *view;
    struct digest spki;
    int64_t generation; /* the one that is looked at */
    struct twin *twin;
    struct faults *faults;
};

/** 1 when it is a certificate of the generation's own key and of the same subject. */
static int take_row(void *state, const struct ledger_certificate *row)
{
    const struct search *search = state;
    struct bytes der = BYTES_EMPTY;
    struct certificate_view view;
    int found = 0;

    if (row->own_generation == search->generation) {
        found = ledger_get_der(search->ledger, row->id, &der, search->faults);
        found = found == 1 ? certificate_view_read(slice_of(&der), &view) == 0 &&
                                 slice_equal(view.subject, search->view->subject)
                           : found;
        search->twin->by_hand = row->manifest[0] == '\0';
    }
    bytes_free(&der);
    return found;
}

static int take_generation(void *state, const struct ledger_generation *generation)
{
    struct search *search = state;

    if (!digest_equal(&generation->spki, &search->spki) || strcmp(generation->name, search->name) == 0) {
        return 0;
    }
    search->generation = generation->id;
    memcpy(search->twin->name, generation->name, sizeof(search->twin->name));
    return ledger_each_of_name(search->ledger, generation->name, false, take_row, search, search->faults);
}

int twin_find(const struct context *context, struct ledger *ledger, const char *name,
              const struct certificate_view *view, struct twin *twin, struct faults *faults)
{
    struct search search = {.ledger = ledger, .name = name, .view = view, .twin = twin, .faults = faults};
    struct ledger_generation own;
    int found;

    memset(twin, 0, sizeof(*twin));
    if (digest_of(context, view->spki, &search.spki) != 0) {
        fault_openssl(faults, "SHA-256 failed");
        return -1;
    }
    found = ledger_find_generation(ledger, name, &own, faults);
    if (found < 0 || (found == 1 && digest_equal(&own.spki, &search.spki))) {
        return found < 0 ? -1 : 0;
    }
    return ledger_each_generation(ledger, NULL, take_generation, &search, faults);
}

int twin_refuse(const struct context *context, struct ledger *ledger, const struct entry *entry,
                const struct certificate_view *view, struct faults *faults)
{
    struct twin twin;
    char hint[HINT_MAX];
    int found = twin_find(context, ledger, entry->name, view, &twin, faults);

    if (found == 1) {
        (void)snprintf(hint, sizeof(hint),
                       twin.by_hand ? "mtls-ca issue --issuer %s issues under it; a manifest adopts it in "
                                      "another PKI directory"
                                    : "one authority has one entry, and so one list of what it revoked: "
                                      "call it %s, or take another PKI directory",
                       twin.name);
        entry_error_at(faults, entry, (struct entry_spot){ENTRY_ADOPT_CERTIFICATE, NULL}, hint,
                       "%s is the authority that the PKI directory has as \"%s\"", entry->adopt_certificate,
                       twin.name);
    }
    return found == 0 ? 0 : -1;
}
