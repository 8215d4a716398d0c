/* SPDX-License-Identifier: Apache-2.0 */
/* The NSS store, over databases in a folder of the test's own, read back by NSS's own programs. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <openssl/x509.h>
#include <pk11sdr.h>
#include <sqlite3.h>

#include "nss/database.h"
#include "nss/nss.h"
#include "nss_fixture.h"
#include "patience.h"
#include "program.h"
#include "scratch.h"

#define FIXTURE nss_fixture
#define FAULTS  nss_fixture.faults

static void start(void)
{
    nss_fixture_start("ec-p256");
}

TestSuite(store_nss, .init = start, .fini = nss_fixture_stop);

static void identity(const struct foreign *whose, struct item *certificate, struct item *key)
{
    *certificate = (struct item){.kind = ITEM_CERTIFICATE, .certificate = foreign_der(whose), .label = "me"};
    *key = *certificate;
    key->kind = ITEM_KEY;
    key->key = whose->key;
}

static struct item anchor(const struct foreign *whose, enum scope scope)
{
    return (struct item){.kind = ITEM_TRUST, .certificate = foreign_der(whose), .scope = scope};
}

static void put_certificate(struct store *store, const struct foreign *whose, const char *label)
{
    const struct item item = {.kind = ITEM_CERTIFICATE, .certificate = foreign_der(whose), .label = label};

    nss_fixture_put(store, &item);
}

/* ---- identities -------------------------------------------------------------------------------------------------- */

static const char *const algorithms[] = {"ec-p256", "ec-p384", "ec-p521", "rsa-2048", "rsa-3072"};

static void put_and_take(const char *algorithm)
{
    struct item certificate;
    struct item key;
    struct store *store;
    char *text;
    char path[256];

    nss_fixture_start(algorithm);
    identity(FIXTURE.client, &certificate, &key);
    store = nss_fixture_open();
    nss_fixture_put(store, &certificate);
    cr_assert_eq(store_prove(store, &certificate, FAULTS), 0);
    cr_assert_neq(store_prove(store, &key, FAULTS), 0, "%s: the key is not there yet", algorithm);
    cr_assert(strstr(nss_fixture_told(), "key is not found again") != NULL);
    nss_fixture_put(store, &key);
    cr_assert_eq(store_prove(store, &key, FAULTS), 0, "%s: %s", algorithm, nss_fixture_told());
    nss_fixture_close(store);

    /* u: certificate and key found each other */
    cr_assert_str_eq(nss_fixture_flags("me"), "u,u,u", "%s", algorithm);
    cr_assert_eq(nss_fixture_keys(), 1);
    /* as the caveat says, and as pk12util needs a pair */
    (void)snprintf(path, sizeof(path), "%s/out.p12", scratch_folder);
    free(program_line(NULL, "pk12util -o %s -n me -d %s -W secret -K %s", path, FIXTURE.place, ""));
    text = program_line(NULL, "openssl pkcs12 -in %s -passin pass:secret -nodes -info", path);
    cr_assert(strstr(text, "BEGIN PRIVATE KEY") != NULL && strstr(text, "CN = client") != NULL);
    free(text);

    store = nss_fixture_open();
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(store_take(store, &key, (struct slice){NULL, 0}, FAULTS), 0, "%s", nss_fixture_told());
        cr_assert_eq(nss_fixture_look(store, &key), PRESENCE_ABSENT);
        cr_assert_eq(store_take(store, &certificate, (struct slice){NULL, 0}, FAULTS), 0);
        cr_assert_eq(nss_fixture_look(store, &certificate), PRESENCE_ABSENT);
    }
    nss_fixture_close(store);
    cr_assert_eq(nss_fixture_keys(), 0);
    cr_assert_str_eq(nss_fixture_flags("me"), "");
    nss_fixture_stop();
}

Test(store_nss_identity, is_put_proved_and_taken)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        put_and_take(algorithms[i]);
    }
}

Test(store_nss, a_key_alone_can_be_taken_after_its_certificate)
{
    struct store *store = nss_fixture_open();
    struct item certificate;
    struct item key;

    identity(FIXTURE.client, &certificate, &key);
    put_certificate(store, FIXTURE.authority, NULL);
    nss_fixture_put(store, &key);
    nss_fixture_put(store, &certificate);
    cr_assert_eq(store_take(store, &certificate, (struct slice){NULL, 0}, FAULTS), 0);
    cr_assert_eq(nss_fixture_look(store, &key), PRESENCE_PRESENT);
    cr_assert_eq(store_take(store, &key, (struct slice){NULL, 0}, FAULTS), 0);
    nss_fixture_close(store);
    cr_assert_eq(nss_fixture_keys(), 0);
    cr_assert_str_eq(nss_fixture_flags("Authority"), ",,");
}

