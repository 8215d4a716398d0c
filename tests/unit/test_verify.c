/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification, one scenario a test: what is wrong is found by the check that is meant for it, the others go on, and the advice
 * says what to do.
 */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/x509.h>

#include "foreign.h"
#include "x509/verify.h"

#define CA                                                                                                   \
    "basicConstraints=critical,CA:TRUE; keyUsage=critical,keyCertSign,cRLSign; subjectKeyIdentifier=hash"
#define LEAF                                                                                                 \
    "basicConstraints=critical,CA:FALSE; keyUsage=critical,digitalSignature; authorityKeyIdentifier=keyid"
#define SERVER                                                                                               \
    LEAF "; extendedKeyUsage=serverAuth; subjectAltName=DNS:localhost,DNS:*.example.com,IP:127.0.0.1"
#define CLIENT LEAF "; extendedKeyUsage=clientAuth; subjectAltName=email:client1@example.local"

struct world {
    struct context *context;
    struct faults *faults;
    struct foreign *root, *middle, *server, *client;
    struct certificate_list chain, anchors;
    struct verify_question question;
    struct verify_report report;
};

static void world_open(struct world *world)
{
    memset(world, 0, sizeof(*world));
    world->context = foreign_context();
    world->faults = faults_new();
    world->root = foreign_make(&(struct recipe){.name = "Root", .extensions = CA, .until = 3650});
    world->middle = foreign_make(
        &(struct recipe){.name = "Middle", .extensions = CA, .issuer = world->root, .until = 1000});
    world->server =
        foreign_make(&(struct recipe){.name = "server", .extensions = SERVER, .issuer = world->middle});
    world->client =
        foreign_make(&(struct recipe){.name = "client", .extensions = CLIENT, .issuer = world->middle});
    world->question.chain = &world->chain;
    world->question.anchors = &world->anchors;
}

static void world_close(struct world *world)
{
    verify_report_free(&world->report);
    certificate_list_free(&world->chain);
    certificate_list_free(&world->anchors);
    foreign_free(world->root);
    foreign_free(world->middle);
    foreign_free(world->server);
    foreign_free(world->client);
    faults_free(world->faults);
    context_free(world->context);
}

static void put(struct certificate_list *list, const struct foreign *foreign)
{
    cr_assert_eq(certificate_list_add(list, foreign_der(foreign)), 0);
}

/* The usual question: this leaf, its intermediate, the root as authority. */
static void usual(struct world *world, const struct foreign *leaf, enum verify_purpose purpose)
{
    certificate_list_free(&world->chain);
    certificate_list_free(&world->anchors);
    memset(&world->chain, 0, sizeof(world->chain));
    memset(&world->anchors, 0, sizeof(world->anchors));
    put(&world->chain, leaf);
    put(&world->chain, world->middle);
    put(&world->anchors, world->root);
    world->question.purpose = purpose;
    world->question.key = leaf->key;
}

static const struct verify_check *find(const struct world *world, const char *id)
{
    for (size_t i = 0; i < world->report.count; i++) {
        if (strcmp(world->report.checks[i].id, id) == 0) {
            return &world->report.checks[i];
        }
    }
    cr_assert_fail("there is no check %s", id);
    return NULL;
}

