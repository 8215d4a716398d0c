/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the certificate itself: its key, what it may be used for, its names. */
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/host.h"
#include "x509/inquiry.h"
#include "x509/name.h"
#include "x509/oid.h"

#define DAY INT64_C(86400)
/* What Apple takes of a private authority (support.apple.com 103769), with an hour of slack. */
#define APPLE_DAYS  825
#define APPLE_SLACK 3600
/* Names listed before "and more". */
#define NAMES_LISTED 12

static const char *purpose_word(enum verify_purpose purpose)
{
    return purpose == VERIFY_SERVER ? "serverAuth" : "clientAuth";
}

/* ---- key-matches ------------------------------------------------------------------------------------------------- */

bool verify_key_matches(const struct context *context, struct slice der, const struct key *key)
{
    struct faults *unused = faults_new();
    struct certificate_view view;
    struct key *certified = NULL;
    bool result;

    if (unused != NULL && certificate_view_read(der, &view) == 0) {
        certified = key_from_spki(context, view.spki, unused);
    }
    result = certified != NULL && key_equal(certified, key);
    key_free(certified);
    faults_free(unused);
    return result;
}

void check_key_matches(const struct inquiry *inquiry, struct finding *finding)
{
    if (inquiry->question->key == NULL) {
        finding->verdict = VERIFY_SKIPPED;
        finding_say(finding, "no private key was given");
        finding_advise(finding, "give it with --key");
    } else if (!verify_key_matches(inquiry->context, inquiry->leaf->der, inquiry->question->key)) {
        finding->verdict = VERIFY_FAIL;
        finding_say(finding, "the private key belongs to another certificate");
        finding_advise(
            finding,
            "find the key the certificate was made with, or have a new certificate issued for this key");
    }
}

/* ---- leaf -------------------------------------------------------------------------------------------------------- */

void check_leaf(const struct inquiry *inquiry, struct finding *finding)
{
    if (inquiry->leaf->view.ca) {
        finding->verdict = VERIFY_FAIL;
        finding_say(
            finding,
            "it is an authority itself (CA:TRUE); Firefox and Apple refuse that in a server or client");
        finding_advise(finding, "have a certificate issued with profile server or client");
    }
}

/* ---- purpose ----------------------------------------------------------------------------------------------------- */

/* The extended key usages as "serverAuth, 1.2.3". */
static void list_usages(const struct certificate_view *view, struct finding *finding, struct bytes *text)
{
    struct slice rest = view->extended_key_usage;
    struct der_item item;

    bytes_clear(text);
    while (der_read(&rest, &item) == 1) {
        const char *word = oid_extended_key_usage_name(item.content);

        if (text->length != 0 && bytes_append_text(text, ", ") != 0) {
            finding->failed = true;
        }
        if (word != NULL ? bytes_append_text(text, word) != 0 : oid_format(item.content, text) != 0) {
            finding->failed = true;
        }
    }
}

static void judge_extended_usage(const struct inquiry *inquiry, struct finding *finding)
{
    enum verify_purpose purpose = inquiry->question->purpose;
    enum verify_purpose opposite = purpose == VERIFY_SERVER ? VERIFY_CLIENT : VERIFY_SERVER;
    const struct certificate_view *view = &inquiry->leaf->view;
    struct bytes usages = BYTES_EMPTY;

    list_usages(view, finding, &usages);
    if (!inquiry_usage_allows(view, purpose)) {
        finding_raise(finding, VERIFY_FAIL);
        if (inquiry_usage_names(view, opposite)) {
            finding_say(finding, "this is a %s certificate (%s), asked about as a %s",
                        purpose == VERIFY_SERVER ? "client" : "server", bytes_text(&usages),
                        purpose == VERIFY_SERVER ? "server" : "client");
            finding_advise(finding, "use the certificate made with profile %s; profile peer is for both",
                           purpose == VERIFY_SERVER ? "server" : "client");
        } else {
            finding_say(finding, "its extended key usages (%s) lack %s", bytes_text(&usages),
                        purpose_word(purpose));
            finding_advise(finding, "have it issued with profile %s",
                           purpose == VERIFY_SERVER ? "server" : "client");
        }
    } else if (view->extended_key_usage.length != 0) {
        finding_say(finding, "%s", bytes_text(&usages));
    } else if (purpose == VERIFY_SERVER) {
        finding_raise(finding, VERIFY_WARN);
        finding_say(finding, "no extended key usage is named; Apple asks for serverAuth in servers");
        finding_advise(finding, "have it issued with profile server");
    } else {
        finding_say(finding, "no extended key usage is named, so any is allowed");
    }
    bytes_free(&usages);
}

