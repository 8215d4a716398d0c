/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions told to people. Every text in a description is printable already. */
#include "command/inspect_text.h"

#include <string.h>

#include "base/bytes.h"
#include "x509/instant.h"

#define LABEL_WIDTH 17
#define DAY         INT64_C(86400)
/* Fewer days left than this are worth a colour. */
#define SOON_DAYS 30

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

static void label(struct terminal *terminal, unsigned int indent, const char *name)
{
    terminal_print(terminal, "%*s", (int)indent, "");
    terminal_paint(terminal, PAINT_DIM, "%-*s", LABEL_WIDTH, name);
}

static void row(struct terminal *terminal, unsigned int indent, const char *name, const char *text)
{
    if (text[0] != '\0') {
        label(terminal, indent, name);
        terminal_print(terminal, "%s\n", text);
    }
}

/* A list of texts, "a, b"; no row for an empty one. */
static void list_row(struct terminal *terminal, unsigned int indent, const char *name, const json_t *list)
{
    size_t count = json_array_size(list);

    if (count > 0) {
        label(terminal, indent, name);
        for (size_t i = 0; i < count; i++) {
            terminal_print(terminal, "%s%s", i == 0 ? "" : ", ", json_string_value(json_array_get(list, i)));
        }
        terminal_print(terminal, "\n");
    }
}

/* ---- keys ----------------------------------------------------------------------------------------------------------- */

static void key_rows(struct terminal *terminal, unsigned int indent, const json_t *object)
{
    const json_t *key = json_object_get(object, "key");
    const json_t *bits = json_object_get(key, "bits");
    const json_t *pins = json_object_get(object, "pins");

    if (key == NULL) {
        return;
    }
    label(terminal, indent, "key");
    terminal_print(terminal, "%s", text_of(key, "algorithm"));
    if (bits != NULL) {
        terminal_print(terminal, ", %d bits", (int)json_integer_value(bits));
    }
    terminal_print(terminal, "\n");
    row(terminal, indent, "pin, curl", text_of(pins, "curl"));
    label(terminal, indent, "pin, Apple");
    terminal_print(terminal, "SPKI-SHA256-BASE64 %s\n", text_of(pins, "apple"));
    row(terminal, indent, "pin, Android", text_of(pins, "android"));
}

static void private_key_rows(struct terminal *terminal, const json_t *object)
{
    const json_t *iterations = json_object_get(object, "iterations");
    const json_t *scrypt = json_object_get(object, "scrypt");

    if (json_is_true(json_object_get(object, "encrypted"))) {
        label(terminal, 2, "encrypted");
        terminal_print(terminal, "%s",
                       text_of(object, "encryption")[0] == '\0' ? "yes" : text_of(object, "encryption"));
        if (iterations != NULL) {
            terminal_print(terminal, ", %lld iterations", (long long)json_integer_value(iterations));
        }
        if (scrypt != NULL) {
            terminal_print(terminal, ", N %lld, r %lld, p %lld",
                           (long long)json_integer_value(json_object_get(scrypt, "n")),
                           (long long)json_integer_value(json_object_get(scrypt, "r")),
                           (long long)json_integer_value(json_object_get(scrypt, "p")));
        }
        terminal_print(terminal, "\n");
        if (json_object_get(object, "key") == NULL) {
            row(terminal, 2, "key", "shows with --passphrase");
        }
    } else {
        label(terminal, 2, "encrypted");
        terminal_paint(terminal, PAINT_YELLOW, "no\n");
    }
    key_rows(terminal, 2, object);
}

/* ---- certificates --------------------------------------------------------------------------------------------------- */

static void validity_row(struct terminal *terminal, const struct context *context, unsigned int indent,
                         const json_t *object)
{
    const char *state = text_of(object, "state");
    const char *why = NULL;
    instant until = 0;

    label(terminal, indent, "valid");
    terminal_print(terminal, "%s to %s, ", text_of(object, "not_before"), text_of(object, "not_after"));
    if (strcmp(state, "valid") != 0) {
        terminal_paint(terminal, PAINT_RED, "%s\n", state);
    } else if (instant_parse(text_of(object, "not_after"), &until, &why) == 0) {
        int64_t days = (until - context_now(context)) / DAY;

        terminal_paint(terminal, days < SOON_DAYS ? PAINT_YELLOW : PAINT_GREEN, "%lld %s more\n",
                       (long long)days, days == 1 ? "day" : "days");
    } else {
        terminal_print(terminal, "%s\n", state);
    }
}

static void constraint_rows(struct terminal *terminal, unsigned int indent, const json_t *object)
{
    const json_t *constraints = json_object_get(object, "name_constraints");

    list_row(terminal, indent, "permitted", json_object_get(constraints, "permitted"));
    list_row(terminal, indent, "excluded", json_object_get(constraints, "excluded"));
}

static void authority_row(struct terminal *terminal, unsigned int indent, const json_t *object)
{
    const json_t *path_length = json_object_get(object, "path_length");

    if (json_is_true(json_object_get(object, "authority"))) {
        label(terminal, indent, "authority");
        if (path_length == NULL) {
            terminal_print(terminal, "yes\n");
        } else {
            terminal_print(terminal, "yes, path length %d\n", (int)json_integer_value(path_length));
        }
    }
}

