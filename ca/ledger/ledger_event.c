/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: events, each with a hash over itself and the one before. The end of the chain is looked up once in a group, at its first
 * event, for only then nobody else adds to it.
 */
#include "ledger/ledger_event.h"
#include "ledger/ledger_directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a clock may stand behind the last event without a word, in seconds: clocks are corrected. */
#define CLOCK_SLACK 60

static const char *const names[LEDGER_EVENT_LAST + 1] = {
    [LEDGER_EVENT_ISSUED] = "issued",         [LEDGER_EVENT_ADOPTED] = "adopted",
    [LEDGER_EVENT_GENERATION] = "generation", [LEDGER_EVENT_REVOKED] = "revoked",
    [LEDGER_EVENT_RELEASED] = "released",     [LEDGER_EVENT_CRL] = "crl",
    [LEDGER_EVENT_PRUNED] = "pruned",         [LEDGER_EVENT_PASSPHRASE] = "passphrase",
    [LEDGER_EVENT_INSTALLED] = "installed",   [LEDGER_EVENT_MIGRATED] = "migrated",
};

const char *ledger_event_name(enum ledger_event_kind what)
{
    return (int)what >= 0 && what <= LEDGER_EVENT_LAST ? names[what] : NULL;
}

struct ledger_log *ledger_log_new(void)
{
    return calloc(1, sizeof(struct ledger_log));
}

void ledger_log_free(struct ledger_log *log)
{
    if (log != NULL) {
        digester_free(log->digester);
        free(log);
    }
}

void ledger_log_forget(struct ledger *ledger)
{
    ledger->log->known = false;
}

int ledger_attribute(struct ledger *ledger, const struct context *context, const char *who,
                     struct faults *faults)
{
    struct ledger_log *log = ledger->log;
    struct place place = ledger_place(ledger);
    size_t length = strlen(who);

    if (length == 0 || length >= sizeof(log->who)) {
        fault_error(faults, &place, NULL, NULL, "whoever writes is named by 1 to %zu bytes",
                    sizeof(log->who) - 1);
        return -1;
    }
    if (log->context != context) {
        digester_free(log->digester);
        log->digester = digester_new(context);
    }
    if (log->digester == NULL) {
        log->context = NULL;
        fault_memory(faults);
        return -1;
    }
    log->context = context;
    memcpy(log->who, who, length + 1);
    return 0;
}

/* A digest as a field of what is hashed. */
static struct slice digest_field(const struct digest *digest)
{
    static const struct digest none = {{0}};

    return (struct slice){digest->octets, digest_equal(digest, &none) ? 0 : DIGEST_LENGTH};
}

int ledger_event_hash(struct digester *digester, const struct digest *previous,
                      const struct ledger_event *event, struct digest *hash)
{
    digester_add(digester, (struct slice){previous->octets, DIGEST_LENGTH});
    digester_add_number(digester, event->number);
    digester_add_number(digester, event->when);
    digester_add_number(digester, (int64_t)event->what);
    digester_add_number(digester, event->certificate);
    digester_add_field(digester, slice_of_text(event->who));
    digester_add_field(digester, slice_of_text(event->detail));
    digester_add_field(digester, digest_field(&event->request));
    digester_add_field(digester, digest_field(&event->content));
    return digester_final(digester, hash);
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* 0 when it is known whose events these are. */
static int need_author(const struct ledger *ledger, struct faults *faults)
{
    struct place place = ledger_place(ledger);

    if (ledger->log->context == NULL) {
        fault_error(faults, &place, NULL, NULL, "an event was to be written, but nobody is named for it");
        return -1;
    }
    return 0;
}

int ledger_event_content(struct ledger *ledger, struct slice content, struct digest *digest,
                         struct faults *faults)
{
    if (need_author(ledger, faults) != 0) {
        return -1;
    }
    digester_add(ledger->log->digester, content);
    if (digester_final(ledger->log->digester, digest) != 0) {
        fault_openssl(faults, "an event cannot be hashed");
        return -1;
    }
    return 0;
}

struct digester *ledger_event_digester(struct ledger *ledger, struct faults *faults)
{
    return need_author(ledger, faults) == 0 ? ledger->log->digester : NULL;
}

/* The last event: 1, 0 (zeros) or -1. */
static int read_head(struct ledger *ledger, int64_t *number, instant *when, struct digest *hash,
                     struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_EVENT_HEAD, faults);

    *number = 0;
    *when = INT64_MIN;
    memset(hash, 0, sizeof(*hash));
    if (result == 0) {
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        *number = query_number(&query, 1, INT64_MAX - 1);
        *when = query_number(&query, INT64_MIN, INT64_MAX);
        query_digest(&query, hash);
    }
    return query_end(&query, result);
}

int ledger_head(struct ledger *ledger, int64_t *number, struct digest *hash, struct faults *faults)
{
    instant when;

    return read_head(ledger, number, &when, hash, faults) >= 0 ? 0 : -1;
}

/* The time of an event now: never before the last one's. */
static instant event_time(struct ledger *ledger, struct faults *faults)
{
    struct ledger_log *log = ledger->log;
    struct place place = ledger_place(ledger);
    instant now = context_now(log->context);

    if (log->number == 0 || now >= log->when) {
        return now;
    }
    /* now may be anything: no sum that could overflow */
    if (!log->told_time && (now < 0 || log->when - now > CLOCK_SLACK)) {
        log->told_time = true;
        fault_warning(faults, &place, NULL, "set the clock, unless it was ahead before",
                      "the clock stands before the last event of the ledger: events are given that event's "
                      "time until it is reached");
    }
    return log->when;
}

