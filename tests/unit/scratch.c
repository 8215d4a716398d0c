/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own. */
#include "scratch.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char scratch_folder[64];
int scratch_directory = -1;

void scratch_start(void)
{
    memcpy(scratch_folder, "/tmp/mtlskit-test-XXXXXX", 25);
    cr_assert_not_null(mkdtemp(scratch_folder));
    scratch_directory = open(scratch_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert_neq(scratch_directory, -1);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void scratch_stop(void)
{
    close(scratch_directory);
    cr_assert_eq(nftw(scratch_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void scratch_write(const char *path, const char *text, mode_t mode)
{
    int file = openat(scratch_directory, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    cr_assert_neq(file, -1);
    cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
    cr_assert_eq(fchmod(file, mode), 0);
    close(file);
}

char *scratch_text(const char *path)
{
    struct stat status;
    int file = openat(scratch_directory, path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;

    if (file != -1) {
        cr_assert_eq(fstat(file, &status), 0);
        text = calloc(1, (size_t)status.st_size + 1);
        cr_assert_eq(read(file, text, (size_t)status.st_size), status.st_size);
        close(file);
    }
    return text;
}

mode_t scratch_mode(const char *path)
{
    struct stat status;

    return fstatat(scratch_directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_mode & 07777 : 0;
}

static size_t count_names(const char *path, const char *prefix, bool folders)
{
    DIR *list = fdopendir(openat(scratch_directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const struct dirent *item;
    size_t count = 0;

    cr_assert_not_null(list);
    while ((item = readdir(list)) != NULL) {
        struct stat status;

        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0 &&
            strncmp(item->d_name, prefix, strlen(prefix)) == 0 &&
            (!folders || (fstatat(dirfd(list), item->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                          S_ISDIR(status.st_mode)))) {
            count++;
        }
    }
    closedir(list);
    return count;
}

size_t scratch_names(const char *path, const char *prefix)
{
    return count_names(path, prefix, false);
}

size_t scratch_folders(const char *path, const char *prefix)
{
    return count_names(path, prefix, true);
}

size_t scratch_descriptors(void)
{
    size_t count = 0;

    for (int file = 0; file < 1024; file++) {
        count += fcntl(file, F_GETFD) != -1 ? 1 : 0;
    }
    return count;
}
