/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive: a temporary beside its target, written file by file, flushed, and renamed.
 */
#include "handout/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_stamp.h"
#include "base/folder.h"
#include "base/tar.h"
#include "base/temporary.h"

/** An archive on its way. */
struct archive {
    struct handout_sink sink;
    const struct context *context;
    const char *path, *leaf;
    int folder;           /* that it will be in; -1: not there yet */
    struct tar tar;       /* its file is -1 while there is no temporary */
    uint64_t tag, number; /* of the temporary's name */
};

static struct archive *archive_of(struct handout_sink *sink)
{
    return (struct archive *)(void *)sink;
}

static int complain(const struct archive *archive, struct faults *faults)
{
    fault_system(faults, errno, archive->path, NULL, "cannot be written");
    return -1;
}

/** Opens the folder and sees whether the target may be written. */
static int archive_enter(struct archive *archive, bool early, struct faults *faults)
{
    struct file_stamp stamp;
    const char *why = NULL;

    archive->folder = folder_open_named(archive->path, &archive->leaf);
    if (archive->folder < 0) {
        if (errno == ENOENT && early) {
            return 0; /* the PKI directory, maybe, that is yet to be made */
        }
        fault_system(faults, errno, archive->path, NULL, "its folder cannot be opened");
        return -1;
    }
    if (!file_name_is_safe(archive->leaf, &why)) {
        fault_error(faults, NULL, NULL, NULL, "\"%s\" cannot be the name of an archive: it %s", archive->path,
                    why);
        return -1;
    }
    if (file_stamp_read(archive->folder, archive->leaf, &stamp, &why) < 0) {
        fault_error(faults, NULL, NULL, "remove or rename what is there", "%s: %s", archive->path, why);
        return -1;
    }
    return 0;
}

static int archive_look(struct handout_sink *sink, bool early, struct faults *faults)
{
    return archive_enter(archive_of(sink), early, faults);
}

static int archive_begin(struct handout_sink *sink, struct faults *faults)
{
    struct archive *archive = archive_of(sink);
    unsigned char random[sizeof(archive->tag)];

    if (archive->folder < 0 && archive_enter(archive, false, faults) != 0) {
        return -1;
    }
    if (context_random(archive->context, random, sizeof(random)) != 0) {
        fault_openssl(faults, "%s: no randomness for a temporary name", archive->path);
        return -1;
    }
    memcpy(&archive->tag, random, sizeof(random));
    archive->tar.file = temporary_create(archive->folder, archive->tag, &archive->number, 0600);
    return archive->tar.file >= 0 ? 0 : complain(archive, faults);
}

static int archive_entry(struct handout_sink *sink, const struct entry *entry, struct faults *faults)
{
    (void)sink;
    (void)entry;
    (void)faults;
    return 0;
}

static int archive_file(struct handout_sink *sink, const char *path, struct slice content,
                        const struct stat *st, struct faults *faults)
{
    struct archive *archive = archive_of(sink);
    int64_t modified =
        context_is_fixture(archive->context) ? context_now(archive->context) : (int64_t)st->st_mtime;

    return tar_add(&archive->tar, path, content, st->st_mode & 0777u, modified) == 0
               ? 0
               : complain(archive, faults);
}

static int archive_end(struct handout_sink *sink, struct faults *faults)
{
    struct archive *archive = archive_of(sink);
    struct temporary_name name = temporary_name(archive->tag, archive->number);

    if (tar_end(&archive->tar) != 0 || temporary_flush(archive->tar.file) != 0) {
        return complain(archive, faults);
    }
    if (temporary_close(&archive->tar.file) != 0 ||
        renameat(archive->folder, name.text, archive->folder, archive->leaf) != 0 ||
        folder_flush(archive->folder) != 0) {
        (void)complain(archive, faults);
        (void)unlinkat(archive->folder, name.text, 0);
        return -1;
    }
    return 0;
}

static void archive_free(struct handout_sink *sink)
{
    struct archive *archive = archive_of(sink);

    if (archive->tar.file >= 0) {
        (void)close(archive->tar.file);
        (void)unlinkat(archive->folder, temporary_name(archive->tag, archive->number).text, 0);
    }
    if (archive->folder >= 0) {
        (void)close(archive->folder);
    }
    tar_free(&archive->tar);
    free(archive);
}

struct handout_sink *archive_new(const struct context *context, const char *path)
{
    struct archive *archive = calloc(1, sizeof(*archive));

    if (archive == NULL) {
        return NULL;
    }
    archive->sink = (struct handout_sink){archive_look, archive_begin, archive_entry,
                                          archive_file, archive_end,   archive_free};
    archive->context = context;
    archive->path = path;
    archive->folder = -1;
    archive->tar.file = -1;
    return &archive->sink;
}
