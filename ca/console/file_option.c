/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys in files that options name. */
#include "console/file_option.h"

#include <fcntl.h>

#include "base/file.h"
#include "console/passphrase_option.h"

int file_option_certificates(const struct invocation *invocation, const char *name,
                             struct certificate_list *list)
{
    struct bytes content = BYTES_EMPTY;
    int status = 0;

    for (size_t i = 0; status == 0 && i < options_count(invocation->options, name); i++) {
        const char *path = options_at(invocation->options, name, i);

        bytes_clear(&content);
        status = file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &content, invocation->faults);
        if (status == 0) {
            status = certificate_list_read(slice_of(&content), path, list, invocation->faults);
        }
    }
    bytes_free(&content);
    return status;
}

struct key *file_option_key(const struct invocation *invocation, const char *name, const char *passphrase)
{
    const char *path = options_text(invocation->options, name);
    const struct place place = {path, 0, 0};
    struct passphrase_option option = {false, false, BYTES_EMPTY};
    struct bytes content = BYTES_EMPTY;
    struct bytes hint = BYTES_EMPTY;
    struct key *key = NULL;

    if (file_read(AT_FDCWD, path, FILE_LIMIT_KEY, &content, invocation->faults) != 0 ||
        passphrase_option_fetch(invocation, passphrase, path, false, &option) != 0) {
        goto out;
    }
    if (key_is_encrypted(slice_of(&content)) && !option.given) {
        if (bytes_printf(&hint, "give its passphrase with --%s", passphrase) != 0) {
            bytes_clear(&hint);
        }
        fault_error(invocation->faults, &place, NULL, bytes_text(&hint), "the private key is encrypted");
        goto out;
    }
    key = key_read(invocation->context, slice_of(&content), passphrase_option_secret(&option), path,
                   invocation->faults);
out:
    passphrase_option_free(&option);
    bytes_free(&content);
    bytes_free(&hint);
    return key;
}
