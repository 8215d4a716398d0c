/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A query: one run of a prepared statement, with its parameters bound one after the other and the columns of its rows read one
 * after the other. Whatever comes out of the file is checked against its bounds here: the file may be damaged or made by an
 * enemy. Internal to ledger/.
 *
 * Complaints are kept: binding and reading go on after one, the next query_step, query_row_ok or query_end tells.
 */
#ifndef MTLSKIT_LEDGER_QUERY_H
#define MTLSKIT_LEDGER_QUERY_H

#include "ledger/ledger_sqlite.h"

/** Longest serial, in octets (RFC 5280, section 4.1.2.2). */
#define LEDGER_SERIAL_MAX 20
/** Longest certificate and longest memo, in bytes. */
#define LEDGER_BLOB_MAX (1024 * 1024)
/** Longest path of an output, in bytes. */
#define LEDGER_PATH_MAX 4095

struct query {
    struct ledger *ledger;
    enum ledger_statement which;
    sqlite3_stmt *statement; /**< borrowed from the ledger */
    struct faults *faults;
    int parameter; /**< bound so far */
    int column;    /**< read so far of this row */
    int64_t row;   /**< number of this row, from 1 */
    bool failed;   /**< a fault was told */
};

/** -1 with a fault; query_end must be called in any case. */
int query_start(struct query *query, struct ledger *ledger, enum ledger_statement which,
                struct faults *faults) MUST_USE;
/** Bound values are borrowed until query_end. */
void query_put_number(struct query *query, int64_t number);
/** 0 as NULL: a reference to nothing. */
void query_put_reference(struct query *query, int64_t id);
/** @p what names the value in complaints. Refuses what could not be read again: too long, not UTF-8, control characters. */
void query_put_text(struct query *query, const char *text, size_t limit, const char *what);
/** A text that is looked for: one that query_put_text refuses stands in no row, and none is found. */
void query_seek_text(struct query *query, const char *text, size_t limit);
void query_put_blob(struct query *query, struct slice blob, size_t limit, const char *what);
void query_put_digest(struct query *query, const struct digest *digest);
/** All zeros as NULL. */
void query_put_digest_if(struct query *query, const struct digest *digest);
/** LEDGER_NEVER as NULL. */
void query_put_instant_if(struct query *query, instant value);

/** The next row: 1, none left: 0, fault: -1. SQLite's refusal of a constraint is left in *constraint, when not NULL, without a fault. */
int query_step(struct query *query, int *constraint) MUST_USE;
/** How many rows the finished statement changed. */
int query_changes(const struct query *query);

int64_t query_number(struct query *query, int64_t least, int64_t most);
bool query_flag(struct query *query);
/** NULL as 0. */
int64_t query_reference(struct query *query);
/** Text of at most @p size - 1 bytes; "" after a complaint. */
void query_text(struct query *query, char *text, size_t size);
/** The same, borrowed until the next step. */
const char *query_borrowed_text(struct query *query, size_t limit);
/** Borrowed until the next step. */
struct slice query_blob(struct query *query, size_t least, size_t most);
void query_digest(struct query *query, struct digest *digest);
/** NULL as zeros. */
void query_digest_if(struct query *query, struct digest *digest);
/** NULL as LEDGER_NEVER. */
instant query_instant_if(struct query *query);
/** Complain about the column last read: "does not fit" and the like. */
void query_refuse(struct query *query, const char *why);
/** Complain about the row: "has no DER" and the like. */
void query_refuse_row(struct query *query, const char *why);

/** Readies the statement for its next use. @p result, or -1 when there was a fault or the file changed under the reading. */
int query_end(struct query *query, int result) MUST_USE;

#endif
