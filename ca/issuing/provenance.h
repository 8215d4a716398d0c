/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the keys of a PKI directory come from: from randomness, or all from one seed. The two never mix, for a fixture's keys are public;
 * and a fixture follows from its seed and its time alone, so that nothing but a manifest with both changes it. The ledger remembers.
 */
#ifndef MTLSKIT_ISSUING_PROVENANCE_H
#define MTLSKIT_ISSUING_PROVENANCE_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "ledger/ledger.h"

/**
 * Whether what is made for @p context may come into the PKI directory whose ledger this is; -1 with a fault that says why not. @p shown:
 * the directory's name.
 */
int provenance_check(const struct context *context, struct ledger *ledger, const char *shown,
                     struct faults *faults) MUST_USE;
/** Whether it is a fixture's ledger: 1, 0, -1. */
int provenance_is_fixture(struct ledger *ledger, struct faults *faults) MUST_USE;
/** Remember that it is the fixture of @p context's seed, at its time; of another context nothing is written. Within a group of the ledger. */
int provenance_put(const struct context *context, struct ledger *ledger, struct faults *faults) MUST_USE;

#endif
