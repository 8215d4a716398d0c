/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca lint: what is wrong with certificates, by a table of rules.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/commands.h"
#include "command/directory_option.h"
#include "command/lint_report.h"
#include "command/lint_subject.h"
#include "manifest/field.h"
#include "x509/lint.h"

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
    struct lint_report report;
    struct lint_subjects subjects; /**< what is asked about, the ledger's row by row apart */
    struct lint_subjects authorities;
    struct ledger *ledger; /**< NULL: not opened */
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

/* ---- judging -------------------------------------------------------------------------------------------------------- */

/** Holds one certificate against the rules, and tells. */
static int judge(struct linting *linting, const struct lint_subjects *pool,
                 const struct lint_subject *subject)
{
    struct slice above[LINT_ABOVE_MAX];
    struct lint_question question = {.certificate = slice_of(&subject->der), .above = above};
    struct lint_set found;

    question.above_count = lint_subjects_above(pool, &subject->names, above);
    return lint_certificate(&question, &found) == 0
               ? lint_report_add(&linting->report, subject, &question, found)
               : -1;
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

/** Opens the ledger when it is not yet. */
static int open_ledger(struct linting *linting, struct faults *faults)
{
    if (linting->ledger == NULL) {
        linting->ledger = ledger_open(directory_option(linting->invocation->options), LEDGER_READ, faults);
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
               access(directory_option(linting->invocation->options), F_OK) == 0) {
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

static enum exit_status lint_all(struct linting *linting)
{
    bool all = options_argument_count(linting->invocation->options) == 0;

    /* what can be read is told, also when another file cannot: that one is among the faults, which make the status */
    if ((all ? lint_ledger(linting) : lint_arguments(linting)) != 0 && linting->report.checked == 0) {
        return EXIT_FAILED;
    }
    if (lint_report_finish(&linting->report) != 0) {
        fault_memory(linting->invocation->faults);
        return EXIT_FAILED;
    }
    return lint_report_fails(&linting->report) ? EXIT_VERDICT_NO : EXIT_DONE;
}

static enum exit_status list_rules(const struct linting *linting)
{
    if (options_argument_count(linting->invocation->options) != 0) {
        usage_error(linting->invocation->faults, NULL, "--list takes no files or names");
        return EXIT_USAGE;
    }
    if (lint_report_rules(&linting->report) != 0) {
        fault_memory(linting->invocation->faults);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

static enum exit_status lint_run(struct invocation *invocation)
{
    struct linting linting;
    enum exit_status status;

    memset(&linting, 0, sizeof(linting));
    linting.invocation = invocation;
    linting.report.terminal = invocation->terminal;
    linting.report.json = options_given(invocation->options, "json");
    linting.report.strict = options_given(invocation->options, "strict");
    choose_rules(invocation, &linting.report.wanted);
    if (faults_errors(invocation->faults) != 0) {
        return EXIT_USAGE;
    }
    status = options_given(invocation->options, "list") ? list_rules(&linting) : lint_all(&linting);
    lint_subjects_free(&linting.subjects);
    lint_subjects_free(&linting.authorities);
    lint_report_free(&linting.report);
    ledger_close(linting.ledger);
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
