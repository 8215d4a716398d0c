/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The macOS store while the Security framework goes wrong: every call of every verb fails once, in its turn, with each answer there is, before its
 * effect and after it. Whatever happens, no reference is left, the keychains and the trust are as they were or as they should be, the
 * switch for questions is back, no secret lies in memory that was given back, and a failure has a sentence. Then all calls from one
 * on fail: what is left is told.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "mac.h"
#include "macos/macos.h"
#include "patience.h"

#define BEFORE_WORDS "macos trust 1\npolicy=ssl-client result=1\npolicy=basic result=1\n"

/* What is done, from what, and where. */
struct scene {
    const char *name;
    const char *place;
    void (*prepare)(void); /* with the store open; nothing fails yet */
    int (*act)(void);
};

static int list_nothing(void *state, const struct store_entry *entry)
{
    (void)state;
    return entry->certificate.length == 0;
}

static int look_at(const struct item *item)
{
    struct sighting sighting = {0};
    int status = store_look(mac.store, item, &sighting, mac.faults);

    sighting_free(&sighting);
    return status;
}

/* ---- beginnings ----------------------------------------------------------------------------------------------------- */

static void nothing(void)
{
}

static void with_certificate(void)
{
    cr_assert_eq(store_put(mac.store, &mac.certificate, mac.faults), 0, "%s", mac_told());
}

static void with_identity(void)
{
    with_certificate();
    cr_assert_eq(store_put(mac.store, &mac.key, mac.faults), 0, "%s", mac_told());
}

static void with_trust(void)
{
    cr_assert_eq(store_put(mac.store, &mac.trust, mac.faults), 0, "%s", mac_told());
}

static void with_other_trust(void)
{
    cr_assert_eq(store_take(mac.store, &mac.trust, slice_of_text(BEFORE_WORDS), mac.faults), 0, "%s",
                 mac_told());
}

/* ---- acts ----------------------------------------------------------------------------------------------------------- */

static int put_certificate(void)
{
    return store_put(mac.store, &mac.certificate, mac.faults);
}

static int put_key(void)
{
    return store_put(mac.store, &mac.key, mac.faults);
}

static int put_trust(void)
{
    return store_put(mac.store, &mac.trust, mac.faults);
}

static int take_certificate(void)
{
    return store_take(mac.store, &mac.certificate, (struct slice){NULL, 0}, mac.faults);
}

static int take_key(void)
{
    return store_take(mac.store, &mac.key, (struct slice){NULL, 0}, mac.faults);
}

static int take_trust(void)
{
    return store_take(mac.store, &mac.trust, (struct slice){NULL, 0}, mac.faults);
}

static int put_back_trust(void)
{
    return store_take(mac.store, &mac.trust, slice_of_text(BEFORE_WORDS), mac.faults);
}

static int allow(void)
{
    return store_allow(mac.store, &mac.key, APPLE_CHROME, mac.faults);
}

static int look(void)
{
    return look_at(&mac.certificate) == 0 && look_at(&mac.key) == 0 ? look_at(&mac.trust) : -1;
}

static int prove(void)
{
    return store_prove(mac.store, &mac.key, mac.faults);
}

static int prove_trust(void)
{
    return store_prove(mac.store, &mac.trust, mac.faults);
}

static int list(void)
{
    return store_each(mac.store, list_nothing, NULL, mac.faults);
}

static int judge(void)
{
    struct slice chain[] = {foreign_der(mac.ca)};
    struct store_question question = {foreign_der(mac.leaf), chain, 1, SCOPE_SERVER, "localhost"};
    struct store_verdict verdict = {false, BYTES_EMPTY};
    int status = store_judge(mac.store, &question, &verdict, mac.faults);

    bytes_free(&verdict.reason);
    return status == 1 ? 0 : -1;
}

static int reopen(void)
{
    struct store *second = store_open(&store_macos, &mac.setting, "login", mac.faults);

    store_close(second);
    return second != NULL ? 0 : -1;
}

