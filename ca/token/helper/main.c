/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca-token: loads a vendor's PKCS#11 module for mtls-ca and does what it is asked for over standard input, which is a socket
 * (token/wire.h): finds a key, generates one, signs. It has no words to write anything else into a token, or to take anything out.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "token/helper/conversation.h"
#include "token/helper/key_pair.h"
#include "token/helper/private_key.h"

static unsigned char serve_find(struct conversation *conversation)
{
    int found = private_key_find(&conversation->session, &conversation->answer[0], &conversation->refusal);

    return found == 1 ? WIRE_KEY : found == 0 ? WIRE_ABSENT : 0;
}

static unsigned char serve_generate(struct conversation *conversation, const struct wire_message *request)
{
    int found;

    if (request->count != 3) {
        (void)refuse(&conversation->refusal, WIRE_FAILED, "three fields say what to generate");
        return 0;
    }
    if (key_pair_generate(&conversation->session, request->fields[0], request->fields[1], request->fields[2],
                          &conversation->refusal) != 0) {
        return 0;
    }
    found = private_key_find(&conversation->session, &conversation->answer[0], &conversation->refusal);
    if (found == 0) {
        (void)refuse(&conversation->refusal, WIRE_FAILED, "the key just generated is not found");
    }
    return found == 1 ? WIRE_KEY : 0;
}

static unsigned char serve(struct conversation *conversation, const struct wire_message *request)
{
    if (!conversation->session.open) {
        (void)refuse(&conversation->refusal, WIRE_FAILED, "no token is open");
        return 0;
    }
    switch (request->kind) {
    case WIRE_FIND:
        return serve_find(conversation);
    case WIRE_GENERATE:
        return serve_generate(conversation, request);
    case WIRE_SIGN:
        return conversation_sign(conversation, request);
    default:
        (void)refuse(&conversation->refusal, WIRE_FAILED, "there is no such request");
        return 0;
    }
}

int main(int argc, char **argv)
{
    struct conversation conversation;

    memset(&conversation, 0, sizeof(conversation));
    conversation.serve = serve;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return printf("mtls-ca-token %s\n", MTLSKIT_VERSION) > 0 ? 0 : 1;
    }
    if (argc != 1 || !conversation_is_wanted()) {
        (void)fputs("mtls-ca-token loads PKCS#11 modules for mtls-ca, which starts it; see mtls-ca(1)\n",
                    stderr);
        return 2;
    }
    /* without the goodbyes of a module's library, which are not always survived */
    _exit(conversation_hold(&conversation) == 0 ? 0 : 1);
}
