/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The context of a run whose manifest is a fixture: its seed is set, and its clock stands.
 */
#ifndef MTLSKIT_ISSUING_FIXTURE_CONTEXT_H
#define MTLSKIT_ISSUING_FIXTURE_CONTEXT_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "base/seed.h"
#include "manifest/fixture.h"

/** Starts as all zeros. */
struct fixture_context {
    const struct context *context; /**< to make things in: the one that was given, or that of the fixture */
    struct context *own;
    struct seed *seed;
};

/** Sets the context for what is made as @p fixture says (NULL: it is none, and @p base serves). All borrowed. */
int fixture_context_set(struct fixture_context *making, const struct context *base,
                        const struct fixture *fixture, struct faults *faults) MUST_USE;
void fixture_context_free(struct fixture_context *making);

#endif
