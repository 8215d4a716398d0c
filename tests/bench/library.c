/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a PKI for one test takes in memory: an authority, a server and a client, P-256, with certificates and keys as PEM text. By the
 * library; by OpenSSL's own calls, as one would write them; and what OpenSSL takes for nothing but the three keys and signatures.
 *
 * The rounds of all rows alternate, and each row's figure is the median of its rounds, so that a machine that slows down slows all.
 * The library is to stay within LIMIT times the keys and signatures alone; the status is 1 when it does not.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <mtlskit/authority.h>
#include <mtlskit/context.h>
#include <mtlskit/identity.h>

#define ROUNDS 15
#define EACH   200
#define LIMIT  1.5
#define DAYS   397

struct bench {
    struct mtlskit_context *context; /* kept, as a test suite keeps it */
};

static void need(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "the benchmark could not be run: %s\n", what);
        exit(1);
    }
}

static double microseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* ---- keys and signatures alone --------------------------------------------------------------------------------------- */

static void bare_one(EVP_PKEY *key)
{
    static const unsigned char body[400];
    unsigned char signature[80];
    size_t length = sizeof(signature);
    EVP_MD_CTX *hash = EVP_MD_CTX_new();

    need(hash != NULL && EVP_DigestSignInit(hash, NULL, EVP_sha256(), NULL, key) == 1 &&
             EVP_DigestSign(hash, signature, &length, body, sizeof(body)) == 1,
         "a signature");
    EVP_MD_CTX_free(hash);
}

static void bare(struct bench *bench)
{
    EVP_PKEY *authority = EVP_EC_gen("P-256");
    EVP_PKEY *server = EVP_EC_gen("P-256");
    EVP_PKEY *client = EVP_EC_gen("P-256");

    (void)bench;
    need(authority != NULL && server != NULL && client != NULL, "keys");
    bare_one(authority);
    bare_one(authority);
    bare_one(authority);
    EVP_PKEY_free(client);
    EVP_PKEY_free(server);
    EVP_PKEY_free(authority);
}

/* ---- OpenSSL's certificates ------------------------------------------------------------------------------------------ */

static void extend(X509 *certificate, X509 *issuer, int type, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, type, value);
    need(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, "an extension");
    X509_EXTENSION_free(extension);
}

static void put_pem(X509 *certificate, EVP_PKEY *key)
{
    BIO *text = BIO_new(BIO_s_mem());

    need(text != NULL && PEM_write_bio_X509(text, certificate) == 1 &&
             PEM_write_bio_PrivateKey(text, key, NULL, NULL, 0, NULL, NULL) == 1,
         "PEM");
    BIO_free(text);
}

