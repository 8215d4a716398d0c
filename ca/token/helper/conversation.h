/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every helper is: a process that closes what came along, and serves requests from the socket on its standard input (token/wire.h)
 * until the other side closes it. It opens one token in its life. A module that takes for ever is ended by the alarm, with the process.
 */
#ifndef MTLSKIT_TOKEN_CONVERSATION_H
#define MTLSKIT_TOKEN_CONVERSATION_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "token/helper/refusal.h"
#include "token/helper/session.h"
#include "token/wire.h"

struct conversation;
/** One request that is not OPEN: gives the kind of its answer, whose fields stand in answer[]; 0 when it is refused. */
typedef unsigned char (*conversation_serve_fn)(struct conversation *conversation,
                                               const struct wire_message *request);

/** Everything of a conversation. Starts as all zeros but for serve and state. */
struct conversation {
    conversation_serve_fn serve;
    void *state; /* whatever serve keeps */
    int socket;
    struct session session;
    bool opened;      /* OPEN came, whatever became of it */
    unsigned seconds; /* for an answer; 0 until that is known */
    struct refusal refusal;
    struct bytes answer[WIRE_FIELDS_MAX];
};

/** Whether standard input is the socket that a helper is started with; a person started it when not. */
bool conversation_is_wanted(void);
/** Hold it, to its end; -1 when it broke. Standard input is /dev/null then, and other descriptors are closed. */
int conversation_hold(struct conversation *conversation) MUST_USE;

/** The first two fields of what can be asked first: the version is ours, and the seconds count from here. */
int conversation_begin(struct conversation *conversation, const struct wire_message *request) MUST_USE;
/** SIGN, with the key of the session. */
unsigned char conversation_sign(struct conversation *conversation, const struct wire_message *request);

#endif
