/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The publisher. A group is a list of entries, each a target and its temporary, and the set of the folders they are in.
 *
 * Figures (ext4, 2 cores, files of 1 KB, microseconds a file from opening to durable): fsync of each 140; the same with
 * writing started for all beforehand 60 to 70; one syncfs for 2,000 files 20 to 30, for 32 files 28; no barrier at all 17.
 * O_TMPFILE, and linkat after the barrier, took as long as a temporary name and rename, so the portable way stands.
 *
 * Two threads that change names in one folder spin for each other: one that made 20,000 files while another renamed those before took
 * a fifth more of the processors than one after the other. So a large group of new files has its temporaries in a folder of its
 * own, the stage.
 */
#include "base/publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/folder.h"
#include "base/folder_set.h"
#include "base/lookup.h"
#include "base/output_folder.h"
#include "base/temporary.h"

/* The bits of a file's mode that are the caller's to choose. */
#define PERMISSIONS 0777

struct entry {
    char *path;       /* below the directory */
    const char *leaf; /* last part of path */
    size_t folder;    /* index */
    uint64_t number;  /* of the temporary's name */
    int file;         /* held open for its flush; else -1 */
    bool fresh;       /* nothing can be at its target */
    bool staged;      /* the temporary is in the stage, not beside the target */
};

/* A folder where files come out with the mode they are made with: neither the umask nor an ACL of the folder takes any of it. */
struct faithful {
    bool known;
    bool staged;
    size_t folder;
    mode_t mode;
};

/* Modes that are kept in mind: a key's and a certificate's. */
#define FAITHFUL 2

struct stamped {
    struct file_stamp stamp;
    bool known;
};

struct publisher {
    const struct context *context;
    struct output_folder folder;
    struct folder_set folders;

    bool tagged;
    uint64_t tag;    /* of the temporaries' names: random, once */
    uint64_t number; /* of the next temporary */

    struct entry *entries;
    size_t count;
    size_t capacity;
    struct lookup paths;   /* of the entries */
    int stage;             /* folder of this group; -1: not made */
    bool stageless;        /* it could not be made: the group does without */
    uint64_t stage_number; /* of its name */
    struct faithful faithful[FAITHFUL];
    size_t faithful_next;
    bool nothing;   /* is expected at the targets */
    bool flushed;   /* the group's barrier is behind it */
    size_t renamed; /* the first ones, that are at their targets */

    struct stamped *stamps; /* of the group last committed */
    size_t stamp_count;
    size_t stamp_capacity;
};

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

struct publisher *publisher_new(const struct context *context, int directory, const char *shown)
{
    struct publisher *publisher = calloc(1, sizeof(*publisher));

    if (publisher == NULL) {
        return NULL;
    }
    publisher->context = context;
    publisher->folder.directory = directory;
    publisher->folders.directory = directory;
    publisher->stage = -1;
    publisher->folder.shown = strdup(shown);
    if (publisher->folder.shown == NULL) {
        free(publisher);
        return NULL;
    }
    return publisher;
}

struct publisher *publisher_another(const struct publisher *publisher)
{
    struct publisher *another =
        publisher_new(publisher->context, publisher->folders.directory, publisher->folder.shown);

    if (another != NULL) {
        another->nothing = publisher->nothing;
    }
    return another;
}

void publisher_expect_nothing(struct publisher *publisher)
{
    publisher->nothing = true;
}

/* The folder that the temporary of @p entry is in; -1 with errno. */
static int folder_of_temporary(struct publisher *publisher, const struct entry *entry)
{
    return entry->staged ? publisher->stage : folder_set_at(&publisher->folders, entry->folder);
}

/* The stage, with nothing in it any more. One that somebody put something into is left. */
static void remove_stage(struct publisher *publisher)
{
    if (publisher->stage != -1) {
        close(publisher->stage);
        publisher->stage = -1;
        (void)unlinkat(publisher->folders.directory,
                       temporary_name(publisher->tag, publisher->stage_number).text, AT_REMOVEDIR);
    }
}

/* End the group. The temporaries that are not yet at their targets are removed. */
static void end_group(struct publisher *publisher)
{
    size_t renamed = publisher->renamed;

    for (size_t i = 0; i < publisher->count; i++) {
        struct entry *entry = &publisher->entries[i];

        if (entry->file != -1) {
            close(entry->file);
        }
        if (i >= renamed) {
            int folder = folder_of_temporary(publisher, entry);

            if (folder != -1) {
                (void)unlinkat(folder, temporary_name(publisher->tag, entry->number).text, 0);
            }
        }
        free(entry->path);
    }
    remove_stage(publisher);
    folder_set_clear(&publisher->folders, renamed < publisher->count || publisher->count == 0);
    lookup_clear(&publisher->paths);
    memset(publisher->faithful, 0, sizeof(publisher->faithful));
    publisher->count = 0;
    publisher->flushed = false;
    publisher->renamed = 0;
    publisher->stageless = false;
}

