/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists by hand. The current generation of an authority signs with the key that its settings name; an older one with the
 * key that was kept for that (issuing/retired_key.h).
 */
#include "operations/lists.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file_stamp.h"
#include "issuing/authorities.h"
#include "issuing/passphrases.h"
#include "issuing/retired_key.h"
#include "issuing/revocation_list.h"
#include "ledger/ledger_directory.h"
#include "operations/standing.h"
#include "x509/key.h"

/* One generation. */
struct item {
    struct ledger_generation generation;
    struct bytes certificate;
    bool named; /* else it may be left out */
    struct duration next_update;
    struct signer *signer; /* borrowed from an issuer, or owned */
    struct signer *owned;
};

struct lists {
    const struct context *context;
    const struct directory *directory;
    const struct lists_order *order;
    struct passphrases *passphrases;
    struct standing *standing;
    struct authorities *authorities;
    struct tokens *tokens; /* of older keys */
    struct publisher *publisher;
    struct item *items;
    size_t count;
};

/* ---- which ------------------------------------------------------------------------------------------------------- */

/* What a walk over the generations gathers. */
struct gathering {
    struct lists *lists;
    bool *met; /* by number of order->names */
};

/* Whether the order asks for @p generation; *named: by name. */
static bool is_asked(const struct gathering *gathering, const struct ledger_generation *generation,
                     bool *named)
{
    const struct lists_order *order = gathering->lists->order;

    for (size_t i = 0; i < order->generation_count; i++) {
        if (order->generations[i] == generation->id) {
            *named = true;
            return true;
        }
    }
    for (size_t i = 0; i < order->count; i++) {
        if (strcmp(order->names[i], generation->name) == 0) {
            gathering->met[i] = true;
            *named = generation->current;
            return true;
        }
    }
    *named = false;
    return order->generation_count == 0 && order->count == 0;
}

static int gather(void *state, const struct ledger_generation *generation)
{
    struct gathering *gathering = state;
    struct lists *lists = gathering->lists;
    struct item *grown;
    bool named;

    if (!is_asked(gathering, generation, &named)) {
        return 0;
    }
    grown = realloc(lists->items, (lists->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return -1;
    }
    lists->items = grown;
    memset(&grown[lists->count], 0, sizeof(*grown));
    grown[lists->count].generation = *generation;
    grown[lists->count].named = named;
    lists->count += 1;
    return 0;
}

static bool named_before(const struct lists_order *order, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(order->names[i], order->names[index]) == 0) {
            return true;
        }
    }
    return false;
}

static int gather_all(struct lists *lists, struct faults *faults)
{
    struct gathering gathering = {lists, calloc(lists->order->count + 1, sizeof(bool))};
    size_t before = faults_errors(faults);
    int status = -1;

    if (gathering.met == NULL ||
        ledger_each_generation(lists->directory->ledger, NULL, gather, &gathering, faults) != 0) {
        if (faults_errors(faults) == before) {
            fault_memory(faults);
        }
        goto out;
    }
    for (size_t i = 0; i < lists->order->count; i++) {
        if (named_before(lists->order, i)) {
            continue;
        }
        /* the complaint knows what there is instead */
        if (!gathering.met[i] &&
            standing_authority(lists->standing, lists->order->names[i], faults) != NULL) {
            fault_error(faults, NULL, NULL, NULL, "%s: \"%s\" has no key that signed anything",
                        lists->directory->path, lists->order->names[i]);
        }
    }
    status = faults_errors(faults) == before ? 0 : -1;
out:
    free(gathering.met);
    return status;
}

/* The newest certificate of a generation's key. */
static int take_certificate(void *state, const struct ledger_certificate *row)
{
    struct item *item = state;

    if (!row->authority || row->state == LEDGER_INTENDED || row->own_generation != item->generation.id) {
        return 0;
    }
    return bytes_append(&item->certificate, row->der.data, row->der.length) == 0 ? 1 : -1;
}

/* 1 found; 0: none, or one whose time has come to an end, so that nobody asks for its list any more. */
static int find_certificate(const struct lists *lists, struct item *item, struct faults *faults)
{
    struct certificate_view view;
    int found = ledger_each_of_name(lists->directory->ledger, item->generation.name, true, take_certificate,
                                    item, faults);

    if (found != 1) {
        return found;
    }
    if (certificate_view_read(slice_of(&item->certificate), &view) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the certificate of %s cannot be read", item->generation.name);
        return -1;
    }
    return item->generation.current || view.not_after >= context_now(lists->context) ? 1 : 0;
}

/* ---- keys -------------------------------------------------------------------------------------------------------- */

static bool is_there(const struct lists *lists, const char *path)
{
    struct file_stamp stamp;
    const char *why = NULL;

    return file_stamp_read(lists->directory->folder, path, &stamp, &why) != 0;
}

