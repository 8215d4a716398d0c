/* SPDX-License-Identifier: Apache-2.0 */
/* What a revocation list says. */
#include "command/description_kind.h"

#include "console/json.h"
#include "x509/certificate.h"
#include "x509/crl.h"

static json_t *reason_of(const struct crl_entry *entry)
{
    const char *word = crl_reason_text(entry->reason);

    return word != NULL ? json_string(word) : json_sprintf("%d", entry->reason);
}

static json_t *revocation(const struct crl_entry *entry)
{
    json_t *object = json_object();

    if (json_put(object, "serial", json_hex(serial_magnitude(entry->serial))) != 0 ||
        json_put(object, "revoked", json_instant(entry->revoked)) != 0 ||
        (entry->has_reason && json_put(object, "reason", reason_of(entry)) != 0) ||
        (entry->has_invalidity &&
         json_put(object, "invalidity_date", json_instant(entry->invalidity)) != 0)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static json_t *revocations(const struct crl_view *view)
{
    struct slice rest = view->entries;
    json_t *list = json_array();
    struct crl_entry entry;

    while (list != NULL && json_array_size(list) < DESCRIPTION_CRL_ENTRIES &&
           crl_entry_read(&rest, &entry) == 1) {
        json_add(&list, revocation(&entry));
    }
    return list;
}

static int put_extensions(const struct crl_view *view, json_t *object)
{
    return (view->authority_key_identifier.length != 0 &&
            json_put(object, "authority_key_identifier", json_hex(view->authority_key_identifier)) != 0) ||
                   (view->delta && json_put(object, "delta", json_true()) != 0) ||
                   (view->partial && json_put(object, "partial", json_true()) != 0) ||
                   (view->fixture && json_put(object, "fixture", json_true()) != 0)
               ? -1
               : 0;
}

json_t *description_crl(const struct description *description, struct slice der)
{
    json_t *object = json_object();
    struct crl_view view;

    if (crl_view_read(der, &view) != 0) {
        json_decref(object);
        return description_unreadable(description, "the certificate revocation list is malformed");
    }
    if (json_put(object, "type", json_string("crl")) != 0 ||
        json_put(object, "issuer", description_name(view.issuer)) != 0 ||
        json_put(object, "version", json_integer(view.version)) != 0 ||
        (view.number.length != 0 &&
         json_put(object, "number", json_hex(serial_magnitude(view.number))) != 0) ||
        json_put(object, "this_update", json_instant(view.this_update)) != 0 ||
        (view.has_next_update && json_put(object, "next_update", json_instant(view.next_update)) != 0) ||
        json_put(object, "signature_algorithm", description_algorithm(view.signature_algorithm)) != 0 ||
        put_extensions(&view, object) != 0 ||
        json_put(object, "count", json_integer((json_int_t)view.count)) != 0 ||
        json_put(object, "entries", revocations(&view)) != 0) {
        return description_memory_is_out(description, object);
    }
    return object;
}
