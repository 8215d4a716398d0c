/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca revoke: certificates that are no longer good.
 */
#include <string.h>

#include "command/commands.h"
#include "command/directory_option.h"
#include "command/told_lists.h"
#include "operations/revoke.h"
#include "x509/instant.h"

static const struct option_spec revoke_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"reason", 0, "REASON", false, "keyCompromise, superseded, ...; default: unspecified"},
    {"date", 0, "TIME", false, "when it was revoked; default: now"},
    {"invalidity-date", 0, "TIME", false, "since when its key is thought to be known to others"},
    {"release", 0, NULL, false, "lift a hold (certificateHold) instead"},
    {"crl", 0, NULL, false, "write the issuer's list as well"},
    {"next-update", 0, "DURATION", false, "with --crl: how long the list stands"},
    {"issuer-passphrase", 0, "SPEC", false, "with --crl: of the authority's key"},
    {"json", 0, NULL, false, "tell what was done as JSON"},
    {NULL, 0, NULL, false, NULL},
};

/* What is told, and what it is told of. */
struct telling {
    struct told_lists lists;
    const struct revoke_order *order;
    json_t *rows;       /* NULL: lines */
    char issuers[1024]; /* whose lists are due, for the hint */
};

static int tell_json(const struct telling *telling, const struct ledger_certificate *certificate,
                     const struct ledger_revocation *revocation, const char *issuer)
{
    json_t *row = json_object();

    if (json_put(row, "name", json_text(slice_of_text(certificate->name))) != 0 ||
        json_put(row, "serial", json_hex(slice_of(&certificate->serial))) != 0 ||
        json_put(row, "issuer", json_text(slice_of_text(issuer))) != 0 ||
        (!telling->order->release &&
         (json_put(row, "revoked", json_instant(revocation->revoked)) != 0 ||
          json_put(row, "reason", json_string(crl_reason_text(revocation->reason))) != 0 ||
          (revocation->invalidity != LEDGER_NEVER &&
           json_put(row, "invalidity_date", json_instant(revocation->invalidity)) != 0)))) {
        json_decref(row);
        return -1;
    }
    return json_array_append_new(telling->rows, row);
}

static int tell_text(const struct telling *telling, const struct ledger_certificate *certificate,
                     const struct ledger_revocation *revocation, const char *issuer)
{
    struct bytes serial = BYTES_EMPTY;
    int status = bytes_append_hex(&serial, slice_of(&certificate->serial), 0);

    if (status == 0 && telling->order->release) {
        terminal_tell(telling->lists.invocation->terminal, "released %s of %s, serial %s\n",
                      certificate->name, issuer, bytes_text(&serial));
    } else if (status == 0) {
        terminal_tell(telling->lists.invocation->terminal, "revoked %s of %s (%s), serial %s\n",
                      certificate->name, issuer, crl_reason_text(revocation->reason), bytes_text(&serial));
    }
    bytes_free(&serial);
    return status;
}

