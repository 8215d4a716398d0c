/* SPDX-License-Identifier: Apache-2.0 */
/* A passphrase named by an option. */
#include "console/passphrase_option.h"

bool passphrase_option_is_spec(const struct invocation *invocation, const char *name)
{
    const char *text = options_text(invocation->options, name);
    struct passphrase_spec spec = {PASSPHRASE_NONE, NULL, 0};
    struct faults *unused = faults_new(); /* a warning is told when the passphrase is fetched */
    struct bytes option = BYTES_EMPTY;
    bool good = true;

    if (unused == NULL || bytes_printf(&option, "--%s", name) != 0) {
        fault_memory(invocation->faults);
        good = false;
    } else if (text != NULL && passphrase_spec_parse(text, NULL, NULL, &spec, unused) != 0) {
        good = false;
        if (passphrase_spec_parse(text, NULL, bytes_text(&option), &spec, invocation->faults) == 0) {
            fault_memory(invocation->faults);
        }
    }
    passphrase_spec_free(&spec);
    bytes_free(&option);
    faults_free(unused);
    return good;
}

int passphrase_option_fetch(const struct invocation *invocation, const char *name, const char *label,
                            bool confirm, struct passphrase_option *option)
{
    const char *text = options_text(invocation->options, name);
    struct passphrase_spec spec = {PASSPHRASE_NONE, NULL, 0};
    struct bytes shown = BYTES_EMPTY;
    int status = -1;

    if (text == NULL) {
        return 0;
    }
    /* a warning names the option: there may be two of them */
    if (bytes_printf(&shown, "--%s", name) != 0) {
        fault_memory(invocation->faults);
        goto out;
    }
    if (passphrase_spec_parse(text, NULL, bytes_text(&shown), &spec, invocation->faults) != 0) {
        goto out;
    }
    if (spec.source == PASSPHRASE_GENERATE && !confirm) {
        fault_error(invocation->faults, NULL, NULL, "env:NAME, file:PATH, fd:N or prompt",
                    "--%s generate makes a new passphrase, and %s has one", name, label);
        goto out;
    }
    status = passphrase_obtain(invocation->context, &spec, NULL, label, confirm, &option->secret,
                               invocation->faults);
    option->given = status == 0;
    option->generated = spec.source == PASSPHRASE_GENERATE;
out:
    bytes_free(&shown);
    passphrase_spec_free(&spec);
    return status;
}

const struct bytes *passphrase_option_secret(const struct passphrase_option *option)
{
    return option->given ? &option->secret : NULL;
}

void passphrase_option_free(struct passphrase_option *option)
{
    bytes_free(&option->secret);
    option->given = false;
}
