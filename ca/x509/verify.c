/* SPDX-License-Identifier: Apache-2.0 */
/* Verification: the table of checks, and the report they fill. The checks are in verify_chain.c, verify_dates.c and verify_leaf.c. */
#include "x509/verify.h"

#include <stdlib.h>
#include <string.h>

#include "x509/inquiry.h"

static const struct {
    const char *id, *title;
    void (*ask)(const struct inquiry *inquiry, struct finding *finding);
} checks[] = {
    {"key-matches", "the private key is the certificate's", check_key_matches},
    {"leaf", "the certificate is not itself an authority", check_leaf},
    {"chain-order", "the file has the certificate first, then its issuers in order", check_chain_order},
    {"chain", "the chain leads to a given authority", check_chain},
    {"signature", "every signature in the chain is right", check_signature},
    {"authority", "every issuer is an authority and may sign", check_authority},
    {"dates", "every certificate is valid at the time", check_dates},
    {"purpose", "the usages allow the purpose", check_purpose},
    {"san", "the names are in subjectAltName", check_san},
    {"host", "the host is among the names", check_host},
    {"key-strength", "keys and signatures are strong enough", check_key_strength},
    {"apple-lifetime", "the lifetime is within Apple's 825 days", check_apple_lifetime},
    {"fixture", "it is not a fixture, whose key is public", check_fixture},
    {"openssl", "OpenSSL accepts the chain as a whole", check_openssl},
};
#define CHECK_COUNT (sizeof(checks) / sizeof(checks[0]))

bool verify_usage_allows(struct slice der, enum verify_purpose purpose)
{
    struct certificate_view view;

    return certificate_view_read(der, &view) == 0 && inquiry_usage_allows(&view, purpose);
}

/* ---- report ------------------------------------------------------------------------------------------------------ */

static struct verify_check *add_check(struct verify_report *report, const char *id, const char *title,
                                      enum verify_verdict verdict)
{
    struct verify_check *grown = realloc(report->checks, (report->count + 1) * sizeof(*grown));
    struct verify_check *check;

    if (grown == NULL) {
        return NULL;
    }
    report->checks = grown;
    check = &grown[report->count++];
    memset(check, 0, sizeof(*check));
    check->id = id;
    check->title = title;
    check->verdict = verdict;
    report->failed |= verdict == VERIFY_FAIL;
    return check;
}

int verify_report_add(struct verify_report *report, const char *id, const char *title,
                      enum verify_verdict verdict, const char *detail, const char *advice)
{
    struct verify_check *check = add_check(report, id, title, verdict);

    return check != NULL && (detail == NULL || bytes_append_text(&check->detail, detail) == 0) &&
                   (advice == NULL || bytes_append_text(&check->advice, advice) == 0)
               ? 0
               : -1;
}

void verify_report_free(struct verify_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        bytes_free(&report->checks[i].detail);
        bytes_free(&report->checks[i].advice);
    }
    free(report->checks);
    memset(report, 0, sizeof(*report));
}

int finding_settle(struct finding *finding, const char *id, const char *title, struct verify_report *report,
                   struct faults *faults)
{
    struct verify_check *check = finding->failed ? NULL : add_check(report, id, title, finding->verdict);

    if (check == NULL) {
        bytes_free(&finding->detail);
        bytes_free(&finding->advice);
        fault_memory(faults);
        return -1;
    }
    bytes_move(&check->detail, &finding->detail);
    bytes_move(&check->advice, &finding->advice);
    return 0;
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

/* Which certificate is meant: the one of the key, else the first that is no authority, else the first. */
static size_t choose_leaf(const struct context *context, const struct verify_question *question)
{
    struct certificate_view view;

    for (size_t i = 0; question->key != NULL && i < question->chain->count && i < PATH_LENGTH_MAX; i++) {
        if (verify_key_matches(context, slice_of(&question->chain->items[i]), question->key)) {
            return i;
        }
    }
    for (size_t i = 0; i < question->chain->count; i++) {
        if (certificate_view_read(slice_of(&question->chain->items[i]), &view) == 0 && !view.ca) {
            return i;
        }
    }
    return 0;
}

int verify_certificate(const struct context *context, const struct verify_question *question,
                       struct verify_report *report, struct faults *faults)
{
    struct inquiry inquiry = {
        context, question, question->at_given ? question->at : context_now(context), {0}, NULL};
    size_t leaf;
    int status = -1;

    if (question->chain->count == 0) {
        fault_error(faults, NULL, NULL, NULL, "there is no certificate to verify");
        return -1;
    }
    leaf = choose_leaf(context, question);
    if (path_find(context, question->chain, leaf, question->anchors, &inquiry.path, faults) != 0) {
        goto out;
    }
    inquiry.leaf = &inquiry.path.all[leaf];
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        struct finding finding = {VERIFY_PASS, BYTES_EMPTY, BYTES_EMPTY, false};

        checks[i].ask(&inquiry, &finding);
        if (finding_settle(&finding, checks[i].id, checks[i].title, report, faults) != 0) {
            goto out;
        }
    }
    status = 0;
out:
    path_free(&inquiry.path);
    return status;
}
