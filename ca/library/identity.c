/* SPDX-License-Identifier: Apache-2.0 */
/* An identity: what it is told, how it is issued or read, and what it tells. */
#include "library/identity.h"

#include <stdlib.h>

#include <openssl/x509.h>

#include <mtlskit/identity.h>

#include "library/authority.h"
#include "library/bench.h"
#include "library/context.h"
#include "library/profile.h"
#include "library/request.h"
#include "x509/path.h"
#include "x509/pem.h"
#include "x509/request_rules.h"
#include "x509/verify.h"

#define CERTIFICATE "CERTIFICATE"

struct mtlskit_identity {
    struct handle handle;
    struct wish wish;
    bool there;
    struct key *key;                      /* NULL: elsewhere */
    struct certificate_list certificates; /* its own, then what is above it */
    struct certificate_view view;         /* of its own */
    struct bytes certificate_pem, chain_pem, key_pem, serial;
};

static void forget(struct mtlskit_identity *identity)
{
    identity->there = false;
    key_free(identity->key);
    identity->key = NULL;
    certificate_list_free(&identity->certificates);
    bytes_free(&identity->certificate_pem);
    bytes_free(&identity->chain_pem);
    bytes_free(&identity->key_pem);
    bytes_free(&identity->serial);
}

struct mtlskit_identity *mtlskit_identity_new(struct mtlskit_context *context, const char *name)
{
    struct mtlskit_identity *identity = calloc(1, sizeof(*identity));
    int status;

    if (identity == NULL) {
        return NULL;
    }
    status = handle_start(&identity->handle, context);
    if (wish_start(&identity->wish, &identity->handle, name) != 0 || status != 0) {
        mtlskit_identity_free(identity);
        return NULL;
    }
    return identity;
}

void mtlskit_identity_free(struct mtlskit_identity *identity)
{
    if (identity != NULL) {
        forget(identity);
        wish_end(&identity->wish);
        handle_end(&identity->handle);
        free(identity);
    }
}

const char *mtlskit_identity_error(const struct mtlskit_identity *identity)
{
    return handle_error(identity != NULL ? &identity->handle : NULL);
}

/* ---- told -------------------------------------------------------------------------------------------------------- */

int mtlskit_identity_set_profile_name(struct mtlskit_identity *identity, const char *name)
{
    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    return handle_settle(&identity->handle, wish_set_profile_name(&identity->wish, name));
}

int mtlskit_identity_set_profile(struct mtlskit_identity *identity, const struct mtlskit_profile *profile)
{
    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    return handle_settle(&identity->handle, wish_set_profile(&identity->wish, profile));
}

int mtlskit_identity_set_subject(struct mtlskit_identity *identity, const char *subject)
{
    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    return handle_settle(&identity->handle, wish_set_subject(&identity->wish, subject));
}

int mtlskit_identity_add_name(struct mtlskit_identity *identity, const char *name)
{
    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    return handle_settle(&identity->handle, wish_add_name(&identity->wish, name));
}

int mtlskit_identity_set_key_algorithm(struct mtlskit_identity *identity, const char *algorithm)
{
    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    return handle_settle(&identity->handle, wish_set_key_algorithm(&identity->wish, algorithm));
}

int mtlskit_identity_set_key(struct mtlskit_identity *identity, const void *key, size_t length,
                             const char *passphrase)
{
    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    return handle_settle(&identity->handle, wish_set_key(&identity->wish, key, length, passphrase));
}

int mtlskit_identity_set_validity(struct mtlskit_identity *identity, const char *duration)
{
    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    return handle_settle(&identity->handle, wish_set_validity(&identity->wish, duration));
}

int mtlskit_identity_set_dates(struct mtlskit_identity *identity, int64_t not_before, int64_t not_after)
{
    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    return handle_settle(&identity->handle, wish_set_dates(&identity->wish, not_before, not_after));
}

/* ---- the texts of what is there ------------------------------------------------------------------------------------ */

/* Whether certificate number @p index is a root, which stands in no chain; but for what is its own issuer. */
static bool is_root(const struct mtlskit_identity *identity, size_t index)
{
    struct certificate_view view;

    return index > 0 && certificate_view_read(slice_of(&identity->certificates.items[index]), &view) == 0 &&
           path_is_self_issued(&view);
}

static int complete(struct mtlskit_identity *identity)
{
    const struct certificate_list *all = &identity->certificates;
    int status = pem_write(slice_of(&all->items[0]), CERTIFICATE, &identity->certificate_pem);

    status |=
        bytes_append(&identity->chain_pem, identity->certificate_pem.data, identity->certificate_pem.length);
    for (size_t i = 1; status == 0 && i < all->count; i++) {
        if (!is_root(identity, i)) {
            status = pem_write(slice_of(&all->items[i]), CERTIFICATE, &identity->chain_pem);
        }
    }
    if (status != 0 || certificate_view_read(slice_of(&all->items[0]), &identity->view) != 0 ||
        bytes_append_hex(&identity->serial, serial_magnitude(identity->view.serial), 0) != 0) {
        fault_memory(identity->handle.faults);
        return -1;
    }
    if (identity->key != NULL &&
        key_pkcs8_pem(identity->key, &identity->key_pem, identity->handle.faults) != 0) {
        return -1;
    }
    identity->there = true;
    return 0;
}

