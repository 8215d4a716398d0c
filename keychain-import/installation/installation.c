/* SPDX-License-Identifier: Apache-2.0 */
/* install.yaml by tables of fields, and what goes with what once all is read. */
#include "installation/installation.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "manifest/document.h"
#include "manifest/field.h"
#include "manifest/install_fields.h"
#include "manifest/value.h"

/** The whole of it, while it is read. */
struct whole {
    struct installation *installation;
    const struct node *label; /**< at the top, for the one identity */
    char *label_text;
    size_t file_count; /**< files of all entries */
};

static void texts_free(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(texts[i]);
    }
    free(texts);
}

void installation_free(struct installation *installation)
{
    for (size_t i = 0; i < installation->trust_count; i++) {
        texts_free(installation->trust[i].files, installation->trust[i].file_count);
        free(installation->trust[i].host);
    }
    for (size_t i = 0; i < installation->identity_count; i++) {
        struct installation_identity *identity = &installation->identities[i];

        free(identity->p12);
        free(identity->certificate);
        free(identity->key);
        free(identity->label);
        passphrase_spec_free(&identity->passphrase);
    }
    free(installation->trust);
    free(installation->identities);
    texts_free(installation->allow, installation->allow_count);
    free(installation->into);
    free(installation->folder);
    free(installation->shown);
    memset(installation, 0, sizeof(*installation));
}

/* ---- values --------------------------------------------------------------------------------------------------------- */

/** The place of a node, whose file lives as long as the installation. */
static struct place place_in(const struct installation *installation, const struct node *node)
{
    struct place place = node_place(node);

    place.file = installation->shown;
    return place;
}

/** A path, from the file's folder. *joined is owned. */
static int read_path(const struct installation *installation, const struct node *node,
                     const struct path *path, char **joined, struct faults *faults)
{
    struct bytes text = BYTES_EMPTY;
    char *line = NULL;
    int status = value_line(node, path, INSTALL_PATH_MAX, &line, faults);

    if (status == 0 && line != NULL && strcmp(line, "-") == 0 && installation->shown[0] != '\0') {
        field_error(faults, node, path, "name a file", "\"-\" is standard input only on a command line");
    } else if (status == 0 && line != NULL) {
        free(*joined);
        *joined = file_join(installation->folder, line, &text) == 0 ? strdup(bytes_text(&text)) : NULL;
        if (*joined == NULL) {
            fault_memory(faults);
            status = -1;
        }
    }
    free(line);
    bytes_free(&text);
    return status < 0 ? -1 : 0;
}

/** Room for a list's items; NULL with a complaint, or without memory (*status is then -1). */
static void *make_room(const struct node *node, const struct path *path, size_t size, int *status,
                       struct faults *faults)
{
    void *room;

    *status = 0;
    if (!field_is(node, path, NODE_SEQUENCE, faults)) {
        return NULL;
    }
    if (node_count(node) > INSTALLATION_LIST_MAX) {
        field_error(faults, node, path, NULL, "holds more than %d entries", INSTALLATION_LIST_MAX);
        return NULL;
    }
    room = calloc(node_count(node) + 1, size);
    if (room == NULL) {
        fault_memory(faults);
        *status = -1;
    }
    return room;
}

/* ---- trust ---------------------------------------------------------------------------------------------------------- */

struct trust_reading {
    struct whole *whole;
    struct installation_trust *trust;
};

static int add_file(void *state, const char *text, const struct node *node, const struct path *path,
                    struct faults *faults)
{
    struct trust_reading *reading = state;
    struct installation_trust *trust = reading->trust;

    (void)text;
    if (reading->whole->file_count == INSTALLATION_LIST_MAX) {
        field_error(faults, node, path, "one file can hold many certificates",
                    "names more than %d files in all", INSTALLATION_LIST_MAX);
        return 0;
    }
    if (read_path(reading->whole->installation, node, path, &trust->files[trust->file_count], faults) != 0) {
        return -1;
    }
    if (trust->files[trust->file_count] != NULL) {
        trust->file_count++;
        reading->whole->file_count++;
    }
    return 0;
}

static int read_files(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct trust_reading *reading = target;
    bool list = node_kind(node) == NODE_SEQUENCE;

    if (list && node_count(node) == 0) {
        field_error(faults, node, path, "a list of files that hold certificates", "is empty");
        return 0;
    }
    if (list && node_count(node) > INSTALLATION_LIST_MAX) {
        field_error(faults, node, path, NULL, "holds more than %d entries", INSTALLATION_LIST_MAX);
        return 0;
    }
    reading->trust->files = calloc(list ? node_count(node) : 1, sizeof(*reading->trust->files));
    if (reading->trust->files == NULL) {
        fault_memory(faults);
        return -1;
    }
    return value_each_text(node, path, true, add_file, reading, faults);
}

