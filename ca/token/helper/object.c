/* SPDX-License-Identifier: Apache-2.0 */
/* Objects found and read. */
#include "token/helper/object.h"

int object_find(struct session *session, CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *found,
                CK_ULONG room, const char *what, struct refusal *refusal)
{
    CK_ULONG number = 0;
    CK_ULONG more = 1;
    CK_RV rv = session->module->C_FindObjectsInit(session->handle, template, count);

    if (rv == CKR_OK) {
        while (rv == CKR_OK && more > 0 && number < room) {
            more = 0;
            rv = session->module->C_FindObjects(session->handle, found + number, room - number, &more);
            if (more > room - number) {
                break;
            }
            number += more;
        }
        (void)session->module->C_FindObjectsFinal(session->handle);
    }
    if (rv != CKR_OK) {
        return session_refuse(refusal, "looking for", what, rv);
    }
    if (number < room && more > 0) {
        return refuse(refusal, WIRE_FAILED, "looking for %s failed: more is told than was asked for", what);
    }
    return (int)number;
}

int object_read(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct bytes *value)
{
    CK_ATTRIBUTE attribute = {type, NULL, 0};

    bytes_clear(value);
    if (session->module->C_GetAttributeValue(session->handle, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen == 0 || attribute.ulValueLen > OBJECT_ATTRIBUTE_MAX ||
        bytes_reserve(value, attribute.ulValueLen) != 0) {
        return -1;
    }
    attribute.pValue = value->data;

    CK_ULONG room = attribute.ulValueLen;

    if (session->module->C_GetAttributeValue(session->handle, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen == 0 || attribute.ulValueLen > room) {
        return -1;
    }
    value->length = attribute.ulValueLen;
    value->data[value->length] = 0;
    return 0;
}

bool object_says(struct session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool otherwise)
{
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE attribute = {type, &value, sizeof(value)};

    if (session->module->C_GetAttributeValue(session->handle, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen != sizeof(value)) {
        return otherwise;
    }
    return value != CK_FALSE;
}
