/* SPDX-License-Identifier: Apache-2.0 */
/* A subject under construction. */
#include "manifest/subject.h"

#include <string.h>

#include "manifest/complaint.h"
#include "x509/der.h"

#define TYPE_HINT    "C, ST, L, O, OU, CN and so on, or a dotted OID"
#define SUBJECT_HINT "{O: Example, CN: name}, a list of such, or \"CN=name,O=Example\""

void subject_clear(struct subject *subject)
{
    subject->count = 0;
    subject->own = false;
    subject->intact = false;
    name_free(&subject->parsed);
}

void subject_free(struct subject *subject)
{
    subject_clear(subject);
    bytes_free(&subject->rdns);
}

/** Take attribute @p at away; whoever joined it joins the one before only if it did itself. */
static void remove_part(struct subject *subject, size_t at)
{
    struct subject_part *part = &subject->parts[at];

    subject->intact = subject->intact && at >= subject->base;
    if (at + 1 < subject->count && !part->joins_last) {
        part[1].joins_last = false;
    }
    memmove(part, part + 1, (subject->count - at - 1) * sizeof(*part));
    subject->count--;
}

/** Where attributes of @p type go: the place of the first inherited one. All of them from @p at on are taken away. */
static size_t make_place(struct subject *subject, const struct oid *type)
{
    size_t at = subject->count, i = 0;

    while (i < subject->count) {
        if (oid_equal(type, oid_slice(&subject->parts[i].type))) {
            if (at > i) {
                at = i;
            }
            remove_part(subject, i);
        } else {
            i++;
        }
    }
    return at < subject->count ? at : subject->count;
}

/** Put @p part at @p at. False when the name is full. */
static bool insert_part(struct subject *subject, size_t at, const struct subject_part *part)
{
    if (subject->count == NAME_ATTRIBUTES_MAX) {
        return false;
    }
    subject->intact = subject->intact && at >= subject->base;
    memmove(&subject->parts[at + 1], &subject->parts[at], (subject->count - at) * sizeof(*part));
    subject->parts[at] = *part;
    subject->count++;
    return true;
}

void subject_inherit(struct subject *subject, const struct name *name)
{
    size_t i, at, first, last = 0;

    for (i = 0; i < name->count; i++) {
        const struct name_attribute *attribute = &name->attributes[i];
        struct subject_part part = {.type = attribute->type, .value = attribute->value};

        /* the first of its type takes the place of the inherited ones, the others follow it */
        for (first = 0; first < i && !oid_equal(&attribute->type, oid_slice(&name->attributes[first].type));
             first++) {
        }
        if (first == i) {
            at = make_place(subject, &attribute->type);
        } else {
            for (at = subject->count;
                 at > 0 && !oid_equal(&attribute->type, oid_slice(&subject->parts[at - 1].type)); at--) {
            }
        }
        part.joins_last = attribute->joins_last && i > 0 && at == last + 1;
        (void)insert_part(subject, at, &part);
        last = at;
    }
}

static void complain_full(const struct node *node, const struct path *path, struct faults *faults)
{
    field_error(faults, node, path, NULL, "has more than %d attributes", NAME_ATTRIBUTES_MAX);
}

/** The attribute type written as the @p index-th key of @p mapping. */
static bool read_type(const struct node *mapping, size_t index, const struct path *path, struct oid *type,
                      struct faults *faults)
{
    const char *key = node_key(mapping, index);
    struct path below = {path, key, 0};
    char hint[COMPLAINT_HINT_MAX];

    if (name_type_parse(key, type) == 0) {
        return true;
    }
    complaint_error(
        faults, node_key_place(mapping, index), &below,
        complaint_did_you_mean(hint, faults_full(faults) ? NULL : name_type_nearest(key), TYPE_HINT),
        "%s is not an attribute of a name", field_quoted(key).text);
    return false;
}

