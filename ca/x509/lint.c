/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint: the families of rules as one table, and a certificate held against it.
 */
#include "x509/lint.h"

#include <stdlib.h>
#include <string.h>

#include "x509/lint_case.h"

struct lint_authority {
    struct lint_case c;
    bool legible;
};

static const struct lint_family *const families[] = {&lint_fields,    &lint_extensions, &lint_subjects,
                                                     &lint_platforms, &lint_mtls,       &lint_strength};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

static const char *const source_words[LINT_SOURCES] = {"rfc5280", "apple", "android",
                                                       "java",    "mtls",  "strength"};

bool lint_set_has(const struct lint_set *set, size_t rule)
{
    return rule < LINT_RULES_MAX && (set->words[rule / 64] >> rule % 64 & 1) != 0;
}

bool lint_set_is_empty(const struct lint_set *set)
{
    uint64_t all = 0;

    for (size_t i = 0; i < sizeof(set->words) / sizeof(set->words[0]); i++) {
        all |= set->words[i];
    }
    return all == 0;
}

void lint_set_add(struct lint_set *set, size_t rule)
{
    if (rule < LINT_RULES_MAX) {
        set->words[rule / 64] |= UINT64_C(1) << rule % 64;
    }
}

void lint_set_join(struct lint_set *set, const struct lint_set *other)
{
    for (size_t i = 0; i < sizeof(set->words) / sizeof(set->words[0]); i++) {
        set->words[i] |= other->words[i];
    }
}

size_t lint_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < FAMILIES; i++) {
        count += families[i]->count;
    }
    return count;
}

const struct lint_rule *lint_rule(size_t rule)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        if (rule < families[i]->count) {
            return &families[i]->rules[rule];
        }
        rule -= families[i]->count;
    }
    return NULL;
}

bool lint_find(const char *id, size_t *rule)
{
    size_t count = lint_count();

    for (*rule = 0; *rule < count; *rule += 1) {
        if (strcmp(lint_rule(*rule)->id, id) == 0) {
            return true;
        }
    }
    return false;
}

const char *lint_source_word(enum lint_source source)
{
    return source_words[source];
}

int lint_source_parse(const char *word, enum lint_source *source)
{
    for (size_t i = 0; i < LINT_SOURCES; i++) {
        if (strcmp(source_words[i], word) == 0) {
            *source = (enum lint_source)i;
            return 0;
        }
    }
    return -1;
}

const char *lint_severity_word(enum lint_severity severity)
{
    static const char *const words[] = {"notice", "warning", "error"};

    return words[severity];
}

/* NULL for one that cannot be read. */
static const struct lint_case *case_of(const struct lint_authority *authority)
{
    return authority != NULL && authority->legible ? &authority->c : NULL;
}

struct lint_authority *lint_authority_new(void)
{
    return calloc(1, sizeof(struct lint_authority));
}

void lint_authority_free(struct lint_authority *authority)
{
    free(authority);
}

void lint_authority_read(struct lint_authority *authority, struct slice der,
                         const struct lint_authority *above)
{
    authority->legible = lint_case_read(der, &authority->c) == 0;
    authority->c.above = case_of(above);
}

/* The certificate and those above it, each linked to its issuer. Authorities that cannot be read end the row. */
static int read_all(const struct lint_question *question, struct lint_case cases[1 + LINT_ABOVE_MAX])
{
    struct lint_case *below = &cases[0];

    if (lint_case_read(question->certificate, below) != 0) {
        return -1;
    }
    if (question->issuer != NULL) {
        below->above = case_of(question->issuer);
        return 0;
    }
    for (size_t i = 0; i < question->above_count && i < LINT_ABOVE_MAX; i++) {
        if (lint_case_read(question->above[i], &cases[1 + i]) != 0) {
            break;
        }
        below->above = &cases[1 + i];
        below = &cases[1 + i];
    }
    return 0;
}

int lint_certificate(const struct lint_question *question, struct lint_set *found)
{
    struct lint_case cases[1 + LINT_ABOVE_MAX];
    size_t number = 0;

    memset(found, 0, sizeof(*found));
    if (read_all(question, cases) != 0) {
        return -1;
    }
    for (size_t i = 0; i < FAMILIES; i++) {
        for (size_t j = 0; j < families[i]->count; j++) {
            if (families[i]->rules[j].broken(&cases[0], NULL)) {
                lint_set_add(found, number);
            }
            number += 1;
        }
    }
    return 0;
}

int lint_tell(const struct lint_question *question, size_t rule, struct bytes *detail)
{
    struct lint_case cases[1 + LINT_ABOVE_MAX];
    const struct lint_rule *which = lint_rule(rule);
    struct lint_detail telling = {detail, false};

    if (which == NULL || read_all(question, cases) != 0) {
        return -1;
    }
    (void)which->broken(&cases[0], &telling);
    return telling.failed ? -1 : 0;
}

int lint_names_read(struct slice der, struct lint_names *names)
{
    struct lint_case c;

    if (lint_case_read(der, &c) != 0) {
        return -1;
    }
    *names = (struct lint_names){c.subject, c.issuer, c.ski, c.aki};
    return 0;
}
