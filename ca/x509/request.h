/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification requests (PKCS #10, RFC 2986): written and signed by the key they are for, and read from strangers. What a
 * request asks for binds nobody: the profile and whoever signs decide.
 */
#ifndef MTLSKIT_X509_REQUEST_H
#define MTLSKIT_X509_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/signature.h"
#include "x509/signer.h"

/** PEM labels (RFC 7468 section 7): the one written, and the older one that is read, too. */
#define REQUEST_LABEL       "CERTIFICATE REQUEST"
#define REQUEST_LABEL_OLDER "NEW CERTIFICATE REQUEST"
/** Longest request that is read, in octets of DER; one with an ML-DSA-87 key has about 8,000. */
#define REQUEST_MAX (256u * 1024)

/** Parts of a request, borrowed from its DER. */
struct request_view {
    struct slice whole, tbs, subject, spki;
    struct slice public_key; /**< BIT STRING content of spki without the unused-bits octet */
    struct slice signature_algorithm, signature;
    struct slice attributes; /**< content of the SET OF Attribute, may be empty */
    struct slice
        extensions; /**< content of the SEQUENCE OF Extension asked for (part_extension_read walks it), may be empty */
    struct slice subject_alternative_names; /**< GeneralName DERs, empty when absent */
    struct slice extended_key_usage; /**< KeyPurposeId DERs (tag and length included), empty when absent */
    bool has_basic_constraints, ca;
    int path_length; /**< -1: none */
    bool has_key_usage;
    uint32_t key_usage; /**< KEY_USAGE_* bits */
    size_t
        other_count; /**< extensions asked for that are none of subjectAltName, EKU, KU, basicConstraints */
    bool fixture;    /**< asks for the fixture mark */
    bool
        has_challenge; /**< a challengePassword (RFC 2985 section 5.4.1) is there; its value is nobody's business */
};

/**
 * Take @p der apart without OpenSSL; -1 when it is not a well-formed request of version 1 of at most REQUEST_MAX octets, has two
 * extensionRequest attributes or one extension twice. Cheap, allocates nothing. The signature is left to request_verify.
 */
int request_view_read(struct slice der, struct request_view *view) MUST_USE;
/** What was read of a request's DER, as a view of a copy of it, at @p copy. */
void request_view_move(struct request_view *view, const unsigned char *copy);
/**
 * Whether the request is signed by its own key, which proves that whoever asks holds it. -1 with *why a static phrase that reads on
 * after "the signature": wrong, of MD5 or SHA-1, of an unknown algorithm.
 */
int request_verify(const struct context *context, const struct request_view *view, const char **why) MUST_USE;
/** The same for one request after the other, quicker. */
int request_verify_next(struct signature_verifier *verifier, const struct request_view *view,
                        const char **why) MUST_USE;
/**
 * The one request in @p content (PEM or DER): its DER in @p der, in place of what was there, and the view of that. Refused with a fault
 * at @p shown, and @p der is empty then: none, more than one, one that request_view_read does not take.
 */
int request_read(struct slice content, const char *shown, struct bytes *der, struct request_view *view,
                 struct faults *faults) MUST_USE;

/** What a request asks for; all borrowed. */
struct request_fields {
    struct slice subject;    /**< Name DER; may be the empty Name when names is not empty */
    struct slice names;      /**< SAN: GeneralName DERs, may be empty */
    struct slice extensions; /**< further Extension DERs, may be empty */
};
/**
 * Write a request for the signer's own key, sign and assemble it; DER is appended. A fixture's signer has it ask for the fixture mark
 * (signer_is_fixture), which fields->extensions does not hold then.
 */
int request_write(const struct request_fields *fields, struct signer *signer, struct bytes *der,
                  struct faults *faults) MUST_USE;

#endif
