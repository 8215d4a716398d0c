/* SPDX-License-Identifier: Apache-2.0 */
/* x509/crl: what is written is what OpenSSL reads and believes; what OpenSSL wrote is read; what is broken is refused. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "foreign.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/instant.h"

#define DAY 86400

static struct context *context;
static struct faults *faults;
static struct foreign *authority;
static struct certificate_view authority_view;
static struct signer *signer;
static struct crl_writer *writer;

static void set_up(void)
{
    const struct recipe recipe = {
        .name = "CA",
        .extensions = "basicConstraints=critical,CA:TRUE; keyUsage=critical,keyCertSign,cRLSign; "
                      "subjectKeyIdentifier=hash"};

    context = foreign_context();
    faults = faults_new();
    authority = foreign_make(&recipe);
    cr_assert_eq(certificate_view_read(foreign_der(authority), &authority_view), 0);
    signer = signer_from_key(context, authority->key, faults);
    writer = crl_writer_new(faults);
}

static void tear_down(void)
{
    crl_writer_free(writer);
    signer_free(signer);
    foreign_free(authority);
    faults_free(faults);
    context_free(context);
}

TestSuite(crl, .init = set_up, .fini = tear_down);

static struct crl_fields fields_of(uint64_t number)
{
    return (struct crl_fields){authority_view.subject, authority_view.subject_key_identifier, number,
                               FOREIGN_NOW, FOREIGN_NOW + 30 * DAY};
}

static struct crl_entry entry_of(const unsigned char *serial, size_t length, int reason)
{
    return (struct crl_entry){.serial = {serial, length}, .revoked = FOREIGN_NOW - DAY, .reason = reason};
}

static void add(const struct crl_entry *entry)
{
    cr_assert_eq(crl_writer_add(writer, entry, faults), 0, "%s", faults_text(faults, 0));
}

static struct bytes sign(uint64_t number)
{
    struct crl_fields fields = fields_of(number);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(crl_writer_sign(writer, &fields, signer, &der, faults), 0);
    return der;
}

static X509_CRL *parse(const struct bytes *der)
{
    const unsigned char *at = der->data;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der->length);

    cr_assert_not_null(crl);
    cr_assert_eq(at, der->data + der->length);
    return crl;
}

/* ---- reasons ----------------------------------------------------------------------------------------------------- */

Test(crl, reasons_are_words_in_two_spellings)
{
    static const struct {
        const char *text;
        enum crl_reason reason;
    } rows[] = {{"unspecified", CRL_UNSPECIFIED},
                {"keyCompromise", CRL_KEY_COMPROMISE},
                {"key-compromise", CRL_KEY_COMPROMISE},
                {"cACompromise", CRL_CA_COMPROMISE},
                {"ca-compromise", CRL_CA_COMPROMISE},
                {"affiliation-changed", CRL_AFFILIATION_CHANGED},
                {"superseded", CRL_SUPERSEDED},
                {"cessationOfOperation", CRL_CESSATION_OF_OPERATION},
                {"certificate-hold", CRL_CERTIFICATE_HOLD},
                {"privilegeWithdrawn", CRL_PRIVILEGE_WITHDRAWN},
                {"aa-compromise", CRL_AA_COMPROMISE}};
    static const char *const wrong[] = {"", "key", "keyCompromised", "removeFromCRL", "1", "key_compromise"};
    enum crl_reason reason;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert_eq(crl_reason_parse(rows[i].text, &reason), 0, "%s", rows[i].text);
        cr_assert_eq(reason, rows[i].reason, "%s", rows[i].text);
        cr_assert_eq(crl_reason_parse(crl_reason_text((int)reason), &reason), 0);
        cr_assert_eq(reason, rows[i].reason);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cr_assert_eq(crl_reason_parse(wrong[i], &reason), -1, "%s", wrong[i]);
    }
    cr_assert_null(crl_reason_text(7));
    cr_assert_null(crl_reason_text(11));
    cr_assert_null(crl_reason_text(-1));
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

