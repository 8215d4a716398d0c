/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca verify: a certificate or a P12 against everything that usually goes wrong, each check with what to do.
 */
#include <fcntl.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"
#include "command/commands.h"
#include "command/verify_p12.h"
#include "console/file_option.h"
#include "console/json.h"
#include "console/passphrase_option.h"
#include "manifest/hostname.h"
#include "x509/bundle.h"
#include "x509/certificate_list.h"
#include "x509/form.h"
#include "x509/host.h"
#include "x509/instant.h"
#include "x509/verify.h"

static const struct option_spec verify_options[] = {
    {"ca", 0, "FILE", true, "the authorities to trust, PEM or DER; can be repeated"},
    {"host", 0, "HOST", false, "the host name or IP address it must be good for"},
    {"purpose", 0, "PURPOSE", false, "server or client: what it must be good for"},
    {"key", 'k', "FILE", false, "the private key that must be its own"},
    {"key-passphrase", 0, "SPEC", false, "the passphrase of an encrypted --key"},
    {"chain", 0, "FILE", true, "intermediates that are not in the certificate's file; can be repeated"},
    {"passphrase", 'p', "SPEC", false, "the passphrase of a P12: env:NAME, file:PATH, fd:N, prompt"},
    {"target", 't', "TARGET", false, "whose readers must take a P12: ios-legacy, java, ... as in bundle"},
    {"at", 0, "TIME", false, "hold dates against this time (RFC 3339) instead of now"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** The question as it is read. */
struct asking {
    const char *path;
    struct verify_question question;
    struct certificate_list chain, anchors;
    struct key *key;
    struct bytes host;                  /**< as A-labels */
    const struct bundle_target *target; /**< --target, or NULL */
    enum verify_p12_content found;      /**< for a certificate file, an identity */
    struct verify_report report;
};

static void asking_free(struct asking *asking)
{
    certificate_list_free(&asking->chain);
    certificate_list_free(&asking->anchors);
    key_free(asking->key);
    bytes_free(&asking->host);
    verify_report_free(&asking->report);
}

/* ---- usage ---------------------------------------------------------------------------------------------------------- */

/** An address, also in a URL's brackets, or a name, also with the dot of the root behind it; else a usage fault. */
static void read_host(const struct invocation *invocation, const char *host, struct asking *asking)
{
    struct slice text = slice_of_text(host);
    unsigned char address[HOST_ADDRESS_MAX];
    struct bytes bare = BYTES_EMPTY;
    const char *why = NULL;

    if (text.length > 2 && host[0] == '[' && host[text.length - 1] == ']') {
        text = (struct slice){text.data + 1, text.length - 2};
    } else if (text.length > 1 && host[text.length - 1] == '.') {
        text.length -= 1;
    }
    if (bytes_append(&bare, text.data, text.length) != 0) {
        fault_memory(invocation->faults);
    } else if (host_parse_address(text, address) != 0) {
        asking->host = bare;
        bare = (struct bytes)BYTES_EMPTY;
    } else {
        if (hostname_to_ascii(bytes_text(&bare), &asking->host, &why) == 0) {
            why = host_complaint(slice_of(&asking->host), HOST_PLAIN);
        }
        if (why != NULL) {
            usage_error(invocation->faults, "give the name or address alone, without scheme, port or path",
                        "--host \"%s\" %s", host, why);
        }
    }
    asking->question.host = bytes_text(&asking->host);
    bytes_free(&bare);
}

/** Options that are words or times; false with usage faults. */
static bool read_words(const struct invocation *invocation, struct asking *asking)
{
    const char *purpose = options_text(invocation->options, "purpose");
    const char *host = options_text(invocation->options, "host");
    const char *at = options_text(invocation->options, "at");
    const char *target = options_text(invocation->options, "target");
    const char *why = NULL;

    if (purpose != NULL && strcmp(purpose, "server") == 0) {
        asking->question.purpose = VERIFY_SERVER;
    } else if (purpose != NULL && strcmp(purpose, "client") == 0) {
        asking->question.purpose = VERIFY_CLIENT;
    } else if (purpose != NULL) {
        usage_error(invocation->faults, "server or client", "there is no purpose \"%s\"", purpose);
    }
    if (at != NULL) {
        asking->question.at_given = true;
        if (instant_parse(at, &asking->question.at, &why) != 0) {
            usage_error(invocation->faults, NULL, "--at \"%s\" %s", at, why);
        }
    }
    if (target != NULL && (asking->target = bundle_target_find(target)) == NULL) {
        usage_error(invocation->faults, "ios-legacy, android-legacy, modern, java, java-truststore",
                    "there is no target \"%s\"", target);
    }
    if (host != NULL) {
        read_host(invocation, host, asking);
    }
    return passphrase_option_is_spec(invocation, "passphrase") &&
           passphrase_option_is_spec(invocation, "key-passphrase") && faults_errors(invocation->faults) == 0;
}

/* ---- telling -------------------------------------------------------------------------------------------------------- */

static const char *verdict_word(enum verify_verdict verdict)
{
    static const char *const words[] = {"pass", "fail", "warn", "skipped"};

    return words[verdict];
}

/** What can be asked, and by which option. */
struct asked {
    const char *word, *option;
    bool given;
};
#define ASKED_COUNT 4

/** The chain first: an answer without it says nothing of who issued the certificate. */
static void list_asked(const struct asking *asking, struct asked asked[ASKED_COUNT])
{
    asked[0] = (struct asked){"chain", "--ca", asking->anchors.count != 0};
    asked[1] = (struct asked){"purpose", "--purpose", asking->question.purpose != VERIFY_ANY_PURPOSE};
    asked[2] = (struct asked){"host", "--host", asking->question.host != NULL};
    asked[3] = (struct asked){"key", "--key", asking->key != NULL};
}

static json_t *asked_json(const struct asking *asking)
{
    struct asked asked[ASKED_COUNT];
    json_t *object = json_object();

    list_asked(asking, asked);
    for (size_t i = 0; i < ASKED_COUNT; i++) {
        if (json_put(object, asked[i].word, json_boolean(asked[i].given)) != 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

static json_t *report_json(const struct invocation *invocation, const struct asking *asking)
{
    instant at = asking->question.at_given ? asking->question.at : context_now(invocation->context);
    json_t *document = json_document("mtlskit.verify/1");
    json_t *list = json_array();
    int status = 0;

    for (size_t i = 0; status == 0 && i < asking->report.count; i++) {
        const struct verify_check *check = &asking->report.checks[i];
        json_t *object = json_object();

        status = json_put(object, "id", json_string(check->id)) == 0 &&
                         json_put(object, "title", json_string(check->title)) == 0 &&
                         json_put(object, "verdict", json_string(verdict_word(check->verdict))) == 0 &&
                         json_put(object, "detail", json_printable(slice_of(&check->detail))) == 0 &&
                         json_put(object, "advice", json_printable(slice_of(&check->advice))) == 0
                     ? json_append(list, json_incref(object))
                     : -1;
        json_decref(object);
    }
    if (status != 0 || json_put(document, "file", json_printable(slice_of_text(asking->path))) != 0 ||
        json_put(document, "at", json_instant(at)) != 0 ||
        json_put(document, "verdict", json_string(asking->report.failed ? "fail" : "pass")) != 0 ||
        json_put(document, "asked", asked_json(asking)) != 0 ||
        json_put(document, "checks", json_incref(list)) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(list);
    return document;
}

static void print_check(const struct invocation *invocation, const struct verify_check *check)
{
    static const struct {
        const char *word;
        enum paint paint;
    } marks[] = {{"ok  ", PAINT_GREEN}, {"FAIL", PAINT_RED}, {"warn", PAINT_YELLOW}, {"-   ", PAINT_DIM}};
    struct terminal *terminal = invocation->terminal;
    bool trouble = check->verdict == VERIFY_FAIL || check->verdict == VERIFY_WARN;
    struct bytes detail = BYTES_EMPTY;
    struct bytes advice = BYTES_EMPTY;

    if (utf8_append_printable(&detail, slice_of(&check->detail)) != 0 ||
        utf8_append_printable(&advice, slice_of(&check->advice)) != 0) {
        fault_memory(invocation->faults);
    }
    terminal_paint(terminal, marks[check->verdict].paint, "  %s", marks[check->verdict].word);
    terminal_print(terminal, "  %s", check->title);
    if (detail.length != 0) {
        terminal_paint(terminal, trouble ? PAINT_PLAIN : PAINT_DIM, "%s%s", trouble ? ":\n        " : ": ",
                       bytes_text(&detail));
    }
    terminal_print(terminal, "\n");
    if (trouble && advice.length != 0) {
        terminal_paint(terminal, PAINT_BOLD, "        -> %s\n", bytes_text(&advice));
    }
    bytes_free(&detail);
    bytes_free(&advice);
}

/** What else nobody asked, as "--host, --key"; a client's host and an anchor's anything are nobody's question. */
static int list_not_asked(const struct asking *asking, struct bytes *text)
{
    struct asked asked[ASKED_COUNT];

    list_asked(asking, asked);
    for (size_t i = 1; i < ASKED_COUNT && asking->found == VERIFY_P12_IDENTITY; i++) {
        if (!asked[i].given &&
            !(asking->question.purpose == VERIFY_CLIENT && strcmp(asked[i].word, "host") == 0) &&
            bytes_printf(text, "%s%s", text->length == 0 ? "" : ", ", asked[i].option) != 0) {
            return -1;
        }
    }
    return 0;
}

/** The closing line: the verdict, how far it goes, and the counts. */
static void print_verdict(const struct invocation *invocation, const struct asking *asking,
                          const size_t counts[4])
{
    const struct verify_report *report = &asking->report;
    bool chain = asking->anchors.count != 0 || asking->found != VERIFY_P12_IDENTITY;
    struct bytes path = BYTES_EMPTY;
    struct bytes not_asked = BYTES_EMPTY;

    if (utf8_append_printable(&path, slice_of_text(asking->path)) != 0 ||
        list_not_asked(asking, &not_asked) != 0) {
        fault_memory(invocation->faults);
    }
    terminal_print(invocation->terminal, "%s: ", bytes_text(&path));
    terminal_paint(invocation->terminal,
                   report->failed ? PAINT_RED
                   : chain        ? PAINT_GREEN
                                  : PAINT_YELLOW,
                   "%s", report->failed ? "no" : "yes");
    if (!chain) {
        terminal_print(invocation->terminal, "%s: the chain was not checked, give --ca",
                       report->failed ? "" : ", as far as asked");
    }
    terminal_print(invocation->terminal, "%s %zu passed, %zu failed, %zu warned", chain ? "," : ";",
                   counts[VERIFY_PASS], counts[VERIFY_FAIL], counts[VERIFY_WARN]);
    if (not_asked.length != 0) {
        terminal_print(invocation->terminal, "; not asked: %s", bytes_text(&not_asked));
    }
    terminal_print(invocation->terminal, "\n");
    bytes_free(&path);
    bytes_free(&not_asked);
}

static void print_report(const struct invocation *invocation, const struct asking *asking)
{
    size_t counts[4] = {0};

    if (terminal_is_quiet(invocation->terminal)) {
        return;
    }
    for (size_t i = 0; i < asking->report.count; i++) {
        print_check(invocation, &asking->report.checks[i]);
        counts[asking->report.checks[i].verdict] += 1;
    }
    print_verdict(invocation, asking, counts);
}

/* ---- the command ---------------------------------------------------------------------------------------------------- */

/** Certificate file or P12, told by content. EXIT_DONE to go on with asking->found. */
static enum exit_status read_subject(const struct invocation *invocation, struct asking *asking)
{
    struct bytes content = BYTES_EMPTY;
    enum exit_status status = EXIT_FAILED;

    if (file_read(AT_FDCWD, asking->path, FILE_LIMIT_CERTIFICATES, &content, invocation->faults) != 0) {
        goto out;
    }
    if (!form_is_p12(slice_of(&content))) {
        if (certificate_list_read(slice_of(&content), asking->path, &asking->chain, invocation->faults) !=
            0) {
            status = EXIT_FAILED;
        } else if (options_given(invocation->options, "passphrase")) {
            usage_error(invocation->faults, "for an encrypted --key there is --key-passphrase",
                        "--passphrase is for a P12, and %s is none", asking->path);
            status = EXIT_USAGE;
        } else if (asking->target != NULL) {
            usage_error(invocation->faults, "mtls-ca bundle makes a P12 of it",
                        "--target is for a P12, and %s is none", asking->path);
            status = EXIT_USAGE;
        } else {
            status = EXIT_DONE;
        }
    } else if (!options_given(invocation->options, "passphrase")) {
        usage_error(invocation->faults, "--passphrase prompt, env:NAME, file:PATH or fd:N",
                    "%s is a P12, and its passphrase is missing", asking->path);
        status = EXIT_USAGE;
    } else if (verify_p12(invocation, slice_of(&content), asking->path, asking->target,
                          asking->key != NULL || asking->question.host != NULL ||
                              asking->question.purpose != VERIFY_ANY_PURPOSE,
                          &asking->report, &asking->chain, &asking->key, &asking->found) == 0) {
        status = EXIT_DONE;
    }
out:
    bytes_free(&content);
    return status;
}

/** What was found decides which checks there are. */
static int put_question(const struct invocation *invocation, struct asking *asking)
{
    switch (asking->found) {
    case VERIFY_P12_IDENTITY:
        return file_option_certificates(invocation, "chain", &asking->chain) != 0
                   ? -1
                   : verify_certificate(invocation->context, &asking->question, &asking->report,
                                        invocation->faults);
    case VERIFY_P12_ANCHORS:
        return verify_anchors(invocation->context, &asking->chain, &asking->question, &asking->report,
                              invocation->faults);
    case VERIFY_P12_NOTHING:
        break;
    }
    return 0;
}

static enum exit_status ask(struct invocation *invocation, struct asking *asking)
{
    enum exit_status status;

    if (!read_words(invocation, asking)) {
        return EXIT_USAGE;
    }
    if (file_option_certificates(invocation, "ca", &asking->anchors) != 0) {
        return EXIT_FAILED;
    }
    if (options_given(invocation->options, "key")) {
        asking->key = file_option_key(invocation, "key", "key-passphrase");
        if (asking->key == NULL) {
            return EXIT_FAILED;
        }
    }
    status = read_subject(invocation, asking);
    if (status != EXIT_DONE) {
        return status;
    }
    asking->question.chain = &asking->chain;
    asking->question.anchors = &asking->anchors;
    asking->question.key = asking->key;
    if (put_question(invocation, asking) != 0) {
        return EXIT_FAILED;
    }
    if (!options_given(invocation->options, "json")) {
        print_report(invocation, asking);
    } else if (json_print(invocation->terminal, report_json(invocation, asking)) != 0) {
        fault_memory(invocation->faults);
        return EXIT_FAILED;
    }
    return asking->report.failed ? EXIT_VERDICT_NO : EXIT_DONE;
}

static enum exit_status verify_run(struct invocation *invocation)
{
    struct asking asking;
    enum exit_status status;

    memset(&asking, 0, sizeof(asking));
    asking.path = options_argument(invocation->options, 0);
    asking.found = VERIFY_P12_IDENTITY;
    status = ask(invocation, &asking);
    asking_free(&asking);
    return status;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "check a certificate or a P12 against all that usually goes wrong",
    .arguments = "FILE",
    .least = 1,
    .most = 1,
    .options = verify_options,
    .about =
        "FILE is a certificate, with its intermediates behind it, or a P12; - is standard input. Each "
        "check is told,\n"
        "also when another one fails: key, chain, signatures, dates, usages, names, strength, Apple's "
        "limits.\n"
        "What was not asked (--ca, --host, --purpose, --key) is skipped, and the last line says so. A P12 "
        "that holds\n"
        "anchors alone is verified as a trust store. Nothing is fetched from the network.\n"
        "Exit status: 0 no check fails, 4 one does, 1 something cannot be read, 2 wrong usage.\n",
    .examples =
        "  mtls-ca verify out/server.crt --ca out/server-ca.crt --host localhost --purpose server\n"
        "  mtls-ca verify out/client.crt --ca out/client-ca.crt --purpose client --key out/client.key\n"
        "  mtls-ca verify client.p12 --passphrase prompt --ca client-ca.crt --purpose client\n"
        "  mtls-ca verify client.p12 --passphrase prompt --target modern    will those it is for take it?\n"
        "  mtls-ca verify server.crt --ca ca.crt --at 2027-01-01     is it still good then?\n",
    .run = verify_run,
};
