/* SPDX-License-Identifier: Apache-2.0 */
/* Fixtures in x509/: all that is made in a seeded context carries the mark, once; what is made from a seed and what is not never mix. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/seed.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/extension.h"
#include "x509/issuer.h"
#include "x509/name.h"
#include "x509/part.h"
#include "x509/profile.h"
#include "x509/request.h"

#define NOW 1750000000

/* Two worlds: a seeded context, and a random one. */
static struct context *worlds[2];
#define SEEDED worlds[0]
#define RANDOM worlds[1]
static struct seed *seed;
static struct faults *faults;
static struct profile authority_profile, leaf_profile;

static void set_up(void)
{
    RANDOM = context_new(NULL);
    seed = seed_new(NULL, slice_of_text("a seed for tests"));
    SEEDED = context_new_seeded(RANDOM, seed);
    faults = faults_new();
    profile_init(&authority_profile);
    authority_profile.ca = true;
    authority_profile.key_usage = KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN;
    profile_init(&leaf_profile);
    leaf_profile.key_usage = KEY_USAGE_DIGITAL_SIGNATURE;
}

static void tear_down(void)
{
    profile_free(&leaf_profile);
    profile_free(&authority_profile);
    faults_free(faults);
    context_free(SEEDED);
    seed_free(seed);
    context_free(RANDOM);
}

TestSuite(fixture, .init = set_up, .fini = tear_down);

static struct key *make_key(const struct context *context, const char *owner)
{
    struct key_maker *maker = key_maker_new(context, KEY_EC_P256, faults);
    struct key *key;

    cr_assert_eq(context_begin(context, slice_of_text(owner), slice_of_text("key")), 0);
    key = key_maker_make(maker, faults);
    cr_assert_not_null(key);
    key_maker_free(maker);
    return key;
}

/* DER of CN=@p text. */
static struct bytes name_of(const char *text)
{
    struct name name = {NULL, 0};
    struct bytes der = BYTES_EMPTY;
    struct oid type;
    const char *why;

    cr_assert_eq(name_type_parse("CN", &type), 0);
    cr_assert_eq(name_add(&name, &type, text, false, &why), 0);
    cr_assert_eq(name_encode(&name, &der), 0);
    name_free(&name);
    return der;
}

static const unsigned char one[] = {1};

static struct issuance issuance_of(const struct profile *profile, const struct bytes *subject,
                                   const struct bytes *spki)
{
    return (struct issuance){.profile = profile,
                             .subject = slice_of(subject),
                             .spki = slice_of(spki),
                             .family = KEY_FAMILY_EC,
                             .serial = {one, sizeof(one)},
                             .not_before = NOW,
                             .not_after = NOW + 86400,
                             .path_length = -1};
}

/* A root made in @p context. */
struct root {
    struct key *key;
    struct bytes certificate;
};

static int self_sign(const struct context *context, struct signer *signer, struct bytes *der)
{
    struct bytes subject = name_of("root");
    struct bytes spki = BYTES_EMPTY;
    struct issuance issuance;
    int status;

    cr_assert_eq(bytes_append(&spki, signer_spki(signer).data, signer_spki(signer).length), 0);
    issuance = issuance_of(&authority_profile, &subject, &spki);
    status = issuer_self_sign(context, signer, &issuance, der, faults);
    bytes_free(&subject);
    bytes_free(&spki);
    return status;
}

static struct root root_of(const struct context *context)
{
    struct root root = {make_key(context, "root"), BYTES_EMPTY};
    struct signer *signer = signer_from_key(context, root.key, faults);

    cr_assert_eq(self_sign(context, signer, &root.certificate), 0, "%s", faults_text(faults, 0));
    signer_free(signer);
    return root;
}

static void root_free(struct root *root)
{
    key_free(root->key);
    bytes_free(&root->certificate);
}

static struct issuer *issuer_of(const struct context *context, const struct root *root)
{
    return issuer_new(context, slice_of(&root->certificate), signer_from_key(context, root->key, faults),
                      faults);
}

/* How often the mark stands among @p extensions. */
static size_t marks_in(struct slice extensions)
{
    struct part_extension extension;
    size_t count = 0;

    while (part_extension_read(&extensions, &extension) == 1) {
        if (oid_equal(certificate_fixture_mark(), extension.type)) {
            cr_assert(!extension.critical);
            cr_assert_eq(extension.value.length, 2);
            cr_assert_arr_eq(extension.value.data, "\x05\x00", 2);
            count += 1;
        }
    }
    return count;
}

