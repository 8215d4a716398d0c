/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca show: one certificate of the ledger, and all that the ledger knows of it.
 */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "command/commands.h"
#include "command/description.h"
#include "command/directory_option.h"
#include "command/inspect_text.h"
#include "command/ledger_row.h"
#include "console/json.h"
#include "ledger/ledger_directory.h"
#include "manifest/manifest.h"
#include "operations/reference.h"

#define LABEL_WIDTH 17
/* Largest output that is read. */
#define OUTPUT_SIZE_MAX (16u * 1024 * 1024)

static const struct option_spec show_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

struct showing {
    const struct invocation *invocation;
    struct directory directory; /* only looked at: it is not locked, for a long run may hold it */
    struct ledger_rows rows;
    struct ledger_certificate certificate;
    json_t *files, *stale_files, *events, *others;
};

/* ---- finding -------------------------------------------------------------------------------------------------------- */

/* The first row is the newest. */
static int take_newest(void *state, const struct ledger_certificate *row)
{
    *(int64_t *)state = row->id;
    return 1;
}

/* What stands, or a serial or file; and a name that nothing stands for any more: the newest there was. */
static int find(struct showing *showing, const char *text)
{
    struct faults *faults = showing->invocation->faults;
    struct ledger *ledger = showing->directory.ledger;
    int64_t newest = 0;
    int found = 0;

    if (strlen(text) < sizeof(showing->certificate.name)) {
        found = ledger_find_certificate(ledger, text, &showing->certificate, faults);
        if (found == 0 && ledger_each_of_name(ledger, text, true, take_newest, &newest, faults) < 0) {
            found = -1;
        }
        ledger_certificate_free(&showing->certificate);
        memset(&showing->certificate, 0, sizeof(showing->certificate));
    }
    if (found < 0) {
        return -1;
    }
    if (newest != 0) {
        return ledger_get_certificate(ledger, newest, &showing->certificate, faults) == 1 ? 0 : -1;
    }
    return reference_find(showing->invocation->context, &showing->directory, text, &showing->certificate,
                          faults);
}

/* ---- what belongs to it --------------------------------------------------------------------------------------------- */

static int keep(struct showing *showing, json_t *list, json_t *item)
{
    if (item == NULL || json_append(list, item) != 0) {
        if (faults_errors(showing->invocation->faults) == 0) {
            fault_memory(showing->invocation->faults);
        }
        return -1;
    }
    return 0;
}

/* Whether it has the content it was published with. */
static bool is_untouched(const struct showing *showing, const struct ledger_output *output)
{
    struct faults *unused = faults_new();
    struct bytes path = BYTES_EMPTY, content = BYTES_EMPTY;
    struct digest digest;
    bool same = unused != NULL && bytes_printf(&path, "%s/%s", showing->directory.path, output->path) == 0 &&
                file_read(AT_FDCWD, bytes_text(&path), OUTPUT_SIZE_MAX, &content, unused) == 0 &&
                digest_of(showing->invocation->context, slice_of(&content), &digest) == 0 &&
                digest_equal(&digest, &output->content);

    bytes_free(&path);
    bytes_free(&content);
    faults_free(unused);
    return same;
}

/* Whether it is a file that holds a certificate, and another one. */
static bool is_stale(const struct showing *showing, const struct ledger_output *output)
{
    switch ((enum output_kind)output->kind) {
    case OUTPUT_CERTIFICATE:
    case OUTPUT_DER:
    case OUTPUT_K8S_SECRET:
    case OUTPUT_BUNDLE:
        return output->certificate != showing->certificate.id && is_untouched(showing, output);
    default:
        return false;
    }
}

/* A key that was kept when its certificate was renewed is the new one's file as well. */
static int take_file(void *state, const struct ledger_output *output)
{
    struct showing *showing = state;

    if ((output->certificate != showing->certificate.id && showing->certificate.state != LEDGER_ISSUED) ||
        ledger_output_is_claim(output)) {
        return 0;
    }
    if (is_stale(showing, output) &&
        keep(showing, showing->stale_files, json_text(slice_of_text(output->path))) != 0) {
        return -1;
    }
    return keep(showing, showing->files, json_text(slice_of_text(output->path)));
}