static void judge_key_usage(const struct inquiry *inquiry, struct finding *finding)
{
    const struct certificate_view *view = &inquiry->leaf->view;
    uint32_t others = KEY_USAGE_KEY_AGREEMENT;

    if (inquiry->question->purpose == VERIFY_SERVER) {
        others |= KEY_USAGE_KEY_ENCIPHERMENT;
    }
    if (!view->has_key_usage || (view->key_usage & KEY_USAGE_DIGITAL_SIGNATURE) != 0) {
        return;
    }
    finding_raise(finding, (view->key_usage & others) != 0 ? VERIFY_WARN : VERIFY_FAIL);
    finding_say(finding, "keyUsage lacks digitalSignature, without which there is no TLS 1.3");
    finding_advise(finding, "have it issued with profile %s",
                   inquiry->question->purpose == VERIFY_SERVER ? "server" : "client");
}

/* Extended key usages of issuers narrow what is under them: OpenSSL, NSS, Windows and Apple all read them so. */
static void judge_narrowing(const struct inquiry *inquiry, struct finding *finding)
{
    enum verify_purpose purpose = inquiry->question->purpose;
    struct bytes usages = BYTES_EMPTY;
    struct bytes name = BYTES_EMPTY;

    for (size_t i = 1; i < inquiry->path.length; i++) {
        const struct certificate_view *view = &inquiry->path.steps[i]->view;

        if (!inquiry_usage_allows(view, purpose)) {
            list_usages(view, finding, &usages);
            finding_raise(finding, VERIFY_FAIL);
            finding_say(finding, "the issuer %s is itself limited to %s, which lacks %s",
                        finding_name(finding, view->subject, &name), bytes_text(&usages),
                        purpose_word(purpose));
            finding_advise(finding, "use an intermediate whose extended_key_usage is left out or holds %s",
                           purpose_word(purpose));
        }
    }
    bytes_free(&usages);
    bytes_free(&name);
}

