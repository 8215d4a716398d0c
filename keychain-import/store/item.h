/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Items: what a store keeps, one thing each, so that every change of a store is one step that can be written down before it is done and
 * taken back afterwards. An identity is a certificate and a key; an anchor is a certificate and the trust in it.
 */
#ifndef MTLSKIT_STORE_ITEM_H
#define MTLSKIT_STORE_ITEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "x509/key.h"

enum item_kind {
    ITEM_CERTIFICATE, /**< a certificate, trusted for nothing by itself */
    ITEM_KEY,         /**< the private key of a certificate */
    ITEM_TRUST        /**< that a certificate is an anchor, within a scope */
};

/** What an anchor is trusted for. A set. */
enum scope {
    SCOPE_NONE = 0,
    SCOPE_SERVER = 1, /**< checking servers (id-kp-serverAuth, RFC 5280 section 4.2.1.12) */
    SCOPE_CLIENT = 2, /**< checking clients (id-kp-clientAuth) */
    SCOPE_ANY = 3     /**< both: --insecure-for-any */
};

enum extractable {
    EXTRACTABLE_BEST, /**< not extractable where the store can enforce that */
    EXTRACTABLE_NO,   /**< refused where the store cannot enforce it */
    EXTRACTABLE_YES
};

/** All borrowed. Starts as all zeros. */
struct item {
    enum item_kind kind;
    /** The certificate; for a key, the leaf it belongs to (whose public key says which key is meant). DER. */
    struct slice certificate;
    const char *label; /**< of certificate and key, UTF-8; NULL: the store's own choice */

    /* ITEM_KEY; for looking, taking and proving, certificate alone says which key is meant */
    const struct key *key; /**< the private key, for store_put alone */
    enum extractable extractable;
    const char *const
        *programs; /**< absolute paths of programs (or bundles) that may use it without asking; macOS alone */
    size_t program_count;

    /* ITEM_TRUST */
    enum scope scope;
    const char *host; /**< the anchor is trusted for this host alone; NULL: for every one */
};

/** "certificate", "key", "trust". */
const char *item_kind_word(enum item_kind kind);
/** "server", "client", "any", "none". */
const char *scope_word(enum scope scope);
/** "best", "false" or "true"; -1: none of them. */
int extractable_parse(const char *text, enum extractable *extractable) MUST_USE;
/** "server" or "client"; -1: neither. */
int scope_parse(const char *text, enum scope *scope) MUST_USE;

#endif
