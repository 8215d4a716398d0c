/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail addresses as names in certificates have them: a Mailbox of RFC 5321 in ASCII (RFC 5280 section 4.2.1.6). */
#ifndef MTLSKIT_X509_MAILBOX_H
#define MTLSKIT_X509_MAILBOX_H

#include "base/attributes.h"
#include "base/bytes.h"

/**
 * What is wrong with @p mailbox as "local@domain": NULL, or a static phrase that reads on after the quoted text. Quoted local parts are not
 * taken.
 */
const char *mailbox_complaint(struct slice mailbox) MUST_USE;

#endif