static int take_event(void *state, const struct ledger_event *event)
{
    struct showing *showing = state;

    return keep(showing, showing->events, ledger_event_json(event, showing->invocation->faults));
}

static int take_other(void *state, const struct ledger_certificate *row)
{
    struct showing *showing = state;

    return row->id != showing->certificate.id
               ? keep(showing, showing->others, ledger_row_json(&showing->rows, row))
               : 0;
}

static int collect(struct showing *showing)
{
    const struct ledger_certificate *certificate = &showing->certificate;
    struct ledger *ledger = showing->directory.ledger;
    struct faults *faults = showing->invocation->faults;

    showing->files = json_array();
    showing->stale_files = json_array();
    showing->events = json_array();
    showing->others = json_array();
    return ledger_each_output(ledger, certificate->name, take_file, showing, faults) == 0 &&
                   ledger_each_event_of(ledger, certificate->id, take_event, showing, faults) == 0 &&
                   ledger_each_of_name(ledger, certificate->name, true, take_other, showing, faults) == 0
               ? 0
               : -1;
}

/* Its DER as inspect describes it; null for one that was never completed. */
static json_t *describe(struct showing *showing)
{
    const struct description description = {showing->invocation->context, NULL, showing->certificate.name,
                                            showing->invocation->faults};
    struct input_object object = {.kind = INPUT_CERTIFICATE, .bytes = showing->certificate.der};

    return showing->certificate.state == LEDGER_INTENDED ? json_null()
                                                         : description_of(&description, &object);
}

/* ---- telling -------------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text != NULL ? text : "";
}

static void label(struct terminal *terminal, const char *name)
{
    terminal_paint(terminal, PAINT_DIM, "  %-*s", LABEL_WIDTH, name);
}

static void print_revocation(struct terminal *terminal, const json_t *revocation)
{
    if (json_is_object(revocation)) {
        label(terminal, "revoked");
        terminal_paint(terminal, PAINT_RED, "%s (%s)", text_of(revocation, "date"),
                       text_of(revocation, "reason"));
        if (json_object_get(revocation, "invalidity_date") != NULL) {
            terminal_print(terminal, ", not to be trusted since %s", text_of(revocation, "invalidity_date"));
        }
        terminal_print(terminal, "\n");
    }
}

static bool has_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0) {
            return true;
        }
    }
    return false;
}

static void print_lists(struct terminal *terminal, const json_t *document)
{
    const json_t *list = json_object_get(document, "files");
    const json_t *stale = json_object_get(document, "stale_files");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *path = json_string_value(json_array_get(list, i));

        label(terminal, i == 0 ? "files" : "");
        terminal_print(terminal, "%s%s\n", path, has_text(stale, path) ? " (the certificate before)" : "");
    }
    list = json_object_get(document, "events");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *event = json_array_get(list, i);

        label(terminal, i == 0 ? "log" : "");
        terminal_print(terminal, "%s %s by %s (event %lld)\n", text_of(event, "when"), text_of(event, "what"),
                       text_of(event, "who"), json_integer_value(json_object_get(event, "number")));
    }
    list = json_object_get(document, "same_name");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *other = json_array_get(list, i);

        label(terminal, i == 0 ? "same name" : "");
        terminal_print(terminal, "%s, serial %s, until %s\n", ledger_row_word(other),
                       text_of(other, "serial"), text_of(other, "not_after"));
    }
}

static void print_text(const struct showing *showing, const json_t *document)
{
    struct terminal *terminal = showing->invocation->terminal;
    const json_t *row = json_object_get(document, "certificate");
    const json_t *description = json_object_get(document, "description");

    if (json_is_object(description)) {
        inspect_text_print(terminal, showing->invocation->context, showing->certificate.name, description);
        terminal_print(terminal, "\n");
    }
    terminal_paint(terminal, PAINT_BOLD, "%s in the ledger\n", showing->certificate.name);
    label(terminal, "state");
    terminal_print(terminal, "%s\n", ledger_row_word(row));
    print_revocation(terminal, json_object_get(row, "revocation"));
    label(terminal, "issuer");
    if (json_is_true(json_object_get(row, "adopted")) && !json_is_true(json_object_get(row, "authority"))) {
        terminal_print(terminal, "%s, elsewhere\n", text_of(row, "issuer"));
    } else {
        terminal_print(terminal, "%s, generation %lld\n", text_of(row, "issuer"),
                       json_integer_value(json_object_get(row, "generation")));
    }
    if (!json_is_object(description)) {
        label(terminal, "serial");
        terminal_print(terminal, "%s\n", text_of(row, "serial"));
    }
    label(terminal, "recorded");
    terminal_print(terminal, "%s%s\n", text_of(row, "recorded"),
                   json_is_true(json_object_get(row, "adopted")) ? ", adopted" : "");
    label(terminal, "made");
    terminal_print(terminal, "%s%s\n",
                   json_is_null(json_object_get(row, "manifest")) ? "by hand" : "by manifest ",
                   text_of(row, "manifest"));
    if (json_is_string(json_object_get(row, "request_sha256"))) {
        label(terminal, "request SHA-256");
        terminal_print(terminal, "%s\n", text_of(row, "request_sha256"));
    }
    print_lists(terminal, document);
}

static int tell(struct showing *showing)
{
    struct invocation *invocation = (struct invocation *)showing->invocation;
    json_t *row = ledger_row_json(&showing->rows, &showing->certificate);
    json_t *description = row != NULL ? describe(showing) : NULL;
    json_t *document;
    int status = -1;

    if (row == NULL || description == NULL) {
        json_decref(row);
        return -1;
    }
    document = json_document("mtlskit.show/1");
    if (json_put(document, "certificate", row) != 0 ||
        json_put(document, "description", json_incref(description)) != 0 ||
        json_put(document, "files", json_incref(showing->files)) != 0 ||
        json_put(document, "stale_files", json_incref(showing->stale_files)) != 0 ||
        json_put(document, "events", json_incref(showing->events)) != 0 ||
        json_put(document, "same_name", json_incref(showing->others)) != 0) {
        fault_memory(invocation->faults);
    } else if (options_given(invocation->options, "json")) {
        status = json_print(invocation->terminal, json_incref(document));
    } else {
        print_text(showing, document);
        status = 0;
    }
    json_decref(description);
    json_decref(document);
    return status;
}

/* ---- the command ---------------------------------------------------------------------------------------------------- */

