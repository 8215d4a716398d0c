/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renew: rows of the ledger become steps that issue them again.
 */
#include "operations/renew.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "issuing/lost_keys.h"
#include "ledger/ledger_directory.h"
#include "operations/standing.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/key.h"

/** How far before now a renewed certificate begins, for clocks that are behind; it is part of its life. */
#define BACKDATE_SECONDS 300

/** One certificate on its way. */
struct renewal {
    struct ledger_certificate row;
    struct plan_facets facets;
    struct entry entry;
    bool stale; /**< files hold the old one and cannot be written here */
};

struct renewing {
    const struct context *context;
    const struct renew_order *order;
    struct faults *faults;
    struct act act;
    struct standing *standing;
    struct lost_keys *lost;
    struct renewal **renewals;
    size_t count;
};

/* ---- which ---------------------------------------------------------------------------------------------------------- */

static int renewal_add(struct renewing *renewing, const struct ledger_certificate *row)
{
    struct renewal **grown;
    struct renewal *renewal;
    size_t i;

    for (i = 0; i < renewing->count; i++) {
        if (renewing->renewals[i]->row.id == row->id) {
            return 0;
        }
    }
    grown = realloc(renewing->renewals, (renewing->count + 1) * sizeof(struct renewal *));
    if (grown == NULL) {
        return -1;
    }
    renewing->renewals = grown;
    renewal = calloc(1, sizeof(*renewal));
    if (renewal == NULL) {
        return -1;
    }
    grown[renewing->count++] = renewal;
    return ledger_certificate_copy(&renewal->row, row);
}

/** Whether the ledger knows a key file of the entry: else its key is elsewhere. */
static int note_key(void *state, const struct ledger_output *output)
{
    bool *has_key = state;

    *has_key = *has_key || output->kind == (int)OUTPUT_KEY;
    return 0;
}

/**
 * Whether the key that lies beside it is another than the certificate's, which would be of no use to anybody: a run that was cut short may have
 * changed the key. One that is gone went to where it is used, and one that is locked does not show whose it is. 1, 0, -1 with a fault.
 */
static int has_other_key(const struct renewing *renewing, const struct ledger_certificate *row)
{
    struct faults *unused = faults_new();
    struct bytes path = BYTES_EMPTY, content = BYTES_EMPTY;
    struct digest spki;
    struct key *key = NULL;
    bool kept = false;
    int status = -1;

    if (unused == NULL || bytes_printf(&path, "%s.key", row->name) != 0) {
        fault_memory(renewing->faults);
        goto out;
    }
    if (ledger_each_output(renewing->act.directory.ledger, row->name, note_key, &kept, renewing->faults) !=
        0) {
        goto out;
    }
    status = 0;
    if (!kept ||
        file_read(renewing->act.directory.folder, bytes_text(&path), FILE_LIMIT_KEY, &content, unused) != 0 ||
        key_is_encrypted(slice_of(&content))) {
        goto out;
    }
    key = key_read(renewing->context, slice_of(&content), NULL, bytes_text(&path), unused);
    status = key != NULL && key_spki_digest(renewing->context, key, &spki, unused) == 0 &&
                     digest_equal(&spki, &row->spki)
                 ? 0
                 : 1;
out:
    key_free(key);
    faults_free(unused);
    bytes_free(&path);
    bytes_free(&content);
    return status;
}

/** The name of a certificate that was revoked because the key of @p row was lost, or NULL. */
static const char *lost_name(const struct renewing *renewing, const struct ledger_certificate *row)
{
    struct certificate_view view;

    return certificate_view_read(slice_of(&row->der), &view) == 0 ? lost_keys_find(renewing->lost, view.spki)
                                                                  : NULL;
}

/**
 * Keeps those that are to go on: what was withdrawn, or stands under an authority that was, must not keep the others from being
 * renewed.
 */
