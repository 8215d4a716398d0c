/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles, found.
 */
#include "nss/firefox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "nss/profiles.h"

/* Below the home. */
static const char *const roots[] = {
    ".mozilla/firefox",
    ".config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    "snap/firefox/common/.config/mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
};
#define ROOT_COUNT (sizeof(roots) / sizeof(roots[0]))
#define CONFIG     ".config/"

/** What is done with a profile: @p preferred, it is the default one of its list. Not 0 ends the walk. */
typedef int (*profile_fn)(void *state, const struct firefox_profile *profile, bool preferred,
                          const char *folder);

static int root_folder(const struct owner *owner, const char *root, struct bytes *folder)
{
    const char *config = owner->invoked ? NULL : getenv("XDG_CONFIG_HOME");

    if (config != NULL && *config == '/' && strncmp(root, CONFIG, strlen(CONFIG)) == 0) {
        return bytes_printf(folder, "%s/%s", config, root + strlen(CONFIG));
    }
    return bytes_printf(folder, "%s/%s", bytes_text(&owner->home), root);
}

/** Read one of the lists in @p root, if it is there. */
static int read_list(const char *root, const char *name, struct firefox_profiles *profiles,
                     struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    struct bytes text = BYTES_EMPTY;
    int result = -1;

    if (bytes_printf(&path, "%s/%s", root, name) != 0) {
        fault_memory(faults);
        goto done;
    }
    if (access(bytes_text(&path), F_OK) != 0) {
        result = 0;
        goto done;
    }
    if (file_read(AT_FDCWD, bytes_text(&path), PROFILES_FILE_MAX, &text, faults) != 0) {
        goto done;
    }
    result = firefox_profiles_read(profiles, slice_of(&text));
    if (result != 0) {
        fault_memory(faults);
    }

done:
    bytes_free(&text);
    bytes_free(&path);
    return result;
}

static int walk_profiles(const char *root, const struct firefox_profiles *profiles, profile_fn each,
                         void *state, struct faults *faults)
{
    const struct firefox_profile *preferred = firefox_profiles_default(profiles);
    struct bytes folder = BYTES_EMPTY;
    int result = 0;

    for (size_t i = 0; i < profiles->count && result == 0; i++) {
        const struct firefox_profile *profile = &profiles->list[i];
        struct stat status;

        bytes_clear(&folder);
        if (file_join(profile->relative ? root : NULL, profile->path, &folder) != 0) {
            fault_memory(faults);
            result = -1;
        } else if (*bytes_text(&folder) == '/' && stat(bytes_text(&folder), &status) == 0 &&
                   S_ISDIR(status.st_mode)) {
            result = each(state, profile, profile == preferred, bytes_text(&folder));
        }
    }
    bytes_free(&folder);
    return result;
}

/** All profiles whose folder is there. 0, -1 with a fault, or what @p each answered. */
static int walk(const struct owner *owner, profile_fn each, void *state, struct faults *faults)
{
    struct firefox_profiles profiles;
    struct bytes root = BYTES_EMPTY;
    int result = 0;

    memset(&profiles, 0, sizeof(profiles));
    for (size_t i = 0; i < ROOT_COUNT && result == 0; i++) {
        bytes_clear(&root);
        if (root_folder(owner, roots[i], &root) != 0) {
            fault_memory(faults);
            result = -1;
        } else if (read_list(bytes_text(&root), "profiles.ini", &profiles, faults) != 0 ||
                   read_list(bytes_text(&root), "installs.ini", &profiles, faults) != 0) {
            result = -1;
        } else {
            result = walk_profiles(bytes_text(&root), &profiles, each, state, faults);
        }
        firefox_profiles_free(&profiles);
    }
    bytes_free(&root);
    return result;
}

struct search {
    const char *name;    /* NULL: the default */
    struct bytes folder; /* of the last one found */
    struct bytes list;   /* of all seen: "NAME (FOLDER), ..." */
    size_t seen;
    size_t found;
    struct faults *faults;
};

static int consider(void *state, const struct firefox_profile *profile, bool preferred, const char *folder)
{
    struct search *search = state;
    int result =
        bytes_printf(&search->list, "%s%s (nss:sql:%s)", search->seen > 0 ? ", " : "", profile->name, folder);

    search->seen++;
    if (result == 0 && (search->name != NULL ? strcmp(search->name, profile->name) == 0 : preferred)) {
        search->found++;
        bytes_clear(&search->folder);
        result = bytes_append_text(&search->folder, folder);
    }
    if (result != 0) {
        fault_memory(search->faults);
    }
    return result;
}

/** Exactly one was found, or a fault says what there is. */
static int conclude(const struct search *search, struct faults *faults)
{
    if (search->found == 1) {
        return 0;
    }
    if (search->seen == 0) {
        fault_error(faults, NULL, NULL, "start Firefox once, or name the folder: nss:sql:DIR",
                    "nss:firefox: there is no profile");
    } else if (search->name != NULL && search->found == 0) {
        fault_error(faults, NULL, NULL, NULL, "nss:firefox:%s: there is no such profile; there are: %s",
                    search->name, bytes_text(&search->list));
    } else {
        fault_error(faults, NULL, NULL, "name one: nss:firefox:PROFILE or nss:sql:DIR",
                    "nss:firefox%s%s: several profiles could be meant: %s", search->name != NULL ? ":" : "",
                    search->name != NULL ? search->name : "", bytes_text(&search->list));
    }
    return -1;
}

int firefox_find(const struct owner *owner, const char *name, struct bytes *folder, struct faults *faults)
{
    struct search search = {.name = name, .faults = faults};
    int result = walk(owner, consider, &search, faults);

    if (result == 0) {
        result = conclude(&search, faults);
    }
    if (result == 0 && bytes_append(folder, search.folder.data, search.folder.length) != 0) {
        fault_memory(faults);
        result = -1;
    }
    bytes_free(&search.folder);
    bytes_free(&search.list);
    return result;
}

struct telling {
    store_place_fn each;
    void *state;
};

static int tell(void *state, const struct firefox_profile *profile, bool preferred, const char *folder)
{
    const struct telling *telling = state;
    struct bytes name = BYTES_EMPTY;
    int result = bytes_printf(&name, "nss:firefox:%s", profile->name);

    (void)preferred;
    if (result == 0) {
        result = telling->each(telling->state, bytes_text(&name), folder, NULL);
    }
    bytes_free(&name);
    return result;
}

int firefox_survey(const struct owner *owner, store_place_fn each, void *state, struct faults *faults)
{
    struct telling telling = {each, state};

    return walk(owner, tell, &telling, faults);
}
