/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry hands out besides its key and certificate: bundles, and a Kubernetes TLS Secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/output_name.h"
#include "manifest/reading.h"
#include "manifest/value.h"

#define BUNDLES_MAX      24
#define BUNDLE_NAME_MAX  255
#define K8S_NAME_MAX     253
#define K8S_LABEL_MAX    63
#define OUTPUT_PATH_ROOM (ENTRY_NAME_MAX + 32)

/* ---- bundles -------------------------------------------------------------------------------------------------------- */

/** One bundle while it is read. */
struct bundle_reading {
    struct entry_bundle bundle;
    const struct node *target, *file, *passphrase;
};

static int read_file(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct bundle_reading *bundle = target;

    bundle->file = node;
    return field_string(node, path, &bundle->bundle.file, faults) < 0 ? -1 : 0;
}

static int read_target(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct bundle_reading *bundle = target;
    const char *text = NULL;
    char hint[COMPLAINT_HINT_MAX];
    int status = field_text(node, path, &text, faults);

    bundle->target = node;
    if (status == 0) {
        bundle->bundle.target = value_bundle_target(text, hint);
        if (bundle->bundle.target == NULL) {
            field_error(faults, node, path, hint, "%s is not a target for bundles", field_quoted(text).text);
        }
    }
    return status < 0 ? -1 : 0;
}

static int read_passphrase(const struct node *node, const struct path *path, void *target,
                           struct faults *faults)
{
    struct bundle_reading *bundle = target;

    bundle->passphrase = node;
    return value_passphrase(node, path, true, &bundle->bundle.passphrase, faults);
}

static int read_name(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return value_line(node, path, BUNDLE_NAME_MAX, &((struct bundle_reading *)target)->bundle.name, faults);
}

static int read_allow_empty(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    struct bundle_reading *bundle = target;

    return field_boolean(node, path, &bundle->bundle.allow_empty_passphrase, faults) < 0 ? -1 : 0;
}

static const struct field bundle_fields[] = {
    {"file", read_file, false},
    {"target", read_target, false},
    {"passphrase", read_passphrase, false},
    {"name", read_name, false},
    {"allow_empty_passphrase", read_allow_empty, false},
    {NULL, NULL, false},
};

static void bundle_reading_free(struct bundle_reading *bundle)
{
    free(bundle->bundle.file);
    free(bundle->bundle.name);
    passphrase_spec_free(&bundle->bundle.passphrase);
}

/** Settle target and passphrase, with the profile's default, and refuse what its readers would. */
static void check_bundle(struct reading *reading, const struct entry *entry, bool fleet,
                         struct bundle_reading *bundle, const struct node *node, const struct path *path)
{
    const struct node *at = bundle->target != NULL ? bundle->target : node;
    struct path target = {path, "target", 0};
    enum key_family family = key_algorithm_family(entry->key);
    char hint[COMPLAINT_HINT_MAX];

    if (bundle->target == NULL && entry->kind == ENTRY_CERTIFICATE && entry->profile->bundle != NULL) {
        bundle->bundle.target = bundle_target_find(entry->profile->bundle);
    }
    if (bundle->bundle.target == NULL) {
        if (bundle->target == NULL) {
            (void)value_bundle_target("", hint);
            field_error(reading->faults, node, path, hint, "a bundle needs the key \"target\"");
        }
    } else if (entry->kind == ENTRY_AUTHORITY && !bundle->bundle.target->anchors_only) {
        field_error(reading->faults, at, &target, "java-truststore",
                    "an authority's key is not handed out: its bundles hold anchors alone");
    } else if (bundle->bundle.target->apple && family != KEY_FAMILY_RSA && family != KEY_FAMILY_EC) {
        field_error(reading->faults, at, &target, "an rsa or ec key, or target modern",
                    "Apple's readers refuse a bundle with a key of %s", key_algorithm_text(entry->key));
    }
    if (bundle->passphrase == NULL && !bundle->bundle.allow_empty_passphrase && fleet) {
        bundle->bundle.passphrase.source = PASSPHRASE_GENERATE; /* one secret for a whole fleet is none */
    } else if (bundle->passphrase == NULL && !bundle->bundle.allow_empty_passphrase) {
        field_error(reading->faults, node, path,
                    "env:NAME, file:PATH, prompt, generate and so on, or allow_empty_passphrase: true",
                    "a bundle needs the key \"passphrase\"");
    }
}

