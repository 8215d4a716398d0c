/* SPDX-License-Identifier: Apache-2.0 */
/* Identities, profiles and requests of the library: what is issued, by what rules, and what OpenSSL says to it. */
#include <criterion/criterion.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <mtlskit/authority.h>
#include <mtlskit/certificate.h>
#include <mtlskit/context.h>
#include <mtlskit/identity.h>
#include <mtlskit/profile.h>
#include <mtlskit/request.h>
#include <mtlskit/verification.h>

static struct mtlskit_context *context;
static struct mtlskit_authority *root, *under;

static void begin(void)
{
    context = mtlskit_context_new(NULL);
    root = mtlskit_authority_new(context, "root");
    under = mtlskit_authority_new(context, "under");
    cr_assert_eq(mtlskit_authority_set_subject(root, "CN=Root"), 0);
    cr_assert_eq(mtlskit_authority_set_subject(under, "CN=Under"), 0);
    cr_assert_eq(mtlskit_authority_make(root, NULL), 0, "%s", mtlskit_authority_error(root));
    cr_assert_eq(mtlskit_authority_make(under, root), 0, "%s", mtlskit_authority_error(under));
}

static void end(void)
{
    mtlskit_authority_free(under);
    mtlskit_authority_free(root);
    mtlskit_context_free(context);
}

TestSuite(library_identity, .init = begin, .fini = end);

static struct mtlskit_identity *told(const char *profile, const char *subject, const char *name)
{
    struct mtlskit_identity *identity = mtlskit_identity_new(context, "leaf");

    cr_assert_eq(mtlskit_identity_set_profile_name(identity, profile), 0, "%s",
                 mtlskit_identity_error(identity));
    cr_assert(subject == NULL || mtlskit_identity_set_subject(identity, subject) == 0);
    cr_assert(name == NULL || mtlskit_identity_add_name(identity, name) == 0);
    return identity;
}

static struct mtlskit_certificate *read_back(const struct mtlskit_identity *identity)
{
    struct mtlskit_certificate *certificate = mtlskit_certificate_new(context);
    const char *pem = mtlskit_identity_certificate_pem(identity);

    cr_assert_eq(mtlskit_certificate_read(certificate, pem, strlen(pem)), 0, "%s",
                 mtlskit_certificate_error(certificate));
    return certificate;
}

/* Whether OpenSSL, left to itself, accepts the chain for a host. */
static int openssl_accepts(const struct mtlskit_identity *identity, const char *host, int purpose)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *verification = X509_STORE_CTX_new();
    X509 *leaf = mtlskit_identity_x509(identity, 0);
    X509 *middle = mtlskit_identity_x509(identity, 1);
    const unsigned char *der;
    size_t length;
    X509 *anchor;
    STACK_OF(X509) *chain = sk_X509_new_null();
    int status;

    der = mtlskit_authority_certificate_der(root, &length);
    anchor = d2i_X509(NULL, &der, (long)length);
    cr_assert(leaf != NULL && middle != NULL && anchor != NULL);
    cr_assert_null(mtlskit_identity_x509(identity, 2), "the root is in no chain");
    cr_assert(sk_X509_push(chain, middle) > 0);
    cr_assert_eq(X509_STORE_add_cert(store, anchor), 1);
    cr_assert_eq(X509_STORE_CTX_init(verification, store, leaf, chain), 1);
    cr_assert_eq(X509_STORE_CTX_set_purpose(verification, purpose), 1);
    if (host != NULL) {
        cr_assert_eq(X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(verification), host, 0), 1);
    }
    status = X509_verify_cert(verification);
    X509_STORE_CTX_free(verification);
    X509_STORE_free(store);
    sk_X509_pop_free(chain, X509_free);
    X509_free(anchor);
    X509_free(leaf);
    return status;
}

