/* SPDX-License-Identifier: Apache-2.0 */
/* `adopt:` of an authority: where its certificate and key are, and what cannot stand beside it. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/token_uri.h"
#include "manifest/reading.h"
#include "manifest/value.h"

/** An input path, joined to the manifest's folder. */
static int read_input_path(const struct node *node, const struct path *path, const char *folder,
                           char **joined, struct faults *faults)
{
    struct bytes whole = BYTES_EMPTY;
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (text[0] == '\0') {
        field_error(faults, node, path, NULL, "is empty");
        return 0;
    }
    if (file_join(folder, text, &whole) == 0) {
        free(*joined);
        *joined = strdup(bytes_text(&whole));
    }
    bytes_free(&whole);
    if (*joined == NULL) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

static int read_adopt_certificate(const struct node *node, const struct path *path, void *target,
                                  struct faults *faults)
{
    struct entry_reading *entry = target;

    entry->entry->adopt_certificate_place = node_place(node);
    return read_input_path(node, path, entry->reading->folder, &entry->entry->adopt_certificate, faults);
}

static int read_adopt_key(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    struct entry_reading *entry = target;

    if (node_kind(node) == NODE_SCALAR && token_uri_is(node_text(node))) {
        return reading_key(node, path, entry->entry, faults);
    }
    entry->entry->adopt_key_place = node_place(node);
    return read_input_path(node, path, entry->reading->folder, &entry->entry->adopt_key, faults);
}

static int read_adopt_passphrase(const struct node *node, const struct path *path, void *target,
                                 struct faults *faults)
{
    struct entry *entry = ((struct entry_reading *)target)->entry;

    entry->adopt_passphrase_place = node_place(node);
    return value_passphrase(node, path, false, &entry->adopt_passphrase, faults);
}

static const struct field adopt_fields[] = {
    {"certificate", read_adopt_certificate, true},
    {"key", read_adopt_key, false},
    {"passphrase", read_adopt_passphrase, false},
    {NULL, NULL, false},
};

int reading_adopt(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return fields_read(node, path, "adopt", adopt_fields, target, faults);
}

void reading_check_adopted(struct entry_reading *entry)
{
    static const char *const said[] = {"subject",   "issuer",          "profile",     "key",
                                       "validity",  "backdate",        "path_length", "passphrase",
                                       "reuse_key", "name_constraints"};
    size_t i;

    for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        const struct node *node = reading_value(entry->draft->node, said[i]);
        struct path below = {entry->path, said[i], 0};

        if (node != NULL) {
            field_error(entry->reading->faults, node, &below, NULL,
                        "an adopted authority is taken as it is, so this cannot be chosen");
        }
    }
}
