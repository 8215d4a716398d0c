/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a file. */
#include "command/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x509/bundle.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/form.h"
#include "x509/key.h"
#include "x509/pem.h"

void input_free(struct input *input)
{
    for (size_t i = 0; i < input->count; i++) {
        bytes_free(&input->objects[i].bytes);
    }
    free(input->objects);
    memset(input, 0, sizeof(*input));
}

/* Room doubles whenever the count is a power of two. */
static struct input_object *add(struct input *input, enum input_kind kind, struct slice bytes)
{
    struct input_object *object;

    if ((input->count & (input->count - 1)) == 0) {
        size_t room = input->count == 0 ? 1 : 2 * input->count;
        struct input_object *objects = realloc(input->objects, room * sizeof(*objects));

        if (objects == NULL) {
            return NULL;
        }
        input->objects = objects;
    }
    object = &input->objects[input->count];
    memset(object, 0, sizeof(*object));
    object->kind = kind;
    if (bytes_append(&object->bytes, bytes.data, bytes.length) != 0) {
        return NULL;
    }
    input->count += 1;
    return object;
}

/* ---- DER ------------------------------------------------------------------------------------------------------------ */

/* The tags of a SEQUENCE's first elements; 0 where there are no more. */
static bool element_tags(struct slice der, unsigned char tags[4], struct slice *first)
{
    struct der_item sequence;
    struct der_item item;

    memset(tags, 0, 4);
    if (der_expect(&der, DER_SEQUENCE, &sequence) != 0 || der.length != 0) {
        return false;
    }
    for (size_t i = 0; i < 4 && der_read(&sequence.content, &item) == 1; i++) {
        tags[i] = item.tag;
        if (i == 0) {
            *first = item.whole;
        }
    }
    return true;
}

/* By its first elements what @p der is; what they say is proven by whoever reads it. */
static enum input_kind kind_of(struct slice der)
{
    struct certificate_view view;
    unsigned char tags[4];
    unsigned char inner[4];
    struct slice first = {NULL, 0};
    struct slice unused = {NULL, 0};

    if (form_is_p12(der)) {
        return INPUT_P12;
    }
    if (certificate_view_read(der, &view) == 0) {
        return INPUT_CERTIFICATE;
    }
    if (key_is_encrypted(der)) {
        return INPUT_ENCRYPTED_KEY;
    }
    if (!element_tags(der, tags, &first)) {
        return INPUT_OTHER;
    }
    if (tags[0] == DER_INTEGER && tags[1] != 0) {
        return INPUT_PRIVATE_KEY; /* PKCS#8, PKCS#1 and SEC1 all begin with a version */
    }
    if (tags[0] == DER_SEQUENCE && tags[1] == DER_BIT_STRING && tags[2] == 0) {
        return INPUT_PUBLIC_KEY;
    }
    if (tags[0] != DER_SEQUENCE || tags[1] != DER_SEQUENCE || tags[2] != DER_BIT_STRING ||
        !element_tags(first, inner, &unused)) {
        return INPUT_OTHER;
    }
    /* version, subject, key, [0] attributes; or [version,] algorithm, issuer, time */
    if (inner[0] == DER_INTEGER && inner[1] == DER_SEQUENCE && inner[2] == DER_SEQUENCE &&
        (inner[3] == DER_CONTEXT_CONSTRUCTED(0) || inner[3] == 0)) {
        return INPUT_REQUEST;
    }
    return INPUT_CRL;
}

/* ---- PEM ------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *label;
    enum input_kind kind;
} labels[] = {
    {"CERTIFICATE", INPUT_CERTIFICATE},
    {"X509 CERTIFICATE", INPUT_CERTIFICATE},
    {"CERTIFICATE REQUEST", INPUT_REQUEST},
    {"NEW CERTIFICATE REQUEST", INPUT_REQUEST},
    {"X509 CRL", INPUT_CRL},
    {"PRIVATE KEY", INPUT_PRIVATE_KEY},
    {"RSA PRIVATE KEY", INPUT_PRIVATE_KEY},
    {"EC PRIVATE KEY", INPUT_PRIVATE_KEY},
    {"ENCRYPTED PRIVATE KEY", INPUT_ENCRYPTED_KEY},
    {"PUBLIC KEY", INPUT_PUBLIC_KEY},
    {"PKCS12", INPUT_P12},
};

static enum input_kind kind_by_label(const char *label)
{
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (strcmp(labels[i].label, label) == 0) {
            return labels[i].kind;
        }
    }
    return INPUT_OTHER;
}

/* One block, whose text is @p text. */
static int add_block(struct input *input, const struct pem_block *block, struct slice text, const char *shown,
                     struct faults *faults)
{
    const struct place place = {shown, block->line, 0};
    enum input_kind kind = kind_by_label(block->label);
    struct input_object *object;

    if (kind == INPUT_PRIVATE_KEY && block->has_headers) {
        kind = INPUT_ENCRYPTED_KEY; /* RFC 1421 headers: the traditional encryption */
    }
    if (input->count == INPUT_OBJECTS_MAX) {
        fault_error(faults, &place, NULL, NULL, "there are more than %d objects in it", INPUT_OBJECTS_MAX);
        return -1;
    }
    object = add(input, kind,
                 kind == INPUT_PRIVATE_KEY || kind == INPUT_ENCRYPTED_KEY ? text : slice_of(&block->der));
    if (object == NULL) {
        fault_memory(faults);
        return -1;
    }
    snprintf(object->label, sizeof(object->label), "%s", block->label);
    object->line = block->line;
    return 0;
}

static int read_pem(struct slice content, const char *shown, struct input *input, struct faults *faults)
{
    struct slice rest = content;
    size_t line = 0;
    int status;

    do {
        const unsigned char *start = rest.data;
        struct pem_block block;

        memset(&block, 0, sizeof(block));
        status = pem_read(&rest, &line, shown, &block, faults);
        if (status == 1 && add_block(input, &block, (struct slice){start, (size_t)(rest.data - start)}, shown,
                                     faults) != 0) {
            status = -1;
        }
        pem_block_free(&block);
    } while (status == 1);
    return status;
}

int input_read(struct slice content, const char *shown, struct input *input, struct faults *faults)
{
    const struct place place = {shown, 0, 0};
    enum input_kind kind;

    if (!form_is_p12(content) && form_check(content, shown, faults) != 0) {
        return -1;
    }
    if (form_is_pem(content)) {
        if (read_pem(content, shown, input, faults) != 0) {
            return -1;
        }
    } else {
        kind = kind_of(content);
        if (kind != INPUT_OTHER && add(input, kind, content) == NULL) {
            fault_memory(faults);
            return -1;
        }
    }
    if (input->count == 0) {
        fault_error(faults, &place, NULL, "certificates, keys, requests, CRLs and P12 files, as PEM or DER",
                    content.length == 0 ? "the file is empty" : "nothing in it is known here");
        return -1;
    }
    return 0;
}
