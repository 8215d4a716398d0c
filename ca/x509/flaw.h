/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flaws: what a certificate is made wrong in on purpose, so that software can be tested with it. For fixtures alone: whoever lets
 * a flaw be asked for sees to it that the context is a fixture's (context_is_fixture).
 *
 * A flaw is put into a TBSCertificate that was written as it should be, and into its signature; dates, names, usages and chains that are
 * wrong need none, for an issuance takes them as they are told.
 */
#ifndef MTLSKIT_X509_FLAW_H
#define MTLSKIT_X509_FLAW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "x509/signer.h"

enum flaw {
    FLAW_NONE,
    FLAW_BAD_SIGNATURE,      /**< the last bit of the signature is turned (RFC 5280 section 6.1.3 (a)(1)) */
    FLAW_SHA1,               /**< signed with SHA-1 (RFC 8446 section 4.4.2.4) */
    FLAW_MD5,                /**< signed with MD5, which only RSA can be (likewise) */
    FLAW_ALGORITHM_MISMATCH, /**< tbsCertificate.signature names another algorithm (RFC 5280 section 4.1.1.2) */
    FLAW_ZERO_SERIAL,        /**< serialNumber 0 (section 4.1.2.2) */
    FLAW_NEGATIVE_SERIAL,    /**< the top bit of it set (likewise) */
    FLAW_LONG_SERIAL,        /**< 22 octets of it (likewise) */
    FLAW_VERSION_1,          /**< no version, so 1, and extensions all the same (section 4.1.2.1) */
    FLAW_TIME_WITHOUT_Z,     /**< notBefore ends without its Z (section 4.1.2.5) */
    FLAW_GENERALIZED_TIME,   /**< both dates as GeneralizedTime, before 2050 too (likewise) */
    FLAW_DUPLICATE_EXTENSION, /**< the first extension comes twice (section 4.2) */
    FLAW_UNKNOWN_CRITICAL,    /**< an extension nobody knows, critical (likewise) */
    FLAW_UNKNOWN_EXTENSION, /**< the same, not critical: nothing is wrong with that, and some stumble over it (likewise) */
    FLAW_NON_CRITICAL_SAN,    /**< the subject is empty, and subjectAltName not critical (section 4.2.1.6) */
    FLAW_NO_BASIC_CONSTRAINTS /**< without that extension: an authority is none then (section 4.2.1.9) */
};

/** By word ("bad-signature"; "none" is none of them); -1 unknown. */
int flaw_parse(const char *text, enum flaw *flaw) MUST_USE;
/** The word of @p flaw; "none" for FLAW_NONE. */
const char *flaw_text(enum flaw flaw);
/** The words of all that leave the serial number (flaw_changes_serial), comma-separated, for hints. */
const char *flaw_words(void);
/** The @p index-th flaw from 0 on, FLAW_NONE left out; FLAW_NONE past the end. */
enum flaw flaw_at(size_t index);
/** Whether the certificate's serial number is another than what was asked for. */
bool flaw_changes_serial(enum flaw flaw);

/**
 * Sign @p tbs (a TBSCertificate as certificate_sign writes it) with @p flaw and append the Certificate. Refused: FLAW_SHA1 and FLAW_MD5
 * of a key that is not in memory or that has no such signature, FLAW_DUPLICATE_EXTENSION and others where the extension they need is missing.
 */
int flaw_assemble(enum flaw flaw, struct signer *signer, struct slice tbs, struct bytes *der,
                  struct faults *faults) MUST_USE;

#endif
