/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The macOS store against a double of the Security framework (tests/macos/double): what it puts where, who may use it then, what it takes away,
 * and what it refuses. That it lives with every call that fails is test_macos_trouble's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <openssl/pkcs12.h>

#include "base/keychain.h"
#include "mac.h"
#include "macos/macos.h"
#include "macos/status.h"
#include "macos/trust_words.h"

static void set_up(void)
{
    mac_start("ec-p256");
}

TestSuite(macos, .init = set_up, .fini = mac_stop, .timeout = 60);

static void hears(const char *words)
{
    cr_assert_not_null(strstr(mac_told(), words), "%s", mac_told());
    mac_forget();
}

static enum presence look(const struct item *item)
{
    struct sighting sighting = {0};
    enum presence presence;

    cr_assert_eq(store_look(mac.store, item, &sighting, mac.faults), 0, "%s", mac_told());
    presence = sighting.presence;
    sighting_free(&sighting);
    return presence;
}

static void put(const struct item *item)
{
    cr_assert_eq(store_put(mac.store, item, mac.faults), 0, "%s", mac_told());
    cr_assert_eq(faults_count(mac.faults), 0, "%s", mac_told());
}

static void take(const struct item *item, const char *before)
{
    cr_assert_eq(store_take(mac.store, item, slice_of_text(before), mac.faults), 0, "%s", mac_told());
}

/* DER of the private key, as macOS takes it, into the double as if by somebody else. */
static void add_key(const char *keychain, const struct foreign *foreign, const char *program)
{
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(key_traditional(foreign->key, &der, mac.faults), 0);
    apple_add_key(keychain, der.data, der.length, program);
    bytes_free(&der);
}

static void add_certificate(const char *keychain, const struct foreign *foreign)
{
    apple_add_certificate(keychain, foreign_der(foreign).data, foreign_der(foreign).length);
}

/* ---- identities ----------------------------------------------------------------------------------------------------- */

static void whole_identity(void)
{
    mac_open("system");
    cr_assert_str_eq(store_name(mac.store), "macos:system");
    cr_assert_eq(look(&mac.certificate), PRESENCE_ABSENT);
    cr_assert_eq(look(&mac.key), PRESENCE_ABSENT);
    put(&mac.certificate);
    put(&mac.key);
    cr_assert_eq(look(&mac.certificate), PRESENCE_PRESENT);
    cr_assert_eq(look(&mac.key), PRESENCE_PRESENT);
    cr_assert_eq(store_prove(mac.store, &mac.key, mac.faults), 0, "%s", mac_told());
    cr_assert_str_eq(apple_key_label(APPLE_SYSTEM), "testClientTLS");
    cr_assert_str_eq(apple_certificate_label(APPLE_SYSTEM), "testClientTLS");
    cr_assert_not(apple_extractable(APPLE_SYSTEM));
    cr_assert(apple_may_use(APPLE_SYSTEM, APPLE_CURL));
    cr_assert(apple_may_use(APPLE_SYSTEM, APPLE_SELF));
    cr_assert_not(apple_may_use(APPLE_SYSTEM, APPLE_SAFARI));
    /* once more: nothing happens */
    put(&mac.certificate);
    put(&mac.key);
    take(&mac.key, "");
    take(&mac.certificate, "");
    cr_assert_eq(apple_keys(APPLE_SYSTEM), 0);
    cr_assert_eq(apple_certificates(APPLE_SYSTEM), 0);
    take(&mac.key, "");
    take(&mac.certificate, "");
    cr_assert_eq(apple_prompts, 0);
}

Test(macos, identity_ec)
{
    whole_identity();
}

Test(macos, identity_rsa, .init = NULL)
{
    mac_stop();
    mac_start("rsa-2048");
    whole_identity();
}

Test(macos, every_release_is_the_same)
{
    for (apple_version = 12; apple_version <= 26; apple_version++) {
        whole_identity();
        mac_close();
    }
}

