/* SPDX-License-Identifier: Apache-2.0 */
/* A certification request. */
#include "library/request.h"

#include <stdlib.h>

#include <mtlskit/request.h>

#include "library/bench.h"
#include "library/context.h"
#include "library/texts.h"
#include "library/wish.h"
#include "x509/pem.h"

struct mtlskit_request {
    struct handle handle;
    struct wish wish;
    bool there;
    struct key *key; /* NULL: it was read */
    struct bytes der, pem, key_pem, subject;
    struct request_view view; /* of der */
    struct texts names;
    uint32_t kinds;
};

static void forget(struct mtlskit_request *request)
{
    request->there = false;
    key_free(request->key);
    request->key = NULL;
    bytes_free(&request->der);
    bytes_free(&request->pem);
    bytes_free(&request->key_pem);
    bytes_free(&request->subject);
    texts_free(&request->names);
    request->kinds = 0;
}

struct mtlskit_request *mtlskit_request_new(struct mtlskit_context *context, const char *name)
{
    struct mtlskit_request *request = calloc(1, sizeof(*request));
    int status;

    if (request == NULL) {
        return NULL;
    }
    status = handle_start(&request->handle, context);
    if (wish_start(&request->wish, &request->handle, name) != 0 || status != 0) {
        mtlskit_request_free(request);
        return NULL;
    }
    return request;
}

void mtlskit_request_free(struct mtlskit_request *request)
{
    if (request != NULL) {
        forget(request);
        wish_end(&request->wish);
        handle_end(&request->handle);
        free(request);
    }
}

const char *mtlskit_request_error(const struct mtlskit_request *request)
{
    return handle_error(request != NULL ? &request->handle : NULL);
}

/* ---- told -------------------------------------------------------------------------------------------------------- */

int mtlskit_request_set_subject(struct mtlskit_request *request, const char *subject)
{
    if (request == NULL) {
        return -1;
    }
    handle_begin(&request->handle);
    return handle_settle(&request->handle, wish_set_subject(&request->wish, subject));
}

int mtlskit_request_add_name(struct mtlskit_request *request, const char *name)
{
    if (request == NULL) {
        return -1;
    }
    handle_begin(&request->handle);
    return handle_settle(&request->handle, wish_add_name(&request->wish, name));
}

int mtlskit_request_set_key_algorithm(struct mtlskit_request *request, const char *algorithm)
{
    if (request == NULL) {
        return -1;
    }
    handle_begin(&request->handle);
    return handle_settle(&request->handle, wish_set_key_algorithm(&request->wish, algorithm));
}

int mtlskit_request_set_key(struct mtlskit_request *request, const void *key, size_t length,
                            const char *passphrase)
{
    if (request == NULL) {
        return -1;
    }
    handle_begin(&request->handle);
    return handle_settle(&request->handle, wish_set_key(&request->wish, key, length, passphrase));
}

/* ---- making and reading ------------------------------------------------------------------------------------------ */

/* What is there is shown. */
static int complete(struct mtlskit_request *request)
{
    struct faults *faults = request->handle.faults;

    if (pem_write(slice_of(&request->der), REQUEST_LABEL, &request->pem) != 0 ||
        name_format(request->view.subject, &request->subject) != 0 ||
        texts_add_names(&request->names, request->view.subject_alternative_names, &request->kinds) != 0) {
        fault_error(faults, NULL, request->wish.name, NULL, "the names of the request cannot be shown");
        return -1;
    }
    if (request->key != NULL && key_pkcs8_pem(request->key, &request->key_pem, faults) != 0) {
        return -1;
    }
    request->there = true;
    return 0;
}

static int make_key(struct mtlskit_request *request)
{
    const struct wish *wish = &request->wish;
    struct faults *faults = request->handle.faults;
    struct bench *bench;

    if (wish->key != NULL) {
        request->key = key_from_pkey(key_pkey(wish->key), faults);
        return request->key != NULL ? 0 : -1;
    }
    bench = bench_take(request->handle.context, faults);
    if (bench != NULL) {
        request->key =
            bench_key(bench, wish->name, wish->algorithm != KEY_NONE ? wish->algorithm : KEY_EC_P256, faults);
    }
    bench_give(request->handle.context, bench);
    return request->key != NULL ? 0 : -1;
}

