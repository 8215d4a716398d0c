/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `installs:`: files that say what is to be installed on a machine (mtlskit-install(5)), read when all entries are. Each is an output of the first entry it
 * names, an identity before an authority, and so it is planned, written, told as an orphan and handed out as that entry's other files.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/install_fields.h"
#include "manifest/install_text.h"
#include "manifest/output_name.h"
#include "manifest/reading.h"
#include "manifest/value.h"

/** Most entries of a list. */
#define INSTALL_LIST_MAX 1000

/** One installation while it is read. */
struct install_reading {
    struct reading *reading;
    struct install_text text;
    const struct node *file, *label;
    struct install_trust *trust; /* that is being read */
};

/* ---- names ---------------------------------------------------------------------------------------------------------- */

/** Complain of @p text, with the nearest of the names from @p from up to @p to and, with @p bundles, of their bundles' files. */
static int complain_name(const struct reading *reading, size_t from, size_t to, bool bundles,
                         const char *text, const struct node *node, const struct path *path)
{
    const char **names;
    size_t count = 0;
    size_t most = 0;
    char hint[COMPLAINT_HINT_MAX];

    for (size_t i = from; i < to; i++) {
        most += 1 + reading->entries[i].bundle_count;
    }
    names = calloc(most + 1, sizeof(*names));
    if (names == NULL) {
        fault_memory(reading->faults);
        return -1;
    }
    for (size_t i = from; i < to; i++) {
        names[count++] = reading->entries[i].name;
        for (size_t j = 0; bundles && j < reading->entries[i].bundle_count; j++) {
            names[count++] = reading->entries[i].bundles[j].file;
        }
    }
    field_error(reading->faults, node, path,
                complaint_did_you_mean(
                    hint, field_nearest(text, names, count),
                    bundles ? "a name under certificates:, or the file of a bundle; none of a fleet"
                            : "one of those under authorities:"),
                bundles ? "there is no certificate or bundle %s" : "there is no authority %s",
                field_quoted(text).text);
    free(names);
    return 0;
}

/** The entry called just @p text, by number; -1: there is none. */
static size_t find_entry(const struct reading *reading, const char *text)
{
    const struct name_index_row *row = name_index_find(&reading->names, text, strlen(text));

    return row != NULL && strcmp(row->text, text) == 0 ? row->value : NO_ENTRY;
}

static int add_authority(void *state, const char *text, const struct node *node, const struct path *path,
                         struct faults *faults)
{
    struct install_reading *install = state;
    struct install_trust *trust = install->trust;
    size_t found = find_entry(install->reading, text);

    (void)faults;
    if (found == NO_ENTRY || found >= install->reading->authority_count) {
        return complain_name(install->reading, 0, install->reading->authority_count, false, text, node, path);
    }
    trust->authorities[trust->authority_count++] = found;
    return 0;
}

/** Bundles of an entry that hold an identity; the first of them. */
static size_t count_bundles(const struct entry *entry, const struct entry_bundle **first)
{
    size_t count = 0;

    for (size_t i = entry->bundle_count; i-- > 0;) {
        if (entry->bundles[i].target != NULL && !entry->bundles[i].target->anchors_only) {
            *first = &entry->bundles[i];
            count++;
        }
    }
    return count;
}

/** The bundle whose file is @p text, with its entry. */
static const struct entry_bundle *find_bundle(const struct reading *reading, const char *text,
                                              const struct entry **entry)
{
    for (size_t i = reading->authority_count; i < reading->count; i++) {
        *entry = &reading->entries[i];
        for (size_t j = 0; j < (*entry)->bundle_count; j++) {
            if ((*entry)->bundles[j].file != NULL && strcmp((*entry)->bundles[j].file, text) == 0) {
                return &(*entry)->bundles[j];
            }
        }
    }
    return NULL;
}

