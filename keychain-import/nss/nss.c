/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: each verb is a question to the process that keeps the database.
 */
#include "nss/nss.h"

#include <stdlib.h>
#include <string.h>

#include "nss/closing.h"
#include "nss/keeper.h"
#include "nss/place.h"
#include "nss/service.h"

/* Most that is told of one database, in octets. */
#define ENTRIES_MAX (256u * 1024 * 1024)

struct nss_store {
    struct store store;
    struct keeper *keeper;
    struct bytes folder;
};

/** An answer that does not have the fields it should: the keeper was led astray. */
static int nonsense(const struct store *store, struct faults *faults)
{
    fault_error(faults, NULL, NULL, NULL, "%s: the process that keeps the database answers nonsense",
                store->name);
    return -1;
}

static struct nss_store *nss_store_of(struct store *store)
{
    return (struct nss_store *)store;
}

static struct keeper *keeper_of(struct store *store)
{
    return nss_store_of(store)->keeper;
}

/** Begin a question about @p item. */
static void ask_about(struct message *question, enum message_kind kind, const struct item *item)
{
    message_begin(question, kind);
    nss_item_write(question, item);
}

/** Ask, and expect DONE without fields. */
static int ask_plain(struct store *store, struct message *question, struct faults *faults)
{
    struct inbound done;
    int result;

    memset(&done, 0, sizeof(done));
    result = keeper_ask(keeper_of(store), question, NULL, NULL, &done, faults);
    if (result == 0 && !inbound_finished(&done)) {
        result = nonsense(store, faults);
    }
    inbound_free(&done);
    return result;
}

struct place_walk {
    store_place_fn each;
    void *state;
};

static int take_place(void *state, struct inbound *entry)
{
    const struct place_walk *walk = state;
    const char *name = inbound_text(entry);
    const char *where = inbound_text(entry);
    const char *unusable = inbound_text(entry);

    if (!inbound_finished(entry) || name == NULL || where == NULL) {
        return -1;
    }
    return walk->each(walk->state, name, where, unusable);
}

static int nss_survey(const struct store_setting *setting, store_place_fn each, void *state,
                      struct faults *faults)
{
    struct place_walk walk = {each, state};
    struct keeper *keeper = NULL;
    struct message question;
    struct inbound done;
    struct owner owner;
    int result = -1;

    memset(&done, 0, sizeof(done));
    if (owner_decide(NULL, &owner, faults) != 0) {
        goto done;
    }
    keeper = keeper_start(&owner, setting->patience, faults);
    if (keeper == NULL) {
        goto done;
    }
    message_begin(&question, MESSAGE_SURVEY);
    result = keeper_ask(keeper, &question, take_place, &walk, &done, faults);

done:
    inbound_free(&done);
    if (keeper_stop(keeper, faults) != 0 && result == 0) {
        result = -1;
    }
    owner_free(&owner);
    return result;
}

/** Ask the keeper to open the place, and note what it is called in full. */
static int open_place(struct nss_store *store, const struct store_setting *setting, const char *place,
                      const char *folder, struct faults *faults)
{
    const struct bytes *passphrase = setting->passphrase;
    struct message question;
    struct inbound done;
    const char *where;
    int result;

    memset(&done, 0, sizeof(done));
    message_begin(&question, MESSAGE_OPEN);
    message_text(&question, place);
    message_text(&question, folder);
    message_number(&question, passphrase != NULL);
    message_slice(&question, passphrase != NULL ? slice_of(passphrase) : (struct slice){NULL, 0});
    message_number(&question, setting->writing);
    result = keeper_ask(store->keeper, &question, NULL, NULL, &done, faults);
    if (result == 0) {
        struct bytes name = BYTES_EMPTY;

        where = inbound_text(&done);
        if (!inbound_finished(&done) || where == NULL) {
            fault_error(faults, NULL, NULL, NULL,
                        "nss:%s: the process that keeps the database answers nonsense", place);
            result = -1;
        } else if (bytes_printf(&name, "nss:sql:%s", where) != 0 ||
                   bytes_append_text(&store->folder, where) != 0 ||
                   (store->store.name = strdup(bytes_text(&name))) == NULL) {
            fault_memory(faults);
            result = -1;
        }
        bytes_free(&name);
    }
    inbound_free(&done);
    return result;
}

static struct store *nss_open(const struct store_setting *setting, const char *text, struct faults *faults)
{
    struct nss_store *store = NULL;
    struct bytes folder = BYTES_EMPTY;
    struct nss_place place;
    struct owner owner;
    bool by_folder;
    bool good = false;

    memset(&owner, 0, sizeof(owner));
    if (nss_place_parse(text, &place, faults) != 0) {
        goto done;
    }
    by_folder = place.kind == PLACE_FOLDER;
    if ((by_folder && nss_place_absolute(place.name, &folder, faults) != 0) ||
        owner_decide(by_folder ? bytes_text(&folder) : NULL, &owner, faults) != 0) {
        goto done;
    }
    store = calloc(1, sizeof(*store));
    if (store == NULL) {
        fault_memory(faults);
        goto done;
    }
    store->store.kind = &store_nss;
    store->store.context = setting->context;
    store->keeper = keeper_start(&owner, setting->patience, faults);
    good = store->keeper != NULL &&
           open_place(store, setting, text, by_folder ? bytes_text(&folder) : NULL, faults) == 0;

done:
    if (!good && store != NULL) {
        store_close(&store->store);
        store = NULL;
    }
    bytes_free(&folder);
    owner_free(&owner);
    return store != NULL ? &store->store : NULL;
}

