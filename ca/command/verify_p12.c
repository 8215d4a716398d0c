/* SPDX-License-Identifier: Apache-2.0 */
/* A P12 put to the question. */
#include "command/verify_p12.h"

#include <string.h>

#include "command/passphrase_option.h"
#include "x509/bundle.h"
#include "x509/certificate.h"

/** Issuers followed upwards: a P12 may be hostile, and its issuers go in a circle. */
#define STEPS_MAX 32

static int add_check(const struct invocation *invocation, struct verify_report *answer, const char *id,
                     const char *title, enum verify_verdict verdict, const char *detail, const char *advice)
{
    if (verify_report_add(answer, id, title, verdict, detail, advice) != 0) {
        fault_memory(invocation->faults);
        return -1;
    }
    return 0;
}

/** The certificate of the P12's key, or NULL. */
static const struct bundle_report_item *find_leaf(const struct invocation *invocation,
                                                  const struct bundle_report *report)
{
    for (size_t i = 0; report->key != NULL && i < report->item_count; i++) {
        if (report->items[i].certificate.length != 0 &&
            verify_key_matches(invocation->context, slice_of(&report->items[i].certificate), report->key)) {
            return &report->items[i];
        }
    }
    return NULL;
}

static const struct bundle_report_item *find_key(const struct bundle_report *report)
{
    for (size_t i = 0; i < report->item_count; i++) {
        if (strcmp(report->items[i].kind, "shrouded key") == 0 || strcmp(report->items[i].kind, "key") == 0) {
            return &report->items[i];
        }
    }
    return NULL;
}

/** A P12 has no order: put the leaf first, each issuer behind whom it issued, the rest behind them. */
static int order_certificates(const struct bundle_report *report, const struct bundle_report_item *leaf,
                              struct certificate_list *chain)
{
    const struct bundle_report_item *next = leaf;
    struct certificate_view last;
    struct certificate_view view;

    for (size_t step = 0; next != NULL && step < STEPS_MAX; step++) {
        if (certificate_list_add(chain, slice_of(&next->certificate)) != 0 ||
            certificate_view_read(slice_of(&next->certificate), &last) != 0) {
            return -1;
        }
        next = NULL;
        for (size_t i = 0; i < report->item_count && !slice_equal(last.issuer, last.subject); i++) {
            if (report->items[i].certificate.length != 0 &&
                certificate_view_read(slice_of(&report->items[i].certificate), &view) == 0 &&
                slice_equal(view.subject, last.issuer)) {
                next = &report->items[i];
                break;
            }
        }
    }
    for (size_t i = 0; i < report->item_count; i++) {
        bool there = report->items[i].certificate.length == 0;

        for (size_t j = 0; !there && j < chain->count; j++) {
            there = slice_equal(slice_of(&report->items[i].certificate), slice_of(&chain->items[j]));
        }
        if (!there && certificate_list_add(chain, slice_of(&report->items[i].certificate)) != 0) {
            return -1;
        }
    }
    return 0;
}

static int check_structure(const struct invocation *invocation, struct verify_report *answer,
                           const struct bundle_report *report, const struct bundle_report_item *leaf)
{
    static const char title[] = "the P12 holds a certificate and its private key";
    static const char advice[] = "make it again with mtls-ca bundle --cert FILE --key FILE";
    size_t certificates = 0;
    bool trusted = false;
    struct bytes detail = BYTES_EMPTY;
    int status;

    for (size_t i = 0; i < report->item_count; i++) {
        certificates += report->items[i].certificate.length != 0 ? 1 : 0;
        trusted |= report->items[i].java_trusted;
    }
    if (certificates == 0 || report->key == NULL) {
        return add_check(invocation, answer, "p12-structure", title, VERIFY_FAIL,
                         certificates == 0 ? "there is no certificate in it"
                         : report->item_count == certificates && trusted
                             ? "there is no private key in it: it is a trust store for Java, not an identity"
                         : report->item_count == certificates
                             ? "there is no private key in it"
                             : "there is no private key in it that can be read",
                         trusted ? "look into a trust store with mtls-ca inspect; an identity is made with "
                                   "mtls-ca bundle --cert FILE --key FILE"
                                 : advice);
    }
    if (leaf == NULL) {
        return add_check(invocation, answer, "p12-structure", title, VERIFY_FAIL,
                         "no certificate in it belongs to the private key", advice);
    }
    status = bytes_printf(&detail, "a key and %zu %s", certificates,
                          certificates == 1 ? "certificate" : "certificates");
    if (status == 0) {
        status =
            add_check(invocation, answer, "p12-structure", title, VERIFY_PASS, bytes_text(&detail), NULL);
    }
    bytes_free(&detail);
    return status;
}