/** A certificate by its name: its one bundle, or certificate and key. */
static void take_certificate(struct install_reading *install, const struct entry *entry,
                             const struct node *node, const struct path *path)
{
    struct install_identity identity = {entry, NULL};
    size_t bundles = count_bundles(entry, &identity.bundle);

    if (bundles > 1) {
        field_error(install->reading->faults, node, path, identity.bundle->file,
                    "%s has %zu bundles: name the file of one", field_quoted(entry->name).text, bundles);
        return;
    }
    if (bundles == 0 && !entry_has_key_file(entry)) {
        field_error(install->reading->faults, node, path, "what is in a token is installed already",
                    "the key of %s is in no file", field_quoted(entry->name).text);
        return;
    }
    install->text.identities[install->text.identity_count++] = identity;
}

static int add_identity(void *state, const char *text, const struct node *node, const struct path *path,
                        struct faults *faults)
{
    struct install_reading *install = state;
    const struct reading *reading = install->reading;
    size_t found = find_entry(reading, text);
    const struct entry *entry = NULL;
    const struct entry_bundle *bundle;

    if (found != NO_ENTRY && found >= reading->authority_count) {
        take_certificate(install, &reading->entries[found], node, path);
        return 0;
    }
    if (found != NO_ENTRY) {
        field_error(faults, node, path, "under trust: it is trusted",
                    "%s is an authority, whose key is not handed out", field_quoted(text).text);
        return 0;
    }
    bundle = find_bundle(reading, text, &entry);
    if (bundle == NULL) {
        return complain_name(reading, reading->authority_count, reading->count, true, text, node, path);
    }
    if (bundle->target != NULL && bundle->target->anchors_only) {
        field_error(faults, node, path, "its authorities under trust", "the bundle %s holds anchors alone",
                    field_quoted(text).text);
        return 0;
    }
    install->text.identities[install->text.identity_count++] = (struct install_identity){entry, bundle};
    return 0;
}

/* ---- fields --------------------------------------------------------------------------------------------------------- */

/** How many items a list of texts, or a text alone, has room for. */
static size_t room_for(const struct node *node)
{
    return node_kind(node) == NODE_SEQUENCE ? node_count(node) + 1 : 1;
}

/** Whether a list is not too long; else complains. */
static bool is_short(const struct node *node, const struct path *path, struct faults *faults)
{
    if (node_kind(node) != NODE_SCALAR && node_count(node) > INSTALL_LIST_MAX) {
        field_error(faults, node, path, NULL, "holds more than %d entries", INSTALL_LIST_MAX);
        return false;
    }
    return true;
}

