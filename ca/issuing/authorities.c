/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorities of a run: recalled from the ledger or just made, with key and signer where they are needed.
 */
#include "issuing/authorities.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "issuing/kept_key.h"

struct authorities {
    const struct context *context;
    int directory;
    struct ledger *ledger;
    struct passphrases *passphrases;
    struct digester *digester;
    struct tokens *tokens;
    struct authority_at_work **items;
    size_t count;
};

struct authorities *authorities_new(const struct context *context, int directory, struct ledger *ledger,
                                    struct passphrases *passphrases)
{
    struct authorities *authorities = calloc(1, sizeof(*authorities));

    if (authorities == NULL || (authorities->digester = digester_new(context)) == NULL ||
        (authorities->tokens = tokens_new(context, passphrases)) == NULL) {
        authorities_free(authorities);
        return NULL;
    }
    authorities->context = context;
    authorities->directory = directory;
    authorities->ledger = ledger;
    authorities->passphrases = passphrases;
    return authorities;
}

static void authority_free(struct authority_at_work *authority)
{
    if (authority != NULL) {
        issuer_free(authority->issuer);
        key_free(authority->key);
        lint_authority_free(authority->lint);
        bytes_free(&authority->certificate);
        free(authority);
    }
}

void authorities_free(struct authorities *authorities)
{
    size_t i;

    if (authorities == NULL) {
        return;
    }
    for (i = 0; i < authorities->count; i++) {
        authority_free(authorities->items[i]);
    }
    free(authorities->items);
    tokens_free(authorities->tokens);
    digester_free(authorities->digester);
    free(authorities);
}

void authorities_use(struct authorities *authorities, int directory, struct ledger *ledger)
{
    authorities->directory = directory;
    authorities->ledger = ledger;
}

struct tokens *authorities_tokens(const struct authorities *authorities)
{
    return authorities->tokens;
}

struct authority_at_work *authorities_at(const struct authorities *authorities, size_t number)
{
    return number < authorities->count ? authorities->items[number] : NULL;
}

size_t authorities_number(const struct authorities *authorities, const struct entry *entry)
{
    size_t i = authorities->count;

    /* met last is asked for most */
    while (i > 0 && authorities->items[i - 1]->entry != entry) {
        i--;
    }
    return i > 0 ? i - 1 : authorities->count;
}

static struct authority_at_work *authority_add(struct authorities *authorities, const struct entry *entry,
                                               struct faults *faults)
{
    struct authority_at_work **grown = realloc(authorities->items, (authorities->count + 1) * sizeof(*grown));
    struct authority_at_work *authority = NULL;

    if (grown != NULL) {
        authorities->items = grown;
        authority = calloc(1, sizeof(*authority));
    }
    if (authority == NULL || (authority->lint = lint_authority_new()) == NULL) {
        free(authority);
        fault_memory(faults);
        return NULL;
    }
    authority->entry = entry;
    grown[authorities->count++] = authority;
    return authority;
}

/** Sets the hashes and dates, and what lint looks at, that follow from the authority's certificate. */
static int authority_settle(struct authorities *authorities, struct authority_at_work *authority,
                            struct faults *faults)
{
    const struct authority_at_work *above = authority->above;
    struct certificate_view view;
    struct digest digest;

    if (certificate_view_read(slice_of(&authority->certificate), &view) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the certificate of %s cannot be read", authority->entry->name);
        return -1;
    }
    authority->not_before = view.not_before;
    authority->not_after = view.not_after;
    authority->below_another = above == NULL && !slice_equal(view.subject, view.issuer);
    if (above != NULL && above->not_after < authority->not_after) {
        authority->not_after = above->not_after;
    }
    lint_authority_read(authority->lint, slice_of(&authority->certificate),
                        above != NULL ? above->lint : NULL);
    digester_add(authorities->digester, slice_of(&authority->certificate));
    if (digester_final(authorities->digester, &digest) != 0 ||
        plan_chain(authorities->digester, &digest, above != NULL ? &above->certificates : NULL,
                   &authority->certificates) != 0 ||
        plan_identity(authorities->digester, view.spki, view.subject, &digest) != 0 ||
        plan_chain(authorities->digester, &digest, above != NULL ? &above->identities : NULL,
                   &authority->identities) != 0) {
        fault_openssl(faults, "SHA-256 failed");
        return -1;
    }
    return 0;
}

