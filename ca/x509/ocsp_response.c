/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OCSP responses:
 *
 *   OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, [0] SEQUENCE { id-pkix-ocsp-basic, OCTET STRING } }
 *   BasicOCSPResponse ::= SEQUENCE { tbsResponseData, AlgorithmIdentifier, BIT STRING, [0] SEQUENCE OF Certificate OPTIONAL }
 *   ResponseData ::= SEQUENCE { responderID, producedAt, SEQUENCE OF SingleResponse, [1] Extensions OPTIONAL }
 *
 * the second within the octet string of the first. All times are GeneralizedTime, whatever the year.
 */
#include "x509/ocsp_response.h"

#include <openssl/evp.h>

#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/instant.h"

#define HASH_LENGTH 20

/* What a certificate's issuer is known by in a CertID (section 4.1.1). */
struct issuer_hashes {
    unsigned char name[HASH_LENGTH], key[HASH_LENGTH];
};

static int hash_issuer(const struct context *context, const struct ocsp_answer *answer,
                       struct issuer_hashes *hashes)
{
    size_t length = 0;

    if (EVP_Q_digest(context_libctx(context), "SHA1", NULL, answer->issuer.data, answer->issuer.length,
                     hashes->name, &length) != 1 ||
        length != HASH_LENGTH) {
        return -1;
    }
    return certificate_key_identifier(context, answer->issuer_spki, hashes->key);
}

static void write_certificate_id(struct der *der, const struct ocsp_answer *answer,
                                 const struct issuer_hashes *hashes)
{
    static const struct oid sha1 = {{0x2b, 0x0e, 0x03, 0x02, 0x1a}, 5};

    der_begin(der, DER_SEQUENCE);
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, oid_slice(&sha1));
    der_null(der);
    der_end(der);
    der_value(der, DER_OCTET_STRING, (struct slice){hashes->name, HASH_LENGTH});
    der_value(der, DER_OCTET_STRING, (struct slice){hashes->key, HASH_LENGTH});
    der_unsigned(der, answer->serial);
    der_end(der);
}

static void write_status(struct der *der, const struct ocsp_answer *answer)
{
    const unsigned char code = (unsigned char)answer->reason;

    switch (answer->status) {
    case OCSP_GOOD:
        der_value(der, DER_CONTEXT(0), (struct slice){NULL, 0});
        break;
    case OCSP_REVOKED:
        der_begin(der, DER_CONTEXT_CONSTRUCTED(1));
        der_generalized_time(der, answer->revoked);
        if (answer->reason != CRL_UNSPECIFIED) {
            der_begin(der, DER_CONTEXT_CONSTRUCTED(0));
            der_value(der, DER_ENUMERATED, (struct slice){&code, 1});
            der_end(der);
        }
        der_end(der);
        break;
    case OCSP_UNKNOWN:
        der_value(der, DER_CONTEXT(2), (struct slice){NULL, 0});
        break;
    }
}

static void write_answer(struct der *der, const struct ocsp_answer *answer,
                         const struct issuer_hashes *hashes)
{
    der_begin(der, DER_SEQUENCE);
    write_certificate_id(der, answer, hashes);
    write_status(der, answer);
    der_generalized_time(der, answer->this_update);
    if (answer->has_next_update) {
        der_begin(der, DER_CONTEXT_CONSTRUCTED(0));
        der_generalized_time(der, answer->next_update);
        der_end(der);
    }
    der_end(der);
}

static bool can_be_written(instant value)
{
    return value >= INSTANT_MIN && value <= INSTANT_MAX;
}

static int check(const struct ocsp_answer *answer, struct faults *faults)
{
    bool revoked = answer->status == OCSP_REVOKED;

    if (answer->serial.length == 0 || answer->serial.length > SERIAL_MAX) {
        fault_error(faults, NULL, NULL, NULL,
                    "a serial number of %zu octets cannot be answered for: 1 to %d are allowed",
                    answer->serial.length, SERIAL_MAX);
        return -1;
    }
    if (answer->status > OCSP_UNKNOWN || (revoked && crl_reason_text(answer->reason) == NULL) ||
        (revoked && !can_be_written(answer->revoked)) || !can_be_written(answer->this_update) ||
        (answer->has_next_update && !can_be_written(answer->next_update))) {
        fault_error(faults, NULL, NULL, NULL,
                    "a status, date or reason is none that an OCSP response can hold");
        return -1;
    }
    if (answer->has_next_update && answer->next_update <= answer->this_update) {
        fault_error(faults, NULL, NULL, NULL, "an OCSP answer needs a next update after its own date");
        return -1;
    }
    return 0;
}

