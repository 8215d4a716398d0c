/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files become identities and anchors: through the confined child, as the program does it, then judged. The identities are OpenSSL's
 * own (foreign.h), the P12s this tree's.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "foreign.h"
#include "identity/judgement.h"
#include "identity/reading.h"
#include "patience.h"
#include "scratch.h"
#include "told.h"
#include "x509/bundle.h"
#include "x509/pem.h"

#define CA                                                                                                   \
    "basicConstraints=critical,CA:TRUE; keyUsage=critical,keyCertSign,cRLSign; subjectKeyIdentifier=hash"
#define LEAF                                                                                                 \
    "basicConstraints=critical,CA:FALSE; keyUsage=critical,digitalSignature; authorityKeyIdentifier=keyid"
#define FIXTURE "; 1.2.840.113556.1.8000.2554.49706.8894.57926.17603.40000.13498555.8639608=DER:0500"

struct world {
    struct context *context;
    struct faults *faults;
    struct bytes text, secret;
    struct foreign *root, *middle, *leaf, *other;
    struct identity identity;
    struct anchors anchors;
    struct judgement exceptions;
    char path[3][200];
};

static void open_world(struct world *world)
{
    scratch_start();
    memset(world, 0, sizeof(*world));
    world->context = foreign_context();
    world->faults = faults_new();
    world->root = foreign_make(&(struct recipe){.name = "Root", .extensions = CA, .until = 3650});
    world->middle = foreign_make(
        &(struct recipe){.name = "Middle", .extensions = CA, .issuer = world->root, .until = 1000});
    world->leaf =
        foreign_make(&(struct recipe){.name = "client", .extensions = LEAF, .issuer = world->middle});
    world->other = foreign_make(&(struct recipe){.name = "Other", .extensions = CA, .until = 1000});
    cr_assert_eq(bytes_append_text(&world->secret, "s3cret-\xc3\xbc"), 0);
}

static void close_world(struct world *world)
{
    identity_free(&world->identity);
    anchors_free(&world->anchors);
    foreign_free(world->leaf);
    foreign_free(world->middle);
    foreign_free(world->root);
    foreign_free(world->other);
    bytes_free(&world->text);
    bytes_free(&world->secret);
    faults_free(world->faults);
    context_free(world->context);
    scratch_stop();
}

/** Write bytes to a file of the folder; its path. */
static const char *keep(struct world *world, size_t slot, const char *name, const struct bytes *content)
{
    FILE *file;

    (void)snprintf(world->path[slot], sizeof(world->path[slot]), "%s/%s", scratch_folder, name);
    file = fopen(world->path[slot], "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(content->data, 1, content->length, file), content->length);
    cr_assert_eq(fclose(file), 0);
    return world->path[slot];
}

static const char *keep_p12(struct world *world, const char *name, const struct foreign *leaf,
                            const struct foreign *const *chain, size_t count, const char *friendly)
{
    struct slice ders[8];
    struct bundle_content content = {.key = leaf->key,
                                     .leaf = foreign_der(leaf),
                                     .chain = ders,
                                     .chain_count = count,
                                     .name = friendly,
                                     .passphrase = &world->secret,
                                     .allow_empty_passphrase = true};
    struct bytes p12 = BYTES_EMPTY;

    for (size_t i = 0; i < count; i++) {
        ders[i] = foreign_der(chain[i]);
    }
    cr_assert_eq(bundle_write(world->context, bundle_target_find("modern"), &content, &p12, world->faults), 0,
                 "%s", told(world->faults, &world->text));
    (void)keep(world, 0, name, &p12);
    bytes_free(&p12);
    return world->path[0];
}

/** PEM of some certificates, in this order. */
static const char *keep_pem(struct world *world, size_t slot, const char *name,
                            const struct foreign *const *certificates, size_t count)
{
    struct bytes pem = BYTES_EMPTY;

    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(pem_write(foreign_der(certificates[i]), "CERTIFICATE", &pem), 0);
    }
    (void)keep(world, slot, name, &pem);
    bytes_free(&pem);
    return world->path[slot];
}

static const char *keep_key(struct world *world, size_t slot, const char *name, const struct foreign *owner)
{
    struct bytes pem = BYTES_EMPTY;

    cr_assert_eq(key_pkcs8_pem(owner->key, &pem, world->faults), 0);
    (void)keep(world, slot, name, &pem);
    bytes_free(&pem);
    return world->path[slot];
}

