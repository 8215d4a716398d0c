/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of a URI, those that choose token and module set apart. */
#include "pkcs11/token_place.h"

#include <stdbool.h>
#include <string.h>

/** Whether the attribute at @p text is one of @p names, each ended by "=". */
static bool is_one_of(const char *text, const char *const *names, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (strncmp(text, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

static int attribute_keep(struct bytes *kept, const char *text, size_t length, const char *separator)
{
    return bytes_append_text(kept, kept->length > 0 ? separator : "") == 0 ? bytes_append(kept, text, length)
                                                                           : -1;
}

/** Goes over a URI that was found good. */
static int set_apart(const char *text, struct token_place *place)
{
    static const char *const objects[] = {"object=", "id=", "type="};
    static const char *const pins[] = {"pin-source="};
    bool query = false;

    while (*text != 0) {
        size_t length = strcspn(text, query ? "&" : ";?");
        int status = 0;

        if (length > 0 && !query && !is_one_of(text, objects, 3)) {
            status = attribute_keep(&place->chosen, text, length, ";");
        } else if (length > 0 && query && !is_one_of(text, pins, 1)) {
            status = attribute_keep(&place->module, text, length, "&");
        }
        if (status != 0) {
            return -1;
        }
        text += length;
        query = query || *text == '?';
        text += *text != 0 ? 1 : 0;
    }
    return 0;
}

int token_place_read(const char *text, struct token_place *place, struct faults *faults)
{
    const char *why = NULL;

    memset(place, 0, sizeof(*place));
    if (bytes_append_text(&place->text, "pkcs11:") != 0 || bytes_append_text(&place->text, text) != 0) {
        fault_memory(faults);
        goto failed;
    }
    if (token_uri_read(bytes_text(&place->text), &place->uri, &why) != 0) {
        fault_error(faults, NULL, NULL, "pkcs11:token=NAME", "the token's URI %s",
                    why != NULL ? why : "needs more memory than there is");
        goto failed;
    }
    if (set_apart(text, place) != 0) {
        fault_memory(faults);
        goto failed;
    }
    return 0;
failed:
    token_place_free(place);
    return -1;
}

void token_place_free(struct token_place *place)
{
    bytes_free(&place->text);
    token_uri_free(&place->uri);
    bytes_free(&place->chosen);
    bytes_free(&place->module);
}
