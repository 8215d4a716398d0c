/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules by which an entry's step is decided.
 */
#include "plan/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plan/revocation.h"
#include "x509/issuer.h"

/** An authority is called old when less than this part of its life is left, or this many seconds. */
#define OLD_PART    10
#define OLD_SECONDS (INT64_C(90) * 86400)

/** Room for a hint. */
#define PHRASE_MAX 600

/** Format a hint; too long a one is cut. */
static void phrase(char text[PHRASE_MAX], const char *format, ...) PRINTF_LIKE(2, 3);

static void phrase(char text[PHRASE_MAX], const char *format, ...)
{
    va_list values;

    va_start(values, format);
    if (vsnprintf(text, PHRASE_MAX, format, values) < 0) {
        text[0] = 0;
    }
    va_end(values);
}

static void reasons_phrase(unsigned reasons, struct bytes *text)
{
    if (plan_reasons_text(reasons, text) != 0) {
        bytes_clear(text);
    }
}

static bool listed(const char *const *names, size_t count, const char *name)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/** Facets that differ, as reasons. */
static unsigned facets_compare(const struct plan_facets *now, const struct plan_facets *then)
{
    unsigned reasons = 0;

    reasons |= memcmp(now->subject, then->subject, 8) != 0 ? REASON_SUBJECT : 0;
    reasons |= memcmp(now->names, then->names, 8) != 0 ? REASON_SAN : 0;
    reasons |= memcmp(now->profile, then->profile, 8) != 0 ? REASON_PROFILE : 0;
    reasons |= memcmp(now->key, then->key, 8) != 0 ? REASON_KEY_ALGORITHM : 0;
    reasons |= memcmp(now->validity, then->validity, 8) != 0 ? REASON_VALIDITY : 0;
    reasons |= memcmp(now->issuer, then->issuer, 8) != 0 ? REASON_ISSUER : 0;
    return reasons;
}

/** The issuer must be able to sign when its signature is needed. */
static void signature_needed(const struct judging *judging, struct faults *faults)
{
    struct authority *issuer = judging->issuer;

    if (issuer == NULL) {
        return;
    }
    if (issuer->revoked && !issuer->told) {
        issuer->told = true;
        entry_error(faults, issuer->entry, "name another issuer, or take out what is under it",
                    "its certificate is revoked, and %s would have to be issued under it",
                    judging->entry->name);
    }
    authority_check_signs(issuer, judging->entry->name, faults);
}

/** Complains that an authority would have to be made anew. */
static void replacement_refused(const struct entry *entry, unsigned reasons, struct faults *faults)
{
    struct bytes text = BYTES_EMPTY;
    char hint[PHRASE_MAX] = "";

    reasons_phrase(reasons, &text);
    phrase(hint, "undo the change, or --replace-authority %s to make it and all under it anew", entry->name);
    entry_error(faults, entry, hint, "%s: an authority is not replaced unless you ask for it",
                bytes_text(&text));
    bytes_free(&text);
}

instant plan_due(const struct entry *entry, instant not_before, instant not_after)
{
    int64_t life = not_after - not_before;

    if (entry->kind == ENTRY_AUTHORITY) {
        return not_after - (life / OLD_PART < OLD_SECONDS ? life / OLD_PART : OLD_SECONDS);
    }
    if (entry->validity.fixed_until || entry->validity.fixed_from) {
        return INSTANT_MAX; /* a new one would end at the same time */
    }
    return entry->renew_before_given ? instant_subtract(not_after, &entry->renew_before)
                                     : not_after - life / 3;
}

/** Says aloud that an authority runs out; it does not renew itself. */
static void authority_age(const struct judge *judge, const struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    const struct plan_record *record = &judging->record;
    char hint[PHRASE_MAX] = "";
    struct bytes when = BYTES_EMPTY;

    phrase(hint, "--replace-authority %s makes a new one", entry->name);
    if (instant_format(record->not_after, &when) != 0) {
        bytes_clear(&when);
    }
    if (record->not_after <= judge->now) {
        entry_warning(faults, entry, hint, "the authority expired at %s", bytes_text(&when));
    } else if (judge->now >= judging->step->due) {
        entry_warning(faults, entry, hint, "the authority expires at %s", bytes_text(&when));
    }
    bytes_free(&when);
}

