/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner: whose a database is, which is whose rights it is opened with. Root never works in a folder of somebody else's: files would
 * become root's, and a link put there would lead root astray.
 *
 * Not root: the owner is who runs the program. Root: for chromium and firefox, who called sudo (SUDO_UID), in that user's home as the
 * system knows it; otherwise, and for sql:DIR always, the first on the way to the database (to $HOME) that is not root's says whose it is.
 */
#ifndef MTLSKIT_NSS_OWNER_H
#define MTLSKIT_NSS_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

struct owner {
    uid_t user;
    gid_t group;
    bool other;         /**< not who we are: owner_become changes who the process is */
    bool invoked;       /**< it was sudo that told; then variables of the environment are not the owner's */
    struct bytes login; /**< empty when the system knows none */
    struct bytes home;  /**< where chromium and firefox have their places; empty for sql:DIR */
};

/** Decide for @p folder: the absolute path of sql:DIR; NULL for chromium and firefox. -1 with a fault. */
int owner_decide(const char *folder, struct owner *owner, struct faults *faults) MUST_USE;
/** For a process of its own: become the owner, for good, and let new files be the owner's alone (umask 077). -1 with a fault. */
int owner_become(const struct owner *owner, struct faults *faults) MUST_USE;
void owner_free(struct owner *owner);

#endif
