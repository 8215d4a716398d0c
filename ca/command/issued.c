/* SPDX-License-Identifier: Apache-2.0 */
/* What issue, sign and renew tell of the certificates they made. */
#include "command/issued.h"

#include "x509/certificate.h"
#include "x509/instant.h"
#include "x509/name.h"

static void note_written(void *state, const char *name, const char *path)
{
    struct issued *issued = state;

    (void)name;
    if (issued->written != NULL) {
        issued->failed |= json_array_append_new(issued->written, json_string(path)) != 0;
    } else {
        issued->failed |= bytes_printf(&issued->files, "wrote %s/%s\n", issued->directory, path) != 0;
    }
}

int issued_start(struct issued *issued, const struct invocation *invocation, const char *directory,
                 const char *verb)
{
    issued->invocation = invocation;
    issued->directory = directory;
    issued->verb = verb;
    issued->observer.state = issued;
    issued->observer.written = note_written;
    if (options_given(invocation->options, "json")) {
        issued->rows = json_array();
        issued->written = json_array();
        if (issued->rows == NULL || issued->written == NULL) {
            fault_memory(invocation->faults);
            return -1;
        }
    }
    return 0;
}

const struct act_observer *issued_observer(const struct issued *issued)
{
    return &issued->observer;
}

/** Subject of a certificate as RFC 4514 text. */
static int subject_text(const struct ledger_certificate *certificate, struct bytes *text)
{
    struct certificate_view view;

    return certificate_view_read(slice_of(&certificate->der), &view) == 0 ? name_format(view.subject, text)
                                                                          : -1;
}

static int tell_json(struct issued *issued, const struct ledger_certificate *certificate, const char *beside)
{
    struct bytes subject = BYTES_EMPTY;
    json_t *row = json_object();
    int status = -1;

    if (row == NULL || json_put(row, "name", json_text(slice_of_text(certificate->name))) != 0 ||
        json_put(row, "serial", json_hex(slice_of(&certificate->serial))) != 0 ||
        subject_text(certificate, &subject) != 0 ||
        json_put(row, "subject", json_text(slice_of(&subject))) != 0 ||
        json_put(row, "not_before", json_instant(certificate->not_before)) != 0 ||
        json_put(row, "not_after", json_instant(certificate->not_after)) != 0 ||
        (beside != NULL && json_put(row, "file", json_text(slice_of_text(beside))) != 0)) {
        json_decref(row);
    } else {
        status = json_array_append_new(issued->rows, row);
    }
    bytes_free(&subject);
    return status;
}

static int tell_text(struct issued *issued, const struct ledger_certificate *certificate, const char *beside)
{
    struct bytes serial = BYTES_EMPTY;
    struct bytes until = BYTES_EMPTY;
    int status = -1;

    if (bytes_append_hex(&serial, slice_of(&certificate->serial), 0) == 0 &&
        instant_format(certificate->not_after, &until) == 0) {
        terminal_tell(issued->invocation->terminal, "%s %s until %s, serial %s\n", issued->verb,
                      certificate->name, bytes_text(&until), bytes_text(&serial));
        if (beside != NULL) {
            terminal_tell(issued->invocation->terminal, "wrote %s\n", beside);
        }
        status = 0;
    }
    bytes_free(&serial);
    bytes_free(&until);
    return status;
}

int issued_tell(struct issued *issued, const struct ledger_certificate *certificate, const char *beside)
{
    int status = issued->rows != NULL ? tell_json(issued, certificate, beside)
                                      : tell_text(issued, certificate, beside);

    issued->count++;
    if (status != 0) {
        fault_memory(issued->invocation->faults);
    }
    return status;
}

int issued_finish(struct issued *issued, const char *schema)
{
    json_t *document;

    if (!issued->failed && issued->rows == NULL) {
        terminal_tell(issued->invocation->terminal, "%s", bytes_text(&issued->files));
        return 0;
    }
    document = issued->failed ? NULL : json_document(schema);
    if (document == NULL ||
        json_put(document, "directory", json_text(slice_of_text(issued->directory))) != 0 ||
        json_put(document, "certificates", json_incref(issued->rows)) != 0 ||
        json_put(document, "written", json_incref(issued->written)) != 0) {
        json_decref(document);
        fault_memory(issued->invocation->faults);
        return -1;
    }
    return json_print(issued->invocation->terminal, document);
}

void issued_free(struct issued *issued)
{
    json_decref(issued->rows);
    json_decref(issued->written);
    bytes_free(&issued->files);
}
