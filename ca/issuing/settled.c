/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settled: a note in the ledger, and whether it holds.
 */
#include "issuing/settled.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/publisher.h"
#include "issuing/path_between.h"
#include "ledger/ledger_directory.h"
#include "manifest/builtin.h"
#include "manifest/document.h"

/** Key of the note: one a ledger, since any manifest's run can change what another's would say. */
#define SETTLED_KEY "settled"

/** The note, as it is kept. Written and read on the same machine: a foreign byte order is a note that does not hold. */
struct note {
    struct digest inputs;
    instant due;
    int64_t entries;
    struct digest whose; /**< the manifest's id */
};

int settled_inputs(const struct context *context, const char *directory, const char *manifest_path,
                   const struct fixture *given, struct digest *inputs, struct faults *faults)
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
    digester_add_field(digester, given->seed != NULL ? slice_of_text(given->seed) : (struct slice){NULL, 0});
    digester_add_number(digester, given->has_now ? 1 : 0);
    digester_add_number(digester, fixture_time(given));
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

/** The note as it is kept. */
static int compose(const struct context *context, const struct digest *inputs, instant due,
                   const struct manifest *manifest, const char *manifest_id, struct bytes *value)
{
    struct slice content;
    struct digest digest;
    struct note note;
    const char *path;

    memset(&note, 0, sizeof(note));
    note.inputs = *inputs;
    note.due = due;
    note.entries = (int64_t)manifest_count(manifest);
    if (digest_of(context, slice_of_text(manifest_id), &note.whose) != 0 ||
        bytes_append(value, &note, sizeof(note)) != 0) {
        return -1;
    }
    for (size_t i = 0; (path = manifest_table(manifest, i, &content)) != NULL; i++) {
        if (digest_of(context, content, &digest) != 0 ||
            bytes_append(value, digest.octets, sizeof(digest.octets)) != 0 ||
            bytes_append(value, path, strlen(path) + 1) != 0) {
            return -1;
        }
    }
    return 0;
}

int settled_put(const struct context *context, struct ledger *ledger, const struct digest *inputs,
                instant due, const struct manifest *manifest, const char *manifest_id, struct faults *faults)
{
    struct bytes value = BYTES_EMPTY;
    int status = -1;

    if (compose(context, inputs, due, manifest, manifest_id, &value) != 0) {
        fault_memory(faults);
    } else {
        status = ledger_put_memo(ledger, SETTLED_KEY, slice_of(&value), faults);
    }
    bytes_free(&value);
    return status;
}

int settled_is_free(const struct context *context, struct ledger *ledger, const struct digest *inputs,
                    instant due, const struct manifest *manifest, const char *manifest_id,
                    struct faults *faults)
{
    struct bytes value = BYTES_EMPTY, wanted = BYTES_EMPTY;
    struct note note, other;
    int found = ledger_get_memo(ledger, SETTLED_KEY, &value, faults);

    if (found >= 0 && compose(context, inputs, due, manifest, manifest_id, &wanted) != 0) {
        fault_memory(faults);
        found = -1;
    } else if (found == 1 && value.length >= sizeof(note)) {
        memcpy(&note, wanted.data, sizeof(note));
        memcpy(&other, value.data, sizeof(other));
        found = digest_equal(&note.whose, &other.whose) && !slice_equal(slice_of(&value), slice_of(&wanted));
    } else if (found == 0) {
        found = 1;
    }
    bytes_free(&value);
    bytes_free(&wanted);
    return found;
}

int settled_forget(struct ledger *ledger, struct faults *faults)
{
    return ledger_put_memo(ledger, SETTLED_KEY, (struct slice){(const unsigned char *)"", 0}, faults);
}

/** Holds a file's stamp against the recorded one; 1 stops the walk. */
static int file_touched(void *state, const char *path, const struct file_stamp *recorded)
{
    const int *directory = state;
    struct file_stamp stamp;
    const char *why = NULL;

    memset(&stamp, 0, sizeof(stamp));
    if (file_stamp_read(*directory, path, &stamp, &why) != 1) {
        return 1;
    }
    return memcmp(&stamp, recorded, sizeof(stamp)) == 0 ? 0 : 1;
}

