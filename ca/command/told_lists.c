/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists that were written, told. */
#include "command/told_lists.h"

#include "console/passphrase_option.h"
#include "x509/instant.h"

int told_lists_start(struct told_lists *told, const struct invocation *invocation, const char *directory)
{
    told->invocation = invocation;
    told->directory = directory;
    told->rows = options_given(invocation->options, "json") ? json_array() : NULL;
    if (told->rows == NULL && options_given(invocation->options, "json")) {
        fault_memory(invocation->faults);
        return -1;
    }
    return 0;
}

static int tell_json(const struct told_lists *told, const struct lists_made *made)
{
    const struct digest *digest = &made->crl->content;
    json_t *row = json_object();

    if (json_put(row, "authority", json_text(slice_of_text(made->name))) != 0 ||
        json_put(row, "current", json_boolean(made->current)) != 0 ||
        json_put(row, "file", json_text(slice_of_text(made->path))) != 0 ||
        json_put(row, "number", json_integer((json_int_t)made->crl->number)) != 0 ||
        json_put(row, "this_update", json_instant(made->crl->this_update)) != 0 ||
        json_put(row, "next_update", json_instant(made->crl->next_update)) != 0 ||
        json_put(row, "entries", json_integer((json_int_t)made->crl->entries)) != 0 ||
        json_put(row, "sha256", json_hex((struct slice){digest->octets, DIGEST_LENGTH})) != 0) {
        json_decref(row);
        return -1;
    }
    return json_array_append_new(told->rows, row);
}

static int tell_text(const struct told_lists *told, const struct lists_made *made)
{
    struct terminal *terminal = told->invocation->terminal;
    struct bytes until = BYTES_EMPTY;
    int status = instant_format(made->crl->next_update, &until);

    if (status == 0) {
        terminal_tell(terminal, "CRL %llu of %s%s: %zu revoked, next update before %s\n",
                      (unsigned long long)made->crl->number, made->name,
                      made->current ? "" : " (an older generation)", made->crl->entries, bytes_text(&until));
        terminal_tell(terminal, "wrote %s/%s, .pem and .head of it\n", told->directory, made->path);
    }
    bytes_free(&until);
    return status;
}

int told_lists_tell(struct told_lists *told, const struct lists_made *made)
{
    int status = told->rows != NULL ? tell_json(told, made) : tell_text(told, made);

    if (status != 0) {
        fault_memory(told->invocation->faults);
    }
    return status;
}

void told_lists_free(struct told_lists *told)
{
    json_decref(told->rows);
}

bool told_lists_read_options(const struct invocation *invocation, struct lists_order *order,
                             struct duration *next_update)
{
    const char *text = options_text(invocation->options, "next-update");
    const char *why = NULL;

    if (text != NULL) {
        if (duration_parse(text, false, next_update, &why) != 0) {
            usage_error(invocation->faults, "30d, 12h", "--next-update: \"%s\" %s", text, why);
            return false;
        }
        order->next_update = next_update;
    }
    order->issuer_passphrase = options_text(invocation->options, "issuer-passphrase");
    return passphrase_option_is_spec(invocation, "issuer-passphrase");
}
