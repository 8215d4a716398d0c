/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixtures: every row of the catalogue is whole and fits together; what a case is made of follows from the seed and its own name, whatever was
 * made before it; all of it carries the fixture mark.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "fixtures/case.h"
#include "fixtures/cast.h"
#include "fixtures/folder_content.h"
#include "fixtures/workshop.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/pem.h"

static struct context *context;
static struct faults *faults;
static struct seed *seed;

static void set_up(void)
{
    context = context_new(NULL);
    faults = faults_new();
    seed = seed_new(NULL, slice_of_text(FIXTURE_SEED));
}

static void tear_down(void)
{
    seed_free(seed);
    faults_free(faults);
    context_free(context);
}

TestSuite(fixtures, .init = set_up, .fini = tear_down);

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* A name is a folder: small letters, digits, single hyphens. */
static bool is_folder(const char *name)
{
    size_t length = strlen(name);

    return length > 1 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length && name[0] != '-' &&
           name[length - 1] != '-' && strstr(name, "--") == NULL;
}

Test(fixtures, names_are_folders_and_there_once)
{
    const struct fixture_case *fixture;
    size_t count = 0;

    for (; (fixture = fixture_case_at(count)) != NULL; count++) {
        cr_assert(is_folder(fixture->name), "%s", fixture->name);
        cr_assert_eq(fixture_case_find(fixture->name), fixture, "%s is there twice", fixture->name);
    }
    cr_assert_geq(count, 40);
    cr_assert_null(fixture_case_find("no-such-case"));
}

Test(fixtures, rows_are_whole)
{
    const struct fixture_case *fixture;

    for (size_t i = 0; (fixture = fixture_case_at(i)) != NULL; i++) {
        size_t length = strlen(fixture->description);

        cr_assert(length > 10 && fixture->description[length - 1] != '.', "%s", fixture->name);
        cr_assert(strncmp(fixture->clause, "RFC ", 4) == 0, "%s", fixture->name);
        /* what OpenSSL's verification speaks of has its code; where it says otherwise, there is a note */
        cr_assert_eq(fixture->openssl.name == NULL,
                     fixture_has_part(fixture, FIXTURE_OCSP) || fixture_has_part(fixture, FIXTURE_BUNDLE),
                     "%s", fixture->name);
        cr_assert(!fixture->accept || fixture->openssl.code == 0, "%s", fixture->name);
        cr_assert(fixture->accept || fixture->openssl.name == NULL || fixture->openssl.code != 0 ||
                      fixture->note != NULL,
                  "%s", fixture->name);
        cr_assert(fixture->limbo == NULL || strstr(fixture->limbo, "::") != NULL, "%s", fixture->name);
    }
}

Test(fixtures, rows_fit_together)
{
    const struct fixture_case *fixture;

    for (size_t i = 0; (fixture = fixture_case_at(i)) != NULL; i++) {
        const char *chain = fixture_cast_chain(fixture);

        cr_assert_eq(chain[0], 'L', "%s: the leaf comes first", fixture->name);
        cr_assert_eq(strspn(chain, "LIJRXO"), strlen(chain), "%s", fixture->name);
        cr_assert_eq(strchr(chain, 'J') != NULL, fixture->second != NULL, "%s", fixture->name);
        cr_assert(fixture->purpose != FIXTURE_FOR_CLIENT || fixture->host == NULL, "%s", fixture->name);
        cr_assert_eq(fixture->host == NULL,
                     fixture->purpose == FIXTURE_FOR_CLIENT || fixture_has_part(fixture, FIXTURE_BUNDLE),
                     "%s", fixture->name);
        cr_assert(fixture_has_part(fixture, FIXTURE_CHAIN) && fixture_has_part(fixture, FIXTURE_KEY));
    }
}

/* Every flaw has its case. */
Test(fixtures, every_flaw_is_in_the_catalogue)
{
    enum flaw flaw;

    for (size_t i = 0; (flaw = flaw_at(i)) != FLAW_NONE; i++) {
        const struct fixture_case *fixture;
        bool found = false;

        for (size_t j = 0; (fixture = fixture_case_at(j)) != NULL; j++) {
            found = found || fixture->leaf.flaw == flaw ||
                    (fixture->intermediate != NULL && fixture->intermediate->flaw == flaw);
        }
        cr_assert(found, "%s", flaw_text(flaw));
    }
}

/* ---- what is made ------------------------------------------------------------------------------------------------ */

static struct fixture_workshop *workshop_of(const struct seed *from, const instant *at)
{
    struct fixture_workshop *workshop = fixture_workshop_new(context, from, at, faults);

    cr_assert_not_null(workshop);
    return workshop;
}

static struct fixture_content make(struct fixture_workshop *workshop, const char *name)
{
    struct fixture_content content = {.parts = {BYTES_EMPTY}};

    cr_assert_eq(fixture_workshop_make(workshop, fixture_case_find(name), &content, faults), 0, "%s", name);
    return content;
}

static bool same(const struct fixture_content *one, const struct fixture_content *other)
{
    for (size_t i = 0; i < FIXTURE_PARTS; i++) {
        if (!slice_equal(slice_of(&one->parts[i]), slice_of(&other->parts[i]))) {
            return false;
        }
    }
    return true;
}