static int take_expiring(void *state, const struct ledger_certificate *row)
{
    struct renewing *renewing = state;
    struct ledger_revocation revocation = {0};
    const struct entry *issuer;
    int found;

    if (row->authority) {
        return 0;
    }
    found = ledger_find_revocation(renewing->act.directory.ledger, row->id, &revocation, renewing->faults);
    ledger_revocation_free(&revocation);
    if (found != 0) {
        return found < 0 ? -1 : 0;
    }
    if (row->adopted) {
        fault_warning(renewing->faults, NULL, row->name, "mtls-ca csr asks its issuer for another",
                      "it ends soon, and cannot be renewed here: it was issued elsewhere");
        return 0;
    }
    issuer = standing_generation(renewing->standing, row->generation, renewing->faults);
    if (issuer == NULL) {
        return -1;
    }
    if (issuer->ephemeral || standing_is_revoked(issuer)) {
        fault_warning(renewing->faults, NULL, row->name, NULL, "it ends soon, and cannot be renewed: %s %s",
                      issuer->name, issuer->ephemeral ? "had an ephemeral key" : "is revoked");
        return 0;
    }
    if (!renewing->order->new_key && lost_name(renewing, row) != NULL) {
        fault_warning(renewing->faults, NULL, row->name, "mtls-ca renew NAME --new-key makes another",
                      "it ends soon, and is not renewed: its key is lost");
        return 0;
    }
    found = renewing->order->new_key ? 0 : has_other_key(renewing, row);
    if (found == 1) {
        fault_warning(renewing->faults, NULL, row->name, "mtls-ca renew NAME --new-key makes both anew",
                      "it ends soon, and is not renewed: %s.key is not the key of its certificate",
                      row->name);
    }
    return found == 0 ? renewal_add(renewing, row) : found < 0 ? -1 : 0;
}

/** The one of a serial that stands. */
static int take_serial(void *state, const struct ledger_certificate *row)
{
    struct ledger_certificate *found = state;

    if (row->state == LEDGER_INTENDED || found->id != 0) {
        return 0;
    }
    return ledger_certificate_copy(found, row);
}

static int find_one(struct renewing *renewing, const char *text)
{
    struct ledger_certificate row = {0};
    struct bytes serial = BYTES_EMPTY;
    int found = ledger_find_certificate(renewing->act.directory.ledger, text, &row, renewing->faults);
    int status = -1;

    if (found == 0 && serial_parse(text, &serial) == 0) {
        found = ledger_each_of_serial(renewing->act.directory.ledger, serial_magnitude(slice_of(&serial)),
                                      true, take_serial, &row, renewing->faults);
        found = found == 0 && row.id != 0 ? 1 : found;
    }
    if (found == 1 && row.state == LEDGER_REPLACED) {
        fault_error(renewing->faults, NULL, NULL, NULL,
                    "%s: a newer certificate stands in its place: renew \"%s\"", text, row.name);
    } else if (found == 1) {
        status = renewal_add(renewing, &row);
    } else if (found == 0) {
        fault_error(renewing->faults, NULL, NULL, "mtls-ca list tells what there is",
                    "%s: there is no certificate \"%s\"", renewing->act.directory.path, text);
    }
    ledger_certificate_free(&row);
    bytes_free(&serial);
    return status;
}

static int find_all(struct renewing *renewing)
{
    const struct renew_order *order = renewing->order;
    size_t before = faults_errors(renewing->faults);
    size_t i;

    for (i = 0; i < order->count; i++) {
        if (find_one(renewing, order->names[i]) != 0 && faults_errors(renewing->faults) == before) {
            return -1;
        }
    }
    if (order->expiring) {
        const struct ledger_filter filter = {
            .expiring = true, .expiring_before = instant_add(context_now(renewing->context), &order->within)};

        if (ledger_each_certificate(renewing->act.directory.ledger, &filter, true, take_expiring, renewing,
                                    renewing->faults) != 0) {
            return -1;
        }
    }
    return faults_errors(renewing->faults) == before ? 0 : -1;
}

/* ---- what ----------------------------------------------------------------------------------------------------------- */