/** Claim the bundle's file, NAME.p12 by default, and that of a generated passphrase. */
static int claim_bundle(struct reading *reading, size_t index, struct bundle_reading *bundle,
                        const struct node *node, const struct path *path)
{
    struct path file = {path, "file", 0};
    const struct node *at = bundle->file != NULL ? bundle->file : node;
    size_t number = path->index;
    struct bytes text = BYTES_EMPTY;
    size_t before = faults_errors(reading->faults);
    int status = -1;

    if (bundle->bundle.file == NULL && bundle->file != NULL) {
        return 0; /* complained of already */
    }
    if (bundle->bundle.file == NULL) {
        if (bytes_printf(&text, "%s.p12", reading->entries[index].name) != 0 ||
            (bundle->bundle.file = strdup(bytes_text(&text))) == NULL) {
            goto out;
        }
        bytes_clear(&text);
    }
    if (reading_claim(reading, index, number, bundle->bundle.file, at, &file) != 0) {
        goto out;
    }
    if (bundle->bundle.passphrase.source == PASSPHRASE_GENERATE && faults_errors(reading->faults) == before &&
        (bytes_printf(&text, "%s.pass", bundle->bundle.file) != 0 ||
         reading_claim(reading, index, number, bytes_text(&text),
                       bundle->passphrase != NULL ? bundle->passphrase : at, &file) != 0)) {
        goto out;
    }
    status = 0;
out:
    bytes_free(&text);
    return status;
}

static int read_bundle(struct reading *reading, size_t index, const struct node *node,
                       const struct path *path)
{
    struct entry *entry = &reading->entries[index];
    struct bundle_reading bundle = {{.file = NULL}, NULL, NULL, NULL};
    int status = fields_read(node, path, "a bundle", bundle_fields, &bundle, reading->faults);

    if (status == 0 && (node_kind(node) == NODE_MAPPING || node_is_null(node))) {
        check_bundle(reading, entry, reading->drafts[index].fleet != NULL, &bundle, node, path);
        status = claim_bundle(reading, index, &bundle, node, path);
        bundle.bundle.place = node_place(node);
        bundle.bundle.place.file = entry->place.file;
        if (bundle.passphrase != NULL) {
            bundle.bundle.passphrase_place = node_place(bundle.passphrase);
        }
        entry->bundles[entry->bundle_count++] = bundle.bundle;
    } else {
        bundle_reading_free(&bundle);
    }
    return status;
}

