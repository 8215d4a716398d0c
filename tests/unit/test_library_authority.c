/* SPDX-License-Identifier: Apache-2.0 */
/* Authorities of the library: roots and intermediates, made and read, what they refuse, and where they say so. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <mtlskit/authority.h>
#include <mtlskit/certificate.h>
#include <mtlskit/context.h>
#include <mtlskit/identity.h>
#include <mtlskit/profile.h>
#include <mtlskit/verification.h>
#include <mtlskit/version.h>

static struct mtlskit_context *context;

static void begin(void)
{
    context = mtlskit_context_new(NULL);
    cr_assert_not_null(context);
}

static void end(void)
{
    mtlskit_context_free(context);
}

TestSuite(library_authority, .init = begin, .fini = end);

static struct mtlskit_authority *told(const char *name, const char *subject)
{
    struct mtlskit_authority *authority = mtlskit_authority_new(context, name);

    cr_assert_eq(mtlskit_authority_set_subject(authority, subject), 0, "%s",
                 mtlskit_authority_error(authority));
    return authority;
}

static struct mtlskit_authority *made(const char *name, const char *subject, struct mtlskit_authority *issuer)
{
    struct mtlskit_authority *authority = told(name, subject);

    cr_assert_eq(mtlskit_authority_make(authority, issuer), 0, "%s", mtlskit_authority_error(authority));
    return authority;
}

/* What an authority's certificate says. */
static struct mtlskit_certificate *read_back(const struct mtlskit_authority *authority)
{
    struct mtlskit_certificate *certificate = mtlskit_certificate_new(context);
    const char *pem = mtlskit_authority_certificate_pem(authority);

    cr_assert_eq(mtlskit_certificate_read(certificate, pem, strlen(pem)), 0, "%s",
                 mtlskit_certificate_error(certificate));
    return certificate;
}

/* A server's identity, told and not issued. */
static struct mtlskit_identity *server(const char *name)
{
    struct mtlskit_identity *identity = mtlskit_identity_new(context, "server");

    cr_assert_eq(mtlskit_identity_set_profile_name(identity, "server"), 0);
    cr_assert_eq(mtlskit_identity_add_name(identity, name), 0, "%s", mtlskit_identity_error(identity));
    return identity;
}

Test(library_authority, root)
{
    struct mtlskit_authority *root = made("root", "CN=Example Root,O=Example", NULL);
    struct mtlskit_certificate *certificate = read_back(root);
    size_t length = 0;

    cr_assert_str_eq(mtlskit_certificate_subject(certificate), "CN=Example Root,O=Example");
    cr_assert_str_eq(mtlskit_certificate_issuer(certificate), "CN=Example Root,O=Example");
    cr_assert(mtlskit_certificate_is_authority(certificate));
    cr_assert_eq(mtlskit_certificate_path_length(certificate), -1);
    cr_assert_str_eq(mtlskit_certificate_key_usages(certificate), "keyCertSign,cRLSign");
    cr_assert_str_eq(mtlskit_certificate_key_algorithm(certificate), "ec-p256");
    cr_assert_not(mtlskit_certificate_is_fixture(certificate));
    cr_assert_str_eq(mtlskit_authority_chain_pem(root), mtlskit_authority_certificate_pem(root));
    cr_assert_not_null(strstr(mtlskit_authority_key_pem(root), "BEGIN PRIVATE KEY"));
    cr_assert_not_null(mtlskit_authority_pkey(root));
    cr_assert_not_null(mtlskit_authority_certificate_der(root, &length));
    cr_assert(length > 100);
    mtlskit_certificate_free(certificate);
    mtlskit_authority_free(root);
}