static int make(struct mtlskit_request *request)
{
    struct faults *faults = request->handle.faults;
    struct context *context = library_draw(request->handle.context);
    struct request_fields fields = {.names = slice_of(&request->wish.names)};
    struct bytes subject = BYTES_EMPTY;
    struct signer *signer = NULL;
    int status = -1;

    if (context == NULL || name_encode(&request->wish.subject, &subject) != 0) {
        fault_memory(faults);
    } else if (name_is_empty(slice_of(&subject)) && fields.names.length == 0) {
        fault_error(faults, NULL, request->wish.name, NULL,
                    "a request needs a subject or a subject alternative name");
    } else if (make_key(request) == 0 && (signer = signer_from_key(context, request->key, faults)) != NULL) {
        fields.subject = slice_of(&subject);
        status = request_write(&fields, signer, &request->der, faults);
        if (status == 0 && request_view_read(slice_of(&request->der), &request->view) != 0) {
            fault_error(faults, NULL, request->wish.name, NULL, "the request is not well formed");
            status = -1;
        }
    }
    signer_free(signer);
    context_free(context);
    bytes_free(&subject);
    return status == 0 ? complete(request) : -1;
}

int mtlskit_request_make(struct mtlskit_request *request)
{
    int status;

    if (request == NULL) {
        return -1;
    }
    handle_begin(&request->handle);
    forget(request);
    status = make(request);
    if (status != 0) {
        forget(request);
    }
    return handle_settle(&request->handle, status);
}

static int read(struct mtlskit_request *request, struct slice content)
{
    struct faults *faults = request->handle.faults;
    const char *why = NULL;

    if (content.data == NULL) {
        return handle_missing(&request->handle, "the request");
    }
    if (request_read(content, "request", &request->der, &request->view, faults) != 0 ||
        complete(request) != 0) {
        return -1;
    }
    if (request_verify(library_context(request->handle.context), &request->view, &why) != 0) {
        fault_error(faults, NULL, request->wish.name, NULL, "the request's signature %s", why);
        return -1;
    }
    return 0;
}

int mtlskit_request_read(struct mtlskit_request *request, const void *content, size_t length)
{
    int status;

    if (request == NULL) {
        return -1;
    }
    handle_begin(&request->handle);
    forget(request);
    status = read(request, (struct slice){content, length});
    if (status != 0) {
        forget(request);
    }
    return handle_settle(&request->handle, status);
}

/* ---- tells ------------------------------------------------------------------------------------------------------- */

const struct request_view *request_view_of(const struct mtlskit_request *request)
{
    return request != NULL && request->there ? &request->view : NULL;
}

uint32_t request_name_kinds(const struct mtlskit_request *request)
{
    return request->kinds;
}

const char *mtlskit_request_pem(const struct mtlskit_request *request)
{
    return request_view_of(request) != NULL ? bytes_text(&request->pem) : NULL;
}

const unsigned char *mtlskit_request_der(const struct mtlskit_request *request, size_t *length)
{
    bool there = request_view_of(request) != NULL;

    if (length != NULL) {
        *length = there ? request->der.length : 0;
    }
    return there ? request->der.data : NULL;
}

const char *mtlskit_request_key_pem(const struct mtlskit_request *request)
{
    return request_view_of(request) != NULL && request->key != NULL ? bytes_text(&request->key_pem) : NULL;
}

EVP_PKEY *mtlskit_request_pkey(const struct mtlskit_request *request)
{
    return request_view_of(request) != NULL && request->key != NULL ? key_pkey(request->key) : NULL;
}

const char *mtlskit_request_subject(const struct mtlskit_request *request)
{
    return request_view_of(request) != NULL ? bytes_text(&request->subject) : NULL;
}

size_t mtlskit_request_name_count(const struct mtlskit_request *request)
{
    return request_view_of(request) != NULL ? request->names.count : 0;
}

const char *mtlskit_request_name(const struct mtlskit_request *request, size_t index)
{
    return request_view_of(request) != NULL ? texts_at(&request->names, index) : NULL;
}
