/* SPDX-License-Identifier: Apache-2.0 */
/* Mailboxes: what stands before the @ is judged here, what stands behind it is a host. */
#include "x509/mailbox.h"

#include <string.h>

#include "x509/host.h"

/* RFC 5321 section 4.5.3.1.1 */
#define LOCAL_PART_MAX 64

const char *mailbox_complaint(struct slice mailbox)
{
    const unsigned char *at = mailbox.length == 0 ? NULL : memchr(mailbox.data, '@', mailbox.length);
    struct slice local;
    struct slice domain;

    if (at == NULL) {
        return "is not an e-mail address; it lacks the @";
    }
    local = (struct slice){mailbox.data, (size_t)(at - mailbox.data)};
    domain = (struct slice){at + 1, mailbox.length - local.length - 1};
    if (domain.length > 0 && memchr(domain.data, '@', domain.length) != NULL) {
        return "has more than one @";
    }
    for (size_t i = 0; i < local.length; i++) {
        if (local.data[i] > 0x7f) {
            return "has a character outside ASCII before the @; such addresses (RFC 9598) are not supported";
        }
    }
    if (local.length == 0 || local.length > LOCAL_PART_MAX) {
        return "has nothing, or more than 64 characters, before the @";
    }
    for (size_t i = 0; i < local.length; i++) {
        if (local.data[i] <= 0x20 || local.data[i] == 0x7f ||
            strchr("()<>[]:;,\\\"", local.data[i]) != NULL) {
            return "has a character before the @ that e-mail addresses do not have";
        }
    }
    return host_complaint(domain, HOST_PLAIN);
}