Test(store_nss, a_key_that_is_not_the_certificates_does_not_prove)
{
    struct store *store = nss_fixture_open();
    struct item item = {
        .kind = ITEM_KEY, .certificate = foreign_der(FIXTURE.client), .key = FIXTURE.server->key};

    put_certificate(store, FIXTURE.client, "me");
    cr_assert(store_put(store, &item, FAULTS) != 0 || store_prove(store, &item, FAULTS) != 0);
    cr_assert_neq(faults_errors(FAULTS), 0);
    nss_fixture_close(store);
}

Test(store_nss, what_nss_cannot_do_is_refused_and_leaves_nothing)
{
    struct foreign *edwards =
        foreign_make(&(struct recipe){.name = "ed", .key = "ed25519", .issuer = FIXTURE.authority});
    struct store *store = nss_fixture_open();
    struct item certificate;
    struct item key;
    struct item trust = anchor(FIXTURE.authority, SCOPE_SERVER);

    identity(FIXTURE.client, &certificate, &key);
    key.extractable = EXTRACTABLE_NO;
    cr_assert_neq(store_put(store, &key, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "cannot keep a key from being read back") != NULL);
    trust.host = "localhost";
    cr_assert_neq(store_put(store, &trust, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "for one host alone") != NULL);
    identity(edwards, &certificate, &key);
    cr_assert_neq(store_put(store, &key, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "keeps no keys of this kind (ed25519)") != NULL);
    cr_assert_not(store_can(store, STORE_UNEXTRACTABLE) || store_can(store, STORE_HOSTS));
    nss_fixture_close(store);
    cr_assert_eq(scratch_names(".", ""), 0);
    foreign_free(edwards);
}

/* ---- what stands in the way -------------------------------------------------------------------------------------- */

static void expect_different(struct store *store, const struct item *item, const char *reason)
{
    struct sighting sighting = {.presence = PRESENCE_ABSENT};

    cr_assert_eq(store_look(store, item, &sighting, FAULTS), 0, "%s", nss_fixture_told());
    cr_assert_eq(sighting.presence, PRESENCE_DIFFERENT);
    cr_assert_str_eq(bytes_text(&sighting.reason), reason);
    sighting_free(&sighting);
}

Test(store_nss, the_same_issuer_and_serial_is_a_conflict)
{
    struct foreign *twin = foreign_make(&(struct recipe){.name = "twin", .issuer = FIXTURE.authority});
    struct store *store = nss_fixture_open();
    struct item item = {.kind = ITEM_CERTIFICATE};
    unsigned char *der = NULL;
    int length;

    cr_assert_eq(X509_set_serialNumber(twin->x509, X509_get_serialNumber(FIXTURE.client->x509)), 1);
    cr_assert_gt(X509_sign(twin->x509, key_pkey(FIXTURE.authority->key), EVP_sha256()), 0);
    length = i2d_X509(twin->x509, &der);
    cr_assert_gt(length, 0);
    item.certificate = (struct slice){der, (size_t)length};
    put_certificate(store, FIXTURE.client, "me");
    expect_different(store, &item,
                     "another certificate of the same issuer and serial number, nickname \"me\"");
    /* whoever puts it all the same overwrites nothing, and taking it takes nothing */
    cr_assert_neq(store_put(store, &item, FAULTS), 0);
    cr_assert(strlen(nss_fixture_told()) > 0);
    cr_assert_eq(store_take(store, &item, (struct slice){NULL, 0}, FAULTS), 0);
    item.certificate = foreign_der(FIXTURE.client);
    cr_assert_eq(nss_fixture_look(store, &item), PRESENCE_PRESENT);
    nss_fixture_close(store);
    cr_assert_str_eq(nss_fixture_flags("me"), ",,");
    OPENSSL_free(der);
    foreign_free(twin);
}

Test(store_nss, a_nickname_belongs_to_one_subject)
{
    struct store *store = nss_fixture_open();
    struct item item = {.kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.server), .label = "me"};

    put_certificate(store, FIXTURE.client, "me");
    expect_different(store, &item, "a certificate of another subject has the nickname \"me\"");
    nss_fixture_close(store);
}

