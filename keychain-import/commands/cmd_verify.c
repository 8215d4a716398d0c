/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import verify: whether a certificate is good by what a store trusts.
 */
#include <stdlib.h>

#include "commands/commands.h"
#include "commands/policy_option.h"
#include "commands/session.h"
#include "console/json.h"
#include "identity/reading.h"
#include "steps/verdict.h"
#include "steps/wanted.h"

static const struct option_spec verify_options[] = {
    {"policy", 0, "POLICY", false, "ssl-server or ssl-client: as what it must be good; default ssl-server"},
    {"host", 0, "HOST", false, "the host name or IP address it must be good for"},
    SESSION_OPTIONS,
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** Print the answer. -1: no memory. */
static int tell(const struct invocation *invocation, const char *store, const struct store_question *question,
                const struct store_verdict *verdict, bool by_store)
{
    struct terminal *terminal = invocation->terminal;
    struct bytes shown = BYTES_EMPTY;
    json_t *document = NULL;
    int status = wanted_subject(question->certificate, &shown);

    if (status == 0 && !options_given(invocation->options, "json")) {
        terminal_paint(terminal, verdict->good ? PAINT_GREEN : PAINT_RED, "%s",
                       verdict->good ? "good" : "not good");
        terminal_print(terminal, "  %s as %s%s%s by %s%s%s\n", bytes_text(&shown),
                       policy_word(question->policy), question->host != NULL ? " of " : "",
                       question->host != NULL ? question->host : "", store, verdict->good ? "" : ": ",
                       verdict->good ? "" : bytes_text(&verdict->reason));
    } else if (status == 0) {
        document = json_document("mtlskit.store-verdict/1");
        if (json_put(document, "store", json_printable(slice_of_text(store))) != 0 ||
            json_put(document, "subject", json_printable(slice_of(&shown))) != 0 ||
            json_put(document, "policy", json_string(policy_word(question->policy))) != 0 ||
            (question->host != NULL &&
             json_put(document, "host", json_printable(slice_of_text(question->host))) != 0) ||
            json_put(document, "good", json_boolean(verdict->good)) != 0 ||
            json_put(document, "by_store", json_boolean(by_store)) != 0 ||
            (!verdict->good && json_put(document, "why", json_printable(slice_of(&verdict->reason))) != 0)) {
            json_decref(document);
            document = NULL;
        }
        status = json_print(terminal, document);
    }
    bytes_free(&shown);
    return status;
}

/** Ask the question of the certificates of one file: the leaf first, its chain behind it. */
static int ask(struct session *session, const struct anchors *file, enum scope policy, bool *good)
{
    const struct invocation *invocation = session->invocation;
    const struct certificate_list *list = &file->certificates;
    struct slice *chain = calloc(list->count, sizeof(*chain));
    struct store_verdict verdict = {false, BYTES_EMPTY};
    struct shelf shelf = {NULL, 0};
    struct store_question question = {
        .certificate = slice_of(&list->items[0]),
        .chain = chain,
        .chain_count = list->count - 1,
        .policy = policy,
        .host = options_text(invocation->options, "host"),
    };
    bool by_store = false;
    int status = -1;

    if (chain == NULL) {
        fault_memory(invocation->faults);
        goto out;
    }
    for (size_t i = 1; i < list->count; i++) {
        chain[i - 1] = slice_of(&list->items[i]);
    }
    if (shelf_read(session->store, &shelf, invocation->faults) != 0 ||
        verdict_find(invocation->context, session->store, &shelf, &question, &verdict, &by_store,
                     invocation->faults) != 0) {
        goto out;
    }
    status = tell(invocation, store_name(session->store), &question, &verdict, by_store);
    if (status != 0) {
        fault_memory(invocation->faults);
    }
    *good = verdict.good;
out:
    shelf_free(&shelf);
    bytes_free(&verdict.reason);
    free(chain);
    return status;
}

static enum exit_status verify_run(struct invocation *invocation)
{
    struct anchors file = {.certificates = {NULL, 0}};
    struct session session = {.invocation = invocation};
    enum scope policy = SCOPE_SERVER;
    enum exit_status status = EXIT_FAILED;
    bool good = false;

    if (!policy_option(invocation, &policy) || !session_options_are_good(invocation)) {
        return EXIT_USAGE;
    }
    if (anchors_read(invocation->context, options_argument(invocation->options, 0), &file,
                     invocation->faults) == 0 &&
        session_open(&session, invocation, NULL, STORE_ANCHORS, SESSION_LOOK, NULL) == 0 &&
        ask(&session, &file, policy, &good) == 0) {
        status = good ? EXIT_DONE : EXIT_VERDICT_NO;
    }
    anchors_free(&file);
    session_close(&session);
    return status;
}

const struct command command_verify_store = {
    .name = "verify",
    .summary = "whether a certificate is good by what a store trusts",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .options = verify_options,
    .about =
        "The certificate is the first one of the file; those behind it are its chain. The store judges "
        "itself where it can, else it is\n"
        "judged by the authorities the store trusts. The status is 0 when it is good, 4 when it is not.\n",
    .examples = "  keychain-import verify server.crt --host localhost --into system\n"
                "  keychain-import verify client.crt --policy ssl-client --into nss:sql:db\n",
    .run = verify_run,
};