static int note_output(void *state, const struct ledger_output *output)
{
    struct renewal *renewal = state;

    switch ((enum output_kind)output->kind) {
    case OUTPUT_CERTIFICATE:
        renewal->entry.formats |= FORMAT_PEM;
        break;
    case OUTPUT_DER:
        renewal->entry.formats |= FORMAT_DER;
        break;
    case OUTPUT_K8S_SECRET:
    case OUTPUT_BUNDLE:
        renewal->stale = true;
        break;
    default:
        break;
    }
    return 0;
}

/** How long: as told, or as before, the backdated minutes included. */
static void settle_validity(const struct renewing *renewing, struct renewal *renewal)
{
    int64_t life = renewal->row.not_after - renewal->row.not_before;
    struct entry *entry = &renewal->entry;

    entry->backdate.seconds = life > 2 * BACKDATE_SECONDS ? BACKDATE_SECONDS : 0;
    if (renewing->order->validity != NULL) {
        entry->validity.duration = *renewing->order->validity;
    } else {
        entry->validity.duration.seconds = life - entry->backdate.seconds;
    }
}

/** A new key in the place of a locked one is locked, too, in the same way unless another was asked for. */
static int settle_lock(const struct renewing *renewing, struct renewal *renewal)
{
    const struct renew_order *order = renewing->order;
    struct faults *unused = faults_new(); /* a key that cannot be read, or is gone, is none to go by */
    struct bytes path = BYTES_EMPTY, content = BYTES_EMPTY;
    int status = -1;

    if (unused == NULL || bytes_printf(&path, "%s.key", renewal->row.name) != 0) {
        fault_memory(renewing->faults);
        goto out;
    }
    status = 0;
    if (file_read(renewing->act.directory.folder, bytes_text(&path), FILE_LIMIT_KEY, &content, unused) == 0 &&
        key_is_encrypted(slice_of(&content))) {
        renewal->entry.passphrase_kdf = key_kdf_of(slice_of(&content));
        if (order->key_passphrase == NULL) {
            fault_error(renewing->faults, NULL, renewal->row.name, "--key-passphrase locks the new key",
                        "%s is locked, and the new key would not be", bytes_text(&path));
            status = -1;
        }
    }
    if (order->key_kdf != NULL) {
        renewal->entry.passphrase_kdf = *order->key_kdf;
    }
out:
    faults_free(unused);
    bytes_free(&path);
    bytes_free(&content);
    return status;
}

/** A renewed certificate with a new key takes the algorithm of the old one. */
static int settle_key(const struct renewing *renewing, struct renewal *renewal)
{
    struct certificate_view view;
    struct key *key;
    bool has_key = false;
    int other;

    if (!renewing->order->new_key) {
        other = has_other_key(renewing, &renewal->row);
        if (other == 1) {
            fault_error(renewing->faults, NULL, renewal->row.name, "--new-key makes both anew",
                        "%s.key is not the key of its certificate", renewal->row.name);
        }
        return other == 0 ? 0 : -1;
    }
    if (ledger_each_output(renewing->act.directory.ledger, renewal->row.name, note_key, &has_key,
                           renewing->faults) != 0) {
        return -1;
    }
    if (!has_key) {
        fault_error(renewing->faults, NULL, renewal->row.name,
                    "let its holder make one, and sign the request",
                    "its key is not here, so it cannot be made anew");
        return -1;
    }
    if (settle_lock(renewing, renewal) != 0) {
        return -1;
    }
    key = certificate_view_read(slice_of(&renewal->row.der), &view) == 0
              ? key_from_spki(renewing->context, view.spki, renewing->faults)
              : NULL;
    renewal->entry.key = key != NULL ? key_algorithm_of(key) : KEY_NONE;
    key_free(key);
    if (renewal->entry.key == KEY_FOREIGN || renewal->entry.key == KEY_NONE) {
        fault_error(renewing->faults, NULL, renewal->row.name, NULL,
                    "keys of its algorithm are not made here");
        return -1;
    }
    return 0;
}

