/* SPDX-License-Identifier: Apache-2.0 */
/* URIs: characters, scheme, and the authority if there is one. Paths and queries are anybody's. */
#include "x509/uri.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "x509/host.h"

/* Visible ASCII, no space. */
static bool is_graphic(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f) {
            return false;
        }
    }
    return true;
}

/* The authority of a URI, "user@host:port", with what RFC 5280 wants in it: a host. */
static const char *authority_complaint(struct slice authority)
{
    unsigned char address[HOST_ADDRESS_MAX];
    struct slice host = authority;
    size_t end = 0;

    for (size_t i = 0; i < authority.length; i++) {
        if (authority.data[i] == '@') {
            host = (struct slice){authority.data + i + 1, authority.length - i - 1};
        }
    }
    if (host.length > 0 && host.data[0] == '[') {
        const unsigned char *close = memchr(host.data, ']', host.length);

        end = close == NULL ? 0 : (size_t)(close - host.data) + 1;
        if (close == NULL || host_parse_address((struct slice){host.data + 1, end - 2}, address) != 16) {
            return "has brackets around something that is not an IPv6 address";
        }
    } else {
        const char *complaint;

        while (end < host.length && host.data[end] != ':') {
            end += 1;
        }
        if (end == 0) {
            return "has no host behind the //";
        }
        complaint = host_complaint((struct slice){host.data, end}, HOST_PLAIN);
        if (complaint != NULL && host_parse_address((struct slice){host.data, end}, address) == 0) {
            return complaint;
        }
    }
    for (size_t i = end; i < host.length; i++) {
        if (i == end ? host.data[i] != ':' : host.data[i] < '0' || host.data[i] > '9') {
            return "has something other than a port number behind its host";
        }
    }
    return NULL;
}

/* Octets of the scheme in front of the colon; 0 when there is none (RFC 3986, section 3.1). */
static size_t scheme_length(const char *value)
{
    size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    return value[length] == ':' && strcspn(value, "0123456789+-.") > 0 ? length : 0;
}

const char *uri_complaint(const char *text)
{
    size_t scheme = scheme_length(text);
    const char *rest = text + scheme + 1;

    if (!is_graphic(slice_of_text(text))) {
        return "has a space, a control character or one outside ASCII; percent-encode it";
    }
    if (scheme == 0) {
        return "is not a URI with a scheme, such as https://example.com/";
    }
    if (*rest == '\0') {
        return "has nothing behind its scheme";
    }
    if (strpbrk(rest, "\"<>\\^`{|}") != NULL) {
        return "has one of \" < > \\ ^ ` { | }, which URIs do not have; percent-encode it";
    }
    for (const char *at = strchr(rest, '%'); at != NULL; at = strchr(at + 1, '%')) {
        if (strspn(at + 1, "0123456789abcdefABCDEF") < 2) {
            return "has a percent sign without two hexadecimal digits behind it";
        }
    }
    if (strncmp(rest, "//", 2) == 0) {
        return authority_complaint((struct slice){(const unsigned char *)rest + 2, strcspn(rest + 2, "/?#")});
    }
    return NULL;
}
