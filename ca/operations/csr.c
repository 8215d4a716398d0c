/* SPDX-License-Identifier: Apache-2.0 */
/* A request's way: the order judged as a manifest's entry, the key read, made or opened in its token, both files as one group. */
#include "operations/csr.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/file_stamp.h"
#include "base/token_uri.h"
#include "issuing/directory.h"
#include "issuing/passphrases.h"
#include "issuing/provenance.h"
#include "issuing/settings.h"
#include "issuing/tokens.h"
#include "ledger/ledger_directory.h"
#include "operations/namesake.h"
#include "operations/order.h"
#include "x509/extension.h"
#include "x509/name.h"
#include "x509/pem.h"
#include "x509/request.h"

/* Stands for the issuer, whoever that is; the one name that cannot be asked for. */
#define ISSUER_ELSEWHERE "issuer-elsewhere"

struct requesting {
    const struct context *context;
    const struct csr_order *order;
    struct csr_report *report;
    struct faults *faults;
    struct directory directory;
    struct ledger_authority settings; /* what the ledger knows of the key; name "": nothing */
    bool certified;                   /* a certificate was taken in under the name */
    struct passphrases *passphrases;
    struct tokens *tokens;
    struct manifest *manifest;
    const struct entry *entry;
    struct bytes key_path, csr_path;
    struct key *key;       /* NULL: in a token */
    struct signer *signer; /* with the key; */
    struct signer *owned;  /* NULL: the tokens' */
    struct bytes key_pem;  /* empty: the key is there */
    struct bytes csr_pem;
};

void csr_report_free(struct csr_report *report)
{
    free(report->uri);
    bytes_free(&report->subject);
}

/* ---- what -------------------------------------------------------------------------------------------------------- */

static bool is_token(const char *key)
{
    return key != NULL && token_uri_is(key);
}

/* A name that means something made here already cannot be asked for elsewhere. */
static int look_up(struct requesting *requesting)
{
    struct ledger *ledger = requesting->directory.ledger;
    const char *name = requesting->order->name;
    const char *key = requesting->order->key;
    struct ledger_certificate row = {0};
    int found = 0;

    if (ledger != NULL) {
        found = ledger_find_authority(ledger, name, &requesting->settings, requesting->faults);
        found = found < 0 ? -1 : ledger_find_certificate(ledger, name, &row, requesting->faults);
    }
    requesting->certified = found == 1;
    if (found == 1 && !row.adopted) {
        fault_error(requesting->faults, NULL, name, "choose another name", "its certificate was issued here");
        found = -1;
    } else if (found == 1 && key != NULL && (is_token(key) || is_token(requesting->settings.key)) &&
               strcmp(key, requesting->settings.key) != 0) {
        fault_error(requesting->faults, NULL, name, "choose another name, or say no --key",
                    "its certificate is for the key that %s",
                    is_token(requesting->settings.key) ? "is in another place of a token" : "is a file");
        found = -1;
    }
    ledger_certificate_free(&row);
    if (found == 0 && ledger != NULL) {
        found = namesake_check(&requesting->directory, name, requesting->faults);
    }
    return found < 0 ? -1 : 0;
}

static int read_order(struct requesting *requesting)
{
    const struct csr_order *order = requesting->order;
    const struct ledger_authority *settings = &requesting->settings;
    const struct order_item item = {order->name, order->subject, order->names, order->name_count};
    bool known = order->key == NULL && is_token(settings->key);
    struct order whole = {
        .items = &item,
        .count = 1,
        .issuer = ISSUER_ELSEWHERE,
        .profile = order->profile,
        .key = known ? settings->key : order->key,
        .generate = order->generate,
        .key_passphrase = order->key_passphrase,
        .key_kdf = order->key_kdf,
        .profiles = order->profiles,
        .profile_count = order->profile_count,
    };

    if (is_token(whole.key) && whole.key_passphrase == NULL && strcmp(whole.key, settings->key) == 0 &&
        settings->passphrase[0] != '\0') {
        whole.key_passphrase = settings->passphrase;
    }
    if (order->generate != NULL && !is_token(whole.key)) {
        fault_error(requesting->faults, NULL, "--generate", "--key says of which algorithm a file's is",
                    "is of a key in a token, and --key names none");
        return -1;
    }
    if (order_looks_for_authorities(order->profile, order->profiles, order->profile_count, &whole.authorities,
                                    requesting->faults) != 0) {
        return -1;
    }
    if (whole.authorities && order->name_count > 0) {
        fault_error(requesting->faults, NULL, "--san", "its name is its subject",
                    "an authority has no other names");
        return -1;
    }
    requesting->manifest = order_read(requesting->context, &whole, requesting->faults);
    if (requesting->manifest == NULL) {
        return -1;
    }
    requesting->entry = manifest_find(requesting->manifest, order->name);
    return requesting->entry != NULL ? 0 : -1;
}