/** Whether it may be renewed as it is: neither it was revoked, nor any other with its key because that was lost. */
static int check_revoked(const struct renewing *renewing, const struct renewal *renewal)
{
    const char *lost = lost_name(renewing, &renewal->row);
    struct ledger_revocation revocation = {0};
    int found = ledger_find_revocation(renewing->act.directory.ledger, renewal->row.id, &revocation,
                                       renewing->faults);

    if (found < 0) {
        return -1;
    }
    if (!renewing->order->new_key && (found == 1 || (lost != NULL && strcmp(lost, renewal->row.name) == 0))) {
        fault_error(renewing->faults, NULL, renewal->row.name, "--new-key makes another key for it",
                    "it is revoked (%s): its key is not certified again",
                    ledger_reason_name(found == 1 ? revocation.reason : CRL_KEY_COMPROMISE));
    } else if (!renewing->order->new_key && lost != NULL) {
        fault_error(
            renewing->faults, NULL, renewal->row.name, "--new-key makes another key for it",
            "its key is lost, and not certified again: \"%s\", which has it, was revoked because of that",
            lost);
    }
    ledger_revocation_free(&revocation);
    return (found == 0 && lost == NULL) || renewing->order->new_key ? 0 : -1;
}

/** The entry that stands for a row. */
static int settle(struct renewing *renewing, struct renewal *renewal)
{
    struct entry *entry = &renewal->entry;
    const char *passphrase = renewing->order->key_passphrase;
    struct certificate_view view;

    if (renewal->row.authority) {
        fault_error(renewing->faults, NULL, renewal->row.name,
                    "mtls-ca apply --replace-authority does it, with all under it",
                    "an authority is not renewed alone");
        return -1;
    }
    if (renewal->row.adopted) {
        fault_error(renewing->faults, NULL, renewal->row.name,
                    "mtls-ca csr asks for another, and mtls-ca install-certificate takes it in",
                    "it was issued elsewhere: nobody here can renew it");
        return -1;
    }
    entry->kind = ENTRY_CERTIFICATE;
    entry->name = renewal->row.name;
    entry->path_length = -1;
    entry->reuse_key = true;
    entry->issuer = standing_generation(renewing->standing, renewal->row.generation, renewing->faults);
    if (entry->issuer == NULL || certificate_view_read(slice_of(&renewal->row.der), &view) != 0 ||
        bytes_append(&entry->subject, view.subject.data, view.subject.length) != 0 ||
        bytes_append(&entry->names, view.subject_alternative_names.data,
                     view.subject_alternative_names.length) != 0 ||
        ledger_each_output(renewing->act.directory.ledger, renewal->row.name, note_output, renewal,
                           renewing->faults) != 0 ||
        standing_check_issuers(entry, false, renewing->faults) != 0 ||
        standing_check_names(renewing->standing, entry, renewing->faults) != 0 ||
        check_revoked(renewing, renewal) != 0 || settle_key(renewing, renewal) != 0) {
        return -1;
    }
    if (passphrase != NULL && passphrase_spec_parse(passphrase, NULL, "--key-passphrase", &entry->passphrase,
                                                    renewing->faults) != 0) {
        return -1;
    }
    settle_validity(renewing, renewal);
    memcpy(&renewal->facets, &renewal->row.facets, sizeof(renewal->facets));
    return 0;
}

static struct plan_step renewal_step(const struct renewing *renewing, const struct renewal *renewal)
{
    struct plan_step step = {
        .action = PLAN_RENEW,
        .name = renewal->entry.name,
        .entry = &renewal->entry,
        .new_key = renewing->order->new_key,
        .renews = slice_of(&renewal->row.der),
        .facets = &renewal->facets,
        .renewed_request = renewing->order->new_key ? NULL : &renewal->row.request,
    };

    step.outputs = plan_outputs(&renewal->entry, step.new_key);
    return step;
}

/* ---- doing ---------------------------------------------------------------------------------------------------------- */

