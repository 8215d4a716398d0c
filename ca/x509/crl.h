/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate revocation lists (RFC 5280 section 5): written as version 2, entry by entry, and signed through the signer wall;
 * and those of others read back. Time and memory grow with the number of entries and no faster.
 */
#ifndef MTLSKIT_X509_CRL_H
#define MTLSKIT_X509_CRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/signer.h"

/** PEM label (RFC 7468 section 6). */
#define CRL_LABEL "X509 CRL"

/** CRLReason (section 5.3.1); the numbers are the ENUMERATED's. */
enum crl_reason {
    CRL_UNSPECIFIED = 0,
    CRL_KEY_COMPROMISE = 1,
    CRL_CA_COMPROMISE = 2,
    CRL_AFFILIATION_CHANGED = 3,
    CRL_SUPERSEDED = 4,
    CRL_CESSATION_OF_OPERATION = 5,
    CRL_CERTIFICATE_HOLD = 6,
    CRL_REMOVE_FROM_CRL = 8, /**< in delta CRLs alone: nothing is revoked with it */
    CRL_PRIVILEGE_WITHDRAWN = 9,
    CRL_AA_COMPROMISE = 10
};

/**
 * A reason to revoke by the RFC's word ("keyCompromise") or in kebab case ("key-compromise"); removeFromCRL is none. -1: neither.
 */
int crl_reason_parse(const char *text, enum crl_reason *reason) MUST_USE;
/** The RFC's word of @p reason, or NULL for a number that has none. */
const char *crl_reason_text(int reason);
/** All that crl_reason_parse takes in the RFC's spelling, comma-separated, for hints. */
const char *crl_reason_words(void);

/** One certificate revoked. */
struct crl_entry {
    struct slice serial; /**< writing: magnitude octets; reading: INTEGER content; borrowed */
    instant revoked;
    int reason; /**< enum crl_reason; of a stranger's CRL any number up to 255. CRL_UNSPECIFIED is not written. */
    bool has_reason;     /**< reading: the extension is there. Writing: not looked at. */
    bool has_invalidity; /**< with invalidityDate (section 5.3.2) */
    instant invalidity;
};

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/** What a CRL says besides its entries; all borrowed. */
struct crl_fields {
    struct slice issuer;                   /**< Name DER, copied as it is from the authority's certificate */
    struct slice authority_key_identifier; /**< the authority's SKI octets; not empty */
    uint64_t number;                       /**< CRL number (section 5.2.3) */
    instant this_update, next_update;      /**< the second after the first */
};

/** Entries on their way into a CRL. Opaque. */
struct crl_writer;
/** NULL with a fault when memory is out. */
struct crl_writer *crl_writer_new(struct faults *faults);
void crl_writer_free(struct crl_writer *writer);
/** Append an entry; the order stays. Refused: a serial that is empty or longer than SERIAL_MAX, a date no CRL can hold. */
int crl_writer_add(struct crl_writer *writer, const struct crl_entry *entry, struct faults *faults) MUST_USE;
size_t crl_writer_count(const struct crl_writer *writer);
/**
 * Write the CRL of all entries added, sign and assemble it; DER is appended. Without entries the list of them is absent, as section
 * 5.1.2.6 wants. A fixture's signer marks it as one (signer_is_fixture). The writer is empty afterwards.
 */
int crl_writer_sign(struct crl_writer *writer, const struct crl_fields *fields, struct signer *signer,
                    struct bytes *der, struct faults *faults) MUST_USE;

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/** Parts of a CRL, borrowed from its DER. */
struct crl_view {
    struct slice whole, tbs, issuer;
    struct slice signature_algorithm, signature;
    int version; /**< 1 or 2 */
    instant this_update, next_update;
    bool has_next_update;
    struct slice entries;    /**< content of revokedCertificates for crl_entry_read, may be empty */
    size_t count;            /**< of them */
    struct slice extensions; /**< content of the SEQUENCE OF Extension, may be empty */
    struct slice authority_key_identifier; /**< octets, empty when absent */
    struct slice number;                   /**< INTEGER content, empty when absent */
    bool delta;   /**< a delta CRL (section 5.2.4) says what changed, not what is revoked */
    bool partial; /**< an issuingDistributionPoint (section 5.2.5) bounds what it speaks of */
    bool fixture; /**< carries the fixture mark */
};

/**
 * Take @p der apart without OpenSSL; -1 when it is no well-formed CRL. Allocates nothing; every entry is walked once, so that
 * crl_entry_read never fails on them. The signature is left to crl_verify.
 */
int crl_view_read(struct slice der, struct crl_view *view) MUST_USE;
/** The next entry of *rest (at first the view's entries): 1 read, 0 none left, -1 malformed. */
int crl_entry_read(struct slice *rest, struct crl_entry *entry) MUST_USE;
/**
 * Look @p serial (INTEGER content or magnitude) up: 1 found, 0 not listed. Walks the list. A later entry of the same serial overrides
 * an earlier one.
 */
int crl_find(const struct crl_view *view, struct slice serial, struct crl_entry *entry);
/** Whether the CRL is signed by the key @p spki. -1 with *why as signature_verify gives it. */
int crl_verify(const struct context *context, const struct crl_view *view, struct slice spki,
               const char **why) MUST_USE;

#endif