Test(library_identity, server)
{
    struct mtlskit_identity *server = told("server", NULL, "dns:localhost");
    struct mtlskit_certificate *certificate;
    X509 *x509;

    cr_assert_eq(mtlskit_identity_add_name(server, "ip:127.0.0.1"), 0);
    cr_assert_eq(mtlskit_identity_add_name(server, "ip:::1"), 0);
    cr_assert_eq(mtlskit_identity_issue(server, under), 0, "%s", mtlskit_identity_error(server));
    certificate = read_back(server);
    cr_assert_str_eq(mtlskit_certificate_subject(certificate), "");
    cr_assert_str_eq(mtlskit_certificate_issuer(certificate), "CN=Under");
    cr_assert_eq(mtlskit_certificate_name_count(certificate), 3);
    cr_assert_str_eq(mtlskit_certificate_name(certificate, 0), "dns:localhost");
    cr_assert_str_eq(mtlskit_certificate_name(certificate, 2), "ip:::1");
    cr_assert_null(mtlskit_certificate_name(certificate, 3));
    cr_assert_str_eq(mtlskit_certificate_key_usages(certificate), "digitalSignature");
    cr_assert_str_eq(mtlskit_certificate_extended_key_usages(certificate), "serverAuth");
    cr_assert_str_eq(mtlskit_certificate_serial(certificate), mtlskit_identity_serial(server));
    cr_assert_eq(mtlskit_certificate_not_after(certificate), mtlskit_identity_not_after(server));
    cr_assert_eq(mtlskit_identity_not_after(server) - mtlskit_identity_not_before(server), 397 * 86400 + 300);
    cr_assert_not(mtlskit_certificate_is_authority(certificate));
    x509 = mtlskit_identity_x509(server, 0);
    cr_assert_eq(X509_check_private_key(x509, mtlskit_identity_pkey(server)), 1);
    cr_assert_eq(openssl_accepts(server, "localhost", X509_PURPOSE_SSL_SERVER), 1);
    cr_assert_eq(openssl_accepts(server, "example.com", X509_PURPOSE_SSL_SERVER), 0);
    cr_assert_eq(openssl_accepts(server, NULL, X509_PURPOSE_SSL_CLIENT), 0);
    X509_free(x509);
    mtlskit_certificate_free(certificate);
    mtlskit_identity_free(server);
}