Test(library_authority, three_levels_and_a_chain_that_verifies)
{
    struct mtlskit_authority *root = made("root", "CN=Root", NULL);
    struct mtlskit_authority *middle = told("middle", "CN=Middle");
    struct mtlskit_authority *low;
    struct mtlskit_identity *leaf = server("dns:www.example.com");
    struct mtlskit_verification *check = mtlskit_verification_new(context);
    const char *at;
    int blocks = 0;

    cr_assert_eq(mtlskit_authority_set_path_length(middle, 1), 0);
    cr_assert_eq(mtlskit_authority_make(middle, root), 0, "%s", mtlskit_authority_error(middle));
    low = made("low", "CN=Low", middle);
    cr_assert_eq(mtlskit_identity_issue(leaf, low), 0, "%s", mtlskit_identity_error(leaf));
    for (at = mtlskit_identity_chain_pem(leaf); (at = strstr(at, "-----BEGIN")) != NULL; at++) {
        blocks++;
    }
    cr_assert_eq(blocks, 3, "the leaf and two intermediates, not the root");
    for (at = mtlskit_authority_chain_pem(low), blocks = 0; (at = strstr(at, "-----BEGIN")) != NULL; at++) {
        blocks++;
    }
    cr_assert_eq(blocks, 3, "two intermediates and the root");
    /* the authorities may go: what was issued keeps its chain */
    cr_assert_eq(mtlskit_verification_add_authority(check, root), 0);
    mtlskit_authority_free(low);
    mtlskit_authority_free(middle);
    mtlskit_authority_free(root);
    at = mtlskit_identity_chain_pem(leaf);
    cr_assert_eq(mtlskit_verification_set_chain(check, at, strlen(at)), 0);
    cr_assert_eq(mtlskit_verification_set_purpose(check, "server"), 0);
    cr_assert_eq(mtlskit_verification_run(check), 0, "%s", mtlskit_verification_error(check));
    mtlskit_verification_free(check);
    mtlskit_identity_free(leaf);
}

Test(library_authority, path_lengths_hold_for_all_above)
{
    struct mtlskit_authority *root = told("root", "CN=Root");
    struct mtlskit_authority *middle = told("middle", "CN=Middle");
    struct mtlskit_authority *low = told("low", "CN=Low");

    cr_assert_eq(mtlskit_authority_set_path_length(root, 1), 0);
    cr_assert_eq(mtlskit_authority_make(root, NULL), 0);
    cr_assert_eq(mtlskit_authority_set_path_length(middle, 5), 0);
    cr_assert_eq(mtlskit_authority_make(middle, root), 0);
    cr_assert_eq(mtlskit_authority_make(low, middle), -1);
    cr_assert_not_null(strstr(mtlskit_authority_error(low), "an authority above it allows 1 further"), "%s",
                       mtlskit_authority_error(low));
    cr_assert_null(mtlskit_authority_certificate_pem(low));
    /* the message is the caller's object's alone */
    cr_assert_str_eq(mtlskit_authority_error(middle), "");
    /* and what failed can be made under another */
    cr_assert_eq(mtlskit_authority_make(low, root), 0, "%s", mtlskit_authority_error(low));
    cr_assert_str_eq(mtlskit_authority_error(low), "");
    mtlskit_authority_free(low);
    mtlskit_authority_free(middle);
    mtlskit_authority_free(root);
}

Test(library_authority, name_constraints_are_held)
{
    struct mtlskit_authority *root = told("root", "CN=Root");
    struct mtlskit_authority *under;
    struct mtlskit_identity *inside = server("dns:a.example.com");
    struct mtlskit_identity *outside = server("dns:a.example.org");
    struct mtlskit_identity *excluded = server("dns:b.secret.example.com");

    cr_assert_eq(mtlskit_authority_permit_name(root, "dns:example.com"), 0);
    cr_assert_eq(mtlskit_authority_exclude_name(root, "dns:secret.example.com"), 0);
    cr_assert_eq(mtlskit_authority_permit_name(root, "dns:*.com"), -1);
    cr_assert_not_null(strstr(mtlskit_authority_error(root), "name constraint: \"dns:*.com\""), "%s",
                       mtlskit_authority_error(root));
    cr_assert_eq(mtlskit_authority_make(root, NULL), 0, "%s", mtlskit_authority_error(root));
    under = made("under", "CN=Under", root);
    cr_assert_eq(mtlskit_identity_issue(inside, under), 0, "%s", mtlskit_identity_error(inside));
    cr_assert_eq(mtlskit_identity_issue(outside, under), -1);
    cr_assert_not_null(strstr(mtlskit_identity_error(outside), "a.example.org"), "%s",
                       mtlskit_identity_error(outside));
    cr_assert_eq(mtlskit_identity_issue(excluded, under), -1);
    cr_assert_not_null(strstr(mtlskit_identity_error(excluded), "excluded"), "%s",
                       mtlskit_identity_error(excluded));
    mtlskit_identity_free(inside);
    mtlskit_identity_free(outside);
    mtlskit_identity_free(excluded);
    mtlskit_authority_free(under);
    mtlskit_authority_free(root);
}

