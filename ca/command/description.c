/* SPDX-License-Identifier: Apache-2.0 */
/* Which description is for which object. */
#include "command/description.h"

#include "command/description_kind.h"
#include "console/json.h"

json_t *description_of(const struct description *description, const struct input_object *object)
{
    json_t *other;

    switch (object->kind) {
    case INPUT_CERTIFICATE:
        return description_certificate(description, slice_of(&object->bytes));
    case INPUT_REQUEST:
        return description_request(description, slice_of(&object->bytes));
    case INPUT_CRL:
        return description_crl(description, slice_of(&object->bytes));
    case INPUT_PRIVATE_KEY:
    case INPUT_ENCRYPTED_KEY:
        return description_private_key(description, object);
    case INPUT_PUBLIC_KEY:
        return description_public_key(description, object);
    case INPUT_P12:
        return description_p12(description, slice_of(&object->bytes));
    case INPUT_OTHER:
        break;
    }
    other = json_object();
    if (json_put(other, "type", json_string("other")) != 0 ||
        json_put(other, "label", json_printable(slice_of_text(object->label))) != 0) {
        return description_memory_is_out(description, other);
    }
    return other;
}
