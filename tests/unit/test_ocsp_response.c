/* SPDX-License-Identifier: Apache-2.0 */
/* x509/ocsp_response: what is written is what OpenSSL reads, believes and finds answers in; what cannot be said is refused. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ocsp.h>
#include <openssl/x509.h>

#include "base/seed.h"
#include "foreign.h"
#include "program.h"
#include "scratch.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/instant.h"
#include "x509/ocsp_response.h"
#include "x509/pem.h"

#define DAY 86400

static struct context *context;
static struct faults *faults;
static struct foreign *authority, *responder, *leaf, *other;
static struct certificate_view authority_view, responder_view, leaf_view, other_view;

static struct foreign *make(const char *name, const struct foreign *issuer, const char *extensions,
                            struct certificate_view *view)
{
    const struct recipe recipe = {.name = name, .issuer = issuer, .extensions = extensions};
    struct foreign *made = foreign_make(&recipe);

    cr_assert_eq(certificate_view_read(foreign_der(made), view), 0);
    return made;
}

static void set_up(void)
{
    context = foreign_context();
    faults = faults_new();
    authority =
        make("CA", NULL, "basicConstraints=critical,CA:TRUE; subjectKeyIdentifier=hash", &authority_view);
    responder =
        make("responder", authority, "extendedKeyUsage=OCSPSigning; noCheck=ignored", &responder_view);
    leaf = make("leaf", authority, "extendedKeyUsage=serverAuth", &leaf_view);
    other = make("other", authority, NULL, &other_view);
}

static void tear_down(void)
{
    foreign_free(other);
    foreign_free(leaf);
    foreign_free(responder);
    foreign_free(authority);
    faults_free(faults);
    context_free(context);
}

TestSuite(ocsp_response, .init = set_up, .fini = tear_down);

static struct ocsp_answer answer_of(const struct certificate_view *view, enum ocsp_status status)
{
    return (struct ocsp_answer){.issuer = view->issuer,
                                .issuer_spki = authority_view.spki,
                                .serial = serial_magnitude(view->serial),
                                .status = status,
                                .revoked = FOREIGN_NOW - DAY,
                                .this_update = FOREIGN_NOW,
                                .has_next_update = true,
                                .next_update = FOREIGN_NOW + 7 * DAY};
}

static struct bytes sign_in(const struct context *where, const struct ocsp_fields *fields,
                            const struct ocsp_answer *answers, size_t count, const struct foreign *by)
{
    struct signer *signer = signer_from_key(where, by->key, faults);
    struct bytes der = BYTES_EMPTY;

    cr_assert_not_null(signer);
    cr_assert_eq(ocsp_response_sign(where, fields, answers, count, signer, &der, faults), 0, "%s",
                 faults_text(faults, 0));
    signer_free(signer);
    return der;
}

static struct bytes sign(const struct ocsp_fields *fields, const struct ocsp_answer *answers, size_t count,
                         const struct foreign *by)
{
    return sign_in(context, fields, answers, count, by);
}

/* The whole of @p der as OpenSSL reads it, which writes it again to the same octets. */
static OCSP_BASICRESP *parse(const struct bytes *der)
{
    const unsigned char *at = der->data;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)der->length);
    unsigned char *again = NULL;
    OCSP_BASICRESP *basic;

    cr_assert_not_null(response);
    cr_assert_eq(at, der->data + der->length);
    cr_assert_eq(OCSP_response_status(response), OCSP_RESPONSE_STATUS_SUCCESSFUL);
    basic = OCSP_response_get1_basic(response);
    cr_assert_not_null(basic);
    cr_assert_eq(i2d_OCSP_RESPONSE(response, &again), (int)der->length);
    cr_assert_arr_eq(again, der->data, der->length);
    OPENSSL_free(again);
    OCSP_RESPONSE_free(response);
    return basic;
}