/** Key and certificate find one another by localKeyID, else by friendlyName. */
static int check_pairing(const struct invocation *invocation, struct verify_report *answer,
                         const struct bundle_report *report, const struct bundle_report_item *leaf)
{
    static const char title[] = "key and certificate are marked as belonging together";
    const struct bundle_report_item *key = find_key(report);
    bool by_id = key->local_key_id.length != 0 &&
                 slice_equal(slice_of(&key->local_key_id), slice_of(&leaf->local_key_id));
    bool by_name = key->local_key_id.length == 0 && leaf->local_key_id.length == 0 &&
                   key->friendly_name.length != 0 &&
                   slice_equal(slice_of(&key->friendly_name), slice_of(&leaf->friendly_name));

    if (by_id || by_name) {
        return add_check(invocation, answer, "p12-pairing", title, VERIFY_PASS,
                         by_id ? "the same localKeyID" : "the same friendlyName", NULL);
    }
    return add_check(
        invocation, answer, "p12-pairing", title, VERIFY_WARN,
        "neither localKeyID nor friendlyName of key and certificate agree; macOS and iOS then import no "
        "identity",
        "make it again with mtls-ca bundle, which sets both");
}

/** Who does not take it. That is no failure: nobody asked for all of them. */
static int check_readers(const struct invocation *invocation, struct verify_report *answer,
                         const struct bundle_report *report)
{
    struct bytes detail = BYTES_EMPTY;
    const char *reason = NULL;
    const char *name;
    bool takes = false;
    int status = 0;

    for (size_t i = 0; (name = bundle_reader_at(i, report, &takes, &reason)) != NULL && status == 0; i++) {
        if (!takes && !bundle_reader_wants_anchors(i)) {
            status = bytes_printf(&detail, "%s%s: %s", detail.length == 0 ? "not " : "; not ", name, reason);
        }
    }
    if (status != 0) {
        fault_memory(invocation->faults);
    } else if (detail.length == 0) {
        status = add_check(invocation, answer, "p12-readers", "the usual readers take it", VERIFY_PASS,
                           "all that are known here", NULL);
    } else {
        status = add_check(invocation, answer, "p12-readers", "some readers take it", VERIFY_PASS,
                           bytes_text(&detail), "mtls-ca bundle --target makes one for a given reader");
    }
    bytes_free(&detail);
    return status;
}

/** The passphrase is wrong, or an algorithm is not to be had: it is a P12, and the answer is no. */
static int refuse(const struct invocation *invocation, struct verify_report *answer, const char *path,
                  const struct faults *why)
{
    const char *text = faults_count(why) > 0 ? faults_text(why, 0) : "it cannot be opened";
    size_t prefix = strlen(path);

    /* the place is told already */
    if (strncmp(text, path, prefix) == 0 && strncmp(text + prefix, ": ", 2) == 0) {
        text += prefix + 2;
    }
    return add_check(invocation, answer, "p12-opens", "the passphrase opens the P12", VERIFY_FAIL, text,
                     "mtls-ca inspect shows its algorithms without a passphrase");
}

/** All checks of an open P12. */
static int check_all(const struct invocation *invocation, struct verify_report *answer,
                     const struct bundle_report *report, const struct bundle_report_item *leaf)
{
    return add_check(invocation, answer, "p12-opens", "the passphrase opens the P12", VERIFY_PASS, NULL,
                     NULL) == 0 &&
                   check_structure(invocation, answer, report, leaf) == 0 &&
                   (leaf == NULL || check_pairing(invocation, answer, report, leaf) == 0) &&
                   check_readers(invocation, answer, report) == 0
               ? 0
               : -1;
}

int verify_p12(const struct invocation *invocation, struct slice content, const char *path,
               struct verify_report *answer, struct certificate_list *chain, struct key **key, bool *whole)
{
    struct passphrase_option passphrase = {false, false, BYTES_EMPTY};
    const struct bundle_report_item *leaf;
    struct bundle_report report;
    struct faults *why = faults_new();
    int status = -1;

    memset(&report, 0, sizeof(report));
    *whole = false;
    if (why == NULL) {
        fault_memory(invocation->faults);
        goto out;
    }
    /* what is broken is so without a passphrase, too */
    if (bundle_peek(invocation->context, content, path, &report, invocation->faults) != 0 ||
        passphrase_option_fetch(invocation, "passphrase", path, false, &passphrase) != 0) {
        goto out;
    }
    bundle_report_free(&report);
    if (bundle_open(invocation->context, content, &passphrase.secret, path, &report, why) != 0) {
        status = refuse(invocation, answer, path, why);
        goto out;
    }
    leaf = find_leaf(invocation, &report);
    status = check_all(invocation, answer, &report, leaf);
    if (status == 0 && leaf != NULL) {
        *whole = true;
        if (order_certificates(&report, leaf, chain) != 0) {
            fault_memory(invocation->faults);
            status = -1;
        }
    }
    if (*key == NULL) {
        *key = report.key;
        report.key = NULL;
    }
out:
    bundle_report_free(&report);
    passphrase_option_free(&passphrase);
    faults_free(why);
    return status;
}
