/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judgement: what is checked of identities and anchors before any store is touched. Whoever asks for the exceptions has named them.
 */
#ifndef MTLSKIT_IDENTITY_JUDGEMENT_H
#define MTLSKIT_IDENTITY_JUDGEMENT_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "identity/identity.h"

/** Exceptions, each by name. Starts as all zeros: none. */
struct judgement {
    bool leaf_trust; /**< --allow-leaf-trust: a certificate that is no authority may be an anchor */
    bool
        insecure_trust_fixture; /**< --insecure-trust-fixture: what carries the fixture mark, or chains to it, may come in */
};

/** The key is the leaf's, the chain is one (each issued the one before), the dates hold now (expired: error; ends within 30 days: warning), no fixture. All complaints in one run. */
int identity_judge(const struct context *context, const struct identity *identity,
                   const struct judgement *exceptions, struct faults *faults) MUST_USE;
/** Each is an authority (basicConstraints CA, keyCertSign) unless leaf_trust, its dates hold, its signature is sound where it is self-signed, no fixture. */
int anchors_judge(const struct context *context, const struct anchors *anchors,
                  const struct judgement *exceptions, struct faults *faults) MUST_USE;

#endif