static int read_scope(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct trust_reading *reading = target;
    const char *word = NULL;
    int status = install_scope(node, path, &word, faults);

    return status == 0 && word != NULL ? scope_parse(word, &reading->trust->scope) : status;
}

static int read_host(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return install_host(node, path, &((struct trust_reading *)target)->trust->host, faults);
}

static const struct field trust_fields[] = {
    {"files", read_files, true},
    {"for", read_scope, true},
    {"host", read_host, false},
    {NULL, NULL, false},
};

static int read_trust(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct whole *whole = target;
    struct installation *installation = whole->installation;
    struct path below = {path, NULL, 0};
    int status;

    installation->trust = make_room(node, path, sizeof(*installation->trust), &status, faults);
    for (; installation->trust != NULL && status == 0 && below.index < node_count(node); below.index++) {
        const struct node *item = node_item(node, below.index);
        struct trust_reading reading = {whole, &installation->trust[installation->trust_count++]};
        struct path host = {&below, "host", 0};

        reading.trust->place = place_in(installation, item);
        status = fields_read(item, &below, "an entry of trust", trust_fields, &reading, faults);
        if (status == 0 && reading.trust->host != NULL && reading.trust->scope == SCOPE_CLIENT) {
            field_error(faults, node_find(item, "host"), &host, "leave out host",
                        "clients are not checked by a host's name");
        }
    }
    return status;
}

/* ---- identities ----------------------------------------------------------------------------------------------------- */

struct identity_reading {
    struct whole *whole;
    struct installation_identity *identity;
};

static int read_p12(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct identity_reading *reading = target;

    return read_path(reading->whole->installation, node, path, &reading->identity->p12, faults);
}

static int read_certificate(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    struct identity_reading *reading = target;

    return read_path(reading->whole->installation, node, path, &reading->identity->certificate, faults);
}

static int read_key(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct identity_reading *reading = target;

    return read_path(reading->whole->installation, node, path, &reading->identity->key, faults);
}

static int read_passphrase(const struct node *node, const struct path *path, void *target,
                           struct faults *faults)
{
    return value_passphrase(node, path, false, &((struct identity_reading *)target)->identity->passphrase,
                            faults);
}

static int read_identity_label(const struct node *node, const struct path *path, void *target,
                               struct faults *faults)
{
    struct identity_reading *reading = target;

    return value_line(node, path, INSTALL_LABEL_MAX, &reading->identity->label, faults);
}

static const struct field identity_fields[] = {
    {"p12", read_p12, false},
    {"certificate", read_certificate, false},
    {"key", read_key, false},
    {"passphrase", read_passphrase, false},
    {"label", read_identity_label, false},
    {NULL, NULL, false},
};

static bool is_given(const struct node *mapping, const char *key)
{
    const struct node *value = node_find(mapping, key);

    return value != NULL && !node_is_null(value);
}

/** A P12, or certificate and key; nothing of both. */
static void check_identity(const struct node *node, const struct path *path, struct faults *faults)
{
    bool p12 = is_given(node, "p12");
    bool certificate = is_given(node, "certificate");
    bool key = is_given(node, "key");

    if (p12 && (certificate || key)) {
        field_error(faults, node, path, "an identity is either: list the other as one more",
                    "has both \"p12\" and \"%s\"", certificate ? "certificate" : "key");
    } else if (!p12 && certificate != key) {
        field_error(faults, node, path, NULL, "needs the key \"%s\", too",
                    certificate ? "key" : "certificate");
    } else if (!p12 && !certificate) {
        field_error(faults, node, path, "p12, or certificate and key", "names no file");
    }
}

static int read_identities(const struct node *node, const struct path *path, void *target,
                           struct faults *faults)
{
    struct whole *whole = target;
    struct installation *installation = whole->installation;
    struct path below = {path, NULL, 0};
    int status;

    installation->identities = make_room(node, path, sizeof(*installation->identities), &status, faults);
    for (; installation->identities != NULL && status == 0 && below.index < node_count(node); below.index++) {
        const struct node *item = node_item(node, below.index);
        struct identity_reading reading = {whole, &installation->identities[installation->identity_count++]};

        reading.identity->place = place_in(installation, item);
        status = fields_read(item, &below, "an identity", identity_fields, &reading, faults);
        if (status == 0 && node_kind(item) == NODE_MAPPING) {
            check_identity(item, &below, faults);
        }
    }
    return status;
}

