/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account that runs the program. SUDO_USER and its like are taken from root alone: anybody else could have set them.
 */
#include "base/account.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
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

int account_number(const char *variable, unsigned long *number, struct faults *faults)
{
    const char *text = getenv(variable);
    char *end = NULL;
    uintmax_t value;

    if (text == NULL || *text == '\0') {
        return 0;
    }
    errno = 0;
    value = strtoumax(text, &end, 10);
    /* (uid_t)-1 stands for "leave it as it is" */
    if (*text < '0' || *text > '9' || errno != 0 || *end != '\0' || value >= UINT32_MAX) {
        fault_error(faults, NULL, NULL, "call it through sudo, or unset it",
                    "%s in the environment is not the number of an account", variable);
        return -1;
    }
    *number = (unsigned long)value;
    return 1;
}

int account_behind_root(struct account *account, struct faults *faults)
{
    unsigned long user = 0;
    unsigned long group = 0;
    struct passwd entry;
    struct passwd *found = NULL;
    char *room = NULL;
    int status = -1;

    if (account_number("SUDO_UID", &user, faults) < 0 || account_number("SUDO_GID", &group, faults) < 0) {
        return -1;
    }
    if (user != 0 && group != 0) {
        *account = (struct account){(uid_t)user, (gid_t)group};
        return 0;
    }
    room = malloc(ENTRY_MAX);
    if (room == NULL) {
        fault_memory(faults);
    } else if (getpwnam_r("nobody", &entry, room, ENTRY_MAX, &found) != 0 || found == NULL ||
               found->pw_uid == 0 || found->pw_gid == 0) {
        fault_error(faults, NULL, NULL, "call it through sudo, from an account that is not root's",
                    "there is no account \"nobody\" to parse files as");
    } else {
        *account = (struct account){found->pw_uid, found->pw_gid};
        status = 0;
    }
    free(room);
    return status;
}

/** Whether nothing of what the process was is left, nor to be had back. */
static bool is_become(const struct account *account)
{
#ifdef __linux__
    uid_t user[3];
    gid_t group[3];

    if (getresuid(&user[0], &user[1], &user[2]) != 0 || getresgid(&group[0], &group[1], &group[2]) != 0) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        if (user[i] != account->user || group[i] != account->group) {
            return false;
        }
    }
#else
    if (getuid() != account->user || geteuid() != account->user || getgid() != account->group ||
        getegid() != account->group) {
        return false;
    }
#endif
    return setuid(0) != 0 && seteuid(0) != 0 && setgid(0) != 0 && setegid(0) != 0;
}

int account_become(const struct account *account, struct faults *faults)
{
    int result;

    result = setgroups(1, &account->group);
#ifdef __linux__
    result = result != 0 ? result : setresgid(account->group, account->group, account->group);
    result = result != 0 ? result : setresuid(account->user, account->user, account->user);
#else
    /* as root these set the saved ones, too */
    result = result != 0 ? result : setgid(account->group);
    result = result != 0 ? result : setuid(account->user);
#endif
    if (result != 0) {
        fault_system(faults, errno, NULL, NULL, "root cannot become uid %lu", (unsigned long)account->user);
        return -1;
    }
    if (!is_become(account)) {
        fault_error(faults, NULL, NULL, NULL, "root became uid %lu, and could become root again",
                    (unsigned long)account->user);
        return -1;
    }
    return 0;
}
