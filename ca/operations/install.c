/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Install: the certificate for the key is found among those given, the way up from it is walked and its signatures are checked, files are
 * published, and then the ledger knows.
 */
#include "operations/install.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "issuing/directory.h"
#include "issuing/passphrases.h"
#include "issuing/settings.h"
#include "issuing/settled.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/extension.h"
#include "x509/key.h"
#include "x509/name.h"
#include "x509/pem.h"
#include "x509/signature.h"

/* No chain of authorities is longer. */
#define CHAIN_MAX 32

struct installing {
    const struct context *context;
    const struct install_order *order;
    struct install_report *report;
    struct faults *faults;
    struct directory directory;
    struct passphrases *passphrases;
    struct passphrase_spec spec;
    struct certificate_list list;
    struct key *key;
    bool locked;                              /* its file is encrypted */
    struct certificate_view steps[CHAIN_MAX]; /* the certificate first */
    size_t length;
    struct ledger_certificate standing; /* of that name in the ledger; id 0: none */
    struct publisher *publisher;
    struct bytes paths[2], contents[2];
    size_t file_count;
};

void install_report_free(struct install_report *report)
{
    bytes_free(&report->chain);
}

static void complain(const struct installing *installing, const char *hint, const char *what)
{
    fault_error(installing->faults, NULL, installing->order->name, hint, "%s", what);
}

/* ---- what is given ----------------------------------------------------------------------------------------------- */

static int read_list(struct installing *installing, const char *file)
{
    struct bytes content = BYTES_EMPTY;
    int status = -1;

    if (file_read(AT_FDCWD, file, FILE_LIMIT_CERTIFICATES, &content, installing->faults) == 0) {
        status = certificate_list_read(slice_of(&content), file, &installing->list, installing->faults);
    }
    bytes_free(&content);
    return status;
}

static int read_lists(struct installing *installing)
{
    int status = read_list(installing, installing->order->file);

    for (size_t i = 0; status == 0 && i < installing->order->chain_count; i++) {
        status = read_list(installing, installing->order->chain[i]);
    }
    return status;
}

static int read_key(struct installing *installing)
{
    const char *spec = installing->order->key_passphrase;
    const struct bytes *passphrase = NULL;
    struct bytes content = BYTES_EMPTY;
    struct bytes path = BYTES_EMPTY;
    int status = -1;

    if (bytes_printf(&path, "%s.key", installing->order->name) != 0) {
        fault_memory(installing->faults);
        goto out;
    }
    if (file_read(installing->directory.folder, bytes_text(&path), FILE_LIMIT_KEY, &content,
                  installing->faults) != 0 ||
        passphrase_spec_parse(spec != NULL ? spec : "prompt", NULL, "--key-passphrase", &installing->spec,
                              installing->faults) != 0) {
        goto out;
    }
    installing->locked = key_is_encrypted(slice_of(&content));
    if (installing->locked &&
        (passphrase = passphrases_get(installing->passphrases, &installing->spec, bytes_text(&path), false,
                                      installing->faults)) == NULL) {
        goto out;
    }
    installing->key =
        key_read(installing->context, slice_of(&content), passphrase, bytes_text(&path), installing->faults);
    status = installing->key != NULL ? 0 : -1;
out:
    bytes_free(&content);
    bytes_free(&path);
    return status;
}

/* The certificate that is for the key: the one of them that ends last, should there be several. */
static int find_certificate(struct installing *installing)
{
    struct bytes spki = BYTES_EMPTY;
    struct certificate_view view;
    int status = key_spki(installing->key, &spki, installing->faults);

    for (size_t i = 0; status == 0 && i < installing->list.count; i++) {
        if (certificate_view_read(slice_of(&installing->list.items[i]), &view) == 0 &&
            slice_equal(view.spki, slice_of(&spki)) &&
            (installing->length == 0 || view.not_after > installing->steps[0].not_after)) {
            installing->steps[0] = view;
            installing->length = 1;
        }
    }
    bytes_free(&spki);
    if (status == 0 && installing->length == 0) {
        fault_error(installing->faults, NULL, installing->order->name,
                    "mtls-ca csr asks for one with the key that is there",
                    "%s has no certificate for the key %s.key", installing->order->file,
                    installing->order->name);
        status = -1;
    }
    return status;
}

