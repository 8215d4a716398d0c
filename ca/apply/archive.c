/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive: a temporary beside its target, written file by file, flushed, and renamed.
 */
#include "apply/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_stamp.h"
#include "base/folder.h"
#include "base/tar.h"
#include "base/temporary.h"

/** Largest output that is taken. */
#define OUTPUT_SIZE_MAX (16u * 1024 * 1024)

/** An archive on its way. */
struct packing {
    struct tar tar;
    int directory;
    const char *shown;
    size_t files;
    struct faults *faults;
};

static int complain(const struct packing *packing)
{
    fault_system(packing->faults, errno, packing->shown, NULL, "cannot be written");
    return -1;
}

static int pack_file(struct packing *packing, const char *path)
{
    struct bytes content = BYTES_EMPTY;
    struct stat st;
    int status = -1;

    if (fstatat(packing->directory, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        fault_system(packing->faults, errno, path, NULL, "cannot be put into %s", packing->shown);
    } else if (file_read(packing->directory, path, OUTPUT_SIZE_MAX, &content, packing->faults) == 0) {
        packing->files++;
        status = tar_add(&packing->tar, path, slice_of(&content), st.st_mode & 0777u, st.st_mtime) == 0
                     ? 0
                     : complain(packing);
    }
    bytes_free(&content);
    return status;
}

static int pack_entry(struct packing *packing, const struct entry *entry)
{
    struct bytes path = BYTES_EMPTY;
    size_t i;
    int status = 0;

    if (entry->kind == ENTRY_CERTIFICATE && entry->revoked.wanted) {
        return 0; /* not to be handed out */
    }
    for (i = 0; status == 0 && i < entry_output_count(entry); i++) {
        struct output output;

        bytes_clear(&path);
        if (entry_output_at(entry, i, &output, &path) != 0) {
            fault_memory(packing->faults);
            status = -1;
        } else if (entry->kind == ENTRY_CERTIFICATE || output.kind != OUTPUT_KEY) {
            status = pack_file(packing, bytes_text(&path));
        }
    }
    bytes_free(&path);
    return status;
}

static int pack(struct packing *packing, const struct manifest *manifest)
{
    struct manifest_cursor cursor = manifest_entries(manifest);
    const struct entry *entry;
    int status = 0;

    while (packing->directory >= 0 && status == 0 && (entry = manifest_next(&cursor)) != NULL) {
        status = pack_entry(packing, entry);
    }
    if (status == 0 && cursor.failed) {
        fault_memory(packing->faults);
        status = -1;
    }
    if (status == 0 && (tar_end(&packing->tar) != 0 || temporary_flush(packing->tar.file) != 0)) {
        status = complain(packing);
    }
    return status;
}

/** The folder of @p path, open; *leaf: the rest. -1 with a fault. */
static int open_folder(const char *path, const char **leaf, struct faults *faults)
{
    const char *slash = strrchr(path, '/');
    struct bytes folder = BYTES_EMPTY;
    int file = -1;

    *leaf = slash != NULL ? slash + 1 : path;
    if (slash != NULL && bytes_append(&folder, path, (size_t)(slash - path) + 1) != 0) {
        fault_memory(faults);
    } else {
        file = open(slash != NULL ? bytes_text(&folder) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (file < 0) {
            fault_system(faults, errno, path, NULL, "its folder cannot be opened");
        }
    }
    bytes_free(&folder);
    return file;
}

int archive_write(const struct context *context, const struct manifest *manifest, int directory,
                  const char *path, size_t *files, struct faults *faults)
{
    struct packing packing = {{.file = -1}, directory, path, 0, faults};
    const char *leaf = NULL, *why = NULL;
    int folder = open_folder(path, &leaf, faults);
    uint64_t tag = 0, number = 0;
    unsigned char random[sizeof(tag)];
    struct file_stamp stamp;
    int status = -1;

    if (folder < 0) {
        goto out;
    }
    if (!file_name_is_safe(leaf, &why)) {
        fault_error(faults, NULL, NULL, NULL, "\"%s\" cannot be the name of an archive: it %s", path, why);
        goto out;
    }
    if (file_stamp_read(folder, leaf, &stamp, &why) < 0) {
        fault_error(faults, NULL, NULL, "remove or rename what is there", "%s: %s", path, why);
        goto out;
    }
    if (context_random(context, random, sizeof(random)) != 0) {
        fault_openssl(faults, "%s: no randomness for a temporary name", path);
        goto out;
    }
    memcpy(&tag, random, sizeof(tag));
    packing.tar.file = temporary_create(folder, tag, &number, 0600);
    if (packing.tar.file < 0) {
        (void)complain(&packing);
        goto out;
    }
    status = pack(&packing, manifest);
    if (status == 0 && (temporary_close(&packing.tar.file) != 0 ||
                        renameat(folder, temporary_name(tag, number).text, folder, leaf) != 0 ||
                        folder_flush(folder) != 0)) {
        status = complain(&packing);
    }
    if (status != 0) {
        (void)unlinkat(folder, temporary_name(tag, number).text, 0);
    }
    *files = packing.files;
out:
    if (packing.tar.file >= 0) {
        (void)close(packing.tar.file);
    }
    if (folder >= 0) {
        (void)close(folder);
    }
    tar_free(&packing.tar);
    return status;
}
