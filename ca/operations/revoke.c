/* SPDX-License-Identifier: Apache-2.0 */
/* Revoke: all references are found first, then one group of the ledger takes them in, then the lists are written. */
#include "operations/revoke.h"

#include <stdlib.h>
#include <string.h>

#include "issuing/settings.h"
#include "issuing/settled.h"
#include "ledger/ledger_directory.h"
#include "operations/reference.h"
#include "operations/standing.h"
#include "x509/certificate.h"
#include "x509/name.h"

struct target {
    struct ledger_certificate certificate;
    struct ledger_revocation revocation;
    char issuer[256];
    bool current; /* its issuer has the same key still */
    bool unlisted;
    bool stands; /* it was revoked so before, and is to be put on the list alone */
};

struct revoking {
    const struct context *context;
    const struct revoke_order *order;
    struct faults *faults;
    struct directory directory;
    struct target *targets;
    size_t count;
    int64_t *generations; /* of their issuers, each once */
    size_t generation_count;
};

/* ---- which ------------------------------------------------------------------------------------------------------- */

static int name_issuer(void *state, const struct ledger_generation *generation)
{
    struct target *target = state;

    if (generation->id != target->certificate.generation) {
        return 0;
    }
    memcpy(target->issuer, generation->name, sizeof(target->issuer));
    target->current = generation->current;
    return 1;
}

/* An authority no other one here signed, a root or one whose issuer is elsewhere; or another certificate of elsewhere. */
static void tell_not_ours(const struct ledger_certificate *certificate, struct faults *faults)
{
    struct certificate_view view;
    struct bytes issuer = BYTES_EMPTY;
    struct bytes hint = BYTES_EMPTY;

    if (certificate_view_read(slice_of(&certificate->der), &view) != 0 ||
        slice_equal(view.subject, view.issuer)) {
        fault_error(
            faults, NULL, certificate->name,
            "take it out of the stores that trust it; mtls-ca apply --replace-authority makes another",
            "a root is its own issuer: no list of its own can revoke it");
    } else if (name_format(view.issuer, &issuer) != 0 ||
               bytes_append_text(&hint, "ask there, for serial ") != 0 ||
               bytes_append_hex(&hint, slice_of(&certificate->serial), 0) != 0) {
        fault_memory(faults);
    } else {
        fault_error(faults, NULL, certificate->name, bytes_text(&hint),
                    "its issuer is elsewhere: only %s can revoke it, and no list made here",
                    bytes_text(&issuer));
    }
    bytes_free(&issuer);
    bytes_free(&hint);
}

/* What an ephemeral authority issued can be revoked, but no list will say so. */
static int note_unlisted(const struct revoking *revoking, struct target *target)
{
    struct ledger_authority settings = {0};
    struct ledger *ledger = revoking->directory.ledger;
    int found = target->current ? ledger_find_authority(ledger, target->issuer, &settings, revoking->faults)
                                : ledger_find_kept_key(ledger, target->certificate.generation, &settings,
                                                       revoking->faults);

    target->unlisted = found == 1 && strcmp(settings.key, SETTINGS_EPHEMERAL) == 0;
    if (target->unlisted && !revoking->order->lists) {
        fault_warning(revoking->faults, NULL, target->certificate.name,
                      "mtls-ca apply --replace-authority makes a new authority, and all under it anew",
                      "no list will tell of it: the key of %s was ephemeral and is gone", target->issuer);
    }
    return found < 0 ? -1 : 0;
}

/* Whether the order asks for what was recorded, and for the lists: a run that was cut short before those is gone on with. */
static bool is_finished_by(const struct revoke_order *order, const struct ledger_revocation *revocation)
{
    return order->lists && !revocation->dropped && (int)order->reason == revocation->reason &&
           (order->date == NULL || *order->date == revocation->revoked) &&
           (order->invalidity == NULL || *order->invalidity == revocation->invalidity);
}

static void tell_standing(const struct revoking *revoking, const struct target *target,
                          const struct ledger_revocation *revocation)
{
    struct bytes since = BYTES_EMPTY;
    const char *when = instant_format(revocation->revoked, &since) == 0 ? bytes_text(&since) : "?";
    const char *why = crl_reason_text(revocation->reason);

    if (target->stands) {
        fault_warning(revoking->faults, NULL, target->certificate.name, NULL,
                      "it is revoked already, since %s (%s): its list is to be written", when, why);
    } else {
        fault_error(revoking->faults, NULL, target->certificate.name, "mtls-ca crl writes the list it is on",
                    "it is revoked already, since %s (%s)", when, why);
    }
    bytes_free(&since);
}