/* @p issuer NULL: a root. */
static X509 *certificate(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key,
                         const char *usage, const char *names)
{
    X509 *made = X509_new();
    X509_NAME *subject = X509_NAME_new();
    BIGNUM *serial = BN_new();

    need(made != NULL && subject != NULL && serial != NULL &&
             BN_rand(serial, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
             BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(made)) != NULL &&
             X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                                        0) == 1 &&
             X509_set_version(made, X509_VERSION_3) == 1 && X509_set_subject_name(made, subject) == 1 &&
             X509_set_issuer_name(made, issuer != NULL ? X509_get_subject_name(issuer) : subject) == 1 &&
             X509_set_pubkey(made, key) == 1 && X509_gmtime_adj(X509_getm_notBefore(made), -300) != NULL &&
             X509_time_adj_ex(X509_getm_notAfter(made), DAYS, 0, NULL) != NULL,
         "a certificate");
    issuer = issuer != NULL ? issuer : made;
    extend(made, issuer, NID_basic_constraints, usage == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(made, issuer, NID_key_usage,
           usage == NULL ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
    extend(made, issuer, NID_subject_key_identifier, "hash");
    if (usage != NULL) {
        extend(made, issuer, NID_authority_key_identifier, "keyid:always");
        extend(made, issuer, NID_ext_key_usage, usage);
    }
    if (names != NULL) {
        extend(made, issuer, NID_subject_alt_name, names);
    }
    need(X509_sign(made, issuer_key, EVP_sha256()) > 0, "a signature");
    put_pem(made, key);
    BN_free(serial);
    X509_NAME_free(subject);
    return made;
}

static void by_openssl(struct bench *bench)
{
    EVP_PKEY *authority_key = EVP_EC_gen("P-256");
    EVP_PKEY *server_key = EVP_EC_gen("P-256");
    EVP_PKEY *client_key = EVP_EC_gen("P-256");
    X509 *authority, *server, *client;

    (void)bench;
    need(authority_key != NULL && server_key != NULL && client_key != NULL, "keys");
    authority = certificate(authority_key, "Bench CA", NULL, authority_key, NULL, NULL);
    server = certificate(server_key, "server", authority, authority_key, "serverAuth",
                         "DNS:localhost,IP:127.0.0.1");
    client = certificate(client_key, "client", authority, authority_key, "clientAuth", NULL);
    X509_free(client);
    X509_free(server);
    X509_free(authority);
    EVP_PKEY_free(client_key);
    EVP_PKEY_free(server_key);
    EVP_PKEY_free(authority_key);
}

/* ---- the library ------------------------------------------------------------------------------------------------------ */

static void in_context(struct mtlskit_context *context)
{
    struct mtlskit_authority *authority = mtlskit_authority_new(context, "ca");
    struct mtlskit_identity *server = mtlskit_identity_new(context, "server");
    struct mtlskit_identity *client = mtlskit_identity_new(context, "client");

    need(mtlskit_authority_set_subject(authority, "CN=Bench CA") == 0 &&
             mtlskit_authority_make(authority, NULL) == 0,
         mtlskit_authority_error(authority));
    need(mtlskit_identity_set_profile_name(server, "server") == 0 &&
             mtlskit_identity_set_subject(server, "CN=server") == 0 &&
             mtlskit_identity_add_name(server, "dns:localhost") == 0 &&
             mtlskit_identity_add_name(server, "ip:127.0.0.1") == 0 &&
             mtlskit_identity_issue(server, authority) == 0,
         mtlskit_identity_error(server));
    need(mtlskit_identity_set_profile_name(client, "client") == 0 &&
             mtlskit_identity_set_subject(client, "CN=client") == 0 &&
             mtlskit_identity_issue(client, authority) == 0,
         mtlskit_identity_error(client));
    need(mtlskit_authority_key_pem(authority) != NULL && mtlskit_identity_key_pem(server) != NULL &&
             mtlskit_identity_key_pem(client) != NULL,
         "PEM");
    mtlskit_identity_free(client);
    mtlskit_identity_free(server);
    mtlskit_authority_free(authority);
}

static void by_library(struct bench *bench)
{
    in_context(bench->context);
}

static void by_library_alone(struct bench *bench)
{
    struct mtlskit_context *context = mtlskit_context_new(NULL);

    (void)bench;
    in_context(context);
    mtlskit_context_free(context);
}

/* ---- all of it --------------------------------------------------------------------------------------------------------- */

static const struct row {
    const char *title;
    void (*run)(struct bench *bench);
} rows[] = {
    {"OpenSSL: keys and signatures alone", bare},
    {"OpenSSL: certificates, as PEM", by_openssl},
    {"the library", by_library},
    {"the library, a context each", by_library_alone},
};
#define ROWS     (sizeof(rows) / sizeof(rows[0]))
#define BASELINE 0
#define LIBRARY  2

static int compare(const void *one, const void *other)
{
    double left = *(const double *)one;
    double right = *(const double *)other;

    return (left > right) - (left < right);
}

int main(void)
{
    static double times[ROWS][ROUNDS];
    struct bench bench = {mtlskit_context_new(NULL)};
    double ratio;

    need(bench.context != NULL, "memory is out");
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t row = 0; row < ROWS; row++) {
            double start = microseconds();

            for (size_t i = 0; i < EACH; i++) {
                rows[row].run(&bench);
            }
            times[row][round] = (microseconds() - start) / EACH;
        }
    }
    for (size_t row = 0; row < ROWS; row++) {
        qsort(times[row], ROUNDS, sizeof(times[row][0]), compare);
    }
    printf("an authority, a server and a client, P-256, one thread, %d rounds of %d\n", ROUNDS, EACH);
    printf("%-36s %10s %10s %8s\n", "", "median us", "best us", "ratio");
    for (size_t row = 0; row < ROWS; row++) {
        printf("%-36s %10.2f %10.2f %8.2f\n", rows[row].title, times[row][ROUNDS / 2], times[row][0],
               times[row][ROUNDS / 2] / times[BASELINE][ROUNDS / 2]);
    }
    ratio = times[LIBRARY][ROUNDS / 2] / times[BASELINE][ROUNDS / 2];
    printf("%s: %.2f times the keys and signatures alone, to stay within %.2f\n",
           ratio <= LIMIT ? "good" : "too slow", ratio, LIMIT);
    mtlskit_context_free(bench.context);
    return ratio <= LIMIT ? 0 : 1;
}