/* What few ask for. */
static void extension_rows(struct terminal *terminal, unsigned int indent, const json_t *object)
{
    const json_t *list = json_object_get(object, "extensions");

    row(terminal, indent, "key id", text_of(object, "subject_key_identifier"));
    row(terminal, indent, "issuer's key id", text_of(object, "authority_key_identifier"));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *extension = json_array_get(list, i);

        label(terminal, indent, i == 0 ? "extensions" : "");
        terminal_print(terminal, "%s (%s)%s\n", text_of(extension, "name"), text_of(extension, "oid"),
                       json_is_true(json_object_get(extension, "critical")) ? ", critical" : "");
    }
}

/* What carries the fixture mark says so last, and aloud. */
static void fixture_row(struct terminal *terminal, unsigned int indent, const json_t *object)
{
    if (json_is_true(json_object_get(object, "fixture"))) {
        label(terminal, indent, "FIXTURE");
        terminal_paint(terminal, PAINT_RED, "made from a seed: its key counts as public, never trust it\n");
    }
}

static void certificate_rows(struct terminal *terminal, const struct context *context, unsigned int indent,
                             const json_t *object)
{
    const char *subject = text_of(object, "subject");

    row(terminal, indent, "subject", subject[0] == '\0' ? "(empty)" : subject);
    row(terminal, indent, "issuer",
        json_is_true(json_object_get(object, "self_issued")) ? "itself" : text_of(object, "issuer"));
    validity_row(terminal, context, indent, object);
    list_row(terminal, indent, "names", json_object_get(object, "names"));
    authority_row(terminal, indent, object);
    list_row(terminal, indent, "key usage", json_object_get(object, "key_usage"));
    list_row(terminal, indent, "for", json_object_get(object, "extended_key_usage"));
    constraint_rows(terminal, indent, object);
    list_row(terminal, indent, "policies", json_object_get(object, "policies"));
    list_row(terminal, indent, "CRL", json_object_get(object, "crl_urls"));
    list_row(terminal, indent, "OCSP", json_object_get(object, "ocsp_urls"));
    list_row(terminal, indent, "issuer at", json_object_get(object, "ca_issuers_urls"));
    row(terminal, indent, "serial", text_of(object, "serial"));
    row(terminal, indent, "signature", text_of(object, "signature_algorithm"));
    row(terminal, indent, "SHA-256", text_of(object, "sha256"));
    key_rows(terminal, indent, object);
    if (terminal_verbosity(terminal) > 0) {
        extension_rows(terminal, indent, object);
    }
    fixture_row(terminal, indent, object);
}

/* ---- requests and CRLs ---------------------------------------------------------------------------------------------- */

static void request_rows(struct terminal *terminal, const json_t *object)
{
    bool valid = json_is_true(json_object_get(object, "signature_valid"));

    row(terminal, 2, "subject", text_of(object, "subject"));
    list_row(terminal, 2, "names", json_object_get(object, "names"));
    authority_row(terminal, 2, object);
    list_row(terminal, 2, "key usage", json_object_get(object, "key_usage"));
    list_row(terminal, 2, "for", json_object_get(object, "extended_key_usage"));
    list_row(terminal, 2, "asks for", json_object_get(object, "requested_extensions"));
    label(terminal, 2, "signature");
    terminal_print(terminal, "%s, ", text_of(object, "signature_algorithm"));
    if (valid) {
        terminal_paint(terminal, PAINT_GREEN, "right\n");
    } else {
        terminal_paint(terminal, PAINT_RED, "not proven: it %s\n", text_of(object, "signature_fault"));
    }
    key_rows(terminal, 2, object);
    fixture_row(terminal, 2, object);
}

static void crl_rows(struct terminal *terminal, const json_t *object)
{
    const json_t *entries = json_object_get(object, "entries");
    size_t count = (size_t)json_integer_value(json_object_get(object, "count"));

    row(terminal, 2, "issuer", text_of(object, "issuer"));
    row(terminal, 2, "issuer's key id", text_of(object, "authority_key_identifier"));
    row(terminal, 2, "number", text_of(object, "number"));
    if (json_is_true(json_object_get(object, "delta"))) {
        row(terminal, 2, "kind", "delta: only what changed since another list");
    }
    if (json_is_true(json_object_get(object, "partial"))) {
        row(terminal, 2, "kind", "partial: it speaks of some of its issuer's certificates");
    }
    row(terminal, 2, "this update", text_of(object, "this_update"));
    row(terminal, 2, "next update", text_of(object, "next_update"));
    row(terminal, 2, "signature", text_of(object, "signature_algorithm"));
    label(terminal, 2, "revoked");
    terminal_print(terminal, "%zu\n", count);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);

        terminal_print(terminal, "    %s  %s  %s", text_of(entry, "revoked"), text_of(entry, "serial"),
                       text_of(entry, "reason"));
        if (json_object_get(entry, "invalidity_date") != NULL) {
            terminal_print(terminal, ", invalid since %s", text_of(entry, "invalidity_date"));
        }
        terminal_print(terminal, "\n");
    }
    if (count > json_array_size(entries)) {
        terminal_print(terminal, "    and %zu more\n", count - json_array_size(entries));
    }
    fixture_row(terminal, 2, object);
}

