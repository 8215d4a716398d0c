/* SPDX-License-Identifier: Apache-2.0 */
/* Names under construction, their DER, and what is asked of a name in DER. The text form is name_text.c's. */
#include "x509/name.h"

#include <stdlib.h>
#include <string.h>

#include "x509/asn1_string.h"
#include "x509/der.h"
#include "x509/name_type.h"

static const char *const complaints[NAME_TYPE_COMPLAINTS] = {
    [NAME_TYPE_FINE] = NULL,
    [NAME_TYPE_EMPTY] = "is empty",
    [NAME_TYPE_NO_UTF8] = "is not valid UTF-8",
    [NAME_TYPE_CONTROL] = "holds a control character",
    [NAME_TYPE_LONG] = "is longer than its attribute type allows",
    [NAME_TYPE_NO_PRINTABLE] =
        "holds a character its attribute type does not take; it takes ASCII letters, digits, space "
        "and '()+,-./:=?",
    [NAME_TYPE_NO_ASCII] = "holds a character outside ASCII, which its attribute type does not take",
    [NAME_TYPE_NO_COUNTRY] = "is not a country code of two letters, such as US",
    [NAME_TYPE_COUNTRY_CASE] = "is a country code in lower case; write it in upper case, such as US",
};

/* Whether the RDN that is being built, the last of @p name, has @p type already. */
static bool last_rdn_has(const struct name *name, const struct oid *type)
{
    for (size_t i = name->count; i > 0; i--) {
        if (oid_equal(&name->attributes[i - 1].type, oid_slice(type))) {
            return true;
        }
        if (!name->attributes[i - 1].joins_last) {
            break;
        }
    }
    return false;
}

/* What is wrong with one more attribute, or NULL. */
static const char *complaint_about(const struct name *name, const struct oid *type, const char *value,
                                   bool joins_last)
{
    if (name->count == NAME_ATTRIBUTES_MAX) {
        return "would be the 65th attribute; a name has at most 64";
    }
    if (joins_last && name->count == 0) {
        return "is to join an attribute before it, but there is none";
    }
    if (joins_last && last_rdn_has(name, type)) {
        return "has the attribute type of another value in the same RDN";
    }
    return complaints[name_type_check(oid_slice(type), slice_of_text(value))];
}

int name_add(struct name *name, const struct oid *type, const char *value, bool joins_last, const char **why)
{
    const char *complaint = complaint_about(name, type, value, joins_last);
    struct name_attribute *attributes;
    char *copy;

    if (complaint != NULL) {
        *why = complaint;
        return -1;
    }
    copy = strdup(value);
    attributes = realloc(name->attributes, (name->count + 1) * sizeof(*attributes));
    if (attributes != NULL) {
        name->attributes = attributes;
    }
    if (copy == NULL || attributes == NULL) {
        free(copy);
        *why = "does not fit into memory";
        return -1;
    }
    attributes[name->count].type = *type;
    attributes[name->count].value = copy;
    attributes[name->count].joins_last = joins_last;
    name->count += 1;
    return 0;
}

const char *name_find(const struct name *name, const struct oid *type)
{
    for (size_t i = 0; i < name->count; i++) {
        if (oid_equal(&name->attributes[i].type, oid_slice(type))) {
            return name->attributes[i].value;
        }
    }
    return NULL;
}

void name_free(struct name *name)
{
    for (size_t i = 0; i < name->count; i++) {
        free(name->attributes[i].value);
    }
    free(name->attributes);
    *name = (struct name){NULL, 0};
}

/* ---- to DER ------------------------------------------------------------------------------------------------------ */

static void put_attribute(struct der *der, const struct name_attribute *attribute)
{
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, oid_slice(&attribute->type));
    der_value(der, name_type_string(oid_slice(&attribute->type)), slice_of_text(attribute->value));
    der_end(der);
}