/* Ask, and hold the verdicts against @p expected: ids of those that fail ("-") or warn ("?"), all others not. */
static void ask(struct world *world, const char *expected)
{
    char found[1000] = "";

    verify_report_free(&world->report);
    cr_assert_eq(verify_certificate(world->context, &world->question, &world->report, world->faults), 0);
    cr_assert_eq(world->report.count, 14);
    for (size_t i = 0; i < world->report.count; i++) {
        const struct verify_check *check = &world->report.checks[i];

        if (check->verdict == VERIFY_FAIL || check->verdict == VERIFY_WARN) {
            snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s%s",
                     found[0] == '\0' ? "" : " ", check->verdict == VERIFY_FAIL ? "-" : "?", check->id);
            cr_assert_neq(check->detail.length, 0, "%s says nothing", check->id);
            cr_assert(check->advice.length != 0 || strcmp(check->id, "openssl") == 0, "%s advises nothing",
                      check->id);
        }
        cr_assert_null(strpbrk(bytes_text(&check->detail), "\n\r\033"));
    }
    cr_assert_str_eq(found, expected, "found \"%s\", expected \"%s\"", found, expected);
    cr_assert_eq(world->report.failed, strchr(found, '-') != NULL && strstr(found, "-") != NULL &&
                                           found[0] != '\0' &&
                                           (found[0] == '-' || strstr(found, " -") != NULL));
}

static void says(const struct world *world, const char *id, const char *what)
{
    const struct verify_check *check = find(world, id);

    cr_assert_not_null(strstr(bytes_text(&check->detail), what), "%s says \"%s\", not \"%s\"", id,
                       bytes_text(&check->detail), what);
}

static void advises(const struct world *world, const char *id, const char *what)
{
    const struct verify_check *check = find(world, id);

    cr_assert_not_null(strstr(bytes_text(&check->advice), what), "%s advises \"%s\", not \"%s\"", id,
                       bytes_text(&check->advice), what);
}

static void verdict_is(const struct world *world, const char *id, enum verify_verdict verdict)
{
    cr_assert_eq(find(world, id)->verdict, verdict, "%s: %d", id, (int)find(world, id)->verdict);
}

/* ---- all is well ------------------------------------------------------------------------------------------------- */

Test(verify, a_good_server_passes_every_check)
{
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    world.question.host = "localhost";
    ask(&world, "");
    for (size_t i = 0; i < world.report.count; i++) {
        cr_assert_eq(world.report.checks[i].verdict, VERIFY_PASS, "%s", world.report.checks[i].id);
    }
    says(&world, "chain", "CN=server, issued by CN=Middle, issued by CN=Root");
    says(&world, "signature", "3 signatures");
    says(&world, "dates", "2030-04-01T00:00:00Z, 90 days more");
    says(&world, "purpose", "serverAuth");
    says(&world, "san", "dns:localhost, dns:*.example.com, ip:127.0.0.1");
    says(&world, "apple-lifetime", "91 days");
    world_close(&world);
}

Test(verify, a_good_client_skips_what_is_the_servers)
{
    struct world world;

    world_open(&world);
    usual(&world, world.client, VERIFY_CLIENT);
    ask(&world, "");
    verdict_is(&world, "host", VERIFY_SKIPPED);
    verdict_is(&world, "apple-lifetime", VERIFY_SKIPPED);
    verdict_is(&world, "purpose", VERIFY_PASS);
    world_close(&world);
}

Test(verify, what_was_not_asked_is_skipped)
{
    struct world world;

    world_open(&world);
    usual(&world, world.client, VERIFY_ANY_PURPOSE);
    world.question.key = NULL;
    world.question.anchors = NULL;
    ask(&world, "");
    verdict_is(&world, "key-matches", VERIFY_SKIPPED);
    verdict_is(&world, "chain", VERIFY_SKIPPED);
    verdict_is(&world, "purpose", VERIFY_SKIPPED);
    verdict_is(&world, "host", VERIFY_SKIPPED);
    verdict_is(&world, "openssl", VERIFY_SKIPPED);
    verdict_is(&world, "dates", VERIFY_PASS);
    verdict_is(&world, "signature", VERIFY_PASS);
    advises(&world, "chain", "--ca");
    world_close(&world);
}

/* ---- the key ----------------------------------------------------------------------------------------------------- */

Test(verify, a_key_of_another_certificate_is_found)
{
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    world.question.key = world.client->key;
    ask(&world, "-key-matches");
    says(&world, "key-matches", "belongs to another certificate");
    world_close(&world);
}

