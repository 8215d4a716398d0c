/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handout: one walk over the entries and their outputs.
 */
#include "handout/handout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "handout/archive.h"
#include "handout/parcels.h"

/** Largest output that is taken. */
#define OUTPUT_SIZE_MAX (16u * 1024 * 1024)

/** A walk under way. */
struct handing {
    struct handout_sink *sink;
    int directory;
    size_t files;
    struct faults *faults;
};

bool handout_is_archive(const char *path)
{
    size_t length = strlen(path);

    return length >= 4 && strcmp(path + length - 4, ".tar") == 0;
}

struct handout_sink *handout_open(const struct context *context, const char *path, bool early,
                                  struct faults *faults)
{
    struct handout_sink *sink =
        handout_is_archive(path) ? archive_new(context, path) : parcels_new(context, path);

    if (sink == NULL) {
        fault_memory(faults);
    } else if (sink->look(sink, early, faults) != 0) {
        handout_close(sink);
        sink = NULL;
    }
    return sink;
}

static int hand_file(struct handing *handing, const char *path)
{
    struct bytes content = BYTES_EMPTY;
    struct stat st;
    int status = -1;

    if (fstatat(handing->directory, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        fault_system(handing->faults, errno, path, NULL, "cannot be handed out");
    } else if (file_read(handing->directory, path, OUTPUT_SIZE_MAX, &content, handing->faults) == 0) {
        handing->files++;
        status = handing->sink->file(handing->sink, path, slice_of(&content), &st, handing->faults);
    }
    bytes_free(&content);
    return status;
}

static int hand_entry(struct handing *handing, const struct entry *entry)
{
    struct bytes path = BYTES_EMPTY;
    size_t i;
    int status;

    if (entry->kind == ENTRY_CERTIFICATE && entry->revoked.wanted) {
        return 0; /* not to be handed out */
    }
    status = handing->sink->entry(handing->sink, entry, handing->faults);
    for (i = 0; status == 0 && i < entry_output_count(entry); i++) {
        struct output output;

        bytes_clear(&path);
        if (entry_output_at(entry, i, &output, &path) != 0) {
            fault_memory(handing->faults);
            status = -1;
        } else if (entry->kind == ENTRY_CERTIFICATE || output.kind != OUTPUT_KEY) {
            status = hand_file(handing, bytes_text(&path));
        }
    }
    bytes_free(&path);
    return status;
}

int handout_write(struct handout_sink *sink, const struct manifest *manifest, int directory,
                  const struct handout_filter *filter, size_t *files, struct faults *faults)
{
    struct handing handing = {sink, directory, 0, faults};
    struct manifest_cursor cursor = manifest_entries(manifest);
    const struct entry *entry;
    int status = sink->begin(sink, faults);

    while (directory >= 0 && status == 0 && (entry = manifest_next(&cursor)) != NULL) {
        int left_out = filter != NULL ? filter->leaves_out(filter->state, entry, faults) : 0;

        status = left_out == 0 ? hand_entry(&handing, entry) : left_out < 0 ? -1 : 0;
    }
    if (status == 0 && cursor.failed) {
        fault_memory(faults);
        status = -1;
    }
    *files = handing.files;
    return status == 0 ? sink->end(sink, faults) : -1;
}

void handout_close(struct handout_sink *sink)
{
    if (sink != NULL) {
        sink->free(sink);
    }
}