/** An authority that was adopted, or is to be. */
static void judge_adopted(const struct judge *judge, struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    struct plan_step *step = judging->step;
    bool asked = listed(judge->options->replace, judge->options->replace_count, entry->name);
    bool same_key = digest_equal(&judging->record.identity, &judging->adopt_identity);

    step->action = PLAN_UNCHANGED;
    if (!judging->record.issued) {
        step->action = PLAN_ADOPT;
    } else if (!same_key && !asked) {
        replacement_refused(entry, REASON_KEY_CHANGED, faults);
    } else if (!same_key) {
        step->action = PLAN_ADOPT;
        step->reasons = REASON_ASKED;
    } else if (!judging->record.adopted ||
               !digest_equal(&judging->record.certificate, &judging->adopt_certificate)) {
        step->action = PLAN_ADOPT;
        step->reasons = REASON_FILE_CHANGED;
    } else if (judging->look.stale != 0) {
        step->action = PLAN_REWRITE;
        step->reasons = judging->look.reasons;
    }
    step->outputs = step->action == PLAN_ADOPT ? judging->look.all : judging->look.stale;
    judging->self->known = !judging->record.issued || same_key;
    judging->self->can_sign = judging->adopt_key || entry->token_uri != NULL;
}

/** Whether the key file is not as it was written, and the key follows from a seed: then it is written again, and nothing else changes. */
static bool key_follows(const struct judge *judge, const struct judging *judging)
{
    return judge->options->seeded && (judging->look.key_missing || judging->look.key_changed) &&
           entry_has_key_file(judging->entry);
}

/** The same certificate, and files of it again. @p restore: its key, too, made again as it was. */
static void rewrite_step(struct judging *judging, bool asked, bool restore)
{
    const struct look *look = &judging->look;
    struct plan_step *step = judging->step;

    step->action = PLAN_REWRITE;
    step->reasons = look->reasons | (asked ? REASON_ASKED : 0);
    step->outputs = asked ? look->stale | (look->all & ~look->keys) : look->stale;
    if (restore) {
        step->reasons |= look->key_missing ? REASON_KEY_MISSING : REASON_KEY_CHANGED;
        step->outputs |= look->keys;
        step->new_key = true;
    }
}

