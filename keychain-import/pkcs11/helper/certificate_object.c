/* SPDX-License-Identifier: Apache-2.0 */
/* CKO_CERTIFICATE of CKC_X_509. */
#include "pkcs11/helper/certificate_object.h"

#include "pkcs11/helper/writing.h"
#include "pkcs11/words.h"
#include "token/helper/object.h"
#include "x509/certificate.h"
#include "x509/der.h"

/** What is looked for, for refusals. */
#define WHAT "the certificate"

/** One object with this DER: 1, *object; 0 none; -1. */
static int find_same(struct session *session, struct slice der, CK_OBJECT_HANDLE *object,
                     struct refusal *refusal)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof(class)}, attribute_of(CKA_VALUE, der)};

    return object_find(session, template, 2, object, 1, WHAT, refusal);
}

/** The serial number as CKA_SERIAL_NUMBER has it: an INTEGER, whole. */
static int serial_of(const struct certificate_view *view, struct bytes *serial)
{
    struct der writer;

    der_start(&writer, serial);
    der_value(&writer, DER_INTEGER, view->serial);
    return der_finish(&writer);
}

/** Takes the certificate apart. */
static int view_of(struct slice der, struct certificate_view *view, struct bytes *serial,
                   struct refusal *refusal)
{
    if (certificate_view_read(der, view) != 0) {
        return refuse(refusal, WIRE_FAILED, "what was sent is no certificate");
    }
    return serial_of(view, serial) == 0 ? 0 : refuse(refusal, WIRE_FAILED, "memory is out");
}

int certificate_object_see(struct session *session, struct slice der, bool others, struct sight *sight,
                           struct refusal *refusal)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_OBJECT_HANDLE object = 0;
    struct certificate_view view;
    struct bytes serial = BYTES_EMPTY;
    int found = find_same(session, der, &object, refusal);

    if (found == 1) {
        sight_present(session, object, sight);
    } else if (found == 0 && !others) {
        sight->letter = SIGHT_ABSENT;
    } else if (found == 0) {
        found = view_of(der, &view, &serial, refusal);
    }
    if (found == 0 && others) {
        CK_ATTRIBUTE template[] = {
            {CKA_CLASS, &class, sizeof(class)},
            attribute_of(CKA_ISSUER, view.issuer),
            attribute_of(CKA_SERIAL_NUMBER, slice_of(&serial)),
        };

        found = object_find(session, template, 3, &object, 1, WHAT, refusal);
        if (found == 1) {
            found = sight_other(session, object, "another certificate of the same issuer and serial number",
                                sight, refusal);
        } else if (found == 0) {
            sight->letter = SIGHT_ABSENT;
        }
    }
    bytes_free(&serial);
    return found < 0 ? -1 : 0;
}

int certificate_object_put(struct session *session, struct slice der, struct slice label, struct slice id,
                           struct refusal *refusal)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_OBJECT_HANDLE object = 0;
    struct certificate_view view;
    struct bytes serial = BYTES_EMPTY;
    int status = -1;

    if (view_of(der, &view, &serial, refusal) == 0 && writing_begin(session, refusal) == 0) {
        CK_ATTRIBUTE template[] = {
            {CKA_CLASS, &class, sizeof(class)},
            {CKA_CERTIFICATE_TYPE, &type, sizeof(type)},
            {CKA_TOKEN, &yes, sizeof(yes)},
            {CKA_PRIVATE, &no, sizeof(no)},
            attribute_of(CKA_LABEL, label),
            attribute_of(CKA_ID, id),
            attribute_of(CKA_SUBJECT, view.subject),
            attribute_of(CKA_ISSUER, view.issuer),
            attribute_of(CKA_SERIAL_NUMBER, slice_of(&serial)),
            attribute_of(CKA_VALUE, der),
        };

        status = writing_create(session, template, sizeof(template) / sizeof(template[0]), &object,
                                "the certificate", refusal);
    }
    bytes_free(&serial);
    return status;
}

int certificate_object_take(struct session *session, struct slice der, struct refusal *refusal)
{
    CK_OBJECT_HANDLE object = 0;
    int found = find_same(session, der, &object, refusal);
    size_t i;

    for (i = 0; i < WRITING_COPIES_MAX && found == 1; i++) {
        if (writing_begin(session, refusal) != 0 ||
            writing_destroy(session, object, "the certificate", refusal) != 0) {
            return -1;
        }
        found = find_same(session, der, &object, refusal);
    }
    return found <= 0 ? found : refuse(refusal, WIRE_FAILED, "the certificate does not go away");
}
