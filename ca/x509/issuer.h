/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An issuer: an authority ready to sign - its certificate, its signer, and the extensions of each profile encoded once.
 * This is the whole way from names and a public key to a certificate, in memory, without ledger or files.
 *
 * What is issued in a fixture's context carries the fixture mark, once. Fixtures and others never mix: see issuer_new.
 */
#ifndef MTLSKIT_X509_ISSUER_H
#define MTLSKIT_X509_ISSUER_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/certificate.h"
#include "x509/profile.h"
#include "x509/signer.h"

/** What one certificate is to say; borrowed. */
struct issuance {
    const struct profile *
        profile; /**< unchanged for as long as the issuer lives, which keeps its extensions by its address; or until issuer_forget */
    struct slice subject;             /**< Name DER; may be the empty Name when names is not empty */
    struct slice names;               /**< SAN: GeneralName DERs, may be empty */
    struct slice spki;                /**< public key to certify */
    enum key_family family;           /**< of that key */
    struct slice serial;              /**< magnitude octets */
    instant not_before, not_after;    /**< as they are to be written */
    int path_length;                  /**< -1: the profile's */
    struct slice permitted, excluded; /**< name constraints: GeneralName DERs; both empty: none */
    enum flaw flaw; /**< what is made wrong on purpose (x509/flaw.h); FLAW_NONE but in fixtures */
};

/** Opaque; one thread at a time. */
struct issuer;

/**
 * An issuer over an authority's certificate. @p signer is owned from here on, also on failure.
 * Refused: a certificate that is no CA (basicConstraints absent or false, or a keyUsage without keyCertSign), one with an empty subject, a
 * signer whose key is not the certificate's; an authority that carries the fixture mark, or a fixture's signer, in a context that is none
 * for fixtures, and one without the mark in one that is.
 */
struct issuer *issuer_new(const struct context *context, struct slice certificate, struct signer *signer,
                          struct faults *faults);
/** The same issuer for another thread. */
struct issuer *issuer_duplicate(const struct issuer *issuer, struct faults *faults);
void issuer_free(struct issuer *issuer);
/** The issuer's certificate DER, borrowed. */
struct slice issuer_certificate(const struct issuer *issuer);
/** Its signer, borrowed: for what else the authority signs, such as CRLs. */
struct signer *issuer_signer(const struct issuer *issuer);

/**
 * Issue; DER appended. Subject and SKI of the issuer are copied from its certificate byte for byte; where it has no SKI, the SHA-1
 * identifier of its key stands in. Refused: neither subject nor names, an authority without a subject, a serial that is zero or longer
 * than 20 octets, not_after before not_before, an extension that would come twice. Whether the certificate outlives the issuer's is not
 * asked: that is validity_resolve's ceiling.
 */
int issuer_issue(struct issuer *issuer, const struct issuance *issuance, struct bytes *der,
                 struct faults *faults) MUST_USE;
/**
 * Issue again what certificate @p old (DER) says: its subject and extensions as they are, but AKI, which is this issuer's, and SKI where
 * @p spki (empty: the old one) is another key. DER appended. Refused: serial and validity as by issuer_issue, an @p old that cannot be read, and
 * a fixture outside of a fixture's context.
 */
int issuer_renew(struct issuer *issuer, struct slice old, struct slice spki, struct slice serial,
                 instant not_before, instant not_after, struct bytes *der, struct faults *faults) MUST_USE;
/** Forget what is kept of @p profile, which is about to change or to go. */
void issuer_forget(struct issuer *issuer, const struct profile *profile);
/**
 * A self-signed root: issuance->spki must be the signer's. AKI is left out, as RFC 5280 section 4.2.1.1 allows. Refused, too: a fixture's
 * signer outside of a fixture's context.
 */
int issuer_self_sign(const struct context *context, struct signer *signer, const struct issuance *issuance,
                     struct bytes *der, struct faults *faults) MUST_USE;

/** When: resolves @p validity at @p now, and clips a duration (never a fixed end) to @p ceiling (INSTANT_MAX: none). *clipped tells. -1: ends are upside down or a fixed end lies past the ceiling. */
int validity_resolve(const struct validity *validity, const struct duration *backdate, instant now,
                     instant ceiling, instant *not_before, instant *not_after, bool *clipped,
                     const char **why) MUST_USE;

#endif
