/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One authority or certificate out of its node, all defaults applied. What a more special place says goes before: the entry,
 * then a profile of the user's own, then the manifest's defaults, then a built-in profile.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/reading.h"
#include "manifest/value.h"

#define PATH_LENGTH_MAX 255

/* ---- fields that stand for themselves ------------------------------------------------------------------------------- */

/** Read at another moment, because others depend on it or it depends on others. */
static int read_elsewhere(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    (void)node;
    (void)path;
    (void)target;
    (void)faults;
    return 0;
}

static int read_description(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    char *description = NULL;
    int status = value_description(node, path, &description, faults);

    (void)target;
    free(description);
    return status;
}

static int add_format(void *state, const char *text, const struct node *node, const struct path *path,
                      struct faults *faults)
{
    unsigned *formats = state;

    if (strcmp(text, "pem") == 0) {
        *formats |= FORMAT_PEM;
    } else if (strcmp(text, "der") == 0) {
        *formats |= FORMAT_DER;
    } else {
        field_error(faults, node, path, "pem, der", "%s is not a format", field_quoted(text).text);
    }
    return 0;
}

int reading_formats(const struct node *node, const struct path *path, unsigned *formats,
                    struct faults *faults)
{
    size_t before = faults_errors(faults);

    *formats = 0;
    if (value_each_text(node, path, true, add_format, formats, faults) != 0) {
        return -1;
    }
    if (*formats == 0 && faults_errors(faults) == before) {
        field_error(faults, node, path, "[pem], [der] or [pem, der]", "names no format");
    }
    return 0;
}

static int read_entry_formats(const struct node *node, const struct path *path, void *target,
                              struct faults *faults)
{
    struct entry *entry = ((struct entry_reading *)target)->entry;
    size_t before = faults_errors(faults);

    if (reading_formats(node, path, &entry->formats, faults) != 0) {
        return -1;
    }
    if (entry->kind == ENTRY_AUTHORITY && (entry->formats & FORMAT_PEM) == 0 &&
        faults_errors(faults) == before) {
        field_error(faults, node, path, "[pem, der]",
                    "an authority's certificate is always written as pem, too");
    }
    return 0;
}

static int read_entry_key(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    return reading_key(node, path, ((struct entry_reading *)target)->entry, faults);
}

static int read_entry_pin(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    return reading_pin(node, path, ((struct entry_reading *)target)->entry, faults);
}

static int read_entry_ephemeral(const struct node *node, const struct path *path, void *target,
                                struct faults *faults)
{
    return field_boolean(node, path, &((struct entry_reading *)target)->entry->ephemeral, faults) < 0 ? -1
                                                                                                      : 0;
}

static int read_entry_validity(const struct node *node, const struct path *path, void *target,
                               struct faults *faults)
{
    return value_validity(node, path, &((struct entry_reading *)target)->entry->validity, faults);
}

static int read_entry_backdate(const struct node *node, const struct path *path, void *target,
                               struct faults *faults)
{
    return value_backdate(node, path, &((struct entry_reading *)target)->entry->backdate, faults);
}

static int read_entry_renew_before(const struct node *node, const struct path *path, void *target,
                                   struct faults *faults)
{
    struct entry *entry = ((struct entry_reading *)target)->entry;

    entry->renew_before_given = true;
    return value_duration(node, path, &entry->renew_before, faults);
}

static int read_entry_reuse_key(const struct node *node, const struct path *path, void *target,
                                struct faults *faults)
{
    struct entry *entry = ((struct entry_reading *)target)->entry;
    int status = field_boolean(node, path, &entry->reuse_key, faults);

    if (status == 0 && entry->kind == ENTRY_AUTHORITY && !entry->reuse_key) {
        field_error(faults, node, path, "mtls-ca apply --replace-authority NAME makes a new one",
                    "an authority keeps its key");
    }
    return status < 0 ? -1 : 0;
}

static int read_entry_path_length(const struct node *node, const struct path *path, void *target,
                                  struct faults *faults)
{
    struct entry *entry = ((struct entry_reading *)target)->entry;
    int64_t length = -1;