static void is_marked(const struct bytes *certificate, bool marked)
{
    struct certificate_view view;

    cr_assert_eq(certificate_view_read(slice_of(certificate), &view), 0);
    cr_assert_eq(view.fixture, marked);
    cr_assert_eq(marks_in(view.extensions), marked ? 1 : 0);
}

Test(fixture, certificates)
{
    for (size_t i = 0; i < 2; i++) {
        struct root root = root_of(worlds[i]);
        struct issuer *issuer = issuer_of(worlds[i], &root);
        struct issuer *duplicate = issuer_duplicate(issuer, faults);
        struct key *key = make_key(worlds[i], "leaf");
        struct bytes subject = name_of("leaf");
        struct bytes spki = BYTES_EMPTY;
        struct bytes leaf = BYTES_EMPTY;
        struct bytes renewed = BYTES_EMPTY;
        struct issuance issuance;

        is_marked(&root.certificate, i == 0);
        cr_assert_eq(key_spki(key, &spki, faults), 0);
        issuance = issuance_of(&leaf_profile, &subject, &spki);
        cr_assert_eq(issuer_issue(duplicate, &issuance, &leaf, faults), 0);
        is_marked(&leaf, i == 0);
        cr_assert_eq(issuer_renew(issuer, slice_of(&leaf), (struct slice){NULL, 0},
                                  (struct slice){one, sizeof(one)}, NOW, NOW + 1, &renewed, faults),
                     0);
        is_marked(&renewed, i == 0);
        bytes_free(&renewed);
        bytes_free(&leaf);
        bytes_free(&spki);
        bytes_free(&subject);
        key_free(key);
        issuer_free(duplicate);
        issuer_free(issuer);
        root_free(&root);
    }
}

/* A profile may ask for the mark itself. */
Test(fixture, never_twice)
{
    struct root root = root_of(SEEDED);
    struct issuer *issuer = issuer_of(SEEDED, &root);
    struct profile profile;
    struct bytes subject = name_of("leaf");
    struct bytes spki = BYTES_EMPTY;
    struct bytes leaf = BYTES_EMPTY;
    struct issuance issuance;

    profile_init(&profile);
    cr_assert_eq(profile_copy(&profile, &leaf_profile), 0);
    profile.extensions = calloc(1, sizeof(*profile.extensions));
    profile.extension_count = 1;
    profile.extensions[0].type = *certificate_fixture_mark();
    cr_assert_eq(bytes_append(&profile.extensions[0].value, "\x05\x00", 2), 0);
    cr_assert_eq(key_spki(root.key, &spki, faults), 0);
    issuance = issuance_of(&profile, &subject, &spki);
    cr_assert_eq(issuer_issue(issuer, &issuance, &leaf, faults), 0);
    is_marked(&leaf, true);
    bytes_free(&leaf);
    bytes_free(&spki);
    bytes_free(&subject);
    profile_free(&profile);
    issuer_free(issuer);
    root_free(&root);
}

Test(fixture, lists_and_requests)
{
    for (size_t i = 0; i < 2; i++) {
        struct root root = root_of(worlds[i]);
        struct signer *first = signer_from_key(worlds[i], root.key, faults);
        struct signer *signer = signer_duplicate(first, faults);
        struct crl_writer *writer = crl_writer_new(faults);
        struct certificate_view authority;
        struct crl_fields fields = {.number = 1, .this_update = NOW, .next_update = NOW + 1};
        struct bytes list = BYTES_EMPTY;
        struct bytes request = BYTES_EMPTY;
        struct crl_view list_view;
        struct request_view request_view;
        const char *why;

        cr_assert_eq(signer_is_fixture(signer), i == 0);
        cr_assert_eq(certificate_view_read(slice_of(&root.certificate), &authority), 0);
        fields.issuer = authority.subject;
        fields.authority_key_identifier = authority.subject_key_identifier;
        cr_assert_eq(crl_writer_sign(writer, &fields, signer, &list, faults), 0);
        cr_assert_eq(crl_view_read(slice_of(&list), &list_view), 0);
        cr_assert_eq(list_view.fixture, i == 0);
        cr_assert_eq(marks_in(list_view.extensions), i == 0 ? 1 : 0);
        cr_assert_eq(crl_verify(RANDOM, &list_view, authority.spki, &why), 0);
        cr_assert_eq(
            request_write(&(struct request_fields){.subject = authority.subject}, signer, &request, faults),
            0);
        cr_assert_eq(request_view_read(slice_of(&request), &request_view), 0);
        cr_assert_eq(request_view.fixture, i == 0);
        cr_assert_eq(marks_in(request_view.extensions), i == 0 ? 1 : 0);
        cr_assert_eq(request_verify(RANDOM, &request_view, &why), 0);
        bytes_free(&request);
        bytes_free(&list);
        crl_writer_free(writer);
        signer_free(signer);
        signer_free(first);
        root_free(&root);
    }
}

