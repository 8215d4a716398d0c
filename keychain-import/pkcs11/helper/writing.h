/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects made and destroyed. Only what writes opens a session that may.
 */
#ifndef MTLSKIT_PKCS11_WRITING_H
#define MTLSKIT_PKCS11_WRITING_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "token/helper/session.h"

/** Most copies of one thing that are taken away. */
#define WRITING_COPIES_MAX 64

/** An attribute that is octets. */
CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, struct slice value);

/** From now on the session is one that may write. */
int writing_begin(struct session *session, struct refusal *refusal) MUST_USE;
/** Create an object; @p what goes on after "creating". */
int writing_create(struct session *session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *object,
                   const char *what, struct refusal *refusal) MUST_USE;
/** Destroy one. That the module knows no such object any more is no failure. */
int writing_destroy(struct session *session, CK_OBJECT_HANDLE object, const char *what,
                    struct refusal *refusal) MUST_USE;

#endif
