/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lint found.
 */
#include "command/lint_report.h"

#include <string.h>

#include "base/utf8.h"
#include "console/json.h"
#include "x509/name.h"

void lint_report_free(struct lint_report *report)
{
    json_decref(report->found);
    report->found = NULL;
}

/* ---- the table of rules --------------------------------------------------------------------------------------------- */

static enum paint severity_paint(enum lint_severity severity)
{
    static const enum paint paints[] = {PAINT_DIM, PAINT_YELLOW, PAINT_RED};

    return paints[severity];
}

/** What every document says of a rule. */
static int put_rule(json_t *object, const struct lint_rule *rule)
{
    return json_put(object, "id", json_string(rule->id)) == 0 &&
                   json_put(object, "severity", json_string(lint_severity_word(rule->severity))) == 0 &&
                   json_put(object, "source", json_string(lint_source_word(rule->source))) == 0 &&
                   json_put(object, "document", json_string(rule->document)) == 0 &&
                   json_put(object, "wrong", json_string(rule->wrong)) == 0 &&
                   json_put(object, "right", json_string(rule->right)) == 0
               ? 0
               : -1;
}

static int rules_json(const struct lint_report *report)
{
    json_t *document = json_document("mtlskit.lint-rules/1");
    json_t *rules = json_array();
    int status = 0;

    for (size_t rule = 0; rule < lint_count() && status == 0; rule++) {
        json_t *object;

        if (!lint_set_has(&report->wanted, rule)) {
            continue;
        }
        object = json_object();
        status = put_rule(object, lint_rule(rule)) == 0 ? json_append(rules, json_incref(object)) : -1;
        json_decref(object);
    }
    if (status != 0 || json_put(document, "rules", json_incref(rules)) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(rules);
    return json_print(report->terminal, document);
}

int lint_report_rules(const struct lint_report *report)
{
    if (report->json) {
        return rules_json(report);
    }
    for (size_t number = 0; number < lint_count(); number++) {
        const struct lint_rule *rule = lint_rule(number);

        if (lint_set_has(&report->wanted, number)) {
            terminal_paint(report->terminal, severity_paint(rule->severity), "%-7s",
                           lint_severity_word(rule->severity));
            terminal_print(report->terminal, "  %s\n         %s\n", rule->id, rule->wrong);
            terminal_paint(report->terminal, PAINT_DIM, "         right: %s; %s\n", rule->right,
                           rule->document);
        }
    }
    return 0;
}

/* ---- telling -------------------------------------------------------------------------------------------------------- */

/** "FILE (2): CN=...", made printable. */
static int title(const struct lint_subject *subject, struct bytes *text)
{
    struct bytes name = BYTES_EMPTY;
    int status = utf8_append_printable(text, slice_of_text(subject->shown));

    if (subject->number != 0) {
        status |= bytes_printf(text, " (%zu)", subject->number);
    }
    /* a name that cannot be shown is told of by its rules */
    if (name_format(subject->names.subject, &name) == 0 && name.length != 0) {
        status |= bytes_append_text(text, ": ");
        status |= utf8_append_printable(text, slice_of(&name));
    }
    bytes_free(&name);
    return status == 0 ? 0 : -1;
}

static int tell_text(const struct lint_report *report, const struct lint_subject *subject,
                     const struct lint_question *question, const struct lint_set *found)
{
    struct terminal *terminal = report->terminal;
    struct bytes text = BYTES_EMPTY;
    int status = title(subject, &text);

    terminal_paint(terminal, PAINT_BOLD, "%s\n", bytes_text(&text));
    for (size_t number = 0; number < lint_count() && status == 0; number++) {
        const struct lint_rule *rule = lint_rule(number);
        struct bytes detail = BYTES_EMPTY;

        if (!lint_set_has(found, number)) {
            continue;
        }
        bytes_clear(&text);
        status =
            lint_tell(question, number, &detail) == 0 ? utf8_append_printable(&text, slice_of(&detail)) : -1;
        terminal_paint(terminal, severity_paint(rule->severity), "  %-7s",
                       lint_severity_word(rule->severity));
        terminal_print(terminal, "  %s\n           %s%s%s\n", rule->id, rule->wrong,
                       text.length != 0 ? ": " : "", bytes_text(&text));
        terminal_paint(terminal, PAINT_DIM, "           right: %s; %s\n", rule->right, rule->document);
        bytes_free(&detail);
    }
    bytes_free(&text);
    return status;
}

/** The subject as text; "" where it cannot be read. */
static json_t *subject_json(const struct lint_subject *subject)
{
    struct bytes name = BYTES_EMPTY;
    json_t *text = NULL;

    if (name_format(subject->names.subject, &name) != 0) {
        bytes_clear(&name);
    }
    text = json_printable(slice_of(&name));
    bytes_free(&name);
    return text;
}

static json_t *findings_json(const struct lint_question *question, const struct lint_set *found)
{
    json_t *list = json_array();
    int status = 0;

    for (size_t rule = 0; rule < lint_count() && status == 0; rule++) {
        struct bytes detail = BYTES_EMPTY;
        json_t *object = NULL;

        if (!lint_set_has(found, rule)) {
            continue;
        }
        object = json_object();
        status = lint_tell(question, rule, &detail) == 0 && put_rule(object, lint_rule(rule)) == 0 &&
                         json_put(object, "detail", json_printable(slice_of(&detail))) == 0
                     ? json_append(list, json_incref(object))
                     : -1;
        json_decref(object);
        bytes_free(&detail);
    }
    if (status != 0) {
        json_decref(list);
        list = NULL;
    }
    return list;
}

static int tell_json(const struct lint_report *report, const struct lint_subject *subject,
                     const struct lint_question *question, const struct lint_set *found)
{
    json_t *object = json_object();
    int status = -1;

    if (json_put(object, "from", json_printable(slice_of_text(subject->shown))) == 0 &&
        json_put(object, "number", json_integer((json_int_t)(subject->number == 0 ? 1 : subject->number))) ==
            0 &&
        json_put(object, "subject", subject_json(subject)) == 0 &&
        json_put(object, "findings", findings_json(question, found)) == 0) {
        status = json_append(report->found, json_incref(object));
    }
    json_decref(object);
    return status;
}

int lint_report_add(struct lint_report *report, const struct lint_subject *subject,
                    const struct lint_question *question, struct lint_set found)
{
    bool any = false;

    report->checked += 1;
    for (size_t i = 0; i < sizeof(found.words) / sizeof(found.words[0]); i++) {
        found.words[i] &= report->wanted.words[i];
    }
    for (size_t rule = 0; rule < lint_count(); rule++) {
        if (lint_set_has(&found, rule)) {
            report->counts[lint_rule(rule)->severity] += 1;
            any = true;
        }
    }
    if (!any) {
        return 0;
    }
    if (!report->json) {
        return terminal_is_quiet(report->terminal) ? 0 : tell_text(report, subject, question, &found);
    }
    if (report->found == NULL) {
        report->found = json_array();
    }
    return tell_json(report, subject, question, &found);
}

/* ---- the sum -------------------------------------------------------------------------------------------------------- */

bool lint_report_fails(const struct lint_report *report)
{
    return report->counts[LINT_ERROR] != 0 || (report->strict && report->counts[LINT_WARNING] != 0);
}

static int finish_json(struct lint_report *report)
{
    json_t *document = json_document("mtlskit.lint/1");
    json_t *totals = json_object();

    for (int severity = LINT_ERROR; severity >= LINT_NOTICE && totals != NULL; severity--) {
        if (json_put(totals, lint_severity_word((enum lint_severity)severity),
                     json_integer((json_int_t)report->counts[severity])) != 0) {
            json_decref(totals);
            totals = NULL;
        }
    }
    if (json_put(document, "verdict", json_string(lint_report_fails(report) ? "fail" : "pass")) != 0 ||
        json_put(document, "checked", json_integer((json_int_t)report->checked)) != 0 ||
        json_put(document, "totals", json_incref(totals)) != 0 ||
        json_put(document, "certificates",
                 report->found != NULL ? json_incref(report->found) : json_array()) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(totals);
    return json_print(report->terminal, document);
}

static void finish_text(const struct lint_report *report)
{
    struct terminal *terminal = report->terminal;
    bool clean = report->counts[LINT_ERROR] + report->counts[LINT_WARNING] + report->counts[LINT_NOTICE] == 0;

    if (terminal_is_quiet(terminal)) {
        return;
    }
    terminal_print(terminal, "%zu certificate%s: ", report->checked, report->checked == 1 ? "" : "s");
    if (clean) {
        terminal_paint(terminal, PAINT_GREEN, "nothing found\n");
        return;
    }
    terminal_paint(terminal, lint_report_fails(report) ? PAINT_RED : PAINT_YELLOW,
                   "%zu error%s, %zu warning%s, %zu notice%s\n", report->counts[LINT_ERROR],
                   report->counts[LINT_ERROR] == 1 ? "" : "s", report->counts[LINT_WARNING],
                   report->counts[LINT_WARNING] == 1 ? "" : "s", report->counts[LINT_NOTICE],
                   report->counts[LINT_NOTICE] == 1 ? "" : "s");
}

int lint_report_finish(struct lint_report *report)
{
    if (report->json) {
        return finish_json(report);
    }
    finish_text(report);
    return 0;
}