/* Append the answers' DERs to @p list. */
static int write_answers(const struct context *context, const struct ocsp_answer *answers, size_t count,
                         struct bytes *list, struct faults *faults)
{
    for (size_t i = 0; i < count; i++) {
        struct issuer_hashes hashes;
        struct der der;

        if (check(&answers[i], faults) != 0) {
            return -1;
        }
        if (hash_issuer(context, &answers[i], &hashes) != 0) {
            fault_openssl(faults, "cannot hash the name and key of an issuer");
            return -1;
        }
        der_start(&der, list);
        write_answer(&der, &answers[i], &hashes);
        if (der_finish(&der) != 0) {
            fault_memory(faults);
            return -1;
        }
    }
    return 0;
}

/* The mark, as the one extension of the response as a whole. */
static void write_mark(struct der *der)
{
    static const unsigned char null[] = {DER_NULL, 0};

    der_begin(der, DER_CONTEXT_CONSTRUCTED(1));
    der_begin(der, DER_SEQUENCE);
    extension_write(der, certificate_fixture_mark(), false, (struct slice){null, sizeof(null)});
    der_end(der);
    der_end(der);
}

static int write_data(const struct ocsp_fields *fields, const unsigned char key_hash[HASH_LENGTH],
                      const struct bytes *answers, bool fixture, struct bytes *data)
{
    struct der der;

    der_start(&der, data);
    der_begin(&der, DER_SEQUENCE);
    if (fields->responder.length != 0) {
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(1));
        der_raw(&der, fields->responder);
    } else {
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(2));
        der_value(&der, DER_OCTET_STRING, (struct slice){key_hash, HASH_LENGTH});
    }
    der_end(&der);
    der_generalized_time(&der, fields->produced);
    der_begin(&der, DER_SEQUENCE);
    der_raw(&der, slice_of(answers));
    der_end(&der);
    if (fixture) {
        write_mark(&der);
    }
    der_end(&der);
    return der_finish(&der);
}

static int write_response(const struct ocsp_fields *fields, struct slice data, struct slice algorithm,
                          struct slice signature, struct bytes *response)
{
    static const struct oid basic = {{0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01}, 9};
    static const unsigned char successful = 0;
    struct der der;

    der_start(&der, response);
    der_begin(&der, DER_SEQUENCE);
    der_value(&der, DER_ENUMERATED, (struct slice){&successful, 1});
    der_begin(&der, DER_CONTEXT_CONSTRUCTED(0));
    der_begin(&der, DER_SEQUENCE);
    der_value(&der, DER_OID, oid_slice(&basic));
    der_begin(&der, DER_OCTET_STRING);
    der_begin(&der, DER_SEQUENCE);
    der_raw(&der, data);
    der_raw(&der, algorithm);
    der_begin_bits(&der);
    der_raw(&der, signature);
    der_end(&der);
    if (fields->certificates.length != 0) {
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(0));
        der_begin(&der, DER_SEQUENCE);
        der_raw(&der, fields->certificates);
        der_end(&der);
        der_end(&der);
    }
    der_end(&der);
    der_end(&der);
    der_end(&der);
    der_end(&der);
    der_end(&der);
    return der_finish(&der);
}

int ocsp_response_sign(const struct context *context, const struct ocsp_fields *fields,
                       const struct ocsp_answer *answers, size_t count, struct signer *signer,
                       struct bytes *der, struct faults *faults)
{
    struct bytes list = BYTES_EMPTY;
    struct bytes data = BYTES_EMPTY;
    struct bytes signature = BYTES_EMPTY;
    unsigned char key_hash[HASH_LENGTH];
    int status = -1;

    if (count == 0 || !can_be_written(fields->produced)) {
        fault_error(faults, NULL, NULL, NULL, "an OCSP response needs an answer, and a date it can hold");
        goto out;
    }
    if (write_answers(context, answers, count, &list, faults) != 0) {
        goto out;
    }
    if (certificate_key_identifier(context, signer_spki(signer), key_hash) != 0) {
        fault_openssl(faults, "cannot hash the key of a responder");
        goto out;
    }
    if (write_data(fields, key_hash, &list, context_is_fixture(context), &data) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (signer_sign(signer, slice_of(&data), &signature, faults) != 0) {
        goto out;
    }
    if (write_response(fields, slice_of(&data), signer_algorithm(signer), slice_of(&signature), der) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = 0;
out:
    bytes_free(&signature);
    bytes_free(&data);
    bytes_free(&list);
    return status;
}
