/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca install-certificate: what was made elsewhere for a key that is here.
 */
#include <string.h>

#include "command/commands.h"
#include "command/directory_option.h"
#include "command/ledger_row.h"
#include "command/order_option.h"
#include "console/json.h"
#include "console/passphrase_option.h"
#include "operations/install.h"

static const struct option_spec install_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"chain", 0, "FILE", true, "certificates above it, where FILE has none; can be repeated"},
    {"key-passphrase", 0, "SPEC", false,
     "opens NAME.key; default: prompt, where it is locked; a token's PIN"},
    {"json", 0, NULL, false, "tell what was taken in as JSON"},
    {NULL, 0, NULL, false, NULL},
};

struct telling {
    struct terminal *terminal;
    const char *directory;
    json_t *written; /* NULL: text */
};

static void tell_written(void *state, const char *path)
{
    struct telling *telling = state;

    if (telling->written != NULL) {
        json_add(&telling->written, json_text(slice_of_text(path)));
    } else {
        terminal_tell(telling->terminal, "wrote %s/%s\n", telling->directory, path);
    }
}

/* "under" and the subject, for each above the certificate. */
static void tell_chain(struct terminal *terminal, const struct install_report *report, const char *name)
{
    const char *line = bytes_text(&report->chain);
    const char *word = "installed";

    while (*line != '\0') {
        size_t length = strcspn(line, "\n");

        if (word[0] == 'i') {
            terminal_tell(terminal, "%s %s: %.*s%s\n", word, name, (int)length, line,
                          report->authority ? ", an authority" : "");
        } else {
            terminal_tell(terminal, "  %s %.*s\n", word, (int)length, line);
        }
        word = "under";
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    if (!report->whole) {
        terminal_tell(terminal, "  under an issuer that was not given\n");
    }
}

/* Subjects from the certificate up. */
static json_t *chain_json(const struct install_report *report)
{
    json_t *chain = json_array();
    const char *line = bytes_text(&report->chain);

    while (*line != '\0') {
        size_t length = strcspn(line, "\n");

        json_add(&chain, json_text((struct slice){(const unsigned char *)line, length}));
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    return chain;
}

/* Its row as list tells it; NULL with a fault. */
static json_t *row_json(const struct invocation *invocation, const char *directory, const char *name)
{
    struct ledger *ledger = ledger_open(directory, LEDGER_READ, invocation->faults);
    struct ledger_certificate certificate = {0};
    struct ledger_rows rows = {0};
    json_t *row = NULL;

    if (ledger != NULL && ledger_rows_start(&rows, ledger, invocation->context, invocation->faults) == 0 &&
        ledger_find_certificate(ledger, name, &certificate, invocation->faults) == 1) {
        row = ledger_row_json(&rows, &certificate);
    }
    ledger_certificate_free(&certificate);
    ledger_rows_free(&rows);
    ledger_close(ledger);
    return row;
}

static int print_document(const struct invocation *invocation, const struct telling *telling,
                          const char *name, const struct install_report *report)
{
    json_t *row = row_json(invocation, telling->directory, name);
    json_t *document = row != NULL ? json_document("mtlskit.install/1") : NULL;

    if (document == NULL ||
        json_put(document, "directory", json_text(slice_of_text(telling->directory))) != 0 ||
        json_put(document, "certificate", json_incref(row)) != 0 ||
        json_put(document, "known", json_boolean(report->known)) != 0 ||
        json_put(document, "chain", chain_json(report)) != 0 ||
        json_put(document, "complete", json_boolean(report->whole)) != 0 ||
        json_put(document, "written", json_incref(telling->written)) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(row);
    if (json_print(invocation->terminal, document) != 0) {
        if (faults_errors(invocation->faults) == 0) {
            fault_memory(invocation->faults);
        }
        return -1;
    }
    return 0;
}

static enum exit_status install_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    const struct install_order order = {
        .name = options_argument(options, 0),
        .file = options_argument(options, 1),
        .chain = options_list(options, "chain"),
        .chain_count = options_count(options, "chain"),
        .key_passphrase = options_text(options, "key-passphrase"),
    };
    bool json = options_given(options, "json");
    struct telling telling = {invocation->terminal, directory, json ? json_array() : NULL};
    struct install_report report = {0};
    enum exit_status status = EXIT_FAILED;

    order_option_check_name(invocation, order.name);
    if (!passphrase_option_is_spec(invocation, "key-passphrase") || faults_errors(invocation->faults) > 0) {
        status = EXIT_USAGE;
    } else if (install_run(invocation->context, directory, &order, &report, tell_written, &telling,
                           invocation->faults) == 0) {
        status = EXIT_DONE;
        if (!json) {
            tell_chain(invocation->terminal, &report, order.name);
        } else if (print_document(invocation, &telling, order.name, &report) != 0) {
            status = EXIT_FAILED;
        }
        if (!report.whole) {
            fault_warning(invocation->faults, NULL, order.name,
                          "give the whole chain: in FILE, or by --chain",
                          "the way up to its root is not known%s",
                          report.stale       ? ", so NAME.trust.pem still has the certificate before"
                          : report.authority ? ", so there is no NAME.trust.pem"
                                             : "");
        }
    }
    json_decref(telling.written);
    install_report_free(&report);
    return status;
}

const struct command command_install_certificate = {
    .name = "install-certificate",
    .summary = "take in a certificate that was made elsewhere for a key that is here",
    .arguments = "NAME FILE",
    .least = 2,
    .most = 2,
    .options = install_options,
    .about =
        "FILE holds the certificate for NAME.key and those above it, in any order. An authority signs from "
        "then\n"
        "on: mtls-ca issue --issuer NAME. The same NAME again takes a renewed certificate of the same key.\n",
    .examples = "  mtls-ca install-certificate issuing-ca issuing-ca.crt --chain root.crt -d out\n"
                "  mtls-ca issue dora --issuer issuing-ca --profile client -d out\n",
    .run = install_command,
};