/** An authority of our own. */
static void judge_authority(const struct judge *judge, struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    const struct plan_record *record = &judging->record;
    const struct look *look = &judging->look;
    struct plan_step *step = judging->step;
    bool replace = listed(judge->options->replace, judge->options->replace_count, entry->name);
    bool rewrite = listed(judge->options->rewrite, judge->options->rewrite_count, entry->name);
    unsigned differs = record->issued ? facets_compare(&judging->facets, &record->facets) : 0;
    const unsigned grave = REASON_SUBJECT | REASON_CONSTRAINTS | REASON_KEY_ALGORITHM;
    bool restore = key_follows(judge, judging);

    if ((differs & REASON_SAN) != 0) {
        /* the names of an authority are those it is constrained to */
        differs = (differs & ~REASON_SAN) | REASON_CONSTRAINTS;
    }
    if (record->issued && judging->issuer != NULL && !judging->issuer->known) {
        differs |= REASON_ISSUER;
    }
    judging->self->can_sign = true;
    if (record->issued && replace && differs == 0 && judge->options->seeded) {
        entry_error(faults, entry, "another seed makes other authorities, in a directory of its own",
                    "it follows from the seed, and nothing of it has changed: a new one would be the same");
        judging->self->known = true;
        return;
    }
    if (!record->issued || replace || record->key_ahead) {
        step->action = record->issued ? PLAN_REPLACE : PLAN_CREATE;
        step->reasons = (record->unfinished ? REASON_UNFINISHED : 0) | (replace ? REASON_ASKED : 0);
        step->new_key = !record->key_ahead;
        step->outputs = look->all;
        signature_needed(judging, faults);
        return;
    }
    authority_age(judge, judging, faults);
    if (record->adopted || (differs & grave) != 0) {
        replacement_refused(entry, record->adopted ? REASON_KEY_CHANGED : differs & grave, faults);
    } else if (look->crt_changed && !rewrite && !record->visible) {
        char hint[PHRASE_MAX] = "";

        phrase(hint, "--rewrite %s restores it; to use another authority, adopt it", entry->name);
        entry_error(faults, entry, hint, "%s.crt is not the certificate that was issued under", entry->name);
    } else if ((differs & REASON_ISSUER) != 0 && entry->ephemeral) {
        replacement_refused(entry, REASON_ISSUER, faults);
    } else if ((differs & REASON_ISSUER) != 0) {
        step->action = PLAN_REISSUE;
        step->reasons = REASON_ISSUER;
        step->outputs = look->all & ~look->keys;
        signature_needed(judging, faults);
    } else if (look->stale != 0 || rewrite || restore) {
        rewrite_step(judging, rewrite, restore);
    }
    if ((differs & (REASON_PROFILE | REASON_VALIDITY)) != 0 && step->action == PLAN_UNCHANGED) {
        struct bytes text = BYTES_EMPTY;

        reasons_phrase(differs & (REASON_PROFILE | REASON_VALIDITY), &text);
        entry_warning(faults, entry, "--replace-authority makes it anew", "%s; the authority stays as it is",
                      bytes_text(&text));
        bytes_free(&text);
    }
    judging->self->can_sign =
        (!look->key_missing || restore) && (!entry->ephemeral || judge->options->seeded);
    judging->self->known = step->action != PLAN_REISSUE;
}

/** Whether a leaf is due, and a new one would live longer than it. */
static unsigned renewal_due(const struct judge *judge, const struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    const struct plan_record *record = &judging->record;
    instant ceiling = judging->issuer != NULL ? judging->issuer->not_after : INSTANT_MAX;
    instant not_before = 0;
    instant not_after = 0;
    bool clipped = false;
    const char *why = NULL;

    if (judge->now < judging->step->due) {
        return 0;
    }
    if (judging->issuer != NULL && judging->issuer->revoked) {
        entry_warning(faults, entry, NULL, "due for renewal, but its issuer %s is revoked",
                      judging->issuer->entry->name);
        return 0;
    }
    if (validity_resolve(&entry->validity, &entry->backdate, judge->now, ceiling, &not_before, &not_after,
                         &clipped, &why) != 0 ||
        not_after <= record->not_after) {
        entry_warning(faults, entry, NULL, "due for renewal, but its issuer %s does not live longer",
                      judging->issuer != NULL ? judging->issuer->entry->name : entry->name);
        return 0;
    }
    return judge->now >= record->not_after ? REASON_EXPIRED : REASON_EXPIRES;
}

/** A certificate that is no authority. */
static void judge_certificate(const struct judge *judge, struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    const struct plan_record *record = &judging->record;
    const struct look *look = &judging->look;
    struct plan_step *step = judging->step;
    bool rewrite = listed(judge->options->rewrite, judge->options->rewrite_count, entry->name);
    bool issuer_changes = judging->issuer != NULL && !judging->issuer->known;
    bool restore = key_follows(judge, judging);
    unsigned reasons = 0;
    unsigned due = 0;

    if (!record->issued) {
        step->action = PLAN_CREATE;
        step->reasons = record->unfinished ? REASON_UNFINISHED : 0;
        step->new_key = true;
        step->outputs = look->all;
        signature_needed(judging, faults);
        return;
    }
    reasons = facets_compare(&judging->facets, &record->facets) | (issuer_changes ? REASON_ISSUER : 0);
    if (!restore) {
        reasons |= look->key_missing ? REASON_KEY_MISSING : 0;
        reasons |= look->key_changed ? REASON_KEY_CHANGED : 0;
    }
    if (reasons == 0) {
        due = renewal_due(judge, judging, faults);
    }
    if (reasons != 0 || due != 0) {
        step->action = due != 0 ? PLAN_RENEW : PLAN_REISSUE;
        step->reasons = reasons | due;
        step->new_key =
            !entry->reuse_key || restore || (reasons & (REASON_KEY_ALGORITHM | REASON_KEY_MISSING)) != 0;
        /* a key that was put there is taken over: written again as ours are, and recorded */
        step->outputs =
            step->new_key || look->key_changed ? look->all : (look->all & ~look->keys) | look->stale;
        signature_needed(judging, faults);
    } else if (look->stale != 0 || rewrite || restore) {
        rewrite_step(judging, rewrite, restore);
    }
}

