/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An order, put together as the document of a manifest. Every value in it is a text, whatever stands in it: none is null, true or a number.
 */
#include "operations/order.h"

#include "base/token_uri.h"
#include "manifest/complaint.h"
#include "manifest/document_builder.h"
#include "manifest/field.h"

static void add_subject(struct document_builder *builder, const struct order_item *item)
{
    if (item->subject != NULL) {
        document_builder_pair(builder, "subject", item->subject);
        return;
    }
    document_builder_text(builder, "subject");
    document_builder_open(builder, NODE_MAPPING);
    document_builder_pair(builder, "CN", item->name);
    document_builder_close(builder);
}

static int add_bundle(struct document_builder *builder, const struct order *order,
                      const struct order_item *item)
{
    struct bytes file = BYTES_EMPTY;

    if (order->bundle == NULL) {
        return 0;
    }
    if (bytes_printf(&file, "%s.p12", item->name) != 0) {
        bytes_free(&file);
        return -1;
    }
    document_builder_text(builder, "bundles");
    document_builder_open(builder, NODE_SEQUENCE);
    document_builder_open(builder, NODE_MAPPING);
    document_builder_pair(builder, "file", bytes_text(&file));
    document_builder_pair(builder, "target", order->bundle);
    document_builder_pair(builder, "passphrase", order->passphrase);
    document_builder_close(builder);
    document_builder_close(builder);
    bytes_free(&file);
    return 0;
}

/** The key and what opens it. */
static void add_key(struct document_builder *builder, const struct order *order)
{
    bool token = order->key != NULL && token_uri_is(order->key);

    if (!token || order->generate == NULL) {
        document_builder_pair(builder, "key", order->key);
    } else {
        document_builder_text(builder, "key");
        document_builder_open(builder, NODE_MAPPING);
        document_builder_pair(builder, "uri", order->key);
        document_builder_pair(builder, "generate", order->generate);
        document_builder_close(builder);
    }
    document_builder_pair(builder, token ? "pin" : "passphrase", order->key_passphrase);
    document_builder_pair(builder, "passphrase_kdf", order->key_kdf);
}

static int add_certificate(struct document_builder *builder, const struct order *order,
                           const struct order_item *item)
{
    int status;

    document_builder_text(builder, item->name);
    document_builder_open(builder, NODE_MAPPING);
    document_builder_pair(builder, "issuer", order->issuer);
    document_builder_pair(builder, "each", order->each);
    document_builder_pair(builder, "profile", order->profile);
    add_subject(builder, item);
    document_builder_pair(builder, "validity", order->validity);
    add_key(builder, order);
    if (!order->authorities && item->name_count > 0) {
        document_builder_list(builder, "san", item->names, item->name_count);
    }
    status = add_bundle(builder, order, item);
    document_builder_close(builder);
    return status;
}

/** What the authority is the ledger knows; here only its name counts. */
static void add_issuer(struct document_builder *builder, const struct order *order)
{
    document_builder_text(builder, order->issuer);
    document_builder_open(builder, NODE_MAPPING);
    document_builder_text(builder, "adopt");
    document_builder_open(builder, NODE_MAPPING);
    document_builder_pair(builder, "certificate", "in the ledger");
    document_builder_close(builder);
    document_builder_close(builder);
}

static int add_all(struct document_builder *builder, const struct order *order)
{
    int status = 0;

    document_builder_open(builder, NODE_MAPPING);
    document_builder_text(builder, "mtlskit");
    document_builder_number(builder, 1);
    if (order->profile_count > 0) {
        document_builder_list(builder, "profiles", order->profiles, order->profile_count);
    }
    document_builder_text(builder, "authorities");
    document_builder_open(builder, NODE_MAPPING);
    add_issuer(builder, order);
    if (!order->authorities) {
        document_builder_close(builder);
        document_builder_text(builder, "certificates");
        document_builder_open(builder, NODE_MAPPING);
    }
    for (size_t i = 0; i < order->count && status == 0; i++) {
        status = add_certificate(builder, order, &order->items[i]);
    }
    document_builder_close(builder);
    document_builder_close(builder);
    return status;
}

struct manifest *order_read(const struct context *context, const struct order *order, struct faults *faults)
{
    struct document_builder *builder = document_builder_new(faults);
    struct document *document = NULL;

    if (builder == NULL || add_all(builder, order) != 0) {
        fault_memory(faults);
        document_builder_free(builder);
    } else {
        document = document_builder_finish(builder);
    }
    return manifest_of_document(context, document, "", faults);
}

const struct profile *order_profile(const char *name, const char *const *profiles, size_t count,
                                    struct profile_set **set, struct faults *faults)
{
    const struct profile *found;
    char hint[COMPLAINT_HINT_MAX];

    *set = profile_set_new(faults);
    if (*set == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (profile_set_add_folder(*set, profiles[i], faults) != 0) {
            return NULL;
        }
    }
    if (profile_set_resolve(*set, faults) != 0) {
        return NULL;
    }
    found = profile_set_find(*set, name);
    if (found == NULL) {
        fault_error(
            faults, NULL, "--profile",
            complaint_did_you_mean(hint, profile_set_nearest(*set, name), "mtls-ca profile list names them"),
            "there is no profile %s", field_quoted(name).text);
    }
    return found;
}

int order_looks_for_authorities(const char *profile, const char *const *profiles, size_t count,
                                bool *authorities, struct faults *faults)
{
    struct profile_set *set = NULL;
    const struct profile *found = order_profile(profile, profiles, count, &set, faults);

    *authorities = found != NULL && found->ca;
    profile_set_free(set);
    return found != NULL ? 0 : -1;
}