static int tell_one(const struct renewing *renewing, const struct renewal *renewal, renewed_fn told,
                    void *state)
{
    struct ledger_certificate row = {0};
    int status = -1;

    if (ledger_find_certificate(renewing->act.directory.ledger, renewal->entry.name, &row,
                                renewing->faults) == 1) {
        status = told(state, &row);
    }
    if (renewal->stale) {
        fault_warning(renewing->faults, NULL, renewal->entry.name,
                      renewal->row.manifest[0] != '\0' ? "mtls-ca apply writes them"
                                                       : "mtls-ca bundle writes one",
                      "its bundles still hold the certificate before");
    }
    ledger_certificate_free(&row);
    return status;
}

/** Renews @p count from @p first on: all of one owner, with one barrier. */
static int batch_renew(struct renewing *renewing, size_t first, size_t count, renewed_fn told, void *state)
{
    size_t i;

    if (act_own(&renewing->act, renewing->renewals[first]->row.manifest, renewing->faults) != 0) {
        return -1;
    }
    for (i = first; i < first + count; i++) {
        struct plan_step step = renewal_step(renewing, renewing->renewals[i]);

        if (act_take(&renewing->act, &step, renewing->faults) != 0) {
            return -1;
        }
    }
    if (act_flush(&renewing->act, renewing->faults) != 0) {
        return -1;
    }
    for (i = first; i < first + count; i++) {
        if (tell_one(renewing, renewing->renewals[i], told, state) != 0) {
            return -1;
        }
    }
    return 0;
}

static int all_renew(struct renewing *renewing, renewed_fn told, void *state)
{
    const struct act_observer *observer = renewing->act.observer;
    size_t first = 0;
    size_t i;

    for (i = 0; i < renewing->count; i++) {
        struct plan_step step;

        if (settle(renewing, renewing->renewals[i]) != 0) {
            continue;
        }
        step = renewal_step(renewing, renewing->renewals[i]);
        if (faults_errors(renewing->faults) == 0 &&
            act_foresee(&renewing->act, &step, renewing->faults) != 0) {
            return -1;
        }
    }
    if (faults_errors(renewing->faults) > 0) {
        return -1;
    }
    while (first < renewing->count) {
        const char *owner = renewing->renewals[first]->row.manifest;
        size_t count = 1;

        while (first + count < renewing->count && count < ACT_BATCH &&
               strcmp(renewing->renewals[first + count]->row.manifest, owner) == 0) {
            count++;
        }
        if (batch_renew(renewing, first, count, told, state) != 0) {
            return -1;
        }
        first += count;
        if (observer != NULL && observer->progress != NULL) {
            observer->progress(observer->state, first, renewing->count);
        }
    }
    return 0;
}

static void renewal_free(struct renewal *renewal)
{
    bytes_free(&renewal->entry.subject);
    bytes_free(&renewal->entry.names);
    passphrase_spec_free(&renewal->entry.passphrase);
    ledger_certificate_free(&renewal->row);
    free(renewal);
}

int renew_run(const struct context *context, const char *directory, const struct renew_order *order,
              const struct act_observer *observer, renewed_fn told, void *state, struct faults *faults)
{
    struct renewing renewing = {.context = context, .order = order, .faults = faults, .act = ACT_EMPTY};
    size_t i;
    int status = -1;

    if (act_open(&renewing.act, context, directory, observer, faults) == 0 &&
        (renewing.standing = standing_new(&renewing.act.directory, order->issuer_passphrase, faults)) !=
            NULL &&
        (renewing.lost = lost_keys_read(context, renewing.act.directory.ledger, faults)) != NULL) {
        if (find_all(&renewing) == 0) {
            status = all_renew(&renewing, told, state);
        } else if (faults_errors(faults) == 0) {
            fault_memory(faults);
        }
    }
    act_close(&renewing.act);
    standing_free(renewing.standing);
    lost_keys_free(renewing.lost);
    for (i = 0; i < renewing.count; i++) {
        renewal_free(renewing.renewals[i]);
    }
    free(renewing.renewals);
    return status;
}
