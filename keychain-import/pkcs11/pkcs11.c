/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kind of store that a token is: survey, opening, lists.
 */
#include "pkcs11/pkcs11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/passphrase.h"
#include "base/utf8.h"
#include "pkcs11/token_item.h"
#include "pkcs11/token_store.h"
#include "pkcs11/words.h"
#include "x509/certificate.h"

/** Most tokens and most certificates told. */
#define TOKENS_MAX       1000
#define CERTIFICATES_MAX 100000

/* ---- survey --------------------------------------------------------------------------------------------------------- */

/** One token told. What comes from a module is made fit to print. */
static int token_tell(const struct wire_message *answer, store_place_fn each, void *state,
                      struct faults *faults)
{
    struct bytes name = BYTES_EMPTY;
    struct bytes where = BYTES_EMPTY;
    struct bytes why = BYTES_EMPTY;
    int status = -1;

    if (bytes_append_text(&name, "pkcs11:") != 0 ||
        token_uri_append(&name, "token", answer->fields[0], false) != 0 ||
        utf8_append_printable(&where, answer->fields[1]) != 0 ||
        bytes_append_text(&where, answer->fields[2].length > 0 ? ", serial " : "") != 0 ||
        utf8_append_printable(&where, answer->fields[2]) != 0 ||
        utf8_append_printable(&why, answer->fields[3]) != 0) {
        fault_memory(faults);
    } else {
        status = each(state, bytes_text(&name), bytes_text(&where), why.length > 0 ? bytes_text(&why) : NULL);
    }
    bytes_free(&name);
    bytes_free(&where);
    bytes_free(&why);
    return status;
}

/** One token after the other, from the helper. What @p each answered goes to *told when that is not 0. */
static int tokens_tell(struct helper_process *helper, store_place_fn each, void *state, int *told,
                       struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    struct wire_message answer;
    char seconds[16];
    char number[16];
    unsigned i;
    int status = 0;

    (void)snprintf(seconds, sizeof(seconds), "%u", helper_process_seconds(helper));
    for (i = 0; status == 0 && *told == 0 && i < TOKENS_MAX; i++) {
        (void)snprintf(number, sizeof(number), "%u", i);

        const struct slice fields[] = {slice_of_text(WIRE_VERSION), slice_of_text(seconds),
                                       slice_of_text(number)};

        status = helper_process_ask(helper, WIRE_TOKENS, fields, 3, WIRE_TOKEN, WIRE_ABSENT, &content,
                                    &answer, faults);
        if (status == 0 && answer.kind == WIRE_ABSENT) {
            break;
        }
        if (status == 0) {
            *told = token_tell(&answer, each, state, faults);
        }
    }
    bytes_free(&content);
    return status;
}

/** A module that falls, or a helper that is not there, hides the tokens of all; other kinds of store are not to suffer from that. */
static int survey(const struct store_setting *setting, store_place_fn each, void *state,
                  struct faults *faults)
{
    struct faults *why = faults_new();
    struct helper_process *helper = NULL;
    int told = 0;

    if (why == NULL) {
        fault_memory(faults);
        return -1;
    }
    helper = helper_process_start(&token_store_helper, setting->helper, "tokens", why);
    if (helper == NULL || tokens_tell(helper, each, state, &told, why) != 0) {
        told = each(state, "pkcs11", "the modules that p11-kit is configured for", faults_text(why, 0));
    } else {
        faults_move(faults, why);
    }
    helper_process_free(helper);
    faults_free(why);
    return told;
}

/* ---- opening -------------------------------------------------------------------------------------------------------- */

static void token_close(struct store *base)
{
    struct token_store *store = (struct token_store *)base;

    token_link_leave(store->link);
    token_place_free(&store->place);
    bytes_free(&store->label);
    bytes_free(&store->trouble);
    bytes_free(&store->content);
    free(store->shown);
    free(store);
}

