/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens as stores: identities put into a SoftHSM of the test's own, found, used and taken away again; then a module that goes wrong at every call,
 * after which nothing is half done.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "foreign.h"
#include "patience.h"
#include "pkcs11/pkcs11.h"
#include "scratch.h"
#include "softhsm.h"
#include "token/helper_process.h"
#include "told.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct context *context;
static struct faults *faults;
static struct bytes pin;
static struct bytes text;
static char place[512];
static struct store_setting setting;

/* The place of the token, with the module that is @p module, and @p more attributes of the path. */
static void aim(const char *more, const char *module)
{
    (void)snprintf(place, sizeof(place), "token=Test%%20CA%s?module-path=%s", more, module);
}

static void set_up(void)
{
    context = foreign_context();
    faults = faults_new();
    scratch_start();
    (void)setenv(HELPER_TIMEOUT, "20", 1);
    (void)setenv(HELPER_ENVIRONMENT, "TROUBLE,TROUBLE_ONCE,TROUBLE_LOGINS,TROUBLED_MODULE,ASAN_OPTIONS", 1);
    (void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    cr_assert_eq(bytes_append_text(&pin, SOFTHSM_PIN), 0);
    setting = (struct store_setting){
        .context = context, .passphrase = &pin, .helper = MTLSKIT_STORE_TOKEN_PROGRAM, .writing = true};
    if (!softhsm_start()) {
        cr_skip_test("SoftHSM is not here");
    }
    (void)setenv("TROUBLED_MODULE", softhsm_module(), 1);
    (void)unsetenv("TROUBLE");
    aim("", softhsm_module());
}

static void tear_down(void)
{
    bytes_free(&text);
    bytes_free(&pin);
    scratch_stop();
    faults_free(faults);
    context_free(context);
}

TestSuite(store_pkcs11, .init = set_up, .fini = tear_down, .timeout = 180);

/* ---- what every test does ------------------------------------------------------------------------------------------- */

static struct store *open_store(void)
{
    struct store *store = store_open(&store_pkcs11, &setting, place, faults);

    cr_assert_not_null(store, "%s", told(faults, &text));
    return store;
}

static void forget(void)
{
    faults_free(faults);
    faults = faults_new();
}

static void refused(const char *words)
{
    cr_assert_eq(faults_count(faults), 1, "%s", told(faults, &text));
    cr_assert_not_null(strstr(faults_text(faults, 0), words), "%s", faults_text(faults, 0));
    forget();
}

/* Under valgrind posix_spawn does not tell that there is no such program: what comes of it does, in other words. */
static const char *not_started(const char *words)
{
    return patience(1) > 1 ? "cannot be started" : words;
}

static void not_opened(const char *words)
{
    cr_assert_null(store_open(&store_pkcs11, &setting, place, faults));
    refused(words);
}

static struct item certificate_of(const struct foreign *foreign, const char *label)
{
    return (struct item){.kind = ITEM_CERTIFICATE, .certificate = foreign_der(foreign), .label = label};
}

static struct item key_of(const struct foreign *foreign, const char *label)
{
    return (struct item){
        .kind = ITEM_KEY, .certificate = foreign_der(foreign), .label = label, .key = foreign->key};
}

static enum presence look(struct store *store, const struct item *item)
{
    struct sighting sighting = {0};
    enum presence presence;

    cr_assert_eq(store_look(store, item, &sighting, faults), 0, "%s", told(faults, &text));
    presence = sighting.presence;
    cr_assert_eq(sighting.before.length, 0);
    cr_assert((sighting.reason.length > 0) == (presence == PRESENCE_DIFFERENT));
    sighting_free(&sighting);
    return presence;
}

/* What stands in the place of @p item, as one text. */
static void different(struct store *store, const struct item *item, const char *words)
{
    struct sighting sighting = {0};

    cr_assert_eq(store_look(store, item, &sighting, faults), 0, "%s", told(faults, &text));
    cr_assert_eq(sighting.presence, PRESENCE_DIFFERENT);
    cr_assert_str_eq(bytes_text(&sighting.reason), words);
    sighting_free(&sighting);
}

static void put(struct store *store, const struct item *item)
{
    cr_assert_eq(look(store, item), PRESENCE_ABSENT);
    cr_assert_eq(store_put(store, item, faults), 0, "%s", told(faults, &text));
    cr_assert_eq(look(store, item), PRESENCE_PRESENT);
}

static void take(struct store *store, const struct item *item)
{
    cr_assert_eq(store_take(store, item, (struct slice){NULL, 0}, faults), 0, "%s", told(faults, &text));
    cr_assert_eq(look(store, item), PRESENCE_ABSENT);
}

static void prove(struct store *store, const struct item *item)
{
    cr_assert_eq(store_prove(store, item, faults), 0, "%s", told(faults, &text));
}

/* How many objects SoftHSM keeps. */
static size_t objects(void)
{
    char pattern[128];
    glob_t found;
    size_t count = 0;

    (void)snprintf(pattern, sizeof(pattern), "%s/tokens/*/*.object", scratch_folder);
    if (glob(pattern, 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            count += strstr(found.gl_pathv[i], "/token.object") == NULL ? 1 : 0;
        }
        globfree(&found);
    }
    return count;
}

struct seen {
    size_t entries, keys, extractable;
    char label[64];
};

static int count_entry(void *state, const struct store_entry *entry)
{
    struct seen *seen = state;

    seen->entries++;
    seen->keys += entry->has_key ? 1 : 0;
    seen->extractable += entry->extractable ? 1 : 0;
    (void)snprintf(seen->label, sizeof(seen->label), "%s", entry->label != NULL ? entry->label : "");
    cr_assert_eq(entry->scope, SCOPE_NONE);
    return 0;
}

static struct seen walk(struct store *store)
{
    struct seen seen = {0};

    cr_assert_eq(store_each(store, count_entry, &seen, faults), 0, "%s", told(faults, &text));
    return seen;
}

/* ---- identities ----------------------------------------------------------------------------------------------------- */

static void goes_in_and_out(const char *kind, size_t parts)
{
    struct foreign *foreign = foreign_make(
        &(struct recipe){.key = kind, .name = "client", .extensions = "keyUsage=digitalSignature"});
    struct item certificate = certificate_of(foreign, "client");
    struct item key = key_of(foreign, "client");
    struct store *store = open_store();
    size_t descriptors = scratch_descriptors();
    struct seen seen;

    put(store, &certificate);
    seen = walk(store);
    cr_assert_eq(seen.entries, 1);
    cr_assert_eq(seen.keys, 0);
    put(store, &key);
    cr_assert_eq(objects(), 1 + parts);
    prove(store, &key);
    prove(store, &certificate);
    seen = walk(store);
    cr_assert_eq(seen.entries, 1);
    cr_assert_eq(seen.keys, 1);
    cr_assert_eq(seen.extractable, 0);
    cr_assert_str_eq(seen.label, "client");
    /* another process finds the same */
    store_close(store);
    cr_assert_lt(scratch_descriptors(), descriptors);
    store = open_store();
    cr_assert_eq(look(store, &key), PRESENCE_PRESENT);
    cr_assert_eq(look(store, &certificate), PRESENCE_PRESENT);
    prove(store, &key);
    take(store, &key);
    take(store, &key);
    cr_assert_eq(objects(), 1);
    cr_assert_eq(store_prove(store, &key, faults), -1);
    refused("token Test CA: the key is not in it");
    take(store, &certificate);
    take(store, &certificate);
    cr_assert_eq(objects(), 0);
    cr_assert_eq(store_prove(store, &certificate, faults), -1);
    refused("token Test CA: the certificate is not in it");
    store_close(store);
    foreign_free(foreign);
}

Test(store_pkcs11, rsa)
{
    goes_in_and_out("rsa-2048", 1);
}

Test(store_pkcs11, ec_p256)
{
    goes_in_and_out("ec-p256", 2);
}

Test(store_pkcs11, ec_p384)
{
    goes_in_and_out("ec-p384", 2);
}

Test(store_pkcs11, ec_p521)
{
    goes_in_and_out("ec-p521", 2);
}

/* The order does not matter, and the ids are the same in the end. */
Test(store_pkcs11, the_key_first)
{
    struct foreign *foreign = foreign_make(&(struct recipe){.name = "client"});
    struct item certificate = certificate_of(foreign, NULL);
    struct item key = key_of(foreign, NULL);
    struct store *store = open_store();
    struct seen seen;

    put(store, &key);
    put(store, &certificate);
    prove(store, &key);
    seen = walk(store);
    cr_assert_eq(seen.keys, 1);
    /* without a label the CN is one */
    cr_assert_str_eq(seen.label, "client");
    take(store, &certificate);
    take(store, &key);
    cr_assert_eq(objects(), 0);
    store_close(store);
    foreign_free(foreign);
}

Test(store_pkcs11, kinds_that_are_not_put)
{
    static const char *const kinds[] = {"ed25519", "rsa-1024", "ec-secp256k1"};
    struct store *store = open_store();

    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct foreign *foreign = foreign_make(&(struct recipe){.key = kinds[i], .name = "client"});
        struct item certificate = certificate_of(foreign, "client");
        struct item key = key_of(foreign, "client");

        cr_assert_eq(look(store, &key), PRESENCE_ABSENT);
        cr_assert_eq(store_put(store, &key, faults), -1);
        refused("token Test CA: keys of this kind are not put into tokens (RSA of 2048 bits or more, or EC");
        take(store, &key);
        /* a certificate of such a key may well be one of the chain */
        put(store, &certificate);
        take(store, &certificate);
        foreign_free(foreign);
    }
    cr_assert_eq(objects(), 0);
    store_close(store);
}

