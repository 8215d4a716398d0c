/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The survey: answers the plan's questions from the ledger and the PKI directory. It reads, and writes nothing.
 */
#ifndef MTLSKIT_APPLY_SURVEY_H
#define MTLSKIT_APPLY_SURVEY_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/digest.h"
#include "base/fault.h"
#include "issuing/directory.h"
#include "issuing/passphrases.h"
#include "ledger/ledger.h"
#include "plan/plan.h"

/** Opaque. */
struct survey;

/**
 * @param directory  open PKI directory, or -1 when there is none yet; borrowed
 * @param ledger     open ledger, or NULL when there is none yet; borrowed, may be exchanged by survey_use
 * @param passphrases where passphrases of encrypted keys come from; borrowed
 */
struct survey *survey_new(const struct context *context, int directory, struct ledger *ledger,
                          struct passphrases *passphrases, struct faults *faults);
void survey_free(struct survey *survey);
/** Go on with another directory and ledger: both may have been made when the plan was found good. */
void survey_use(struct survey *survey, const struct directory *directory);
/** The certificate that is recorded for @p name, DER, when it was the last that was asked for; empty when none is. Until the next question. */
struct slice survey_standing(const struct survey *survey, const char *name);
/** Whether that one is revoked. */
bool survey_is_revoked(const struct survey *survey, const char *name);
/** The answers, for plan_new. Valid as long as the survey. */
const struct plan_state *survey_state(const struct survey *survey);

#endif