/** Nothing is made for what is revoked; but the files of a fixture are what its manifest says, and come back. */
static void restore_revoked(const struct judge *judge, struct judging *judging)
{
    const struct plan_record *record = &judging->record;
    bool restore = key_follows(judge, judging);

    if (judge->options->seeded && judging->entry->revoked.wanted && judging->step->action == PLAN_UNCHANGED &&
        record->issued && record->revoked && facets_compare(&judging->facets, &record->facets) == 0 &&
        (judging->look.stale != 0 || restore)) {
        rewrite_step(judging, false, restore);
    }
}

/** Another manifest's entry of that name. True: complained. */
static bool owner_differs(const struct judge *judge, const struct judging *judging, struct faults *faults)
{
    const struct plan_record *record = &judging->record;
    char hint[PHRASE_MAX] = "";

    if ((!record->issued && !record->unfinished) ||
        strcmp(record->manifest, judge->options->manifest_id) == 0) {
        return false;
    }
    if (record->manifest[0] != 0) {
        phrase(hint, "if this is the same manifest under a new name, give it id: \"%s\"", record->manifest);
    } else if (judging->entry->adopt_certificate != NULL) {
        phrase(hint,
               "give the entry another name; if it is this very authority, mtls-ca issue --issuer %s issues "
               "under it, and a manifest adopts it in another PKI directory",
               judging->entry->name);
    } else {
        phrase(hint, "give the entry another name%s", "");
    }
    entry_error(faults, judging->entry, hint,
                record->manifest[0] != 0
                    ? "this name is taken in the PKI directory by manifest \"%s\""
                    : "this name is taken in the PKI directory by a certificate issued by hand%s",
                record->manifest);
    return true;
}

/** A name that file systems may take for another one's, which is there. True: complained. */
static bool case_differs(const struct judging *judging, struct faults *faults)
{
    const struct plan_record *record = &judging->record;

    if (record->other_case[0] != 0) {
        entry_error(faults, judging->entry,
                    "choose another name; one that left the manifest goes with --prune, in a run before",
                    "differs only in case from %s, which is in the PKI directory", record->other_case);
    }
    return record->other_case[0] != 0;
}