Test(store_pkcs11, what_stands_in_its_place)
{
    struct foreign *first = foreign_make(&(struct recipe){.name = "client", .serial = 7});
    struct foreign *other = foreign_make(&(struct recipe){.name = "client", .serial = 7});
    struct item certificate = certificate_of(first, "client");
    struct item key = key_of(first, "client");
    struct item conflict = certificate_of(other, "client");
    struct item conflicting_key = key_of(other, "client");
    struct store *store = open_store();

    put(store, &certificate);
    put(store, &key);
    different(store, &conflict,
              "another certificate of the same issuer and serial number, called \"client\"");
    different(store, &conflicting_key, "another private key, called \"client\"");
    conflicting_key.label = "another";
    cr_assert_eq(look(store, &conflicting_key), PRESENCE_ABSENT);
    conflicting_key.label = NULL;
    cr_assert_eq(look(store, &conflicting_key), PRESENCE_ABSENT);
    /* nothing is touched when the other is taken */
    cr_assert_eq(store_take(store, &conflict, (struct slice){NULL, 0}, faults), 0);
    cr_assert_eq(store_take(store, &conflicting_key, (struct slice){NULL, 0}, faults), 0);
    cr_assert_eq(look(store, &certificate), PRESENCE_PRESENT);
    prove(store, &key);
    store_close(store);
    foreign_free(first);
    foreign_free(other);
}

