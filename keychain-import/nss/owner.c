/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose a database is.
 */
#include "nss/owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/account.h"

/* What initgroups takes for a group. */
#ifdef __APPLE__
#define GROUP(group) ((int)(group))
#else
#define GROUP(group) (group)
#endif

/* Room for what getpwuid_r tells. */
#define ACCOUNT_ROOM 16384

/** What the system knows of owner->user: name and group, and the home into @p home (NULL: not wanted). 1 known, 0 unknown, -1 no memory. */
static int look_up(struct owner *owner, struct bytes *home)
{
    char *room = malloc(ACCOUNT_ROOM);
    struct passwd *found = NULL;
    struct passwd account;
    int result = -1;

    if (room == NULL) {
        return -1;
    }
    if (getpwuid_r(owner->user, &account, room, ACCOUNT_ROOM, &found) != 0 || found == NULL) {
        result = 0;
    } else {
        owner->group = account.pw_gid;
        bytes_clear(&owner->login);
        if (bytes_append_text(&owner->login, account.pw_name) == 0 &&
            (home == NULL || bytes_append_text(home, account.pw_dir) == 0)) {
            result = 1;
        }
    }
    free(room);
    return result;
}

/** Walk down @p path: who owns the first thing on it that is not root's; 0 (root) when all that is there is root's. */
static int owner_on_the_way(const char *path, struct owner *owner)
{
    struct bytes part = BYTES_EMPTY;
    struct stat status;
    int result = 0;

    owner->user = 0;
    owner->group = 0;
    for (const char *end = path; end != NULL && owner->user == 0;) {
        end = strchr(end + 1, '/');
        bytes_clear(&part);
        if (bytes_append(&part, path, end != NULL ? (size_t)(end - path) : strlen(path)) != 0) {
            result = -1;
            break;
        }
        if (lstat(bytes_text(&part), &status) != 0) {
            break; /* nothing below is there yet */
        }
        owner->user = status.st_uid;
        owner->group = status.st_gid;
    }
    bytes_free(&part);
    return result;
}

/** Not root, or root itself: $HOME, else the account's home. */
static int own_home(struct owner *owner)
{
    const char *home = getenv("HOME");

    if (home != NULL && *home == '/') {
        return bytes_append_text(&owner->home, home) == 0 ? 1 : -1;
    }
    return look_up(owner, &owner->home);
}

/** For chromium and firefox. @p caller: who called sudo, 0: nobody, or root did. */
static int decide_by_home(struct owner *owner, unsigned long caller)
{
    int known;

    if (caller != 0) {
        owner->user = (uid_t)caller;
        owner->invoked = true;
        return look_up(owner, &owner->home);
    }
    known = own_home(owner);
    if (known == 1 && geteuid() == 0 && owner_on_the_way(bytes_text(&owner->home), owner) != 0) {
        known = -1;
    }
    return known;
}

int owner_decide(const char *folder, struct owner *owner, struct faults *faults)
{
    unsigned long caller = 0;
    int known = 1;

    memset(owner, 0, sizeof(*owner));
    if (folder == NULL && geteuid() == 0 && account_number("SUDO_UID", &caller, faults) < 0) {
        return -1;
    }
    owner->user = geteuid();
    owner->group = getegid();
    if (folder == NULL) {
        known = decide_by_home(owner, caller);
    } else if (geteuid() == 0 && owner_on_the_way(folder, owner) != 0) {
        known = -1;
    }
    owner->other = owner->user != geteuid();
    if (known > 0 && owner->other && !owner->invoked && look_up(owner, NULL) < 0) {
        known = -1;
    }
    if (known < 0) {
        fault_memory(faults);
    } else if (known == 0) {
        fault_error(faults, NULL, NULL, "name the folder: nss:sql:DIR",
                    "nss: the home of uid %lu is not known", (unsigned long)owner->user);
    }
    return known > 0 ? 0 : -1;
}

int owner_become(const struct owner *owner, struct faults *faults)
{
    const char *login = bytes_text(&owner->login);
    int groups;

    (void)umask(077);
    if (!owner->other) {
        return 0;
    }
    groups = *login != '\0' ? initgroups(login, GROUP(owner->group)) : setgroups(0, NULL);
    if (groups != 0 || setgid(owner->group) != 0 || setuid(owner->user) != 0) {
        fault_system(faults, errno, NULL, NULL, "nss: cannot become uid %lu, whose database it is",
                     (unsigned long)owner->user);
        return -1;
    }
    if (setuid(0) == 0) {
        fault_error(faults, NULL, NULL, NULL, "nss: root's rights could not be given up");
        return -1;
    }
    return 0;
}

void owner_free(struct owner *owner)
{
    bytes_free(&owner->login);
    bytes_free(&owner->home);
}