int nss_close_telling(struct store *store, struct faults *faults)
{
    struct nss_store *own = nss_store_of(store);
    int result = keeper_stop(own->keeper, faults);

    bytes_free(&own->folder);
    free(own);
    return result;
}

static void nss_close(struct store *store)
{
    struct faults *faults = faults_new();

    /* Nothing is open any more, and all that was put is on the disk: there is nobody to tell, and nothing to do about it. */
    if (faults == NULL || nss_close_telling(store, faults) != 0) {
        /* as said */
    }
    faults_free(faults);
}

static int nss_look(struct store *store, const struct item *item, struct sighting *sighting,
                    struct faults *faults)
{
    struct message question;
    struct inbound done;
    struct slice reason;
    struct slice before;
    uint32_t presence;
    uint32_t scope;
    int result;

    memset(&done, 0, sizeof(done));
    ask_about(&question, MESSAGE_LOOK, item);
    result = keeper_ask(keeper_of(store), &question, NULL, NULL, &done, faults);
    if (result == 0) {
        presence = inbound_number(&done);
        reason = inbound_slice(&done);
        scope = inbound_number(&done);
        before = inbound_slice(&done);
        if (!inbound_finished(&done) || presence > PRESENCE_DIFFERENT || scope > SCOPE_ANY) {
            result = nonsense(store, faults);
        } else if (bytes_append(&sighting->reason, reason.data, reason.length) != 0 ||
                   bytes_append(&sighting->before, before.data, before.length) != 0) {
            fault_memory(faults);
            result = -1;
        } else {
            sighting->presence = (enum presence)presence;
            sighting->scope = (enum scope)scope;
        }
    }
    inbound_free(&done);
    return result;
}

/** What NSS cannot do is refused before it is asked. */
static int check(const struct store *store, const struct item *item, struct faults *faults)
{
    enum key_family family;

    if (item->host != NULL) {
        fault_error(faults, NULL, NULL, "leave the host out",
                    "%s: NSS cannot trust an anchor for one host alone", store->name);
        return -1;
    }
    if (item->kind != ITEM_KEY) {
        return 0;
    }
    if (item->extractable == EXTRACTABLE_NO) {
        fault_error(faults, NULL, NULL, "use a PKCS#11 token, or leave --extractable out",
                    "%s: NSS cannot keep a key from being read back", store->name);
        return -1;
    }
    family = key_family_of(item->key);
    if (family != KEY_FAMILY_RSA && family != KEY_FAMILY_EC) {
        fault_error(faults, NULL, NULL, "use an RSA or an ECDSA key",
                    "%s: NSS keeps no keys of this kind (%s)", store->name,
                    key_algorithm_text(key_algorithm_of(item->key)));
        return -1;
    }
    return 0;
}

static int nss_put(struct store *store, const struct item *item, struct faults *faults)
{
    struct bytes pkcs8 = BYTES_EMPTY;
    struct message question;
    int result = -1;

    if (check(store, item, faults) != 0 ||
        (item->kind == ITEM_KEY && key_pkcs8(item->key, &pkcs8, faults) != 0)) {
        goto done;
    }
    ask_about(&question, MESSAGE_PUT, item);
    message_slice(&question, slice_of(&pkcs8));
    result = ask_plain(store, &question, faults);

done:
    bytes_free(&pkcs8);
    return result;
}

static int nss_take(struct store *store, const struct item *item, struct slice before, struct faults *faults)
{
    struct message question;

    ask_about(&question, MESSAGE_TAKE, item);
    message_slice(&question, before);
    return ask_plain(store, &question, faults);
}

static int nss_prove(struct store *store, const struct item *item, struct faults *faults)
{
    struct message question;

    ask_about(&question, MESSAGE_PROVE, item);
    return ask_plain(store, &question, faults);
}

/* The entries as they came: each with its length in front. */
struct entries {
    struct bytes octets;
    size_t count;
    struct faults *faults;
};

/** Keep an entry for later: while the answer is under way, whoever is told could ask nothing else of the store. */
static int keep_entry(void *state, struct inbound *entry)
{
    struct entries *entries = state;
    size_t length = entry->octets.length;

    if (entries->octets.length > ENTRIES_MAX ||
        bytes_append(&entries->octets, &length, sizeof(length)) != 0 ||
        bytes_append(&entries->octets, entry->octets.data, length) != 0) {
        fault_memory(entries->faults);
        return -1;
    }
    entries->count++;
    return 0;
}

static int tell_entry(const struct store *store, struct slice octets, store_entry_fn each, void *state,
                      struct faults *faults)
{
    struct store_entry entry;
    struct inbound inbound;
    uint32_t scope;
    int result = -1;