/* ---- the chain --------------------------------------------------------------------------------------------------- */

Test(verify, a_missing_intermediate_is_named)
{
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    world.chain.count = 1;
    ask(&world, "-chain");
    says(&world, "chain",
         "CN=server was issued by CN=Middle, which is neither in the file nor among the authorities");
    says(&world, "chain", "given: CN=Root");
    advises(&world, "chain", "if CN=Middle is an intermediate, add its certificate to the file");
    verdict_is(&world, "signature", VERIFY_SKIPPED);
    verdict_is(&world, "openssl", VERIFY_SKIPPED);
    world.chain.count = 2;
    world_close(&world);
}

Test(verify, the_wrong_authority_is_named)
{
    struct foreign *other;
    struct world world;

    world_open(&world);
    other = foreign_make(&(struct recipe){.name = "Other Root", .extensions = CA});
    usual(&world, world.server, VERIFY_SERVER);
    certificate_list_free(&world.anchors);
    memset(&world.anchors, 0, sizeof(world.anchors));
    put(&world.anchors, other);
    ask(&world, "-chain");
    says(&world, "chain", "CN=Middle was issued by CN=Root, which is neither");
    says(&world, "chain", "given: CN=Other Root");
    foreign_free(other);
    world_close(&world);
}

Test(verify, an_authority_of_the_same_name_with_another_key_is_told_apart)
{
    struct foreign *other;
    struct world world;

    world_open(&world);
    other = foreign_make(&(struct recipe){.name = "Root", .extensions = CA});
    usual(&world, world.server, VERIFY_SERVER);
    certificate_list_free(&world.anchors);
    memset(&world.anchors, 0, sizeof(world.anchors));
    put(&world.anchors, other);
    ask(&world, "-chain -signature");
    says(&world, "chain", "an authority named CN=Root is there, but another key signed CN=Middle");
    foreign_free(other);
    world_close(&world);
}

/* Goal: of two authorities of one name, the right one is found in whatever order they come. */
Test(verify, the_right_one_of_two_generations_is_taken)
{
    struct foreign *other;
    struct world world;

    world_open(&world);
    other = foreign_make(&(struct recipe){.name = "Root", .extensions = CA});
    usual(&world, world.server, VERIFY_SERVER);
    certificate_list_free(&world.anchors);
    memset(&world.anchors, 0, sizeof(world.anchors));
    put(&world.anchors, other);
    put(&world.anchors, world.root);
    ask(&world, "");
    foreign_free(other);
    world_close(&world);
}

Test(verify, an_altered_certificate_is_told_from_a_foreign_one)
{
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    world.chain.items[0].data[world.chain.items[0].length - 1] ^= 1;
    ask(&world, "-chain -signature");
    says(&world, "chain", "names the key of CN=Middle as its issuer's, but the signature is not right");
    advises(&world, "chain", "altered or damaged");
    world_close(&world);
}

Test(verify, a_self_signed_certificate_is_explained)
{
    struct foreign *alone;
    struct world world;

    world_open(&world);
    alone = foreign_make(&(struct recipe){
        .name = "alone", .extensions = "extendedKeyUsage=serverAuth; subjectAltName=DNS:a.example"});
    usual(&world, world.server, VERIFY_SERVER);
    certificate_list_free(&world.chain);
    memset(&world.chain, 0, sizeof(world.chain));
    put(&world.chain, alone);
    world.question.key = alone->key;
    ask(&world, "-chain");
    says(&world, "chain", "CN=alone is self-signed, and is not one of the authorities");
    /* trusted as itself it passes */
    put(&world.anchors, alone);
    ask(&world, "");
    foreign_free(alone);
    world_close(&world);
}

