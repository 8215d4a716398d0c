/* SPDX-License-Identifier: Apache-2.0 */
/* What the objects of the library ask their context for. */
#ifndef MTLSKIT_LIBRARY_CONTEXT_H
#define MTLSKIT_LIBRARY_CONTEXT_H

#include <stdbool.h>

#include "base/context.h"
#include "library/pool.h"
#include "x509/profile.h"

struct mtlskit_context;

/** For what needs no randomness; borrowed, shared by all threads. */
const struct context *library_context(const struct mtlskit_context *context);
/** Whether all follows from a seed. */
bool library_is_seeded(const struct mtlskit_context *context);
/** Whether all that was told no other is valid from the beginning of fixtures to the end of time: there is a seed and no time was set. */
bool library_is_timeless(const struct mtlskit_context *context);
/** An issuing context for one thread; owned by the caller. NULL when memory is out. */
struct context *library_draw(struct mtlskit_context *context);
/** The built-in profile of that name, or NULL; borrowed, never changes. */
const struct profile *library_profile(const struct mtlskit_context *context, const char *name);
/** The benches that are kept (library/bench.h). */
struct pool *library_benches(struct mtlskit_context *context);

#endif
