/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds the ledger, and the waiting for it. In WAL mode the right to write is a POSIX lock on one byte of the -shm file (https://www.sqlite.org/walformat.html,
 * section 2.2.1: WAL_WRITE_LOCK, WAL_CKPT_LOCK and WAL_RECOVER_LOCK are bytes 120 to 122), and the system tells who has it. The question is
 * asked by a child: opening the file here and closing it again would drop the locks this process has on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/ledger_sqlite.h"

#define LOCK_FIRST 120
#define LOCK_COUNT 3

/* In the child: nothing but system calls. */
static void ask(int folder, int answer)
{
    int file = openat(folder, LEDGER_FILE "-shm", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    pid_t holder = 0;

    for (off_t i = 0; i < LOCK_COUNT && file >= 0 && holder == 0; i++) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_FIRST + i, .l_len = 1};

        if (fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) {
            holder = lock.l_pid;
        }
    }
    _exit(write(answer, &holder, sizeof(holder)) == (ssize_t)sizeof(holder) ? 0 : 1);
}

/* SQLite's busy handler: 0 gives up. */
static int busy(void *state, int turn)
{
    struct ledger *ledger = state;

    return patience_wait(&ledger->patience, turn < 0 ? 0 : (unsigned)turn) ? 1 : 0;
}

int ledger_wait_for_others(struct ledger *ledger)
{
    return sqlite3_busy_handler(ledger->database, busy, ledger);
}

long ledger_holder(const struct ledger *ledger)
{
    pid_t holder = 0;
    pid_t child;
    int ends[2];
    int status;

    if (pipe(ends) != 0) {
        return 0;
    }
    child = fork();
    if (child == 0) {
        ask(ledger->folder, ends[1]);
    }
    (void)close(ends[1]);
    if (child < 0 || read(ends[0], &holder, sizeof(holder)) != (ssize_t)sizeof(holder)) {
        holder = 0;
    }
    (void)close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    /* another connection of this process is no other process; 0 is one of another container */
    return holder > 0 && holder != getpid() ? (long)holder : 0;
}