void publisher_abandon(struct publisher *publisher)
{
    end_group(publisher);
}

void publisher_free(struct publisher *publisher)
{
    if (publisher != NULL) {
        publisher_abandon(publisher);
        folder_set_free(&publisher->folders);
        lookup_free(&publisher->paths);
        free(publisher->entries);
        free(publisher->stamps);
        free(publisher->folder.shown);
        free(publisher);
    }
}

size_t publisher_pending(const struct publisher *publisher)
{
    return publisher->count;
}

/* ---- adding ------------------------------------------------------------------------------------------------------ */

/* Whether what is at the target now may be replaced. */
static int check_target(const struct publisher *publisher, const struct entry *entry, int folder,
                        struct faults *faults)
{
    struct file_stamp stamp;
    const char *why;

    if (file_stamp_read(folder, entry->leaf, &stamp, &why) == -1) {
        output_folder_complain(&publisher->folder, entry->path, OUTPUT_FOLDER_IN_THE_WAY, why, faults);
        return -1;
    }
    return 0;
}

/* The random part of the temporaries' names, when there is none yet. */
static int choose_tag(struct publisher *publisher)
{
    if (!publisher->tagged) {
        unsigned char random[sizeof(publisher->tag)];

        if (context_random(publisher->context, random, sizeof(random)) != 0) {
            return -1;
        }
        memcpy(&publisher->tag, random, sizeof(random));
        publisher->tagged = true;
    }
    return 0;
}

/*
 * Bring the written @p entry as far as it has to be before the barrier. On Linux a file of a small group stays open for
 * its fsync; once the group is not small any more, all are closed, for syncfs needs no descriptors. Elsewhere each goes to
 * the drive right away.
 */
static int settle(struct publisher *publisher, struct entry *entry)
{
#ifdef __linux__
    if (publisher->count < PUBLISHER_FEW) {
        return 0;
    }
    for (size_t i = 0; publisher->count == PUBLISHER_FEW && i < publisher->count; i++) {
        if (temporary_close(&publisher->entries[i].file) != 0) {
            return -1;
        }
    }
#else
    (void)publisher;
    if (temporary_flush(entry->file) != 0) {
        return -1;
    }
#endif
    return temporary_close(&entry->file);
}

/* Room for one more entry; the entries' order is the order of adding. */
static int reserve_entry(struct publisher *publisher)
{
    if (publisher->count == publisher->capacity) {
        size_t capacity = publisher->capacity == 0 ? 16 : 2 * publisher->capacity;
        struct entry *more = realloc(publisher->entries, capacity * sizeof(*more));

        if (more == NULL) {
            return -1;
        }
        publisher->entries = more;
        publisher->capacity = capacity;
    }
    return 0;
}

/*
 * Have the temporary of @p entry in the stage, where that is of use: the file is new, one of many, and in the directory itself, which is
 * on the same file system whatever the directory holds. Gives the folder for it; @p folder, its target's own, where it is in no stage.
 */
static int choose_stage(struct publisher *publisher, struct entry *entry, int folder)
{
    if (!entry->fresh || entry->folder != 0 || publisher->count < PUBLISHER_FEW || publisher->stageless) {
        return folder;
    }
    if (publisher->stage == -1) {
        publisher->stage_number = publisher->number;
        publisher->stage = temporary_create_folder(folder, publisher->tag, &publisher->stage_number);
        publisher->number = publisher->stage_number + 1;
        publisher->stageless = publisher->stage == -1;
    }
    entry->staged = publisher->stage != -1;
    return entry->staged ? publisher->stage : folder;
}

/* Find @p entry's folder, and see that the target may be written. Gives the folder's descriptor, or -1 with a fault. */
static int open_folder(struct publisher *publisher, struct entry *entry, struct faults *faults)
{
    const char *why = NULL;
    size_t found = 0;
    int folder = -1;

    if (folder_set_find(&publisher->folders, entry->path, &found, &why) == 0) {
        entry->folder = found;
        folder = folder_set_at(&publisher->folders, found);
    }
    if (folder == -1 && why != NULL) {
        output_folder_complain(&publisher->folder, entry->path, OUTPUT_FOLDER_IN_THE_WAY, why, faults);
    } else if (folder == -1) {
        output_folder_complain_system(&publisher->folder, entry->path, errno,
                                      "its folder cannot be opened or made", faults);
    } else if (!entry->fresh && check_target(publisher, entry, folder, faults) != 0) {
        folder = -1;
    }
    return folder;
}

