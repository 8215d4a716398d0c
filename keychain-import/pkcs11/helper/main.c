/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import-token: loads a vendor's PKCS#11 module for keychain-import and does what it is asked for over standard input, which is
 * a socket (pkcs11/words.h): looks for certificates and keys, puts them, takes them away, signs to show that it can. It is a
 * program beside mtls-ca-token, which has none of these words: what serves an authority's key cannot be asked to destroy it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkcs11/helper/certificate_object.h"
#include "pkcs11/helper/key_object.h"
#include "pkcs11/helper/listing.h"
#include "pkcs11/helper/token_survey.h"
#include "pkcs11/words.h"
#include "token/helper/conversation.h"

static int number_of(struct slice text, unsigned *number)
{
    char *end = NULL;
    char copy[8];

    if (text.length == 0 || text.length >= sizeof(copy) || text.data[0] < '0' || text.data[0] > '9') {
        return -1;
    }
    memcpy(copy, text.data, text.length);
    copy[text.length] = 0;
    *number = (unsigned)strtoul(copy, &end, 10);
    return *end == 0 ? 0 : -1;
}

/* ---- requests ------------------------------------------------------------------------------------------------------- */

static unsigned char serve_tokens(struct conversation *conversation, const struct wire_message *request)
{
    unsigned number = 0;
    int found;

    if (conversation->opened || conversation_begin(conversation, request) != 0 ||
        number_of(request->fields[2], &number) != 0) {
        (void)refuse(&conversation->refusal, WIRE_FAILED, "a survey comes in place of opening a token");
        return 0;
    }
    found = token_survey(&conversation->session, number, conversation->answer, &conversation->refusal);
    return found == 1 ? WIRE_TOKEN : found == 0 ? WIRE_ABSENT : 0;
}

static unsigned char serve_which(struct conversation *conversation, const struct wire_message *request)
{
    (void)request;
    return token_describe(&conversation->session, conversation->answer, &conversation->refusal) == 0
               ? WIRE_TOKEN
               : 0;
}

/** A sight as an answer. */
static unsigned char sight_tell(struct conversation *conversation, int status, struct sight *sight)
{
    if (status == 0 && bytes_append_byte(&conversation->answer[0], sight->letter) != 0) {
        status = refuse(&conversation->refusal, WIRE_FAILED, "memory is out");
    }
    bytes_move(&conversation->answer[1], &sight->text);
    bytes_move(&conversation->answer[2], &sight->id);
    sight_free(sight);
    return status == 0 ? WIRE_SIGHT : 0;
}

static unsigned char serve_see_certificate(struct conversation *conversation,
                                           const struct wire_message *request)
{
    struct sight sight;
    int status;

    memset(&sight, 0, sizeof(sight));
    status = certificate_object_see(&conversation->session, request->fields[0],
                                    slice_equal(request->fields[1], slice_of_text(SEE_OTHERS)), &sight,
                                    &conversation->refusal);
    return sight_tell(conversation, status, &sight);
}

static unsigned char serve_see_key(struct conversation *conversation, const struct wire_message *request)
{
    const struct key_wanted wanted = {request->fields[0], request->fields[1], request->fields[2]};
    struct sight sight;
    int status;

    memset(&sight, 0, sizeof(sight));
    status = key_object_see(&conversation->session, &wanted, &sight, &conversation->refusal);
    return sight_tell(conversation, status, &sight);
}

static unsigned char serve_put_certificate(struct conversation *conversation,
                                           const struct wire_message *request)
{
    return certificate_object_put(&conversation->session, request->fields[0], request->fields[1],
                                  request->fields[2], &conversation->refusal) == 0
               ? WIRE_DONE
               : 0;
}

static unsigned char serve_put_key(struct conversation *conversation, const struct wire_message *request)
{
    const struct key_wanted wanted = {request->fields[1], request->fields[3], request->fields[2]};

    return key_object_put(&conversation->session, &wanted, request->fields[0], request->fields[4],
                          &conversation->refusal) == 0
               ? WIRE_DONE
               : 0;
}

static unsigned char serve_take_certificate(struct conversation *conversation,
                                            const struct wire_message *request)
{
    return certificate_object_take(&conversation->session, request->fields[0], &conversation->refusal) == 0
               ? WIRE_DONE
               : 0;
}

static unsigned char serve_take_key(struct conversation *conversation, const struct wire_message *request)
{
    const struct key_wanted wanted = {request->fields[0], request->fields[1], {NULL, 0}};

    return key_object_take(&conversation->session, &wanted, &conversation->refusal) == 0 ? WIRE_DONE : 0;
}

static unsigned char serve_list(struct conversation *conversation, const struct wire_message *request)
{
    unsigned number = 0;
    int found;

    if (number_of(request->fields[0], &number) != 0) {
        (void)refuse(&conversation->refusal, WIRE_FAILED, "a number is wanted");
        return 0;
    }
    found = listing_read(conversation->state, &conversation->session, number, conversation->answer,
                         &conversation->refusal);
    return found == 1 ? WIRE_CERTIFICATE : found == 0 ? WIRE_ABSENT : 0;
}

static unsigned char serve_sign(struct conversation *conversation, const struct wire_message *request)
{
    return conversation_sign(conversation, request);
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

static const struct word {
    unsigned char kind;
    bool before_open;
    size_t fields;
    conversation_serve_fn serve;
} words[] = {
    {WIRE_TOKENS, true, 3, serve_tokens},
    {WIRE_WHICH, false, 0, serve_which},
    {WIRE_SEE_CERTIFICATE, false, 2, serve_see_certificate},
    {WIRE_SEE_KEY, false, 3, serve_see_key},
    {WIRE_PUT_CERTIFICATE, false, 3, serve_put_certificate},
    {WIRE_PUT_KEY, false, 5, serve_put_key},
    {WIRE_TAKE_CERTIFICATE, false, 1, serve_take_certificate},
    {WIRE_TAKE_KEY, false, 2, serve_take_key},
    {WIRE_LIST, false, 1, serve_list},
    {WIRE_SIGN, false, 2, serve_sign},
};

static unsigned char serve(struct conversation *conversation, const struct wire_message *request)
{
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].kind != request->kind) {
            continue;
        }
        if (!words[i].before_open && !conversation->session.open) {
            (void)refuse(&conversation->refusal, WIRE_FAILED, "no token is open");
            return 0;
        }
        if (words[i].fields != request->count) {
            break;
        }
        return words[i].serve(conversation, request);
    }
    (void)refuse(&conversation->refusal, WIRE_FAILED, "there is no such request");
    return 0;
}

int main(int argc, char **argv)
{
    struct conversation conversation;
    struct listing listing;
    int status;

    memset(&conversation, 0, sizeof(conversation));
    memset(&listing, 0, sizeof(listing));
    conversation.serve = serve;
    conversation.state = &listing;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return printf("keychain-import-token %s\n", MTLSKIT_VERSION) > 0 ? 0 : 1;
    }
    if (argc != 1 || !conversation_is_wanted()) {
        (void)fputs("keychain-import-token loads PKCS#11 modules for keychain-import, which starts it; see "
                    "keychain-import(1)\n",
                    stderr);
        return 2;
    }
    status = conversation_hold(&conversation);
    listing_free(&listing);
    /* without the goodbyes of a module's library, which are not always survived */
    _exit(status == 0 ? 0 : 1);
}
