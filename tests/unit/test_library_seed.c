/* SPDX-License-Identifier: Apache-2.0 */
/* Seeded contexts of the library: the same again in every run, each thing by its own name, marked, and never mixed with others. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <openssl/x509.h>

#include <mtlskit/authority.h>
#include <mtlskit/bundle.h>
#include <mtlskit/certificate.h>
#include <mtlskit/context.h>
#include <mtlskit/crl.h>
#include <mtlskit/identity.h>
#include <mtlskit/profile.h>
#include <mtlskit/request.h>
#include <mtlskit/verification.h>

#define SEED "a seed of sixteen octets and more"

static struct mtlskit_context *seeded(const char *seed)
{
    struct mtlskit_context *context = mtlskit_context_new(NULL);

    cr_assert_eq(mtlskit_context_set_insecure_seed(context, seed, strlen(seed)), 0, "%s",
                 mtlskit_context_error(context));
    return context;
}

static struct mtlskit_authority *authority(struct mtlskit_context *context)
{
    struct mtlskit_authority *made = mtlskit_authority_new(context, "ca");

    cr_assert_eq(mtlskit_authority_set_subject(made, "CN=Test CA"), 0);
    cr_assert_eq(mtlskit_authority_make(made, NULL), 0, "%s", mtlskit_authority_error(made));
    return made;
}

static struct mtlskit_identity *server(struct mtlskit_context *context, struct mtlskit_authority *ca,
                                       const char *name)
{
    struct mtlskit_identity *identity = mtlskit_identity_new(context, name);

    cr_assert_eq(mtlskit_identity_set_profile_name(identity, "server"), 0);
    cr_assert_eq(mtlskit_identity_add_name(identity, "dns:localhost"), 0);
    cr_assert_eq(mtlskit_identity_issue(identity, ca), 0, "%s", mtlskit_identity_error(identity));
    return identity;
}

/* Everything a run has made, as one text; freed by the caller. */
static char *everything(const char *seed, int neighbours)
{
    struct mtlskit_context *context = seeded(seed);
    struct mtlskit_authority *ca = authority(context);
    struct mtlskit_identity *identity;
    struct mtlskit_bundle *bundle = mtlskit_bundle_new(context);
    struct mtlskit_crl *crl = mtlskit_crl_new(context);
    struct mtlskit_request *request = mtlskit_request_new(context, "request");
    const unsigned char *p12;
    size_t length = 0;
    char *text = calloc(1, 64 * 1024);

    for (int i = 0; i < neighbours; i++) {
        mtlskit_identity_free(server(context, ca, i == 0 ? "one" : "another"));
    }
    identity = server(context, ca, "server");
    cr_assert_eq(mtlskit_bundle_set_passphrase(bundle, "passphrase"), 0);
    cr_assert_eq(mtlskit_bundle_write(bundle, identity), 0, "%s", mtlskit_bundle_error(bundle));
    cr_assert_eq(mtlskit_crl_revoke(crl, mtlskit_identity_serial(identity), NULL), 0);
    cr_assert_eq(mtlskit_crl_sign(crl, ca), 0, "%s", mtlskit_crl_error(crl));
    cr_assert_eq(mtlskit_request_set_subject(request, "CN=request"), 0);
    cr_assert_eq(mtlskit_request_make(request), 0, "%s", mtlskit_request_error(request));
    (void)snprintf(text, 64 * 1024, "%s%s%s%s%s%s", mtlskit_authority_key_pem(ca),
                   mtlskit_authority_certificate_pem(ca), mtlskit_identity_key_pem(identity),
                   mtlskit_identity_chain_pem(identity), mtlskit_crl_pem(crl), mtlskit_request_pem(request));
    p12 = mtlskit_bundle_p12(bundle, &length);
    for (size_t i = 0, at = strlen(text); i < length; i++, at += 2) {
        text[at] = (char)('a' + (p12[i] >> 4));
        text[at + 1] = (char)('a' + (p12[i] & 15));
    }
    mtlskit_request_free(request);
    mtlskit_crl_free(crl);
    mtlskit_bundle_free(bundle);
    mtlskit_identity_free(identity);
    mtlskit_authority_free(ca);
    mtlskit_context_free(context);
    return text;
}