/** Counts the entries that are labelled "some:me" and "NSS Certificate DB:me"; any other is a failure. */
static int count_colons(void *state, const struct store_entry *entry)
{
    size_t *counts = state;
    bool token = strcmp(entry->label, "NSS Certificate DB:me") == 0;

    cr_assert(token || strcmp(entry->label, "some:me") == 0, "%s", entry->label);
    counts[token ? 1 : 0]++;
    return 0;
}

Test(store_nss, a_label_with_a_colon_stays_as_it_is)
{
    struct foreign *again = foreign_make(&(struct recipe){.name = "client", .issuer = FIXTURE.authority});
    struct store *store = nss_fixture_open();
    const struct item item = {
        .kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.authority), .label = "some:me"};
    size_t counts[2] = {0, 0};

    put_certificate(store, FIXTURE.client, "some:me");
    put_certificate(store, again, NULL); /* same subject: same nickname */
    put_certificate(store, FIXTURE.server, "NSS Certificate DB:me");
    expect_different(store, &item, "a certificate of another subject has the nickname \"some:me\"");
    cr_assert_eq(store_each(store, count_colons, counts, FAULTS), 0, "%s", nss_fixture_told());
    cr_assert(counts[0] == 2 && counts[1] == 1);
    nss_fixture_close(store);
    cr_assert_str_eq(nss_fixture_flags("NSS Certificate DB:some:me"), ",,", "as certutil shows it");
    foreign_free(again);
}

Test(store_nss, without_a_label_a_free_nickname_is_found)
{
    struct foreign *again = foreign_make(&(struct recipe){.name = "client", .issuer = FIXTURE.authority});
    struct foreign *nameless = foreign_make(&(struct recipe){.issuer = FIXTURE.authority});
    struct store *store = nss_fixture_open();

    put_certificate(store, FIXTURE.server, "client"); /* takes the name that the client would have */
    put_certificate(store, FIXTURE.client, NULL);
    put_certificate(store, again, NULL); /* same subject: same nickname */
    put_certificate(store, nameless, NULL);
    nss_fixture_close(store);
    cr_assert_str_eq(nss_fixture_flags("client"), ",,");
    cr_assert_str_eq(nss_fixture_flags("client #2"), ",,");
    cr_assert_str_eq(nss_fixture_flags("client #3"), "");
    cr_assert_str_eq(nss_fixture_flags("certificate"), ",,");
    foreign_free(again);
    foreign_free(nameless);
}

Test(store_nss, a_renewed_identity_may_have_a_label_of_its_own)
{
    struct foreign *renewed = foreign_make(&(struct recipe){.name = "client", .issuer = FIXTURE.authority});
    struct store *store = nss_fixture_open();
    const struct item key = {.kind = ITEM_KEY, .certificate = foreign_der(renewed)};

    nss_fixture_put_identity(store, FIXTURE.client, "old");
    nss_fixture_put_identity(store, renewed, "new");
    cr_assert_eq(store_prove(store, &key, FAULTS), 0, "%s", nss_fixture_told());
    nss_fixture_close(store);
    cr_assert_str_eq(nss_fixture_flags("old"), "u,u,u");
    cr_assert_str_eq(nss_fixture_flags("new"), "u,u,u");
    cr_assert_eq(nss_fixture_keys(), 2);
    foreign_free(renewed);
}

/* ---- trust ------------------------------------------------------------------------------------------------------- */

Test(store_nss, trust_has_just_its_scope)
{
    static const struct {
        enum scope scope;
        const char *flags;
    } cases[] = {{SCOPE_SERVER, "C,,"}, {SCOPE_CLIENT, "T,,"}, {SCOPE_ANY, "CT,,"}};
    struct store *store = nss_fixture_open();

    put_certificate(store, FIXTURE.authority, "ca");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct item trust = anchor(FIXTURE.authority, cases[i].scope);

        nss_fixture_put(store, &trust);
        cr_assert_eq(store_prove(store, &trust, FAULTS), 0, "%s", nss_fixture_told());
        cr_assert_str_eq(nss_fixture_flags("ca"), cases[i].flags);
        for (size_t j = 0; j < sizeof(cases) / sizeof(cases[0]); j++) {
            const struct item other = anchor(FIXTURE.authority, cases[j].scope);

            cr_assert_eq(nss_fixture_look(store, &other), i == j ? PRESENCE_PRESENT : PRESENCE_DIFFERENT);
        }
        for (int j = 0; j < 2; j++) {
            cr_assert_eq(store_take(store, &trust, (struct slice){NULL, 0}, FAULTS), 0);
            cr_assert_str_eq(nss_fixture_flags("ca"), ",,");
        }
        cr_assert_neq(store_prove(store, &trust, FAULTS), 0);
        (void)nss_fixture_told();
    }
    nss_fixture_close(store);
}

