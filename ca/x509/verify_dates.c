/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates held against a time. RFC 5280 section 4.1.2.5 counts the second of notAfter as valid; OpenSSL (3.0 and 3.5 were run) calls a
 * certificate expired in it, and so do nginx, curl and whoever else asks OpenSSL. The answer is theirs, with a word of the RFC's.
 */
#include "x509/inquiry.h"
#include "x509/instant.h"

#define DAY INT64_C(86400)

static const char *days(int64_t seconds, struct bytes *text)
{
    int64_t count = seconds / DAY;

    bytes_clear(text);
    if (bytes_printf(text, count == 1 ? "%lld day" : "%lld days", (long long)count) != 0) {
        return "some time";
    }
    return count == 0 ? "less than a day" : bytes_text(text);
}

static void tell_end(const struct inquiry *inquiry, const struct certificate_view *view, const char *subject,
                     struct finding *finding)
{
    struct bytes when = BYTES_EMPTY;
    struct bytes span = BYTES_EMPTY;

    finding->failed |= instant_format(view->not_after, &when) != 0;
    if (inquiry->at == view->not_after) {
        finding_say(finding,
                    "%s expires in this very second, %s, which RFC 5280 still counts as valid and OpenSSL "
                    "does not",
                    subject, bytes_text(&when));
    } else {
        finding_say(finding, "%s expired on %s, %s ago", subject, bytes_text(&when),
                    days(inquiry->at - view->not_after, &span));
    }
    bytes_free(&when);
    bytes_free(&span);
}

bool inquiry_date_fails(const struct inquiry *inquiry, const struct certificate_view *view,
                        struct finding *finding)
{
    struct bytes name = BYTES_EMPTY;
    struct bytes when = BYTES_EMPTY;
    struct bytes span = BYTES_EMPTY;
    bool fails = true;

    if (inquiry->at >= view->not_after) {
        finding_raise(finding, VERIFY_FAIL);
        tell_end(inquiry, view, finding_name(finding, view->subject, &name), finding);
    } else if (inquiry->at < view->not_before) {
        finding_raise(finding, VERIFY_FAIL);
        finding->failed |= instant_format(view->not_before, &when) != 0;
        finding_say(finding, "%s is not valid before %s, %s from then",
                    finding_name(finding, view->subject, &name), bytes_text(&when),
                    days(view->not_before - inquiry->at, &span));
        finding_advise(finding, "check the clock of this machine and of the one that issued it, or wait");
    } else {
        fails = false;
    }
    bytes_free(&name);
    bytes_free(&when);
    bytes_free(&span);
    return fails;
}

void check_dates(const struct inquiry *inquiry, struct finding *finding)
{
    const struct certificate_view *leaf = &inquiry->leaf->view;
    struct bytes when = BYTES_EMPTY;
    struct bytes span = BYTES_EMPTY;

    for (size_t i = 0; i < inquiry->path.length; i++) {
        if (inquiry_date_fails(inquiry, &inquiry->path.steps[i]->view, finding)) {
            finding_advise(finding,
                           i == 0 ? "renew it: mtls-ca apply does so before a leaf expires"
                                  : "an authority is renewed with mtls-ca apply --replace-authority NAME");
        }
    }
    if (finding->verdict == VERIFY_PASS) {
        finding->failed |= instant_format(leaf->not_after, &when) != 0;
        finding_say(finding, "the certificate until %s, %s more", bytes_text(&when),
                    days(leaf->not_after - inquiry->at, &span));
    }
    bytes_free(&when);
    bytes_free(&span);
}
