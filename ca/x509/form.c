/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps bytes from being read, seen before anybody tries. */
#include "x509/form.h"

#include <string.h>

#include "x509/der.h"
#include "x509/pfx.h"

/* Octets of a long length (ITU-T X.690 section 8.1.3.5) that are looked at. */
#define LENGTH_OCTETS_MAX 4
/* The shortest base64 that is taken for some: a public key's. */
#define BASE64_MIN 60

bool form_is_pem(struct slice content)
{
    static const char begin[] = "-----BEGIN ";

    return content.length >= sizeof(begin) - 1 &&
           memmem(content.data, content.length, begin, sizeof(begin) - 1) != NULL;
}

bool form_is_p12(struct slice content)
{
    static const unsigned char start[] = {DER_INTEGER, 1, PFX_VERSION, DER_SEQUENCE};
    size_t header;

    if (content.length < 2 || content.data[0] != DER_SEQUENCE) {
        return false;
    }
    header = content.data[1] > 0x80 ? 2 + (size_t)(content.data[1] & 0x7f) : 2;
    return content.length >= header + sizeof(start) &&
           memcmp(content.data + header, start, sizeof(start)) == 0;
}

static const char *mark_of(struct slice content)
{
    if (content.length >= 2 && ((content.data[0] == 0xff && content.data[1] == 0xfe) ||
                                (content.data[0] == 0xfe && content.data[1] == 0xff))) {
        return "it is UTF-16 text, which no TLS program reads: save it as ASCII or UTF-8";
    }
    if (content.length >= 3 && memcmp(content.data, "\xef\xbb\xbf", 3) == 0) {
        return "it starts with a byte order mark, which OpenSSL stumbles over: save it as UTF-8 without one";
    }
    return NULL;
}

/*
 * The length that a SEQUENCE at the front of @p content says it has, header and all; 0 when there is none. Certificates, keys,
 * requests and CRLs all begin with a SEQUENCE or an INTEGER in it: a text that happens to begin with a zero does not.
 */
static size_t said_length(struct slice content)
{
    size_t header = 2;
    size_t length = 0;

    if (content.length < 3 || content.data[0] != DER_SEQUENCE) {
        return 0;
    }
    if (content.data[1] < 0x80) {
        length = content.data[1];
    } else {
        header += content.data[1] & 0x7fu;
        if (header == 2 || header > 2 + LENGTH_OCTETS_MAX || content.length <= header) {
            return 0;
        }
        for (size_t i = 2; i < header; i++) {
            length = length << 8 | content.data[i];
        }
    }
    return content.data[header] == DER_SEQUENCE || content.data[header] == DER_INTEGER ? header + length : 0;
}

/* BEGIN stands somewhere, but no line begins with it, as it must (RFC 7468 section 3). */
static bool is_indented(struct slice content)
{
    static const char begin[] = "-----BEGIN ";

    for (size_t i = 0; i + sizeof(begin) - 1 <= content.length; i++) {
        if ((i == 0 || content.data[i - 1] == '\n' || content.data[i - 1] == '\r') &&
            memcmp(content.data + i, begin, sizeof(begin) - 1) == 0) {
            return false;
        }
    }
    return true;
}

/* Nothing but base64 that begins as the DER of all these things does. */
static bool is_bare_base64(struct slice content)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r\n";

    if (content.length < BASE64_MIN || content.data[0] != 'M') {
        return false;
    }
    for (size_t i = 0; i < content.length; i++) {
        if (content.data[i] == '\0' || strchr(letters, content.data[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* Containers that are taken for a certificate or a key: what it is, and how to get at what it holds. */
static const struct {
    size_t offset;
    const char *octets;
    size_t length;
    const char *sentence, *hint;
} strangers[] = {
    /* SEQUENCE with a length in two octets, then signedData (RFC 2315 section 14) */
    {4, "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11, "it is PKCS#7 in DER",
     "take the certificates out with: openssl pkcs7 -inform DER -print_certs"},
    {0, "\xfe\xed\xfe\xed", 4, "it is a Java keystore of the old kind (JKS)",
     "convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype pkcs12"},
};

/* A form that has a name, but is none of those that are read. */
static const char *name_form(struct slice content, const char **hint)
{
    if (form_is_pem(content)) {
        *hint = "every line of it must begin at the left, without white space or marks before it";
        return is_indented(content) ? "its -----BEGIN stands in the middle of a line" : NULL;
    }
    if (is_bare_base64(content)) {
        *hint = "put -----BEGIN CERTIFICATE-----, or what it is, before it, and the END line behind it";
        return "it is base64 without the BEGIN and END lines of PEM";
    }
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        if (content.length >= strangers[i].offset + strangers[i].length &&
            memcmp(content.data + strangers[i].offset, strangers[i].octets, strangers[i].length) == 0) {
            *hint = strangers[i].hint;
            return strangers[i].sentence;
        }
    }
    return NULL;
}

int form_check(struct slice content, const char *shown, struct faults *faults)
{
    const struct place place = {shown, 0, 0};
    const char *hint = NULL;
    const char *named = mark_of(content);
    size_t said;

    if (named == NULL) {
        named = name_form(content, &hint);
    }
    if (named != NULL) {
        fault_error(faults, &place, NULL, hint, "%s", named);
        return -1;
    }
    said = form_is_pem(content) ? 0 : said_length(content);
    if (said > content.length) {
        fault_error(faults, &place, NULL, "fetch or copy it again",
                    "it is DER, and cut off: of %zu octets, %zu are there", said, content.length);
        return -1;
    }
    if (said != 0 && said < content.length) {
        fault_error(faults, &place, NULL,
                    "a DER file holds one object and nothing else: was a line end added, or another file?",
                    content.length - said == 1 ? "%zu octet follows the end of its DER"
                                               : "%zu octets follow the end of its DER",
                    content.length - said);
        return -1;
    }
    return 0;
}