static const struct scene scenes[] = {
    {"put a certificate", "system", nothing, put_certificate},
    {"put a key", "system", nothing, put_key},
    {"put a key, login", "login", nothing, put_key},
    {"put trust", "system", nothing, put_trust},
    {"put trust over trust", "system", with_other_trust, put_trust},
    {"take a certificate", "system", with_certificate, take_certificate},
    {"take a key", "system", with_identity, take_key},
    {"take a key, login", "login", with_identity, take_key},
    {"take trust", "system", with_trust, take_trust},
    {"put trust back", "system", with_trust, put_back_trust},
    {"allow", "login", with_identity, allow},
    {"look", "system", with_trust, look},
    {"prove", "login", with_identity, prove},
    {"prove trust", "system", with_trust, prove_trust},
    {"list", "login", with_identity, list},
    {"judge", "system", nothing, judge},
    {"open and close", "system", nothing, reopen},
};

/* ---- one run -------------------------------------------------------------------------------------------------------- */

static const OSStatus answers[] = {errSecDuplicateItem,
                                   errSecItemNotFound,
                                   errSecAuthFailed,
                                   errSecInteractionNotAllowed,
                                   errSecWrPerm,
                                   errAuthorizationDenied,
                                   errAuthorizationCanceled,
                                   errSecInvalidOwnerEdit,
                                   errSecInternalComponent,
                                   errSecDecode};
#define ANSWERS (sizeof(answers) / sizeof(answers[0]))

/* One way in which a call goes wrong. */
struct trouble {
    long nth;
    enum apple_mode mode;
    OSStatus answer;
    bool on;
};

/* What a run came to. */
struct outcome {
    char *start, *end;
    int status;
    size_t warnings, errors;
    bool left; /* a complaint says that something is left, or may be */
    const char *failed;
    long calls;
    char told[2000];
};

static void run(const struct scene *scene, const struct trouble *trouble, struct outcome *outcome)
{
    mac_restart();
    mac.setting.passphrase = &mac.passphrase;
    mac.setting.patience = 10;
    apple_uid = strcmp(scene->place, "login") == 0 ? 501 : 0;
    mac_open(scene->place);
    scene->prepare();
    if (scene->act == reopen) {
        apple_lock(APPLE_LOGIN);
    }
    mac_forget();
    outcome->start = apple_snapshot();
    apple_fail(trouble->nth, trouble->mode, trouble->answer, trouble->on);
    outcome->status = scene->act();
    outcome->calls = apple_calls();
    outcome->failed = apple_failed();
    if (!trouble->on) {
        apple_fail(0, FAIL_BEFORE, 0, false);
    }
    outcome->end = apple_snapshot();
    outcome->warnings = faults_warnings(mac.faults);
    outcome->errors = faults_errors(mac.faults);
    (void)snprintf(outcome->told, sizeof(outcome->told), "%s", mac_told());
    outcome->left = strstr(outcome->told, "left") != NULL || strstr(outcome->told, "stay off") != NULL;
    mac_close();
    apple_fail(0, FAIL_BEFORE, 0, false);
    /* Where putting the switch back failed as well, the snapshot says so, and a warning has to. */
    apple_prompting = true;
}

static void free_outcome(struct outcome *outcome)
{
    free(outcome->start);
    free(outcome->end);
}

/* What must hold whatever happened. */
static void check_always(const struct scene *scene, const struct trouble *trouble,
                         const struct outcome *outcome)
{
    cr_assert_eq(apple_live(), 0, "%s: %ld references held after call %ld (%s) failed %s", scene->name,
                 apple_live(), trouble->nth, outcome->failed,
                 trouble->mode == FAIL_AFTER ? "after its effect" : "at once");
    cr_assert_eq(apple_spilled, 0, "%s: a secret in memory given back after call %ld (%s) failed",
                 scene->name, trouble->nth, outcome->failed);
    cr_assert(outcome->status == 0 || outcome->errors > 0, "%s: no word when call %ld (%s) failed",
              scene->name, trouble->nth, outcome->failed);
}

static bool same(const char *one, const char *other)
{
    return strcmp(one, other) == 0;
}

