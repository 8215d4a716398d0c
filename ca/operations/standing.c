/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorities of a PKI directory, rebuilt from the ledger: their certificates, and the settings that a manifest left there.
 */
#include "operations/standing.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "issuing/settings.h"
#include "ledger/ledger_directory.h"
#include "manifest/entry.h"
#include "x509/certificate.h"
#include "x509/name_constraints.h"

/** No chain of authorities is longer. */
#define DEPTH_MAX 64

/** One authority. The entry comes first: who has it has the whole. */
struct stander {
    struct entry entry;
    struct bytes permitted, excluded; /* name constraints of its certificate */
    int path_length;                  /* likewise; -1: none */
    bool revoked;                     /* its certificate is */
    int reason;
};

struct standing {
    const struct directory *directory;
    char *passphrase;
    struct stander **standers;
    size_t count;
};

struct standing *standing_new(const struct directory *directory, const char *passphrase,
                              struct faults *faults)
{
    struct standing *standing = calloc(1, sizeof(*standing));

    if (standing == NULL || (passphrase != NULL && (standing->passphrase = strdup(passphrase)) == NULL)) {
        free(standing);
        fault_memory(faults);
        return NULL;
    }
    standing->directory = directory;
    return standing;
}

static const struct stander *stander_of(const struct entry *entry)
{
    return (const struct stander *)(const void *)entry; /* it comes first */
}

static void stander_free(struct stander *stander)
{
    if (stander != NULL) {
        entry_free(&stander->entry);
        bytes_free(&stander->permitted);
        bytes_free(&stander->excluded);
        free(stander);
    }
}

void standing_free(struct standing *standing)
{
    size_t i;

    if (standing == NULL) {
        return;
    }
    for (i = 0; i < standing->count; i++) {
        stander_free(standing->standers[i]);
    }
    free(standing->standers);
    free(standing->passphrase);
    free(standing);
}

static int standing_add(struct standing *standing, struct stander *stander, struct faults *faults)
{
    struct stander **grown = realloc(standing->standers, (standing->count + 1) * sizeof(struct stander *));

    if (grown == NULL) {
        fault_memory(faults);
        return -1;
    }
    standing->standers = grown;
    grown[standing->count++] = stander;
    return 0;
}

/** Where its key is and what unlocks it, as the ledger has it or the caller said. */
static int entry_settings(const struct standing *standing, struct entry *entry, struct faults *faults)
{
    struct ledger_authority settings = {0};
    struct passphrase_spec *spec = &entry->passphrase;
    struct bytes path = BYTES_EMPTY;
    const char *text;
    int status = -1;

    if (ledger_find_authority(standing->directory->ledger, entry->name, &settings, faults) < 0) {
        return -1;
    }
    if (strcmp(settings.key, SETTINGS_EPHEMERAL) == 0) {
        entry->ephemeral = true;
        return 0;
    }
    if (strncmp(settings.key, "pkcs11:", strlen("pkcs11:")) == 0) {
        entry->token_uri = strdup(settings.key);
        spec = &entry->pin;
    } else if (settings.key[0] != '\0') {
        if (file_join(standing->directory->path, settings.key, &path) == 0) {
            entry->adopt_key = strdup(bytes_text(&path));
        }
        spec = &entry->adopt_passphrase;
    }
    if (settings.key[0] != '\0' && entry->adopt_key == NULL && entry->token_uri == NULL) {
        fault_memory(faults);
        goto out;
    }
    text = standing->passphrase != NULL ? standing->passphrase : settings.passphrase;
    if (text[0] == '\0' && entry->token_uri != NULL) {
        status = 0; /* there are tokens without a PIN, and those with a pad for it */
        goto out;
    }
    status = passphrase_spec_parse(text[0] != '\0' ? text : "prompt", NULL, NULL, spec, faults);
out:
    bytes_free(&path);
    return status;
}

/** State of a search among the generations. */
struct search {
    int64_t generation;
    char name[256];
};

