/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification requests:
 *
 *   CertificationRequest     ::= SEQUENCE { CertificationRequestInfo, AlgorithmIdentifier, BIT STRING }    RFC 2986 section 4
 *   CertificationRequestInfo ::= SEQUENCE { version, subject, subjectPKInfo, [0] IMPLICIT SET OF Attribute }
 *   Attribute                ::= SEQUENCE { OID, SET OF value }; extensionRequest holds one Extensions     RFC 2985 section 5.4.2
 */
#include "x509/request.h"

#include <string.h>

#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/form.h"
#include "x509/name.h"
#include "x509/part.h"
#include "x509/pem.h"

/* 1.2.840.113549.1.9.14 and .7 */
static const unsigned char extension_request[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e};
static const unsigned char challenge_password[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x07};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Whether @p type stands in @p extensions once more than where *rest begins. A request holds a few. */
static bool comes_again(struct slice rest, struct slice type)
{
    struct part_extension extension;

    while (part_extension_read(&rest, &extension) == 1) {
        if (slice_equal(extension.type, type)) {
            return true;
        }
    }
    return false;
}

static int take_extension(const struct part_extension *extension, struct request_view *view)
{
    switch (part_extension_number(extension)) {
    case 15:
        view->has_key_usage = true;
        return part_key_usage(extension->value, &view->key_usage);
    case 17:
        return part_sequence(extension->value, &view->subject_alternative_names);
    case 19:
        view->has_basic_constraints = true;
        return part_basic_constraints(extension->value, &view->ca, &view->path_length);
    case 37:
        return part_sequence(extension->value, &view->extended_key_usage);
    default:
        view->fixture |= certificate_is_fixture_mark(extension->type);
        view->other_count += 1;
        return 0;
    }
}

/* Most extensions a request may ask for: each is looked for among those behind it. */
#define EXTENSIONS_MAX 100

static int read_extensions(struct slice values, struct request_view *view)
{
    struct part_extension extension;
    struct slice rest;
    size_t count = 0;
    int status;

    if (view->extensions.data != NULL || part_only(values, DER_SEQUENCE, &view->extensions) != 0) {
        return -1;
    }
    rest = view->extensions;
    while ((status = part_extension_read(&rest, &extension)) == 1) {
        if (++count > EXTENSIONS_MAX || comes_again(rest, extension.type) ||
            take_extension(&extension, view) != 0) {
            return -1;
        }
    }
    return status;
}

static int read_attributes(struct slice rest, struct request_view *view)
{
    struct der_item attribute;
    struct der_item type;
    struct slice values;
    int status;

    view->attributes = rest;
    while ((status = der_read(&rest, &attribute)) == 1) {
        if (attribute.tag != DER_SEQUENCE || !der_is_well_formed(attribute.whole) ||
            der_expect(&attribute.content, DER_OID, &type) != 0 ||
            part_only(attribute.content, DER_SET, &values) != 0) {
            return -1;
        }
        if (slice_equal(type.content, (struct slice){extension_request, sizeof(extension_request)}) &&
            read_extensions(values, view) != 0) {
            return -1;
        }
        view->has_challenge |=
            slice_equal(type.content, (struct slice){challenge_password, sizeof(challenge_password)});
    }
    return status;
}

static int read_info(struct slice rest, struct request_view *view)
{
    struct der_item item;

    if (der_expect(&rest, DER_INTEGER, &item) != 0 || item.content.length != 1 || item.content.data[0] != 0 ||
        part_name(&rest, &view->subject) != 0 || der_expect(&rest, DER_SEQUENCE, &item) != 0 ||
        certificate_public_key(item.whole, &view->public_key) != 0) {
        return -1;
    }
    view->spki = item.whole;
    /* the attributes may be none, but not absent; some leave them out all the same */
    if (rest.length == 0) {
        return 0;
    }
    return der_expect(&rest, DER_CONTEXT_CONSTRUCTED(0), &item) == 0 && rest.length == 0
               ? read_attributes(item.content, view)
               : -1;
}

int request_view_read(struct slice der, struct request_view *view)
{
    struct part_signed parts;

    memset(view, 0, sizeof(*view));
    view->path_length = -1;
    view->whole = der;
    if (der.length > REQUEST_MAX || part_signed_read(der, &parts) != 0) {
        return -1;
    }
    view->tbs = parts.tbs.whole;
    view->signature_algorithm = parts.algorithm;
    view->signature = parts.signature;
    return read_info(parts.tbs.content, view);
}

void request_view_move(struct request_view *view, const unsigned char *copy)
{
    struct slice *const parts[] = {
        &view->whole,
        &view->tbs,
        &view->subject,
        &view->spki,
        &view->public_key,
        &view->signature_algorithm,
        &view->signature,
        &view->attributes,
        &view->extensions,
        &view->subject_alternative_names,
        &view->extended_key_usage,
    };
    const unsigned char *from = view->whole.data;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i]->data != NULL) {
            parts[i]->data = copy + (parts[i]->data - from);
        }
    }
}

