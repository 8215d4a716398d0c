/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signers over a token: a SoftHSM of the test's own, its module loaded in the helper process; then a module and helpers that go wrong, each of which
 * is one sentence and leaves nothing behind.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/evp.h>

#include "scratch.h"
#include "softhsm.h"
#include "token/helper_process.h"
#include "token/token_signer.h"

static struct context *context;
static struct faults *faults;
static struct bytes pin;
static char uri[512];
static struct token_key key;

/* The URI of object @p object, with the module that is @p module. */
static void aim(const char *object, const char *module)
{
    (void)snprintf(uri, sizeof(uri), "pkcs11:token=Test%%20CA;object=%s?module-path=%s", object, module);
}

static void set_up(void)
{
    context = context_new(NULL);
    faults = faults_new();
    scratch_start();
    (void)setenv(HELPER_TIMEOUT, "20", 1);
    (void)setenv(HELPER_ENVIRONMENT, "TROUBLE,TROUBLED_MODULE,ASAN_OPTIONS", 1);
    (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    cr_assert_eq(bytes_append_text(&pin, SOFTHSM_PIN), 0);
    key = (struct token_key){uri, &pin, KEY_NONE, NULL, MTLSKIT_TOKEN_PROGRAM};
    if (!softhsm_start()) {
        cr_skip_test("SoftHSM is not here");
    }
    (void)setenv("TROUBLED_MODULE", softhsm_module(), 1);
    (void)unsetenv("TROUBLE");
    aim("root", softhsm_module());
}

static void tear_down(void)
{
    bytes_free(&pin);
    scratch_stop();
    faults_free(faults);
    context_free(context);
}

TestSuite(token_signer, .init = set_up, .fini = tear_down, .timeout = 120);

static struct signer *open_signer(void)
{
    struct signer *signer = NULL;
    int found = token_signer_open(context, &key, &signer, faults);

    cr_assert_eq(found, 1, "%d %s", found, faults_count(faults) > 0 ? faults_text(faults, 0) : "no fault");
    cr_assert_not_null(signer);
    return signer;
}

static void refused(const char *words)
{
    struct signer *signer = NULL;

    cr_assert_eq(token_signer_open(context, &key, &signer, faults), -1);
    cr_assert_null(signer);
    cr_assert_eq(faults_count(faults), 1);
    cr_assert_not_null(strstr(faults_text(faults, 0), words), "%s", faults_text(faults, 0));
    faults_free(faults);
    faults = faults_new();
}

/* Whether OpenSSL takes the signature over @p text as one of the signer's key. */
static bool verifies(struct signer *signer, const char *text, const char *digest)
{
    struct bytes signature = BYTES_EMPTY;
    struct key *public = key_from_spki(context, signer_spki(signer), faults);
    EVP_MD_CTX *operation = EVP_MD_CTX_new();
    bool good = false;

    cr_assert_eq(signer_sign(signer, slice_of_text(text), &signature, faults), 0);
    good = EVP_DigestVerifyInit_ex(operation, NULL, digest, NULL, NULL, key_pkey(public), NULL) == 1 &&
           EVP_DigestVerify(operation, signature.data, signature.length, (const unsigned char *)text,
                            strlen(text)) == 1;
    EVP_MD_CTX_free(operation);
    key_free(public);
    bytes_free(&signature);
    return good;
}

static void generates(enum key_algorithm algorithm, const char *digest)
{
    struct signer *signer;
    struct signer *again;

    key.generate = algorithm;
    signer = open_signer();
    cr_assert(verifies(signer, "to be signed", digest));
    /* it is found from now on, and no second one made */
    again = open_signer();
    cr_assert(slice_equal(signer_spki(signer), signer_spki(again)));
    key.generate = KEY_NONE;
    signer_free(again);
    again = open_signer();
    cr_assert(verifies(again, "again", digest));
    signer_free(again);
    signer_free(signer);
}

Test(token_signer, ec_p256)
{
    generates(KEY_EC_P256, "SHA256");
}

Test(token_signer, ec_p384)
{
    generates(KEY_EC_P384, "SHA384");
}

Test(token_signer, rsa_2048)
{
    generates(KEY_RSA_2048, "SHA256");
}

Test(token_signer, an_imported_key)
{
    static const char *const algorithms[] = {"rsa", "p521"};
    static const enum key_algorithm kinds[] = {KEY_RSA_3072, KEY_EC_P521};
    static const char *const digests[] = {"SHA256", "SHA512"};

    for (size_t i = 0; i < 2; i++) {
        struct key_maker *maker = key_maker_new(context, kinds[i], faults);
        struct key *made = key_maker_make(maker, faults);
        struct bytes pem = BYTES_EMPTY;
        struct bytes spki = BYTES_EMPTY;
        char path[128];
        const char *const import[] = {
            "--import", path,          "--token", SOFTHSM_TOKEN,        "--pin", SOFTHSM_PIN,
            "--label",  algorithms[i], "--id",    i == 0 ? "a1" : "b2", NULL};
        struct signer *signer;

        cr_assert_eq(key_pkcs8_pem(made, &pem, faults), 0);
        scratch_write("key.pem", bytes_text(&pem), 0600);
        (void)snprintf(path, sizeof(path), "%s/key.pem", scratch_folder);
        cr_assert_eq(softhsm_util(import), 0);
        aim(algorithms[i], softhsm_module());
        signer = open_signer();
        cr_assert_eq(key_spki(made, &spki, faults), 0);
        cr_assert(slice_equal(signer_spki(signer), slice_of(&spki)));
        cr_assert(verifies(signer, "imported", digests[i]));
        signer_free(signer);
        key_free(made);
        key_maker_free(maker);
        bytes_free(&pem);
        bytes_free(&spki);
    }
    /* without object= both fit */
    (void)snprintf(uri, sizeof(uri), "pkcs11:token=Test%%20CA?module-path=%s", softhsm_module());
    refused("token Test CA: several private keys fit the URI");
    (void)snprintf(uri, sizeof(uri), "pkcs11:token=Test%%20CA;id=%%b2?module-path=%s", softhsm_module());
    signer_free(open_signer());
}

Test(token_signer, without_a_module_path_the_configured_modules_are_asked)
{
    (void)snprintf(uri, sizeof(uri), "pkcs11:token=Test%%20CA;object=x?module-name=softhsm2");
    key.generate = KEY_EC_P256;
    signer_free(open_signer());
}

Test(token_signer, what_is_not_there)
{
    struct signer *signer = NULL;

    cr_assert_eq(token_signer_open(context, &key, &signer, faults), 0);
    cr_assert_eq(faults_count(faults), 0);
    cr_assert_null(signer);
    aim("root", "/nowhere/libnone.so");
    refused("token Test CA: the module /nowhere/libnone.so cannot be loaded");
    (void)snprintf(uri, sizeof(uri), "pkcs11:token=Other;object=root?module-path=%s", softhsm_module());
    refused("token Other: no token fits the URI");
    (void)setenv(HELPER_TIMEOUT, "1x", 1);
    refused("MTLSKIT_TOKEN_TIMEOUT is no number of seconds (1 to 3600)");
    (void)unsetenv(HELPER_TIMEOUT);
    key.program = "/nowhere/mtls-ca-token";
    refused("cannot be started");
}

Test(token_signer, another_kind_of_key_than_the_one_to_generate)
{
    key.generate = KEY_EC_P256;
    signer_free(open_signer());
    key.generate = KEY_EC_P384;
    refused("token Test CA: its key is no ec-p384");
}

Test(token_signer, pins)
{
    key.generate = KEY_EC_P256;
    signer_free(open_signer());
    key.pin = NULL;
    refused("token Test CA: it wants a PIN, and none is given");
    key.pin = &pin;
    bytes_clear(&pin);
    cr_assert_eq(bytes_append_text(&pin, "wrong"), 0);
    refused("token Test CA: it does not take the PIN");
}

struct duty {
    const struct signer *signer;
    bool good;
    char why[256];
};

static void *sign_much(void *state)
{
    struct duty *duty = state;
    struct faults *told = faults_new();
    struct signer *mine = signer_duplicate(duty->signer, told);
    char text[32];

    duty->good = mine != NULL;
    for (int i = 0; i < 20 && duty->good; i++) {
        struct bytes signature = BYTES_EMPTY;

        /* each is checked by the signer itself */
        (void)snprintf(text, sizeof(text), "certificate %d", i);
        duty->good = signer_sign(mine, slice_of_text(text), &signature, told) == 0;
        bytes_free(&signature);
    }
    if (faults_count(told) > 0) {
        (void)snprintf(duty->why, sizeof(duty->why), "%s", faults_text(told, 0));
    }
    signer_free(mine);
    faults_free(told);
    return NULL;
}

static void many_sign(size_t workers)
{
    size_t before = scratch_descriptors();
    struct signer *signer = open_signer();
    struct duty duties[16];
    pthread_t threads[16];

    for (size_t i = 0; i < workers; i++) {
        duties[i] = (struct duty){signer, false, ""};
        cr_assert_eq(pthread_create(&threads[i], NULL, sign_much, &duties[i]), 0);
    }
    for (size_t i = 0; i < workers; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; i < workers; i++) {
        cr_assert(duties[i].good, "worker %zu: %s", i, duties[i].why);
    }
    cr_assert(verifies(signer, "the first one", "SHA256"));
    signer_free(signer);
    cr_assert_eq(scratch_descriptors(), before);
}

Test(token_signer, eight_workers)
{
    key.generate = KEY_EC_P256;
    many_sign(8);
}

Test(token_signer, more_workers_than_links)
{
    key.generate = KEY_EC_P256;
    many_sign(16);
}

Test(token_signer, a_token_for_one_process_alone)
{
    key.generate = KEY_EC_P256;
    signer_free(open_signer());
    aim("root", MTLSKIT_TROUBLED_MODULE);
    (void)setenv("TROUBLE", "one-process", 1);
    many_sign(4);
}

Test(token_signer, a_module_in_trouble)
{
    static const struct {
        const char *trouble, *words;
    } cases[] = {
        {"crash-start", "the module crashed (signal 11)"},
        {"fail-start", "cannot be started"},
        {"exit-login", "the module ended its process"},
        {"many-objects", "looking for the key failed"},
        {"huge-attribute", "no public key or certificate with its id"},
        {"crash-sign", "the module crashed (signal 11)"},
        {"refuse-sign", "signing failed"},
        {"wrong-sign", "its signature does not fit its public key"},
        {"short-sign", "a signature of 3 octets is none of its key"},
        {"long-sign", "signing failed"},
        {"chatter-sign", "answered what is no answer"},
    };
    size_t before;

    key.generate = KEY_EC_P256;
    signer_free(open_signer());
    before = scratch_descriptors();
    aim("root", MTLSKIT_TROUBLED_MODULE);
    signer_free(open_signer()); /* no trouble yet */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)setenv("TROUBLE", cases[i].trouble, 1);
        refused(cases[i].words);
    }
    (void)setenv(HELPER_TIMEOUT, "1", 1);
    (void)setenv("TROUBLE", "hang-login", 1);
    refused("the module gave no answer for 1 seconds and was ended");
    (void)setenv("TROUBLE", "hang-sign", 1);
    refused("the module gave no answer for 1 seconds and was ended");
    cr_assert_eq(scratch_descriptors(), before);
}

