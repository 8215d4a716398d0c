/* SPDX-License-Identifier: Apache-2.0 */
/* Room for outputs. */
#include "operations/room.h"

#include "base/file_stamp.h"
#include "issuing/cut_off.h"

/** Whether what is there was left by a run that was cut off: 1, 0, -1 with a fault. */
static int is_left(const struct directory *directory, const struct context *context,
                   const struct entry *entry, struct faults *faults)
{
    enum cut_off found;

    if (cut_off_look(context, directory->folder, directory->ledger, entry->name, &found, faults) != 0) {
        return -1;
    }
    return found == CUT_OFF_VISIBLE ||
           (found == CUT_OFF_LOCKED && entry->passphrase.source != PASSPHRASE_NONE);
}

int room_check(const struct directory *directory, const struct context *context, const struct entry *entry,
               uint64_t outputs, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    struct file_stamp stamp;
    struct output output;
    const char *why = NULL;
    int left = 0;

    for (size_t i = 0; left == 0 && i < entry_output_count(entry); i++) {
        bytes_clear(&path);
        if ((outputs & (UINT64_C(1) << i)) == 0) {
            continue;
        }
        if (entry_output_at(entry, i, &output, &path) != 0) {
            fault_memory(faults);
            left = -1;
        } else if (file_stamp_read(directory->folder, bytes_text(&path), &stamp, &why) != 0) {
            left = is_left(directory, context, entry, faults);
            if (left == 0) {
                fault_error(faults, NULL, NULL, "move it away, or choose another name",
                            "%s/%s is there already", directory->path, bytes_text(&path));
                left = -1;
            }
        }
    }
    bytes_free(&path);
    return left < 0 ? -1 : 0;
}
