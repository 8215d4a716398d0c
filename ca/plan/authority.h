/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An authority while a plan is made: what is decided of it decides over everything under it.
 */
#ifndef MTLSKIT_PLAN_AUTHORITY_H
#define MTLSKIT_PLAN_AUTHORITY_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/fault.h"
#include "manifest/manifest.h"

/**
 * What is known of an authority once its own step is decided; it decides over everything under it.
 */
struct authority {
    const struct entry *entry;
    bool known;             /* identities and certificates hold */
    bool can_sign;          /* its key is there, or will be */
    bool told;              /* that it cannot sign was complained about */
    bool revoked;           /* its certificate is, or will be */
    bool made;              /* this run makes it, so there is no revocation list of its key */
    bool lacking;           /* this run revokes or releases what it issued */
    struct digest identity; /* of an adopted one, plan_identity */
    struct digest identities;
    struct digest certificates;
    instant not_after; /* INSTANT_MAX when it is made in this run */
};

/** Complain, once, when @p authority cannot sign @p what ("server"), which is needed. */
void authority_check_signs(struct authority *authority, const char *what, struct faults *faults);

#endif