/** Whether the mapping has given @p type before, by another of its names; complained of, then. */
static bool given_before(const struct subject *subject, const struct oid *type, const struct node *mapping,
                         size_t index, const struct path *path, struct faults *faults)
{
    size_t i;

    for (i = 0; i < subject->count; i++) {
        const struct subject_part *part = &subject->parts[i];

        /* what is inherited has no node */
        if (part->node != NULL && oid_equal(type, oid_slice(&part->type))) {
            complaint_error(faults, node_key_place(mapping, index), path, "one key, with a list of values",
                            "is the attribute that %s has given already", field_quoted(part->key).text);
            return true;
        }
    }
    return false;
}

/** Lay the @p index-th attribute of @p mapping over what is there. */
static void read_pair(struct subject *subject, const struct node *mapping, size_t index,
                      const struct path *path, struct faults *faults)
{
    const struct node *value = node_value(mapping, index);
    struct subject_part part = {.key = node_key(mapping, index), .node = value};
    struct path below = {path, part.key, 0};
    struct path item = {&below, NULL, 0};
    size_t at, i;

    if (!read_type(mapping, index, path, &part.type, faults)) {
        return;
    }
    if (node_kind(value) == NODE_MAPPING) {
        field_error(faults, value, &below, NULL, "must be a text or a list of texts, but is a mapping");
        return;
    }
    if (given_before(subject, &part.type, mapping, index, &below, faults)) {
        return;
    }
    at = make_place(subject, &part.type);
    if (node_is_null(value)) {
        return;
    }
    if (node_kind(value) == NODE_SCALAR) {
        part.value = node_text(value);
        subject->own = true;
        if (!insert_part(subject, at, &part)) {
            complain_full(value, &below, faults);
        }
        return;
    }
    part.has_value_index = true;
    for (i = 0; i < node_count(value); i++) {
        item.index = part.value_index = i;
        part.node = node_item(value, i);
        part.value = node_text(part.node);
        if (part.value == NULL || node_is_null(part.node)) {
            field_error(faults, part.node, &item, NULL, "must be a text");
        } else if (!insert_part(subject, at++, &part)) {
            complain_full(part.node, &item, faults);
            return;
        }
        subject->own = true;
    }
}

/** One RDN of the list form. */
static void read_rdn(struct subject *subject, const struct node *rdn, const struct path *path, size_t item,
                     struct faults *faults)
{
    size_t i;

    if (node_kind(rdn) != NODE_MAPPING || node_count(rdn) == 0) {
        field_error(faults, rdn, path, SUBJECT_HINT, "must be a mapping of attributes");
        return;
    }
    for (i = 0; i < node_count(rdn); i++) {
        const struct node *value = node_value(rdn, i);
        struct path below = {path, node_key(rdn, i), 0};
        struct subject_part part = {.key = below.key, .node = value, .item = item, .has_item = true};

        if (!read_type(rdn, i, path, &part.type, faults)) {
            continue;
        }
        part.value = node_text(value);
        part.joins_last = i > 0;
        if (part.value == NULL || node_is_null(value)) {
            field_error(faults, value, &below, "in a list, each value is an item of its own",
                        "must be a text");
        } else if (!insert_part(subject, subject->count, &part)) {
            complain_full(value, &below, faults);
            return;
        }
        subject->own = true;
    }
}

int subject_read(struct subject *subject, const struct node *node, const struct path *path,
                 struct faults *faults)
{
    struct path below = {path, NULL, 0};
    const char *why = NULL;
    size_t i;

    if (node_kind(node) == NODE_MAPPING) {
        for (i = 0; i < node_count(node); i++) {
            read_pair(subject, node, i, path, faults);
        }
        return 0;
    }
    subject_clear(subject);
    if (node_kind(node) == NODE_SEQUENCE) {
        for (i = 0; i < node_count(node); i++) {
            below.index = i;
            read_rdn(subject, node_item(node, i), &below, i, faults);
        }
        return 0;
    }
    if (name_parse(node_text(node), &subject->parsed, &why) != 0) {
        field_error(faults, node, path, NULL, "%s %s", field_quoted(node_text(node)).text, why);
        name_free(&subject->parsed);
        subject->own = true; /* one complaint is enough */
        return 0;
    }
    for (i = 0; i < subject->parsed.count; i++) {
        const struct name_attribute *attribute = &subject->parsed.attributes[i];
        struct subject_part part = {
            .type = attribute->type, .value = attribute->value, .joins_last = attribute->joins_last};

        (void)insert_part(subject, subject->count, &part);
        subject->own = true;
    }
    return 0;
}

