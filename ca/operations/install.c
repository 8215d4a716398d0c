/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Install: the certificate for the key is found among those given, the way up from it is walked and its signatures are checked, files are
 * published, and then the ledger knows.
 */
#include "operations/install.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/token_uri.h"
#include "ledger/ledger_directory.h"
#include "operations/installing.h"
#include "x509/extension.h"
#include "x509/key.h"
#include "x509/name.h"
#include "x509/pem.h"
#include "x509/request.h"

void install_report_free(struct install_report *report)
{
    bytes_free(&report->chain);
}

void install_complain(const struct installing *installing, const char *hint, const char *what)
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

/* The key in a token, opened to see that it is there and whose certificate it is. */
static int open_token(struct installing *installing)
{
    const struct ledger_authority *settings = &installing->settings;
    const char *spec = installing->order->key_passphrase;
    struct slice spki;

    spec = spec != NULL ? spec : settings->passphrase;
    installing->token.kind = ENTRY_AUTHORITY;
    installing->token.name = (char *)installing->order->name;
    installing->token.token_uri = (char *)settings->key;
    installing->tokens = tokens_new(installing->context, installing->passphrases);
    if (installing->tokens == NULL) {
        fault_memory(installing->faults);
        return -1;
    }
    if (spec[0] != '\0' && passphrase_spec_parse(spec, NULL, "--key-passphrase", &installing->token.pin,
                                                 installing->faults) != 0) {
        return -1;
    }
    if (tokens_open(installing->tokens, &installing->token, false, installing->faults) != 1) {
        return -1;
    }
    spki = signer_spki(tokens_signer(installing->tokens, &installing->token));
    if (bytes_append(&installing->spki, spki.data, spki.length) != 0) {
        fault_memory(installing->faults);
        return -1;
    }
    return 0;
}

static int read_file(struct installing *installing)
{
    const char *spec = installing->order->key_passphrase;
    const struct bytes *passphrase = NULL;
    struct bytes content = BYTES_EMPTY;
    struct bytes path = BYTES_EMPTY;
    struct key *key = NULL;
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
    key =
        key_read(installing->context, slice_of(&content), passphrase, bytes_text(&path), installing->faults);
    status = key != NULL ? key_spki(key, &installing->spki, installing->faults) : -1;
out:
    key_free(key);
    bytes_free(&content);
    bytes_free(&path);
    return status;
}

static int read_key(struct installing *installing)
{
    if (ledger_find_authority(installing->directory.ledger, installing->order->name, &installing->settings,
                              installing->faults) < 0) {
        return -1;
    }
    return token_uri_is(installing->settings.key) ? open_token(installing) : read_file(installing);
}

/* The certificate that is for the key: the one of them that ends last, should there be several. */
static int find_certificate(struct installing *installing)
{
    struct certificate_view view;

    for (size_t i = 0; i < installing->list.count; i++) {
        if (certificate_view_read(slice_of(&installing->list.items[i]), &view) == 0 &&
            slice_equal(view.spki, slice_of(&installing->spki)) &&
            (installing->length == 0 || view.not_after > installing->steps[0].not_after)) {
            installing->steps[0] = view;
            installing->length = 1;
        }
    }
    if (installing->length == 0) {
        fault_error(installing->faults, NULL, installing->order->name,
                    "mtls-ca csr asks for one with the key that is there",
                    installing->tokens != NULL ? "%s has no certificate for the key of %s in its token"
                                               : "%s has no certificate for the key %s.key",
                    installing->order->file, installing->order->name);
        return -1;
    }
    return 0;
}

/* Whether the request that is still there, for the same key, was for an authority's certificate. */
static bool asked_for_authority(const struct installing *installing)
{
    struct faults *unused = faults_new();
    struct bytes path = BYTES_EMPTY, content = BYTES_EMPTY, der = BYTES_EMPTY;
    struct request_view view;
    bool asked = unused != NULL && bytes_printf(&path, "%s.csr", installing->order->name) == 0 &&
                 file_read(installing->directory.folder, bytes_text(&path), FILE_LIMIT_CERTIFICATES, &content,
                           unused) == 0 &&
                 request_read(slice_of(&content), bytes_text(&path), &der, &view, unused) == 0 && view.ca &&
                 slice_equal(view.spki, slice_of(&installing->spki));

    bytes_free(&path);
    bytes_free(&content);
    bytes_free(&der);
    faults_free(unused);
    return asked;
}

static int judge(struct installing *installing)
{
    const struct certificate_view *view = &installing->steps[0];
    size_t before = faults_errors(installing->faults);

    if (view->not_after < context_now(installing->context)) {
        install_complain(installing, NULL, "the certificate has ended");
    }
    if (view->fixture) {
        install_complain(installing, NULL, "the certificate carries the fixture mark: its key is public");
    }
    if (!view->ca && asked_for_authority(installing)) {
        install_complain(installing, "have it issued with basic constraints that say CA:TRUE",
                         "an authority's certificate was asked for, and this is none");
    }
    installing->report->authority = view->ca;
    if (view->ca && view->has_key_usage && (view->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0) {
        install_complain(installing, "have it issued with keyCertSign and cRLSign",
                         "the certificate is an authority's, and its key usage does not let it sign");
    }
    if (view->ca && name_is_empty(view->subject)) {
        install_complain(installing, NULL, "the certificate of an authority needs a subject");
    }
    return faults_errors(installing->faults) == before ? 0 : -1;
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

/* A chain written for the certificate before stays, for servers read it; whoever looks after them is to know. */
static bool trust_is_stale(const struct installing *installing)
{
    struct bytes path = BYTES_EMPTY;
    struct stat status;
    bool stale = installing->report->authority && !installing->report->whole && !installing->report->known &&
                 bytes_printf(&path, "%s.trust.pem", installing->order->name) == 0 &&
                 fstatat(installing->directory.folder, bytes_text(&path), &status, AT_SYMLINK_NOFOLLOW) == 0;

    bytes_free(&path);
    return stale;
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
                   install_climb(installing) == 0
               ? install_check_name(installing)
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
        install_record(installing) == 0) {
        for (size_t i = 0; i < installing->file_count; i++) {
            written(state, bytes_text(&installing->paths[i]));
        }
        report->stale = trust_is_stale(installing);
        status = 0;
    }
    publisher_free(installing->publisher);
    for (size_t i = 0; i < 2; i++) {
        bytes_free(&installing->paths[i]);
        bytes_free(&installing->contents[i]);
    }
    ledger_certificate_free(&installing->standing);
    tokens_free(installing->tokens);
    passphrase_spec_free(&installing->token.pin);
    bytes_free(&installing->spki);
    certificate_list_free(&installing->list);
    passphrase_spec_free(&installing->spec);
    passphrases_free(installing->passphrases);
    directory_close(&installing->directory);
    free(installing);
    return status;
}
