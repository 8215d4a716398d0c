/* SPDX-License-Identifier: Apache-2.0 */
/* A request's way: the order judged as a manifest's entry, the key read or made, both files as one group. */
#include "operations/csr.h"

#include "base/file.h"
#include "base/file_stamp.h"
#include "issuing/directory.h"
#include "issuing/passphrases.h"
#include "operations/order.h"
#include "x509/extension.h"
#include "x509/pem.h"
#include "x509/request.h"

/* Stands for the issuer, whoever that is; the one name that cannot be asked for. */
#define ISSUER_ELSEWHERE "issuer-elsewhere"

struct requesting {
    const struct context *context;
    const struct csr_order *order;
    struct faults *faults;
    struct directory directory;
    struct passphrases *passphrases;
    struct manifest *manifest;
    const struct entry *entry;
    struct bytes key_path, csr_path;
    struct key *key;
    struct bytes key_pem; /* empty: the key is there */
    struct bytes csr_pem;
};

/* ---- what -------------------------------------------------------------------------------------------------------- */

static int read_order(struct requesting *requesting)
{
    const struct csr_order *order = requesting->order;
    const struct order_item item = {order->name, order->subject, order->names, order->name_count};
    struct order whole = {
        .items = &item,
        .count = 1,
        .issuer = ISSUER_ELSEWHERE,
        .profile = order->profile,
        .key = order->key,
        .key_passphrase = order->key_passphrase,
        .profiles = order->profiles,
        .profile_count = order->profile_count,
    };

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
    if (requesting->entry != NULL && requesting->entry->token_uri != NULL) {
        fault_error(requesting->faults, NULL, "--key", "a key file, then --key-passphrase to lock it",
                    "a request for a key in a token is not made here");
        return -1;
    }
    return requesting->entry != NULL ? 0 : -1;
}

/* A name that means something made here already cannot be asked for elsewhere. */
static int check_name(const struct requesting *requesting)
{
    struct ledger_certificate row = {0};
    int found = requesting->directory.ledger == NULL
                    ? 0
                    : ledger_find_certificate(requesting->directory.ledger, requesting->order->name, &row,
                                              requesting->faults);
    int status = found < 0 ? -1 : 0;

    if (found == 1 && !row.adopted) {
        fault_error(requesting->faults, NULL, requesting->order->name, "choose another name",
                    "its certificate was issued here");
        status = -1;
    }
    ledger_certificate_free(&row);
    return status;
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
                     ? key_pkcs8_encrypted_pem(requesting->context, requesting->key, passphrase,
                                               &requesting->key_pem, requesting->faults)
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
    requesting->key = key_read(requesting->context, slice_of(&content), passphrase, path, requesting->faults);
    if (requesting->key != NULL && requesting->order->key != NULL &&
        key_algorithm_of(requesting->key) != entry->key) {
        fault_error(requesting->faults, NULL, requesting->order->name, "move it away, and another is made",
                    "%s is there and kept, and it is no %s key", path, requesting->order->key);
        goto out;
    }
    status = requesting->key != NULL ? 0 : -1;
out:
    bytes_free(&content);
    return status;
}

static int settle_key(struct requesting *requesting)
{
    const char *path = bytes_text(&requesting->key_path);
    struct file_stamp stamp;
    const char *why = NULL;

    return requesting->directory.folder >= 0 &&
                   file_stamp_read(requesting->directory.folder, path, &stamp, &why) != 0
               ? read_key(requesting)
               : make_key(requesting);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static int write_request(struct requesting *requesting)
{
    const struct entry *entry = requesting->entry;
    struct signer *signer = signer_from_key(requesting->context, requesting->key, requesting->faults);
    struct bytes extensions = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    int status = -1;

    if (signer == NULL) {
        goto out;
    }
    if (write_extensions(entry, key_family_of(requesting->key), &extensions) != 0) {
        fault_memory(requesting->faults);
        goto out;
    }
    const struct request_fields fields = {slice_of(&entry->subject), slice_of(&entry->names),
                                          slice_of(&extensions)};

    if (request_write(&fields, signer, &der, requesting->faults) == 0) {
        status = pem_write(slice_of(&der), REQUEST_LABEL, &requesting->csr_pem);
        if (status != 0) {
            fault_memory(requesting->faults);
        }
    }
out:
    signer_free(signer);
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

static int prepare(struct requesting *requesting, const char *directory)
{
    const char *name = requesting->order->name;

    requesting->passphrases = passphrases_new(requesting->context, NULL);
    if (requesting->passphrases == NULL || bytes_printf(&requesting->key_path, "%s.key", name) != 0 ||
        bytes_printf(&requesting->csr_path, "%s.csr", name) != 0) {
        fault_memory(requesting->faults);
        return -1;
    }
    return read_order(requesting) == 0 &&
                   directory_look(&requesting->directory, directory, DIRECTORY_WRITE, requesting->faults) == 0
               ? check_name(requesting)
               : -1;
}

int csr_run(const struct context *context, const char *directory, const struct csr_order *order,
            csr_written_fn written, void *state, struct faults *faults)
{
    struct requesting requesting = {
        .context = context, .order = order, .faults = faults, .directory = DIRECTORY_EMPTY};
    int status = -1;

    if (prepare(&requesting, directory) == 0 && settle_key(&requesting) == 0 &&
        write_request(&requesting) == 0 && publish(&requesting) == 0) {
        if (requesting.key_pem.length > 0) {
            written(state, bytes_text(&requesting.key_path));
        }
        written(state, bytes_text(&requesting.csr_path));
        status = 0;
    }
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