/* Whether OpenSSL, which trusts the authority alone, takes the response as of FOREIGN_NOW. */
static int believed(OCSP_BASICRESP *basic)
{
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *candidates = sk_X509_new_null();
    X509_VERIFY_PARAM *parameters = X509_VERIFY_PARAM_new();
    int verdict;

    X509_VERIFY_PARAM_set_time(parameters, FOREIGN_NOW);
    cr_assert_eq(X509_STORE_set1_param(store, parameters), 1);
    cr_assert_eq(X509_STORE_add_cert(store, authority->x509), 1);
    cr_assert_gt(sk_X509_push(candidates, authority->x509), 0);
    verdict = OCSP_basic_verify(basic, candidates, store, 0);
    X509_VERIFY_PARAM_free(parameters);
    sk_X509_free(candidates);
    X509_STORE_free(store);
    return verdict;
}

struct found {
    int status, reason;
    ASN1_GENERALIZEDTIME *revoked, *this_update, *next_update;
};

/* What the response says of @p about; false: nothing. */
static bool find(OCSP_BASICRESP *basic, const struct foreign *about, struct found *found)
{
    OCSP_CERTID *id = OCSP_cert_to_id(NULL, about->x509, authority->x509);
    int there = OCSP_resp_find_status(basic, id, &found->status, &found->reason, &found->revoked,
                                      &found->this_update, &found->next_update);

    OCSP_CERTID_free(id);
    return there == 1;
}

static bool is_at(const ASN1_GENERALIZEDTIME *time, instant value)
{
    return ASN1_STRING_type(time) == V_ASN1_GENERALIZEDTIME && ASN1_TIME_cmp_time_t(time, (time_t)value) == 0;
}

/* ---- what is believed -------------------------------------------------------------------------------------------- */

Test(ocsp_response, the_authority_answers_by_key_and_openssl_finds_every_answer)
{
    const struct ocsp_fields fields = {.produced = FOREIGN_NOW};
    struct ocsp_answer answers[] = {answer_of(&leaf_view, OCSP_REVOKED), answer_of(&other_view, OCSP_GOOD),
                                    answer_of(&responder_view, OCSP_UNKNOWN)};
    OCSP_BASICRESP *basic;
    const ASN1_OCTET_STRING *id;
    const X509_NAME *name;
    struct found found;
    struct bytes der;

    answers[0].reason = CRL_KEY_COMPROMISE;
    answers[1].has_next_update = false;
    der = sign(&fields, answers, 3, authority);
    basic = parse(&der);
    cr_assert_eq(believed(basic), 1);
    cr_assert_eq(OCSP_resp_get0_id(basic, &id, &name), 1);
    cr_assert_not_null(id);
    cr_assert_null(name);
    cr_assert(slice_equal((struct slice){ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)},
                          authority_view.subject_key_identifier));
    cr_assert_eq(sk_X509_num(OCSP_resp_get0_certs(basic)), -1, "no certificate comes along");
    cr_assert_eq(OCSP_BASICRESP_get_ext_count(basic), 0);
    cr_assert(is_at(OCSP_resp_get0_produced_at(basic), FOREIGN_NOW));
    cr_assert_eq(OCSP_resp_count(basic), 3);

    cr_assert(find(basic, leaf, &found));
    cr_assert_eq(found.status, V_OCSP_CERTSTATUS_REVOKED);
    cr_assert_eq(found.reason, OCSP_REVOKED_STATUS_KEYCOMPROMISE);
    cr_assert(is_at(found.revoked, FOREIGN_NOW - DAY));
    cr_assert(is_at(found.this_update, FOREIGN_NOW));
    cr_assert(is_at(found.next_update, FOREIGN_NOW + 7 * DAY));
    cr_assert(find(basic, other, &found));
    cr_assert_eq(found.status, V_OCSP_CERTSTATUS_GOOD);
    cr_assert_null(found.next_update);
    cr_assert(find(basic, responder, &found));
    cr_assert_eq(found.status, V_OCSP_CERTSTATUS_UNKNOWN);
    cr_assert_not(find(basic, authority, &found));
    OCSP_BASICRESP_free(basic);
    bytes_free(&der);
}