Test(macos, extractable_when_asked)
{
    mac_open("system");
    mac.key.extractable = EXTRACTABLE_YES;
    put(&mac.certificate);
    put(&mac.key);
    cr_assert(apple_extractable(APPLE_SYSTEM));
    cr_assert_eq(store_prove(mac.store, &mac.key, mac.faults), 0, "%s", mac_told());
    /* proof that the attempt to read a key back is made */
    mac.key.extractable = EXTRACTABLE_NO;
    cr_assert_eq(store_prove(mac.store, &mac.key, mac.faults), -1);
    hears("the private key can be read back");
}

Test(macos, no_program_is_named)
{
    mac_open("system");
    mac.key.program_count = 0;
    put(&mac.certificate);
    put(&mac.key);
    cr_assert(apple_may_use(APPLE_SYSTEM, APPLE_SELF));
    cr_assert_not(apple_may_use(APPLE_SYSTEM, APPLE_CURL));
    cr_assert_eq(store_prove(mac.store, &mac.key, mac.faults), 0, "%s", mac_told());
}

Test(macos, only_the_named_keychain_is_asked)
{
    /* The same identity stands in another keychain of the search list, and one more key before it here. */
    struct foreign *other = foreign_make(&(struct recipe){.name = "other"});

    add_certificate(APPLE_LOGIN, mac.leaf);
    add_key(APPLE_LOGIN, mac.leaf, APPLE_SELF);
    add_key(APPLE_SYSTEM, other, APPLE_SELF);
    mac_open("system");
    cr_assert_eq(look(&mac.certificate), PRESENCE_ABSENT);
    cr_assert_eq(look(&mac.key), PRESENCE_ABSENT);
    put(&mac.certificate);
    put(&mac.key);
    cr_assert_eq(apple_keys(APPLE_SYSTEM), 2);
    take(&mac.key, "");
    take(&mac.certificate, "");
    cr_assert_eq(apple_keys(APPLE_SYSTEM), 1);
    cr_assert_eq(apple_certificates(APPLE_SYSTEM), 0);
    cr_assert_eq(apple_keys(APPLE_LOGIN), 1);
    cr_assert_eq(apple_certificates(APPLE_LOGIN), 1);
    foreign_free(other);
}

/* Another certificate of the same issuer and serial number: only its signature is another. */
static void add_rival(void)
{
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(bytes_append(&der, mac.leaf->der.data, mac.leaf->der.length), 0);
    der.data[der.length - 1] ^= 1;
    apple_add_certificate(APPLE_SYSTEM, der.data, der.length);
    bytes_free(&der);
}

Test(macos, a_rival_is_never_overwritten)
{
    struct sighting sighting = {0};

    add_rival();
    mac_open("system");
    cr_assert_eq(store_look(mac.store, &mac.certificate, &sighting, mac.faults), 0);
    cr_assert_eq(sighting.presence, PRESENCE_DIFFERENT);
    cr_assert_str_eq(bytes_text(&sighting.reason),
                     "another certificate of the same issuer and serial number");
    sighting_free(&sighting);
    cr_assert_eq(store_put(mac.store, &mac.certificate, mac.faults), -1);
    hears("another certificate of the same issuer and serial number is there");
    cr_assert_eq(apple_certificates(APPLE_SYSTEM), 1);
    /* and it is not what is taken away */
    take(&mac.certificate, "");
    cr_assert_eq(apple_certificates(APPLE_SYSTEM), 1);
}

Test(macos, keys_macos_does_not_take)
{
    struct foreign *odd = foreign_make(&(struct recipe){.key = "ed25519", .name = "odd"});
    struct foreign *weak = foreign_make(&(struct recipe){.key = "rsa-1024", .name = "weak"});

    mac_open("system");
    mac.key.key = odd->key;
    mac.key.certificate = foreign_der(odd);
    cr_assert_eq(store_put(mac.store, &mac.key, mac.faults), -1);
    hears("macos:system: macOS does not take this kind of key (ed25519)");
    mac.key.key = weak->key;
    mac.key.certificate = foreign_der(weak);
    cr_assert_eq(store_put(mac.store, &mac.key, mac.faults), -1);
    hears("macOS does not take this kind of key");
    mac.key.key = mac.ca->key;
    mac.key.certificate = foreign_der(mac.leaf);
    cr_assert_eq(store_put(mac.store, &mac.key, mac.faults), -1);
    hears("the key is not that of the certificate");
    cr_assert_eq(apple_keys(APPLE_SYSTEM), 0);
    foreign_free(odd);
    foreign_free(weak);
}

