/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verification as a list of named checks: what people otherwise ask openssl, security and a search engine one by one,
 * each with a verdict and what to do.
 */
#ifndef MTLSKIT_X509_VERIFY_H
#define MTLSKIT_X509_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "x509/certificate_list.h"
#include "x509/key.h"

enum verify_verdict { VERIFY_PASS, VERIFY_FAIL, VERIFY_WARN, VERIFY_SKIPPED };
enum verify_purpose { VERIFY_ANY_PURPOSE, VERIFY_SERVER, VERIFY_CLIENT };

struct verify_check {
    const char *
        id; /**< stable word: "chain", "signature", "dates", "purpose", "host", "key-matches", "authority", "key-strength", "san", "chain-order", "fixture", "p12-structure", ... ; static */
    const char *title; /**< "chain leads to a trusted authority"; static */
    enum verify_verdict verdict;
    struct bytes detail; /**< what was found, one line of text */
    struct bytes advice; /**< what to do when it failed; may be empty */
};

struct verify_question {
    const struct certificate_list
        *chain; /**< leaf first, then intermediates as they were in the file or P12 */
    const struct certificate_list *anchors; /**< certificates of --ca; NULL or none: not asked */
    const char *host;                       /**< DNS name or IP address, or NULL */
    enum verify_purpose purpose;
    const struct key *key; /**< NULL: not asked */
    bool at_given;
    instant at; /**< time to check dates at; else the context's clock */
};

struct verify_report {
    struct verify_check *checks;
    size_t count;
    bool failed; /**< some check failed */
};

/** Whether the extended key usages of certificate @p der allow @p purpose: they are absent, name it, or name any. */
bool verify_usage_allows(struct slice der, enum verify_purpose purpose) MUST_USE;
/** Whether certificate @p der was made for @p key; one whose key cannot be read was not. */
bool verify_key_matches(const struct context *context, struct slice der, const struct key *key) MUST_USE;

/**
 * Ask every check; they are added behind what the report has. -1 only when the question could not be asked (no memory, unreadable);
 * a "no" is in the report.
 */
int verify_certificate(const struct context *context, const struct verify_question *question,
                       struct verify_report *report, struct faults *faults) MUST_USE;
/**
 * Ask of @p anchors, certificates to trust, each alone: whether it is an authority, self-signed, valid at the question's time (the rest of
 * the question is not looked at), strong enough, no fixture. At least one.
 */
int verify_anchors(const struct context *context, const struct certificate_list *anchors,
                   const struct verify_question *question, struct verify_report *report,
                   struct faults *faults) MUST_USE;
/** Add a check found elsewhere (a P12's structure). Strings are copied where not static. */
int verify_report_add(struct verify_report *report, const char *id, const char *title,
                      enum verify_verdict verdict, const char *detail, const char *advice) MUST_USE;
void verify_report_free(struct verify_report *report);

#endif
