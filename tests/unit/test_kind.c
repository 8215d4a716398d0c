/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of certificates that the library has as values are the profiles that the programs read from YAML: the same names, and of each
 * every field is the same.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "library/kind.h"
#include "manifest/profile_reader.h"
#include "x509/extension.h"

static void same_text(const char *kind, const char *field, const char *one, const char *other)
{
    cr_assert((one == NULL) == (other == NULL), "%s: %s", kind, field);
    cr_assert(one == NULL || strcmp(one, other) == 0, "%s: %s: \"%s\" is not \"%s\"", kind, field, one,
              other);
}

static void same_oids(const char *kind, const char *field, const struct oid *one, size_t one_count,
                      const struct oid *other, size_t other_count)
{
    cr_assert_eq(one_count, other_count, "%s: %s", kind, field);
    for (size_t i = 0; i < one_count; i++) {
        cr_assert(oid_equal(&one[i], oid_slice(&other[i])), "%s: %s", kind, field);
    }
}

static void same_validity(const char *kind, const struct profile *one, const struct profile *other)
{
    cr_assert_eq(one->validity.fixed_from, other->validity.fixed_from, "%s", kind);
    cr_assert_eq(one->validity.fixed_until, other->validity.fixed_until, "%s", kind);
    cr_assert_eq(one->validity.from, other->validity.from, "%s", kind);
    cr_assert_eq(one->validity.until, other->validity.until, "%s", kind);
    cr_assert_eq(one->validity.duration.months, other->validity.duration.months, "%s", kind);
    cr_assert_eq(one->validity.duration.seconds, other->validity.duration.seconds, "%s", kind);
    cr_assert_eq(one->backdate.months, other->backdate.months, "%s", kind);
    cr_assert_eq(one->backdate.seconds, other->backdate.seconds, "%s", kind);
}

static void same_name(const char *kind, const struct name *one, const struct name *other)
{
    struct bytes left = BYTES_EMPTY;
    struct bytes right = BYTES_EMPTY;

    cr_assert_eq(name_encode(one, &left), 0);
    cr_assert_eq(name_encode(other, &right), 0);
    cr_assert(slice_equal(slice_of(&left), slice_of(&right)), "%s: subject defaults", kind);
    bytes_free(&left);
    bytes_free(&right);
}

static void same(const char *kind, const struct profile *one, const struct profile *other)
{
    same_text(kind, "name", one->name, other->name);
    same_text(kind, "description", one->description, other->description);
    same_text(kind, "bundle", one->bundle, other->bundle);
    same_text(kind, "ocsp_url", one->ocsp_url, other->ocsp_url);
    same_text(kind, "ca_issuers_url", one->ca_issuers_url, other->ca_issuers_url);
    cr_assert_eq(one->key, other->key, "%s: key", kind);
    same_validity(kind, one, other);
    cr_assert_eq(one->ca, other->ca, "%s: ca", kind);
    cr_assert_eq(one->path_length, other->path_length, "%s: path_length", kind);
    cr_assert_eq(one->key_usage, other->key_usage, "%s: key_usage", kind);
    same_oids(kind, "extended_key_usage", one->extended_key_usages, one->extended_key_usage_count,
              other->extended_key_usages, other->extended_key_usage_count);
    cr_assert_eq(one->san_require, other->san_require, "%s: san require", kind);
    cr_assert_eq(one->san_allow, other->san_allow, "%s: san allow", kind);
    same_oids(kind, "subject require", one->subject_require, one->subject_require_count,
              other->subject_require, other->subject_require_count);
    same_name(kind, &one->subject_defaults, &other->subject_defaults);
    cr_assert_eq(one->name_constraints_auto, other->name_constraints_auto, "%s: name_constraints", kind);
    cr_assert(slice_equal(slice_of(&one->permitted), slice_of(&other->permitted)), "%s: permitted", kind);
    cr_assert(slice_equal(slice_of(&one->excluded), slice_of(&other->excluded)), "%s: excluded", kind);
    same_oids(kind, "policies", one->policies, one->policy_count, other->policies, other->policy_count);
    cr_assert_eq(one->crl_url_count, 0, "%s: crl_url", kind);
    cr_assert_eq(other->crl_url_count, 0, "%s: crl_url", kind);
    cr_assert_eq(memcmp(&one->lint_ignored, &other->lint_ignored, sizeof(one->lint_ignored)), 0,
                 "%s: lint_ignore", kind);
    cr_assert_eq(one->ocsp_no_check, other->ocsp_no_check, "%s: ocsp_no_check", kind);
    cr_assert_eq(one->extension_count, 0, "%s: extensions", kind);
    cr_assert_eq(other->extension_count, 0, "%s: extensions", kind);
}

Test(kind, is_what_its_yaml_says)
{
    struct faults *faults = faults_new();
    struct profile_set *set = profile_set_new(faults);
    struct profile profile;

    cr_assert_eq(profile_set_resolve(set, faults), 0);
    cr_assert_eq(profile_set_count(set), KIND_COUNT,
                 "a profile that the library does not have, or the reverse");
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const struct profile *read = profile_set_find(set, kind_name(i));

        cr_assert_not_null(read, "%s", kind_name(i));
        profile_init(&profile);
        cr_assert_eq(kind_build(i, &profile), 0);
        same(kind_name(i), &profile, read);
        profile_free(&profile);
    }
    profile_set_free(set);
    faults_free(faults);
}

Test(kind, a_profile_that_says_nothing_else_is_the_same)
{
    struct faults *faults = faults_new();
    struct profile_set *set = profile_set_new(faults);
    struct profile profile;

    cr_assert_eq(profile_set_add_text(set, "plain", slice_of_text("validity: 90d\n"), "plain.yaml", faults),
                 0);
    cr_assert_eq(profile_set_resolve(set, faults), 0);
    kind_start(&profile);
    profile.name = strdup("plain");
    profile.validity.duration.seconds = 90 * 86400;
    same("plain", &profile, profile_set_find(set, "plain"));
    profile_free(&profile);
    profile_set_free(set);
    faults_free(faults);
}

Test(kind, every_field_of_a_profile_is_compared)
{
    /* A field more in struct profile is one more to be set in kind_build(), copied in profile_copy(), and compared above. */
    cr_assert(sizeof(void *) != 8 || sizeof(struct profile) == 304, "%zu", sizeof(struct profile));
}

Test(kind, hint_names_all)
{
    const char *at = kind_names();

    for (size_t i = 0; i < KIND_COUNT; i++) {
        cr_assert(strncmp(at, kind_name(i), strlen(kind_name(i))) == 0, "%s", at);
        at += strlen(kind_name(i)) + strspn(at + strlen(kind_name(i)), ", ");
    }
    cr_assert_eq(*at, '\0');
}