/** As OpenSSL encrypts it, in few rounds: the tree's own many take a minute under valgrind. */
static const char *keep_encrypted_key(struct world *world, size_t slot, const char *name,
                                      const struct foreign *owner)
{
    FILE *file;

    (void)snprintf(world->path[slot], sizeof(world->path[slot]), "%s/%s", scratch_folder, name);
    file = fopen(world->path[slot], "wb");
    cr_assert_not_null(file);
    cr_assert_eq(PEM_write_PKCS8PrivateKey(file, key_pkey(owner->key), EVP_aes_256_cbc(),
                                           (const char *)world->secret.data, (int)world->secret.length, NULL,
                                           NULL),
                 1);
    cr_assert_eq(fclose(file), 0);
    return world->path[slot];
}

static int read_p12(struct world *world, const char *path, bool with_passphrase)
{
    const struct identity_files files = {.p12 = path, .passphrase = with_passphrase ? &world->secret : NULL};

    return identity_read(world->context, &files, &world->identity, world->faults);
}

static int read_pair(struct world *world, const char *certificate, const char *key, bool with_passphrase)
{
    const struct identity_files files = {
        .certificate = certificate, .key = key, .passphrase = with_passphrase ? &world->secret : NULL};

    return identity_read(world->context, &files, &world->identity, world->faults);
}

static void chain_is(const struct world *world, const struct certificate_list *list,
                     const struct foreign *const *expected, size_t count)
{
    cr_assert_eq(list->count, count, "%zu certificates: %s", list->count, bytes_text(&world->text));
    for (size_t i = 0; i < count; i++) {
        cr_assert(slice_equal(slice_of(&list->items[i]), foreign_der(expected[i])), "certificate %zu", i);
    }
}

/** What was told, without the folder in front; the faults are then gone. */
static void says(struct world *world, const char *expected)
{
    char *text;
    char *at;

    (void)told(world->faults, &world->text);
    text = strdup(bytes_text(&world->text));
    while ((at = strstr(text, scratch_folder)) != NULL) {
        memmove(at, at + strlen(scratch_folder) + 1, strlen(at + strlen(scratch_folder) + 1) + 1);
    }
    cr_assert_str_eq(text, expected, "told \"%s\", expected \"%s\"", text, expected);
    free(text);
    faults_free(world->faults);
    world->faults = faults_new();
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

Test(identity, a_p12_gives_key_chain_in_path_order_and_name)
{
    struct world world;

    open_world(&world);
    cr_assert_eq(
        read_p12(&world,
                 keep_p12(&world, "client.p12", world.leaf,
                          (const struct foreign *[]){world.root, world.middle, world.root}, 3, "my \xc3\xbc"),
                 true),
        0);
    says(&world, "");
    cr_assert(key_equal(world.identity.key, world.leaf->key));
    cr_assert(key_is_private(world.identity.key));
    cr_assert_str_eq(bytes_text(&world.identity.name), "my \xc3\xbc");
    cr_assert_str_eq(bytes_text(&world.identity.shown), world.path[0]);
    chain_is(&world, &world.identity.chain, (const struct foreign *[]){world.leaf, world.middle, world.root},
             3);
    close_world(&world);
}

Test(identity, every_kind_of_key_comes_over)
{
    static const char *const kinds[] = {"rsa-2048", "ec-p256", "ec-p384", "ec-p521", "ed25519"};
    struct world world;

    open_world(&world);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct foreign *leaf = foreign_make(
            &(struct recipe){.name = "leaf", .key = kinds[i], .extensions = LEAF, .issuer = world.root});

        cr_assert_eq(read_p12(&world, keep_p12(&world, "k.p12", leaf, NULL, 0, NULL), true), 0, "%s",
                     kinds[i]);
        cr_assert(key_equal(world.identity.key, leaf->key), "%s", kinds[i]);
        cr_assert_str_eq(bytes_text(&world.identity.name), "leaf");
        foreign_free(leaf);
    }
    says(&world, "");
    close_world(&world);
}

Test(identity, what_is_of_another_chain_stays_out_and_is_told)
{
    struct world world;

    open_world(&world);
    cr_assert_eq(read_p12(&world,
                          keep_p12(&world, "client.p12", world.leaf,
                                   (const struct foreign *[]){world.other, world.middle}, 2, NULL),
                          true),
                 0);
    says(&world, "warning: client.p12: 1 certificate in it is not of the chain and is left out\n");
    chain_is(&world, &world.identity.chain, (const struct foreign *[]){world.leaf, world.middle}, 2);
    close_world(&world);
}

