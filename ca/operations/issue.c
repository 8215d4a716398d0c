/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issue: an order becomes an entry, the entry a step of the crew.
 */
#include "operations/issue.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handout/handout.h"
#include "operations/namesake.h"
#include "operations/room.h"
#include "operations/standing.h"

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
    return found == 0 ? namesake_check(&act->directory, name, faults) : -1;
}

/** What is issued by hand is no authority. */
static int check_profile(const struct order *order, struct faults *faults)
{
    bool authorities = false;

    if (order_looks_for_authorities(order->profile, order->profiles, order->profile_count, &authorities,
                                    faults) != 0) {
        return -1;
    }
    if (authorities) {
        fault_error(faults, NULL, "--profile",
                    "mtls-ca apply makes authorities, mtls-ca sign those of a request",
                    "profile \"%s\" is for authorities", order->profile);
        return -1;
    }
    return 0;
}

/** The order as a manifest. What is wrong with its profile is looked for where something is, and then told alone, of --profile. */
static struct manifest *read_order(const struct context *context, const struct order *order,
                                   struct faults *faults)
{
    struct faults *told = faults_new();
    struct manifest *manifest;

    if (told == NULL) {
        fault_memory(faults);
        return NULL;
    }
    manifest = order_read(context, order, told);
    if (manifest != NULL || check_profile(order, faults) == 0) {
        faults_move(faults, told);
    }
    faults_free(told);
    return manifest;
}

/** A new key and every output of @p entry. */
static struct plan_step entry_step(const struct entry *entry)
{
    return (struct plan_step){
        .action = PLAN_CREATE,
        .name = entry->name,
        .entry = entry,
        .new_key = true,
        .outputs = plan_outputs(entry, true),
    };
}

/** Makes @p entry, which is all of its manifest. */
static int issue_entry(struct act *act, const struct standing *standing, const struct entry *entry,
                       struct faults *faults)
{
    const struct plan_step step = entry_step(entry);

    if (name_is_free(act, entry->name, faults) != 0 ||
        room_check(&act->directory, act->context, entry, plan_outputs(entry, true), faults) != 0 ||
        standing_check_issuers(entry, false, faults) != 0 ||
        standing_check_names(standing, entry, faults) != 0 || act_foresee(act, &step, faults) != 0 ||
        act_take(act, &step, faults) != 0) {
        return -1;
    }
    return act_flush(act, faults);
}

/* ---- a table -------------------------------------------------------------------------------------------------------- */

/** Complaints about the rows of one table. */
#define COMPLAINTS_MAX 20

/** What issuing the rows of a table holds. */
struct issuing {
    struct act act;
    struct standing *standing;
    const struct entry *issuer;
    bool hands_out;
    struct manifest *manifest;
    int (*told)(void *state, const struct ledger_certificate *made);
    void *state;
    struct issue_count *count;
    struct faults *faults;
    const struct entry *batch[ACT_BATCH]; /* kept until it is told */
    size_t pending;
};

/** Whether the name was issued by hand: 1, and it is left alone; 0 it is free; -1 another's, or a fault. */
static int row_stands(const struct issuing *issuing, const struct entry *entry)
{
    struct ledger_certificate row = {0};
    int found = ledger_find_certificate(issuing->act.directory.ledger, entry->name, &row, issuing->faults);

    if (found == 1 && (row.manifest[0] != '\0' || row.authority)) {
        entry_error(issuing->faults, entry, NULL, "the name is taken in %s by %s",
                    issuing->act.directory.path, row.authority ? "an authority" : "a manifest's certificate");
        found = -1;
    }
    ledger_certificate_free(&row);
    return found == 0 && namesake_check(&issuing->act.directory, entry->name, issuing->faults) != 0 ? -1
                                                                                                    : found;
}

/** The next certificate of the order, with the issuer that stands; NULL at the end. */
static const struct entry *next_row(const struct issuing *issuing, struct manifest_cursor *cursor)
{
    const struct entry *entry;

    do {
        entry = manifest_next(cursor);
    } while (entry != NULL && entry->kind == ENTRY_AUTHORITY);
    if (entry != NULL) {
        entry_issued_by(entry, issuing->issuer);
    } else if (cursor->failed) {
        fault_memory(issuing->faults);
    }
    return entry;
}

/** Whether the row's certificate is revoked: then it is not handed out. */
static int is_revoked(void *state, const struct entry *entry, struct faults *faults)
{
    struct issuing *issuing = state;
    struct ledger_certificate row = {0};
    struct ledger_revocation revocation = {0};
    int found = entry->kind == ENTRY_CERTIFICATE
                    ? ledger_find_certificate(issuing->act.directory.ledger, entry->name, &row, faults)
                    : 0;

    if (found == 1) {
        found = ledger_find_revocation(issuing->act.directory.ledger, row.id, &revocation, faults);
    }
    ledger_revocation_free(&revocation);
    ledger_certificate_free(&row);
    return found;
}

/** Whether all that is to be handed out of a row that was issued before is there. */
static int check_standing(const struct issuing *issuing, const struct entry *entry)
{
    struct bytes path = BYTES_EMPTY;
    struct output output;
    int status = is_revoked((void *)issuing, entry, issuing->faults);

    for (size_t i = 0; status == 0 && i < entry_output_count(entry); i++) {
        bytes_clear(&path);
        if (entry_output_at(entry, i, &output, &path) != 0) {
            fault_memory(issuing->faults);
            status = -1;
        } else if (faccessat(issuing->act.directory.folder, bytes_text(&path), R_OK, 0) != 0) {
            entry_error(issuing->faults, entry, "without --out, or with the options it was issued with",
                        "it was issued before, and %s/%s, which would be handed out, is not there",
                        issuing->act.directory.path, bytes_text(&path));
            status = -1;
        }
    }
    bytes_free(&path);
    return status < 0 ? -1 : 0;
}