Test(library_seed, the_same_again)
{
    char *first = everything(SEED, 0);
    char *again = everything(SEED, 0);
    char *between = everything(SEED, 2);
    char *other = everything(SEED "!", 0);

    cr_assert_str_eq(first, again);
    cr_assert_str_eq(first, between, "neighbours change nothing");
    cr_assert_str_neq(first, other);
    free(first);
    free(again);
    free(between);
    free(other);
}

Test(library_seed, valid_for_ever_and_marked)
{
    struct mtlskit_context *context = seeded(SEED);
    struct mtlskit_authority *ca = authority(context);
    struct mtlskit_identity *identity = server(context, ca, "server");
    struct mtlskit_certificate *certificate = mtlskit_certificate_new(context);
    struct mtlskit_verification *check = mtlskit_verification_new(context);
    const char *pem = mtlskit_identity_certificate_pem(identity);

    cr_assert_eq(mtlskit_certificate_read(certificate, pem, strlen(pem)), 0);
    cr_assert(mtlskit_certificate_is_fixture(certificate));
    cr_assert_eq(mtlskit_certificate_not_before(certificate), INT64_C(1577836800));
    cr_assert_eq(mtlskit_certificate_not_after(certificate), INT64_C(253402300799));
    cr_assert_eq(mtlskit_verification_set_identity(check, identity), 0);
    cr_assert_eq(mtlskit_verification_add_authority(check, ca), 0);
    cr_assert_eq(mtlskit_verification_run(check), 0, "%s", mtlskit_verification_error(check));
    cr_assert_str_eq(mtlskit_verification_verdict_of(check, "fixture"), "warn");
    mtlskit_verification_free(check);
    mtlskit_certificate_free(certificate);
    mtlskit_identity_free(identity);
    mtlskit_authority_free(ca);
    mtlskit_context_free(context);
}

#define DAYS INT64_C(86400)
#define FROM INT64_C(1577836800)

static void dates_are(struct mtlskit_identity *identity, struct mtlskit_authority *ca, int64_t not_before,
                      int64_t not_after)
{
    cr_assert_eq(mtlskit_identity_issue(identity, ca), 0, "%s", mtlskit_identity_error(identity));
    cr_assert_eq(mtlskit_identity_not_before(identity), not_before);
    cr_assert_eq(mtlskit_identity_not_after(identity), not_after);
}

/* The dates that mtls-ca apply gives the same wishes in a manifest. */
Test(library_seed, without_a_time_what_is_told_holds)
{
    struct mtlskit_context *context = seeded(SEED);
    struct mtlskit_authority *ca = authority(context);
    struct mtlskit_identity *identity = server(context, ca, "server");
    struct mtlskit_profile *profile = mtlskit_profile_new(context, "own");
    struct mtlskit_crl *crl = mtlskit_crl_new(context);

    cr_assert_eq(mtlskit_profile_extend(profile, "server"), 0);
    cr_assert_eq(mtlskit_identity_set_profile(identity, profile), 0);
    dates_are(identity, ca, FROM, INT64_C(253402300799));
    cr_assert_eq(mtlskit_profile_set_validity(profile, "10d"), 0);
    cr_assert_eq(mtlskit_identity_set_profile(identity, profile), 0);
    dates_are(identity, ca, FROM - 300, FROM + 10 * DAYS);
    cr_assert_eq(mtlskit_identity_set_profile_name(identity, "server"), 0);
    dates_are(identity, ca, FROM, INT64_C(253402300799));
    cr_assert_eq(mtlskit_identity_set_validity(identity, "90d"), 0);
    dates_are(identity, ca, FROM, FROM + 90 * DAYS);
    cr_assert_eq(mtlskit_identity_set_dates(identity, 1, 2), 0);
    dates_are(identity, ca, 1, 2);
    cr_assert_eq(mtlskit_profile_extend(profile, "client"), 0, "forgets what was told");
    cr_assert_eq(mtlskit_profile_set_names_allowed(profile, "dns"), 0);
    mtlskit_identity_free(identity);
    identity = server(context, ca, "other");
    cr_assert_eq(mtlskit_identity_set_profile(identity, profile), 0);
    dates_are(identity, ca, FROM, INT64_C(253402300799));
    cr_assert_eq(mtlskit_crl_set_validity(crl, "7d"), 0);
    cr_assert_eq(mtlskit_crl_sign(crl, ca), 0, "%s", mtlskit_crl_error(crl));
    cr_assert_eq(mtlskit_crl_this_update(crl), FROM);
    cr_assert_eq(mtlskit_crl_next_update(crl), FROM + 7 * DAYS);
    mtlskit_crl_free(crl);
    mtlskit_profile_free(profile);
    mtlskit_identity_free(identity);
    mtlskit_authority_free(ca);
    mtlskit_context_free(context);
}