Test(store_pkcs11, ids_and_labels_that_the_place_says)
{
    struct foreign *first = foreign_make(&(struct recipe){.key = "rsa-2048", .name = "first"});
    struct foreign *other = foreign_make(&(struct recipe){.name = "other"});
    struct foreign *authority = foreign_make(
        &(struct recipe){.name = "authority", .extensions = "basicConstraints=critical,CA:TRUE"});
    struct item certificate = certificate_of(first, NULL);
    struct item key = key_of(first, NULL);
    struct item chain = certificate_of(authority, NULL);
    struct item conflict = key_of(other, "other");
    struct bytes reference = BYTES_EMPTY;
    struct store *store;

    aim(";id=%01%ff;object=said%20so", softhsm_module());
    store = open_store();
    put(store, &certificate);
    put(store, &chain);
    put(store, &key);
    prove(store, &key);
    different(store, &conflict, "another private key with the same id, called \"said so\"");
    cr_assert_eq(store_reference(store, &key, &reference, faults), 0);
    cr_assert_str_eq(bytes_text(&reference), "pkcs11:token=Test%20CA;id=%01%ff;object=said%20so");
    /* those of the place, no others */
    cr_assert_eq(walk(store).entries, 1);
    bytes_clear(&reference);
    cr_assert_eq(store_reference(store, &chain, &reference, faults), 0);
    cr_assert_not_null(strstr(bytes_text(&reference), ";object=authority"));
    cr_assert_null(strstr(bytes_text(&reference), "%01%ff"));
    bytes_free(&reference);
    store_close(store);
    foreign_free(first);
    foreign_free(other);
    foreign_free(authority);
}

