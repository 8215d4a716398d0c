/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in tokens, opened and waiting.
 */
#include "issuing/tokens.h"

#include <stdlib.h>

#include "token/token_signer.h"

/** A key that is open, and whose authority is not yet an issuer. */
struct waiting {
    const struct entry *entry;
    struct signer *signer;
};

struct tokens {
    const struct context *context;
    struct passphrases *passphrases;
    struct waiting *waiting;
    size_t count;
    bool failed;
};

struct tokens *tokens_new(const struct context *context, struct passphrases *passphrases)
{
    struct tokens *tokens = calloc(1, sizeof(*tokens));

    if (tokens != NULL) {
        tokens->context = context;
        tokens->passphrases = passphrases;
    }
    return tokens;
}

void tokens_free(struct tokens *tokens)
{
    size_t i;

    if (tokens == NULL) {
        return;
    }
    for (i = 0; i < tokens->count; i++) {
        signer_free(tokens->waiting[i].signer);
    }
    free(tokens->waiting);
    free(tokens);
}

static size_t number_of(const struct tokens *tokens, const struct entry *entry)
{
    size_t i = 0;

    while (i < tokens->count && tokens->waiting[i].entry != entry) {
        i++;
    }
    return i;
}

struct signer *tokens_signer(const struct tokens *tokens, const struct entry *entry)
{
    size_t number = number_of(tokens, entry);

    return number < tokens->count ? tokens->waiting[number].signer : NULL;
}

struct signer *tokens_take(struct tokens *tokens, const struct entry *entry)
{
    size_t number = number_of(tokens, entry);
    struct signer *signer = tokens_signer(tokens, entry);

    if (signer != NULL) {
        tokens->waiting[number] = tokens->waiting[--tokens->count];
    }
    return signer;
}

/** The PIN of the entry's token; *pin is NULL where none is given. */
static int token_pin(struct tokens *tokens, const struct entry *entry, const struct bytes **pin,
                     struct faults *faults)
{
    struct bytes label = BYTES_EMPTY;
    int status = -1;

    *pin = NULL;
    if (entry->pin.source == PASSPHRASE_NONE) {
        return 0;
    }
    if (bytes_printf(&label, "PIN of the token of %s", entry->name) != 0) {
        fault_memory(faults);
    } else {
        *pin = passphrases_get_at(tokens->passphrases, &entry->pin, entry,
                                  (struct entry_spot){ENTRY_PIN, NULL}, bytes_text(&label), false, faults);
        status = *pin != NULL ? 0 : -1;
    }
    bytes_free(&label);
    return status;
}

/** Opens it: as token_signer_open, with complaints under the entry. */
static int token_open(const struct tokens *tokens, const struct entry *entry, const struct bytes *pin,
                      bool make, struct signer **signer, struct faults *faults)
{
    const struct token_key key = {
        .uri = entry->token_uri,
        .pin = pin,
        .generate = make ? entry->token_generate : KEY_NONE,
        .label = entry->name,
    };
    struct faults *why = faults_new();
    int found;

    if (why == NULL) {
        fault_memory(faults);
        return -1;
    }
    found = token_signer_open(tokens->context, &key, signer, why);
    entry_faults_move(faults, entry, (struct entry_spot){ENTRY_KEY, NULL}, why);
    if (found == 0 && entry->token_generate == KEY_NONE) {
        entry_error_at(
            faults, entry, (struct entry_spot){ENTRY_KEY, NULL},
            "put it there, or have it made with key: {uri: ..., generate: ec-p256}; of csr with --generate",
            "the token holds no such key");
        found = -1;
    }
    faults_free(why);
    return found;
}

int tokens_open(struct tokens *tokens, const struct entry *entry, bool make, struct faults *faults)
{
    const struct bytes *pin = NULL;
    struct signer *signer = NULL;
    struct waiting *grown;
    int found = -1;

    if (tokens_signer(tokens, entry) != NULL) {
        return 1;
    }
    if (tokens->failed) {
        return -1;
    }
    grown = realloc(tokens->waiting, (tokens->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        fault_memory(faults);
        return -1;
    }
    tokens->waiting = grown;
    if (token_pin(tokens, entry, &pin, faults) == 0) {
        found = token_open(tokens, entry, pin, make, &signer, faults);
    }
    if (found == 1) {
        grown[tokens->count++] = (struct waiting){entry, signer};
    }
    tokens->failed = found < 0;
    return found;
}
