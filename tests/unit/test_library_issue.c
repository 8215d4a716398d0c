/* SPDX-License-Identifier: Apache-2.0 */
/* The library as a program sees it: an authority, an identity, and whether the one verifies by the other. */
#include <criterion/criterion.h>
#include <string.h>

#include <mtlskit/authority.h>
#include <mtlskit/context.h>
#include <mtlskit/identity.h>
#include <mtlskit/verification.h>

Test(library_issue, a_server_verifies_by_its_authority)
{
    struct mtlskit_context *context = mtlskit_context_new(NULL);
    struct mtlskit_authority *ca = mtlskit_authority_new(context, "ca");
    struct mtlskit_identity *server = mtlskit_identity_new(context, "server");
    struct mtlskit_verification *check = mtlskit_verification_new(context);

    cr_assert_eq(mtlskit_authority_set_subject(ca, "CN=Example CA"), 0, "%s", mtlskit_authority_error(ca));
    cr_assert_eq(mtlskit_authority_make(ca, NULL), 0, "%s", mtlskit_authority_error(ca));
    cr_assert_eq(mtlskit_identity_set_profile_name(server, "server"), 0);
    cr_assert_eq(mtlskit_identity_add_name(server, "dns:localhost"), 0);
    cr_assert_eq(mtlskit_identity_add_name(server, "ip:127.0.0.1"), 0);
    cr_assert_eq(mtlskit_identity_issue(server, ca), 0, "%s", mtlskit_identity_error(server));
    cr_assert(strncmp(mtlskit_identity_chain_pem(server), "-----BEGIN CERTIFICATE-----\n", 28) == 0);
    cr_assert(strncmp(mtlskit_identity_key_pem(server), "-----BEGIN PRIVATE KEY-----\n", 28) == 0);
    cr_assert_eq(mtlskit_verification_set_identity(check, server), 0);
    cr_assert_eq(mtlskit_verification_add_authority(check, ca), 0);
    cr_assert_eq(mtlskit_verification_set_host(check, "localhost"), 0);
    cr_assert_eq(mtlskit_verification_set_purpose(check, "server"), 0);
    cr_assert_eq(mtlskit_verification_run(check), 0, "%s", mtlskit_verification_error(check));
    cr_assert_str_eq(mtlskit_verification_verdict_of(check, "host"), "pass");
    cr_assert_eq(mtlskit_verification_set_host(check, "example.com"), 0);
    cr_assert_eq(mtlskit_verification_run(check), 1);
    cr_assert_str_eq(mtlskit_verification_verdict_of(check, "host"), "fail");
    cr_assert_not_null(strstr(mtlskit_verification_error(check), "example.com"));
    mtlskit_verification_free(check);
    mtlskit_identity_free(server);
    mtlskit_authority_free(ca);
    mtlskit_context_free(context);
}