/* Everything its profile says a certificate may be used for. */
static int write_extensions(const struct entry *entry, enum key_family family, struct bytes *extensions)
{
    const struct profile *profile = entry->profile;
    uint32_t usage = profile->key_usage;
    struct der der;

    if (family != KEY_FAMILY_RSA) {
        usage &= ~KEY_USAGE_KEY_ENCIPHERMENT;
    }
    der_start(&der, extensions);
    extension_write_basic_constraints(&der, profile->ca,
                                      entry->path_length >= 0 ? entry->path_length : profile->path_length);
    if (usage != 0) {
        extension_write_key_usage(&der, usage);
    }
    if (profile->extended_key_usage_count > 0) {
        extension_write_extended_key_usage(&der, profile->extended_key_usages,
                                           profile->extended_key_usage_count);
    }
    return der_finish(&der);
}

/* ---- key --------------------------------------------------------------------------------------------------------- */

static int make_key(struct requesting *requesting)
{
    const struct entry *entry = requesting->entry;
    struct key_maker *maker = key_maker_new(requesting->context, entry->key, requesting->faults);
    const struct bytes *passphrase = NULL;
    int status = -1;

    if (maker == NULL) {
        goto out;
    }
    if (entry->passphrase.source != PASSPHRASE_NONE &&
        (passphrase = passphrases_get(requesting->passphrases, &entry->passphrase,
                                      bytes_text(&requesting->key_path), true, requesting->faults)) == NULL) {
        goto out;
    }
    requesting->key = key_maker_make(maker, requesting->faults);
    if (requesting->key != NULL) {
        status = passphrase != NULL
                     ? key_pkcs8_encrypted_pem(requesting->context, requesting->key, entry->passphrase_kdf,
                                               passphrase, &requesting->key_pem, requesting->faults)
                     : key_pkcs8_pem(requesting->key, &requesting->key_pem, requesting->faults);
    }
out:
    key_maker_free(maker);
    return status;
}

static int read_key(struct requesting *requesting)
{
    const struct passphrase_spec prompt = {.source = PASSPHRASE_PROMPT};
    const struct entry *entry = requesting->entry;
    struct faults *why = NULL;
    const char *path = bytes_text(&requesting->key_path);
    const struct bytes *passphrase = NULL;
    struct bytes content = BYTES_EMPTY;
    int status = -1;

    if (file_read(requesting->directory.folder, path, FILE_LIMIT_KEY, &content, requesting->faults) != 0) {
        goto out;
    }
    if (key_is_encrypted(slice_of(&content)) &&
        (passphrase =
             passphrases_get(requesting->passphrases,
                             entry->passphrase.source != PASSPHRASE_NONE ? &entry->passphrase : &prompt, path,
                             false, requesting->faults)) == NULL) {
        goto out;
    }
    why = faults_new();
    if (why == NULL) {
        fault_memory(requesting->faults);
        goto out;
    }
    requesting->key = key_read(requesting->context, slice_of(&content), passphrase, path, why);
    faults_advise(why, "move it away, and another is made");
    faults_move(requesting->faults, why);
    if (requesting->key != NULL && requesting->order->key_kdf != NULL) {
        fault_error(requesting->faults, NULL, requesting->order->name,
                    "leave out --kdf; mtls-ca key passphrase changes it", "%s is there and kept as it is",
                    path);
        goto out;
    }
    if (requesting->key != NULL && requesting->order->key != NULL &&
        key_algorithm_of(requesting->key) != entry->key) {
        fault_error(requesting->faults, NULL, requesting->order->name, "move it away, and another is made",
                    "%s is there and kept, and it is no %s key", path, requesting->order->key);
        goto out;
    }
    status = requesting->key != NULL ? 0 : -1;
out:
    faults_free(why);
    bytes_free(&content);
    return status;
}

