/* SPDX-License-Identifier: Apache-2.0 */
/* Texts quoted for YAML. */
#include "manifest/quoting.h"

int quoting_append(struct bytes *yaml, const char *text)
{
    int status = bytes_append_byte(yaml, '"');

    for (; status == 0 && *text != '\0'; text++) {
        unsigned char octet = (unsigned char)*text;

        if (octet == '"' || octet == '\\') {
            status = bytes_printf(yaml, "\\%c", octet);
        } else if (octet < 0x20 || octet == 0x7f) {
            status = bytes_printf(yaml, "\\x%02x", octet);
        } else {
            status = bytes_append_byte(yaml, octet);
        }
    }
    return status == 0 ? bytes_append_byte(yaml, '"') : -1;
}

int quoting_append_list(struct bytes *yaml, const char *const *texts, size_t count)
{
    int status = bytes_append_byte(yaml, '[');

    for (size_t i = 0; status == 0 && i < count; i++) {
        status = i > 0 ? bytes_append_text(yaml, ", ") : 0;
        if (status == 0) {
            status = quoting_append(yaml, texts[i]);
        }
    }
    return status == 0 ? bytes_append_byte(yaml, ']') : -1;
}
