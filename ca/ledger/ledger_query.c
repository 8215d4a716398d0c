/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queries: parameters in, columns out, both within bounds.
 */
#include "ledger/ledger_query.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define HINT_DAMAGED "the ledger is damaged: restore it from a backup"

/* ---- complaints ------------------------------------------------------------------------------------------------------ */

static const char *table_of(const struct query *query)
{
    return ledger_statements[query->which].table;
}

/* Which row it is: by its rowid; in a table without one by its key; by its number when even that is not what it should be. */
static void name_row(const struct query *query, char *text, size_t size)
{
    switch (sqlite3_column_type(query->statement, 0)) {
    case SQLITE_INTEGER:
        (void)snprintf(text, size, "rowid %lld", (long long)sqlite3_column_int64(query->statement, 0));
        break;
    case SQLITE_TEXT:
        (void)snprintf(text, size, "\"%.200s\"", (const char *)sqlite3_column_text(query->statement, 0));
        break;
    default:
        (void)snprintf(text, size, "row %lld", (long long)query->row);
        break;
    }
}

void query_refuse(struct query *query, const char *why)
{
    struct place place = ledger_place(query->ledger);
    char row[256];

    if (query->failed) {
        return;
    }
    query->failed = true;
    name_row(query, row, sizeof(row));
    fault_error(query->faults, &place, NULL, HINT_DAMAGED, "table %s, %s: %s %s", table_of(query), row,
                sqlite3_column_name(query->statement, query->column - 1), why);
}

void query_refuse_row(struct query *query, const char *why)
{
    struct place place = ledger_place(query->ledger);
    char row[256];

    if (query->failed) {
        return;
    }
    query->failed = true;
    name_row(query, row, sizeof(row));
    fault_error(query->faults, &place, NULL, HINT_DAMAGED, "table %s, %s: %s", table_of(query), row, why);
}

/* A value that was to go in is refused. */
static void refuse_value(struct query *query, const char *what, const char *why)
{
    struct place place = ledger_place(query->ledger);

    if (!query->failed) {
        query->failed = true;
        fault_error(query->faults, &place, NULL, NULL, "cannot write table %s: %s %s", table_of(query), what,
                    why);
    }
}

static void sqlite_fault(struct query *query, int code)
{
    char what[64];

    if (!query->failed) {
        query->failed = true;
        (void)snprintf(what, sizeof(what), "use table %s", table_of(query));
        ledger_fault(query->ledger, code, what, query->faults);
    }
}

/* What is wrong with a text, or NULL. */
static const char *text_flaw(struct slice text, size_t limit)
{
    if (text.length > limit) {
        return "is too long";
    }
    while (text.length > 0) {
        uint32_t point = 0;
        size_t taken;

        /* Nearly all there ever is. */
        if (text.data[0] >= ' ' && text.data[0] <= '~') {
            text.data++;
            text.length--;
            continue;
        }
        taken = utf8_take(text, &point);
        if (taken == 0) {
            return "is not UTF-8";
        }
        if (utf8_is_control(point)) {
            return "holds a control character";
        }
        text.data += taken;
        text.length -= taken;
    }
    return NULL;
}

/* ---- in -------------------------------------------------------------------------------------------------------------- */

int query_start(struct query *query, struct ledger *ledger, enum ledger_statement which,
                struct faults *faults)
{
    memset(query, 0, sizeof(*query));
    query->ledger = ledger;
    query->which = which;
    query->faults = faults;
    query->statement = ledger_prepared(ledger, which, faults);
    query->failed = query->statement == NULL;
    return query->failed ? -1 : 0;
}

static void bound(struct query *query, int code)
{
    if (code != SQLITE_OK) {
        sqlite_fault(query, code);
    }
}

void query_put_number(struct query *query, int64_t number)
{
    bound(query, sqlite3_bind_int64(query->statement, ++query->parameter, number));
}

void query_put_reference(struct query *query, int64_t id)
{
    query->parameter++;
    if (id != 0) { /* what is not bound is NULL */
        bound(query, sqlite3_bind_int64(query->statement, query->parameter, id));
    }
}

/* Bind @p text; when it is no text for a row nothing is bound, and the answer is what is wrong with it. */
static const char *put_text(struct query *query, const char *text, size_t limit)
{
    struct slice slice = {(const unsigned char *)text, strnlen(text, limit + 1)};
    const char *flaw = text_flaw(slice, limit);

    if (flaw == NULL) {
        bound(query, sqlite3_bind_text(query->statement, ++query->parameter, text, (int)slice.length,
                                       SQLITE_STATIC));
    }
    return flaw;
}

void query_put_text(struct query *query, const char *text, size_t limit, const char *what)
{
    const char *flaw = put_text(query, text, limit);

    if (flaw != NULL) {
        refuse_value(query, what, flaw);
    }
}

void query_seek_text(struct query *query, const char *text, size_t limit)
{
    if (put_text(query, text, limit) != NULL) {
        query->parameter++; /* what is not bound is NULL, which is equal to nothing */
    }
}

void query_put_blob(struct query *query, struct slice blob, size_t limit, const char *what)
{
    if (blob.length > limit) {
        refuse_value(query, what, "is too long");
        return;
    }
    /* A NULL pointer would be bound as NULL. */
    bound(query, sqlite3_bind_blob(query->statement, ++query->parameter,
                                   blob.data == NULL ? (const void *)"" : blob.data, (int)blob.length,
                                   SQLITE_STATIC));
}

