/* SPDX-License-Identifier: Apache-2.0 */
/* --out. */
#include "command/out_option.h"

#include <string.h>

/** Whether @p path looks like an archive of a kind that is not written. */
static bool is_other_archive(const char *path)
{
    static const char *const endings[] = {".zip", ".tgz", ".gz",  ".tbz", ".bz2",
                                          ".txz", ".xz",  ".zst", ".7z"};
    size_t length = strlen(path), i;

    for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t ending = strlen(endings[i]);

        if (length > ending && strcmp(path + length - ending, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** The name tells whether it is an archive or a folder. */
bool out_option_is_right(const struct invocation *invocation)
{
    const char *out = options_text(invocation->options, "out");

    if (out == NULL) {
        return true;
    }
    if (out[0] == '\0') {
        usage_error(invocation->faults, "-o fleet.tar", "--out: needs a name");
    } else if (is_other_archive(out)) {
        usage_error(invocation->faults, "-o fleet.tar, or for a folder -o fleet/",
                    "--out %s: does not end in .tar, the one kind of archive that is written", out);
    }
    return faults_errors(invocation->faults) == 0;
}