Test(library_seed, revoked_when_all_begins)
{
    struct mtlskit_context *context = seeded(SEED);
    struct mtlskit_authority *ca = authority(context);
    struct mtlskit_crl *crl = mtlskit_crl_new(context);
    const unsigned char *der;
    size_t length = 0;
    X509_CRL *parsed;
    X509_REVOKED *entry;

    cr_assert_eq(mtlskit_crl_revoke(crl, "1234", NULL), 0);
    cr_assert_eq(mtlskit_crl_sign(crl, ca), 0, "%s", mtlskit_crl_error(crl));
    cr_assert_eq(mtlskit_crl_this_update(crl), INT64_C(1577836800));
    cr_assert_eq(mtlskit_crl_next_update(crl), INT64_C(253402300799));
    der = mtlskit_crl_der(crl, &length);
    parsed = d2i_X509_CRL(NULL, &der, (long)length);
    entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(parsed), 0);
    cr_assert_str_eq((const char *)ASN1_STRING_get0_data(X509_REVOKED_get0_revocationDate(entry)),
                     "200101000000Z");
    X509_CRL_free(parsed);
    mtlskit_crl_free(crl);
    mtlskit_authority_free(ca);
    mtlskit_context_free(context);
}

Test(library_seed, with_a_time_durations_count)
{
    struct mtlskit_context *context = seeded(SEED);
    struct mtlskit_authority *ca;
    struct mtlskit_identity *identity;

    cr_assert_eq(mtlskit_context_set_time(context, 1800000000), 0);
    ca = authority(context);
    identity = server(context, ca, "server");
    cr_assert_eq(mtlskit_identity_not_after(identity), 1800000000 + 397 * 86400);
    cr_assert_eq(mtlskit_identity_set_dates(identity, 1800000000, 1800000001), 0);
    cr_assert_eq(mtlskit_identity_issue(identity, ca), 0);
    cr_assert_eq(mtlskit_identity_not_after(identity), 1800000001);
    mtlskit_identity_free(identity);
    mtlskit_authority_free(ca);
    mtlskit_context_free(context);
}