Test(crl, what_is_written_is_what_openssl_reads)
{
    static const unsigned char high[] = {0x80, 1};
    static const unsigned char low[] = {5};
    struct crl_entry entry = entry_of(high, 2, CRL_KEY_COMPROMISE);
    struct bytes der;
    X509_REVOKED *revoked;
    ASN1_ENUMERATED *code;
    ASN1_INTEGER *number;
    ASN1_GENERALIZEDTIME *invalid;
    AUTHORITY_KEYID *key_id;
    X509_CRL *crl;

    entry.has_invalidity = true;
    entry.invalidity = FOREIGN_NOW - 100 * DAY;
    add(&entry);
    entry = entry_of(low, 1, CRL_UNSPECIFIED);
    add(&entry);
    cr_assert_eq(crl_writer_count(writer), 2);
    der = sign(300);
    crl = parse(&der);
    cr_assert_eq(X509_CRL_verify(crl, key_pkey(authority->key)), 1);
    cr_assert_eq(X509_CRL_get_version(crl), 1);
    cr_assert_eq(X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(authority->x509)), 0);
    number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    cr_assert_eq(ASN1_INTEGER_get(number), 300);
    ASN1_INTEGER_free(number);
    key_id = X509_CRL_get_ext_d2i(crl, NID_authority_key_identifier, NULL, NULL);
    cr_assert_eq(ASN1_OCTET_STRING_cmp(key_id->keyid, X509_get0_subject_key_id(authority->x509)), 0);
    AUTHORITY_KEYID_free(key_id);

    cr_assert_eq(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 2);
    revoked = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0);
    cr_assert_eq(ASN1_INTEGER_get(X509_REVOKED_get0_serialNumber(revoked)), 0x8001);
    code = X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, NULL, NULL);
    cr_assert_eq(ASN1_ENUMERATED_get(code), 1);
    ASN1_ENUMERATED_free(code);
    invalid = X509_REVOKED_get_ext_d2i(revoked, NID_invalidity_date, NULL, NULL);
    cr_assert_not_null(invalid);
    cr_assert_eq(ASN1_STRING_type(invalid), V_ASN1_GENERALIZEDTIME);
    cr_assert_eq(X509_cmp_time(invalid, &(time_t){FOREIGN_NOW - 100 * DAY - 1}), 1);
    cr_assert_eq(X509_cmp_time(invalid, &(time_t){FOREIGN_NOW - 100 * DAY + 1}), -1);
    ASN1_GENERALIZEDTIME_free(invalid);
    revoked = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 1);
    cr_assert_eq(X509_REVOKED_get_ext_count(revoked), 0, "unspecified is left out");
    X509_CRL_free(crl);
    bytes_free(&der);
}

Test(crl, without_entries_there_is_no_list)
{
    struct bytes der = sign(1);
    X509_CRL *crl = parse(&der);
    struct crl_view view;

    cr_assert_null(X509_CRL_get_REVOKED(crl));
    cr_assert_eq(X509_CRL_verify(crl, key_pkey(authority->key)), 1);
    cr_assert_eq(crl_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.count, 0);
    X509_CRL_free(crl);
    bytes_free(&der);
}

/* RFC 5280 sections 5.1.2.4 to 5.1.2.6: UTCTime through 2049. */
Test(crl, times_are_of_the_type_their_year_asks_for)
{
    static const unsigned char serial[] = {1};
    struct crl_fields fields = fields_of(1);
    struct crl_entry entry = entry_of(serial, 1, CRL_SUPERSEDED);
    struct bytes der = BYTES_EMPTY;
    struct crl_view view;
    X509_CRL *crl;

    fields.this_update = INT64_C(2524607999);    /* 2049-12-31T23:59:59Z */
    fields.next_update = fields.this_update + 1; /* 2050-01-01T00:00:00Z */
    entry.revoked = fields.next_update;
    add(&entry);
    cr_assert_eq(crl_writer_sign(writer, &fields, signer, &der, faults), 0);
    crl = parse(&der);
    cr_assert_eq(ASN1_STRING_type(X509_CRL_get0_lastUpdate(crl)), V_ASN1_UTCTIME);
    cr_assert_eq(ASN1_STRING_type(X509_CRL_get0_nextUpdate(crl)), V_ASN1_GENERALIZEDTIME);
    cr_assert_eq(ASN1_STRING_type(
                     X509_REVOKED_get0_revocationDate(sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0))),
                 V_ASN1_GENERALIZEDTIME);
    cr_assert_eq(crl_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.this_update, fields.this_update);
    cr_assert_eq(view.next_update, fields.next_update);
    X509_CRL_free(crl);
    bytes_free(&der);
}