/* Gives the written @p entry its mode. The first of a folder and mode is asked what it came out with. */
static int set_mode(struct publisher *publisher, const struct entry *entry, mode_t mode)
{
    bool had = false;

    for (size_t i = 0; i < FAITHFUL; i++) {
        const struct faithful *one = &publisher->faithful[i];

        if (one->known && one->folder == entry->folder && one->staged == entry->staged && one->mode == mode) {
            return 0;
        }
    }
    if (temporary_set_mode(entry->file, mode, &had) != 0) {
        return -1;
    }
    if (had) {
        publisher->faithful[publisher->faithful_next++ % FAITHFUL] =
            (struct faithful){true, entry->staged, entry->folder, mode};
    }
    return 0;
}

/* Write the temporary of @p entry, which is the group's last from then on. */
static int write_entry(struct publisher *publisher, struct entry *entry, struct slice content, mode_t mode,
                       struct faults *faults)
{
    int folder = open_folder(publisher, entry, faults);

    if (folder == -1) {
        return -1;
    }
    folder = choose_stage(publisher, entry, folder);
    entry->number = publisher->number;
    entry->file = temporary_create(folder, publisher->tag, &entry->number, mode);
    publisher->number = entry->number + 1;
    if (entry->file == -1) {
        output_folder_complain_system(&publisher->folder, entry->path, errno, "cannot be written", faults);
        return -1;
    }
    if (temporary_write(entry->file, content) != 0 || set_mode(publisher, entry, mode) != 0 ||
        settle(publisher, entry) != 0) {
        output_folder_complain_system(&publisher->folder, entry->path, errno, "cannot be written", faults);
        (void)unlinkat(folder, temporary_name(publisher->tag, entry->number).text, 0);
        return -1;
    }
    return 0;
}

static int add(struct publisher *publisher, const char *path, struct slice content, mode_t mode, bool fresh,
               struct faults *faults)
{
    struct entry entry = {.file = -1, .fresh = fresh};
    const char *slash;
    int status = -1;

    if (output_folder_check_name(path, faults) != 0) {
        goto out;
    }
    if (publisher->flushed) {
        output_folder_complain(&publisher->folder, path, NULL, "comes after the barrier of its group",
                               faults);
        goto out;
    }
    if (lookup_find(&publisher->paths, slice_of_text(path), NULL)) {
        output_folder_complain(&publisher->folder, path, NULL, "is to be written twice at once", faults);
        goto out;
    }
    entry.path = strdup(path);
    if (entry.path == NULL || reserve_entry(publisher) != 0 ||
        lookup_add(&publisher->paths, slice_of_text(entry.path), publisher->count) != 0) {
        fault_memory(faults);
        goto out;
    }
    slash = strrchr(entry.path, '/');
    entry.leaf = slash == NULL ? entry.path : slash + 1;
    if (choose_tag(publisher) != 0) {
        output_folder_complain(&publisher->folder, path, NULL,
                               "cannot be written: there is no randomness for a temporary name", faults);
        goto out;
    }
    if (write_entry(publisher, &entry, content, mode & PERMISSIONS, faults) != 0) {
        goto out;
    }
    publisher->entries[publisher->count++] = entry;
    status = 0;
out:
    if (status != 0) {
        if (entry.file != -1) {
            close(entry.file);
        }
        publisher_abandon(publisher);
        free(entry.path);
    }
    return status;
}

int publisher_add(struct publisher *publisher, const char *path, struct slice content, mode_t mode,
                  struct faults *faults)
{
    return add(publisher, path, content, mode, false, faults);
}

int publisher_add_new(struct publisher *publisher, const char *path, struct slice content, mode_t mode,
                      struct faults *faults)
{
    return add(publisher, path, content, mode, publisher->nothing, faults);
}

/* ---- committing -------------------------------------------------------------------------------------------------- */

/* Flush each file of a small group. Writing is started for all first, so that the disk's waits fall together. */
static int flush_held(struct publisher *publisher, struct faults *faults)
{
#ifdef __linux__
    for (size_t i = 0; i < publisher->count; i++) {
        (void)sync_file_range(publisher->entries[i].file, 0, 0, SYNC_FILE_RANGE_WRITE);
    }
#endif
    for (size_t i = 0; i < publisher->count; i++) {
        struct entry *entry = &publisher->entries[i];

        if (temporary_flush(entry->file) != 0 || temporary_close(&entry->file) != 0) {
            output_folder_complain_system(&publisher->folder, entry->path, errno,
                                          "cannot be flushed to the disk", faults);
            return -1;
        }
    }
    return 0;
}

