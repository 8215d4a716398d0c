/* SPDX-License-Identifier: Apache-2.0 */
/* What the library answers and hands out: verification, certificates read, bundles, revocation lists, lint. */
#include <criterion/criterion.h>
#include <string.h>

#include <openssl/pkcs12.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <mtlskit/authority.h>
#include <mtlskit/bundle.h>
#include <mtlskit/certificate.h>
#include <mtlskit/context.h>
#include <mtlskit/crl.h>
#include <mtlskit/identity.h>
#include <mtlskit/lint.h>
#include <mtlskit/profile.h>
#include <mtlskit/verification.h>

static struct mtlskit_context *context;
static struct mtlskit_authority *root;
static struct mtlskit_identity *server, *client;

static struct mtlskit_identity *issued(const char *profile, const char *subject, const char *name)
{
    struct mtlskit_identity *identity = mtlskit_identity_new(context, profile);

    cr_assert_eq(mtlskit_identity_set_profile_name(identity, profile), 0);
    cr_assert(subject == NULL || mtlskit_identity_set_subject(identity, subject) == 0);
    cr_assert(name == NULL || mtlskit_identity_add_name(identity, name) == 0);
    cr_assert_eq(mtlskit_identity_issue(identity, root), 0, "%s", mtlskit_identity_error(identity));
    return identity;
}

static void begin(void)
{
    context = mtlskit_context_new(NULL);
    root = mtlskit_authority_new(context, "root");
    cr_assert_eq(mtlskit_authority_set_subject(root, "CN=Root"), 0);
    cr_assert_eq(mtlskit_authority_make(root, NULL), 0, "%s", mtlskit_authority_error(root));
    server = issued("server", "CN=server", "dns:localhost");
    client = issued("client", "CN=client", NULL);
}

static void end(void)
{
    mtlskit_identity_free(client);
    mtlskit_identity_free(server);
    mtlskit_authority_free(root);
    mtlskit_context_free(context);
}

TestSuite(library_answers, .init = begin, .fini = end);

/* ---- verification ------------------------------------------------------------------------------------------------- */

static struct mtlskit_verification *asked(const struct mtlskit_identity *identity, const char *purpose)
{
    struct mtlskit_verification *check = mtlskit_verification_new(context);

    cr_assert_eq(mtlskit_verification_set_identity(check, identity), 0);
    cr_assert_eq(mtlskit_verification_add_authority(check, root), 0);
    cr_assert_eq(mtlskit_verification_set_purpose(check, purpose), 0);
    return check;
}

Test(library_answers, verification_says_yes)
{
    struct mtlskit_verification *check = asked(server, "server");

    cr_assert_eq(mtlskit_verification_set_host(check, "localhost"), 0);
    cr_assert_eq(mtlskit_verification_run(check), 0, "%s", mtlskit_verification_error(check));
    cr_assert_str_eq(mtlskit_verification_error(check), "");
    for (size_t i = 0; i < mtlskit_verification_count(check); i++) {
        cr_assert_str_neq(mtlskit_verification_verdict(check, i), "fail");
        cr_assert_not_null(mtlskit_verification_title(check, i));
    }
    cr_assert(mtlskit_verification_count(check) > 8);
    cr_assert_null(mtlskit_verification_id(check, mtlskit_verification_count(check)));
    cr_assert_str_eq(mtlskit_verification_verdict_of(check, "chain"), "pass");
    cr_assert_null(mtlskit_verification_verdict_of(check, "weather"));
    mtlskit_verification_free(check);
}

