/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name constraints: those that `auto` finds in the names under an authority; and whether all names lie within those that are written,
 * so that no certificate is made that every verifier would refuse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/hostname.h"
#include "manifest/reading.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/name_constraints.h"

/* ---- auto ------------------------------------------------------------------------------------------------------------ */

/** Constraints for one authority while they are gathered: each a GeneralName somewhere in @c der. */
struct gathering {
    struct bytes der;
    struct gathered {
        size_t start, length;
        const unsigned char *base; /* set when all are there */
    } * items;
    size_t count, capacity;
};

static void gathering_free(struct gathering *gathering)
{
    bytes_free(&gathering->der);
    free(gathering->items);
}

/** Add the constraint that just permits the name @p item of a SAN; kinds without one are left out. */
static int gather_name(struct gathering *gathering, const struct der_item *item)
{
    static const unsigned char ones[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                           0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct slice content = item->content;
    struct der der;
    size_t start = gathering->der.length;

    if (item->tag == DER_CONTEXT(GENERAL_NAME_DNS) && content.length > 2 &&
        memcmp(content.data, "*.", 2) == 0) {
        content.data += 2;
        content.length -= 2;
    }
    if (gathering->count == gathering->capacity) {
        size_t capacity = gathering->capacity > 0 ? gathering->capacity * 2 : 64;
        struct gathered *grown = realloc(gathering->items, capacity * sizeof(*grown));

        if (grown == NULL) {
            return -1;
        }
        gathering->items = grown;
        gathering->capacity = capacity;
    }
    der_start(&der, &gathering->der);
    if (item->tag == DER_CONTEXT(GENERAL_NAME_IP) && content.length <= sizeof(ones)) {
        unsigned char octets[2 * sizeof(ones)];

        memcpy(octets, content.data, content.length);
        memcpy(octets + content.length, ones, content.length);
        der_value(&der, item->tag, (struct slice){octets, 2 * content.length});
    } else if (item->tag == DER_CONTEXT(GENERAL_NAME_DNS) || item->tag == DER_CONTEXT(GENERAL_NAME_EMAIL)) {
        der_value(&der, item->tag, content);
    } else {
        return 0;
    }
    if (der_finish(&der) != 0) {
        return -1;
    }
    gathering->items[gathering->count++] = (struct gathered){start, gathering->der.length - start, NULL};
    return 0;
}

/** Add what all names in @p names (GeneralName DERs) need. */
static int gather_names(struct gathering *gathering, struct slice names)
{
    struct der_item item;

    while (names.length > 0) {
        if (der_read(&names, &item) != 1 || gather_name(gathering, &item) != 0) {
            return -1;
        }
    }
    return 0;
}

/** Add what entry @p index needs: its SANs, and what its subject has of e-mail address and host name. */
static int gather_entry(struct gathering *gathering, const struct reading *reading, size_t index)
{
    struct bytes der = BYTES_EMPTY;
    const char *why = NULL;
    int status = gather_names(gathering, slice_of(&reading->entries[index].names));
    size_t i;

    for (i = 0; status == 0 && i < 2; i++) {
        const char *text = reading->drafts[index].names_itself[i];

        bytes_clear(&der);
        if (text != NULL && (general_name_parse(text, NULL, &der, &why) != 0 ||
                             gather_names(gathering, slice_of(&der)) != 0)) {
            status = -1;
        }
    }
    bytes_free(&der);
    return status;
}

static int compare_gathered(const void *one, const void *other)
{
    const struct gathered *a = one, *b = other;
    size_t least = a->length < b->length ? a->length : b->length;
    int order = memcmp(a->base, b->base, least);

    return order != 0 ? order : a->length < b->length ? -1 : a->length > b->length;
}

/**
 * A permitted list says nothing of kinds of names that are not in it (RFC 5280, section 4.2.1.10): hosts and addresses, when none
 * is below the authority, are therefore excluded as a whole. There is no base that stands for every e-mail address or URI.
 */
static int exclude_unused(struct bytes *excluded, bool hosts, bool addresses)
{
    static const unsigned char every_address[32] = {0};
    struct der der;

    der_start(&der, excluded);
    if (!hosts) {
        der_value(&der, DER_CONTEXT(GENERAL_NAME_DNS), (struct slice){every_address, 0});
    }
    if (!addresses) {
        der_value(&der, DER_CONTEXT(GENERAL_NAME_IP), (struct slice){every_address, 8});
        der_value(&der, DER_CONTEXT(GENERAL_NAME_IP), (struct slice){every_address, 32});
    }
    return der_finish(&der);
}

/** Sort, leave out doubles, and give all to the entry. */
static int settle(struct reading *reading, size_t index, struct gathering *gathering)
{
    struct entry *entry = &reading->entries[index];
    bool hosts = false;
    bool addresses = false;
    size_t i;

    if (gathering->count == 0) {
        struct path top = reading_entry_top(entry), name = {&top, entry->name, 0};
        struct path path = {&name, "name_constraints", 0};

        complaint_warning(reading->faults, entry->place, &path, NULL,
                          "auto finds no name under \"%s\": none are written", entry->name);
        return 0;
    }
    for (i = 0; i < gathering->count; i++) {
        gathering->items[i].base = gathering->der.data + gathering->items[i].start;
    }
    qsort(gathering->items, gathering->count, sizeof(*gathering->items), compare_gathered);
    for (i = 0; i < gathering->count; i++) {
        const struct gathered *item = &gathering->items[i];

        hosts = hosts || item->base[0] == DER_CONTEXT(GENERAL_NAME_DNS);
        addresses = addresses || item->base[0] == DER_CONTEXT(GENERAL_NAME_IP);
        if (i > 0 && compare_gathered(item, item - 1) == 0) {
            continue;
        }
        if (bytes_append(&entry->permitted, item->base, item->length) != 0) {
            return -1;
        }
    }
    return exclude_unused(&entry->excluded, hosts, addresses);
}

int reading_constraints(struct reading *reading)
{
    struct gathering *gatherings = calloc(reading->authority_count + 1, sizeof(*gatherings));
    bool wanted = false;
    int status = gatherings != NULL ? 0 : -1;
    size_t i, above;

    for (i = 0; i < reading->authority_count; i++) {
        wanted = wanted || reading->drafts[i].constraints_auto;
    }
    for (i = 0; status == 0 && wanted && i < reading->count; i++) {
        for (above = i < reading->authority_count ? i : reading->drafts[i].issuer;
             status == 0 && above != NO_ENTRY; above = reading->drafts[above].issuer) {
            if (reading->drafts[above].constraints_auto && above != i) {
                status = gather_entry(&gatherings[above], reading, i);
            }
        }
    }
    for (i = 0; status == 0 && i < reading->authority_count; i++) {
        if (reading->drafts[i].constraints_auto) {
            status = settle(reading, i, &gatherings[i]);
        }
    }
    for (i = 0; gatherings != NULL && i < reading->authority_count; i++) {
        gathering_free(&gatherings[i]);
    }
    free(gatherings);
    if (status != 0) {
        fault_memory(reading->faults);
    }
    return status;
}

/* ---- names against what is written ------------------------------------------------------------------------------------ */

/** An entry while its names are held against the constraints of an authority above it. */
struct holding {
    struct reading *reading;
    size_t index;
    const struct entry *authority;
    size_t breaches;
};

/** Whether what is written at @p node is the subject alternative name @p der. */
static bool is_san(const struct node *node, struct slice der)
{
    struct bytes ascii = BYTES_EMPTY;
    struct bytes made = BYTES_EMPTY;
    const char *why = NULL;
    bool same =
        node_kind(node) == NODE_SCALAR && hostname_in_san_to_ascii(node_text(node), &ascii, &why) == 0 &&
        general_name_parse(bytes_text(&ascii), NULL, &made, &why) == 0 && slice_equal(slice_of(&made), der);

    bytes_free(&ascii);
    bytes_free(&made);
    return same;
}

/** Where the name of @p breach is written: its node (NULL: nowhere), and the frame of its path below @p field. */
static const struct node *breach_node(const struct holding *holding, const struct name_breach *breach,
                                      struct path *field, struct path *item, const struct path **path)
{
    const struct node *entry = holding->reading->drafts[holding->index].node;
    const struct node *node;

    field->key = breach->origin == NAME_OF_SAN ? "san" : "subject";
    *path = field;
    node = reading_value(entry, field->key);
    if (node == NULL || breach->origin != NAME_OF_SAN || node_kind(node) != NODE_SEQUENCE) {
        return node;
    }
    for (item->index = 0; item->index < node_count(node); item->index++) {
        if (is_san(node_item(node, item->index), breach->name)) {
            *path = item;
            return node_item(node, item->index);
        }
    }
    return node;
}

/** Fill @p hint with the permitted bases that are of the kind of @p name; what is too much is cut. */
static void permitted_hint(const struct entry *authority, struct slice name, char hint[COMPLAINT_HINT_MAX])
{
    struct slice rest = slice_of(&authority->permitted);
    struct bytes text = BYTES_EMPTY;
    struct der_item item;
    bool first = true;

    (void)!bytes_append_text(&text, "permitted there: ");
    while (text.length < COMPLAINT_HINT_MAX && der_read(&rest, &item) == 1) {
        if (item.tag == name.data[0]) {
            (void)!bytes_append_text(&text, first ? "" : ", ");
            (void)!general_name_format_constraint(item.whole, &text);
            first = false;
        }
    }
    (void)snprintf(hint, COMPLAINT_HINT_MAX, "%s", bytes_text(&text));
    bytes_free(&text);
}

static int complain_breach(void *state, const struct name_breach *breach)
{
    struct holding *holding = state;
    struct reading *reading = holding->reading;
    const struct entry *entry = &reading->entries[holding->index];
    struct path top = reading_entry_top(entry), name = {&top, entry->name, 0};
    struct path field = {&name, NULL, 0}, item = {&field, NULL, 0};
    const struct path *path = NULL;
    const struct node *node = breach_node(holding, breach, &field, &item, &path);
    struct bytes text = BYTES_EMPTY, base = BYTES_EMPTY;
    char hint[COMPLAINT_HINT_MAX] = "";
    const char *by = holding->authority->name;
    struct place place = node != NULL ? node_place(node) : entry->place;
    int status = -1;

    if (general_name_format(breach->name, &text) != 0 ||
        (breach->base.length > 0 && general_name_format_constraint(breach->base, &base) != 0)) {
        goto out;
    }
    status = 0;
    holding->breaches++;
    if (breach->verdict == NAME_EXCLUDED) {
        complaint_error(reading->faults, place, path, NULL,
                        "%s is excluded by the name constraints of \"%s\": %s",
                        field_quoted(bytes_text(&text)).text, by, bytes_text(&base));
    } else if (breach->verdict == NAME_OUTSIDE) {
        permitted_hint(holding->authority, breach->name, hint);
        complaint_error(reading->faults, place, path, hint,
                        "%s lies outside of the name constraints of \"%s\"",
                        field_quoted(bytes_text(&text)).text, by);
    } else {
        complaint_error(reading->faults, place, path, NULL,
                        "%s has a form that cannot be held against the name constraints of \"%s\"",
                        field_quoted(bytes_text(&text)).text, by);
    }
out:
    bytes_free(&text);
    bytes_free(&base);
    return status;
}

/** Hold entry @p index against every authority above it, up to one whose constraints it breaks. */
int reading_names_lie_within(struct reading *reading, size_t index)
{
    const struct entry *entry = &reading->entries[index];
    struct holding holding = {reading, index, NULL, 0};
    size_t at = reading->drafts[index].issuer;
    int status = 0;

    if (entry->subject.length == 0 && entry->names.length == 0) {
        return 0; /* adopted, or complained of */
    }
    /* a self-issued authority is not held against them (RFC 5280, section 4.2.1.10) */
    if (entry->kind == ENTRY_AUTHORITY && at != NO_ENTRY &&
        slice_equal(slice_of(&entry->subject), slice_of(&reading->entries[at].subject))) {
        return 0;
    }
    for (; at != NO_ENTRY && status == 0 && holding.breaches == 0; at = reading->drafts[at].issuer) {
        const struct entry *authority = &reading->entries[at];
        const struct name_constraints constraints = {slice_of(&authority->permitted),
                                                     slice_of(&authority->excluded)};

        holding.authority = authority;
        status = name_constraints_check(&constraints, slice_of(&entry->subject), slice_of(&entry->names),
                                        entry->kind == ENTRY_CERTIFICATE, complain_breach, &holding);
    }
    return status;
}

int reading_check_constraints(struct reading *reading)
{
    bool written = false;
    size_t i;

    for (i = 0; i < reading->authority_count; i++) {
        written =
            written || reading->entries[i].permitted.length > 0 || reading->entries[i].excluded.length > 0;
    }
    for (i = 0; written && !reading->circular && i < reading->count; i++) {
        if (reading_names_lie_within(reading, i) != 0) {
            fault_memory(reading->faults);
            return -1;
        }
    }
    return 0;
}
