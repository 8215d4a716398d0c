/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import remove: what was named goes, with what was put there for its sake.
 */
#include "commands/commands.h"
#include "commands/intake.h"
#include "commands/removing.h"
#include "commands/session.h"
#include "commands/wish.h"

static const struct option_spec remove_options[] = {
    {"file", 'f', "FILE", false, "install.yaml: all that it names"},
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

/** Add what an installation wants, as far as it is there. */
static int add_wish(struct session *session, const struct installation *wish, struct removal *removal)
{
    const struct intake_rules rules = {.judged = false, .insecure_for_any = true};
    struct intake intake = {.identities = NULL};
    int status = intake_take(&intake, session->invocation, session->store, &rules, wish);

    for (size_t i = 0; status == 0 && i < intake.wanted.count; i++) {
        const struct item *item = &intake.wanted.items[i].item;
        int added = 0;

        if (item->kind == ITEM_KEY) {
            added = removal_add_identity(&session->run, &session->records, item->certificate, removal);
        } else if (item->kind == ITEM_TRUST) {
            added = removal_add_anchor(&session->run, &session->records, item->certificate, removal);
        }
        status = added < 0 ? -1 : 0;
    }
    intake_free(&intake);
    return status;
}

/** What is named, one way or the other; the installation is read. */
static enum exit_status read_usage(const struct invocation *invocation, struct installation *wish)
{
    static const char *const names[] = {"file", NULL};
    const struct options *options = invocation->options;
    bool named = options_given(options, "label") || options_given(options, "sha256");
    bool file = options_given(options, "file");

    if (named == file) {
        usage_error(invocation->faults, "--label LABEL, --sha256 DIGEST, or --file FILE",
                    file ? "--file says what is to be removed: --label and --sha256 are too much"
                         : "nothing is named that is to be removed");
        return EXIT_USAGE;
    }
    if (!session_options_are_good(invocation)) {
        return EXIT_USAGE;
    }
    return file ? wish_read(invocation, NULL, names, wish) : EXIT_DONE;
}

static enum exit_status remove_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    bool dry_run = options_given(options, "dry-run");
    struct report report = {.terminal = invocation->terminal,
                            .context = invocation->context,
                            .json = options_given(options, "json")};
    struct session session = {.invocation = invocation};
    struct installation wish = {.shown = NULL};
    struct removal removal = {NULL, 0};
    enum exit_status status = read_usage(invocation, &wish);

    if (status != EXIT_DONE) {
        goto out;
    }
    status = EXIT_FAILED;
    if (session_open(&session, invocation, &wish, options_given(options, "file") ? wish_abilities(&wish) : 0,
                     dry_run ? SESSION_LOOK : SESSION_CHANGE, &report) == 0 &&
        add_named(&session, "label", &removal) == 0 && add_named(&session, "sha256", &removal) == 0 &&
        add_wish(&session, &wish, &removal) == 0) {
        status = removing(&session, "remove", &removal, dry_run);
    }
out:
    removal_free(&removal);
    session_close(&session);
    installation_free(&wish);
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
    .examples = "  sudo keychain-import remove -f install.yaml\n"
                "  keychain-import remove --label client --into nss:chromium\n"
                "  keychain-import remove --sha256 5f:3a:... --into pkcs11:token=T\n",
    .run = remove_run,
};
