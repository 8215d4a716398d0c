/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocations: only what was revoked has a row.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ledger/ledger_event.h"

static const char *const reasons[LEDGER_REASON_MAX + 1] = {
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", NULL,
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise",
};

const char *ledger_reason_name(int reason)
{
    return reason >= 0 && reason <= LEDGER_REASON_MAX ? reasons[reason] : NULL;
}

void ledger_revocation_free(struct ledger_revocation *revocation)
{
    if (revocation != NULL) {
        bytes_free(&revocation->serial);
    }
}

int ledger_revocation_hash(struct digester *digester, const struct ledger_revocation *revocation,
                           struct digest *hash)
{
    digester_add_number(digester, revocation->revoked);
    digester_add_number(digester, revocation->reason);
    digester_add_number(digester, revocation->invalidity);
    return digester_final(digester, hash);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static int read_revocation(struct query *query, struct ledger_revocation *revocation)
{
    struct slice serial;

    bytes_clear(&revocation->serial);
    revocation->certificate = query_number(query, 1, INT64_MAX);
    revocation->generation = query_number(query, 1, INT64_MAX);
    serial = query_blob(query, 0, LEDGER_SERIAL_MAX);
    revocation->revoked = query_number(query, INT64_MIN, INT64_MAX);
    revocation->reason = (int)query_number(query, 0, LEDGER_REASON_MAX);
    if (ledger_reason_name(revocation->reason) == NULL) {
        query_refuse_row(query, "reason is none that RFC 5280 knows");
    }
    revocation->invalidity = query_instant_if(query);
    revocation->not_after = query_number(query, INT64_MIN, INT64_MAX);
    revocation->dropped = query_number(query, 0, 1) == 1;
    if (query->failed) {
        return -1;
    }
    if (bytes_append(&revocation->serial, serial.data, serial.length) != 0) {
        fault_memory(query->faults);
        query->failed = true;
        return -1;
    }
    return 0;
}

int ledger_find_revocation(struct ledger *ledger, int64_t id, struct ledger_revocation *revocation,
                           struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_REVOCATION_FIND, faults);

    memset(revocation, 0, sizeof(*revocation));
    if (result == 0) {
        query_put_number(&query, id);
        result = query_step(&query, NULL);
    }
    if (result == 1 && read_revocation(&query, revocation) != 0) {
        result = -1;
    }
    result = query_end(&query, result);
    if (result != 1) {
        ledger_revocation_free(revocation);
    }
    return result;
}

int ledger_each_revocation(struct ledger *ledger, int64_t generation, bool all,
                           int (*each)(void *state, const struct ledger_revocation *revocation), void *state,
                           struct faults *faults)
{
    struct ledger_revocation revocation;
    struct query query;
    int result = query_start(&query, ledger, LEDGER_REVOCATION_EACH, faults);
    int answer = 0;

    memset(&revocation, 0, sizeof(revocation));
    if (result == 0) {
        query_put_number(&query, generation);
        query_put_number(&query, all);
    }
    while (result == 0 && answer == 0) {
        int row = query_step(&query, NULL);

        if (row != 1) {
            result = row;
            break;
        }
        if (read_revocation(&query, &revocation) != 0) {
            break; /* told, and query_end knows */
        }
        answer = each(state, &revocation);
    }
    ledger_revocation_free(&revocation);
    result = query_end(&query, result);
    return result != 0 ? result : answer;
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* Run @p which, which takes one or two numbers and gives no row. */
static int run(struct ledger *ledger, enum ledger_statement which, int64_t first, const int64_t *second,
               struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, which, faults);

