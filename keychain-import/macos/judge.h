/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macOS's own judgement of a certificate: what `security verify-cert` would say, without the network.
 */
#ifndef MTLSKIT_MACOS_JUDGE_H
#define MTLSKIT_MACOS_JUDGE_H

#include "base/attributes.h"
#include "base/fault.h"
#include "store/store.h"

/** Certificates of one chain that are looked at. */
#define JUDGE_CHAIN_MAX 32

/** -1 with a fault: it could not be asked. */
int judge_ask(const char *store, const struct store_question *question, struct store_verdict *verdict,
              struct faults *faults) MUST_USE;

#endif