Test(library_authority, read_goes_on_where_another_process_stopped)
{
    struct mtlskit_authority *root = made("root", "CN=Root", NULL);
    struct mtlskit_authority *under = made("under", "CN=Under", root);
    struct mtlskit_authority *again = mtlskit_authority_new(context, "again");
    struct mtlskit_authority *wrong = mtlskit_authority_new(context, "wrong");
    struct mtlskit_identity *leaf = server("ip:192.0.2.1");
    const char *chain = mtlskit_authority_chain_pem(under);
    const char *key = mtlskit_authority_key_pem(under);

    cr_assert_eq(mtlskit_authority_read(again, chain, strlen(chain), key, strlen(key), NULL), 0, "%s",
                 mtlskit_authority_error(again));
    cr_assert_str_eq(mtlskit_authority_chain_pem(again), chain);
    cr_assert_str_eq(mtlskit_authority_key_pem(again), key);
    cr_assert_eq(mtlskit_identity_issue(leaf, again), 0, "%s", mtlskit_identity_error(leaf));
    key = mtlskit_authority_key_pem(root);
    cr_assert_eq(mtlskit_authority_read(wrong, chain, strlen(chain), key, strlen(key), NULL), -1);
    cr_assert_not_null(
        strstr(mtlskit_authority_error(wrong), "the issuer's key is not the key of its certificate"), "%s",
        mtlskit_authority_error(wrong));
    chain = mtlskit_identity_chain_pem(leaf);
    key = mtlskit_identity_key_pem(leaf);
    cr_assert_eq(mtlskit_authority_read(wrong, chain, strlen(chain), key, strlen(key), NULL), -1);
    cr_assert_not_null(strstr(mtlskit_authority_error(wrong), "is no CA"), "%s",
                       mtlskit_authority_error(wrong));
    mtlskit_identity_free(leaf);
    mtlskit_authority_free(wrong);
    mtlskit_authority_free(again);
    mtlskit_authority_free(under);
    mtlskit_authority_free(root);
}

Test(library_authority, does_not_change_any_more)
{
    struct mtlskit_authority *root = made("root", "CN=Root", NULL);
    char *before = strdup(mtlskit_authority_certificate_pem(root));

    cr_assert_eq(mtlskit_authority_set_subject(root, "CN=Other"), -1);
    cr_assert_not_null(strstr(mtlskit_authority_error(root), "does not change any more"));
    cr_assert_eq(mtlskit_authority_make(root, NULL), -1);
    cr_assert_eq(mtlskit_authority_read(root, before, strlen(before), "", 0, NULL), -1);
    cr_assert_str_eq(mtlskit_authority_certificate_pem(root), before);
    free(before);
    mtlskit_authority_free(root);
}