Test(verify, a_root_that_was_not_given_is_named)
{
    struct foreign *other;
    struct world world;

    world_open(&world);
    other = foreign_make(&(struct recipe){.name = "Other", .extensions = CA});
    usual(&world, world.server, VERIFY_SERVER);
    put(&world.chain, world.root);
    certificate_list_free(&world.anchors);
    memset(&world.anchors, 0, sizeof(world.anchors));
    put(&world.anchors, other);
    ask(&world, "-chain");
    says(&world, "chain", "the chain ends at the root CN=Root, which is not one of the authorities");
    foreign_free(other);
    world_close(&world);
}

Test(verify, an_intermediate_as_authority_warns)
{
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    certificate_list_free(&world.anchors);
    memset(&world.anchors, 0, sizeof(world.anchors));
    put(&world.anchors, world.middle);
    ask(&world, "?chain");
    advises(&world, "chain", "NAME.trust.pem");
    put(&world.anchors, world.root);
    ask(&world, "");
    world_close(&world);
}

Test(verify, the_order_of_the_file_matters)
{
    struct world world;
    struct bytes swap;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    swap = world.chain.items[0];
    world.chain.items[0] = world.chain.items[1];
    world.chain.items[1] = swap;
    ask(&world, "-chain-order");
    says(&world, "chain-order", "certificate 2, CN=server, should be the first");
    usual(&world, world.server, VERIFY_SERVER);
    put(&world.chain, world.client);
    ask(&world, "?chain-order");
    says(&world, "chain-order", "certificate 3, CN=client, belongs to no certificate of the file");
    usual(&world, world.server, VERIFY_SERVER);
    put(&world.chain, world.root);
    ask(&world, "");
    says(&world, "chain-order", "the last one is a root, which need not be sent");
    world_close(&world);
}

/* ---- authorities ------------------------------------------------------------------------------------------------- */

/* A leaf under an issuer made with @p extensions, which is given as the authority. */
static void under(const char *extensions, int version, const char *expected, const char *says_what)
{
    struct foreign *issuer;
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    issuer = foreign_make(&(struct recipe){.name = "Issuer", .extensions = extensions, .version = version});
    leaf = foreign_make(
        &(struct recipe){.name = "leaf", .issuer = issuer, .extensions = "extendedKeyUsage=clientAuth"});
    put(&world.chain, leaf);
    put(&world.anchors, issuer);
    world.question.purpose = VERIFY_CLIENT;
    ask(&world, expected);
    says(&world, "authority", says_what);
    foreign_free(issuer);
    foreign_free(leaf);
    world_close(&world);
}

Test(verify, an_issuer_must_be_an_authority)
{
    under(NULL, 3, "-authority -openssl", "CN=Issuer is no authority: basicConstraints is absent");
    under("basicConstraints=critical,CA:FALSE", 3, "-authority -openssl", "says CA:FALSE");
    under("basicConstraints=critical,CA:TRUE; keyUsage=digitalSignature", 3, "-authority -openssl",
          "keyUsage lacks keyCertSign");
    under(NULL, 1, "?authority", "version 1");
}

Test(verify, a_leaf_given_as_authority_is_found)
{
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    certificate_list_free(&world.anchors);
    memset(&world.anchors, 0, sizeof(world.anchors));
    put(&world.anchors, world.client);
    ask(&world, "-chain -authority");
    says(&world, "authority", "CN=client, given as an authority, is none");
    world_close(&world);
}

Test(verify, path_length_is_kept)
{
    struct foreign *root;
    struct foreign *middle;
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    root = foreign_make(
        &(struct recipe){.name = "Short", .extensions = "basicConstraints=critical,CA:TRUE,pathlen:0"});
    middle = foreign_make(&(struct recipe){.name = "Below", .extensions = CA, .issuer = root});
    leaf = foreign_make(&(struct recipe){.name = "leaf", .extensions = CLIENT, .issuer = middle});
    put(&world.chain, leaf);
    put(&world.chain, middle);
    put(&world.anchors, root);
    ask(&world, "-authority -openssl");
    says(&world, "authority", "CN=Short allows 0 intermediates under it, and there are 1");
    foreign_free(root);
    foreign_free(middle);
    foreign_free(leaf);
    world_close(&world);
}

