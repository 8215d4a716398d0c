/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conversation: requests received, served and answered, in a process that has nothing else open.
 */
#include "token/helper/conversation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "token/helper/private_key.h"

/** Where the socket goes, out of the way of modules that play with standard input. */
#define SOCKET_FLOOR 10
/** Descriptors that are closed one by one where there is no better way. */
#define DESCRIPTORS_MAX 65536
/** Most seconds asked for, and how many times more a request may take before this process ends itself. */
#define SECONDS_MAX 3600
#define PATIENCE    6

/* ---- requests -------------------------------------------------------------------------------------------------------- */

static int to_number(struct slice text, unsigned *number)
{
    char *end = NULL;
    char copy[8];
    unsigned long value;

    if (text.length == 0 || text.length >= sizeof(copy)) {
        return -1;
    }
    memcpy(copy, text.data, text.length);
    copy[text.length] = 0;
    value = strtoul(copy, &end, 10);
    *number = (unsigned)value;
    return *end == 0 && value > 0 && value <= SECONDS_MAX ? 0 : -1;
}

int conversation_begin(struct conversation *conversation, const struct wire_message *request)
{
    if (request->count < 3 || !slice_equal(request->fields[0], slice_of_text(WIRE_VERSION)) ||
        to_number(request->fields[1], &conversation->seconds) != 0) {
        return refuse(&conversation->refusal, WIRE_FAILED,
                      "the program that talks to tokens is not of this version");
    }
    (void)alarm(conversation->seconds * PATIENCE);
    return 0;
}

static unsigned char serve_open(struct conversation *conversation, const struct wire_message *request)
{
    struct bytes uri = BYTES_EMPTY;
    unsigned char kind = 0;

    if (conversation->opened) {
        (void)refuse(&conversation->refusal, WIRE_FAILED, "a token was opened already");
        return 0;
    }
    conversation->opened = true;
    if (conversation_begin(conversation, request) != 0) {
        return 0;
    }
    if (bytes_append(&uri, request->fields[2].data, request->fields[2].length) != 0) {
        (void)refuse(&conversation->refusal, WIRE_FAILED, "memory is out");
    } else if (session_open(&conversation->session, bytes_text(&uri),
                            request->count > 3 ? &request->fields[3] : NULL, &conversation->refusal) == 0) {
        kind = WIRE_DONE;
    }
    bytes_free(&uri);
    return kind;
}

unsigned char conversation_sign(struct conversation *conversation, const struct wire_message *request)
{
    struct session *session = &conversation->session;

    if (request->count != 2 || !slice_equal(request->fields[0], slice_of_text(session->rsa ? "rsa" : "ec"))) {
        (void)refuse(&conversation->refusal, WIRE_FAILED, "its key is of another kind");
        return 0;
    }
    return private_key_sign(session, request->fields[1], &conversation->answer[0], &conversation->refusal) ==
                   0
               ? WIRE_SIGNATURE
               : 0;
}

static int answer_send(struct conversation *conversation, unsigned char kind)
{
    const unsigned char code = (unsigned char)conversation->refusal.code;
    const struct slice refusal[] = {{&code, 1}, slice_of_text(conversation->refusal.sentence)};
    struct slice fields[WIRE_FIELDS_MAX];
    struct bytes frame = BYTES_EMPTY;
    size_t i;
    int status;

    for (i = 0; i < WIRE_FIELDS_MAX; i++) {
        fields[i] = slice_of(&conversation->answer[i]);
    }
    status = kind == 0 ? wire_write(WIRE_REFUSED, refusal, 2, &frame)
                       : wire_write(kind, fields, wire_answer_fields(kind), &frame);
    if (status == 0 && wire_send(conversation->socket, &frame, 0) != WIRE_OK) {
        status = -1;
    }
    bytes_free(&frame);
    return status;
}

/** Serves requests until the other side closes. */
static int converse(struct conversation *conversation)
{
    struct bytes content = BYTES_EMPTY;
    struct wire_message request;
    int status = 0;
    size_t i;

    while (status == 0 && wire_receive(conversation->socket, 0, &content) == WIRE_OK) {
        unsigned char kind;

        for (i = 0; i < WIRE_FIELDS_MAX; i++) {
            bytes_clear(&conversation->answer[i]);
        }
        (void)alarm(conversation->seconds * PATIENCE);
        status = wire_read(slice_of(&content), &request);
        if (status == 0) {
            kind = request.kind == WIRE_OPEN ? serve_open(conversation, &request)
                                             : conversation->serve(conversation, &request);
            bytes_clear(&content); /* the PIN was in it, or a private key */
            (void)alarm(0);
            status = answer_send(conversation, kind);
        }
    }
    (void)alarm(conversation->seconds);
    session_close(&conversation->session);
    bytes_free(&content);
    for (i = 0; i < WIRE_FIELDS_MAX; i++) {
        bytes_free(&conversation->answer[i]);
    }
    return status;
}

/* ---- the process ---------------------------------------------------------------------------------------------------- */

static void close_rest(int first)
{
#ifdef __GLIBC_PREREQ
#if __GLIBC_PREREQ(2, 34)
    if (close_range((unsigned)first, ~0u, 0) == 0) {
        return;
    }
#endif
#endif
    for (; first < DESCRIPTORS_MAX; first++) {
        (void)close(first);
    }
}

/** Moves the socket up, puts nothing in its place, closes all else that came along. */
static int settle(int *socket)
{
    const struct rlimit none = {0, 0};
    int nothing;

    (void)setrlimit(RLIMIT_CORE, &none); /* the PIN is in here, and keys may be */
    *socket = fcntl(0, F_DUPFD_CLOEXEC, SOCKET_FLOOR);
    nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (*socket < 0 || nothing < 0 || dup2(nothing, 0) < 0) {
        return -1;
    }
    for (nothing = 3; nothing < *socket; nothing++) {
        (void)close(nothing);
    }
    close_rest(*socket + 1);
    return fcntl(*socket, F_SETFL, O_NONBLOCK);
}

bool conversation_is_wanted(void)
{
    struct stat input;

    return fstat(0, &input) == 0 && S_ISSOCK(input.st_mode);
}

int conversation_hold(struct conversation *conversation)
{
    return settle(&conversation->socket) == 0 ? converse(conversation) : -1;
}
