/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in a database.
 */
#ifndef MTLSKIT_NSS_LISTING_H
#define MTLSKIT_NSS_LISTING_H

#include "nss/database.h"
#include "store/store.h"

/** As store_each says. */
int nss_list(struct nss_database *database, store_entry_fn each, void *state, struct faults *faults) MUST_USE;

#endif
