/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settled: a note in the ledger, and whether it holds.
 */
#include "issuing/settled.h"

#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/publisher.h"
#include "issuing/path_between.h"
#include "manifest/builtin.h"
#include "manifest/document.h"

/** Key of the note: one a ledger, since any manifest's run can change what another's would say. */
#define SETTLED_KEY "settled"

/** The note, as it is kept. Written and read on the same machine: a foreign byte order is a note that does not hold. */
struct note {
    struct digest inputs;
    instant due;
    int64_t entries;
};

int settled_inputs(const struct context *context, const char *directory, const char *manifest_path,
                   struct digest *inputs, struct faults *faults)
{
    struct digester *digester = digester_new(context);
    struct bytes content = BYTES_EMPTY;
    struct bytes way = BYTES_EMPTY;
    size_t i;
    int status = -1;

    if (digester == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (file_read(AT_FDCWD, manifest_path, DOCUMENT_SIZE_MAX, &content, faults) != 0 ||
        path_between(directory, manifest_path, &way, faults) != 0) {
        goto out;
    }
    digester_add_field(digester, slice_of_text(MTLSKIT_VERSION));
    digester_add_field(digester, slice_of(&content));
    digester_add_field(digester, slice_of(&way));
    for (i = 0; i < builtin_profile_count(); i++) {
        const struct builtin_profile *profile = builtin_profile_at(i);

        digester_add_field(digester, (struct slice){(const unsigned char *)profile->text, profile->length});
    }
    status = digester_final(digester, inputs);
out:
    bytes_free(&content);
    bytes_free(&way);
    digester_free(digester);
    return status;
}

int settled_put(struct ledger *ledger, const struct digest *inputs, instant due, size_t entries,
                struct faults *faults)
{
    struct note note;

    memset(&note, 0, sizeof(note));
    note.inputs = *inputs;
    note.due = due;
    note.entries = (int64_t)entries;
    return ledger_put_memo(ledger, SETTLED_KEY, (struct slice){(const unsigned char *)&note, sizeof(note)},
                           faults);
}

int settled_forget(struct ledger *ledger, struct faults *faults)
{
    return ledger_put_memo(ledger, SETTLED_KEY, (struct slice){(const unsigned char *)"", 0}, faults);
}

/** Holds a file's stamp against the recorded one; 1 stops the walk. */
static int file_touched(void *state, const struct ledger_output *output)
{
    const int *directory = state;
    struct file_stamp stamp;
    const char *why = NULL;

    memset(&stamp, 0, sizeof(stamp));
    if (file_stamp_read(*directory, output->path, &stamp, &why) != 1) {
        return 1;
    }
    return memcmp(&stamp, &output->stamp, sizeof(stamp)) == 0 ? 0 : 1;
}

int settled_holds(const struct context *context, struct ledger *ledger, int directory,
                  const struct digest *inputs, size_t *entries, struct faults *faults)
{
    struct bytes value = BYTES_EMPTY;
    struct note note;
    int found = ledger_get_memo(ledger, SETTLED_KEY, &value, faults);
    int status = found < 0 ? -1 : 0;

    if (found != 1 || value.length != sizeof(note)) {
        goto out;
    }
    memcpy(&note, value.data, sizeof(note));
    if (!digest_equal(&note.inputs, inputs) || context_now(context) >= note.due || note.entries < 0) {
        goto out;
    }
    found = ledger_each_output(ledger, NULL, file_touched, &directory, faults);
    status = found < 0 ? -1 : found == 0 ? 1 : 0;
    *entries = (size_t)note.entries;
out:
    bytes_free(&value);
    return status;
}
