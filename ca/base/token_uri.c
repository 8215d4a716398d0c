/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token URIs (RFC 7512): path attributes apart by ";", behind a "?" query attributes apart by "&".
 */
#include "base/token_uri.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"

#define SCHEME "pkcs11:"

/** The attributes of RFC 7512 section 2.3. */
enum attribute {
    TOKEN,
    OBJECT,
    ID,
    TYPE,
    SERIAL,
    MANUFACTURER,
    MODEL,
    LIBRARY_DESCRIPTION,
    LIBRARY_MANUFACTURER,
    LIBRARY_VERSION,
    SLOT_DESCRIPTION,
    SLOT_ID,
    SLOT_MANUFACTURER,
    PIN_SOURCE,
    PIN_VALUE,
    MODULE_NAME,
    MODULE_PATH,
    ATTRIBUTES
};

/** Those of the query begin here. */
#define QUERY PIN_SOURCE

static const char *const names[ATTRIBUTES] = {
    [TOKEN] = "token",
    [OBJECT] = "object",
    [ID] = "id",
    [TYPE] = "type",
    [SERIAL] = "serial",
    [MANUFACTURER] = "manufacturer",
    [MODEL] = "model",
    [LIBRARY_DESCRIPTION] = "library-description",
    [LIBRARY_MANUFACTURER] = "library-manufacturer",
    [LIBRARY_VERSION] = "library-version",
    [SLOT_DESCRIPTION] = "slot-description",
    [SLOT_ID] = "slot-id",
    [SLOT_MANUFACTURER] = "slot-manufacturer",
    [PIN_SOURCE] = "pin-source",
    [PIN_VALUE] = "pin-value",
    [MODULE_NAME] = "module-name",
    [MODULE_PATH] = "module-path",
};

bool token_uri_is(const char *text)
{
    return strncasecmp(text, SCHEME, strlen(SCHEME)) == 0;
}

static enum attribute attribute_of(const char *name, size_t length)
{
    size_t i;

    for (i = 0; i < ATTRIBUTES; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
            break;
        }
    }
    return (enum attribute)i;
}

/** Whether the character may stand as it is (section 2.3, pk11-pchar and pk11-qchar). */
static bool stands(char c, bool query)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
        return true;
    }
    return c != 0 && strchr(query ? "-._~:[]@!$'()*+,=/?|" : "-._~:[]@!$'()*+,=&", c) != NULL;
}

/** Decodes a value; -1 with *why, NULL when memory is out. */
static int value_decode(const char *text, size_t length, bool query, struct bytes *value, const char **why)
{
    size_t i;

    for (i = 0; i < length; i++) {
        int octet = (unsigned char)text[i];

        if (text[i] == '%') {
            octet = length - i > 2 ? hex_octet(text + i + 1) : -1;
            i += 2;
        } else if (!stands(text[i], query)) {
            octet = -1;
        }
        if (octet < 0) {
            *why = "has a character that must be percent-encoded, or a broken %-escape";
            return -1;
        }
        if (bytes_append_byte(value, (unsigned char)octet) != 0) {
            return -1;
        }
    }
    return 0;
}

/** Where a value that we look at goes; NULL: only p11-kit does. */
static struct bytes *home_of(struct token_uri *uri, enum attribute attribute)
{
    switch (attribute) {
    case TOKEN:
        return &uri->token;
    case OBJECT:
        return &uri->object;
    case ID:
        return &uri->id;
    case PIN_SOURCE:
        return &uri->pin_source;
    case MODULE_PATH:
        return &uri->module_path;
    default:
        return NULL;
    }
}

