/* SPDX-License-Identifier: Apache-2.0 */
/* The look at a revocation list. */
#include "apply/list_look.h"

#include "base/file.h"
#include "base/file_stamp.h"
#include "x509/crl.h"
#include "x509/pem.h"

/** Largest revocation list, and the same as PEM. */
#define LIST_SIZE_MAX (256u * 1024 * 1024)
#define PEM_SIZE_MAX  (LIST_SIZE_MAX / 2 * 3)

static bool is_there(const struct list_place *place, const char *stem, const char *suffix)
{
    struct bytes path = BYTES_EMPTY;
    struct file_stamp stamp;
    const char *why = NULL;
    bool there = bytes_printf(&path, "%s%s", stem, suffix) == 0 &&
                 file_stamp_read(place->directory, bytes_text(&path), &stamp, &why) == 1;

    bytes_free(&path);
    return there;
}

static bool is_whole(const struct list_place *place, const char *stem)
{
    return is_there(place, stem, ".crl") && is_there(place, stem, ".crl.pem") &&
           (!context_is_fixture(place->context) || is_there(place, stem, ".crl.head"));
}

static int read_list(const struct list_place *place, const char *stem, const char *suffix, size_t most,
                     struct bytes *content, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    int status = -1;

    if (bytes_printf(&path, "%s%s", stem, suffix) != 0) {
        fault_memory(faults);
    } else {
        status = file_read(place->directory, bytes_text(&path), most, content, faults);
    }
    bytes_free(&path);
    return status;
}

/** Whether STEM.crl is the list that was recorded last, and STEM.crl.pem the same. */
static int compare(const struct list_place *place, const char *stem, const struct digest *recorded,
                   bool *changed, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY, found = BYTES_EMPTY, expected = BYTES_EMPTY;
    struct faults *unused = faults_new();
    struct digest digest;
    int status = -1;

    if (unused == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (read_list(place, stem, ".crl", LIST_SIZE_MAX, &content, faults) != 0) {
        goto out;
    }
    /* one that cannot be read is not what was written */
    if (read_list(place, stem, ".crl.pem", PEM_SIZE_MAX, &found, unused) != 0) {
        bytes_clear(&found);
    }
    if (digest_of(place->context, slice_of(&content), &digest) != 0) {
        fault_openssl(faults, "%s.crl: SHA-256 failed", stem);
        goto out;
    }
    if (pem_write(slice_of(&content), CRL_LABEL, &expected) != 0) {
        fault_memory(faults);
        goto out;
    }
    *changed = !digest_equal(&digest, recorded) || !slice_equal(slice_of(&found), slice_of(&expected));
    status = 0;
out:
    bytes_free(&content);
    bytes_free(&found);
    bytes_free(&expected);
    faults_free(unused);
    return status;
}

int list_look(const struct list_place *place, const char *stem, int64_t generation, struct plan_crl *crl,
              struct faults *faults)
{
    struct ledger_crl last = {0};
    int found = ledger_last_crl(place->ledger, generation, &last, faults);

    if (found != 1) {
        return found;
    }
    crl->made = true;
    crl->this_update = last.this_update;
    crl->next_update = last.next_update;
    found = ledger_crl_is_due(place->ledger, generation, faults);
    if (found < 0) {
        return -1;
    }
    crl->lacking = found == 1;
    crl->missing = !is_whole(place, stem);
    return crl->missing ? 0 : compare(place, stem, &last.content, &crl->changed, faults);
}