Test(library_authority, what_is_told_wrongly_is_said)
{
    static const struct {
        int (*tell)(struct mtlskit_authority *authority, const char *text);
        const char *text, *message;
    } rows[] = {
        {mtlskit_authority_set_subject, "Example", "subject: \"Example\" "},
        {mtlskit_authority_set_subject, NULL, "the subject is missing"},
        {mtlskit_authority_set_profile_name, "root",
         "profile: \"root\" is none of the built-in profiles (client, "},
        {mtlskit_authority_set_key_algorithm, "rsa-1", "key: \"rsa-1\" is not a key algorithm (rsa-2048, "},
        {mtlskit_authority_set_validity, "10 years", "validity: \"10 years\" "},
        {mtlskit_authority_set_validity, "0d", "validity: \"0d\" "},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mtlskit_authority *authority = mtlskit_authority_new(context, "ca");

        cr_assert_eq(rows[i].tell(authority, rows[i].text), -1, "row %zu", i);
        cr_assert(strncmp(mtlskit_authority_error(authority), rows[i].message, strlen(rows[i].message)) == 0,
                  "%s", mtlskit_authority_error(authority));
        mtlskit_authority_free(authority);
    }
}

Test(library_authority, a_long_text_leaves_room_for_why)
{
    struct mtlskit_authority *authority = mtlskit_authority_new(context, "ca");
    char text[5000] = "";

    for (size_t i = 0; i + 2 < sizeof(text); i += 2) {
        memcpy(text + i, "\xc3\xbc", 3);
    }
    cr_assert_eq(mtlskit_authority_set_key_algorithm(authority, text), -1);
    text[60] = '\0';
    cr_assert_not_null(strstr(mtlskit_authority_error(authority), text));
    cr_assert_not_null(strstr(mtlskit_authority_error(authority), "...\" is not a key algorithm ("), "%s",
                       mtlskit_authority_error(authority));
    /* and no half of a character */
    memset(text, 'a', sizeof(text) - 1);
    memcpy(text + 59, "\xc3\xbc", 2);
    cr_assert_eq(mtlskit_authority_set_key_algorithm(authority, text), -1);
    cr_assert_not_null(strstr(mtlskit_authority_error(authority), "aaa...\" is not"), "%s",
                       mtlskit_authority_error(authority));
    mtlskit_authority_free(authority);
}

Test(library_authority, what_is_missing_is_said)
{
    struct mtlskit_authority *authority = mtlskit_authority_new(context, "ca");
    struct mtlskit_authority *empty = mtlskit_authority_new(context, "empty");
    struct mtlskit_identity *leaf = server("dns:localhost");

    cr_assert_eq(mtlskit_authority_make(authority, NULL), -1);
    cr_assert_str_eq(mtlskit_authority_error(authority),
                     "ca: the subject needs CN: profile \"root-ca\" requires it");
    cr_assert_eq(mtlskit_authority_set_profile_name(authority, "server"), 0);
    cr_assert_eq(mtlskit_authority_make(authority, NULL), -1);
    cr_assert_not_null(strstr(mtlskit_authority_error(authority), "profile \"server\" makes no authorities"));
    cr_assert_eq(mtlskit_identity_issue(leaf, empty), -1);
    cr_assert_str_eq(mtlskit_identity_error(leaf), "empty: the authority is neither made nor read yet");
    cr_assert_eq(mtlskit_identity_issue(leaf, NULL), -1);
    mtlskit_identity_free(leaf);
    mtlskit_authority_free(empty);
    mtlskit_authority_free(authority);
}

Test(library_authority, validity)
{
    struct mtlskit_authority *root = told("root", "CN=Root");
    struct mtlskit_authority *under = told("under", "CN=Under");
    struct mtlskit_authority *past = told("past", "CN=Past");
    struct mtlskit_certificate *certificate;

    cr_assert_eq(mtlskit_context_set_time(context, INT64_C(1800000000)), 0);
    cr_assert_eq(mtlskit_authority_set_validity(root, "1d"), 0);
    cr_assert_eq(mtlskit_authority_make(root, NULL), 0);
    certificate = read_back(root);
    cr_assert_eq(mtlskit_certificate_not_before(certificate), INT64_C(1800000000) - 300);
    cr_assert_eq(mtlskit_certificate_not_after(certificate), INT64_C(1800000000) + 86400);
    mtlskit_certificate_free(certificate);
    /* five years by its profile: it ends with its issuer */
    cr_assert_eq(mtlskit_authority_make(under, root), 0);
    certificate = read_back(under);
    cr_assert_eq(mtlskit_certificate_not_after(certificate), INT64_C(1800000000) + 86400);
    mtlskit_certificate_free(certificate);
    cr_assert_eq(mtlskit_authority_set_dates(past, 1800000000, 1900000000), 0);
    cr_assert_eq(mtlskit_authority_make(past, root), -1);
    cr_assert_str_eq(mtlskit_authority_error(past),
                     "past: the certificate ends after its issuer's certificate does");
    mtlskit_authority_free(past);
    mtlskit_authority_free(under);
    mtlskit_authority_free(root);
}