/* ---- P12 ------------------------------------------------------------------------------------------------------------ */

static void entry_rows(struct terminal *terminal, const struct context *context, const json_t *entry)
{
    const json_t *iterations = json_object_get(entry, "iterations");

    terminal_print(terminal, "  ");
    terminal_paint(terminal, PAINT_BOLD, "%s", text_of(entry, "kind"));
    if (strcmp(text_of(entry, "encryption"), "none") == 0) {
        terminal_print(terminal, ", not encrypted");
    } else {
        terminal_print(terminal, ", %s", text_of(entry, "encryption"));
    }
    if (iterations != NULL) {
        terminal_print(terminal, ", %lld iterations", (long long)json_integer_value(iterations));
    }
    terminal_print(terminal, "\n");
    row(terminal, 4, "name", text_of(entry, "friendly_name"));
    row(terminal, 4, "local key id", text_of(entry, "local_key_id"));
    if (json_is_true(json_object_get(entry, "java_trusted"))) {
        row(terminal, 4, "Java", "trusted as an anchor");
    }
    if (json_object_get(entry, "certificate") != NULL) {
        certificate_rows(terminal, context, 4, json_object_get(entry, "certificate"));
    }
}

static void reader_rows(struct terminal *terminal, const json_t *readers)
{
    terminal_print(terminal, "  ");
    terminal_paint(terminal, PAINT_BOLD, "readers\n");
    for (size_t i = 0; i < json_array_size(readers); i++) {
        const json_t *reader = json_array_get(readers, i);
        bool takes = json_is_true(json_object_get(reader, "takes"));
        bool unsure = json_object_get(reader, "takes") == NULL;

        terminal_print(terminal, "    ");
        terminal_paint(terminal,
                       takes    ? PAINT_GREEN
                       : unsure ? PAINT_YELLOW
                                : PAINT_RED,
                       "%s",
                       takes    ? "yes"
                       : unsure ? "?  "
                                : "no ");
        terminal_print(terminal, "  %s%s%s\n", text_of(reader, "reader"), takes ? "" : ": ",
                       takes ? "" : text_of(reader, "reason"));
    }
}

static void p12_rows(struct terminal *terminal, const struct context *context, const json_t *object)
{
    const json_t *mac = json_object_get(object, "mac");
    const json_t *entries = json_object_get(object, "entries");

    label(terminal, 2, "MAC");
    if (json_is_null(mac)) {
        terminal_paint(terminal, PAINT_YELLOW, "none\n");
    } else {
        terminal_print(terminal, "%s, %lld iterations, salt of %lld octets\n", text_of(mac, "digest"),
                       (long long)json_integer_value(json_object_get(mac, "iterations")),
                       (long long)json_integer_value(json_object_get(mac, "salt_length")));
    }
    if (!json_is_true(json_object_get(object, "opened"))) {
        row(terminal, 2, "contents", "show with --passphrase; without it:");
    }
    for (size_t i = 0; i < json_array_size(entries); i++) {
        entry_rows(terminal, context, json_array_get(entries, i));
    }
    if (json_object_get(object, "private_key") != NULL) {
        terminal_print(terminal, "  ");
        terminal_paint(terminal, PAINT_BOLD, "private key\n");
        key_rows(terminal, 4, json_object_get(object, "private_key"));
    }
    reader_rows(terminal, json_object_get(object, "readers"));
}

/* ---- which is which ------------------------------------------------------------------------------------------------- */

void inspect_text_print(struct terminal *terminal, const struct context *context, const char *file,
                        const json_t *object)
{
    const char *type = text_of(object, "type");

    terminal_paint(terminal, PAINT_BOLD, "%s", file);
    terminal_print(terminal, ": ");
    if (strcmp(type, "certificate") == 0) {
        terminal_print(terminal, "certificate\n");
        certificate_rows(terminal, context, 2, object);
    } else if (strcmp(type, "private-key") == 0) {
        terminal_print(terminal, "private key\n");
        private_key_rows(terminal, object);
    } else if (strcmp(type, "public-key") == 0) {
        terminal_print(terminal, "public key\n");
        key_rows(terminal, 2, object);
    } else if (strcmp(type, "certificate-request") == 0) {
        terminal_print(terminal, "certificate request\n");
        request_rows(terminal, object);
    } else if (strcmp(type, "crl") == 0) {
        terminal_print(terminal, "certificate revocation list\n");
        crl_rows(terminal, object);
    } else if (strcmp(type, "p12") == 0) {
        terminal_print(terminal, "P12 (PKCS#12)\n");
        p12_rows(terminal, context, object);
    } else {
        terminal_print(terminal, "PEM with label %s, not read here\n", text_of(object, "label"));
    }
}
