/* SPDX-License-Identifier: Apache-2.0 */
/* What keys, requests and CRLs say, and which description is for which object. */
#include "command/description.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "command/json.h"
#include "x509/der.h"
#include "x509/instant.h"
#include "x509/key.h"
#include "x509/pbe.h"
#include "x509/pem.h"

static json_t *unreadable(const struct description *description, const char *what)
{
    const struct place place = {description->shown, 0, 0};

    fault_error(description->faults, &place, NULL, NULL, "%s", what);
    return NULL;
}

static json_t *memory_is_out(const struct description *description, json_t *object)
{
    json_decref(object);
    fault_memory(description->faults);
    return NULL;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------- */

/* What an EncryptedPrivateKeyInfo says of its encryption; the traditional form says it in headers of its own. */
static int put_encryption(json_t *object, const struct input_object *input)
{
    struct slice rest = slice_of(&input->bytes);
    struct pem_block block;
    struct der_item info;
    struct der_item identifier;
    const char *why = NULL;
    struct pbe pbe;
    size_t line = 1;
    int status = 0;
    struct faults *unused = faults_new();

    memset(&block, 0, sizeof(block));
    if (unused != NULL && input->label[0] != '\0' && pem_read(&rest, &line, "", &block, unused) == 1) {
        rest = slice_of(&block.der);
    }
    if (!block.has_headers && der_expect(&rest, DER_SEQUENCE, &info) == 0 &&
        der_expect(&info.content, DER_SEQUENCE, &identifier) == 0 &&
        pbe_read(identifier.content, &pbe, &why) == 0) {
        status = json_put(object, "encryption", json_string(pbe.name));
        if (status == 0 && pbe.derivation.iterations > 0) {
            status = json_put(object, "iterations", json_integer(pbe.derivation.iterations));
        }
    }
    pem_block_free(&block);
    faults_free(unused);
    return status;
}

static json_t *private_key(const struct description *description, const struct input_object *input)
{
    bool encrypted = input->kind == INPUT_ENCRYPTED_KEY;
    json_t *object = json_object();
    struct bytes spki = BYTES_EMPTY;
    struct key *key = NULL;
    int status;

    status = json_put(object, "type", json_string("private-key"));
    if (status == 0) {
        status = json_put(object, "encrypted", json_boolean(encrypted));
    }
    if (status == 0 && encrypted) {
        status = put_encryption(object, input);
    }
    if (status != 0) {
        return memory_is_out(description, object);
    }
    if (encrypted && description->passphrase == NULL) {
        return object;
    }
    key = key_read(description->context, slice_of(&input->bytes), description->passphrase, description->shown,
                   description->faults);
    if (key == NULL || key_spki(key, &spki, description->faults) != 0) {
        json_decref(object);
        object = NULL;
    } else if (description_put_public_key(description, object, slice_of(&spki)) != 0) {
        object = memory_is_out(description, object);
    }
    bytes_free(&spki);
    key_free(key);
    return object;
}

static json_t *public_key(const struct description *description, const struct input_object *input)
{
    json_t *object = json_object();

    if (!der_is_well_formed(slice_of(&input->bytes))) {
        json_decref(object);
        return unreadable(description, "the public key is malformed");
    }
    if (json_put(object, "type", json_string("public-key")) != 0 ||
        description_put_public_key(description, object, slice_of(&input->bytes)) != 0) {
        return memory_is_out(description, object);
    }
    return object;
}

/* ---- requests ------------------------------------------------------------------------------------------------------- */

/* The SAN a request asks for: the GeneralNames inside its extension. */
static struct slice requested_names(STACK_OF(X509_EXTENSION) * extensions)
{
    int index = X509v3_get_ext_by_NID(extensions, NID_subject_alt_name, -1);
    X509_EXTENSION *extension = index < 0 ? NULL : X509v3_get_ext(extensions, index);
    const ASN1_OCTET_STRING *value = extension == NULL ? NULL : X509_EXTENSION_get_data(extension);
    struct slice rest = {NULL, 0};
    struct der_item sequence;

    if (value != NULL) {
        rest = (struct slice){ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)};
    }
    return value != NULL && der_expect(&rest, DER_SEQUENCE, &sequence) == 0 ? sequence.content
                                                                            : (struct slice){NULL, 0};
}

