/* SPDX-License-Identifier: Apache-2.0 */
/* An authority made or read. Whatever fails leaves it as it was: told, and not there. */
#include <stdlib.h>

#include "library/authority_body.h"
#include "library/bench.h"
#include "library/context.h"
#include "x509/name_constraints.h"
#include "x509/pem.h"

#define CERTIFICATE "CERTIFICATE"

/* Take everything away that was filled in. */
static int undo(struct mtlskit_authority *authority)
{
    struct pool_item *desk;

    while ((desk = pool_take(&authority->desks)) != NULL) {
        desk_release(desk);
    }
    for (size_t i = 0; i < authority->fence_count; i++) {
        bytes_free(&authority->fences[i].permitted);
        bytes_free(&authority->fences[i].excluded);
    }
    free(authority->fences);
    authority->fences = NULL;
    authority->fence_count = 0;
    key_free(authority->key);
    authority->key = NULL;
    bytes_free(&authority->certificate);
    certificate_list_free(&authority->above);
    bytes_free(&authority->certificate_pem);
    bytes_free(&authority->chain_pem);
    bytes_free(&authority->key_pem);
    return -1;
}

/* ---- the rest of it, once key, certificate and what is above are there --------------------------------------------- */

static int fill_fences(struct mtlskit_authority *authority)
{
    size_t all = authority->above.count + 1;

    authority->fences = calloc(all, sizeof(*authority->fences));
    if (authority->fences == NULL) {
        fault_memory(authority->handle.faults);
        return -1;
    }
    for (size_t i = 0; i < all; i++) {
        struct fence *fence = &authority->fences[authority->fence_count];
        struct certificate_view view = authority->view;

        if ((i > 0 && certificate_view_read(slice_of(&authority->above.items[i - 1]), &view) != 0) ||
            name_constraints_of(&view, &fence->permitted, &fence->excluded) != 0) {
            fault_error(authority->handle.faults, NULL, authority->wish.name, NULL,
                        "the name constraints of an authority cannot be read");
            return -1;
        }
        authority->fence_count += fence->permitted.length > 0 || fence->excluded.length > 0 ? 1 : 0;
    }
    return 0;
}

static int fill_texts(struct mtlskit_authority *authority)
{
    int status = pem_write(slice_of(&authority->certificate), CERTIFICATE, &authority->certificate_pem);

    status |= bytes_append(&authority->chain_pem, authority->certificate_pem.data,
                           authority->certificate_pem.length);
    for (size_t i = 0; status == 0 && i < authority->above.count; i++) {
        status = pem_write(slice_of(&authority->above.items[i]), CERTIFICATE, &authority->chain_pem);
    }
    if (status != 0) {
        fault_memory(authority->handle.faults);
        return -1;
    }
    return key_pkcs8_pem(authority->key, &authority->key_pem, authority->handle.faults);
}