static int search_generation(void *state, const struct ledger_generation *generation)
{
    struct search *search = state;

    if (generation->id != search->generation) {
        return 0;
    }
    memcpy(search->name, generation->name, sizeof(search->name));
    return 1;
}

static const struct entry *find_named(struct standing *standing, const char *name, size_t depth,
                                      struct faults *faults);

static const struct entry *find_generation(struct standing *standing, int64_t generation, size_t depth,
                                           struct faults *faults)
{
    struct search search = {.generation = generation};
    int found = ledger_each_generation(standing->directory->ledger, NULL, search_generation, &search, faults);

    if (found != 1) {
        if (found == 0) {
            fault_error(faults, NULL, NULL, "mtls-ca audit looks at all of it",
                        "%s: the ledger does not know the authority that signed", standing->directory->path);
        }
        return NULL;
    }
    return find_named(standing, search.name, depth, faults);
}

/** A name of an authority that is like @p name, or all of them, for the hint. */
static int add_name(void *state, const struct ledger_generation *generation)
{
    struct bytes *names = state;

    if (!generation->current) {
        return 0;
    }
    return bytes_printf(names, "%s%s", names->length > 0 ? ", " : "", generation->name) == 0 ? 0 : -1;
}

static void complain_unknown(const struct standing *standing, const char *name, struct faults *faults)
{
    struct bytes names = BYTES_EMPTY;
    size_t before = faults_errors(faults);

    if (ledger_each_generation(standing->directory->ledger, NULL, add_name, &names, faults) == 0) {
        fault_error(faults, NULL, NULL, names.length > 0 ? bytes_text(&names) : "mtls-ca apply makes them",
                    "%s: there is no authority \"%s\"", standing->directory->path, name);
    } else if (faults_errors(faults) == before) {
        fault_memory(faults);
    }
    bytes_free(&names);
}

/** Whether its certificate was revoked. */
static int stander_judge(const struct standing *standing, struct stander *stander, int64_t certificate,
                         struct faults *faults)
{
    struct ledger_revocation revocation;
    int found = ledger_find_revocation(standing->directory->ledger, certificate, &revocation, faults);

    if (found == 1) {
        stander->revoked = true;
        stander->reason = revocation.reason;
        ledger_revocation_free(&revocation);
    }
    return found < 0 ? -1 : 0;
}

/** The authority of @p row. */
static struct stander *stander_new(const struct standing *standing, const struct ledger_certificate *row,
                                   const struct entry *issuer, struct faults *faults)
{
    struct stander *stander = calloc(1, sizeof(*stander));
    struct certificate_view view;

    if (stander == NULL || (stander->entry.name = strdup(row->name)) == NULL) {
        fault_memory(faults);
        goto failed;
    }
    stander->entry.kind = ENTRY_AUTHORITY;
    stander->entry.issuer = issuer;
    stander->entry.path_length = -1;
    stander->entry.formats = FORMAT_PEM;
    if (certificate_view_read(slice_of(&row->der), &view) != 0 ||
        name_constraints_of(&view, &stander->permitted, &stander->excluded) != 0) {
        fault_error(faults, NULL, row->name, NULL,
                    "its certificate, or the name constraints in it, cannot be read");
        goto failed;
    }
    stander->path_length = view.path_length;
    if (stander_judge(standing, stander, row->id, faults) == 0 &&
        entry_settings(standing, &stander->entry, faults) == 0) {
        return stander;
    }
failed:
    stander_free(stander);
    return NULL;
}

static const struct entry *find_named(struct standing *standing, const char *name, size_t depth,
                                      struct faults *faults)
{
    struct ledger_certificate row = {0};
    struct stander *stander = NULL;
    const struct entry *issuer = NULL;
    size_t i;
    int found;

