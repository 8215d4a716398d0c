/* SPDX-License-Identifier: Apache-2.0 */
/* What apply says: lines kept until the plan is known to be good, and the document of --json. */
#include "command/apply_report.h"

#include <string.h>

#include "apply/lists.h"
#include "console/interruption.h"
#include "handout/handout.h"
#include "x509/crl.h"

/** With more steps than this, lines for single steps are left out unless asked for with -v. */
#define STEPS_SHOWN 60
/** A kept line begins with its action, counted from here. */
#define LINE_FIRST 'A'

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
static int tell_step_text(struct apply_report *report, const struct plan_step *step)
{
    const char *remark = action_remark(step);
    bool verbose = terminal_verbosity(report->terminal) > 0;

    if (((step->action == PLAN_UNCHANGED || report->told >= STEPS_SHOWN) && !verbose) ||
        terminal_is_quiet(report->terminal)) {
        return 0;
    }
    report->told++;
    if (bytes_append_byte(&report->lines, (unsigned char)(LINE_FIRST + (int)step->action)) != 0 ||
        bytes_append_text(&report->lines, step->name) != 0 ||
        (step->generation != 0 &&
         bytes_printf(&report->lines, ", generation %lld", (long long)step->generation) != 0) ||
        (step->reasons != 0 && (bytes_append_text(&report->lines, ": ") != 0 ||
                                plan_reasons_text(step->reasons, &report->lines) != 0)) ||
        exposed_text(step, &report->lines) != 0 ||
        (remark != NULL &&
         (bytes_append_text(&report->lines, ": ") != 0 || bytes_append_text(&report->lines, remark) != 0))) {
        return -1;
    }
    return bytes_append_byte(&report->lines, '\n');
}

/** Prints the lines kept: the plan is good, and what it says comes next. */
static int tell_planned(void *state, const struct plan_totals *totals)
{
    struct apply_report *report = state;
    const char *line = bytes_text(&report->lines);

    if (totals->work && !report->options->plan_only) {
        interruption_catch();
    }
    while (line != NULL && report->lines.length > 0 && *line != 0) {
        const char *end = strchr(line + 1, '\n');
        enum plan_action action = (enum plan_action)(*line - LINE_FIRST);

        terminal_paint(report->terminal, action_paint(action), "%-10s", plan_action_word(action));
        terminal_print(report->terminal, " %.*s\n", (int)(end - line - 1), line + 1);
        line = end + 1;
    }
    if (report->told == STEPS_SHOWN && terminal_verbosity(report->terminal) == 0) {
        terminal_print(report->terminal, "... (-v shows every step)\n");
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

static int tell_step_json(struct apply_report *report, const struct plan_step *step)
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
    return json_array_append_new(report->steps, object);
}

static int tell_step(void *state, const struct plan_step *step)
{
    struct apply_report *report = state;

    return report->steps != NULL ? tell_step_json(report, step) : tell_step_text(report, step);
}

static void tell_progress(void *state, size_t done, size_t total)
{
    struct apply_report *report = state;

    if (interruption_came() && !report->stopping) {
        report->stopping = true;
        terminal_note(report->terminal, "finishing what is begun; the next Ctrl-C ends it at once");
    }
    terminal_progress(report->terminal, "entries", done, total);
}

static void tell_handed_out(void *state, size_t files)
{
    ((struct apply_report *)state)->handed_out = files;
}

static bool tell_stopping(void *state)
{
    (void)state;
    return interruption_came();
}

static void tell_written(void *state, const char *name, const char *path)
{
    struct apply_report *report = state;

    (void)name;
    report->files++;
    if (report->written != NULL) {
        (void)json_array_append_new(report->written, json_string(path));
    } else if (terminal_verbosity(report->terminal) > 0) {
        terminal_tell(report->terminal, "wrote      %s/%s\n", report->options->directory, path);
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

void apply_report_fixture(struct terminal *terminal)
{
    terminal_tell(terminal,
                  "a fixture: whoever knows the seed has its keys; trust it nowhere but in tests\n");
}

static int finish_text(const struct apply_report *report, const struct plan_totals *totals)
{
    bool done = !report->options->plan_only;
    struct bytes text = BYTES_EMPTY;
    int status = totals_text(totals, done, &text);

    if (status == 0 && !totals->work) {
        terminal_tell(report->terminal, "nothing to do in %s: %s\n", report->options->directory,
                      text.length > 0 ? bytes_text(&text) : "the manifest asks for nothing");
    } else if (status == 0 && done) {
        terminal_tell(report->terminal, "done in %s: %s; %zu files written\n", report->options->directory,
                      bytes_text(&text), report->files);
    } else if (status == 0) {
        terminal_tell(report->terminal, "plan for %s: %s\n", report->options->directory, bytes_text(&text));
    }
    if (status == 0 && done && report->options->out != NULL) {
        terminal_tell(report->terminal, "%zu files in %s\n", report->handed_out, report->options->out);
    }
    if (status == 0 && report->fixture) {
        apply_report_fixture(report->terminal);
    }
    bytes_free(&text);
    return status;
}

static int finish_json(struct apply_report *report, const char *manifest, const struct plan_totals *totals)
{
    json_t *document = json_document("mtlskit.plan/1");
    const char *out = report->options->out;

    if (document == NULL || json_put(document, "manifest", json_text(slice_of_text(manifest))) != 0 ||
        json_put(document, "directory", json_text(slice_of_text(report->options->directory))) != 0 ||
        (report->fixture && json_put(document, "fixture", json_true()) != 0) ||
        json_put(document, "work", json_boolean(totals->work)) != 0 ||
        json_put(document, "done", json_boolean(!report->options->plan_only)) != 0 ||
        json_put(document, "totals", totals_json(totals)) != 0 ||
        json_put(document, "steps", json_incref(report->steps)) != 0 ||
        json_put(document, "written", json_incref(report->written)) != 0 ||
        (out != NULL && json_put(document, handout_is_archive(out) ? "archive" : "folders",
                                 json_text(slice_of_text(out))) != 0)) {
        json_decref(document);
        return -1;
    }
    return json_print(report->terminal, document);
}

struct apply_observer apply_report_observer(struct apply_report *report)
{
    return (struct apply_observer){report,       tell_step,       tell_planned, tell_progress,
                                   tell_written, tell_handed_out, tell_stopping};
}

int apply_report_begin(struct apply_report *report, bool json)
{
    if (json) {
        report->steps = json_array();
        report->written = json_array();
    }
    return json && (report->steps == NULL || report->written == NULL) ? -1 : 0;
}

int apply_report_finish(struct apply_report *report, const char *manifest, const struct plan_totals *totals)
{
    return report->steps != NULL ? finish_json(report, manifest, totals) : finish_text(report, totals);
}

void apply_report_free(struct apply_report *report)
{
    json_decref(report->steps);
    json_decref(report->written);
    bytes_free(&report->lines);
}