Test(library_answers, verification_says_no_and_why)
{
    static const struct {
        const char *purpose, *host;
        int64_t after; /* the certificate's end */
        const char *check;
    } rows[] = {
        {"client", NULL, -1000, "purpose"},
        {"server", "127.0.0.1", -1000, "host"},
        {"any", NULL, 1, "dates"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mtlskit_verification *check = asked(server, rows[i].purpose);

        cr_assert_eq(mtlskit_verification_set_host(check, rows[i].host), 0);
        cr_assert_eq(mtlskit_verification_set_time(check, mtlskit_identity_not_after(server) + rows[i].after),
                     0);
        cr_assert_eq(mtlskit_verification_run(check), 1, "row %zu", i);
        cr_assert_str_eq(mtlskit_verification_verdict_of(check, rows[i].check), "fail");
        cr_assert_not_null(strstr(mtlskit_verification_error(check), rows[i].check), "%s",
                           mtlskit_verification_error(check));
        mtlskit_verification_free(check);
    }
}

Test(library_answers, verification_by_somebody_else)
{
    struct mtlskit_authority *other = mtlskit_authority_new(context, "other");
    struct mtlskit_verification *check = mtlskit_verification_new(context);

    cr_assert_eq(mtlskit_authority_set_subject(other, "CN=Root"), 0);
    cr_assert_eq(mtlskit_authority_make(other, NULL), 0);
    cr_assert_eq(mtlskit_verification_set_identity(check, server), 0);
    cr_assert_eq(mtlskit_verification_run(check), -1, "nobody is trusted");
    cr_assert_str_eq(mtlskit_verification_error(check), "what is trusted is missing");
    cr_assert_eq(mtlskit_verification_add_authority(check, other), 0);
    cr_assert_eq(mtlskit_verification_run(check), 1);
    cr_assert_str_eq(mtlskit_verification_verdict_of(check, "chain"), "fail");
    mtlskit_verification_free(check);
    mtlskit_authority_free(other);
}

Test(library_answers, verification_that_cannot_be_asked)
{
    struct mtlskit_verification *check = mtlskit_verification_new(context);
    struct mtlskit_identity *nobody = mtlskit_identity_new(context, "nobody");

    cr_assert_eq(mtlskit_verification_run(check), -1);
    cr_assert_eq(mtlskit_verification_set_identity(check, nobody), -1);
    cr_assert_eq(mtlskit_verification_set_chain(check, "nonsense", 8), -1);
    cr_assert_neq(*mtlskit_verification_error(check), '\0');
    cr_assert_eq(mtlskit_verification_set_purpose(check, "sever"), -1);
    cr_assert_str_eq(mtlskit_verification_error(check),
                     "purpose: \"sever\" is none (server, client, or any)");
    cr_assert_eq(mtlskit_verification_set_host(check, "no host"), -1);
    mtlskit_identity_free(nobody);
    mtlskit_verification_free(check);
}

/* ---- certificates -------------------------------------------------------------------------------------------------- */

static void hex_of(const unsigned char *octets, size_t length, char *text)
{
    for (size_t i = 0; i < length; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", octets[i]);
    }
}

Test(library_answers, fingerprint_and_pin)
{
    struct mtlskit_certificate *certificate = mtlskit_certificate_new(context);
    size_t length = 0;
    const unsigned char *der = mtlskit_identity_certificate_der(server, &length);
    unsigned char hash[32], *spki = NULL;
    unsigned char base64[64] = "";
    char hex[65] = "";
    int spki_length = i2d_PUBKEY(mtlskit_identity_pkey(server), &spki);

    cr_assert_eq(mtlskit_certificate_read(certificate, der, length), 0);
    cr_assert_eq(EVP_Q_digest(NULL, "SHA256", NULL, der, length, hash, NULL), 1);
    hex_of(hash, sizeof(hash), hex);
    cr_assert_str_eq(mtlskit_certificate_fingerprint(certificate), hex);
    cr_assert_eq(EVP_Q_digest(NULL, "SHA256", NULL, spki, (size_t)spki_length, hash, NULL), 1);
    (void)EVP_EncodeBlock(base64, hash, sizeof(hash));
    cr_assert_str_eq(mtlskit_certificate_pin(certificate), (const char *)base64);
    cr_assert_str_eq(mtlskit_certificate_pem(certificate), mtlskit_identity_certificate_pem(server));
    OPENSSL_free(spki);
    mtlskit_certificate_free(certificate);
}

Test(library_answers, what_is_no_certificate)
{
    struct mtlskit_certificate *certificate = mtlskit_certificate_new(context);
    const char *key = mtlskit_identity_key_pem(server);

    cr_assert_null(mtlskit_certificate_subject(certificate));
    cr_assert_eq(mtlskit_certificate_read(certificate, key, strlen(key)), -1);
    cr_assert_neq(*mtlskit_certificate_error(certificate), '\0');
    cr_assert_eq(mtlskit_certificate_read(certificate, NULL, 0), -1);
    cr_assert_eq(mtlskit_certificate_read(certificate, "", 0), -1);
    cr_assert_null(mtlskit_certificate_pin(certificate));
    mtlskit_certificate_free(certificate);
}

/* ---- bundles ------------------------------------------------------------------------------------------------------- */

Test(library_answers, bundle_opens)
{
    static const char *const targets[] = {"modern", "java", "ios-legacy"};

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct mtlskit_bundle *bundle = mtlskit_bundle_new(context);
        const unsigned char *p12;
        size_t length;
        PKCS12 *opened;

        cr_assert_eq(mtlskit_bundle_set_target(bundle, targets[i]), 0);
        cr_assert_eq(mtlskit_bundle_set_passphrase(bundle, "correct horse"), 0);
        cr_assert_eq(mtlskit_bundle_set_friendly_name(bundle, "the client"), 0);
        cr_assert_eq(mtlskit_bundle_write(bundle, client), 0, "%s", mtlskit_bundle_error(bundle));
        p12 = mtlskit_bundle_p12(bundle, &length);
        opened = d2i_PKCS12(NULL, &p12, (long)length);
        cr_assert_eq(PKCS12_verify_mac(opened, "correct horse", -1), 1);
        cr_assert_eq(PKCS12_verify_mac(opened, "wrong", -1), 0);
        PKCS12_free(opened);
        mtlskit_bundle_free(bundle);
    }
}

