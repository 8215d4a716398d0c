/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passphrases of one run, each asked once: those that may be asked for again are found by their SPEC, the others are in a list of their
 * own.
 */
#include "issuing/passphrases.h"

#include <stdlib.h>
#include <string.h>

#include "base/lookup.h"

struct kept {
    struct kept *next;
    char *spec; /* its text, and for prompt the label */
    struct bytes secret;
    bool refused; /* it could not be had, and that was told */
};

struct passphrases {
    const struct context *context;
    struct context *seeded; /* of fixtures: where generated ones come from */
    char *folder;
    struct kept **known; /* found again, */
    size_t count, room;
    struct lookup specs;           /* by their spec */
    struct kept *fresh, *freshest; /* asked for once, in that order: */
    size_t fresh_count, forgotten; /* so many so far, of which so many are gone */
};

struct passphrases *passphrases_new(const struct context *context, const char *folder)
{
    struct passphrases *passphrases = calloc(1, sizeof(*passphrases));

    if (passphrases == NULL) {
        return NULL;
    }
    passphrases->context = context;
    if ((folder != NULL && (passphrases->folder = strdup(folder)) == NULL) ||
        (context_is_fixture(context) &&
         (passphrases->seeded = context_new_seeded(context, context_seed(context))) == NULL)) {
        passphrases_free(passphrases);
        return NULL;
    }
    return passphrases;
}

static void kept_free(struct kept *kept)
{
    if (kept != NULL) {
        bytes_free(&kept->secret);
        free(kept->spec);
        free(kept);
    }
}

size_t passphrases_fresh(const struct passphrases *passphrases)
{
    return passphrases->fresh_count;
}

void passphrases_forget_fresh(struct passphrases *passphrases, size_t count)
{
    while (passphrases->forgotten < count && passphrases->fresh != NULL) {
        struct kept *next = passphrases->fresh->next;

        kept_free(passphrases->fresh);
        passphrases->fresh = next;
        passphrases->forgotten++;
    }
}

void passphrases_free(struct passphrases *passphrases)
{
    size_t i;

    if (passphrases == NULL) {
        return;
    }
    passphrases_forget_fresh(passphrases, passphrases->fresh_count);
    context_free(passphrases->seeded);
    lookup_free(&passphrases->specs);
    for (i = 0; i < passphrases->count; i++) {
        kept_free(passphrases->known[i]);
    }
    free(passphrases->known);
    free(passphrases->folder);
    free(passphrases);
}

/** The key a secret is kept under; NULL for one that is never asked for again. */
static int spec_key(const struct passphrase_spec *spec, const char *label, struct bytes *key)
{
    switch (spec->source) {
    case PASSPHRASE_GENERATE:
    case PASSPHRASE_TEXT:
        return 0;
    case PASSPHRASE_PROMPT:
        return bytes_printf(key, "prompt %s", label);
    default:
        return passphrase_spec_describe(spec, key);
    }
}

/** Keep it; -1 when memory is out. */
static int keep(struct passphrases *passphrases, struct kept *kept)
{
    if (kept->spec[0] == '\0') {
        if (passphrases->fresh == NULL) {
            passphrases->fresh = kept;
        } else {
            passphrases->freshest->next = kept;
        }
        passphrases->freshest = kept;
        passphrases->fresh_count++;
        return 0;
    }
    if (passphrases->count == passphrases->room) {
        size_t room = passphrases->room > 0 ? passphrases->room * 2 : 16;
        struct kept **grown = realloc(passphrases->known, room * sizeof(struct kept *));

        if (grown == NULL) {
            return -1;
        }
        passphrases->known = grown;
        passphrases->room = room;
    }
    if (lookup_add(&passphrases->specs, slice_of_text(kept->spec), passphrases->count) != 0) {
        return -1;
    }
    passphrases->known[passphrases->count++] = kept;
    return 0;
}

/** Fetches it. A generated one of a fixture is that of the file @p label. */
static int obtain(const struct passphrases *passphrases, const struct passphrase_spec *spec,
                  const char *label, bool confirm, struct bytes *secret, struct faults *faults)
{
    const struct context *context = passphrases->context;

    if (passphrases->seeded != NULL && spec->source == PASSPHRASE_GENERATE) {
        context = passphrases->seeded;
        if (context_begin(context, slice_of_text(label), slice_of_text("passphrase")) != 0) {
            fault_openssl(faults, "%s: no passphrase follows from the seed", label);
            return -1;
        }
    }
    return passphrase_obtain(context, spec, passphrases->folder, label, confirm, secret, faults);
}

const struct bytes *passphrases_get(struct passphrases *passphrases, const struct passphrase_spec *spec,
                                    const char *label, bool confirm, struct faults *faults)
{
    struct bytes key = BYTES_EMPTY;
    struct kept *kept = NULL;
    const struct bytes *secret = NULL;
    size_t at = 0;

    if (spec_key(spec, label, &key) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (key.length > 0 && lookup_find(&passphrases->specs, slice_of(&key), &at)) {
        secret = passphrases->known[at]->refused ? NULL : &passphrases->known[at]->secret;
        goto out;
    }
    kept = calloc(1, sizeof(*kept));
    if (kept == NULL || (kept->spec = strdup(bytes_text(&key))) == NULL) {
        fault_memory(faults);
        goto out;
    }
    kept->refused = obtain(passphrases, spec, label, confirm, &kept->secret, faults) != 0;
    if (keep(passphrases, kept) != 0) {
        fault_memory(faults);
        goto out;
    }
    secret = kept->refused ? NULL : &kept->secret;
    kept = NULL;
out:
    kept_free(kept);
    bytes_free(&key);
    return secret;
}

const struct bytes *passphrases_get_at(struct passphrases *passphrases, const struct passphrase_spec *spec,
                                       const struct entry *entry, struct entry_spot spot, const char *label,
                                       bool confirm, struct faults *faults)
{
    bool asks = spec->source == PASSPHRASE_PROMPT || spec->source == PASSPHRASE_KEYCHAIN;
    const struct bytes *secret = NULL;
    struct faults *why;

    if (asks && faults_errors(faults) > 0) {
        return NULL;
    }
    why = faults_new();
    if (why == NULL) {
        fault_memory(faults);
        return NULL;
    }
    secret = passphrases_get(passphrases, spec, label, confirm, why);
    entry_faults_move(faults, entry, spot, why);
    faults_free(why);
    return secret;
}