/** Takes one "name=value". */
static int attribute_read(const char *text, size_t length, bool query, unsigned *seen, struct token_uri *uri,
                          const char **why)
{
    const char *equals = memchr(text, '=', length);
    size_t name = equals != NULL ? (size_t)(equals - text) : length;
    enum attribute attribute = attribute_of(text, name);
    struct bytes value = BYTES_EMPTY;
    int status = -1;

    if (attribute == PIN_VALUE) {
        *why = "holds the PIN itself (pin-value), which belongs in no file and on no command line";
    } else if (equals == NULL || attribute == ATTRIBUTES) {
        *why = "has an attribute that RFC 7512 does not know";
    } else if ((attribute >= QUERY) != query) {
        *why = query ? "has an attribute of the path behind its \"?\""
                     : "has an attribute of the query in front of its \"?\"";
    } else if ((*seen & (1u << attribute)) != 0) {
        *why = "has an attribute twice";
    } else if (value_decode(equals + 1, length - name - 1, query, &value, why) == 0) {
        struct bytes *home = home_of(uri, attribute);

        *seen |= 1u << attribute;
        if (attribute == TYPE && strcmp(bytes_text(&value), "private") != 0) {
            *why = "has a type= that is not private";
        } else if (home != NULL && attribute != ID && memchr(bytes_text(&value), 0, value.length) != NULL) {
            *why = "has a NUL in an attribute";
        } else {
            if (home != NULL) {
                bytes_move(home, &value);
            }
            status = 0;
        }
    }
    bytes_free(&value);
    return status;
}

/** The rules for where PIN and module are. */
static int sources_check(struct token_uri *uri, const char **why)
{
    const char *source = bytes_text(&uri->pin_source);
    struct bytes path = BYTES_EMPTY;

    if (source[0] == '|') {
        *why = "has a pin-source that is a program, and none is started for a PIN";
        return -1;
    }
    if (strncmp(source, "file:", 5) == 0) {
        source += strncmp(source, "file:///", 8) == 0 ? 7 : 5;
        if (bytes_append_text(&path, source) != 0) {
            return -1;
        }
        bytes_move(&uri->pin_source, &path);
    }
    if (uri->pin_source.length > 0 && uri->pin_source.data[0] != '/') {
        *why = "has a pin-source that is not the absolute path of a file";
        return -1;
    }
    if (uri->module_path.length > 0 && uri->module_path.data[0] != '/') {
        *why = "has a module-path that is not absolute";
        return -1;
    }
    return 0;
}

int token_uri_read(const char *text, struct token_uri *uri, const char **why)
{
    unsigned seen = 0;
    bool query = false;
    const char *at = text;

    *why = NULL;
    memset(uri, 0, sizeof(*uri));
    if (!token_uri_is(text)) {
        *why = "does not begin with pkcs11:";
        return -1;
    }
    if (strlen(text) > TOKEN_URI_MAX) {
        *why = "is longer than 1023 bytes";
        return -1;
    }
    at += strlen(SCHEME);
    while (*at != 0) {
        size_t length = strcspn(at, query ? "&" : ";?");

        if (length > 0 && attribute_read(at, length, query, &seen, uri, why) != 0) {
            goto failed;
        }
        at += length;
        query = query || *at == '?';
        at += *at != 0 ? 1 : 0;
    }
    if (sources_check(uri, why) != 0) {
        goto failed;
    }
    return 0;
failed:
    token_uri_free(uri);
    return -1;
}

int token_uri_append(struct bytes *uri, const char *name, struct slice value, bool octets)
{
    size_t i;

    if (bytes_append_text(uri, name) != 0 || bytes_append_byte(uri, '=') != 0) {
        return -1;
    }
    for (i = 0; i < value.length; i++) {
        unsigned char octet = value.data[i];

        /* "&" is the one that stands in the path, and separates in the query */
        if (!octets && octet != '&' && stands((char)octet, false)) {
            if (bytes_append_byte(uri, octet) != 0) {
                return -1;
            }
        } else if (bytes_append_byte(uri, '%') != 0 ||
                   bytes_append_hex(uri, (struct slice){value.data + i, 1}, 0) != 0) {
            return -1;
        }
    }
    return 0;
}

void token_uri_free(struct token_uri *uri)
{
    bytes_free(&uri->token);
    bytes_free(&uri->object);
    bytes_free(&uri->id);
    bytes_free(&uri->pin_source);
    bytes_free(&uri->module_path);
}
