/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors put to the question: each one alone, what a whole trust store is then told in one check. RFC 5280 section 6.1.1 (d) asks
 * nothing of an anchor but name and key; what is asked here is what readers stumble over.
 */
#include "x509/inquiry.h"

#include "x509/extension.h"

/* Anchors that one check names. */
#define ANCHORS_TOLD 5

static void judge_authority(const struct inquiry *inquiry, struct finding *finding)
{
    const struct certificate_view *view = &inquiry->leaf->view;
    struct bytes text = BYTES_EMPTY;
    const char *name = finding_name(finding, view->subject, &text);

    if (!view->ca) {
        finding_raise(finding, VERIFY_WARN);
        finding_say(finding, "%s is no authority, so that trusting it is trusting this one certificate",
                    name);
        finding_advise(finding, "put the certificate of the authority in, unless this is what you want");
    } else if (view->has_key_usage && (view->key_usage & KEY_USAGE_KEY_CERT_SIGN) == 0) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "%s may not sign certificates: keyUsage lacks keyCertSign", name);
        finding_advise(finding, "make the authority with profile root-ca");
    }
    bytes_free(&text);
}

static void judge_signature(const struct inquiry *inquiry, struct finding *finding)
{
    const struct certificate_view *view = &inquiry->leaf->view;
    struct bytes subject = BYTES_EMPTY;
    struct bytes issuer = BYTES_EMPTY;
    const char *name = finding_name(finding, view->subject, &subject);

    if (!path_is_self_issued(view)) {
        finding_raise(finding, VERIFY_WARN);
        finding_say(finding, "%s is no root: it was issued by %s", name,
                    finding_name(finding, view->issuer, &issuer));
        finding_advise(finding, "put the root in: OpenSSL and others want the chain up to it");
    } else if (inquiry->path.end != PATH_UNTRUSTED_ROOT) {
        finding_raise(finding, VERIFY_FAIL);
        finding_say(finding, "the signature of %s is not by its own key", name);
        finding_advise(finding, "the certificate was altered or damaged: fetch it again");
    }
    bytes_free(&subject);
    bytes_free(&issuer);
}

static void judge_dates(const struct inquiry *inquiry, struct finding *finding)
{
    if (inquiry_date_fails(inquiry, &inquiry->leaf->view, finding)) {
        finding_advise(finding, "put the authority's present certificate in its place");
    }
}

/* The hash of a root's own signature does not count: nobody looks at it. */
static void judge_strength(const struct inquiry *inquiry, struct finding *finding)
{
    const struct certificate_view *view = &inquiry->leaf->view;
    struct bytes text = BYTES_EMPTY;

    inquiry_judge_key(inquiry, view, finding_name(finding, view->subject, &text), finding);
    bytes_free(&text);
}

static const struct {
    const char *id, *title;
    void (*ask)(const struct inquiry *inquiry, struct finding *finding);
} checks[] = {
    {"authority", "every anchor is an authority and may sign", judge_authority},
    {"signature", "every anchor is self-signed", judge_signature},
    {"dates", "every anchor is valid at the time", judge_dates},
    {"key-strength", "keys are strong enough", judge_strength},
    {"fixture", "none is a fixture, whose key is public", check_fixture},
};
#define CHECK_COUNT (sizeof(checks) / sizeof(checks[0]))

/* What one check finds in all anchors. */
struct tally {
    struct finding finding;
    size_t troubles;
};

static int ask_one(struct inquiry *inquiry, const struct certificate_list *anchors, size_t index,
                   struct tally tallies[CHECK_COUNT], struct faults *faults)
{
    const struct certificate_list single = {&anchors->items[index], 1};
    int status = path_find(inquiry->context, &single, 0, NULL, &inquiry->path, faults);

    inquiry->leaf = inquiry->path.all;
    for (size_t i = 0; status == 0 && i < CHECK_COUNT; i++) {
        struct finding one = {VERIFY_PASS, BYTES_EMPTY, BYTES_EMPTY, false};
        struct finding *all = &tallies[i].finding;

        checks[i].ask(inquiry, &one);
        if (one.verdict != VERIFY_PASS) {
            finding_raise(all, one.verdict);
            if (tallies[i].troubles++ < ANCHORS_TOLD) {
                finding_say(all, "%s", bytes_text(&one.detail));
            }
            finding_advise(all, "%s", bytes_text(&one.advice));
        }
        all->failed |= one.failed;
        bytes_free(&one.detail);
        bytes_free(&one.advice);
    }
    path_free(&inquiry->path);
    return status;
}

int verify_anchors(const struct context *context, const struct certificate_list *anchors,
                   const struct verify_question *question, struct verify_report *report,
                   struct faults *faults)
{
    struct inquiry inquiry = {
        context, question, question->at_given ? question->at : context_now(context), {0}, NULL};
    struct tally tallies[CHECK_COUNT] = {{{VERIFY_PASS, BYTES_EMPTY, BYTES_EMPTY, false}, 0}};
    int status = 0;

    if (anchors->count == 0) {
        fault_error(faults, NULL, NULL, NULL, "there is no certificate to verify");
        status = -1;
    }
    for (size_t i = 0; status == 0 && i < anchors->count; i++) {
        status = ask_one(&inquiry, anchors, i, tallies, faults);
    }
    for (size_t i = 0; i < CHECK_COUNT; i++) {
        struct finding *finding = &tallies[i].finding;

        if (tallies[i].troubles > ANCHORS_TOLD) {
            finding_say(finding, "and %zu more", tallies[i].troubles - ANCHORS_TOLD);
        } else if (tallies[i].troubles == 0) {
            finding_say(finding, anchors->count == 1 ? "%zu anchor" : "%zu anchors", anchors->count);
        }
        if (status == 0) {
            status = finding_settle(finding, checks[i].id, checks[i].title, report, faults);
        } else {
            bytes_free(&finding->detail);
            bytes_free(&finding->advice);
        }
    }
    return status;
}