/* The key in the token, made there when that was said. */
static int open_token(struct requesting *requesting, bool file)
{
    const struct entry *entry = requesting->entry;
    int found;

    if (file) {
        fault_error(requesting->faults, NULL, requesting->order->name, "move it away",
                    "%s is there, and the key is to be in a token", bytes_text(&requesting->key_path));
        return -1;
    }
    requesting->tokens = tokens_new(requesting->context, requesting->passphrases);
    requesting->report->uri = strdup(entry->token_uri);
    if (requesting->tokens == NULL || requesting->report->uri == NULL) {
        fault_memory(requesting->faults);
        return -1;
    }
    found = tokens_open(requesting->tokens, entry, false, requesting->faults);
    if (found == 0) {
        requesting->report->made = true;
        found = tokens_open(requesting->tokens, entry, true, requesting->faults);
    }
    requesting->signer = found == 1 ? tokens_signer(requesting->tokens, entry) : NULL;
    return requesting->signer != NULL ? 0 : -1;
}

static int settle_key(struct requesting *requesting)
{
    const char *path = bytes_text(&requesting->key_path);
    struct file_stamp stamp;
    const char *why = NULL;
    bool file = requesting->directory.folder >= 0 &&
                file_stamp_read(requesting->directory.folder, path, &stamp, &why) != 0;

    if (requesting->entry->token_uri != NULL) {
        return open_token(requesting, file);
    }
    requesting->report->made = !file;
    if ((file ? read_key(requesting) : make_key(requesting)) != 0) {
        return -1;
    }
    requesting->owned = signer_from_key(requesting->context, requesting->key, requesting->faults);
    requesting->signer = requesting->owned;
    return requesting->signer != NULL ? 0 : -1;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

/* What is told of the key and the request. */
static int note_report(struct requesting *requesting, const struct key *key, struct slice der)
{
    struct csr_report *report = requesting->report;

    report->algorithm = key_algorithm_of(key);
    if (digest_of(requesting->context, signer_spki(requesting->signer), &report->spki) != 0 ||
        digest_of(requesting->context, der, &report->request) != 0 ||
        name_format(slice_of(&requesting->entry->subject), &report->subject) != 0) {
        fault_memory(requesting->faults);
        return -1;
    }
    return 0;
}

static int write_request(struct requesting *requesting)
{
    const struct entry *entry = requesting->entry;
    struct signer *signer = requesting->signer;
    struct key *key = key_from_spki(requesting->context, signer_spki(signer), requesting->faults);
    struct bytes extensions = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    int status = -1;

    if (key == NULL) {
        goto out;
    }
    if (write_extensions(entry, key_family_of(key), &extensions) != 0) {
        fault_memory(requesting->faults);
        goto out;
    }
    const struct request_fields fields = {slice_of(&entry->subject), slice_of(&entry->names),
                                          slice_of(&extensions)};

    if (request_write(&fields, signer, &der, requesting->faults) == 0 &&
        note_report(requesting, key, slice_of(&der)) == 0) {
        status = pem_write(slice_of(&der), REQUEST_LABEL, &requesting->csr_pem);
        if (status != 0) {
            fault_memory(requesting->faults);
        }
    }
out:
    key_free(key);
    bytes_free(&extensions);
    bytes_free(&der);
    return status;
}

static int publish(struct requesting *requesting)
{
    struct publisher *publisher = NULL;
    int status = -1;

    if (directory_settle(&requesting->directory, requesting->context, requesting->faults) == 0) {
        publisher = directory_publisher(&requesting->directory, requesting->context, requesting->faults);
    }
    if (publisher != NULL &&
        (requesting->key_pem.length == 0 ||
         publisher_add(publisher, bytes_text(&requesting->key_path), slice_of(&requesting->key_pem), 0600,
                       requesting->faults) == 0) &&
        publisher_add(publisher, bytes_text(&requesting->csr_path), slice_of(&requesting->csr_pem), 0644,
                      requesting->faults) == 0) {
        status = publisher_commit(publisher, requesting->faults);
    }
    publisher_free(publisher);
    return status;
}

/*
 * Where the key is: in a token, for install-certificate and whoever signs then, or a file, whose permissions apply looks after from here on.
 * What was said of the name before holds no more.
 */
static int put_settings(struct requesting *requesting)
{
    const struct entry *entry = requesting->entry;
    struct ledger *ledger = requesting->directory.ledger;
    struct ledger_authority *settings = &requesting->settings;
    const char *uri = entry->token_uri != NULL ? entry->token_uri : "";
    struct bytes pin = BYTES_EMPTY;
    int status = -1;

    if (settings_spec(&entry->pin, NULL, &pin) != 0) {
        fault_memory(requesting->faults);
        goto out;
    }
    if (requesting->certified || (settings->name[0] != '\0' && strcmp(settings->key, uri) == 0 &&
                                  (uri[0] == '\0' || strcmp(settings->passphrase, bytes_text(&pin)) == 0))) {
        status = 0;
        goto out;
    }
    if (strlen(uri) >= sizeof(settings->key) || pin.length >= sizeof(settings->passphrase) ||
        strlen(entry->name) >= sizeof(settings->name)) {
        fault_error(requesting->faults, NULL, entry->name, NULL,
                    "the URI of its key, or the SPEC of the PIN, is too long for the ledger");
        goto out;
    }
    memcpy(settings->name, entry->name, strlen(entry->name) + 1);
    memcpy(settings->key, uri, strlen(uri) + 1);
    memcpy(settings->passphrase, bytes_text(&pin), pin.length + 1);
    if (ledger_begin(ledger, requesting->faults) != 0) {
        goto out;
    }
    if (ledger_put_authority(ledger, settings, requesting->faults) != 0) {
        ledger_rollback(ledger);
        goto out;
    }
    status = ledger_commit(ledger, requesting->faults);
out:
    bytes_free(&pin);
    return status;
}

static int prepare(struct requesting *requesting, const char *directory)
{
    const char *name = requesting->order->name;

    requesting->passphrases = passphrases_new(requesting->context, NULL);
    if (requesting->passphrases == NULL || bytes_printf(&requesting->key_path, "%s.key", name) != 0 ||
        bytes_printf(&requesting->csr_path, "%s.csr", name) != 0) {
        fault_memory(requesting->faults);
        return -1;
    }
    return directory_look(&requesting->directory, directory, DIRECTORY_WRITE, requesting->faults) == 0 &&
                   (requesting->directory.ledger == NULL ||
                    provenance_check(requesting->context, requesting->directory.ledger, directory,
                                     requesting->faults) == 0) &&
                   look_up(requesting) == 0
               ? read_order(requesting)
               : -1;
}

int csr_run(const struct context *context, const char *directory, const struct csr_order *order,
            struct csr_report *report, csr_written_fn written, void *state, struct faults *faults)
{
    struct requesting requesting = {
        .context = context, .order = order, .report = report, .faults = faults, .directory = DIRECTORY_EMPTY};
    int status = -1;

    if (prepare(&requesting, directory) == 0 && settle_key(&requesting) == 0 &&
        write_request(&requesting) == 0 && publish(&requesting) == 0 && put_settings(&requesting) == 0) {
        if (requesting.key_pem.length > 0) {
            written(state, bytes_text(&requesting.key_path));
        }
        written(state, bytes_text(&requesting.csr_path));
        status = 0;
    }
    signer_free(requesting.owned);
    tokens_free(requesting.tokens);
    key_free(requesting.key);
    bytes_free(&requesting.key_pem);
    bytes_free(&requesting.csr_pem);
    bytes_free(&requesting.key_path);
    bytes_free(&requesting.csr_path);
    manifest_free(requesting.manifest);
    passphrases_free(requesting.passphrases);
    directory_close(&requesting.directory);
    return status;
}