Test(macos, a_key_of_somebody_else_stays)
{
    add_key(APPLE_SYSTEM, mac.leaf, APPLE_CHROME);
    mac_open("system");
    cr_assert_eq(look(&mac.key), PRESENCE_PRESENT);
    cr_assert_eq(store_take(mac.store, &mac.key, (struct slice){NULL, 0}, mac.faults), -1);
    hears("it belongs to another program (status -25244) (take it away in Keychain Access");
    cr_assert_eq(apple_keys(APPLE_SYSTEM), 1);
}

Test(macos, a_program_that_is_not_there)
{
    static const char *const programs[] = {APPLE_CURL, "/nowhere/program"};

    mac_open("system");
    mac.key.programs = programs;
    mac.key.program_count = 2;
    cr_assert_eq(store_put(mac.store, &mac.key, mac.faults), -1);
    hears("\"/nowhere/program\" cannot be put on the list of programs");
    cr_assert_eq(apple_keys(APPLE_SYSTEM), 0);
}

/* A P12 through SecPKCS12Import, for @p program alone; its answer. */
static OSStatus import_p12(const char *program, const char *passphrase)
{
    PKCS12 *file =
        PKCS12_create("right", "name", key_pkey(mac.leaf->key), mac.leaf->x509, NULL, 0, 0, 0, 0, 0);
    unsigned char *der = NULL;
    int length = i2d_PKCS12(file, &der);
    SecKeychainRef keychain = NULL;
    SecTrustedApplicationRef application = NULL;
    SecAccessRef access = NULL;
    CFArrayRef items = NULL;
    CFDataRef data = CFDataCreate(NULL, der, length);
    CFStringRef words = CFStringCreateWithCString(NULL, passphrase, kCFStringEncodingUTF8);
    CFArrayRef programs = NULL;
    CFDictionaryRef options = NULL;
    OSStatus status = errSecSuccess;

    cr_assert_eq(SecKeychainOpen(APPLE_SYSTEM, &keychain), errSecSuccess);
    cr_assert_eq(SecTrustedApplicationCreateFromPath(program, &application), errSecSuccess);
    programs = CFArrayCreate(NULL, (const void *[]){application}, 1, &kCFTypeArrayCallBacks);
    cr_assert_eq(SecAccessCreate(words, programs, &access), errSecSuccess);
    options = CFDictionaryCreate(
        NULL, (const void *[]){kSecImportExportPassphrase, kSecImportExportKeychain, kSecImportExportAccess},
        (const void *[]){words, keychain, access}, 3, &kCFTypeDictionaryKeyCallBacks,
        &kCFTypeDictionaryValueCallBacks);
    status = SecPKCS12Import(data, options, &items);
    if (items != NULL) {
        CFRelease(items);
    }
    CFRelease(options);
    CFRelease(access);
    CFRelease(programs);
    CFRelease(application);
    CFRelease(keychain);
    CFRelease(words);
    CFRelease(data);
    OPENSSL_free(der);
    PKCS12_free(file);
    return status;
}

/* Why a P12 is not given to macOS: a model of what it does with one, before and since macOS 14. */
Test(macos, a_p12_is_not_given_to_macos)
{
    apple_version = 13;
    cr_assert_eq(import_p12(APPLE_CURL, "wrong"), errSecPkcs12VerifyFailure);
    cr_assert_eq(import_p12(APPLE_CURL, "right"), errSecSuccess);
    cr_assert(apple_extractable(APPLE_SYSTEM));
    cr_assert_eq(import_p12(APPLE_SAFARI, "right"), errSecDuplicateItem);
    apple_version = 14;
    cr_assert_eq(import_p12(APPLE_CURL, "wrong"), errSecAuthFailed);
    /* "Done", and Safari may not use the key. */
    cr_assert_eq(import_p12(APPLE_SAFARI, "right"), errSecSuccess);
    cr_assert_not(apple_may_use(APPLE_SYSTEM, APPLE_SAFARI));
    cr_assert(apple_extractable(APPLE_SYSTEM));
}