static enum exit_status show_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    struct showing showing = {.invocation = invocation, .directory = DIRECTORY_EMPTY};
    enum exit_status status = EXIT_FAILED;

    showing.directory.path = directory_option(options);
    showing.directory.ledger = ledger_open(showing.directory.path, LEDGER_READ, invocation->faults);
    if (showing.directory.ledger != NULL && find(&showing, options_argument(options, 0)) == 0 &&
        ledger_rows_start(&showing.rows, showing.directory.ledger, invocation->context, invocation->faults) ==
            0 &&
        collect(&showing) == 0 && tell(&showing) == 0) {
        status = EXIT_DONE;
    }
    json_decref(showing.files);
    json_decref(showing.stale_files);
    json_decref(showing.events);
    json_decref(showing.others);
    ledger_certificate_free(&showing.certificate);
    ledger_rows_free(&showing.rows);
    ledger_close(showing.directory.ledger);
    return status;
}

const struct command command_show = {
    .name = "show",
    .summary = "show a certificate of the ledger and what is known of it",
    .arguments = "NAME|SERIAL|FILE",
    .least = 1,
    .most = 1,
    .options = show_options,
    .about =
        "The certificate as inspect tells it, then its state, revocation, files, who did what and when, and "
        "the\n"
        "certificates of the same name before and after it. A name nothing stands for any more shows the "
        "last\n"
        "one; serials, in hexadecimal, find replaced ones too.\n",
    .examples = "  mtls-ca show server -d out\n"
                "  mtls-ca show out/server.crt -d out\n"
                "  mtls-ca show 5d1f00c29b -d out --json | jq .events\n",
    .run = show_command,
};
