/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys in a token: seen, put, taken. A key is its private object and, for EC, where the private object does not tell the public point,
 * a public object beside it; a public one alone is what a half-made key leaves, and never made otherwise: it is created first.
 */
#ifndef MTLSKIT_PKCS11_KEY_OBJECT_H
#define MTLSKIT_PKCS11_KEY_OBJECT_H

#include "pkcs11/helper/sight.h"

/** All borrowed. */
struct key_wanted {
    struct slice spki;  /**< SubjectPublicKeyInfo */
    struct slice id;    /**< CKA_ID */
    struct slice label; /**< empty for looking: no matter which */
};

/**
 * Present: a private key with this public key, under the id or another; the session signs with it then. In its place: another key
 * with the id or the label, or the public key without its private one.
 */
int key_object_see(struct session *session, const struct key_wanted *wanted, struct sight *sight,
                   struct refusal *refusal) MUST_USE;
/**
 * Put it: sensitive, not extractable, for signatures; @p uses, letters of pkcs11/words.h, add to that. What the token made of it is
 * held against that. On -1 what was created here is destroyed again.
 */
int key_object_put(struct session *session, const struct key_wanted *wanted, struct slice pkcs8,
                   struct slice uses, struct refusal *refusal) MUST_USE;
/** Destroy every private and public object of the key; that there is none is no failure. */
int key_object_take(struct session *session, const struct key_wanted *wanted, struct refusal *refusal)
    MUST_USE;

#endif
