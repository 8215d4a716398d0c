/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Twins: two authorities of one key and one name. To whoever reads their certificates and lists they are one, so each of their lists would
 * seem to say that what the other one revoked is good.
 */
#ifndef MTLSKIT_ISSUING_TWIN_H
#define MTLSKIT_ISSUING_TWIN_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"
#include "manifest/manifest.h"
#include "x509/certificate.h"

/** What the ledger has. */
struct twin {
    char name[256];
    bool by_hand; /**< it came by install-certificate: no manifest has it */
};

/**
 * Whether @p ledger has the key and subject of certificate @p view, now or before, as an authority of another name than @p name; not when
 * @p name has that very key at present. 1, 0, or -1 with a fault.
 */
int twin_find(const struct context *context, struct ledger *ledger, const char *name,
              const struct certificate_view *view, struct twin *twin, struct faults *faults) MUST_USE;
/** Complain of @p entry, an authority to adopt with certificate @p view, when it has a twin. 0, or -1: told. */
int twin_refuse(const struct context *context, struct ledger *ledger, const struct entry *entry,
                const struct certificate_view *view, struct faults *faults) MUST_USE;

#endif
