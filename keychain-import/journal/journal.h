/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal: a folder (0700) of records (0600), one a run, written and flushed before each step, so that a run that was killed can be
 * finished by another. A record is locked (flock) while its run lives; one lock on the folder keeps runs that change something apart.
 */
#ifndef MTLSKIT_JOURNAL_JOURNAL_H
#define MTLSKIT_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "journal/record.h"

/** How long another run is waited for. */
#define JOURNAL_WAIT_SECONDS 60

/** The folder, open. Opaque. */
struct journal;
/** One record, open for writing, locked. Opaque. */
struct journal_entry;

/** All records there are, in the order they were begun. Starts as all zeros. */
struct journal_records {
    struct record *items;
    size_t count;
};
void journal_records_free(struct journal_records *records);

/**
 * Open the folder @p path (NULL: journal_place says). @p make: it is made where it is missing; else a journal that is not there is an empty
 * one. NULL with a fault: it belongs to somebody else, others may look into it, or it cannot be opened.
 */
struct journal *journal_open(const struct context *context, const char *path, bool make,
                             struct faults *faults);
void journal_close(struct journal *journal);

/** Keep other runs from beginning; one that is at work is waited for, up to @p seconds. -1 with a fault that names it. */
int journal_lock(struct journal *journal, unsigned seconds, struct faults *faults) MUST_USE;
void journal_unlock(struct journal *journal);

/** Read all records. A file that is none of ours is passed over with a warning; one that was never begun is removed where the journal is locked. @p records is replaced. */
int journal_read(struct journal *journal, struct journal_records *records, struct faults *faults) MUST_USE;

/** Begin a record for @p command on @p store; it is on disk when this returns. The journal outlives the entry. NULL with a fault. */
struct journal_entry *journal_begin(struct journal *journal, const char *store, const char *command,
                                    struct faults *faults);
/** Go on with a record that was read and whose run no longer lives. NULL with a fault; also when it lives. */
struct journal_entry *journal_resume(struct journal *journal, const struct record *record,
                                     struct faults *faults);
/** The name of its file, as in struct record. */
const char *journal_entry_file(const struct journal_entry *entry);

/** Claim an item; it is on disk when this returns. *number names the claim from then on. */
int journal_claim(struct journal_entry *entry, const struct claim *claim, size_t *number,
                  struct faults *faults) MUST_USE;
/** Say what became of a claim. Not flushed: what is lost of it is done once more. */
int journal_state(struct journal_entry *entry, size_t number, enum claim_state state, struct faults *faults)
    MUST_USE;
/** All that a removal will take is claimed; on disk when this returns. */
int journal_decide(struct journal_entry *entry, struct faults *faults) MUST_USE;
/** All is done; on disk when this returns. */
int journal_end(struct journal_entry *entry, struct faults *faults) MUST_USE;
/** Close it: its record stays. */
void journal_keep(struct journal_entry *entry);
/** Close it and remove its record, which claims nothing any more. -1 with a fault; it is closed all the same. */
int journal_drop(struct journal_entry *entry, struct faults *faults) MUST_USE;

#endif
