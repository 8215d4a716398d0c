/* SPDX-License-Identifier: Apache-2.0 */
/* Keys before, found among the generations of a name. */
#include "apply/old_list.h"

#include "issuing/revocation_list.h"
#include "x509/certificate.h"

struct search {
    struct old_list *list;
    int64_t after;
    struct faults *faults;
};

/* The newest certificate of the key. */
static int take_certificate(void *state, const struct ledger_certificate *row)
{
    struct old_list *list = state;

    if (!row->authority || row->state == LEDGER_INTENDED || row->own_generation != list->generation) {
        return 0;
    }
    list->id = row->id;
    bytes_clear(&list->certificate);
    return bytes_append(&list->certificate, row->der.data, row->der.length) == 0 ? 1 : -1;
}

static int take_generation(void *state, const struct ledger_generation *generation)
{
    struct search *search = state;
    struct old_list *list = search->list;
    struct certificate_view view;
    int found;

    if (generation->current || generation->id <= search->after) {
        return 0;
    }
    list->generation = generation->id;
    found = ledger_each_of_name(list->ledger, list->name, true, take_certificate, list, search->faults);
    if (found != 1) {
        return found;
    }
    return certificate_view_read(slice_of(&list->certificate), &view) == 0 &&
                   view.not_after > context_now(list->context) &&
                   revocation_list_forbidden(slice_of(&list->certificate)) == NULL
               ? 1
               : 0;
}

int old_list_next(struct old_list *list, int64_t after, struct faults *faults)
{
    struct search search = {list, after, faults};
    int found = ledger_each_generation(list->ledger, list->name, take_generation, &search, faults);

    if (found < 0 && faults_errors(faults) == 0) {
        fault_memory(faults);
    }
    return found;
}

void old_list_free(struct old_list *list)
{
    bytes_free(&list->certificate);
}