/* Two certificates of one issuer with one serial number are one to whoever revokes or keeps them. */
Test(library_seed, what_changed_has_another_serial)
{
    struct mtlskit_context *context = seeded(SEED);
    struct mtlskit_authority *ca = authority(context);
    struct mtlskit_authority *other = mtlskit_authority_new(context, "ca");
    struct mtlskit_identity *identity = server(context, ca, "server");
    struct mtlskit_certificate *one = mtlskit_certificate_new(context);
    struct mtlskit_certificate *two = mtlskit_certificate_new(context);
    char *before = strdup(mtlskit_identity_serial(identity));
    char *certificate = strdup(mtlskit_identity_certificate_pem(identity));
    char *key = strdup(mtlskit_identity_key_pem(identity));

    cr_assert_eq(mtlskit_identity_issue(identity, ca), 0);
    cr_assert_str_eq(mtlskit_identity_certificate_pem(identity), certificate);
    cr_assert_eq(mtlskit_identity_set_validity(identity, "100d"), 0);
    cr_assert_eq(mtlskit_identity_issue(identity, ca), 0);
    cr_assert_str_neq(mtlskit_identity_serial(identity), before);
    cr_assert_str_eq(mtlskit_identity_key_pem(identity), key);
    /* nor is one authority's the other's, though they have one name and so one key */
    cr_assert_eq(mtlskit_authority_set_subject(other, "CN=Another"), 0);
    cr_assert_eq(mtlskit_authority_make(other, NULL), 0);
    cr_assert_str_eq(mtlskit_authority_key_pem(other), mtlskit_authority_key_pem(ca));
    cr_assert_eq(mtlskit_certificate_read(one, mtlskit_authority_certificate_pem(ca),
                                          strlen(mtlskit_authority_certificate_pem(ca))),
                 0);
    cr_assert_eq(mtlskit_certificate_read(two, mtlskit_authority_certificate_pem(other),
                                          strlen(mtlskit_authority_certificate_pem(other))),
                 0);
    cr_assert_str_neq(mtlskit_certificate_serial(one), mtlskit_certificate_serial(two));
    mtlskit_certificate_free(two);
    mtlskit_certificate_free(one);
    free(key);
    free(certificate);
    free(before);
    mtlskit_identity_free(identity);
    mtlskit_authority_free(other);
    mtlskit_authority_free(ca);
    mtlskit_context_free(context);
}

Test(library_seed, fixtures_and_others_do_not_mix)
{
    struct mtlskit_context *fixtures = seeded(SEED);
    struct mtlskit_context *plain = mtlskit_context_new(NULL);
    struct mtlskit_authority *marked = authority(fixtures);
    struct mtlskit_authority *unmarked = authority(plain);
    struct mtlskit_authority *read = mtlskit_authority_new(plain, "read");
    struct mtlskit_authority *reverse = mtlskit_authority_new(fixtures, "reverse");
    struct mtlskit_identity *identity = mtlskit_identity_new(plain, "server");
    const char *certificate = mtlskit_authority_certificate_pem(marked);
    const char *key = mtlskit_authority_key_pem(marked);
    char chain[8192];

    cr_assert_eq(mtlskit_authority_read(read, certificate, strlen(certificate), key, strlen(key), NULL), -1);
    cr_assert_not_null(strstr(mtlskit_authority_error(read), "fixture"), "%s", mtlskit_authority_error(read));
    certificate = mtlskit_authority_certificate_pem(unmarked);
    key = mtlskit_authority_key_pem(unmarked);
    cr_assert_eq(mtlskit_authority_read(reverse, certificate, strlen(certificate), key, strlen(key), NULL),
                 -1);
    cr_assert_not_null(strstr(mtlskit_authority_error(reverse), "fixture"), "%s",
                       mtlskit_authority_error(reverse));
    /* nor with a fixture above: everybody can have certified it */
    cr_assert_geq(
        snprintf(chain, sizeof(chain), "%s%s", certificate, mtlskit_authority_certificate_pem(marked)), 0);
    cr_assert_eq(mtlskit_authority_read(read, chain, strlen(chain), key, strlen(key), NULL), -1);
    cr_assert_str_eq(mtlskit_authority_error(read),
                     "read: an authority above it is a fixture, made from a seed: its key is public");
    cr_assert_eq(mtlskit_authority_read(read, certificate, strlen(certificate), key, strlen(key), NULL), 0);
    /* nor across contexts */
    cr_assert_eq(mtlskit_identity_set_profile_name(identity, "server"), 0);
    cr_assert_eq(mtlskit_identity_add_name(identity, "dns:localhost"), 0);
    cr_assert_eq(mtlskit_identity_issue(identity, marked), -1);
    cr_assert_not_null(strstr(mtlskit_identity_error(identity), "another context"), "%s",
                       mtlskit_identity_error(identity));
    mtlskit_identity_free(identity);
    mtlskit_authority_free(reverse);
    mtlskit_authority_free(read);
    mtlskit_authority_free(unmarked);
    mtlskit_authority_free(marked);
    mtlskit_context_free(plain);
    mtlskit_context_free(fixtures);
}

