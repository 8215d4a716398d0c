/* SPDX-License-Identifier: Apache-2.0 */
/* A profile of the user's own. Lists come as one text with commas, and are replaced as a whole. */
#include "library/profile.h"

#include <stdlib.h>
#include <string.h>

#include <mtlskit/profile.h>

#include "library/context.h"
#include "library/handle.h"
#include "library/kind.h"
#include "library/words.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"

#define LIST_MAX WORDS_MAX
#define URL_MAX  2000

struct mtlskit_profile {
    struct handle handle;
    struct profile values;
    char *name;
    bool has_validity; /* told, rather than a built-in profile's */
};

const struct profile *profile_values(const struct mtlskit_profile *profile)
{
    return profile != NULL ? &profile->values : NULL;
}

bool profile_has_validity(const struct mtlskit_profile *profile)
{
    return profile != NULL && profile->has_validity;
}

/* Its name, which the values carry, too. */
static int put_name(struct mtlskit_profile *profile)
{
    free(profile->values.name);
    profile->values.name = strdup(profile->name);
    return profile->values.name != NULL ? 0 : -1;
}

struct mtlskit_profile *mtlskit_profile_new(struct mtlskit_context *context, const char *name)
{
    struct mtlskit_profile *profile = calloc(1, sizeof(*profile));
    int status;

    if (profile == NULL) {
        return NULL;
    }
    status = handle_start(&profile->handle, context);
    kind_start(&profile->values);
    profile->name = name != NULL ? strdup(name) : NULL;
    if (status != 0 || profile->name == NULL || put_name(profile) != 0) {
        mtlskit_profile_free(profile);
        return NULL;
    }
    return profile;
}

void mtlskit_profile_free(struct mtlskit_profile *profile)
{
    if (profile != NULL) {
        profile_free(&profile->values);
        free(profile->name);
        handle_end(&profile->handle);
        free(profile);
    }
}

const char *mtlskit_profile_error(const struct mtlskit_profile *profile)
{
    return handle_error(profile != NULL ? &profile->handle : NULL);
}

/* ---- as a whole -------------------------------------------------------------------------------------------------- */

int profile_check(const struct profile *profile, struct faults *faults)
{
    size_t before = faults_errors(faults);
    bool signs = (profile->key_usage & KEY_USAGE_KEY_CERT_SIGN) != 0;

    if (!profile->validity.fixed_until && profile->validity.duration.months == 0 &&
        profile->validity.duration.seconds == 0) {
        fault_error(faults, NULL, profile->name, "such as \"90d\"", "the profile has no validity");
    }
    if (profile->ca && !signs) {
        fault_error(faults, NULL, profile->name, "keyCertSign,cRLSign",
                    "the profile makes authorities, which need keyCertSign (RFC 5280 section 4.2.1.3)");
    }
    if (!profile->ca && signs) {
        fault_error(
            faults, NULL, profile->name, "see mtlskit_profile_set_authority()",
            "the profile makes no authorities, and keyCertSign is for them (RFC 5280 section 4.2.1.9)");
    }
    if ((profile->san_require & ~profile->san_allow) != 0) {
        fault_error(faults, NULL, profile->name, NULL,
                    "the profile requires a kind of name that it does not allow");
    }
    return faults_errors(faults) == before ? 0 : -1;
}

static int extend(struct mtlskit_profile *profile, const char *name)
{
    const struct profile *base = name != NULL ? library_profile(profile->handle.context, name) : NULL;

    if (name == NULL) {
        return handle_missing(&profile->handle, "the profile's name");
    }
    if (base == NULL) {
        return handle_refuse(&profile->handle, "profile", name, "is none of the built-in profiles",
                             kind_names());
    }
    if (profile_copy(&profile->values, base) != 0 || put_name(profile) != 0) {
        fault_memory(profile->handle.faults);
        return -1;
    }
    profile->has_validity = false;
    return 0;
}

int mtlskit_profile_extend(struct mtlskit_profile *profile, const char *name)
{
    if (profile == NULL) {
        return -1;
    }
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle, extend(profile, name));
}

/* ---- lists ------------------------------------------------------------------------------------------------------- */

int mtlskit_profile_set_key_usages(struct mtlskit_profile *profile, const char *usages)
{
    struct words words = {.what = "key usage",
                          .hint = "digitalSignature, keyEncipherment, keyAgreement, keyCertSign, cRLSign "
                                  "and so on",
                          .take = words_take_key_usage};

    if (profile == NULL) {
        return -1;
    }
    words.handle = &profile->handle;
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle, words_bits(&words, usages, &profile->values.key_usage));
}

int mtlskit_profile_set_extended_key_usages(struct mtlskit_profile *profile, const char *usages)
{
    struct words words = {.what = "extended key usage",
                          .hint = "serverAuth, clientAuth, OCSPSigning and so on, or a dotted OID",
                          .parse = oid_parse_extended_key_usage};

    if (profile == NULL) {
        return -1;
    }
    words.handle = &profile->handle;
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle, words_oids(&words, usages, &profile->values.extended_key_usages,
                                                      &profile->values.extended_key_usage_count));
}

