/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import remove: what was named goes, with what was put there for its sake.
 */
#include "commands/commands.h"
#include "commands/removing.h"
#include "commands/session.h"

static const struct option_spec remove_options[] = {
    {"label", 0, "LABEL", true, "the identity or certificate of this label; can be repeated"},
    {"sha256", 0, "DIGEST", true, "the one whose certificate has this SHA-256; can be repeated"},
    SESSION_OPTIONS,
    {"dry-run", 0, NULL, false, "change nothing: say what would be done, in order"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** Add everything that option @p name names. */
static int add_named(struct session *session, const char *name, struct removal *removal)
{
    const struct options *options = session->invocation->options;
    int status = 0;

    for (size_t i = 0; i < options_count(options, name); i++) {
        const char *text = options_at(options, name, i);
        bool label = name[0] == 'l';
        const struct name_sought named = {label ? text : NULL, label ? NULL : text, {NULL, 0}};
        int added = removal_add_named(&session->run, &session->records, &named, removal);

        if (added == 0) {
            fault_error(session->run.faults, NULL, NULL, "keychain-import list shows what there is",
                        "%s: nothing there has the %s \"%s\"", store_name(session->store),
                        label ? "label" : "SHA-256", text);
        }
        status = added <= 0 ? -1 : status;
    }
    return status;
}

static enum exit_status remove_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    bool dry_run = options_given(options, "dry-run");
    struct report report = {.terminal = invocation->terminal,
                            .context = invocation->context,
                            .json = options_given(options, "json")};
    struct session session = {.invocation = invocation};
    struct removal removal = {NULL, 0};
    enum exit_status status = EXIT_FAILED;

    if (!options_given(options, "label") && !options_given(options, "sha256")) {
        usage_error(invocation->faults, "--label LABEL, or --sha256 DIGEST",
                    "nothing is named that is to be removed");
        return EXIT_USAGE;
    }
    if (!session_options_are_good(invocation)) {
        return EXIT_USAGE;
    }
    if (session_open(&session, invocation, NULL, 0, dry_run ? SESSION_DECIDE : SESSION_CHANGE, &report) ==
            0 &&
        add_named(&session, "label", &removal) == 0 && add_named(&session, "sha256", &removal) == 0) {
        status = removing(&session, "remove", &removal, dry_run);
    }
    removal_free(&removal);
    session_close(&session);
    report_free(&report);
    return status;
}

const struct command command_remove = {
    .name = "remove",
    .summary = "take identities and certificates out of a store",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = remove_options,
    .about = "Only what was named is removed: an identity with its key and the intermediates that came with "
             "it, an authority with the\n"
             "trust in it. The trust there was before keychain-import changed it comes back.\n",
    .examples = "  keychain-import remove --label client --into nss:chromium\n"
                "  keychain-import remove --sha256 5f:3a:... --into pkcs11:token=T\n",
    .run = remove_run,
};
