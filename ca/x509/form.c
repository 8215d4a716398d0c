/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps bytes from being read, seen before anybody tries. */
#include "x509/form.h"

#include <string.h>

#include "x509/der.h"

/* Octets of a long length (ITU-T X.690 section 8.1.3.5) that are looked at. */
#define LENGTH_OCTETS_MAX 4

bool form_is_pem(struct slice content)
{
    static const char begin[] = "-----BEGIN ";

    return content.length >= sizeof(begin) - 1 &&
           memmem(content.data, content.length, begin, sizeof(begin) - 1) != NULL;
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

int form_check(struct slice content, const char *shown, struct faults *faults)
{
    const struct place place = {shown, 0, 0};
    size_t said;

    if (mark_of(content) != NULL) {
        fault_error(faults, &place, NULL, NULL, "%s", mark_of(content));
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