Test(identity, a_passphrase_that_is_wrong_or_missing_is_told_from_a_broken_file)
{
    struct world world;
    struct bytes p12 = BYTES_EMPTY;
    const char *path;

    open_world(&world);
    path = keep_p12(&world, "client.p12", world.leaf, NULL, 0, NULL);
    cr_assert_eq(read_p12(&world, path, false), -1);
    says(&world,
         "client.p12: it needs a passphrase (say where it comes from: env:NAME, file:PATH, prompt)\n");
    cr_assert_null(world.identity.key);
    bytes_clear(&world.secret);
    cr_assert_eq(bytes_append_text(&world.secret, "wrong"), 0);
    cr_assert_eq(read_p12(&world, path, true), -1);
    says(&world, "client.p12: the passphrase does not open it (or the file was altered after it was made)\n");
    cr_assert_eq(file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &p12, world.faults), 0);
    p12.length -= 10;
    cr_assert_eq(read_p12(&world, keep(&world, 1, "cut.p12", &p12), true), -1);
    cr_assert_not_null(strstr(told(world.faults, &world.text), "broken"), "%s", bytes_text(&world.text));
    cr_assert_null(strstr(bytes_text(&world.text), "passphrase"));
    bytes_free(&p12);
    close_world(&world);
}

Test(identity, a_p12_with_an_empty_passphrase_needs_none)
{
    struct world world;
    const char *path;

    open_world(&world);
    bytes_clear(&world.secret);
    path = keep_p12(&world, "client.p12", world.leaf, NULL, 0, NULL);
    cr_assert_eq(read_p12(&world, path, false), 0, "%s", told(world.faults, &world.text));
    cr_assert(key_equal(world.identity.key, world.leaf->key));
    close_world(&world);
}

Test(identity, a_p12_without_a_key_is_no_identity)
{
    struct world world;

    open_world(&world);
    bytes_clear(&world.secret);
    cr_assert_eq(bytes_append_text(&world.secret, "xxxxxx"), 0);
    cr_assert_eq(read_p12(&world, MTLSKIT_TESTS_DIR "/unit/p12/java-truststore.p12", true), -1);
    cr_assert_not_null(
        strstr(told(world.faults, &world.text), "there is no private key in it: it is no identity"), "%s",
        bytes_text(&world.text));
    close_world(&world);
}

Test(identity, certificate_and_key_are_one_the_certificate_of_the_key_first)
{
    struct world world;
    const char *chain;

    open_world(&world);
    chain =
        keep_pem(&world, 0, "chain.pem", (const struct foreign *[]){world.middle, world.leaf, world.leaf}, 3);
    cr_assert_eq(read_pair(&world, chain, keep_key(&world, 1, "a.key", world.leaf), false), 0);
    says(&world, "");
    cr_assert(key_equal(world.identity.key, world.leaf->key));
    cr_assert_str_eq(bytes_text(&world.identity.name), "client");
    cr_assert_str_eq(bytes_text(&world.identity.shown), world.path[0]);
    chain_is(&world, &world.identity.chain, (const struct foreign *[]){world.leaf, world.middle}, 2);
    /* encrypted */
    cr_assert_eq(read_pair(&world, chain, keep_encrypted_key(&world, 1, "b.key", world.leaf), true), 0);
    cr_assert(key_equal(world.identity.key, world.leaf->key));
    cr_assert_eq(read_pair(&world, chain, world.path[1], false), -1);
    cr_assert_not_null(strstr(told(world.faults, &world.text), "b.key:1: the private key is encrypted"), "%s",
                       bytes_text(&world.text));
    close_world(&world);
}

Test(identity, both_files_complain_in_one_run)
{
    struct world world;
    struct bytes junk = BYTES_EMPTY;
    const char *one;

    open_world(&world);
    cr_assert_eq(bytes_append_text(&junk, "hello\n"), 0);
    one = keep(&world, 0, "a.crt", &junk);
    cr_assert_eq(read_pair(&world, one, keep(&world, 1, "a.key", &junk), false), -1);
    cr_assert_eq(faults_errors(world.faults), 2);
    (void)told(world.faults, &world.text);
    cr_assert(strstr(bytes_text(&world.text), "a.crt: ") != NULL &&
              strstr(bytes_text(&world.text), "a.key: ") != NULL);
    bytes_free(&junk);
    close_world(&world);
}