/** Sets up what the entries under an authority are judged by. */
static int authority_settle(const struct judge *judge, struct judging *judging, struct faults *faults)
{
    struct authority *self = judging->self;
    const struct authority *issuer = judging->issuer;
    const struct plan_record *record = &judging->record;
    bool adopted = judging->entry->adopt_certificate != NULL;
    const struct digest *identity = adopted ? &judging->adopt_identity : &record->identity;
    const struct digest *certificate = adopted ? &judging->adopt_certificate : &record->certificate;

    if (issuer != NULL && !issuer->known) {
        self->known = false;
    }
    if (!adopted && !record->issued) {
        self->known = false;
    }
    self->not_after = self->known && record->issued ? record->not_after : INSTANT_MAX;
    if (plan_chain(judge->digester, identity, issuer != NULL ? &issuer->identities : NULL,
                   &self->identities) != 0 ||
        plan_chain(judge->digester, certificate, issuer != NULL ? &issuer->certificates : NULL,
                   &self->certificates) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/** Whether an authority is asked to be replaced: what was revoked is then the one before. */
static bool replaced_though_revoked(const struct judge *judge, const struct judging *judging,
                                    struct faults *faults)
{
    const struct entry *entry = judging->entry;

    if (entry->kind != ENTRY_AUTHORITY ||
        !listed(judge->options->replace, judge->options->replace_count, entry->name)) {
        return false;
    }
    if (entry->revoked.wanted) {
        entry_error(faults, entry, "take revoked out: the one before stays revoked",
                    "it is to be replaced, and revoked would hold for the new one");
        return false;
    }
    return true;
}

/**
 * Files that others were given permissions on get their own back, whatever else is done. What an authority's key that others could read
 * is worth, only its owner can say: it is never replaced because of that.
 */
static void judge_exposed(struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    struct plan_step *step = judging->step;
    char hint[PHRASE_MAX] = "";

    if (judging->look.exposed == 0) {
        return;
    }
    if (entry->kind == ENTRY_AUTHORITY && (judging->look.exposed & judging->look.keys) != 0) {
        phrase(hint, "if somebody may have copied it, --replace-authority %s makes a new one", entry->name);
        entry_warning(faults, entry, hint,
                      "others than its owner could read %s.key: its permissions are put right, the key stays",
                      entry->name);
    }
    step->exposed = judging->look.exposed & ~step->outputs;
    step->reasons |= REASON_EXPOSED;
    if (step->action == PLAN_UNCHANGED) {
        step->action = PLAN_PROTECT;
    }
}

int judge_entry(const struct judge *judge, struct judging *judging, struct faults *faults)
{
    const struct entry *entry = judging->entry;
    const struct plan_state *state = judge->state;
    const struct authority *issuer = judging->issuer;
    const struct digest *certificate = &judging->record.certificate;
    struct looking looking = {
        .state = state,
        .digester = judge->digester,
        .entry = entry,
        .record = &judging->record,
        .above = issuer != NULL ? &issuer->certificates : NULL,
        .asked = listed(judge->options->rewrite, judge->options->rewrite_count, entry->name),
        .seeded = judge->options->seeded,
    };

    if (state->record(state->state, entry->name, &judging->record, faults) != 0) {
        return -1;
    }
    judging->step->due = judging->record.issued
                             ? plan_due(entry, judging->record.not_before, judging->record.not_after)
                             : INSTANT_MAX;
    if (entry->adopt_certificate != NULL) {
        if (state->adoptee(state->state, entry, &judging->adopt_identity, &judging->adopt_certificate,
                           &judging->adopt_key, faults) != 0) {
            return -1;
        }
        certificate = &judging->adopt_certificate;
    } else if (judging->record.issued &&
               plan_facets_of(judge->facets, entry, issuer != NULL ? &issuer->identities : NULL,
                              &judging->facets, faults) != 0) {
        return -1;
    }
    looking.certificate = certificate;
    if (look_at_outputs(&looking, &judging->look, faults) != 0) {
        return -1;
    }
    if (owner_differs(judge, judging, faults) || case_differs(judging, faults)) {
        if (judging->self != NULL) {
            judging->self->can_sign = true; /* one complaint is enough */
        }
        return 0;
    }
    if (!replaced_though_revoked(judge, judging, faults) && revocation_decides(judge, judging, faults)) {
        judging->step->due = INSTANT_MAX;
        restore_revoked(judge, judging);
    } else if (entry->adopt_certificate != NULL) {
        judge_adopted(judge, judging, faults);
    } else if (entry->kind == ENTRY_AUTHORITY) {
        judge_authority(judge, judging, faults);
    } else {
        judge_certificate(judge, judging, faults);
    }
    judge_exposed(judging, faults);
    if (judging->self != NULL) {
        judging->self->made = judging->step->action == PLAN_CREATE || judging->step->action == PLAN_ADOPT ||
                              judging->step->action == PLAN_REPLACE;
    }
    return judging->self != NULL ? authority_settle(judge, judging, faults) : 0;
}
