/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NSS's own verdict on a certificate, by the anchors of one database. The roots that a browser brings along are no part of it.
 */
#ifndef MTLSKIT_NSS_JUDGEMENT_H
#define MTLSKIT_NSS_JUDGEMENT_H

#include "base/context.h"
#include "nss/database.h"
#include "store/store.h"

/** As store_judge says; always 1 or -1. A database that is not there has no anchors. */
int nss_judge(struct nss_database *database, const struct store_question *question, instant now,
              struct store_verdict *verdict, struct faults *faults) MUST_USE;

#endif