/** Every row, before anything is made. */
static int check_rows(struct issuing *issuing)
{
    struct manifest_cursor cursor = manifest_entries(issuing->manifest);
    size_t before = faults_errors(issuing->faults);
    const struct entry *entry;

    while (faults_errors(issuing->faults) - before < COMPLAINTS_MAX &&
           (entry = next_row(issuing, &cursor)) != NULL) {
        const struct plan_step step = entry_step(entry);
        int stands = row_stands(issuing, entry);

        issuing->count->rows++;
        if (stands == 1) {
            issuing->count->standing++;
            (void)!(issuing->hands_out && check_standing(issuing, entry) == 0);
        } else if (stands == 0) {
            /* what is wrong is told, and the walk goes on */
            (void)!(room_check(&issuing->act.directory, issuing->act.context, entry,
                               plan_outputs(entry, true), issuing->faults) == 0 &&
                    standing_check_issuers(entry, false, issuing->faults) == 0 &&
                    standing_check_names(issuing->standing, entry, issuing->faults) == 0 &&
                    act_foresee(&issuing->act, &step, issuing->faults) == 0);
        }
    }
    return faults_errors(issuing->faults) == before ? 0 : -1;
}

/** Makes the batch and tells what came of it. */
static int make_batch(struct issuing *issuing)
{
    struct ledger_certificate made = {0};
    int status = act_flush(&issuing->act, issuing->faults);
    size_t i;

    for (i = 0; i < issuing->pending; i++) {
        /* a run that is to stop leaves some out */
        if (status == 0 && ledger_find_certificate(issuing->act.directory.ledger, issuing->batch[i]->name,
                                                   &made, issuing->faults) == 1) {
            issuing->count->made++;
            status = issuing->told != NULL ? issuing->told(issuing->state, &made) : 0;
        }
        ledger_certificate_free(&made);
        entry_release(issuing->batch[i]);
    }
    issuing->pending = 0;
    return status;
}

static int make_rows(struct issuing *issuing)
{
    struct manifest_cursor cursor = manifest_entries(issuing->manifest);
    const struct entry *entry;
    int status = 0;

    issuing->act.total = issuing->count->rows - issuing->count->standing;
    act_expect(&issuing->act, issuing->act.total);
    while (status == 0 && !act_is_stopping(&issuing->act) && (entry = next_row(issuing, &cursor)) != NULL) {
        const struct plan_step step = entry_step(entry);
        int stands = row_stands(issuing, entry);

        if (stands == 0) {
            status = act_take(&issuing->act, &step, issuing->faults);
            issuing->batch[issuing->pending++] = entry_keep(entry);
        }
        if (stands < 0 || ((issuing->pending == ACT_BATCH || act_full(&issuing->act)) && status == 0 &&
                           make_batch(issuing) != 0)) {
            status = -1;
        }
    }
    if (status == 0 && !act_is_stopping(&issuing->act)) {
        status = make_batch(issuing);
    }
    if (status == 0 && issuing->count->made < issuing->act.total) {
        fault_error(issuing->faults, NULL, NULL, "the same command goes on from there",
                    "interrupted: %zu of %zu certificates are issued", issuing->count->made,
                    issuing->act.total);
        status = -1;
    }
    return status;
}

int issue_each(const struct context *context, const char *directory, const struct order *order,
               const char *issuer_passphrase, const char *out, const struct act_observer *observer,
               int (*told)(void *state, const struct ledger_certificate *made), void *state,
               struct issue_count *count, struct faults *faults)
{
    struct issuing *issuing = calloc(1, sizeof(*issuing));
    struct order whole = *order;
    struct handout_sink *handout = NULL;
    int status = -1;

    memset(count, 0, sizeof(*count));
    if (issuing == NULL) {
        fault_memory(faults);
        return -1;
    }
    issuing->act = ACT_EMPTY;
    issuing->told = told;
    issuing->state = state;
    issuing->count = count;
    issuing->faults = faults;
    if (act_open(&issuing->act, context, directory, observer, faults) != 0 ||
        (issuing->standing = standing_new(&issuing->act.directory, issuer_passphrase, faults)) == NULL ||
        (issuing->issuer = standing_authority(issuing->standing, order->issuer, faults)) == NULL) {
        goto out;
    }
    if (out != NULL && (handout = handout_open(context, out, false, faults)) == NULL) {
        goto out;
    }
    issuing->hands_out = handout != NULL;
    whole.issuer = issuing->issuer->name;
    issuing->manifest = read_order(context, &whole, faults);
    if (issuing->manifest != NULL && check_rows(issuing) == 0) {
        status = make_rows(issuing);
    }
    if (status == 0 && handout != NULL) {
        const struct handout_filter filter = {is_revoked, issuing};

        status = handout_write(handout, issuing->manifest, issuing->act.directory.folder, &filter,
                               &count->handed_out, faults);
    }
out:
    handout_close(handout);
    act_close(&issuing->act);
    while (issuing->pending > 0) {
        entry_release(issuing->batch[--issuing->pending]);
    }
    manifest_free(issuing->manifest);
    standing_free(issuing->standing);
    free(issuing);
    return status;
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
    manifest = read_order(context, &whole, faults);
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