/* Says as a warning why the list of an older key, which nobody named, is not written. */
static void leave_out(const struct item *item, const struct faults *why, struct faults *faults)
{
    fault_warning(faults, NULL, NULL, NULL, "%s: the list of generation %lld is not written",
                  faults_count(why) > 0 ? faults_text(why, 0) : "after that, no other token's key is opened",
                  (long long)item->generation.id);
}

/* The key of an older generation, where it was kept. */
static int open_old(const struct lists *lists, struct item *item, struct faults *faults)
{
    const struct retired_key key = {
        .context = lists->context,
        .directory = lists->directory->folder,
        .ledger = lists->directory->ledger,
        .passphrases = lists->passphrases,
        .tokens = lists->tokens,
        .name = item->generation.name,
        .generation = item->generation.id,
        .certificate = slice_of(&item->certificate),
        .passphrase = lists->order->issuer_passphrase,
    };
    struct bytes place = BYTES_EMPTY;
    struct faults *why = faults_new();
    int there = retired_key_is_there(key.directory, key.ledger, key.name, key.generation, faults);
    int found = retired_key_place(key.ledger, key.name, key.generation, &place, faults);
    int status = -1;

    if (why == NULL || there < 0 || found < 0) {
        if (why == NULL) {
            fault_memory(faults);
        }
        goto out;
    }
    status = 0;
    if (there == 0 && !item->named) {
        fault_warning(faults, NULL, item->generation.name, "put it back, or let its certificates run out",
                      "%s is not there: the list of that generation is not written",
                      found == 1 ? bytes_text(&place) : "its ephemeral key");
        goto out;
    }
    item->owned = retired_key_open(&key, why);
    item->signer = item->owned;
    if (item->owned == NULL && !item->named) {
        leave_out(item, why, faults);
    } else {
        faults_move(faults, why);
        status = item->owned != NULL ? 0 : -1;
    }
out:
    faults_free(why);
    bytes_free(&place);
    return status;
}

/* Whether the current key is at hand, as far as that shows without opening it; -1: memory is out. */
static int is_at_hand(const struct lists *lists, const struct entry *entry)
{
    struct bytes path = BYTES_EMPTY;
    int status;

    if (entry->token_uri != NULL || entry->ephemeral) {
        return entry->ephemeral ? 0 : 1;
    }
    if (entry->adopt_key != NULL) {
        return access(entry->adopt_key, F_OK) == 0 ? 1 : 0;
    }
    status = bytes_printf(&path, "%s.key", entry->name);
    if (status == 0) {
        status = is_there(lists, bytes_text(&path)) ? 1 : 0;
    }
    bytes_free(&path);
    return status;
}

/* The current key, wherever it is; of all authorities one whose key is elsewhere is left out. */
static int open_current(const struct lists *lists, struct item *item, struct faults *faults)
{
    const struct entry *entry = standing_authority(lists->standing, item->generation.name, faults);
    struct authority_at_work *authority;
    int at_hand = entry != NULL ? is_at_hand(lists, entry) : -1;

    if (at_hand < 0) {
        if (entry != NULL) {
            fault_memory(faults);
        }
        return -1;
    }
    if (at_hand == 0 && !item->named) {
        fault_warning(faults, NULL, item->generation.name,
                      entry->ephemeral ? "--replace-authority makes a new authority"
                                       : "put it back, and say mtls-ca crl again",
                      entry->ephemeral ? "its key was ephemeral and is gone: its list is not written"
                                       : "its key is not there: its list is not written");
        return 0;
    }
    authority = authorities_recall(lists->authorities, entry, faults);
    if (authority == NULL || authorities_load_key(lists->authorities, authority, faults) != 0) {
        return -1;
    }
    item->signer = issuer_signer(authority->issuer);
    return 0;
}

static int settle_next_update(const struct lists *lists, struct item *item, struct faults *faults)
{
    struct ledger_authority settings = {0};
    const char *text = REVOCATION_LIST_NEXT_UPDATE;
    const char *why = NULL;

    if (lists->order->next_update != NULL) {
        item->next_update = *lists->order->next_update;
        return 0;
    }
    if (ledger_find_authority(lists->directory->ledger, item->generation.name, &settings, faults) < 0) {
        return -1;
    }
    if (settings.next_update[0] != '\0') {
        text = settings.next_update;
    }
    if (duration_parse(text, false, &item->next_update, &why) != 0) {
        fault_error(faults, NULL, item->generation.name, "--next-update says it anew",
                    "the next update \"%s\" of the ledger %s", text, why);
        return -1;
    }
    return 0;
}

