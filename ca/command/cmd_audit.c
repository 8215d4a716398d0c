/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca audit: whether the ledger still says what was done.
 */
#include "operations/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command/commands.h"
#include "command/directory_option.h"
#include "command/ledger_row.h"
#include "console/json.h"
#include "x509/instant.h"

/* Events shown when nothing is said. */
#define LAST_DEFAULT 50

static const struct option_spec audit_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"last", 0, "N", false, "show the last N events of the log; 0: all (default: 50)"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

struct auditor {
    const struct invocation *invocation;
    int64_t first; /* event from which on they are shown */
    json_t *events, *findings;
};

static bool read_last(const struct invocation *invocation, int64_t *last)
{
    const char *text = options_text(invocation->options, "last");
    char *end = NULL;
    long long value;

    *last = LAST_DEFAULT;
    if (text == NULL) {
        return true;
    }
    errno = 0;
    value = strtoll(text, &end, 10);
    if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0') {
        usage_error(invocation->faults, "--last 100", "--last \"%s\" is not a number", text);
        return false;
    }
    *last = value;
    return true;
}

/* ---- telling -------------------------------------------------------------------------------------------------------- */

static int keep(struct auditor *auditor, json_t *list, json_t *item)
{
    if (item == NULL || json_append(list, item) != 0) {
        if (faults_errors(auditor->invocation->faults) == 0) {
            fault_memory(auditor->invocation->faults);
        }
        return -1;
    }
    return 0;
}

static int take_event(void *state, const struct ledger_event *event)
{
    struct auditor *auditor = state;
    struct terminal *terminal = auditor->invocation->terminal;
    struct bytes when = BYTES_EMPTY;

    if (event->number < auditor->first) {
        return 0;
    }
    if (auditor->events != NULL) {
        return keep(auditor, auditor->events, ledger_event_json(event, auditor->invocation->faults));
    }
    if (instant_format(event->when, &when) != 0) {
        bytes_clear(&when);
    }
    terminal_tell(terminal, "%6lld  %s  %-10s  %s, by %s\n", (long long)event->number, bytes_text(&when),
                  ledger_event_name(event->what), event->detail, event->who);
    bytes_free(&when);
    return 0;
}