Test(token_signer, after_the_end_each_request_tells_the_same)
{
    struct bytes signature = BYTES_EMPTY;
    struct signer *signer;
    char command[256];
    char path[128];

    /* opens and finds as the real one does, then is gone: a helper between us and it */
    (void)snprintf(path, sizeof(path), "%s/helper", scratch_folder);
    (void)snprintf(command, sizeof(command), "#!/bin/sh\nexec 2>/dev/null\nkill -9 $$\n");
    scratch_write("helper", command, 0700);
    key.generate = KEY_EC_P256;
    signer = open_signer();
    key.program = path;
    refused("token Test CA: the module crashed (signal 9)");
    cr_assert_eq(signer_sign(signer, slice_of_text("x"), &signature, faults), 0);
    signer_free(signer);
    bytes_free(&signature);
}

Test(token_signer, a_helper_that_talks_nonsense)
{
    static const char *const words[] = {
        "printf 'nonsense nonsense' >&0; cat >/dev/null", /* a length far out of bounds */
        "printf '\\0\\0\\0\\1\\377' >&0; cat >/dev/null", /* a kind that is none */
        "printf '\\0\\0\\0\\1\\102' >&0; cat >/dev/null", /* a key without one */
        "printf '\\0\\0\\0\\5\\101\\0\\0\\0\\7' >&0; cat >/dev/null",
    };
    char path[128];
    char script[256];

    (void)snprintf(path, sizeof(path), "%s/helper", scratch_folder);
    key.program = path;
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(script, sizeof(script), "#!/bin/sh\n%s\n", words[i]);
        scratch_write("helper", script, 0700);
        refused("answered what is no answer");
    }
    /* what it says is made safe to print, and cut */
    scratch_write("helper",
                  "#!/bin/sh\nprintf '\\0\\0\\0\\022\\105\\0\\0\\0\\1z\\0\\0\\0\\010\\033[31mred' >&0; cat "
                  ">/dev/null\n",
                  0700);
    refused("token Test CA: \\x1B[31mred");
}

Test(token_signer, the_environment_is_not_handed_on)
{
    char *text;
    char script[256];
    char path[128];

    (void)setenv("CA_PASSPHRASE", "do-not-tell", 1);
    (void)snprintf(path, sizeof(path), "%s/helper", scratch_folder);
    (void)snprintf(script, sizeof(script),
                   "#!/bin/sh\nenv >'%s/env'\nls /proc/self/fd >'%s/fds' 2>/dev/null\n", scratch_folder,
                   scratch_folder);
    scratch_write("helper", script, 0700);
    key.program = path;
    refused("the module ended its process");
    text = scratch_text("env");
    cr_assert_not_null(text);
    cr_assert_null(strstr(text, "do-not-tell"));
    cr_assert_null(strstr(text, HELPER_ENVIRONMENT));
    cr_assert_not_null(strstr(text, "SOFTHSM2_CONF="));
    cr_assert_not_null(strstr(text, "ASAN_OPTIONS="));
    free(text);
}
