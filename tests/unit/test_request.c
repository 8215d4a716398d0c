/* SPDX-License-Identifier: Apache-2.0 */
/* x509/request and x509/signature: what OpenSSL asks for is read and proven, what is written here OpenSSL reads. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "foreign.h"
#include "x509/certificate.h"
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/pem.h"
#include "x509/request.h"
#include "x509/signature.h"

static struct context *context;
static struct faults *faults;

static void set_up(void)
{
    context = foreign_context();
    faults = faults_new();
}

static void tear_down(void)
{
    faults_free(faults);
    context_free(context);
}

TestSuite(request, .init = set_up, .fini = tear_down);

/* ---- made by OpenSSL --------------------------------------------------------------------------------------------- */

static EVP_PKEY *make_key(const char *kind)
{
    EVP_PKEY *pkey = strcmp(kind, "RSA") == 0 || strcmp(kind, "RSA-PSS") == 0 ? NULL
                     : strncmp(kind, "P-", 2) == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind)
                                                   : EVP_PKEY_Q_keygen(NULL, NULL, kind);

    if (pkey == NULL) {
        EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);

        cr_assert_eq(EVP_PKEY_keygen_init(maker), 1);
        cr_assert_eq(EVP_PKEY_CTX_set_rsa_keygen_bits(maker, 2048), 1);
        cr_assert_eq(EVP_PKEY_generate(maker, &pkey), 1);
        EVP_PKEY_CTX_free(maker);
    }
    return pkey;
}

static void ask(STACK_OF(X509_EXTENSION) * asked, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    cr_assert_not_null(extension);
    cr_assert_gt(sk_X509_EXTENSION_push(asked, extension), 0);
}

/* A request of CN=device; @p pss: by RSASSA-PSS. */
static struct bytes foreign_request(EVP_PKEY *pkey, const char *digest, bool pss, bool extensions)
{
    STACK_OF(X509_EXTENSION) *asked = sk_X509_EXTENSION_new_null();
    X509_REQ *request = X509_REQ_new();
    X509_NAME *name = X509_NAME_new();
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    EVP_PKEY_CTX *operation = NULL;
    struct bytes result = BYTES_EMPTY;
    unsigned char *der = NULL;
    int length;

