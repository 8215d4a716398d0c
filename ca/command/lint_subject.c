/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates to lint.
 */
#include "command/lint_subject.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "x509/bundle.h"
#include "x509/certificate_list.h"
#include "x509/form.h"
#include "x509/pem.h"

void lint_subjects_free(struct lint_subjects *subjects)
{
    for (size_t i = 0; i < subjects->count; i++) {
        free(subjects->items[i].shown);
        bytes_free(&subjects->items[i].der);
    }
    free(subjects->items);
    memset(subjects, 0, sizeof(*subjects));
}

/** Takes @p der over, also on failure. -1: no memory. -2: no certificate. */
static int add(struct lint_subjects *subjects, const char *shown, size_t number, struct bytes *der)
{
    struct lint_subject one = {.shown = strdup(shown), .number = number};
    struct lint_subject *grown = NULL;
    int status = -1;

    bytes_move(&one.der, der);
    if (one.shown == NULL) {
        goto out;
    }
    if (lint_names_read(slice_of(&one.der), &one.names) != 0) {
        status = -2;
        goto out;
    }
    /* in powers of two: a file may hold thousands */
    if ((subjects->count & (subjects->count - 1)) == 0) {
        grown = realloc(subjects->items,
                        (subjects->count == 0 ? 1 : subjects->count * 2) * sizeof(*subjects->items));
        if (grown == NULL) {
            goto out;
        }
        subjects->items = grown;
    }
    subjects->items[subjects->count++] = one;
    return 0;
out:
    free(one.shown);
    bytes_free(&one.der);
    return status;
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

static int add_block(struct lint_subjects *subjects, const char *path, size_t number, struct pem_block *block,
                     struct faults *faults)
{
    const struct place place = {path, block->line, 0};
    int status = add(subjects, path, number, &block->der);

    if (status == -1) {
        fault_memory(faults);
    } else if (status == -2) {
        fault_error(faults, &place, NULL, NULL, "this is no certificate, not even a broken one");
    }
    return status == 0 ? 0 : -1;
}

static int add_pem(struct lint_subjects *subjects, const char *path, struct slice content,
                   struct faults *faults)
{
    size_t before = subjects->count;
    struct pem_block block;
    size_t line = 0;
    int found;

    while ((found = pem_read(&content, &line, path, &block, faults)) == 1) {
        bool wanted = strcmp(block.label, "CERTIFICATE") == 0 || strcmp(block.label, "X509 CERTIFICATE") == 0;
        size_t number = subjects->count - before + 1;
        int status = 0;

        if (wanted && number > CERTIFICATE_LIST_MAX) {
            fault_error(faults, NULL, NULL, NULL, "%s has more than %d certificates", path,
                        CERTIFICATE_LIST_MAX);
            status = -1;
        } else if (wanted) {
            status = add_block(subjects, path, number, &block, faults);
        }
        pem_block_free(&block);
        if (status != 0) {
            return -1;
        }
    }
    if (found == 0 && subjects->count == before) {
        fault_error(faults, NULL, NULL, NULL, "%s holds no certificate", path);
        found = -1;
    }
    if (subjects->count == before + 1) {
        subjects->items[before].number = 0;
    }
    return found;
}

int lint_subjects_add_file(struct lint_subjects *subjects, const char *path, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    int status = -1;

    if (file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &content, faults) != 0) {
        goto out;
    }
    if (!form_is_p12(slice_of(&content)) && form_check(slice_of(&content), path, faults) != 0) {
        goto out;
    }
    if (form_is_p12(slice_of(&content))) {
        fault_error(faults, NULL, NULL, "lint the certificate it was made from; verify looks into a P12",
                    "%s is a P12", path);
    } else if (form_is_pem(slice_of(&content))) {
        status = add_pem(subjects, path, slice_of(&content), faults);
    } else {
        status = add(subjects, path, 0, &content);
        if (status == -2) {
            fault_error(faults, NULL, NULL, NULL, "%s is no certificate, neither PEM nor DER", path);
        } else if (status == -1) {
            fault_memory(faults);
        }
    }
out:
    bytes_free(&content);
    return status == 0 ? 0 : -1;
}

/* ---- ledgers -------------------------------------------------------------------------------------------------------- */

int lint_subjects_add_name(struct lint_subjects *subjects, struct ledger *ledger, const char *name,
                           struct faults *faults)
{
    struct ledger_certificate row = {0};
    int found = ledger_find_certificate(ledger, name, &row, faults);

    if (found == 1 && add(subjects, name, 0, &row.der) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the ledger's certificate of %s cannot be read", name);
        found = -1;
    }
    ledger_certificate_free(&row);
    return found;
}

/** Names of authorities met on a walk; the ledger takes no second question meanwhile. */
struct authority_names {
    char (*names)[256];
    size_t count;
};

static int note_authority(void *state, const struct ledger_certificate *certificate)
{
    struct authority_names *found = state;
    char(*grown)[256];

    if (!certificate->authority) {
        return 0;
    }
    grown = realloc(found->names, (found->count + 1) * sizeof(*grown));
    if (grown == NULL) {
        return -1;
    }
    found->names = grown;
    memcpy(found->names[found->count++], certificate->name, sizeof(certificate->name));
    return 0;
}

int lint_subjects_add_authorities(struct lint_subjects *subjects, struct ledger *ledger,
                                  struct faults *faults)
{
    struct authority_names found = {NULL, 0};
    int status = ledger_each_certificate(ledger, NULL, false, note_authority, &found, faults);

    for (size_t i = 0; i < found.count && status == 0; i++) {
        status = lint_subjects_add_name(subjects, ledger, found.names[i], faults) < 0 ? -1 : 0;
    }
    if (status != 0 && faults_errors(faults) == 0) {
        fault_memory(faults);
    }
    free(found.names);
    return status;
}

/* ---- issuers -------------------------------------------------------------------------------------------------------- */

/** Who issued it: the name must fit; one whose key identifier fits as well is taken before one whose does not. */
static const struct lint_subject *issuer_of(const struct lint_subjects *pool, const struct lint_names *names)
{
    const struct lint_subject *candidate = NULL;

    for (size_t i = 0; i < pool->count; i++) {
        const struct lint_subject *one = &pool->items[i];

        if (!slice_equal(one->names.subject, names->issuer)) {
            continue;
        }
        if (names->authority_key_identifier.length != 0 &&
            slice_equal(names->authority_key_identifier, one->names.subject_key_identifier)) {
            return one;
        }
        candidate = candidate == NULL ? one : candidate;
    }
    return candidate;
}

size_t lint_subjects_above(const struct lint_subjects *pool, const struct lint_names *names,
                           struct slice above[LINT_ABOVE_MAX])
{
    size_t count = 0;

    while (count < LINT_ABOVE_MAX && !slice_equal(names->subject, names->issuer)) {
        const struct lint_subject *issuer = issuer_of(pool, names);

        if (issuer == NULL) {
            break;
        }
        above[count++] = slice_of(&issuer->der);
        names = &issuer->names;
    }
    return count;
}
