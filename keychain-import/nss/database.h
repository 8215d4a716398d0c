/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A database of NSS, open in this process. NSS has one at a time: its state is global, so all of this runs in a process of its own
 * (nss/service.h). Errors are told with the database's name and NSS's own words.
 */
#ifndef MTLSKIT_NSS_DATABASE_H
#define MTLSKIT_NSS_DATABASE_H

#include <stdbool.h>
#include <stddef.h>

#include <cert.h>
#include <keyhi.h>
#include <pk11pub.h>
#include <prerror.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "store/item.h"

struct nss_database {
    struct bytes folder;     /**< absolute */
    struct bytes name;       /**< "nss:sql:" and the folder, for complaints */
    struct bytes passphrase; /**< wiped */
    bool has_passphrase;     /**< one is at hand */
    bool writing;
    bool open;           /**< NSS has it open; else it is not there yet */
    bool made;           /**< it was made since nss_database_open */
    bool taken;          /**< something was taken out of it since */
    size_t folders_made; /**< how many of its folders were, counted from the last part of the path */
    PK11SlotInfo *slot;  /**< while open */
};

/**
 * Open the database in @p folder (absolute), or note that it is not there.
 * @param passphrase NULL: none is at hand; copied
 * @param writing    false: it is opened for reading alone
 * -1 with a fault, when it is one of the old form, cannot be opened, or has a password that is not at hand or another one. In each case
 * @p database is closed by nss_database_close.
 */
int nss_database_open(struct nss_database *database, const char *folder, const struct bytes *passphrase,
                      bool writing, struct faults *faults) MUST_USE;
/** Before a put: the database is made when it is not there, and can take keys and trust. */
int nss_database_prepare(struct nss_database *database, struct faults *faults) MUST_USE;
/**
 * Close it; one that is empty, and that nobody but us has used, is removed. -1 with a fault when NSS still has references (a fault of ours), or a file could
 * not be removed; it is closed and freed all the same.
 */
int nss_database_close(struct nss_database *database, struct faults *faults) MUST_USE;

/** Complain: "NAME: WHAT: NSS's reason". */
void nss_complain(const struct nss_database *database, struct faults *faults, const char *hint,
                  const char *format, ...) PRINTF_LIKE(4, 5);
/** NSS's words for one of its errors, or its number. Appended. */
int nss_error_describe(PRErrorCode error, struct bytes *text) MUST_USE;
/** A view of @p slice for NSS, which takes no const; it only reads. */
SECItem nss_item_of(struct slice slice);
/** The bytes of a SECItem. */
struct slice nss_slice_of(const SECItem *item);

#endif
