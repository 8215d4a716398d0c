/* SPDX-License-Identifier: Apache-2.0 */
/* Which folder a place of the NSS store means, whose rights it is opened with, and that no code of a database's is loaded. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>
#include <nss.h>

#include "nss/firefox.h"
#include "nss/nss.h"
#include "nss/place.h"
#include "nss/profiles.h"
#include "nss_fixture.h"
#include "scratch.h"

#define FIXTURE nss_fixture
#define FAULTS  nss_fixture.faults
/* nobody: a user who is not the one that runs the test */
#define OTHER 65534

static void start(void)
{
    nss_fixture_start("ec-p256");
    (void)setenv("HOME", scratch_folder, 1);
    (void)unsetenv("XDG_DATA_HOME");
    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("SUDO_UID");
}

TestSuite(store_nss_places, .init = start, .fini = nss_fixture_stop);

/** A path below the scratch folder; static. */
static const char *below(const char *path)
{
    static char whole[256];

    (void)snprintf(whole, sizeof(whole), "%s/%s", scratch_folder, path);
    return whole;
}

static void make_folder(const char *path)
{
    char part[256];

    for (const char *end = path; end != NULL;) {
        end = strchr(end + 1, '/');
        (void)snprintf(part, sizeof(part), "%s/%.*s", scratch_folder,
                       (int)(end != NULL ? end - path : (long)strlen(path)), path);
        cr_assert(mkdir(part, 0700) == 0 || errno == EEXIST);
    }
}

/** The folder that @p place means is @p folder below the scratch folder, or a fault says @p complaint. */
static void expect_place(const char *text, const char *folder, const char *complaint)
{
    struct bytes found = BYTES_EMPTY;
    struct nss_place place;
    struct owner owner;
    int result;

    cr_assert_eq(owner_decide(NULL, &owner, FAULTS), 0, "%s", nss_fixture_told());
    cr_assert_eq(nss_place_parse(text, &place, FAULTS), 0);
    result = nss_place_find(&place, &owner, &found, FAULTS);
    if (folder != NULL) {
        cr_assert_eq(result, 0, "%s", nss_fixture_told());
        cr_assert_str_eq(bytes_text(&found), below(folder));
    } else {
        const char *told = nss_fixture_told();

        cr_assert_neq(result, 0, "%s", bytes_text(&found));
        cr_assert(strstr(told, complaint) != NULL, "%s", told);
    }
    bytes_free(&found);
    owner_free(&owner);
}

/* ---- chromium ---------------------------------------------------------------------------------------------------- */

Test(store_nss_places, chromium_goes_by_its_own_order)
{
    expect_place("chromium", ".local/share/pki/nssdb", NULL);
    (void)setenv("XDG_DATA_HOME", below("data"), 1);
    expect_place("chromium", "data/pki/nssdb", NULL);
    (void)setenv("XDG_DATA_HOME", "relative", 1);
    expect_place("chromium", ".local/share/pki/nssdb", NULL);
    make_folder(".local/share/pki/nssdb");
    expect_place("chromium", ".local/share/pki/nssdb", NULL);
    make_folder(".pki");
    expect_place("chromium", ".local/share/pki/nssdb", NULL);
    make_folder(".pki/nssdb");
    expect_place("chromium", ".pki/nssdb", NULL);
}

Test(store_nss_places, a_new_database_of_chromium_hides_no_other)
{
    struct store *store;

    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "chromium");
    store = nss_fixture_open();
    nss_fixture_put_identity(store, FIXTURE.client, "me");
    nss_fixture_close(store);
    cr_assert_eq(scratch_mode(".local/share/pki/nssdb/key4.db"), 0600);
    cr_assert_eq(scratch_mode(".pki"), 0);
}

