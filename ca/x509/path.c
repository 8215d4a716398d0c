/* SPDX-License-Identifier: Apache-2.0 */
/* The path from a certificate to an authority. */
#include "x509/path.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

/* Certificates of the right name whose key is tried, a step: a hostile file has thousands. */
#define CANDIDATES_MAX 64

bool path_is_self_issued(const struct certificate_view *view)
{
    return slice_equal(view->issuer, view->subject);
}

X509 *path_x509(const struct context *context, struct path_certificate *certificate)
{
    const unsigned char *data = certificate->der.data;

    if (certificate->x509 == NULL && certificate->der.length <= INT32_MAX) {
        X509 *x509 = X509_new_ex(context_libctx(context), NULL);

        ERR_set_mark();
        /* d2i_X509 frees what it was given when it fails */
        certificate->x509 = x509 == NULL ? NULL : d2i_X509(&x509, &data, (long)certificate->der.length);
        ERR_pop_to_mark();
    }
    return certificate->x509;
}

/* Whether @p issuer's key made the signature on @p subject. */
static bool is_signed_by(const struct context *context, struct path_certificate *subject,
                         struct path_certificate *issuer)
{
    X509 *signed_one = path_x509(context, subject);
    X509 *signer = path_x509(context, issuer);
    EVP_PKEY *key = signer == NULL ? NULL : X509_get0_pubkey(signer);
    bool result;

    if (signed_one == NULL || key == NULL) {
        return false;
    }
    ERR_set_mark();
    result = X509_verify(signed_one, key) == 1;
    ERR_pop_to_mark();
    return result;
}

/* Names equal, in DER or, where strings were encoded differently, as RFC 5280 section 7.1 compares them. */
static bool has_issuers_name(const struct context *context, struct path_certificate *subject,
                             struct path_certificate *issuer)
{
    X509 *below = NULL;
    X509 *above = NULL;

    if (slice_equal(subject->view.issuer, issuer->view.subject)) {
        return true;
    }
    /* the exact comparison is the rule; the other one needs both parsed, so it is kept to a file's few */
    if (issuer->position > PATH_LENGTH_MAX) {
        return false;
    }
    below = path_x509(context, subject);
    above = path_x509(context, issuer);
    return below != NULL && above != NULL &&
           X509_NAME_cmp(X509_get_issuer_name(below), X509_get_subject_name(above)) == 0;
}

bool path_has(const struct path *path, const struct path_certificate *certificate)
{
    for (size_t i = 0; i < path->length; i++) {
        if (slice_equal(path->steps[i]->der, certificate->der)) {
            return true;
        }
    }
    return false;
}

/* By identifier the same key: then a signature that does not fit was altered, not made by another key. */
static bool has_issuers_key(const struct path_certificate *subject, const struct path_certificate *issuer)
{
    return subject->view.authority_key_identifier.length != 0 &&
           slice_equal(subject->view.authority_key_identifier, issuer->view.subject_key_identifier);
}

/* The step above the last one, authorities before the file's own; NULL with path->end set when there is none. */
static struct path_certificate *find_issuer(const struct context *context, struct path *path)
{
    struct path_certificate *last = path->steps[path->length - 1];
    size_t tried = 0;

    path->end = PATH_ISSUER_MISSING;
    path->suspect = NULL;
    for (int anchors = 1; anchors >= 0; anchors--) {
        for (size_t i = 0; i < path->count; i++) {
            struct path_certificate *candidate = &path->all[i];

            if (candidate->anchor != (anchors == 1) || path_has(path, candidate) ||
                !has_issuers_name(context, last, candidate)) {
                continue;
            }
            if (tried++ == CANDIDATES_MAX) {
                return NULL;
            }
            if (is_signed_by(context, last, candidate)) {
                path->suspect = NULL;
                return candidate;
            }
            if (path->suspect == NULL || has_issuers_key(last, candidate)) {
                path->suspect = candidate;
                path->end = has_issuers_key(last, candidate) ? PATH_ALTERED : PATH_OTHER_KEY;
            }
        }
    }
    return NULL;
}

/* The authority that is the same certificate as @p certificate, or NULL. */
static struct path_certificate *find_same_anchor(struct path *path,
                                                 const struct path_certificate *certificate)
{
    for (size_t i = path->file_count; i < path->count; i++) {
        if (slice_equal(path->all[i].der, certificate->der)) {
            return &path->all[i];
        }
    }
    return NULL;
}

static void climb(const struct context *context, struct path *path)
{
    for (;;) {
        struct path_certificate **last = &path->steps[path->length - 1];
        struct path_certificate *same = find_same_anchor(path, *last);
        struct path_certificate *next;

        if (same != NULL) {
            *last = same;
        }
        if (path_is_self_issued(&(*last)->view) && is_signed_by(context, *last, *last)) {
            path->end = same != NULL ? PATH_ANCHORED : PATH_UNTRUSTED_ROOT;
            return;
        }
        next = find_issuer(context, path);
        if (next == NULL || (same != NULL && !next->anchor)) {
            path->end = same != NULL ? PATH_ANCHORED : path->end;
            return;
        }
        if (path->length == PATH_LENGTH_MAX) {
            path->end = PATH_TOO_LONG;
            return;
        }
        path->steps[path->length++] = next;
    }
}

static int add_list(struct path *path, const struct certificate_list *list, bool anchors,
                    struct faults *faults)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        struct path_certificate *one = &path->all[path->count];

        one->der = slice_of(&list->items[i]);
        one->anchor = anchors;
        one->position = i;
        if (certificate_view_read(one->der, &one->view) != 0) {
            fault_error(faults, NULL, NULL, NULL, "certificate %zu %s is malformed", i + 1,
                        anchors ? "of the authorities" : "of the chain");
            return -1;
        }
        path->count += 1;
    }
    return 0;
}

int path_find(const struct context *context, const struct certificate_list *chain, size_t leaf,
              const struct certificate_list *anchors, struct path *path, struct faults *faults)
{
    memset(path, 0, sizeof(*path));
    path->all = calloc(chain->count + (anchors == NULL ? 0 : anchors->count), sizeof(*path->all));
    if (path->all == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (add_list(path, chain, false, faults) != 0) {
        return -1;
    }
    path->file_count = path->count;
    if (add_list(path, anchors, true, faults) != 0) {
        return -1;
    }
    path->steps[path->length++] = &path->all[leaf];
    climb(context, path);
    return 0;
}

void path_free(struct path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        X509_free(path->all[i].x509);
    }
    free(path->all);
    memset(path, 0, sizeof(*path));
}

static bool is_listed(const struct certificate_list *list, size_t from, struct slice der)
{
    for (size_t i = from; i < list->count; i++) {
        if (slice_equal(slice_of(&list->items[i]), der)) {
            return true;
        }
    }
    return false;
}

int path_order(const struct path *path, struct certificate_list *ordered)
{
    size_t from = ordered->count;

    for (size_t i = 0; i < path->length; i++) {
        if (!path->steps[i]->anchor && certificate_list_add(ordered, path->steps[i]->der) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < path->file_count; i++) {
        if (!is_listed(ordered, from, path->all[i].der) &&
            certificate_list_add(ordered, path->all[i].der) != 0) {
            return -1;
        }
    }
    return 0;
}
