/* SPDX-License-Identifier: Apache-2.0 */
/* Bags of a P12, decrypted and put into the report. */
#include "x509/bag.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x509/asn1_string.h"
#include "x509/ber.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/pbe.h"
#include "x509/pfx.h"

#define BAGS_LIMIT 10000
/* SafeContents inside SafeContents. */
#define NESTING_LIMIT 4

static int broken(struct reading *reading, const char *what)
{
    return opening_broken(&reading->opening, what);
}

struct bundle_report_item *bag_add_item(struct reading *reading, const char *kind,
                                        const struct wrapping *wrapping)
{
    struct bundle_report *report = reading->report;
    struct bundle_report_item *item;

    if (report->item_count == BAGS_LIMIT) {
        broken(reading, "it has more than 10,000 bags");
        return NULL;
    }
    /* Room doubles whenever the count is a power of two. */
    if ((report->item_count & (report->item_count - 1)) == 0) {
        size_t room = report->item_count == 0 ? 1 : 2 * report->item_count;
        struct bundle_report_item *items = realloc(report->items, room * sizeof(*items));

        if (items == NULL) {
            fault_memory(reading->opening.faults);
            return NULL;
        }
        report->items = items;
    }
    item = &report->items[report->item_count++];
    memset(item, 0, sizeof(*item));
    snprintf(item->kind, sizeof(item->kind), "%s", kind);
    snprintf(item->encryption, sizeof(item->encryption), "%s", wrapping->name);
    item->iterations = wrapping->iterations;
    return item;
}

/* bagAttributes: those known here; others, and names that cannot be read, are passed over. */
static int read_attributes(struct reading *reading, struct slice attributes, struct bundle_report_item *item)
{
    struct der_item attribute;
    struct der_item type;
    struct der_item values;
    struct der_item value;
    int status;

    while ((status = der_read(&attributes, &attribute)) == 1) {
        struct slice rest = attribute.content;

        if (attribute.tag != DER_SEQUENCE || der_expect(&rest, DER_OID, &type) != 0 ||
            der_expect(&rest, DER_SET, &values) != 0) {
            return broken(reading, "an attribute is malformed");
        }
        rest = values.content;
        if (der_read(&rest, &value) != 1) {
            continue;
        }
        switch (pfx_type_of(type.content)) {
        case PFX_FRIENDLY_NAME:
            bytes_clear(&item->friendly_name);
            /* a name that cannot be read counts as none */
            if (asn1_string_to_utf8(value.tag, value.content, &item->friendly_name) != 0) {
                bytes_clear(&item->friendly_name);
            }
            break;
        case PFX_LOCAL_KEY_ID:
            bytes_clear(&item->local_key_id);
            if (bytes_append(&item->local_key_id, value.content.data, value.content.length) != 0) {
                fault_memory(reading->opening.faults);
                return -1;
            }
            break;
        case PFX_JAVA_TRUSTED:
            item->java_trusted = true;
            break;
        default:
            break;
        }
    }
    return status == 0 ? 0 : broken(reading, "its attributes are malformed");
}

static int read_certificate(struct reading *reading, struct slice value, const struct wrapping *wrapping,
                            struct slice attributes)
{
    struct bundle_report_item *item;
    struct certificate_view view;
    struct der_item bag;
    struct der_item type;
    struct der_item explicit;
    struct der_item octets;
    struct slice rest;

    if (der_expect(&value, DER_SEQUENCE, &bag) != 0 || value.length != 0) {
        return broken(reading, "a certificate bag is malformed");
    }
    rest = bag.content;
    if (der_expect(&rest, DER_OID, &type) != 0 ||
        der_expect(&rest, DER_CONTEXT_CONSTRUCTED(0), &explicit) != 0) {
        return broken(reading, "a certificate bag is malformed");
    }
    item = bag_add_item(
        reading, pfx_type_of(type.content) == PFX_X509_CERTIFICATE ? "certificate" : "other certificate",
        wrapping);
    if (item == NULL) {
        return -1;
    }
    if (pfx_type_of(type.content) == PFX_X509_CERTIFICATE) {
        rest = explicit.content;
        if (der_expect(&rest, DER_OCTET_STRING, &octets) != 0 ||
            certificate_view_read(octets.content, &view) != 0) {
            return broken(reading, "a certificate in it is malformed");
        }
        if (bytes_append(&item->certificate, octets.content.data, octets.content.length) != 0) {
            fault_memory(reading->opening.faults);
            return -1;
        }
    }
    return read_attributes(reading, attributes, item);
}

/* A plain PKCS#8 key; the first of a file is kept. */
static int keep_key(struct reading *reading, struct slice pkcs8)
{
    if (reading->report->key == NULL) {
        reading->report->key = key_read(reading->opening.context, pkcs8, NULL, reading->opening.place.file,
                                        reading->opening.faults);
    }
    return reading->report->key != NULL ? 0 : -1;
}