Test(store_nss_places, chromium_gets_no_password)
{
    struct bytes secret = BYTES_EMPTY;
    const struct store_setting setting = {.context = FIXTURE.context, .writing = true, .passphrase = &secret};

    cr_assert_eq(bytes_append_text(&secret, "secret"), 0);
    cr_assert(store_open(&store_nss, &setting, "chromium", FAULTS) == NULL);
    cr_assert(strstr(nss_fixture_told(), "Chromium cannot use one with a password") != NULL);
    cr_assert_eq(scratch_names(".", ""), 0);
    bytes_free(&secret);
}

/* ---- firefox ----------------------------------------------------------------------------------------------------- */

#define PROFILES_TWO                                                                                         \
    "[Profile1]\nName=work\nIsRelative=1\nPath=w.work\n\n[Profile0]\r\nName=default\r\nIsRelative=1\r\n"     \
    "Path=d.default\r\nDefault=1\r\n\n[General]\nStartWithLastProfile=1\n"

Test(store_nss_places, firefox_has_no_profile)
{
    expect_place("firefox", NULL, "nss:firefox: there is no profile (start Firefox once");
    expect_place("firefox:work", NULL, "nss:firefox: there is no profile");
}

Test(store_nss_places, firefox_starts_with_the_profile_of_its_installation)
{
    make_folder(".mozilla/firefox/w.work");
    make_folder(".mozilla/firefox/d.default");
    scratch_write(".mozilla/firefox/profiles.ini", PROFILES_TWO, 0600);
    expect_place("firefox", ".mozilla/firefox/d.default", NULL);
    expect_place("firefox:work", ".mozilla/firefox/w.work", NULL);
    expect_place("firefox:play", NULL, "there is no such profile; there are: work (nss:sql:");
    scratch_write(".mozilla/firefox/installs.ini", "[4F96D1932A9F858E]\nDefault=w.work\nLocked=1\n", 0600);
    expect_place("firefox", ".mozilla/firefox/w.work", NULL);
    scratch_write(".mozilla/firefox/installs.ini",
                  "[4F96D1932A9F858E]\nDefault=w.work\n[1F96D1932A9F858E]\nDefault=d.default\n", 0600);
    expect_place("firefox", NULL, "several profiles could be meant: work (nss:sql:");
}

Test(store_nss_places, firefox_may_be_installed_in_several_ways)
{
    static const char one[] = "[Profile0]\nName=default\nIsRelative=1\nPath=p\n";

    make_folder("snap/firefox/common/.mozilla/firefox/p");
    scratch_write("snap/firefox/common/.mozilla/firefox/profiles.ini", one, 0600);
    expect_place("firefox", "snap/firefox/common/.mozilla/firefox/p", NULL);
    make_folder(".var/app/org.mozilla.firefox/.mozilla/firefox/p");
    scratch_write(".var/app/org.mozilla.firefox/.mozilla/firefox/profiles.ini", one, 0600);
    expect_place("firefox", NULL, "several profiles could be meant");
    expect_place("firefox:default", NULL, "nss:firefox:default: several profiles could be meant");
    make_folder("config/mozilla/firefox/q");
    scratch_write("config/mozilla/firefox/profiles.ini", "[Profile0]\nName=new\nIsRelative=1\nPath=q\n",
                  0600);
    (void)setenv("XDG_CONFIG_HOME", below("config"), 1);
    expect_place("firefox:new", "config/mozilla/firefox/q", NULL);
}

Test(store_nss_places, a_profile_whose_folder_is_gone_is_none)
{
    make_folder(".mozilla/firefox");
    scratch_write(".mozilla/firefox/profiles.ini", PROFILES_TWO, 0600);
    expect_place("firefox", NULL, "there is no profile");
}

