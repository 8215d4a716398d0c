/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca apply: make what a manifest asks for, or say what would be made.
 */
#include <string.h>

#include "apply/apply.h"
#include "apply/handout.h"
#include "apply/lists.h"
#include "command/commands.h"
#include "command/directory_option.h"
#include "console/interruption.h"
#include "console/json.h"
#include "issuing/settled.h"
#include "x509/crl.h"

/** With more steps than this, lines for single steps are left out unless asked for with -v. */
#define STEPS_SHOWN 60
/** A kept line begins with its action, counted from here. */
#define LINE_FIRST 'A'

static const struct option_spec apply_options_table[] = {
    {"directory", 'd', "DIR", false, "the PKI directory: outputs and ledger (default: pki)"},
    {"plan", 0, NULL, false, "say what would be done, and do nothing"},
    {"check", 0, NULL, false, "as --plan; exit status 3 when there is something to do"},
    {"json", 0, NULL, false, "print the plan and what was done as JSON"},
    {"prune", 0, NULL, false, "delete the files of entries that left the manifest, but no authority's key"},
    {"out", 'o', "FILE.tar|DIR/", false,
     "put all outputs but authorities' keys into one tar, or into folders, too"},
    {"rewrite", 0, "NAME", true, "write the files of NAME again, with the passphrases of now"},
    {"replace-authority", 0, "NAME", true,
     "a new key and certificate for authority NAME, and for all under it"},
    {NULL, 0, NULL, false, NULL},
};

/** What is told while apply works. */
struct telling {
    struct terminal *terminal;
    const struct apply_options *options;
    json_t *steps;      /* NULL: text */
    json_t *written;    /* NULL: text */
    struct bytes lines; /* a letter for the action, the rest of its line, and a newline each */
    size_t told;        /* lines kept */
    size_t files;
    size_t handed_out; /* files */
    bool stopping;     /* the wish to stop was acknowledged */
};

/** Colour and sign of an action's line. */
static enum paint action_paint(enum plan_action action)
{
    switch (action) {
    case PLAN_CREATE:
    case PLAN_ADOPT:
    case PLAN_RELEASE:
    case PLAN_CRL:
        return PAINT_GREEN;
    case PLAN_REISSUE:
    case PLAN_RENEW:
    case PLAN_REWRITE:
    case PLAN_PROTECT:
        return PAINT_YELLOW;
    case PLAN_REPLACE:
    case PLAN_REMOVE:
    case PLAN_REVOKE:
        return PAINT_RED;
    default:
        return PAINT_DIM;
    }
}

/** What is said behind a name besides reasons. */
static const char *action_remark(const struct plan_step *step)
{
    switch (step->action) {
    case PLAN_ORPHAN:
        return step->file        ? "its entry does not write it any more; --prune deletes it"
               : step->authority ? "not in the manifest any more"
                                 : "not in the manifest any more; --prune deletes its files";
    case PLAN_REMOVE:
        return step->file        ? "its entry does not write it any more"
               : step->authority ? "not in the manifest any more; its key stays"
                                 : "not in the manifest any more";
    case PLAN_REVOKE:
        return crl_reason_text(step->entry->revoked.reason);
    case PLAN_NOT_OURS:
        return step->owner != NULL && step->owner[0] != '\0' ? "another manifest's" : "issued by hand";
    default:
        return NULL;
    }
}

/** Appends the files that are open to others, which no other word of the line names: " (server.key)". */
static int exposed_text(const struct plan_step *step, struct bytes *text)
{
    size_t count = step->exposed != 0 ? entry_output_count(step->entry) : 0;
    struct bytes path = BYTES_EMPTY;
    const char *before = " (";
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++) {
        struct output output;

        bytes_clear(&path);
        if ((step->exposed & (UINT64_C(1) << i)) != 0) {
            status = entry_output_at(step->entry, i, &output, &path) == 0
                         ? bytes_printf(text, "%s%s", before, bytes_text(&path))
                         : -1;
            before = ", ";
        }
    }
    bytes_free(&path);
    return status == 0 && count > 0 ? bytes_append_byte(text, ')') : status;
}