Test(verify, an_authority_is_no_leaf)
{
    struct world world;

    world_open(&world);
    put(&world.chain, world.middle);
    put(&world.anchors, world.root);
    ask(&world, "-leaf");
    says(&world, "leaf", "CA:TRUE");
    world_close(&world);
}

/* ---- dates ------------------------------------------------------------------------------------------------------- */

Test(verify, dates_of_every_certificate_are_held_against_the_time)
{
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    world.question.at_given = true;
    world.question.at = FOREIGN_NOW + 93 * INT64_C(86400);
    ask(&world, "-dates -openssl");
    says(&world, "dates", "CN=server expired on 2030-04-01T00:00:00Z, 3 days ago");
    advises(&world, "dates", "mtls-ca apply");
    says(&world, "openssl", "certificate has expired");
    world.question.at = FOREIGN_NOW + 2000 * INT64_C(86400);
    ask(&world, "-dates -openssl");
    says(&world, "dates", "CN=Middle expired on");
    world.question.at = FOREIGN_NOW - 2 * INT64_C(86400);
    ask(&world, "-dates -openssl");
    says(&world, "dates", "CN=server is not valid before 2029-12-31T00:00:00Z, 1 day from then");
    advises(&world, "dates", "clock");
    world_close(&world);
}

/* Goal: what the check of the dates says is OpenSSL's verdict, at the seconds around both ends too. */
Test(verify, dates_agree_with_openssl_at_every_second)
{
    const instant from = FOREIGN_NOW; /* the authorities' */
    const instant until = FOREIGN_NOW + 90 * INT64_C(86400);
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    world.question.at_given = true;
    world.question.at = from - 1;
    ask(&world, "-dates -openssl");
    world.question.at = from;
    ask(&world, "");
    world.question.at = until - 1;
    ask(&world, "");
    says(&world, "dates", "less than a day more");
    /* the second of notAfter counts (RFC 5280 section 4.1.2.5), for OpenSSL it does not */
    world.question.at = until;
    ask(&world, "-dates -openssl");
    says(&world, "dates",
         "CN=server expires in this very second, 2030-04-01T00:00:00Z, which RFC 5280 still counts");
    advises(&world, "dates", "renew it");
    world.question.at = until + 1;
    ask(&world, "-dates -openssl");
    says(&world, "dates", "CN=server expired on 2030-04-01T00:00:00Z, less than a day ago");
    world_close(&world);
}

/* ---- purpose ----------------------------------------------------------------------------------------------------- */

Test(verify, a_server_as_client_and_the_other_way_round)
{
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_CLIENT);
    ask(&world, "-purpose -openssl");
    says(&world, "purpose", "this is a server certificate (serverAuth), asked about as a client");
    advises(&world, "purpose", "profile client; profile peer is for both");
    usual(&world, world.client, VERIFY_SERVER);
    ask(&world, "-purpose -san -openssl");
    says(&world, "purpose", "this is a client certificate (clientAuth), asked about as a server");
    world_close(&world);
}

static void used_as(const char *extensions, enum verify_purpose purpose, const char *expected,
                    const char *says_what)
{
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    leaf = foreign_make(&(struct recipe){.name = "leaf", .issuer = world.middle, .extensions = extensions});
    usual(&world, leaf, purpose);
    ask(&world, expected);
    says(&world, "purpose", says_what);
    foreign_free(leaf);
    world_close(&world);
}

