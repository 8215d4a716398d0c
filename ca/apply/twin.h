/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Twins: two authorities of one key and one name. To whoever reads their certificates and lists they are one, so each of their lists would
 * seem to say that what the other one revoked is good.
 */
#ifndef MTLSKIT_APPLY_TWIN_H
#define MTLSKIT_APPLY_TWIN_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"
#include "x509/certificate.h"

/**
 * Complain of @p entry, an authority to adopt with certificate @p view, when @p ledger has its key, now or before, as an authority of
 * another name with the same subject. What the ledger has under the entry's own name already is not complained of. 0, or -1: told.
 */
int twin_refuse(const struct context *context, struct ledger *ledger, const struct entry *entry,
                const struct certificate_view *view, struct faults *faults) MUST_USE;

#endif
