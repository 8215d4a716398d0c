/* SPDX-License-Identifier: Apache-2.0 */
/* The log: numbers, times and hashes of events, and that what they tell of is there. */
#include <stdio.h>
#include <string.h>

#include "operations/auditing.h"

static const struct digest nothing;

/* The certificate an event speaks of must be there, and not less than what was said of it. */
static int check_certificate(struct auditing *auditing, const struct ledger_event *event, const char *subject)
{
    struct ledger_certificate row = {0};
    int found;
    int status = 0;

    if (event->certificate == 0) {
        return audit_tell(auditing, "log-event", true, subject, "names no certificate");
    }
    found = ledger_get_row(auditing->directory->ledger, event->certificate, &row, auditing->faults);
    if (found < 0) {
        status = -1;
    } else if (found == 0) {
        status = audit_tell(auditing, "certificate-missing", true, subject,
                            "tells of certificate %lld (%s), which is not in the ledger",
                            (long long)event->certificate, event->detail);
    } else if (row.state == LEDGER_INTENDED && event->what != LEDGER_EVENT_REVOKED &&
               event->what != LEDGER_EVENT_RELEASED) {
        /* what was begun may have been seen, and can be revoked */
        status = audit_tell(auditing, "certificate-missing", true, subject,
                            "says that \"%s\" was %s, and the ledger that it was never completed", row.name,
                            ledger_event_name(event->what));
    }
    ledger_certificate_free(&row);
    return status;
}

/* Whether a hold was lifted after event number @p after. */
struct later {
    int64_t after;
    bool released;
};

static int look_for_release(void *state, const struct ledger_event *event)
{
    struct later *later = state;

    later->released |= event->what == LEDGER_EVENT_RELEASED && event->number > later->after;
    return 0;
}

static int check_revocation(struct auditing *auditing, const struct ledger_event *event, const char *subject)
{
    struct ledger *ledger = auditing->directory->ledger;
    struct later later = {event->number, false};
    struct ledger_revocation revocation;
    int found = ledger_find_revocation(ledger, event->certificate, &revocation, auditing->faults);

    ledger_revocation_free(&revocation);
    if (found != 0) {
        return found < 0 ? -1 : 0;
    }
    if (ledger_each_event_of(ledger, event->certificate, look_for_release, &later, auditing->faults) != 0) {
        return -1;
    }
    return later.released ? 0
                          : audit_tell(auditing, "revocation-missing", true, subject,
                                       "says that certificate %lld was revoked (%s), and the ledger does not",
                                       (long long)event->certificate, event->detail);
}

static int note_list(struct auditing *auditing, const struct ledger_event *event)
{
    if (audit_grow(auditing, (void **)&auditing->lists, auditing->list_count, sizeof(*auditing->lists)) !=
        0) {
        return -1;
    }
    auditing->lists[auditing->list_count++] = (struct audited_list){event->content, event->number, false};
    return 0;
}

/* That what the event tells of is there. */
static int check_matter(struct auditing *auditing, const struct ledger_event *event, const char *subject)
{
    switch (event->what) {
    case LEDGER_EVENT_ISSUED:
    case LEDGER_EVENT_ADOPTED:
        return check_certificate(auditing, event, subject);
    case LEDGER_EVENT_REVOKED:
        return check_revocation(auditing, event, subject);
    case LEDGER_EVENT_CRL:
        return note_list(auditing, event);
    case LEDGER_EVENT_MIGRATED:
        if (event->certificate == 0) {
            return 0; /* of a schema that had the log */
        }
        if (event->number != 1) {
            return audit_tell(auditing, "log-event", true, subject,
                              "says that the log begins, and is not its first");
        }
        auditing->before = event->certificate;
        return 0;
    default:
        return 0;
    }
}

/* The heads that name this event. */
static void meet_heads(struct auditing *auditing, const struct ledger_event *event)
{
    for (size_t i = 0; i < auditing->head_count; i++) {
        struct audited_head *head = &auditing->heads[i];

        head->met |= head->head.event == event->number && digest_equal(&head->head.hash, &event->hash);
    }
}

static int check_event(void *state, const struct ledger_event *event)
{
    struct auditing *auditing = state;
    struct audit_totals *totals = auditing->totals;
    struct digest hash;
    char subject[48];

    (void)snprintf(subject, sizeof(subject), "event %lld", (long long)event->number);
    if (event->number != totals->head + 1 &&
        audit_tell(auditing, "log-number", true, subject, "follows event %lld: those between are missing",
                   (long long)totals->head) != 0) {
        return -1;
    }
    if (event->when < auditing->when &&
        audit_tell(auditing, "log-time", true, subject, "is older than the one before it") != 0) {
        return -1;
    }
    if (ledger_event_hash(auditing->digester, &totals->hash, event, &hash) != 0) {
        fault_openssl(auditing->faults, "the log cannot be hashed");
        return -1;
    }
    if (!digest_equal(&hash, &event->hash) &&
        audit_tell(auditing, "log-hash", true, subject,
                   "does not have the hash it should: it, or what was before it, was changed") != 0) {
        return -1;
    }
    totals->events++;
    totals->head = event->number;
    totals->hash = event->hash; /* so that each break of the chain is told once */
    auditing->when = event->when;
    meet_heads(auditing, event);
    if (check_matter(auditing, event, subject) != 0) {
        return -1;
    }
    return auditing->observer->event != NULL ? auditing->observer->event(auditing->observer->state, event)
                                             : 0;
}

/* A log that was brought into an older ledger begins with its next event: what stood before it, until then, the ledger notes. */
static int begin_without_events(struct auditing *auditing)
{
    return ledger_before_events(auditing->directory->ledger, &auditing->before, auditing->faults) >= 0 ? 0
                                                                                                       : -1;
}

int audit_log(struct auditing *auditing)
{
    if (ledger_each_event(auditing->directory->ledger, 0, check_event, auditing, auditing->faults) != 0 ||
        (auditing->totals->events == 0 && begin_without_events(auditing) != 0)) {
        return -1;
    }
    for (size_t i = 0; i < auditing->head_count; i++) {
        const struct audited_head *head = &auditing->heads[i];
        bool beyond = head->head.event > auditing->totals->head;

        if (!head->met && !(head->head.event == 0 && digest_equal(&head->head.hash, &nothing)) &&
            audit_tell(auditing, "log-cut", true, head->path,
                       beyond ? "was signed when the log had %lld events: the end of the log was cut off"
                              : "was signed over another event %lld: the log was written anew",
                       (long long)head->head.event) != 0) {
            return -1;
        }
    }
    return 0;
}