    if (field_integer(node, path, 0, PATH_LENGTH_MAX, &length, faults) < 0) {
        return -1;
    }
    entry->path_length = (int)length;
    return 0;
}

static int read_entry_constraints(const struct node *node, const struct path *path, void *target,
                                  struct faults *faults)
{
    struct entry_reading *entry = target;
    struct constraints constraints = {false, BYTES_EMPTY, BYTES_EMPTY};
    int status = value_constraints(node, path, &constraints, faults);

    entry->draft->constraints_auto = constraints.automatic;
    bytes_move(&entry->entry->permitted, &constraints.permitted);
    bytes_move(&entry->entry->excluded, &constraints.excluded);
    constraints_free(&constraints);
    return status;
}

static int read_entry_lint_ignored(const struct node *node, const struct path *path, void *target,
                                   struct faults *faults)
{
    return value_lint_ignored(node, path, &((struct entry_reading *)target)->entry->lint_ignored, faults);
}

static int read_entry_passphrase(const struct node *node, const struct path *path, void *target,
                                 struct faults *faults)
{
    struct entry *entry = ((struct entry_reading *)target)->entry;

    entry->passphrase_place = node_place(node);
    return value_passphrase(node, path, false, &entry->passphrase, faults);
}

static int read_entry_kdf(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    return reading_passphrase_kdf(node, path, ((struct entry_reading *)target)->entry, faults);
}

static int read_entry_crl(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    struct entry_reading *entry = target;

    return reading_crl(entry->reading, node, path, &entry->entry->crl, faults);
}

/* ---- profile and key ------------------------------------------------------------------------------------------------ */

const struct profile *reading_profile(struct reading *reading, const struct node *node,
                                      const struct path *path, enum entry_kind kind)
{
    const struct profile *profile;
    const char *text = NULL;
    char hint[COMPLAINT_HINT_MAX];

    if (field_text(node, path, &text, reading->faults) != 0) {
        return NULL;
    }
    if (profile_set_is_unread(reading->profiles, text)) {
        return NULL; /* its file was complained of */
    }
    profile = profile_set_find(reading->profiles, text);
    if (profile == NULL) {
        complaint_did_you_mean(
            hint, faults_full(reading->faults) ? NULL : profile_set_nearest(reading->profiles, text),
            kind == ENTRY_AUTHORITY ? "root-ca, intermediate-ca, or one of your own"
                                    : "server, client, device, peer, or one of your own");
        field_error(reading->faults, node, path, hint, "there is no profile %s", field_quoted(text).text);
    } else if (profile->ca != (kind == ENTRY_AUTHORITY)) {
        field_error(reading->faults, node, path,
                    kind == ENTRY_AUTHORITY ? "root-ca, intermediate-ca"
                                            : "authorities stand below authorities:",
                    "profile \"%s\" is for %s", text, profile->ca ? "authorities" : "certificates");
        profile = NULL;
    }
    return profile;
}

/** Settle the entry's profile. False: complained. */
static bool settle_profile(struct entry_reading *entry)
{
    struct reading *reading = entry->reading;
    const struct node *node = reading_value(entry->draft->node, "profile");
    struct path path = {entry->path, "profile", 0};

    if (node != NULL) {
        entry->entry->profile = reading_profile(reading, node, &path, entry->entry->kind);
    } else if (entry->entry->kind == ENTRY_AUTHORITY) {
        const char *name =
            reading_value(entry->draft->node, "issuer") != NULL ? "intermediate-ca" : "root-ca";

        if (profile_set_is_unread(reading->profiles, name)) {
            return false; /* its file was complained of */
        }
        entry->entry->profile = profile_set_find(reading->profiles, name);
        if (entry->entry->profile == NULL || !entry->entry->profile->ca) {
            complaint_error(reading->faults, entry->entry->place, &path, NULL,
                            "there is no profile for authorities");
            entry->entry->profile = NULL;
        }
    } else if (reading->defaults.profile != NULL) {
        entry->entry->profile = reading->defaults.profile;
    } else if (reading->defaults.profile_wrong) {
        return false; /* that one was complained of */
    } else {
        complaint_error(reading->faults, entry->entry->place, entry->path,
                        "server, client, device, peer, or one of your own",
                        "a certificate needs the key \"profile\"");
    }
    return entry->entry->profile != NULL;
}

