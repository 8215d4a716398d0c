/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key pair generated in a token. Linked into mtls-ca-token alone.
 */
#ifndef MTLSKIT_TOKEN_KEY_PAIR_H
#define MTLSKIT_TOKEN_KEY_PAIR_H

#include "token/helper/session.h"

/**
 * Generate one: sensitive, not extractable, to sign with. CKA_LABEL and CKA_ID are the URI's, else @p label and @p id.
 * @param algorithm "rsa-3072", "ec-p256" and so on
 */
int key_pair_generate(struct session *session, struct slice algorithm, struct slice label, struct slice id,
                      struct refusal *refusal) MUST_USE;

#endif