/** Whether the file @p path is there and others were given permissions on it: of some keys no stamp is recorded. */
static bool is_opened(int directory, const struct bytes *path)
{
    struct file_stamp stamp;
    mode_t mode = 0;
    const char *why = NULL;

    return file_stamp_read_mode(directory, bytes_text(path), &stamp, &mode, &why) == 1 &&
           (mode & (S_IRWXG | S_IRWXO)) != 0;
}

/** A key that an authority had before; 1 stops the walk. */
static int old_key_opened(void *state, const struct ledger_generation *generation)
{
    const int *directory = state;
    struct bytes path = BYTES_EMPTY;
    int status = 0;

    if (!generation->current) {
        status =
            bytes_printf(&path, "%s.generation-%lld.key", generation->name, (long long)generation->id) != 0 ||
            is_opened(*directory, &path);
    }
    bytes_free(&path);
    return status;
}

/** A key that mtls-ca csr made a request for; 1 stops the walk. */
static int requested_key_opened(void *state, const struct ledger_authority *known)
{
    const int *directory = state;
    struct bytes path = BYTES_EMPTY;
    int status = 0;

    if (known->key[0] == '\0') {
        status = bytes_printf(&path, "%s.key", known->name) != 0 || is_opened(*directory, &path);
    }
    bytes_free(&path);
    return status;
}

/** Whether the file at @p path, seen from the manifest's folder, still has that content. */
static bool table_is_same(const struct context *context, const char *manifest_path, const char *path,
                          const struct digest *digest)
{
    struct faults *unused = faults_new();
    struct bytes folder = BYTES_EMPTY, whole = BYTES_EMPTY, content = BYTES_EMPTY;
    const char *slash = strrchr(manifest_path, '/');
    struct digest now;
    bool same =
        unused != NULL &&
        bytes_append(&folder, manifest_path, slash != NULL ? (size_t)(slash - manifest_path) + 1 : 0) == 0 &&
        file_join(bytes_text(&folder), path, &whole) == 0 &&
        file_read(AT_FDCWD, bytes_text(&whole), TABLE_SIZE_MAX, &content, unused) == 0 &&
        digest_of(context, slice_of(&content), &now) == 0 && digest_equal(&now, digest);

    bytes_free(&folder);
    bytes_free(&whole);
    bytes_free(&content);
    faults_free(unused);
    return same;
}

/** Whether the tables in the rest of the note are as they were. */
static bool tables_are_same(const struct context *context, const char *manifest_path, struct slice rest)
{
    while (rest.length > 0) {
        const unsigned char *end;
        struct digest digest;

        if (rest.length <= sizeof(digest.octets)) {
            return false;
        }
        memcpy(digest.octets, rest.data, sizeof(digest.octets));
        rest.data += sizeof(digest.octets);
        rest.length -= sizeof(digest.octets);
        end = memchr(rest.data, 0, rest.length);
        if (end == NULL || !table_is_same(context, manifest_path, (const char *)rest.data, &digest)) {
            return false;
        }
        rest.length -= (size_t)(end + 1 - rest.data);
        rest.data = end + 1;
    }
    return true;
}

int settled_holds(const struct context *context, struct ledger *ledger, int directory,
                  const char *manifest_path, const struct digest *inputs, size_t *entries,
                  struct faults *faults)
{
    struct bytes value = BYTES_EMPTY;
    struct note note;
    int found = ledger_get_memo(ledger, SETTLED_KEY, &value, faults);
    int status = found < 0 ? -1 : 0;

    if (found != 1 || value.length < sizeof(note)) {
        goto out;
    }
    memcpy(&note, value.data, sizeof(note));
    if (!digest_equal(&note.inputs, inputs) || context_now(context) >= note.due || note.entries < 0 ||
        !tables_are_same(context, manifest_path,
                         (struct slice){value.data + sizeof(note), value.length - sizeof(note)})) {
        goto out;
    }
    found = ledger_each_stamp(ledger, file_touched, &directory, faults);
    if (found == 0) {
        found = ledger_each_generation(ledger, NULL, old_key_opened, &directory, faults);
    }
    if (found == 0) {
        found = ledger_each_authority(ledger, requested_key_opened, &directory, faults);
    }
    status = found < 0 ? -1 : found == 0 ? 1 : 0;
    *entries = (size_t)note.entries;
out:
    bytes_free(&value);
    return status;
}
