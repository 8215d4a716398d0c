/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens as stores: identities put into a SoftHSM of the test's own, found, used and taken away again; then a module that goes wrong at every call,
 * after which nothing is half done.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "foreign.h"
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
    (void)setenv(HELPER_ENVIRONMENT, "TROUBLE,TROUBLED_MODULE,ASAN_OPTIONS", 1);
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
    cr_assert(strncmp(bytes_text(&reference),
                      "pkcs11:token=Test%20CA;id=%01%ff;object=said%20so?module-path=/", 60) == 0,
              "%s", bytes_text(&reference));
    /* those of the place, no others */
    cr_assert_eq(walk(store).entries, 1);
    bytes_clear(&reference);
    cr_assert_eq(store_reference(store, &chain, &reference, faults), 0);
    cr_assert_not_null(strstr(bytes_text(&reference), ";object=authority?"));
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
    not_opened("/nowhere/keychain-import-token: it cannot be started");
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
