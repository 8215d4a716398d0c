/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON documents, over jansson.
 */
#include "console/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "x509/instant.h"

json_t *json_document(const char *schema)
{
    json_t *document = json_object();

    if (document != NULL && json_put(document, "schema", json_string(schema)) != 0) {
        json_decref(document);
        document = NULL;
    }
    return document;
}

int json_put(json_t *object, const char *key, json_t *value)
{
    /* json_object_set_new drops the reference also when it fails */
    return json_object_set_new(object, key, value);
}

int json_append(json_t *list, json_t *item)
{
    return json_array_append_new(list, item);
}

void json_add(json_t **list, json_t *item)
{
    if (json_append(*list, item) != 0) {
        json_decref(*list);
        *list = NULL;
    }
}

json_t *json_made(struct bytes *text, int status)
{
    json_t *value = status == 0 ? json_text(slice_of(text)) : NULL;

    bytes_free(text);
    return value;
}

json_t *json_printable(struct slice text)
{
    struct bytes printable = BYTES_EMPTY;
    int status = utf8_append_printable(&printable, text);

    return json_made(&printable, status);
}

json_t *json_text(struct slice text)
{
    struct bytes safe = BYTES_EMPTY;
    json_t *value = NULL;

    /* jansson itself escapes controls; it refuses broken UTF-8, which is then shown as Latin-1 bytes */
    value = json_stringn((const char *)text.data, text.length);
    if (value == NULL) {
        size_t i;
        int status = 0;

        for (i = 0; i < text.length && status == 0; i++) {
            if (text.data[i] >= 0x20 && text.data[i] < 0x7f) {
                status = bytes_append_byte(&safe, text.data[i]);
            } else {
                status = bytes_printf(&safe, "\\x%02x", text.data[i]);
            }
        }
        value = status == 0 ? json_string(bytes_text(&safe)) : NULL;
    }
    bytes_free(&safe);
    return value;
}

json_t *json_instant(instant value)
{
    struct bytes text = BYTES_EMPTY;
    int status = instant_format(value, &text);

    return json_made(&text, status);
}

json_t *json_hex(struct slice octets)
{
    struct bytes text = BYTES_EMPTY;
    int status = bytes_append_hex(&text, octets, 0);

    return json_made(&text, status);
}

int json_print(struct terminal *terminal, json_t *document)
{
    char *text = document != NULL ? json_dumps(document, JSON_INDENT(2)) : NULL;

    if (text != NULL) {
        terminal_print(terminal, "%s\n", text);
    }
    json_decref(document);
    free(text);
    return text != NULL ? 0 : -1;
}