Test(store_nss, trust_that_was_there_comes_back_exactly)
{
    static const char *const flags[] = {"c,c,c", "C,,", "T,C,", "CT,C,C", ",C,C", "p,p,p", "P,,", "CT,c,"};

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        struct store *store = nss_fixture_open();
        const struct item trust = anchor(FIXTURE.authority, i % 2 == 0 ? SCOPE_CLIENT : SCOPE_SERVER);
        const char *rest = strchr(flags[i], ',');
        struct sighting sighting = {.presence = PRESENCE_ABSENT};
        char during[32];

        if (i == 0) {
            put_certificate(store, FIXTURE.authority, "ca");
            nss_fixture_close(store);
            store = nss_fixture_open();
        }
        nss_fixture_close(store);
        free(program_line(NULL, "certutil -M -n ca -t %s -d %s", flags[i], FIXTURE.place));
        store = nss_fixture_open();
        cr_assert_eq(store_look(store, &trust, &sighting, FAULTS), 0);
        cr_assert_eq(store_put(store, &trust, FAULTS), 0, "%s: %s", flags[i], nss_fixture_told());
        cr_assert_eq(store_prove(store, &trust, FAULTS), 0);
        nss_fixture_close(store);
        (void)snprintf(during, sizeof(during), "%s", nss_fixture_flags("ca"));
        cr_assert_eq(during[0], i % 2 == 0 ? 'T' : 'C', "%s became %s", flags[i], during);
        cr_assert_str_eq(strchr(during, ','), rest, "the other usages stay: %s became %s", flags[i], during);
        store = nss_fixture_open();
        cr_assert_eq(store_take(store, &trust, slice_of(&sighting.before), FAULTS), 0);
        nss_fixture_close(store);
        cr_assert_str_eq(nss_fixture_flags("ca"), flags[i], "by %s", bytes_text(&sighting.before));
        sighting_free(&sighting);
    }
}

Test(store_nss, distrust_is_told)
{
    struct store *store = nss_fixture_open();
    const struct item trust = anchor(FIXTURE.authority, SCOPE_SERVER);

    put_certificate(store, FIXTURE.authority, "ca");
    nss_fixture_close(store);
    free(program_line(NULL, "certutil -M -n ca -t p,, -d %s", FIXTURE.place));
    store = nss_fixture_open();
    expect_different(store, &trust, "it is distrusted there");
    nss_fixture_close(store);
}

Test(store_nss, a_certificate_that_comes_back_is_not_trusted_as_before)
{
    const struct item trust = anchor(FIXTURE.authority, SCOPE_SERVER);
    const struct item item = {
        .kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.authority), .label = "ca"};

    for (int i = 0; i < 2; i++) {
        struct store *store = nss_fixture_open();

        put_certificate(store, FIXTURE.server, "server");
        nss_fixture_put(store, &item);
        nss_fixture_put(store, &trust);
        cr_assert_eq(store_take(store, &item, (struct slice){NULL, 0}, FAULTS), 0);
        if (i == 0) {
            nss_fixture_close(store);
            store = nss_fixture_open();
        }
        nss_fixture_put(store, &item);
        cr_assert_eq(nss_fixture_look(store, &trust), PRESENCE_ABSENT);
        nss_fixture_close(store);
        cr_assert_str_eq(nss_fixture_flags("ca"), ",,");
        nss_fixture_stop();
        start();
        break;
    }
}

Test(store_nss, trust_needs_its_certificate)
{
    struct store *store = nss_fixture_open();
    const struct item trust = anchor(FIXTURE.authority, SCOPE_SERVER);

    cr_assert_eq(nss_fixture_look(store, &trust), PRESENCE_ABSENT);
    cr_assert_neq(store_put(store, &trust, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "the certificate that is to be trusted is not there") != NULL);
    cr_assert_eq(store_take(store, &trust, (struct slice){NULL, 0}, FAULTS), 0);
    cr_assert_eq(store_take(store, &trust, slice_of_text("tls=24 mail=0 code=0"), FAULTS), 0);
    cr_assert_neq(store_take(store, &trust, slice_of_text("tls=24 mail=0"), FAULTS), 0);
    nss_fixture_close(store);
    cr_assert_eq(scratch_names(".", ""), 0, "the database was made for nothing, and stayed");
}