/* ---- user keychains and partitions ---------------------------------------------------------------------------------- */

static void as_user(void)
{
    apple_uid = 501;
    mac.setting.passphrase = &mac.passphrase;
}

Test(macos, login_with_its_passphrase)
{
    static const char *const programs[] = {APPLE_CURL, APPLE_CHROME, APPLE_OWN};

    as_user();
    apple_lock(APPLE_LOGIN);
    mac.key.programs = programs;
    mac.key.program_count = 3;
    mac_open("login");
    put(&mac.certificate);
    put(&mac.key);
    for (size_t i = 0; i < 3; i++) {
        cr_assert(apple_may_use(APPLE_LOGIN, programs[i]), "%s", programs[i]);
    }
    cr_assert(apple_may_use(APPLE_LOGIN, APPLE_SELF));
    cr_assert_not(apple_may_use(APPLE_LOGIN, APPLE_SAFARI));
    cr_assert_eq(store_prove(mac.store, &mac.key, mac.faults), 0, "%s", mac_told());
    take(&mac.key, "");
    take(&mac.certificate, "");
    mac_close();
    /* it is locked again */
    mac.setting.passphrase = NULL;
    mac_open("login");
    cr_assert_eq(store_put(mac.store, &mac.certificate, mac.faults), -1);
    hears("the keychain is locked, or a person would have to be asked (status -25308) ("
          "--keychain-passphrase");
    cr_assert_eq(apple_prompts, 0);
}

static bool is_locked(void)
{
    char *all = apple_snapshot();
    bool locked = strstr(all, APPLE_LOGIN " locked") != NULL;

    free(all);
    return locked;
}

Test(macos, lent_while_a_command_runs)
{
    as_user();
    apple_lock(APPLE_LOGIN);
    mac_open("login");
    cr_assert(store_lend(mac.store));
    mac_close();
    cr_assert_not(is_locked());
    mac.setting.shut = true;
    mac_open("login");
    cr_assert_not(is_locked());
    mac_close();
    cr_assert(is_locked());
    /* What was open before stays open. */
    mac.setting.shut = false;
    mac_open("login");
    mac_close();
    cr_assert(is_locked());
    mac_open("login");
    cr_assert(store_lend(mac.store));
    mac_close();
    mac_open("login");
    cr_assert_not(store_lend(mac.store));
    mac_close();
    cr_assert_not(is_locked());
}

Test(macos, a_partition_wants_the_passphrase)
{
    as_user();
    mac.setting.passphrase = NULL;
    mac_open("login");
    cr_assert_eq(store_put(mac.store, &mac.key, mac.faults), -1);
    hears("this keychain wants its passphrase before another program may use a key (--keychain-passphrase");
    cr_assert_eq(apple_keys(APPLE_LOGIN), 0);
    /* for this program alone it does not */
    mac.key.program_count = 0;
    put(&mac.key);
    cr_assert(apple_may_use(APPLE_LOGIN, APPLE_SELF));
}

Test(macos, a_wrong_passphrase)
{
    as_user();
    bytes_clear(&mac.passphrase);
    cr_assert_eq(bytes_append_text(&mac.passphrase, "wrong"), 0);
    mac_open("login");
    cr_assert_eq(store_put(mac.store, &mac.key, mac.faults), -1);
    hears("the keychain's passphrase is wrong, or the keychain is locked");
    cr_assert_eq(apple_keys(APPLE_LOGIN), 0);
    mac_close();
    apple_lock(APPLE_LOGIN);
    cr_assert_null(store_open(&store_macos, &mac.setting, "login", mac.faults));
    hears("macos:login: the keychain cannot be opened: the keychain's passphrase is wrong");
}

Test(macos, without_the_undocumented_call)
{
    as_user();
    apple_undocumented = false;
    mac_open("login");
    cr_assert_eq(store_put(mac.store, &mac.key, mac.faults), -1);
    hears("this macOS does not have that call");
    cr_assert_eq(apple_keys(APPLE_LOGIN), 0);
}

