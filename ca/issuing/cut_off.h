/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run that was cut off has brought into view: files that the ledger has no rows of, only the intent to make them. They are told from
 * the files of strangers, which stay as they are.
 */
#ifndef MTLSKIT_ISSUING_CUT_OFF_H
#define MTLSKIT_ISSUING_CUT_OFF_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"

/**
 * Whether NAME.crt, .cer or .key in @p directory (a descriptor) is one that a run was about to make: the certificate has the serial and the
 * key of an intent of that name, or the key is that of one; of a locked key its time has to do, which is not before the intent's. So other
 * outputs of the entry may be that run's as well: the key comes into view first. -1 with a fault.
 */
int cut_off_is_visible(const struct context *context, int directory, struct ledger *ledger, const char *name,
                       bool *visible, struct faults *faults) MUST_USE;

#endif
