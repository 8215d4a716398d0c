/* SPDX-License-Identifier: Apache-2.0 */
/* Lint: x509/lint.h's rules, and what they found. */
#include "x509/lint.h"

#include <stdlib.h>

#include <mtlskit/lint.h>

#include "library/handle.h"
#include "library/texts.h"
#include "x509/certificate_list.h"

struct mtlskit_lint {
    struct handle handle;
    size_t found[LINT_RULES_MAX]; /* numbers of the rules that are broken */
    size_t count;
    struct texts details; /* one for each */
};

struct mtlskit_lint *mtlskit_lint_new(struct mtlskit_context *context)
{
    struct mtlskit_lint *lint = calloc(1, sizeof(*lint));

    if (lint != NULL && handle_start(&lint->handle, context) != 0) {
        mtlskit_lint_free(lint);
        return NULL;
    }
    return lint;
}

void mtlskit_lint_free(struct mtlskit_lint *lint)
{
    if (lint != NULL) {
        texts_free(&lint->details);
        handle_end(&lint->handle);
        free(lint);
    }
}

const char *mtlskit_lint_error(const struct mtlskit_lint *lint)
{
    return handle_error(lint != NULL ? &lint->handle : NULL);
}

/* Keep the rules in @p found, with what each says of this certificate. */
static int keep(struct mtlskit_lint *lint, const struct lint_question *question, const struct lint_set *found)
{
    struct bytes detail = BYTES_EMPTY;
    int status = 0;

    for (size_t rule = 0; status == 0 && rule < lint_count(); rule++) {
        if (lint_set_has(found, rule)) {
            bytes_clear(&detail);
            status =
                lint_tell(question, rule, &detail) == 0 ? texts_add(&lint->details, bytes_text(&detail)) : -1;
            lint->found[lint->count++] = rule;
        }
    }
    bytes_free(&detail);
    return status;
}

/* What is above the first, as many as are looked at; how many those are. */
static size_t take_above(const struct certificate_list *list, struct slice above[LINT_ABOVE_MAX])
{
    size_t count = 0;

    while (count < LINT_ABOVE_MAX && count + 1 < list->count) {
        above[count] = slice_of(&list->items[count + 1]);
        count++;
    }
    return count;
}

static int run(struct mtlskit_lint *lint, struct slice certificates)
{
    struct certificate_list list = {0};
    struct slice above[LINT_ABOVE_MAX];
    struct lint_question question = {.above_count = 0};
    struct lint_set found;
    int status = -1;

    if (certificates.data == NULL) {
        return handle_missing(&lint->handle, "the certificate");
    }
    if (certificate_list_read(certificates, "certificate", &list, lint->handle.faults) != 0) {
        return -1;
    }
    question.certificate = slice_of(&list.items[0]);
    question.above = above;
    question.above_count = take_above(&list, above);
    if (lint_certificate(&question, &found) != 0 || keep(lint, &question, &found) != 0) {
        fault_memory(lint->handle.faults);
    } else {
        status = 0;
    }
    certificate_list_free(&list);
    return status;
}

int mtlskit_lint_run(struct mtlskit_lint *lint, const void *certificates, size_t length)
{
    int status;

    if (lint == NULL) {
        return -1;
    }
    handle_begin(&lint->handle);
    texts_free(&lint->details);
    lint->count = 0;
    status = run(lint, (struct slice){certificates, length});
    if (status != 0) {
        texts_free(&lint->details);
        lint->count = 0;
    }
    return handle_settle(&lint->handle, status);
}

size_t mtlskit_lint_count(const struct mtlskit_lint *lint)
{
    return lint != NULL ? lint->count : 0;
}

static const struct lint_rule *rule_at(const struct mtlskit_lint *lint, size_t index)
{
    return index < mtlskit_lint_count(lint) ? lint_rule(lint->found[index]) : NULL;
}

const char *mtlskit_lint_id(const struct mtlskit_lint *lint, size_t index)
{
    const struct lint_rule *rule = rule_at(lint, index);

    return rule != NULL ? rule->id : NULL;
}

const char *mtlskit_lint_severity(const struct mtlskit_lint *lint, size_t index)
{
    const struct lint_rule *rule = rule_at(lint, index);

    return rule != NULL ? lint_severity_word(rule->severity) : NULL;
}

const char *mtlskit_lint_document(const struct mtlskit_lint *lint, size_t index)
{
    const struct lint_rule *rule = rule_at(lint, index);

    return rule != NULL ? rule->document : NULL;
}

const char *mtlskit_lint_wrong(const struct mtlskit_lint *lint, size_t index)
{
    const struct lint_rule *rule = rule_at(lint, index);

    return rule != NULL ? rule->wrong : NULL;
}

const char *mtlskit_lint_detail(const struct mtlskit_lint *lint, size_t index)
{
    return rule_at(lint, index) != NULL ? texts_at(&lint->details, index) : NULL;
}

const char *mtlskit_lint_right(const struct mtlskit_lint *lint, size_t index)
{
    const struct lint_rule *rule = rule_at(lint, index);

    return rule != NULL ? rule->right : NULL;
}
