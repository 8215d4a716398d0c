/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's folder, as the system's conventions have it. */
#include "journal/place.h"

#include <stdlib.h>
#include <unistd.h>

#ifdef __APPLE__
#define PLACE_ROOT "/var/db/mtlskit"
#define PLACE_USER "/Library/Application Support/mtlskit"
#else
#define PLACE_ROOT "/var/lib/mtlskit"
#define PLACE_USER "/.local/state/mtlskit"
#endif

/** A variable's path: NULL when it is not set. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && value[0] != '\0' ? value : NULL;
}

int journal_place(struct bytes *path, struct faults *faults)
{
    const char *named = variable(JOURNAL_PLACE_VARIABLE);
    const char *state = variable("XDG_STATE_HOME");
    const char *home = variable("HOME");
    int status = -1;

    if (named != NULL) {
        if (named[0] != '/') {
            fault_error(faults, NULL, NULL, "an absolute path", "%s names no folder: \"%s\"",
                        JOURNAL_PLACE_VARIABLE, named);
            return -1;
        }
        status = bytes_append_text(path, named);
    } else if (geteuid() == 0) {
        status = bytes_append_text(path, PLACE_ROOT);
#ifndef __APPLE__
    } else if (state != NULL && state[0] == '/') {
        status = bytes_printf(path, "%s/mtlskit", state);
#endif
    } else if (home != NULL && home[0] == '/') {
        status = bytes_printf(path, "%s%s", home, PLACE_USER);
    } else {
        fault_error(faults, NULL, NULL, "set HOME",
                    "the journal of what is being done has no place: HOME is not set");
        return -1;
    }
    (void)state;
    if (status != 0) {
        fault_memory(faults);
    }
    return status;
}
