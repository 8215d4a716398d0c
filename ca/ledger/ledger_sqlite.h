/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's connection to SQLite, for the files of ledger/ alone: the one header that includes sqlite3.h. SQLite's result
 * codes are the extended ones (SQLITE_OPEN_EXRESCODE).
 */
#ifndef MTLSKIT_LEDGER_SQLITE_H
#define MTLSKIT_LEDGER_SQLITE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "ledger/ledger.h"
#include "ledger/ledger_schema.h"

#define LEDGER_FILE "ledger.db"

/** What a read, or a group, of the ledger goes through. */
struct ledger {
    sqlite3 *database;
    sqlite3_stmt *statements[LEDGER_STATEMENT_COUNT]; /**< prepared when first used, kept to the end */
    enum ledger_mode mode;
    struct patience patience; /**< for other processes; whole again after each group */
    bool migrates;            /**< an older schema is brought up to date, though nothing else is written */
    bool alone;               /**< it is opened to write, and locked for all others where nobody reads */
    /**
     * There was no WAL when it was opened to write: all that is in it comes from groups committed since. Before the first of them
     * is flushed, SQLite would flush the WAL's head on its own; "fresh" until then.
     * Between that commit and its flush no other writer may move the WAL into ledger.db: the exclusive lock of the PKI directory sees to
     * that (issuing/directory.h).
     */
    bool own_wal, fresh;
    bool group; /**< ledger_begin succeeded, neither committed nor rolled back by the caller yet */
    /** Read without any lock, for no other process was writing when it was opened; stamp is what the file was then. */
    bool immutable;
    struct file_stamp stamp;
    sqlite3_int64 changes; /**< rows that were changed before the group */
    bool unflushed;        /**< the last group may not be on the disk */
    int pages;             /**< in the WAL, as the last commit left it */
    int moved_at;          /**< so many of them are moved into ledger.db; 0: none yet */
    atomic_int
        wal; /**< open, to be flushed by whoever likes; -1 where each group was flushed as it was committed */
    atomic_bool lost;       /**< a flush failed: the system has forgotten which pages it could not write */
    int folder;             /**< open directory of the file */
    char *path;             /**< of the file, absolute */
    char *shown;            /**< of the file, as the user named its folder */
    struct ledger_log *log; /**< whose events, and where the chain ends */
};

/** Before a ledger is opened: SQLite is not to count its memory, which costs two locks for every piece. */
void ledger_spare_counting(void);
/** A connection that trusts neither the file nor the schema in it. A result code. */
int ledger_configure(struct ledger *ledger);
/** What is read from here on is a copy of the older ledger that is open, of schema @p version, brought up to date. */
int ledger_read_copy(struct ledger *ledger, int version, struct faults *faults) MUST_USE;
/** @p ledger's file as the place of a complaint. */
struct place ledger_place(const struct ledger *ledger);
/** Says what SQLite's @p code means for the user. @p what is what was tried ("write table certificate"). */
void ledger_fault(const struct ledger *ledger, int code, const char *what, struct faults *faults);
/** From here on SQLite waits as the ledger's patience says. A result code. */
int ledger_wait_for_others(struct ledger *ledger) MUST_USE;
/** The process that holds the right to write; 0 when the system does not tell, or it is this one. */
long ledger_holder(const struct ledger *ledger);
/** Whether the file changed since it was opened for reading without locks: what was read then is worth nothing. */
bool ledger_was_changed(const struct ledger *ledger);
/** The file was changed meanwhile: the fault for it. */
void ledger_fault_changed(const struct ledger *ledger, struct faults *faults);
/** The first column of the first row of @p sql. A result code. */
int ledger_ask(sqlite3 *database, const char *sql, int64_t *answer) MUST_USE;
/** 0 when a group is open and still alive, else a fault. */
int ledger_need_group(const struct ledger *ledger, struct faults *faults) MUST_USE;
/** The prepared statement, reset; NULL with a fault, also when it is being stepped through at the moment. */
sqlite3_stmt *ledger_prepared(struct ledger *ledger, enum ledger_statement which, struct faults *faults);
/** Before the first group: SQLite flushes nothing where the ledger has its WAL to itself. A result code. */
int ledger_start_fresh(struct ledger *ledger) MUST_USE;
/** After a group was committed: what was written, if anything, is flushed. A result code. */
int ledger_flush_group(struct ledger *ledger) MUST_USE;
/** ledger_flush_group with its fault. */
int ledger_flush_rest(struct ledger *ledger, struct faults *faults) MUST_USE;
/** Commit without flushing. */
int ledger_end_group(struct ledger *ledger, struct faults *faults) MUST_USE;
/**
 * Before closing: the WAL is moved into ledger.db, with one flush. SQLite would flush the WAL before, which the commits have done; that is left
 * out only where the WAL holds nothing else. Where anything is in the way, closing does it as SQLite does.
 */
void ledger_settle(struct ledger *ledger);
/** Close the database, dropping an open group, and keep the rest. */
void ledger_disconnect(struct ledger *ledger);

/**
 * Make an empty ledger at @p path: it comes to be whole, in one step, and never in the place of another file. 0 also when
 * another process was faster. Everything durable.
 */
int ledger_create(const char *path, const char *shown, struct faults *faults) MUST_USE;
/** Bring @p database, inside an open transaction, from schema version @p from to LEDGER_SCHEMA_VERSION. A result code. */
int ledger_migrate(sqlite3 *database, int from);

#endif