Test(identity, what_is_missing_is_told_before_anything_is_parsed)
{
    struct world world;

    open_world(&world);
    cr_assert_eq(read_pair(&world, "/nonexistent/a.crt", "/nonexistent/a.key", false), -1);
    says(&world, "/nonexistent/a.crt: cannot be read: No such file or directory\n"
                 "/nonexistent/a.key: cannot be read: No such file or directory\n");
    cr_assert_eq(anchors_read(world.context, "/nonexistent/ca.crt", &world.anchors, world.faults), -1);
    says(&world, "/nonexistent/ca.crt: cannot be read: No such file or directory\n");
    close_world(&world);
}

Test(identity, standard_input_can_hold_both)
{
    struct world world;
    struct bytes both = BYTES_EMPTY;
    int ends[2];

    open_world(&world);
    cr_assert_eq(pem_write(foreign_der(world.leaf), "CERTIFICATE", &both), 0);
    cr_assert_eq(key_pkcs8_pem(world.leaf->key, &both, world.faults), 0);
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], both.data, both.length), (ssize_t)both.length);
    cr_assert_eq(close(ends[1]), 0);
    cr_assert_eq(dup2(ends[0], 0), 0);
    cr_assert_eq(read_pair(&world, "-", "-", false), 0, "%s", told(world.faults, &world.text));
    cr_assert(key_equal(world.identity.key, world.leaf->key));
    cr_assert_str_eq(bytes_text(&world.identity.shown), "standard input");
    bytes_free(&both);
    close_world(&world);
}

Test(identity, a_file_only_root_can_read_is_read_though_the_child_is_not_root)
{
    struct world world;
    const char *path;

    if (geteuid() != 0) {
        cr_skip_test("only root has something to give up");
    }
    open_world(&world);
    path = keep_p12(&world, "client.p12", world.leaf, NULL, 0, NULL);
    cr_assert_eq(chmod(path, 0), 0);
    cr_assert_eq(chmod(scratch_folder, 0), 0);
    cr_assert_eq(read_p12(&world, path, true), 0, "%s", told(world.faults, &world.text));
    close_world(&world);
}

