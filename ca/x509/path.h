/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The path from a certificate to an authority one trusts, looked for step by step so that what is missing, or what merely has the
 * right name, can be told. Nothing here judges dates, usages or names: x509/verify.h does.
 */
#ifndef MTLSKIT_X509_PATH_H
#define MTLSKIT_X509_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/types.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"

/** Most steps followed. */
#define PATH_LENGTH_MAX 32

/** One certificate of the file or of the authorities given. */
struct path_certificate {
    struct slice der; /**< borrowed from the lists */
    struct certificate_view view;
    bool anchor;     /**< one of the authorities */
    size_t position; /**< in its list, from 0 */
    X509 *x509;      /**< parsed when first needed; owned */
};

/** How the way up ended. */
enum path_end {
    PATH_ANCHORED,       /**< at one of the authorities */
    PATH_ISSUER_MISSING, /**< nobody of the issuer's name is there */
    PATH_OTHER_KEY,      /**< somebody of the issuer's name is there, with another key */
    PATH_ALTERED,        /**< the issuer is there, and the signature is not its */
    PATH_UNTRUSTED_ROOT, /**< at a self-signed certificate that is none of the authorities */
    PATH_TOO_LONG
};

struct path {
    struct path_certificate *all; /**< those of the file in their order, then the authorities */
    size_t count;
    size_t file_count;
    struct path_certificate *steps[PATH_LENGTH_MAX]; /**< the leaf first */
    size_t length;
    enum path_end end;
    const struct path_certificate *suspect; /**< PATH_OTHER_KEY, PATH_ALTERED: who has the issuer's name */
};

/**
 * Find the way from certificate number @p leaf of @p chain to one of @p anchors (may be NULL). An authority that is itself
 * issued by another one of them is followed to the last. -1 with a fault: unreadable certificates, or no memory.
 */
int path_find(const struct context *context, const struct certificate_list *chain, size_t leaf,
              const struct certificate_list *anchors, struct path *path, struct faults *faults) MUST_USE;
void path_free(struct path *path);

/**
 * Append to @p ordered what the path was found in: its steps, leaf first, then the others of the file in their order; each certificate
 * once, and none of the authorities that the file does not hold. -1: no memory.
 */
int path_order(const struct path *path, struct certificate_list *ordered) MUST_USE;
/** Whether @p certificate is one of the steps, or the same as one. */
bool path_has(const struct path *path, const struct path_certificate *certificate);

/** Whether issuer and subject are the same, as in every root. */
bool path_is_self_issued(const struct certificate_view *view);
/** The certificate as OpenSSL has it, borrowed; NULL when OpenSSL cannot read it. */
X509 *path_x509(const struct context *context, struct path_certificate *certificate);

#endif