Test(library_answers, bundle_of_anchors)
{
    struct mtlskit_bundle *bundle = mtlskit_bundle_new(context);
    const char *pem = mtlskit_authority_certificate_pem(root);

    cr_assert_eq(mtlskit_bundle_set_passphrase(bundle, "changeit"), 0);
    cr_assert_eq(mtlskit_bundle_write_anchors(bundle, pem, strlen(pem)), -1);
    cr_assert_eq(mtlskit_bundle_set_target(bundle, "java-truststore"), 0);
    cr_assert_eq(mtlskit_bundle_write_anchors(bundle, pem, strlen(pem)), 0, "%s",
                 mtlskit_bundle_error(bundle));
    cr_assert_not_null(mtlskit_bundle_p12(bundle, NULL));
    cr_assert_eq(mtlskit_bundle_write(bundle, client), -1);
    cr_assert_str_eq(mtlskit_bundle_error(bundle), "bundle: target \"java-truststore\" holds no key");
    cr_assert_null(mtlskit_bundle_p12(bundle, NULL));
    mtlskit_bundle_free(bundle);
}

Test(library_answers, bundles_that_are_refused)
{
    struct mtlskit_bundle *bundle = mtlskit_bundle_new(context);

    cr_assert_eq(mtlskit_bundle_set_target(bundle, "windows"), -1);
    cr_assert_not_null(strstr(mtlskit_bundle_error(bundle), "ios-legacy, android-legacy, modern"));
    cr_assert_eq(mtlskit_bundle_write(bundle, client), -1, "no passphrase");
    cr_assert_neq(*mtlskit_bundle_error(bundle), '\0');
    cr_assert_eq(mtlskit_bundle_set_passphrase(bundle, NULL), -1);
    cr_assert_eq(mtlskit_bundle_write(bundle, NULL), -1);
    mtlskit_bundle_free(bundle);
}

/* ---- revocation ----------------------------------------------------------------------------------------------------- */

Test(library_answers, crl)
{
    struct mtlskit_crl *crl = mtlskit_crl_new(context);
    struct mtlskit_crl *read = mtlskit_crl_new(context);
    const unsigned char *der;
    X509_CRL *parsed;
    size_t length;

    cr_assert_eq(mtlskit_crl_sign(crl, root), 0, "an empty list is one, too: %s", mtlskit_crl_error(crl));
    cr_assert_eq(mtlskit_crl_count(crl), 0);
    cr_assert_eq(mtlskit_crl_revoke(crl, mtlskit_identity_serial(client), "keyCompromise"), 0);
    cr_assert_eq(mtlskit_crl_revoke_at(crl, "1234", NULL, 1700000000), 0);
    cr_assert_eq(mtlskit_crl_set_number(crl, 2), 0);
    cr_assert_eq(mtlskit_crl_set_validity(crl, "1d"), 0);
    cr_assert_eq(mtlskit_crl_sign(crl, root), 0, "%s", mtlskit_crl_error(crl));
    cr_assert_eq(mtlskit_crl_next_update(crl) - mtlskit_crl_this_update(crl), 86400);
    der = mtlskit_crl_der(crl, &length);
    cr_assert_eq(mtlskit_crl_read(read, der, length), 0, "%s", mtlskit_crl_error(read));
    cr_assert_eq(mtlskit_crl_count(read), 2);
    cr_assert_str_eq(mtlskit_crl_reason(read, mtlskit_identity_serial(client)), "keyCompromise");
    cr_assert_str_eq(mtlskit_crl_reason(read, "1234"), "unspecified");
    cr_assert_null(mtlskit_crl_reason(read, mtlskit_identity_serial(server)));
    cr_assert_eq(mtlskit_crl_check(read, root), 0, "%s", mtlskit_crl_error(read));
    cr_assert_eq(mtlskit_crl_read(read, mtlskit_crl_pem(crl), strlen(mtlskit_crl_pem(crl))), 0);
    parsed = d2i_X509_CRL(NULL, &der, (long)length);
    cr_assert_eq(X509_CRL_verify(parsed, mtlskit_authority_pkey(root)), 1);
    X509_CRL_free(parsed);
    mtlskit_crl_free(read);
    mtlskit_crl_free(crl);
}