/** Keeps the step's line until the plan is known to be good: a line that says "create" before an error looks like work done. */
static int tell_step_text(struct telling *telling, const struct plan_step *step)
{
    const char *remark = action_remark(step);
    bool verbose = terminal_verbosity(telling->terminal) > 0;

    if (((step->action == PLAN_UNCHANGED || telling->told >= STEPS_SHOWN) && !verbose) ||
        terminal_is_quiet(telling->terminal)) {
        return 0;
    }
    telling->told++;
    if (bytes_append_byte(&telling->lines, (unsigned char)(LINE_FIRST + (int)step->action)) != 0 ||
        bytes_append_text(&telling->lines, step->name) != 0 ||
        (step->generation != 0 &&
         bytes_printf(&telling->lines, ", generation %lld", (long long)step->generation) != 0) ||
        (step->reasons != 0 && (bytes_append_text(&telling->lines, ": ") != 0 ||
                                plan_reasons_text(step->reasons, &telling->lines) != 0)) ||
        exposed_text(step, &telling->lines) != 0 ||
        (remark != NULL && (bytes_append_text(&telling->lines, ": ") != 0 ||
                            bytes_append_text(&telling->lines, remark) != 0))) {
        return -1;
    }
    return bytes_append_byte(&telling->lines, '\n');
}

/** Prints the lines kept: the plan is good, and what it says comes next. */
static int tell_planned(void *state, const struct plan_totals *totals)
{
    struct telling *telling = state;
    const char *line = bytes_text(&telling->lines);

    if (totals->work && !telling->options->plan_only) {
        interruption_catch();
    }
    while (line != NULL && telling->lines.length > 0 && *line != 0) {
        const char *end = strchr(line + 1, '\n');
        enum plan_action action = (enum plan_action)(*line - LINE_FIRST);

        terminal_paint(telling->terminal, action_paint(action), "%-10s", plan_action_word(action));
        terminal_print(telling->terminal, " %.*s\n", (int)(end - line - 1), line + 1);
        line = end + 1;
    }
    if (telling->told == STEPS_SHOWN && terminal_verbosity(telling->terminal) == 0) {
        terminal_print(telling->terminal, "... (-v shows every step)\n");
    }
    return 0;
}

