/* SPDX-License-Identifier: Apache-2.0 */
/* Sights described. */
#include "pkcs11/helper/sight.h"

#include "pkcs11/words.h"
#include "token/helper/object.h"

/** Longest label repeated in a phrase. */
#define LABEL_SHOWN 100

void sight_free(struct sight *sight)
{
    bytes_free(&sight->text);
    bytes_free(&sight->id);
    sight->letter = 0;
    sight->object = 0;
}

void sight_present(struct session *session, CK_OBJECT_HANDLE object, struct sight *sight)
{
    sight->letter = SIGHT_PRESENT;
    sight->object = object;
    if (object_read(session, object, CKA_LABEL, &sight->text) != 0) {
        bytes_clear(&sight->text);
    }
    if (object_read(session, object, CKA_ID, &sight->id) != 0) {
        bytes_clear(&sight->id);
    }
}

int sight_other(struct session *session, CK_OBJECT_HANDLE object, const char *phrase, struct sight *sight,
                struct refusal *refusal)
{
    struct bytes label = BYTES_EMPTY;
    int status;

    sight->letter = SIGHT_OTHER;
    status = object_read(session, object, CKA_LABEL, &label) == 0
                 ? bytes_printf(&sight->text, "%s, called \"%.*s\"", phrase,
                                (int)(label.length < LABEL_SHOWN ? label.length : LABEL_SHOWN), label.data)
                 : bytes_append_text(&sight->text, phrase);
    bytes_free(&label);
    return status == 0 ? 0 : refuse(refusal, WIRE_FAILED, "memory is out");
}
