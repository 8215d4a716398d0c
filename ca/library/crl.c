/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate revocation list: entered and signed, or read. */
#include "x509/crl.h"

#include <stdlib.h>
#include <string.h>

#include <mtlskit/crl.h>

#include "base/lookup.h"
#include "base/seed.h"
#include "library/authority.h"
#include "library/context.h"
#include "library/handle.h"
#include "x509/certificate.h"
#include "x509/extension.h"
#include "x509/form.h"
#include "x509/instant.h"
#include "x509/pem.h"

#define CRL_LENGTH_MAX     (256u * 1024 * 1024) /* of a list that is read */
#define SECONDS_TO_BELIEVE INT64_C(604800)

/* One certificate entered. */
struct entered {
    struct bytes serial;
    instant since;
    enum crl_reason reason;
};

struct mtlskit_crl {
    struct handle handle;
    struct entered *entries;
    size_t count, capacity;
    struct lookup serials; /* of the entries, by their octets */
    uint64_t number;
    struct duration validity;
    bool has_validity; /* told */
    bool has_dates;
    instant this_update, next_update; /* where set */
    bool there, foreign;
    struct bytes der, pem;
    struct crl_view view; /* of der */
};

static void forget(struct mtlskit_crl *crl)
{
    crl->there = false;
    bytes_free(&crl->der);
    bytes_free(&crl->pem);
}

struct mtlskit_crl *mtlskit_crl_new(struct mtlskit_context *context)
{
    struct mtlskit_crl *crl = calloc(1, sizeof(*crl));

    if (crl == NULL) {
        return NULL;
    }
    crl->number = 1;
    crl->validity.seconds = SECONDS_TO_BELIEVE;
    if (handle_start(&crl->handle, context) != 0) {
        mtlskit_crl_free(crl);
        return NULL;
    }
    return crl;
}

void mtlskit_crl_free(struct mtlskit_crl *crl)
{
    if (crl == NULL) {
        return;
    }
    forget(crl);
    lookup_free(&crl->serials);
    for (size_t i = 0; i < crl->count; i++) {
        bytes_free(&crl->entries[i].serial);
    }
    free(crl->entries);
    handle_end(&crl->handle);
    free(crl);
}

const char *mtlskit_crl_error(const struct mtlskit_crl *crl)
{
    return handle_error(crl != NULL ? &crl->handle : NULL);
}

/* ---- entering ---------------------------------------------------------------------------------------------------- */

/* The magnitude of a serial in hexadecimal digits, appended; -1 with a fault. */
static int parse_serial(struct handle *handle, const char *text, struct bytes *serial)
{
    struct bytes read = BYTES_EMPTY;
    struct slice magnitude;
    int status = -1;

    if (serial_parse(text, &read) != 0) {
        (void)handle_refuse(handle, "serial", text, "is not a number in hexadecimal digits", NULL);
    } else {
        magnitude = serial_magnitude(slice_of(&read));
        if (magnitude.length == 0 || magnitude.length > SERIAL_MAX) {
            (void)handle_refuse(handle, "serial", text, "is not a number of 1 to 20 octets", NULL);
        } else if (bytes_append(serial, magnitude.data, magnitude.length) != 0) {
            fault_memory(handle->faults);
        } else {
            status = 0;
        }
    }
    bytes_free(&read);
    return status;
}

/* Room for one more entry. */
static int make_room(struct mtlskit_crl *crl)
{
    size_t capacity = crl->capacity > 0 ? crl->capacity * 2 : 16;
    struct entered *grown;

    if (crl->count < crl->capacity) {
        return 0;
    }
    grown = realloc(crl->entries, capacity * sizeof(*grown));
    if (grown == NULL) {
        fault_memory(crl->handle.faults);
        return -1;
    }
    crl->entries = grown;
    crl->capacity = capacity;
    return 0;
}

