/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a run that was cut off, held against its intents. */
#include "issuing/cut_off.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/key.h"

/** What is there of one name. */
struct sight {
    const struct context *context;
    int directory;
    struct faults *unused; /* what cannot be read is nobody's we know */
    struct bytes path, content;
    bool certified, keyed, locked;
    struct bytes serial;         /* of the certificate, */
    struct digest certified_key; /* and its key */
    struct digest key;           /* in the key's file */
    instant locked_since;        /* where that is locked */
    bool mine;
};

/** The content of NAME and @p ending; false: it is not there, or cannot be read. */
static bool see(struct sight *sight, const char *name, const char *ending, size_t limit)
{
    bytes_clear(&sight->path);
    bytes_clear(&sight->content);
    return bytes_printf(&sight->path, "%s%s", name, ending) == 0 &&
           file_read(sight->directory, bytes_text(&sight->path), limit, &sight->content, sight->unused) == 0;
}

/** The first certificate in the content, PEM or DER. */
static void see_certificate(struct sight *sight)
{
    struct certificate_list list = {NULL, 0};
    struct certificate_view view;

    if (certificate_list_read(slice_of(&sight->content), bytes_text(&sight->path), &list, sight->unused) ==
            0 &&
        certificate_view_read(slice_of(&list.items[0]), &view) == 0 &&
        digest_of(sight->context, view.spki, &sight->certified_key) == 0) {
        struct slice magnitude = serial_magnitude(view.serial);

        bytes_clear(&sight->serial);
        sight->certified = bytes_append(&sight->serial, magnitude.data, magnitude.length) == 0;
    }
    certificate_list_free(&list);
}

static void see_key(struct sight *sight)
{
    struct key *key = NULL;
    struct stat status;

    if (key_is_encrypted(slice_of(&sight->content))) {
        if (fstatat(sight->directory, bytes_text(&sight->path), &status, AT_SYMLINK_NOFOLLOW) == 0) {
            sight->locked = true;
            sight->locked_since = (instant)status.st_mtime;
        }
        return;
    }
    key = key_read(sight->context, slice_of(&sight->content), NULL, bytes_text(&sight->path), sight->unused);
    sight->keyed = key != NULL && key_spki_digest(sight->context, key, &sight->key, sight->unused) == 0;
    key_free(key);
}

/** 1: that intent's. */
static int compare(void *state, const struct ledger_certificate *row)
{
    struct sight *sight = state;

    if (row->state != LEDGER_INTENDED) {
        return 0;
    }
    sight->mine = (sight->certified && slice_equal(slice_of(&sight->serial), slice_of(&row->serial)) &&
                   digest_equal(&sight->certified_key, &row->spki)) ||
                  (sight->keyed && digest_equal(&sight->key, &row->spki)) ||
                  (sight->locked && sight->locked_since >= row->created);
    return sight->mine ? 1 : 0;
}

int cut_off_is_visible(const struct context *context, int directory, struct ledger *ledger, const char *name,
                       bool *visible, struct faults *faults)
{
    struct sight sight = {.context = context, .directory = directory, .unused = faults_new()};
    int status = -1;

    *visible = false;
    if (sight.unused == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (see(&sight, name, ".key", FILE_LIMIT_KEY)) {
        see_key(&sight);
    }
    if (see(&sight, name, ".crt", FILE_LIMIT_CERTIFICATES) ||
        see(&sight, name, ".cer", FILE_LIMIT_CERTIFICATES)) {
        see_certificate(&sight);
    }
    status = sight.certified || sight.keyed || sight.locked
                 ? ledger_each_of_name(ledger, name, false, compare, &sight, faults)
                 : 0;
    *visible = sight.mine;
    bytes_free(&sight.path);
    bytes_free(&sight.content);
    bytes_free(&sight.serial);
    faults_free(sight.unused);
    return status < 0 ? -1 : 0;
}
