/* SPDX-License-Identifier: Apache-2.0 */
/* What a P12 says: its algorithms, what is in it, and which readers take it. */
#include "command/description_kind.h"

#include <string.h>

#include "console/json.h"
#include "x509/bundle.h"
#include "x509/key.h"

static json_t *mac(const struct bundle_report *report)
{
    json_t *object;

    if (!report->has_mac) {
        return json_null();
    }
    object = json_object();
    if (json_put(object, "digest", json_string(report->mac_digest)) != 0 ||
        json_put(object, "iterations", json_integer(report->mac_iterations)) != 0 ||
        json_put(object, "salt_length", json_integer((json_int_t)report->mac_salt_length)) != 0) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static json_t *entry(const struct description *description, const struct bundle_report_item *item)
{
    json_t *object = json_object();

    if (json_put(object, "kind", json_string(item->kind)) != 0 ||
        json_put(object, "encryption", json_string(item->encryption)) != 0 ||
        (item->iterations > 0 && json_put(object, "iterations", json_integer(item->iterations)) != 0) ||
        (item->friendly_name.length != 0 &&
         json_put(object, "friendly_name", json_printable(slice_of(&item->friendly_name))) != 0) ||
        (item->local_key_id.length != 0 &&
         json_put(object, "local_key_id", json_hex(slice_of(&item->local_key_id))) != 0) ||
        (item->java_trusted && json_put(object, "java_trusted", json_true()) != 0) ||
        (item->certificate.length != 0 &&
         json_put(object, "certificate",
                  description_certificate(description, slice_of(&item->certificate))) != 0)) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static json_t *entries(const struct description *description, const struct bundle_report *report)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < report->item_count; i++) {
        json_add(&list, entry(description, &report->items[i]));
    }
    return list;
}

static json_t *readers(const struct bundle_report *report)
{
    const char *reason = NULL;
    const char *name;
    bool takes = false;
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && (name = bundle_reader_at(i, report, &takes, &reason)) != NULL; i++) {
        json_t *object = json_object();

        if (json_put(object, "reader", json_string(name)) != 0 ||
            (!bundle_reader_is_unsure(i, report) && json_put(object, "takes", json_boolean(takes)) != 0) ||
            (!takes && json_put(object, "reason", json_string(reason)) != 0) ||
            json_append(list, json_incref(object)) != 0) {
            json_decref(list);
            list = NULL;
        }
        json_decref(object);
    }
    return list;
}

/* The private key, as much of it as is public. */
static int put_key(const struct description *description, const struct bundle_report *report, json_t *object)
{
    struct bytes spki = BYTES_EMPTY;
    json_t *key = NULL;
    int status = 0;

    if (report->key != NULL) {
        status = key_spki(report->key, &spki, description->faults);
        if (status == 0) {
            key = json_object();
            status = description_put_public_key(description, key, slice_of(&spki));
        }
        if (status == 0) {
            status = json_put(object, "private_key", json_incref(key));
        }
    }
    json_decref(key);
    bytes_free(&spki);
    return status;
}

/* Open it, or look at what shows: without a passphrase, and also behind a complaint that it cannot be opened. */
static int read_report(const struct description *description, struct slice der, struct bundle_report *report)
{
    struct faults *unused;
    int status;

    if (description->passphrase == NULL) {
        return bundle_peek(description->context, der, description->shown, report, description->faults);
    }
    if (bundle_open(description->context, der, description->passphrase, description->shown, report,
                    description->faults) == 0) {
        return 0;
    }
    bundle_report_free(report);
    unused = faults_new();
    status = unused == NULL ? -1 : bundle_peek(description->context, der, description->shown, report, unused);
    faults_free(unused);
    return status;
}

json_t *description_p12(const struct description *description, struct slice der)
{
    struct bundle_report report;
    json_t *object = NULL;

    memset(&report, 0, sizeof(report));
    if (read_report(description, der, &report) != 0) {
        goto out;
    }
    object = json_object();
    if (json_put(object, "type", json_string("p12")) != 0 ||
        json_put(object, "opened", json_boolean(report.opened)) != 0 ||
        json_put(object, "mac", mac(&report)) != 0 ||
        json_put(object, "entries", entries(description, &report)) != 0 ||
        put_key(description, &report, object) != 0 || json_put(object, "readers", readers(&report)) != 0) {
        json_decref(object);
        object = NULL;
        if (faults_errors(description->faults) == 0) {
            fault_memory(description->faults);
        }
    }
out:
    bundle_report_free(&report);
    return object;
}
