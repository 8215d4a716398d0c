/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for libFuzzer where the compiler has none: gives the fuzzer every file named on the command line, and every file
 * of a folder named there. Exit status 0 when all were read; a finding aborts under the sanitizers, as it does in libFuzzer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One file. Its octets lie in an allocation of exactly their number, so that reading past the end is seen. */
static int replay_file(const char *path, const struct stat *st, unsigned long *count)
{
    size_t size = (size_t)st->st_size;
    uint8_t *data = malloc(size == 0 ? 1 : size);
    FILE *file = fopen(path, "rb");
    int status = -1;

    if (data == NULL || file == NULL || fread(data, 1, size, file) != size) {
        perror(path);
        goto out;
    }
    if (size == 0) {
        free(data);
        data = NULL;
    }
    LLVMFuzzerTestOneInput(data, size);
    *count += 1;
    status = 0;
out:
    if (file != NULL) {
        fclose(file);
    }
    free(data);
    return status;
}

static int replay(const char *path, unsigned long *count)
{
    struct stat st;
    struct dirent *entry;
    char below[4096];
    DIR *dir = NULL;
    int status = 0;

    if (stat(path, &st) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(st.st_mode)) {
        return replay_file(path, &st, count);
    }
    dir = opendir(path);
    if (dir == NULL) {
        perror(path);
        return -1;
    }
    while (status == 0 && (entry = readdir(dir)) != NULL) {
        int length;

        if (entry->d_name[0] == '.') {
            continue;
        }
        length = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof(below) || stat(below, &st) != 0 || !S_ISREG(st.st_mode)) {
            fprintf(stderr, "%s/%s: not a file that can be replayed\n", path, entry->d_name);
            status = -1;
        } else {
            status = replay_file(below, &st, count);
        }
    }
    closedir(dir);
    return status;
}

int main(int argc, char **argv)
{
    unsigned long count = 0;

    for (int i = 1; i < argc; i++) {
        if (replay(argv[i], &count) != 0) {
            return 1;
        }
    }
    printf("%lu inputs replayed\n", count);
    return count == 0;
}
