/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What issue, sign and renew tell of the certificates they made, as lines or as JSON.
 */
#ifndef MTLSKIT_COMMAND_ISSUED_H
#define MTLSKIT_COMMAND_ISSUED_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "console/command.h"
#include "console/json.h"
#include "ledger/ledger.h"
#include "operations/act.h"

/** Begins as all zeros. */
struct issued {
    const struct invocation *invocation;
    const char *directory;
    const char *verb;   /**< "issued" */
    json_t *rows;       /**< NULL: lines */
    json_t *written;    /**< paths below the directory */
    struct bytes files; /**< the same as text, of lines */
    struct act_observer observer;
    size_t count; /**< certificates told of */
    bool failed;  /**< memory was out */
};

/** Get ready; --json is asked of the invocation's options. -1 when memory is out. */
int issued_start(struct issued *issued, const struct invocation *invocation, const char *directory,
                 const char *verb) MUST_USE;
/** What an act is to tell what it writes. */
const struct act_observer *issued_observer(const struct issued *issued);
/** A certificate of the ledger was made. @p beside: a file outside the directory it was written to, or NULL. */
int issued_tell(struct issued *issued, const struct ledger_certificate *certificate, const char *beside)
    MUST_USE;
/** Print the document of @p schema, or the last lines. */
int issued_finish(struct issued *issued, const char *schema) MUST_USE;
void issued_free(struct issued *issued);

#endif
