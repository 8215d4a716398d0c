/* SPDX-License-Identifier: Apache-2.0 */
/* The words of an order, each by the reader that the manifest's has, too. */
#include "command/order_option.h"

#include <stddef.h>

#include "base/bytes.h"
#include "base/token_uri.h"
#include "manifest/field.h"
#include "manifest/hostname.h"
#include "manifest/output_name.h"
#include "manifest/pattern.h"
#include "manifest/value.h"
#include "x509/general_name.h"
#include "x509/instant.h"
#include "x509/key.h"
#include "x509/name.h"

/** Says of @p text why it is none of what --@p name takes; NULL: memory is out. */
static void refuse(const struct invocation *invocation, const char *name, const char *text, const char *why)
{
    if (why == NULL) {
        fault_memory(invocation->faults);
    } else {
        usage_error(invocation->faults, NULL, "--%s: %s %s", name, field_quoted(text).text, why);
    }
}

static void check_subject(const struct invocation *invocation, const char *name, const char *text)
{
    struct name subject = {NULL, 0};
    const char *why = NULL;

    if (name_parse(text, &subject, &why) != 0) {
        refuse(invocation, name, text, why);
    }
    name_free(&subject);
}

static void check_san(const struct invocation *invocation, const char *name, const char *text)
{
    struct bytes ascii = BYTES_EMPTY, der = BYTES_EMPTY;
    const char *why = NULL;

    if (hostname_in_san_to_ascii(text, &ascii, &why) != 0 ||
        general_name_parse(bytes_text(&ascii), NULL, &der, &why) != 0) {
        refuse(invocation, name, text, why);
    }
    bytes_free(&ascii);
    bytes_free(&der);
}

static void check_validity(const struct invocation *invocation, const char *name, const char *text)
{
    struct duration duration = {0, 0};
    const char *why = NULL;

    if (duration_parse(text, false, &duration, &why) != 0) {
        refuse(invocation, name, text, why);
    }
}

static void check_algorithm(const struct invocation *invocation, const char *name, const char *text)
{
    enum key_algorithm algorithm = KEY_NONE;

    if (key_algorithm_parse(text, &algorithm) != 0) {
        usage_error(invocation->faults, key_algorithm_words(), "--%s: %s is not a key algorithm", name,
                    field_quoted(text).text);
    }
}

/** An algorithm or a URI, which is not shown when it is refused: it may hold a PIN. */
static void check_key(const struct invocation *invocation, const char *name, const char *text)
{
    struct token_uri uri = {0};
    const char *why = NULL;

    if (!token_uri_is(text)) {
        check_algorithm(invocation, name, text);
    } else if (token_uri_read(text, &uri, &why) == 0) {
        token_uri_free(&uri);
    } else if (why == NULL) {
        fault_memory(invocation->faults);
    } else {
        usage_error(invocation->faults, "pkcs11:token=NAME;object=NAME", "--%s: the URI %s", name, why);
    }
}

static void check_bundle(const struct invocation *invocation, const char *name, const char *text)
{
    char hint[COMPLAINT_HINT_MAX];

    if (value_bundle_target(text, hint) == NULL) {
        usage_error(invocation->faults, hint, "--%s: %s is not a target for bundles", name,
                    field_quoted(text).text);
    }
}

/** What is asked of which option. */
static const struct {
    const char *name;
    void (*check)(const struct invocation *invocation, const char *name, const char *text);
    bool pattern; /**< may have variables */
} words[] = {
    {"subject", check_subject, true},     {"san", check_san, true},  {"validity", check_validity, false},
    {"generate", check_algorithm, false}, {"key", check_key, false}, {"bundle", check_bundle, false},
};

void order_options_check(const struct invocation *invocation, bool patterns)
{
    const struct options *options = invocation->options;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (size_t j = 0; j < options_count(options, words[i].name); j++) {
            const char *text = options_at(options, words[i].name, j);

            if (!(patterns && words[i].pattern && pattern_has_brace(text))) {
                words[i].check(invocation, words[i].name, text);
            }
        }
    }
}

void order_option_check_name(const struct invocation *invocation, const char *name)
{
    const char *why = output_name_entry_fault(name);

    if (why != NULL) {
        usage_error(invocation->faults, "names are file names; the subject takes any text", "the name %s %s",
                    field_quoted(name).text, why);
    }
}

void order_option_check_kdf(const struct invocation *invocation, enum key_kdf *kdf)
{
    const char *text = options_text(invocation->options, "kdf");
    enum key_kdf found;

    if (text == NULL) {
        return;
    }
    if (key_kdf_parse(text, &found) != 0) {
        usage_error(invocation->faults, "--kdf scrypt or --kdf pbkdf2", "--kdf: %s derives no key here",
                    field_quoted(text).text);
    } else if (kdf != NULL) {
        *kdf = found;
    }
    if (!options_given(invocation->options, "key-passphrase")) {
        usage_error(invocation->faults, "--key-passphrase SPEC",
                    "--kdf makes a key of a passphrase, and there is none");
    }
}