/* A key that came in by other means, under an id of its own: the certificate goes beside it. */
static void joins(const char *kind)
{
    struct foreign *foreign = foreign_make(&(struct recipe){.key = kind, .name = "client"});
    struct item certificate = certificate_of(foreign, "client");
    struct item key = key_of(foreign, "client");
    struct bytes pem = BYTES_EMPTY;
    struct store *store;
    char path[128];
    const char *const import[] = {"--import", path,      "--token", SOFTHSM_TOKEN, "--pin", SOFTHSM_PIN,
                                  "--label",  "foreign", "--id",    "a1",          NULL};

    cr_assert_eq(key_pkcs8_pem(foreign->key, &pem, faults), 0);
    scratch_write("key.pem", bytes_text(&pem), 0600);
    (void)snprintf(path, sizeof(path), "%s/key.pem", scratch_folder);
    cr_assert_eq(softhsm_util(import), 0);
    bytes_free(&pem);
    store = open_store();
    cr_assert_eq(look(store, &key), PRESENCE_PRESENT);
    put(store, &certificate);
    prove(store, &key);
    cr_assert_eq(walk(store).keys, 1);
    take(store, &key);
    take(store, &certificate);
    cr_assert_eq(objects(), 0);
    store_close(store);
    foreign_free(foreign);
}

Test(store_pkcs11, joins_an_rsa_key)
{
    joins("rsa-2048");
}

Test(store_pkcs11, joins_an_ec_key)
{
    joins("ec-p256");
}

Test(store_pkcs11, extractable_only_when_asked)
{
    struct foreign *foreign = foreign_make(&(struct recipe){.name = "client"});
    struct item certificate = certificate_of(foreign, "client");
    struct item key = key_of(foreign, "client");
    struct store *store = open_store();

    put(store, &certificate);
    key.extractable = EXTRACTABLE_NO;
    put(store, &key);
    cr_assert_eq(walk(store).extractable, 0);
    take(store, &key);
    key.extractable = EXTRACTABLE_YES;
    put(store, &key);
    cr_assert_eq(walk(store).extractable, 1);
    store_close(store);
    foreign_free(foreign);
}

Test(store_pkcs11, trust_is_not_for_tokens)
{
    struct foreign *foreign = foreign_make(&(struct recipe){.name = "authority"});
    struct item trust = {.kind = ITEM_TRUST, .certificate = foreign_der(foreign), .scope = SCOPE_SERVER};
    struct store *store = open_store();

    cr_assert_not(store_can(store, STORE_ANCHORS));
    cr_assert(store_can(store, STORE_UNEXTRACTABLE));
    cr_assert_eq(look(store, &trust), PRESENCE_ABSENT);
    cr_assert_eq(store_put(store, &trust, faults), -1);
    refused("this store takes no anchors");
    cr_assert_eq(store_take(store, &trust, (struct slice){NULL, 0}, faults), 0);
    store_close(store);
    foreign_free(foreign);
}

/* ---- opening -------------------------------------------------------------------------------------------------------- */

Test(store_pkcs11, pins)
{
    char path[128];

    setting.passphrase = NULL;
    not_opened("token Test CA: it wants a PIN, and none is given (say where it comes from with ");
    /* in a file that the place names */
    scratch_write("pin", SOFTHSM_PIN "\n", 0600);
    (void)snprintf(path, sizeof(path), "&pin-source=file:%s/pin", scratch_folder);
    (void)strncat(place, path, sizeof(place) - strlen(place) - 1);
    store_close(open_store());
    scratch_write("pin", "other\n", 0600);
    not_opened("token Test CA: it does not take the PIN");
    setting.passphrase = &pin;
    store_close(open_store());
    bytes_clear(&pin);
    cr_assert_eq(bytes_append_text(&pin, "wrong"), 0);
    not_opened("token Test CA: it does not take the PIN");
}

