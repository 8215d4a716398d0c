/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a run that was cut off, held against its intents. */
#include "issuing/cut_off.h"

#include <fcntl.h>
#include <stdbool.h>

#include "base/file.h"
#include "ledger/ledger_directory.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/key.h"

/** A certificate in view. */
struct certificate_sight {
    bool there;
    struct bytes serial;
    struct digest key;
};

/** What is there of one name, and what its rows say of it. */
struct sight {
    const struct context *context;
    int directory;
    struct faults *unused; /* what cannot be read is nobody's we know */
    struct bytes path, content;
    struct certificate_sight pem, der;
    bool keyed, locked; /* the key's file: open, or not */
    struct digest key;
    bool requested; /* the key's file was made for a request, whose certificate another issues */
    bool superseded, certificate_intended, key_intended, key_issued, intended, stands;
};

/** The content of NAME and @p ending; false: it is not there, or cannot be read. */
static bool see(struct sight *sight, const char *name, const char *ending, size_t limit)
{
    bytes_clear(&sight->path);
    bytes_clear(&sight->content);
    return bytes_printf(&sight->path, "%s%s", name, ending) == 0 &&
           file_read(sight->directory, bytes_text(&sight->path), limit, &sight->content, sight->unused) == 0;
}

/** The first certificate in NAME and @p ending. */
static void see_certificate(struct sight *sight, const char *name, const char *ending,
                            struct certificate_sight *seen)
{
    struct certificate_list list = {NULL, 0};
    struct certificate_view view;

    if (see(sight, name, ending, FILE_LIMIT_CERTIFICATES) &&
        certificate_list_read(slice_of(&sight->content), bytes_text(&sight->path), &list, sight->unused) ==
            0 &&
        certificate_view_read(slice_of(&list.items[0]), &view) == 0 &&
        digest_of(sight->context, view.spki, &seen->key) == 0) {
        struct slice magnitude = serial_magnitude(view.serial);

        seen->there = bytes_append(&seen->serial, magnitude.data, magnitude.length) == 0;
    }
    certificate_list_free(&list);
}

static void see_key(struct sight *sight, const char *name)
{
    struct key *key = NULL;

    if (!see(sight, name, ".key", FILE_LIMIT_KEY)) {
        return;
    }
    if (key_is_encrypted(slice_of(&sight->content))) {
        sight->locked = true;
        return;
    }
    key = key_read(sight->context, slice_of(&sight->content), NULL, bytes_text(&sight->path), sight->unused);
    sight->keyed = key != NULL && key_spki_digest(sight->context, key, &sight->key, sight->unused) == 0;
    key_free(key);
}

static bool is_of(const struct certificate_sight *seen, const struct ledger_certificate *row)
{
    return seen->there && slice_equal(slice_of(&seen->serial), slice_of(&row->serial)) &&
           digest_equal(&seen->key, &row->spki);
}

static int take(void *state, const struct ledger_certificate *row)
{
    struct sight *sight = state;
    bool same_key = sight->keyed && digest_equal(&sight->key, &row->spki);

    /* newest first: what was begun before another was completed is no matter any more */
    if (row->state != LEDGER_INTENDED) {
        sight->superseded = true;
        sight->key_issued |= same_key;
        sight->stands |= row->state == LEDGER_ISSUED;
    } else if (!sight->superseded) {
        /* signing a request makes no key's file, and one that is there may be the request's */
        const struct digest none = {{0}};
        bool makes_key = digest_equal(&row->request, &none) && (row->authority || !sight->requested);

        sight->intended |= makes_key;
        sight->key_intended |= same_key && makes_key;
        sight->certificate_intended |= is_of(&sight->pem, row) || is_of(&sight->der, row);
    }
    return 0;
}

int cut_off_look(const struct context *context, int directory, struct ledger *ledger, const char *name,
                 enum cut_off *found, struct faults *faults)
{
    struct sight sight = {.context = context, .directory = directory, .unused = faults_new()};
    int status = 0;

    *found = CUT_OFF_HIDDEN;
    if (sight.unused == NULL) {
        fault_memory(faults);
        return -1;
    }
    see_key(&sight, name);
    see_certificate(&sight, name, ".crt", &sight.pem);
    see_certificate(&sight, name, ".cer", &sight.der);
    if (sight.keyed || sight.locked || sight.pem.there || sight.der.there) {
        struct ledger_authority known;

        status = ledger_find_authority(ledger, name, &known, faults);
        sight.requested = status == 1;
        status = status < 0 ? -1 : ledger_each_of_name(ledger, name, false, take, &sight, faults);
    }
    if (sight.certificate_intended || (sight.key_intended && !sight.key_issued)) {
        *found = CUT_OFF_VISIBLE;
    } else if (sight.locked && sight.intended && !sight.stands) {
        *found = CUT_OFF_LOCKED;
    }
    bytes_free(&sight.path);
    bytes_free(&sight.content);
    bytes_free(&sight.pem.serial);
    bytes_free(&sight.der.serial);
    faults_free(sight.unused);
    return status < 0 ? -1 : 0;
}