static int revoke(struct mtlskit_crl *crl, const char *serial, const char *reason, instant since)
{
    struct entered entered = {.since = since, .reason = CRL_UNSPECIFIED};

    if (serial == NULL) {
        return handle_missing(&crl->handle, "the serial");
    }
    if (crl->foreign) {
        fault_error(crl->handle.faults, NULL, NULL, NULL, "a list that was read cannot be entered into");
        return -1;
    }
    if (reason != NULL && crl_reason_parse(reason, &entered.reason) != 0) {
        return handle_refuse(&crl->handle, "reason", reason, "is none", crl_reason_words());
    }
    if (since < INSTANT_MIN || since > INSTANT_MAX) {
        fault_error(crl->handle.faults, NULL, "time", NULL, "the year is not between 0 and 9999");
        return -1;
    }
    if (parse_serial(&crl->handle, serial, &entered.serial) != 0) {
        return -1;
    }
    if (lookup_find(&crl->serials, slice_of(&entered.serial), NULL)) {
        bytes_free(&entered.serial);
        return handle_refuse(&crl->handle, "serial", serial, "is entered already", NULL);
    }
    if (make_room(crl) != 0 || lookup_add(&crl->serials, slice_of(&entered.serial), crl->count) != 0) {
        bytes_free(&entered.serial);
        return -1;
    }
    crl->entries[crl->count++] = entered;
    return 0;
}

int mtlskit_crl_revoke_at(struct mtlskit_crl *crl, const char *serial, const char *reason, int64_t since)
{
    if (crl == NULL) {
        return -1;
    }
    handle_begin(&crl->handle);
    return handle_settle(&crl->handle, revoke(crl, serial, reason, since));
}

int mtlskit_crl_revoke(struct mtlskit_crl *crl, const char *serial, const char *reason)
{
    const struct mtlskit_context *context;

    if (crl == NULL) {
        return -1;
    }
    context = crl->handle.context;
    return mtlskit_crl_revoke_at(crl, serial, reason,
                                 library_is_timeless(context) ? SEED_TIME
                                                              : context_now(library_context(context)));
}

int mtlskit_crl_set_number(struct mtlskit_crl *crl, uint64_t number)
{
    if (crl == NULL) {
        return -1;
    }
    handle_begin(&crl->handle);
    crl->number = number;
    return handle_settle(&crl->handle, 0);
}

int mtlskit_crl_set_validity(struct mtlskit_crl *crl, const char *duration)
{
    const char *why = NULL;
    int status = 0;

    if (crl == NULL) {
        return -1;
    }
    handle_begin(&crl->handle);
    if (duration == NULL) {
        status = handle_missing(&crl->handle, "the validity");
    } else if (duration_parse(duration, false, &crl->validity, &why) != 0) {
        status = handle_refuse(&crl->handle, "validity", duration, why, "such as \"7d\", \"12h\"");
    } else {
        crl->has_validity = true;
        crl->has_dates = false;
    }
    return handle_settle(&crl->handle, status);
}

int mtlskit_crl_set_dates(struct mtlskit_crl *crl, int64_t this_update, int64_t next_update)
{
    int status = 0;

    if (crl == NULL) {
        return -1;
    }
    handle_begin(&crl->handle);
    if (this_update < INSTANT_MIN || next_update > INSTANT_MAX || next_update <= this_update) {
        fault_error(crl->handle.faults, NULL, "dates", NULL,
                    "the next update does not lie behind this one, between the years 0 and 9999");
        status = -1;
    } else {
        crl->has_dates = true;
        crl->this_update = this_update;
        crl->next_update = next_update;
    }
    return handle_settle(&crl->handle, status);
}

/* ---- signing ----------------------------------------------------------------------------------------------------- */

