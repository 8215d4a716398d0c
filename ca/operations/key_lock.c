/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exchanging a key file for one with another lock. The ledger's row follows the file: a run that is killed between the two leaves a
 * key file that apply takes for one that was put there, as it is. The same run again finishes it.
 */
#include "operations/key_lock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/output_file.h"
#include "issuing/directory.h"
#include "issuing/settled.h"
#include "ledger/ledger_directory.h"
#include "plan/facets.h"
#include "x509/key.h"

/** Mode of a key file. */
#define MODE_SECRET 0600

struct key_lock {
    const struct context *context;
    struct bytes folder; /* of the PKI directory, as it is named */
    struct bytes file;   /* in it */
    struct bytes shown;  /* both together, or the path that was given */
    struct directory directory;
    struct bytes content;
    bool known;
    struct ledger_output row;
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static bool is_path(const char *name)
{
    return strchr(name, '/') != NULL || ends_with(name, ".key") || ends_with(name, ".pem");
}

/** Sets folder, file and shown. */
static int names_set(struct key_lock *lock, const char *name, const char *directory)
{
    const char *slash = strrchr(name, '/');
    size_t folder = slash != NULL && slash != name ? (size_t)(slash - name) : 1;

    if (!is_path(name)) {
        if (bytes_append_text(&lock->folder, directory) != 0 ||
            bytes_printf(&lock->file, "%s.key", name) != 0) {
            return -1;
        }
        return bytes_printf(&lock->shown, "%s/%s.key", directory, name);
    }
    if (bytes_append(&lock->folder, slash != NULL ? name : ".", folder) != 0 ||
        bytes_append_text(&lock->file, slash != NULL ? slash + 1 : name) != 0) {
        return -1;
    }
    return bytes_append_text(&lock->shown, name);
}

/** Whether there is a ledger in the folder: 1, 0, or -1 when memory is out. */
static int has_ledger(const struct key_lock *lock)
{
    struct bytes path = BYTES_EMPTY;
    int there = -1;

    if (bytes_printf(&path, "%s/ledger.db", bytes_text(&lock->folder)) == 0) {
        there = access(bytes_text(&path), F_OK) == 0 ? 1 : 0;
    }
    bytes_free(&path);
    return there;
}

/** Opens the PKI directory and finds the file in its ledger. A file that lies elsewhere needs neither. */
static int place_open(struct key_lock *lock, bool named, struct faults *faults)
{
    int found = has_ledger(lock);

    if (found < 0) {
        fault_memory(faults);
        return -1;
    }
    if (found == 0 && !named) {
        return 0;
    }
    if (directory_open(&lock->directory, bytes_text(&lock->folder), DIRECTORY_WRITE, lock->context, faults) !=
        0) {
        return -1;
    }
    found = ledger_find_output(lock->directory.ledger, bytes_text(&lock->file), &lock->row, faults);
    lock->known = found == 1 && lock->row.kind == (int)OUTPUT_KEY;
    if (found >= 0 && !lock->known && named) {
        fault_error(faults, NULL, NULL, "mtls-ca key passphrase FILE takes any key's file",
                    "%s: the ledger knows no such key file", bytes_text(&lock->shown));
        return -1;
    }
    return found >= 0 ? 0 : -1;
}

/** Whether the file can be written again: nobody waits for what comes out of a pipe. */
static int check_regular(const struct key_lock *lock, struct faults *faults)
{
    const struct place place = {.file = bytes_text(&lock->shown)};
    struct stat status;

    if (stat(place.file, &status) == 0 && !S_ISREG(status.st_mode)) {
        fault_error(faults, &place, NULL, "move it away",
                    "is not a regular file: it holds no key that stays");
        return -1;
    }
    return 0;
}

struct key_lock *key_lock_open(const struct context *context, const char *name, const char *directory,
                               struct faults *faults)
{
    struct key_lock *lock = calloc(1, sizeof(*lock));

    if (lock == NULL) {
        fault_memory(faults);
        return NULL;
    }
    lock->context = context;
    lock->directory = DIRECTORY_EMPTY;
    if (names_set(lock, name, directory) != 0) {
        fault_memory(faults);
        goto failed;
    }
    if (place_open(lock, !is_path(name), faults) != 0 || check_regular(lock, faults) != 0 ||
        file_read(AT_FDCWD, bytes_text(&lock->shown), FILE_LIMIT_KEY, &lock->content, faults) != 0) {
        goto failed;
    }
    return lock;
failed:
    key_lock_free(lock);
    return NULL;
}

void key_lock_free(struct key_lock *lock)
{
    if (lock != NULL) {
        ledger_output_free(&lock->row);
        directory_close(&lock->directory);
        bytes_free(&lock->content);
        bytes_free(&lock->folder);
        bytes_free(&lock->file);
        bytes_free(&lock->shown);
        free(lock);
    }
}

const char *key_lock_path(const struct key_lock *lock)
{
    return bytes_text(&lock->shown);
}

bool key_lock_is_set(const struct key_lock *lock)
{
    return key_is_encrypted(slice_of(&lock->content));
}

enum key_kdf key_lock_kdf(const struct key_lock *lock)
{
    return key_kdf_of(slice_of(&lock->content));
}

bool key_lock_is_known(const struct key_lock *lock)
{
    return lock->known;
}

/** The file as it is to be, opened again and held against the key. */
static int content_make(const struct key_lock *lock, const struct bytes *old, const struct bytes *new,
                        enum key_kdf kdf, struct bytes *content, struct faults *faults)
{
    const char *shown = bytes_text(&lock->shown);
    struct key *key = key_read(lock->context, slice_of(&lock->content), old, shown, faults);
    struct key *again = NULL;
    int status = -1;

