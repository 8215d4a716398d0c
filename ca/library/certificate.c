/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate read back. All that it says is put into words when it is read, so that asking changes nothing. */
#include <stdlib.h>

#include <mtlskit/certificate.h>

#include "base/digest.h"
#include "library/context.h"
#include "library/handle.h"
#include "library/texts.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/key.h"
#include "x509/name.h"
#include "x509/pem.h"

struct mtlskit_certificate {
    struct handle handle;
    struct bytes der;
    struct certificate_view view; /* of der, once it was read */
    bool there;
    struct bytes subject, issuer, serial, key_usages, extended_key_usages, pin, fingerprint, pem;
    struct texts names;
    const char *key_algorithm;
};

static void forget(struct mtlskit_certificate *certificate)
{
    certificate->there = false;
    bytes_free(&certificate->der);
    bytes_free(&certificate->subject);
    bytes_free(&certificate->issuer);
    bytes_free(&certificate->serial);
    bytes_free(&certificate->key_usages);
    bytes_free(&certificate->extended_key_usages);
    bytes_free(&certificate->pin);
    bytes_free(&certificate->fingerprint);
    bytes_free(&certificate->pem);
    texts_free(&certificate->names);
}

struct mtlskit_certificate *mtlskit_certificate_new(struct mtlskit_context *context)
{
    struct mtlskit_certificate *certificate = calloc(1, sizeof(*certificate));

    if (certificate != NULL && handle_start(&certificate->handle, context) != 0) {
        mtlskit_certificate_free(certificate);
        return NULL;
    }
    return certificate;
}

void mtlskit_certificate_free(struct mtlskit_certificate *certificate)
{
    if (certificate != NULL) {
        forget(certificate);
        handle_end(&certificate->handle);
        free(certificate);
    }
}