/** Each file of a corpus, as a P12, as a pair and as anchors: taken, or refused with a sentence that begins with its name. */
static void hostile(struct world *world, const char *folder)
{
    char path[600];
    char *read;
    const struct dirent *item;
    size_t count = 0;
    DIR *list;

    (void)snprintf(path, sizeof(path), "%s/fuzz/corpus/%s", MTLSKIT_TESTS_DIR, folder);
    list = opendir(path);
    cr_assert_not_null(list, "%s", path);
    while ((item = readdir(list)) != NULL) {
        if (item->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(path, sizeof(path), "%s/fuzz/corpus/%s/%s", MTLSKIT_TESTS_DIR, folder, item->d_name);
        for (int way = 0; way < 3; way++) {
            int status = way == 0   ? read_p12(world, path, true)
                         : way == 1 ? read_pair(world, path, path, true)
                                    : anchors_read(world->context, path, &world->anchors, world->faults);

            read = strdup(told(world->faults, &world->text));
            cr_assert_eq(status == 0, faults_errors(world->faults) == 0, "%s", read);
            cr_assert(status == 0 || strncmp(strncmp(read, "warning: ", 9) == 0 ? read + 9 : read, path,
                                             strlen(path)) == 0,
                      "%s", read);
            cr_assert_null(strstr(read, "the process that"), "%s", read);
            free(read);
            faults_free(world->faults);
            world->faults = faults_new();
            count++;
        }
    }
    (void)closedir(list);
    cr_assert_gt(count, 3);
}

Test(identity, hostile_files_are_sentences)
{
    struct world world;

    if (patience(1) > 1) {
        cr_skip_test("some derive for longer than a child may take, under valgrind");
    }
    open_world(&world);
    hostile(&world, "p12");
    hostile(&world, "pem");
    close_world(&world);
}

/* ---- anchors -------------------------------------------------------------------------------------------------------- */

Test(identity, anchors_are_read_from_pem_and_der_each_once)
{
    struct world world;
    const char *path;

    open_world(&world);
    path = keep_pem(&world, 0, "ca.pem", (const struct foreign *[]){world.root, world.other, world.root}, 3);
    cr_assert_eq(anchors_read(world.context, path, &world.anchors, world.faults), 0);
    chain_is(&world, &world.anchors.certificates, (const struct foreign *[]){world.root, world.other}, 2);
    cr_assert_str_eq(bytes_text(&world.anchors.shown), path);
    cr_assert_eq(anchors_read(world.context, keep(&world, 0, "ca.cer", &world.root->der), &world.anchors,
                              world.faults),
                 0);
    chain_is(&world, &world.anchors.certificates, (const struct foreign *[]){world.root}, 1);
    says(&world, "");
    close_world(&world);
}

Test(identity, anchors_come_in_a_p12_without_key_or_passphrase_too)
{
    struct slice ders[2];
    struct bundle_content content = {.chain = ders, .chain_count = 2, .allow_empty_passphrase = true};
    struct world world;
    struct bytes p12 = BYTES_EMPTY;
    struct bytes empty = BYTES_EMPTY;

    open_world(&world);
    ders[0] = foreign_der(world.root);
    ders[1] = foreign_der(world.other);
    content.passphrase = &empty;
    cr_assert_eq(
        bundle_write(world.context, bundle_target_find("java-truststore"), &content, &p12, world.faults), 0,
        "%s", told(world.faults, &world.text));
    cr_assert_eq(
        anchors_read(world.context, keep(&world, 0, "trust.p12", &p12), &world.anchors, world.faults), 0,
        "%s", told(world.faults, &world.text));
    chain_is(&world, &world.anchors.certificates, (const struct foreign *[]){world.root, world.other}, 2);
    /* one with a passphrase asks for it, one with a key is something else */
    cr_assert_eq(anchors_read(world.context, MTLSKIT_TESTS_DIR "/unit/p12/java-truststore.p12",
                              &world.anchors, world.faults),
                 -1);
    cr_assert_not_null(strstr(told(world.faults, &world.text), "it needs a passphrase"), "%s",
                       bytes_text(&world.text));
    faults_free(world.faults);
    world.faults = faults_new();
    bytes_clear(&world.secret);
    cr_assert_eq(anchors_read(world.context, keep_p12(&world, "client.p12", world.leaf, NULL, 0, NULL),
                              &world.anchors, world.faults),
                 -1);
    says(&world,
         "client.p12: it holds a private key: it is an identity, and not what is trusted (name the file that "
         "holds the authority's certificate alone)\n");
    bytes_free(&p12);
    close_world(&world);
}

/* ---- judgement ------------------------------------------------------------------------------------------------------ */

static int judge_p12(struct world *world, const struct foreign *leaf, const struct foreign *const *chain,
                     size_t count)
{
    cr_assert_eq(read_p12(world, keep_p12(world, "a.p12", leaf, chain, count, NULL), true), 0, "%s",
                 told(world->faults, &world->text));
    return identity_judge(world->context, &world->identity, &world->exceptions, world->faults);
}

static int judge_anchor(struct world *world, const struct foreign *anchor)
{
    cr_assert_eq(
        anchors_read(world->context, keep(world, 0, "ca.cer", &anchor->der), &world->anchors, world->faults),
        0);
    return anchors_judge(world->context, &world->anchors, &world->exceptions, world->faults);
}

Test(judgement, a_good_identity_and_a_good_anchor_pass)
{
    struct world world;

    open_world(&world);
    cr_assert_eq(judge_p12(&world, world.leaf, (const struct foreign *[]){world.middle, world.root}, 2), 0);
    cr_assert_eq(judge_p12(&world, world.leaf, NULL, 0), 0);
    cr_assert_eq(judge_anchor(&world, world.root), 0);
    cr_assert_eq(judge_anchor(&world, world.middle), 0);
    says(&world, "");
    close_world(&world);
}

Test(judgement, another_key_is_refused)
{
    struct world world;
    const char *certificate;

    open_world(&world);
    certificate = keep_pem(&world, 0, "a.crt", (const struct foreign *[]){world.leaf}, 1);
    cr_assert_eq(read_pair(&world, certificate, keep_key(&world, 1, "a.key", world.other), false), 0);
    cr_assert_eq(identity_judge(world.context, &world.identity, &world.exceptions, world.faults), -1);
    says(&world, "a.crt: the private key is not that of CN=client\n");
    close_world(&world);
}

Test(judgement, dates_of_all_certificates_count_and_soon_is_warned_of)
{
    struct world world;
    struct foreign *old, *young, *soon;

    open_world(&world);
    old = foreign_make(
        &(struct recipe){.name = "old", .extensions = CA, .issuer = world.root, .from = -20, .until = -1});
    young = foreign_make(
        &(struct recipe){.name = "young", .extensions = LEAF, .issuer = old, .from = 1, .until = 90});
    soon = foreign_make(
        &(struct recipe){.name = "soon", .extensions = LEAF, .issuer = world.root, .from = -1, .until = 29});
    cr_assert_eq(judge_p12(&world, young, (const struct foreign *[]){old}, 1), -1);
    says(&world, "a.p12: CN=young is not valid before 2030-01-02T00:00:00Z (is this machine's clock right?)\n"
                 "a.p12: CN=old expired at 2029-12-31T00:00:00Z (have a new one issued)\n");
    cr_assert_eq(judge_p12(&world, soon, NULL, 0), 0);
    says(&world, "warning: a.p12: CN=soon expires soon, at 2030-01-30T00:00:00Z\n");
    cr_assert_eq(judge_anchor(&world, old), -1);
    says(&world, "ca.cer: CN=old expired at 2029-12-31T00:00:00Z (have a new one issued)\n");
    foreign_free(young);
    foreign_free(old);
    foreign_free(soon);
    close_world(&world);
}

Test(judgement, fixtures_are_refused_and_what_chains_to_them)
{
    struct world world;
    struct foreign *fixture, *below;

    open_world(&world);
    fixture = foreign_make(&(struct recipe){.name = "Fixture", .extensions = CA FIXTURE, .until = 1000});
    below = foreign_make(&(struct recipe){.name = "below", .extensions = LEAF, .issuer = fixture});
    cr_assert_eq(judge_anchor(&world, fixture), -1);
    says(&world, "ca.cer: CN=Fixture carries the fixture mark: it was made from a seed, and its key counts "
                 "as public (for "
                 "a machine that is there for tests: --insecure-trust-fixture)\n");
    cr_assert_eq(judge_p12(&world, below, (const struct foreign *[]){fixture}, 1), -1);
    says(&world, "a.p12: CN=Fixture carries the fixture mark: it was made from a seed, and its key counts as "
                 "public (for a "
                 "machine that is there for tests: --insecure-trust-fixture)\n");
    world.exceptions.insecure_trust_fixture = true;
    cr_assert_eq(judge_p12(&world, below, (const struct foreign *[]){fixture}, 1), 0);
    says(&world, "warning: a.p12: CN=Fixture carries the fixture mark: its key is public\n");
    foreign_free(below);
    foreign_free(fixture);
    close_world(&world);
}

Test(judgement, only_authorities_are_anchors_unless_asked_by_name)
{
    struct world world;
    struct foreign *weak;

    open_world(&world);
    weak = foreign_make(&(struct recipe){
        .name = "Weak", .extensions = "basicConstraints=critical,CA:TRUE; keyUsage=cRLSign"});
    cr_assert_eq(judge_anchor(&world, world.leaf), -1);
    says(&world, "ca.cer: CN=client is no authority (name the certificate of the authority that issued it; "
                 "or, if just "
                 "this one is to be trusted, --allow-leaf-trust)\n");
    cr_assert_eq(judge_anchor(&world, weak), -1);
    says(&world, "ca.cer: CN=Weak may not sign certificates: its key usage lacks keyCertSign\n");
    world.exceptions.leaf_trust = true;
    cr_assert_eq(judge_anchor(&world, world.leaf), 0);
    says(&world, "");
    foreign_free(weak);
    close_world(&world);
}

Test(judgement, a_root_that_was_altered_is_refused)
{
    struct world world;

    open_world(&world);
    world.root->der.data[world.root->der.length - 1] ^= 1;
    cr_assert_eq(judge_anchor(&world, world.root), -1);
    says(&world, "ca.cer: the signature of CN=Root is not by its own key (the certificate was altered or "
                 "damaged: fetch it "
                 "again)\n");
    close_world(&world);
}

Test(judgement, a_chain_that_is_none_is_refused)
{
    struct world world;

    open_world(&world);
    cr_assert_eq(judge_p12(&world, world.leaf, NULL, 0), 0);
    cr_assert_eq(certificate_list_add(&world.identity.chain, foreign_der(world.other)), 0);
    cr_assert_eq(identity_judge(world.context, &world.identity, &world.exceptions, world.faults), -1);
    says(&world, "a.p12: CN=client was not issued by what follows it, CN=Other\n");
    close_world(&world);
}

Test(judgement, who_issues_must_be_an_authority)
{
    struct world world;
    struct foreign *below;

    open_world(&world);
    below = foreign_make(&(struct recipe){.name = "below", .issuer = world.leaf});
    cr_assert_eq(judge_p12(&world, below, (const struct foreign *[]){world.leaf}, 1), -1);
    says(&world, "a.p12: CN=client issued a certificate of the chain, and is no authority\n");
    foreign_free(below);
    close_world(&world);
}
