/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What crl and revoke tell of the revocation lists they wrote, as lines or as JSON.
 */
#ifndef MTLSKIT_COMMAND_TOLD_LISTS_H
#define MTLSKIT_COMMAND_TOLD_LISTS_H

#include "base/attributes.h"
#include "console/command.h"
#include "console/json.h"
#include "operations/lists.h"

/** Begins as all zeros. */
struct told_lists {
    const struct invocation *invocation;
    const char *directory;
    json_t *rows; /**< NULL: lines */
};

/** Get ready; --json is asked of the invocation's options. -1 when memory is out, with a fault. */
int told_lists_start(struct told_lists *told, const struct invocation *invocation, const char *directory)
    MUST_USE;
/** A list was written. */
int told_lists_tell(struct told_lists *told, const struct lists_made *made) MUST_USE;
void told_lists_free(struct told_lists *told);

/** The options --next-update, --issuer-passphrase and --backwards into @p order; @p next_update is what it then points to. False with a usage fault. */
bool told_lists_read_options(const struct invocation *invocation, struct lists_order *order,
                             struct duration *next_update);

#endif
