/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One verification while it goes on: what is asked, the path that was found, and what a check finds. For verify.c and the
 * checks alone.
 */
#ifndef MTLSKIT_X509_INQUIRY_H
#define MTLSKIT_X509_INQUIRY_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "x509/path.h"
#include "x509/verify.h"

struct inquiry {
    const struct context *context;
    const struct verify_question *question;
    instant at; /**< the time dates are held against */
    struct path path;
    struct path_certificate *leaf; /**< the certificate in question: path.all[leaf position] */
};

/** What one check finds. Starts as PASS with nothing said; failures of memory stick. */
struct finding {
    enum verify_verdict verdict;
    struct bytes detail, advice;
    bool failed;
};

/** Append to the detail (with "; " before it when something is there), to the advice. */
void finding_say(struct finding *finding, const char *format, ...) PRINTF_LIKE(2, 3);
void finding_advise(struct finding *finding, const char *format, ...) PRINTF_LIKE(2, 3);
/** Raise the verdict: a failure stays one, a warning becomes a failure. */
void finding_raise(struct finding *finding, enum verify_verdict verdict);
/** A subject as text, kept in *text: RFC 4514, or "a certificate without a subject". */
const char *finding_name(struct finding *finding, struct slice name, struct bytes *text);
/** Make a check of @p report out of it; it is used up. */
int finding_settle(struct finding *finding, const char *id, const char *title, struct verify_report *report,
                   struct faults *faults) MUST_USE;

/** Whether the extended key usages are absent, or hold @p purpose or anyExtendedKeyUsage. */
bool inquiry_usage_allows(const struct certificate_view *view, enum verify_purpose purpose);
/** Whether the usage is named outright. */
bool inquiry_usage_names(const struct certificate_view *view, enum verify_purpose purpose);

/** Whether one certificate is not valid at the time: said, and failed; advice for one that expired is the caller's. */
bool inquiry_date_fails(const struct inquiry *inquiry, const struct certificate_view *view,
                        struct finding *finding);
/** Fail when a certificate's key is weak or unreadable; @p subject is its name. */
void inquiry_judge_key(const struct inquiry *inquiry, const struct certificate_view *view,
                       const char *subject, struct finding *finding);

/** The checks, by what they look at. */
void check_chain_order(const struct inquiry *inquiry, struct finding *finding);
void check_chain(const struct inquiry *inquiry, struct finding *finding);
void check_signature(const struct inquiry *inquiry, struct finding *finding);
void check_authority(const struct inquiry *inquiry, struct finding *finding);
void check_dates(const struct inquiry *inquiry, struct finding *finding);
void check_key_strength(const struct inquiry *inquiry, struct finding *finding);
void check_openssl(const struct inquiry *inquiry, struct finding *finding);

void check_key_matches(const struct inquiry *inquiry, struct finding *finding);
void check_leaf(const struct inquiry *inquiry, struct finding *finding);
void check_purpose(const struct inquiry *inquiry, struct finding *finding);
void check_san(const struct inquiry *inquiry, struct finding *finding);
void check_host(const struct inquiry *inquiry, struct finding *finding);
void check_apple_lifetime(const struct inquiry *inquiry, struct finding *finding);
void check_fixture(const struct inquiry *inquiry, struct finding *finding);

#endif
