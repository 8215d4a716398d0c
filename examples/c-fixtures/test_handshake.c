/* SPDX-License-Identifier: Apache-2.0 */
/* Handshakes in memory: one that must succeed, and those that must fail, each for the right reason. */
#include <criterion/criterion.h>
#include <stdbool.h>

#include "endpoint.h"

#define PKI(file) MTLSKIT_PKI_DIR "/" file
/** Chain and key of @p name, and the authority that it trusts. */
#define SHOWS(name, trusted)                                                                                 \
    {                                                                                                        \
        PKI(name ".crt"), PKI(name ".key"), PKI(trusted ".crt")                                              \
    }
/** Flights of a handshake are two or three each way. */
#define FLIGHTS_MAX 10

static SSL *server, *client;

static void teardown(void)
{
    SSL_free(server);
    SSL_free(client);
}

TestSuite(handshake, .fini = teardown);

/** One end goes on: 1 it is through, 0 it waits for the other, -1 it has ended. */
static int go_on(SSL *end)
{
    int done = SSL_do_handshake(end);

    return done == 1 ? 1 : SSL_get_error(end, done) == SSL_ERROR_WANT_READ ? 0 : -1;
}

/** Joins the ends and lets them speak. Whether both came through. */
static bool shake(const struct endpoint_files *server_files, const struct endpoint_files *client_files)
{
    BIO *one = NULL, *other = NULL;
    int served = 0, asked = 0;

    server = endpoint_server(server_files);
    client = endpoint_client(client_files, "localhost");
    cr_assert_not_null(server);
    cr_assert_not_null(client);
    cr_assert_eq(BIO_new_bio_pair(&one, 0, &other, 0), 1);
    SSL_set_bio(server, one, one);
    SSL_set_bio(client, other, other);
    for (int flight = 0; flight < FLIGHTS_MAX && (served == 0 || asked == 0); flight++) {
        asked = asked == 0 ? go_on(client) : asked;
        served = served == 0 ? go_on(server) : served;
    }
    return served == 1 && asked == 1;
}

/** What @p end found wrong with the other. */
static const char *verdict(SSL *end)
{
    return X509_verify_cert_error_string(SSL_get_verify_result(end));
}

static const struct endpoint_files good_server = SHOWS("server", "client-ca");
static const struct endpoint_files good_client = SHOWS("client-alice", "server-ca");

Test(handshake, both_are_who_they_say)
{
    char name[64] = "";

    cr_assert(shake(&good_server, &good_client), "server: %s, client: %s", verdict(server), verdict(client));
    cr_assert_gt(X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(server)),
                                           NID_commonName, name, sizeof(name)),
                 0);
    cr_assert_str_eq(name, "alice");
}

/* ---- clients that are not let in ---------------------------------------------------------------------------------------- */

static void server_refuses(const struct endpoint_files *shown, long why)
{
    cr_assert(!shake(&good_server, shown));
    cr_assert_eq(SSL_get_verify_result(server), why, "%s", verdict(server));
}

Test(handshake, a_client_of_another_authority)
{
    server_refuses(&(struct endpoint_files)SHOWS("client-of-others", "server-ca"),
                   X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

Test(handshake, a_client_whose_certificate_has_expired)
{
    server_refuses(&(struct endpoint_files)SHOWS("client-expired", "server-ca"), X509_V_ERR_CERT_HAS_EXPIRED);
}

Test(handshake, a_server_s_certificate_is_no_client_s)
{
    server_refuses(&(struct endpoint_files)SHOWS("server", "server-ca"),
                   X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

Test(handshake, a_client_without_a_certificate)
{
    cr_assert(!shake(&good_server, &(struct endpoint_files){NULL, NULL, PKI("server-ca.crt")}));
}

/* ---- servers that are not trusted --------------------------------------------------------------------------------------- */

static void client_refuses(const struct endpoint_files *shown, long why)
{
    cr_assert(!shake(shown, &good_client));
    cr_assert_eq(SSL_get_verify_result(client), why, "%s", verdict(client));
}

Test(handshake, a_server_of_another_authority)
{
    client_refuses(&(struct endpoint_files)SHOWS("server-of-others", "client-ca"),
                   X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
}

Test(handshake, a_server_whose_certificate_has_expired)
{
    client_refuses(&(struct endpoint_files)SHOWS("server-expired", "client-ca"), X509_V_ERR_CERT_HAS_EXPIRED);
}

Test(handshake, a_server_of_another_name)
{
    client_refuses(&(struct endpoint_files)SHOWS("server-elsewhere", "client-ca"),
                   X509_V_ERR_HOSTNAME_MISMATCH);
}