static int judge(struct installing *installing)
{
    const struct certificate_view *view = &installing->steps[0];
    size_t before = faults_errors(installing->faults);

    if (view->not_after < context_now(installing->context)) {
        complain(installing, NULL, "the certificate has ended");
    }
    if (view->fixture) {
        complain(installing, NULL, "the certificate carries the fixture mark: its key is public");
    }
    installing->report->authority = view->ca;
    if (view->ca && view->has_key_usage && (view->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0) {
        complain(installing, "have it issued with keyCertSign and cRLSign",
                 "the certificate is an authority's, and its key usage does not let it sign");
    }
    if (view->ca && name_is_empty(view->subject)) {
        complain(installing, NULL, "the certificate of an authority needs a subject");
    }
    return faults_errors(installing->faults) == before ? 0 : -1;
}

/* ---- the way up -------------------------------------------------------------------------------------------------- */

static bool is_root(const struct certificate_view *view)
{
    return slice_equal(view->subject, view->issuer);
}

/* The issuer of the last step among those given: 1 with its signature right, 0 none given, -1 one that did not sign it. */
static int find_issuer(const struct installing *installing, struct certificate_view *issuer, const char **why)
{
    const struct certificate_view *last = &installing->steps[installing->length - 1];
    struct certificate_view view;
    int status = 0;

    for (size_t i = 0; i < installing->list.count; i++) {
        if (certificate_view_read(slice_of(&installing->list.items[i]), &view) != 0 ||
            !slice_equal(view.subject, last->issuer)) {
            continue;
        }
        if (signature_verify(installing->context, last->signature_algorithm, view.spki, last->tbs,
                             last->signature, why) == 0) {
            *issuer = view;
            return 1;
        }
        status = -1;
    }
    return status;
}

static int tell_step(struct installing *installing, const struct certificate_view *view)
{
    struct bytes *chain = &installing->report->chain;

    if (name_is_empty(view->subject) ? bytes_append_text(chain, "(without a subject)") != 0
                                     : name_format(view->subject, chain) != 0) {
        fault_memory(installing->faults);
        return -1;
    }
    return bytes_append_byte(chain, '\n');
}

static int climb(struct installing *installing)
{
    const char *why = NULL;
    int found = 1;

    while (found == 1) {
        const struct certificate_view *last = &installing->steps[installing->length - 1];

        if (tell_step(installing, last) != 0) {
            return -1;
        }
        if (is_root(last) || installing->length == CHAIN_MAX) {
            installing->report->whole = is_root(last);
            return 0;
        }
        found = find_issuer(installing, &installing->steps[installing->length], &why);
        installing->length += found == 1 ? 1 : 0;
    }
    if (found < 0) {
        struct bytes name = BYTES_EMPTY;

        (void)!name_format(installing->steps[installing->length - 1].subject, &name);
        fault_error(installing->faults, NULL, installing->order->name, "give the issuer that signed it",
                    "the signature of %s %s, by the issuer that is given", bytes_text(&name), why);
        bytes_free(&name);
    }
    return found;
}

/* ---- the ledger -------------------------------------------------------------------------------------------------- */

/* What the name means now: nothing, or the certificate of the same key before. */
static int check_name(struct installing *installing)
{
    struct ledger_certificate *row = &installing->standing;
    struct digest spki;
    int found = ledger_find_certificate(installing->directory.ledger, installing->order->name, row,
                                        installing->faults);

    if (found <= 0) {
        return found;
    }
    if (!row->adopted || !installing->report->authority ||
        digest_of(installing->context, installing->steps[0].spki, &spki) != 0 ||
        !digest_equal(&spki, &row->spki)) {
        complain(installing, "choose another name",
                 row->adopted ? "another authority of that name was taken in before"
                              : "the certificate of that name was issued here");
        return -1;
    }
    installing->report->known = slice_equal(slice_of(&row->der), installing->steps[0].whole);
    return 0;
}

static int fill(char *to, size_t room, const char *text)
{
    int length = snprintf(to, room, "%s", text);

    return length >= 0 && (size_t)length < room ? 0 : -1;
}

/* The authority's row under a generation of its own, as an adopted one has. *id is the row's. */
static int put_authority(struct installing *installing, int64_t *id)
{
    const struct certificate_view *view = &installing->steps[0];
    struct ledger *ledger = installing->directory.ledger;
    const struct slice serial = serial_magnitude(view->serial);
    struct ledger_generation generation = {.created = context_now(installing->context), .current = true};
    struct ledger_certificate row = {.authority = true,
                                     .adopted = true,
                                     .not_before = view->not_before,
                                     .not_after = view->not_after,
                                     .created = generation.created};
    int status = -1;

    if (installing->report->known) {
        *id = installing->standing.id;
        return 0;
    }
    if (fill(generation.name, sizeof(generation.name), installing->order->name) != 0 ||
        fill(row.name, sizeof(row.name), installing->order->name) != 0 ||
        digest_of(installing->context, view->spki, &generation.spki) != 0 ||
        bytes_append(&row.serial, serial.data, serial.length) != 0) {
        fault_memory(installing->faults);
        goto out;
    }
    if (ledger_put_generation(ledger, &generation, installing->faults) != 0) {
        goto out;
    }
    row.spki = generation.spki;
    row.generation = generation.id;
    row.own_generation = generation.id;
    if (ledger_put_intent(ledger, &row, installing->faults) == 0 &&
        ledger_put_issued(ledger, row.id, view->whole, row.not_before, row.not_after, installing->faults) ==
            0) {
        *id = row.id;
        status = 0;
    }
out:
    ledger_certificate_free(&row);
    return status;
}

/* What opens its key is kept for whoever signs with it. */
static int put_settings(struct installing *installing)
{
    struct ledger_authority settings = {0};
    struct bytes spec = BYTES_EMPTY;
    int found = ledger_find_authority(installing->directory.ledger, installing->order->name, &settings,
                                      installing->faults);
    int status = -1;

    if (found >= 0) {
        settings.key[0] = '\0';
        if (fill(settings.name, sizeof(settings.name), installing->order->name) != 0 ||
            (installing->locked &&
             (settings_spec(&installing->spec, NULL, &spec) != 0 ||
              fill(settings.passphrase, sizeof(settings.passphrase), bytes_text(&spec)) != 0))) {
            fault_memory(installing->faults);
        } else {
            status = ledger_put_authority(installing->directory.ledger, &settings, installing->faults);
        }
    }
    bytes_free(&spec);
    return status;
}

static int put_output(struct installing *installing, int64_t id, size_t index)
{
    struct ledger_output output = {
        .certificate = id,
        .kind = (int)(index == 0 ? OUTPUT_CERTIFICATE : OUTPUT_TRUST),
        .path = (char *)installing->paths[index].data,
    };

    if (fill(output.name, sizeof(output.name), installing->order->name) != 0 ||
        digest_of(installing->context, slice_of(&installing->contents[index]), &output.content) != 0 ||
        publisher_stamp(installing->publisher, index, &output.stamp) != 0) {
        fault_error(installing->faults, NULL, NULL, NULL, "%s cannot be recorded", output.path);
        return -1;
    }
    return ledger_put_output(installing->directory.ledger, &output, installing->faults);
}

static int put_event(struct installing *installing, int64_t id)
{
    const struct certificate_view *view = &installing->steps[0];
    struct ledger_event event = {.what = LEDGER_EVENT_INSTALLED, .certificate = id};

    if (fill(event.detail, sizeof(event.detail), installing->order->name) != 0 ||
        digest_of(installing->context, view->whole, &event.content) != 0) {
        fault_memory(installing->faults);
        return -1;
    }
    return ledger_put_event(installing->directory.ledger, &event, installing->faults);
}

static int record_rows(struct installing *installing)
{
    int64_t id = 0;

    if (installing->report->authority) {
        if (put_authority(installing, &id) != 0 || put_settings(installing) != 0) {
            return -1;
        }
        for (size_t i = 0; i < installing->file_count; i++) {
            if (put_output(installing, id, i) != 0) {
                return -1;
            }
        }
    }
    if (!installing->report->known && put_event(installing, id) != 0) {
        return -1;
    }
    return settled_forget(installing->directory.ledger, installing->faults);
}

static int record(struct installing *installing)
{
    if (ledger_begin(installing->directory.ledger, installing->faults) != 0) {
        return -1;
    }
    if (record_rows(installing) != 0) {
        ledger_rollback(installing->directory.ledger);
        return -1;
    }
    return ledger_commit(installing->directory.ledger, installing->faults);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* The first @p count certificates of the way up. */
static int render(const struct installing *installing, size_t count, struct bytes *pem)
{
    int status = 0;

    for (size_t i = 0; status == 0 && i < count; i++) {
        status = pem_write(installing->steps[i].whole, "CERTIFICATE", pem);
    }
    return status;
}

/* An authority's NAME.crt is itself alone, others' has their intermediates; a root is in neither. */
static int render_files(struct installing *installing)
{
    const struct install_report *report = installing->report;
    size_t shown =
        report->authority ? 1 : installing->length - (report->whole && installing->length > 1 ? 1 : 0);

    if (bytes_printf(&installing->paths[0], "%s.crt", installing->order->name) != 0 ||
        render(installing, shown, &installing->contents[0]) != 0) {
        fault_memory(installing->faults);
        return -1;
    }
    installing->file_count = 1;
    if (report->authority && report->whole && installing->length > 1) {
        if (bytes_printf(&installing->paths[1], "%s.trust.pem", installing->order->name) != 0 ||
            render(installing, installing->length, &installing->contents[1]) != 0) {
            fault_memory(installing->faults);
            return -1;
        }
        installing->file_count = 2;
    }
    return 0;
}

static int publish(struct installing *installing)
{
    installing->publisher =
        directory_publisher(&installing->directory, installing->context, installing->faults);
    if (installing->publisher == NULL) {
        return -1;
    }
    for (size_t i = 0; i < installing->file_count; i++) {
        if (publisher_add(installing->publisher, bytes_text(&installing->paths[i]),
                          slice_of(&installing->contents[i]), 0644, installing->faults) != 0) {
            return -1;
        }
    }
    return publisher_commit(installing->publisher, installing->faults);
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static int name_is_plain(const struct installing *installing)
{
    const char *why = NULL;

    if (strchr(installing->order->name, '/') != NULL || !file_name_is_safe(installing->order->name, &why)) {
        fault_error(installing->faults, NULL, NULL, "the NAME that was given to mtls-ca csr",
                    "\"%s\" is no name of an entry", installing->order->name);
        return -1;
    }
    return 0;
}

static int look(struct installing *installing, const char *directory)
{
    installing->passphrases = passphrases_new(installing->context, NULL);
    if (installing->passphrases == NULL) {
        fault_memory(installing->faults);
        return -1;
    }
    return name_is_plain(installing) == 0 && read_lists(installing) == 0 &&
                   directory_open(&installing->directory, directory, DIRECTORY_WRITE, installing->context,
                                  installing->faults) == 0 &&
                   read_key(installing) == 0 && find_certificate(installing) == 0 && judge(installing) == 0 &&
                   climb(installing) == 0
               ? check_name(installing)
               : -1;
}

int install_run(const struct context *context, const char *directory, const struct install_order *order,
                struct install_report *report, install_written_fn written, void *state, struct faults *faults)
{
    struct installing *installing = calloc(1, sizeof(*installing));
    int status = -1;

    if (installing == NULL) {
        fault_memory(faults);
        return -1;
    }
    installing->context = context;
    installing->order = order;
    installing->report = report;
    installing->faults = faults;
    installing->directory = DIRECTORY_EMPTY;
    if (look(installing, directory) == 0 && render_files(installing) == 0 && publish(installing) == 0 &&
        record(installing) == 0) {
        for (size_t i = 0; i < installing->file_count; i++) {
            written(state, bytes_text(&installing->paths[i]));
        }
        status = 0;
    }
    publisher_free(installing->publisher);
    for (size_t i = 0; i < 2; i++) {
        bytes_free(&installing->paths[i]);
        bytes_free(&installing->contents[i]);
    }
    ledger_certificate_free(&installing->standing);
    key_free(installing->key);
    certificate_list_free(&installing->list);
    passphrase_spec_free(&installing->spec);
    passphrases_free(installing->passphrases);
    directory_close(&installing->directory);
    free(installing);
    return status;
}