/* ---- databases --------------------------------------------------------------------------------------------------- */

Test(store_nss, a_new_database_is_its_owners_alone)
{
    struct store *store = nss_fixture_open();

    cr_assert_eq(scratch_names(".", ""), 0);
    put_certificate(store, FIXTURE.authority, "ca");
    nss_fixture_close(store);
    cr_assert_eq(scratch_mode("deep"), 0700);
    cr_assert_eq(scratch_mode("deep/db"), 0700);
    cr_assert_eq(scratch_mode("deep/db/cert9.db"), 0600);
    cr_assert_eq(scratch_mode("deep/db/key4.db"), 0600);
    cr_assert_eq(scratch_names("deep/db", ""), 2);
}

Test(store_nss, a_database_made_for_nothing_is_removed)
{
    struct store *store = nss_fixture_open();
    const struct item item = {.kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.client)};

    nss_fixture_put(store, &item);
    cr_assert_eq(store_take(store, &item, (struct slice){NULL, 0}, FAULTS), 0);
    nss_fixture_close(store);
    cr_assert_eq(scratch_names(".", ""), 0);

    /* also later, by another run; its folder may be somebody's then */
    store = nss_fixture_open();
    nss_fixture_put(store, &item);
    nss_fixture_close(store);
    cr_assert_eq(scratch_names("deep/db", ""), 2);
    store = nss_fixture_open();
    cr_assert_eq(store_take(store, &item, (struct slice){NULL, 0}, FAULTS), 0);
    nss_fixture_close(store);
    cr_assert_eq(scratch_names("deep/db", ""), 0);
    cr_assert_eq(scratch_mode("deep/db"), 0700);
}

static void expect_kept(const char *password)
{
    const struct item item = {.kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.client)};
    struct bytes secret = BYTES_EMPTY;
    struct store_setting setting = {.context = FIXTURE.context, .writing = true, .passphrase = &secret};
    struct store *store;

    cr_assert_eq(bytes_append_text(&secret, password), 0);
    store = store_open(&store_nss, &setting, FIXTURE.place, FAULTS);
    cr_assert(store != NULL, "%s", nss_fixture_told());
    nss_fixture_put(store, &item);
    cr_assert_eq(store_take(store, &item, (struct slice){NULL, 0}, FAULTS), 0);
    nss_fixture_close(store);
    cr_assert_eq(scratch_mode("cert9.db"), 0600);
    cr_assert_eq(scratch_mode("key4.db"), 0600);
    bytes_free(&secret);
}

Test(store_nss, an_empty_database_of_somebody_elses_stays)
{
    char path[256];

    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "sql:%s", scratch_folder);
    free(program_line(NULL, "certutil -N -d %s --empty-password", FIXTURE.place));
    expect_kept("");
    /* with a password, even when nothing else tells that somebody made it */
    (void)snprintf(path, sizeof(path), "%s/pkcs11.txt", scratch_folder);
    scratch_write("none", "\n", 0600);
    scratch_write("password", "open sesame\n", 0600);
    free(program_line(NULL, "certutil -W -d %s -f %s/none -@ %s/password", FIXTURE.place, scratch_folder,
                      scratch_folder));
    cr_assert_eq(unlink(path), 0);
    expect_kept("open sesame");
}

Test(store_nss, a_database_with_the_key_of_saved_passwords_stays)
{
    SECItem no_key = {siBuffer, NULL, 0};
    unsigned char word[] = "word";
    SECItem text = {siBuffer, word, sizeof(word)};
    SECItem locked = {siBuffer, NULL, 0};
    struct nss_database database;

    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "sql:%s", scratch_folder);
    cr_assert_eq(nss_database_open(&database, scratch_folder, NULL, true, FAULTS), 0);
    cr_assert_eq(nss_database_prepare(&database, FAULTS), 0, "%s", nss_fixture_told());
    cr_assert_eq(PK11SDR_Encrypt(&no_key, &text, &locked, NULL), SECSuccess);
    SECITEM_FreeItem(&locked, PR_FALSE);
    cr_assert_eq(nss_database_close(&database, FAULTS), 0, "%s", nss_fixture_told());
    expect_kept("");
}