Test(macos, one_more_program)
{
    as_user();
    mac_open("login");
    put(&mac.certificate);
    put(&mac.key);
    cr_assert_not(apple_may_use(APPLE_LOGIN, APPLE_SAFARI));
    cr_assert_eq(store_allow(mac.store, &mac.key, APPLE_SAFARI, mac.faults), 0, "%s", mac_told());
    cr_assert(apple_may_use(APPLE_LOGIN, APPLE_SAFARI));
    cr_assert(apple_may_use(APPLE_LOGIN, APPLE_CURL));
    cr_assert_eq(store_allow(mac.store, &mac.key, APPLE_SAFARI, mac.faults), 0);
    cr_assert_eq(store_allow(mac.store, &mac.key, "/nowhere", mac.faults), -1);
    hears("\"/nowhere\" cannot be put on the key's list of programs");
    take(&mac.key, "");
    cr_assert_eq(store_allow(mac.store, &mac.key, APPLE_SAFARI, mac.faults), -1);
    hears("the private key is not there");
}

/* ---- opening -------------------------------------------------------------------------------------------------------- */

static void refuses(const char *place, const char *words)
{
    cr_assert_null(store_open(&store_macos, &mac.setting, place, mac.faults));
    hears(words);
}

Test(macos, who_may_open_what)
{
    refuses("/nowhere.keychain",
            "macos:/nowhere.keychain: the keychain cannot be opened: there is no such keychain");
    mac_open("");
    cr_assert_str_eq(store_name(mac.store), "macos:system");
    mac_close();
    (void)setenv("SUDO_UID", "501", 1);
    refuses("login",
            "macos:login: under sudo it is not certain whose login keychain that is (run it without sudo");
    mac_open("system");
    mac_close();
    apple_uid = 501;
    refuses("system", "only root may write the keychain of the machine (run it with sudo");
    mac.setting.writing = false;
    mac_open("system");
    mac_close();
    mac_open("");
    cr_assert_str_eq(store_name(mac.store), "macos:login");
    mac_close();
    mac_open(APPLE_LOGIN);
    cr_assert_str_eq(store_name(mac.store), "macos:" APPLE_LOGIN);
    (void)unsetenv("SUDO_UID");
}

Test(macos, root_stands_for_the_machine)
{
    apple_keychain("/elsewhere" APPLE_SYSTEM, 0, false);
    mac.setting.root = "/elsewhere";
    mac_open("system");
    put(&mac.certificate);
    cr_assert_eq(apple_certificates("/elsewhere" APPLE_SYSTEM), 1);
    cr_assert_eq(apple_certificates(APPLE_SYSTEM), 0);
}

Test(macos, a_keychain_of_somebody_else)
{
    apple_keychain("/other.keychain", 502, false);
    apple_uid = 501;
    mac_open("/other.keychain");
    cr_assert_eq(store_put(mac.store, &mac.certificate, mac.faults), -1);
    hears("the keychain may not be written (status -61) (run it with sudo");
}

struct places {
    char text[512];
};

static int tell_place(void *state, const char *name, const char *where, const char *unusable)
{
    struct places *places = state;
    size_t used = strlen(places->text);

    (void)snprintf(places->text + used, sizeof(places->text) - used, "%s %s %s\n", name, where,
                   unusable == NULL ? "-" : unusable);
    return 0;
}

Test(macos, places_of_the_machine)
{
    struct places places = {""};

    apple_uid = 501;
    cr_assert_eq(store_macos.survey(&mac.setting, tell_place, &places, mac.faults), 0);
    cr_assert_str_eq(places.text, "macos:system " APPLE_SYSTEM " only root may write it\n"
                                  "macos:login " APPLE_LOGIN " -\n");
}

/* ---- trust ---------------------------------------------------------------------------------------------------------- */

#define SERVER_WORDS "macos trust 1\npolicy=ssl-server result=1\npolicy=basic result=1\n"

/* What is there, in words. */
static void trusted(const char *words)
{
    struct sighting sighting = {0};

    cr_assert_eq(store_look(mac.store, &mac.trust, &sighting, mac.faults), 0, "%s", mac_told());
    cr_assert_str_eq(bytes_text(&sighting.before), words);
    sighting_free(&sighting);
}

