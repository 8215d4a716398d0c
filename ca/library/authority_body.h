/* SPDX-License-Identifier: Apache-2.0 */
/* What an authority is made of; for authority.c, authority_make.c and desk.c alone. */
#ifndef MTLSKIT_LIBRARY_AUTHORITY_BODY_H
#define MTLSKIT_LIBRARY_AUTHORITY_BODY_H

#include <mtlskit/authority.h>

#include "library/authority.h"

struct mtlskit_authority {
    struct handle handle;
    struct wish wish;
    bool there; /* what follows is filled in, and never changes again */
    struct key *key;
    struct bytes certificate;
    struct certificate_view view;  /* of certificate */
    struct certificate_list above; /* nearest first */
    struct bytes certificate_pem, chain_pem, key_pem;
    /* Name constraints of its own and of all above it; those without any are left out. */
    struct fence {
        struct bytes permitted, excluded;
    } * fences;
    size_t fence_count;
    struct pool desks;
};

/** A desk over key and certificate; NULL with a fault. @p signer (may be NULL) is one over @p context; both are owned from here on. */
struct desk *desk_new(const struct mtlskit_authority *authority, struct context *context,
                      struct signer *signer, struct faults *faults);
void desk_release(struct pool_item *item);

#endif
