/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a depfile. Make has no grammar for it but what compilers write and readers take: a blank or a number sign has a backslash before
 * it, backslashes before a blank are doubled, a dollar sign is doubled, and all else stands for itself.
 */
#include "command/depfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/output_file.h"

#define SUFFIX ".d"

/** Whether it ends in ".d", and something stands before that. */
static bool name_is_good(const char *path)
{
    size_t length = strlen(path), suffix = strlen(SUFFIX);

    return length > suffix && path[length - suffix - 1] != '/' && strcmp(path + length - suffix, SUFFIX) == 0;
}

/** Append @p path as Make reads it. */
static int path_append(struct bytes *text, const char *path, struct faults *faults)
{
    size_t backslashes = 0; /* right before */
    int status = 0;

    for (const char *at = path; *at != '\0' && status == 0; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            fault_error(faults, NULL, NULL, "name it otherwise",
                        "a path with a control character cannot be written into a depfile");
            return -1;
        }
        if (*at == ' ') {
            for (; backslashes > 0 && status == 0; backslashes--) {
                status = bytes_append_byte(text, '\\');
            }
        }
        if (status == 0 && (*at == ' ' || *at == '#' || *at == '$')) {
            status = bytes_append_byte(text, *at == '$' ? '$' : '\\');
        }
        if (status == 0) {
            status = bytes_append_byte(text, (unsigned char)*at);
        }
        backslashes = *at == '\\' ? backslashes + 1 : 0;
    }
    if (status != 0) {
        fault_memory(faults);
    }
    return status;
}

int depfile_text(const char *target, const struct sources *sources, struct bytes *text, struct faults *faults)
{
    if (path_append(text, target, faults) != 0) {
        return -1;
    }
    if (bytes_append_byte(text, ':') != 0) {
        fault_memory(faults);
        return -1;
    }
    for (size_t i = 0; i < sources->count; i++) {
        if (bytes_append_text(text, " \\\n  ") != 0) {
            fault_memory(faults);
            return -1;
        }
        if (path_append(text, sources->paths[i], faults) != 0) {
            return -1;
        }
    }
    if (bytes_append_byte(text, '\n') != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

bool depfile_option_is_right(const struct invocation *invocation, const char *path, bool plan_only)
{
    const char *depfile = options_text(invocation->options, "depfile");

    if (depfile == NULL) {
        return true;
    }
    if (!name_is_good(depfile)) {
        usage_error(invocation->faults, "--depfile pki.stamp.d is a rule for pki.stamp",
                    "--depfile %s: does not end in .d", depfile);
    } else if (strcmp(path, "-") == 0) {
        usage_error(invocation->faults, NULL, "--depfile needs a manifest that is a file");
    } else if (plan_only) {
        usage_error(invocation->faults, NULL,
                    "--depfile stands beside --plan or --check, which make nothing");
    }
    return faults_errors(invocation->faults) == 0;
}

int depfile_option_write(const struct invocation *invocation, const char *path,
                         const struct manifest *manifest)
{
    const char *depfile = options_text(invocation->options, "depfile");
    struct sources sources = {NULL, 0, 0};
    struct bytes text = BYTES_EMPTY;
    char *target;
    int status = -1;

    if (depfile == NULL) {
        return 0;
    }
    target = strndup(depfile, strlen(depfile) - strlen(SUFFIX));
    if (target == NULL) {
        fault_memory(invocation->faults);
    } else if (sources_of(manifest, path, &sources, invocation->faults) == 0 &&
               depfile_text(target, &sources, &text, invocation->faults) == 0) {
        status = output_file_publish(invocation->context, depfile, slice_of(&text), 0644, invocation->faults);
    }
    sources_free(&sources);
    bytes_free(&text);
    free(target);
    return status;
}