/** What is known below @p authority, which has another certificate now, follows. */
static int settle_below(struct authorities *authorities, const struct authority_at_work *authority,
                        struct faults *faults)
{
    for (size_t i = 0; i < authorities->count; i++) {
        struct authority_at_work *below = authorities->items[i];

        if (below->above == authority && (authority_settle(authorities, below, faults) != 0 ||
                                          settle_below(authorities, below, faults) != 0)) {
            return -1;
        }
    }
    return 0;
}

/** The signer's key must be the one that the authority's certificate is for. @p shown: where the key is. */
static int signer_check(const struct authority_at_work *authority, const struct signer *signer,
                        const char *shown, struct faults *faults)
{
    bool token = authority->entry->token_uri != NULL && authority->entry->adopt_certificate == NULL;
    struct certificate_view view;

    if (certificate_view_read(slice_of(&authority->certificate), &view) != 0) {
        return -1;
    }
    if (!slice_equal(view.spki, signer_spki(signer))) {
        fault_error(faults, NULL, NULL,
                    token
                        ? "name the right one; --replace-authority takes this one and makes all under it anew"
                        : "put the right key back",
                    "%s is not the key of the authority's certificate", shown);
        return -1;
    }
    return 0;
}

/** Makes the authority an issuer with @p signer (owned from here on; NULL: a fault was told). A complaint says where the key is. */
static int authority_arm(const struct context *context, struct authority_at_work *authority,
                         struct signer *signer, const char *shown, struct faults *faults)
{
    struct faults *why = faults_new();

    if (why == NULL) {
        fault_memory(faults);
        signer_free(signer);
        return -1;
    }
    if (signer == NULL || signer_check(authority, signer, shown, faults) != 0) {
        signer_free(signer);
        goto out;
    }
    authority->issuer = issuer_new(context, slice_of(&authority->certificate), signer, why);
    if (authority->issuer == NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s: %s", shown,
                    faults_count(why) > 0 ? faults_text(why, 0) : "it cannot sign");
    }
out:
    faults_free(why);
    return authority->issuer != NULL ? 0 : -1;
}

/** The same with the key that is in the file at @p path, already read. */
static int authority_arm_with_file(const struct context *context, struct authority_at_work *authority,
                                   const char *path, struct faults *faults)
{
    struct faults *why = faults_new();
    struct signer *signer = why != NULL ? signer_from_key(context, authority->key, why) : NULL;

    if (signer == NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s: %s", path,
                    why != NULL && faults_count(why) > 0 ? faults_text(why, 0) : "it cannot sign");
    }
    faults_free(why);
    return authority_arm(context, authority, signer, path, faults);
}

/** Opens the token that holds the authority's key, and makes the authority an issuer with it. */
static int authority_load_token(struct authorities *authorities, struct authority_at_work *authority,
                                struct faults *faults)
{
    const struct entry *entry = authority->entry;
    struct faults *why = faults_new();
    int found = why != NULL ? tokens_open(authorities->tokens, entry, false, faults) : -1;

    if (found == 0) {
        fault_error(why, NULL, NULL, "--replace-authority makes a new authority, and all under it anew",
                    "the token does not hold the authority's key any more");
    } else if (found == 1) {
        (void)!authority_arm(authorities->context, authority, tokens_take(authorities->tokens, entry),
                             "what the token holds", why);
    }
    if (why != NULL) {
        entry_faults_move(faults, entry, (struct entry_spot){ENTRY_KEY, NULL}, why);
    }
    faults_free(why);
    authority->refused = authority->issuer == NULL;
    return authority->refused ? -1 : 0;
}

