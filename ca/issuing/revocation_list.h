/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists of a PKI directory: for each generation of an authority a CRL as DER and PEM, and the head of the log beside it,
 * always written as a group. The CRL's number is durable in the ledger before the key signs.
 */
#ifndef MTLSKIT_ISSUING_REVOCATION_LIST_H
#define MTLSKIT_ISSUING_REVOCATION_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/publisher.h"
#include "ledger/ledger.h"
#include "x509/instant.h"
#include "x509/signer.h"

/** How long a CRL stands when nothing is said. */
#define REVOCATION_LIST_NEXT_UPDATE "30d"

/** The files of a list. */
enum revocation_list_file { REVOCATION_LIST_DER, REVOCATION_LIST_PEM, REVOCATION_LIST_HEAD };
#define REVOCATION_LIST_FILES 3

/** Whose list, and how. All borrowed. */
struct revocation_list {
    const char *name;   /**< the authority's */
    int64_t generation; /**< whose key signs: the ledger's id */
    bool
        current; /**< else the files are NAME.generation-N.crl and so on, as that key is NAME.generation-N.key */
    struct slice certificate;    /**< the authority's of that generation, DER */
    struct signer *signer;       /**< over that generation's key (issuer_signer) */
    struct duration next_update; /**< from now */
    bool backwards; /**< a CRL that looks older than the last one may be made: that one's clock was ahead */
};

/** Append the path of a file, relative to the directory: NAME.crl, NAME.crl.pem, NAME.crl.head. -1: memory is out. */
int revocation_list_path(const char *name, int64_t generation, bool current, enum revocation_list_file file,
                         struct bytes *path) MUST_USE;
/**
 * Whether the certificate may sign CRLs: a usage without cRLSign forbids it (RFC 5280 section 4.2.1.3), and a key identifier is
 * needed. NULL when it may, else a static phrase that reads on after the authority's name.
 */
const char *revocation_list_forbidden(struct slice certificate);
/**
 * Make the list of all that the ledger has revoked in that generation: take its number, sign, publish the files, record it. Neither
 * the ledger nor the publisher has an open group. What was there stays whole until the new list stands in its place.
 * @param made filled; may be NULL
 */
int revocation_list_publish(const struct context *context, const struct revocation_list *list,
                            struct ledger *ledger, struct publisher *publisher, struct ledger_crl *made,
                            struct faults *faults) MUST_USE;

#endif
