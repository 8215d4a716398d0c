/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of a token: found by a template, and their attributes read. How many there are and how long an attribute is comes from a
 * stranger's module, so both are bounded.
 */
#ifndef MTLSKIT_TOKEN_OBJECT_H
#define MTLSKIT_TOKEN_OBJECT_H

#include "token/helper/session.h"

/** Longest attribute read. */
#define OBJECT_ATTRIBUTE_MAX 65000

/**
 * The objects that fit @p template, as many as there is @p room for. @p what goes on after "looking for": "the key".
 * Gives their number; -1 refused.
 */
int object_find(struct session *session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *found,
                CK_ULONG room, const char *what, struct refusal *refusal) MUST_USE;
/** Read an attribute that is octets into @p value (replaced). -1: the object has none of use; no refusal. */
int object_read(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct bytes *value)
    MUST_USE;
/** Read an attribute that is yes or no; @p otherwise where the module does not tell. */
bool object_says(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool otherwise);

#endif