Test(store_nss, what_is_not_there_can_be_read_and_is_not_made)
{
    const struct store_setting setting = {.context = FIXTURE.context};
    struct store *store = store_open(&store_nss, &setting, FIXTURE.place, FAULTS);
    struct item certificate;
    struct item key;
    const struct item trust = anchor(FIXTURE.authority, SCOPE_SERVER);

    cr_assert(store != NULL);
    identity(FIXTURE.client, &certificate, &key);
    cr_assert_eq(nss_fixture_look(store, &certificate), PRESENCE_ABSENT);
    cr_assert_eq(nss_fixture_look(store, &key), PRESENCE_ABSENT);
    cr_assert_eq(nss_fixture_look(store, &trust), PRESENCE_ABSENT);
    cr_assert_eq(store_take(store, &key, (struct slice){NULL, 0}, FAULTS), 0);
    nss_fixture_close(store);
    cr_assert_eq(scratch_names(".", ""), 0);
}

Test(store_nss, a_folder_may_have_any_name)
{
    struct store *store;

    (void)snprintf(FIXTURE.folder, sizeof(FIXTURE.folder), "%s/it's \"a\" \\db'", scratch_folder);
    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "sql:%s/", FIXTURE.folder);
    store = nss_fixture_open();
    nss_fixture_put_identity(store, FIXTURE.client, "me");
    nss_fixture_close(store);
    cr_assert_eq(scratch_mode("it's \"a\" \\db'/cert9.db"), 0600);
    store = nss_fixture_open();
    cr_assert_eq(
        nss_fixture_look(store, &(struct item){.kind = ITEM_KEY, .certificate = foreign_der(FIXTURE.client)}),
        PRESENCE_PRESENT);
    nss_fixture_close(store);
}

/** Open with @p passphrase (NULL: none), expecting @p complaint, or success when that is NULL. */
static struct store *open_with(const char *passphrase, const char *complaint)
{
    struct bytes secret = BYTES_EMPTY;
    struct store_setting setting = {.context = FIXTURE.context, .writing = true};
    struct store *store;

    if (passphrase != NULL) {
        cr_assert_eq(bytes_append_text(&secret, passphrase), 0);
        setting.passphrase = &secret;
    }
    store = store_open(&store_nss, &setting, FIXTURE.place, FAULTS);
    bytes_free(&secret);
    if (complaint == NULL) {
        cr_assert(store != NULL, "%s", nss_fixture_told());
    } else {
        const char *text = nss_fixture_told();

        cr_assert(store == NULL && strstr(text, complaint) != NULL, "%s", text);
        cr_assert(strstr(text, FIXTURE.place) != NULL);
    }
    return store;
}

Test(store_nss, a_password_is_asked_for_and_used)
{
    struct store *store;
    char *text;
    int status;

    scratch_write("password", "open sesame\n", 0600);
    (void)snprintf(FIXTURE.folder, sizeof(FIXTURE.folder), "%s", scratch_folder);
    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "sql:%s", FIXTURE.folder);
    free(program_line(NULL, "certutil -N -d %s -f %s/password", FIXTURE.place, scratch_folder));
    cr_assert(open_with(NULL, "this database has a password, and none is at hand") == NULL);
    cr_assert(open_with("open barley", "the password is not that of this database") == NULL);
    cr_assert(open_with("", "the password is not that of this database") == NULL);
    store = open_with("open sesame", NULL);
    nss_fixture_put_identity(store, FIXTURE.client, "me");
    put_certificate(store, FIXTURE.authority, "ca");
    nss_fixture_put(store, &(struct item){.kind = ITEM_TRUST,
                                          .certificate = foreign_der(FIXTURE.authority),
                                          .scope = SCOPE_SERVER});
    nss_fixture_close(store);
    cr_assert_str_eq(nss_fixture_flags("ca"), "C,,");
    text = program_line(&status, "certutil -K -d %s -f %s/password", FIXTURE.place, scratch_folder);
    cr_assert(status == 0 && strstr(text, "me") != NULL, "%s", text);
    free(text);
}

Test(store_nss, a_new_database_gets_the_password_at_hand)
{
    struct store *store = open_with("open sesame", NULL);

    nss_fixture_put_identity(store, FIXTURE.client, "me");
    nss_fixture_close(store);
    cr_assert(open_with(NULL, "this database has a password, and none is at hand") == NULL);
    store = open_with("open sesame", NULL);
    cr_assert_eq(
        nss_fixture_look(store, &(struct item){.kind = ITEM_KEY, .certificate = foreign_der(FIXTURE.client)}),
        PRESENCE_PRESENT);
    nss_fixture_close(store);
}

