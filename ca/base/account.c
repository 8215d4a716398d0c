/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account that runs the program. SUDO_USER is taken from root alone: anybody else could have set it.
 */
#include "base/account.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

/* Room for one passwd entry, in bytes. */
#define ENTRY_MAX 16384
/* A single name is cut there. */
#define PART_MAX 30

static int append_plain(struct bytes *to, const char *name)
{
    return utf8_append_printable(to, (struct slice){(const unsigned char *)name, strnlen(name, PART_MAX)});
}

int account_name(struct bytes *name)
{
    uid_t user = geteuid();
    const char *before = user == 0 ? getenv("SUDO_USER") : NULL;
    struct passwd entry;
    struct passwd *found = NULL;
    char *room = malloc(ENTRY_MAX);
    int status = -1;

    if (room == NULL) {
        return -1;
    }
    if (getpwuid_r(user, &entry, room, ENTRY_MAX, &found) == 0 && found != NULL &&
        found->pw_name[0] != '\0') {
        status = append_plain(name, found->pw_name);
    } else {
        status = bytes_printf(name, "uid %lu", (unsigned long)user);
    }
    if (status == 0 && before != NULL && before[0] != '\0' &&
        (bytes_append_text(name, " (sudo by ") != 0 || append_plain(name, before) != 0 ||
         bytes_append_byte(name, ')') != 0)) {
        status = -1;
    }
    free(room);
    return status;
}