int request_verify(const struct context *context, const struct request_view *view, const char **why)
{
    return signature_verify(context, view->signature_algorithm, view->spki, view->tbs, view->signature, why);
}

int request_verify_next(struct signature_verifier *verifier, const struct request_view *view,
                        const char **why)
{
    return signature_verify_next(verifier, view->signature_algorithm, view->spki, view->tbs, view->signature,
                                 why);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static int take(const struct bytes *der, size_t line, const char *shown, struct request_view *view,
                struct faults *faults)
{
    const struct place place = {shown, line, 0};

    if (request_view_read(slice_of(der), view) != 0) {
        fault_error(faults, &place, NULL, "mtls-ca csr and openssl req write such requests",
                    "this is no certification request (PKCS #10) in PEM or DER, or a malformed one");
        return -1;
    }
    return 0;
}

static bool is_request_label(const char *label)
{
    return strcmp(label, REQUEST_LABEL) == 0 || strcmp(label, REQUEST_LABEL_OLDER) == 0;
}

/* All blocks, of which one must be a request. */
static int read_pem(struct slice rest, const char *shown, struct bytes *der, struct request_view *view,
                    struct faults *faults)
{
    const struct place place = {shown, 0, 0};
    struct pem_block block;
    size_t line = 1;
    size_t found = 0;
    int status;

    while ((status = pem_read(&rest, &line, shown, &block, faults)) == 1) {
        int taken = 0;

        if (is_request_label(block.label) && ++found == 1) {
            bytes_move(der, &block.der);
            taken = take(der, block.line, shown, view, faults);
        }
        pem_block_free(&block);
        if (taken != 0) {
            return -1;
        }
    }
    if (status == 0 && found != 1) {
        fault_error(faults, &place, NULL, "one file, one request",
                    found == 0 ? "there is no certification request in it"
                               : "there is more than one certification request in it");
        status = -1;
    }
    return status;
}

static int read_der(struct slice content, const char *shown, struct bytes *der, struct request_view *view,
                    struct faults *faults)
{
    if (bytes_append(der, content.data, content.length) != 0) {
        fault_memory(faults);
        return -1;
    }
    return take(der, 0, shown, view, faults);
}

int request_read(struct slice content, const char *shown, struct bytes *der, struct request_view *view,
                 struct faults *faults)
{
    const struct place place = {shown, 0, 0};
    int status;

    bytes_clear(der);
    if (form_check(content, shown, faults) != 0) {
        return -1;
    }
    if (content.length == 0) {
        fault_error(faults, &place, NULL, NULL, "the file is empty");
        return -1;
    }
    status = form_is_pem(content) ? read_pem(content, shown, der, view, faults)
                                  : read_der(content, shown, der, view, faults);
    if (status != 0) {
        bytes_free(der);
    }
    return status;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void write_attributes(struct der *der, const struct request_fields *fields, bool mark)
{
    der_begin(der, DER_CONTEXT_CONSTRUCTED(0));
    if (fields->names.length != 0 || fields->extensions.length != 0 || mark) {
        der_begin(der, DER_SEQUENCE);
        der_value(der, DER_OID, (struct slice){extension_request, sizeof(extension_request)});
        der_begin(der, DER_SET);
        der_begin(der, DER_SEQUENCE);
        if (fields->names.length != 0) {
            extension_write_subject_alternative_name(der, fields->names, name_is_empty(fields->subject));
        }
        der_raw(der, fields->extensions);
        if (mark) {
            extension_write_fixture_mark(der);
        }
        der_end(der);
        der_end(der);
        der_end(der);
    }
    der_end(der);
}

int request_write(const struct request_fields *fields, struct signer *signer, struct bytes *der,
                  struct faults *faults)
{
    struct bytes tbs = BYTES_EMPTY;
    struct der writer;
    int status = -1;

    if (name_is_empty(fields->subject) && fields->names.length == 0) {
        fault_error(faults, NULL, NULL, "give a subject, or names",
                    "a request without subject and names asks for nothing");
        return -1;
    }
    der_start(&writer, &tbs);
    der_begin(&writer, DER_SEQUENCE);
    der_number(&writer, 0); /* v1 */
    der_raw(&writer, fields->subject);
    der_raw(&writer, signer_spki(signer));
    write_attributes(&writer, fields, signer_is_fixture(signer));
    der_end(&writer);
    if (der_finish(&writer) != 0) {
        fault_memory(faults);
    } else {
        status = signer_assemble(signer, slice_of(&tbs), der, faults);
    }
    bytes_free(&tbs);
    return status;
}