Test(fixtures, follow_from_the_seed_and_their_name_alone)
{
    struct fixture_workshop *workshop = workshop_of(seed, NULL), *again = workshop_of(seed, NULL);
    struct fixture_content one = make(workshop, "p12-modern"), two = make(workshop, "crl-revoked");
    struct fixture_content later = make(again, "crl-revoked"), last = make(again, "p12-modern");

    cr_assert(same(&one, &last));
    cr_assert(same(&two, &later));
    cr_assert_not(same(&one, &two));
    fixture_content_free(&one);
    fixture_content_free(&two);
    fixture_content_free(&later);
    fixture_content_free(&last);
    fixture_workshop_free(workshop);
    fixture_workshop_free(again);
}

Test(fixtures, of_another_seed_are_others)
{
    struct seed *other = seed_new(NULL, slice_of_text("another text of some length"));
    struct fixture_workshop *workshop = workshop_of(seed, NULL), *another = workshop_of(other, NULL);
    struct fixture_content one = make(workshop, "good-server"), two = make(another, "good-server");

    cr_assert_not(slice_equal(slice_of(&one.parts[FIXTURE_KEY]), slice_of(&two.parts[FIXTURE_KEY])));
    cr_assert_not(slice_equal(slice_of(&one.parts[FIXTURE_ANCHORS]), slice_of(&two.parts[FIXTURE_ANCHORS])));
    fixture_content_free(&one);
    fixture_content_free(&two);
    fixture_workshop_free(workshop);
    fixture_workshop_free(another);
    seed_free(other);
}

/* The first certificate of a PEM text, as its DER. */
static struct bytes first_of(const struct bytes *pem)
{
    struct slice rest = slice_of(pem);
    struct pem_block block;
    struct bytes der = BYTES_EMPTY;
    size_t line = 1;

    cr_assert_eq(pem_read(&rest, &line, "chain.pem", &block, faults), 1);
    bytes_move(&der, &block.der);
    pem_block_free(&block);
    return der;
}

Test(fixtures, of_a_time_are_valid_as_apple_wants_it)
{
    const instant at = INT64_C(1893456000); /* 2030-01-01 */
    struct fixture_workshop *workshop = workshop_of(seed, &at), *timeless = workshop_of(seed, NULL);
    struct fixture_content good = make(workshop, "good-server"), expired = make(workshop, "expired");
    struct fixture_content before = make(timeless, "expired");
    struct bytes der = first_of(&good.parts[FIXTURE_CHAIN]);
    struct certificate_view view;

    cr_assert_eq(certificate_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.not_before, at);
    /* both ends count */
    cr_assert_eq(view.not_after - view.not_before + 1, INT64_C(825) * 86400);
    cr_assert(same(&expired, &before));
    bytes_free(&der);
    fixture_content_free(&good);
    fixture_content_free(&expired);
    fixture_content_free(&before);
    fixture_workshop_free(workshop);
    fixture_workshop_free(timeless);
}

/* Looked for in the octets, for not every certificate here can be read. */
static bool carries_mark(struct slice der)
{
    struct slice mark = oid_slice(certificate_fixture_mark());

    for (size_t i = 0; i + mark.length <= der.length; i++) {
        if (memcmp(der.data + i, mark.data, mark.length) == 0) {
            return true;
        }
    }
    return false;
}

static void assert_marked(const char *name, const struct bytes *pem)
{
    struct slice rest = slice_of(pem);
    struct pem_block block;
    size_t line = 1, count = 0;

    while (pem_read(&rest, &line, name, &block, faults) == 1) {
        cr_assert(carries_mark(slice_of(&block.der)), "%s", name);
        pem_block_free(&block);
        count++;
    }
    cr_assert_neq(count, 0, "%s", name);
}

/* All but those with RSA keys, which take long under a sanitizer. */
Test(fixtures, carry_their_mark)
{
    struct fixture_workshop *workshop = workshop_of(seed, NULL);
    const struct fixture_case *fixture;
    const char *why;

    for (size_t i = 0; (fixture = fixture_case_at(i)) != NULL; i++) {
        struct fixture_content content;

        if (fixture->leaf.key > FIXTURE_EC_P256 || fixture->intermediate != NULL ||
            fixture->p12 != FIXTURE_NO_P12 || !fixture_workshop_can(workshop, fixture, &why)) {
            continue;
        }
        content = make(workshop, fixture->name);
        assert_marked(fixture->name, &content.parts[FIXTURE_CHAIN]);
        assert_marked(fixture->name, &content.parts[FIXTURE_ANCHORS]);
        if (fixture_has_part(fixture, FIXTURE_CRL)) {
            assert_marked(fixture->name, &content.parts[FIXTURE_CRL]);
            cr_assert(carries_mark(slice_of(&content.parts[FIXTURE_CRL_DER])));
        }
        if (fixture_has_part(fixture, FIXTURE_OCSP)) {
            cr_assert(carries_mark(slice_of(&content.parts[FIXTURE_OCSP])), "%s", fixture->name);
        }
        for (enum fixture_part part = 0; part < FIXTURE_PARTS; part++) {
            cr_assert_eq(content.parts[part].length != 0, fixture_has_part(fixture, part), "%s: %s",
                         fixture->name, fixture_part_file(part));
        }
        fixture_content_free(&content);
    }
    fixture_workshop_free(workshop);
}
