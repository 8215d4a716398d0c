/* SPDX-License-Identifier: Apache-2.0 */
/* fixtures.json, from the rows of the catalogue. */
#include "command/fixtures_json.h"

#include <stdlib.h>

#include "fixtures/folder_content.h"

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

json_t *fixtures_json(const char *seed, const instant *at)
{
    json_t *document = json_document("mtlskit.fixtures/1");

    if (document == NULL || json_put(document, "seed", json_text(slice_of_text(seed))) != 0 ||
        json_put(document, "time", at != NULL ? json_instant(*at) : json_null()) != 0 ||
        json_put(document, "auth_level", json_integer(FIXTURE_LEVEL)) != 0 ||
        json_put(document, "cases", json_array()) != 0 || json_put(document, "left_out", json_array()) != 0) {
        json_decref(document);
        return NULL;
    }
    return document;
}

static json_t *openssl_json(const struct fixture_case *fixture)
{
    json_t *object;

    if (fixture->openssl.name == NULL) {
        return json_null();
    }
    object = json_object();
    if (object == NULL || json_put(object, "code", json_integer(fixture->openssl.code)) != 0 ||
        json_put(object, "name", json_string(fixture->openssl.name)) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *files_json(const struct fixture_case *fixture)
{
    json_t *object = json_object();

    for (enum fixture_part part = 0; object != NULL && part < FIXTURE_PARTS; part++) {
        if (fixture_has_part(fixture, part) &&
            json_put(object, fixture_part_word(part), json_string(fixture_part_file(part))) != 0) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

static json_t *case_json(const struct fixture_case *fixture)
{
    json_t *object = json_object();

    if (object == NULL || json_put(object, "case", json_string(fixture->name)) != 0 ||
        json_put(object, "folder", json_string(fixture->name)) != 0 ||
        json_put(object, "description", json_string(fixture->description)) != 0 ||
        json_put(object, "purpose",
                 json_string(fixture->purpose == FIXTURE_FOR_SERVER ? "server" : "client")) != 0 ||
        json_put(object, "host", text_or_null(fixture->host)) != 0 ||
        json_put(object, "expect", json_string(fixture->accept ? "accept" : "reject")) != 0 ||
        json_put(object, "rfc", json_string(fixture->clause)) != 0 ||
        json_put(object, "openssl", openssl_json(fixture)) != 0 ||
        json_put(object, "limbo", text_or_null(fixture->limbo)) != 0 ||
        (fixture->note != NULL && json_put(object, "note", json_string(fixture->note)) != 0) ||
        json_put(object, "files", files_json(fixture)) != 0 ||
        json_put(object, "check", json_string(fixture->p12 != FIXTURE_NO_P12 ? "p12" : "chain")) != 0 ||
        (fixture->list != FIXTURE_NO_LIST &&
         json_put(object, "revocation",
                  json_string(fixture_has_part(fixture, FIXTURE_OCSP) ? "ocsp" : "crl")) != 0)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* Append @p row to the list @p key; on failure the document is gone. */
static void append(json_t **document, const char *key, json_t *row)
{
    if (*document == NULL) {
        json_decref(row);
    } else if (json_append(json_object_get(*document, key), row) != 0) {
        json_decref(*document);
        *document = NULL;
    }
}

void fixtures_json_add(json_t **document, const struct fixture_case *fixture)
{
    append(document, "cases", case_json(fixture));
}

void fixtures_json_leave_out(json_t **document, const struct fixture_case *fixture, const char *why)
{
    json_t *row = json_object();

    if (row != NULL && (json_put(row, "case", json_string(fixture->name)) != 0 ||
                        json_put(row, "why", json_string(why)) != 0)) {
        json_decref(row);
        row = NULL;
    }
    append(document, "left_out", row);
}

int fixtures_json_text(const json_t *document, struct bytes *text)
{
    char *dump = document != NULL ? json_dumps(document, JSON_INDENT(2)) : NULL;
    int status = dump != NULL ? bytes_printf(text, "%s\n", dump) : -1;

    free(dump);
    return status;
}
