/* SPDX-License-Identifier: Apache-2.0 */
/* An authority: what it is told, and what it tells. */
#include "library/authority_body.h"

#include <stdlib.h>

#include "library/profile.h"

struct mtlskit_authority *mtlskit_authority_new(struct mtlskit_context *context, const char *name)
{
    struct mtlskit_authority *authority = calloc(1, sizeof(*authority));
    int status;

    if (authority == NULL || pool_start(&authority->desks) != 0) {
        free(authority);
        return NULL;
    }
    status = handle_start(&authority->handle, context);
    if (wish_start(&authority->wish, &authority->handle, name) != 0 || status != 0) {
        mtlskit_authority_free(authority);
        return NULL;
    }
    return authority;
}

void mtlskit_authority_free(struct mtlskit_authority *authority)
{
    if (authority == NULL) {
        return;
    }
    pool_end(&authority->desks, desk_release);
    for (size_t i = 0; i < authority->fence_count; i++) {
        bytes_free(&authority->fences[i].permitted);
        bytes_free(&authority->fences[i].excluded);
    }
    free(authority->fences);
    key_free(authority->key);
    bytes_free(&authority->certificate);
    certificate_list_free(&authority->above);
    bytes_free(&authority->certificate_pem);
    bytes_free(&authority->chain_pem);
    bytes_free(&authority->key_pem);
    wish_end(&authority->wish);
    handle_end(&authority->handle);
    free(authority);
}

const char *mtlskit_authority_error(const struct mtlskit_authority *authority)
{
    return handle_error(authority != NULL ? &authority->handle : NULL);
}

/* ---- told -------------------------------------------------------------------------------------------------------- */

/* Whether it can be told something: it is not there yet. */
static bool is_open(struct mtlskit_authority *authority)
{
    if (authority == NULL) {
        return false;
    }
    handle_begin(&authority->handle);
    if (authority->there) {
        fault_error(authority->handle.faults, NULL, authority->wish.name, NULL,
                    "the authority is there already, and does not change any more");
        (void)!handle_settle(&authority->handle, -1);
        return false;
    }
    return true;
}

int mtlskit_authority_set_subject(struct mtlskit_authority *authority, const char *subject)
{
    if (!is_open(authority)) {
        return -1;
    }
    return handle_settle(&authority->handle, wish_set_subject(&authority->wish, subject));
}

int mtlskit_authority_set_profile_name(struct mtlskit_authority *authority, const char *name)
{
    if (!is_open(authority)) {
        return -1;
    }
    return handle_settle(&authority->handle, wish_set_profile_name(&authority->wish, name));
}

int mtlskit_authority_set_profile(struct mtlskit_authority *authority, const struct mtlskit_profile *profile)
{
    if (!is_open(authority)) {
        return -1;
    }
    return handle_settle(&authority->handle, wish_set_profile(&authority->wish, profile));
}

int mtlskit_authority_set_key_algorithm(struct mtlskit_authority *authority, const char *algorithm)
{
    if (!is_open(authority)) {
        return -1;
    }
    return handle_settle(&authority->handle, wish_set_key_algorithm(&authority->wish, algorithm));
}

int mtlskit_authority_set_validity(struct mtlskit_authority *authority, const char *duration)
{
    if (!is_open(authority)) {
        return -1;
    }
    return handle_settle(&authority->handle, wish_set_validity(&authority->wish, duration));
}

int mtlskit_authority_set_dates(struct mtlskit_authority *authority, int64_t not_before, int64_t not_after)
{
    if (!is_open(authority)) {
        return -1;
    }
    return handle_settle(&authority->handle, wish_set_dates(&authority->wish, not_before, not_after));
}

int mtlskit_authority_set_path_length(struct mtlskit_authority *authority, unsigned path_length)
{
    int status = 0;

    if (!is_open(authority)) {
        return -1;
    }
    if (path_length > PROFILE_PATH_LENGTH_MAX) {
        fault_error(authority->handle.faults, NULL, "path length", NULL, "%u is more than %d", path_length,
                    PROFILE_PATH_LENGTH_MAX);
        status = -1;
    } else {
        authority->wish.path_length = (int)path_length;
    }
    return handle_settle(&authority->handle, status);
}

int mtlskit_authority_permit_name(struct mtlskit_authority *authority, const char *name)
{
    if (!is_open(authority)) {
        return -1;
    }
    return handle_settle(&authority->handle,
                         wish_add_constraint(&authority->wish, name, &authority->wish.permitted));
}

int mtlskit_authority_exclude_name(struct mtlskit_authority *authority, const char *name)
{
    if (!is_open(authority)) {
        return -1;
    }
    return handle_settle(&authority->handle,
                         wish_add_constraint(&authority->wish, name, &authority->wish.excluded));
}

/* ---- tells ------------------------------------------------------------------------------------------------------- */

static const char *text_of(const struct mtlskit_authority *authority, const struct bytes *text)
{
    return authority->there ? bytes_text(text) : NULL;
}

const char *mtlskit_authority_certificate_pem(const struct mtlskit_authority *authority)
{
    return authority != NULL ? text_of(authority, &authority->certificate_pem) : NULL;
}

const char *mtlskit_authority_chain_pem(const struct mtlskit_authority *authority)
{
    return authority != NULL ? text_of(authority, &authority->chain_pem) : NULL;
}

const char *mtlskit_authority_key_pem(const struct mtlskit_authority *authority)
{
    return authority != NULL ? text_of(authority, &authority->key_pem) : NULL;
}

const unsigned char *mtlskit_authority_certificate_der(const struct mtlskit_authority *authority,
                                                       size_t *length)
{
    bool there = authority != NULL && authority->there;

    if (length != NULL) {
        *length = there ? authority->certificate.length : 0;
    }
    return there ? authority->certificate.data : NULL;
}

EVP_PKEY *mtlskit_authority_pkey(const struct mtlskit_authority *authority)
{
    return authority != NULL && authority->there ? key_pkey(authority->key) : NULL;
}

const struct certificate_view *authority_view(const struct mtlskit_authority *authority)
{
    return authority != NULL && authority->there ? &authority->view : NULL;
}

const struct certificate_list *authority_above(const struct mtlskit_authority *authority)
{
    return authority != NULL && authority->there ? &authority->above : NULL;
}
