/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of certificates, requests and revocation lists. */
#include "x509/part.h"

#include <limits.h>

#include "x509/instant.h"

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* A non-negative INTEGER; more than an int holds counts as INT_MAX. */
static int read_count(struct slice content, int *count)
{
    int64_t value = 0;

    if (content.length == 0 || (content.data[0] & 0x80) != 0) {
        return -1;
    }
    for (size_t i = 0; i < content.length; i++) {
        value = value << 8 | content.data[i];
        value = value > INT_MAX ? INT_MAX : value;
    }
    *count = (int)value;
    return 0;
}

/* BOOLEAN, whose FALSE some write out where DER leaves the default away. */
static int read_boolean(struct slice *rest, bool *value)
{
    struct der_item item;

    *value = false;
    if (rest->length == 0 || rest->data[0] != DER_BOOLEAN) {
        return 0;
    }
    if (der_expect(rest, DER_BOOLEAN, &item) != 0 || item.content.length != 1 ||
        (item.content.data[0] != 0 && item.content.data[0] != 0xff)) {
        return -1;
    }
    *value = item.content.data[0] != 0;
    return 0;
}

int part_only(struct slice value, unsigned char tag, struct slice *content)
{
    struct der_item item;

    if (der_expect(&value, tag, &item) != 0 || value.length != 0) {
        return -1;
    }
    *content = item.content;
    return 0;
}

int part_sequence(struct slice value, struct slice *content)
{
    struct slice rest;
    struct der_item item;
    int status;

    if (part_only(value, DER_SEQUENCE, content) != 0) {
        return -1;
    }
    rest = *content;
    while ((status = der_read(&rest, &item)) == 1) {
    }
    return status;
}

int part_time(struct slice *rest, instant *value)
{
    struct der_item item;

    return der_read(rest, &item) == 1 ? instant_parse_asn1(item.tag, item.content, value) : -1;
}

/* A SEQUENCE of an OID and one further value, or at least @p least: AttributeTypeAndValue, AlgorithmIdentifier. */
static int read_typed(struct slice *rest, size_t least, struct slice *whole)
{
    struct der_item item;
    struct der_item part;
    size_t count = 0;
    int status;

    if (der_expect(rest, DER_SEQUENCE, &item) != 0 || !der_is_well_formed(item.whole) ||
        der_expect(&item.content, DER_OID, &part) != 0) {
        return -1;
    }
    while ((status = der_read(&item.content, &part)) == 1) {
        count += 1;
    }
    *whole = item.whole;
    return status == 0 && count >= least && count <= 1 ? 0 : -1;
}

int part_algorithm(struct slice *rest, struct slice *whole)
{
    return read_typed(rest, 0, whole);
}

int part_name(struct slice *rest, struct slice *whole)
{
    struct der_item name;
    struct der_item set;
    struct slice attribute;

    if (der_expect(rest, DER_SEQUENCE, &name) != 0) {
        return -1;
    }
    while (name.content.length != 0) {
        if (der_expect(&name.content, DER_SET, &set) != 0) {
            return -1;
        }
        do {
            if (read_typed(&set.content, 1, &attribute) != 0) {
                return -1;
            }
        } while (set.content.length != 0);
    }
    *whole = name.whole;
    return 0;
}

int part_signed_read(struct slice der, struct part_signed *parts)
{
    struct slice content;
    struct der_item signature;

    if (part_only(der, DER_SEQUENCE, &content) != 0 || der_expect(&content, DER_SEQUENCE, &parts->tbs) != 0 ||
        part_algorithm(&content, &parts->algorithm) != 0 ||
        der_expect(&content, DER_BIT_STRING, &signature) != 0 || content.length != 0 ||
        signature.content.length == 0 || signature.content.data[0] != 0) {
        return -1;
    }
    parts->signature = (struct slice){signature.content.data + 1, signature.content.length - 1};
    return 0;
}

/* ---- extensions -------------------------------------------------------------------------------------------------- */

int part_extension_read(struct slice *rest, struct part_extension *extension)
{
    struct der_item outer;
    struct der_item item;

    if (rest->length == 0) {
        return 0;
    }
    if (der_expect(rest, DER_SEQUENCE, &outer) != 0 || der_expect(&outer.content, DER_OID, &item) != 0) {
        return -1;
    }
    extension->type = item.content;
    if (!der_is_well_formed(item.whole) || read_boolean(&outer.content, &extension->critical) != 0 ||
        der_expect(&outer.content, DER_OCTET_STRING, &item) != 0 || outer.content.length != 0) {
        return -1;
    }
    extension->value = item.content;
    return 1;
}

int part_extension_find(struct slice extensions, const struct oid *type, struct part_extension *extension)
{
    int status;

    while ((status = part_extension_read(&extensions, extension)) == 1) {
        if (oid_equal(type, extension->type)) {
            return 1;
        }
    }
    return status;
}

int part_extension_number(const struct part_extension *extension)
{
    const struct slice type = extension->type;

    return type.length == 3 && type.data[0] == 0x55 && type.data[1] == 0x1d && type.data[2] < 64
               ? type.data[2]
               : -1;
}

int part_basic_constraints(struct slice value, bool *ca, int *path_length)
{
    struct slice rest;
    struct der_item item;

    if (part_only(value, DER_SEQUENCE, &rest) != 0 || read_boolean(&rest, ca) != 0) {
        return -1;
    }
    if (rest.length != 0 &&
        (der_expect(&rest, DER_INTEGER, &item) != 0 || read_count(item.content, path_length) != 0)) {
        return -1;
    }
    return rest.length == 0 ? 0 : -1;
}

int part_key_usage(struct slice value, uint32_t *bits)
{
    struct slice content;

    if (part_only(value, DER_BIT_STRING, &content) != 0 || content.length == 0 || content.data[0] > 7) {
        return -1;
    }
    *bits = 0;
    for (unsigned int bit = 0; bit < 32 && 1 + bit / 8 < content.length; bit++) {
        if ((content.data[1 + bit / 8] & (0x80u >> bit % 8)) != 0) {
            *bits |= UINT32_C(1) << bit;
        }
    }
    return 0;
}

int part_authority_key_identifier(struct slice value, struct slice *identifier)
{
    struct slice rest;
    struct der_item item;

    if (part_only(value, DER_SEQUENCE, &rest) != 0) {
        return -1;
    }
    if (rest.length != 0 && rest.data[0] == DER_CONTEXT(0)) {
        if (der_expect(&rest, DER_CONTEXT(0), &item) != 0) {
            return -1;
        }
        *identifier = item.content;
    }
    return 0;
}
