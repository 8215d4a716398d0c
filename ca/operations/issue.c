/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issue: an order becomes an entry, the entry a step of the crew.
 */
#include "operations/issue.h"

#include <string.h>

#include "base/file_stamp.h"
#include "operations/standing.h"

/** Every output of @p entry: none may be there, unless a run that was cut off left it. */
static int outputs_are_free(const struct act *act, const struct entry *entry, struct faults *faults)
{
    struct ledger_certificate cut_off = {0};
    struct bytes path = BYTES_EMPTY;
    struct file_stamp stamp;
    struct output output;
    const char *why = NULL;
    size_t i;
    int found = ledger_find_intent(act->directory.ledger, entry->name, &cut_off, faults);
    int status = found < 0 ? -1 : 0;

    for (i = 0; found == 0 && status == 0 && i < entry_output_count(entry); i++) {
        bytes_clear(&path);
        if (entry_output_at(entry, i, &output, &path) != 0) {
            fault_memory(faults);
            status = -1;
        } else if (file_stamp_read(act->directory.folder, bytes_text(&path), &stamp, &why) != 0) {
            fault_error(faults, NULL, NULL, "move it away, or choose another name", "%s/%s is there already",
                        act->directory.path, bytes_text(&path));
            status = -1;
        }
    }
    ledger_certificate_free(&cut_off);
    bytes_free(&path);
    return status;
}

/** The name must be new to the ledger. */
static int name_is_free(const struct act *act, const char *name, struct faults *faults)
{
    struct ledger_certificate row = {0};
    int found = ledger_find_certificate(act->directory.ledger, name, &row, faults);

    if (found == 1) {
        fault_error(faults, NULL, NULL, "mtls-ca renew makes it again; mtls-ca show tells what it is",
                    "%s: \"%s\" was issued already", act->directory.path, name);
    }
    ledger_certificate_free(&row);
    return found == 0 ? 0 : -1;
}

/** Makes @p entry, which is all of its manifest. */
static int issue_entry(struct act *act, const struct standing *standing, const struct entry *entry,
                       struct faults *faults)
{
    struct plan_step step = {
        .action = PLAN_CREATE,
        .name = entry->name,
        .entry = entry,
        .new_key = true,
        .outputs = (UINT64_C(1) << entry_output_count(entry)) - 1,
    };

    if (name_is_free(act, entry->name, faults) != 0 || outputs_are_free(act, entry, faults) != 0 ||
        standing_check_names(standing, entry, faults) != 0 || act_foresee(act, &step, faults) != 0 ||
        act_take(act, &step, faults) != 0) {
        return -1;
    }
    return act_flush(act, faults);
}

int issue_run(const struct context *context, const char *directory, const struct order *order,
              const char *issuer_passphrase, const struct act_observer *observer,
              struct ledger_certificate *made, struct faults *faults)
{
    struct act act = ACT_EMPTY;
    struct order whole = *order;
    struct standing *standing = NULL;
    struct manifest *manifest = NULL;
    const struct entry *issuer;
    struct entry entry;
    int status = -1;

    memset(made, 0, sizeof(*made));
    if (act_open(&act, context, directory, observer, faults) != 0 ||
        (standing = standing_new(&act.directory, issuer_passphrase, faults)) == NULL ||
        (issuer = standing_authority(standing, order->issuer, faults)) == NULL) {
        goto out;
    }
    whole.issuer = issuer->name;
    manifest = order_read(context, &whole, faults);
    if (manifest == NULL) {
        goto out;
    }
    /* in the order's manifest the issuer is a name; here is who bears it */
    entry = *manifest_find(manifest, order->items[0].name);
    entry.issuer = issuer;
    if (issue_entry(&act, standing, &entry, faults) == 0 &&
        ledger_find_certificate(act.directory.ledger, entry.name, made, faults) == 1) {
        status = 0;
    }
out:
    act_close(&act);
    manifest_free(manifest);
    standing_free(standing);
    return status;
}