/** What complaints call the token: by its label where the place has one. */
static int show(struct token_store *store, struct faults *faults)
{
    struct bytes shown = BYTES_EMPTY;
    struct slice label = slice_of(&store->place.uri.token);

    if (bytes_append_text(&shown, label.length > 0 ? "token " : "the token") == 0 &&
        utf8_append_printable(&shown, label) == 0) {
        store->shown = strdup(bytes_text(&shown));
    }
    bytes_free(&shown);
    if (store->shown == NULL) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/** The PIN from pin-source=. 1 there is one, 0 not, -1. */
static int pin_from_place(const struct token_store *store, struct bytes *pin, struct faults *faults)
{
    struct passphrase_spec spec = {PASSPHRASE_FILE, NULL, -1};
    struct bytes label = BYTES_EMPTY;
    int status = -1;

    if (store->place.uri.pin_source.length == 0) {
        return 0;
    }
    spec.argument = strdup(bytes_text(&store->place.uri.pin_source));
    if (spec.argument == NULL || bytes_printf(&label, "the PIN of %s", store->shown) != 0) {
        fault_memory(faults);
    } else {
        status = passphrase_obtain(store->store.context, &spec, NULL, bytes_text(&label), false, pin, faults);
    }
    bytes_free(&label);
    passphrase_spec_free(&spec);
    return status == 0 ? 1 : -1;
}

/** Starts the helper, which opens the token. */
static int enter(struct token_store *store, const struct store_setting *setting, struct faults *faults)
{
    struct bytes pin = BYTES_EMPTY;
    struct token_address address = {bytes_text(&store->place.text), setting->passphrase, &token_store_helper,
                                    setting->helper};
    int found = setting->passphrase != NULL ? 0 : pin_from_place(store, &pin, faults);

    if (found == 1) {
        address.pin = &pin;
    }
    if (found >= 0) {
        store->link = token_link_open(&address, store->shown, faults);
    }
    bytes_free(&pin);
    return store->link != NULL ? 0 : -1;
}

/** The token's own label, and the store's name with it: a place that does not say which token is one as long as there are not two. */
static int name_take(struct token_store *store, const char *place, struct faults *faults)
{
    struct wire_message answer;
    struct bytes name = BYTES_EMPTY;
    int status = token_store_ask(store, WIRE_WHICH, NULL, 0, WIRE_TOKEN, WIRE_TOKEN, &answer, faults);

    if (status != 0) {
        return -1;
    }
    status = bytes_append(&store->label, answer.fields[0].data, answer.fields[0].length);
    if (status == 0) {
        status = utf8_append_printable(&store->trouble, answer.fields[3]);
    }
    if (status == 0) {
        status = bytes_append_text(&name, "pkcs11:");
    }
    if (status == 0 && store->place.uri.token.length == 0) {
        status = token_uri_append(&name, "token", slice_of(&store->label), false);
    }
    if (status == 0 && name.length > strlen("pkcs11:") && *place != 0 && *place != '?') {
        status = bytes_append_byte(&name, ';');
    }
    if (status == 0 && bytes_append_text(&name, place) == 0) {
        store->store.name = strdup(bytes_text(&name));
    }
    bytes_free(&name);
    if (store->store.name == NULL) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

static struct store *token_open(const struct store_setting *setting, const char *place, struct faults *faults)
{
    struct token_store *store = calloc(1, sizeof(*store));

    if (store == NULL) {
        fault_memory(faults);
        return NULL;
    }
    store->store.kind = &store_pkcs11;
    store->store.context = setting->context;
    if (token_place_read(place, &store->place, faults) != 0 || show(store, faults) != 0 ||
        enter(store, setting, faults) != 0 || name_take(store, place, faults) != 0) {
        store_close(&store->store);
        return NULL;
    }
    return &store->store;
}

/* ---- lists ---------------------------------------------------------------------------------------------------------- */

/** One certificate told; what is none is passed over. */
static int certificate_tell(const struct token_store *store, const struct wire_message *answer,
                            store_entry_fn each, void *state, struct faults *faults)
{
    const struct bytes *wanted = &store->place.uri.object;
    struct store_entry entry;
    struct certificate_view view;
    struct bytes label = BYTES_EMPTY;
    int status = -1;

    memset(&entry, 0, sizeof(entry));
    if (certificate_view_read(answer->fields[0], &view) != 0 ||
        (wanted->length > 0 && !slice_equal(slice_of(wanted), answer->fields[1]))) {
        return 0;
    }
    entry.certificate = answer->fields[0];
    entry.has_key =
        answer->fields[2].length > 0 && memchr(answer->fields[2].data, MARK_KEY, answer->fields[2].length);
    entry.extractable =
        entry.has_key && memchr(answer->fields[2].data, MARK_EXTRACTABLE, answer->fields[2].length) != NULL;
    if (utf8_append_printable(&label, answer->fields[1]) != 0) {
        fault_memory(faults);
    } else {
        entry.label = label.length > 0 ? bytes_text(&label) : NULL;
        status = each(state, &entry);
    }
    bytes_free(&label);
    return status;
}

static int token_each(struct store *base, store_entry_fn each, void *state, struct faults *faults)
{
    struct token_store *store = (struct token_store *)base;
    struct wire_message answer;
    char number[16];
    unsigned i;
    int status = 0;

    for (i = 0; status == 0 && i < CERTIFICATES_MAX; i++) {
        (void)snprintf(number, sizeof(number), "%u", i);

        const struct slice field = slice_of_text(number);

        status = token_store_ask(store, WIRE_LIST, &field, 1, WIRE_CERTIFICATE, WIRE_ABSENT, &answer, faults);
        if (status == 0 && answer.kind == WIRE_ABSENT) {
            break;
        }
        if (status == 0) {
            status = certificate_tell(store, &answer, each, state, faults);
        }
    }
    return status;
}

const struct store_kind store_pkcs11 = {
    .word = "pkcs11",
    .summary = "a PKCS#11 token (smart card, HSM, TPM, SoftHSM), named by a URI of RFC 7512",
    .caveat = "holds no anchors: no program here asks a token which authorities to trust",
    .abilities = STORE_IDENTITIES | STORE_UNEXTRACTABLE | STORE_SIGNS,
    .survey = survey,
    .open = token_open,
    .close = token_close,
    .look = token_item_look,
    .put = token_item_put,
    .take = token_item_take,
    .prove = token_item_prove,
    .each = token_each,
    .judge = NULL,
    .allow = NULL,
    .settle = NULL,
    .reference = token_item_reference,
};