    cr_assert_eq(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"device", -1, -1, 0), 1);
    cr_assert_eq(X509_REQ_set_version(request, X509_REQ_VERSION_1), 1);
    cr_assert_eq(X509_REQ_set_subject_name(request, name), 1);
    cr_assert_eq(X509_REQ_set_pubkey(request, pkey), 1);
    cr_assert_eq(X509_REQ_add1_attr_by_NID(request, NID_pkcs9_challengePassword, MBSTRING_UTF8,
                                           (const unsigned char *)"secret", -1),
                 1);
    if (extensions) {
        ask(asked, NID_subject_alt_name, "DNS:device.example.com,IP:192.0.2.1");
        ask(asked, NID_basic_constraints, "critical,CA:TRUE,pathlen:2");
        ask(asked, NID_key_usage, "digitalSignature,cRLSign");
        ask(asked, NID_ext_key_usage, "clientAuth");
        ask(asked, NID_netscape_comment, "hello");
        cr_assert_eq(X509_REQ_add_extensions(request, asked), 1);
    }
    cr_assert_eq(EVP_DigestSignInit_ex(hash, &operation, digest, NULL, NULL, pkey, NULL), 1);
    if (pss) {
        cr_assert_eq(EVP_PKEY_CTX_set_rsa_padding(operation, RSA_PKCS1_PSS_PADDING), 1);
        cr_assert_eq(EVP_PKEY_CTX_set_rsa_pss_saltlen(operation, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    cr_assert_gt(X509_REQ_sign_ctx(request, hash), 0);
    length = i2d_X509_REQ(request, &der);
    cr_assert_gt(length, 0);
    cr_assert_eq(bytes_append(&result, der, (size_t)length), 0);
    OPENSSL_free(der);
    EVP_MD_CTX_free(hash);
    X509_NAME_free(name);
    X509_REQ_free(request);
    sk_X509_EXTENSION_pop_free(asked, X509_EXTENSION_free);
    return result;
}

static struct bytes foreign_request_of(const char *kind, const char *digest, bool pss)
{
    EVP_PKEY *pkey = make_key(kind);
    struct bytes der;

    cr_assert_not_null(pkey, "no key %s", kind);
    der = foreign_request(pkey, digest, pss, true);
    EVP_PKEY_free(pkey);
    return der;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

Test(request, every_kind_of_signature_proves_its_key)
{
    static const struct {
        const char *kind, *digest;
        bool pss;
    } rows[] = {
        {"P-256", "SHA256", false},  {"P-384", "SHA384", false},   {"P-521", "SHA512", false},
        {"P-256", "SHA224", false},  {"P-256", "SHA3-256", false}, {"ED25519", NULL, false},
        {"ED448", NULL, false},      {"RSA", "SHA256", false},     {"RSA", "SHA512", false},
        {"RSA", "SHA3-384", false},  {"RSA", "SHA256", true},      {"RSA", "SHA384", true},
        {"RSA-PSS", "SHA256", true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes der = foreign_request_of(rows[i].kind, rows[i].digest, rows[i].pss);
        struct request_view view;
        const char *why;
        struct bytes subject = BYTES_EMPTY;

        cr_assert_eq(request_view_read(slice_of(&der), &view), 0, "row %zu", i);
        cr_assert_eq(request_verify(context, &view, &why), 0, "row %zu: %s", i, why);
        cr_assert_eq(name_format(view.subject, &subject), 0);
        cr_assert_str_eq(bytes_text(&subject), "CN=device");
        bytes_free(&subject);

        /* one bit of the subject, one of the signature */
        der.data[view.subject.data - der.data + (ptrdiff_t)view.subject.length - 1] ^= 1;
        cr_assert_eq(request_view_read(slice_of(&der), &view), 0);
        cr_assert_eq(request_verify(context, &view, &why), -1, "row %zu", i);
        cr_assert_str_eq(why, "is wrong");
        der.data[view.subject.data - der.data + (ptrdiff_t)view.subject.length - 1] ^= 1;
        der.data[der.length - 3] ^= 1;
        cr_assert_eq(request_verify(context, &view, &why), -1, "row %zu", i);
        bytes_free(&der);
    }
}

/* A verifier keeps a curve and a hash: what it answers must not depend on what it kept. */
Test(request, verified_one_after_the_other_as_each_alone)
{
    static const struct {
        const char *kind, *digest;
    } rows[] = {
        {"P-256", "SHA256"}, {"P-256", "SHA256"}, {"P-256", "SHA384"}, {"P-384", "SHA384"},
        {"P-256", "SHA256"}, {"RSA", "SHA256"},   {"P-256", "SHA1"},   {"P-256", "SHA256"},
        {"ED25519", NULL},   {"P-256", "SHA256"},
    };
    struct signature_verifier *verifier = signature_verifier_new(context);

    cr_assert_not_null(verifier);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes der = foreign_request_of(rows[i].kind, rows[i].digest, false);
        struct request_view view;
        const char *alone = NULL;
        const char *why = NULL;
        size_t point;

        cr_assert_eq(request_view_read(slice_of(&der), &view), 0);
        cr_assert_eq(request_verify_next(verifier, &view, &why), request_verify(context, &view, &alone));
        cr_assert_eq(why, alone, "row %zu: %s, alone %s", i, why, alone);
        cr_assert((why == NULL) == (rows[i].digest == NULL || strcmp(rows[i].digest, "SHA1") != 0));

        /* another key's signature; then a key that is no point of its curve, after which the next is taken all the same */
        point = (size_t)(view.public_key.data - der.data) + view.public_key.length - 1;
        der.data[der.length - 3] ^= 1;
        cr_assert_eq(request_verify_next(verifier, &view, &why), -1, "row %zu", i);
        cr_assert_eq(request_verify(context, &view, &alone), -1);
        cr_assert_eq(why, alone, "row %zu: %s, alone %s", i, why, alone);
        der.data[point] ^= 1;
        cr_assert_eq(request_verify_next(verifier, &view, &why), -1, "row %zu", i);
        cr_assert_eq(request_verify(context, &view, &alone), -1);
        cr_assert_str_eq(why, alone, "row %zu", i);
        cr_assert(rows[i].kind[0] != 'P' || strcmp(why, "cannot be verified: the key is not readable") == 0);
        bytes_free(&der);
    }
    signature_verifier_free(verifier);
    signature_verifier_free(NULL);
}

Test(request, a_signature_is_of_the_key_or_not_or_that_cannot_be_told)
{
    static const struct {
        const char *signer, *digest, *other;
        int verdict;
    } rows[] = {
        {"P-256", "SHA256", "P-256", -1}, {"P-256", "SHA256", "P-384", -1}, {"P-256", "SHA256", "RSA", -1},
        {"ED25519", NULL, "ED25519", -1}, {"P-256", "SHA1", "P-256", 1},    {"RSA", "SHA1", "P-256", 1},
        {"P-256", "SHA256", NULL, 0},
    };
    struct signature_verifier *verifier = signature_verifier_new(context);

    cr_assert_not_null(verifier);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes der = foreign_request_of(rows[i].signer, rows[i].digest, false);
        struct bytes other = foreign_request_of(rows[i].other != NULL ? rows[i].other : "P-256",
                                                rows[i].other != NULL ? NULL : "SHA256", false);
        struct request_view view, by;
        struct key *key;
        const char *why = NULL;

        cr_assert_eq(request_view_read(slice_of(&der), &view), 0);
        cr_assert_eq(request_view_read(slice_of(&other), &by), 0);
        key = key_from_spki(context, rows[i].other != NULL ? by.spki : view.spki, faults);
        cr_assert_not_null(key);
        cr_assert_eq(
            signature_verify_by(verifier, view.signature_algorithm, key, view.tbs, view.signature, &why),
            rows[i].verdict, "row %zu", i);
        cr_assert_eq(why == NULL, rows[i].verdict == 0, "row %zu", i);
        key_free(key);
        bytes_free(&der);
        bytes_free(&other);
    }
    signature_verifier_free(verifier);
}

Test(request, of_ml_dsa_where_openssl_has_it)
{
    for (enum key_algorithm id = KEY_ML_DSA_44; id <= KEY_ML_DSA_87; id++) {
        struct bytes der = BYTES_EMPTY;
        struct request_fields fields = {slice_of_text("0"), {NULL, 0}, {NULL, 0}};
        struct request_view view;
        struct key_maker *maker;
        struct signer *signer;
        struct key *key;
        struct name name = {NULL, 0};
        struct bytes subject = BYTES_EMPTY;
        const char *why;

        maker = key_maker_new(context, id, faults);
        if (!key_algorithm_available(context, id)) {
            cr_assert_null(maker);
            continue;
        }
        key = key_maker_make(maker, faults);
        signer = signer_from_key(context, key, faults);
        cr_assert_eq(name_parse("CN=device", &name, &why), 0);
        cr_assert_eq(name_encode(&name, &subject), 0);
        fields.subject = slice_of(&subject);
        cr_assert_eq(request_write(&fields, signer, &der, faults), 0);
        cr_assert_eq(request_view_read(slice_of(&der), &view), 0);
        cr_assert_eq(request_verify(context, &view, &why), 0, "%s", why);
        signer_free(signer);
        key_free(key);
        key_maker_free(maker);
        name_free(&name);
        bytes_free(&subject);
        bytes_free(&der);
    }
}

Test(request, weak_hashes_are_refused_though_the_signature_is_right)
{
    static const struct {
        const char *kind, *digest;
        bool pss;
    } rows[] = {
        {"P-256", "SHA1", false}, {"RSA", "SHA1", false}, {"RSA", "MD5", false}, {"RSA", "SHA1", true}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes der = foreign_request_of(rows[i].kind, rows[i].digest, rows[i].pss);
        struct request_view view;
        const char *why;

        cr_assert_eq(request_view_read(slice_of(&der), &view), 0);
        cr_assert_eq(request_verify(context, &view, &why), -1);
        cr_assert(strncmp(why, "is made with MD5 or SHA-1", 25) == 0, "%s", why);
        bytes_free(&der);
    }
}

Test(request, an_algorithm_of_another_kind_of_key_is_refused)
{
    struct bytes der = foreign_request_of("P-256", "SHA256", false);
    struct bytes other = foreign_request_of("RSA", "SHA256", false);
    struct request_view view;
    struct request_view rsa;
    const char *why;

    cr_assert_eq(request_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(request_view_read(slice_of(&other), &rsa), 0);
    view.signature_algorithm = rsa.signature_algorithm;
    cr_assert_eq(request_verify(context, &view, &why), -1);
    cr_assert_str_eq(why, "is of another algorithm than the key's");
    bytes_free(&der);
    bytes_free(&other);
}

Test(request, what_is_asked_for_is_read)
{
    struct bytes der = foreign_request_of("P-256", "SHA256", false);
    struct request_view view;
    enum general_name_kind kind;

    cr_assert_eq(request_view_read(slice_of(&der), &view), 0);
    cr_assert(view.has_basic_constraints && view.ca);
    cr_assert_eq(view.path_length, 2);
    cr_assert(view.has_key_usage);
    cr_assert_eq(view.key_usage, KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_CRL_SIGN);
    cr_assert_eq(view.extended_key_usage.length, 10);
    cr_assert_eq(general_name_kind_of((struct slice){view.subject_alternative_names.data, 20}, &kind), 0);
    cr_assert_eq(kind, GENERAL_NAME_DNS);
    cr_assert_eq(view.other_count, 1);
    cr_assert(view.has_challenge);
    cr_assert_not(view.fixture);
    bytes_free(&der);
}

Test(request, one_without_extensions_asks_for_none)
{
    EVP_PKEY *pkey = make_key("P-256");
    struct bytes der = foreign_request(pkey, "SHA256", false, false);
    struct request_view view;

    cr_assert_eq(request_view_read(slice_of(&der), &view), 0);
    cr_assert_eq(view.extensions.length, 0);
    cr_assert_eq(view.path_length, -1);
    cr_assert_not(view.has_basic_constraints || view.has_key_usage);
    EVP_PKEY_free(pkey);
    bytes_free(&der);
}

Test(request, what_is_cut_or_longer_is_malformed)
{
    struct bytes der = foreign_request_of("P-256", "SHA256", false);
    struct request_view view;

    for (size_t length = 0; length < der.length; length++) {
        cr_assert_eq(request_view_read((struct slice){der.data, length}, &view), -1, "%zu octets", length);
    }
    cr_assert_eq(bytes_append_byte(&der, 0), 0);
    cr_assert_eq(request_view_read(slice_of(&der), &view), -1);
    bytes_free(&der);
}

/* Twice the same extension, and twice the attribute: which of them counts would be anybody's guess. */
Test(request, what_is_asked_for_twice_is_refused)
{
    static const char unstructured_name[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02";
    EVP_PKEY *pkey = make_key("P-256");

    for (int attributes = 0; attributes <= 1; attributes++) {
        STACK_OF(X509_EXTENSION) *asked = sk_X509_EXTENSION_new_null();
        X509_REQ *request = X509_REQ_new();
        struct request_view view;
        unsigned char *der = NULL;
        int length;

        ask(asked, NID_subject_alt_name, "DNS:a.example.com");
        if (attributes == 0) {
            ask(asked, NID_subject_alt_name, "DNS:b.example.com");
        }
        cr_assert_eq(X509_REQ_set_pubkey(request, pkey), 1);
        cr_assert_eq(X509_REQ_add_extensions(request, asked), 1);
        if (attributes == 1) {
            unsigned char *again = NULL;
            int size = i2d_X509_EXTENSIONS(asked, &again);

            /* OpenSSL does not take one attribute twice: put it under another's type, and change that afterwards */
            cr_assert_eq(
                X509_REQ_add1_attr_by_NID(request, NID_pkcs9_unstructuredName, V_ASN1_SEQUENCE, again, size),
                1);
            OPENSSL_free(again);
        }
        cr_assert_gt(X509_REQ_sign(request, pkey, EVP_sha256()), 0);
        length = i2d_X509_REQ(request, &der);
        if (attributes == 1) {
            unsigned char *type =
                memmem(der, (size_t)length, unstructured_name, sizeof(unstructured_name) - 1);

            cr_assert_eq(request_view_read((struct slice){der, (size_t)length}, &view), 0);
            cr_assert_not_null(type);
            type[sizeof(unstructured_name) - 2] = 0x0e; /* extensionRequest */
        }
        cr_assert_eq(request_view_read((struct slice){der, (size_t)length}, &view), -1, "%d", attributes);
        OPENSSL_free(der);
        X509_REQ_free(request);
        sk_X509_EXTENSION_pop_free(asked, X509_EXTENSION_free);
    }
    EVP_PKEY_free(pkey);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static int read_text(struct slice content, struct bytes *der)
{
    struct request_view view;
    int status = request_read(content, "device.csr", der, &view, faults);

    cr_assert(status != 0 || (view.whole.data == der->data && view.whole.length == der->length));
    return status;
}

Test(request, is_read_from_der_and_from_pem_of_both_labels)
{
    struct bytes der = foreign_request_of("P-256", "SHA256", false);
    static const char *const labels[] = {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"};
    struct bytes read = BYTES_EMPTY;

    cr_assert_eq(read_text(slice_of(&der), &read), 0);
    cr_assert(slice_equal(slice_of(&der), slice_of(&read)));
    for (size_t i = 0; i < 2; i++) {
        struct bytes pem = BYTES_EMPTY;

        bytes_clear(&read);
        cr_assert_eq(bytes_append_text(&pem, "Certificate Request:\n    Data:\n"), 0);
        cr_assert_eq(pem_write(slice_of(&der), labels[i], &pem), 0);
        cr_assert_eq(read_text(slice_of(&pem), &read), 0, "%s", faults_text(faults, 0));
        cr_assert(slice_equal(slice_of(&der), slice_of(&read)));
        bytes_free(&pem);
    }
    bytes_free(&read);
    bytes_free(&der);
}

Test(request, a_view_goes_with_its_der)
{
    struct bytes full = foreign_request_of("P-256", "SHA256", false);
    EVP_PKEY *pkey = make_key("P-256");
    struct bytes plain = foreign_request(pkey, "SHA256", false, false);
    const struct bytes *const rows[] = {&full, &plain};

    for (size_t i = 0; i < 2; i++) {
        unsigned char *copy = malloc(rows[i]->length);
        struct request_view moved;
        struct request_view read;

        memcpy(copy, rows[i]->data, rows[i]->length);
        memset(&moved, 0, sizeof(moved));
        memset(&read, 0, sizeof(read));
        cr_assert_eq(request_view_read(slice_of(rows[i]), &moved), 0);
        cr_assert_eq(request_view_read((struct slice){copy, rows[i]->length}, &read), 0);
        request_view_move(&moved, copy);
        cr_assert_arr_eq((const unsigned char *)&moved, (const unsigned char *)&read, sizeof(read),
                         "of row %zu", i);
        free(copy);
    }
    bytes_free(&full);
    bytes_free(&plain);
    EVP_PKEY_free(pkey);
}

Test(request, a_file_without_one_request_is_refused)
{
    struct bytes der = foreign_request_of("P-256", "SHA256", false);
    struct bytes pem = BYTES_EMPTY;
    struct bytes read = BYTES_EMPTY;

    cr_assert_eq(pem_write(slice_of(&der), "CERTIFICATE REQUEST", &pem), 0);
    cr_assert_eq(pem_write(slice_of(&der), "CERTIFICATE REQUEST", &pem), 0);
    cr_assert_eq(read_text(slice_of(&pem), &read), -1);
    bytes_clear(&pem);
    cr_assert_eq(pem_write(slice_of(&der), "CERTIFICATE", &pem), 0);
    cr_assert_eq(read_text(slice_of(&pem), &read), -1);
    cr_assert_eq(read_text(slice_of_text(""), &read), -1);
    cr_assert_eq(read_text(slice_of_text("hello"), &read), -1);
    cr_assert_eq(read.length, 0);
    cr_assert_eq(faults_errors(faults), 4);
    cr_assert_str_eq(
        faults_text(faults, 0),
        "device.csr: there is more than one certification request in it (one file, one request)");
    cr_assert_str_eq(faults_text(faults, 1),
                     "device.csr: there is no certification request in it (one file, one request)");
    bytes_free(&pem);
    bytes_free(&der);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

Test(request, what_is_written_is_what_openssl_reads)
{
    struct key_maker *maker = key_maker_new(context, KEY_EC_P256, faults);
    struct key *key = key_maker_make(maker, faults);
    struct signer *signer = signer_from_key(context, key, faults);
    struct bytes names = BYTES_EMPTY;
    struct bytes extensions = BYTES_EMPTY;
    struct bytes subject = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    struct name name = {NULL, 0};
    struct der writer;
    const unsigned char *at;
    const char *why;
    STACK_OF(X509_EXTENSION) * asked;
    GENERAL_NAMES *read;
    X509_REQ *request;
    char text[64];

    cr_assert_eq(name_parse("CN=ca,O=Example", &name, &why), 0);
    cr_assert_eq(name_encode(&name, &subject), 0);
    cr_assert_eq(general_name_parse("dns:ca.example.com", NULL, &names, &why), 0);
    der_start(&writer, &extensions);
    extension_write_basic_constraints(&writer, true, 0);
    cr_assert_eq(der_finish(&writer), 0);
    cr_assert_eq(
        request_write(&(struct request_fields){slice_of(&subject), slice_of(&names), slice_of(&extensions)},
                      signer, &der, faults),
        0);
    at = der.data;
    request = d2i_X509_REQ(NULL, &at, (long)der.length);
    cr_assert_not_null(request);
    cr_assert_eq(at, der.data + der.length);
    cr_assert_eq(X509_REQ_verify(request, key_pkey(key)), 1);
    X509_NAME_oneline(X509_REQ_get_subject_name(request), text, sizeof(text));
    cr_assert_str_eq(text, "/O=Example/CN=ca");
    asked = X509_REQ_get_extensions(request);
    cr_assert_eq(sk_X509_EXTENSION_num(asked), 2);
    read = X509V3_get_d2i(asked, NID_subject_alt_name, NULL, NULL);
    cr_assert_eq(sk_GENERAL_NAME_num(read), 1);
    GENERAL_NAMES_free(read);
    sk_X509_EXTENSION_pop_free(asked, X509_EXTENSION_free);
    X509_REQ_free(request);
    bytes_free(&der);
    bytes_free(&extensions);
    bytes_free(&names);
    bytes_free(&subject);
    name_free(&name);
    signer_free(signer);
    key_free(key);
    key_maker_free(maker);
}

Test(request, without_subject_and_names_nothing_is_signed)
{
    struct key_maker *maker = key_maker_new(context, KEY_ED25519, faults);
    struct key *key = key_maker_make(maker, faults);
    struct signer *signer = signer_from_key(context, key, faults);
    struct bytes der = BYTES_EMPTY;
    const struct request_fields fields = {{(const unsigned char *)"\x30\x00", 2}, {NULL, 0}, {NULL, 0}};

    cr_assert_eq(request_write(&fields, signer, &der, faults), -1);
    cr_assert_eq(der.length, 0);
    signer_free(signer);
    key_free(key);
    key_maker_free(maker);
}