/* Leaves item->signer NULL for one that is left out. */
static int prepare(const struct lists *lists, struct item *item, struct faults *faults)
{
    const char *forbidden;
    int found = find_certificate(lists, item, faults);

    if (found != 1) {
        return found;
    }
    forbidden = revocation_list_forbidden(slice_of(&item->certificate));
    if (forbidden != NULL && item->named) {
        fault_error(faults, NULL, NULL, NULL, "%s %s", item->generation.name, forbidden);
        return -1;
    }
    if (forbidden != NULL) {
        fault_warning(faults, NULL, NULL, NULL, "%s %s: its list is not written", item->generation.name,
                      forbidden);
        return 0;
    }
    if (settle_next_update(lists, item, faults) != 0) {
        return -1;
    }
    return item->generation.current ? open_current(lists, item, faults) : open_old(lists, item, faults);
}

/* Those of the current keys, or of older ones: these come later, so that a PIN that is wrong is not tried with them. */
static int prepare_all(const struct lists *lists, bool current, struct faults *faults)
{
    for (size_t i = 0; i < lists->count; i++) {
        if (lists->items[i].generation.current == current && prepare(lists, &lists->items[i], faults) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

void lists_free(struct lists *lists)
{
    if (lists == NULL) {
        return;
    }
    for (size_t i = 0; i < lists->count; i++) {
        signer_free(lists->items[i].owned);
        bytes_free(&lists->items[i].certificate);
    }
    free(lists->items);
    authorities_free(lists->authorities);
    tokens_free(lists->tokens);
    standing_free(lists->standing);
    passphrases_free(lists->passphrases);
    publisher_free(lists->publisher);
    free(lists);
}

static int start(struct lists *lists, struct faults *faults)
{
    lists->publisher = directory_publisher(lists->directory, lists->context, faults);
    lists->standing = standing_new(lists->directory, lists->order->issuer_passphrase, faults);
    if (lists->publisher == NULL || lists->standing == NULL) {
        return -1;
    }
    lists->passphrases = passphrases_new(lists->context, NULL);
    lists->authorities = lists->passphrases == NULL
                             ? NULL
                             : authorities_new(lists->context, lists->directory->folder,
                                               lists->directory->ledger, lists->passphrases);
    lists->tokens = lists->passphrases == NULL ? NULL : tokens_new(lists->context, lists->passphrases);
    if (lists->authorities == NULL || lists->tokens == NULL) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

struct lists *lists_new(const struct context *context, const struct directory *directory,
                        const struct lists_order *order, struct faults *faults)
{
    struct lists *lists = calloc(1, sizeof(*lists));
    size_t ready = 0;

    if (lists == NULL) {
        fault_memory(faults);
        return NULL;
    }
    lists->context = context;
    lists->directory = directory;
    lists->order = order;
    if (start(lists, faults) != 0 || gather_all(lists, faults) != 0) {
        goto fail;
    }
    if (prepare_all(lists, true, faults) != 0 || prepare_all(lists, false, faults) != 0) {
        goto fail;
    }
    for (size_t i = 0; i < lists->count; i++) {
        ready += lists->items[i].signer != NULL ? 1 : 0;
    }
    if (ready == 0) {
        fault_error(faults, NULL, NULL, "mtls-ca apply makes authorities",
                    "%s: there is no authority whose key can be used", directory->path);
        goto fail;
    }
    return lists;
fail:
    lists_free(lists);
    return NULL;
}

static int write_one(struct lists *lists, const struct item *item, lists_fn told, void *state,
                     struct faults *faults)
{
    const struct revocation_list list = {
        .name = item->generation.name,
        .generation = item->generation.id,
        .current = item->generation.current,
        .certificate = slice_of(&item->certificate),
        .signer = item->signer,
        .next_update = item->next_update,
        .backwards = lists->order->backwards,
    };
    struct bytes path = BYTES_EMPTY;
    struct ledger_crl crl;
    int status = -1;

    if (revocation_list_publish(lists->context, &list, lists->directory->ledger, lists->publisher, &crl,
                                faults) == 0) {
        if (revocation_list_path(list.name, list.generation, list.current, REVOCATION_LIST_DER, &path) == 0) {
            const struct lists_made made = {list.name, list.current, bytes_text(&path), &crl};

            status = told(state, &made);
        } else {
            fault_memory(faults);
        }
    }
    bytes_free(&path);
    return status;
}

int lists_write(struct lists *lists, lists_fn told, void *state, struct faults *faults)
{
    for (size_t i = 0; i < lists->count; i++) {
        if (lists->items[i].signer != NULL && write_one(lists, &lists->items[i], told, state, faults) != 0) {
            return -1;
        }
    }
    return 0;
}

int lists_run(const struct context *context, const char *path, const struct lists_order *order, lists_fn told,
              void *state, struct faults *faults)
{
    struct directory directory = DIRECTORY_EMPTY;
    struct lists *lists = NULL;
    int status = -1;

    if (directory_open(&directory, path, DIRECTORY_WRITE, context, faults) == 0 &&
        (lists = lists_new(context, &directory, order, faults)) != NULL) {
        status = lists_write(lists, told, state, faults);
    }
    lists_free(lists);
    directory_close(&directory);
    return status;
}
