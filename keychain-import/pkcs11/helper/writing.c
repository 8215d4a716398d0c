/* SPDX-License-Identifier: Apache-2.0 */
/* C_CreateObject, C_DestroyObject, and the session for them. */
#include "pkcs11/helper/writing.h"

CK_ATTRIBUTE attribute_of(CK_ATTRIBUTE_TYPE type, struct slice value)
{
    return (CK_ATTRIBUTE){type, (void *)value.data, value.length};
}

int writing_begin(struct session *session, struct refusal *refusal)
{
    CK_SESSION_INFO info;
    CK_SESSION_HANDLE writing = 0;
    CK_RV rv;

    if (session->module->C_GetSessionInfo(session->handle, &info) == CKR_OK &&
        (info.flags & CKF_RW_SESSION) != 0) {
        return 0;
    }
    rv = session->module->C_OpenSession(session->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                        &writing);
    if (rv == CKR_TOKEN_WRITE_PROTECTED) {
        return refuse(refusal, WIRE_FAILED, "it cannot be written to");
    }
    if (rv != CKR_OK) {
        return session_refuse(refusal, "opening", "a session to write", rv);
    }
    /* the login is the token's, and lasts as long as one session does */
    (void)session->module->C_CloseSession(session->handle);
    session->handle = writing;
    return 0;
}

int writing_create(struct session *session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *object,
                   const char *what, struct refusal *refusal)
{
    CK_RV rv = session->module->C_CreateObject(session->handle, template, count, object);

    return rv == CKR_OK ? 0 : session_refuse(refusal, "creating", what, rv);
}

int writing_destroy(struct session *session, CK_OBJECT_HANDLE object, const char *what,
                    struct refusal *refusal)
{
    CK_RV rv = session->module->C_DestroyObject(session->handle, object);

    return rv == CKR_OK || rv == CKR_OBJECT_HANDLE_INVALID ? 0
                                                           : session_refuse(refusal, "destroying", what, rv);
}
