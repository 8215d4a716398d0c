/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca lint: what is wrong with certificates, by a table of rules.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "command/command.h"
#include "command/description.h"
#include "command/json.h"
#include "command/lint_subject.h"
#include "manifest/field.h"
#include "x509/lint.h"
#include "x509/name.h"

static const struct option_spec lint_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory whose ledger knows the names (default: pki)"},
    {"only", 0, "SOURCE", true, "rules of this source alone: rfc5280, apple, android, java, mtls, strength"},
    {"ignore", 0, "ID", true, "leave this rule out; can be repeated"},
    {"strict", 0, NULL, false, "warnings count as errors"},
    {"list", 0, NULL, false, "list the rules"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** A run: what is asked, and what was found so far. */
struct linting {
    const struct invocation *invocation;
    struct lint_set wanted;
    struct lint_subjects subjects; /**< what is asked about, the ledger's row by row apart */
    struct lint_subjects authorities;
    struct ledger *ledger; /**< NULL: not opened */
    json_t *found;         /**< NULL: text */
    size_t checked;
    size_t counts[LINT_ERROR + 1];
};

/* ---- usage ---------------------------------------------------------------------------------------------------------- */

static void refuse_rule(struct faults *faults, const char *id)
{
    const char *ids[LINT_RULES_MAX];
    struct bytes hint = BYTES_EMPTY;
    const char *nearest;

    for (size_t i = 0; i < lint_count(); i++) {
        ids[i] = lint_rule(i)->id;
    }
    nearest = field_nearest(id, ids, lint_count());
    if (nearest == NULL || bytes_printf(&hint, "did you mean %s?", nearest) != 0) {
        bytes_clear(&hint);
    }
    usage_error(faults, hint.length != 0 ? bytes_text(&hint) : "mtls-ca lint --list lists them",
                "there is no rule \"%s\"", id);
    bytes_free(&hint);
}

/** The rules that --only and --ignore leave; usage faults for words that are none. */
static void choose_rules(const struct invocation *invocation, struct lint_set *wanted)
{
    size_t only = options_count(invocation->options, "only");
    size_t ignored = options_count(invocation->options, "ignore");
    bool sources[LINT_SOURCES] = {false};
    struct lint_set left_out = {{0}};

    for (size_t i = 0; i < only; i++) {
        const char *word = options_at(invocation->options, "only", i);
        enum lint_source source = LINT_RFC5280;

        if (lint_source_parse(word, &source) != 0) {
            usage_error(invocation->faults, "rfc5280, apple, android, java, mtls or strength",
                        "there is no source \"%s\"", word);
        }
        sources[source] = true;
    }
    for (size_t i = 0; i < ignored; i++) {
        size_t rule = 0;

        if (!lint_find(options_at(invocation->options, "ignore", i), &rule)) {
            refuse_rule(invocation->faults, options_at(invocation->options, "ignore", i));
        } else {
            lint_set_add(&left_out, rule);
        }
    }
    for (size_t rule = 0; rule < lint_count(); rule++) {
        if ((only == 0 || sources[lint_rule(rule)->source]) && !lint_set_has(&left_out, rule)) {
            lint_set_add(wanted, rule);
        }
    }
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

static enum exit_status list_json(const struct linting *linting)
{
    json_t *document = json_document("mtlskit.lint-rules/1");
    json_t *rules = json_array();

    for (size_t rule = 0; rule < lint_count() && rules != NULL; rule++) {
        json_t *object = lint_set_has(&linting->wanted, rule) ? json_object() : NULL;

        if (lint_set_has(&linting->wanted, rule) &&
            (put_rule(object, lint_rule(rule)) != 0 || json_array_append(rules, object) != 0)) {
            json_decref(rules);
            rules = NULL;
        }
        json_decref(object);
    }
    if (json_put(document, "rules", rules) != 0) {
        json_decref(document);
        document = NULL;
    }
    if (json_print(linting->invocation->terminal, document) != 0) {
        fault_memory(linting->invocation->faults);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static enum exit_status list_rules(const struct linting *linting)
{
    struct terminal *terminal = linting->invocation->terminal;

    if (options_argument_count(linting->invocation->options) != 0) {
        usage_error(linting->invocation->faults, NULL, "--list takes no files or names");
        return EXIT_USAGE;
    }
    if (options_given(linting->invocation->options, "json")) {
        return list_json(linting);
    }
    for (size_t number = 0; number < lint_count(); number++) {
        const struct lint_rule *rule = lint_rule(number);

        if (lint_set_has(&linting->wanted, number)) {
            terminal_paint(terminal, severity_paint(rule->severity), "%-7s",
                           lint_severity_word(rule->severity));
            terminal_print(terminal, "  %s\n", rule->id);
            terminal_print(terminal, "         %s\n", rule->wrong);
            terminal_paint(terminal, PAINT_DIM, "         right: %s; %s\n", rule->right, rule->document);
        }
    }
    return EXIT_DONE;
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

static int tell_text(const struct linting *linting, const struct lint_subject *subject,
                     const struct lint_question *question, const struct lint_set *found)
{
    struct terminal *terminal = linting->invocation->terminal;
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
    text = description_text(slice_of(&name));
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
                         json_put(object, "detail", description_text(slice_of(&detail))) == 0
                     ? description_append(list, json_incref(object))
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

static int tell_json(const struct linting *linting, const struct lint_subject *subject,
                     const struct lint_question *question, const struct lint_set *found)
{
    json_t *object = json_object();
    int status = -1;

    if (json_put(object, "from", description_text(slice_of_text(subject->shown))) == 0 &&
        json_put(object, "number", json_integer((json_int_t)(subject->number == 0 ? 1 : subject->number))) ==
            0 &&
        json_put(object, "subject", subject_json(subject)) == 0 &&
        json_put(object, "findings", findings_json(question, found)) == 0) {
        status = description_append(linting->found, json_incref(object));
    }
    json_decref(object);
    return status;
}

/* ---- judging -------------------------------------------------------------------------------------------------------- */

/** Holds one certificate against the rules, and tells. */
static int judge(struct linting *linting, const struct lint_subjects *pool,
                 const struct lint_subject *subject)
{
    struct slice above[LINT_ABOVE_MAX];
    struct lint_question question = {slice_of(&subject->der), above, 0};
    struct lint_set found;
    bool any = false;

    question.above_count = lint_subjects_above(pool, &subject->names, above);
    if (lint_certificate(&question, &found) != 0) {
        return -1;
    }
    linting->checked += 1;
    for (size_t i = 0; i < sizeof(found.words) / sizeof(found.words[0]); i++) {
        found.words[i] &= linting->wanted.words[i];
    }
    for (size_t rule = 0; rule < lint_count(); rule++) {
        if (lint_set_has(&found, rule)) {
            linting->counts[lint_rule(rule)->severity] += 1;
            any = true;
        }
    }
    if (!any) {
        return 0;
    }
    if (linting->found != NULL) {
        return tell_json(linting, subject, &question, &found);
    }
    return terminal_is_quiet(linting->invocation->terminal) ? 0
                                                            : tell_text(linting, subject, &question, &found);
}

/** A row of the ledger, under its authorities. */
static int judge_row(void *state, const struct ledger_certificate *row)
{
    struct linting *linting = state;
    struct lint_subject subject = {.shown = (char *)row->name, .der = row->der};

    if (lint_names_read(slice_of(&row->der), &subject.names) != 0) {
        fault_error(linting->invocation->faults, NULL, NULL, NULL,
                    "the ledger's certificate of %s cannot be read", row->name);
        return 0;
    }
    return judge(linting, &linting->authorities, &subject);
}

/* ---- the command ---------------------------------------------------------------------------------------------------- */

static const char *directory_of(const struct invocation *invocation)
{
    return options_given(invocation->options, "directory") ? options_text(invocation->options, "directory")
                                                           : "pki";
}

/** Opens the ledger when it is not yet. */
static int open_ledger(struct linting *linting, struct faults *faults)
{
    if (linting->ledger == NULL) {
        linting->ledger = ledger_open(directory_of(linting->invocation), LEDGER_READ, faults);
        if (linting->ledger == NULL ||
            lint_subjects_add_authorities(&linting->authorities, linting->ledger, faults) != 0) {
            return -1;
        }
    }
    return 0;
}

/** With -d a name before a file, without a file before a name. */
static int collect(struct linting *linting, const char *argument)
{
    struct faults *faults = linting->invocation->faults;
    bool given = options_given(linting->invocation->options, "directory");
    struct faults *unused = NULL;
    int found = 0;

    if (given) {
        found = open_ledger(linting, faults) == 0
                    ? lint_subjects_add_name(&linting->subjects, linting->ledger, argument, faults)
                    : -1;
    } else if (strcmp(argument, "-") != 0 && access(argument, F_OK) != 0 &&
               access(directory_of(linting->invocation), F_OK) == 0) {
        unused = faults_new();
        if (unused != NULL && open_ledger(linting, unused) == 0) {
            found = lint_subjects_add_name(&linting->subjects, linting->ledger, argument, faults);
        }
        faults_free(unused);
    }
    return found == 0 ? lint_subjects_add_file(&linting->subjects, argument, faults) : found < 0 ? -1 : 0;
}

/** Files and names: all are read first, since one may have issued another. */
static int lint_arguments(struct linting *linting)
{
    const struct options *options = linting->invocation->options;
    struct lint_subjects pool = {NULL, 0};
    int status = 0;

    for (size_t i = 0; i < options_argument_count(options); i++) {
        status |= collect(linting, options_argument(options, i));
    }
    /* what was named is told, also when another name is none */
    pool.count = linting->subjects.count + linting->authorities.count;
    pool.items = calloc(pool.count == 0 ? 1 : pool.count, sizeof(*pool.items));
    if (pool.items == NULL) {
        fault_memory(linting->invocation->faults);
        return -1;
    }
    for (size_t i = 0; i < pool.count; i++) {
        pool.items[i] = i < linting->subjects.count ? linting->subjects.items[i]
                                                    : linting->authorities.items[i - linting->subjects.count];
    }
    for (size_t i = 0; i < linting->subjects.count; i++) {
        if (judge(linting, &pool, &linting->subjects.items[i]) != 0) {
            fault_memory(linting->invocation->faults);
            status = -1;
            break;
        }
    }
    free(pool.items);
    return status == 0 ? 0 : -1;
}

static int lint_ledger(struct linting *linting)
{
    struct faults *faults = linting->invocation->faults;

    if (open_ledger(linting, faults) != 0) {
        return -1;
    }
    if (ledger_each_certificate(linting->ledger, NULL, true, judge_row, linting, faults) != 0) {
        if (faults_errors(faults) == 0) {
            fault_memory(faults);
        }
        return -1;
    }
    return 0;
}

static bool verdict_no(const struct linting *linting)
{
    return linting->counts[LINT_ERROR] != 0 ||
           (options_given(linting->invocation->options, "strict") && linting->counts[LINT_WARNING] != 0);
}

static int finish_json(struct linting *linting)
{
    json_t *document = json_document("mtlskit.lint/1");
    json_t *totals = json_object();

    for (int severity = LINT_ERROR; severity >= LINT_NOTICE && totals != NULL; severity--) {
        if (json_put(totals, lint_severity_word((enum lint_severity)severity),
                     json_integer((json_int_t)linting->counts[severity])) != 0) {
            json_decref(totals);
            totals = NULL;
        }
    }
    if (json_put(document, "verdict", json_string(verdict_no(linting) ? "fail" : "pass")) != 0 ||
        json_put(document, "checked", json_integer((json_int_t)linting->checked)) != 0 ||
        json_put(document, "totals", json_incref(totals)) != 0 ||
        json_put(document, "certificates", json_incref(linting->found)) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(totals);
    return json_print(linting->invocation->terminal, document);
}

static void finish_text(const struct linting *linting)
{
    struct terminal *terminal = linting->invocation->terminal;
    bool clean =
        linting->counts[LINT_ERROR] + linting->counts[LINT_WARNING] + linting->counts[LINT_NOTICE] == 0;

    if (terminal_is_quiet(terminal)) {
        return;
    }
    terminal_print(terminal, "%zu certificate%s: ", linting->checked, linting->checked == 1 ? "" : "s");
    if (clean) {
        terminal_paint(terminal, PAINT_GREEN, "nothing found\n");
        return;
    }
    terminal_paint(terminal, verdict_no(linting) ? PAINT_RED : PAINT_YELLOW,
                   "%zu error%s, %zu warning%s, %zu notice%s\n", linting->counts[LINT_ERROR],
                   linting->counts[LINT_ERROR] == 1 ? "" : "s", linting->counts[LINT_WARNING],
                   linting->counts[LINT_WARNING] == 1 ? "" : "s", linting->counts[LINT_NOTICE],
                   linting->counts[LINT_NOTICE] == 1 ? "" : "s");
}

static enum exit_status lint_all(struct linting *linting)
{
    bool all = options_argument_count(linting->invocation->options) == 0;

    if (options_given(linting->invocation->options, "json") && (linting->found = json_array()) == NULL) {
        fault_memory(linting->invocation->faults);
        return EXIT_FAILED;
    }
    if ((all ? lint_ledger(linting) : lint_arguments(linting)) != 0 && linting->checked == 0) {
        return EXIT_FAILED;
    }
    if (linting->found == NULL) {
        finish_text(linting);
    } else if (finish_json(linting) != 0) {
        fault_memory(linting->invocation->faults);
        return EXIT_FAILED;
    }
    return verdict_no(linting) ? EXIT_VERDICT_NO : EXIT_DONE;
}

static enum exit_status lint_run(struct invocation *invocation)
{
    struct linting linting;
    enum exit_status status;

    memset(&linting, 0, sizeof(linting));
    linting.invocation = invocation;
    choose_rules(invocation, &linting.wanted);
    if (faults_errors(invocation->faults) != 0) {
        return EXIT_USAGE;
    }
    status = options_given(invocation->options, "list") ? list_rules(&linting) : lint_all(&linting);
    lint_subjects_free(&linting.subjects);
    lint_subjects_free(&linting.authorities);
    ledger_close(linting.ledger);
    json_decref(linting.found);
    return status;
}

const struct command command_lint = {
    .name = "lint",
    .summary = "say what is wrong with certificates: RFC 5280, Apple, Android, Java, mutual TLS",
    .arguments = "[FILE|NAME...]",
    .least = 0,
    .most = SIZE_MAX,
    .options = lint_options,
    .about =
        "A file may hold many certificates, PEM or DER; - is standard input. A name is an entry of the "
        "ledger in\n"
        "the PKI directory; without files and names all of the ledger is looked at. Signatures are not "
        "checked:\n"
        "verify does that. The authorities above a certificate are looked at where they are in the files "
        "or the\n"
        "ledger.\n"
        "Exit status: 0 no errors, 4 some (--strict: or warnings), 1 something cannot be read, 2 wrong "
        "usage.\n",
    .examples = "  mtls-ca lint out/server.crt\n"
                "  mtls-ca lint -d out                             all that the ledger holds\n"
                "  mtls-ca lint -d out server --only apple         will iPhones take it?\n"
                "  mtls-ca lint out/server.crt --strict --ignore mtls-both-purposes\n"
                "  mtls-ca lint --list --only mtls                 the rules\n",
    .run = lint_run,
};
