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
    const struct profile *profile;
    struct place place; /* of the first; its file is the manifest's */
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

/** The certificate and the authorities above it. */
static struct lint_question question_of(const struct job *job)
{
    return (struct lint_question){.certificate = slice_of(&job->certificate),
                                  .issuer = job->issuer != NULL ? job->issuer->lint : NULL};
}

void findings_look(struct job *job)
{
    struct lint_question question = question_of(job);

    /* what cannot be read at all was refused before, or is OpenSSL's to refuse */
    if (lint_certificate(&question, &job->broken) != 0) {
        memset(&job->broken, 0, sizeof(job->broken));
    }
}

/** Where its entry stands; what no manifest asks for has its name alone. */
static const char *section_of(const struct job *job)
{
    const char *file = job->step.entry->place.file;

    if (file == NULL || file[0] == 0) {
        return "";
    }
    return job->step.authority ? "authorities." : "certificates.";
}

static struct findings_row *row_add(struct findings *findings, const struct job *job, size_t rule)
{
    struct findings_row *grown = realloc(findings->rows, (findings->count + 1) * sizeof(*grown));
    struct findings_row *row;
    struct lint_question question = question_of(job);

    if (grown == NULL) {
        return NULL;
    }
    findings->rows = grown;
    row = &grown[findings->count++];
    memset(row, 0, sizeof(*row));
    row->rule = rule;
    row->profile = job->step.entry->profile;
    row->place = job->step.entry->place;
    return bytes_printf(&row->path, "%s%s", section_of(job), job->step.entry->name) == 0 &&
                   lint_tell(&question, rule, &row->detail) == 0
               ? row
               : NULL;
}

/** Whether a broken rule is told of: weak keys and hashes of what is adopted, adoptee_warn told in every run. */
static bool is_told(const struct job *job, size_t rule)
{
    return lint_set_has(&job->broken, rule) && lint_rule(rule)->severity != LINT_NOTICE &&
           (job->step.action != PLAN_ADOPT || lint_rule(rule)->source != LINT_STRENGTH);
}

int findings_take(struct findings *findings, const struct job *job)
{
    size_t rules = lint_set_is_empty(&job->broken) ? 0 : lint_count();

    for (size_t rule = 0; rule < rules; rule++) {
        struct findings_row *row = NULL;

        if (!is_told(job, rule)) {
            continue;
        }
        for (size_t i = 0; i < findings->count && row == NULL; i++) {
            if (findings->rows[i].rule == rule && findings->rows[i].profile == job->step.entry->profile) {
                row = &findings->rows[i];
            }
        }
        if (row == NULL && (row = row_add(findings, job, rule)) == NULL) {
            return -1;
        }
        row->count += 1;
    }
    return 0;
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
                          "%s: %s%s%s; and %zu more of profile %s", rule->id, rule->wrong,
                          detail[0] != 0 ? ": " : "", detail, row->count - 1, row->profile->name);
        }
    }
    rows_clear(findings);
}
