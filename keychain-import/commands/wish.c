/* SPDX-License-Identifier: Apache-2.0 */
/* From options to an installation. */
#include "commands/wish.h"

#include <string.h>

#include "store/store.h"

/** Whether the command has the option. */
static bool has(const char *const *names, const char *name)
{
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

static const char *text(const struct invocation *invocation, const char *const *names, const char *name)
{
    return has(names, name) ? options_text(invocation->options, name) : NULL;
}

/** Options beside a file that says the same. */
static bool check_file_alone(const struct invocation *invocation, const char *p12, const char *const *names)
{
    static const char *const others[] = {"cert",        "key",   "passphrase", "label",
                                         "extractable", "trust", "allow",      "for"};

    if (p12 != NULL) {
        usage_error(invocation->faults, "write it into the file",
                    "--file says what is wanted: \"%s\" is too much", p12);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (has(names, others[i]) && options_given(invocation->options, others[i])) {
            usage_error(invocation->faults, "write it into the file",
                        "--file says what is wanted: --%s is too much", others[i]);
        }
    }
    return faults_errors(invocation->faults) == 0;
}

/** A P12, or a certificate with its key. */
static bool check_identity(const struct invocation *invocation, const struct installation_options *wanted)
{
    if (wanted->p12 != NULL && (wanted->certificate != NULL || wanted->key != NULL)) {
        usage_error(invocation->faults, NULL, "a P12 has its key: --cert and --key name another identity");
    } else if ((wanted->certificate == NULL) != (wanted->key == NULL)) {
        usage_error(invocation->faults, NULL, "--%s is missing",
                    wanted->certificate != NULL ? "key" : "cert");
    } else if (wanted->p12 == NULL && wanted->certificate == NULL && wanted->passphrase != NULL) {
        usage_error(invocation->faults, NULL, "--passphrase is of an identity, and none is named");
    } else if (wanted->p12 == NULL && wanted->certificate == NULL && wanted->label != NULL) {
        usage_error(invocation->faults, NULL, "--label is of an identity, and none is named");
    } else if (wanted->p12 == NULL && wanted->certificate == NULL && wanted->trust_count == 0) {
        usage_error(invocation->faults, "a P12, --cert and --key, or --trust; or --file",
                    "nothing is named that is wanted");
    }
    return faults_errors(invocation->faults) == 0;
}

enum exit_status wish_read(const struct invocation *invocation, const char *p12, const char *const *names,
                           struct installation *installation)
{
    const struct options *options = invocation->options;
    const char *file = text(invocation, names, "file");
    const struct installation_options wanted = {
        .into = options_text(options, "into"),
        .p12 = p12,
        .certificate = text(invocation, names, "cert"),
        .key = text(invocation, names, "key"),
        .passphrase = text(invocation, names, "passphrase"),
        .label = text(invocation, names, "label"),
        .extractable = text(invocation, names, "extractable"),
        .trust = has(names, "trust") ? options_list(options, "trust") : NULL,
        .trust_count = has(names, "trust") ? options_count(options, "trust") : 0,
        .scope = "server",
        .allow = has(names, "allow") ? options_list(options, "allow") : NULL,
        .allow_count = has(names, "allow") ? options_count(options, "allow") : 0,
    };

    if (file != NULL) {
        if (!check_file_alone(invocation, p12, names)) {
            return EXIT_USAGE;
        }
        return installation_read(file, installation, invocation->faults) == 0 ? EXIT_DONE : EXIT_FAILED;
    }
    if (!check_identity(invocation, &wanted)) {
        return EXIT_USAGE;
    }
    return installation_of_options(&wanted, installation, invocation->faults) == 0 ? EXIT_DONE : EXIT_USAGE;
}

unsigned wish_abilities(const struct installation *installation)
{
    unsigned abilities = installation->identity_count > 0 ? STORE_IDENTITIES : 0;

    if (installation->extractable == EXTRACTABLE_NO && installation->identity_count > 0) {
        abilities |= STORE_UNEXTRACTABLE;
    }
    for (size_t i = 0; i < installation->trust_count; i++) {
        abilities |= STORE_ANCHORS;
        abilities |= (installation->trust[i].scope & SCOPE_SERVER) != 0 ? STORE_SCOPE_SERVER : 0;
        abilities |= (installation->trust[i].scope & SCOPE_CLIENT) != 0 ? STORE_SCOPE_CLIENT : 0;
        abilities |= installation->trust[i].host != NULL ? STORE_HOSTS : 0;
    }
    return abilities;
}
