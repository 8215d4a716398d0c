/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests/bench/fleet holds its figures against, each on all processors and with nothing around it; prints the seconds.
 *
 *   signatures COUNT      P-256 signatures over certificates' bodies, contexts reused
 *   proofs COUNT          the same, and before each a request's proof: its body hashed, its key's point read, its signature verified
 *   signed FILE...        the same once for each file, which is read before
 *   rsa COUNT             RSA-2048 keys
 *   p12 COUNT             OpenSSL's own PKCS#12 encoding of a P-256 identity, as ios-legacy has it
 *   rows FOLDER COUNT     an intent and a completion each in a ledger of its own, in groups of 1,000
 *   fill FOLDER COUNT     the same in the ledger of an existing PKI, under its first generation; not a measurement
 *   requests FOLDER COUNT certification requests, one key for all; not a measurement
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/context.h"
#include "ledger/ledger.h"

#define THREADS_MAX 64
#define GROUP       1000
#define BODY_LENGTH 400
#define COMMENT                                                                                              \
    "as long as the extensions of a client's certificate are, so that a row is as large as it would be "     \
    "........................................"
#define ITERATIONS 2048

static void die(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static void need(bool good, const char *what)
{
    if (!good) {
        die(what);
    }
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- on all processors ----------------------------------------------------------------------------------------------- */

/* What is to be done so many times. Each thread draws some of it at a time: processors are seldom equally fast. */
struct work {
    void (*work)(struct work *work);
    long count;
    long drawn;   /* at once: little enough that all end together */
    char **files; /* as many as count; NULL: there are none */
    atomic_long next;
};

/* Most that are drawn at once. */
#define DRAWN_MAX 16

/* The next ones to be done, from *first to before *last; false when there are none. */
static bool draw(struct work *work, long *first, long *last)
{
    *first = atomic_fetch_add(&work->next, work->drawn);
    *last = *first + work->drawn < work->count ? *first + work->drawn : work->count;
    return *first < work->count;
}

static void *thread_main(void *argument)
{
    struct work *work = argument;

    work->work(work);
    return NULL;
}

static double on_all(void (*function)(struct work *work), long count, char **files)
{
    long share = count / 256;
    struct work work = {.work = function,
                        .count = count,
                        .drawn = share < 1           ? 1
                                 : share > DRAWN_MAX ? DRAWN_MAX
                                                     : share,
                        .files = files};
    pthread_t threads[THREADS_MAX];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    double begin = seconds();

    processors = processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : processors;
    for (long i = 0; i < processors; i++) {
        need(pthread_create(&threads[i], NULL, thread_main, &work) == 0, "no thread");
    }
    for (long i = 0; i < processors; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    return seconds() - begin;
}

static EVP_PKEY *key_new(int type)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(type, NULL);
    EVP_PKEY *key = NULL;

    need(context != NULL && EVP_PKEY_keygen_init(context) == 1, "no key generator");
    if (type == EVP_PKEY_EC) {
        need(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1, "no P-256");
    } else {
        need(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1, "no RSA");
    }
    need(EVP_PKEY_generate(context, &key) == 1, "no key");
    EVP_PKEY_CTX_free(context);
    return key;
}

/* What signs and verifies with contexts that are kept. */
struct kit {
    EVP_PKEY *key;
    EVP_PKEY_CTX *signer, *verifier;
    EVP_MD *sha256;
    EVP_MD_CTX *hash;
    unsigned char digest[32];
    unsigned char signature[80];
    size_t length;
};

static void kit_start(struct kit *kit)
{
    kit->key = key_new(EVP_PKEY_EC);
    kit->signer = EVP_PKEY_CTX_new(kit->key, NULL);
    kit->verifier = EVP_PKEY_CTX_new(kit->key, NULL);
    kit->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    kit->hash = EVP_MD_CTX_new();
    need(kit->signer != NULL && kit->verifier != NULL && kit->hash != NULL && kit->sha256 != NULL &&
             EVP_PKEY_sign_init(kit->signer) == 1 && EVP_PKEY_verify_init(kit->verifier) == 1,
         "no signer");
}

static void kit_end(struct kit *kit)
{
    EVP_MD_CTX_free(kit->hash);
    EVP_MD_free(kit->sha256);
    EVP_PKEY_CTX_free(kit->verifier);
    EVP_PKEY_CTX_free(kit->signer);
    EVP_PKEY_free(kit->key);
}

static void kit_hash(struct kit *kit)
{
    static const unsigned char body[BODY_LENGTH];

    need(EVP_DigestInit_ex2(kit->hash, kit->sha256, NULL) == 1 &&
             EVP_DigestUpdate(kit->hash, body, sizeof(body)) == 1 &&
             EVP_DigestFinal_ex(kit->hash, kit->digest, NULL) == 1,
         "no hash");
}

static void kit_sign(struct kit *kit)
{
    kit_hash(kit);
    kit->length = sizeof(kit->signature);
    need(EVP_PKEY_sign(kit->signer, kit->signature, &kit->length, kit->digest, sizeof(kit->digest)) == 1,
         "no signature");
}

static void signatures(struct work *work)
{
    struct kit kit;
    long i, last;

    kit_start(&kit);
    while (draw(work, &i, &last)) {
        for (; i < last; i++) {
            kit_sign(&kit);
        }
    }
    kit_end(&kit);
}

static void file_take(const char *path)
{
    char content[4096];
    int file = open(path, O_RDONLY | O_CLOEXEC);

    need(file != -1 && read(file, content, sizeof(content)) > 0 && close(file) == 0,
         "a request cannot be read");
}

/* A key as it comes in a request is a point; the quickest way to have OpenSSL read it is into a key of its curve that is there. */
static void proofs(struct work *work)
{
    unsigned char point[133];
    size_t length = 0;
    struct kit asking;
    struct kit ours;
    long i, last;

    kit_start(&asking);
    kit_start(&ours);
    kit_sign(&asking);
    need(EVP_PKEY_get_octet_string_param(asking.key, "encoded-pub-key", point, sizeof(point), &length) == 1,
         "no point");
    while (draw(work, &i, &last)) {
        for (; i < last; i++) {
            if (work->files != NULL) {
                file_take(work->files[i]);
            }
            kit_hash(&asking);
            need(EVP_PKEY_set1_encoded_public_key(asking.key, point, length) == 1 &&
                     EVP_PKEY_verify(asking.verifier, asking.signature, asking.length, asking.digest,
                                     sizeof(asking.digest)) == 1,
                 "a signature that does not verify");
            kit_sign(&ours);
        }
    }
    kit_end(&ours);
    kit_end(&asking);
}

static void rsa(struct work *work)
{
    long i, last;

    while (draw(work, &i, &last)) {
        for (; i < last; i++) {
            EVP_PKEY_free(key_new(EVP_PKEY_RSA));
        }
    }
}

static X509 *certificate_new(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_NAME_new();
    X509_EXTENSION *comment = X509V3_EXT_conf_nid(NULL, NULL, NID_netscape_comment, COMMENT);

    need(certificate != NULL && name != NULL &&
             X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"bench", -1, -1,
                                        0) == 1 &&
             X509_set_version(certificate, X509_VERSION_3) == 1 &&
             X509_set_subject_name(certificate, name) == 1 && X509_set_issuer_name(certificate, name) == 1 &&
             X509_set_pubkey(certificate, key) == 1 &&
             X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != NULL &&
             X509_gmtime_adj(X509_getm_notAfter(certificate), 86400) != NULL && comment != NULL &&
             X509_add_ext(certificate, comment, -1) == 1 && X509_sign(certificate, key, EVP_sha256()) > 0,
         "no certificate");
    X509_EXTENSION_free(comment);
    X509_NAME_free(name);
    return certificate;
}

static void encode(EVP_PKEY *key, X509 *certificate, STACK_OF(X509) * chain)
{
    PKCS12 *bundle = PKCS12_create("correct horse battery", "bench", key, certificate, chain,
                                   NID_pbe_WithSHA1And3_Key_TripleDES_CBC,
                                   NID_pbe_WithSHA1And3_Key_TripleDES_CBC, ITERATIONS, -1, 0);
    unsigned char *der = NULL;

    need(bundle != NULL &&
             PKCS12_set_mac(bundle, "correct horse battery", -1, NULL, 8, ITERATIONS, EVP_sha1()) == 1 &&
             i2d_PKCS12(bundle, &der) > 0,
         "no bundle: the legacy provider may be missing");
    OPENSSL_free(der);
    PKCS12_free(bundle);
}

static void p12(struct work *work)
{
    long i, last;
    EVP_PKEY *key = key_new(EVP_PKEY_EC);
    X509 *certificate = certificate_new(key);
    STACK_OF(X509) *chain = sk_X509_new_null();

    need(chain != NULL && sk_X509_push(chain, certificate) > 0, "no chain");
    while (draw(work, &i, &last)) {
        for (; i < last; i++) {
            encode(key, certificate, chain);
        }
    }
    sk_X509_free(chain);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* ---- the ledger ------------------------------------------------------------------------------------------------------ */

static void ledger_need(int status, const struct faults *faults)
{
    if (status != 0) {
        die(faults_count(faults) > 0 ? faults_text(faults, 0) : "the ledger failed");
    }
}

static int take_generation(void *state, const struct ledger_generation *generation)
{
    *(struct ledger_generation *)state = *generation;
    return 1;
}

static void put_group(struct ledger *ledger, int64_t generation, struct slice der, long first, long count,
                      struct faults *faults)
{
    static struct ledger_certificate rows[GROUP];
    unsigned char random[16 + DIGEST_LENGTH];

    ledger_need(ledger_begin(ledger, faults), faults);
    for (long i = 0; i < count; i++) {
        struct ledger_certificate *row = &rows[i];

        memset(row, 0, sizeof(*row));
        need(RAND_bytes(random, 16 + DIGEST_LENGTH) == 1, "no randomness");
        /* as serials are given out: time in front, randomness behind */
        random[0] = 1 + (unsigned char)((first + i) >> 24 & 0x3f);
        random[1] = (unsigned char)((first + i) >> 16);
        random[2] = (unsigned char)((first + i) >> 8);
        need(bytes_append(&row->serial, random, 16) == 0, "memory is out");
        memcpy(row->spki.octets, random + 16, DIGEST_LENGTH);
        (void)snprintf(row->name, sizeof(row->name), "row-%08ld", first + i);
        row->generation = generation;
        row->not_before = row->created = 1750000000;
        row->not_after = 2000000000 + first + i;
        ledger_need(ledger_put_intent(ledger, row, faults), faults);
    }
    ledger_need(ledger_commit(ledger, faults), faults);
    ledger_need(ledger_begin(ledger, faults), faults);
    for (long i = 0; i < count; i++) {
        ledger_need(ledger_put_issued(ledger, rows[i].id, der, rows[i].not_before, rows[i].not_after, faults),
                    faults);
        bytes_free(&rows[i].serial);
    }
    ledger_need(ledger_commit(ledger, faults), faults);
}

static double rows(const char *folder, long count, bool fresh)
{
    struct faults *faults = faults_new();
    struct ledger_generation generation = {.name = "bench", .created = 1750000000, .current = true};
    EVP_PKEY *key = key_new(EVP_PKEY_EC);
    X509 *certificate = certificate_new(key);
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    struct context *context;
    struct ledger *ledger;
    double begin;

    need(faults != NULL && length > 0, "memory is out");
    if (fresh) {
        need(mkdir(folder, 0755) == 0, "the folder cannot be made");
    }
    ledger = ledger_open(folder, LEDGER_WRITE, faults);
    ledger_need(ledger != NULL ? 0 : -1, faults);
    context = context_new(NULL);
    need(context != NULL, "memory is out");
    ledger_need(ledger_attribute(ledger, context, "bench", faults), faults);
    begin = seconds();
    if (fresh) {
        ledger_need(ledger_begin(ledger, faults), faults);
        ledger_need(ledger_put_generation(ledger, &generation, faults), faults);
        ledger_need(ledger_commit(ledger, faults), faults);
    } else {
        need(ledger_each_generation(ledger, NULL, take_generation, &generation, faults) == 1,
             "no authority there");
    }
    for (long done = 0; done < count; done += GROUP) {
        put_group(ledger, generation.id, (struct slice){der, (size_t)length}, done,
                  count - done < GROUP ? count - done : GROUP, faults);
    }
    ledger_close(ledger);
    begin = seconds() - begin;
    OPENSSL_free(der);
    X509_free(certificate);
    EVP_PKEY_free(key);
    context_free(context);
    faults_free(faults);
    return begin;
}

/* ---- requests -------------------------------------------------------------------------------------------------------- */

static void request_write(const char *folder, long number, EVP_PKEY *key)
{
    X509_REQ *request = X509_REQ_new();
    X509_NAME *name = X509_NAME_new();
    char text[64];
    char path[4200];
    FILE *file;

    (void)snprintf(text, sizeof(text), "device %ld", number);
    (void)snprintf(path, sizeof(path), "%s/d%06ld.csr", folder, number);
    need(request != NULL && name != NULL &&
             X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) ==
                 1 &&
             X509_REQ_set_subject_name(request, name) == 1 && X509_REQ_set_pubkey(request, key) == 1 &&
             X509_REQ_sign(request, key, EVP_sha256()) > 0,
         "no request");
    file = fopen(path, "w");
    need(file != NULL && PEM_write_X509_REQ(file, request) == 1 && fclose(file) == 0,
         "a request cannot be written");
    X509_NAME_free(name);
    X509_REQ_free(request);
}

static void requests(const char *folder, long count)
{
    for (long i = 0; i < count; i++) {
        EVP_PKEY *key = key_new(EVP_PKEY_EC);

        request_write(folder, i, key);
        EVP_PKEY_free(key);
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";
    long count = argc > 2 ? strtol(argv[argc - 1], NULL, 10) : 0;
    double took = 0;

    if (strcmp(what, "signatures") == 0) {
        took = on_all(signatures, count, NULL);
    } else if (strcmp(what, "proofs") == 0) {
        took = on_all(proofs, count, NULL);
    } else if (strcmp(what, "signed") == 0) {
        took = on_all(proofs, argc - 2, argv + 2);
    } else if (strcmp(what, "rsa") == 0) {
        took = on_all(rsa, count, NULL);
    } else if (strcmp(what, "p12") == 0) {
        took = on_all(p12, count, NULL);
    } else if (strcmp(what, "rows") == 0 && argc == 4) {
        took = rows(argv[2], count, true);
    } else if (strcmp(what, "fill") == 0 && argc == 4) {
        took = rows(argv[2], count, false);
    } else if (strcmp(what, "requests") == 0 && argc == 4) {
        requests(argv[2], count);
    } else {
        die("usage: bench_raw signatures|proofs|rsa|p12 COUNT, bench_raw signed FILE..., "
            "bench_raw rows|fill|requests FOLDER COUNT");
    }
    printf("%.6f\n", took);
    return 0;
}
