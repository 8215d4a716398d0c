/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca inspect: what certificates, keys, requests, CRLs and P12 files say.
 */
#include <fcntl.h>
#include <stdint.h>

#include "base/file.h"
#include "base/utf8.h"
#include "command/commands.h"
#include "command/description.h"
#include "command/input.h"
#include "command/inspect_text.h"
#include "console/json.h"
#include "console/passphrase_option.h"

static const struct option_spec inspect_options[] = {
    {"passphrase", 'p', "SPEC", false,
     "opens P12 files and encrypted keys: env:NAME, file:PATH, fd:N, prompt"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** One file, described: {"file": NAME, "objects": [...]}. NULL with faults; what could be read before them is lost. */
static json_t *describe_file(const struct invocation *invocation, const struct bytes *passphrase,
                             const char *path)
{
    struct description description = {invocation->context, passphrase, path, invocation->faults};
    struct bytes content = BYTES_EMPTY;
    struct input input = {NULL, 0};
    json_t *file = NULL;
    json_t *objects = NULL;

    if (file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &content, invocation->faults) != 0 ||
        input_read(slice_of(&content), path, &input, invocation->faults) != 0) {
        goto out;
    }
    objects = json_array();
    for (size_t i = 0; i < input.count; i++) {
        json_t *object = description_of(&description, &input.objects[i]);

        if (object != NULL && json_append(objects, object) != 0) {
            fault_memory(invocation->faults);
            goto out;
        }
    }
    file = json_object();
    if (json_put(file, "file", json_printable(slice_of_text(path))) != 0 ||
        json_put(file, "objects", json_incref(objects)) != 0) {
        json_decref(file);
        file = NULL;
        fault_memory(invocation->faults);
    }
out:
    json_decref(objects);
    input_free(&input);
    bytes_free(&content);
    return file;
}

static void print_file(const struct invocation *invocation, const json_t *file, bool *first)
{
    const json_t *objects = json_object_get(file, "objects");

    for (size_t i = 0; i < json_array_size(objects); i++) {
        terminal_print(invocation->terminal, "%s", *first ? "" : "\n");
        *first = false;
        inspect_text_print(invocation->terminal, invocation->context,
                           json_string_value(json_object_get(file, "file")), json_array_get(objects, i));
    }
}

/** What can be read is told, also when another file cannot: that one is among the faults, which make the status. */
static enum exit_status inspect_run(struct invocation *invocation)
{
    bool as_json = options_given(invocation->options, "json");
    struct passphrase_option passphrase = {false, false, BYTES_EMPTY};
    enum exit_status status = EXIT_FAILED;
    bool first = true;
    json_t *document = NULL;
    json_t *files = json_array();

    if (!passphrase_option_is_spec(invocation, "passphrase")) {
        status = EXIT_USAGE;
        goto out;
    }
    if (passphrase_option_fetch(invocation, "passphrase", options_argument(invocation->options, 0), false,
                                &passphrase) != 0) {
        goto out;
    }
    for (size_t i = 0; i < options_argument_count(invocation->options); i++) {
        json_t *file = describe_file(invocation, passphrase_option_secret(&passphrase),
                                     options_argument(invocation->options, i));

        if (file != NULL && !as_json) {
            print_file(invocation, file, &first);
            json_decref(file);
        } else if (file != NULL && json_append(files, file) != 0) {
            fault_memory(invocation->faults);
            goto out;
        }
    }
    if (as_json) {
        document = json_document("mtlskit.inspect/1");
        if (json_put(document, "files", json_incref(files)) != 0) {
            json_decref(document);
            document = NULL;
        }
        if (json_print(invocation->terminal, document) != 0) {
            fault_memory(invocation->faults);
            goto out;
        }
    }
    status = EXIT_DONE;
out:
    json_decref(files);
    passphrase_option_free(&passphrase);
    return status;
}

const struct command command_inspect = {
    .name = "inspect",
    .summary = "say what certificates, keys, requests, CRLs and P12 files hold",
    .arguments = "FILE...",
    .least = 1,
    .most = SIZE_MAX,
    .options = inspect_options,
    .about =
        "What a file is, is told by its content: PEM or DER, one object or many; - is standard input. "
        "Private keys\n"
        "show their public part alone. Of a P12 the algorithms, and which readers take it, show without its\n"
        "passphrase. -v adds every extension. Pins are given as curl (--pinnedpubkey), Apple "
        "(NSPinnedDomains) and\n"
        "Android (network security configuration) want them.\n",
    .examples = "  mtls-ca inspect out/server.crt\n"
                "  mtls-ca inspect client.p12                      which phones and programs take it\n"
                "  mtls-ca inspect client.p12 --passphrase prompt  and what is in it\n"
                "  mtls-ca inspect --json out/*.crt | jq -r '.files[].objects[].sha256'\n",
    .run = inspect_run,
};
