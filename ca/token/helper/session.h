/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session with one token of one module: the URI's, opened and logged in. Everything a module gives is taken as from a stranger: lengths
 * are bounded, and this is a process that may fall.
 */
#ifndef MTLSKIT_TOKEN_SESSION_H
#define MTLSKIT_TOKEN_SESSION_H

#include <stdbool.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "token/helper/refusal.h"

/** Starts as all zeros. */
struct session {
    P11KitUri *uri;
    CK_FUNCTION_LIST **modules; /* those p11-kit is configured for; NULL: the one of module-path */
    CK_FUNCTION_LIST *module;
    CK_SLOT_ID slot;
    CK_FLAGS flags; /* of the token */
    CK_SESSION_HANDLE handle;
    bool open;
    bool has_pin;
    struct bytes pin;     /* for keys that want it before each signature */
    CK_OBJECT_HANDLE key; /* 0: not found yet */
    bool rsa;
    bool each_time; /* the key wants a login for each signature */
};

/** Load the module, find the token, open a session, log in where the token wants that. @p pin NULL: none. A wrong PIN is tried once. */
int session_open(struct session *session, const char *uri, const struct slice *pin, struct refusal *refusal)
    MUST_USE;
/** Log in once more, for the operation just begun. */
int session_login_again(struct session *session, struct refusal *refusal) MUST_USE;
/** Close everything and free what it holds. */
void session_close(struct session *session);

/** Refuse because @p what, with @p object behind it unless that is NULL, gave @p rv. */
int session_refuse(struct refusal *refusal, const char *what, const char *object, CK_RV rv) MUST_USE;

#endif
