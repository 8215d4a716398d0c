/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of a manifest: its outputs, and what it owns. */
#include <stdlib.h>
#include <string.h>

#include "manifest/entry.h"
#include "manifest/manifest.h"

bool output_is_secret(enum output_kind kind)
{
    return kind == OUTPUT_KEY || kind == OUTPUT_K8S_SECRET || kind == OUTPUT_BUNDLE ||
           kind == OUTPUT_BUNDLE_PASSPHRASE;
}

const char *output_kind_word(enum output_kind kind)
{
    switch (kind) {
    case OUTPUT_KEY:
        return "key";
    case OUTPUT_CERTIFICATE:
        return "certificate";
    case OUTPUT_DER:
        return "der";
    case OUTPUT_TRUST:
        return "trust";
    case OUTPUT_K8S_SECRET:
        return "k8s-secret";
    case OUTPUT_BUNDLE:
        return "bundle";
    case OUTPUT_BUNDLE_PASSPHRASE:
        return "passphrase";
    case OUTPUT_CRL:
        return "crl";
    case OUTPUT_INSTALL:
        return "install";
    }
    return "output";
}

const char *entry_section(const struct entry *entry)
{
    if (entry->place.file == NULL || entry->place.file[0] == '\0') {
        return "";
    }
    return entry->kind == ENTRY_AUTHORITY ? "authorities." : "certificates.";
}

bool entry_has_key_file(const struct entry *entry)
{
    return entry->adopt_certificate == NULL && entry->token_uri == NULL && !entry->ephemeral;
}

/** The kinds an entry has by itself, in the order they are written; how many, at most 5. */
static size_t own_kinds(const struct entry *entry, enum output_kind kinds[5])
{
    size_t count = 0;

    if (entry_has_key_file(entry)) {
        kinds[count++] = OUTPUT_KEY;
    }
    if ((entry->formats & FORMAT_PEM) != 0) {
        kinds[count++] = OUTPUT_CERTIFICATE;
    }
    if ((entry->formats & FORMAT_DER) != 0) {
        kinds[count++] = OUTPUT_DER;
    }
    if (entry->kind == ENTRY_AUTHORITY && entry->issuer != NULL) {
        kinds[count++] = OUTPUT_TRUST;
    }
    if (entry->k8s_secret_file != NULL) {
        kinds[count++] = OUTPUT_K8S_SECRET;
    }
    return count;
}

size_t entry_output_count(const struct entry *entry)
{
    enum output_kind kinds[5];
    size_t count = own_kinds(entry, kinds) + entry->install_count, i;

    for (i = 0; i < entry->bundle_count; i++) {
        count += entry->bundles[i].passphrase.source == PASSPHRASE_GENERATE ? 2 : 1;
    }
    return count;
}

/** Ends of the names of an entry's own files. */
static const char *suffix(enum output_kind kind)
{
    return kind == OUTPUT_KEY           ? ".key"
           : kind == OUTPUT_CERTIFICATE ? ".crt"
           : kind == OUTPUT_DER         ? ".cer"
                                        : ".trust.pem";
}

/** Paths are made by the ten thousand: no format is read for them. */
static int append_path(struct bytes *path, const char *stem, const char *end)
{
    return bytes_append_text(path, stem) == 0 ? bytes_append_text(path, end) : -1;
}

int entry_output_at(const struct entry *entry, size_t index, struct output *output, struct bytes *path)
{
    enum output_kind kinds[5];
    size_t own = own_kinds(entry, kinds), i;

    *output = (struct output){OUTPUT_KEY, NULL, NULL};
    if (index < own) {
        output->kind = kinds[index];
        return kinds[index] == OUTPUT_K8S_SECRET ? bytes_append_text(path, entry->k8s_secret_file)
                                                 : append_path(path, entry->name, suffix(kinds[index]));
    }
    index -= own;
    for (i = 0; i < entry->bundle_count; i++) {
        size_t files = entry->bundles[i].passphrase.source == PASSPHRASE_GENERATE ? 2 : 1;

        if (index < files) {
            output->kind = index == 0 ? OUTPUT_BUNDLE : OUTPUT_BUNDLE_PASSPHRASE;
            output->bundle = &entry->bundles[i];
            return append_path(path, entry->bundles[i].file, index == 0 ? "" : ".pass");
        }
        index -= files;
    }
    if (index < entry->install_count) {
        output->kind = OUTPUT_INSTALL;
        output->install = &entry->installs[index];
        return bytes_append_text(path, entry->installs[index].file);
    }
    return -1;
}

static void bundle_free(struct entry_bundle *bundle)
{
    free(bundle->file);
    free(bundle->name);
    passphrase_spec_free(&bundle->passphrase);
}

void entry_free(struct entry *entry)
{
    size_t i;

    for (i = 0; i < entry->bundle_count; i++) {
        bundle_free(&entry->bundles[i]);
    }
    for (i = 0; i < entry->install_count; i++) {
        free(entry->installs[i].name);
        free(entry->installs[i].file);
        bytes_free(&entry->installs[i].content);
    }
    free(entry->bundles);
    free(entry->installs);
    free(entry->name);
    bytes_free(&entry->subject);
    bytes_free(&entry->names);
    bytes_free(&entry->permitted);
    bytes_free(&entry->excluded);
    passphrase_spec_free(&entry->passphrase);
    free(entry->token_uri);
    passphrase_spec_free(&entry->pin);
    free(entry->k8s_secret_file);
    free(entry->k8s_secret_name);
    free(entry->k8s_namespace);
    free(entry->adopt_certificate);
    free(entry->adopt_key);
    passphrase_spec_free(&entry->adopt_passphrase);
}

const struct entry *entry_like(const struct entry *model, const char *name, struct slice subject,
                               struct slice names)
{
    struct entry_hold *hold = calloc(1, sizeof(*hold));
    struct entry *entry;

    if (hold == NULL) {
        return NULL;
    }
    entry = &hold->entry;
    *entry = (struct entry){
        .kind = ENTRY_CERTIFICATE,
        .place = model->place,
        .issuer = model->issuer,
        .profile = model->profile,
        .key = model->key,
        .reuse_key = model->reuse_key,
        .validity = model->validity,
        .backdate = model->backdate,
        .renew_before_given = model->renew_before_given,
        .renew_before = model->renew_before,
        .path_length = model->path_length,
        .flaw = model->flaw,
        .formats = model->formats,
        .lint_ignored = model->lint_ignored,
        .hold = hold,
    };
    hold->count = 1;
    entry->name = strdup(name);
    if (entry->name == NULL || bytes_append(&entry->subject, subject.data, subject.length) != 0 ||
        bytes_append(&entry->names, names.data, names.length) != 0 ||
        bytes_append(&entry->permitted, model->permitted.data, model->permitted.length) != 0 ||
        bytes_append(&entry->excluded, model->excluded.data, model->excluded.length) != 0) {
        entry_release(entry);
        return NULL;
    }
    return entry;
}

const struct entry *entry_keep(const struct entry *entry)
{
    if (entry->hold != NULL) {
        entry->hold->count++;
    }
    return entry;
}

void entry_issued_by(const struct entry *entry, const struct entry *issuer)
{
    if (entry->hold != NULL) {
        entry->hold->entry.issuer = issuer;
    }
}

bool entry_is_of_fleet(const struct entry *entry)
{
    return entry->hold != NULL;
}

void entry_release(const struct entry *entry)
{
    struct entry_hold *hold = entry != NULL ? entry->hold : NULL;

    if (hold != NULL && --hold->count == 0) {
        entry_free(&hold->entry);
        free(hold);
    }
}
