/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles from any bytes. Either there is one, and the YAML it is shown as gives the same profile again; or there are errors,
 * each one line that begins with the file's name.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/profile_json.h"
#include "manifest/profile_reader.h"

static void demand(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

/** The profile in @p content, shown as YAML; -1 when it was refused. */
static int show(struct slice content, struct bytes *yaml)
{
    struct faults *faults = faults_new();
    struct profile_set *set = profile_set_new(faults);
    int status;

    demand(set != NULL, "the built-in profiles can be read");
    status = profile_set_add_text(set, "own", content, "own.yaml", faults);
    status |= profile_set_resolve(set, faults);
    demand((status == 0) == (faults_errors(faults) == 0), "refused, or no errors");
    if (status == 0) {
        demand(profile_yaml(profile_set_find(set, "own"), yaml) == 0, "a profile can be shown");
    }
    for (size_t i = 0; i < faults_count(faults); i++) {
        demand(strncmp(faults_text(faults, i), "own.yaml:", 9) == 0, "a fault has its place");
        demand(strchr(faults_text(faults, i), '\n') == NULL, "a fault is one line");
    }
    profile_set_free(set);
    faults_free(faults);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes once = BYTES_EMPTY, twice = BYTES_EMPTY;

    if (show((struct slice){data, size}, &once) == 0) {
        demand(show(slice_of(&once), &twice) == 0, "what is shown can be read");
        demand(slice_equal(slice_of(&once), slice_of(&twice)), "and is the same profile");
    }
    bytes_free(&once);
    bytes_free(&twice);
    return 0;
}