Test(verify, usages_decide_about_purposes)
{
    used_as("subjectAltName=DNS:a.example", VERIFY_SERVER, "?purpose", "Apple asks for serverAuth");
    used_as(NULL, VERIFY_CLIENT, "", "no extended key usage is named, so any is allowed");
    used_as("subjectAltName=DNS:a.example; extendedKeyUsage=anyExtendedKeyUsage,codeSigning", VERIFY_CLIENT,
            "-openssl", "anyExtendedKeyUsage, codeSigning");
    used_as("extendedKeyUsage=codeSigning,1.2.3.4", VERIFY_CLIENT, "-purpose -openssl",
            "its extended key usages (codeSigning, 1.2.3.4) lack clientAuth");
    used_as("extendedKeyUsage=serverAuth,clientAuth", VERIFY_CLIENT, "", "serverAuth, clientAuth");
    used_as("extendedKeyUsage=clientAuth; keyUsage=keyEncipherment", VERIFY_CLIENT, "-purpose -openssl",
            "keyUsage lacks digitalSignature");
    used_as("subjectAltName=DNS:a.example; extendedKeyUsage=serverAuth; keyUsage=keyEncipherment",
            VERIFY_SERVER, "?purpose", "keyUsage lacks digitalSignature");
}

Test(verify, an_intermediates_usages_narrow_what_is_under_it)
{
    struct foreign *middle;
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    middle = foreign_make(&(struct recipe){
        .name = "Servers", .extensions = CA "; extendedKeyUsage=serverAuth", .issuer = world.root});
    leaf = foreign_make(&(struct recipe){.name = "leaf", .extensions = CLIENT, .issuer = middle});
    put(&world.chain, leaf);
    put(&world.chain, middle);
    put(&world.anchors, world.root);
    world.question.purpose = VERIFY_CLIENT;
    ask(&world, "-purpose -openssl");
    says(&world, "purpose", "the issuer CN=Servers is itself limited to serverAuth, which lacks clientAuth");
    foreign_free(middle);
    foreign_free(leaf);
    world_close(&world);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

Test(verify, hosts_are_looked_for_in_the_names)
{
    static const char *const good[] = {"localhost", "LOCALHOST", "a.example.com", "127.0.0.1"};
    static const char *const bad[] = {"example.com", "a.b.example.com", "127.0.0.2",
                                      "::1",         "localhost.",      "server"};
    struct world world;

    world_open(&world);
    usual(&world, world.server, VERIFY_SERVER);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        world.question.host = good[i];
        ask(&world, "");
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        world.question.host = bad[i];
        ask(&world, "-host");
    }
    says(&world, "host",
         "server is not among its names; it has dns:localhost, dns:*.example.com, ip:127.0.0.1");
    says(&world, "host", "only in the subject's CN");
    advises(&world, "host", "san: [dns:server]");
    world_close(&world);
}

Test(verify, a_name_in_the_cn_alone_is_explained)
{
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    leaf = foreign_make(&(struct recipe){
        .name = "localhost", .extensions = LEAF "; extendedKeyUsage=serverAuth", .issuer = world.middle});
    usual(&world, leaf, VERIFY_SERVER);
    world.question.host = "localhost";
    ask(&world, "-san -host");
    says(&world, "san", "the subject's CN is not looked at");
    says(&world, "host", "the host is only in the subject's CN");
    foreign_free(leaf);
    world_close(&world);
}

Test(verify, an_address_as_dns_name_is_explained)
{
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    leaf = foreign_make(
        &(struct recipe){.name = "a",
                         .extensions = LEAF "; extendedKeyUsage=serverAuth; subjectAltName=DNS:127.0.0.1",
                         .issuer = world.middle});
    usual(&world, leaf, VERIFY_SERVER);
    world.question.host = "127.0.0.1";
    ask(&world, "-host");
    says(&world, "host", "the address stands there as a dns name");
    advises(&world, "host", "san: [ip:127.0.0.1]");
    foreign_free(leaf);
    world_close(&world);
}

Test(verify, a_certificate_without_any_name_is_found)
{
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    leaf = foreign_make(
        &(struct recipe){.extensions = LEAF "; extendedKeyUsage=clientAuth", .issuer = world.middle});
    usual(&world, leaf, VERIFY_CLIENT);
    ask(&world, "-san");
    says(&world, "san", "neither a subject nor a name");
    foreign_free(leaf);
    world_close(&world);
}