Test(store_pkcs11, places)
{
    struct store *store = open_store();

    cr_assert_eq(strncmp(store_name(store), "pkcs11:token=Test%20CA?module-path=/", 36), 0);
    store_close(store);
    /* the only token there is */
    (void)snprintf(place, sizeof(place), "?module-path=%s", softhsm_module());
    store = open_store();
    cr_assert_eq(strncmp(store_name(store), "pkcs11:token=Test%20CA?module-path=/", 36), 0, "%s",
                 store_name(store));
    store_close(store);
    (void)snprintf(place, sizeof(place), "manufacturer=SoftHSM%%20project?module-path=%s", softhsm_module());
    store = open_store();
    cr_assert_eq(strncmp(store_name(store), "pkcs11:token=Test%20CA;manufacturer=SoftHSM%20project?", 54), 0,
                 "%s", store_name(store));
    store_close(store);
    (void)snprintf(place, sizeof(place), "token=Other?module-path=%s", softhsm_module());
    not_opened("token Other: no token fits the URI");
    (void)snprintf(place, sizeof(place), "token=x?pin-value=%s", SOFTHSM_PIN);
    not_opened("the token's URI holds the PIN itself");
    aim("", "/nowhere/libnone.so");
    not_opened("token Test CA: the module /nowhere/libnone.so cannot be loaded");
    setting.helper = "/nowhere/keychain-import-token";
    not_opened(not_started("/nowhere/keychain-import-token: it cannot be started"));
}

static int look_for_ours(void *state, const char *name, const char *where, const char *unusable)
{
    if (strcmp(name, "pkcs11:token=Test%20CA") == 0) {
        cr_assert_not_null(strstr(where, "SoftHSM"));
        cr_assert_null(unusable, "%s", unusable);
        ++*(int *)state;
    }
    return 0;
}

Test(store_pkcs11, the_survey_tells_tokens_of_configured_modules)
{
    int found = 0;

    cr_assert_eq(store_pkcs11.survey(&setting, look_for_ours, &found, faults), 0, "%s", told(faults, &text));
    cr_assert_eq(found, 1);
}

static int look_for_trouble(void *state, const char *name, const char *where, const char *unusable)
{
    if (strcmp(name, "pkcs11") == 0) {
        (void)snprintf(state, 128, "%s: %s", where, unusable);
    }
    return 0;
}

Test(store_pkcs11, a_survey_that_fails_is_told_as_a_place_that_cannot_be_used)
{
    char found[128] = "";

    setting.helper = "/nowhere/helper";
    cr_assert_eq(store_pkcs11.survey(&setting, look_for_trouble, found, faults), 0, "%s",
                 told(faults, &text));
    cr_assert_eq(faults_count(faults), 0);
    cr_assert_not_null(strstr(found, not_started("/nowhere/helper: it cannot be started")), "%s", found);
}

/* ---- a module that goes wrong --------------------------------------------------------------------------------------- */

/* From now on the module has this trouble; @p once: the first process that comes to it. */
static void trouble(const char *what, bool once)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/once", scratch_folder);
    (void)unlink(path);
    (void)setenv("TROUBLE", what, 1);
    if (once) {
        (void)setenv("TROUBLE_ONCE", path, 1);
    } else {
        (void)unsetenv("TROUBLE_ONCE");
    }
}

static bool trouble_came(void)
{
    return scratch_names(".", "once") == 1;
}

/* An identity, its certificate in the token. */
struct trial {
    struct foreign *foreign;
    struct item certificate, key;
};

static struct trial trial_make(const char *kind)
{
    struct trial trial = {.foreign = foreign_make(&(struct recipe){.key = kind, .name = "client"})};

    trial.certificate = certificate_of(trial.foreign, "client");
    trial.key = key_of(trial.foreign, "client");
    return trial;
}

/* Both are put; what failed has left nothing, and a second run does it. Gives whether there was trouble at all. */
static bool goes_wrong(const struct trial *trial, const char *what)
{
    struct store *store = store_open(&store_pkcs11, &setting, place, faults);
    bool wrong = store == NULL;
    size_t there;

    wrong = wrong || store_put(store, &trial->certificate, faults) != 0;
    there = objects();
    cr_assert_eq(there, wrong ? 0 : 1, "%s: %zu objects", what, there);
    if (!wrong) {
        wrong = store_put(store, &trial->key, faults) != 0;
        there = objects();
        cr_assert_eq(there, wrong ? 1 : 3, "%s: %zu objects", what, there);
    }
    cr_assert(!wrong || faults_count(faults) == 1, "%s: %s", what, told(faults, &text));
    cr_assert(wrong || faults_count(faults) == 0, "%s: %s", what, told(faults, &text));
    if (wrong) {
        cr_assert_eq(strncmp(faults_text(faults, 0), "token Test CA: ", 15), 0, "%s", faults_text(faults, 0));
        forget();
    }
    store_close(store);
    return wrong;
}