/* Whether it may be revoked for what the order says, or released. */
static int check(const struct revoking *revoking, struct target *target)
{
    const struct ledger_certificate *certificate = &target->certificate;
    struct ledger_revocation revocation = {0};
    bool release = revoking->order->release;
    int found;
    bool held;

    if (certificate->authority ? certificate->own_generation == certificate->generation
                               : certificate->adopted) {
        tell_not_ours(certificate, revoking->faults);
        return -1;
    }
    if (ledger_each_generation(revoking->directory.ledger, NULL, name_issuer, target, revoking->faults) !=
        1) {
        return -1;
    }
    found =
        ledger_find_revocation(revoking->directory.ledger, certificate->id, &revocation, revoking->faults);
    held = found == 1 && revocation.reason == CRL_CERTIFICATE_HOLD;
    if (release && found == 0) {
        fault_error(revoking->faults, NULL, certificate->name, NULL, "it is not revoked");
    } else if (release && found == 1 && !held) {
        fault_error(revoking->faults, NULL, certificate->name, "mtls-ca renew --new-key issues it anew",
                    "it is revoked for good (%s): only a hold can be lifted",
                    crl_reason_text(revocation.reason));
    } else if (!release && found == 1 && (!held || revoking->order->reason == CRL_CERTIFICATE_HOLD)) {
        target->stands = is_finished_by(revoking->order, &revocation);
        tell_standing(revoking, target, &revocation);
    }
    if (target->stands) {
        target->revocation = revocation;
    } else {
        ledger_revocation_free(&revocation);
    }
    if (certificate->authority && certificate->state == LEDGER_INTENDED && !release) {
        fault_warning(revoking->faults, NULL, certificate->name,
                      "remove it, or mtls-ca apply --replace-authority, which makes another",
                      "its key may be in %s.key still, and no run goes on with it", certificate->name);
    }
    return note_unlisted(revoking, target);
}

static void note_generation(struct revoking *revoking, int64_t generation)
{
    for (size_t i = 0; i < revoking->generation_count; i++) {
        if (revoking->generations[i] == generation) {
            return;
        }
    }
    revoking->generations[revoking->generation_count++] = generation;
}

static bool is_target(const struct revoking *revoking, int64_t id)
{
    for (size_t i = 0; i < revoking->count; i++) {
        if (revoking->targets[i].certificate.id == id) {
            return true;
        }
    }
    return false;
}

static int find_all(struct revoking *revoking)
{
    const struct revoke_order *order = revoking->order;
    size_t before = faults_errors(revoking->faults);

    revoking->targets = calloc(order->count + 1, sizeof(*revoking->targets));
    revoking->generations = calloc(order->count + 1, sizeof(*revoking->generations));
    if (revoking->targets == NULL || revoking->generations == NULL) {
        fault_memory(revoking->faults);
        return -1;
    }
    for (size_t i = 0; i < order->count; i++) {
        struct target *target = &revoking->targets[revoking->count];

        if (reference_find(revoking->context, &revoking->directory, order->references[i],
                           &target->certificate, revoking->faults) != 0) {
            continue;
        }
        /* a reference before it may have meant the same one */
        if (is_target(revoking, target->certificate.id)) {
            ledger_certificate_free(&target->certificate);
            memset(target, 0, sizeof(*target));
            continue;
        }
        revoking->count += 1;
        if (check(revoking, target) == 0) {
            note_generation(revoking, target->certificate.generation);
        }
    }
    return faults_errors(revoking->faults) == before ? 0 : -1;
}

/* ---- others of the name ------------------------------------------------------------------------------------------- */

struct key_search {
    const struct revoking *revoking;
    const struct target *target;
};

/* Whether @p row is neither revoked nor to be, and its serial then. 1, 0, -1 with a fault. */
static int stays_good(const struct revoking *revoking, const struct ledger_certificate *row,
                      struct bytes *serial)
{
    struct ledger_revocation revocation = {0};
    int found = is_target(revoking, row->id) ? 1
                                             : ledger_find_revocation(revoking->directory.ledger, row->id,
                                                                      &revocation, revoking->faults);

    ledger_revocation_free(&revocation);
    if (found == 0 && bytes_append_hex(serial, slice_of(&row->serial), 0) != 0) {
        fault_memory(revoking->faults);
        found = -1;
    }
    return found == 0 ? 1 : found < 0 ? -1 : 0;
}

/* One that was begun after the target may be what its files hold. */
static int take_begun(void *state, const struct ledger_certificate *row)
{
    const struct key_search *search = state;
    struct faults *faults = search->revoking->faults;
    struct bytes serial = BYTES_EMPTY;
    int good = row->state == LEDGER_INTENDED && row->id > search->target->certificate.id
                   ? stays_good(search->revoking, row, &serial)
                   : 0;

    if (good == 1) {
        fault_warning(faults, NULL, row->name,
                      "if its file has that serial: mtls-ca revoke takes the serial, or the file",
                      "a run that was cut short began another certificate of that name (serial %s)",
                      bytes_text(&serial));
    }
    bytes_free(&serial);
    return good < 0 ? -1 : 0;
}

