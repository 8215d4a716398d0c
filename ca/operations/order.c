/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order, written down as a manifest. Every value stands in double quotes, escaped, so that nothing in it is YAML.
 */
#include "operations/order.h"

#include <string.h>

#include "base/token_uri.h"
#include "manifest/profile_reader.h"
#include "manifest/quoting.h"

/** "key: value" as an item of a flow mapping; nothing for a value that was not said. */
static int add_item(struct bytes *yaml, const char *key, const char *value)
{
    if (value == NULL) {
        return 0;
    }
    return bytes_printf(yaml, ", %s: ", key) == 0 ? quoting_append(yaml, value) : -1;
}

static int add_subject(struct bytes *yaml, const struct order_item *item)
{
    if (item->subject != NULL) {
        return add_item(yaml, "subject", item->subject);
    }
    if (bytes_append_text(yaml, ", subject: {CN: ") != 0 || quoting_append(yaml, item->name) != 0) {
        return -1;
    }
    return bytes_append_byte(yaml, '}');
}

static int add_bundle(struct bytes *yaml, const struct order *order, const struct order_item *item)
{
    struct bytes file = BYTES_EMPTY;
    int status = -1;

    if (order->bundle == NULL) {
        return 0;
    }
    if (bytes_printf(&file, "%s.p12", item->name) == 0 &&
        bytes_append_text(yaml, ", bundles: [{file: ") == 0 && quoting_append(yaml, bytes_text(&file)) == 0 &&
        add_item(yaml, "target", order->bundle) == 0 &&
        add_item(yaml, "passphrase", order->passphrase) == 0) {
        status = bytes_append_text(yaml, "}]");
    }
    bytes_free(&file);
    return status;
}

/** The key and what opens it. */
static int add_key(struct bytes *yaml, const struct order *order)
{
    bool token = order->key != NULL && token_uri_is(order->key);

    if (!token || order->generate == NULL) {
        if (add_item(yaml, "key", order->key) != 0) {
            return -1;
        }
    } else if (bytes_append_text(yaml, ", key: {uri: ") != 0 || quoting_append(yaml, order->key) != 0 ||
               add_item(yaml, "generate", order->generate) != 0 || bytes_append_byte(yaml, '}') != 0) {
        return -1;
    }
    return add_item(yaml, token ? "pin" : "passphrase", order->key_passphrase) == 0
               ? add_item(yaml, "passphrase_kdf", order->key_kdf)
               : -1;
}

static int add_certificate(struct bytes *yaml, const struct order *order, const struct order_item *item)
{
    if (bytes_append_text(yaml, "  ") != 0 || quoting_append(yaml, item->name) != 0 ||
        bytes_append_text(yaml, ": {issuer: ") != 0 || quoting_append(yaml, order->issuer) != 0 ||
        add_item(yaml, "each", order->each) != 0 || add_item(yaml, "profile", order->profile) != 0 ||
        add_subject(yaml, item) != 0 || add_item(yaml, "validity", order->validity) != 0 ||
        add_key(yaml, order) != 0) {
        return -1;
    }
    if (!order->authorities && item->name_count > 0 &&
        (bytes_append_text(yaml, ", san: ") != 0 ||
         quoting_append_list(yaml, item->names, item->name_count) != 0)) {
        return -1;
    }
    return add_bundle(yaml, order, item) == 0 ? bytes_append_text(yaml, "}\n") : -1;
}

static int order_write(const struct order *order, struct bytes *yaml)
{
    size_t i;

    if (bytes_append_text(yaml, "mtlskit: 1\n") != 0) {
        return -1;
    }
    if (order->profile_count > 0 && (bytes_append_text(yaml, "profiles: ") != 0 ||
                                     quoting_append_list(yaml, order->profiles, order->profile_count) != 0 ||
                                     bytes_append_byte(yaml, '\n') != 0)) {
        return -1;
    }
    /* what the authority is the ledger knows; here only its name counts */
    if (bytes_append_text(yaml, "authorities:\n  ") != 0 || quoting_append(yaml, order->issuer) != 0 ||
        bytes_append_text(yaml, order->authorities
                                    ? ": {adopt: {certificate: in the ledger}}\n"
                                    : ": {adopt: {certificate: in the ledger}}\ncertificates:\n") != 0) {
        return -1;
    }
    for (i = 0; i < order->count; i++) {
        if (add_certificate(yaml, order, &order->items[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

struct manifest *order_read(const struct context *context, const struct order *order, struct faults *faults)
{
    struct bytes yaml = BYTES_EMPTY;
    struct manifest *manifest = NULL;

    if (order_write(order, &yaml) != 0) {
        fault_memory(faults);
    } else {
        manifest = manifest_parse(context, slice_of(&yaml), "", "", faults);
    }
    bytes_free(&yaml);
    return manifest;
}

int order_looks_for_authorities(const char *profile, const char *const *profiles, size_t count,
                                bool *authorities, struct faults *faults)
{
    struct profile_set *set = profile_set_new(faults);
    const struct profile *found;
    int status = set != NULL ? 0 : -1;

    for (size_t i = 0; status == 0 && i < count; i++) {
        status = profile_set_add_folder(set, profiles[i], faults);
    }
    if (status == 0) {
        status = profile_set_resolve(set, faults);
    }
    if (status == 0) {
        found = profile_set_find(set, profile);
        *authorities = found != NULL && found->ca;
    }
    profile_set_free(set);
    return status;
}
