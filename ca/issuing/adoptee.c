/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate that an entry adopts, read and judged.
 */
#include "issuing/adoptee.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <openssl/x509.h>

#include "base/file.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/lint.h"

bool adoptee_is_gone(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, 0) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/** Whether one of the certificates behind the first, which lead up to its root, is of a fixture. */
static bool is_under_fixture(const struct certificate_list *list)
{
    struct certificate_view view;
    size_t i;

    for (i = 1; i < list->count; i++) {
        if (certificate_view_read(slice_of(&list->items[i]), &view) == 0 && view.fixture) {
            return true;
        }
    }
    return false;
}

int adoptee_read(const struct entry *entry, struct bytes *der, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    struct certificate_list list = {0};
    struct certificate_view view;
    const struct entry_spot spot = {ENTRY_ADOPT_CERTIFICATE, NULL};
    const char *path = entry->adopt_certificate;
    struct faults *why = faults_new();
    int status = -1;

    if (why == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (file_read_named(path, FILE_LIMIT_CERTIFICATES, &content, why) != 0 ||
        certificate_list_read(slice_of(&content), path, &list, why) != 0) {
        entry_faults_move(faults, entry, spot, why);
        goto out;
    }
    if (certificate_view_read(slice_of(&list.items[0]), &view) != 0) {
        entry_error_at(faults, entry, spot, NULL, "%s is not a certificate", path);
        goto out;
    }
    if (!view.has_basic_constraints || !view.ca ||
        (view.has_key_usage && (view.key_usage & (1u << 5)) == 0)) {
        entry_error_at(faults, entry, spot, "adopt a certificate with CA:TRUE and keyCertSign",
                       "%s is not the certificate of an authority", path);
        goto out;
    }
    if (view.fixture) {
        entry_error_at(faults, entry, spot, NULL,
                       "%s carries the fixture mark: its key is public, it cannot be adopted", path);
        goto out;
    }
    if (is_under_fixture(&list)) {
        entry_error_at(
            faults, entry, spot, NULL,
            "%s has a certificate above the authority's that carries the fixture mark: what is under "
            "a public key cannot be adopted",
            path);
        goto out;
    }
    bytes_move(der, &list.items[0]);
    status = 0;
out:
    faults_free(why);
    certificate_list_free(&list);
    bytes_free(&content);
    return status;
}

/** The hash of a self-signed certificate's own signature, when it is a broken one; else NULL. Lint looks at others. */
static const char *own_hash(struct slice der)
{
    const unsigned char *at = der.data;
    X509 *x509 = der.length <= LONG_MAX ? d2i_X509(NULL, &at, (long)der.length) : NULL;
    int hash = NID_undef;
    const char *word = NULL;

    if (x509 != NULL && X509_get_signature_info(x509, &hash, NULL, NULL, NULL) == 1 &&
        X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0) {
        word = hash == NID_sha1 ? "SHA-1" : hash == NID_md5 ? "MD5" : NULL;
    }
    X509_free(x509);
    return word;
}

void adoptee_warn(const struct entry *entry, struct faults *faults)
{
    const struct entry_spot spot = {ENTRY_ADOPT_CERTIFICATE, NULL};
    struct faults *unused = faults_new();
    struct bytes der = BYTES_EMPTY;
    struct bytes detail = BYTES_EMPTY;
    struct lint_question question = {.above_count = 0};
    struct lint_set found;
    const char *hash;
    size_t i;

    if (unused == NULL || adoptee_read(entry, &der, unused) != 0) {
        goto out;
    }
    question.certificate = slice_of(&der);
    hash = own_hash(slice_of(&der));
    if (hash != NULL) {
        entry_warning_at(faults, entry, spot, "SHA-256 or better", "%s: signed by itself with %s",
                         entry->adopt_certificate, hash);
    }
    if (lint_certificate(&question, &found) != 0) {
        goto out;
    }
    for (i = 0; i < lint_count(); i++) {
        const struct lint_rule *rule = lint_rule(i);

        if (rule->source == LINT_STRENGTH && lint_set_has(&found, i)) {
            bytes_clear(&detail);
            (void)!lint_tell(&question, i, &detail);
            entry_warning_at(faults, entry, spot, rule->right, "%s: %s%s%s", entry->adopt_certificate,
                             rule->wrong, detail.length > 0 ? ", " : "", bytes_text(&detail));
        }
    }
out:
    bytes_free(&detail);
    bytes_free(&der);
    faults_free(unused);
}
