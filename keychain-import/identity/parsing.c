/* SPDX-License-Identifier: Apache-2.0 */
/* Files parsed: a P12, or certificates and a key, put in order. */
#include "identity/parsing.h"

#include <string.h>

#include "base/confined_answer.h"
#include "base/fault.h"
#include "base/utf8.h"
#include "identity/answer.h"
#include "x509/bundle.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/form.h"
#include "x509/key.h"
#include "x509/name.h"
#include "x509/path.h"
#include "x509/verify.h"

/** What was found so far. Starts as all zeros. */
struct found {
    struct key *key;
    struct certificate_list certificates; /**< as they were in the file */
    size_t leaf;                          /**< which of them is the key's */
    struct bytes name;
};

static void found_free(struct found *found)
{
    key_free(found->key);
    certificate_list_free(&found->certificates);
    bytes_free(&found->name);
}

static bool is_key(const struct bundle_report_item *item)
{
    return strcmp(item->kind, "shrouded key") == 0 || strcmp(item->kind, "key") == 0;
}

/* ---- P12 ------------------------------------------------------------------------------------------------------------ */

/** Opens the P12. Without a passphrase the empty one is tried, and when it is not that, one is asked for. */
static int open_p12(const struct parsing *parsing, const struct parsed_file *file,
                    struct bundle_report *report, struct faults *faults)
{
    static const struct bytes empty = BYTES_EMPTY;
    const struct place place = {.file = file->shown};
    struct faults *why;
    int status;

    if (parsing->passphrase != NULL) {
        return bundle_open(parsing->context, file->content, parsing->passphrase, file->shown, report, faults);
    }
    why = faults_new();
    if (why == NULL) {
        fault_memory(faults);
        return -1;
    }
    /* what is broken is so without a passphrase, too */
    status = bundle_peek(parsing->context, file->content, file->shown, report, faults);
    if (status == 0) {
        bundle_report_free(report);
        memset(report, 0, sizeof(*report));
        status = bundle_open(parsing->context, file->content, &empty, file->shown, report, why);
        if (status != 0) {
            fault_error(faults, &place, NULL, "say where it comes from: env:NAME, file:PATH, prompt",
                        "it needs a passphrase");
        }
    }
    faults_free(why);
    return status;
}

/** Whether a certificate of a P12 says it belongs to the key: by localKeyID. */
static bool is_paired(const struct bundle_report *report, const struct bundle_report_item *certificate)
{
    for (size_t i = 0; i < report->item_count; i++) {
        if (is_key(&report->items[i])) {
            return certificate->local_key_id.length != 0 &&
                   slice_equal(slice_of(&certificate->local_key_id),
                               slice_of(&report->items[i].local_key_id));
        }
    }
    return false;
}

/** The certificate whose key it is; of several, the one that says so. Without any, the one that says so, or the first. */
static const struct bundle_report_item *find_leaf(const struct parsing *parsing,
                                                  const struct bundle_report *report)
{
    const struct bundle_report_item *best = NULL;
    int best_rank = -1;

    for (size_t i = 0; i < report->item_count; i++) {
        const struct bundle_report_item *item = &report->items[i];
        int rank;

        if (item->certificate.length == 0) {
            continue;
        }
        rank = (verify_key_matches(parsing->context, slice_of(&item->certificate), report->key) ? 2 : 0) +
               (is_paired(report, item) ? 1 : 0);
        if (rank > best_rank) {
            best = item;
            best_rank = rank;
        }
    }
    return best;
}

/** The friendlyName of the leaf, or of the key. */
static int take_name(const struct bundle_report *report, const struct bundle_report_item *leaf,
                     struct bytes *name)
{
    const struct bundle_report_item *named = leaf;

    for (size_t i = 0; i < report->item_count && named->friendly_name.length == 0; i++) {
        if (is_key(&report->items[i])) {
            named = &report->items[i];
            break;
        }
    }
    return bytes_append(name, named->friendly_name.data, named->friendly_name.length);
}