/* ---- the top of the file -------------------------------------------------------------------------------------------- */

static int read_into(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct installation *installation = ((struct whole *)target)->installation;

    installation->into_place = place_in(installation, node);
    return value_line(node, path, INSTALL_PATH_MAX, &installation->into, faults);
}

static int read_label(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct whole *whole = target;

    whole->label = node;
    return value_line(node, path, INSTALL_LABEL_MAX, &whole->label_text, faults);
}

static int read_extractable(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    struct whole *whole = target;
    const char *word = NULL;
    int status = install_extractable(node, path, &word, faults);

    return status == 0 && word != NULL ? extractable_parse(word, &whole->installation->extractable) : status;
}

static int add_program(void *state, const char *text, const struct node *node, const struct path *path,
                       struct faults *faults)
{
    struct installation *installation = ((struct whole *)state)->installation;
    char **program = &installation->allow[installation->allow_count];
    int status = install_program(node, path, program, faults);

    (void)text;
    installation->allow_count += *program != NULL ? 1 : 0;
    return status < 0 ? -1 : 0;
}

static int read_allow(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct installation *installation = ((struct whole *)target)->installation;
    int status;

    installation->allow = make_room(node, path, sizeof(*installation->allow), &status, faults);
    return installation->allow == NULL ? status
                                       : value_each_text(node, path, false, add_program, target, faults);
}

static const struct field top_fields[] = {
    {"mtlskit-install", value_grammar, true},
    {"into", read_into, false},
    {"trust", read_trust, false},
    {"identities", read_identities, false},
    {"label", read_label, false},
    {"extractable", read_extractable, false},
    {"allow", read_allow, false},
    {NULL, NULL, false},
};

/** A label for all is the label of the one. */
static void settle_label(struct whole *whole, struct faults *faults)
{
    static const struct path path = {NULL, "label", 0};
    struct installation *installation = whole->installation;

    if (whole->label_text == NULL) {
        return;
    }
    if (installation->identity_count == 0) {
        field_error(faults, whole->label, &path, "leave it out", "names an identity, and there is none");
    } else if (installation->identity_count > 1) {
        field_error(faults, whole->label, &path, "give each identity a label of its own",
                    "names one identity, and there are %zu", installation->identity_count);
    } else if (installation->identities[0].label != NULL) {
        field_error(faults, whole->label, &path, "leave out one of them",
                    "the identity has a label of its own");
    } else {
        installation->identities[0].label = whole->label_text;
        whole->label_text = NULL;
    }
}

/** Programs and extractability are said of keys. */
static void check_whole(const struct node *root, const struct whole *whole, struct faults *faults)
{
    static const char *const of_keys[] = {"allow", "extractable"};
    const struct installation *installation = whole->installation;

    for (size_t i = 0; i < sizeof(of_keys) / sizeof(of_keys[0]); i++) {
        const struct path path = {NULL, of_keys[i], 0};

        if (installation->identity_count == 0 && !is_given(root, "identities") &&
            is_given(root, of_keys[i])) {
            field_error(faults, node_find(root, of_keys[i]), &path, "leave it out",
                        "is said of the keys of identities, and there is none");
        }
    }
}

static int read_root(const struct node *root, struct installation *installation, struct faults *faults)
{
    struct whole whole = {.installation = installation};
    size_t before = faults_errors(faults);
    int status = fields_read(root, NULL, "an installation", top_fields, &whole, faults);

    if (status == 0 && node_kind(root) == NODE_MAPPING) {
        settle_label(&whole, faults);
        check_whole(root, &whole, faults);
    }
    if (status == 0 && faults_errors(faults) == before && installation->trust_count == 0 &&
        installation->identity_count == 0) {
        field_error(faults, root, NULL, "trust or identities", "nothing is named that is to be installed");
    }
    free(whole.label_text);
    return status == 0 && faults_errors(faults) == before ? 0 : -1;
}

int installation_parse(struct slice content, const char *shown, const char *folder,
                       struct installation *installation, struct faults *faults)
{
    struct document *document = NULL;
    int status = -1;

    installation_free(installation);
    installation->shown = strdup(shown);
    installation->folder = strdup(folder != NULL ? folder : "");
    if (installation->shown == NULL || installation->folder == NULL) {
        fault_memory(faults);
    } else if ((document = document_parse(content, shown, faults)) != NULL) {
        status = read_root(document_root(document), installation, faults);
    }
    document_free(document);
    if (status != 0) {
        installation_free(installation);
    }
    return status;
}