Test(ocsp_response, a_delegate_answers_by_name_with_its_certificate)
{
    const struct ocsp_fields fields = {responder_view.subject, FOREIGN_NOW, foreign_der(responder)};
    const struct ocsp_answer answer = answer_of(&leaf_view, OCSP_REVOKED);
    struct bytes der = sign(&fields, &answer, 1, responder);
    OCSP_BASICRESP *basic = parse(&der);
    const ASN1_OCTET_STRING *id;
    const X509_NAME *name;
    struct found found;

    cr_assert_eq(believed(basic), 1);
    cr_assert_eq(OCSP_resp_get0_id(basic, &id, &name), 1);
    cr_assert_null(id);
    cr_assert_eq(X509_NAME_cmp(name, X509_get_subject_name(responder->x509)), 0);
    cr_assert_eq(sk_X509_num(OCSP_resp_get0_certs(basic)), 1);
    cr_assert(find(basic, leaf, &found));
    cr_assert_eq(found.status, V_OCSP_CERTSTATUS_REVOKED);
    cr_assert_eq(found.reason, -1, "unspecified is left out");
    OCSP_BASICRESP_free(basic);
    bytes_free(&der);
}

Test(ocsp_response, of_a_stranger_or_changed_it_is_not_believed)
{
    struct certificate_view stranger_view;
    struct foreign *stranger = make("CA", NULL, "basicConstraints=critical,CA:TRUE", &stranger_view);
    const struct ocsp_fields fields = {.produced = FOREIGN_NOW};
    const struct ocsp_answer answer = answer_of(&leaf_view, OCSP_GOOD);
    struct bytes der = sign(&fields, &answer, 1, stranger);
    OCSP_BASICRESP *basic = parse(&der);

    cr_assert_neq(believed(basic), 1);
    OCSP_BASICRESP_free(basic);
    bytes_free(&der);

    der = sign(&fields, &answer, 1, authority);
    der.data[der.length - 1] ^= 1;
    basic = parse(&der);
    cr_assert_neq(believed(basic), 1);
    OCSP_BASICRESP_free(basic);
    bytes_free(&der);
    foreign_free(stranger);
}

/* ---- details ----------------------------------------------------------------------------------------------------- */

/* Times have one form, before 2050 and after. */
Test(ocsp_response, dates_of_any_year_are_generalized_times)
{
    struct ocsp_fields fields = {.produced = 0};
    struct ocsp_answer answer = answer_of(&leaf_view, OCSP_REVOKED);
    OCSP_BASICRESP *basic;
    struct found found;
    struct bytes der;

    answer.revoked = -1;
    answer.this_update = 0;
    answer.next_update = INSTANT_MAX;
    der = sign(&fields, &answer, 1, authority);
    basic = parse(&der);
    cr_assert(find(basic, leaf, &found));
    cr_assert(is_at(found.revoked, -1));
    cr_assert(is_at(found.this_update, 0));
    cr_assert(is_at(found.next_update, INSTANT_MAX));
    OCSP_BASICRESP_free(basic);
    bytes_free(&der);
}

Test(ocsp_response, in_a_context_for_fixtures_it_carries_the_mark)
{
    struct seed *seed = seed_new(NULL, slice_of_text("a seed of sixteen octets"));
    struct context *seeded = context_new_seeded(context, seed);
    const struct ocsp_fields fields = {.produced = FOREIGN_NOW};
    const struct ocsp_answer answer = answer_of(&leaf_view, OCSP_GOOD);
    struct bytes mark = BYTES_EMPTY;
    struct bytes der;
    OCSP_BASICRESP *basic;
    X509_EXTENSION *extension;
    ASN1_OBJECT *type;
    int place;

    cr_assert_not_null(seeded);
    cr_assert_eq(oid_format(oid_slice(certificate_fixture_mark()), &mark), 0);
    type = OBJ_txt2obj(bytes_text(&mark), 1);
    der = sign_in(seeded, &fields, &answer, 1, authority);
    basic = parse(&der);
    cr_assert_eq(believed(basic), 1);
    cr_assert_eq(OCSP_BASICRESP_get_ext_count(basic), 1);
    place = OCSP_BASICRESP_get_ext_by_OBJ(basic, type, -1);
    cr_assert_eq(place, 0);
    extension = OCSP_BASICRESP_get_ext(basic, place);
    cr_assert_eq(X509_EXTENSION_get_critical(extension), 0);
    cr_assert_eq(ASN1_STRING_length(X509_EXTENSION_get_data(extension)), 2);
    OCSP_BASICRESP_free(basic);
    ASN1_OBJECT_free(type);
    bytes_free(&mark);
    bytes_free(&der);
    context_free(seeded);
    seed_free(seed);
}

