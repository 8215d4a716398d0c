/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passphrases of one run, each asked once.
 */
#include "issuing/passphrases.h"

#include <stdlib.h>
#include <string.h>

struct kept {
    struct kept *next;
    char *spec; /* its text, and for prompt the label */
    struct bytes secret;
    bool refused; /* it could not be had, and that was told */
};

struct passphrases {
    const struct context *context;
    char *folder;
    struct kept *first;
};

struct passphrases *passphrases_new(const struct context *context, const char *folder)
{
    struct passphrases *passphrases = calloc(1, sizeof(*passphrases));

    if (passphrases == NULL) {
        return NULL;
    }
    passphrases->context = context;
    if (folder != NULL && (passphrases->folder = strdup(folder)) == NULL) {
        free(passphrases);
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

void passphrases_free(struct passphrases *passphrases)
{
    if (passphrases == NULL) {
        return;
    }
    while (passphrases->first != NULL) {
        struct kept *next = passphrases->first->next;

        kept_free(passphrases->first);
        passphrases->first = next;
    }
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

const struct bytes *passphrases_get(struct passphrases *passphrases, const struct passphrase_spec *spec,
                                    const char *label, bool confirm, struct faults *faults)
{
    struct bytes key = BYTES_EMPTY;
    struct kept *kept = NULL;
    const struct bytes *secret = NULL;

    if (spec_key(spec, label, &key) != 0) {
        fault_memory(faults);
        goto out;
    }
    for (kept = passphrases->first; kept != NULL && key.length > 0; kept = kept->next) {
        if (strcmp(kept->spec, bytes_text(&key)) == 0) {
            secret = kept->refused ? NULL : &kept->secret;
            kept = NULL;
            goto out;
        }
    }
    kept = calloc(1, sizeof(*kept));
    if (kept == NULL || (kept->spec = strdup(bytes_text(&key))) == NULL) {
        fault_memory(faults);
        goto out;
    }
    kept->refused = passphrase_obtain(passphrases->context, spec, passphrases->folder, label, confirm,
                                      &kept->secret, faults) != 0;
    kept->next = passphrases->first;
    passphrases->first = kept;
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