Test(store_nss_places, what_is_no_list_of_profiles_is_passed_over)
{
    static const char *const texts[] = {"",
                                        "\n",
                                        "[",
                                        "=",
                                        "[Profile0]\nName\nPath",
                                        "[Profile0]\nPath=\nName=\n",
                                        "[Profile0]\nPath=x\n",
                                        "Name=a\nPath=b\n",
                                        "[Install]\nDefault=\n"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct firefox_profiles profiles;

        memset(&profiles, 0, sizeof(profiles));
        cr_assert_eq(firefox_profiles_read(&profiles, slice_of_text(texts[i])), 0);
        cr_assert_eq(profiles.count, 0, "%s", texts[i]);
        cr_assert_eq(profiles.default_count, 0, "%s", texts[i]);
        firefox_profiles_free(&profiles);
    }
}

struct told_places {
    struct bytes text;
};

static int tell_place(void *state, const char *name, const char *where, const char *unusable)
{
    struct told_places *places = state;

    return bytes_printf(&places->text, "%s=%s %s\n", name, where + strlen(scratch_folder),
                        unusable != NULL ? unusable : "-");
}

Test(store_nss_places, all_are_told)
{
    const struct store_setting setting = {.context = FIXTURE.context};
    struct told_places places = {BYTES_EMPTY};

    make_folder(".mozilla/firefox/w.work");
    make_folder(".mozilla/firefox/d.default");
    scratch_write(".mozilla/firefox/profiles.ini", PROFILES_TWO, 0600);
    cr_assert_eq(store_nss.survey(&setting, tell_place, &places, FAULTS), 0, "%s", nss_fixture_told());
    cr_assert_str_eq(bytes_text(&places.text), "nss:chromium=/.local/share/pki/nssdb -\n"
                                               "nss:firefox:work=/.mozilla/firefox/w.work -\n"
                                               "nss:firefox:default=/.mozilla/firefox/d.default -\n");
    bytes_free(&places.text);
}

Test(store_nss_places, other_words_are_refused)
{
    static const char *const words[] = {"", "chrome", "sql:", "firefox:", "chromium:x", "/tmp"};
    const struct store_setting setting = {.context = FIXTURE.context};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        cr_assert(store_open(&store_nss, &setting, words[i], FAULTS) == NULL);
        cr_assert(strstr(nss_fixture_told(), "is no place of a database (there are nss:chromium") != NULL);
    }
}

/* ---- whose database it is ---------------------------------------------------------------------------------------- */

static void needs_root(void)
{
    if (geteuid() != 0) {
        cr_skip_test("only root can become somebody else");
    }
}

static void expect_owner(const char *path, uid_t user)
{
    struct stat status;

    cr_assert_eq(lstat(below(path), &status), 0, "%s", path);
    cr_assert_eq(status.st_uid, user, "%s belongs to %u", path, status.st_uid);
}

Test(store_nss_places, root_works_as_the_one_whose_folder_it_is)
{
    struct store *store;

    needs_root();
    cr_assert_eq(chown(scratch_folder, OTHER, OTHER), 0);
    store = nss_fixture_open();
    nss_fixture_put_identity(store, FIXTURE.client, "me");
    cr_assert_eq(store_prove(store,
                             &(struct item){.kind = ITEM_KEY, .certificate = foreign_der(FIXTURE.client)},
                             FAULTS),
                 0);
    nss_fixture_close(store);
    expect_owner("deep", OTHER);
    expect_owner("deep/db", OTHER);
    expect_owner("deep/db/cert9.db", OTHER);
    expect_owner("deep/db/key4.db", OTHER);
    cr_assert_eq(geteuid(), 0);
}

Test(store_nss_places, root_is_not_led_astray_by_a_link)
{
    const struct store_setting setting = {.context = FIXTURE.context, .writing = true};
    const struct item item = {.kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.client)};
    char guarded[] = "/tmp/mtlskit-test-XXXXXX";
    struct store *store;
    struct stat status;

    needs_root();
    cr_assert(mkdtemp(guarded) != NULL);
    cr_assert_eq(symlink(guarded, below("link")), 0);
    cr_assert_eq(chown(scratch_folder, OTHER, OTHER), 0);
    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "sql:%s", below("link"));
    store = store_open(&store_nss, &setting, FIXTURE.place, FAULTS);
    cr_assert(store == NULL || store_put(store, &item, FAULTS) != 0);
    cr_assert_neq(faults_errors(FAULTS), 0);
    store_close(store);
    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "%s/cert9.db", guarded);
    cr_assert_neq(stat(FIXTURE.place, &status), 0, "root wrote behind another's link");
    cr_assert_eq(rmdir(guarded), 0);
}

