/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public key of a private one in a token. Tokens differ in where they keep it: with the private key, as an object
 * of its own, or only in a certificate.
 */
#ifndef MTLSKIT_TOKEN_PUBLIC_KEY_H
#define MTLSKIT_TOKEN_PUBLIC_KEY_H

#include "token/helper/session.h"

/** Append the SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) of session->key. */
int public_key_of(struct session *session, struct bytes *spki, struct refusal *refusal) MUST_USE;

/** The SubjectPublicKeyInfo that the attributes of one object, private or public, tell; replaces @p spki. -1: they do not; no refusal. */
int public_key_in(struct session *session, CK_OBJECT_HANDLE object, bool rsa, struct bytes *spki) MUST_USE;

#endif
