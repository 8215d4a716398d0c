/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service: what the process that keeps a database does. It answers questions (nss/message.h) until its socket ends.
 *
 * question                                              DONE has
 * OPEN place, folder, has-passphrase, passphrase,       folder
 *      writing
 * SURVEY                                                -           ENTRY each: name, where
 * LOOK item                                             presence, reason, scope, before
 * PUT item, pkcs8                                       -
 * TAKE item, before                                     -
 * PROVE item                                            -
 * EACH                                                  -           ENTRY each: certificate, label, has-key, extractable, scope
 * JUDGE policy, host, time, certificate, chain          good, reason
 * NICKNAME item                                         nickname
 * CLOSE                                                 -
 *
 * item: kind, certificate, label, extractable, scope. Time: seconds, two numbers.
 */
#ifndef MTLSKIT_NSS_SERVICE_H
#define MTLSKIT_NSS_SERVICE_H

#include "base/attributes.h"
#include "nss/message.h"
#include "nss/owner.h"
#include "store/item.h"

/** Answer on @p socket until it ends. 0 when the database was closed cleanly, else 1: the status the process is to end with. */
int nss_serve(int socket, const struct owner *owner) MUST_USE;

/** An item on the wire, both ways. What is read points into the message. */
void nss_item_write(struct message *message, const struct item *item);
void nss_item_read(struct inbound *inbound, struct item *item);

#endif