static void clean(const struct trial *trial)
{
    struct store *store;

    (void)unsetenv("TROUBLE");
    store = open_store();
    take(store, &trial->key);
    take(store, &trial->certificate);
    cr_assert_eq(objects(), 0);
    store_close(store);
}

/* Every call of a function that a put makes goes wrong in turn, in each way. */
static void sweep(const char *function, int most)
{
    static const char *const actions[] = {"fail", "failed", "crash", "crashed"};
    struct trial trial = trial_make("ec-p256");
    size_t before = scratch_descriptors();
    int came = 0;

    aim("", MTLSKIT_TROUBLED_MODULE);
    for (size_t i = 0; i < COUNT(actions); i++) {
        bool more = true;

        for (int n = 1; more && n <= most; n++) {
            char what[96];

            (void)snprintf(what, sizeof(what), "%s@%s#%d", actions[i], function, n);
            trouble(what, true);
            (void)goes_wrong(&trial, what);
            more = trouble_came();
            came += more ? 1 : 0;
            clean(&trial);
        }
    }
    cr_assert_gt(came, 0, "no trouble at all");
    cr_assert_eq(scratch_descriptors(), before);
    foreign_free(trial.foreign);
}

Test(store_pkcs11, creating_goes_wrong)
{
    sweep("C_CreateObject", 4);
}

Test(store_pkcs11, sessions_go_wrong)
{
    sweep("C_OpenSession", 3);
    sweep("C_GetSessionInfo", 4);
}

Test(store_pkcs11, looking_goes_wrong)
{
    sweep("C_FindObjectsInit", 5);
    sweep("C_FindObjects", 5);
    sweep("C_FindObjectsFinal", 2);
}

Test(store_pkcs11, reading_goes_wrong)
{
    sweep("C_GetAttributeValue", 6);
    sweep("C_GetTokenInfo", 2);
    sweep("C_GetSlotList", 1);
}

/* What a take could not do it tells, and the next one does. */
Test(store_pkcs11, destroying_goes_wrong)
{
    static const char *const actions[] = {"fail", "failed", "crash", "crashed"};
    struct trial trial = trial_make("ec-p256");

    aim("", MTLSKIT_TROUBLED_MODULE);
    for (size_t i = 0; i < COUNT(actions); i++) {
        for (int n = 1; n <= 3; n++) {
            struct store *store;
            char what[96];
            int status;

            (void)unsetenv("TROUBLE");
            store = open_store();
            put(store, &trial.certificate);
            put(store, &trial.key);
            store_close(store);
            (void)snprintf(what, sizeof(what), "%s@C_DestroyObject#%d", actions[i], n);
            trouble(what, true);
            store = open_store();
            status = store_take(store, &trial.key, (struct slice){NULL, 0}, faults);
            if (status == 0) {
                cr_assert_eq(objects(), 1, "%s", what);
                status = store_take(store, &trial.certificate, (struct slice){NULL, 0}, faults);
            }
            cr_assert(trouble_came(), "%s", what);
            cr_assert_eq(status, -1, "%s", what);
            cr_assert_eq(faults_count(faults), 1);
            forget();
            store_close(store);
            clean(&trial);
        }
    }
    foreign_free(trial.foreign);
}

Test(store_pkcs11, proving_goes_wrong)
{
    static const struct {
        const char *trouble, *words;
    } cases[] = {
        {"crash-sign", "the module crashed (signal 11)"},
        {"wrong-sign", "its signature does not fit its public key"},
        {"short-sign", "a signature of 3 octets is none of its key"},
        {"long-sign", "signing failed"},
        {"chatter-sign", "answered what is no answer"},
        {"fail@C_SignInit#1", "beginning a signature failed"},
        {"crashed@C_Sign#1", "the module crashed (signal 11)"},
    };
    struct trial trial = trial_make("rsa-2048");
    struct store *store;

    aim("", MTLSKIT_TROUBLED_MODULE);
    store = open_store();
    put(store, &trial.certificate);
    put(store, &trial.key);
    prove(store, &trial.key);
    store_close(store);
    for (size_t i = 0; i < COUNT(cases); i++) {
        trouble(cases[i].trouble, false);
        store = open_store();
        cr_assert_eq(store_prove(store, &trial.key, faults), -1, "%s", cases[i].trouble);
        refused(cases[i].words);
        store_close(store);
    }
    clean(&trial);
    foreign_free(trial.foreign);
}