Test(library_identity, every_profile_by_name)
{
    static const struct {
        const char *profile, *subject, *name, *usages;
    } rows[] = {
        {"server", NULL, "dns:a.example", "serverAuth"},
        {"client", "CN=a", NULL, "clientAuth"},
        {"device", "CN=a", "email:a@example.com", "clientAuth"},
        {"peer", NULL, "ip:192.0.2.1", "serverAuth,clientAuth"},
        {"ocsp-responder", "CN=a", NULL, "OCSPSigning"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mtlskit_identity *identity = told(rows[i].profile, rows[i].subject, rows[i].name);
        struct mtlskit_certificate *certificate;

        cr_assert_eq(mtlskit_identity_issue(identity, under), 0, "%s", mtlskit_identity_error(identity));
        certificate = read_back(identity);
        cr_assert_str_eq(mtlskit_certificate_extended_key_usages(certificate), rows[i].usages);
        mtlskit_certificate_free(certificate);
        mtlskit_identity_free(identity);
    }
}

Test(library_identity, what_the_profile_does_not_allow)
{
    static const struct {
        const char *profile, *subject, *name, *message;
    } rows[] = {
        {"server", "CN=a", NULL,
         "leaf: it needs a name of kind dns or ip: profile \"server\" requires it (such as "
         "\"dns:example.com\")"},
        {"server", NULL, "email:a@example.com",
         "leaf: profile \"server\" does not allow names of kind email"},
        {"ocsp-responder", NULL, "dns:a.example",
         "leaf: the subject needs CN: profile \"ocsp-responder\" requires it"},
        {"client", NULL, NULL, "a certificate needs a subject or a subject alternative name"},
        {"root-ca", "CN=a", NULL,
         "leaf: profile \"root-ca\" makes authorities (see mtlskit_authority_make())"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mtlskit_identity *identity = told(rows[i].profile, rows[i].subject, rows[i].name);

        cr_assert_eq(mtlskit_identity_issue(identity, under), -1);
        cr_assert_str_eq(mtlskit_identity_error(identity), rows[i].message);
        cr_assert_null(mtlskit_identity_chain_pem(identity));
        cr_assert_null(mtlskit_identity_key_pem(identity));
        mtlskit_identity_free(identity);
    }
}

Test(library_identity, names_are_checked_when_they_are_told)
{
    struct mtlskit_identity *identity = told("server", NULL, "dns:localhost");

    cr_assert_eq(mtlskit_identity_add_name(identity, "ip:300.1.1.1"), -1);
    cr_assert_str_eq(
        mtlskit_identity_error(identity),
        "name: \"ip:300.1.1.1\" is not an IP address (such as \"dns:localhost\", \"ip:127.0.0.1\")");
    cr_assert_eq(mtlskit_identity_add_name(identity, "dns:localhost"), -1);
    cr_assert_str_eq(mtlskit_identity_error(identity), "name: \"dns:localhost\" is there already");
    cr_assert_eq(mtlskit_identity_add_name(identity, NULL), -1);
    cr_assert_eq(mtlskit_identity_issue(identity, under), 0, "what was refused is not there");
    mtlskit_identity_free(identity);
}

Test(library_identity, issued_again_it_is_another)
{
    struct mtlskit_identity *identity = told("client", "CN=a", NULL);
    char serial[64];
    char *key;

    cr_assert_eq(mtlskit_identity_issue(identity, under), 0);
    (void)strncpy(serial, mtlskit_identity_serial(identity), sizeof(serial) - 1);
    serial[sizeof(serial) - 1] = '\0';
    key = strdup(mtlskit_identity_key_pem(identity));
    cr_assert_eq(mtlskit_identity_issue(identity, under), 0);
    cr_assert_str_neq(mtlskit_identity_serial(identity), serial);
    cr_assert_str_neq(mtlskit_identity_key_pem(identity), key);
    /* with a key of its own it keeps it */
    cr_assert_eq(mtlskit_identity_set_key(identity, key, strlen(key), NULL), 0);
    cr_assert_eq(mtlskit_identity_issue(identity, under), 0);
    cr_assert_str_eq(mtlskit_identity_key_pem(identity), key);
    cr_assert_eq(mtlskit_identity_set_key(identity, "nothing", 7, NULL), -1);
    cr_assert_neq(*mtlskit_identity_error(identity), '\0');
    free(key);
    mtlskit_identity_free(identity);
}

Test(library_identity, read_what_was_issued)
{
    struct mtlskit_identity *identity = told("server", NULL, "dns:localhost");
    struct mtlskit_identity *again = mtlskit_identity_new(context, "again");
    struct mtlskit_identity *other = told("client", "CN=a", NULL);
    const char *chain, *key;

    cr_assert_eq(mtlskit_identity_issue(identity, under), 0);
    cr_assert_eq(mtlskit_identity_issue(other, under), 0);
    chain = mtlskit_identity_chain_pem(identity);
    key = mtlskit_identity_key_pem(identity);
    cr_assert_eq(mtlskit_identity_read(again, chain, strlen(chain), key, strlen(key), NULL), 0, "%s",
                 mtlskit_identity_error(again));
    cr_assert_str_eq(mtlskit_identity_chain_pem(again), chain);
    cr_assert_str_eq(mtlskit_identity_serial(again), mtlskit_identity_serial(identity));
    key = mtlskit_identity_key_pem(other);
    cr_assert_eq(mtlskit_identity_read(again, chain, strlen(chain), key, strlen(key), NULL), -1);
    cr_assert_str_eq(mtlskit_identity_error(again), "again: the key is not that of the first certificate");
    cr_assert_null(mtlskit_identity_chain_pem(again));
    cr_assert_eq(mtlskit_identity_read(again, chain, strlen(chain), NULL, 0, NULL), 0);
    cr_assert_null(mtlskit_identity_key_pem(again));
    mtlskit_identity_free(other);
    mtlskit_identity_free(again);
    mtlskit_identity_free(identity);
}

/* ---- profiles ----------------------------------------------------------------------------------------------------- */

Test(library_identity, profile_of_ones_own)
{
    static const unsigned char value[] = {0x0c, 0x02, 'h', 'i'};
    struct mtlskit_profile *profile = mtlskit_profile_new(context, "mesh");
    struct mtlskit_identity *identity = mtlskit_identity_new(context, "node");
    struct mtlskit_certificate *certificate;
    X509 *x509;

    cr_assert_eq(mtlskit_profile_extend(profile, "peer"), 0);
    cr_assert_eq(mtlskit_profile_set_validity(profile, "12h"), 0);
    cr_assert_eq(mtlskit_profile_set_backdate(profile, "0s"), 0);
    cr_assert_eq(mtlskit_profile_set_key_algorithm(profile, "rsa-2048"), 0);
    cr_assert_eq(mtlskit_profile_set_names_required(profile, "uri"), 0);
    cr_assert_eq(mtlskit_profile_set_extended_key_usages(profile, "clientAuth, 1.3.6.1.4.1.99999.1"), 0);
    cr_assert_eq(mtlskit_profile_set_subject(profile, "O=Mesh"), 0);
    cr_assert_eq(mtlskit_profile_set_subject_required(profile, "O"), 0);
    cr_assert_eq(mtlskit_profile_set_policies(profile, "1.3.6.1.4.1.99999.3"), 0);
    cr_assert_eq(mtlskit_profile_add_crl_url(profile, "http://crl.example/ca.crl"), 0);
    cr_assert_eq(mtlskit_profile_set_ocsp_url(profile, "http://ocsp.example"), 0);
    cr_assert_eq(mtlskit_profile_add_extension(profile, "1.3.6.1.4.1.99999.2", false, value, sizeof(value)),
                 0);
    cr_assert_eq(mtlskit_identity_set_profile(identity, profile), 0, "%s", mtlskit_identity_error(identity));
    mtlskit_profile_free(profile);
    cr_assert_eq(mtlskit_identity_add_name(identity, "uri:spiffe://example/node"), 0);
    cr_assert_eq(mtlskit_identity_issue(identity, under), 0, "%s", mtlskit_identity_error(identity));
    certificate = read_back(identity);
    cr_assert_str_eq(mtlskit_certificate_subject(certificate), "O=Mesh");
    cr_assert_str_eq(mtlskit_certificate_extended_key_usages(certificate), "clientAuth,1.3.6.1.4.1.99999.1");
    cr_assert_str_eq(mtlskit_certificate_key_usages(certificate), "digitalSignature,keyEncipherment");
    cr_assert_eq(mtlskit_identity_not_after(identity) - mtlskit_identity_not_before(identity), 12 * 3600);
    x509 = mtlskit_identity_x509(identity, 0);
    cr_assert(X509_get_ext_by_NID(x509, NID_crl_distribution_points, -1) >= 0);
    cr_assert(X509_get_ext_by_NID(x509, NID_info_access, -1) >= 0);
    cr_assert(X509_get_ext_by_NID(x509, NID_certificate_policies, -1) >= 0);
    X509_free(x509);
    mtlskit_certificate_free(certificate);
    mtlskit_identity_free(identity);
}

/* An authority keeps what profiles encode to, by their address: one that is told anew must not get what the one before encoded to. */
Test(library_identity, profiles_of_ones_own_do_not_run_into_each_other)
{
    static const char *const usages[] = {"clientAuth", "serverAuth", "emailProtection", "codeSigning"};
    struct mtlskit_profile *profile = mtlskit_profile_new(context, "own");
    struct mtlskit_identity *identity = mtlskit_identity_new(context, "leaf");

    cr_assert_eq(mtlskit_profile_set_validity(profile, "1d"), 0);
    cr_assert_eq(mtlskit_profile_set_key_usages(profile, "digitalSignature"), 0);
    cr_assert_eq(mtlskit_identity_set_subject(identity, "CN=a"), 0);
    for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
        struct mtlskit_certificate *certificate;

        cr_assert_eq(mtlskit_profile_set_extended_key_usages(profile, usages[i]), 0);
        cr_assert_eq(mtlskit_identity_set_profile(identity, profile), 0);
        cr_assert_eq(mtlskit_identity_issue(identity, under), 0, "%s", mtlskit_identity_error(identity));
        certificate = read_back(identity);
        cr_assert_str_eq(mtlskit_certificate_extended_key_usages(certificate), usages[i]);
        mtlskit_certificate_free(certificate);
    }
    mtlskit_identity_free(identity);
    mtlskit_profile_free(profile);
}

Test(library_identity, profiles_that_are_not_sound)
{
    struct mtlskit_profile *profile = mtlskit_profile_new(context, "own");
    struct mtlskit_identity *identity = mtlskit_identity_new(context, "leaf");

    cr_assert_eq(mtlskit_profile_set_key_usages(profile, "keyCertSign,digitalSignature"), 0);
    cr_assert_eq(mtlskit_profile_set_names_allowed(profile, "dns"), 0);
    cr_assert_eq(mtlskit_profile_set_names_required(profile, "ip"), 0);
    cr_assert_eq(mtlskit_identity_set_profile(identity, profile), -1);
    cr_assert_str_eq(
        mtlskit_identity_error(identity),
        "own: the profile has no validity (such as \"90d\")\n"
        "own: the profile makes no authorities, and keyCertSign is for them (RFC 5280 section 4.2.1.9) (see "
        "mtlskit_profile_set_authority())\n"
        "own: the profile requires a kind of name that it does not allow");
    cr_assert_eq(mtlskit_identity_set_profile(identity, NULL), -1);
    cr_assert_eq(mtlskit_identity_set_subject(identity, "CN=a"), 0);
    cr_assert_eq(mtlskit_identity_issue(identity, under), -1);
    cr_assert_str_eq(mtlskit_identity_error(identity), "leaf: no profile was set (such as server, client)");
    mtlskit_identity_free(identity);
    mtlskit_profile_free(profile);
}

Test(library_identity, what_profiles_refuse)
{
    static const unsigned char value[] = {0x05, 0x00};
    struct mtlskit_profile *profile = mtlskit_profile_new(context, "own");

    cr_assert_eq(mtlskit_profile_extend(profile, "sever"), -1);
    cr_assert_eq(mtlskit_profile_set_key_usages(profile, "digitalSignature,sign"), -1);
    cr_assert_not_null(strstr(mtlskit_profile_error(profile), "key usage: \"sign\" is not a key usage"), "%s",
                       mtlskit_profile_error(profile));
    cr_assert_eq(mtlskit_profile_set_extended_key_usages(profile, "serverAuth,serverAuth"), -1);
    cr_assert_not_null(strstr(mtlskit_profile_error(profile), "is listed twice"));
    cr_assert_eq(mtlskit_profile_set_names_allowed(profile, "host"), -1);
    cr_assert_eq(mtlskit_profile_set_authority(profile, -2), -1);
    cr_assert_eq(mtlskit_profile_add_crl_url(profile, "nowhere"), -1);
    cr_assert_eq(mtlskit_profile_add_extension(profile, "2.5.29.15", true, value, sizeof(value)), -1);
    cr_assert_not_null(strstr(mtlskit_profile_error(profile), "is an extension that is written by itself"));
    cr_assert_eq(mtlskit_profile_add_extension(profile, "1.2.3.4", true, "x", 1), -1);
    cr_assert_not_null(strstr(mtlskit_profile_error(profile), "well-formed value in DER"));
    cr_assert_eq(mtlskit_profile_set_subject(profile, "nothing"), -1);
    cr_assert_eq(mtlskit_profile_set_policies(profile, "policy"), -1);
    mtlskit_profile_free(profile);
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

Test(library_identity, for_a_request)
{
    struct mtlskit_request *request = mtlskit_request_new(context, "remote");
    struct mtlskit_request *received = mtlskit_request_new(context, "received");
    struct mtlskit_identity *identity = told("server", NULL, NULL);
    struct mtlskit_identity *whole = mtlskit_identity_new(context, "whole");
    struct mtlskit_certificate *certificate;
    const char *pem;

    cr_assert_eq(mtlskit_request_set_subject(request, "CN=remote,O=Example"), 0);
    cr_assert_eq(mtlskit_request_add_name(request, "dns:remote.example"), 0);
    cr_assert_eq(mtlskit_request_set_key_algorithm(request, "ec-p384"), 0);
    cr_assert_eq(mtlskit_request_make(request), 0, "%s", mtlskit_request_error(request));
    pem = mtlskit_request_pem(request);
    cr_assert_eq(mtlskit_request_read(received, pem, strlen(pem)), 0, "%s", mtlskit_request_error(received));
    cr_assert_str_eq(mtlskit_request_subject(received), "CN=remote,O=Example");
    cr_assert_eq(mtlskit_request_name_count(received), 1);
    cr_assert_str_eq(mtlskit_request_name(received, 0), "dns:remote.example");
    cr_assert_null(mtlskit_request_key_pem(received));
    cr_assert_eq(mtlskit_identity_issue_for(identity, under, received), 0, "%s",
                 mtlskit_identity_error(identity));
    cr_assert_null(mtlskit_identity_key_pem(identity));
    certificate = read_back(identity);
    cr_assert_str_eq(mtlskit_certificate_subject(certificate), "CN=remote,O=Example");
    cr_assert_str_eq(mtlskit_certificate_name(certificate, 0), "dns:remote.example");
    cr_assert_str_eq(mtlskit_certificate_key_algorithm(certificate), "ec-p384");
    /* and back where the key is */
    pem = mtlskit_identity_chain_pem(identity);
    cr_assert_eq(mtlskit_identity_read(whole, pem, strlen(pem), mtlskit_request_key_pem(request),
                                       strlen(mtlskit_request_key_pem(request)), NULL),
                 0, "%s", mtlskit_identity_error(whole));
    cr_assert_eq(openssl_accepts(whole, "remote.example", X509_PURPOSE_SSL_SERVER), 1);
    /* what is told goes before what is asked for */
    cr_assert_eq(mtlskit_identity_set_subject(identity, "CN=ours"), 0);
    cr_assert_eq(mtlskit_identity_add_name(identity, "dns:ours.example"), 0);
    cr_assert_eq(mtlskit_identity_issue_for(identity, under, received), 0);
    mtlskit_certificate_free(certificate);
    certificate = read_back(identity);
    cr_assert_str_eq(mtlskit_certificate_subject(certificate), "CN=ours");
    cr_assert_str_eq(mtlskit_certificate_name(certificate, 0), "dns:ours.example");
    mtlskit_certificate_free(certificate);
    mtlskit_identity_free(whole);
    mtlskit_identity_free(identity);
    mtlskit_request_free(received);
    mtlskit_request_free(request);
}

Test(library_identity, requests_that_are_refused)
{
    struct mtlskit_request *request = mtlskit_request_new(context, "remote");
    struct mtlskit_identity *identity = told("server", NULL, NULL);
    unsigned char altered[2000];
    const unsigned char *der;
    size_t length;

    cr_assert_eq(mtlskit_identity_issue_for(identity, under, request), -1, "it is not there yet");
    cr_assert_eq(mtlskit_request_make(request), -1);
    cr_assert_not_null(strstr(mtlskit_request_error(request), "needs a subject"), "%s",
                       mtlskit_request_error(request));
    cr_assert_eq(mtlskit_request_set_subject(request, "CN=remote"), 0);
    cr_assert_eq(mtlskit_request_make(request), 0);
    cr_assert_eq(mtlskit_identity_issue_for(identity, under, request), -1);
    cr_assert_not_null(strstr(mtlskit_identity_error(identity), "needs a name of kind dns or ip"));
    der = mtlskit_request_der(request, &length);
    cr_assert(length < sizeof(altered));
    memcpy(altered, der, length);
    altered[length - 1] ^= 1;
    cr_assert_eq(mtlskit_request_read(request, altered, length), -1);
    cr_assert_not_null(strstr(mtlskit_request_error(request), "the request's signature is wrong"), "%s",
                       mtlskit_request_error(request));
    cr_assert_null(mtlskit_request_pem(request));
    mtlskit_identity_free(identity);
    mtlskit_request_free(request);
}
