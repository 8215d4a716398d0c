/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates in a token: seen, put, taken. CKA_TRUSTED is never set: what is trusted is not a token's to say here.
 */
#ifndef MTLSKIT_PKCS11_CERTIFICATE_OBJECT_H
#define MTLSKIT_PKCS11_CERTIFICATE_OBJECT_H

#include "pkcs11/helper/sight.h"

/** Present: the same DER. In its place, looked for with @p others: another certificate of the same issuer and serial number. */
int certificate_object_see(struct session *session, struct slice der, bool others, struct sight *sight,
                           struct refusal *refusal) MUST_USE;
/** Put it, visible without a PIN. */
int certificate_object_put(struct session *session, struct slice der, struct slice label, struct slice id,
                           struct refusal *refusal) MUST_USE;
/** Destroy every object with this DER; that there is none is no failure. */
int certificate_object_take(struct session *session, struct slice der, struct refusal *refusal) MUST_USE;

#endif
