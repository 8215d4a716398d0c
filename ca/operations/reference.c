/* SPDX-License-Identifier: Apache-2.0 */
/* References to certificates: each way of meaning one is tried, and they must not disagree. */
#include "operations/reference.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"

struct search {
    const struct context *context;
    const struct directory *directory;
    const char *text;
    struct faults *faults;
    struct ledger_certificate found; /* id 0: none yet */
    struct certificate_view view;    /* for a file: the one meant */
    struct digest spki;              /* its key's */
    const char *as;                  /* how it was found: "the name of" */
    bool ambiguous;
};

static void tell_two(struct search *search, const struct ledger_certificate *other, const char *as)
{
    struct bytes one = BYTES_EMPTY;
    struct bytes two = BYTES_EMPTY;

    if (bytes_append_hex(&one, slice_of(&search->found.serial), 0) != 0 ||
        bytes_append_hex(&two, slice_of(&other->serial), 0) != 0) {
        fault_memory(search->faults);
    } else {
        fault_error(search->faults, NULL, NULL, "name its file instead",
                    "\"%s\" is %s %s (serial %s) and %s %s (serial %s): it must mean one certificate",
                    search->text, search->as, search->found.name, bytes_text(&one), as, other->name,
                    bytes_text(&two));
    }
    bytes_free(&one);
    bytes_free(&two);
}

/* A row was found as @p as. */
static int take(struct search *search, const struct ledger_certificate *row, const char *as)
{
    if (search->found.id == row->id) {
        return 0;
    }
    if (search->found.id != 0) {
        search->ambiguous = true;
        tell_two(search, row, as);
        return -1;
    }
    search->as = as;
    if (ledger_certificate_copy(&search->found, row) != 0) {
        fault_memory(search->faults);
        return -1;
    }
    return 0;
}

static int take_begun(void *state, const struct ledger_certificate *row)
{
    struct search *search = state;
    struct ledger_revocation revocation = {0};
    int found = row->state == LEDGER_INTENDED
                    ? ledger_find_revocation(search->directory->ledger, row->id, &revocation, search->faults)
                    : 1;

    ledger_revocation_free(&revocation);
    return found == 0 ? take(search, row, "a certificate begun for the name of") : found < 0 ? -1 : 0;
}

/* Where nothing stands for the name, a certificate that a run which was cut short began: it may have come into view. */
static int by_name(struct search *search)
{
    struct ledger_certificate row = {0};
    struct ledger *ledger = search->directory->ledger;
    int found = ledger_find_certificate(ledger, search->text, &row, search->faults);
    int status;

    if (found == 0) {
        found = ledger_each_of_name(ledger, search->text, false, take_begun, search, search->faults) == 0
                    ? 0
                    : -1;
        /* all that were begun are revoked: of the last it is to be said */
        if (found == 0 && search->found.id == 0) {
            found = ledger_find_intent(ledger, search->text, &row, search->faults);
        }
    }
    status = found < 0 ? -1 : 0;

    if (found == 1) {
        status = take(search, &row, "the name of");
    }
    ledger_certificate_free(&row);
    return status;
}

/* ---- serials ----------------------------------------------------------------------------------------------------- */

static int take_serial(void *state, const struct ledger_certificate *row)
{
    return take(state, row, "the serial of");
}

static int by_serial(struct search *search)
{
    struct bytes serial = BYTES_EMPTY;
    int status = 0;

    if (serial_parse(search->text, &serial) == 0) {
        status = ledger_each_of_serial(search->directory->ledger, serial_magnitude(slice_of(&serial)), true,
                                       take_serial, search, search->faults);
    }
    bytes_free(&serial);
    return status;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* One that was begun and never completed has but its serial and key to be known by. */
static int take_same(void *state, const struct ledger_certificate *row)
{
    struct search *search = state;
    bool same = row->state == LEDGER_INTENDED ? digest_equal(&row->spki, &search->spki)
                                              : slice_equal(slice_of(&row->der), search->view.whole);

    return same ? take(search, row, "a file with") : 0;
}

static bool is_file(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

/* The first certificate of the file must be in the ledger, octet for octet. */
static int by_file(struct search *search)
{
    struct certificate_list list = {NULL, 0};
    struct bytes content = BYTES_EMPTY;
    int64_t before = search->found.id;
    int status = -1;

    if (file_read(AT_FDCWD, search->text, FILE_LIMIT_CERTIFICATES, &content, search->faults) != 0 ||
        certificate_list_read(slice_of(&content), search->text, &list, search->faults) != 0 ||
        certificate_view_read(slice_of(&list.items[0]), &search->view) != 0) {
        goto out;
    }
    if (digest_of(search->context, search->view.spki, &search->spki) != 0) {
        fault_openssl(search->faults, "%s: SHA-256 failed", search->text);
        goto out;
    }
    status = ledger_each_of_serial(search->directory->ledger, serial_magnitude(search->view.serial), true,
                                   take_same, search, search->faults);
    if (status == 0 && before == 0 && search->found.id == 0) {
        fault_error(search->faults, NULL, NULL, "it was issued elsewhere, or by a ledger that is gone",
                    "%s: the ledger of %s has no such certificate", search->text, search->directory->path);
        status = -1;
    }
out:
    bytes_free(&content);
    certificate_list_free(&list);
    return status;
}

int reference_find(const struct context *context, const struct directory *directory, const char *text,
                   struct ledger_certificate *certificate, struct faults *faults)
{
    struct search search = {.context = context, .directory = directory, .text = text, .faults = faults};
    bool path = strchr(text, '/') != NULL;
    int status = -1;

    /* what has a slash is a file and nothing else */
    if ((!path && (by_name(&search) != 0 || by_serial(&search) != 0)) ||
        ((path || (search.found.id == 0 && is_file(text))) && by_file(&search) != 0)) {
        goto out;
    }
    if (search.found.id == 0) {
        fault_error(faults, NULL, NULL, "a NAME, a serial in hexadecimal, or a certificate's file",
                    "%s: there is no certificate \"%s\"", directory->path, text);
        goto out;
    }
    *certificate = search.found;
    memset(&search.found, 0, sizeof(search.found));
    status = 0;
out:
    ledger_certificate_free(&search.found);
    return status;
}
