/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places.
 */
#include "nss/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nss/firefox.h"

int nss_place_parse(const char *text, struct nss_place *place, struct faults *faults)
{
    static const char firefox[] = "firefox:";
    static const char folder[] = "sql:";

    place->kind = PLACE_NONE;
    place->name = NULL;
    if (strcmp(text, "chromium") == 0) {
        place->kind = PLACE_CHROMIUM;
    } else if (strcmp(text, "firefox") == 0) {
        place->kind = PLACE_FIREFOX;
    } else if (strncmp(text, firefox, strlen(firefox)) == 0 && text[strlen(firefox)] != '\0') {
        place->kind = PLACE_FIREFOX;
        place->name = text + strlen(firefox);
    } else if (strncmp(text, folder, strlen(folder)) == 0 && text[strlen(folder)] != '\0') {
        place->kind = PLACE_FOLDER;
        place->name = text + strlen(folder);
    } else {
        fault_error(faults, NULL, NULL,
                    "there are nss:chromium, nss:firefox, nss:firefox:PROFILE and nss:sql:DIR",
                    "nss: \"%s\" is no place of a database", text);
        return -1;
    }
    return 0;
}

int nss_place_absolute(const char *folder, struct bytes *absolute, struct faults *faults)
{
    char *here = NULL;
    int result = -1;

    if (*folder != '/') {
        here = getcwd(NULL, 0);
        if (here == NULL) {
            fault_system(faults, errno, NULL, NULL, "nss: the working directory is not known");
            return -1;
        }
    }
    if (bytes_append_text(absolute, here != NULL ? here : "") != 0 ||
        bytes_append_text(absolute, here != NULL && strcmp(here, "/") != 0 ? "/" : "") != 0 ||
        bytes_append_text(absolute, folder) != 0) {
        fault_memory(faults);
        goto done;
    }
    while (absolute->length > 1 && absolute->data[absolute->length - 1] == '/') {
        absolute->data[--absolute->length] = '\0';
    }
    result = 0;

done:
    free(here);
    return result;
}

/** Chromium's order. */
static int find_chromium(const struct owner *owner, struct bytes *folder, struct faults *faults)
{
    const char *data = owner->invoked ? NULL : getenv("XDG_DATA_HOME");
    const char *home = bytes_text(&owner->home);
    struct stat status;
    int result;

    result = bytes_printf(folder, "%s/.pki/nssdb", home);
    if (result == 0 && (stat(bytes_text(folder), &status) != 0 || !S_ISDIR(status.st_mode))) {
        bytes_clear(folder);
        result = data != NULL && *data == '/' ? bytes_printf(folder, "%s/pki/nssdb", data)
                                              : bytes_printf(folder, "%s/.local/share/pki/nssdb", home);
    }
    if (result != 0) {
        fault_memory(faults);
    }
    return result;
}

int nss_place_find(const struct nss_place *place, const struct owner *owner, struct bytes *folder,
                   struct faults *faults)
{
    return place->kind == PLACE_CHROMIUM ? find_chromium(owner, folder, faults)
                                         : firefox_find(owner, place->name, folder, faults);
}

int nss_place_survey(const struct owner *owner, store_place_fn each, void *state, struct faults *faults)
{
    struct bytes folder = BYTES_EMPTY;
    int result = find_chromium(owner, &folder, faults);

    if (result == 0) {
        result = each(state, "nss:chromium", bytes_text(&folder), NULL);
    }
    bytes_free(&folder);
    return result == 0 ? firefox_survey(owner, each, state, faults) : result;
}