Test(library_seed, requests_are_fixtures_too)
{
    struct mtlskit_context *fixtures = seeded(SEED);
    struct mtlskit_context *plain = mtlskit_context_new(NULL);
    struct mtlskit_authority *ca = authority(fixtures);
    struct mtlskit_authority *other = authority(plain);
    struct mtlskit_request *request = mtlskit_request_new(fixtures, "request");
    struct mtlskit_request *received = mtlskit_request_new(plain, "received");
    struct mtlskit_identity *identity = mtlskit_identity_new(fixtures, "client");
    struct mtlskit_identity *refused = mtlskit_identity_new(plain, "client");
    const char *pem;

    cr_assert_eq(mtlskit_request_set_subject(request, "CN=client"), 0);
    cr_assert_eq(mtlskit_request_make(request), 0, "%s", mtlskit_request_error(request));
    cr_assert_eq(mtlskit_identity_set_profile_name(identity, "client"), 0);
    cr_assert_eq(mtlskit_identity_issue_for(identity, ca, request), 0, "%s",
                 mtlskit_identity_error(identity));
    pem = mtlskit_request_pem(request);
    cr_assert_eq(mtlskit_request_read(received, pem, strlen(pem)), 0, "%s", mtlskit_request_error(received));
    cr_assert_eq(mtlskit_identity_set_profile_name(refused, "client"), 0);
    cr_assert_eq(mtlskit_identity_issue_for(refused, other, received), -1);
    cr_assert_str_eq(mtlskit_identity_error(refused),
                     "client: it asks for the fixture mark: its key counts as public");
    mtlskit_identity_free(refused);
    mtlskit_identity_free(identity);
    mtlskit_request_free(received);
    mtlskit_request_free(request);
    mtlskit_authority_free(other);
    mtlskit_authority_free(ca);
    mtlskit_context_free(plain);
    mtlskit_context_free(fixtures);
}

Test(library_seed, comes_first_and_once)
{
    struct mtlskit_context *context = mtlskit_context_new(NULL);
    struct mtlskit_context *again;
    struct mtlskit_authority *other, *read;

    cr_assert_eq(mtlskit_context_set_insecure_seed(context, "", 0), -1);
    cr_assert_eq(mtlskit_context_set_insecure_seed(context, NULL, 3), -1);
    cr_assert_str_eq(mtlskit_context_error(context), "the seed is missing");
    mtlskit_authority_free(authority(context));
    cr_assert_eq(mtlskit_context_set_insecure_seed(context, SEED, strlen(SEED)), -1);
    cr_assert_str_eq(mtlskit_context_error(context), "seed: something was made without it (set it first)");
    mtlskit_context_free(context);
    context = mtlskit_context_new(NULL);
    other = authority(context);
    again = mtlskit_context_new(NULL);
    read = mtlskit_authority_new(again, "read");
    cr_assert_eq(mtlskit_authority_read(read, mtlskit_authority_certificate_pem(other),
                                        strlen(mtlskit_authority_certificate_pem(other)),
                                        mtlskit_authority_key_pem(other),
                                        strlen(mtlskit_authority_key_pem(other)), NULL),
                 0);
    cr_assert_eq(mtlskit_context_set_insecure_seed(again, SEED, strlen(SEED)), -1,
                 "nor behind one that was read");
    mtlskit_authority_free(read);
    mtlskit_context_free(again);
    mtlskit_authority_free(other);
    mtlskit_context_free(context);
    context = seeded(SEED);
    cr_assert_eq(mtlskit_context_set_insecure_seed(context, SEED, strlen(SEED)), -1);
    cr_assert_str_eq(mtlskit_context_error(context), "seed: there is one already (set it first)");
    mtlskit_context_free(context);
}
