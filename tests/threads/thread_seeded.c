/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from a seed is the same everywhere: keys of each algorithm, and a root, an intermediate, a leaf, a list, a request, an OCSP
 * response, bundles and locked keys, all in memory, held to the SHA-256 that each always had. Made by one thread, and once more by eight;
 * each by itself, so that neither the order nor who made it can matter.
 *
 *   thread_seeded           both
 *   thread_seeded --once    by eight threads only: for where it takes long
 *   thread_seeded --print   the digests of what comes out, to be compared by hand
 *
 * A digest here changes only together with the version in base/seed.c. What this OpenSSL does not have (ML-DSA before 3.5) is left out.
 */
#include <locale.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/passphrase.h"
#include "base/seed.h"
#include "x509/bundle.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/issuer.h"
#include "x509/name.h"
#include "x509/ocsp_response.h"
#include "x509/profile.h"
#include "x509/request.h"

#define NOW     1750000000
#define YEAR    (365 * 86400)
#define THREADS 8

/* Where one thing is made: by one thread, in a context of its own. */
struct bench {
    struct context *context;
    struct faults *faults;
    struct profile authority, leaf;
};

/* A key with the certificate over it. */
struct identity {
    struct key *key;
    struct bytes certificate;
};

/* ---- parts ------------------------------------------------------------------------------------------------------- */

static int begin(const struct bench *bench, const char *owner, const char *purpose)
{
    return context_begin(bench->context, slice_of_text(owner), slice_of_text(purpose));
}

static struct key *make_key(const struct bench *bench, enum key_algorithm algorithm, const char *owner)
{
    struct key_maker *maker = key_maker_new(bench->context, algorithm, bench->faults);
    struct key *key = NULL;

    if (maker != NULL && begin(bench, owner, "key") == 0) {
        key = key_maker_make(maker, bench->faults);
    }
    key_maker_free(maker);
    return key;
}

static int write_name(const char *text, struct bytes *der)
{
    struct name name = {NULL, 0};
    const char *why;
    int status = -1;

    if (name_parse(text, &name, &why) == 0) {
        status = name_encode(&name, der);
    }
    name_free(&name);
    return status;
}

/* What is to be certified. */
struct asked {
    const char *owner, *subject, *names;
    const struct profile *profile;
    int path_length;
};

/* Certify @p key: by @p issuer, or by itself where that is NULL. */
static int certify(const struct bench *bench, const struct asked *asked, const struct key *key,
                   struct issuer *issuer, struct bytes *der)
{
    struct signer *signer = signer_from_key(bench->context, key, bench->faults);
    struct issuance issuance = {.profile = asked->profile,
                                .family = key_family_of(key),
                                .not_before = NOW,
                                .not_after = NOW + YEAR,
                                .path_length = asked->path_length};
    struct bytes subject = BYTES_EMPTY;
    struct bytes names = BYTES_EMPTY;
    struct bytes spki = BYTES_EMPTY;
    struct serial serial;
    const char *why;
    int status = -1;

    if (signer != NULL && write_name(asked->subject, &subject) == 0 &&
        (asked->names == NULL || general_name_parse(asked->names, NULL, &names, &why) == 0) &&
        key_spki(key, &spki, bench->faults) == 0 && begin(bench, asked->owner, "serial") == 0 &&
        serial_make(bench->context, &serial) == 0) {
        issuance.subject = slice_of(&subject);
        issuance.names = slice_of(&names);
        issuance.spki = slice_of(&spki);
        issuance.serial = serial_slice(&serial);
        status = issuer != NULL ? issuer_issue(issuer, &issuance, der, bench->faults)
                                : issuer_self_sign(bench->context, signer, &issuance, der, bench->faults);
    }
    signer_free(signer);
    bytes_free(&spki);
    bytes_free(&names);
    bytes_free(&subject);
    return status;
}

static void identity_free(struct identity *identity)
{
    key_free(identity->key);
    bytes_free(&identity->certificate);
}

