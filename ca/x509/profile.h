/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A profile: a kind of certificate, as plain values. Reading one from YAML is manifest/profile_reader.h's; here is what
 * it means and how its fixed extensions are encoded, once per profile and key family.
 */
#ifndef MTLSKIT_X509_PROFILE_H
#define MTLSKIT_X509_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "x509/instant.h"
#include "x509/key.h"
#include "x509/lint.h"
#include "x509/name.h"
#include "x509/oid.h"

/** Any extension a profile adds. */
struct profile_extension {
    struct oid type;
    bool critical;
    struct bytes value; /**< DER inside the OCTET STRING */
};

/** When a certificate is valid: a duration from now, or fixed ends. */
struct validity {
    bool fixed_from, fixed_until;
    instant from, until;      /**< where fixed */
    struct duration duration; /**< where until is not fixed: from "from" (now when not fixed) */
};

enum profile_bundle { PROFILE_BUNDLE_NONE, PROFILE_BUNDLE_SET };

struct profile {
    char *name;
    char *description; /**< may be NULL */
    enum key_algorithm key;
    struct validity validity;
    struct duration backdate; /**< notBefore lies this far before now when not fixed */

    bool ca;
    int path_length;    /**< -1: none */
    uint32_t key_usage; /**< KEY_USAGE_* bits; keyEncipherment is dropped for keys that are not RSA */
    struct oid *extended_key_usages;
    size_t extended_key_usage_count;

    uint32_t san_require; /**< sets of kinds: 1 << enum general_name_kind, UPN as bit 9 (profile_san_bit) */
    uint32_t san_allow;
    struct oid *subject_require;
    size_t subject_require_count;
    struct name subject_defaults;

    bool name_constraints_auto;       /**< from the names under the authority */
    struct bytes permitted, excluded; /**< GeneralName DERs */

    struct oid *policies;
    size_t policy_count;
    char **crl_urls;
    size_t crl_url_count;
    char *ocsp_url;
    char *ca_issuers_url;
    bool ocsp_no_check;
    struct profile_extension *extensions;
    size_t extension_count;

    struct lint_set
        lint_ignored; /**< rules that its certificates break on purpose; changes nothing in them */
    char *bundle; /**< default bundle target's word for identities of this profile ("ios-legacy"), or NULL */
};

/** All zeros but path_length -1. */
void profile_init(struct profile *profile);
/** Deep copy into an initialised profile. */
int profile_copy(struct profile *to, const struct profile *from) MUST_USE;
void profile_free(struct profile *profile);
/** The bit a kind has in san_require and san_allow. */
uint32_t profile_san_bit(int general_name_kind);

/**
 * Append the Extensions that depend on profile and key family alone: basicConstraints, keyUsage, extendedKeyUsage,
 * certificatePolicies, CRL and AIA URLs, own extensions - all but SKI, AKI, SAN and name constraints.
 * @param path_length overrides the profile's when >= 0
 */
int profile_encode_extensions(const struct profile *profile, enum key_family family, int path_length,
                              struct bytes *extensions, struct faults *faults) MUST_USE;

#endif
