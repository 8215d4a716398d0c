/* SPDX-License-Identifier: Apache-2.0 */
/* The store "macos": its verbs, handed on to the kind of item. */
#include "macos/macos.h"

#include <stdlib.h>
#include <unistd.h>

#include "macos/file_keychain.h"
#include "macos/judge.h"
#include "macos/opened.h"
#include "macos/query.h"
#include "macos/quiet.h"
#include "macos/status.h"
#include "macos/value.h"
#include "x509/certificate.h"

static struct opened *opened_of(struct store *store)
{
    return (struct opened *)store;
}

static struct store *store_macos_open(const struct store_setting *setting, const char *place,
                                      struct faults *faults)
{
    struct opened *opened = opened_new(setting, place, faults);

    return opened != NULL ? &opened->store : NULL;
}

static void store_macos_close(struct store *store)
{
    opened_free(opened_of(store));
}

static int look(struct store *store, const struct item *item, struct sighting *sighting,
                struct faults *faults)
{
    struct opened *opened = opened_of(store);
    struct quiet quiet;
    int status = -1;

    if (quiet_begin(&quiet, store->name, faults) != 0) {
        return -1;
    }
    switch (item->kind) {
    case ITEM_CERTIFICATE:
        status = certificate_item_look(opened, item, sighting, faults);
        break;
    case ITEM_KEY:
        status = key_item_look(opened, item, sighting, faults);
        break;
    case ITEM_TRUST:
        status = trust_item_look(opened, item, sighting, faults);
        break;
    }
    quiet_end(&quiet, store->name, faults);
    return status;
}

static int put(struct store *store, const struct item *item, struct faults *faults)
{
    struct opened *opened = opened_of(store);
    struct quiet quiet;
    int status = -1;

    if (item->kind == ITEM_TRUST) {
        return trust_item_put(opened, item, faults);
    }
    if (quiet_begin(&quiet, store->name, faults) != 0) {
        return -1;
    }
    status = item->kind == ITEM_KEY ? key_item_put(opened, item, faults)
                                    : certificate_item_put(opened, item, faults);
    quiet_end(&quiet, store->name, faults);
    return status;
}

static int take(struct store *store, const struct item *item, struct slice before, struct faults *faults)
{
    struct opened *opened = opened_of(store);
    struct quiet quiet;
    int status = -1;

    if (item->kind == ITEM_TRUST) {
        return trust_item_take(opened, item, before, faults);
    }
    if (quiet_begin(&quiet, store->name, faults) != 0) {
        return -1;
    }
    status = item->kind == ITEM_KEY ? key_item_take(opened, item, faults)
                                    : certificate_item_take(opened, item, faults);
    quiet_end(&quiet, store->name, faults);
    return status;
}

static int prove(struct store *store, const struct item *item, struct faults *faults)
{
    struct opened *opened = opened_of(store);
    struct quiet quiet;
    int status = -1;

    if (quiet_begin(&quiet, store->name, faults) != 0) {
        return -1;
    }
    switch (item->kind) {
    case ITEM_CERTIFICATE:
        status = certificate_item_prove(opened, item, faults);
        break;
    case ITEM_KEY:
        status = key_item_prove(opened, item, faults);
        break;
    case ITEM_TRUST:
        status = trust_item_prove(opened, item, faults);
        break;
    }
    quiet_end(&quiet, store->name, faults);
    return status;
}

/* ---- lists ---------------------------------------------------------------------------------------------------------- */

/* Whether a key can be read back, as far as its attributes tell. */
static bool is_extractable(SecKeyRef key)
{
    CFDictionaryRef attributes = SecKeyCopyAttributes(key);
    CFTypeRef told = value_get(attributes, kSecAttrIsExtractable);
    bool extractable = told == NULL || !CFEqual(told, kCFBooleanFalse);

    value_release(attributes);
    return extractable;
}

/* Whether the key of @p entry is there, and whether it can be read back. */
static int tell_key(struct opened *opened, struct store_entry *entry, struct faults *faults)
{
    unsigned char name[QUERY_KEY_NAME];
    struct certificate_view view;
    OSStatus status = errSecItemNotFound;
    SecKeyRef key = NULL;

    if (certificate_view_read(entry->certificate, &view) == 0 &&
        certificate_key_identifier(opened->store.context, view.spki, name) == 0) {
        key = query_copy_key(opened->keychain, name, &status);
    }
    if (status != errSecSuccess && status != errSecItemNotFound) {
        status_fault(faults, opened->store.name, status, NULL, "its keys cannot be read");
        return -1;
    }
    entry->has_key = key != NULL;
    if (key != NULL) {
        entry->extractable = is_extractable(key);
    }
    value_release(key);
    return 0;
}

/* One entry, told. */
static int tell(struct opened *opened, CFTypeRef found, store_entry_fn each, void *state,
                struct faults *faults)
{
    CFDataRef der = query_copy_der(found);
    struct bytes label = BYTES_EMPTY;
    struct trust_settings trust = {0};
    struct store_entry entry = {.certificate = value_bytes(der)};
    bool foreign = false;
    int status = -1;