static int read_shrouded_key(struct reading *reading, struct slice value, struct slice attributes)
{
    struct bundle_report_item *item;
    struct bytes plain = BYTES_EMPTY;
    struct wrapping wrapping;
    struct der_item info;
    struct der_item identifier;
    struct der_item octets;
    struct slice rest;
    const char *why = NULL;
    struct pbe pbe;
    int status;

    if (der_expect(&value, DER_SEQUENCE, &info) != 0 || value.length != 0) {
        return broken(reading, "a key bag is malformed");
    }
    rest = info.content;
    if (der_expect(&rest, DER_SEQUENCE, &identifier) != 0 ||
        der_expect(&rest, DER_OCTET_STRING, &octets) != 0) {
        return broken(reading, "a key bag is malformed");
    }
    if (pbe_read(identifier.content, &pbe, &why) != 0) {
        return broken(reading, why);
    }
    wrapping = (struct wrapping){pbe.name, pbe.derivation.iterations};
    item = bag_add_item(reading, "shrouded key", &wrapping);
    if (item == NULL || read_attributes(reading, attributes, item) != 0) {
        return -1;
    }
    if (reading->opening.peek || reading->report->key != NULL) {
        return 0;
    }
    status = opening_decrypt(&reading->opening, &pbe, octets.content, &plain);
    if (status == 0) {
        status = keep_key(reading, slice_of(&plain));
    }
    bytes_free(&plain);
    return status;
}

static int read_safe(struct reading *reading, struct slice encoded, const struct wrapping *wrapping,
                     unsigned int depth);

static int read_bag(struct reading *reading, const struct der_item *bag, const struct wrapping *wrapping,
                    unsigned int depth)
{
    struct bundle_report_item *item;
    struct slice rest = bag->content;
    struct slice attributes = {NULL, 0};
    struct der_item type;
    struct der_item value;
    struct der_item set;
    const char *kind = "unknown";

    if (bag->tag != DER_SEQUENCE || der_expect(&rest, DER_OID, &type) != 0 ||
        der_expect(&rest, DER_CONTEXT_CONSTRUCTED(0), &value) != 0) {
        return broken(reading, "a bag is malformed");
    }
    if (der_expect(&rest, DER_SET, &set) == 0) {
        attributes = set.content;
    }
    if (rest.length != 0) {
        return broken(reading, "a bag is malformed");
    }
    switch (pfx_type_of(type.content)) {
    case PFX_SHROUDED_KEY_BAG:
        return read_shrouded_key(reading, value.content, attributes);
    case PFX_CERTIFICATE_BAG:
        return read_certificate(reading, value.content, wrapping, attributes);
    case PFX_SAFE_CONTENTS_BAG:
        return read_safe(reading, value.content, wrapping, depth + 1);
    case PFX_KEY_BAG:
        item = bag_add_item(reading, "key", wrapping);
        if (item == NULL || (!reading->opening.peek && keep_key(reading, value.content) != 0)) {
            return -1;
        }
        return read_attributes(reading, attributes, item);
    case PFX_CRL_BAG:
        kind = "CRL";
        break;
    case PFX_SECRET_BAG:
        kind = "secret";
        break;
    default:
        break;
    }
    item = bag_add_item(reading, kind, wrapping);
    return item == NULL ? -1 : read_attributes(reading, attributes, item);
}

/* SafeContents: @p encoded is BER, foreign or just decrypted. */
static int read_safe(struct reading *reading, struct slice encoded, const struct wrapping *wrapping,
                     unsigned int depth)
{
    struct bytes plain = BYTES_EMPTY;
    struct der_item safe;
    struct der_item bag;
    struct slice rest;
    int status = -1;

    if (depth > NESTING_LIMIT) {
        broken(reading, "its safes are nested too deep");
        goto out;
    }
    if (ber_read(&encoded, &plain) != 0 || encoded.length != 0) {
        broken(reading, "a safe is malformed");
        goto out;
    }
    rest = slice_of(&plain);
    if (der_expect(&rest, DER_SEQUENCE, &safe) != 0) {
        broken(reading, "a safe is malformed");
        goto out;
    }
    rest = safe.content;
    while ((status = der_read(&rest, &bag)) == 1) {
        if (read_bag(reading, &bag, wrapping, depth) != 0) {
            status = -1;
            goto out;
        }
    }
    if (status != 0) {
        broken(reading, "a safe is malformed");
    }
out:
    bytes_free(&plain);
    return status;
}

int bag_read_safe(struct reading *reading, struct slice encoded, const struct wrapping *wrapping)
{
    return read_safe(reading, encoded, wrapping, 0);
}