Test(store_nss, an_old_or_broken_database_is_a_fault)
{
    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "sql:%s", scratch_folder);
    scratch_write("cert8.db", "old", 0600);
    cr_assert(open_with(NULL, "a database of NSS's old form") == NULL);
    scratch_write("cert9.db", "this is no database, and never was one", 0600);
    scratch_write("key4.db", "this is no database, and never was one", 0600);
    cr_assert(open_with(NULL, "another program may keep it locked: close the browser that uses it; or it is "
                              "damaged, or none)") == NULL);
}

Test(store_nss, a_file_is_no_place_for_a_database)
{
    scratch_write("file", "no folder", 0600);
    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "sql:%s/file", scratch_folder);
    cr_assert(open_with(NULL, "/file: no database can be there: Not a directory") == NULL);
    (void)snprintf(FIXTURE.place, sizeof(FIXTURE.place), "sql:%s/file/below", scratch_folder);
    cr_assert(open_with(NULL, "/file/below: no database can be there: Not a directory") == NULL);
}

Test(store_nss, a_database_that_is_locked_when_it_is_opened_is_a_fault_with_its_cause, .timeout = 120)
{
    static const char *const names[] = {"cert9.db", "key4.db"};
    sqlite3 *others[2] = {NULL, NULL};
    struct store *store = nss_fixture_open();
    char path[256];

    put_certificate(store, FIXTURE.authority, "ca");
    nss_fixture_close(store);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", FIXTURE.folder, names[i]);
        cr_assert_eq(sqlite3_open(path, &others[i]), SQLITE_OK);
        cr_assert_eq(sqlite3_exec(others[i], "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    }
    cr_assert(open_with(NULL, "another program may keep it locked") == NULL);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(sqlite3_exec(others[i], "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        cr_assert_eq(sqlite3_close(others[i]), SQLITE_OK);
    }
    nss_fixture_close(nss_fixture_open());
}

Test(store_nss, what_cannot_be_written_is_a_fault_and_stays_as_it_was)
{
    struct store *store = nss_fixture_open();
    const struct item item = {
        .kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.server), .label = "new"};
    const struct item key = {
        .kind = ITEM_KEY, .certificate = foreign_der(FIXTURE.server), .key = FIXTURE.server->key};
    const struct item trust = anchor(FIXTURE.authority, SCOPE_SERVER);
    const struct item there = {.kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.client)};
    const struct store_setting reading = {.context = FIXTURE.context};
    char path[256];

    if (geteuid() != 0) {
        cr_skip_test("only root can give a folder away, and have it closed to whose database it is");
    }
    put_certificate(store, FIXTURE.authority, "ca");
    nss_fixture_put_identity(store, FIXTURE.client, "me");
    nss_fixture_close(store);
    /* nobody's database, in a folder that is taken from nobody while it is open: SQLite cannot make its journal */
    (void)snprintf(path, sizeof(path), "chown -R 65534:65534 %s", scratch_folder);
    free(program_line(NULL, "%s", path));
    store = nss_fixture_open();
    cr_assert_eq(chown(FIXTURE.folder, 0, 0), 0);
    cr_assert_eq(chmod(FIXTURE.folder, 0755), 0);
    cr_assert_eq(nss_fixture_look(store, &item), PRESENCE_ABSENT);
    cr_assert_neq(store_put(store, &item, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "the certificate \"new\" cannot be stored: ") != NULL);
    cr_assert_neq(store_put(store, &key, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "cannot be stored: ") != NULL);
    cr_assert_neq(store_put(store, &trust, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "the trust in \"ca\" cannot be changed: ") != NULL);
    cr_assert_eq(nss_fixture_look(store, &item), PRESENCE_ABSENT);
    cr_assert_eq(nss_fixture_look(store, &key), PRESENCE_ABSENT);
    nss_fixture_close(store);
    cr_assert_str_eq(nss_fixture_flags("ca"), ",,");
    cr_assert_str_eq(nss_fixture_flags("new"), "");
    cr_assert_eq(nss_fixture_keys(), 1);

    /* and one that is not writable from the beginning is not opened for writing, but read */
    (void)snprintf(path, sizeof(path), "%s/cert9.db", FIXTURE.folder);
    cr_assert_eq(chown(path, 0, 0) + chmod(path, 0644), 0);
    cr_assert(open_with(NULL, "this database cannot be opened: ") == NULL);
    store = store_open(&store_nss, &reading, FIXTURE.place, FAULTS);
    cr_assert(store != NULL, "%s", nss_fixture_told());
    cr_assert_eq(nss_fixture_look(store, &there), PRESENCE_PRESENT);
    nss_fixture_close(store);
}

#ifdef __linux__
/** Open the store, put something, and wait to be killed. */
static _Noreturn void run_until_killed(int ready)
{
    struct store *store;

    (void)setpgid(0, 0);
    store = nss_fixture_open();
    put_certificate(store, FIXTURE.authority, "ca");
    (void)!write(ready, "", 1);
    for (;;) {
        (void)pause();
    }
}

Test(store_nss, what_keeps_a_database_does_not_outlive_a_killed_run)
{
    int status = 0;
    pid_t keeper = 0;
    int ends[2];
    char octet;
    pid_t child;

    if (geteuid() == 0) {
        cr_assert_eq(chown(scratch_folder, 65534, 65534), 0); /* somebody else's database */
    }
    cr_assert_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) + pipe(ends), 0);
    child = fork();
    if (child == 0) {
        run_until_killed(ends[1]);
    }
    cr_assert_eq(read(ends[0], &octet, 1), 1);
    /* stopped, the keeper does not see that its socket ends; it is in the group of the run */
    cr_assert_eq(kill(-child, SIGSTOP), 0);
    cr_assert_eq(kill(child, SIGKILL), 0);
    cr_assert_eq(waitpid(child, &status, 0), child);
    for (int i = 0; i < 100 && keeper == 0; i++) {
        (void)usleep(50000);
        keeper = waitpid(-1, &status, WNOHANG);
    }
    if (keeper == 0) {
        (void)kill(-child, SIGKILL);
    }
    cr_assert_gt(keeper, 0, "the process that keeps the database is still there");
    cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    cr_assert_str_eq(nss_fixture_flags("ca"), ",,");
    (void)close(ends[0]);
    (void)close(ends[1]);
}
#endif

