/* SPDX-License-Identifier: Apache-2.0 */
/* Desks: the signers of an authority, one for each thread that uses it at the same time; and what is signed at them. */
#include <stdlib.h>

#include "library/authority_body.h"
#include "library/bench.h"
#include "library/context.h"
#include "x509/name_constraints.h"

/* ---- desks ------------------------------------------------------------------------------------------------------- */

struct desk *desk_new(const struct mtlskit_authority *authority, struct context *context,
                      struct signer *signer, struct faults *faults)
{
    struct desk *desk = calloc(1, sizeof(*desk));

    if (desk == NULL || context == NULL) {
        fault_memory(faults);
        signer_free(signer);
        context_free(context);
        free(desk);
        return NULL;
    }
    desk->context = context;
    signer = signer != NULL ? signer : signer_from_key(context, authority->key, faults);
    if (signer != NULL) {
        desk->issuer = issuer_new(context, slice_of(&authority->certificate), signer, faults);
    }
    if (desk->issuer == NULL) {
        desk_release(&desk->item);
        return NULL;
    }
    return desk;
}

void desk_release(struct pool_item *item)
{
    struct desk *desk = (struct desk *)item;

    issuer_free(desk->issuer);
    context_free(desk->context);
    free(desk);
}

struct desk *desk_take(struct mtlskit_authority *authority, const struct mtlskit_context *context,
                       struct faults *faults)
{
    struct desk *desk;

    if (authority == NULL || !authority->there) {
        fault_error(faults, NULL, authority != NULL ? authority->wish.name : NULL, NULL,
                    "the authority is neither made nor read yet");
        return NULL;
    }
    if (authority->handle.context != context) {
        fault_error(faults, NULL, authority->wish.name, NULL, "the authority is of another context");
        return NULL;
    }
    desk = (struct desk *)pool_take(&authority->desks);
    return desk != NULL ? desk : desk_new(authority, library_draw(authority->handle.context), NULL, faults);
}

void desk_give(struct mtlskit_authority *authority, struct desk *desk)
{
    if (desk != NULL) {
        pool_give(&authority->desks, &desk->item);
    }
}

/* ---- what is refused --------------------------------------------------------------------------------------------- */

/* Who is told of names outside of constraints. */
struct holding {
    const struct wish *wish;
    bool told;
};

static int tell_breach(void *state, const struct name_breach *breach)
{
    struct holding *holding = state;
    struct bytes text = BYTES_EMPTY;
    int status = name_breach_text(breach, &text);

    if (status == 0) {
        fault_error(holding->wish->handle->faults, NULL, holding->wish->name, NULL, "%s", bytes_text(&text));
        holding->told = true;
    }
    bytes_free(&text);
    return status;
}

/* RFC 5280 section 4.2.1.10; what is its own issuer's namesake is let off. */
static int check_constraints(const struct mtlskit_authority *authority, const struct wish *wish,
                             const struct issuance *issuance)
{
    struct holding holding = {wish, false};

    if (issuance->profile->ca && slice_equal(issuance->subject, authority->view.subject)) {
        return 0;
    }
    for (size_t i = 0; i < authority->fence_count && !holding.told; i++) {
        const struct fence *fence = &authority->fences[i];
        struct name_constraints constraints = {slice_of(&fence->permitted), slice_of(&fence->excluded)};

        if (name_constraints_check(&constraints, issuance->subject, issuance->names, !issuance->profile->ca,
                                   tell_breach, &holding) != 0) {
            fault_memory(wish->handle->faults);
            return -1;
        }
    }
    return holding.told ? -1 : 0;
}

/* RFC 5280 section 4.2.1.9: whether one more authority may stand below all of these. */
static int check_path_length(const struct mtlskit_authority *authority, const struct wish *wish)
{
    struct certificate_view view = authority->view;
    size_t level = 0;

    while (view.path_length < 0 || (size_t)view.path_length > level) {
        if (level == authority->above.count) {
            return 0;
        }
        if (certificate_view_read(slice_of(&authority->above.items[level]), &view) != 0) {
            return -1;
        }
        level++;
    }
    fault_error(wish->handle->faults, NULL, wish->name, "give the one above a longer path length",
                "%s allows %d further authorities below it, and this would be one more",
                level == 0 ? "its issuer" : "an authority above it", view.path_length);
    return -1;
}

static int choose_serial(struct desk *desk, struct bench *bench, const struct wish *wish,
                         struct issuance *issuance, struct serial *serial)
{
    struct faults *faults = wish->handle->faults;
    struct bytes rest = BYTES_EMPTY;
    int status = 0;

    if (library_is_seeded(wish->handle->context)) {
        issuance->serial = bench_serial_probe();
        status = issuer_issue(desk->issuer, issuance, &rest, faults);
    }
    if (status == 0) {
        status = bench_serial(bench, wish->name, slice_of(&rest), serial, faults);
    }
    bytes_free(&rest);
    return status;
}

int authority_certify(struct mtlskit_authority *authority, const struct wish *wish, struct issuance *issuance,
                      struct bytes *der)
{
    struct faults *faults = wish->handle->faults;
    struct mtlskit_context *context = wish->handle->context;
    struct desk *desk = desk_take(authority, context, faults);
    struct bench *bench = desk != NULL ? bench_take(context, faults) : NULL;
    struct serial serial;
    int status = -1;

    if (bench == NULL || check_constraints(authority, wish, issuance) != 0 ||
        (issuance->profile->ca && check_path_length(authority, wish) != 0) ||
        wish_dates(wish, issuance->profile, context_now(bench_context(bench)), authority->view.not_after,
                   &issuance->not_before, &issuance->not_after) != 0) {
        goto out;
    }
    issuance->path_length = wish->path_length;
    issuance->permitted = slice_of(&wish->permitted);
    issuance->excluded = slice_of(&wish->excluded);
    status = choose_serial(desk, bench, wish, issuance, &serial);
    if (status == 0) {
        issuance->serial = serial_slice(&serial);
        status = issuer_issue(desk->issuer, issuance, der, faults);
    }
    if (issuance->profile == &wish->own) {
        issuer_forget(desk->issuer, issuance->profile);
    }
    issuance->serial = (struct slice){NULL, 0};
out:
    bench_give(context, bench);
    desk_give(authority, desk);
    return status;
}
