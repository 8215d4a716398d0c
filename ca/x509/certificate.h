/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates (RFC 5280): TBSCertificate written as DER, signed through the signer wall, and the parts of a foreign
 * certificate read back.
 */
#ifndef MTLSKIT_X509_CERTIFICATE_H
#define MTLSKIT_X509_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "x509/flaw.h"
#include "x509/oid.h"
#include "x509/signer.h"

/** Longest serial number, in octets (section 4.1.2.2). */
#define SERIAL_MAX 20
/** Random bits in one of ours. */
#define SERIAL_RANDOM_BITS 127
/** Octets at the end of one of ours that are random. */
#define SERIAL_RANDOM_LENGTH 16

struct serial {
    unsigned char octets[SERIAL_MAX]; /**< big-endian magnitude, no leading zero octet */
    size_t length;
};

/**
 * A fresh serial: positive, 19 octets: a 3-octet prefix that grows with the seconds and comes round every 96 days (what is issued
 * together lies together in an index; the top bit is clear and the first octet never zero), and 128 random bits behind it. A fixture's follows from its stream and from the context's
 * clock: at another time it is another, as the certificate is.
 */
int serial_make(const struct context *context, struct serial *serial) MUST_USE;
/** Random bits of serials, had from the context many at a time: to ask it costs more than what it gives. Empty to begin with. */
struct serial_stock {
    unsigned char octets[32][SERIAL_RANDOM_LENGTH];
    size_t left;
};
/** The same, with a stock that is used up and filled again; a fixture's takes nothing from it, for its serial is its own stream's. One thread. */
int serial_make_from(const struct context *context, struct serial_stock *stock, struct serial *serial)
    MUST_USE;
struct slice serial_slice(const struct serial *serial);
/** The magnitude of a serial as an INTEGER's content has it: without leading zero octets, but for zero itself. */
struct slice serial_magnitude(struct slice content);
/** Append the octets of @p text, hexadecimal digits as openssl prints them: an odd number of them too, octets apart by colons or not. -1: something else, or no memory. */
int serial_parse(const char *text, struct bytes *serial) MUST_USE;

/** What stands in a TBSCertificate; all borrowed. */
struct certificate_fields {
    struct slice serial;  /**< magnitude octets */
    struct slice issuer;  /**< Name DER, copied as it is from the issuer's certificate */
    struct slice subject; /**< Name DER */
    struct slice spki;    /**< SubjectPublicKeyInfo DER */
    instant not_before;
    instant not_after;
    struct slice extensions; /**< Extension DERs one after the other; empty: none */
    enum flaw flaw;          /**< what is made wrong on purpose; FLAW_NONE but in fixtures */
};

/** Write, sign and assemble a v3 certificate; DER is appended. */
int certificate_sign(const struct certificate_fields *fields, struct signer *signer, struct bytes *der,
                     struct faults *faults) MUST_USE;

/** Parts of a certificate, borrowed from its DER. */
struct certificate_view {
    struct slice whole, tbs, serial, issuer, subject, spki,
        public_key; /**< serial: INTEGER content; public_key: BIT STRING content without the unused-bits octet */
    struct slice signature_algorithm, signature;
    struct slice extensions; /**< content of the SEQUENCE OF Extension, may be empty */
    instant not_before, not_after;
    struct slice subject_key_identifier;    /**< octets, empty when absent */
    struct slice authority_key_identifier;  /**< keyIdentifier octets, empty when absent */
    struct slice subject_alternative_names; /**< GeneralName DERs, empty when absent */
    bool has_basic_constraints, ca;
    int path_length; /**< -1: none */
    bool has_key_usage;
    uint32_t key_usage;
    struct slice extended_key_usage; /**< KeyPurposeId DERs (tag and length included), empty when absent */
    bool fixture;                    /**< carries the fixture mark */
    int version;                     /**< 1 to 3 */
};

/**
 * Take @p der apart without OpenSSL; -1 when it is not a well-formed certificate. Cheap, allocates nothing. Lengths and forms must be
 * DER's; what certificates in use nevertheless do is taken: versions 1 and 2, serials that are zero, negative or too long, a critical
 * or cA FALSE written out. Whether the two signature algorithms are the same, and the signature, is left to whoever verifies.
 */
int certificate_view_read(struct slice der, struct certificate_view *view) MUST_USE;
/** Find one extension by OID: 1 found (*value DER inside the OCTET STRING), 0 none, -1 malformed. */
int certificate_find_extension(const struct certificate_view *view, const struct oid *type,
                               struct slice *value, bool *critical) MUST_USE;
/** The public key inside @p spki: the content of its BIT STRING, without the unused-bits octet. -1 malformed. */
int certificate_public_key(struct slice spki, struct slice *public_key) MUST_USE;
/** Key identifier as RFC 5280 section 4.2.1.2 method (1): SHA-1 of the BIT STRING's content of @p spki. 20 octets. */
int certificate_key_identifier(const struct context *context, struct slice spki, unsigned char identifier[20])
    MUST_USE;
/**
 * The fixture mark, OID 1.2.840.113556.1.8000.2554.49706.8894.57926.17603.40000.13498555.8639608: the UUID
 * c22a22be-e246-44c3-9c40-cdf8bb83d478 under the arc that Microsoft gives to whoever has one, in seven numbers of 24 bits at most. As the one
 * number of 2.25 it would be read neither by GnuTLS (numbers of 64 bits) nor by Go (31) nor by older releases of Python's cryptography (28).
 */
const struct oid *certificate_fixture_mark(void);
/** Whether @p type (an OID's content) is it, or the one number under 2.25 that stands for the same UUID. */
bool certificate_is_fixture_mark(struct slice type);

#endif
