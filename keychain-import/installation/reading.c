/* SPDX-License-Identifier: Apache-2.0 */
/*
 * install.yaml read: here it is opened and its bytes taken, unread; a confined child has them by being a copy of this process, and parses them.
 */
#include "installation/installation.h"

#include <fcntl.h>
#include <string.h>

#include "base/confined_answer.h"
#include "base/confined_call.h"
#include "base/file.h"
#include "installation/answer.h"

/* What the child may use beyond what this process has: a document of as many nodes as a file can hold, several times over. */
#define MEMORY_MAX ((size_t)512 * 1024 * 1024)

/** Borrowed. */
struct parsing {
    struct slice content;
    const char *shown;
};

/** What the child does. Paths stay as they are written: the folder is the parent's to know. */
static int parse(void *state, struct bytes *answer)
{
    const struct parsing *parsing = state;
    struct installation installation = {.shown = NULL};
    struct faults *faults = faults_new();
    int status = -1;

    if (faults == NULL) {
        return -1;
    }
    if (installation_parse(parsing->content, parsing->shown, "", &installation, faults) != 0 ||
        installation_answer_append(&installation, answer) == 0) {
        status = confined_answer_close(answer, faults);
    }
    installation_free(&installation);
    faults_free(faults);
    return status;
}

/** Has it parsed, and reads the answer. */
static int parse_confined(struct parsing *parsing, const char *folder, struct installation *installation,
                          struct faults *faults)
{
    const struct confined_call call = {
        .run = parse,
        .state = parsing,
        .shown = parsing->shown,
        .confinement = {MEMORY_MAX, INSTALLATION_SECONDS_MAX},
        .answer_max = INSTALLATION_ANSWER_MAX,
    };
    struct bytes answer = BYTES_EMPTY;
    int status = confined_call(&call, &answer, faults);

    if (status == 0) {
        status = installation_answer_read(slice_of(&answer), parsing->shown, folder, installation, faults);
    }
    bytes_free(&answer);
    return status;
}

int installation_read(const char *path, struct installation *installation, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    struct bytes folder = BYTES_EMPTY;
    const char *slash = strrchr(path, '/');
    int status;

    installation_free(installation);
    status = file_read(AT_FDCWD, path, INSTALLATION_SIZE_MAX, &content, faults);
    if (status == 0 && slash != NULL &&
        bytes_append(&folder, path, slash == path ? 1 : (size_t)(slash - path)) != 0) {
        fault_memory(faults);
        status = -1;
    }
    if (status == 0) {
        struct parsing parsing = {slice_of(&content), strcmp(path, "-") == 0 ? "standard input" : path};

        status = parse_confined(&parsing, bytes_text(&folder), installation, faults);
    }
    bytes_free(&content);
    bytes_free(&folder);
    return status;
}