Test(crl, what_cannot_be_written_is_refused)
{
    static const unsigned char serial[21] = {1};
    struct crl_entry entry = entry_of(serial, 21, CRL_UNSPECIFIED);
    struct crl_fields fields = fields_of(1);
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(crl_writer_add(writer, &entry, faults), -1);
    entry.serial.length = 0;
    cr_assert_eq(crl_writer_add(writer, &entry, faults), -1);
    entry = entry_of(serial, 1, 7);
    cr_assert_eq(crl_writer_add(writer, &entry, faults), -1);
    entry = entry_of(serial, 1, CRL_UNSPECIFIED);
    entry.revoked = INSTANT_MAX + 1;
    cr_assert_eq(crl_writer_add(writer, &entry, faults), -1);
    cr_assert_eq(crl_writer_count(writer), 0);
    fields.next_update = fields.this_update;
    cr_assert_eq(crl_writer_sign(writer, &fields, signer, &der, faults), -1);
    fields = fields_of(1);
    fields.authority_key_identifier.length = 0;
    cr_assert_eq(crl_writer_sign(writer, &fields, signer, &der, faults), -1);
    cr_assert_eq(der.length, 0);
    cr_assert_eq(faults_errors(faults), 6);
}

/* OpenSSL's opinion of @p leaf under a CRL. */
static int opinion(const struct foreign *leaf, X509_CRL *crl)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *state = X509_STORE_CTX_new();
    int error;

    cr_assert_eq(X509_STORE_add_cert(store, authority->x509), 1);
    cr_assert_eq(X509_STORE_add_crl(store, crl), 1);
    cr_assert_eq(X509_STORE_CTX_init(state, store, leaf->x509, NULL), 1);
    X509_STORE_CTX_set_flags(state, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT);
    X509_STORE_CTX_set_time(state, 0, FOREIGN_NOW);
    (void)X509_verify_cert(state);
    error = X509_STORE_CTX_get_error(state);
    X509_STORE_CTX_free(state);
    X509_STORE_free(store);
    return error;
}

Test(crl, openssl_refuses_the_revoked_and_takes_the_others)
{
    const struct recipe recipe = {.name = "leaf",
                                  .issuer = authority,
                                  .extensions = "subjectKeyIdentifier=hash; authorityKeyIdentifier=keyid"};
    struct foreign *revoked = foreign_make(&recipe);
    struct foreign *good = foreign_make(&recipe);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(revoked->x509);
    struct crl_entry entry = entry_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial),
                                      CRL_CESSATION_OF_OPERATION);
    struct bytes der;
    X509_CRL *crl;

    add(&entry);
    der = sign(9);
    crl = parse(&der);
    cr_assert_eq(opinion(revoked, crl), X509_V_ERR_CERT_REVOKED);
    cr_assert_eq(opinion(good, crl), X509_V_OK);
    X509_CRL_free(crl);
    bytes_free(&der);
    foreign_free(revoked);
    foreign_free(good);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* A CRL by OpenSSL: serial 10 for key compromise, 11 without a reason. */
static struct bytes foreign_crl(long version, bool next)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_ENUMERATED *code = ASN1_ENUMERATED_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, FOREIGN_NOW);
    ASN1_GENERALIZEDTIME *invalid = ASN1_GENERALIZEDTIME_set(NULL, FOREIGN_NOW);
    struct bytes result = BYTES_EMPTY;
    unsigned char *der = NULL;
    int length;

    cr_assert_eq(X509_CRL_set_version(crl, version), 1);
    cr_assert_eq(X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority->x509)), 1);
    cr_assert_eq(X509_CRL_set1_lastUpdate(crl, time), 1);
    if (next) {
        cr_assert_eq(X509_CRL_set1_nextUpdate(crl, time), 1);
    }
    for (long serial = 10; serial <= 11; serial++) {
        X509_REVOKED *revoked = X509_REVOKED_new();

        cr_assert_eq(ASN1_INTEGER_set(number, serial), 1);
        cr_assert_eq(X509_REVOKED_set_serialNumber(revoked, number), 1);
        cr_assert_eq(X509_REVOKED_set_revocationDate(revoked, time), 1);
        if (serial == 10 && version == 1) {
            cr_assert_eq(ASN1_ENUMERATED_set(code, 1), 1);
            cr_assert_eq(X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, code, 0, 0), 1);
            cr_assert_eq(X509_REVOKED_add1_ext_i2d(revoked, NID_invalidity_date, invalid, 0, 0), 1);
        }
        cr_assert_eq(X509_CRL_add0_revoked(crl, revoked), 1);
    }
    cr_assert_gt(X509_CRL_sign(crl, key_pkey(authority->key), EVP_sha256()), 0);
    length = i2d_X509_CRL(crl, &der);
    cr_assert_eq(bytes_append(&result, der, (size_t)length), 0);
    OPENSSL_free(der);
    ASN1_GENERALIZEDTIME_free(invalid);
    ASN1_TIME_free(time);
    ASN1_ENUMERATED_free(code);
    ASN1_INTEGER_free(number);
    X509_CRL_free(crl);
    return result;
}

