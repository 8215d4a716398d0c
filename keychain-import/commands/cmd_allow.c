/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import allow: one more program may use a key that is in a store.
 */
#include "commands/commands.h"
#include "commands/session.h"
#include "steps/allowance.h"
#include "steps/naming.h"
#include "steps/wanted.h"

static const struct option_spec allow_options[] = {
    {"label", 0, "LABEL", false, "the identity of this label"},
    {"sha256", 0, "DIGEST", false, "the one whose certificate has this SHA-256"},
    {"program", 0, "PROGRAM", true, "the path of a program that may use the key; can be repeated"},
    SESSION_OPTIONS,
    {NULL, 0, NULL, false, NULL},
};

/** Find the one identity that is named. */
static int find_identity(struct session *session, struct named_list *list)
{
    const struct options *options = session->invocation->options;
    const struct name_sought sought = {
        options_text(options, "label"), options_text(options, "sha256"), {NULL, 0}};

    if (naming_find(&session->run, &sought, list) != 0) {
        return -1;
    }
    if (list->count == 0 || !list->items[0].has_key) {
        fault_error(session->run.faults, NULL, NULL, "keychain-import list shows what there is",
                    "%s: no identity there has the %s \"%s\"", store_name(session->store),
                    sought.label != NULL ? "label" : "SHA-256",
                    sought.label != NULL ? sought.label : sought.sha256);
        return -1;
    }
    return 0;
}

static int allow_programs(struct session *session, const struct named_list *list)
{
    const struct options *options = session->invocation->options;
    struct slice certificate = slice_of(&list->items[0].certificate);
    struct bytes shown = BYTES_EMPTY;
    int status = wanted_subject(certificate, &shown);

    if (status != 0) {
        fault_memory(session->run.faults);
    }
    for (size_t i = 0; status == 0 && i < options_count(options, "program"); i++) {
        const char *program = options_at(options, "program", i);

        status = allowance_add(&session->run, &session->records, certificate, program);
        if (status == 0) {
            status = journal_read(session->journal, &session->records, session->run.faults);
            terminal_tell(session->invocation->terminal, "%s: %s may use the key of %s\n",
                          store_name(session->store), program, bytes_text(&shown));
        }
    }
    bytes_free(&shown);
    return status;
}

static enum exit_status allow_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    struct session session = {.invocation = invocation};
    struct named_list list = {NULL, 0};
    enum exit_status status = EXIT_FAILED;

    if (options_given(options, "label") == options_given(options, "sha256")) {
        usage_error(invocation->faults, "--label LABEL or --sha256 DIGEST", "name one identity");
        return EXIT_USAGE;
    }
    if (!options_given(options, "program")) {
        usage_error(invocation->faults, "--program PATH", "no program is named");
        return EXIT_USAGE;
    }
    if (!session_options_are_good(invocation)) {
        return EXIT_USAGE;
    }
    if (session_open(&session, invocation, NULL, STORE_IDENTITIES | STORE_PROGRAMS, SESSION_CHANGE, NULL) ==
            0 &&
        find_identity(&session, &list) == 0 && allow_programs(&session, &list) == 0) {
        status = EXIT_DONE;
    }
    named_list_free(&list);
    session_close(&session);
    return status;
}

const struct command command_allow = {
    .name = "allow",
    .summary = "let one more program use a key",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = allow_options,
    .about = "For stores that know which program uses a key: macOS alone.\n",
    .examples = "  keychain-import allow --label client --program /usr/bin/curl --into macos:login\n",
    .run = allow_run,
};