/* ---- issuing ----------------------------------------------------------------------------------------------------- */

/* The profile, which makes no authorities. */
static const struct profile *profile_of(struct mtlskit_identity *identity)
{
    const struct profile *profile = identity->wish.profile;

    if (profile == NULL) {
        fault_error(identity->handle.faults, NULL, identity->wish.name, "such as server, client",
                    "no profile was set");
        return NULL;
    }
    if (profile->ca) {
        fault_error(identity->handle.faults, NULL, identity->wish.name, "see mtlskit_authority_make()",
                    "profile \"%s\" makes authorities", profile->name);
        return NULL;
    }
    return profile;
}

/* Have the authority certify what is in @p issuance, and keep its chain. */
static int certify(struct mtlskit_identity *identity, struct mtlskit_authority *authority,
                   struct issuance *issuance)
{
    const struct certificate_view *issuer = authority_view(authority);
    const struct certificate_list *above = authority_above(authority);
    struct certificate_list *all = &identity->certificates;
    struct bytes der = BYTES_EMPTY;
    int status = authority_certify(authority, &identity->wish, issuance, &der);

    if (status == 0) {
        status = certificate_list_add(all, slice_of(&der));
        status = status != 0 ? -1 : certificate_list_add(all, issuer->whole);
        for (size_t i = 0; status == 0 && i < above->count; i++) {
            status = certificate_list_add(all, slice_of(&above->items[i]));
        }
        if (status != 0) {
            fault_memory(identity->handle.faults);
        }
    }
    bytes_free(&der);
    return status == 0 ? complete(identity) : -1;
}

static int make_key(struct mtlskit_identity *identity, const struct profile *profile)
{
    struct wish *wish = &identity->wish;
    struct faults *faults = identity->handle.faults;
    struct bench *bench;

    if (wish->key != NULL) {
        identity->key = key_from_pkey(key_pkey(wish->key), faults);
        return identity->key != NULL ? 0 : -1;
    }
    bench = bench_take(identity->handle.context, faults);
    if (bench != NULL) {
        identity->key = bench_key(bench, wish->name,
                                  wish->algorithm != KEY_NONE ? wish->algorithm : profile->key, faults);
    }
    bench_give(identity->handle.context, bench);
    return identity->key != NULL ? 0 : -1;
}

static int issue(struct mtlskit_identity *identity, struct mtlskit_authority *authority)
{
    const struct wish *wish = &identity->wish;
    struct issuance issuance = {.profile = profile_of(identity), .names = slice_of(&wish->names)};
    struct bytes subject = BYTES_EMPTY;
    struct bytes spki = BYTES_EMPTY;
    int status = -1;

    if (issuance.profile != NULL && wish_check_names(wish, issuance.profile, wish->kinds) == 0 &&
        wish_subject(wish, issuance.profile, &subject) == 0 && make_key(identity, issuance.profile) == 0 &&
        key_spki(identity->key, &spki, identity->handle.faults) == 0) {
        issuance.subject = slice_of(&subject);
        issuance.spki = slice_of(&spki);
        issuance.family = key_family_of(identity->key);
        status = certify(identity, authority, &issuance);
    }
    bytes_free(&subject);
    bytes_free(&spki);
    return status;
}

int mtlskit_identity_issue(struct mtlskit_identity *identity, struct mtlskit_authority *authority)
{
    int status;

    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    forget(identity);
    status = issue(identity, authority);
    if (status != 0) {
        forget(identity);
    }
    return handle_settle(&identity->handle, status);
}

/* Whether the key and the wishes of a request are such as are certified. In a seeded context requests are fixtures, too. */
static int check_request(struct mtlskit_identity *identity, const struct profile *profile,
                         const struct request_view *view)
{
    struct faults *faults = identity->handle.faults;
    struct request_view judged = *view;
    size_t before = faults_errors(faults);

    if (view->ca) {
        fault_error(faults, NULL, identity->wish.name, NULL,
                    "the request asks to be an authority, and profile \"%s\" makes none", profile->name);
    }
    judged.ca = false;
    judged.fixture = view->fixture && !library_is_seeded(identity->handle.context);
    request_rules_check(profile, &judged, false, identity->wish.name, faults);
    return faults_errors(faults) == before ? 0 : -1;
}

