/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What writes events beside its rows needs of the log. Internal to ledger/.
 */
#ifndef MTLSKIT_LEDGER_EVENT_H
#define MTLSKIT_LEDGER_EVENT_H

#include "ledger/ledger_query.h"

/** Whose events these are, and the end of the chain as the open group sees it. */
struct ledger_log {
    const struct context *context; /**< borrowed; NULL: ledger_attribute was not called */
    struct digester *digester;
    char who[256];
    bool known;     /**< the rest is of the open group */
    bool told_time; /**< the warning about the clock was given */
    int64_t number;
    instant when;
    struct digest hash;
};

struct ledger_log *ledger_log_new(void);
void ledger_log_free(struct ledger_log *log);
/** A group ended: another process may add events now. */
void ledger_log_forget(struct ledger *ledger);
/** The digest of @p content for an event. */
int ledger_event_content(struct ledger *ledger, struct slice content, struct digest *digest,
                         struct faults *faults) MUST_USE;
/** What events' contents are hashed with; NULL with a fault when ledger_attribute was not called. */
struct digester *ledger_event_digester(struct ledger *ledger, struct faults *faults);

#endif
