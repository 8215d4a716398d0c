/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The authorities that stand in a PKI directory, as entries: what a manifest would say of them, told by the ledger instead.
 */
#ifndef MTLSKIT_OPERATIONS_STANDING_H
#define MTLSKIT_OPERATIONS_STANDING_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/passphrase.h"
#include "issuing/directory.h"
#include "manifest/manifest.h"

/** Opaque. */
struct standing;

/**
 * @param directory  open; borrowed
 * @param passphrase SPEC of the key of the authority that signs, in place of the one that is recorded; NULL: that one. Copied.
 * NULL when memory is out.
 */
struct standing *standing_new(const struct directory *directory, const char *passphrase,
                              struct faults *faults);
void standing_free(struct standing *standing);
/**
 * The authority @p name with its issuers above it, as long as @p standing lives; @p name NULL: the only one there is. NULL with a
 * fault: none of that name (the nearest is told), or no authority.
 */
const struct entry *standing_authority(struct standing *standing, const char *name, struct faults *faults);
/** The name of the authority whose generation is @p generation, likewise. */
const struct entry *standing_generation(struct standing *standing, int64_t generation, struct faults *faults);

/**
 * Refuse @p entry, whose issuer is one of these, when nobody would take its certificate: one above it is revoked or on hold, or, where
 * it is an @p authority, allows no further one below it (RFC 5280 section 4.2.1.9). -1 with a fault.
 */
int standing_check_issuers(const struct entry *entry, bool authority, struct faults *faults) MUST_USE;
/** Whether the certificate of @p authority, which is one of these, or of one above it is revoked or on hold. */
bool standing_is_revoked(const struct entry *authority);
/**
 * Hold the names of @p entry, whose issuer is one of these, against the name constraints in the certificates above it (RFC 5280 section
 * 4.2.1.10). -1 with a fault.
 */
int standing_check_names(const struct standing *standing, const struct entry *entry, struct faults *faults)
    MUST_USE;

#endif
