/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A private key in a token: found, signed with; and the public key that belongs to it.
 */
#ifndef MTLSKIT_TOKEN_PRIVATE_KEY_H
#define MTLSKIT_TOKEN_PRIVATE_KEY_H

#include "token/helper/session.h"

/** Find the URI's private key and append its SubjectPublicKeyInfo. 1 found, 0 there is none, -1 refused (also when several fit). */
int private_key_find(struct session *session, struct bytes *spki, struct refusal *refusal) MUST_USE;
/** Take @p key for the one to sign with. */
int private_key_use(struct session *session, CK_OBJECT_HANDLE key, struct refusal *refusal) MUST_USE;
/** Sign @p input - a DigestInfo with an RSA key, a digest with an EC key - and append the signature as the token gives it. */
int private_key_sign(struct session *session, struct slice input, struct bytes *signature,
                     struct refusal *refusal) MUST_USE;

#endif