Test(macos, trust_and_back)
{
    for (apple_version = 12; apple_version <= 26; apple_version++) {
        mac.trust.scope = SCOPE_SERVER;
        mac_open("system");
        cr_assert_eq(look(&mac.trust), PRESENCE_ABSENT);
        put(&mac.trust);
        cr_assert_eq(look(&mac.trust), PRESENCE_PRESENT);
        trusted(SERVER_WORDS);
        cr_assert_eq(store_prove(mac.store, &mac.trust, mac.faults), 0, "%s", mac_told());
        /* over it: another scope, and then what it was */
        mac.trust.scope = SCOPE_CLIENT;
        cr_assert_eq(look(&mac.trust), PRESENCE_DIFFERENT);
        cr_assert_eq(store_prove(mac.store, &mac.trust, mac.faults), -1);
        hears("not trusted as it should be: there is trust for server");
        put(&mac.trust);
        trusted("macos trust 1\npolicy=ssl-client result=1\npolicy=basic result=1\n");
        take(&mac.trust, SERVER_WORDS);
        trusted(SERVER_WORDS);
        mac.trust.scope = SCOPE_ANY;
        put(&mac.trust);
        trusted(
            "macos trust 1\npolicy=ssl-server result=1\npolicy=ssl-client result=1\npolicy=basic result=1\n");
        take(&mac.trust, "");
        cr_assert_eq(look(&mac.trust), PRESENCE_ABSENT);
        take(&mac.trust, "");
        mac_close();
    }
}

Test(macos, trust_for_one_host)
{
    struct sighting sighting = {0};

    mac_open("system");
    mac.trust.host = "localhost";
    put(&mac.trust);
    /* The basic check of chains knows no host: it is left out. */
    trusted("macos trust 1\npolicy=ssl-server host=6c6f63616c686f7374 result=1\n");
    cr_assert_eq(look(&mac.trust), PRESENCE_PRESENT);
    mac.trust.host = "example.com";
    cr_assert_eq(store_look(mac.store, &mac.trust, &sighting, mac.faults), 0);
    cr_assert_eq(sighting.presence, PRESENCE_DIFFERENT);
    cr_assert_str_eq(bytes_text(&sighting.reason), "trust for server on localhost");
    cr_assert_eq(sighting.scope, SCOPE_SERVER);
    sighting_free(&sighting);
}

Test(macos, what_is_no_root_is_trusted_as_if)
{
    mac_open("system");
    mac.trust.certificate = foreign_der(mac.leaf);
    put(&mac.trust);
    trusted("macos trust 1\npolicy=ssl-server result=2\npolicy=basic result=2\n");
}

Test(macos, settings_of_others_are_kept_or_left)
{
    struct slice der = foreign_der(mac.ca);
    struct sighting sighting = {0};

    apple_trust_policy(der.data, der.length, kSecTrustSettingsDomainAdmin, "1.2.840.113635.100.1.8", 3);
    mac_open("system");
    trusted("macos trust 1\npolicy=oid:1.2.840.113635.100.1.8 result=3\n");
    put(&mac.trust);
    take(&mac.trust, "macos trust 1\npolicy=oid:1.2.840.113635.100.1.8 result=3\n");
    trusted("macos trust 1\npolicy=oid:1.2.840.113635.100.1.8 result=3\n");
    take(&mac.trust, "");
    apple_trust_all(der.data, der.length, kSecTrustSettingsDomainAdmin);
    cr_assert_eq(store_look(mac.store, &mac.trust, &sighting, mac.faults), 0);
    cr_assert_str_eq(bytes_text(&sighting.before), "macos trust 1\n");
    cr_assert_eq(sighting.scope, SCOPE_ANY);
    sighting_free(&sighting);
    put(&mac.trust);
    take(&mac.trust, "macos trust 1\n");
    trusted("macos trust 1\n");
    take(&mac.trust, "");
    /* What names a program cannot be put back, and is not touched. */
    apple_trust_program(der.data, der.length, kSecTrustSettingsDomainAdmin);
    cr_assert_eq(look(&mac.trust), PRESENCE_DIFFERENT);
    cr_assert_eq(store_put(mac.store, &mac.trust, mac.faults), -1);
    hears("trust settings of a kind that could not be put back");
    cr_assert_eq(store_take(mac.store, &mac.trust, (struct slice){NULL, 0}, mac.faults), -1);
    hears("trust settings of a kind that could not be put back");
}

