/* SPDX-License-Identifier: Apache-2.0 */
/* `extensions:` of a profile. */
#include "manifest/extension_fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "x509/asn1_text.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/profile.h"

#define EXTENSIONS_MAX 64

/** Extensions that have fields of their own, or that the program writes itself. */
static const struct {
    const char *oid;
    const char *field;
} taken[] = {
    {"2.5.29.14", "is written by itself"},
    {"2.5.29.35", "is written by itself"},
    {"2.5.29.17", "is written from san"},
    {"2.5.29.19", "is written from basic_constraints"},
    {"2.5.29.15", "is written from key_usage"},
    {"2.5.29.37", "is written from extended_key_usage"},
    {"2.5.29.30", "is written from name_constraints"},
    {"2.5.29.32", "is written from certificate_policies"},
    {"2.5.29.31", "is written from crl_url"},
    {"1.3.6.1.5.5.7.1.1", "is written from ocsp_url and ca_issuers_url"},
    {"1.3.6.1.5.5.7.48.1.5", "is written from ocsp_no_check"},
};

static const char *extension_taken(const struct oid *type)
{
    struct oid other;
    size_t i;

    for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (oid_parse(taken[i].oid, &other) == 0 && oid_equal(&other, oid_slice(type))) {
            return taken[i].field;
        }
    }
    return certificate_is_fixture_mark(oid_slice(type)) ? "marks fixtures" : NULL;
}

/** One extension while it is read. */
struct extension_reading {
    struct profile_extension extension;
    bool has_value;
};

static int read_extension_oid(const struct node *node, const struct path *path, void *target,
                              struct faults *faults)
{
    struct extension_reading *reading = target;
    const char *text = NULL, *why;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (oid_parse(text, &reading->extension.type) != 0) {
        field_error(faults, node, path, "dotted, as 1.3.6.1.4.1.99999.1", "%s is not an OID",
                    field_quoted(text).text);
        return 0;
    }
    why = extension_taken(&reading->extension.type);
    if (why != NULL) {
        field_error(faults, node, path, NULL, "extension %s %s", text, why);
    }
    return 0;
}

static int read_extension_critical(const struct node *node, const struct path *path, void *target,
                                   struct faults *faults)
{
    struct extension_reading *reading = target;

    return field_boolean(node, path, &reading->extension.critical, faults) < 0 ? -1 : 0;
}

/** Hexadecimal, with blanks or colons between octets. 1 when it is none, -1 when memory is out. */
static int hex_decode(const char *text, struct bytes *octets)
{
    while (*text != '\0') {
        int octet = hex_octet(text);

        if (*text == ' ' || *text == ':' || *text == '\n') {
            text++;
            continue;
        }
        if (octet < 0) {
            return 1;
        }
        if (bytes_append_byte(octets, (unsigned char)octet) != 0) {
            return -1;
        }
        text += 2;
    }
    return 0;
}

static int read_extension_der(const struct node *node, const struct path *path, void *target,
                              struct faults *faults)
{
    struct extension_reading *reading = target;
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (reading->has_value) {
        field_error(faults, node, path, NULL, "has both der and asn1");
        return 0;
    }
    reading->has_value = true;
    status = hex_decode(text, &reading->extension.value);
    if (status < 0) {
        fault_memory(faults);
        return -1;
    }
    if (status != 0) {
        field_error(faults, node, path, "0c0474657874", "is not hexadecimal");
    } else if (!der_is_well_formed(slice_of(&reading->extension.value))) {
        field_error(faults, node, path, "0c0474657874 is the UTF8String \"text\"",
                    "is not one well-formed value in DER");
    }
    return 0;
}

static int read_extension_asn1(const struct node *node, const struct path *path, void *target,
                               struct faults *faults)
{
    struct extension_reading *reading = target;
    const char *text = NULL, *why = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (reading->has_value) {
        field_error(faults, node, path, NULL, "has both der and asn1");
        return 0;
    }
    reading->has_value = true;
    if (asn1_text_encode(text, &reading->extension.value, &why) != 0) {
        if (why == NULL) {
            fault_memory(faults);
            return -1;
        }
        field_error(faults, node, path, "UTF8String:text, BOOLEAN:TRUE, INTEGER:5, NULL and so on", "%s %s",
                    field_quoted(text).text, why);
    }
    return 0;
}

static const struct field extension_fields[] = {
    {"oid", read_extension_oid, true},
    {"critical", read_extension_critical, false},
    {"der", read_extension_der, false},
    {"asn1", read_extension_asn1, false},
    {NULL, NULL, false},
};

static int read_extension(struct profile *profile, const struct node *node, const struct path *path,
                          struct faults *faults)
{
    struct extension_reading reading = {{.value = BYTES_EMPTY}, false};
    struct profile_extension *grown;
    size_t before = faults_errors(faults), i;
    int status = -1;

    if (fields_read(node, path, "an extension", extension_fields, &reading, faults) != 0) {
        goto out;
    }
    status = 0;
    if (node_kind(node) == NODE_MAPPING && !reading.has_value) {
        field_error(faults, node, path, "der: 0c0474657874, or asn1: UTF8String:text", "needs der or asn1");
    }
    for (i = 0; faults_errors(faults) == before && i < profile->extension_count; i++) {
        if (oid_equal(&reading.extension.type, oid_slice(&profile->extensions[i].type))) {
            field_error(faults, node, path, NULL, "the same oid as item %zu (RFC 5280 section 4.2)", i);
        }
    }
    if (faults_errors(faults) != before) {
        goto out;
    }
    grown = realloc(profile->extensions, (profile->extension_count + 1) * sizeof(*grown));
    if (grown == NULL) {
        fault_memory(faults);
        status = -1;
        goto out;
    }
    profile->extensions = grown;
    grown[profile->extension_count++] = reading.extension;
    reading.extension.value = (struct bytes)BYTES_EMPTY;
out:
    bytes_free(&reading.extension.value);
    return status;
}

int extension_fields_read(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    struct profile *profile = target;
    struct path below = {path, NULL, 0};

    while (profile->extension_count > 0) {
        bytes_free(&profile->extensions[--profile->extension_count].value);
    }
    if (!field_is(node, path, NODE_SEQUENCE, faults)) {
        return 0;
    }
    if (node_count(node) > EXTENSIONS_MAX) {
        field_error(faults, node, path, NULL, "holds more than %d items", EXTENSIONS_MAX);
        return 0;
    }
    for (below.index = 0; below.index < node_count(node); below.index++) {
        if (read_extension(profile, node_item(node, below.index), &below, faults) != 0) {
            return -1;
        }
    }
    return 0;
}
