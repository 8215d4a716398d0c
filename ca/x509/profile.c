/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles as values: copied, freed, and their fixed extensions encoded.
 */
#include "x509/profile.h"

#include <stdlib.h>
#include <string.h>

#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"

void profile_init(struct profile *profile)
{
    memset(profile, 0, sizeof(*profile));
    profile->path_length = -1;
}

/* ---- copying ----------------------------------------------------------------------------------------------------- */

static int copy_text(char **to, const char *from)
{
    if (from == NULL) {
        return 0;
    }
    *to = strdup(from);
    return *to == NULL ? -1 : 0;
}

static int copy_bytes(struct bytes *to, const struct bytes *from)
{
    return from->length == 0 ? 0 : bytes_append(to, from->data, from->length);
}

static int copy_oids(struct oid **to, size_t *to_count, const struct oid *from, size_t count)
{
    if (count == 0) {
        return 0;
    }
    *to = calloc(count, sizeof(**to));
    if (*to == NULL) {
        return -1;
    }
    memcpy(*to, from, count * sizeof(**to));
    *to_count = count;
    return 0;
}

static int copy_urls(struct profile *to, const struct profile *from)
{
    if (from->crl_url_count == 0) {
        return 0;
    }
    to->crl_urls = calloc(from->crl_url_count, sizeof(*to->crl_urls));
    if (to->crl_urls == NULL) {
        return -1;
    }
    for (size_t i = 0; i < from->crl_url_count; i++) {
        if (copy_text(&to->crl_urls[i], from->crl_urls[i]) != 0) {
            return -1;
        }
        to->crl_url_count = i + 1;
    }
    return 0;
}

static int copy_extensions(struct profile *to, const struct profile *from)
{
    if (from->extension_count == 0) {
        return 0;
    }
    to->extensions = calloc(from->extension_count, sizeof(*to->extensions));
    if (to->extensions == NULL) {
        return -1;
    }
    for (size_t i = 0; i < from->extension_count; i++) {
        to->extensions[i].type = from->extensions[i].type;
        to->extensions[i].critical = from->extensions[i].critical;
        if (copy_bytes(&to->extensions[i].value, &from->extensions[i].value) != 0) {
            return -1;
        }
        to->extension_count = i + 1;
    }
    return 0;
}

static int copy_name(struct name *to, const struct name *from)
{
    const char *why = NULL;

    for (size_t i = 0; i < from->count; i++) {
        const struct name_attribute *attribute = &from->attributes[i];

        if (name_add(to, &attribute->type, attribute->value, attribute->joins_last, &why) != 0) {
            return -1;
        }
    }
    return 0;
}

int profile_copy(struct profile *to, const struct profile *from)
{
    struct profile copy;

    profile_init(&copy);
    copy.key = from->key;
    copy.validity = from->validity;
    copy.backdate = from->backdate;
    copy.ca = from->ca;
    copy.path_length = from->path_length;
    copy.key_usage = from->key_usage;
    copy.san_require = from->san_require;
    copy.san_allow = from->san_allow;
    copy.name_constraints_auto = from->name_constraints_auto;
    copy.ocsp_no_check = from->ocsp_no_check;
    copy.lint_ignored = from->lint_ignored;
    if (copy_text(&copy.name, from->name) != 0 || copy_text(&copy.description, from->description) != 0 ||
        copy_oids(&copy.extended_key_usages, &copy.extended_key_usage_count, from->extended_key_usages,
                  from->extended_key_usage_count) != 0 ||
        copy_oids(&copy.subject_require, &copy.subject_require_count, from->subject_require,
                  from->subject_require_count) != 0 ||
        copy_name(&copy.subject_defaults, &from->subject_defaults) != 0 ||
        copy_bytes(&copy.permitted, &from->permitted) != 0 ||
        copy_bytes(&copy.excluded, &from->excluded) != 0 ||
        copy_oids(&copy.policies, &copy.policy_count, from->policies, from->policy_count) != 0 ||
        copy_urls(&copy, from) != 0 || copy_text(&copy.ocsp_url, from->ocsp_url) != 0 ||
        copy_text(&copy.ca_issuers_url, from->ca_issuers_url) != 0 || copy_extensions(&copy, from) != 0 ||
        copy_text(&copy.bundle, from->bundle) != 0) {
        profile_free(&copy);
        return -1;
    }
    profile_free(to);
    *to = copy;
    return 0;
}

void profile_free(struct profile *profile)
{
    for (size_t i = 0; i < profile->crl_url_count; i++) {
        free(profile->crl_urls[i]);
    }
    for (size_t i = 0; i < profile->extension_count; i++) {
        bytes_free(&profile->extensions[i].value);
    }
    free(profile->name);
    free(profile->description);
    free(profile->extended_key_usages);
    free(profile->subject_require);
    name_free(&profile->subject_defaults);
    bytes_free(&profile->permitted);
    bytes_free(&profile->excluded);
    free(profile->policies);
    free(profile->crl_urls);
    free(profile->ocsp_url);
    free(profile->ca_issuers_url);
    free(profile->extensions);
    free(profile->bundle);
    profile_init(profile);
}