const char *mtlskit_certificate_error(const struct mtlskit_certificate *certificate)
{
    return handle_error(certificate != NULL ? &certificate->handle : NULL);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static int put_key_usages(struct mtlskit_certificate *certificate)
{
    struct bytes *text = &certificate->key_usages;

    for (unsigned bit = 0; extension_key_usage_name(bit) != NULL; bit++) {
        if ((certificate->view.key_usage & (1u << bit)) != 0 &&
            bytes_printf(text, "%s%s", text->length > 0 ? "," : "", extension_key_usage_name(bit)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_extended_key_usages(struct mtlskit_certificate *certificate)
{
    struct bytes *text = &certificate->extended_key_usages;
    struct slice rest = certificate->view.extended_key_usage;
    struct der_item usage;

    while (der_read(&rest, &usage) == 1) {
        const char *name = oid_extended_key_usage_name(usage.content);

        if (text->length > 0 && bytes_append_byte(text, ',') != 0) {
            return -1;
        }
        if ((name != NULL ? bytes_append_text(text, name) : oid_format(usage.content, text)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int put_hashes(struct mtlskit_certificate *certificate)
{
    const struct context *context = library_context(certificate->handle.context);
    struct digest digest;
    struct slice octets = {digest.octets, DIGEST_LENGTH};

    if (digest_of(context, certificate->view.spki, &digest) != 0 ||
        bytes_append_base64(&certificate->pin, octets, 0) != 0 ||
        digest_of(context, certificate->view.whole, &digest) != 0) {
        return -1;
    }
    return bytes_append_hex(&certificate->fingerprint, octets, 0);
}

/* A key that OpenSSL does not read is of no kind that has a name. */
static void put_key_algorithm(struct mtlskit_certificate *certificate)
{
    struct faults *unheard = faults_new();
    struct key *key = unheard != NULL ? key_from_spki(library_context(certificate->handle.context),
                                                      certificate->view.spki, unheard)
                                      : NULL;

    certificate->key_algorithm = key_algorithm_text(key != NULL ? key_algorithm_of(key) : KEY_FOREIGN);
    key_free(key);
    faults_free(unheard);
}

static int complete(struct mtlskit_certificate *certificate)
{
    const struct certificate_view *view = &certificate->view;

    if (certificate_view_read(slice_of(&certificate->der), &certificate->view) != 0 ||
        name_format(view->subject, &certificate->subject) != 0 ||
        name_format(view->issuer, &certificate->issuer) != 0) {
        fault_error(certificate->handle.faults, NULL, "certificate", NULL, "its names cannot be shown");
        return -1;
    }
    if (bytes_append_hex(&certificate->serial, serial_magnitude(view->serial), 0) != 0 ||
        texts_add_names(&certificate->names, view->subject_alternative_names, NULL) != 0 ||
        put_key_usages(certificate) != 0 || put_extended_key_usages(certificate) != 0 ||
        put_hashes(certificate) != 0 || pem_write(view->whole, "CERTIFICATE", &certificate->pem) != 0) {
        fault_memory(certificate->handle.faults);
        return -1;
    }
    put_key_algorithm(certificate);
    certificate->there = true;
    return 0;
}

static int read(struct mtlskit_certificate *certificate, struct slice content)
{
    struct certificate_list list = {0};

    if (content.data == NULL) {
        return handle_missing(&certificate->handle, "the certificate");
    }
    if (certificate_list_read(content, "certificate", &list, certificate->handle.faults) != 0) {
        return -1;
    }
    bytes_move(&certificate->der, &list.items[0]);
    certificate_list_free(&list);
    return complete(certificate);
}

int mtlskit_certificate_read(struct mtlskit_certificate *certificate, const void *content, size_t length)
{
    int status;

    if (certificate == NULL) {
        return -1;
    }
    handle_begin(&certificate->handle);
    forget(certificate);
    status = read(certificate, (struct slice){content, length});
    if (status != 0) {
        forget(certificate);
    }
    return handle_settle(&certificate->handle, status);
}

/* ---- tells ------------------------------------------------------------------------------------------------------- */

static bool is_there(const struct mtlskit_certificate *certificate)
{
    return certificate != NULL && certificate->there;
}

const char *mtlskit_certificate_subject(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? bytes_text(&certificate->subject) : NULL;
}

const char *mtlskit_certificate_issuer(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? bytes_text(&certificate->issuer) : NULL;
}

const char *mtlskit_certificate_serial(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? bytes_text(&certificate->serial) : NULL;
}

int64_t mtlskit_certificate_not_before(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? certificate->view.not_before : 0;
}

int64_t mtlskit_certificate_not_after(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? certificate->view.not_after : 0;
}

size_t mtlskit_certificate_name_count(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? certificate->names.count : 0;
}

const char *mtlskit_certificate_name(const struct mtlskit_certificate *certificate, size_t index)
{
    return is_there(certificate) ? texts_at(&certificate->names, index) : NULL;
}

const char *mtlskit_certificate_key_usages(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? bytes_text(&certificate->key_usages) : NULL;
}

const char *mtlskit_certificate_extended_key_usages(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? bytes_text(&certificate->extended_key_usages) : NULL;
}

bool mtlskit_certificate_is_authority(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) && certificate->view.ca;
}

int mtlskit_certificate_path_length(const struct mtlskit_certificate *certificate)
{
    return mtlskit_certificate_is_authority(certificate) ? certificate->view.path_length : -1;
}

bool mtlskit_certificate_is_fixture(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) && certificate->view.fixture;
}

const char *mtlskit_certificate_key_algorithm(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? certificate->key_algorithm : NULL;
}

const char *mtlskit_certificate_pin(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? bytes_text(&certificate->pin) : NULL;
}

const char *mtlskit_certificate_fingerprint(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? bytes_text(&certificate->fingerprint) : NULL;
}

const char *mtlskit_certificate_pem(const struct mtlskit_certificate *certificate)
{
    return is_there(certificate) ? bytes_text(&certificate->pem) : NULL;
}

const unsigned char *mtlskit_certificate_der(const struct mtlskit_certificate *certificate, size_t *length)
{
    if (length != NULL) {
        *length = is_there(certificate) ? certificate->der.length : 0;
    }
    return is_there(certificate) ? certificate->der.data : NULL;
}