Test(macos, nobody_gives_leave)
{
    char *before = apple_snapshot();
    char *after = NULL;

    mac_open("system");
    apple_person = PERSON_CANCELS;
    cr_assert_eq(store_put(mac.store, &mac.trust, mac.faults), -1);
    hears("it was declined (status -60006) (in a session with a screen an administrator can confirm it; "
          "or use "
          "--pending-trust, which writes a configuration profile)");
    apple_person = PERSON_ABSENT;
    cr_assert_eq(store_put(mac.store, &mac.trust, mac.faults), -1);
    hears("a person would have to be asked, and none can be (status -60007)");
    after = apple_snapshot();
    cr_assert_str_eq(before, after);
    /* Root alone is enough where the system is not protected, but for the last record. */
    apple_protected = false;
    put(&mac.trust);
    cr_assert_eq(store_take(mac.store, &mac.trust, (struct slice){NULL, 0}, mac.faults), -1);
    hears("the trust in the certificate cannot be taken away");
    free(before);
    free(after);
}

Test(macos, the_users_own_trust)
{
    apple_uid = 501;
    mac_open("login");
    put(&mac.trust);
    trusted(SERVER_WORDS);
    take(&mac.trust, "");
    cr_assert_eq(look(&mac.trust), PRESENCE_ABSENT);
}

Test(macos, macos_waits_for_nobody)
{
    mac.setting.patience = 1;
    apple_person = PERSON_HANGS;
    mac_open("system");
    cr_assert_eq(store_put(mac.store, &mac.trust, mac.faults), -1);
    hears("macOS did not answer within 1 seconds");
    /* Whether it will be done nobody knows: no other change of trust is begun, all else goes on. */
    apple_person = PERSON_GRANTS;
    cr_assert_eq(store_put(mac.store, &mac.trust, mac.faults), -1);
    hears("still has an earlier change of trust before it");
    cr_assert_eq(look(&mac.trust), PRESENCE_ABSENT);
    put(&mac.certificate);
    mac_close();
    apple_release();
    /* The thread that was left behind lets go of what it held a moment later. */
    for (int i = 0; i < 500 && apple_live() > 0; i++) {
        (void)usleep(10000);
    }
}

/* ---- lists, judgements, words --------------------------------------------------------------------------------------- */

struct listed {
    char text[1024];
};

static int list_entry(void *state, const struct store_entry *entry)
{
    struct listed *listed = state;
    size_t used = strlen(listed->text);

    (void)snprintf(listed->text + used, sizeof(listed->text) - used, "%s %s%s %s %s\n", entry->label,
                   entry->has_key ? "key" : "no key", entry->extractable ? " extractable" : "",
                   scope_word(entry->scope), entry->host == NULL ? "-" : entry->host);
    return 0;
}

Test(macos, list)
{
    struct listed listed = {""};

    mac_open("system");
    cr_assert_eq(store_each(mac.store, list_entry, &listed, mac.faults), 0, "%s", mac_told());
    cr_assert_str_eq(listed.text, "");
    put(&mac.certificate);
    put(&mac.key);
    mac.trust.host = "localhost";
    mac.certificate.certificate = foreign_der(mac.ca);
    mac.certificate.label = "ca";
    put(&mac.certificate);
    put(&mac.trust);
    cr_assert_eq(store_each(mac.store, list_entry, &listed, mac.faults), 0, "%s", mac_told());
    cr_assert_str_eq(listed.text, "testClientTLS key none -\nca no key server localhost\n");
}

