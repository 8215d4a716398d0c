/* SPDX-License-Identifier: Apache-2.0 */
/* NAME.key, read and opened. */
#include "issuing/kept_key.h"

#include "base/file.h"

int kept_key_read(int directory, const struct entry *entry, struct bytes *content, struct faults *faults)
{
    struct faults *why = faults_new();
    struct bytes path = BYTES_EMPTY;
    int status = -1;

    if (why == NULL || bytes_printf(&path, "%s.key", entry->name) != 0) {
        fault_memory(faults);
    } else if (file_read(directory, bytes_text(&path), FILE_LIMIT_KEY, content, why) != 0) {
        entry_faults_move(faults, entry, (struct entry_spot){ENTRY_WHOLE, NULL}, why);
    } else if (content->length == 0) {
        entry_error(faults, entry, "put the key back, or remove the file to have a new one made",
                    "%s is empty", bytes_text(&path));
    } else {
        status = 0;
    }
    bytes_free(&path);
    faults_free(why);
    return status;
}

/** What can be done about a key that cannot be used. */
static int advise(const struct entry *entry, struct slice content, const struct bytes *passphrase,
                  struct faults *why)
{
    struct bytes advice = BYTES_EMPTY;
    int status;

    if (key_is_encrypted(content) && passphrase != NULL) {
        status = bytes_printf(&advice, "mtls-ca key passphrase %s gives it another, once its own is known",
                              entry->name);
    } else if (entry->kind == ENTRY_AUTHORITY) {
        status = bytes_printf(&advice, "put the right key back; --replace-authority %s makes a new authority",
                              entry->name);
    } else {
        status =
            bytes_append_text(&advice, "put the right key back, or remove the file to have a new one made");
    }
    if (status == 0) {
        faults_advise(why, bytes_text(&advice));
    }
    bytes_free(&advice);
    return status;
}

struct key *kept_key_open(const struct context *context, const struct entry *entry, struct slice content,
                          const struct bytes *passphrase, struct faults *faults)
{
    struct faults *why = faults_new();
    struct bytes path = BYTES_EMPTY;
    struct key *key = NULL;

    if (why == NULL || bytes_printf(&path, "%s.key", entry->name) != 0) {
        fault_memory(faults);
    } else if ((key = key_read(context, content, passphrase, bytes_text(&path), why)) == NULL) {
        if (advise(entry, content, passphrase, why) != 0) {
            fault_memory(faults);
        }
        faults_move(faults, why);
    }
    bytes_free(&path);
    faults_free(why);
    return key;
}
