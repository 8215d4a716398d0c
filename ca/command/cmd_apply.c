/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca apply: make what a manifest asks for, or say what would be made.
 */
#include <string.h>

#include "apply/apply.h"
#include "apply/note.h"
#include "command/apply_report.h"
#include "command/commands.h"
#include "command/depfile.h"
#include "command/directory_option.h"
#include "command/out_option.h"
#include "issuing/fixture_context.h"
#include "issuing/settled.h"

static const struct option_spec apply_options_table[] = {
    {"directory", 'd', "DIR", false, "the PKI directory: outputs and ledger (default: pki)"},
    {"plan", 0, NULL, false, "say what would be done, and do nothing"},
    {"check", 0, NULL, false, "as --plan; exit status 3 when there is something to do"},
    {"json", 0, NULL, false, "print the plan and what was done as JSON"},
    {"prune", 0, NULL, false, "delete the files of entries that left the manifest, but no authority's key"},
    {"out", 'o', "FILE.tar|DIR/", false,
     "put all outputs but authorities' keys into one tar, or into folders, too"},
    {"depfile", 0, "FILE.d", false, "write the files the manifest is made of as a rule of Make for FILE"},
    {"rewrite", 0, "NAME", true, "write the files of NAME again, with the passphrases of now"},
    {"replace-authority", 0, "NAME", true,
     "a new key and certificate for authority NAME, and for all under it"},
    {"insecure-seed", 0, "TEXT", false,
     "make a fixture: all of it follows from TEXT, and its keys count as public"},
    {"now", 0, "TIME", false, "the time a fixture is made at; without it, it is valid from 2020 to 9999"},
    {NULL, 0, NULL, false, NULL},
};

/** What the run is given, as a hash, for a manifest that is a file and can be read. */
static bool inputs_known(struct invocation *invocation, const char *path, const char *directory,
                         const struct fixture *given, struct digest *inputs)
{
    struct faults *unused = faults_new();
    bool known = unused != NULL && strcmp(path, "-") != 0 &&
                 settled_inputs(invocation->context, directory, path, given, inputs, unused) == 0;

    faults_free(unused);
    return known;
}

/** Says "nothing to do" without a plan, where that is known and a plan was not asked for. */
static bool quick_answer(struct invocation *invocation, const char *path, const struct apply_options *options,
                         const struct digest *inputs, struct directory *place)
{
    size_t entries = 0;
    bool fixture = false;

    if (options->plan_only || options->prune || options->out != NULL ||
        options->rewrite_count + options->replace_count > 0 || options_given(invocation->options, "json") ||
        options_given(invocation->options, "verbose") || options_given(invocation->options, "depfile") ||
        note_holds(invocation->context, options->directory, path, inputs, place, &entries, &fixture) != 1) {
        return false;
    }
    terminal_tell(invocation->terminal, "nothing to do in %s: %zu unchanged\n", options->directory, entries);
    if (fixture) {
        apply_report_fixture(invocation->terminal);
    }
    return true;
}

static bool out_is_right(const struct invocation *invocation, const struct apply_options *options)
{
    if (options->out != NULL && options->plan_only) {
        usage_error(invocation->faults, NULL, "--out stands beside --plan or --check, which make nothing");
        return false;
    }
    return out_option_is_right(invocation);
}

/** Reads the manifest, which says or was told whether it is a fixture, and carries it out. */
static int carry_out(struct invocation *invocation, const struct fixture *given, const struct digest *inputs,
                     struct directory *place, struct apply_report *report, struct plan_totals *totals)
{
    const char *path = options_argument(invocation->options, 0);
    const struct apply_observer observer = apply_report_observer(report);
    struct fixture_context making = {0};
    struct manifest *manifest = manifest_read(invocation->context, path, given, invocation->faults);
    int status = -1;

