/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record being written: append, flush, and only then act.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/folder.h"
#include "base/temporary.h"
#include "journal/folder_of_records.h"
#include "journal/journal.h"

struct journal_entry {
    struct journal *journal;
    struct bytes name;
    int file;
    size_t claims; /* how many it has */
    bool torn;     /* a line was written in part */
};

/** A complaint about the record; always -1. */
static int complain(const struct journal_entry *entry, const char *what, struct faults *faults)
{
    fault_system(faults, errno, bytes_text(&entry->journal->shown), NULL, "%s", what);
    return -1;
}

/** Write all of @p text. -1 with errno. */
static int write_whole(int file, const struct bytes *text)
{
    size_t done = 0;

    while (done < text->length) {
        ssize_t step = write(file, text->data + done, text->length - done);

        if (step < 0 && errno != EINTR) {
            return -1;
        }
        done += step > 0 ? (size_t)step : 0;
    }
    return 0;
}

/** Append @p text. What a failure leaves of it is ended by the next line, and is none. */
static int write_text(struct journal_entry *entry, const struct bytes *text, bool flush,
                      struct faults *faults)
{
    const struct bytes newline = {(unsigned char *)"\n", 1, 0};

    if ((entry->torn && write_whole(entry->file, &newline) != 0) || write_whole(entry->file, text) != 0) {
        entry->torn = true;
        return complain(entry, "the journal cannot be written", faults);
    }
    entry->torn = false;
    if (flush && temporary_flush(entry->file) != 0) {
        return complain(entry, "the journal cannot be written to the disk", faults);
    }
    return 0;
}

/** The text is written if it was made; it is freed. */
static int write_made(struct journal_entry *entry, struct bytes *text, int made, bool flush,
                      struct faults *faults)
{
    int status = -1;

    if (made != 0) {
        fault_memory(faults);
    } else {
        status = write_text(entry, text, flush, faults);
    }
    bytes_free(text);
    return status;
}

static struct journal_entry *entry_new(struct journal *journal, const char *name, struct faults *faults)
{
    struct journal_entry *entry = calloc(1, sizeof(*entry));

    if (entry != NULL) {
        entry->journal = journal;
        entry->file = -1;
        if (name == NULL || bytes_append_text(&entry->name, name) == 0) {
            return entry;
        }
    }
    free(entry);
    fault_memory(faults);
    return NULL;
}

void journal_keep(struct journal_entry *entry)
{
    if (entry != NULL) {
        if (entry->file >= 0) {
            (void)close(entry->file);
        }
        bytes_free(&entry->name);
        free(entry);
    }
}

const char *journal_entry_file(const struct journal_entry *entry)
{
    return bytes_text(&entry->name);
}

/** Lock the record's file; somebody may look at it just now whether it is locked. */
static int lock_file(const struct journal_entry *entry)
{
    int status;

    do {
        status = flock(entry->file, LOCK_EX);
    } while (status != 0 && errno == EINTR);
    return status;
}

struct journal_entry *journal_begin(struct journal *journal, const char *store, const char *command,
                                    struct faults *faults)
{
    struct record record = {.pid = (long)getpid(), .began = context_now(journal->context)};
    struct journal_entry *entry = entry_new(journal, NULL, faults);
    struct bytes head = BYTES_EMPTY;
    unsigned char tag[8];
    int made;

    if (entry == NULL) {
        return NULL;
    }
    if (context_random(journal->context, tag, sizeof(tag)) != 0 ||
        bytes_append_hex(&entry->name, (struct slice){tag, sizeof(tag)}, 0) != 0 ||
        bytes_append_text(&entry->name, RECORD_ENDING) != 0) {
        fault_error(faults, NULL, NULL, NULL,
                    "the journal has no name for a record: no randomness or memory");
        goto failed;
    }
    entry->file = openat(journal->folder, bytes_text(&entry->name),
                         O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (entry->file < 0 || lock_file(entry) != 0) {
        (void)complain(entry, "the journal cannot be written", faults);
        goto failed;
    }
    made = bytes_append_text(&record.store, store) == 0 && bytes_append_text(&record.command, command) == 0
               ? record_write_head(&record, &head)
               : -1;
    record_free(&record);
    if (write_made(entry, &head, made, true, faults) != 0) {
        goto failed;
    }
    if (folder_flush(journal->folder) != 0) {
        (void)complain(entry, "the journal cannot be written to the disk", faults);
        goto failed;
    }
    return entry;
failed:
    record_free(&record);
    if (entry->file >= 0) {
        (void)unlinkat(journal->folder, bytes_text(&entry->name), 0);
    }
    journal_keep(entry);
    return NULL;
}

/** Whether a crash left a part of a line. */
static int look_for_torn_line(struct journal_entry *entry, struct faults *faults)
{
    off_t length = lseek(entry->file, 0, SEEK_END);
    char last = '\n';

    if (length > 0 && pread(entry->file, &last, 1, length - 1) != 1) {
        return complain(entry, "the journal cannot be read", faults);
    }
    entry->torn = last != '\n';
    return 0;
}

struct journal_entry *journal_resume(struct journal *journal, const struct record *record,
                                     struct faults *faults)
{
    struct journal_entry *entry = entry_new(journal, bytes_text(&record->file), faults);
    const struct place place = {bytes_text(&journal->shown), 0, 0};

    if (entry == NULL) {
        return NULL;
    }
    entry->claims = record->claim_count;
    entry->file =
        openat(journal->folder, bytes_text(&entry->name), O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (entry->file < 0) {
        (void)complain(entry, "the journal cannot be written", faults);
        goto failed;
    }
    if (flock(entry->file, LOCK_EX | LOCK_NB) != 0) {
        fault_error(faults, &place, NULL, "try again when it has ended",
                    "the record is in use by process %ld (keychain-import %s)", record->pid,
                    bytes_text(&record->command));
        goto failed;
    }
    if (look_for_torn_line(entry, faults) != 0) {
        goto failed;
    }
    return entry;
failed:
    journal_keep(entry);
    return NULL;
}

int journal_claim(struct journal_entry *entry, const struct claim *claim, size_t *number,
                  struct faults *faults)
{
    struct bytes text = BYTES_EMPTY;
    int made = record_write_claim(claim, entry->claims, &text);

    if (write_made(entry, &text, made, true, faults) != 0) {
        return -1;
    }
    *number = entry->claims++;
    return 0;
}

int journal_state(struct journal_entry *entry, size_t number, enum claim_state state, struct faults *faults)
{
    struct bytes text = BYTES_EMPTY;
    int made = record_write_state(state, number, &text);

    return write_made(entry, &text, made, false, faults);
}

int journal_decide(struct journal_entry *entry, struct faults *faults)
{
    struct bytes text = BYTES_EMPTY;
    int made = record_write_decided(&text);

    return write_made(entry, &text, made, true, faults);
}

int journal_end(struct journal_entry *entry, struct faults *faults)
{
    struct bytes text = BYTES_EMPTY;
    int made = record_write_end(&text);

    return write_made(entry, &text, made, true, faults);
}

int journal_drop(struct journal_entry *entry, struct faults *faults)
{
    int status = 0;

    if (unlinkat(entry->journal->folder, bytes_text(&entry->name), 0) != 0 && errno != ENOENT) {
        status = complain(entry, "the journal cannot be written", faults);
    } else if (folder_flush(entry->journal->folder) != 0) {
        status = complain(entry, "the journal cannot be written to the disk", faults);
    }
    journal_keep(entry);
    return status;
}