Test(library_authority, every_algorithm_of_a_key)
{
    static const char *const algorithms[] = {"rsa-2048", "ec-p384", "ec-p521", "ed25519", "ed448"};

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        struct mtlskit_authority *root = told("root", "CN=Root");
        struct mtlskit_certificate *certificate;

        cr_assert_eq(mtlskit_authority_set_key_algorithm(root, algorithms[i]), 0);
        cr_assert_eq(mtlskit_authority_make(root, NULL), 0, "%s", mtlskit_authority_error(root));
        certificate = read_back(root);
        cr_assert_str_eq(mtlskit_certificate_key_algorithm(certificate), algorithms[i]);
        mtlskit_certificate_free(certificate);
        mtlskit_authority_free(root);
    }
}

Test(library_authority, in_a_library_context_of_ones_own)
{
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();
    struct mtlskit_context *own = mtlskit_context_new(libctx);
    struct mtlskit_authority *root = mtlskit_authority_new(own, "root");

    cr_assert_eq(mtlskit_authority_set_subject(root, "CN=Root"), 0);
    cr_assert_eq(mtlskit_authority_make(root, NULL), 0, "%s", mtlskit_authority_error(root));
    mtlskit_authority_free(root);
    mtlskit_context_free(own);
    OSSL_LIB_CTX_free(libctx);
}

Test(library_authority, leaves_openssls_errors_alone)
{
    struct mtlskit_authority *root = told("root", "CN=Root");

    static const char broken[] = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    struct mtlskit_identity *leaf = server("dns:localhost");

    ERR_raise(ERR_LIB_USER, 1);
    cr_assert_eq(mtlskit_authority_make(root, NULL), 0);
    cr_assert_eq(ERR_GET_LIB(ERR_peek_last_error()), ERR_LIB_USER);
    cr_assert_eq(mtlskit_identity_set_key(leaf, broken, sizeof(broken) - 1, NULL), -1);
    cr_assert(ERR_peek_last_error() == 0 || ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_USER);
    ERR_clear_error();
    mtlskit_identity_free(leaf);
    mtlskit_authority_free(root);
}

Test(library_authority, nothing_is_taken_for_an_object)
{
    size_t length = 1;

    cr_assert_null(mtlskit_authority_new(NULL, "ca"));
    cr_assert_null(mtlskit_authority_new(context, NULL));
    cr_assert_null(mtlskit_identity_new(context, NULL));
    cr_assert_eq(mtlskit_authority_set_subject(NULL, "CN=Root"), -1);
    cr_assert_eq(mtlskit_authority_make(NULL, NULL), -1);
    cr_assert_str_eq(mtlskit_authority_error(NULL), "memory is out");
    cr_assert_null(mtlskit_authority_key_pem(NULL));
    cr_assert_null(mtlskit_authority_certificate_der(NULL, &length));
    cr_assert_eq(length, 0);
    mtlskit_authority_free(NULL);
    mtlskit_context_free(NULL);
}

Test(library_authority, version)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%d.%d.%d", MTLSKIT_VERSION_MAJOR, MTLSKIT_VERSION_MINOR,
                   MTLSKIT_VERSION_PATCH);
    cr_assert_str_eq(mtlskit_version_text(), text);
    cr_assert_str_eq(text, MTLSKIT_VERSION, "the header's version is the project's");
}
