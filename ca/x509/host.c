/* SPDX-License-Identifier: Apache-2.0 */
/* Host names label by label; addresses by the system's inet_pton and inet_ntop, which ask nobody. */
#include "x509/host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define NAME_MAX_OCTETS  253
#define LABEL_MAX_OCTETS 63

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_label_character(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' || c == '_';
}

/* Up to the next dot or the end. */
static struct slice front_label(struct slice host)
{
    size_t length = 0;

    while (length < host.length && host.data[length] != '.') {
        length += 1;
    }
    return (struct slice){host.data, length};
}

static const char *label_complaint(struct slice label)
{
    if (label.length == 0) {
        return "has an empty label; there is one dot between two labels";
    }
    if (label.length > LABEL_MAX_OCTETS) {
        return "has a label of more than 63 characters";
    }
    for (size_t i = 0; i < label.length; i++) {
        if (label.data[i] == '*') {
            return "has a wildcard where none may be; it stands for the whole left-most label, as in "
                   "*.example.com";
        }
        if (label.data[i] > 0x7f) {
            return "has a host name that is not ASCII; write its A-labels (xn--...)";
        }
        if (!is_label_character(label.data[i])) {
            return "has a character that host names do not have; they have letters, digits, hyphens and dots";
        }
    }
    if (label.data[0] == '-' || label.data[label.length - 1] == '-') {
        return "has a label that begins or ends with a hyphen";
    }
    return NULL;
}

static bool is_all_digits(struct slice label)
{
    for (size_t i = 0; i < label.length; i++) {
        if (!is_digit(label.data[i])) {
            return false;
        }
    }
    return true;
}

/* Labels with dots between them. */
static const char *labels_complaint(struct slice host)
{
    for (;;) {
        struct slice label = front_label(host);
        const char *complaint = label_complaint(label);

        if (complaint != NULL) {
            return complaint;
        }
        if (label.length == host.length) {
            return is_all_digits(label) ? "ends in a label of digits alone, which no host name does" : NULL;
        }
        host.data += label.length + 1;
        host.length -= label.length + 1;
    }
}

const char *host_complaint(struct slice host, enum host_form form)
{
    unsigned char address[HOST_ADDRESS_MAX];

    if (host.length == 0) {
        return "has an empty host name";
    }
    if (host_parse_address(host, address) != 0) {
        return "has an IP address where a host name belongs";
    }
    if (host.length > NAME_MAX_OCTETS) {
        return "has a host name of more than 253 characters";
    }
    if (host.data[host.length - 1] == '.') {
        return "ends in a dot; write the name without it";
    }
    if (form == HOST_DOMAIN && host.data[0] == '.') {
        host.data += 1;
        host.length -= 1;
    }
    if (form == HOST_WILDCARD && host.data[0] == '*' && (host.length == 1 || host.data[1] == '.')) {
        if (host.length == 1 || memchr(host.data + 2, '.', host.length - 2) == NULL) {
            return "has a wildcard with fewer than two labels behind it, which clients do not take; write "
                   "one such as "
                   "*.example.com";
        }
        host.data += 2;
        host.length -= 2;
    }
    return labels_complaint(host);
}

size_t host_parse_address(struct slice text, unsigned char octets[HOST_ADDRESS_MAX])
{
    char copy[INET6_ADDRSTRLEN];
    struct in_addr four;
    struct in6_addr six;

    if (text.length >= sizeof(copy) || (text.length > 0 && memchr(text.data, 0, text.length) != NULL)) {
        return 0;
    }
    if (text.length > 0) {
        memcpy(copy, text.data, text.length);
    }
    copy[text.length] = '\0';
    if (inet_pton(AF_INET, copy, &four) == 1) {
        memcpy(octets, &four, 4);
        return 4;
    }
    if (inet_pton(AF_INET6, copy, &six) == 1) {
        memcpy(octets, &six, 16);
        return 16;
    }
    return 0;
}

int host_format_address(struct slice octets, struct bytes *text)
{
    char written[INET6_ADDRSTRLEN];
    struct in6_addr address = {0};
    int family = octets.length == 4 ? AF_INET : AF_INET6;

    if (octets.length != 4 && octets.length != 16) {
        return -1;
    }
    memcpy(&address, octets.data, octets.length);
    if (inet_ntop(family, &address, written, sizeof(written)) == NULL) {
        return -1;
    }
    return bytes_append_text(text, written);
}
