/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings, a row for each rule and profile that met.
 */
#include "issuing/findings.h"

#include <stdlib.h>
#include <string.h>

/** One rule broken by certificates of one profile. */
struct findings_row {
    size_t rule;
    const struct profile *profile; /* NULL: renewed by hand */
    struct place place;            /* of the first; its file is the manifest's */
    struct bytes path, detail;
    size_t count;
};

struct findings {
    struct findings_row *rows;
    size_t count;
};

struct findings *findings_new(void)
{
    return calloc(1, sizeof(struct findings));
}

static void rows_clear(struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        bytes_free(&findings->rows[i].path);
        bytes_free(&findings->rows[i].detail);
    }
    free(findings->rows);
    findings->rows = NULL;
    findings->count = 0;
}

void findings_free(struct findings *findings)
{
    if (findings != NULL) {
        rows_clear(findings);
        free(findings);
    }
}

/** A certificate, what is above it, and the entry it is of. */
struct subject {
    const struct entry *entry;
    struct lint_question question;
};

static struct subject subject_of(const struct entry *entry, const struct authority_at_work *issuer,
                                 struct slice certificate)
{
    return (struct subject){entry,
                            {.certificate = certificate, .issuer = issuer != NULL ? issuer->lint : NULL}};
}

static struct subject subject_of_job(const struct job *job)
{
    return subject_of(job->step.entry, job->issuer, slice_of(&job->certificate));
}

/** What cannot be read at all was refused before, or is OpenSSL's to refuse. */
static void look(const struct subject *subject, struct lint_set *broken)
{
    if (lint_certificate(&subject->question, broken) != 0) {
        memset(broken, 0, sizeof(*broken));
    }
}

void findings_look(struct job *job)
{
    struct subject subject = subject_of_job(job);

    look(&subject, &job->broken);
}

static struct findings_row *row_add(struct findings *findings, const struct subject *subject, size_t rule)
{
    struct findings_row *grown = realloc(findings->rows, (findings->count + 1) * sizeof(*grown));
    struct findings_row *row;

    if (grown == NULL) {
        return NULL;
    }
    findings->rows = grown;
    row = &grown[findings->count++];
    memset(row, 0, sizeof(*row));
    row->rule = rule;
    row->profile = subject->entry->profile;
    row->place = subject->entry->place;
    return bytes_printf(&row->path, "%s%s", entry_section(subject->entry), subject->entry->name) == 0 &&
                   lint_tell(&subject->question, rule, &row->detail) == 0
               ? row
               : NULL;
}

/**
 * Whether a broken rule is told of. Weak keys and hashes of what is adopted, adoptee_warn tells in every run; what is renewed by hand has no
 * profile, which may have said that a purpose is meant; and what a fixture has wrong on purpose is no finding.
 */
static bool is_told(const struct entry *entry, const struct lint_set *broken, size_t number)
{
    const struct lint_rule *rule = lint_rule(number);

    return lint_set_has(broken, number) && !lint_set_has(&entry->lint_ignored, number) &&
           entry->flaw == FLAW_NONE &&
           (rule->severity != LINT_NOTICE || (rule->source == LINT_MTLS && entry->profile != NULL)) &&
           (entry->adopt_certificate == NULL || rule->source != LINT_STRENGTH);
}

bool findings_worth(const struct job *job)
{
    size_t rules = lint_set_is_empty(&job->broken) ? 0 : lint_count();
    size_t rule = 0;

    while (rule < rules && !is_told(job->step.entry, &job->broken, rule)) {
        rule++;
    }
    return rule < rules;
}

static int take(struct findings *findings, const struct subject *subject, const struct lint_set *broken)
{
    size_t rules = lint_set_is_empty(broken) ? 0 : lint_count();

    for (size_t rule = 0; rule < rules; rule++) {
        struct findings_row *row = NULL;

        if (!is_told(subject->entry, broken, rule)) {
            continue;
        }
        for (size_t i = 0; i < findings->count && row == NULL; i++) {
            if (findings->rows[i].rule == rule && findings->rows[i].profile == subject->entry->profile) {
                row = &findings->rows[i];
            }
        }
        if (row == NULL && (row = row_add(findings, subject, rule)) == NULL) {
            return -1;
        }
        row->count += 1;
    }
    return 0;
}

int findings_take(struct findings *findings, const struct job *job)
{
    struct subject subject = subject_of_job(job);

    return take(findings, &subject, &job->broken);
}

int findings_take_standing(struct findings *findings, const struct entry *entry,
                           const struct authority_at_work *issuer, struct slice certificate)
{
    struct subject subject = subject_of(entry, issuer, certificate);
    struct lint_set broken;

    look(&subject, &broken);
    return take(findings, &subject, &broken);
}

void findings_forget(struct findings *findings)
{
    rows_clear(findings);
}

bool findings_are_there(const struct findings *findings)
{
    return findings->count > 0;
}

void findings_tell(struct findings *findings, struct faults *faults)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct findings_row *row = &findings->rows[i];
        const struct lint_rule *rule = lint_rule(row->rule);
        const char *detail = bytes_text(&row->detail);

        if (row->count == 1) {
            fault_warning(faults, &row->place, bytes_text(&row->path), rule->right, "%s: %s%s%s", rule->id,
                          rule->wrong, detail[0] != 0 ? ": " : "", detail);
        } else {
            fault_warning(faults, &row->place, bytes_text(&row->path), rule->right,
                          "%s: %s%s%s; and %zu more%s%s", rule->id, rule->wrong, detail[0] != 0 ? ": " : "",
                          detail, row->count - 1, row->profile != NULL ? " of profile " : "",
                          row->profile != NULL ? row->profile->name : "");
        }
    }
    rows_clear(findings);
}