static json_t *reasons_json(const struct plan_step *step)
{
    json_t *list = json_array();
    unsigned reasons = step->reasons;
    unsigned bit;

    if (list != NULL && step->action == PLAN_REVOKE &&
        json_array_append_new(list, json_string(crl_reason_text(step->entry->revoked.reason))) != 0) {
        json_decref(list);
        return NULL;
    }

    for (bit = 0; list != NULL && plan_reason_word(bit) != NULL; bit++) {
        if ((reasons & (1u << bit)) != 0 &&
            json_array_append_new(list, json_string(plan_reason_word(bit))) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/** Paths of the files a step writes, or whose permissions it puts right. */
static json_t *files_json(const struct plan_step *step)
{
    json_t *list = json_array();
    struct bytes path = BYTES_EMPTY;
    size_t i;

    for (i = 0; list != NULL && step->entry != NULL && i < entry_output_count(step->entry); i++) {
        struct output output;

        bytes_clear(&path);
        if (((step->outputs | step->exposed) & (UINT64_C(1) << i)) != 0 &&
            (entry_output_at(step->entry, i, &output, &path) != 0 ||
             json_array_append_new(list, json_string(bytes_text(&path))) != 0)) {
            json_decref(list);
            list = NULL;
        }
    }
    for (i = 0; list != NULL && step->action == PLAN_CRL; i++) {
        int found;

        bytes_clear(&path);
        found = lists_path(step->entry, step->generation, i, &path);
        if (found == 0) {
            break;
        }
        if (found < 0 || json_array_append_new(list, json_string(bytes_text(&path))) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    bytes_free(&path);
    return list;
}

/** An action's word for programs: without a blank. */
static const char *action_id(enum plan_action action)
{
    return action == PLAN_NOT_OURS ? "not-ours" : plan_action_word(action);
}

static int tell_step_json(struct telling *telling, const struct plan_step *step)
{
    json_t *object = json_object();

    if (object == NULL || json_put(object, "name", json_string(step->name)) != 0 ||
        json_put(object, "kind",
                 json_string(step->file        ? "file"
                             : step->authority ? "authority"
                                               : "certificate")) != 0 ||
        json_put(object, "action", json_string(action_id(step->action))) != 0 ||
        json_put(object, "reasons", reasons_json(step)) != 0 ||
        json_put(object, "new_key", json_boolean(step->new_key)) != 0 ||
        json_put(object, "files", files_json(step)) != 0 ||
        (step->generation != 0 && json_put(object, "generation", json_integer(step->generation)) != 0) ||
        (step->owner != NULL && json_put(object, "owner", json_text(slice_of_text(step->owner))) != 0)) {
        json_decref(object);
        return -1;
    }
    return json_array_append_new(telling->steps, object);
}

static int tell_step(void *state, const struct plan_step *step)
{
    struct telling *telling = state;

    return telling->steps != NULL ? tell_step_json(telling, step) : tell_step_text(telling, step);
}

static void tell_progress(void *state, size_t done, size_t total)
{
    struct telling *telling = state;

    if (interruption_came() && !telling->stopping) {
        telling->stopping = true;
        terminal_note(telling->terminal, "finishing what is begun; the next Ctrl-C ends it at once");
    }
    terminal_progress(telling->terminal, "entries", done, total);
}

static void tell_handed_out(void *state, size_t files)
{
    ((struct telling *)state)->handed_out = files;
}

static bool tell_stopping(void *state)
{
    (void)state;
    return interruption_came();
}

static void tell_written(void *state, const char *name, const char *path)
{
    struct telling *telling = state;

    (void)name;
    telling->files++;
    if (telling->written != NULL) {
        (void)json_array_append_new(telling->written, json_string(path));
    } else if (terminal_verbosity(telling->terminal) > 0) {
        terminal_tell(telling->terminal, "wrote      %s/%s\n", telling->options->directory, path);
    }
}

static json_t *totals_json(const struct plan_totals *totals)
{
    json_t *object = json_object();
    int action;

    for (action = PLAN_UNCHANGED; object != NULL && action <= PLAN_NOT_OURS; action++) {
        if (json_put(object, action_id((enum plan_action)action),
                     json_integer((json_int_t)totals->counts[action])) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

/** "2 to create, 1 unchanged" */
static int totals_text(const struct plan_totals *totals, bool done, struct bytes *text)
{
    static const char *const past[] = {
        [PLAN_UNCHANGED] = "unchanged",
        [PLAN_CREATE] = "created",
        [PLAN_ADOPT] = "adopted",
        [PLAN_REISSUE] = "reissued",
        [PLAN_RENEW] = "renewed",
        [PLAN_REWRITE] = "rewritten",
        [PLAN_REPLACE] = "replaced",
        [PLAN_REVOKE] = "revoked",
        [PLAN_RELEASE] = "released",
        [PLAN_CRL] = "CRL made",
        [PLAN_PROTECT] = "protected",
        [PLAN_REMOVE] = "removed",
        [PLAN_ORPHAN] = "not in the manifest any more",
        [PLAN_NOT_OURS] = "not ours",
    };
    static const enum plan_action order[] = {
        PLAN_CREATE,  PLAN_ADOPT, PLAN_REISSUE, PLAN_RENEW,  PLAN_REWRITE,   PLAN_REPLACE, PLAN_REVOKE,
        PLAN_RELEASE, PLAN_CRL,   PLAN_PROTECT, PLAN_REMOVE, PLAN_UNCHANGED, PLAN_ORPHAN,  PLAN_NOT_OURS};
    size_t i;

    for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        bool act = order[i] != PLAN_UNCHANGED && order[i] != PLAN_ORPHAN && order[i] != PLAN_NOT_OURS;

        if (totals->counts[order[i]] == 0) {
            continue;
        }
        if (bytes_printf(text, "%s%zu %s%s", text->length > 0 ? ", " : "", totals->counts[order[i]],
                         act && !done ? "to " : "",
                         !act || done           ? past[order[i]]
                         : order[i] == PLAN_CRL ? "make a CRL"
                                                : plan_action_word(order[i])) != 0) {
            return -1;
        }
    }
    return 0;
}

static int finish_text(const struct telling *telling, const struct plan_totals *totals)
{
    bool done = !telling->options->plan_only;
    struct bytes text = BYTES_EMPTY;
    int status = totals_text(totals, done, &text);

    if (status == 0 && !totals->work) {
        terminal_tell(telling->terminal, "nothing to do in %s: %s\n", telling->options->directory,
                      text.length > 0 ? bytes_text(&text) : "the manifest asks for nothing");
    } else if (status == 0 && done) {
        terminal_tell(telling->terminal, "done in %s: %s; %zu files written\n", telling->options->directory,
                      bytes_text(&text), telling->files);
    } else if (status == 0) {
        terminal_tell(telling->terminal, "plan for %s: %s\n", telling->options->directory, bytes_text(&text));
    }
    if (status == 0 && done && telling->options->out != NULL) {
        terminal_tell(telling->terminal, "%zu files in %s\n", telling->handed_out, telling->options->out);
    }
    bytes_free(&text);
    return status;
}

static int finish_json(struct telling *telling, const char *manifest, const struct plan_totals *totals)
{
    json_t *document = json_document("mtlskit.plan/1");
    const char *out = telling->options->out;

    if (document == NULL || json_put(document, "manifest", json_text(slice_of_text(manifest))) != 0 ||
        json_put(document, "directory", json_text(slice_of_text(telling->options->directory))) != 0 ||
        json_put(document, "work", json_boolean(totals->work)) != 0 ||
        json_put(document, "done", json_boolean(!telling->options->plan_only)) != 0 ||
        json_put(document, "totals", totals_json(totals)) != 0 ||
        json_put(document, "steps", json_incref(telling->steps)) != 0 ||
        json_put(document, "written", json_incref(telling->written)) != 0 ||
        (out != NULL && json_put(document, handout_is_archive(out) ? "archive" : "folders",
                                 json_text(slice_of_text(out))) != 0)) {
        json_decref(document);
        return -1;
    }
    return json_print(telling->terminal, document);
}

/** What the run is given, as a hash, for a manifest that is a file and can be read. */
static bool inputs_known(struct invocation *invocation, const char *path, const char *directory,
                         struct digest *inputs)
{
    struct faults *unused = faults_new();
    bool known = unused != NULL && strcmp(path, "-") != 0 &&
                 settled_inputs(invocation->context, directory, path, inputs, unused) == 0;

    faults_free(unused);
    return known;
}

/** Says "nothing to do" without a plan, where that is known and a plan was not asked for. */
static bool quick_answer(struct invocation *invocation, const char *path, const struct apply_options *options,
                         const struct digest *inputs, struct directory *place)
{
    size_t entries = 0;

    if (options->plan_only || options->prune || options->out != NULL ||
        options->rewrite_count + options->replace_count > 0 || options_given(invocation->options, "json") ||
        options_given(invocation->options, "verbose") ||
        apply_settled(invocation->context, options->directory, path, inputs, place, &entries) != 1) {
        return false;
    }
    terminal_tell(invocation->terminal, "nothing to do in %s: %zu unchanged\n", options->directory, entries);
    return true;
}

/** Whether @p path looks like an archive of a kind that is not written. */
static bool is_other_archive(const char *path)
{
    static const char *const endings[] = {".zip", ".tgz", ".gz",  ".tbz", ".bz2",
                                          ".txz", ".xz",  ".zst", ".7z"};
    size_t length = strlen(path), i;

    for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i]);

        if (length > ending && strcmp(path + length - ending, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** The name tells whether it is an archive or a folder. */
static bool out_is_right(const struct invocation *invocation, const struct apply_options *options)
{
    const char *out = options->out;

    if (out == NULL) {
        return true;
    }
    if (out[0] == '\0') {
        usage_error(invocation->faults, "-o fleet.tar", "--out: needs a name");
    } else if (is_other_archive(out)) {
        usage_error(invocation->faults, "-o fleet.tar, or for a folder -o fleet/",
                    "--out %s: does not end in .tar, the one kind of archive that is written", out);
    } else if (options->plan_only) {
        usage_error(invocation->faults, NULL, "--out stands beside --plan or --check, which make nothing");
    }
    return faults_errors(invocation->faults) == 0;
}

static enum exit_status apply_command(struct invocation *invocation)
{
    const struct options *given = invocation->options;
    const char *path = options_argument(given, 0);
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
    struct telling telling = {.terminal = invocation->terminal, .options = &options};
    struct apply_observer observer = {&telling,     tell_step,       tell_planned, tell_progress,
                                      tell_written, tell_handed_out, tell_stopping};
    struct directory place = DIRECTORY_EMPTY;
    struct plan_totals totals = {0};
    struct manifest *manifest = NULL;
    enum exit_status status = EXIT_FAILED;
    struct digest inputs;
    bool noted = false;
    int printed;

    if (!out_is_right(invocation, &options)) {
        return EXIT_USAGE;
    }
    if (options_given(given, "json")) {
        telling.steps = json_array();
        telling.written = json_array();
        if (telling.steps == NULL || telling.written == NULL) {
            fault_memory(invocation->faults);
            goto out;
        }
    }
    /* before the manifest is read: a file that changes in between is then no longer what the note speaks of */
    noted = inputs_known(invocation, path, options.directory, &inputs);
    if (noted && quick_answer(invocation, path, &options, &inputs, &place)) {
        status = EXIT_DONE;
        goto out;
    }
    manifest = manifest_read(invocation->context, path, invocation->faults);
    if (manifest == NULL || apply_run(invocation->context, manifest, path, noted ? &inputs : NULL, &place,
                                      &options, &observer, &totals, invocation->faults) != 0) {
        goto out;
    }
    printed = telling.steps != NULL ? finish_json(&telling, path, &totals) : finish_text(&telling, &totals);
    if (printed != 0) {
        fault_memory(invocation->faults);
        goto out;
    }
    status = options_given(given, "check") && totals.work ? EXIT_PENDING : EXIT_DONE;
out:
    directory_close(&place);
    manifest_free(manifest);
    json_decref(telling.steps);
    json_decref(telling.written);
    bytes_free(&telling.lines);
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
    .examples = "  mtls-ca apply pki.yaml -d out              make it\n"
                "  mtls-ca apply pki.yaml -d out --plan       what would be done, and why\n"
                "  mtls-ca apply pki.yaml -d out --check      for CI: exit status 3 when something is due\n"
                "  mtls-ca apply fleet.yaml -o fleet.tar      make it, and pack all of it for handing out\n"
                "  mtls-ca apply fleet.yaml -o fleet/         the same in folders of up to 1,000 entries\n"
                "  mtls-ca apply pki.yaml -d out --rewrite client\n"
                "                                             a new passphrase for client's bundles\n",
    .run = apply_command,
};