    if (der == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (value_text(value_get(found, kSecAttrLabel), &label) == 0) {
        entry.label = bytes_text(&label);
    }
    if (tell_key(opened, &entry, faults) == 0 &&
        trust_read(&opened->trust, (SecCertificateRef)value_get(found, kSecValueRef), &trust, &foreign,
                   faults) == 0) {
        entry.scope = trust_settings_scope(&trust, &entry.host);
        status = each(state, &entry);
    }
    trust_settings_free(&trust);
    bytes_free(&label);
    value_release(der);
    return status;
}

static int walk(struct store *store, store_entry_fn each, void *state, struct faults *faults)
{
    struct opened *opened = opened_of(store);
    struct quiet quiet;
    OSStatus found = errSecSuccess;
    CFArrayRef all = NULL;
    int status = 0;

    if (quiet_begin(&quiet, store->name, faults) != 0) {
        return -1;
    }
    all = query_copy_certificates(opened->keychain, &found);
    if (found != errSecSuccess && found != errSecItemNotFound) {
        status_fault(faults, store->name, found, NULL, "its certificates cannot be read");
        status = -1;
    }
    for (size_t i = 0; status == 0 && i < value_count(all); i++) {
        status = tell(opened, value_at(all, i), each, state, faults);
    }
    value_release(all);
    quiet_end(&quiet, store->name, faults);
    return status;
}

/* ---- the rest ------------------------------------------------------------------------------------------------------- */

static int judge(struct store *store, const struct store_question *question, struct store_verdict *verdict,
                 struct faults *faults)
{
    struct quiet quiet;
    int status = -1;

    if (quiet_begin(&quiet, store->name, faults) != 0) {
        return -1;
    }
    status = judge_ask(store->name, question, verdict, faults) == 0 ? 1 : -1;
    quiet_end(&quiet, store->name, faults);
    return status;
}

static int allow(struct store *store, const struct item *item, const char *program, struct faults *faults)
{
    struct quiet quiet;
    int status = -1;

    if (quiet_begin(&quiet, store->name, faults) != 0) {
        return -1;
    }
    status = key_item_allow(opened_of(store), item, program, faults);
    quiet_end(&quiet, store->name, faults);
    return status;
}

/* What is looked for, and where its label goes. */
struct labelled {
    struct slice certificate;
    struct bytes *reference;
};

static int take_label(void *state, const struct store_entry *entry)
{
    struct labelled *labelled = state;

    if (!slice_equal(entry->certificate, labelled->certificate) || entry->label == NULL) {
        return 0;
    }
    return bytes_printf(labelled->reference, "keychain:%s", entry->label) == 0 ? 1 : -1;
}

/* Programs of macOS find an identity by the label of its certificate. */
static int reference(struct store *store, const struct item *item, struct bytes *reference,
                     struct faults *faults)
{
    struct labelled labelled = {item->certificate, reference};
    int status = walk(store, take_label, &labelled, faults);

    if (status == 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: the certificate is not there", store->name);
    }
    return status == 1 ? 0 : -1;
}

static bool lend(struct store *store)
{
    struct opened *opened = opened_of(store);
    bool shut = opened->relock;

    opened->relock = false;
    return shut;
}

static int survey(const struct store_setting *setting, store_place_fn each, void *state,
                  struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    OSStatus found = errSecSuccess;
    SecKeychainRef login = NULL;
    struct quiet quiet;
    int status = -1;

    if (quiet_begin(&quiet, "macos", faults) != 0) {
        return -1;
    }
    if (!opened_under_sudo()) {
        login = file_keychain_copy_login(&found);
        if (login != NULL && file_keychain_path(login, &path) != errSecSuccess) {
            bytes_clear(&path);
        }
    }
    value_release(login);
    quiet_end(&quiet, "macos", faults);
    status = each(state, "macos:system", MACOS_SYSTEM_KEYCHAIN,
                  setting->writing && geteuid() != 0 ? "only root may write it" : NULL);
    if (status == 0) {
        status = each(state, "macos:login", bytes_text(&path),
                      opened_under_sudo()      ? "under sudo it is not certain whose it is"
                      : found != errSecSuccess ? "this user has none"
                                               : NULL);
    }
    bytes_free(&path);
    return status;
}

const struct store_kind store_macos = {
    .word = "macos",
    .summary = "keychains and trust settings of macOS: system, login, or a path",
    .caveat = "trust may want an administrator at the screen; see --pending-trust",
    .abilities = STORE_IDENTITIES | STORE_ANCHORS | STORE_SCOPE_SERVER | STORE_SCOPE_CLIENT | STORE_HOSTS |
                 STORE_UNEXTRACTABLE | STORE_PROGRAMS | STORE_TRUST_APART | STORE_SIGNS | STORE_SHARED_BY_ALL,
    .survey = survey,
    .open = store_macos_open,
    .close = store_macos_close,
    .look = look,
    .put = put,
    .take = take,
    .prove = prove,
    .each = walk,
    .judge = judge,
    .allow = allow,
    .lend = lend,
    .reference = reference,
};
