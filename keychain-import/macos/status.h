/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the Security framework answers, as a sentence and a hint.
 */
#ifndef MTLSKIT_MACOS_STATUS_H
#define MTLSKIT_MACOS_STATUS_H

#include <CoreFoundation/CoreFoundation.h>

#include "base/attributes.h"
#include "base/fault.h"

/** What a failed trust write can be done by instead. */
#define STATUS_TRUST_HINT                                                                                    \
    "in a session with a screen an administrator can confirm it; or use --pending-trust, which writes a "    \
    "configuration profile"

/**
 * Add the fault "STORE: WHAT: the sentence of @p status (status N)".
 * @param store  "macos:system"
 * @param hint   NULL: that of the status, if it has one
 * @param format what could not be done: "the certificate cannot be added"
 */
void status_fault(struct faults *faults, const char *store, OSStatus status, const char *hint,
                  const char *format, ...) PRINTF_LIKE(5, 6);
/** The sentence of @p status, or NULL for one that is not in the table. */
const char *status_sentence(OSStatus status);

#endif