/* X.690, 11.6: by octets, a shorter encoding as if zero octets followed. */
static bool comes_after(struct slice one, struct slice other)
{
    size_t length = one.length < other.length ? one.length : other.length;
    int order = memcmp(one.data, other.data, length);

    return order > 0 || (order == 0 && one.length > other.length);
}

/* The attributes of one RDN, each encoded on its own, then put in order. */
static int put_sorted(struct der *der, const struct name_attribute *attributes, size_t count)
{
    struct slice sorted[NAME_ATTRIBUTES_MAX];
    struct bytes scratch = BYTES_EMPTY;
    struct slice rest;
    struct der each;
    int status = -1;

    der_start(&each, &scratch);
    for (size_t i = 0; i < count; i++) {
        put_attribute(&each, &attributes[i]);
    }
    if (der_finish(&each) != 0) {
        goto out;
    }
    rest = slice_of(&scratch);
    for (size_t i = 0; i < count; i++) {
        struct der_item item;
        size_t at = i;

        if (der_read(&rest, &item) != 1) {
            goto out;
        }
        for (; at > 0 && comes_after(sorted[at - 1], item.whole); at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = item.whole;
    }
    for (size_t i = 0; i < count; i++) {
        der_raw(der, sorted[i]);
    }
    status = 0;
out:
    bytes_free(&scratch);
    return status;
}

int name_encode(const struct name *name, struct bytes *der)
{
    struct der writer;
    size_t next;

    if (name->count > NAME_ATTRIBUTES_MAX) {
        return -1;
    }
    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    for (size_t i = 0; i < name->count; i = next) {
        for (next = i + 1; next < name->count && name->attributes[next].joins_last; next++) {
        }
        der_begin(&writer, DER_SET);
        if (next == i + 1) {
            put_attribute(&writer, &name->attributes[i]);
        } else if (put_sorted(&writer, &name->attributes[i], next - i) != 0) {
            return -1;
        }
        der_end(&writer);
    }
    der_end(&writer);
    return der_finish(&writer);
}

/* ---- from DER ---------------------------------------------------------------------------------------------------- */

bool name_is_empty(struct slice der)
{
    return der.length == 2 && der.data[0] == DER_SEQUENCE && der.data[1] == 0;
}

/* The last CN among the attributes of one RDN: 1 found, 0 none, -1 malformed. */
static int common_name_of(struct slice set, struct der_item *value)
{
    static const unsigned char common_name[] = {0x55, 0x04, 0x03};
    int found = 0;

    while (set.length > 0) {
        struct der_item attribute;
        struct der_item type;
        struct der_item any;

        if (der_expect(&set, DER_SEQUENCE, &attribute) != 0 ||
            der_expect(&attribute.content, DER_OID, &type) != 0 || der_read(&attribute.content, &any) != 1 ||
            attribute.content.length != 0) {
            return -1;
        }
        if (slice_equal(type.content, (struct slice){common_name, sizeof(common_name)})) {
            *value = any;
            found = 1;
        }
    }
    return found;
}

int name_common_name(struct slice der, struct bytes *text)
{
    struct bytes found = BYTES_EMPTY;
    struct der_item name;
    struct der_item value = {0};
    bool any = false;
    int status = -1;

    if (der_expect(&der, DER_SEQUENCE, &name) != 0 || der.length != 0) {
        goto out;
    }
    while (name.content.length > 0) {
        struct der_item rdn;
        int one;

        if (der_expect(&name.content, DER_SET, &rdn) != 0) {
            goto out;
        }
        one = common_name_of(rdn.content, &value);
        if (one < 0) {
            goto out;
        }
        any = any || one == 1;
    }
    if (!any) {
        status = 0;
        goto out;
    }
    if (asn1_string_to_utf8(value.tag, value.content, &found) == 0 &&
        (found.length == 0 || memchr(found.data, 0, found.length) == NULL) &&
        bytes_append(text, found.data, found.length) == 0) {
        status = 1;
    }
out:
    bytes_free(&found);
    return status;
}