void check_purpose(const struct inquiry *inquiry, struct finding *finding)
{
    if (inquiry->question->purpose == VERIFY_ANY_PURPOSE) {
        finding->verdict = VERIFY_SKIPPED;
        finding_say(finding, "no purpose was asked about");
        finding_advise(finding, "ask with --purpose server or --purpose client");
        return;
    }
    judge_extended_usage(inquiry, finding);
    judge_key_usage(inquiry, finding);
    judge_narrowing(inquiry, finding);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* The names as "dns:a, ip:b"; how many there are. */
static size_t list_names(const struct certificate_view *view, struct finding *finding, struct bytes *text)
{
    struct slice rest = view->subject_alternative_names;
    struct der_item item;
    size_t count = 0;

    while (der_read(&rest, &item) == 1) {
        count += 1;
        if (count <= NAMES_LISTED && ((count > 1 && bytes_append_text(text, ", ") != 0) ||
                                      general_name_format(item.whole, text) != 0)) {
            finding->failed = true;
        }
    }
    if (count > NAMES_LISTED && bytes_printf(text, " and %zu more", count - NAMES_LISTED) != 0) {
        finding->failed = true;
    }
    return count;
}

static bool has_host_name(const struct certificate_view *view)
{
    struct slice rest = view->subject_alternative_names;
    enum general_name_kind kind;
    struct der_item item;

    while (der_read(&rest, &item) == 1) {
        if (general_name_kind_of(item.whole, &kind) == 0 &&
            (kind == GENERAL_NAME_DNS || kind == GENERAL_NAME_IP)) {
            return true;
        }
    }
    return false;
}

/* The subject's CN; nothing where there is none, or none that is a text: a NUL in it, say. */
static void find_common_name(const struct certificate_view *view, struct bytes *common)
{
    if (name_common_name(view->subject, common) < 0) {
        bytes_clear(common);
    }
}

void check_san(const struct inquiry *inquiry, struct finding *finding)
{
    const struct certificate_view *view = &inquiry->leaf->view;
    bool server = inquiry->question->purpose == VERIFY_SERVER || inquiry->question->host != NULL;
    struct bytes names = BYTES_EMPTY;
    struct bytes common = BYTES_EMPTY;
    size_t count = list_names(view, finding, &names);

    if (server && !has_host_name(view)) {
        finding->verdict = VERIFY_FAIL;
        find_common_name(view, &common);
        if (common.length != 0) {
            finding_say(finding,
                        "there is no dns or ip name; the subject's CN is not looked at by browsers, curl, "
                        "Apple, Go or Python");
        } else {
            finding_say(finding, "there is no dns or ip name");
        }
        finding_advise(finding, "have it issued with san: [dns:NAME] or [ip:ADDRESS]");
    } else if (count == 0 && name_is_empty(view->subject)) {
        finding->verdict = VERIFY_FAIL;
        finding_say(finding, "there is neither a subject nor a name");
        finding_advise(finding, "have it issued with a subject or a san");
    } else if (count == 0) {
        finding->verdict = server ? VERIFY_FAIL : VERIFY_SKIPPED;
        finding_say(finding, "there are none, and a client needs none");
    } else {
        finding_say(finding, "%s", bytes_text(&names));
    }
    bytes_free(&names);
    bytes_free(&common);
}

/* Why it does not match, where there is a common reason. */
static void explain_host(const struct inquiry *inquiry, bool address, struct finding *finding)
{
    const struct certificate_view *view = &inquiry->leaf->view;
    const char *host = inquiry->question->host;
    struct bytes common = BYTES_EMPTY;
    struct bytes names = BYTES_EMPTY;
    struct bytes as_dns = BYTES_EMPTY;

    if (list_names(view, finding, &names) == 0) {
        finding_say(finding, "it has no names");
    } else {
        finding_say(finding, "it has %s", bytes_text(&names));
    }
    finding->failed |= bytes_printf(&as_dns, "dns:%s", host) != 0;
    if (address && strstr(bytes_text(&names), bytes_text(&as_dns)) != NULL) {
        finding_say(finding, "the address stands there as a dns name, where nobody looks for addresses");
    }
    find_common_name(view, &common);
    if (strcmp(bytes_text(&common), host) == 0) {
        finding_say(finding,
                    "the host is only in the subject's CN, where clients stopped looking (RFC 9525)");
    }
    finding_advise(finding, "have it issued with san: [%s:%s]", address ? "ip" : "dns", host);
    bytes_free(&common);
    bytes_free(&names);
    bytes_free(&as_dns);
}

void check_host(const struct inquiry *inquiry, struct finding *finding)
{
    const char *host = inquiry->question->host;
    unsigned char address[HOST_ADDRESS_MAX];
    size_t length;
    X509 *x509;
    int matches;

    if (host == NULL) {
        finding->verdict = VERIFY_SKIPPED;
        finding_say(finding, "no host was asked about");
        finding_advise(finding, "ask with --host NAME");
        return;
    }
    x509 = path_x509(inquiry->context, inquiry->leaf);
    length = host_parse_address(slice_of_text(host), address);
    ERR_set_mark();
    if (x509 == NULL) {
        matches = -1;
    } else if (length != 0) {
        matches = X509_check_ip(x509, address, length, 0);
    } else {
        /* a wildcard is a whole label (RFC 9525 section 6.3) */
        matches =
            X509_check_host(x509, host, strlen(host),
                            X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL);
    }
    ERR_pop_to_mark();
    if (matches == 1) {
        finding_say(finding, "%s", host);
        return;
    }
    finding->verdict = VERIFY_FAIL;
    finding_say(finding, "%s is not among its names", host);
    explain_host(inquiry, length != 0, finding);
}

/* ---- the rest ---------------------------------------------------------------------------------------------------- */

void check_apple_lifetime(const struct inquiry *inquiry, struct finding *finding)
{
    const struct certificate_view *view = &inquiry->leaf->view;
    int64_t lifetime = view->not_after - view->not_before;
    bool server = inquiry->question->purpose == VERIFY_SERVER ||
                  (inquiry->question->purpose == VERIFY_ANY_PURPOSE &&
                   (inquiry_usage_names(view, VERIFY_SERVER) || has_host_name(view)));

    if (!server) {
        finding->verdict = VERIFY_SKIPPED;
        finding_say(finding, "the limit is for servers");
        return;
    }
    finding_say(finding, "%lld days", (long long)(lifetime / DAY));
    if (lifetime > APPLE_DAYS * DAY + APPLE_SLACK) {
        finding->verdict = VERIFY_WARN;
        finding_say(finding,
                    "iOS and macOS refuse a server certificate of a private authority that lives longer");
        finding_advise(finding, "have it issued with validity: 825d or less");
    }
}

void check_fixture(const struct inquiry *inquiry, struct finding *finding)
{
    struct bytes name = BYTES_EMPTY;

    for (size_t i = 0; i < inquiry->path.length; i++) {
        const struct certificate_view *view = &inquiry->path.steps[i]->view;

        if (view->fixture) {
            finding_raise(finding, VERIFY_WARN);
            finding_say(finding,
                        "%s carries the fixture mark: it was made from a seed, and its key counts as public",
                        finding_name(finding, view->subject, &name));
            finding_advise(finding, "for tests only; never trust it on a machine that matters");
        }
    }
    bytes_free(&name);
}