/* The names are those of the request where none were told, and so is the subject, as the request encodes it. */
static int issue_for(struct mtlskit_identity *identity, struct mtlskit_authority *authority,
                     const struct mtlskit_request *request)
{
    const struct wish *wish = &identity->wish;
    const struct request_view *view = request_view_of(request);
    struct issuance issuance = {.profile = profile_of(identity)};
    struct bytes subject = BYTES_EMPTY;
    int status = -1;

    if (issuance.profile == NULL || view == NULL) {
        return view == NULL ? handle_missing(&identity->handle, "the request") : -1;
    }
    if (check_request(identity, issuance.profile, view) != 0) {
        return -1;
    }
    issuance.names = wish->name_count > 0 ? slice_of(&wish->names) : view->subject_alternative_names;
    issuance.spki = view->spki;
    issuance.family = key_family_of_spki(view->spki);
    if (wish->has_subject) {
        status = wish_subject(wish, issuance.profile, &subject);
        issuance.subject = slice_of(&subject);
    } else {
        issuance.subject = view->subject;
        status = wish_check_subject(wish, issuance.profile, view->subject);
    }
    if (status == 0 &&
        wish_check_names(wish, issuance.profile,
                         wish->name_count > 0 ? wish->kinds : request_name_kinds(request)) == 0) {
        status = certify(identity, authority, &issuance);
    } else {
        status = -1;
    }
    bytes_free(&subject);
    return status;
}

int mtlskit_identity_issue_for(struct mtlskit_identity *identity, struct mtlskit_authority *authority,
                               const struct mtlskit_request *request)
{
    int status;

    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    forget(identity);
    status = issue_for(identity, authority, request);
    if (status != 0) {
        forget(identity);
    }
    return handle_settle(&identity->handle, status);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static int read(struct mtlskit_identity *identity, struct slice certificates, struct slice key,
                const char *passphrase)
{
    const struct context *context = library_context(identity->handle.context);
    struct faults *faults = identity->handle.faults;

    if (certificates.data == NULL) {
        return handle_missing(&identity->handle, "the certificate");
    }
    if (certificate_list_read(certificates, "certificates", &identity->certificates, faults) != 0) {
        return -1;
    }
    if (key.data != NULL) {
        identity->key = wish_read_key(&identity->handle, key.data, key.length, passphrase);
        if (identity->key == NULL) {
            return -1;
        }
        if (!verify_key_matches(context, slice_of(&identity->certificates.items[0]), identity->key)) {
            fault_error(faults, NULL, identity->wish.name, NULL,
                        "the key is not that of the first certificate");
            return -1;
        }
    }
    return complete(identity);
}

int mtlskit_identity_read(struct mtlskit_identity *identity, const void *certificates,
                          size_t certificates_length, const void *key, size_t key_length,
                          const char *passphrase)
{
    int status;

    if (identity == NULL) {
        return -1;
    }
    handle_begin(&identity->handle);
    forget(identity);
    status = read(identity, (struct slice){certificates, certificates_length},
                  (struct slice){key, key_length}, passphrase);
    if (status != 0) {
        forget(identity);
    }
    return handle_settle(&identity->handle, status);
}

/* ---- tells ------------------------------------------------------------------------------------------------------- */

bool identity_is_there(const struct mtlskit_identity *identity)
{
    return identity != NULL && identity->there;
}

const char *identity_name(const struct mtlskit_identity *identity)
{
    return identity->wish.name;
}

const struct certificate_list *identity_certificates(const struct mtlskit_identity *identity)
{
    return &identity->certificates;
}

const struct key *identity_key(const struct mtlskit_identity *identity)
{
    return identity->key;
}

const char *mtlskit_identity_chain_pem(const struct mtlskit_identity *identity)
{
    return identity_is_there(identity) ? bytes_text(&identity->chain_pem) : NULL;
}

const char *mtlskit_identity_certificate_pem(const struct mtlskit_identity *identity)
{
    return identity_is_there(identity) ? bytes_text(&identity->certificate_pem) : NULL;
}

const unsigned char *mtlskit_identity_certificate_der(const struct mtlskit_identity *identity, size_t *length)
{
    bool there = identity_is_there(identity);

    if (length != NULL) {
        *length = there ? identity->view.whole.length : 0;
    }
    return there ? identity->view.whole.data : NULL;
}

const char *mtlskit_identity_key_pem(const struct mtlskit_identity *identity)
{
    return identity_is_there(identity) && identity->key != NULL ? bytes_text(&identity->key_pem) : NULL;
}

EVP_PKEY *mtlskit_identity_pkey(const struct mtlskit_identity *identity)
{
    return identity_is_there(identity) && identity->key != NULL ? key_pkey(identity->key) : NULL;
}

X509 *mtlskit_identity_x509(const struct mtlskit_identity *identity, size_t index)
{
    const struct bytes *der;
    const unsigned char *at;
    X509 *certificate;

    if (!identity_is_there(identity) || index >= identity->certificates.count || is_root(identity, index)) {
        return NULL;
    }
    der = &identity->certificates.items[index];
    at = der->data;
    certificate = X509_new_ex(context_libctx(library_context(identity->handle.context)), NULL);
    if (certificate != NULL && d2i_X509(&certificate, &at, (long)der->length) == NULL) {
        certificate = NULL;
    }
    return certificate;
}

int64_t mtlskit_identity_not_before(const struct mtlskit_identity *identity)
{
    return identity_is_there(identity) ? identity->view.not_before : 0;
}

int64_t mtlskit_identity_not_after(const struct mtlskit_identity *identity)
{
    return identity_is_there(identity) ? identity->view.not_after : 0;
}

const char *mtlskit_identity_serial(const struct mtlskit_identity *identity)
{
    return identity_is_there(identity) ? bytes_text(&identity->serial) : NULL;
}