Test(store_pkcs11, a_token_that_does_not_keep_what_it_was_asked_to)
{
    struct trial trial = trial_make("ec-p256");
    struct store *store;

    aim("", MTLSKIT_TROUBLED_MODULE);
    trouble("lax-create", false);
    store = open_store();
    put(store, &trial.certificate);
    cr_assert_eq(store_put(store, &trial.key, faults), -1);
    refused("token Test CA: it does not keep the private key as not extractable");
    cr_assert_eq(objects(), 1);
    store_close(store);
    trouble("keep-all", false);
    store = open_store();
    cr_assert_eq(store_take(store, &trial.certificate, (struct slice){NULL, 0}, faults), -1);
    refused("token Test CA: the certificate does not go away");
    store_close(store);
    trouble("write-protected", false);
    store = open_store();
    for (int i = 0; i < 2; i++) {
        struct sighting sighting = {.presence = PRESENCE_PRESENT};

        cr_assert_eq(store_look(store, &trial.key, &sighting, faults), 0);
        cr_assert_eq(sighting.presence, PRESENCE_ABSENT);
        cr_assert_eq(faults_warnings(faults), 1, "told once");
        sighting_free(&sighting);
    }
    cr_assert(
        strstr(faults_text(faults, 0), "token Test CA: the token says of itself: it cannot be written to"));
    forget();
    cr_assert_eq(store_put(store, &trial.key, faults), -1);
    refused("token Test CA: it cannot be written to");
    cr_assert_eq(store_take(store, &trial.certificate, (struct slice){NULL, 0}, faults), -1);
    refused("token Test CA: it cannot be written to");
    cr_assert_eq(objects(), 1);
    store_close(store);
    clean(&trial);
    foreign_free(trial.foreign);
}

/* The module falls each time a private key comes, and each time something is to be destroyed: what is left is told, and known again. */
Test(store_pkcs11, what_cannot_be_taken_back_is_told)
{
    struct trial trial = trial_make("ec-p256");
    struct store *store;

    aim("", MTLSKIT_TROUBLED_MODULE);
    trouble("keep-all", false);
    store = open_store();
    cr_assert_eq(store_put(store, &trial.certificate, faults), 0);
    store_close(store);
    trouble("crash@C_CreateObject#2", false);
    store = open_store();
    cr_assert_eq(store_put(store, &trial.key, faults), -1);
    refused("the module crashed");
    cr_assert_eq(objects(), 1); /* the helper after it took the public key away again */
    store_close(store);
    trouble("fail@C_CreateObject#2", false);
    (void)setenv("TROUBLE_KEEP", "yes", 1);
    (void)setenv(HELPER_ENVIRONMENT, "TROUBLE,TROUBLE_KEEP,TROUBLED_MODULE,ASAN_OPTIONS", 1);
    store = open_store();
    cr_assert_eq(store_put(store, &trial.key, faults), -1);
    cr_assert_eq(faults_count(faults), 2, "%s", told(faults, &text));
    cr_assert_not_null(strstr(faults_text(faults, 0), "creating the private key failed"));
    cr_assert_str_eq(faults_text(faults, 1), "token Test CA: a part of the key may be left in it (look again "
                                             "when the token works)");
    forget();
    store_close(store);
    (void)unsetenv("TROUBLE_KEEP");
    (void)unsetenv("TROUBLE");
    store = open_store();
    cr_assert_eq(objects(), 2);
    different(store, &trial.key, "its public key, without the private one, called \"client\"");
    store_close(store);
    clean(&trial);
    foreign_free(trial.foreign);
}