static struct issuer *issuer_of(const struct bench *bench, const struct identity *identity)
{
    struct signer *signer = signer_from_key(bench->context, identity->key, bench->faults);

    return signer == NULL
               ? NULL
               : issuer_new(bench->context, slice_of(&identity->certificate), signer, bench->faults);
}

static int make_identity(const struct bench *bench, const struct asked *asked, enum key_algorithm algorithm,
                         const struct identity *above, struct identity *identity)
{
    struct issuer *issuer = above != NULL ? issuer_of(bench, above) : NULL;
    int status = -1;

    identity->key = make_key(bench, algorithm, asked->owner);
    if (identity->key != NULL && (above == NULL || issuer != NULL)) {
        status = certify(bench, asked, identity->key, issuer, &identity->certificate);
    }
    issuer_free(issuer);
    return status;
}

/* Root, intermediate and leaf; all is given back by chain_free, also after -1. */
struct chain {
    struct identity root, intermediate, leaf;
};

static int make_chain(const struct bench *bench, struct chain *chain)
{
    const struct asked root = {"root", "CN=Root,O=Example", NULL, &bench->authority, -1};
    const struct asked intermediate = {"intermediate", "CN=Intermediate", NULL, &bench->authority, 0};
    const struct asked leaf = {"leaf", "CN=leaf.example.com", "dns:leaf.example.com", &bench->leaf, -1};

    memset(chain, 0, sizeof(*chain));
    return make_identity(bench, &root, KEY_EC_P384, NULL, &chain->root) == 0 &&
                   make_identity(bench, &intermediate, KEY_EC_P256, &chain->root, &chain->intermediate) ==
                       0 &&
                   make_identity(bench, &leaf, KEY_EC_P256, &chain->intermediate, &chain->leaf) == 0
               ? 0
               : -1;
}

static void chain_free(struct chain *chain)
{
    identity_free(&chain->root);
    identity_free(&chain->intermediate);
    identity_free(&chain->leaf);
}

/* ---- things ------------------------------------------------------------------------------------------------------ */

static int thing_key(const struct bench *bench, int algorithm, struct bytes *out)
{
    struct key *key = make_key(bench, (enum key_algorithm)algorithm, "a");
    int status = key == NULL ? -1 : key_pkcs8(key, out, bench->faults);

    key_free(key);
    return status;
}

/* Signed by a key of each kind. */
static int thing_root(const struct bench *bench, int algorithm, struct bytes *out)
{
    const struct asked asked = {"a", "CN=Root", NULL, &bench->authority, -1};
    struct identity identity = {NULL, BYTES_EMPTY};
    int status = make_identity(bench, &asked, (enum key_algorithm)algorithm, NULL, &identity);

    if (status == 0) {
        bytes_move(out, &identity.certificate);
    }
    identity_free(&identity);
    return status;
}

static int thing_chain(const struct bench *bench, int which, struct bytes *out)
{
    struct chain chain;
    int status = make_chain(bench, &chain);

    if (status == 0) {
        bytes_move(out, which == 0   ? &chain.root.certificate
                        : which == 1 ? &chain.intermediate.certificate
                                     : &chain.leaf.certificate);
    }
    chain_free(&chain);
    return status;
}

static int write_list(const struct bench *bench, const struct certificate_view *authority,
                      const struct certificate_view *leaf, struct signer *signer, struct bytes *out)
{
    const struct crl_fields fields = {authority->subject, authority->subject_key_identifier, 7, NOW,
                                      NOW + 86400};
    const struct crl_entry entry = {
        .serial = leaf->serial, .revoked = NOW - 60, .reason = CRL_KEY_COMPROMISE};
    struct crl_writer *writer = crl_writer_new(bench->faults);
    int status = -1;

    if (writer != NULL && crl_writer_add(writer, &entry, bench->faults) == 0) {
        status = crl_writer_sign(writer, &fields, signer, out, bench->faults);
    }
    crl_writer_free(writer);
    return status;
}