static int complete(struct mtlskit_crl *crl)
{
    if (crl_view_read(slice_of(&crl->der), &crl->view) != 0) {
        fault_error(crl->handle.faults, NULL, "CRL", NULL, "it is not a well-formed revocation list");
        return -1;
    }
    if (pem_write(slice_of(&crl->der), CRL_LABEL, &crl->pem) != 0) {
        fault_memory(crl->handle.faults);
        return -1;
    }
    crl->there = true;
    return 0;
}

/* A writer with all that was entered; NULL with a fault. */
static struct crl_writer *writer_of(const struct mtlskit_crl *crl)
{
    struct faults *faults = crl->handle.faults;
    struct crl_writer *writer = crl_writer_new(faults);

    for (size_t i = 0; writer != NULL && i < crl->count; i++) {
        const struct entered *entered = &crl->entries[i];
        struct crl_entry entry = {
            .serial = slice_of(&entered->serial), .revoked = entered->since, .reason = (int)entered->reason};

        if (crl_writer_add(writer, &entry, faults) != 0) {
            crl_writer_free(writer);
            return NULL;
        }
    }
    return writer;
}

/* What the list says besides its entries. @p identifier: room for what stands in for a missing SKI. */
static int fill_fields(const struct mtlskit_crl *crl, const struct context *context,
                       const struct certificate_view *view, unsigned char identifier[20],
                       struct crl_fields *fields)
{
    fields->issuer = view->subject;
    fields->authority_key_identifier = view->subject_key_identifier;
    if (view->subject_key_identifier.length == 0) {
        if (certificate_key_identifier(context, view->spki, identifier) != 0) {
            fault_openssl(crl->handle.faults, "cannot compute a key identifier");
            return -1;
        }
        fields->authority_key_identifier = (struct slice){identifier, 20};
    }
    fields->number = crl->number;
    if (crl->has_dates) {
        fields->this_update = crl->this_update;
        fields->next_update = crl->next_update;
    } else {
        fields->this_update = context_now(context);
        fields->next_update = library_is_timeless(crl->handle.context) && !crl->has_validity
                                  ? INSTANT_MAX
                                  : instant_add(fields->this_update, &crl->validity);
    }
    return 0;
}

static int sign(struct mtlskit_crl *crl, struct mtlskit_authority *authority)
{
    struct faults *faults = crl->handle.faults;
    struct desk *desk = desk_take(authority, crl->handle.context, faults);
    const struct certificate_view *view = authority_view(authority);
    struct crl_writer *writer = NULL;
    struct crl_fields fields = {0};
    unsigned char identifier[20];
    int status = -1;

    if (desk == NULL) {
        return -1;
    }
    if (crl->foreign) {
        fault_error(faults, NULL, NULL, NULL, "a list that was read is signed already");
    } else if (view->has_key_usage && (view->key_usage & KEY_USAGE_CRL_SIGN) == 0) {
        fault_error(faults, NULL, NULL, NULL, "the authority may not sign CRLs: its keyUsage lacks cRLSign");
    } else if (fill_fields(crl, desk->context, view, identifier, &fields) == 0 &&
               (writer = writer_of(crl)) != NULL) {
        forget(crl);
        status = crl_writer_sign(writer, &fields, issuer_signer(desk->issuer), &crl->der, faults);
    }
    crl_writer_free(writer);
    desk_give(authority, desk);
    return status == 0 ? complete(crl) : -1;
}