/* The long names of the extensions a request asks for. */
static json_t *requested_extensions(STACK_OF(X509_EXTENSION) * extensions)
{
    json_t *list = json_array();

    for (int i = 0; list != NULL && i < X509v3_get_ext_count(extensions); i++) {
        const ASN1_OBJECT *object = X509_EXTENSION_get_object(X509v3_get_ext(extensions, i));
        char name[128] = "";

        if (OBJ_obj2txt(name, sizeof(name), object, 0) < 0 ||
            description_append(list, json_string(name)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* A PKCS#10's parts as they stand: subject and SubjectPublicKeyInfo (RFC 2986 section 4), and the signature's algorithm. */
static int split_request(struct slice der, struct slice *subject, struct slice *spki, struct slice *algorithm)
{
    struct der_item request;
    struct der_item info;
    struct der_item item;
    struct der_item name;
    struct der_item key;

    if (der_expect(&der, DER_SEQUENCE, &request) != 0 ||
        der_expect(&request.content, DER_SEQUENCE, &info) != 0 ||
        der_expect(&info.content, DER_INTEGER, &item) != 0 ||
        der_expect(&info.content, DER_SEQUENCE, &name) != 0 ||
        der_expect(&info.content, DER_SEQUENCE, &key) != 0 ||
        der_expect(&request.content, DER_SEQUENCE, &item) != 0) {
        return -1;
    }
    *subject = name.whole;
    *spki = key.whole;
    *algorithm = item.whole;
    return 0;
}

json_t *description_request(const struct description *description, struct slice der)
{
    STACK_OF(X509_EXTENSION) *extensions = NULL;
    const unsigned char *data = der.data;
    struct slice subject;
    struct slice spki;
    struct slice algorithm;
    X509_REQ *request = X509_REQ_new_ex(context_libctx(description->context), NULL);
    EVP_PKEY *key;
    json_t *object = NULL;
    bool proven;

    ERR_set_mark();
    if (request == NULL || der.length > INT32_MAX ||
        d2i_X509_REQ(&request, &data, (long)der.length) == NULL ||
        split_request(der, &subject, &spki, &algorithm) != 0) {
        (void)unreadable(description, "the certificate request is malformed");
        goto out;
    }
    key = X509_REQ_get0_pubkey(request);
    proven = key != NULL && X509_REQ_verify_ex(request, key, context_libctx(description->context), NULL) == 1;
    extensions = X509_REQ_get_extensions(request);
    object = json_object();
    if (json_put(object, "type", json_string("certificate-request")) != 0 ||
        json_put(object, "subject", description_name(subject)) != 0 ||
        json_put(object, "names", description_names(requested_names(extensions))) != 0 ||
        json_put(object, "requested_extensions", requested_extensions(extensions)) != 0 ||
        json_put(object, "signature_algorithm", description_algorithm(algorithm)) != 0 ||
        json_put(object, "signature_valid", json_boolean(proven)) != 0 ||
        description_put_public_key(description, object, spki) != 0) {
        object = memory_is_out(description, object);
    }
out:
    ERR_pop_to_mark();
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    X509_REQ_free(request);
    return object;
}

/* ---- CRLs ----------------------------------------------------------------------------------------------------------- */

/* CRLReason by value (RFC 5280 section 5.3.1); 7 is not used. */
static const char *const reasons[] = {
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", NULL,
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
#define REASON_COUNT (sizeof(reasons) / sizeof(reasons[0]))

static json_t *time_json(const ASN1_TIME *time)
{
    struct slice content = {ASN1_STRING_get0_data(time), (size_t)ASN1_STRING_length(time)};
    instant value;

    /* an ASN1_TIME's type is its tag */
    if (instant_parse_asn1((unsigned char)ASN1_STRING_type(time), content, &value) != 0) {
        return json_string("(malformed)");
    }
    return json_instant(value);
}

static json_t *integer_json(const ASN1_INTEGER *integer)
{
    return json_hex((struct slice){ASN1_STRING_get0_data(integer), (size_t)ASN1_STRING_length(integer)});
}

static json_t *revocation(const X509_REVOKED *revoked)
{
    ASN1_ENUMERATED *code = X509_REVOKED_get_ext_d2i(revoked, NID_crl_reason, NULL, NULL);
    long reason = code == NULL ? -1 : ASN1_ENUMERATED_get(code);
    json_t *object = json_object();

    if (json_put(object, "serial", integer_json(X509_REVOKED_get0_serialNumber(revoked))) != 0 ||
        json_put(object, "revoked", time_json(X509_REVOKED_get0_revocationDate(revoked))) != 0 ||
        (reason >= 0 && (size_t)reason < REASON_COUNT && reasons[reason] != NULL &&
         json_put(object, "reason", json_string(reasons[reason])) != 0)) {
        json_decref(object);
        object = NULL;
    }
    ASN1_ENUMERATED_free(code);
    return object;
}

static json_t *revocations(X509_CRL *crl)
{
    STACK_OF(X509_REVOKED) *all = X509_CRL_get_REVOKED(crl);
    json_t *list = json_array();

    for (int i = 0; list != NULL && i < sk_X509_REVOKED_num(all) && i < DESCRIPTION_CRL_ENTRIES; i++) {
        if (description_append(list, revocation(sk_X509_REVOKED_value(all, i))) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

/* The issuer's Name as it stands; the first SEQUENCE behind the algorithm. */
static struct slice crl_issuer(struct slice der, struct slice *algorithm)
{
    struct der_item list;
    struct der_item tbs;
    struct der_item item;

    if (der_expect(&der, DER_SEQUENCE, &list) != 0 || der_expect(&list.content, DER_SEQUENCE, &tbs) != 0) {
        return (struct slice){NULL, 0};
    }
    (void)!der_expect(&tbs.content, DER_INTEGER, &item);
    if (der_expect(&tbs.content, DER_SEQUENCE, &item) != 0) {
        return (struct slice){NULL, 0};
    }
    *algorithm = item.whole;
    return der_expect(&tbs.content, DER_SEQUENCE, &item) == 0 ? item.whole : (struct slice){NULL, 0};
}

json_t *description_crl(const struct description *description, struct slice der)
{
    X509_CRL *crl = X509_CRL_new_ex(context_libctx(description->context), NULL);
    const unsigned char *data = der.data;
    struct slice algorithm = {NULL, 0};
    ASN1_INTEGER *number = NULL;
    json_t *object = NULL;
    struct slice issuer;

    ERR_set_mark();
    issuer = crl_issuer(der, &algorithm);
    if (crl == NULL || der.length > INT32_MAX || issuer.length == 0 ||
        d2i_X509_CRL(&crl, &data, (long)der.length) == NULL) {
        (void)unreadable(description, "the certificate revocation list is malformed");
        goto out;
    }
    number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    object = json_object();
    if (json_put(object, "type", json_string("crl")) != 0 ||
        json_put(object, "issuer", description_name(issuer)) != 0 ||
        json_put(object, "version", json_integer(X509_CRL_get_version(crl) + 1)) != 0 ||
        (number != NULL && json_put(object, "number", integer_json(number)) != 0) ||
        json_put(object, "this_update", time_json(X509_CRL_get0_lastUpdate(crl))) != 0 ||
        (X509_CRL_get0_nextUpdate(crl) != NULL &&
         json_put(object, "next_update", time_json(X509_CRL_get0_nextUpdate(crl))) != 0) ||
        json_put(object, "signature_algorithm", description_algorithm(algorithm)) != 0 ||
        json_put(object, "count",
                 json_integer(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)) < 0
                                  ? 0
                                  : sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)))) != 0 ||
        json_put(object, "entries", revocations(crl)) != 0) {
        object = memory_is_out(description, object);
    }
out:
    ERR_pop_to_mark();
    ASN1_INTEGER_free(number);
    X509_CRL_free(crl);
    return object;
}

/* ---- which is which ------------------------------------------------------------------------------------------------- */

json_t *description_of(const struct description *description, const struct input_object *object)
{
    json_t *other;

    switch (object->kind) {
    case INPUT_CERTIFICATE:
        return description_certificate(description, slice_of(&object->bytes));
    case INPUT_REQUEST:
        return description_request(description, slice_of(&object->bytes));
    case INPUT_CRL:
        return description_crl(description, slice_of(&object->bytes));
    case INPUT_PRIVATE_KEY:
    case INPUT_ENCRYPTED_KEY:
        return private_key(description, object);
    case INPUT_PUBLIC_KEY:
        return public_key(description, object);
    case INPUT_P12:
        return description_p12(description, slice_of(&object->bytes));
    case INPUT_OTHER:
        break;
    }
    other = json_object();
    if (json_put(other, "type", json_string("other")) != 0 ||
        json_put(other, "label", description_text(slice_of_text(object->label))) != 0) {
        return memory_is_out(description, other);
    }
    return other;
}