static int write_response(const struct bench *bench, const struct certificate_view *authority,
                          const struct certificate_view *leaf, struct signer *signer, struct bytes *out)
{
    const struct ocsp_fields fields = {.responder = authority->subject, .produced = NOW};
    const struct ocsp_answer answer = {.issuer = authority->subject,
                                       .issuer_spki = authority->spki,
                                       .serial = leaf->serial,
                                       .status = OCSP_GOOD,
                                       .this_update = NOW};

    return ocsp_response_sign(bench->context, &fields, &answer, 1, signer, out, bench->faults);
}

/* 0: a list, else an OCSP response. */
static int thing_status(const struct bench *bench, int which, struct bytes *out)
{
    struct chain chain;
    struct certificate_view authority;
    struct certificate_view leaf;
    struct signer *signer = NULL;
    int status = -1;

    if (make_chain(bench, &chain) == 0 &&
        (signer = signer_from_key(bench->context, chain.intermediate.key, bench->faults)) != NULL &&
        certificate_view_read(slice_of(&chain.intermediate.certificate), &authority) == 0 &&
        certificate_view_read(slice_of(&chain.leaf.certificate), &leaf) == 0) {
        status = (which == 0 ? write_list : write_response)(bench, &authority, &leaf, signer, out);
    }
    signer_free(signer);
    chain_free(&chain);
    return status;
}

static int thing_request(const struct bench *bench, int algorithm, struct bytes *out)
{
    struct key *key = make_key(bench, (enum key_algorithm)algorithm, "request");
    struct signer *signer = key == NULL ? NULL : signer_from_key(bench->context, key, bench->faults);
    struct bytes subject = BYTES_EMPTY;
    int status = -1;

    if (signer != NULL && write_name("CN=request", &subject) == 0) {
        status = request_write(&(struct request_fields){.subject = slice_of(&subject)}, signer, out,
                               bench->faults);
    }
    bytes_free(&subject);
    signer_free(signer);
    key_free(key);
    return status;
}

static int thing_bundle(const struct bench *bench, int target, struct bytes *out)
{
    const struct bundle_target *row = bundle_target_at((size_t)target);
    struct bytes passphrase = BYTES_EMPTY;
    struct bundle_content content = {.name = "leaf", .passphrase = &passphrase};
    struct slice above[2];
    struct chain chain;
    int status = -1;

    if (make_chain(bench, &chain) == 0 && bytes_append_text(&passphrase, "passphrase") == 0 &&
        begin(bench, "leaf", row->word) == 0) {
        above[0] = slice_of(&chain.intermediate.certificate);
        above[1] = slice_of(&chain.root.certificate);
        content.chain = above;
        content.chain_count = 2;
        if (!row->anchors_only) {
            content.key = chain.leaf.key;
            content.leaf = slice_of(&chain.leaf.certificate);
        }
        status = bundle_write(bench->context, row, &content, out, bench->faults);
    }
    bytes_free(&passphrase);
    chain_free(&chain);
    return status;
}

static int thing_locked(const struct bench *bench, int kdf, struct bytes *out)
{
    struct key *key = make_key(bench, KEY_EC_P256, "locked");
    struct bytes passphrase = BYTES_EMPTY;
    int status = -1;

    if (key != NULL && bytes_append_text(&passphrase, "passphrase") == 0 &&
        begin(bench, "locked", "salt") == 0) {
        status =
            key_pkcs8_encrypted_pem(bench->context, key, (enum key_kdf)kdf, &passphrase, out, bench->faults);
    }
    bytes_free(&passphrase);
    key_free(key);
    return status;
}

/* As for a bundle that asks for one. */
static int thing_passphrase(const struct bench *bench, int which, struct bytes *out)
{
    const struct passphrase_spec spec = {.source = PASSPHRASE_GENERATE};

    (void)which;
    return begin(bench, "leaf", "passphrase") == 0
               ? passphrase_obtain(bench->context, &spec, NULL, "leaf.p12", false, out, bench->faults)
               : -1;
}

/* ---- what they are ----------------------------------------------------------------------------------------------- */

