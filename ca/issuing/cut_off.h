/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run that was cut off has brought into view: files that the ledger has no rows of, only the intent to make them. They are told from
 * the files of strangers, which stay as they are.
 */
#ifndef MTLSKIT_ISSUING_CUT_OFF_H
#define MTLSKIT_ISSUING_CUT_OFF_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"

enum cut_off {
    CUT_OFF_HIDDEN,  /**< nothing that is known to be such a run's */
    CUT_OFF_VISIBLE, /**< some of it; so other outputs of the entry may be that run's as well */
    CUT_OFF_LOCKED /**< a key that may be, if the entry's is to be locked: whose it is, its passphrase would tell */
};

/**
 * What of @p name is in view in @p directory (a descriptor): NAME.crt or .cer with the serial and the key of an intent of that name, or NAME.key
 * with the key of an intent and of nothing that was issued before. Intents count that are newer than all that was completed. Where nothing stands for the name, a locked NAME.key may be an intent's. The
 * key comes into view first, then the certificate. -1 with a fault.
 */
int cut_off_look(const struct context *context, int directory, struct ledger *ledger, const char *name,
                 enum cut_off *found, struct faults *faults) MUST_USE;

#endif
