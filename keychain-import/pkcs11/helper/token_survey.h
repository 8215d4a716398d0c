/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens of all modules that p11-kit is configured for, and the one that is open, described.
 */
#ifndef MTLSKIT_PKCS11_TOKEN_SURVEY_H
#define MTLSKIT_PKCS11_TOKEN_SURVEY_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "token/helper/session.h"

/** What is told of a token: its label, maker and model, serial number, and why no identity can be put into it (empty: it can). */
#define TOKEN_FACTS 4

/** Describe the @p number-th token, from 0; what is not initialised is none. 1; 0: there are not so many; -1 refused. Loads the modules. */
int token_survey(struct session *session, unsigned number, struct bytes facts[TOKEN_FACTS],
                 struct refusal *refusal) MUST_USE;
/** Describe the token of the session. */
int token_describe(struct session *session, struct bytes facts[TOKEN_FACTS], struct refusal *refusal)
    MUST_USE;

#endif