int mtlskit_crl_sign(struct mtlskit_crl *crl, struct mtlskit_authority *authority)
{
    int status;

    if (crl == NULL) {
        return -1;
    }
    handle_begin(&crl->handle);
    status = sign(crl, authority);
    if (status != 0 && !crl->foreign) {
        forget(crl);
    }
    return handle_settle(&crl->handle, status);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* The DER of the list in @p content, appended. */
static int read_content(struct mtlskit_crl *crl, struct slice content)
{
    struct faults *faults = crl->handle.faults;
    struct pem_block block;
    size_t line = 1;
    int status = 0;

    if (content.length > CRL_LENGTH_MAX) {
        fault_error(faults, NULL, "CRL", NULL, "it is longer than 256 MiB");
        return -1;
    }
    if (!form_is_pem(content)) {
        return bytes_append(&crl->der, content.data, content.length);
    }
    while (crl->der.length == 0 && (status = pem_read(&content, &line, "CRL", &block, faults)) == 1) {
        if (strcmp(block.label, CRL_LABEL) == 0) {
            bytes_move(&crl->der, &block.der);
        }
        pem_block_free(&block);
    }
    if (status == 0) {
        fault_error(faults, NULL, "CRL", NULL, "there is no block \"%s\" in the PEM", CRL_LABEL);
    }
    return status == 1 ? 0 : -1;
}

int mtlskit_crl_read(struct mtlskit_crl *crl, const void *content, size_t length)
{
    int status;

    if (crl == NULL) {
        return -1;
    }
    handle_begin(&crl->handle);
    forget(crl);
    crl->foreign = true;
    if (content == NULL) {
        status = handle_missing(&crl->handle, "the list");
    } else {
        status = read_content(crl, (struct slice){content, length});
        status = status != 0 ? -1 : complete(crl);
    }
    if (status != 0) {
        forget(crl);
    }
    return handle_settle(&crl->handle, status);
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

static int check(struct mtlskit_crl *crl, const struct mtlskit_authority *authority)
{
    const struct certificate_view *view = authority_view(authority);
    struct faults *faults = crl->handle.faults;
    const char *why = NULL;

    if (!crl->there || view == NULL) {
        return handle_missing(&crl->handle, view == NULL ? "the authority" : "the list");
    }
    if (!slice_equal(crl->view.issuer, view->subject)) {
        fault_error(faults, NULL, "CRL", NULL, "its issuer is somebody else");
        return 1;
    }
    if (crl_verify(library_context(crl->handle.context), &crl->view, view->spki, &why) != 0) {
        fault_error(faults, NULL, "CRL", NULL, "its signature %s", why);
        return 1;
    }
    return 0;
}

int mtlskit_crl_check(struct mtlskit_crl *crl, const struct mtlskit_authority *authority)
{
    if (crl == NULL) {
        return -1;
    }
    handle_begin(&crl->handle);
    return handle_settle(&crl->handle, check(crl, authority));
}

const char *mtlskit_crl_reason(const struct mtlskit_crl *crl, const char *serial)
{
    struct bytes octets = BYTES_EMPTY;
    struct crl_entry entry;
    const char *reason = NULL;

    if (crl != NULL && crl->there && serial != NULL && serial_parse(serial, &octets) == 0 &&
        crl_find(&crl->view, slice_of(&octets), &entry) == 1) {
        reason = crl_reason_text(entry.reason);
        reason = reason != NULL ? reason : crl_reason_text(CRL_UNSPECIFIED);
    }
    bytes_free(&octets);
    return reason;
}

size_t mtlskit_crl_count(const struct mtlskit_crl *crl)
{
    return crl != NULL && crl->there ? crl->view.count : 0;
}

int64_t mtlskit_crl_this_update(const struct mtlskit_crl *crl)
{
    return crl != NULL && crl->there ? crl->view.this_update : 0;
}

int64_t mtlskit_crl_next_update(const struct mtlskit_crl *crl)
{
    return crl != NULL && crl->there && crl->view.has_next_update ? crl->view.next_update : 0;
}

const char *mtlskit_crl_pem(const struct mtlskit_crl *crl)
{
    return crl != NULL && crl->there ? bytes_text(&crl->pem) : NULL;
}

const unsigned char *mtlskit_crl_der(const struct mtlskit_crl *crl, size_t *length)
{
    bool there = crl != NULL && crl->there;

    if (length != NULL) {
        *length = there ? crl->der.length : 0;
    }
    return there ? crl->der.data : NULL;
}