static const struct thing {
    const char *name;
    int (*make)(const struct bench *bench, int which, struct bytes *out);
    int which;
    enum key_algorithm needs; /* left out where OpenSSL does not have it */
    const char *digest;
} things[] = {
    {"key rsa-2048", thing_key, KEY_RSA_2048, KEY_RSA_2048,
     "c0d0e4915078b308e2a9d58c96fd19069c2df4baa78875eba0e0730cfbcada6f"},
    {"key rsa-3072", thing_key, KEY_RSA_3072, KEY_RSA_3072,
     "1d08917895c71eebd9e04f000d676fb75e9e09d03b4b23a5850a778e9c517a22"},
    {"key rsa-4096", thing_key, KEY_RSA_4096, KEY_RSA_4096,
     "8f9540fad50a3e9b7e9b24fe7ba30cd20b5de465ddeed9a78e1e7a46c79ff312"},
    {"key ec-p256", thing_key, KEY_EC_P256, KEY_EC_P256,
     "b8517a64340d54b71f2becc42bf6a45d7b21bc9661a68d723ac5ecd8c45fe845"},
    {"key ec-p384", thing_key, KEY_EC_P384, KEY_EC_P384,
     "4b9070194a4ff5e641f8c5fddbcf8b9ed6a4196d3b496bacfa191df730a85a05"},
    {"key ec-p521", thing_key, KEY_EC_P521, KEY_EC_P521,
     "bca48371f75e3d32ad279f160edcbf22773e67a319a987c0903569b9caf666f1"},
    {"key ed25519", thing_key, KEY_ED25519, KEY_ED25519,
     "7dcd7a779c1c883c6dbc66d2fcca2f42847db41b0b8a8c754c4baf453b07e8ae"},
    {"key ed448", thing_key, KEY_ED448, KEY_ED448,
     "85a969a63b7386fc0a92d7c634f2d1560ffec2eec7d4e1dfca72015393e5e3fc"},
    {"key ml-dsa-44", thing_key, KEY_ML_DSA_44, KEY_ML_DSA_44,
     "937c05c625a731be422eb525a5c7e7ec331803640a39721e5dbf42cd443d1b14"},
    {"key ml-dsa-65", thing_key, KEY_ML_DSA_65, KEY_ML_DSA_65,
     "f79b8310fec10ea70b3bbc0f09e1f7084e67ff8ca6408e1eb0c77b6ddcf519c6"},
    {"key ml-dsa-87", thing_key, KEY_ML_DSA_87, KEY_ML_DSA_87,
     "0ed9023750e22678df7ceaa8f4eaa41d4008b1be031dd531af7d802c8921694e"},
    {"root rsa-2048", thing_root, KEY_RSA_2048, KEY_RSA_2048,
     "e92eafef89342c12110b4fc54f4902800935ebd99fa5c0a0ef937b44082dd2d0"},
    {"root ec-p256", thing_root, KEY_EC_P256, KEY_EC_P256,
     "0bf1e40989d6bb481c5b7e25654909bdfddd929856e2200b35e6f3ebf92f5765"},
    {"root ec-p384", thing_root, KEY_EC_P384, KEY_EC_P384,
     "86ca6b95a55660caa05dcb44e94074fd531dac6a86a0b41fa68b3b9cd1157038"},
    {"root ec-p521", thing_root, KEY_EC_P521, KEY_EC_P521,
     "06d538bebf2fba66b8367328cb50957697504055e53a5aae64e0aed0ebe269fa"},
    {"root ed25519", thing_root, KEY_ED25519, KEY_ED25519,
     "0f57416bca4bb0c8f34b68909cc97a55a711a306165b67aa7e8c3321049e4bd7"},
    {"root ed448", thing_root, KEY_ED448, KEY_ED448,
     "162e6d0dc7a4d53adcc617217a4c18dde27b3f7bc890bfea444a051e1c3b7e03"},
    {"root ml-dsa-44", thing_root, KEY_ML_DSA_44, KEY_ML_DSA_44,
     "273ab75668a28c0fc40a55867fae6080309ba757fe7bc880c21060ed0a5665db"},
    {"root ml-dsa-65", thing_root, KEY_ML_DSA_65, KEY_ML_DSA_65,
     "013b7fb393d513e53a925f1e2acb19198e5162e323cc01c5448641201dfec72f"},
    {"root ml-dsa-87", thing_root, KEY_ML_DSA_87, KEY_ML_DSA_87,
     "7b09043812e968f97052880e7a4d7485c1a1a657054d8f5603d222293e2871d6"},
    {"chain: root", thing_chain, 0, KEY_EC_P256,
     "7d65525ba1630f398db776c14737efd9c18202cb872b8e0a0ddee20b502e4ba4"},
    {"chain: intermediate", thing_chain, 1, KEY_EC_P256,
     "b462cec9875b1dbe082b46ebe46d490fd1b5cbd101566a025c1ea130411cbc2c"},
    {"chain: leaf", thing_chain, 2, KEY_EC_P256,
     "091ff0f3beedbe93c3e1f774d297c5270681df63ce9e1acafbcb9b1b4bdb7bdc"},
    {"list", thing_status, 0, KEY_EC_P256,
     "507b0cc508d55eb45f4cbdeffdeba74485657cb75274397411828ee411138a29"},
    {"OCSP response", thing_status, 1, KEY_EC_P256,
     "263ce6f9a45dd1c77914a3495774131d20de9e6394a6bf15bc3cdb65595201b6"},
    {"request ec-p256", thing_request, KEY_EC_P256, KEY_EC_P256,
     "9c6eeb2f5ba9b7317944f78078e00ce0734ea4a68f08e2115f573fa1c9ae0bae"},
    {"request ed25519", thing_request, KEY_ED25519, KEY_ED25519,
     "3fc7472010f4a3ee456aa9904377140eb9d684aadc2bcb2a86ccde889fd775c4"},
    {"request ml-dsa-65", thing_request, KEY_ML_DSA_65, KEY_ML_DSA_65,
     "ce6fc6bac6d93946e00e2224b9dc66b8aa83bdda3057f8043b42aba5f84946f3"},
    {"bundle ios-legacy", thing_bundle, 0, KEY_EC_P256,
     "95c74180bb0e35688a678c938aeb6b8fa482d2ce6b22b8f2fe5bfe7c020bcf3f"},
    {"bundle android-legacy", thing_bundle, 1, KEY_EC_P256,
     "7f854560622ce66062a8d81c7b61fa65009181df23746f5383717a01a2a1473c"},
    {"bundle modern", thing_bundle, 2, KEY_EC_P256,
     "63a7cf505d9d0769368c9d8c9f75b2b301da4673464faf53a05ce498c22600e4"},
    {"bundle java", thing_bundle, 3, KEY_EC_P256,
     "e54be6c1dbb0d55d08c8e4a4003163ba60b0727e8014dfc68d4679e9a5e588d9"},
    {"bundle java-truststore", thing_bundle, 4, KEY_EC_P256,
     "2ffd9c12fba6516c9bd2a3d4718de6d9bf645a1793cb7acd3d5f88cf1750ccda"},
    {"passphrase", thing_passphrase, 0, KEY_EC_P256,
     "0e9570f9f950867bbd975edd57217bbb3542845920f8cd3ab7b649aa05d2cae8"},
    {"locked key, pbkdf2", thing_locked, KEY_KDF_PBKDF2, KEY_EC_P256,
     "20c3496e1bf5a5e3a856b7c8106b3ee680d2f4779be04246ba53bf7a7db3574c"},
    {"locked key, scrypt", thing_locked, KEY_KDF_SCRYPT, KEY_EC_P256,
     "f2666f4878e87395c948f7cf45cc962e80adc3e6f83a61be95fdaff537f24208"},
};
#define THINGS (sizeof(things) / sizeof(things[0]))

