/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger finds the other name. */
#include "operations/namesake.h"

int namesake_check(const struct directory *directory, const char *name, struct faults *faults)
{
    char other[256];
    int found = ledger_find_other_case(directory->ledger, name, other, faults);

    if (found == 1) {
        fault_error(faults, NULL, NULL, "choose another name: some file systems have one file for both",
                    "%s: \"%s\" differs only in case from \"%s\", which is there", directory->path, name,
                    other);
    }
    return found == 0 ? 0 : -1;
}