/* Goal: what stands in foreign names does not reach the terminal as it is. */
Test(verify, hostile_names_are_told_harmlessly)
{
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    leaf = foreign_make(&(struct recipe){.name = "\033[31mred\nline", .extensions = CLIENT});
    usual(&world, leaf, VERIFY_CLIENT);
    ask(&world, "?chain-order -chain");
    world_close(&world);
    foreign_free(leaf);
}

/* ---- strength and the rest --------------------------------------------------------------------------------------- */

Test(verify, weak_keys_and_signatures_are_found)
{
    static const struct {
        struct recipe recipe;
        const char *expected, *says;
    } cases[] = {
        {{.key = "rsa-1024", .name = "weak", .extensions = CLIENT},
         "-key-strength",
         "an RSA key of 1024 bits"},
        {{.key = "ec-prime192v1", .name = "weak", .extensions = CLIENT},
         "-key-strength",
         "an EC key of 192 bits"},
        {{.name = "weak", .extensions = CLIENT, .digest = "SHA1"},
         "-key-strength",
         "CN=weak is signed with SHA-1"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct recipe recipe = cases[i].recipe;
        struct foreign *leaf;
        struct world world;

        world_open(&world);
        recipe.issuer = world.middle;
        leaf = foreign_make(&recipe);
        usual(&world, leaf, VERIFY_CLIENT);
        ask(&world, cases[i].expected);
        says(&world, "key-strength", cases[i].says);
        foreign_free(leaf);
        world_close(&world);
    }
}

Test(verify, a_roots_own_signature_may_be_old)
{
    struct foreign *root;
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    root = foreign_make(&(struct recipe){.name = "Old", .extensions = CA, .digest = "SHA1"});
    leaf = foreign_make(&(struct recipe){.name = "leaf", .extensions = CLIENT, .issuer = root});
    put(&world.chain, leaf);
    put(&world.anchors, root);
    ask(&world, "");
    foreign_free(root);
    foreign_free(leaf);
    world_close(&world);
}

Test(verify, more_than_825_days_warn_for_servers)
{
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    leaf = foreign_make(&(struct recipe){
        .name = "long", .extensions = SERVER, .issuer = world.middle, .from = -1, .until = 825});
    usual(&world, leaf, VERIFY_SERVER);
    ask(&world, "?apple-lifetime");
    says(&world, "apple-lifetime", "826 days");
    foreign_free(leaf);
    leaf = foreign_make(&(struct recipe){
        .name = "fits", .extensions = SERVER, .issuer = world.middle, .from = -1, .until = 824});
    usual(&world, leaf, VERIFY_ANY_PURPOSE);
    ask(&world, "");
    foreign_free(leaf);
    world_close(&world);
}

Test(verify, a_fixture_says_so)
{
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    leaf = foreign_make(&(struct recipe){
        .name = "fixture",
        .extensions =
            CLIENT "; 1.2.840.113556.1.8000.2554.49706.8894.57926.17603.40000.13498555.8639608=DER:05:00",
        .issuer = world.middle});
    usual(&world, leaf, VERIFY_CLIENT);
    ask(&world, "?fixture");
    says(&world, "fixture", "CN=fixture carries the fixture mark");
    foreign_free(leaf);
    world_close(&world);
}

/* Goal: what only OpenSSL looks at, such as name constraints, is not lost. */
Test(verify, name_constraints_are_openssls)
{
    struct foreign *root;
    struct foreign *leaf;
    struct world world;

    world_open(&world);
    root = foreign_make(&(struct recipe){
        .name = "Bound", .extensions = CA "; nameConstraints=critical,permitted;DNS:example.org"});
    leaf = foreign_make(&(struct recipe){.name = "leaf", .extensions = SERVER, .issuer = root});
    put(&world.chain, leaf);
    put(&world.anchors, root);
    ask(&world, "-openssl");
    says(&world, "openssl", "permitted subtree violation");
    foreign_free(root);
    foreign_free(leaf);
    world_close(&world);
}

/* ---- anchors ----------------------------------------------------------------------------------------------------- */

/* Ask of the anchors, as ask does of a chain. */
static void ask_anchors(struct world *world, const char *expected)
{
    char found[1000] = "";

    verify_report_free(&world->report);
    cr_assert_eq(
        verify_anchors(world->context, &world->anchors, &world->question, &world->report, world->faults), 0);
    cr_assert_eq(world->report.count, 5);
    for (size_t i = 0; i < world->report.count; i++) {
        const struct verify_check *check = &world->report.checks[i];

        if (check->verdict != VERIFY_PASS) {
            snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s%s%s",
                     found[0] == '\0' ? "" : " ", check->verdict == VERIFY_FAIL ? "-" : "?", check->id);
            cr_assert_neq(check->advice.length, 0, "%s advises nothing", check->id);
        }
        cr_assert_neq(check->detail.length, 0, "%s says nothing", check->id);
    }
    cr_assert_str_eq(found, expected, "found \"%s\", expected \"%s\"", found, expected);
}