/* "Not found" said of what is there cannot be told from the truth. */
static bool lied(const struct trouble *trouble, const struct outcome *outcome)
{
    return trouble->answer == errSecItemNotFound && outcome->failed != NULL &&
           (same(outcome->failed, "SecItemCopyMatching") ||
            same(outcome->failed, "SecTrustSettingsCopyTrustSettings"));
}

static void check_once(const struct scene *scene, const struct trouble *trouble,
                       const struct outcome *outcome, const char *done)
{
    check_always(scene, trouble, outcome);
    if (outcome->status == 0) {
        cr_assert(same(outcome->end, done) || outcome->warnings > 0 || lied(trouble, outcome),
                  "%s: said to be done when call %ld (%s) failed with %ld %s:\n%s", scene->name, trouble->nth,
                  outcome->failed, (long)trouble->answer,
                  trouble->mode == FAIL_AFTER ? "after its effect" : "at once", outcome->end);
    } else {
        cr_assert(same(outcome->end, outcome->start) || outcome->left,
                  "%s: not as it was when call %ld (%s) failed with %ld %s: %s\n%s", scene->name,
                  trouble->nth, outcome->failed, (long)trouble->answer,
                  trouble->mode == FAIL_AFTER ? "after its effect" : "at once", outcome->told, outcome->end);
        cr_assert(!outcome->left || strstr(outcome->told, "for it cannot be deleted") != NULL ||
                      lied(trouble, outcome),
                  "%s: one failure is no reason to leave something (%s): %s", scene->name, outcome->failed,
                  outcome->told);
    }
}

static void one_after_the_other(const struct scene *scene)
{
    /* Where all takes thirty times as long, the first few have to do. */
    size_t several = patience(1) > 1 ? 3 : ANSWERS;
    struct outcome good;
    long calls = 0;

    run(scene, &(struct trouble){0, FAIL_BEFORE, 0, false}, &good);
    cr_assert_eq(good.status, 0, "%s: %s", scene->name, good.told);
    calls = good.calls;
    cr_assert(calls > 2, "%s makes %ld calls", scene->name, calls);
    for (long nth = 1; nth <= calls; nth++) {
        for (size_t i = 0; i < 2 * several; i++) {
            struct trouble trouble = {nth, i < several ? FAIL_BEFORE : FAIL_AFTER, answers[i % several],
                                      false};
            struct outcome outcome;

            run(scene, &trouble, &outcome);
            cr_assert_not_null(outcome.failed);
            check_once(scene, &trouble, &outcome, good.end);
            free_outcome(&outcome);
        }
    }
    free_outcome(&good);
}

static void all_from_one_on(const struct scene *scene)
{
    struct outcome good;

    run(scene, &(struct trouble){0, FAIL_BEFORE, 0, false}, &good);
    for (long nth = 1; nth <= good.calls; nth++) {
        struct trouble trouble = {nth, FAIL_BEFORE, errSecWrPerm, true};
        struct outcome outcome;

        run(scene, &trouble, &outcome);
        check_always(scene, &trouble, &outcome);
        /* Who closes a store cannot be told that its keychain stays unlocked. */
        cr_assert(outcome.status != 0 || same(outcome.end, good.end) || outcome.warnings > 0 ||
                      same(outcome.failed, "SecKeychainLock"),
                  "%s: said to be done when all from call %ld (%s) on failed", scene->name, nth,
                  outcome.failed);
        cr_assert(outcome.status == 0 || outcome.left || same(outcome.end, outcome.start),
                  "%s: something is left when all from call %ld (%s) on failed, and nothing is said: %s\n%s",
                  scene->name, nth, outcome.failed, outcome.told, outcome.end);
        free_outcome(&outcome);
    }
    free_outcome(&good);
}

static void set_up(void)
{
    mac_start("ec-p256");
}

TestSuite(macos_trouble, .init = set_up, .fini = mac_stop, .timeout = 250);

Test(macos_trouble, each_call_once)
{
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        one_after_the_other(&scenes[i]);
    }
}

Test(macos_trouble, all_calls_from_one_on)
{
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        all_from_one_on(&scenes[i]);
    }
}
