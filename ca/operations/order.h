/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order: certificates asked for in words, as a command's options give them, brought into the form of a manifest, so that every word is checked by the same rules.
 */
#ifndef MTLSKIT_OPERATIONS_ORDER_H
#define MTLSKIT_OPERATIONS_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "manifest/manifest.h"
#include "manifest/profile_reader.h"

/** One certificate. All borrowed. */
struct order_item {
    const char *name;
    const char *subject;      /**< RFC 4514; NULL: CN=name */
    const char *const *names; /**< "kind:value" */
    size_t name_count;
};

/** Certificates of one kind. All borrowed; NULL where nothing was said. */
struct order {
    const char
        *each; /**< a table: the items are patterns, and stand for a certificate a row (manifest/fleet.h) */
    const struct order_item *items;
    size_t count;
    bool authorities;           /**< the profile makes authorities: they have no names beside the subject */
    const char *issuer;         /**< name of an authority */
    const char *profile;        /**< built in, or of a folder of @p profiles */
    const char *validity;       /**< a duration */
    const char *key;            /**< algorithm, or for an authority the URI of a key in a token */
    const char *generate;       /**< algorithm of a key that is made in the token when it is not there */
    const char *key_passphrase; /**< SPEC that locks NAME.key; of a token its PIN */
    const char *key_kdf;        /**< how the passphrase of NAME.key becomes a key: "pbkdf2" or "scrypt" */
    const char *bundle;         /**< target */
    const char *passphrase;     /**< SPEC of the bundle */
    const char *const *profiles;
    size_t profile_count;
};

/**
 * The order as a manifest: an authority named issuer, which stands for the one in the ledger, and the certificates. NULL with all
 * complaints. Paths start from the working directory.
 */
struct manifest *order_read(const struct context *context, const struct order *order, struct faults *faults);

/**
 * The profile @p name, built in or of the folders @p profiles. It is of *set, which is to be freed (profile_set_free), NULL or not. NULL: there
 * is none of that name, told of --profile, or the folders' cannot be read.
 */
const struct profile *order_profile(const char *name, const char *const *profiles, size_t count,
                                    struct profile_set **set, struct faults *faults);
/** Whether that profile makes authorities. -1: as when it is NULL. */
int order_looks_for_authorities(const char *profile, const char *const *profiles, size_t count,
                                bool *authorities, struct faults *faults) MUST_USE;

#endif