static int set_name_kinds(struct mtlskit_profile *profile, const char *kinds, uint32_t *bits)
{
    struct words words = {.handle = &profile->handle,
                          .what = "kind of name",
                          .hint = "dns, ip, email, uri, upn, rid, dirname, other",
                          .take = words_take_name_kind};

    handle_begin(&profile->handle);
    return handle_settle(&profile->handle, words_bits(&words, kinds, bits));
}

int mtlskit_profile_set_names_allowed(struct mtlskit_profile *profile, const char *kinds)
{
    return profile != NULL ? set_name_kinds(profile, kinds, &profile->values.san_allow) : -1;
}

int mtlskit_profile_set_names_required(struct mtlskit_profile *profile, const char *kinds)
{
    return profile != NULL ? set_name_kinds(profile, kinds, &profile->values.san_require) : -1;
}

int mtlskit_profile_set_subject_required(struct mtlskit_profile *profile, const char *attributes)
{
    struct words words = {.what = "attribute", .hint = "such as CN, O", .parse = name_type_parse};

    if (profile == NULL) {
        return -1;
    }
    words.handle = &profile->handle;
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle, words_oids(&words, attributes, &profile->values.subject_require,
                                                      &profile->values.subject_require_count));
}

int mtlskit_profile_set_policies(struct mtlskit_profile *profile, const char *policies)
{
    struct words words = {.what = "policy", .hint = "dotted, as 1.3.6.1.4.1.99999.1", .parse = oid_parse};

    if (profile == NULL) {
        return -1;
    }
    words.handle = &profile->handle;
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle, words_oids(&words, policies, &profile->values.policies,
                                                      &profile->values.policy_count));
}

/* ---- single values ----------------------------------------------------------------------------------------------- */

static int set_key_algorithm(struct mtlskit_profile *profile, const char *algorithm)
{
    enum key_algorithm parsed;

    if (algorithm == NULL) {
        return handle_missing(&profile->handle, "the key's algorithm");
    }
    if (key_algorithm_parse(algorithm, &parsed) != 0) {
        return handle_refuse(&profile->handle, "key", algorithm, "is not a key algorithm",
                             key_algorithm_words());
    }
    profile->values.key = parsed;
    return 0;
}

int mtlskit_profile_set_key_algorithm(struct mtlskit_profile *profile, const char *algorithm)
{
    if (profile == NULL) {
        return -1;
    }
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle, set_key_algorithm(profile, algorithm));
}

static int set_duration(struct mtlskit_profile *profile, const char *what, const char *text, bool zero,
                        struct duration *duration)
{
    const char *why = NULL;

    if (text == NULL) {
        return handle_missing(&profile->handle, what);
    }
    return duration_parse(text, zero, duration, &why) == 0
               ? 0
               : handle_refuse(&profile->handle, what, text, why, "such as \"90d\", \"1y6mo\", \"5min\"");
}

int mtlskit_profile_set_validity(struct mtlskit_profile *profile, const char *duration)
{
    struct validity validity = {0};
    int status;

    if (profile == NULL) {
        return -1;
    }
    handle_begin(&profile->handle);
    status = set_duration(profile, "validity", duration, false, &validity.duration);
    if (status == 0) {
        profile->values.validity = validity;
        profile->has_validity = true;
    }
    return handle_settle(&profile->handle, status);
}

int mtlskit_profile_set_backdate(struct mtlskit_profile *profile, const char *duration)
{
    if (profile == NULL) {
        return -1;
    }
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle,
                         set_duration(profile, "backdate", duration, true, &profile->values.backdate));
}

int mtlskit_profile_set_authority(struct mtlskit_profile *profile, int path_length)
{
    int status = 0;

    if (profile == NULL) {
        return -1;
    }
    handle_begin(&profile->handle);
    if (path_length < -1 || path_length > PROFILE_PATH_LENGTH_MAX) {
        fault_error(profile->handle.faults, NULL, "path length", NULL, "%d is not between -1 and %d",
                    path_length, PROFILE_PATH_LENGTH_MAX);
        status = -1;
    } else {
        profile->values.ca = true;
        profile->values.path_length = path_length;
    }
    return handle_settle(&profile->handle, status);
}

int mtlskit_profile_set_subject(struct mtlskit_profile *profile, const char *subject)
{
    const char *why = NULL;
    int status = 0;

    if (profile == NULL) {
        return -1;
    }
    handle_begin(&profile->handle);
    if (subject == NULL) {
        status = handle_missing(&profile->handle, "the subject");
    } else if (name_parse(subject, &profile->values.subject_defaults, &why) != 0) {
        status = handle_refuse(&profile->handle, "subject", subject, why, "such as \"O=Example\"");
    }
    return handle_settle(&profile->handle, status);
}

/* ---- URLs -------------------------------------------------------------------------------------------------------- */