Test(macos, judgement_of_macos)
{
    struct slice chain[] = {foreign_der(mac.ca)};
    struct store_question question = {foreign_der(mac.leaf), chain, 1, SCOPE_SERVER, "localhost"};
    struct store_verdict verdict = {false, BYTES_EMPTY};

    mac_open("system");
    cr_assert_eq(store_judge(mac.store, &question, &verdict, mac.faults), 1, "%s", mac_told());
    cr_assert(verdict.good);
    apple_verdict(false, "\"testClientTLS\" certificate is not trusted");
    question.policy = SCOPE_CLIENT;
    question.host = NULL;
    cr_assert_eq(store_judge(mac.store, &question, &verdict, mac.faults), 1);
    cr_assert_not(verdict.good);
    cr_assert_str_eq(bytes_text(&verdict.reason), "\"testClientTLS\" certificate is not trusted");
    cr_assert_not(apple_networked, "the network was not forbidden");
    bytes_free(&verdict.reason);
}

Test(macos, how_programs_name_it)
{
    struct bytes reference = BYTES_EMPTY;

    mac_open("system");
    cr_assert_eq(store_reference(mac.store, &mac.key, &reference, mac.faults), -1);
    hears("the certificate is not there");
    put(&mac.certificate);
    cr_assert_eq(store_reference(mac.store, &mac.key, &reference, mac.faults), 0);
    cr_assert_str_eq(bytes_text(&reference), "keychain:testClientTLS");
    bytes_free(&reference);
}

Test(macos, answers_in_words)
{
    static const OSStatus listed[] = {
#define NUMBER(name, value) (value),
#include "security_numbers.h"
#undef NUMBER
    };

    /* Every error that the list knows has a sentence. */
    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
        cr_assert(listed[i] >= 0 || status_sentence(listed[i]) != NULL, "%ld", (long)listed[i]);
    }
    status_fault(mac.faults, "macos:system", -4711, NULL, "it %s", "failed");
    hears("macos:system: it failed: what macOS says about -4711 (status -4711)");
}

Test(macos, words_of_trust)
{
    static const char *const bad[] = {
        "macos trust 2\n",
        "macos trust 1",
        "macos trust 1\npolicy=basic",
        "macos trust 1\n\n",
        "macos trust 1\nresult=1\n",
        "macos trust 1\npolicy=basic policy=basic\n",
        "macos trust 1\npolicy=odd\n",
        "macos trust 1\npolicy=oid:\n",
        "macos trust 1\npolicy=oid:1.2x\n",
        "macos trust 1\npolicy=basic result=\n",
        "macos trust 1\npolicy=basic result=2147483648\n",
        "macos trust 1\npolicy=basic result=1 result=1\n",
        "macos trust 1\npolicy=basic host=6\n",
        "macos trust 1\npolicy=basic host=00\n",
        "macos trust 1\npolicy=basic host=zz\n",
        "macos trust 1\npolicy=basic  result=1\n",
    };
    struct trust_settings settings = {0};
    struct bytes words = BYTES_EMPTY;
    const char *all = "macos trust 1\npolicy=all host=c3a4 result=-2147483648 usage=-1 "
                      "error=2147483647\npolicy=oid:1.2.3\n";

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_eq(trust_words_read(slice_of_text(bad[i]), &settings), -1, "%s", bad[i]);
        cr_assert_null(settings.all);
    }
    cr_assert_eq(trust_words_read(slice_of_text(all), &settings), 0);
    cr_assert_eq(settings.count, 2);
    cr_assert_eq(trust_words_write(&settings, &words), 0);
    cr_assert_str_eq(bytes_text(&words), all);
    trust_settings_free(&settings);
    bytes_free(&words);
}

/* ---- passphrases in a keychain (ca/base/keychain.c) ----------------------------------------------------------------- */

Test(macos, no_passphrase_of_that_label)
{
    struct bytes secret = BYTES_EMPTY;

    cr_assert_eq(keychain_fetch("nothing", NULL, &secret, mac.faults), -1);
    hears("the keychain has no password of the label \"nothing\"");
    apple_fail(3, FAIL_BEFORE, errSecAuthFailed, true);
    cr_assert_eq(keychain_fetch("nothing", NULL, &secret, mac.faults), -1);
    apple_fail(0, FAIL_BEFORE, 0, false);
    hears("the keychain does not give the password \"nothing\" (status -25293)");
}