/* @p context and @p signer (may be NULL) become those of the first desk, which proves that key and certificate can sign. */
static int complete(struct mtlskit_authority *authority, struct context *context, struct signer *signer)
{
    struct desk *desk = desk_new(authority, context, signer, authority->handle.faults);

    if (desk == NULL) {
        return -1;
    }
    pool_give(&authority->desks, &desk->item);
    if (certificate_view_read(slice_of(&authority->certificate), &authority->view) != 0 ||
        fill_fences(authority) != 0 || fill_texts(authority) != 0) {
        return -1;
    }
    authority->there = true;
    return 0;
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static const struct profile *profile_of(struct mtlskit_authority *authority, bool root)
{
    const struct profile *profile = authority->wish.profile;

    if (profile == NULL) {
        profile = library_profile(authority->handle.context, root ? "root-ca" : "intermediate-ca");
    }
    if (!profile->ca) {
        fault_error(authority->handle.faults, NULL, authority->wish.name, "such as root-ca, intermediate-ca",
                    "profile \"%s\" makes no authorities", profile->name);
        return NULL;
    }
    return profile;
}

static int make_key(struct mtlskit_authority *authority, const struct profile *profile, struct bytes *spki)
{
    struct faults *faults = authority->handle.faults;
    const struct wish *wish = &authority->wish;
    struct bench *bench = bench_take(authority->handle.context, faults);

    if (bench != NULL) {
        authority->key = bench_key(bench, wish->name,
                                   wish->algorithm != KEY_NONE ? wish->algorithm : profile->key, faults);
    }
    bench_give(authority->handle.context, bench);
    return authority->key != NULL ? key_spki(authority->key, spki, faults) : -1;
}

/* A root: its dates have no ceiling, and it signs itself. */
static int self_sign(struct mtlskit_authority *authority, struct issuance *issuance)
{
    struct faults *faults = authority->handle.faults;
    const struct wish *wish = &authority->wish;
    struct context *context = library_draw(authority->handle.context);
    struct signer *signer = context != NULL ? signer_from_key(context, authority->key, faults) : NULL;
    struct bench *bench = signer != NULL ? bench_take(authority->handle.context, faults) : NULL;
    struct bytes rest = BYTES_EMPTY;
    struct serial serial;
    int status = -1;

    if (context == NULL) {
        fault_memory(faults);
    }
    if (bench != NULL && wish_dates(wish, issuance->profile, context_now(context), INSTANT_MAX,
                                    &issuance->not_before, &issuance->not_after) == 0) {
        issuance->path_length = wish->path_length;
        issuance->permitted = slice_of(&wish->permitted);
        issuance->excluded = slice_of(&wish->excluded);
        issuance->serial = bench_serial_probe();
        status = library_is_seeded(authority->handle.context)
                     ? issuer_self_sign(context, signer, issuance, &rest, faults)
                     : 0;
    }
    if (status == 0 && (status = bench_serial(bench, wish->name, slice_of(&rest), &serial, faults)) == 0) {
        issuance->serial = serial_slice(&serial);
        status = issuer_self_sign(context, signer, issuance, &authority->certificate, faults);
    }
    bytes_free(&rest);
    bench_give(authority->handle.context, bench);
    if (status != 0) {
        signer_free(signer);
        context_free(context);
        return -1;
    }
    return complete(authority, context, signer);
}

/* Under another one. */
static int be_signed(struct mtlskit_authority *authority, struct mtlskit_authority *issuer,
                     struct issuance *issuance)
{
    if (authority_certify(issuer, &authority->wish, issuance, &authority->certificate) != 0) {
        return -1;
    }
    if (certificate_list_add(&authority->above, slice_of(&issuer->certificate)) != 0) {
        fault_memory(authority->handle.faults);
        return -1;
    }
    for (size_t i = 0; i < issuer->above.count; i++) {
        if (certificate_list_add(&authority->above, slice_of(&issuer->above.items[i])) != 0) {
            fault_memory(authority->handle.faults);
            return -1;
        }
    }
    return complete(authority, library_draw(authority->handle.context), NULL);
}

static int make(struct mtlskit_authority *authority, struct mtlskit_authority *issuer)
{
    struct issuance issuance = {.profile = profile_of(authority, issuer == NULL)};
    struct bytes subject = BYTES_EMPTY;
    struct bytes spki = BYTES_EMPTY;
    int status = -1;

    if (issuance.profile != NULL && wish_subject(&authority->wish, issuance.profile, &subject) == 0 &&
        make_key(authority, issuance.profile, &spki) == 0) {
        issuance.subject = slice_of(&subject);
        issuance.spki = slice_of(&spki);
        issuance.family = key_family_of(authority->key);
        status = issuer != NULL ? be_signed(authority, issuer, &issuance) : self_sign(authority, &issuance);
    }
    bytes_free(&subject);
    bytes_free(&spki);
    return status == 0 ? 0 : undo(authority);
}

static int refuse_again(struct mtlskit_authority *authority)
{
    fault_error(authority->handle.faults, NULL, authority->wish.name, "make a new object for another",
                "the authority is there already");
    return -1;
}

int mtlskit_authority_make(struct mtlskit_authority *authority, struct mtlskit_authority *issuer)
{
    if (authority == NULL) {
        return -1;
    }
    handle_begin(&authority->handle);
    return handle_settle(&authority->handle,
                         authority->there ? refuse_again(authority) : make(authority, issuer));
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Whoever has the key of a fixture, which is everybody, certifies what they like: what is under one vouches for nothing. */
static int refuse_fixtures_above(const struct mtlskit_authority *authority)
{
    struct certificate_view view;

    for (size_t i = 0; i < authority->above.count; i++) {
        if (certificate_view_read(slice_of(&authority->above.items[i]), &view) == 0 && view.fixture) {
            fault_error(authority->handle.faults, NULL, authority->wish.name, NULL,
                        "an authority above it is a fixture, made from a seed: its key is public");
            return -1;
        }
    }
    return 0;
}

/* Certificates: the first is its own, the others stay above it. */
static int take_certificates(struct mtlskit_authority *authority, struct slice content)
{
    struct faults *faults = authority->handle.faults;
    struct certificate_list *above = &authority->above;

    if (certificate_list_read(content, "certificates", above, faults) != 0) {
        return -1;
    }
    bytes_move(&authority->certificate, &above->items[0]);
    above->count--;
    for (size_t i = 0; i < above->count; i++) {
        bytes_move(&above->items[i], &above->items[i + 1]);
    }
    return library_is_seeded(authority->handle.context) ? 0 : refuse_fixtures_above(authority);
}

int mtlskit_authority_read(struct mtlskit_authority *authority, const void *certificates,
                           size_t certificates_length, const void *key, size_t key_length,
                           const char *passphrase)
{
    int status = -1;

    if (authority == NULL) {
        return -1;
    }
    handle_begin(&authority->handle);
    if (authority->there) {
        return handle_settle(&authority->handle, refuse_again(authority));
    }
    if (certificates == NULL) {
        status = handle_missing(&authority->handle, "the certificate");
    } else if (take_certificates(authority, (struct slice){certificates, certificates_length}) == 0 &&
               (authority->key = wish_read_key(&authority->handle, key, key_length, passphrase)) != NULL) {
        /* fixtures and others do not mix: the first desk sees to it */
        status = complete(authority, library_draw(authority->handle.context), NULL);
    }
    return handle_settle(&authority->handle, status == 0 ? 0 : undo(authority));
}
