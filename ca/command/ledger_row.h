/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of the ledger as JSON and as words: what list, show and audit tell of a certificate and of an event.
 */
#ifndef MTLSKIT_COMMAND_LEDGER_ROW_H
#define MTLSKIT_COMMAND_LEDGER_ROW_H

#include <jansson.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"

/** The name of a generation's authority. */
struct row_issuer {
    int64_t generation;
    char name[256];
};

/** Begins as all zeros. */
struct ledger_rows {
    struct ledger *ledger; /**< borrowed */
    instant now;
    struct faults *faults; /**< borrowed */
    struct row_issuer *issuers;
    size_t issuer_count;
};

/** Reads the authorities of @p ledger. */
int ledger_rows_start(struct ledger_rows *rows, struct ledger *ledger, const struct context *context,
                      struct faults *faults) MUST_USE;
void ledger_rows_free(struct ledger_rows *rows);
/** Whether an authority of that name has, or had, a key. */
bool ledger_rows_has_issuer(const struct ledger_rows *rows, const char *name) MUST_USE;

/** A certificate: "name", "issuer", "serial", "state", "revocation" and so on, without what its DER says. NULL with a fault. */
json_t *ledger_row_json(struct ledger_rows *rows, const struct ledger_certificate *certificate);
/** An event. NULL with a fault. */
json_t *ledger_event_json(const struct ledger_event *event, struct faults *faults);
/**
 * The one word that matters most of what ledger_row_json told: "revoked", "on hold", "never completed", "replaced", "expired", "valid".
 */
const char *ledger_row_word(const json_t *row);

#endif