/* One go through them, shared by its threads. */
struct round {
    const struct context *base;
    const struct seed *seed;
    atomic_size_t next;
    char digests[THINGS][2 * DIGEST_LENGTH + 1]; /* each its maker's; empty: left out */
    atomic_size_t failures;
};

static int describe(struct bench *bench, const struct thing *thing, char digest[2 * DIGEST_LENGTH + 1])
{
    struct bytes out = BYTES_EMPTY;
    struct bytes text = BYTES_EMPTY;
    struct digest hash;
    int status = -1;

    if (!key_algorithm_available(bench->context, thing->needs)) {
        return 0;
    }
    if (thing->make(bench, thing->which, &out) != 0) {
        printf("%s: %s\n", thing->name,
               faults_count(bench->faults) != 0 ? faults_text(bench->faults, 0) : "no memory");
    } else if (digest_of(bench->context, slice_of(&out), &hash) == 0 &&
               bytes_append_hex(&text, (struct slice){hash.octets, DIGEST_LENGTH}, 0) == 0) {
        memcpy(digest, bytes_text(&text), text.length + 1);
        status = 0;
    }
    bytes_free(&text);
    bytes_free(&out);
    return status;
}

static void *work(void *state)
{
    struct round *round = state;
    struct bench bench = {context_new_seeded(round->base, round->seed), faults_new(), {0}, {0}};
    size_t index;

    profile_init(&bench.authority);
    bench.authority.ca = true;
    bench.authority.key_usage = KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN;
    profile_init(&bench.leaf);
    bench.leaf.key_usage = KEY_USAGE_DIGITAL_SIGNATURE;
    while (bench.context != NULL && bench.faults != NULL &&
           (index = atomic_fetch_add(&round->next, 1)) < THINGS) {
        if (describe(&bench, &things[index], round->digests[index]) != 0) {
            atomic_fetch_add(&round->failures, 1);
        }
    }
    profile_free(&bench.leaf);
    profile_free(&bench.authority);
    faults_free(bench.faults);
    context_free(bench.context);
    return NULL;
}

