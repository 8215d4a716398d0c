/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import untrust: authorities are no longer anchors.
 */
#include "commands/commands.h"
#include "commands/removing.h"
#include "commands/session.h"
#include "identity/reading.h"

static const struct option_spec untrust_options[] = {
    SESSION_OPTIONS,
    {"dry-run", 0, NULL, false, "change nothing: say what would be done, in order"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** Add the anchors of one file. One that is not trusted is none: untrust can be repeated. */
static int add_file(struct session *session, const char *path, struct removal *removal)
{
    struct anchors anchors = {.certificates = {NULL, 0}};
    int status = anchors_read(session->run.context, path, &anchors, session->run.faults);

    for (size_t i = 0; status == 0 && i < anchors.certificates.count; i++) {
        status = removal_add_anchor(&session->run, &session->records,
                                    slice_of(&anchors.certificates.items[i]), removal) < 0
                     ? -1
                     : 0;
    }
    anchors_free(&anchors);
    return status;
}

static enum exit_status untrust_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    bool dry_run = options_given(options, "dry-run");
    struct report report = {.terminal = invocation->terminal,
                            .context = invocation->context,
                            .json = options_given(options, "json")};
    struct session session = {.invocation = invocation};
    struct removal removal = {NULL, 0};
    enum exit_status status = EXIT_FAILED;
    int added = 0;

    if (!session_options_are_good(invocation)) {
        return EXIT_USAGE;
    }
    if (session_open(&session, invocation, NULL, STORE_ANCHORS, dry_run ? SESSION_LOOK : SESSION_CHANGE,
                     &report) != 0) {
        goto out;
    }
    for (size_t i = 0; added == 0 && i < options_argument_count(options); i++) {
        added = add_file(&session, options_argument(options, i), &removal);
    }
    if (added == 0) {
        status = removing(&session, "untrust", &removal, dry_run);
    }
out:
    removal_free(&removal);
    session_close(&session);
    report_free(&report);
    return status;
}

const struct command command_untrust = {
    .name = "untrust",
    .summary = "trust authorities no longer",
    .arguments = "FILE...",
    .least = 1,
    .most = SIZE_MAX,
    .options = untrust_options,
    .about = "The trust there was before keychain-import changed it comes back; where there was none, there "
             "is none again. What is not\n"
             "trusted is passed over.\n",
    .examples = "  sudo keychain-import untrust server-ca.crt --into system\n",
    .run = untrust_run,
};