/* Whether @p url may stand in a certificate; else a fault. */
static int check_url(struct mtlskit_profile *profile, const char *url)
{
    struct bytes name = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    const char *why = NULL;
    int status = 0;

    if (strlen(url) > URL_MAX) {
        fault_error(profile->handle.faults, NULL, "URL", NULL, "it has more than %d bytes", URL_MAX);
        status = -1;
    } else if (bytes_printf(&name, "uri:%s", url) != 0) {
        fault_memory(profile->handle.faults);
        status = -1;
    } else if (general_name_parse(bytes_text(&name), NULL, &der, &why) != 0) {
        status = handle_refuse(&profile->handle, "URL", url, why, "such as \"http://example.com/ca.crl\"");
    }
    bytes_free(&name);
    bytes_free(&der);
    return status;
}

static int add_crl_url(struct mtlskit_profile *profile, const char *url)
{
    struct profile *values = &profile->values;
    char **grown;
    char *copy;

    if (url == NULL) {
        return handle_missing(&profile->handle, "the URL");
    }
    if (check_url(profile, url) != 0) {
        return -1;
    }
    if (values->crl_url_count == LIST_MAX) {
        return handle_refuse(&profile->handle, "URL", url, "is one too many", NULL);
    }
    copy = strdup(url);
    grown = realloc(values->crl_urls, (values->crl_url_count + 1) * sizeof(*grown));
    if (grown != NULL) {
        values->crl_urls = grown;
    }
    if (copy == NULL || grown == NULL) {
        free(copy);
        fault_memory(profile->handle.faults);
        return -1;
    }
    grown[values->crl_url_count++] = copy;
    return 0;
}

int mtlskit_profile_add_crl_url(struct mtlskit_profile *profile, const char *url)
{
    if (profile == NULL) {
        return -1;
    }
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle, add_crl_url(profile, url));
}

static int set_url(struct mtlskit_profile *profile, const char *url, char **to)
{
    char *copy = NULL;

    handle_begin(&profile->handle);
    if (url != NULL && check_url(profile, url) != 0) {
        return handle_settle(&profile->handle, -1);
    }
    if (url != NULL && (copy = strdup(url)) == NULL) {
        fault_memory(profile->handle.faults);
        return handle_settle(&profile->handle, -1);
    }
    free(*to);
    *to = copy;
    return handle_settle(&profile->handle, 0);
}

int mtlskit_profile_set_ocsp_url(struct mtlskit_profile *profile, const char *url)
{
    return profile != NULL ? set_url(profile, url, &profile->values.ocsp_url) : -1;
}

int mtlskit_profile_set_issuer_url(struct mtlskit_profile *profile, const char *url)
{
    return profile != NULL ? set_url(profile, url, &profile->values.ca_issuers_url) : -1;
}

/* ---- further extensions ------------------------------------------------------------------------------------------ */

/* What is wrong with one more extension of @p type, or NULL. */
static const char *extension_complaint(const struct profile *values, const struct oid *type,
                                       struct slice value)
{
    for (int kind = EXTENSION_SUBJECT_KEY_IDENTIFIER; kind <= EXTENSION_OCSP_NO_CHECK; kind++) {
        if (oid_equal(extension_type((enum extension_kind)kind), oid_slice(type))) {
            return "is an extension that is written by itself";
        }
    }
    if (certificate_is_fixture_mark(oid_slice(type))) {
        return "marks fixtures";
    }
    for (size_t i = 0; i < values->extension_count; i++) {
        if (oid_equal(&values->extensions[i].type, oid_slice(type))) {
            return "is there already";
        }
    }
    if (values->extension_count == LIST_MAX) {
        return "is one too many";
    }
    return der_is_well_formed(value) ? NULL : "has a value that is not one well-formed value in DER";
}

static int add_extension(struct mtlskit_profile *profile, const char *oid, bool critical, struct slice value)
{
    struct profile *values = &profile->values;
    struct profile_extension extension = {.critical = critical};
    struct profile_extension *grown;
    const char *why;

    if (oid == NULL || value.data == NULL) {
        return handle_missing(&profile->handle, oid == NULL ? "the OID" : "the value");
    }
    if (oid_parse(oid, &extension.type) != 0) {
        return handle_refuse(&profile->handle, "extension", oid, "is not an OID",
                             "dotted, as 1.3.6.1.4.1.99999.1");
    }
    why = extension_complaint(values, &extension.type, value);
    if (why != NULL) {
        return handle_refuse(&profile->handle, "extension", oid, why, NULL);
    }
    grown = realloc(values->extensions, (values->extension_count + 1) * sizeof(*grown));
    if (grown != NULL) {
        values->extensions = grown;
    }
    if (grown == NULL || bytes_append(&extension.value, value.data, value.length) != 0) {
        fault_memory(profile->handle.faults);
        return -1;
    }
    grown[values->extension_count++] = extension;
    return 0;
}

int mtlskit_profile_add_extension(struct mtlskit_profile *profile, const char *oid, bool critical,
                                  const void *value, size_t length)
{
    if (profile == NULL) {
        return -1;
    }
    handle_begin(&profile->handle);
    return handle_settle(&profile->handle,
                         add_extension(profile, oid, critical, (struct slice){value, length}));
}