/* How many things did not come out as they should. */
static size_t go(struct round *round, size_t threads)
{
    pthread_t ids[THREADS];
    size_t started = 0;

    atomic_store(&round->next, 0);
    atomic_store(&round->failures, 0);
    memset(round->digests, 0, sizeof(round->digests));
    while (started < threads && pthread_create(&ids[started], NULL, work, round) == 0) {
        started++;
    }
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(ids[i], NULL);
    }
    return started < threads ? THINGS : atomic_load(&round->failures);
}

static size_t compare(const struct round *round, size_t threads)
{
    size_t wrong = 0;

    for (size_t i = 0; i < THINGS; i++) {
        if (round->digests[i][0] != '\0' && strcmp(round->digests[i], things[i].digest) != 0) {
            printf("not as ever, by %zu: %s is %s, not %s\n", threads, things[i].name, round->digests[i],
                   things[i].digest);
            wrong++;
        }
    }
    return wrong;
}

static void print(const struct round *round)
{
    for (size_t i = 0; i < THINGS; i++) {
        printf("%-64s  %s\n", round->digests[i][0] != '\0' ? round->digests[i] : "left out", things[i].name);
    }
}

int main(int argc, char **argv)
{
    static const size_t threads[] = {1, THREADS};
    static struct round round;
    const char *mode = argc > 1 ? argv[1] : "";
    struct context *base = context_new(NULL);
    struct seed *seed = seed_new(NULL, slice_of_text("a seed for tests"));
    size_t wrong = 0;

    (void)setlocale(LC_ALL, "");
    if (base == NULL || seed == NULL) {
        return 1;
    }
    context_set_time(base, NOW);
    round.base = base;
    round.seed = seed;
    for (size_t i = *mode != '\0' ? 1 : 0; i < 2; i++) {
        wrong += go(&round, threads[i]);
        if (strcmp(mode, "--print") == 0) {
            print(&round);
        } else {
            wrong += compare(&round, threads[i]);
        }
    }
    seed_free(seed);
    context_free(base);
    return wrong == 0 ? 0 : 1;
}
