/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging one entry: what is recorded of it and what lies on disk, held against what the manifest asks for, gives a step.
 */
#ifndef MTLSKIT_PLAN_JUDGE_H
#define MTLSKIT_PLAN_JUDGE_H

#include "base/digest.h"
#include "plan/facets.h"
#include "plan/look.h"
#include "plan/step.h"

/** What judging needs besides the entry; all borrowed. */
struct judge {
    const struct plan_state *state;
    const struct plan_options *options;
    struct digester *digester;
    instant now;
};

/**
 * What is known of an authority once its own step is decided; it decides over everything under it.
 */
struct authority {
    const struct entry *entry;
    bool known;    /* identities and certificates hold */
    bool can_sign; /* its key is there, or will be */
    bool told;     /* that it cannot sign was complained about */
    bool revoked;  /* its certificate is, or will be */
    bool made;     /* this run makes it, so there is no revocation list of its key */
    bool lacking;  /* this run revokes or releases what it issued */
    struct digest identities;
    struct digest certificates;
    instant not_after; /* INSTANT_MAX when it is made in this run */
};

/** Everything one entry is judged by. */
struct judging {
    const struct entry *entry;
    struct authority *issuer; /* NULL: none */
    struct authority *self;   /* for authorities */
    struct plan_record record;
    struct plan_facets facets;
    struct look look;
    struct digest adopt_identity, adopt_certificate;
    bool adopt_key; /* the adopted authority's key is there */
    struct plan_step *step;
};

/** When a plan will first have something to say of a certificate valid from @p not_before to @p not_after; INSTANT_MAX: never. */
instant plan_due(const struct entry *entry, instant not_before, instant not_after);

/** Complain, once, when @p authority cannot sign @p what ("server"), which is needed. */
void judge_signature(struct authority *authority, const char *what, struct faults *faults);

/** Judge judging->entry; fills its step and, for an authority, its row. -1 when it cannot be judged at all. */
int judge_entry(const struct judge *judge, struct judging *judging, struct faults *faults) MUST_USE;

#endif