    memset(&inbound, 0, sizeof(inbound));
    memset(&entry, 0, sizeof(entry));
    if (inbound_begin(octets, &inbound) != 0) {
        fault_memory(faults);
        goto done;
    }
    entry.certificate = inbound_slice(&inbound);
    entry.label = inbound_text(&inbound);
    entry.has_key = inbound_number(&inbound) != 0;
    entry.extractable = inbound_number(&inbound) != 0;
    scope = inbound_number(&inbound);
    if (!inbound_finished(&inbound) || scope > SCOPE_ANY) {
        result = nonsense(store, faults);
        goto done;
    }
    entry.scope = (enum scope)scope;
    result = each(state, &entry);

done:
    inbound_free(&inbound);
    return result;
}

static int nss_each(struct store *store, store_entry_fn each, void *state, struct faults *faults)
{
    struct entries entries = {.faults = faults};
    const unsigned char *next;
    struct message question;
    struct inbound done;
    int result;

    memset(&done, 0, sizeof(done));
    message_begin(&question, MESSAGE_EACH);
    result = keeper_ask(keeper_of(store), &question, keep_entry, &entries, &done, faults);
    next = entries.octets.data;
    for (size_t i = 0; i < entries.count && result == 0; i++) {
        size_t length;

        memcpy(&length, next, sizeof(length));
        result = tell_entry(store, (struct slice){next + sizeof(length), length}, each, state, faults);
        next += sizeof(length) + length;
    }
    bytes_free(&entries.octets);
    inbound_free(&done);
    return result;
}

static int nss_judge_by_keeper(struct store *store, const struct store_question *question,
                               struct store_verdict *verdict, struct faults *faults)
{
    uint64_t now = (uint64_t)context_now(store->context);
    struct message message;
    struct inbound done;
    struct slice reason;
    uint32_t good;
    int result;

    memset(&done, 0, sizeof(done));
    message_begin(&message, MESSAGE_JUDGE);
    message_number(&message, (uint32_t)question->policy);
    message_text(&message, question->host);
    message_number(&message, (uint32_t)(now >> 32));
    message_number(&message, (uint32_t)now);
    message_slice(&message, question->certificate);
    for (size_t i = 0; i < question->chain_count; i++) {
        message_slice(&message, question->chain[i]);
    }
    result = keeper_ask(keeper_of(store), &message, NULL, NULL, &done, faults);
    if (result == 0) {
        good = inbound_number(&done);
        reason = inbound_slice(&done);
        if (!inbound_finished(&done)) {
            result = nonsense(store, faults);
        } else if (bytes_append(&verdict->reason, reason.data, reason.length) != 0) {
            fault_memory(faults);
            result = -1;
        } else {
            verdict->good = good != 0;
            result = 1;
        }
    }
    inbound_free(&done);
    return result;
}

/** Append @p text with all but letters, digits and "-._~/" as %XX (RFC 3986 section 2.1). */
static int append_encoded(struct bytes *to, const char *text)
{
    int result = 0;

    for (; *text != '\0' && result == 0; text++) {
        unsigned char octet = (unsigned char)*text;
        bool plain = (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') ||
                     (octet >= 'a' && octet <= 'z') || strchr("-._~/", octet) != NULL;

        result = plain ? bytes_append_byte(to, octet) : bytes_printf(to, "%%%02X", octet);
    }
    return result;
}

/* "nss:sql:DIR?nickname=NAME" */
static int nss_reference(struct store *store, const struct item *item, struct bytes *reference,
                         struct faults *faults)
{
    struct message question;
    struct inbound done;
    const char *nickname;
    int result;

    memset(&done, 0, sizeof(done));
    ask_about(&question, MESSAGE_NICKNAME, item);
    result = keeper_ask(keeper_of(store), &question, NULL, NULL, &done, faults);
    if (result == 0) {
        nickname = inbound_text(&done);
        if (!inbound_finished(&done) || nickname == NULL) {
            result = nonsense(store, faults);
        } else if (bytes_append_text(reference, "nss:sql:") != 0 ||
                   append_encoded(reference, bytes_text(&nss_store_of(store)->folder)) != 0 ||
                   bytes_append_text(reference, "?nickname=") != 0 ||
                   append_encoded(reference, nickname) != 0) {
            fault_memory(faults);
            result = -1;
        }
    }
    inbound_free(&done);
    return result;
}

const struct store_kind store_nss = {
    .word = "nss",
    .summary = "a certificate database of NSS: Chromium's, Firefox's, or that of a folder",
    .caveat = "whoever can open the database can read its keys: NSS does not enforce that a key stays in it",
    .abilities = STORE_IDENTITIES | STORE_ANCHORS | STORE_SCOPE_SERVER | STORE_SCOPE_CLIENT |
                 STORE_TRUST_APART | STORE_SIGNS,
    .survey = nss_survey,
    .open = nss_open,
    .close = nss_close,
    .look = nss_look,
    .put = nss_put,
    .take = nss_take,
    .prove = nss_prove,
    .each = nss_each,
    .judge = nss_judge_by_keeper,
    .reference = nss_reference,
};