/* Kept to the end: they stand below the log. */
static int take_finding(void *state, const struct audit_finding *finding)
{
    struct auditor *auditor = state;
    json_t *object = json_object();

    if (json_put(object, "id", json_string(finding->id)) != 0 ||
        json_put(object, "severity", json_string(finding->problem ? "problem" : "note")) != 0 ||
        json_put(object, "subject", json_text(slice_of_text(finding->subject))) != 0 ||
        json_put(object, "text", json_text(slice_of_text(finding->text))) != 0) {
        json_decref(object);
        object = NULL;
    }
    return keep(auditor, auditor->findings, object);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static void print_text(const struct auditor *auditor, const struct audit_totals *totals)
{
    struct terminal *terminal = auditor->invocation->terminal;

    for (size_t i = 0; i < json_array_size(auditor->findings); i++) {
        const json_t *finding = json_array_get(auditor->findings, i);
        bool problem = strcmp(text_of(finding, "severity"), "problem") == 0;

        if (!terminal_is_quiet(terminal) || problem) {
            terminal_paint(terminal, problem ? PAINT_RED : PAINT_YELLOW, "%-8s",
                           text_of(finding, "severity"));
            terminal_print(terminal, "%s: %s %s\n", text_of(finding, "id"), text_of(finding, "subject"),
                           text_of(finding, "text"));
        }
    }
    terminal_tell(terminal,
                  "%zu events, %zu certificates, %zu never completed, %zu revocations, %zu lists, %zu signed "
                  "heads\n",
                  totals->events, totals->certificates, totals->orphans, totals->revocations, totals->lists,
                  totals->heads);
    if (totals->problems == 0) {
        terminal_tell(terminal, "everything holds\n");
    } else {
        terminal_tell(terminal, "%zu %s\n", totals->problems, totals->problems == 1 ? "problem" : "problems");
    }
}

static int print_json(const struct auditor *auditor, const struct audit_totals *totals)
{
    json_t *document = json_document("mtlskit.audit/1");
    json_t *head = json_object();
    json_t *counts = json_object();

    if (json_put(document, "verdict", json_string(totals->problems == 0 ? "pass" : "fail")) != 0 ||
        json_put(head, "number", json_integer(totals->head)) != 0 ||
        json_put(head, "hash", json_hex((struct slice){totals->hash.octets, DIGEST_LENGTH})) != 0 ||
        json_put(document, "head", json_incref(head)) != 0 ||
        json_put(counts, "events", json_integer((json_int_t)totals->events)) != 0 ||
        json_put(counts, "certificates", json_integer((json_int_t)totals->certificates)) != 0 ||
        json_put(counts, "orphans", json_integer((json_int_t)totals->orphans)) != 0 ||
        json_put(counts, "revocations", json_integer((json_int_t)totals->revocations)) != 0 ||
        json_put(counts, "lists", json_integer((json_int_t)totals->lists)) != 0 ||
        json_put(counts, "heads", json_integer((json_int_t)totals->heads)) != 0 ||
        json_put(counts, "problems", json_integer((json_int_t)totals->problems)) != 0 ||
        json_put(document, "totals", json_incref(counts)) != 0 ||
        json_put(document, "findings", json_incref(auditor->findings)) != 0 ||
        json_put(document, "events", json_incref(auditor->events)) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(head);
    json_decref(counts);
    if (json_print(auditor->invocation->terminal, document) != 0) {
        fault_memory(auditor->invocation->faults);
        return -1;
    }
    return 0;
}

/* ---- the command ---------------------------------------------------------------------------------------------------- */

static enum exit_status audit(struct auditor *auditor, const struct directory *directory, int64_t last)
{
    const struct invocation *invocation = auditor->invocation;
    const struct audit_observer observer = {auditor, take_event, take_finding};
    struct audit_totals totals;
    struct digest hash;
    int64_t head = 0;

    if (ledger_head(directory->ledger, &head, &hash, invocation->faults) != 0) {
        return EXIT_FAILED;
    }
    auditor->first = last == 0 || head < last ? 0 : head - last + 1;
    if (audit_run(invocation->context, directory, &observer, &totals, invocation->faults) != 0) {
        return EXIT_FAILED;
    }
    if (auditor->events == NULL) {
        print_text(auditor, &totals);
    } else if (print_json(auditor, &totals) != 0) {
        return EXIT_FAILED;
    }
    return totals.problems == 0 ? EXIT_DONE : EXIT_VERDICT_NO;
}

static enum exit_status audit_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *path = directory_option(options);
    struct auditor auditor = {.invocation = invocation};
    struct directory directory = DIRECTORY_EMPTY;
    enum exit_status status = EXIT_FAILED;
    int64_t last = 0;

    if (!read_last(invocation, &last)) {
        return EXIT_USAGE;
    }
    auditor.findings = json_array();
    auditor.events = options_given(options, "json") ? json_array() : NULL;
    if (directory_open(&directory, path, DIRECTORY_READ, invocation->context, invocation->faults) == 0) {
        status = audit(&auditor, &directory, last);
    }
    directory_close(&directory);
    json_decref(auditor.findings);
    json_decref(auditor.events);
    return status;
}

const struct command command_audit = {
    .name = "audit",
    .summary = "check and print the log of the ledger, and what it tells of",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = audit_options,
    .about = "The log is a chain: each event has a hash over itself and the one before. What it tells of "
             "must be in\n"
             "the ledger and the other way round, each certificate must be what its row says, and the heads "
             "that the\n"
             "authorities signed beside their CRLs must be of this log. Serials that were taken and never "
             "used are\n"
             "noted. Exit status: 0 everything holds, 4 something does not, 1 it cannot be read.\n",
    .examples = "  mtls-ca audit -d out\n"
                "  mtls-ca audit -d out -q                          problems alone\n"
                "  mtls-ca audit -d out --last 0 --json | jq -r '.events[] | select(.what == \"revoked\") | "
                ".detail'\n",
    .run = audit_command,
};