Test(store_pkcs11, a_module_that_hangs)
{
    static const char *const calls[] = {"hang@C_OpenSession#1",       "hang@C_FindObjectsInit#1",
                                        "hang@C_GetAttributeValue#1", "hang@C_CreateObject#1",
                                        "hang@C_CreateObject#3",      "hang-login"};
    struct trial trial = trial_make("ec-p256");

    aim("", MTLSKIT_TROUBLED_MODULE);
    (void)setenv(HELPER_TIMEOUT, "1", 1);
    for (size_t i = 0; i < COUNT(calls); i++) {
        trouble(calls[i], strchr(calls[i], '@') != NULL);
        cr_assert(goes_wrong(&trial, calls[i]), "%s", calls[i]);
        (void)setenv(HELPER_TIMEOUT, "20", 1);
        clean(&trial);
        (void)setenv(HELPER_TIMEOUT, "1", 1);
    }
    foreign_free(trial.foreign);
}

Test(store_pkcs11, a_token_with_an_odd_name)
{
    struct store *store;

    (void)snprintf(place, sizeof(place), "manufacturer=SoftHSM%%20project?module-path=%s",
                   MTLSKIT_TROUBLED_MODULE);
    trouble("odd-token", false);
    store = open_store();
    cr_assert_eq(strncmp(store_name(store), "pkcs11:token=%ff%ff", 19), 0, "%s", store_name(store));
    store_close(store);
}

/* Helpers that are none. */
Test(store_pkcs11, a_helper_that_talks_nonsense)
{
    static const char *const words[] = {
        "printf 'nonsense nonsense' >&0; cat >/dev/null",                  /* a length far out of bounds */
        "printf '\\0\\0\\0\\1\\377' >&0; cat >/dev/null",                  /* a kind that is none */
        "printf '\\0\\0\\0\\1\\101\\0\\0\\0\\1\\101' >&0; cat >/dev/null", /* opened, then the wrong answer */
        "printf '\\0\\0\\0\\1\\101\\0\\0\\0\\1\\106' >&0; cat >/dev/null", /* a token without its fields */
    };
    char path[128];
    char script[256];

    (void)snprintf(path, sizeof(path), "%s/helper", scratch_folder);
    setting.helper = path;
    for (size_t i = 0; i < COUNT(words); i++) {
        (void)snprintf(script, sizeof(script), "#!/bin/sh\n%s\n", words[i]);
        scratch_write("helper", script, 0700);
        not_opened("answered what is no answer");
    }
}

/* Tokens lock after a few wrong PINs. */
Test(store_pkcs11, a_pin_is_tried_once)
{
    struct trial trial = trial_make("ec-p256");
    struct store *store;
    char path[128];
    char *tried;

    (void)snprintf(path, sizeof(path), "%s/logins", scratch_folder);
    (void)setenv("TROUBLE_LOGINS", path, 1);
    aim("", MTLSKIT_TROUBLED_MODULE);
    bytes_clear(&pin);
    cr_assert_eq(bytes_append_text(&pin, "wrong"), 0);
    not_opened(
        "token Test CA: it does not take the PIN (The password or PIN is incorrect) (it was tried once and "
        "is not tried again: tokens lock after a few wrong ones)");
    tried = scratch_text("logins");
    cr_assert_str_eq(tried, "x");
    free(tried);
    trouble("locked-login", false);
    not_opened("token Test CA: its PIN is locked (the token's security officer can unlock it)");
    /* a token that locks while a put goes wrong is not tried a third time */
    (void)unlink(path);
    bytes_clear(&pin);
    cr_assert_eq(bytes_append_text(&pin, SOFTHSM_PIN), 0);
    trouble("crashed@C_CreateObject#1", false);
    store = open_store();
    (void)setenv("TROUBLE", "locked-login", 1);
    cr_assert_eq(store_put(store, &trial.certificate, faults), -1);
    cr_assert_eq(faults_count(faults), 2);
    cr_assert_not_null(strstr(faults_text(faults, 1), "a part of the certificate may be left in it"));
    forget();
    cr_assert_eq(store_put(store, &trial.certificate, faults), -1);
    forget();
    store_close(store);
    tried = scratch_text("logins");
    cr_assert_str_eq(tried, "xx");
    free(tried);
    (void)unsetenv("TROUBLE_LOGINS");
    clean(&trial);
    foreign_free(trial.foreign);
}