void query_put_digest(struct query *query, const struct digest *digest)
{
    query_put_blob(query, (struct slice){digest->octets, DIGEST_LENGTH}, DIGEST_LENGTH, "digest");
}

void query_put_digest_if(struct query *query, const struct digest *digest)
{
    static const struct digest none = {{0}};

    if (digest_equal(digest, &none)) {
        query->parameter++; /* what is not bound is NULL */
    } else {
        query_put_digest(query, digest);
    }
}

void query_put_instant_if(struct query *query, instant value)
{
    if (value == LEDGER_NEVER) {
        query->parameter++;
    } else {
        query_put_number(query, value);
    }
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

int query_step(struct query *query, int *constraint)
{
    int code;

    if (query->failed) {
        return -1;
    }
    code = sqlite3_step(query->statement);
    query->column = 0;
    query->row++;
    if (code == SQLITE_ROW) {
        return 1;
    }
    if (code == SQLITE_DONE) {
        return 0;
    }
    if (constraint != NULL && (code & 0xff) == SQLITE_CONSTRAINT) {
        *constraint = code;
        query->failed = true;
        return -1;
    }
    sqlite_fault(query, code);
    return -1;
}

int query_changes(const struct query *query)
{
    return sqlite3_changes(query->ledger->database);
}

int query_end(struct query *query, int result)
{
    struct ledger *ledger = query->ledger;

    if (query->statement != NULL) {
        /* The outcome was told by the step. */
        (void)sqlite3_reset(query->statement);
        (void)sqlite3_clear_bindings(query->statement);
        query->statement = NULL;
        if (!query->failed && ledger_was_changed(ledger)) {
            ledger_fault_changed(ledger, query->faults);
            return -1;
        }
    }
    return query->failed ? -1 : result;
}

/* ---- out ------------------------------------------------------------------------------------------------------------- */

int64_t query_number(struct query *query, int64_t least, int64_t most)
{
    int column = query->column++;
    int64_t number;

    if (sqlite3_column_type(query->statement, column) != SQLITE_INTEGER) {
        query_refuse(query, "is not a number");
        return least;
    }
    number = sqlite3_column_int64(query->statement, column);
    if (number < least || number > most) {
        query_refuse(query, "is out of range");
        return least;
    }
    return number;
}

bool query_flag(struct query *query)
{
    return query_number(query, 0, 1) != 0;
}

int64_t query_reference(struct query *query)
{
    if (sqlite3_column_type(query->statement, query->column) == SQLITE_NULL) {
        query->column++;
        return 0;
    }
    return query_number(query, 1, INT64_MAX);
}

const char *query_borrowed_text(struct query *query, size_t limit)
{
    int column = query->column++;
    struct slice text;
    const char *flaw;

    if (sqlite3_column_type(query->statement, column) != SQLITE_TEXT) {
        query_refuse(query, "is not a text");
        return "";
    }
    text.data = sqlite3_column_text(query->statement, column);
    if (text.data == NULL) {
        sqlite_fault(query, SQLITE_NOMEM);
        return "";
    }
    text.length = (size_t)sqlite3_column_bytes(query->statement, column);
    flaw = text_flaw(text, limit);
    if (flaw != NULL) {
        query_refuse(query, flaw);
        return "";
    }
    return (const char *)text.data;
}

void query_text(struct query *query, char *text, size_t size)
{
    const char *borrowed = query_borrowed_text(query, size - 1);

    /* No NUL is inside (it would be a control character), and it is short enough. */
    memcpy(text, borrowed, strlen(borrowed) + 1);
}

struct slice query_blob(struct query *query, size_t least, size_t most)
{
    int column = query->column++;
    struct slice blob = {NULL, 0};
    size_t length;

    if (sqlite3_column_type(query->statement, column) != SQLITE_BLOB) {
        query_refuse(query, "is not a blob");
        return blob;
    }
    length = (size_t)sqlite3_column_bytes(query->statement, column);
    if (length < least || length > most) {
        query_refuse(query, length < least ? "is too short" : "is too long");
        return blob;
    }
    blob.data = sqlite3_column_blob(query->statement, column);
    if (blob.data == NULL && length > 0) {
        sqlite_fault(query, SQLITE_NOMEM);
        return blob;
    }
    blob.length = length;
    return blob;
}

void query_digest(struct query *query, struct digest *digest)
{
    struct slice blob = query_blob(query, DIGEST_LENGTH, DIGEST_LENGTH);

    if (blob.length == DIGEST_LENGTH) {
        memcpy(digest->octets, blob.data, DIGEST_LENGTH);
    } else {
        memset(digest->octets, 0, DIGEST_LENGTH);
    }
}

void query_digest_if(struct query *query, struct digest *digest)
{
    if (sqlite3_column_type(query->statement, query->column) == SQLITE_NULL) {
        query->column++;
        memset(digest->octets, 0, DIGEST_LENGTH);
    } else {
        query_digest(query, digest);
    }
}

instant query_instant_if(struct query *query)
{
    if (sqlite3_column_type(query->statement, query->column) == SQLITE_NULL) {
        query->column++;
        return LEDGER_NEVER;
    }
    return query_number(query, INT64_MIN + 1, INT64_MAX);
}