Test(store_nss_places, root_works_in_the_home_of_who_called_sudo)
{
    struct owner owner;

    needs_root();
    (void)setenv("SUDO_UID", "65534", 1);
    (void)setenv("XDG_DATA_HOME", "/var/data", 1);
    cr_assert_eq(owner_decide(NULL, &owner, FAULTS), 0, "%s", nss_fixture_told());
    cr_assert(owner.other && owner.invoked);
    cr_assert_eq(owner.user, OTHER);
    cr_assert_str_neq(bytes_text(&owner.home), scratch_folder);
    owner_free(&owner);
    (void)setenv("SUDO_UID", "0", 1);
    cr_assert_eq(owner_decide(NULL, &owner, FAULTS), 0);
    cr_assert(!owner.other && !owner.invoked);
    cr_assert_str_eq(bytes_text(&owner.home), scratch_folder);
    owner_free(&owner);
    (void)setenv("SUDO_UID", "4321 ", 1);
    cr_assert_neq(owner_decide(NULL, &owner, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "SUDO_UID in the environment is not the number") != NULL);
    owner_free(&owner);
    (void)setenv("SUDO_UID", "4294967290", 1); /* nobody has it */
    cr_assert_neq(owner_decide(NULL, &owner, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "the home of uid 4294967290 is not known") != NULL);
    owner_free(&owner);
}

/* ---- what is not loaded ------------------------------------------------------------------------------------------ */

Test(store_nss_places, no_library_of_a_database_is_loaded)
{
    static const char internal[] =
        "library=\nname=NSS Internal PKCS #11 Module\nparameters=configdir='sql:%s' "
        "certPrefix='' keyPrefix='' secmod='secmod.db' flags= \n"
        "NSS=Flags=internal,critical trustOrder=75 cipherOrder=100\n\n"
        "library=%s\nname=mark\n\n";
    struct store *store = nss_fixture_open();
    const struct item key = {.kind = ITEM_KEY, .certificate = foreign_der(FIXTURE.client)};
    char text[1024];
    char link[256];
    char where[200];

    nss_fixture_put_identity(store, FIXTURE.client, "me");
    nss_fixture_close(store);
    (void)snprintf(text, sizeof(text), internal, FIXTURE.folder, MTLSKIT_MARKING_MODULE);
    scratch_write("deep/db/pkcs11.txt", text, 0600);
    (void)setenv("MTLSKIT_MARK", below("mark"), 1);
    (void)snprintf(link, sizeof(link), "%s/libnssckbi.so", FIXTURE.folder);
    for (int i = 0; i < 2; i++) {
        store = nss_fixture_open();
        cr_assert_eq(nss_fixture_look(store, &key), PRESENCE_PRESENT);
        nss_fixture_close(store);
        cr_assert_eq(scratch_names(".", "mark"), 0, "a library was loaded, round %d", i);
        if (i == 0) {
            cr_assert_eq(symlink(MTLSKIT_MARKING_MODULE, link), 0);
        }
    }

    /* the control: NSS as it comes loads the first */
    (void)snprintf(where, sizeof(where), "sql:%s", FIXTURE.folder);
    cr_assert_eq(NSS_Initialize(where, "", "", "secmod.db", NSS_INIT_READONLY | NSS_INIT_NOROOTINIT),
                 SECSuccess);
    cr_assert_eq(NSS_Shutdown(), SECSuccess);
    cr_assert_eq(scratch_names(".", "mark"), 1, "the control: NSS loads what pkcs11.txt names");
}