/* Each issuer once; one that does not fit is not worth a failure. */
static void note_issuer(struct telling *telling, const char *issuer)
{
    size_t used = strlen(telling->issuers);
    size_t length = strlen(issuer);

    for (const char *at = telling->issuers; (at = strstr(at, issuer)) != NULL; at += length) {
        if ((at == telling->issuers || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) {
            return;
        }
    }
    if (used + length + 2 <= sizeof(telling->issuers)) {
        if (used > 0) {
            telling->issuers[used++] = ' ';
        }
        memcpy(telling->issuers + used, issuer, length + 1);
    }
}

static int tell_revoked(void *state, const struct ledger_certificate *certificate,
                        const struct ledger_revocation *revocation, const char *issuer, bool listed)
{
    struct telling *telling = state;
    int status = telling->rows != NULL ? tell_json(telling, certificate, revocation, issuer)
                                       : tell_text(telling, certificate, revocation, issuer);

    if (listed) {
        note_issuer(telling, issuer);
    }
    if (status != 0) {
        fault_memory(telling->lists.invocation->faults);
    }
    return status;
}

static int tell_list(void *state, const struct lists_made *made)
{
    struct telling *telling = state;

    return told_lists_tell(&telling->lists, made);
}

/* The document, or what is to be done next. */
static int finish(struct telling *telling)
{
    const struct invocation *invocation = telling->lists.invocation;
    json_t *document;

    if (telling->rows == NULL) {
        if (!telling->order->lists && telling->issuers[0] != '\0') {
            terminal_tell(invocation->terminal,
                          "nobody knows of it before the next list: mtls-ca crl %s -d %s\n", telling->issuers,
                          telling->lists.directory);
        }
        return 0;
    }
    document = json_document("mtlskit.revoke/1");
    if (json_put(document, "directory", json_text(slice_of_text(telling->lists.directory))) != 0 ||
        json_put(document, telling->order->release ? "released" : "revoked", json_incref(telling->rows)) !=
            0 ||
        json_put(document, "lists", json_incref(telling->lists.rows)) != 0) {
        json_decref(document);
        fault_memory(invocation->faults);
        return -1;
    }
    return json_print(invocation->terminal, document);
}

/* A time that has come already. */
static const instant *read_time(const struct invocation *invocation, const char *name, instant *value)
{
    const char *text = options_text(invocation->options, name);
    const char *why = NULL;

    if (text == NULL) {
        return NULL;
    }
    if (instant_parse(text, value, &why) != 0) {
        usage_error(invocation->faults, NULL, "--%s: \"%s\" %s", name, text, why);
    } else if (*value > context_now(invocation->context)) {
        usage_error(invocation->faults, NULL, "--%s: \"%s\" has not come yet", name, text);
    }
    return value;
}

static void check_release(const struct invocation *invocation)
{
    static const char *const others[] = {"reason", "date", "invalidity-date"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (options_given(invocation->options, others[i])) {
            usage_error(invocation->faults, NULL, "--%s says nothing about a release", others[i]);
        }
    }
}

static void check_list_options(const struct invocation *invocation)
{
    static const char *const others[] = {"next-update", "issuer-passphrase"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (options_given(invocation->options, others[i])) {
            usage_error(invocation->faults, "--crl writes it", "--%s is about a list, and none is written",
                        others[i]);
        }
    }
}

static enum exit_status revoke_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    const char *reason = options_text(options, "reason");
    struct duration next_update = {0, 0};
    instant date = 0;
    instant invalidity = 0;
    struct revoke_order order = {
        .references = options_arguments(options),
        .count = options_argument_count(options),
        .reason = CRL_UNSPECIFIED,
        .date = read_time(invocation, "date", &date),
        .invalidity = read_time(invocation, "invalidity-date", &invalidity),
        .release = options_given(options, "release"),
        .lists = options_given(options, "crl"),
    };
    struct telling telling = {.order = &order};
    enum exit_status status = EXIT_FAILED;

    if (reason != NULL && crl_reason_parse(reason, &order.reason) != 0) {
        usage_error(invocation->faults, crl_reason_words(), "--reason: \"%s\" is none", reason);
    }
    if (order.release) {
        check_release(invocation);
    }
    if (!order.lists) {
        check_list_options(invocation);
    }
    if (!told_lists_read_options(invocation, &order.list, &next_update) ||
        faults_errors(invocation->faults) > 0) {
        return EXIT_USAGE;
    }
    if (told_lists_start(&telling.lists, invocation, directory) != 0) {
        return EXIT_FAILED;
    }
    telling.rows = telling.lists.rows != NULL ? json_array() : NULL;
    if (revoke_run(invocation->context, directory, &order, tell_revoked, tell_list, &telling,
                   invocation->faults) == 0 &&
        finish(&telling) == 0) {
        status = EXIT_DONE;
    }
    json_decref(telling.rows);
    told_lists_free(&telling.lists);
    return status;
}

const struct command command_revoke = {
    .name = "revoke",
    .summary = "say that certificates are no longer good",
    .arguments = "NAME|SERIAL|FILE...",
    .least = 1,
    .most = SIZE_MAX,
    .options = revoke_options,
    .about =
        "Records it in the ledger; others learn of it from the issuer's next list (mtls-ca crl, or --crl).\n"
        "Reasons: unspecified, keyCompromise, cACompromise, affiliationChanged, superseded,\n"
        "cessationOfOperation, certificateHold, privilegeWithdrawn, aACompromise; key-compromise and so on\n"
        "are taken, too. All but certificateHold are for good.\n",
    .examples = "  mtls-ca revoke client --reason certificateHold --crl -d out\n"
                "  mtls-ca revoke client --release --crl -d out           it was found again\n"
                "  mtls-ca revoke ./client.crt --reason keyCompromise --invalidity-date 2025-12-24 -d out\n",
    .run = revoke_command,
};
