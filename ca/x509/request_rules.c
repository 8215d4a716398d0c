/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request held against a profile.
 */
#include "x509/request_rules.h"

#include "x509/der.h"
#include "x509/extension.h"

static void check_key(const struct key *key, const char *shown, struct faults *faults)
{
    int bits = key_bits(key);

    switch (key_algorithm_of(key)) {
    case KEY_FOREIGN:
        if (key_family_of(key) != KEY_FAMILY_RSA) {
            fault_error(faults, NULL, shown, key_algorithm_words(),
                        "its key is of an algorithm or curve that is not certified");
        } else if (bits < REQUEST_RSA_BITS_MIN) {
            fault_error(faults, NULL, shown,
                        "2,048 bits are the least that clients take (CA/Browser Forum BR 6.1.5)",
                        "its RSA key has %d bits", bits);
        } else if (bits > REQUEST_RSA_BITS_MAX) {
            fault_error(faults, NULL, shown, NULL, "its RSA key has %d bits, more than verifiers take", bits);
        }
        break;
    default:
        break;
    }
}

static void check_extended_key_usage(const struct profile *profile, struct slice wished, const char *shown,
                                     struct faults *faults)
{
    struct der_item usage;

    while (der_read(&wished, &usage) == 1) {
        const char *name = oid_extended_key_usage_name(usage.content);
        struct bytes dotted = BYTES_EMPTY;
        size_t i = 0;

        while (i < profile->extended_key_usage_count &&
               !oid_equal(&profile->extended_key_usages[i], usage.content)) {
            i++;
        }
        if (i == profile->extended_key_usage_count) {
            if (name == NULL && oid_format(usage.content, &dotted) != 0) {
                bytes_clear(&dotted);
            }
            fault_error(faults, NULL, shown, "ask for another profile, or sign with --ignore-usages",
                        "it asks for the extended key usage %s, which profile \"%s\" does not give",
                        name != NULL ? name : bytes_text(&dotted), profile->name);
        }
        bytes_free(&dotted);
    }
}

/** What was wished for and will not be in the certificate, in words. */
static int ungranted_text(const struct profile *profile, const struct request_view *view, struct bytes *text)
{
    uint32_t usages = view->has_key_usage ? view->key_usage & ~profile->key_usage : 0;
    unsigned bit;
    int status = 0;

    for (bit = 0; status == 0 && extension_key_usage_name(bit) != NULL; bit++) {
        if ((usages & (1u << bit)) != 0) {
            status = bytes_printf(text, "%s%s", text->length > 0 ? ", " : "", extension_key_usage_name(bit));
        }
    }
    if (status == 0 && view->other_count > 0) {
        status = bytes_printf(text, "%s%zu other extension%s", text->length > 0 ? ", " : "",
                              view->other_count, view->other_count > 1 ? "s" : "");
    }
    return status;
}

void request_rules_check(const struct profile *profile, const struct request_view *view,
                         const struct key *key, bool ignore_usages, const char *shown, struct faults *faults)
{
    struct bytes text = BYTES_EMPTY;

    check_key(key, shown, faults);
    if (view->ca && !profile->ca) {
        fault_error(faults, NULL, shown, "--profile intermediate-ca, if it is to be one",
                    "it asks to be an authority, and profile \"%s\" makes none", profile->name);
    }
    if (view->fixture) {
        fault_error(faults, NULL, shown, NULL, "it asks for the fixture mark: its key counts as public");
    }
    if (!ignore_usages) {
        check_extended_key_usage(profile, view->extended_key_usage, shown, faults);
    }
    if (ungranted_text(profile, view, &text) == 0 && text.length > 0) {
        fault_warning(faults, NULL, shown, NULL, "it asks for %s, which profile \"%s\" does not give",
                      bytes_text(&text), profile->name);
    }
    bytes_free(&text);
}