Test(library_answers, crl_of_somebody_else)
{
    struct mtlskit_authority *other = mtlskit_authority_new(context, "other");
    struct mtlskit_crl *crl = mtlskit_crl_new(context);

    cr_assert_eq(mtlskit_authority_set_subject(other, "CN=Root"), 0);
    cr_assert_eq(mtlskit_authority_make(other, NULL), 0);
    cr_assert_eq(mtlskit_crl_sign(crl, root), 0);
    cr_assert_eq(mtlskit_crl_check(crl, other), 1);
    cr_assert_str_eq(mtlskit_crl_error(crl), "CRL: its signature is wrong");
    mtlskit_crl_free(crl);
    mtlskit_authority_free(other);
}

Test(library_answers, crls_that_are_refused)
{
    struct mtlskit_crl *crl = mtlskit_crl_new(context);

    cr_assert_eq(mtlskit_crl_revoke(crl, "12", "because"), -1);
    cr_assert_not_null(
        strstr(mtlskit_crl_error(crl), "reason: \"because\" is none (unspecified, keyCompromise"));
    cr_assert_eq(mtlskit_crl_revoke(crl, "no", NULL), -1);
    cr_assert_eq(mtlskit_crl_revoke(crl, "", NULL), -1);
    cr_assert_eq(mtlskit_crl_revoke(crl, "112233445566778899aabbccddeeff00112233445566", NULL), -1);
    cr_assert_eq(mtlskit_crl_revoke(crl, "12", NULL), 0);
    cr_assert_eq(mtlskit_crl_revoke(crl, "0012", NULL), -1);
    cr_assert_not_null(strstr(mtlskit_crl_error(crl), "is entered already"));
    cr_assert_eq(mtlskit_crl_set_dates(crl, 100, 100), -1);
    cr_assert_eq(mtlskit_crl_sign(crl, NULL), -1);
    cr_assert_eq(mtlskit_crl_read(crl, "nonsense", 8), -1);
    cr_assert_eq(mtlskit_crl_revoke(crl, "13", NULL), -1, "a list that is read is not entered into");
    cr_assert_null(mtlskit_crl_pem(crl));
    mtlskit_crl_free(crl);
}

/* ---- lint ---------------------------------------------------------------------------------------------------------- */

Test(library_answers, lint)
{
    struct mtlskit_lint *lint = mtlskit_lint_new(context);
    struct mtlskit_identity *old = mtlskit_identity_new(context, "old");
    const char *pem = mtlskit_identity_chain_pem(server);
    size_t found = 0;

    cr_assert_eq(mtlskit_lint_run(lint, pem, strlen(pem)), 0);
    for (size_t i = 0; i < mtlskit_lint_count(lint); i++) {
        cr_assert_str_neq(mtlskit_lint_severity(lint, i), "error", "%s", mtlskit_lint_id(lint, i));
    }
    cr_assert_eq(mtlskit_identity_set_profile_name(old, "server"), 0);
    cr_assert_eq(mtlskit_identity_add_name(old, "dns:localhost"), 0);
    cr_assert_eq(mtlskit_identity_set_validity(old, "1000d"), 0);
    cr_assert_eq(mtlskit_identity_issue(old, root), 0);
    pem = mtlskit_identity_chain_pem(old);
    cr_assert_eq(mtlskit_lint_run(lint, pem, strlen(pem)), 0);
    for (size_t i = 0; i < mtlskit_lint_count(lint); i++) {
        if (strcmp(mtlskit_lint_id(lint, i), "apple-validity-825") == 0) {
            found++;
            cr_assert_str_eq(mtlskit_lint_severity(lint, i), "error");
            cr_assert_not_null(strstr(mtlskit_lint_detail(lint, i), "1000 days"), "%s",
                               mtlskit_lint_detail(lint, i));
        }
    }
    cr_assert_eq(found, 1);
    cr_assert_eq(mtlskit_lint_run(lint, "nonsense", 8), -1);
    cr_assert_eq(mtlskit_lint_count(lint), 0);
    mtlskit_identity_free(old);
    mtlskit_lint_free(lint);
}