Test(store_nss, a_database_that_another_program_keeps_locked_is_waited_for_so_long_and_no_longer,
     .timeout = 120)
{
    /* opening must not take longer; and NSS itself gives up after a minute, however slow the machine */
    const unsigned seconds = patience(1) > 1 ? 20 : 2;
    const struct store_setting setting = {.context = FIXTURE.context, .writing = true, .patience = seconds};
    struct item item = {.kind = ITEM_CERTIFICATE, .certificate = foreign_der(FIXTURE.client), .label = "me"};
    struct store *store;
    sqlite3 *other = NULL;
    char path[256];
    char told[256];

    store = nss_fixture_open();
    put_certificate(store, FIXTURE.authority, "ca");
    nss_fixture_close(store);
    store = store_open(&store_nss, &setting, FIXTURE.place, FAULTS);
    cr_assert(store != NULL, "%s", nss_fixture_told());
    (void)snprintf(path, sizeof(path), "%s/cert9.db", FIXTURE.folder);
    cr_assert_eq(sqlite3_open(path, &other), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(store_put(store, &item, FAULTS), -1);
    (void)snprintf(told, sizeof(told),
                   "nss: the database did not answer within %u seconds: another program keeps it locked "
                   "(close the browser that uses it, and try again)\n",
                   seconds);
    cr_assert_str_eq(nss_fixture_told(), told);
    cr_assert_eq(store_put(store, &item, FAULTS), -1, "it is over with this process");
    store_close(store);
    cr_assert_eq(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_close(other), SQLITE_OK);

    (void)nss_fixture_told();
    store = nss_fixture_open();
    cr_assert_eq(nss_fixture_look(store, &item), PRESENCE_ABSENT, "nothing of it is there");
    nss_fixture_put(store, &item);
    nss_fixture_close(store);
}

Test(store_nss, a_reference_that_is_kept_is_a_fault)
{
    struct store *store = nss_fixture_open();
    struct nss_database database;
    CERTCertificate *kept;

    nss_fixture_put_identity(store, FIXTURE.client, "me");
    nss_fixture_close(store);
    cr_assert_eq(nss_database_open(&database, FIXTURE.folder, NULL, true, FAULTS), 0);
    kept = PK11_FindCertFromNickname("me", NULL);
    cr_assert(kept != NULL);
    cr_assert_neq(nss_database_close(&database, FAULTS), 0);
    cr_assert(strstr(nss_fixture_told(), "it was not closed cleanly") != NULL);
}
