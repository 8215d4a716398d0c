/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate says. */
#include "command/description_kind.h"

#include "base/digest.h"
#include "console/json.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/oid.h"

/* Extensions of a certificate are listed up to this many. */
#define EXTENSIONS_LISTED 100

/* Every URI in @p der, at whatever depth: [6] is a URI wherever GeneralNames are. */
static int collect_uris(struct slice der, unsigned int depth, json_t *list)
{
    struct der_item item;

    while (depth < DER_DEPTH_MAX && der_read(&der, &item) == 1) {
        if (item.tag == DER_CONTEXT(6)) {
            if (json_append(list, json_printable(item.content)) != 0) {
                return -1;
            }
        } else if ((item.tag & 0x20) != 0 && collect_uris(item.content, depth + 1, list) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The URIs of CRL distribution points. */
static json_t *crl_urls(const struct certificate_view *view)
{
    json_t *list = json_array();
    struct slice value = {NULL, 0};
    bool critical;
    struct oid type;

    if (list != NULL && oid_parse("2.5.29.31", &type) == 0 &&
        certificate_find_extension(view, &type, &value, &critical) == 1 &&
        collect_uris(value, 0, list) != 0) {
        json_decref(list);
        list = NULL;
    }
    return list;
}

/* The URIs of authority information access under @p method. */
static json_t *access_urls(const struct certificate_view *view, const char *method)
{
    json_t *list = json_array();
    struct slice value = {NULL, 0};
    struct der_item sequence;
    struct der_item item;
    struct der_item oid;
    struct oid type;
    struct oid wanted;
    bool critical;

    if (list == NULL || oid_parse("1.3.6.1.5.5.7.1.1", &type) != 0 || oid_parse(method, &wanted) != 0 ||
        certificate_find_extension(view, &type, &value, &critical) != 1 ||
        der_expect(&value, DER_SEQUENCE, &sequence) != 0) {
        return list;
    }
    while (der_read(&sequence.content, &item) == 1) {
        if (item.tag == DER_SEQUENCE && der_expect(&item.content, DER_OID, &oid) == 0 &&
            oid_equal(&wanted, oid.content) && collect_uris(item.content, 0, list) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* [n] of a NameConstraints value: the bases of its subtrees. */
static json_t *subtrees(struct slice value, unsigned char tag)
{
    json_t *list = json_array();
    struct der_item sequence;
    struct der_item trees;
    struct der_item tree;
    struct der_item base;

    if (der_expect(&value, DER_SEQUENCE, &sequence) != 0) {
        return list;
    }
    while (list != NULL && der_read(&sequence.content, &trees) == 1) {
        while (list != NULL && trees.tag == tag && der_read(&trees.content, &tree) == 1) {
            struct bytes text = BYTES_EMPTY;
            int status = -1;

            if (der_read(&tree.content, &base) == 1) {
                status = general_name_format_constraint(base.whole, &text);
            }
            json_add(&list, json_made(&text, status));
        }
    }
    return list;
}

static int put_name_constraints(const struct certificate_view *view, json_t *object)
{
    struct slice value = {NULL, 0};
    json_t *constraints;
    struct oid type;
    bool critical;

    if (oid_parse("2.5.29.30", &type) != 0 ||
        certificate_find_extension(view, &type, &value, &critical) != 1) {
        return 0;
    }
    constraints = json_object();
    if (json_put(constraints, "permitted", subtrees(value, DER_CONTEXT_CONSTRUCTED(0))) != 0 ||
        json_put(constraints, "excluded", subtrees(value, DER_CONTEXT_CONSTRUCTED(1))) != 0) {
        json_decref(constraints);
        return -1;
    }
    return json_put(object, "name_constraints", constraints);
}

/* The OIDs of certificate policies. */
static json_t *policies(const struct certificate_view *view)
{
    json_t *list = json_array();
    struct slice value = {NULL, 0};
    struct der_item sequence;
    struct der_item item;
    struct der_item oid;
    struct oid type;
    bool critical;

    if (list == NULL || oid_parse("2.5.29.32", &type) != 0 ||
        certificate_find_extension(view, &type, &value, &critical) != 1 ||
        der_expect(&value, DER_SEQUENCE, &sequence) != 0) {
        return list;
    }
    while (der_read(&sequence.content, &item) == 1) {
        struct bytes text = BYTES_EMPTY;
        int status = der_expect(&item.content, DER_OID, &oid) == 0 ? oid_format(oid.content, &text) : -1;

        if (json_append(list, json_made(&text, status)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* All extensions by name, in their order. */
static json_t *extensions(const struct certificate_view *view)
{
    struct slice rest = view->extensions;
    json_t *list = json_array();
    struct der_item item;

    while (list != NULL && json_array_size(list) < EXTENSIONS_LISTED && der_read(&rest, &item) == 1) {
        struct slice parts = item.content;
        struct bytes dotted = BYTES_EMPTY;
        json_t *entry = json_object();
        struct der_item oid;
        struct der_item next;
        bool critical;
        int status = -1;

        if (der_expect(&parts, DER_OID, &oid) == 0) {
            critical = der_read(&parts, &next) == 1 && next.tag == DER_BOOLEAN && next.content.length == 1 &&
                       next.content.data[0] != 0;
            status = oid_format(oid.content, &dotted);
            if (status == 0) {
                status = json_put(entry, "oid", json_string(bytes_text(&dotted)));
            }
            if (status == 0) {
                status =
                    json_put(entry, "name",
                             certificate_is_fixture_mark(oid.content) ? json_string("mtlskit fixture mark")
                                                                      : description_oid(oid.content));
            }
            if (status == 0) {
                status = json_put(entry, "critical", json_boolean(critical));
            }
        }
        bytes_free(&dotted);
        if (status != 0 || json_append(list, json_incref(entry)) != 0) {
            json_decref(list);
            list = NULL;
        }
        json_decref(entry);
    }
    return list;
}

/* ---- certificate ---------------------------------------------------------------------------------------------------- */

static const char *state_of(const struct description *description, const struct certificate_view *view)
{
    instant now = context_now(description->context);

    return now < view->not_before ? "not yet valid" : now >= view->not_after ? "expired" : "valid";
}

static int put_identifier(json_t *object, const char *key, struct slice octets)
{
    return octets.length == 0 ? 0 : json_put(object, key, json_hex(octets));
}

static int put_extensions(const struct certificate_view *view, json_t *object)
{
    if (json_put(object, "names", description_names(view->subject_alternative_names)) != 0 ||
        json_put(object, "authority", json_boolean(view->ca)) != 0 ||
        (view->path_length >= 0 && json_put(object, "path_length", json_integer(view->path_length)) != 0) ||
        (view->has_key_usage &&
         json_put(object, "key_usage", description_key_usages(view->key_usage)) != 0) ||
        (view->extended_key_usage.length != 0 &&
         json_put(object, "extended_key_usage", description_extended_key_usages(view->extended_key_usage)) !=
             0) ||
        put_name_constraints(view, object) != 0 || json_put(object, "policies", policies(view)) != 0 ||
        json_put(object, "crl_urls", crl_urls(view)) != 0 ||
        json_put(object, "ocsp_urls", access_urls(view, "1.3.6.1.5.5.7.48.1")) != 0 ||
        json_put(object, "ca_issuers_urls", access_urls(view, "1.3.6.1.5.5.7.48.2")) != 0 ||
        put_identifier(object, "subject_key_identifier", view->subject_key_identifier) != 0 ||
        put_identifier(object, "authority_key_identifier", view->authority_key_identifier) != 0) {
        return -1;
    }
    return json_put(object, "extensions", extensions(view));
}

json_t *description_certificate(const struct description *description, struct slice der)
{
    const struct place place = {description->shown, 0, 0};
    struct certificate_view view;
    struct digest fingerprint;
    json_t *object = NULL;

    if (certificate_view_read(der, &view) != 0) {
        fault_error(description->faults, &place, NULL, NULL, "a certificate in it is malformed");
        return NULL;
    }
    object = json_object();
    if (object == NULL || json_put(object, "type", json_string("certificate")) != 0 ||
        json_put(object, "subject", description_name(view.subject)) != 0 ||
        json_put(object, "issuer", description_name(view.issuer)) != 0 ||
        json_put(object, "self_issued", json_boolean(slice_equal(view.subject, view.issuer))) != 0 ||
        json_put(object, "serial", json_hex(serial_magnitude(view.serial))) != 0 ||
        json_put(object, "version", json_integer(view.version)) != 0 ||
        json_put(object, "not_before", json_instant(view.not_before)) != 0 ||
        json_put(object, "not_after", json_instant(view.not_after)) != 0 ||
        json_put(object, "state", json_string(state_of(description, &view))) != 0 ||
        json_put(object, "fixture", json_boolean(view.fixture)) != 0 ||
        json_put(object, "signature_algorithm", description_algorithm(view.signature_algorithm)) != 0 ||
        put_extensions(&view, object) != 0 || digest_of(description->context, der, &fingerprint) != 0 ||
        json_put(object, "sha256", json_hex((struct slice){fingerprint.octets, DIGEST_LENGTH})) != 0 ||
        description_put_public_key(description, object, view.spki) != 0) {
        json_decref(object);
        fault_memory(description->faults);
        return NULL;
    }
    return object;
}
