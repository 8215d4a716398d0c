/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca list: the certificates of a ledger.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command/commands.h"
#include "command/directory_option.h"
#include "command/ledger_row.h"
#include "console/json.h"
#include "x509/instant.h"

/* How many are listed when nothing is said, and how many of a table are aligned together. */
#define LIMIT_DEFAULT 1000
#define TABLE_ROWS    1000

static const struct option_spec list_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"expiring", 0, "DURATION", false,
     "only what ends within that time, or has ended; the first to end first"},
    {"revoked", 0, NULL, false, "only what is revoked, also when it was replaced since"},
    {"issuer", 0, "CA", false, "only what this authority signed, with any of its keys"},
    {"all", 'a', NULL, false, "also what was replaced, and what was begun and never completed"},
    {"limit", 0, "N", false, "at most N; 0: no limit (default: 1000)"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

struct listing {
    const struct invocation *invocation;
    struct ledger_rows rows;
    struct ledger_filter filter;
    size_t limit; /* 0: none; the filter asks for one more, which tells whether there are more */
    size_t count;
    bool more;
    json_t *list; /* all of them for JSON, else those of the table that are not printed yet */
    bool json;
    bool headed;
};

/* ---- usage ---------------------------------------------------------------------------------------------------------- */

static bool read_limit(struct listing *listing)
{
    const char *text = options_text(listing->invocation->options, "limit");
    char *end = NULL;
    unsigned long value;

    listing->limit = LIMIT_DEFAULT;
    if (text == NULL) {
        return true;
    }
    errno = 0;
    value = strtoul(text, &end, 10);
    if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || value >= SIZE_MAX) {
        usage_error(listing->invocation->faults, "--limit 50", "--limit \"%s\" is not a number", text);
        return false;
    }
    listing->limit = value;
    return true;
}

static bool read_filter(struct listing *listing)
{
    const struct options *options = listing->invocation->options;
    const char *expiring = options_text(options, "expiring");
    struct duration within = {0, 0};
    const char *why = NULL;

    if (expiring != NULL && duration_parse(expiring, true, &within, &why) != 0) {
        usage_error(listing->invocation->faults, NULL, "--expiring \"%s\" %s", expiring, why);
    }
    if (!read_limit(listing) || faults_errors(listing->invocation->faults) > 0) {
        return false;
    }
    listing->filter.any_state = options_given(options, "all");
    listing->filter.revoked = options_given(options, "revoked");
    listing->filter.expiring = expiring != NULL;
    listing->filter.expiring_before = instant_add(context_now(listing->invocation->context), &within);
    listing->filter.issuer = options_text(options, "issuer");
    listing->filter.limit = listing->limit == 0 ? 0 : listing->limit + 1;
    return true;
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text != NULL ? text : "";
}

static int widest(const json_t *rows, const char *key, int width)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        int length = (int)strlen(text_of(json_array_get(rows, i), key));

        width = length > width ? length : width;
    }
    return width;
}

static enum paint paint_of(const char *word)
{
    if (strcmp(word, "valid") == 0) {
        return PAINT_GREEN;
    }
    return strcmp(word, "replaced") == 0 ? PAINT_DIM : PAINT_YELLOW;
}

static void print_table(struct listing *listing)
{
    struct terminal *terminal = listing->invocation->terminal;
    int name = widest(listing->list, "name", (int)strlen("NAME"));
    int issuer = widest(listing->list, "issuer", (int)strlen("ISSUER"));

    if (!listing->headed && json_array_size(listing->list) > 0) {
        terminal_paint(terminal, PAINT_DIM, "%-*s  %-*s  %-10s  %-15s  %s\n", name, "NAME", issuer, "ISSUER",
                       "UNTIL", "STATE", "SERIAL");
        listing->headed = true;
    }
    for (size_t i = 0; i < json_array_size(listing->list); i++) {
        const json_t *row = json_array_get(listing->list, i);
        const char *word = ledger_row_word(row);

        terminal_print(terminal, "%-*s  %-*s  %-10.10s  ", name, text_of(row, "name"), issuer,
                       text_of(row, "issuer"), text_of(row, "not_after"));
        terminal_paint(terminal, paint_of(word), "%-15s", word);
        terminal_print(terminal, "  %s\n", text_of(row, "serial"));
    }
    (void)json_array_clear(listing->list);
}

static int take(void *state, const struct ledger_certificate *certificate)
{
    struct listing *listing = state;
    json_t *row;

    if (listing->limit != 0 && listing->count == listing->limit) {
        listing->more = true;
        return 0;
    }
    row = ledger_row_json(&listing->rows, certificate);
    if (row == NULL) {
        return -1;
    }
    if (json_append(listing->list, row) != 0) {
        fault_memory(listing->invocation->faults);
        return -1;
    }
    listing->count++;
    if (!listing->json && json_array_size(listing->list) == TABLE_ROWS) {
        print_table(listing);
    }
    return 0;
}

/* ---- the command ---------------------------------------------------------------------------------------------------- */

static int print_document(struct listing *listing)
{
    json_t *document = json_document("mtlskit.list/1");

    if (json_put(document, "certificates", json_incref(listing->list)) != 0 ||
        json_put(document, "complete", json_boolean(!listing->more)) != 0) {
        json_decref(document);
        document = NULL;
    }
    if (json_print(listing->invocation->terminal, document) != 0) {
        fault_memory(listing->invocation->faults);
        return -1;
    }
    return 0;
}

static int list_all(struct listing *listing)
{
    struct faults *faults = listing->invocation->faults;

    if (listing->filter.issuer != NULL && !ledger_rows_has_issuer(&listing->rows, listing->filter.issuer)) {
        fault_error(faults, NULL, NULL, NULL, "there is no authority \"%s\"", listing->filter.issuer);
        return -1;
    }
    if (ledger_each_certificate(listing->rows.ledger, &listing->filter, false, take, listing, faults) != 0) {
        return -1;
    }
    if (listing->json) {
        return print_document(listing);
    }
    print_table(listing);
    if (listing->more) {
        terminal_note(listing->invocation->terminal, "there are more: --limit 0 lists all");
    } else if (listing->count == 0) {
        terminal_note(listing->invocation->terminal, "no certificates");
    }
    return 0;
}

static enum exit_status list_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    struct listing listing = {.invocation = invocation, .json = options_given(options, "json")};
    struct ledger *ledger;
    enum exit_status status = EXIT_FAILED;

    if (!read_filter(&listing)) {
        return EXIT_USAGE;
    }
    ledger = ledger_open(directory, LEDGER_READ, invocation->faults);
    listing.list = json_array();
    if (ledger != NULL &&
        ledger_rows_start(&listing.rows, ledger, invocation->context, invocation->faults) == 0 &&
        list_all(&listing) == 0) {
        status = EXIT_DONE;
    }
    json_decref(listing.list);
    ledger_rows_free(&listing.rows);
    ledger_close(ledger);
    return status;
}

const struct command command_list = {
    .name = "list",
    .summary = "list the certificates of the ledger",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = list_options,
    .about = "By name, what stands now: neither what was replaced nor what was begun and never completed. "
             "Conditions\n"
             "hold together. It reads the ledger alone, and works beside a run that writes.\n",
    .examples = "  mtls-ca list -d out\n"
                "  mtls-ca list -d out --expiring 30d               what to renew next\n"
                "  mtls-ca list -d out --issuer client-ca --revoked\n"
                "  mtls-ca list -d out --json --limit 0 | jq -r '.certificates[].serial'\n",
    .run = list_command,
};