/** What profile and defaults say, before the entry's own fields are read. */
static void apply_defaults(struct entry_reading *entry)
{
    const struct defaults *defaults = &entry->reading->defaults;
    const struct profile *profile = entry->entry->profile;
    unsigned gives = profile_set_gives(entry->reading->profiles, profile);
    struct entry *made = entry->entry;
    bool leaf = made->kind == ENTRY_CERTIFICATE;

    made->key = defaults->key != KEY_NONE && (gives & PROFILE_GIVES_KEY) == 0 ? defaults->key : profile->key;
    made->validity = leaf && defaults->has_validity && (gives & PROFILE_GIVES_VALIDITY) == 0
                         ? defaults->validity
                         : profile->validity;
    made->backdate = defaults->has_backdate && (gives & PROFILE_GIVES_BACKDATE) == 0 ? defaults->backdate
                                                                                     : profile->backdate;
    made->renew_before_given = leaf && defaults->has_renew_before;
    made->renew_before = defaults->renew_before;
    made->reuse_key = !leaf || defaults->reuse_key;
    made->formats = defaults->formats | (leaf ? 0 : FORMAT_PEM);
    made->lint_ignored = defaults->lint_ignored;
    lint_set_join(&made->lint_ignored, &profile->lint_ignored);
}

/** Whether this OpenSSL has the entry's key algorithm. */
static void check_key(struct entry_reading *entry)
{
    struct reading *reading = entry->reading;
    enum key_algorithm key = entry->entry->key;
    const struct node *node = reading_value(entry->draft->node, "key");
    struct path path = {entry->path, "key", 0};

    if (key <= KEY_NONE || key >= KEY_FOREIGN) {
        return;
    }
    if (reading->available[key] == 0) {
        reading->available[key] = key_algorithm_available(reading->context, key) ? 1 : -1;
    }
    if (reading->available[key] < 0) {
        complaint_error(reading->faults, node != NULL ? node_place(node) : entry->entry->place, &path,
                        "ml-dsa needs OpenSSL 3.5", "the OpenSSL at hand has no %s", key_algorithm_text(key));
    }
}

/** A certificate that is renewed before it begins would be renewed for ever. */
static void check_renewal(struct entry_reading *entry)
{
    const struct validity *validity = &entry->entry->validity;
    const struct node *node = reading_value(entry->draft->node, "renew_before");
    struct path path = {entry->path, "renew_before", 0};

    if (entry->entry->renew_before_given && !validity->fixed_until &&
        !duration_is_longer(&validity->duration, &entry->entry->renew_before)) {
        complaint_error(entry->reading->faults, node != NULL ? node_place(node) : entry->entry->place, &path,
                        NULL,
                        "is not shorter than the validity: the certificate would be renewed at every run");
    }
}

/* ---- entries -------------------------------------------------------------------------------------------------------- */

static const struct field authority_fields[] = {
    {"description", read_description, false},
    {"issuer", read_elsewhere, false},
    {"profile", read_elsewhere, false},
    {"subject", read_elsewhere, false},
    {"key", read_entry_key, false},
    {"validity", read_entry_validity, false},
    {"backdate", read_entry_backdate, false},
    {"path_length", read_entry_path_length, false},
    {"name_constraints", read_entry_constraints, false},
    {"formats", read_entry_formats, false},
    {"passphrase", read_entry_passphrase, false},
    {"passphrase_kdf", read_entry_kdf, false},
    {"pin", read_entry_pin, false},
    {"ephemeral", read_entry_ephemeral, false},
    {"reuse_key", read_entry_reuse_key, false},
    {"bundles", read_elsewhere, false},
    {"revoked", reading_revoked, false},
    {"crl", read_entry_crl, false},
    {"lint_ignore", read_entry_lint_ignored, false},
    {"fault", reading_fault, false},
    {"adopt", reading_adopt, false},
    {NULL, NULL, false},
};

