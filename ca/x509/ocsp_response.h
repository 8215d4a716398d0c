/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP responses (RFC 6960 section 4.2): what a responder would say of certificates, written as a successful BasicOCSPResponse and
 * signed through the signer wall. Made ahead of any request: without a nonce (section 4.4.1), for files and for stapling.
 */
#ifndef MTLSKIT_X509_OCSP_RESPONSE_H
#define MTLSKIT_X509_OCSP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/signer.h"

/** CertStatus. */
enum ocsp_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

/** What is said of one certificate; all borrowed. It is named by SHA-1, which is what those who ask expect (RFC 5019 section 2.1.1). */
struct ocsp_answer {
    struct slice issuer;      /**< Name DER, copied as it is from the certificate */
    struct slice issuer_spki; /**< SubjectPublicKeyInfo DER of the authority that issued it */
    struct slice serial;      /**< magnitude octets */
    enum ocsp_status status;
    instant revoked; /**< of OCSP_REVOKED: since when */
    int reason;      /**< of OCSP_REVOKED: enum crl_reason; CRL_UNSPECIFIED is not written */
    instant this_update;
    bool has_next_update;
    instant next_update; /**< after this_update */
};

/** Who answers, and when; all borrowed. */
struct ocsp_fields {
    struct slice responder; /**< Name DER of who signs; empty: named by the hash of the signer's key */
    instant produced;
    /** Certificate DERs one after the other, the responder's own first; may be empty, as when the authority itself signs. Not looked into. */
    struct slice certificates;
};

/**
 * Write @p count answers, in their order, sign and assemble them: an OCSPResponse, appended to @p der. In a context for fixtures it carries
 * the fixture mark among its responseExtensions. Refused: no answer, a serial that is empty or longer than SERIAL_MAX, a status, reason or
 * date that no response can hold, a next update that is not after its own date. Whether the signer may answer (section 4.2.2.2) is not
 * looked at.
 */
int ocsp_response_sign(const struct context *context, const struct ocsp_fields *fields,
                       const struct ocsp_answer *answers, size_t count, struct signer *signer,
                       struct bytes *der, struct faults *faults) MUST_USE;

#endif