Test(verify, anchors_are_asked_each_alone)
{
    struct foreign *weak, *narrow;
    struct world world;

    world_open(&world);
    put(&world.anchors, world.root);
    ask_anchors(&world, "");
    says(&world, "authority", "1 anchor");
    put(&world.anchors, world.middle);
    put(&world.anchors, world.server);
    ask_anchors(&world, "?authority ?signature");
    says(&world, "authority", "CN=server is no authority");
    says(&world, "signature", "CN=Middle is no root: it was issued by CN=Root; CN=server is no root");
    world.question.at_given = true;
    world.question.at = FOREIGN_NOW + 2000 * INT64_C(86400);
    ask_anchors(&world, "?authority ?signature -dates");
    says(&world, "dates", "CN=Middle expired on");
    world.question.at_given = false;
    certificate_list_free(&world.anchors);
    weak =
        foreign_make(&(struct recipe){.name = "Weak", .key = "rsa-1024", .extensions = CA, .digest = "SHA1"});
    narrow = foreign_make(&(struct recipe){
        .name = "Narrow", .extensions = "basicConstraints=critical,CA:TRUE; keyUsage=critical,cRLSign"});
    put(&world.anchors, weak);
    put(&world.anchors, narrow);
    ask_anchors(&world, "-authority -key-strength");
    says(&world, "key-strength", "CN=Weak has an RSA key of 1024 bits");
    says(&world, "authority", "CN=Narrow may not sign certificates");
    foreign_free(weak);
    foreign_free(narrow);
    world_close(&world);
}

Test(verify, an_altered_anchor_and_many_of_them)
{
    struct bytes *item;
    struct world world;

    world_open(&world);
    put(&world.anchors, world.root);
    item = &world.anchors.items[0];
    item->data[item->length - 1] ^= 1;
    ask_anchors(&world, "-signature");
    says(&world, "signature", "the signature of CN=Root is not by its own key");
    for (int i = 0; i < 8; i++) {
        put(&world.anchors, world.middle);
    }
    ask_anchors(&world, "-signature");
    says(&world, "signature", "; and 4 more");
    certificate_list_free(&world.anchors);
    cr_assert_eq(verify_anchors(world.context, &world.anchors, &world.question, &world.report, world.faults),
                 -1);
    world_close(&world);
}

Test(verify, nothing_is_no_certificate)
{
    struct world world;

    world_open(&world);
    cr_assert_eq(verify_certificate(world.context, &world.question, &world.report, world.faults), -1);
    cr_assert_eq(faults_errors(world.faults), 1);
    world_close(&world);
}
