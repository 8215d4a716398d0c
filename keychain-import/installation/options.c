/* SPDX-License-Identifier: Apache-2.0 */
/* Options written down as the document they stand for. Every value is quoted, so that nothing in it is YAML. */
#include "installation/installation.h"

#include <stdbool.h>

#include "manifest/quoting.h"

/** "key: value" in a line, or, with @p inner, in a flow mapping that is open; nothing for a value that was not said. */
static int add(struct bytes *yaml, bool inner, const char *key, const char *value)
{
    if (value == NULL) {
        return 0;
    }
    if (bytes_printf(yaml, "%s: ", key) != 0 || quoting_append(yaml, value) != 0) {
        return -1;
    }
    return bytes_append_text(yaml, inner ? ", " : "\n");
}

static int add_identity(struct bytes *yaml, const struct installation_options *options)
{
    if (options->p12 == NULL && options->certificate == NULL && options->key == NULL) {
        return 0;
    }
    if (bytes_append_text(yaml, "identities:\n  - {") != 0 || add(yaml, true, "p12", options->p12) != 0 ||
        add(yaml, true, "certificate", options->certificate) != 0 ||
        add(yaml, true, "key", options->key) != 0 ||
        add(yaml, true, "passphrase", options->passphrase) != 0) {
        return -1;
    }
    return bytes_append_text(yaml, "}\n");
}

static int add_trust(struct bytes *yaml, const struct installation_options *options)
{
    if (options->trust_count == 0) {
        return 0;
    }
    if (bytes_append_text(yaml, "trust:\n  - {files: ") != 0 ||
        quoting_append_list(yaml, options->trust, options->trust_count) != 0 ||
        bytes_append_text(yaml, ", ") != 0 || add(yaml, true, "for", options->scope) != 0 ||
        add(yaml, true, "host", options->host) != 0) {
        return -1;
    }
    return bytes_append_text(yaml, "}\n");
}

static int write_all(const struct installation_options *options, struct bytes *yaml)
{
    if (bytes_append_text(yaml, "mtlskit-install: 1\n") != 0 ||
        add(yaml, false, "into", options->into) != 0 || add_trust(yaml, options) != 0 ||
        add_identity(yaml, options) != 0 || add(yaml, false, "label", options->label) != 0 ||
        add(yaml, false, "extractable", options->extractable) != 0) {
        return -1;
    }
    if (options->allow_count == 0) {
        return 0;
    }
    return bytes_append_text(yaml, "allow: ") == 0
               ? quoting_append_list(yaml, options->allow, options->allow_count)
               : -1;
}

int installation_of_options(const struct installation_options *options, struct installation *installation,
                            struct faults *faults)
{
    struct bytes yaml = BYTES_EMPTY;
    int status = -1;

    if (write_all(options, &yaml) != 0) {
        fault_memory(faults);
    } else {
        status = installation_parse(slice_of(&yaml), "", "", installation, faults);
    }
    bytes_free(&yaml);
    return status;
}