    for (i = 0; i < standing->count; i++) {
        if (strcmp(standing->standers[i]->entry.name, name) == 0) {
            return &standing->standers[i]->entry;
        }
    }
    found = ledger_find_certificate(standing->directory->ledger, name, &row, faults);
    if (found < 0) {
        goto out;
    }
    if (found == 0 || !row.authority) {
        complain_unknown(standing, name, faults);
        goto out;
    }
    if (depth == 0) {
        fault_error(faults, NULL, NULL, NULL, "the authorities above \"%s\" have no end", name);
        goto out;
    }
    if (row.generation != row.own_generation &&
        (issuer = find_generation(standing, row.generation, depth - 1, faults)) == NULL) {
        goto out;
    }
    stander = stander_new(standing, &row, issuer, faults);
    if (stander != NULL && standing_add(standing, stander, faults) != 0) {
        stander_free(stander);
        stander = NULL;
    }
out:
    ledger_certificate_free(&row);
    return stander != NULL ? &stander->entry : NULL;
}

/** Finds the only authority. */
struct only {
    char name[256];
    size_t count;
};

static int count_authority(void *state, const struct ledger_generation *generation)
{
    struct only *only = state;

    if (generation->current) {
        memcpy(only->name, generation->name, sizeof(only->name));
        only->count++;
    }
    return 0;
}

const struct entry *standing_authority(struct standing *standing, const char *name, struct faults *faults)
{
    struct only only = {.count = 0};

    if (name != NULL) {
        return find_named(standing, name, DEPTH_MAX, faults);
    }
    if (ledger_each_generation(standing->directory->ledger, NULL, count_authority, &only, faults) != 0) {
        return NULL;
    }
    if (only.count != 1) {
        fault_error(faults, NULL, NULL, "--issuer CA names it", "%s: there %s, so one must be named",
                    standing->directory->path,
                    only.count == 0 ? "is no authority" : "are several authorities");
        return NULL;
    }
    return find_named(standing, only.name, DEPTH_MAX, faults);
}

const struct entry *standing_generation(struct standing *standing, int64_t generation, struct faults *faults)
{
    return find_generation(standing, generation, DEPTH_MAX, faults);
}

bool standing_is_revoked(const struct entry *authority)
{
    for (; authority != NULL; authority = authority->issuer) {
        if (stander_of(authority)->revoked) {
            return true;
        }
    }
    return false;
}

int standing_check_issuers(const struct entry *entry, bool authority, struct faults *faults)
{
    const struct entry *above = entry->issuer;
    int depth = 1; /* authorities below the one that is looked at */

    for (; above != NULL; above = above->issuer, depth++) {
        const struct stander *stander = stander_of(above);

        if (stander->revoked) {
            fault_error(faults, NULL, entry->name, "another authority; or mtls-ca apply --replace-authority",
                        "nobody would take its certificate: %s is revoked (%s)", above->name,
                        ledger_reason_name(stander->reason));
            return -1;
        }
        if (authority && stander->path_length >= 0 && depth > stander->path_length) {
            fault_error(faults, NULL, entry->name, "another authority",
                        "%s allows %d authorities below it (its path length), and this would be number %d",
                        above->name, stander->path_length, depth);
            return -1;
        }
    }
    return 0;
}

static int keep_breach(void *state, const struct name_breach *breach)
{
    return name_breach_text(breach, state) == 0 ? 1 : -1;
}

int standing_check_names(const struct standing *standing, const struct entry *entry, struct faults *faults)
{
    const struct entry *above = entry->issuer;
    struct bytes phrase = BYTES_EMPTY;
    int found = 0;
    size_t i;

    for (; found == 0 && above != NULL; above = above->issuer) {
        for (i = 0; i < standing->count && &standing->standers[i]->entry != above; i++) {
        }
        if (i < standing->count) {
            const struct name_constraints constraints = {slice_of(&standing->standers[i]->permitted),
                                                         slice_of(&standing->standers[i]->excluded)};

            found = name_constraints_check(&constraints, slice_of(&entry->subject), slice_of(&entry->names),
                                           entry->kind == ENTRY_CERTIFICATE, keep_breach, &phrase);
            if (found == 1) {
                fault_error(faults, NULL, entry->name, "another authority, or another name",
                            "%s, by the name constraints of %s", bytes_text(&phrase), above->name);
            }
        }
    }
    bytes_free(&phrase);
    if (found < 0) {
        fault_memory(faults);
    }
    return found == 0 ? 0 : -1;
}
