/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate as lint sees it: taken apart more forgivingly than certificate_view_read does, so that what is wrong inside can be
 * told. Internal to the lint_*.c files.
 */
#ifndef MTLSKIT_X509_LINT_CASE_H
#define MTLSKIT_X509_LINT_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "x509/der.h"
#include "x509/lint.h"

/** Extensions looked at; a certificate with more of them is one by itself (overflow). */
#define LINT_EXTENSIONS_MAX 40

struct lint_extension {
    struct slice type, value; /**< OID content; content of the OCTET STRING */
    bool critical;
    bool critical_written; /**< a FALSE was written out */
};

/** Extensions told apart; LINT_UNKNOWN has no slot. */
enum lint_extension_kind {
    LINT_SKI,
    LINT_KEY_USAGE,
    LINT_SAN,
    LINT_BASIC_CONSTRAINTS,
    LINT_NAME_CONSTRAINTS,
    LINT_CRL_POINTS,
    LINT_POLICIES,
    LINT_AKI,
    LINT_POLICY_CONSTRAINTS,
    LINT_EXTENDED_KEY_USAGE,
    LINT_FRESHEST_CRL,
    LINT_INHIBIT_ANY_POLICY,
    LINT_ISSUER_ALT_NAME,
    LINT_POLICY_MAPPINGS,
    LINT_SUBJECT_DIRECTORY,
    LINT_AIA,
    LINT_SIA,
    LINT_KNOWN,
    LINT_UNKNOWN = LINT_KNOWN
};

/** Extended key usages. */
#define LINT_EKU_SERVER 1u
#define LINT_EKU_CLIENT 2u
#define LINT_EKU_ANY    4u
#define LINT_EKU_OTHER  8u

enum lint_key_kind {
    LINT_KEY_OTHER,
    LINT_KEY_RSA,
    LINT_KEY_RSA_PSS,
    LINT_KEY_EC,
    LINT_KEY_ED25519,
    LINT_KEY_ED448,
    LINT_KEY_X, /**< X25519, X448: for agreement alone */
    LINT_KEY_DSA,
    LINT_KEY_ML_DSA
};

enum lint_curve {
    LINT_CURVE_OTHER,
    LINT_CURVE_P256,
    LINT_CURVE_P384,
    LINT_CURVE_P521,
    LINT_CURVE_EXPLICIT /**< parameters written out */
};

enum lint_hash {
    LINT_HASH_NONE,
    LINT_HASH_MD2,
    LINT_HASH_MD4,
    LINT_HASH_MD5,
    LINT_HASH_SHA1,
    LINT_HASH_SHA2
};

/** How a signature algorithm's parameters must be. */
enum lint_parameters { LINT_PARAMETERS_ANY, LINT_PARAMETERS_NULL, LINT_PARAMETERS_ABSENT };

struct lint_key {
    enum lint_key_kind kind;
    bool malformed;
    struct slice modulus, exponent; /**< RSA: magnitudes without leading zeros */
    size_t bits;                    /**< of the modulus */
    enum lint_curve curve;
    size_t point; /**< octets of the EC point */
    unsigned char point_form;
};

struct lint_case {
    struct slice whole, serial, issuer, subject, spki; /**< serial: INTEGER content */
    struct slice inner_algorithm, outer_algorithm;     /**< whole AlgorithmIdentifiers */
    struct der_item time[2];                           /**< notBefore, notAfter */
    instant at[2];
    bool time_read[2];
    int version;
    bool unique_ids;
    bool extensions_there; /**< the [3] field */

    struct lint_extension extensions[LINT_EXTENSIONS_MAX];
    size_t extension_count;
    bool overflow;
    const struct lint_extension *known[LINT_KNOWN]; /**< the first of each kind; NULL */
    const struct lint_extension *duplicate, *malformed;

    struct slice ski, aki, san, eku; /**< contents; empty when absent */
    bool aki_pair, aki_half_pair;    /**< issuer and serial number there; one of them alone */
    bool ca, ca_written, has_path_length;
    size_t path_length;
    uint32_t key_usage;
    bool key_usage_any; /**< some bit is set */
    unsigned usages;    /**< LINT_EKU_*; 0 also when absent */
    struct lint_key key;
    enum lint_hash hash;
    enum lint_parameters parameters;

    /* conclusions */
    bool self_issued, self_signed; /**< same names; and no key identifiers that say otherwise */
    bool hosts;                    /**< a dns or ip name */
    bool leaf, server, client;     /**< leaf: no authority; server, client: a TLS leaf good as one */

    const struct lint_case *above; /**< the issuer; NULL when unknown */
};

/** What a rule says of the certificate at hand. Rules call lint_say always; it does nothing when nobody listens (NULL). */
struct lint_detail {
    struct bytes *text;
    bool failed;
};
void lint_say(struct lint_detail *detail, const char *format, ...) PRINTF_LIKE(2, 3);
/** The dotted OID. */
void lint_say_oid(struct lint_detail *detail, struct slice type);

/** Take @p der apart. -1: its outer shape is no certificate's. */
int lint_case_read(struct slice der, struct lint_case *c) MUST_USE;

/** The rules of each family, and how many. */
struct lint_family {
    const struct lint_rule *rules;
    size_t count;
};
extern const struct lint_family lint_fields, lint_extensions, lint_subjects, lint_platforms, lint_mtls,
    lint_strength;

/** Whether any name of the certificate's SAN answers @p wrong; its number is said. */
bool lint_any_name(const struct lint_case *c, bool (*wrong)(const struct der_item *name),
                   struct lint_detail *detail);
/** Whether @p host is plain ASCII of a host or address and has a dot, an address form, or is "localhost". */
bool lint_looks_like_host(struct slice text) MUST_USE;

#endif
