/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What journal.c and entry.c both know of the folder. For journal/ alone.
 */
#ifndef MTLSKIT_JOURNAL_FOLDER_OF_RECORDS_H
#define MTLSKIT_JOURNAL_FOLDER_OF_RECORDS_H

#include "base/bytes.h"
#include "base/context.h"
#include "journal/journal.h"

/** How names of records end. */
#define RECORD_ENDING ".record"

struct journal {
    const struct context *context; /**< borrowed */
    struct bytes shown;            /**< the folder's path */
    int folder;                    /**< -1: it is not there, and nothing is in it */
    int lock;                      /**< -1: not locked */
};

#endif
