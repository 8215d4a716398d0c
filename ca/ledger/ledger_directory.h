/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ledger keeps of one PKI directory on one machine: the files in it, where the keys of its authorities are, what an apply remembers
 * of itself, and its own storage. A ledger that many machines share has this once for each.
 */
#ifndef MTLSKIT_LEDGER_DIRECTORY_H
#define MTLSKIT_LEDGER_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/file_stamp.h"
#include "ledger/ledger.h"

/* ---- files ------------------------------------------------------------------------------------------------------------ */

/** An output file as it was last published. */
struct ledger_output {
    int64_t certificate;   /**< id of the certificate it holds */
    char name[256];        /**< entry */
    int kind;              /**< enum output_kind */
    char *path;            /**< relative; owned when read */
    struct digest content; /**< SHA-256 of the file; all zero for a file that holds a passphrase */
    struct digest inputs;  /**< what it was made from; never holds a passphrase's digest */
    struct file_stamp stamp;
};
void ledger_output_free(struct ledger_output *output);
/** Whether it only says whose the path is: a file is to be made there, and may not be yet. Its stamp is all zeros. */
bool ledger_output_is_claim(const struct ledger_output *output);

/** Insert or replace the row of output->path. */
int ledger_put_output(struct ledger *ledger, const struct ledger_output *output, struct faults *faults)
    MUST_USE;
int ledger_remove_output(struct ledger *ledger, const char *path, struct faults *faults) MUST_USE;
/** The output row of @p path. 1, 0, -1. */
int ledger_find_output(struct ledger *ledger, const char *path, struct ledger_output *output,
                       struct faults *faults) MUST_USE;

/** The output whose path is the first after @p after ("" to begin), in byte order: 1, 0 at the end, -1. */
int ledger_next_output(struct ledger *ledger, const char *after, struct ledger_output *output,
                       struct faults *faults) MUST_USE;
/** Every output of entry @p name (NULL: of all entries), in order of path. */
int ledger_each_output(struct ledger *ledger, const char *name,
                       int (*each)(void *state, const struct ledger_output *output), void *state,
                       struct faults *faults) MUST_USE;
/** Every file that was published with its stamp, in order of path. As above, at a third of the price: nothing else of it is read. */
int ledger_each_stamp(struct ledger *ledger,
                      int (*each)(void *state, const char *path, const struct file_stamp *stamp), void *state,
                      struct faults *faults) MUST_USE;

/* ---- authorities ----------------------------------------------------------------------------------------------------- */

/** What an authority needs to sign when no manifest is at hand; so far only asked for, it may become none. "" for what is not said. */
struct ledger_authority {
    char name[256];
    char key
        [1024]; /**< where its key is: "" NAME.key in the directory; an absolute path; a pkcs11: URI; "ephemeral": nowhere */
    char passphrase
        [1024]; /**< SPEC of the passphrase or PIN; never the text itself: "pass:..." is kept as "prompt" */
    char next_update[64]; /**< of its CRLs, as a duration */
};
/** Insert or replace. */
int ledger_put_authority(struct ledger *ledger, const struct ledger_authority *authority,
                         struct faults *faults) MUST_USE;
/** 1, 0, -1. */
int ledger_find_authority(struct ledger *ledger, const char *name, struct ledger_authority *authority,
                          struct faults *faults) MUST_USE;
/**
 * Keep with the current generation of @p name where the authority's row says its key is and what opens it, for the lists it makes when it is
 * not current any more. To be called before that row is changed for another key. An authority without a row, or without a generation:
 * nothing happens.
 */
int ledger_keep_key(struct ledger *ledger, const char *name, struct faults *faults) MUST_USE;
/** What was kept so of generation @p id: its name, key and passphrase; next_update is left empty. 1, 0 (nothing was), -1. */
int ledger_find_kept_key(struct ledger *ledger, int64_t id, struct ledger_authority *authority,
                         struct faults *faults) MUST_USE;
/** In order of name. */
int ledger_each_authority(struct ledger *ledger,
                          int (*each)(void *state, const struct ledger_authority *authority), void *state,
                          struct faults *faults) MUST_USE;

/* ---- memos ----------------------------------------------------------------------------------------------------------- */

/** A small value by key, for what an apply remembers of itself. 1, 0, -1. */
int ledger_get_memo(struct ledger *ledger, const char *key, struct bytes *value, struct faults *faults)
    MUST_USE;
int ledger_put_memo(struct ledger *ledger, const char *key, struct slice value, struct faults *faults)
    MUST_USE;

/* ---- storage ---------------------------------------------------------------------------------------------------------- */

/** Look at the whole file, also at what no question of ours has led to yet: 0, or -1 with a fault that says what is damaged. */
int ledger_check_storage(struct ledger *ledger, struct faults *faults) MUST_USE;

#endif