uint32_t profile_san_bit(int general_name_kind)
{
    if (general_name_kind == GENERAL_NAME_UPN) {
        return UINT32_C(1) << 9;
    }
    return general_name_kind >= 0 && general_name_kind <= 8 ? UINT32_C(1) << general_name_kind : 0;
}

/* ---- extensions -------------------------------------------------------------------------------------------------- */

/*
 * The usages a key can have. Enciphering is for RSA; agreeing on a key is for EC (RFC 3279 section 2.3, RFC 8410 section 5, RFC 9881
 * section 3), and encipherOnly and decipherOnly say something only beside it.
 */
static uint32_t fitting_usage(uint32_t usage, enum key_family family)
{
    if (family != KEY_FAMILY_RSA) {
        usage &= ~(KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT);
    }
    if (family != KEY_FAMILY_EC && family != KEY_FAMILY_OTHER) {
        usage &= ~(KEY_USAGE_KEY_AGREEMENT | KEY_USAGE_ENCIPHER_ONLY | KEY_USAGE_DECIPHER_ONLY);
    }
    return usage;
}

/* Whether an own extension of @p kind would stand beside one the issuer writes. */
static bool is_written(const struct profile *profile, enum extension_kind kind)
{
    switch (kind) {
    case EXTENSION_KEY_USAGE:
        return profile->key_usage != 0;
    case EXTENSION_EXTENDED_KEY_USAGE:
        return profile->extended_key_usage_count != 0;
    case EXTENSION_CERTIFICATE_POLICIES:
        return profile->policy_count != 0;
    case EXTENSION_CRL_DISTRIBUTION_POINTS:
        return profile->crl_url_count != 0;
    case EXTENSION_AUTHORITY_INFORMATION_ACCESS:
        return profile->ocsp_url != NULL || profile->ca_issuers_url != NULL;
    case EXTENSION_OCSP_NO_CHECK:
        return profile->ocsp_no_check;
    default:
        return true; /* key identifiers, names, basic constraints: always by the issuer */
    }
}

/* The index of the first own extension that would come twice (RFC 5280 section 4.2), or the count. */
static size_t find_duplicate(const struct profile *profile)
{
    for (size_t i = 0; i < profile->extension_count; i++) {
        struct slice type = oid_slice(&profile->extensions[i].type);

        for (int kind = 0; kind <= EXTENSION_OCSP_NO_CHECK; kind++) {
            if (oid_equal(extension_type((enum extension_kind)kind), type) &&
                is_written(profile, (enum extension_kind)kind)) {
                return i;
            }
        }
        for (size_t j = 0; j < i; j++) {
            if (oid_equal(&profile->extensions[j].type, type)) {
                return i;
            }
        }
    }
    return profile->extension_count;
}

static int check_duplicates(const struct profile *profile, struct faults *faults)
{
    size_t found = find_duplicate(profile);
    struct bytes dotted = BYTES_EMPTY;

    if (found == profile->extension_count) {
        return 0;
    }
    if (oid_format(oid_slice(&profile->extensions[found].type), &dotted) != 0) {
        bytes_clear(&dotted);
    }
    fault_error(faults, NULL, NULL, "leave it out, or use the profile's own field for it",
                "profile \"%s\": extension %s would stand in the certificate twice",
                profile->name == NULL ? "" : profile->name, bytes_text(&dotted));
    bytes_free(&dotted);
    return -1;
}

int profile_encode_extensions(const struct profile *profile, enum key_family family, int path_length,
                              struct bytes *extensions, struct faults *faults)
{
    uint32_t usage = fitting_usage(profile->key_usage, family);
    struct der der;

    if (check_duplicates(profile, faults) != 0) {
        return -1;
    }
    der_start(&der, extensions);
    extension_write_basic_constraints(&der, profile->ca,
                                      path_length >= 0 ? path_length : profile->path_length);
    if (usage != 0) {
        extension_write_key_usage(&der, usage);
    }
    if (profile->extended_key_usage_count != 0) {
        extension_write_extended_key_usage(&der, profile->extended_key_usages,
                                           profile->extended_key_usage_count);
    }
    if (profile->policy_count != 0) {
        extension_write_certificate_policies(&der, profile->policies, profile->policy_count);
    }
    if (profile->crl_url_count != 0) {
        extension_write_crl_distribution_points(&der, (const char *const *)profile->crl_urls,
                                                profile->crl_url_count);
    }
    if (profile->ocsp_url != NULL || profile->ca_issuers_url != NULL) {
        extension_write_authority_information_access(&der, profile->ocsp_url, profile->ca_issuers_url);
    }
    if (profile->ocsp_no_check) {
        extension_write_ocsp_no_check(&der);
    }
    for (size_t i = 0; i < profile->extension_count; i++) {
        const struct profile_extension *extension = &profile->extensions[i];

        extension_write(&der, &extension->type, extension->critical, slice_of(&extension->value));
    }
    if (der_finish(&der) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}
