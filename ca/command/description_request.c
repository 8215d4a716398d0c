/* SPDX-License-Identifier: Apache-2.0 */
/* What a certification request asks for. */
#include "command/description_kind.h"

#include "console/json.h"
#include "x509/part.h"
#include "x509/request.h"

/* The names of the extensions asked for, in their order. */
static json_t *requested_extensions(const struct request_view *view)
{
    struct slice rest = view->extensions;
    struct part_extension extension;
    json_t *list = json_array();

    while (list != NULL && part_extension_read(&rest, &extension) == 1) {
        json_add(&list, description_oid(extension.type));
    }
    return list;
}

static int put_usages(const struct request_view *view, json_t *object)
{
    return (view->has_basic_constraints && json_put(object, "authority", json_boolean(view->ca)) != 0) ||
                   (view->path_length >= 0 &&
                    json_put(object, "path_length", json_integer(view->path_length)) != 0) ||
                   (view->has_key_usage &&
                    json_put(object, "key_usage", description_key_usages(view->key_usage)) != 0) ||
                   (view->extended_key_usage.length != 0 &&
                    json_put(object, "extended_key_usage",
                             description_extended_key_usages(view->extended_key_usage)) != 0)
               ? -1
               : 0;
}

json_t *description_request(const struct description *description, struct slice der)
{
    json_t *object = json_object();
    struct request_view view;
    const char *why = NULL;
    bool proven;

    if (request_view_read(der, &view) != 0) {
        json_decref(object);
        return description_unreadable(description, "the certificate request is malformed");
    }
    proven = request_verify(description->context, &view, &why) == 0;
    if (json_put(object, "type", json_string("certificate-request")) != 0 ||
        json_put(object, "subject", description_name(view.subject)) != 0 ||
        json_put(object, "names", description_names(view.subject_alternative_names)) != 0 ||
        put_usages(&view, object) != 0 ||
        json_put(object, "requested_extensions", requested_extensions(&view)) != 0 ||
        json_put(object, "signature_algorithm", description_algorithm(view.signature_algorithm)) != 0 ||
        json_put(object, "signature_valid", json_boolean(proven)) != 0 ||
        (!proven && json_put(object, "signature_fault", json_string(why)) != 0) ||
        (view.fixture && json_put(object, "fixture", json_true()) != 0) ||
        description_put_public_key(description, object, view.spki) != 0) {
        return description_memory_is_out(description, object);
    }
    return object;
}
