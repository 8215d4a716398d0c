/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes the PKI of a manifest a fixture: a seed that all of it follows from, and the time it is made at. `fixtures:` of a manifest,
 * or the options of apply and of mtls-ca fixtures.
 */
#ifndef MTLSKIT_MANIFEST_FIXTURE_H
#define MTLSKIT_MANIFEST_FIXTURE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "manifest/field.h"

/** Longest seed, in bytes. */
#define FIXTURE_SEED_MAX 1023

/** Starts as all zeros: no fixture. */
struct fixture {
    char *seed; /**< NULL: none */
    bool has_now;
    instant now;
};
void fixture_free(struct fixture *fixture);
/** What time it is while it is made. */
instant fixture_time(const struct fixture *fixture);

/**
 * Take a seed and a time as texts, from where no node is; NULL: not given. @p seed_shown and @p now_shown name them in complaints
 * ("--insecure-seed"). -1 with a fault: an empty or overlong seed, a time that is none, a time without a seed. A short seed is warned of.
 */
int fixture_set(struct fixture *fixture, const char *seed, const char *seed_shown, const char *now,
                const char *now_shown, struct faults *faults) MUST_USE;
/** The value of `fixtures:`. What @p fixture holds already was given elsewhere, and must not be contradicted. -1 only when memory is out. */
int fixture_read_given(const struct node *node, const struct path *path, struct fixture *fixture,
                       struct faults *faults) MUST_USE;
/** Copy into one that holds nothing. -1: memory is out. */
int fixture_copy(struct fixture *to, const struct fixture *from) MUST_USE;
/** Whether two say the same. */
bool fixture_equal(const struct fixture *one, const struct fixture *other);

#endif