    if (key == NULL || (new != NULL ? key_pkcs8_encrypted_pem(lock->context, key, kdf, new, content, faults)
                                    : key_pkcs8_pem(key, content, faults)) != 0) {
        goto out;
    }
    again = key_read(lock->context, slice_of(content), new, shown, faults);
    if (again == NULL) {
        goto out;
    }
    if (!key_equal(key, again)) {
        fault_error(faults, NULL, NULL, NULL, "%s: the key came out as another", shown);
        goto out;
    }
    status = 0;
out:
    key_free(key);
    key_free(again);
    return status;
}

/** The event in the ledger's log. */
static int note_event(struct key_lock *lock, struct faults *faults)
{
    struct ledger_event event = {
        .what = LEDGER_EVENT_PASSPHRASE,
        .certificate = lock->row.certificate,
    };

    memcpy(event.detail, lock->row.name, sizeof(lock->row.name));
    return ledger_put_event(lock->directory.ledger, &event, faults);
}

/** Of an authority the ledger remembers where its passphrase comes from. */
static int note_settings(struct key_lock *lock, const char *spec, struct faults *faults)
{
    struct ledger *ledger = lock->directory.ledger;
    struct ledger_certificate row = {0};
    struct ledger_authority settings = {.name = ""};
    int found = ledger_find_certificate(ledger, lock->row.name, &row, faults);
    int status = found < 0 ? -1 : 0;

    if (found == 1 && row.authority) {
        status = ledger_find_authority(ledger, lock->row.name, &settings, faults) < 0 ? -1 : 0;
        memcpy(settings.name, lock->row.name, sizeof(lock->row.name));
        memset(settings.passphrase, 0, sizeof(settings.passphrase));
        if (strlen(spec) < sizeof(settings.passphrase)) {
            memcpy(settings.passphrase, spec, strlen(spec));
        }
        status = status == 0 ? ledger_put_authority(ledger, &settings, faults) : -1;
    }
    ledger_certificate_free(&row);
    return status;
}

/** The ledger's row follows the file. */
static int row_follow(struct key_lock *lock, const struct publisher *publisher, struct slice content,
                      const char *spec, struct faults *faults)
{
    struct ledger *ledger = lock->directory.ledger;
    struct digester *digester = digester_new(lock->context);
    int status = -1;

    if (digester == NULL ||
        plan_key_inputs(digester, key_is_encrypted(content), key_kdf_of(content), &lock->row.inputs) != 0 ||
        digest_of(lock->context, content, &lock->row.content) != 0 ||
        publisher_stamp(publisher, 0, &lock->row.stamp) != 0) {
        fault_openssl(faults, "%s: the file was written, but cannot be recorded", bytes_text(&lock->shown));
        goto out;
    }
    if (ledger_begin(ledger, faults) != 0) {
        goto out;
    }
    if (settled_forget(ledger, faults) != 0 || ledger_put_output(ledger, &lock->row, faults) != 0 ||
        note_settings(lock, spec, faults) != 0 || note_event(lock, faults) != 0) {
        ledger_rollback(ledger);
        goto out;
    }
    status = ledger_commit(ledger, faults);
out:
    digester_free(digester);
    return status;
}

/** Exchanges a file that the ledger knows. */
static int exchange_known(struct key_lock *lock, struct slice content, const char *spec,
                          struct faults *faults)
{
    struct publisher *publisher = directory_publisher(&lock->directory, lock->context, faults);
    int status = -1;

    if (publisher == NULL) {
        return -1;
    }
    if (publisher_add(publisher, bytes_text(&lock->file), content, MODE_SECRET, faults) == 0 &&
        publisher_commit(publisher, faults) == 0) {
        status = row_follow(lock, publisher, content, spec, faults);
    }
    publisher_free(publisher);
    return status;
}

/** Whether a run that was to set @p new got as far as the file, and was killed before the ledger knew. */
static bool was_cut_short(const struct key_lock *lock, const struct bytes *new)
{
    struct faults *unused = faults_new();
    struct key *key = NULL;
    struct digest digest;

    if (unused != NULL && lock->known && new != NULL &&key_lock_is_set(lock) &&
        digest_of(lock->context, slice_of(&lock->content), &digest) == 0 &&
        !digest_equal(&digest, &lock->row.content)) {
        key = key_read(lock->context, slice_of(&lock->content), new, bytes_text(&lock->shown), unused);
    }
    key_free(key);
    faults_free(unused);
    return key != NULL;
}

int key_lock_change(struct key_lock *lock, const struct bytes *old, const struct bytes *new, enum key_kdf kdf,
                    const char *spec, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    int status = content_make(lock, was_cut_short(lock, new) ? new : old, new, kdf, &content, faults);

    if (status == 0) {
        status = lock->known ? exchange_known(lock, slice_of(&content), spec, faults)
                             : output_file_publish(lock->context, bytes_text(&lock->shown),
                                                   slice_of(&content), MODE_SECRET, faults);
    }
    bytes_free(&content);
    return status;
}