static const struct field certificate_fields[] = {
    {"description", read_description, false},
    {"each", read_elsewhere, false},
    {"count", read_elsewhere, false},
    {"issuer", read_elsewhere, false},
    {"profile", read_elsewhere, false},
    {"subject", read_elsewhere, false},
    {"san", read_elsewhere, false},
    {"key", read_entry_key, false},
    {"validity", read_entry_validity, false},
    {"backdate", read_entry_backdate, false},
    {"renew_before", read_entry_renew_before, false},
    {"reuse_key", read_entry_reuse_key, false},
    {"formats", read_entry_formats, false},
    {"passphrase", read_entry_passphrase, false},
    {"passphrase_kdf", read_entry_kdf, false},
    {"k8s-secret", read_elsewhere, false},
    {"bundles", read_elsewhere, false},
    {"revoked", reading_revoked, false},
    {"lint_ignore", read_entry_lint_ignored, false},
    {"fault", reading_fault, false},
    {NULL, NULL, false},
};

/** The bundles, where there are any; of an adopted authority, too. */
static int read_bundles(const struct entry_reading *entry)
{
    const struct node *node = reading_value(entry->draft->node, "bundles");
    struct path path = {entry->path, "bundles", 0};

    return node != NULL ? reading_bundles(entry->reading, entry->index, node, &path) : 0;
}

/** What depends on profile, key and the other fields. */
static int read_dependent(struct entry_reading *entry)
{
    const struct node *node = reading_value(entry->draft->node, "k8s-secret");
    struct path path = {entry->path, "k8s-secret", 0};

    if (entry->entry->profile != NULL) {
        if (reading_names(entry) != 0) {
            return -1;
        }
        check_key(entry);
        check_renewal(entry);
        if (read_bundles(entry) != 0) {
            return -1;
        }
    }
    if (node != NULL && entry->entry->kind == ENTRY_CERTIFICATE) {
        return reading_k8s_secret(entry->reading, entry->index, node, &path);
    }
    return 0;
}

int reading_entry(struct reading *reading, size_t index)
{
    struct entry *made = &reading->entries[index];
    bool authority = made->kind == ENTRY_AUTHORITY;
    struct path top = reading_entry_top(made), path = {&top, made->name, 0};
    struct entry_reading entry = {reading, index, made, &reading->drafts[index], &path};
    bool adopted;

    made->path_length = -1;
    if (!field_is(entry.draft->node, &path, NODE_MAPPING, reading->faults)) {
        return 0;
    }
    adopted = authority && reading_value(entry.draft->node, "adopt") != NULL;
    if (settle_profile(&entry)) {
        apply_defaults(&entry);
        reading_fixture_defaults(&entry);
    }
    if (fields_read(entry.draft->node, &path, authority ? "an authority" : "a certificate",
                    authority ? authority_fields : certificate_fields, &entry, reading->faults) != 0) {
        return -1;
    }
    reading_check_key_place(&entry);
    reading_check_fixture(&entry);
    if (authority) {
        reading_check_crl(&entry);
    }
    if (adopted) {
        reading_check_adopted(&entry);
        made->key = KEY_NONE;
        return read_bundles(&entry);
    }
    if (authority && made->profile != NULL && reading_value(entry.draft->node, "name_constraints") == NULL) {
        entry.draft->constraints_auto = made->profile->name_constraints_auto;
        if (bytes_append(&made->permitted, made->profile->permitted.data, made->profile->permitted.length) !=
                0 ||
            bytes_append(&made->excluded, made->profile->excluded.data, made->profile->excluded.length) !=
                0) {
            fault_memory(reading->faults);
            return -1;
        }
    }
    return read_dependent(&entry);
}