int reading_bundles(struct reading *reading, size_t index, const struct node *node, const struct path *path)
{
    struct entry *entry = &reading->entries[index];
    struct path below = {path, NULL, 0};

    if (!field_is(node, path, NODE_SEQUENCE, reading->faults)) {
        return 0;
    }
    if (node_count(node) > BUNDLES_MAX) {
        field_error(reading->faults, node, path, NULL, "holds more than %d bundles", BUNDLES_MAX);
        return 0;
    }
    if (node_count(node) == 0) {
        return 0;
    }
    entry->bundles = calloc(node_count(node), sizeof(*entry->bundles));
    if (entry->bundles == NULL) {
        fault_memory(reading->faults);
        return -1;
    }
    for (below.index = 0; below.index < node_count(node); below.index++) {
        if (read_bundle(reading, index, node_item(node, below.index), &below) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- Kubernetes ----------------------------------------------------------------------------------------------------- */

/** Whether @p text is an RFC 1123 label of @p length bytes, as Kubernetes wants them. */
static bool is_label(const char *text, size_t length)
{
    return length > 0 && length <= K8S_LABEL_MAX &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") >= length && text[0] != '-' &&
           text[length - 1] != '-';
}

/** Whether @p text is a name of a Kubernetes object: labels with dots between them. */
static bool is_k8s_name(const char *text)
{
    if (strlen(text) > K8S_NAME_MAX) {
        return false;
    }
    for (;;) {
        size_t length = strcspn(text, ".");

        if (!is_label(text, length)) {
            return false;
        }
        if (text[length] == '\0') {
            return true;
        }
        text += length + 1;
    }
}

static int read_secret_file(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    return field_string(node, path, &((struct entry *)target)->k8s_secret_file, faults) < 0 ? -1 : 0;
}

static int read_secret_name(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status == 0 && !is_k8s_name(text)) {
        field_error(faults, node, path, "lower-case letters, digits, - and .",
                    "%s is not a name of a Kubernetes object", field_quoted(text).text);
    } else if (status == 0) {
        status = field_string(node, path, &((struct entry *)target)->k8s_secret_name, faults);
    }
    return status < 0 ? -1 : 0;
}

static int read_secret_namespace(const struct node *node, const struct path *path, void *target,
                                 struct faults *faults)
{
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status == 0 && !is_label(text, strlen(text))) {
        field_error(faults, node, path, "lower-case letters, digits and -, at most 63",
                    "%s is not a Kubernetes namespace", field_quoted(text).text);
    } else if (status == 0) {
        status = field_string(node, path, &((struct entry *)target)->k8s_namespace, faults);
    }
    return status < 0 ? -1 : 0;
}

static const struct field secret_fields[] = {
    {"file", read_secret_file, false},
    {"name", read_secret_name, false},
    {"namespace", read_secret_namespace, false},
    {NULL, NULL, false},
};

int reading_k8s_secret(struct reading *reading, size_t index, const struct node *node,
                       const struct path *path)
{
    struct entry *entry = &reading->entries[index];
    const struct node *file = NULL;
    struct path below = {path, "file", 0};
    char text[OUTPUT_PATH_ROOM];
    int status;

    if (node_kind(node) == NODE_SCALAR) {
        file = node;
        status = read_secret_file(node, path, entry, reading->faults);
    } else {
        status = fields_read(node, path, "a Kubernetes Secret", secret_fields, entry, reading->faults);
        file = node_kind(node) == NODE_MAPPING ? reading_value(node, "file") : NULL;
    }
    if (status != 0 || node_kind(node) == NODE_SEQUENCE) {
        return status;
    }
    if (entry->passphrase.source != PASSPHRASE_NONE) {
        field_error(reading->faults, node, path, "leave out passphrase, or k8s-secret",
                    "a Kubernetes Secret holds the key as it is, so passphrase would protect nothing");
    }
    if (file == NULL && entry->k8s_secret_file == NULL) {
        (void)snprintf(text, sizeof(text), "%s.secret.yaml", entry->name);
        entry->k8s_secret_file = strdup(text);
        if (entry->k8s_secret_file == NULL) {
            fault_memory(reading->faults);
            return -1;
        }
    }
    if (node_kind(node) == NODE_SCALAR || reading_value(node, "name") == NULL) {
        if (!is_k8s_name(entry->name)) {
            field_error(reading->faults, node, path, "name: lower-case letters, digits, - and .",
                        "\"%s\" is not a name of a Kubernetes object", entry->name);
        } else if ((entry->k8s_secret_name = strdup(entry->name)) == NULL) {
            fault_memory(reading->faults);
            return -1;
        }
    }
    return entry->k8s_secret_file != NULL ? reading_claim(reading, index, NO_BUNDLE, entry->k8s_secret_file,
                                                          file != NULL ? file : node, &below)
                                          : 0;
}