static int take_same_key(void *state, const struct ledger_certificate *row)
{
    const struct key_search *search = state;
    struct faults *faults = search->revoking->faults;
    struct bytes serial = BYTES_EMPTY;
    int good = digest_equal(&row->spki, &search->target->certificate.spki) &&
                       row->not_after >= context_now(search->revoking->context)
                   ? stays_good(search->revoking, row, &serial)
                   : 0;

    if (good == 1) {
        fault_warning(faults, NULL, row->name, "mtls-ca revoke takes the serial",
                      "another certificate of that name%s has the same key, and stays good: serial %s",
                      row->state == LEDGER_INTENDED ? ", begun by a run that was cut short," : "",
                      bytes_text(&serial));
    }
    bytes_free(&serial);
    return good < 0 ? -1 : 0;
}

/* A key that was lost is lost for all certificates of it: those that renewing, or a run that was cut short, left valid are told of. */
static int tell_others(const struct revoking *revoking)
{
    bool lost = revoking->order->reason == CRL_KEY_COMPROMISE || revoking->order->reason == CRL_CA_COMPROMISE;
    int status = 0;

    for (size_t i = 0; i < revoking->count && status == 0 && !revoking->order->release; i++) {
        struct key_search search = {revoking, &revoking->targets[i]};

        status = ledger_each_of_name(revoking->directory.ledger, search.target->certificate.name, false,
                                     lost ? take_same_key : take_begun, &search, revoking->faults);
    }
    return status;
}

/* ---- doing ------------------------------------------------------------------------------------------------------- */

static int put(struct revoking *revoking, struct target *target, instant now)
{
    const struct revoke_order *order = revoking->order;

    if (target->stands) {
        return 0;
    }
    target->revocation.certificate = target->certificate.id;
    if (order->release) {
        return ledger_remove_revocation(revoking->directory.ledger, target->certificate.id, revoking->faults);
    }
    target->revocation.revoked = order->date != NULL ? *order->date : now;
    if (target->revocation.revoked < target->certificate.not_before) {
        fault_warning(revoking->faults, NULL, target->certificate.name,
                      "--invalidity-date tells since when it is not to be trusted",
                      "the revocation's date is before the certificate began");
    }
    target->revocation.reason = (int)order->reason;
    target->revocation.invalidity = order->invalidity != NULL ? *order->invalidity : LEDGER_NEVER;
    return ledger_put_revocation(revoking->directory.ledger, &target->revocation, NULL, revoking->faults);
}

static int put_all(struct revoking *revoking)
{
    struct ledger *ledger = revoking->directory.ledger;
    instant now = context_now(revoking->context);

    if (ledger_begin(ledger, revoking->faults) != 0) {
        return -1;
    }
    for (size_t i = 0; i < revoking->count; i++) {
        if (put(revoking, &revoking->targets[i], now) != 0) {
            goto undo;
        }
    }
    /* the next run of a manifest has to look, and to say what it thinks of it */
    if (settled_forget(ledger, revoking->faults) != 0) {
        goto undo;
    }
    return ledger_commit(ledger, revoking->faults);
undo:
    ledger_rollback(ledger);
    return -1;
}

static int act(struct revoking *revoking, struct lists *lists, revoked_fn told, lists_fn listed, void *state)
{
    if (put_all(revoking) != 0) {
        return -1;
    }
    for (size_t i = 0; i < revoking->count; i++) {
        const struct target *target = &revoking->targets[i];

        if (told(state, &target->certificate, &target->revocation, target->issuer, !target->unlisted) != 0) {
            return -1;
        }
    }
    return lists != NULL ? lists_write(lists, listed, state, revoking->faults) : 0;
}

int revoke_run(const struct context *context, const char *directory, const struct revoke_order *order,
               revoked_fn told, lists_fn listed, void *state, struct faults *faults)
{
    struct revoking revoking = {
        .context = context, .order = order, .faults = faults, .directory = DIRECTORY_EMPTY};
    struct lists_order list = order->list;
    struct lists *lists = NULL;
    int status = -1;

    if (directory_open(&revoking.directory, directory, DIRECTORY_WRITE, context, faults) != 0 ||
        find_all(&revoking) != 0 || tell_others(&revoking) != 0) {
        goto out;
    }
    list.names = NULL;
    list.count = 0;
    list.generations = revoking.generations;
    list.generation_count = revoking.generation_count;
    if (order->lists && (lists = lists_new(context, &revoking.directory, &list, faults)) == NULL) {
        goto out;
    }
    status = act(&revoking, lists, told, listed, state);
out:
    lists_free(lists);
    for (size_t i = 0; revoking.targets != NULL && i < revoking.count; i++) {
        ledger_certificate_free(&revoking.targets[i].certificate);
        ledger_revocation_free(&revoking.targets[i].revocation);
    }
    free(revoking.targets);
    free(revoking.generations);
    directory_close(&revoking.directory);
    return status;
}
