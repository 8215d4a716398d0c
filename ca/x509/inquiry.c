/* SPDX-License-Identifier: Apache-2.0 */
/* What a check finds, put into words, and what more than one check asks of a certificate. */
#include "x509/inquiry.h"

#include <stdarg.h>
#include <stdio.h>

#include "x509/der.h"
#include "x509/name.h"
#include "x509/oid.h"

/* Longest sentence a check says at once. */
#define SENTENCE_MAX 2000

/* ---- findings ---------------------------------------------------------------------------------------------------- */

PRINTF_LIKE(3, 0)
static void say(struct finding *finding, struct bytes *text, const char *format, va_list values)
{
    char sentence[SENTENCE_MAX];

    (void)vsnprintf(sentence, sizeof(sentence), format, values);
    if ((text->length != 0 && bytes_append_text(text, "; ") != 0) || bytes_append_text(text, sentence) != 0) {
        finding->failed = true;
    }
}

void finding_say(struct finding *finding, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    say(finding, &finding->detail, format, values);
    va_end(values);
}

void finding_advise(struct finding *finding, const char *format, ...)
{
    va_list values;

    /* one piece of advice at a time: the first is the one to follow first */
    if (finding->advice.length == 0) {
        va_start(values, format);
        say(finding, &finding->advice, format, values);
        va_end(values);
    }
}

void finding_raise(struct finding *finding, enum verify_verdict verdict)
{
    if (finding->verdict != VERIFY_FAIL) {
        finding->verdict = verdict;
    }
}

const char *finding_name(struct finding *finding, struct slice name, struct bytes *text)
{
    bytes_clear(text);
    if (name_is_empty(name)) {
        return "a certificate without a subject";
    }
    if (name_format(name, text) != 0) {
        bytes_clear(text);
        return "a certificate with a malformed name";
    }
    finding->failed |= text->length == 0;
    return bytes_text(text);
}

/* ---- usages ------------------------------------------------------------------------------------------------------ */

static bool usage_is_listed(const struct certificate_view *view, const char *word)
{
    struct slice rest = view->extended_key_usage;
    struct der_item item;
    struct oid oid;

    if (oid_parse_extended_key_usage(word, &oid) != 0) {
        return false;
    }
    while (der_read(&rest, &item) == 1) {
        if (oid_equal(&oid, item.content)) {
            return true;
        }
    }
    return false;
}

bool inquiry_usage_names(const struct certificate_view *view, enum verify_purpose purpose)
{
    return usage_is_listed(view, purpose == VERIFY_SERVER ? "serverAuth" : "clientAuth");
}

bool inquiry_usage_allows(const struct certificate_view *view, enum verify_purpose purpose)
{
    return view->extended_key_usage.length == 0 || inquiry_usage_names(view, purpose) ||
           usage_is_listed(view, "anyExtendedKeyUsage");
}