static int read_authorities(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    struct install_reading *install = target;

    if (!is_short(node, path, faults)) {
        return 0;
    }
    install->trust->authorities = calloc(room_for(node), sizeof(*install->trust->authorities));
    if (install->trust->authorities == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (node_kind(node) == NODE_SEQUENCE && node_count(node) == 0) {
        field_error(faults, node, path, "names of authorities", "is empty");
    }
    return value_each_text(node, path, true, add_authority, install, faults);
}

static int read_scope(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return install_scope(node, path, &((struct install_reading *)target)->trust->scope, faults);
}

static int read_host(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return install_host(node, path, &((struct install_reading *)target)->trust->host, faults);
}

static const struct field trust_fields[] = {
    {"authorities", read_authorities, true},
    {"for", read_scope, true},
    {"host", read_host, false},
    {NULL, NULL, false},
};

static int read_trust(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct install_reading *install = target;
    struct path below = {path, NULL, 0};

    if (!field_is(node, path, NODE_SEQUENCE, faults) || !is_short(node, path, faults)) {
        return 0;
    }
    install->text.trust = calloc(node_count(node) + 1, sizeof(*install->text.trust));
    if (install->text.trust == NULL) {
        fault_memory(faults);
        return -1;
    }
    for (; below.index < node_count(node); below.index++) {
        const struct node *item = node_item(node, below.index);
        struct path host = {&below, "host", 0};

        install->trust = &install->text.trust[install->text.trust_count++];
        if (fields_read(item, &below, "an entry of trust", trust_fields, install, faults) != 0) {
            return -1;
        }
        if (install->trust->host != NULL && install->trust->scope != NULL &&
            strcmp(install->trust->scope, "client") == 0) {
            field_error(faults, node_find(item, "host"), &host, "leave out host",
                        "clients are not checked by a host's name");
        }
    }
    return 0;
}

static int read_identities(const struct node *node, const struct path *path, void *target,
                           struct faults *faults)
{
    struct install_reading *install = target;

    if (!is_short(node, path, faults)) {
        return 0;
    }
    install->text.identities = calloc(room_for(node), sizeof(*install->text.identities));
    if (install->text.identities == NULL) {
        fault_memory(faults);
        return -1;
    }
    return value_each_text(node, path, true, add_identity, install, faults);
}

static int read_file(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct install_reading *install = target;

    install->file = node;
    return field_string(node, path, &install->text.file, faults) < 0 ? -1 : 0;
}

static int read_into(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return value_line(node, path, INSTALL_PATH_MAX, &((struct install_reading *)target)->text.into, faults);
}

static int read_label(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct install_reading *install = target;

    install->label = node;
    return value_line(node, path, INSTALL_LABEL_MAX, &install->text.label, faults);
}

static int read_extractable(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    return install_extractable(node, path, &((struct install_reading *)target)->text.extractable, faults);
}

static int add_program(void *state, const char *text, const struct node *node, const struct path *path,
                       struct faults *faults)
{
    struct install_text *install = &((struct install_reading *)state)->text;
    char **program = &install->allow[install->allow_count];
    int status = install_program(node, path, program, faults);

    (void)text;
    install->allow_count += *program != NULL ? 1 : 0;
    return status < 0 ? -1 : 0;
}

static int read_allow(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct install_reading *install = target;

    if (!is_short(node, path, faults)) {
        return 0;
    }
    install->text.allow = calloc(room_for(node), sizeof(*install->text.allow));
    if (install->text.allow == NULL) {
        fault_memory(faults);
        return -1;
    }
    return value_each_text(node, path, false, add_program, install, faults);
}

static const struct field install_fields[] = {
    {"file", read_file, false},   {"into", read_into, false},
    {"trust", read_trust, false}, {"identities", read_identities, false},
    {"label", read_label, false}, {"extractable", read_extractable, false},
    {"allow", read_allow, false}, {NULL, NULL, false},
};

/* ---- one installation ----------------------------------------------------------------------------------------------- */

/** What goes with what. */
static void check(const struct install_reading *install, const struct node *node, const struct path *path)
{
    struct faults *faults = install->reading->faults;
    struct path label = {path, "label", 0};

    if (reading_value(node, "identities") == NULL) {
        static const char *const of_keys[] = {"label", "extractable", "allow"};

        for (size_t i = 0; i < sizeof(of_keys) / sizeof(of_keys[0]); i++) {
            struct path below = {path, of_keys[i], 0};

            if (reading_value(node, of_keys[i]) != NULL) {
                field_error(faults, reading_value(node, of_keys[i]), &below, "leave it out",
                            "is said of identities, and there is none");
            }
        }
    } else if (install->label != NULL && install->text.identity_count > 1) {
        field_error(faults, install->label, &label, "leave it out, or write an installation for each",
                    "names one identity, and there are %zu", install->text.identity_count);
    }
}

/** Literal passphrases do not go over. */
static void warn_of_secrets(const struct install_reading *install, const struct node *node,
                            const struct path *path)
{
    for (size_t i = 0; i < install->text.identity_count; i++) {
        const struct install_identity *identity = &install->text.identities[i];
        const struct passphrase_spec *spec =
            identity->bundle != NULL ? &identity->bundle->passphrase : &identity->entry->passphrase;

        if (spec->source == PASSPHRASE_TEXT) {
            field_warning(
                install->reading->faults, node, path, "env:NAME and file:PATH go over",
                "the passphrase of %s is not written there: it will be asked for",
                field_quoted(identity->bundle != NULL ? identity->bundle->file : identity->entry->name).text);
        }
    }
}

/** The number of the entry whose output it is; NO_ENTRY where none is named. */
static size_t owner_of(const struct install_reading *install)
{
    if (install->text.identity_count > 0) {
        return (size_t)(install->text.identities[0].entry - install->reading->entries);
    }
    return install->text.trust_count > 0 && install->text.trust[0].authority_count > 0
               ? install->text.trust[0].authorities[0]
               : NO_ENTRY;
}

/** It becomes an output of @p entry. */
static int give(struct install_reading *install, struct entry *entry, const struct node *node,
                const struct path *path)
{
    struct entry_install *made;
    struct reading *reading = install->reading;

    if (entry->install_count == ENTRY_INSTALLS_MAX) {
        field_error(reading->faults, node, path, "name another of its identities first",
                    "more than %d installations begin with %s", ENTRY_INSTALLS_MAX,
                    field_quoted(entry->name).text);
        return 0;
    }
    if (entry->installs == NULL) {
        entry->installs = calloc(ENTRY_INSTALLS_MAX, sizeof(*entry->installs));
    }
    made = entry->installs != NULL ? &entry->installs[entry->install_count] : NULL;
    if (made == NULL || (made->name = strdup(install->text.name)) == NULL) {
        fault_memory(reading->faults);
        return -1;
    }
    entry->install_count++;
    if (install_text_write(&install->text, reading->entries, reading->folder, &made->content) != 0) {
        fault_memory(reading->faults);
        return -1;
    }
    made->file = install->text.file;
    install->text.file = NULL;
    return 0;
}

/** NAME.install.yaml, where nothing is said. */
static int settle_file(struct install_reading *install)
{
    struct bytes text = BYTES_EMPTY;
    int status = 0;

    if (install->text.file == NULL && install->file == NULL) {
        if (bytes_printf(&text, "%s.install.yaml", install->text.name) != 0 ||
            (install->text.file = strdup(bytes_text(&text))) == NULL) {
            fault_memory(install->reading->faults);
            status = -1;
        }
    }
    bytes_free(&text);
    return status;
}

static int read_install(struct reading *reading, const char *name, struct place place,
                        const struct node *node, const struct path *path)
{
    struct install_reading install = {.reading = reading, .text = {.name = name}};
    struct path file = {path, "file", 0};
    const char *why = output_name_entry_fault(name);
    size_t errors = faults_errors(reading->faults);
    size_t owner;
    int status = 0;

    if (why != NULL) {
        complaint_error(reading->faults, place, path, "names are file names", "the name %s", why);
    }
    status = fields_read(node, path, "an installation", install_fields, &install, reading->faults);
    if (status == 0 && node_kind(node) == NODE_MAPPING) {
        check(&install, node, path);
        status = settle_file(&install);
    }
    owner = owner_of(&install);
    if (status == 0 && faults_errors(reading->faults) == errors && owner == NO_ENTRY) {
        field_error(reading->faults, node, path, "trust or identities",
                    "nothing is named that is to be installed");
    }
    if (status == 0 && faults_errors(reading->faults) == errors && owner != NO_ENTRY) {
        const char *output = install.text.file;

        warn_of_secrets(&install, node, path);
        status = reading_claim_install(reading, owner, name, output,
                                       install.file != NULL ? install.file : node, &file);
        if (status == 0 && faults_errors(reading->faults) == errors) {
            status = give(&install, &reading->entries[owner], node, path);
        }
    }
    install_text_free(&install.text);
    return status;
}

int reading_installs(struct reading *reading, const struct node *node)
{
    static const struct path top = {NULL, "installs", 0};

    if (node_count(node) > INSTALL_LIST_MAX) {
        field_error(reading->faults, node, &top, NULL, "holds more than %d installations", INSTALL_LIST_MAX);
        return 0;
    }
    for (size_t i = 0; i < node_count(node); i++) {
        struct path path = {&top, node_key(node, i), 0};

        if (read_install(reading, node_key(node, i), node_key_place(node, i), node_value(node, i), &path) !=
            0) {
            return -1;
        }
    }
    return 0;
}