static void last_says(const char *part)
{
    cr_assert_gt(faults_count(faults), 0);
    cr_assert_not_null(strstr(faults_text(faults, faults_count(faults) - 1), part), "%s",
                       faults_text(faults, faults_count(faults) - 1));
}

Test(fixture, worlds_do_not_mix)
{
    struct root fixture = root_of(SEEDED);
    struct root other = root_of(RANDOM);
    struct signer *signer = signer_from_key(SEEDED, fixture.key, faults);
    struct issuer *issuer = issuer_of(RANDOM, &other);
    struct bytes der = BYTES_EMPTY;

    cr_assert_null(issuer_of(RANDOM, &fixture));
    last_says("its key is public");
    cr_assert_null(
        issuer_new(RANDOM, slice_of(&fixture.certificate), signer_duplicate(signer, faults), faults));
    last_says("its key is public");
    cr_assert_null(issuer_of(SEEDED, &other));
    last_says("does not carry the fixture mark");
    cr_assert_eq(self_sign(RANDOM, signer, &der), -1);
    last_says("made from a seed");
    cr_assert_eq(issuer_renew(issuer, slice_of(&fixture.certificate), (struct slice){NULL, 0},
                              (struct slice){one, sizeof(one)}, NOW, NOW + 1, &der, faults),
                 -1);
    last_says("carries the fixture mark");
    cr_assert_eq(der.length, 0);
    cr_assert_eq(faults_errors(faults), 5);
    issuer_free(issuer);
    signer_free(signer);
    root_free(&other);
    root_free(&fixture);
}

/* What a stock holds came from another stream. */
Test(fixture, serials_are_their_own_streams)
{
    struct serial_stock stock = {.left = 0};
    struct serial serial;
    struct serial again;

    cr_assert_eq(context_begin(SEEDED, slice_of_text("one"), slice_of_text("serial")), 0);
    cr_assert_eq(serial_make_from(SEEDED, &stock, &serial), 0);
    cr_assert_eq(context_begin(SEEDED, slice_of_text("other"), slice_of_text("serial")), 0);
    cr_assert_eq(serial_make_from(SEEDED, &stock, &serial), 0);
    cr_assert_eq(context_begin(SEEDED, slice_of_text("other"), slice_of_text("serial")), 0);
    cr_assert_eq(serial_make(SEEDED, &again), 0);
    cr_assert_eq(serial.length, again.length);
    cr_assert_arr_eq(serial.octets + serial.length - SERIAL_RANDOM_LENGTH,
                     again.octets + again.length - SERIAL_RANDOM_LENGTH, SERIAL_RANDOM_LENGTH);
}

/* A signature of each algorithm that is there comes out twice the same, and is one. */
Test(fixture, signatures_draw_nothing)
{
    static const enum key_algorithm algorithms[] = {KEY_RSA_2048, KEY_EC_P256, KEY_EC_P384,   KEY_EC_P521,
                                                    KEY_ED25519,  KEY_ED448,   KEY_ML_DSA_44, KEY_ML_DSA_87};

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        struct key_maker *maker;
        struct key *key;
        struct signer *signer;
        struct bytes spki = BYTES_EMPTY;
        struct bytes first = BYTES_EMPTY;
        struct bytes second = BYTES_EMPTY;
        const char *why = "";

        if (!key_algorithm_available(SEEDED, algorithms[i])) {
            continue;
        }
        maker = key_maker_new(SEEDED, algorithms[i], faults);
        cr_assert_eq(context_begin(SEEDED, slice_of_text("a"), slice_of_text("key")), 0);
        key = key_maker_make(maker, faults);
        signer = signer_from_key(SEEDED, key, faults);
        cr_assert_eq(key_spki(key, &spki, faults), 0);
        cr_assert_eq(signer_sign(signer, slice_of_text("message"), &first, faults), 0);
        cr_assert_eq(signer_sign(signer, slice_of_text("message"), &second, faults), 0);
        cr_assert(slice_equal(slice_of(&first), slice_of(&second)), "%s", key_algorithm_text(algorithms[i]));
        cr_assert_eq(signature_verify(RANDOM, signer_algorithm(signer), slice_of(&spki),
                                      slice_of_text("message"), slice_of(&first), &why),
                     0, "%s: %s", key_algorithm_text(algorithms[i]), why);
        bytes_free(&second);
        bytes_free(&first);
        bytes_free(&spki);
        signer_free(signer);
        key_free(key);
        key_maker_free(maker);
    }
}
