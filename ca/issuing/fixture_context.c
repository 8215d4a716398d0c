/* SPDX-License-Identifier: Apache-2.0 */
/* The context of a fixture's run. */
#include "issuing/fixture_context.h"

int fixture_context_set(struct fixture_context *making, const struct context *base,
                        const struct fixture *fixture, struct faults *faults)
{
    making->context = base;
    if (fixture == NULL) {
        return 0;
    }
    making->seed = seed_new(context_libctx(base), slice_of_text(fixture->seed));
    making->own = context_new(context_libctx(base));
    if (making->seed == NULL || making->own == NULL) {
        fault_openssl(faults, "nothing can be made from a seed");
        return -1;
    }
    context_set_time(making->own, fixture_time(fixture));
    context_set_seed(making->own, making->seed);
    making->context = making->own;
    return 0;
}

void fixture_context_free(struct fixture_context *making)
{
    context_free(making->own);
    seed_free(making->seed);
    *making = (struct fixture_context){0};
}
