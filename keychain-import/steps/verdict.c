/* SPDX-License-Identifier: Apache-2.0 */
/* Judging by the anchors of a store. */
#include "steps/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "x509/path.h"
#include "x509/verify.h"

/* ---- what is in the store --------------------------------------------------------------------------------------------- */

void shelf_free(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        bytes_free(&shelf->items[i].certificate);
        bytes_free(&shelf->items[i].label);
        bytes_free(&shelf->items[i].host);
    }
    free(shelf->items);
    *shelf = (struct shelf){NULL, 0};
}

/** While the store is walked. */
struct shelving {
    struct shelf *shelf;
    size_t capacity;
    struct faults *faults;
};

static int take_entry(void *state, const struct store_entry *entry)
{
    struct shelving *shelving = state;
    struct shelf *shelf = shelving->shelf;
    struct shelf_item *item;

    if (shelf->count == shelving->capacity) {
        size_t wanted = shelving->capacity == 0 ? 32 : shelving->capacity * 2;
        struct shelf_item *more = realloc(shelf->items, wanted * sizeof(*more));

        if (more == NULL) {
            goto failed;
        }
        shelf->items = more;
        shelving->capacity = wanted;
    }
    item = &shelf->items[shelf->count++];
    *item = (struct shelf_item){
        .has_key = entry->has_key, .extractable = entry->extractable, .scope = entry->scope};
    if (bytes_append(&item->certificate, entry->certificate.data, entry->certificate.length) == 0 &&
        (entry->label == NULL || bytes_append_text(&item->label, entry->label) == 0) &&
        (entry->host == NULL || bytes_append_text(&item->host, entry->host) == 0)) {
        return 0;
    }
failed:
    fault_memory(shelving->faults);
    return -1;
}

int shelf_read(struct store *store, struct shelf *shelf, struct faults *faults)
{
    struct shelving shelving = {shelf, 0, faults};
    int status;

    shelf_free(shelf);
    status = store_each(store, take_entry, &shelving, faults);
    if (status != 0) {
        shelf_free(shelf);
    }
    return status;
}

/* ---- judging ---------------------------------------------------------------------------------------------------------- */

static enum verify_purpose purpose_of(enum scope policy)
{
    return policy == SCOPE_CLIENT ? VERIFY_CLIENT : VERIFY_SERVER;
}

bool verdict_matches(struct slice certificate, enum scope policy)
{
    return verify_usage_allows(certificate, purpose_of(policy));
}

/** The anchors that count for the question, and everything that may stand between them and the leaf. */
static int gather(const struct shelf *shelf, const struct store_question *question,
                  struct certificate_list *chain, struct certificate_list *anchors)
{
    int status = certificate_list_add(chain, question->certificate);

    for (size_t i = 0; status == 0 && i < question->chain_count; i++) {
        status = certificate_list_add(chain, question->chain[i]);
    }
    for (size_t i = 0; status == 0 && i < shelf->count; i++) {
        const struct shelf_item *item = &shelf->items[i];
        bool here = item->host.length == 0 ||
                    (question->host != NULL && strcmp(bytes_text(&item->host), question->host) == 0);

        if ((item->scope & question->policy) != 0 && here) {
            status = certificate_list_add(anchors, slice_of(&item->certificate));
        } else if (item->scope == SCOPE_NONE) {
            status = certificate_list_add(chain, slice_of(&item->certificate));
        }
    }
    return status;
}

/** Leave in @p chain the way from the leaf up, and nothing else. */
static int straighten(const struct context *context, struct certificate_list *chain,
                      const struct certificate_list *anchors, struct faults *faults)
{
    struct certificate_list straight = {NULL, 0};
    struct path path = {.all = NULL};
    int status = path_find(context, chain, 0, anchors, &path, faults);

    for (size_t i = 0; status == 0 && i < path.length; i++) {
        if (!path.steps[i]->anchor || i == 0) {
            status = certificate_list_add(&straight, path.steps[i]->der);
        }
    }
    path_free(&path);
    if (status == 0) {
        certificate_list_free(chain);
        *chain = straight;
    } else {
        certificate_list_free(&straight);
    }
    return status;
}

/** The first thing that was wrong, as a phrase. */
static int reason_of(const struct verify_report *report, struct bytes *reason)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct verify_check *check = &report->checks[i];

        if (check->verdict == VERIFY_FAIL) {
            return bytes_append_text(reason,
                                     check->detail.length > 0 ? bytes_text(&check->detail) : check->title);
        }
    }
    return 0;
}

static int judge(const struct context *context, const struct shelf *shelf,
                 const struct store_question *question, struct store_verdict *verdict, struct faults *faults)
{
    struct certificate_list chain = {NULL, 0};
    struct certificate_list anchors = {NULL, 0};
    struct verify_report report = {NULL, 0, false};
    struct verify_question asked = {.chain = &chain,
                                    .anchors = &anchors,
                                    .host = question->host,
                                    .purpose = purpose_of(question->policy)};
    int status = -1;

    if (gather(shelf, question, &chain, &anchors) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (anchors.count == 0) {
        status = bytes_printf(&verdict->reason, "no authority is trusted for %ss in this store",
                              scope_word(question->policy));
        goto out;
    }
    if (straighten(context, &chain, &anchors, faults) == 0 &&
        verify_certificate(context, &asked, &report, faults) == 0) {
        verdict->good = !report.failed;
        status = reason_of(&report, &verdict->reason);
    }
out:
    verify_report_free(&report);
    certificate_list_free(&chain);
    certificate_list_free(&anchors);
    return status;
}

int verdict_find(const struct context *context, struct store *store, const struct shelf *shelf,
                 const struct store_question *question, struct store_verdict *verdict, bool *by_store,
                 struct faults *faults)
{
    int judged;

    bytes_clear(&verdict->reason);
    verdict->good = false;
    judged = store_judge(store, question, verdict, faults);
    *by_store = judged > 0;
    return judged == 0 ? judge(context, shelf, question, verdict, faults) : (judged > 0 ? 0 : -1);
}