static bool is_missing(int directory, const char *path)
{
    return faccessat(directory, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

/** The key of a fixture's authority, made again: its file is gone, and it follows from the seed. */
static struct key *key_of_seed(const struct authorities *authorities, const struct entry *entry,
                               struct faults *faults)
{
    struct context *seeded = context_new_seeded(authorities->context, context_seed(authorities->context));
    struct key_maker *maker = NULL;
    struct key *key = NULL;

    if (seeded == NULL) {
        fault_memory(faults);
    } else if ((maker = key_maker_new(seeded, entry->key, faults)) != NULL) {
        key = key_maker_make_of(maker, entry->name, faults);
    }
    key_maker_free(maker);
    context_free(seeded);
    return key;
}

/** The key at @p path, opened with its entry's passphrase; NULL with a fault in @p why, or of the passphrase in @p faults. */
static struct key *read_key(const struct authorities *authorities, const struct entry *entry,
                            const char *path, struct faults *why, struct faults *faults)
{
    bool adopted = entry->adopt_key != NULL;
    const struct passphrase_spec *spec = adopted ? &entry->adopt_passphrase : &entry->passphrase;
    const struct entry_spot spot = {adopted ? ENTRY_ADOPT_PASSPHRASE : ENTRY_PASSPHRASE, NULL};
    const struct bytes *passphrase = NULL;
    struct bytes content = BYTES_EMPTY;
    struct key *key = NULL;
    int status = adopted ? file_read_named(path, FILE_LIMIT_KEY, &content, why)
                         : file_read(authorities->directory, path, FILE_LIMIT_KEY, &content, why);

    if (status == 0 && key_is_encrypted(slice_of(&content)) && spec->source != PASSPHRASE_NONE) {
        passphrase = passphrases_get_at(authorities->passphrases, spec, entry, spot, path, false, faults);
        status = passphrase != NULL ? 0 : -1;
    }
    if (status == 0) {
        key = adopted ? key_read(authorities->context, slice_of(&content), passphrase, path, why)
                      : kept_key_open(authorities->context, entry, slice_of(&content), passphrase, why);
    }
    bytes_free(&content);
    return key;
}

/** The key from its file; a fixture's that has none, from the seed. */
static int authority_load_file(struct authorities *authorities, struct authority_at_work *authority,
                               struct faults *faults)
{
    const struct entry *entry = authority->entry;
    bool adopted = entry->adopt_key != NULL;
    bool seeded = context_is_fixture(authorities->context) && !adopted;
    const struct entry_spot spot = {adopted ? ENTRY_ADOPT_KEY : ENTRY_WHOLE, NULL};
    struct bytes path = BYTES_EMPTY;
    struct faults *why = faults_new();
    int status = -1;

    if (why == NULL ||
        bytes_printf(&path, adopted ? "%s" : "%s.key", adopted ? entry->adopt_key : entry->name) != 0) {
        fault_memory(faults);
    } else if (seeded && is_missing(authorities->directory, bytes_text(&path))) {
        authority->key = key_of_seed(authorities, entry, why);
    } else {
        authority->key = read_key(authorities, entry, bytes_text(&path), why, faults);
    }
    if (authority->key != NULL) {
        status = authority_arm_with_file(authorities->context, authority, bytes_text(&path), why);
    }
    if (why != NULL) {
        entry_faults_move(faults, entry, spot, why);
    }
    faults_free(why);
    bytes_free(&path);
    return status;
}

int authorities_load_key(struct authorities *authorities, struct authority_at_work *authority,
                         struct faults *faults)
{
    const struct entry *entry = authority->entry;
    int status = -1;

    if (authority->issuer != NULL || authority->refused) {
        return authority->issuer != NULL ? 0 : -1;
    }
    if (entry->ephemeral && (!context_is_fixture(authorities->context) || entry->adopt_key != NULL)) {
        entry_error(faults, entry, "mtls-ca apply --replace-authority makes a new one",
                    "its key was ephemeral and is gone");
    } else if (entry->token_uri != NULL) {
        return authority_load_token(authorities, authority, faults);
    } else {
        status = authority_load_file(authorities, authority, faults);
    }
    authority->refused = status != 0;
    return status;
}

/** The authority for @p entry as it stands on disk and in the ledger, known from here on. */
struct authority_at_work *authorities_recall(struct authorities *authorities, const struct entry *entry,
                                             struct faults *faults)
{
    size_t number = authorities_number(authorities, entry);
    struct authority_at_work *authority = NULL;
    struct ledger_certificate row = {0};
    int found = 0;

    if (number < authorities->count) {
        return authorities->items[number];
    }
    if (authorities->ledger != NULL) {
        found = ledger_find_certificate(authorities->ledger, entry->name, &row, faults);
    }
    if (found != 1 || (authority = authority_add(authorities, entry, faults)) == NULL) {
        goto out;
    }
    if (entry->issuer != NULL) {
        authority->above = authorities_recall(authorities, entry->issuer, faults);
    }
    authority->generation = row.own_generation;
    bytes_move(&authority->certificate, &row.der);
    if (authority_settle(authorities, authority, faults) != 0) {
        authority = NULL;
    }
out:
    ledger_certificate_free(&row);
    return authority;
}

int authorities_check_token(struct authorities *authorities, const struct entry *entry, struct faults *faults)
{
    const struct authority_at_work *authority = authorities_recall(authorities, entry, faults);
    const struct signer *signer = tokens_signer(authorities->tokens, entry);
    struct faults *why = faults_new();
    int status = -1;

    if (why != NULL && authority != NULL && signer != NULL) {
        status = signer_check(authority, signer, "what the token holds", why);
        entry_faults_move(faults, entry, (struct entry_spot){ENTRY_KEY, NULL}, why);
    }
    faults_free(why);
    return status;
}

int authorities_check_adoptee(struct authorities *authorities, const struct entry *entry,
                              struct slice certificate, struct faults *faults)
{
    struct authority_at_work adoptee = {.entry = entry};
    int status = -1;

    if (bytes_append(&adoptee.certificate, certificate.data, certificate.length) != 0) {
        fault_memory(faults);
    } else {
        status = authorities_load_key(authorities, &adoptee, faults);
    }
    issuer_free(adoptee.issuer);
    key_free(adoptee.key);
    bytes_free(&adoptee.certificate);
    return status;
}

/** An authority just made stands ready for what comes under it. */
int authorities_promote(struct authorities *authorities, const struct job *job, struct faults *faults)
{
    const struct entry *entry = job->step.entry;
    struct authority_at_work *authority;

    if (entry->kind != ENTRY_AUTHORITY || job->step.action == PLAN_REWRITE) {
        return 0;
    }
    size_t number = authorities_number(authorities, entry);

    authority =
        number < authorities->count ? authorities->items[number] : authority_add(authorities, entry, faults);
    if (authority == NULL) {
        return -1;
    }
    issuer_free(authority->issuer);
    key_free(authority->key);
    authority->issuer = NULL;
    authority->key = NULL;
    authority->above = job->issuer;
    authority->generation = job->own_generation;
    bytes_clear(&authority->certificate);
    if (bytes_append(&authority->certificate, job->certificate.data, job->certificate.length) != 0) {
        fault_memory(faults);
        return -1;
    }
    if (authority_settle(authorities, authority, faults) != 0 ||
        settle_below(authorities, authority, faults) != 0) {
        return -1;
    }
    if (job->key != NULL) {
        struct signer *signer = entry->token_uri != NULL
                                    ? tokens_take(authorities->tokens, entry)
                                    : signer_from_key(authorities->context, job->key, faults);

        authority->issuer = signer != NULL ? issuer_new(authorities->context,
                                                        slice_of(&authority->certificate), signer, faults)
                                           : NULL;
        return authority->issuer != NULL ? 0 : -1;
    }
    return 0;
}

void authorities_tell_clipped(struct authorities *authorities, const struct job *job, struct faults *faults)
{
    struct authority_at_work *issuer;
    struct bytes when = BYTES_EMPTY;

    if (!job->clipped || job->issuer == NULL) {
        return;
    }
    issuer = authorities_at(authorities, job->issuer_number);
    if (!issuer->clipped && instant_format(job->not_after, &when) == 0) {
        entry_warning(faults, job->step.entry, "give the authority a longer validity, or this one a shorter",
                      "its validity outlives its issuer %s and is cut to %s, like any other under it",
                      issuer->entry->name, bytes_text(&when));
        issuer->clipped = true;
    }
    bytes_free(&when);
}
