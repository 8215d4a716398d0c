/* SPDX-License-Identifier: Apache-2.0 */
/* The attributes of a URI, those that choose the token set apart. */
#include "pkcs11/token_place.h"

#include <stdbool.h>
#include <string.h>

/** Whether the attribute at @p text, up to @p length, is one that every program knows. */
static bool is_known_everywhere(const char *text, size_t length)
{
    static const char *const names[] = {"token=", "manufacturer=", "model=", "serial="};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (length >= strlen(names[i]) && memcmp(text, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

/** Goes over the path of a URI that was found good. */
static int choosing_take(const char *text, struct bytes *chosen)
{
    while (*text != 0 && *text != '?') {
        size_t length = strcspn(text, ";?");

        if (is_known_everywhere(text, length) &&
            (bytes_append_text(chosen, chosen->length > 0 ? ";" : "") != 0 ||
             bytes_append(chosen, text, length) != 0)) {
            return -1;
        }
        text += length + (text[length] == ';' ? 1 : 0);
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
    if (choosing_take(text, &place->chosen) != 0) {
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
}