static int barrier(struct publisher *publisher, struct faults *faults)
{
    if (publisher->entries[0].file != -1) {
        return flush_held(publisher, faults);
    }
    if (folder_set_flush_devices(&publisher->folders) != 0) {
        output_folder_complain_system(&publisher->folder, "", errno, "cannot be flushed to the disk", faults);
        return -1;
    }
    return 0;
}

/* Rename the temporary of @p entry to its target in @p folder. -1 with errno. */
static int put_in_place(struct publisher *publisher, const struct entry *entry, int folder)
{
    struct temporary_name name = temporary_name(publisher->tag, entry->number);
    int from = folder != -1 ? folder_of_temporary(publisher, entry) : -1;

    if (from == -1) {
        return -1;
    }
    return entry->fresh ? temporary_place(from, name.text, folder, entry->leaf)
                        : renameat(from, name.text, folder, entry->leaf);
}

/* Rename the temporary of the @p index-th entry to its target and take its stamp. */
static int rename_entry(struct publisher *publisher, size_t index, struct faults *faults)
{
    const struct entry *entry = &publisher->entries[index];
    struct stamped *stamped = &publisher->stamps[index];
    int folder = folder_set_at(&publisher->folders, entry->folder);
    const char *why;

    if (put_in_place(publisher, entry, folder) != 0) {
        if (entry->fresh && errno == EEXIST) {
            output_folder_complain(&publisher->folder, entry->path, OUTPUT_FOLDER_IN_THE_WAY,
                                   "was put there by somebody else in the meantime", faults);
        } else {
            output_folder_complain_system(&publisher->folder, entry->path, errno,
                                          "cannot be put in its place", faults);
        }
        return -1;
    }
    folder_set_mark(&publisher->folders, entry->folder);
    stamped->known = file_stamp_read(folder, entry->leaf, &stamped->stamp, &why) == 1;
    publisher->stamp_count = index + 1;
    return 0;
}

static int reserve_stamps(struct publisher *publisher)
{
    publisher->stamp_count = 0;
    if (publisher->stamp_capacity < publisher->count) {
        struct stamped *more = realloc(publisher->stamps, publisher->count * sizeof(*more));

        if (more == NULL) {
            return -1;
        }
        publisher->stamps = more;
        publisher->stamp_capacity = publisher->count;
    }
    return 0;
}

int publisher_flush(struct publisher *publisher, struct faults *faults)
{
    int status = -1;

    if (publisher->flushed) {
        return 0;
    }
    if (reserve_stamps(publisher) != 0) {
        fault_memory(faults);
    } else if (publisher->count == 0 || barrier(publisher, faults) == 0) {
        publisher->flushed = true;
        status = 0;
    }
    if (status != 0) {
        end_group(publisher);
    }
    return status;
}

int publisher_rename(struct publisher *publisher, size_t count, struct faults *faults)
{
    if (publisher_flush(publisher, faults) != 0) {
        return -1;
    }
    for (; count > 0 && publisher->renamed < publisher->count; count--) {
        if (rename_entry(publisher, publisher->renamed, faults) != 0) {
            end_group(publisher);
            return -1;
        }
        publisher->renamed++;
    }
    return 0;
}

int publisher_commit(struct publisher *publisher, struct faults *faults)
{
    const char *folder = "";
    int status;

    if (publisher_rename(publisher, publisher->count, faults) != 0) {
        return -1;
    }
    remove_stage(publisher);
    status = folder_set_flush(&publisher->folders, &folder);
    if (status != 0) {
        output_folder_complain_system(&publisher->folder, folder, errno, "cannot be flushed to the disk",
                                      faults);
    }
    end_group(publisher);
    return status;
}

int publisher_stamp(const struct publisher *publisher, size_t index, struct file_stamp *stamp)
{
    if (index >= publisher->stamp_count || !publisher->stamps[index].known) {
        return -1;
    }
    *stamp = publisher->stamps[index].stamp;
    return 0;
}

/* ---- without a group --------------------------------------------------------------------------------------------- */

int publisher_remove(struct publisher *publisher, const char *path, struct faults *faults)
{
    return output_folder_remove(&publisher->folder, path, faults);
}

int publisher_sweep(struct publisher *publisher, const char *folder, struct faults *faults)
{
    return output_folder_sweep(&publisher->folder, folder, faults);
}
