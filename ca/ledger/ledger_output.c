/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Outputs: the files as they were last published. Paths come out of the file that an enemy may have made, and what is read here
 * may be written, compared or removed below the PKI directory later: so a path has to be one that an output may have.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "ledger/ledger_directory.h"
#include "ledger/ledger_query.h"

void ledger_output_free(struct ledger_output *output)
{
    if (output != NULL) {
        free(output->path);
        output->path = NULL;
    }
}

bool ledger_output_is_claim(const struct ledger_output *output)
{
    const struct file_stamp none = {0};

    return memcmp(&output->stamp, &none, sizeof(none)) == 0;
}

/* Bind a row and run @p which: the number of rows it changed, or -1. */
static int run_row(struct ledger *ledger, enum ledger_statement which, const struct ledger_output *output,
                   struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct query query;
    int constraint = SQLITE_OK;
    int changes = 0;
    int result = query_start(&query, ledger, which, faults);

    if (result == 0) {
        query_put_text(&query, output->path, LEDGER_PATH_MAX, "path");
        query_put_reference(&query, output->certificate);
        query_put_text(&query, output->name, sizeof(output->name) - 1, "name");
        query_put_number(&query, output->kind);
        query_put_digest(&query, &output->content);
        query_put_digest(&query, &output->inputs);
        query_put_number(&query, output->stamp.size);
        query_put_number(&query, output->stamp.mtime_ns);
        query_put_number(&query, output->stamp.ctime_ns);
        query_put_number(&query, output->stamp.inode);
        result = query_step(&query, &constraint);
        changes = query_changes(&query);
    }
    if (constraint == SQLITE_CONSTRAINT_FOREIGNKEY) {
        fault_error(faults, &place, NULL, NULL, "output \"%s\" names certificate %lld, which is not there",
                    output->path, (long long)output->certificate);
    } else if (constraint != SQLITE_OK) {
        ledger_fault(ledger, constraint, "write table output", faults);
    }
    return query_end(&query, result) == 0 ? changes : -1;
}

int ledger_put_output(struct ledger *ledger, const struct ledger_output *output, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    const char *why = NULL;
    int changes = -1;

    if (ledger_need_group(ledger, faults) != 0) {
        return -1;
    }
    if (!file_name_is_safe(output->path, &why)) {
        fault_error(faults, &place, NULL, NULL, "cannot keep output \"%s\": it %s", output->path, why);
        return -1;
    }
    changes = run_row(ledger, LEDGER_OUTPUT_PUT, output, faults);
    if (changes == 0) {
        changes = run_row(ledger, LEDGER_OUTPUT_CHANGE, output, faults);
    }
    return changes < 0 ? -1 : 0;
}

int ledger_remove_output(struct ledger *ledger, const char *path, struct faults *faults)
{
    struct query query;
    int result = ledger_need_group(ledger, faults);

    if (result != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_OUTPUT_REMOVE, faults);
    if (result == 0) {
        query_put_text(&query, path, LEDGER_PATH_MAX, "path");
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

/* The path of an output, borrowed until the next step. */
static const char *read_path(struct query *query)
{
    const char *path = query_borrowed_text(query, LEDGER_PATH_MAX);
    const char *why = NULL;

    if (!query->failed && !file_name_is_safe(path, &why)) {
        query_refuse(query, why);
    }
    return path;
}

static void read_stamp(struct query *query, struct file_stamp *stamp)
{
    stamp->size = query_number(query, INT64_MIN, INT64_MAX);
    stamp->mtime_ns = query_number(query, INT64_MIN, INT64_MAX);
    stamp->ctime_ns = query_number(query, INT64_MIN, INT64_MAX);
    stamp->inode = query_number(query, INT64_MIN, INT64_MAX);
}

/* The columns of an output. *path is borrowed until the next step. */
static int read_output(struct query *query, struct ledger_output *output, const char **path)
{
    *path = read_path(query);
    output->certificate = query_reference(query);
    query_text(query, output->name, sizeof(output->name));
    output->kind = (int)query_number(query, 0, INT_MAX);
    query_digest(query, &output->content);
    query_digest(query, &output->inputs);
    read_stamp(query, &output->stamp);
    return query->failed ? -1 : 0;
}

/* One output, by a statement that takes a path. */
static int find(struct ledger *ledger, enum ledger_statement which, const char *path,
                struct ledger_output *output, struct faults *faults)
{
    struct query query;
    const char *borrowed = NULL;
    int result = query_start(&query, ledger, which, faults);

    memset(output, 0, sizeof(*output));
    if (result == 0) {
        query_seek_text(&query, path, LEDGER_PATH_MAX);
        result = query_step(&query, NULL);
    }
    if (result == 1 && read_output(&query, output, &borrowed) != 0) {
        result = -1;
    }
    if (result == 1 && (output->path = strdup(borrowed)) == NULL) {
        fault_memory(faults);
        result = -1;
    }
    result = query_end(&query, result);
    if (result != 1) {
        ledger_output_free(output);
    }
    return result;
}

int ledger_find_output(struct ledger *ledger, const char *path, struct ledger_output *output,
                       struct faults *faults)
{
    return find(ledger, LEDGER_OUTPUT_FIND, path, output, faults);
}

int ledger_next_output(struct ledger *ledger, const char *after, struct ledger_output *output,
                       struct faults *faults)
{
    return find(ledger, LEDGER_OUTPUT_NEXT, after, output, faults);
}

int ledger_each_output(struct ledger *ledger, const char *name,
                       int (*each)(void *state, const struct ledger_output *output), void *state,
                       struct faults *faults)
{
    struct ledger_output output;
    struct bytes path = BYTES_EMPTY;
    struct query query;
    int result =
        query_start(&query, ledger, name == NULL ? LEDGER_OUTPUT_EACH : LEDGER_OUTPUT_EACH_NAME, faults);
    int answer = 0;

    memset(&output, 0, sizeof(output));
    if (result == 0 && name != NULL) {
        query_seek_text(&query, name, sizeof(output.name) - 1);
    }
    while (result == 0 && answer == 0) {
        const char *borrowed = NULL;
        int row = query_step(&query, NULL);

        if (row != 1) {
            result = row;
            break;
        }
        bytes_clear(&path);
        if (read_output(&query, &output, &borrowed) != 0) {
            result = -1;
            break;
        }
        if (bytes_append_text(&path, borrowed) != 0) {
            fault_memory(faults);
            result = -1;
            break;
        }
        output.path = (char *)path.data;
        answer = each(state, &output);
    }
    bytes_free(&path);
    result = query_end(&query, result);
    return result != 0 ? result : answer;
}

int ledger_each_stamp(struct ledger *ledger,
                      int (*each)(void *state, const char *path, const struct file_stamp *stamp), void *state,
                      struct faults *faults)
{
    struct file_stamp stamp;
    struct query query;
    int result = query_start(&query, ledger, LEDGER_OUTPUT_STAMPS, faults);
    int answer = 0;

    memset(&stamp, 0, sizeof(stamp));
    while (result == 0 && answer == 0) {
        const char *path;
        int row = query_step(&query, NULL);

        if (row != 1) {
            result = row;
            break;
        }
        path = read_path(&query);
        read_stamp(&query, &stamp);
        result = query.failed ? -1 : 0;
        if (result == 0) {
            answer = each(state, path, &stamp);
        }
    }
    result = query_end(&query, result);
    return result != 0 ? result : answer;
}
