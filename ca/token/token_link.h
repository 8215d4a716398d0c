/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links to a token: each a helper process that has it open. The first is opened for a signer; duplicates get links of their own as long as
 * the token takes them and there are not too many, else they share: tokens differ in how many sessions they have, and some serve
 * one process alone.
 */
#ifndef MTLSKIT_TOKEN_TOKEN_LINK_H
#define MTLSKIT_TOKEN_TOKEN_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "token/helper_process.h"
#include "token/wire.h"

/** Most links to one token. */
#define TOKEN_LINKS_MAX 8

/** What all links need to be opened; copied. */
struct token_address {
    const char *uri;
    const struct bytes *pin; /**< NULL: none */
    const struct helper_kind *kind;
    const char *program; /**< the helper; NULL: the one of its kind that belongs to this program */
};

/** Opaque; may be used by several threads. */
struct token_link;

/** The first link. @p shown: what complaints call the token. NULL with a fault. */
struct token_link *token_link_open(const struct token_address *address, const char *shown,
                                   struct faults *faults);
/** Another link to the same token; NULL when it had better be shared. No complaint. */
struct token_link *token_link_another(const struct token_link *link);
/** The same link for one more user. */
struct token_link *token_link_share(struct token_link *link);
/** Leaves it; the last user closes it. NULL is taken. */
void token_link_leave(struct token_link *link);

/** As helper_process_ask, one user after the other. */
int token_link_ask(struct token_link *link, unsigned char kind, const struct slice *fields, size_t count,
                   unsigned char wanted, unsigned char other, struct bytes *content,
                   struct wire_message *answer, struct faults *faults) MUST_USE;

#endif
