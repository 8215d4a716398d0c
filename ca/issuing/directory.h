/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PKI directory: locked, opened, and made when missing, with the ledger in it. Who writes holds an exclusive lock from the
 * first look to the last barrier, so that what was decided still holds when it is done.
 */
#ifndef MTLSKIT_ISSUING_DIRECTORY_H
#define MTLSKIT_ISSUING_DIRECTORY_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/patience.h"
#include "base/publisher.h"
#include "ledger/ledger.h"

enum directory_use {
    DIRECTORY_READ,  /**< shared lock, nothing is made */
    DIRECTORY_WRITE, /**< exclusive lock */
    DIRECTORY_ASK /**< to read now, and perhaps to write then: the exclusive lock where it can be had at once, and never waited for */
};

/** Begins as DIRECTORY_EMPTY; read freely, changed only by the functions below. */
struct directory {
    const char *path;       /**< as it was named; borrowed */
    enum directory_use use; /**< of an ASK what it came to: DIRECTORY_READ or DIRECTORY_WRITE */
    int folder;             /**< open; -1 when it is not there yet */
    int parent; /**< of a directory that is to be made, locked: one makes it, the others wait and find it */
    bool made;  /**< by this run: there is nothing in it but what this run puts there */
    bool cut_short; /**< an earlier run was: the ledger's log is still there */
    struct patience
        patience; /**< for who has the directory, and then for who has its ledger: one for both. The caller's to set */
    bool brief; /**< what is to be written takes a moment: who reads may wait. The caller's to set */
    struct ledger *ledger; /**< NULL when there is none yet */
};
#define DIRECTORY_EMPTY                                                                                      \
    ((struct directory){.folder = -1, .parent = -1, .patience = {.most_ms = PATIENCE_SECONDS * 1000u}})

/**
 * Lock the directory at @p path and open the ledger in it to read, where there are any: folder and ledger tell. Neither being there
 * is no fault. Waits for another as long as its patience lasts, then names it where the system can tell. One that directory_go_on left open
 * is not looked at again.
 */
int directory_look(struct directory *directory, const char *path, enum directory_use use,
                   struct faults *faults) MUST_USE;
/** Keep what a look for DIRECTORY_ASK found for one for DIRECTORY_WRITE, where it is as that would find it; else close it. */
void directory_go_on(struct directory *directory);
/** Make what is missing - the directory (0755), the ledger - and open the ledger to write, its events attributed to the account. @p context is borrowed until directory_close. After directory_look for DIRECTORY_WRITE. */
int directory_settle(struct directory *directory, const struct context *context, struct faults *faults)
    MUST_USE;
/**
 * directory_look and, for DIRECTORY_WRITE, provenance_check and directory_settle, of a directory that has a ledger; one without is a fault.
 */
int directory_open(struct directory *directory, const char *path, enum directory_use use,
                   const struct context *context, struct faults *faults) MUST_USE;
/** A publisher in the directory, leftovers of killed runs at its top swept away. NULL with a fault. */
struct publisher *directory_publisher(const struct directory *directory, const struct context *context,
                                      struct faults *faults);
/** Closes and unlocks; an empty one is taken. */
void directory_close(struct directory *directory);

#endif