    if (manifest != NULL && fixture_context_set(&making, invocation->context, manifest_fixture(manifest),
                                                invocation->faults) == 0) {
        report->fixture = manifest_fixture(manifest) != NULL;
        status = apply_run(making.context, manifest, path, inputs, place, report->options, &observer, totals,
                           invocation->faults);
    }
    if (status == 0) {
        status = depfile_option_write(invocation, path, manifest);
    }
    manifest_free(manifest);
    fixture_context_free(&making);
    return status;
}

static enum exit_status apply_command(struct invocation *invocation)
{
    const struct options *given = invocation->options;
    const char *path = options_argument(given, 0);
    const char *now = options_text(given, "now");
    struct apply_options options = {
        .directory = directory_option(given),
        .plan_only = options_given(given, "plan") || options_given(given, "check"),
        .prune = options_given(given, "prune"),
        .out = options_text(given, "out"),
        .rewrite = options_list(given, "rewrite"),
        .rewrite_count = options_count(given, "rewrite"),
        .replace = options_list(given, "replace-authority"),
        .replace_count = options_count(given, "replace-authority"),
    };
    struct apply_report report = {.terminal = invocation->terminal, .options = &options};
    struct directory place = DIRECTORY_EMPTY;
    struct plan_totals totals = {0};
    struct fixture fixture = {0};
    enum exit_status status = EXIT_FAILED;
    struct digest inputs;
    bool noted = false;

    if (!out_is_right(invocation, &options) ||
        !depfile_option_is_right(invocation, path, options.plan_only) ||
        fixture_set(&fixture, options_text(given, "insecure-seed"), "--insecure-seed", now, "--now",
                    invocation->faults) != 0) {
        status = EXIT_USAGE;
        goto out;
    }
    if (apply_report_begin(&report, options_given(given, "json")) != 0) {
        fault_memory(invocation->faults);
        goto out;
    }
    /* before the manifest is read: a file that changes in between is then no longer what the note speaks of */
    noted = inputs_known(invocation, path, options.directory, &fixture, &inputs);
    if (noted && quick_answer(invocation, path, &options, &inputs, &place)) {
        status = EXIT_DONE;
        goto out;
    }
    if (carry_out(invocation, &fixture, noted ? &inputs : NULL, &place, &report, &totals) != 0) {
        goto out;
    }
    if (apply_report_finish(&report, path, &totals) != 0) {
        fault_memory(invocation->faults);
        goto out;
    }
    status = options_given(given, "check") && totals.work ? EXIT_PENDING : EXIT_DONE;
out:
    directory_close(&place);
    fixture_free(&fixture);
    apply_report_free(&report);
    return status;
}

const struct command command_apply = {
    .name = "apply",
    .summary = "make the authorities, certificates and bundles of a manifest",
    .arguments = "MANIFEST",
    .least = 1,
    .most = 1,
    .options = apply_options_table,
    .about = "Holds the manifest against the PKI directory and does what is missing: creates, reissues what\n"
             "changed, renews what runs out, restores files that were deleted. Run again, it does nothing.\n"
             "An authority is never replaced unless --replace-authority names it.\n",
    .examples =
        "  mtls-ca apply pki.yaml -d out              make it\n"
        "  mtls-ca apply pki.yaml -d out --plan       what would be done, and why\n"
        "  mtls-ca apply pki.yaml -d out --check      for CI: exit status 3 when something is due\n"
        "  mtls-ca apply fleet.yaml -o fleet.tar      make it, and pack all of it for handing out\n"
        "  mtls-ca apply fleet.yaml -o fleet/         the same in folders of up to 1,000 entries\n"
        "  mtls-ca apply pki.yaml -d out --rewrite client\n"
        "                                             a new passphrase for client's bundles\n"
        "  mtls-ca apply pki.yaml -d test-pki --insecure-seed 'widget project tests'\n"
        "                                             for tests: the same files everywhere, public keys\n",
    .run = apply_command,
};
