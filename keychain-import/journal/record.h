/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: what the journal holds of one run. A run claims each item before it touches it; a claim that is not released says that the item
 * may be in the store because of this run (or, for one that takes items away, that it has to go). No secret is in a record: certificates,
 * labels, and the trust there was before.
 *
 * A record is a text of lines, each a JSON object:
 *
 *     {"journal":1,"store":"nss:sql:/srv/db","command":"install","pid":4711,"began":1700000000}
 *     {"claim":0,"act":"put","item":"certificate","certificate":"<base64 of DER>","owner":"<SHA-256, hex>","label":"client"}
 *     {"done":0}
 *     {"released":0}
 *     {"ended":true}
 *
 * A removal claims all it will take, then says {"decided":true}, then begins: without that line nothing was taken.
 *
 * A line that is not whole, which a crash may leave at the end, does not count.
 */
#ifndef MTLSKIT_JOURNAL_RECORD_H
#define MTLSKIT_JOURNAL_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "store/item.h"

/** Limits of what is read. */
#define RECORD_LENGTH_MAX   (64u * 1024 * 1024)
#define RECORD_CLAIMS_MAX   200000u
#define RECORD_PROGRAMS_MAX 64u

enum claim_act {
    CLAIM_PUT,  /**< the item was absent, or trusted otherwise, and is put */
    CLAIM_JOIN, /**< another run put it; this one wants it there, too */
    CLAIM_TAKE  /**< the item is taken away; a run that was stopped has to finish that */
};
enum claim_state {
    CLAIM_BEGUN,   /**< it may have happened */
    CLAIM_DONE,    /**< it happened */
    CLAIM_RELEASED /**< it was taken back, or is no longer this run's */
};

/** Starts as all zeros; claim_free. */
struct claim {
    enum claim_act act;
    enum claim_state state;
    enum item_kind kind;
    struct bytes certificate; /**< DER, as in struct item */
    struct digest owner;      /**< SHA-256 of the leaf or anchor for whose sake it is there */
    struct bytes label;       /**< empty: none */
    enum scope scope;
    struct bytes host;      /**< empty: none */
    struct bytes before;    /**< the trust there was, as in struct sighting */
    struct bytes *programs; /**< of a key */
    size_t program_count;
};
void claim_free(struct claim *claim);
/** Give a claim its programs, copied. -1: no memory, or more than RECORD_PROGRAMS_MAX. */
int claim_programs(struct claim *claim, const char *const *programs, size_t count) MUST_USE;
/** The item it is about, without a key; borrowed from @p claim. */
struct item claim_item(const struct claim *claim);
/** Whether both are about the same item of the same store, whatever for. */
bool claim_same(const struct claim *one, const struct claim *other);

/** Starts as all zeros; record_free. */
struct record {
    struct bytes file;    /**< its name in the journal's folder */
    struct bytes store;   /**< what --into takes, in full */
    struct bytes command; /**< "install" */
    long pid;
    instant began;
    bool decided; /**< of a removal: all that is to go is claimed */
    bool ended;   /**< all was done: what it claims stays until it is removed */
    bool alive;   /**< its run goes on */
    struct claim *claims;
    size_t claim_count;
};
void record_free(struct record *record);
/** Whether its run was stopped before its end. */
bool record_is_unfinished(const struct record *record);

/**
 * Read the text of a record; @p shown names it in complaints. @p record is replaced. -1 with a fault: no head, or memory is out. Lines that
 * are not whole or not understood are passed over.
 */
int record_read(struct slice text, const char *shown, struct record *record, struct faults *faults) MUST_USE;

/** Append the lines that a record is made of, each with its newline. -1: no memory. */
int record_write_head(const struct record *record, struct bytes *text) MUST_USE;
int record_write_claim(const struct claim *claim, size_t number, struct bytes *text) MUST_USE;
int record_write_state(enum claim_state state, size_t number, struct bytes *text) MUST_USE;
int record_write_decided(struct bytes *text) MUST_USE;
int record_write_end(struct bytes *text) MUST_USE;

#endif