Test(crl, what_openssl_wrote_is_read)
{
    struct bytes der = foreign_crl(1, true);
    struct crl_entry entry;
    struct crl_view view;
    const char *why;

    cr_assert_eq(crl_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.version, 2);
    cr_assert_eq(view.this_update, FOREIGN_NOW);
    cr_assert(view.has_next_update);
    cr_assert_eq(view.next_update, FOREIGN_NOW);
    cr_assert_eq(view.count, 2);
    cr_assert_eq(view.number.length, 0);
    cr_assert(slice_equal(view.issuer, authority_view.subject));
    cr_assert_eq(crl_verify(context, &view, authority_view.spki, &why), 0, "%s", why);
    cr_assert_eq(crl_find(&view, slice_of_text("\x0a"), &entry), 1);
    cr_assert(entry.has_reason && entry.reason == CRL_KEY_COMPROMISE);
    cr_assert(entry.has_invalidity && entry.invalidity == FOREIGN_NOW);
    cr_assert_eq(crl_find(&view, slice_of_text("\x0b"), &entry), 1);
    cr_assert_not(entry.has_reason || entry.has_invalidity);
    cr_assert_eq(crl_find(&view, slice_of_text("\x0c"), &entry), 0);
    bytes_free(&der);
}

Test(crl, version_1_without_next_update_is_read)
{
    struct bytes der = foreign_crl(0, false);
    struct crl_view view;

    cr_assert_eq(crl_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.version, 1);
    cr_assert_not(view.has_next_update);
    cr_assert_eq(view.count, 2);
    bytes_free(&der);
}

Test(crl, of_another_key_it_proves_nothing)
{
    const struct recipe recipe = {.name = "CA"};
    struct foreign *other = foreign_make(&recipe);
    struct bytes der = sign(1);
    struct certificate_view stranger;
    struct crl_view view;
    const char *why;

    cr_assert_eq(certificate_view_read(foreign_der(other), &stranger), 0);
    cr_assert_eq(crl_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(crl_verify(context, &view, stranger.spki, &why), -1);
    cr_assert_str_eq(why, "is wrong");
    cr_assert_eq(crl_verify(context, &view, authority_view.spki, &why), 0);
    foreign_free(other);
    bytes_free(&der);
}

Test(crl, what_is_cut_or_longer_is_malformed)
{
    struct bytes der = foreign_crl(1, true);
    struct crl_view view;

    for (size_t length = 0; length < der.length; length++) {
        cr_assert_eq(crl_view_read((struct slice){der.data, length}, &view), -1, "%zu octets", length);
    }
    cr_assert_eq(bytes_append_byte(&der, 0), 0);
    cr_assert_eq(crl_view_read(slice_of(&der), &view), -1);
    bytes_free(&der);
}

Test(crl, a_hundred_thousand_entries_are_all_there)
{
    unsigned char serial[3] = {0};
    struct crl_entry entry = entry_of(serial, sizeof(serial), CRL_KEY_COMPROMISE);
    struct crl_view view;
    struct slice rest;
    struct bytes der;
    size_t count = 0;

    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t value = 0x100000 + i;

        serial[0] = (unsigned char)(value >> 16);
        serial[1] = (unsigned char)(value >> 8 & 0xff);
        serial[2] = (unsigned char)(value & 0xff);
        add(&entry);
    }
    der = sign(1);
    cr_assert_eq(crl_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.count, 100000);
    rest = view.entries;
    while (crl_entry_read(&rest, &entry) == 1) {
        uint32_t value =
            (uint32_t)entry.serial.data[0] << 16 | (uint32_t)entry.serial.data[1] << 8 | entry.serial.data[2];

        cr_assert_eq(value, 0x100000 + count);
        count += 1;
    }
    bytes_free(&der);
}
