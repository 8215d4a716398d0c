/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memos: small values by key.
 */
#include "ledger/ledger_directory.h"
#include "ledger/ledger_query.h"

/* Longest key, in bytes. */
#define KEY_MAX 255

int ledger_put_memo(struct ledger *ledger, const char *key, struct slice value, struct faults *faults)
{
    struct query query;
    int result = ledger_need_group(ledger, faults);

    if (result != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_MEMO_PUT, faults);
    if (result == 0) {
        query_put_text(&query, key, KEY_MAX, "key");
        query_put_blob(&query, value, LEDGER_BLOB_MAX, "value");
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

int ledger_get_memo(struct ledger *ledger, const char *key, struct bytes *value, struct faults *faults)
{
    struct query query;
    struct slice blob;
    int result = query_start(&query, ledger, LEDGER_MEMO_FIND, faults);

    bytes_clear(value);
    if (result == 0) {
        query_put_text(&query, key, KEY_MAX, "key");
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        (void)query_borrowed_text(&query, KEY_MAX);
        blob = query_blob(&query, 0, LEDGER_BLOB_MAX);
        if (!query.failed && bytes_append(value, blob.data, blob.length) != 0) {
            fault_memory(faults);
            query.failed = true;
        }
    }
    return query_end(&query, result);
}