static int take_certificates(const struct bundle_report *report, const struct bundle_report_item *leaf,
                             struct found *found)
{
    for (size_t i = 0; i < report->item_count; i++) {
        const struct bundle_report_item *item = &report->items[i];

        if (item->certificate.length == 0) {
            continue;
        }
        if (item == leaf) {
            found->leaf = found->certificates.count;
        }
        if (certificate_list_add(&found->certificates, slice_of(&item->certificate)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int find_in_p12(const struct parsing *parsing, struct found *found, struct faults *faults)
{
    const struct place place = {.file = parsing->p12.shown};
    const struct bundle_report_item *leaf;
    struct bundle_report report;
    int status = -1;

    memset(&report, 0, sizeof(report));
    if (!form_is_p12(parsing->p12.content) && form_is_pem(parsing->p12.content)) {
        fault_error(faults, &place, NULL, "give the certificate and the key as such",
                    "it is PEM, and no P12");
        goto out;
    }
    if (open_p12(parsing, &parsing->p12, &report, faults) != 0) {
        goto out;
    }
    if (report.key == NULL) {
        fault_error(faults, &place, NULL, "certificates to be trusted are anchors",
                    "there is no private key in it: it is no identity");
        goto out;
    }
    leaf = find_leaf(parsing, &report);
    if (leaf == NULL) {
        fault_error(faults, &place, NULL, NULL, "there is no certificate in it: it is no identity");
        goto out;
    }
    if (take_certificates(&report, leaf, found) != 0 || take_name(&report, leaf, &found->name) != 0) {
        fault_memory(faults);
        goto out;
    }
    found->key = report.key;
    report.key = NULL;
    status = 0;
out:
    bundle_report_free(&report);
    return status;
}

/* ---- certificate and key -------------------------------------------------------------------------------------------- */

static int find_in_files(const struct parsing *parsing, struct found *found, struct faults *faults)
{
    const struct parsed_file *file = &parsing->certificate;
    int status = certificate_list_read(file->content, file->shown, &found->certificates, faults);

    found->key =
        key_read(parsing->context, parsing->key.content, parsing->passphrase, parsing->key.shown, faults);
    if (status != 0 || found->key == NULL) {
        return -1;
    }
    for (size_t i = 0; i < found->certificates.count; i++) {
        if (verify_key_matches(parsing->context, slice_of(&found->certificates.items[i]), found->key)) {
            found->leaf = i;
            break;
        }
    }
    return 0;
}

/* ---- what is answered ----------------------------------------------------------------------------------------------- */

/** The leaf and who issued it, and so on; what is of another chain stays out, and that is said. */
static int answer_chain(const struct parsing *parsing, const struct found *found, const char *shown,
                        struct bytes *answer, struct faults *faults)
{
    const struct place place = {.file = shown};
    struct path path = {0};
    size_t strays = 0;
    int status = path_find(parsing->context, &found->certificates, found->leaf, NULL, &path, faults);

    for (size_t i = 0; status == 0 && i < path.length; i++) {
        if (confined_answer_append(answer, ANSWER_CERTIFICATE, path.steps[i]->der) != 0) {
            fault_memory(faults);
            status = -1;
        }
    }
    for (size_t i = 0; status == 0 && i < path.count; i++) {
        strays += path_has(&path, &path.all[i]) ? 0 : 1;
    }
    if (status == 0 && strays > 0) {
        fault_warning(faults, &place, NULL, NULL,
                      strays == 1 ? "%zu certificate in it is not of the chain and is left out"
                                  : "%zu certificates in it are not of the chain and are left out",
                      strays);
    }
    path_free(&path);
    return status;
}

/** The name, without what cannot be shown; the leaf's CN where there is none. */
static int answer_name(const struct found *found, struct bytes *answer)
{
    struct bytes name = BYTES_EMPTY;
    struct bytes shown = BYTES_EMPTY;
    struct certificate_view view;
    int status = bytes_append(&name, found->name.data, found->name.length);

    if (status == 0 && name.length == 0 &&
        (certificate_view_read(slice_of(&found->certificates.items[found->leaf]), &view) != 0 ||
         name_common_name(view.subject, &name) < 0)) {
        bytes_clear(&name);
    }
    status = status != 0 ? status : utf8_append_printable(&shown, slice_of(&name));
    if (status == 0 && shown.length > 0 && shown.length <= ANSWER_NAME_MAX) {
        status = confined_answer_append(answer, ANSWER_NAME, slice_of(&shown));
    }
    bytes_free(&name);
    bytes_free(&shown);
    return status;
}

static int answer_key(const struct found *found, struct bytes *answer, struct faults *faults)
{
    struct bytes der = BYTES_EMPTY;
    int status = key_pkcs8(found->key, &der, faults);

    if (status == 0 && confined_answer_append(answer, ANSWER_KEY, slice_of(&der)) != 0) {
        fault_memory(faults);
        status = -1;
    }
    bytes_free(&der);
    return status;
}

int parsing_identity(void *state, struct bytes *answer)
{
    const struct parsing *parsing = state;
    bool p12 = parsing->p12.shown != NULL;
    struct found found = {NULL, {NULL, 0}, 0, BYTES_EMPTY};
    struct faults *faults = faults_new();
    int status = -1;

    if (faults == NULL) {
        return -1;
    }
    if ((p12 ? find_in_p12(parsing, &found, faults) : find_in_files(parsing, &found, faults)) == 0 &&
        answer_chain(parsing, &found, p12 ? parsing->p12.shown : parsing->certificate.shown, answer,
                     faults) == 0 &&
        answer_key(&found, answer, faults) == 0 && answer_name(&found, answer) != 0) {
        fault_memory(faults);
    }
    status = confined_answer_close(answer, faults);
    found_free(&found);
    faults_free(faults);
    return status;
}

static int find_anchors(const struct parsing *parsing, struct certificate_list *certificates,
                        struct faults *faults)
{
    const struct parsed_file *file = &parsing->certificate;
    const struct place place = {.file = file->shown};
    struct bundle_report report;
    int status = -1;

    if (!form_is_p12(file->content)) {
        return certificate_list_read(file->content, file->shown, certificates, faults);
    }
    memset(&report, 0, sizeof(report));
    if (open_p12(parsing, file, &report, faults) != 0) {
        goto out;
    }
    for (size_t i = 0; i < report.item_count; i++) {
        if (is_key(&report.items[i])) {
            fault_error(faults, &place, NULL, "name the file that holds the authority's certificate alone",
                        "it holds a private key: it is an identity, and not what is trusted");
            goto out;
        }
        if (report.items[i].certificate.length != 0 &&
            certificate_list_add(certificates, slice_of(&report.items[i].certificate)) != 0) {
            fault_memory(faults);
            goto out;
        }
    }
    if (certificates->count == 0) {
        fault_error(faults, &place, NULL, NULL, "holds no certificate");
        goto out;
    }
    status = 0;
out:
    bundle_report_free(&report);
    return status;
}

/** Each is answered once. */
static bool is_repeated(const struct certificate_list *list, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (slice_equal(slice_of(&list->items[i]), slice_of(&list->items[index]))) {
            return true;
        }
    }
    return false;
}

int parsing_anchors(void *state, struct bytes *answer)
{
    const struct parsing *parsing = state;
    struct certificate_list certificates = {NULL, 0};
    struct faults *faults = faults_new();
    int status = 0;

    if (faults == NULL) {
        return -1;
    }
    if (find_anchors(parsing, &certificates, faults) == 0) {
        for (size_t i = 0; status == 0 && i < certificates.count; i++) {
            status = is_repeated(&certificates, i) ? 0
                                                   : confined_answer_append(answer, ANSWER_CERTIFICATE,
                                                                            slice_of(&certificates.items[i]));
        }
    }
    status = status == 0 ? confined_answer_close(answer, faults) : status;
    certificate_list_free(&certificates);
    faults_free(faults);
    return status;
}
