/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file barrier alone: what the system calls cost that make COUNT identities durable (a key of 241 bytes and a
 * certificate of 800, as PEM), with nothing computed. Everything is written to temporaries, flushed once, renamed, and
 * the folder flushed. usage: bench_barrier DIR COUNT
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_SIZE         241
#define CERTIFICATE_SIZE 800

static int write_temporary(int folder, const char *name, size_t size, mode_t mode)
{
    char content[CERTIFICATE_SIZE];
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int status = -1;

    memset(content, 'x', sizeof(content));
    if (file < 0) {
        return -1;
    }
    if (write(file, content, size) == (ssize_t)size && fchmod(file, mode) == 0) {
        status = 0;
    }
    return close(file) == 0 ? status : -1;
}

static int flush_all(int folder)
{
#ifdef __linux__
    return syncfs(folder);
#else
    return fcntl(folder, F_FULLFSYNC);
#endif
}

int main(int argc, char **argv)
{
    char from[64];
    char to[64];
    int folder;
    long count;

    if (argc != 3) {
        fprintf(stderr, "usage: bench_barrier DIR COUNT\n");
        return 2;
    }
    count = strtol(argv[2], NULL, 10);
    if (mkdir(argv[1], 0755) != 0 || (folder = open(argv[1], O_RDONLY | O_DIRECTORY)) < 0) {
        perror(argv[1]);
        return 1;
    }
    for (long i = 0; i < count * 2; i++) {
        snprintf(from, sizeof(from), ".tmp-%ld", i);
        if (write_temporary(folder, from, i % 2 == 0 ? KEY_SIZE : CERTIFICATE_SIZE,
                            i % 2 == 0 ? 0600 : 0644) != 0) {
            perror(from);
            return 1;
        }
    }
    if (flush_all(folder) != 0) {
        perror("flush");
        return 1;
    }
    for (long i = 0; i < count * 2; i++) {
        snprintf(from, sizeof(from), ".tmp-%ld", i);
        snprintf(to, sizeof(to), "c%ld.%s", i / 2, i % 2 == 0 ? "key" : "crt");
        if (renameat(folder, from, folder, to) != 0) {
            perror(from);
            return 1;
        }
    }
    if (fsync(folder) != 0) {
        perror("fsync");
        return 1;
    }
    return close(folder);
}