/** Complain of the value of @p part, at its place. */
static void complain_value(const struct subject_part *part, const struct path *path, const char *why,
                           struct faults *faults)
{
    struct path item = {path, NULL, part->item};
    struct path key = {part->has_item ? &item : path, part->key, 0};
    struct path value = {&key, NULL, part->value_index};

    field_error(faults, part->node, part->has_value_index ? &value : &key, NULL, "%s %s",
                field_quoted(part->value).text, why);
}

/** Check the parts from @p first on and add them to @p name. */
static int build_from(const struct subject *subject, size_t first, const struct path *path, struct name *name,
                      struct faults *faults)
{
    size_t i;

    for (i = first; i < subject->count; i++) {
        const struct subject_part *part = &subject->parts[i];
        const char *why = NULL;

        if (name_add(name, &part->type, part->value, part->joins_last && name->count > 0, &why) == 0) {
            continue;
        }
        if (why == NULL || part->node == NULL) {
            return -1; /* what is inherited was checked where it was written */
        }
        complain_value(part, path, why, faults);
    }
    return 0;
}

int subject_build(const struct subject *subject, const struct path *path, struct name *name,
                  struct faults *faults)
{
    return build_from(subject, 0, path, name, faults);
}

/** Append the RDNs of the parts from @p first on, without the SEQUENCE around them. */
static int encode_rdns(const struct subject *subject, size_t first, const struct path *path,
                       struct bytes *rdns, struct faults *faults)
{
    struct name name = {NULL, 0};
    struct bytes whole = BYTES_EMPTY;
    struct der_item item;
    struct slice rest;
    int status = -1;

    if (build_from(subject, first, path, &name, faults) == 0 && name_encode(&name, &whole) == 0) {
        rest = slice_of(&whole);
        if (der_expect(&rest, DER_SEQUENCE, &item) == 0) {
            status = bytes_append(rdns, item.content.data, item.content.length);
        }
    }
    name_free(&name);
    bytes_free(&whole);
    return status;
}

int subject_encode(const struct subject *subject, const struct path *path, struct bytes *der,
                   struct faults *faults)
{
    struct bytes rdns = BYTES_EMPTY;
    struct der writer;
    int status = encode_rdns(subject, subject->intact ? subject->base : 0, path, &rdns, faults);

    if (status == 0) {
        der_start(&writer, der);
        der_begin(&writer, DER_SEQUENCE);
        if (subject->intact) {
            der_raw(&writer, slice_of(&subject->rdns));
        }
        der_raw(&writer, slice_of(&rdns));
        der_end(&writer);
        status = der_finish(&writer);
    }
    bytes_free(&rdns);
    return status;
}

int subject_keep_base(struct subject *subject)
{
    bytes_clear(&subject->rdns);
    subject->base = subject->count;
    /* all of it was checked where it was written: there is nothing to complain of */
    subject->intact = encode_rdns(subject, 0, NULL, &subject->rdns, NULL) == 0;
    return subject->intact ? 0 : -1;
}

bool subject_restart(struct subject *subject)
{
    if (subject->intact) {
        subject->count = subject->base;
        subject->own = false;
        name_free(&subject->parsed);
    }
    return subject->intact;
}

const char *subject_find(const struct subject *subject, const struct oid *type)
{
    size_t i;

    for (i = 0; i < subject->count; i++) {
        if (oid_equal(type, oid_slice(&subject->parts[i].type))) {
            return subject->parts[i].value;
        }
    }
    return NULL;
}
