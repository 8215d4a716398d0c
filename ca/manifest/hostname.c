/* SPDX-License-Identifier: Apache-2.0 */
/* ASCII goes through untouched; libidn2 is asked only where there is something to translate. */
#include "manifest/hostname.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <idn2.h>

static bool is_ascii(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

/* What libidn2 found, in a phrase that follows the name. */
static const char *explain(int code)
{
    switch (code) {
    case IDN2_MALLOC:
        return "cannot be translated: memory is out";
    case IDN2_ENCODING_ERROR:
    case IDN2_ICONV_FAIL:
        return "is not valid UTF-8";
    case IDN2_TOO_BIG_DOMAIN:
        return "is longer than the 253 characters a host name may have, in the form \"xn--...\"";
    case IDN2_TOO_BIG_LABEL:
    case IDN2_PUNYCODE_BIG_OUTPUT:
        return "has a part longer than 63 characters, in the form \"xn--...\"";
    case IDN2_HYPHEN_STARTEND:
        return "has a part that begins or ends with \"-\"";
    case IDN2_2HYPHEN:
        return "has a part with \"--\" at its third and fourth place, which only \"xn--...\" may have";
    case IDN2_LEADING_COMBINING:
        return "has a part that begins with a combining character";
    case IDN2_DISALLOWED:
    case IDN2_UNASSIGNED:
    case IDN2_ALABEL_ROUNDTRIP_FAILED:
    case IDN2_INVALID_NONTRANSITIONAL:
        return "has a character that no host name may have (RFC 5892)";
    case IDN2_CONTEXTJ:
    case IDN2_CONTEXTJ_NO_RULE:
    case IDN2_CONTEXTO:
    case IDN2_CONTEXTO_NO_RULE:
        return "has a character that may not stand in this context (RFC 5892, appendix A)";
    case IDN2_BIDI:
        return "mixes left-to-right and right-to-left characters (RFC 5893)";
    case IDN2_DOT_IN_LABEL:
        return "has a dot within a part";
    case IDN2_PUNYCODE_BAD_INPUT:
    case IDN2_PUNYCODE_OVERFLOW:
        return "has a part \"xn--...\" that is not well-formed (RFC 3492)";
    case IDN2_UALABEL_MISMATCH:
    case IDN2_INVALID_ALABEL:
        return "has a part \"xn--...\" that no name is translated to (RFC 5891, section 5.4)";
    default:
        return "cannot be translated to an ASCII host name (RFC 5891)";
    }
}

/* Letters, digits, hyphens, dots, and the underscore some use: a character such as U+2100 is mapped to text with a slash. */
static bool is_host(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")] == '\0';
}

/* What is wrong with the A-label @p label of @p length bytes: it must be what translating it back and forth gives. */
static const char *alabel_complaint(const char *label, size_t length)
{
    char *from = strndup(label, length);
    char *unicode = NULL;
    char *back = NULL;
    const char *why = NULL;
    int code = IDN2_MALLOC;

    if (from != NULL) {
        code = idn2_to_unicode_8z8z(from, &unicode, 0);
    }
    if (code == IDN2_OK) {
        code = idn2_to_ascii_8z(unicode, &back, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    }
    if (code != IDN2_OK) {
        why = explain(code);
    } else if (strcasecmp(from, back) != 0) {
        why = explain(IDN2_INVALID_ALABEL);
    }
    idn2_free(back);
    idn2_free(unicode);
    free(from);
    return why;
}

/* The same for every "xn--..." among the labels of the @p length bytes at @p name. */
static const char *alabels_complaint(const char *name, size_t length)
{
    const char *why = NULL;

    for (size_t start = 0, end = 0; start < length && why == NULL; start = end + 1) {
        const char *dot = memchr(name + start, '.', length - start);

        end = dot != NULL ? (size_t)(dot - name) : length;
        if (end - start >= 4 && strncasecmp(name + start, "xn--", 4) == 0) {
            why = alabel_complaint(name + start, end - start);
        }
    }
    return why;
}

/* Append the A-label form of the @p length bytes at @p name. */
static int append_host(const char *name, size_t length, struct bytes *ascii, const char **why)
{
    char *from = NULL;
    char *to = NULL;
    size_t prefix = 0;
    int status = -1;
    int code;

    if (is_ascii(name, length)) {
        status = bytes_append(ascii, name, length);
        goto out;
    }
    if (length > 1 && name[0] == '*' && name[1] == '.') {
        prefix = 2;
    } else if (name[0] == '.') {
        prefix = 1;
    }
    from = strndup(name + prefix, length - prefix);
    if (from == NULL) {
        goto out;
    }
    code = idn2_to_ascii_8z(from, &to, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (code != IDN2_OK) {
        *why = explain(code);
        goto out;
    }
    if (!is_host(to)) {
        *why = explain(IDN2_DISALLOWED);
        goto out;
    }
    if (bytes_reserve(ascii, prefix + strlen(to)) == 0 && bytes_append(ascii, name, prefix) == 0 &&
        bytes_append_text(ascii, to) == 0) {
        status = 0;
    }
out:
    if (status != 0 && *why == NULL) {
        *why = explain(IDN2_MALLOC);
    }
    idn2_free(to);
    free(from);
    return status;
}

int hostname_to_ascii(const char *name, struct bytes *ascii, const char **why)
{
    *why = NULL;
    return append_host(name, strlen(name), ascii, why);
}

/* Where the host lies in a URI's text (RFC 3986, section 3.2): behind "//" and the user, before the port and the path. */
static void find_uri_host(const char *uri, const char **host, size_t *length)
{
    const char *authority = strstr(uri, "://");
    const char *end;

    *host = uri + strlen(uri);
    *length = 0;
    if (authority == NULL) {
        return;
    }
    authority += 3;
    end = authority + strcspn(authority, "/?#");
    for (const char *at = authority; at < end; at++) {
        if (*at == '@') {
            authority = at + 1;
        }
    }
    *host = authority;
    *length = strcspn(authority, ":/?#");
}

/* Where the host lies in a mailbox: behind the last "@". Without one the text may be a host itself, as in name constraints. */
static void find_email_host(const char *email, const char **host, size_t *length)
{
    const char *at = strrchr(email, '@');

    *host = at != NULL ? at + 1 : strchr(email, '.') != NULL ? email : email + strlen(email);
    *length = strlen(*host);
}

int hostname_in_san_to_ascii(const char *san, struct bytes *ascii, const char **why)
{
    size_t start = ascii->length;
    const char *host = san + strlen(san);
    size_t length = 0;

    *why = NULL;
    if (strncasecmp(san, "dns:", 4) == 0) {
        host = san + 4;
        length = strlen(host);
    } else if (strncasecmp(san, "email:", 6) == 0) {
        find_email_host(san + 6, &host, &length);
    } else if (strncasecmp(san, "uri:", 4) == 0) {
        find_uri_host(san + 4, &host, &length);
    }
    if (bytes_append(ascii, san, (size_t)(host - san)) != 0) {
        *why = explain(IDN2_MALLOC);
        return -1;
    }
    *why = is_ascii(host, length) ? alabels_complaint(host, length) : NULL;
    if (*why != NULL || append_host(host, length, ascii, why) != 0) {
        ascii->length = start;
        if (ascii->data != NULL) {
            ascii->data[start] = '\0';
        }
        return -1;
    }
    if (bytes_append_text(ascii, host + length) != 0) {
        *why = explain(IDN2_MALLOC);
        return -1;
    }
    return 0;
}
