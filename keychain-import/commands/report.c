/* SPDX-License-Identifier: Apache-2.0 */
/* Steps told: a line each, or an object each. */
#include "commands/report.h"

#include "base/digest.h"

/** What a line begins with. */
static const char *act_line(enum step_act act, enum item_kind kind)
{
    switch (act) {
    case STEP_KEEP:
        return "there";
    case STEP_JOIN:
        return "share";
    case STEP_PUT:
        return kind == ITEM_TRUST ? "trust" : "add";
    case STEP_REPLACE:
        return "trust";
    case STEP_TAKE:
        return kind == ITEM_TRUST ? "untrust" : "remove";
    case STEP_PENDING:
        return "pending";
    case STEP_RELEASE:
        break;
    }
    return "leave";
}

static json_t *step_json(const struct report *report, const struct step_told *told)
{
    const struct item *item = told->item;
    json_t *object = json_object();
    struct digest digest;

    if (digest_of(report->context, item->certificate, &digest) != 0 ||
        json_put(object, "act", json_string(step_act_word(told->act))) != 0 ||
        json_put(object, "item", json_string(item_kind_word(item->kind))) != 0 ||
        json_put(object, "subject", json_printable(slice_of_text(told->shown))) != 0 ||
        json_put(object, "sha256", json_hex((struct slice){digest.octets, DIGEST_LENGTH})) != 0 ||
        (item->label != NULL && json_put(object, "label", json_printable(slice_of_text(item->label))) != 0) ||
        (item->kind == ITEM_TRUST && json_put(object, "for", json_string(scope_word(item->scope))) != 0) ||
        (item->host != NULL && json_put(object, "host", json_printable(slice_of_text(item->host))) != 0)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/** "certificate", "key", "for server, host example.com". */
static void print_step(const struct report *report, const struct step_told *told)
{
    const struct item *item = told->item;
    bool trust = item->kind == ITEM_TRUST && item->scope != SCOPE_NONE;

    terminal_tell(report->terminal, "%-8s %s%s  %s%s%s%s\n", act_line(told->act, item->kind),
                  trust ? "for " : "", trust ? scope_word(item->scope) : item_kind_word(item->kind),
                  told->shown, item->host != NULL ? " (host " : "", item->host != NULL ? item->host : "",
                  item->host != NULL ? ")" : "");
}

void report_step(void *state, const struct step_told *told)
{
    struct report *report = state;

    if (told->act == STEP_KEEP) {
        report->kept++;
    } else {
        report->changed++;
    }
    if (!report->json) {
        print_step(report, told);
        return;
    }
    if (report->steps == NULL && !report->failed) {
        report->steps = json_array();
    }
    if (json_append(report->steps, step_json(report, told)) != 0) {
        report->failed = true;
    }
}

void report_decision(struct report *report, const struct decision *decision)
{
    for (size_t i = 0; i < decision->count; i++) {
        const struct step *step = &decision->steps[i];
        const struct step_told told = {step->act, &step->item, step->shown};

        report_step(report, &told);
    }
}

void report_removal(struct report *report, const struct removal *removal)
{
    for (size_t i = 0; i < removal->count; i++) {
        const struct removal_step *step = &removal->steps[i];
        struct item item = removal_item(step);
        const struct step_told told = {step->act, &item, bytes_text(&step->shown)};

        report_step(report, &told);
    }
}

int report_finish(struct report *report, const char *command, const char *store, bool dry_run)
{
    json_t *document;

    if (!report->json) {
        if (report->changed == 0) {
            terminal_tell(report->terminal, "%s: nothing to do\n", store);
        } else if (dry_run) {
            terminal_tell(report->terminal, "%s: nothing was changed (--dry-run)\n", store);
        } else {
            terminal_tell(report->terminal, "%s: done\n", store);
        }
        return 0;
    }
    document = json_document("mtlskit.steps/1");
    if (report->steps == NULL && !report->failed) {
        report->steps = json_array();
    }
    if (report->failed || json_put(document, "command", json_string(command)) != 0 ||
        json_put(document, "store", json_printable(slice_of_text(store))) != 0 ||
        json_put(document, "dry_run", json_boolean(dry_run)) != 0 ||
        json_put(document, "steps", json_incref(report->steps)) != 0) {
        json_decref(document);
        return -1;
    }
    return json_print(report->terminal, document);
}

void report_free(struct report *report)
{
    json_decref(report->steps);
    report->steps = NULL;
}
