/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long an identity takes in memory: a P-256 key, its certificate signed by a P-256 authority, and both as PEM text. Beside it,
 * in the same run, what OpenSSL takes for nothing but the key and the signature, with its contexts reused.
 *
 * The rounds of all rows alternate, and each row's figure is the median of its rounds, so that a machine that slows down slows all.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "base/context.h"
#include "base/fault.h"
#include "x509/issuer.h"
#include "x509/key.h"
#include "x509/pem.h"

#define ROUNDS 15
#define EACH   2000

/* CN=authority and CN=leaf. */
static const unsigned char authority_name[] = "\x30\x14\x31\x12\x30\x10\x06\x03\x55\x04\x03\x0c\x09"
                                              "authority";
static const unsigned char leaf_name[] = "\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04leaf";
/* dNSName leaf.example */
static const unsigned char leaf_names[] = "\x82\x0cleaf.example";

#define LITERAL(octets) ((struct slice){(octets), sizeof(octets) - 1})

/* Everything the rows need. */
struct bench {
    struct context *context;
    struct faults *faults;
    struct key_maker *maker;
    struct key *authority;
    struct issuer *issuer;
    struct profile ca, client;
    EVP_PKEY_CTX *keygen, *signing; /* OpenSSL's alone */
};

static void fail(struct bench *bench)
{
    for (size_t i = 0; i < faults_count(bench->faults); i++) {
        fprintf(stderr, "%s\n", faults_text(bench->faults, i));
    }
    fprintf(stderr, "the benchmark could not be run\n");
    exit(1);
}

static void require(struct bench *bench, int status)
{
    if (status != 0) {
        fail(bench);
    }
}

static double microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void issue(struct bench *bench, struct slice spki, struct bytes *der)
{
    struct serial serial;
    struct issuance issuance = {
        .profile = &bench->client,
        .subject = LITERAL(leaf_name),
        .names = LITERAL(leaf_names),
        .spki = spki,
        .family = KEY_FAMILY_EC,
        .not_before = 1750000000,
        .not_after = 1780000000,
        .path_length = -1,
    };

    require(bench, serial_make(bench->context, &serial));
    issuance.serial = serial_slice(&serial);
    require(bench, issuer_issue(bench->issuer, &issuance, der, bench->faults));
}

static void set_up(struct bench *bench)
{
    struct issuance issuance = {
        .subject = LITERAL(authority_name), .family = KEY_FAMILY_EC, .path_length = -1};
    struct bytes certificate = BYTES_EMPTY;
    struct signer *signer;
    struct serial serial;
    static struct oid client_auth;

    bench->context = context_new(NULL);
    bench->faults = faults_new();
    profile_init(&bench->ca);
    profile_init(&bench->client);
    bench->ca.ca = true;
    bench->ca.key_usage = 0x60; /* keyCertSign, cRLSign */
    bench->client.key_usage = 0x01;
    require(bench, oid_parse_extended_key_usage("clientAuth", &client_auth));
    bench->client.extended_key_usages = &client_auth;
    bench->client.extended_key_usage_count = 1;
    bench->maker = key_maker_new(bench->context, KEY_EC_P256, bench->faults);
    bench->authority = bench->maker == NULL ? NULL : key_maker_make(bench->maker, bench->faults);
    signer =
        bench->authority == NULL ? NULL : signer_from_key(bench->context, bench->authority, bench->faults);
    if (signer == NULL || serial_make(bench->context, &serial) != 0) {
        fail(bench);
    }
    issuance.profile = &bench->ca;
    issuance.spki = signer_spki(signer);
    issuance.serial = serial_slice(&serial);
    issuance.not_after = 1900000000;
    require(bench, issuer_self_sign(bench->context, signer, &issuance, &certificate, bench->faults));
    bench->issuer = issuer_new(bench->context, slice_of(&certificate), signer, bench->faults);
    bytes_free(&certificate);
    bench->keygen = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    bench->signing = EVP_PKEY_CTX_new_from_pkey(NULL, key_pkey(bench->authority), NULL);
    if (bench->issuer == NULL || EVP_PKEY_keygen_init(bench->keygen) != 1 ||
        EVP_PKEY_CTX_set_group_name(bench->keygen, "P-256") != 1 || EVP_PKEY_sign_init(bench->signing) != 1) {
        fail(bench);
    }
}

static void tear_down(struct bench *bench)
{
    EVP_PKEY_CTX_free(bench->keygen);
    EVP_PKEY_CTX_free(bench->signing);
    issuer_free(bench->issuer);
    key_free(bench->authority);
    key_maker_free(bench->maker);
    faults_free(bench->faults);
    context_free(bench->context);
}

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

static void raw_key(struct bench *bench)
{
    EVP_PKEY *pkey = NULL;

    require(bench, EVP_PKEY_generate(bench->keygen, &pkey) == 1 ? 0 : -1);
    EVP_PKEY_free(pkey);
}

static void raw_key_and_signature(struct bench *bench)
{
    const unsigned char hash[32] = {1};
    unsigned char signature[80];
    size_t length = sizeof(signature);

    raw_key(bench);
    require(bench, EVP_PKEY_sign(bench->signing, signature, &length, hash, sizeof(hash)) == 1 ? 0 : -1);
}

static struct key *make(struct bench *bench)
{
    struct key *key = key_maker_make(bench->maker, bench->faults);

    if (key == NULL) {
        fail(bench);
    }
    return key;
}

static void key_alone(struct bench *bench)
{
    key_free(make(bench));
}

static void key_and_certificate(struct bench *bench)
{
    struct key *key = make(bench);
    struct bytes spki = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;

    require(bench, key_spki(key, &spki, bench->faults));
    issue(bench, slice_of(&spki), &der);
    bytes_free(&der);
    bytes_free(&spki);
    key_free(key);
}

static void identity(struct bench *bench)
{
    struct key *key = make(bench);
    struct bytes spki = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    struct bytes pem = BYTES_EMPTY;

    require(bench, key_spki(key, &spki, bench->faults));
    issue(bench, slice_of(&spki), &der);
    require(bench, pem_write(slice_of(&der), "CERTIFICATE", &pem));
    require(bench, key_pkcs8_pem(key, &pem, bench->faults));
    bytes_free(&pem);
    bytes_free(&der);
    bytes_free(&spki);
    key_free(key);
}

static const struct row {
    const char *title;
    void (*run)(struct bench *bench);
} rows[] = {
    {"OpenSSL: key", raw_key},
    {"OpenSSL: key and signature", raw_key_and_signature},
    {"key", key_alone},
    {"key and certificate", key_and_certificate},
    {"key and certificate, both as PEM", identity},
};
#define ROWS     (sizeof(rows) / sizeof(rows[0]))
#define BASELINE 1

static int compare(const void *one, const void *other)
{
    double left = *(const double *)one;
    double right = *(const double *)other;

    return (left > right) - (left < right);
}

int main(void)
{
    static double times[ROWS][ROUNDS];
    struct bench bench = {0};

    set_up(&bench);
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
    printf("P-256, one thread, %d rounds of %d\n", ROUNDS, EACH);
    printf("%-36s %10s %10s %8s\n", "", "median us", "best us", "ratio");
    for (size_t row = 0; row < ROWS; row++) {
        printf("%-36s %10.2f %10.2f %8.2f\n", rows[row].title, times[row][ROUNDS / 2], times[row][0],
               times[row][ROUNDS / 2] / times[BASELINE][ROUNDS / 2]);
    }
    tear_down(&bench);
    return 0;
}