Test(ocsp_response, what_cannot_be_said_is_refused)
{
    static const unsigned char serial[21] = {1};
    struct signer *signer = signer_from_key(context, authority->key, faults);
    struct ocsp_fields fields = {.produced = FOREIGN_NOW};
    struct ocsp_answer rows[7];
    struct bytes der = BYTES_EMPTY;
    size_t count = sizeof(rows) / sizeof(rows[0]);

    for (size_t i = 0; i < count; i++) {
        rows[i] = answer_of(&leaf_view, OCSP_REVOKED);
    }
    rows[0].serial = (struct slice){serial, 21};
    rows[1].serial.length = 0;
    rows[2].reason = 7;
    rows[3].revoked = INSTANT_MAX + 1;
    rows[4].next_update = rows[4].this_update;
    rows[5].this_update = INSTANT_MIN - 1;
    rows[6].next_update = INSTANT_MAX + 1;
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(ocsp_response_sign(context, &fields, &rows[i], 1, signer, &der, faults), -1, "row %zu",
                     i);
        cr_assert_eq(faults_errors(faults), i + 1);
    }
    rows[0] = answer_of(&leaf_view, OCSP_GOOD);
    cr_assert_eq(ocsp_response_sign(context, &fields, rows, 0, signer, &der, faults), -1);
    fields.produced = INSTANT_MAX + 1;
    cr_assert_eq(ocsp_response_sign(context, &fields, rows, 1, signer, &der, faults), -1);
    cr_assert_eq(faults_errors(faults), count + 2);
    cr_assert_eq(der.length, 0);
    signer_free(signer);
}

/* ---- the program ------------------------------------------------------------------------------------------------- */

static void save(const char *path, const struct foreign *foreign)
{
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(pem_write(foreign_der(foreign), "CERTIFICATE", &text), 0);
    scratch_write(path, bytes_text(&text), 0600);
    bytes_free(&text);
}

/* What `openssl ocsp` says of leaf, as of FOREIGN_NOW. */
static char *asked(const char *more)
{
    return program_line(
        NULL,
        "openssl ocsp -respin %s/ocsp.der -issuer %s/ca.pem -cert %s/leaf.pem -CAfile %s/ca.pem "
        "-attime %lld -no_nonce -validity_period 1000000000 %s",
        scratch_folder, scratch_folder, scratch_folder, scratch_folder, (long long)FOREIGN_NOW, more);
}

Test(ocsp_response, the_program_openssl_says_the_same)
{
    struct ocsp_fields fields = {responder_view.subject, FOREIGN_NOW, {NULL, 0}};
    struct ocsp_answer answer = answer_of(&leaf_view, OCSP_REVOKED);
    struct bytes der;
    char *text, *more;
    FILE *file;

    if (!program_there("openssl")) {
        cr_skip_test("openssl is not installed");
    }
    scratch_start();
    answer.reason = CRL_SUPERSEDED;
    der = sign(&fields, &answer, 1, responder);
    save("ca.pem", authority);
    save("leaf.pem", leaf);
    save("responder.pem", responder);
    cr_assert_gt(asprintf(&more, "%s/ocsp.der", scratch_folder), 0);
    file = fopen(more, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(der.data, 1, der.length, file), der.length);
    cr_assert_eq(fclose(file), 0);
    free(more);
    cr_assert_gt(asprintf(&more, "-verify_other %s/responder.pem", scratch_folder), 0);
    text = asked(more);
    cr_assert_not_null(strstr(text, "Response verify OK"), "%s", text);
    cr_assert_not_null(strstr(text, "leaf.pem: revoked"), "%s", text);
    cr_assert_not_null(strstr(text, "Reason: superseded"), "%s", text);
    free(text);
    free(more);
    bytes_free(&der);
    scratch_stop();
}