static int append(struct ledger *ledger, struct ledger_event *event, struct faults *faults)
{
    struct ledger_log *log = ledger->log;
    struct digest hash;
    struct query query;
    int result;

    event->number = log->number + 1;
    event->when = event_time(ledger, faults);
    memcpy(event->who, log->who, sizeof(event->who));
    if (ledger_event_hash(log->digester, &log->hash, event, &hash) != 0) {
        fault_openssl(faults, "an event cannot be hashed");
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_EVENT_PUT, faults);
    if (result == 0) {
        query_put_number(&query, event->number);
        query_put_number(&query, event->when);
        query_put_text(&query, event->who, sizeof(event->who) - 1, "who");
        query_put_number(&query, (int64_t)event->what);
        query_put_reference(&query, event->certificate);
        query_put_digest_if(&query, &event->request);
        query_put_digest_if(&query, &event->content);
        query_put_text(&query, event->detail, sizeof(event->detail) - 1, "detail");
        query_put_digest(&query, &hash);
        result = query_step(&query, NULL);
    }
    if (query_end(&query, result) != 0) {
        return -1;
    }
    event->hash = hash;
    log->number = event->number;
    log->when = event->when;
    log->hash = hash;
    return 0;
}

int ledger_before_events(struct ledger *ledger, int64_t *last, struct faults *faults)
{
    struct bytes noted = BYTES_EMPTY;
    int found = ledger_get_memo(ledger, LEDGER_MEMO_BEFORE_EVENTS, &noted, faults);

    *last = found == 1 ? strtoll(bytes_text(&noted), NULL, 10) : 0;
    bytes_free(&noted);
    return found;
}

/* Before the first event: what stood there when the log began becomes part of the chain. */
static int append_beginning(struct ledger *ledger, struct faults *faults)
{
    struct ledger_event event = {.what = LEDGER_EVENT_MIGRATED};
    int found = ledger_before_events(ledger, &event.certificate, faults);

    if (found == 1) {
        (void)snprintf(event.detail, sizeof(event.detail),
                       "certificates up to id %lld are older than the log", (long long)event.certificate);
        found = append(ledger, &event, faults);
    }
    return found;
}

/* A migration that the log has not told of. */
static int append_migration(struct ledger *ledger, struct faults *faults)
{
    struct ledger_event event = {.what = LEDGER_EVENT_MIGRATED};
    struct bytes from = BYTES_EMPTY;
    int result = ledger_get_memo(ledger, LEDGER_MEMO_MIGRATED_FROM, &from, faults);

    if (result == 1 && from.length > 0) {
        (void)snprintf(event.detail, sizeof(event.detail), "the schema, from version %ld to %d",
                       strtol(bytes_text(&from), NULL, 10), LEDGER_SCHEMA_VERSION);
        result = append(ledger, &event, faults);
        if (result == 0) {
            result = ledger_put_memo(ledger, LEDGER_MEMO_MIGRATED_FROM, (struct slice){NULL, 0}, faults);
        }
    }
    bytes_free(&from);
    return result < 0 ? -1 : 0;
}

int ledger_put_event(struct ledger *ledger, struct ledger_event *event, struct faults *faults)
{
    struct ledger_log *log = ledger->log;

    if (ledger_need_group(ledger, faults) != 0 || need_author(ledger, faults) != 0) {
        return -1;
    }
    if (!log->known) {
        if (read_head(ledger, &log->number, &log->when, &log->hash, faults) < 0) {
            return -1;
        }
        log->known = true;
        if ((log->number == 0 && append_beginning(ledger, faults) != 0) ||
            append_migration(ledger, faults) != 0) {
            return -1;
        }
    }
    return append(ledger, event, faults);
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static int read_event(struct query *query, struct ledger_event *event)
{
    int64_t what;

    event->number = query_number(query, 1, INT64_MAX - 1);
    event->when = query_number(query, INT64_MIN, INT64_MAX);
    query_text(query, event->who, sizeof(event->who));
    what = query_number(query, 1, LEDGER_EVENT_LAST);
    event->what = (enum ledger_event_kind)what;
    event->certificate = query_reference(query);
    query_digest_if(query, &event->request);
    query_digest_if(query, &event->content);
    query_text(query, event->detail, sizeof(event->detail));
    query_digest(query, &event->hash);
    return query->failed ? -1 : 0;
}

/* Every event that @p which gives for @p number. */
static int each_event(struct ledger *ledger, enum ledger_statement which, int64_t number,
                      int (*each)(void *state, const struct ledger_event *event), void *state,
                      struct faults *faults)
{
    struct ledger_event event;
    struct query query;
    int result = query_start(&query, ledger, which, faults);
    int answer = 0;

    if (result == 0) {
        query_put_number(&query, number);
    }
    while (result == 0 && answer == 0) {
        int row = query_step(&query, NULL);

        if (row != 1) {
            result = row;
            break;
        }
        if (read_event(&query, &event) != 0) {
            break; /* told, and query_end knows */
        }
        answer = each(state, &event);
    }
    result = query_end(&query, result);
    return result != 0 ? result : answer;
}

int ledger_each_event(struct ledger *ledger, int64_t from,
                      int (*each)(void *state, const struct ledger_event *event), void *state,
                      struct faults *faults)
{
    return each_event(ledger, LEDGER_EVENT_EACH, from, each, state, faults);
}

int ledger_each_event_of(struct ledger *ledger, int64_t id,
                         int (*each)(void *state, const struct ledger_event *event), void *state,
                         struct faults *faults)
{
    return each_event(ledger, LEDGER_EVENT_OF, id, each, state, faults);
}
