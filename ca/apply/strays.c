/* SPDX-License-Identifier: Apache-2.0 */
/* Strays, from the ledger's outputs, its authorities' generations, and the keys that it knows of a request for. */
#include "apply/strays.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/file_stamp.h"
#include "ledger/ledger_directory.h"
#include "plan/step.h"
#include "x509/request.h"

/** Permissions of others than a file's owner. */
#define MODE_OTHERS (S_IRWXG | S_IRWXO)

struct search {
    struct strays *strays;
    int directory;
    struct ledger *ledger;
    const struct manifest *manifest;
    const char *manifest_id;
    struct faults *faults;
};

void strays_free(struct strays *strays)
{
    for (size_t i = 0; i < strays->count; i++) {
        free(strays->items[i].path);
    }
    free(strays->items);
    *strays = (struct strays){NULL, 0};
}

/** Takes the file at @p path when others have permissions on it. */
static int look(struct search *search, const char *path, bool authority)
{
    struct strays *strays = search->strays;
    struct file_stamp stamp;
    struct stray *grown;
    mode_t mode = 0;
    const char *why = NULL;

    if (file_stamp_read_mode(search->directory, path, &stamp, &mode, &why) != 1 ||
        (mode & MODE_OTHERS) == 0) {
        return 0;
    }
    grown = realloc(strays->items, (strays->count + 1) * sizeof(*grown));
    if (grown != NULL) {
        strays->items = grown;
        strays->items[strays->count].authority = authority;
        strays->items[strays->count].path = strdup(path);
    }
    if (grown == NULL || strays->items[strays->count].path == NULL) {
        fault_memory(search->faults);
        return -1;
    }
    strays->count++;
    return 0;
}

static int take_output(void *state, const struct ledger_output *output)
{
    struct search *search = state;
    struct ledger_certificate row = {0};
    bool ours = false;
    int found;

    if (!output_is_secret((enum output_kind)output->kind) || manifest_has(search->manifest, output->name)) {
        return 0;
    }
    found = ledger_find_certificate(search->ledger, output->name, &row, search->faults);
    if (found == 1) {
        ours = row.manifest[0] == '\0' || strcmp(row.manifest, search->manifest_id) == 0;
    }
    found = found < 0 ? -1 : ours ? look(search, output->path, row.authority) : 0;
    ledger_certificate_free(&row);
    return found;
}

static int take_generation(void *state, const struct ledger_generation *generation)
{
    struct search *search = state;
    struct bytes path = BYTES_EMPTY;
    int status = -1;

    if (generation->current || !manifest_has(search->manifest, generation->name)) {
        return 0;
    }
    if (bytes_printf(&path, "%s.generation-%lld.key", generation->name, (long long)generation->id) != 0) {
        fault_memory(search->faults);
    } else {
        status = look(search, bytes_text(&path), true);
    }
    bytes_free(&path);
    return status;
}

/** Whether what @p name.csr asks for is an authority; one that cannot be read asks for nothing. */
static bool asks_for_authority(const struct search *search, const char *name)
{
    struct faults *unused = faults_new();
    struct bytes path = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    struct request_view view;
    bool authority = false;

    if (unused != NULL && bytes_printf(&path, "%s.csr", name) == 0 &&
        file_read(search->directory, bytes_text(&path), FILE_LIMIT_CERTIFICATES, &content, unused) == 0 &&
        request_read(slice_of(&content), bytes_text(&path), &der, &view, unused) == 0) {
        authority = view.ca;
    }
    bytes_free(&path);
    bytes_free(&content);
    bytes_free(&der);
    faults_free(unused);
    return authority;
}

/** The key of a request, whether its certificate was taken in or not. What the ledger has as an output was looked at. */
static int take_requested(void *state, const struct ledger_authority *known)
{
    struct search *search = state;
    struct ledger_certificate row = {0};
    struct ledger_output output = {0};
    struct bytes path = BYTES_EMPTY;
    int found = 1;

    if (known->key[0] != '\0' || manifest_has(search->manifest, known->name)) {
        return 0;
    }
    if (bytes_printf(&path, "%s.key", known->name) != 0) {
        fault_memory(search->faults);
        found = -1;
    } else {
        found = ledger_find_output(search->ledger, bytes_text(&path), &output, search->faults);
    }
    if (found == 0) {
        bool authority;

        found = ledger_find_certificate(search->ledger, known->name, &row, search->faults);
        authority = found == 1 ? row.authority : found == 0 && asks_for_authority(search, known->name);
        if (found == 0 || (found == 1 && row.manifest[0] == '\0')) {
            found = look(search, bytes_text(&path), authority);
        }
    }
    ledger_certificate_free(&row);
    ledger_output_free(&output);
    bytes_free(&path);
    return found < 0 ? -1 : 0;
}

int strays_find(struct strays *strays, int directory, struct ledger *ledger, const struct manifest *manifest,
                const char *manifest_id, struct faults *faults)
{
    struct search search = {strays, directory, ledger, manifest, manifest_id, faults};

    strays_free(strays);
    return ledger_each_generation(ledger, NULL, take_generation, &search, faults) == 0 &&
                   ledger_each_authority(ledger, take_requested, &search, faults) == 0 &&
                   ledger_each_output(ledger, NULL, take_output, &search, faults) == 0
               ? 0
               : -1;
}