    if (result == 0) {
        query_put_number(&query, first);
        if (second != NULL) {
            query_put_number(&query, *second);
        }
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

/* "2026-01-31T12:00:00Z" */
static void format_time(instant value, char text[32])
{
    struct tm fields;
    time_t seconds = (time_t)value;

    if (gmtime_r(&seconds, &fields) == NULL || strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0) {
        (void)snprintf(text, 32, "second %lld", (long long)value);
    }
}

/* 0 when @p name's certificate may be revoked for @p reason: it is not revoked yet, or on hold. */
static int need_revocable(struct ledger *ledger, const struct ledger_revocation *revocation, const char *name,
                          bool *held, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct ledger_revocation before;
    int found = ledger_find_revocation(ledger, revocation->certificate, &before, faults);
    char when[32];

    *held = false;
    if (found == 1) {
        *held = before.reason == LEDGER_REASON_HOLD && revocation->reason != LEDGER_REASON_HOLD;
        if (!*held) {
            format_time(before.revoked, when);
            fault_error(faults, &place, NULL, NULL, "\"%s\" was revoked already, at %s for %s", name, when,
                        ledger_reason_name(before.reason));
        }
        ledger_revocation_free(&before);
        return *held ? 0 : -1;
    }
    return found;
}

/* The revocation's row and the event's number beside its generation. */
static int put_row(struct ledger *ledger, const struct ledger_revocation *revocation, int64_t event,
                   struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_REVOCATION_PUT, faults);

    if (result == 0) {
        query_put_number(&query, revocation->certificate);
        query_put_number(&query, revocation->generation);
        query_put_blob(&query, slice_of(&revocation->serial), LEDGER_SERIAL_MAX, "serial");
        query_put_number(&query, revocation->revoked);
        query_put_number(&query, revocation->reason);
        query_put_instant_if(&query, revocation->invalidity);
        query_put_number(&query, revocation->not_after);
        query_put_number(&query, event);
        result = query_step(&query, NULL);
    }
    return query_end(&query, result) == 0
               ? run(ledger, LEDGER_GENERATION_CHANGED, revocation->generation, &event, faults)
               : -1;
}

/* What the event says of @p revocation, as a digest. */
static int hash_event(struct ledger *ledger, const struct ledger_revocation *revocation,
                      struct digest *digest, struct faults *faults)
{
    struct digester *digester = ledger_event_digester(ledger, faults);

    if (digester == NULL) {
        return -1;
    }
    if (ledger_revocation_hash(digester, revocation, digest) != 0) {
        fault_openssl(faults, "an event cannot be hashed");
        return -1;
    }
    return 0;
}

int ledger_put_revocation(struct ledger *ledger, struct ledger_revocation *revocation, const char *detail,
                          struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct ledger_event event = {.what = LEDGER_EVENT_REVOKED, .certificate = revocation->certificate};
    struct ledger_certificate row;
    bool held = false;
    int found;
    int result = -1;

    if (ledger_need_group(ledger, faults) != 0) {
        return -1;
    }
    found = ledger_get_certificate(ledger, revocation->certificate, &row, faults);
    if (found != 1) {
        if (found == 0) {
            fault_error(faults, &place, NULL, NULL, "there is no certificate with id %lld",
                        (long long)revocation->certificate);
        }
        return -1;
    }
    if (ledger_reason_name(revocation->reason) == NULL) {
        fault_error(faults, &place, NULL, NULL, "%d is no reason for a revocation", revocation->reason);
        goto out;
    }
    if (need_revocable(ledger, revocation, row.name, &held, faults) != 0 ||
        (held && run(ledger, LEDGER_REVOCATION_REMOVE, row.id, NULL, faults) != 0)) {
        goto out;
    }
    revocation->generation = row.generation;
    revocation->not_after = row.not_after;
    bytes_move(&revocation->serial, &row.serial);
    (void)snprintf(event.detail, sizeof(event.detail), "%s: %s%s%s", row.name,
                   ledger_reason_name(revocation->reason), detail != NULL ? ": " : "",
                   detail != NULL ? detail : "");
    event.request = row.request;
    if (hash_event(ledger, revocation, &event.content, faults) == 0 &&
        ledger_put_event(ledger, &event, faults) == 0) {
        result = put_row(ledger, revocation, event.number, faults);
    }
out:
    ledger_certificate_free(&row);
    return result;
}

int ledger_remove_revocation(struct ledger *ledger, int64_t id, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct ledger_event event = {.what = LEDGER_EVENT_RELEASED, .certificate = id};
    struct ledger_revocation revocation;
    struct ledger_certificate row = {0};
    int result = -1;

    if (ledger_need_group(ledger, faults) != 0 ||
        ledger_find_revocation(ledger, id, &revocation, faults) < 0) {
        return -1;
    }
    if (ledger_get_certificate(ledger, id, &row, faults) < 0) {
        goto out;
    }
    if (revocation.certificate == 0 || revocation.reason != LEDGER_REASON_HOLD) {
        fault_error(faults, &place, NULL, NULL,
                    revocation.certificate == 0 ? "\"%s\" is not revoked"
                                                : "\"%s\" is revoked for good: only a hold can be lifted",
                    row.name);
        goto out;
    }
    memcpy(event.detail, row.name, sizeof(row.name));
    if (ledger_put_event(ledger, &event, faults) == 0 &&
        run(ledger, LEDGER_REVOCATION_REMOVE, id, NULL, faults) == 0) {
        result = run(ledger, LEDGER_GENERATION_CHANGED, revocation.generation, &event.number, faults);
    }
out:
    ledger_certificate_free(&row);
    ledger_revocation_free(&revocation);
    return result;
}
