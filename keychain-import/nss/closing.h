/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closing a store and being told how it went: for tests, where a reference that was forgotten is a fault.
 */
#ifndef MTLSKIT_NSS_CLOSING_H
#define MTLSKIT_NSS_CLOSING_H

#include "store/store.h"

/** What store_close does, but for the store's name, which the caller frees. -1 with a fault: NSS still had references, or what was made could not be removed. */
int nss_close_telling(struct store *store, struct faults *faults) MUST_USE;

#endif
