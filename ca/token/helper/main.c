/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca-token: loads a vendor's PKCS#11 module for mtls-ca and does what it is asked for over standard input, which is a socket
 * (token/wire.h): finds a key, generates one, signs. It opens one token in its life.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "token/helper/private_key.h"
#include "token/helper/session.h"
#include "token/wire.h"

/** Where the socket goes, out of the way of modules that play with standard input. */
#define SOCKET_FLOOR 10
/** Descriptors that are closed one by one where there is no better way. */
#define DESCRIPTORS_MAX 65536
/** Most seconds asked for, and how many times more a request may take before this process ends itself. */
#define SECONDS_MAX 3600
#define PATIENCE    6

/** Everything of a conversation. */
struct helper {
    int socket;
    struct session session;
    unsigned seconds; /* for an answer; 0 until the token is open */
    struct refusal refusal;
    struct bytes answer; /* field of the answer, when it has one */
};

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

/* ---- requests: each gives the kind of its answer, 0 when it refuses ----------------------------------------------------- */

static unsigned char serve_open(struct helper *helper, const struct wire_message *request)
{
    struct bytes uri = BYTES_EMPTY;
    unsigned char kind = 0;

    if (helper->seconds != 0 || request->count < 3 ||
        !slice_equal(request->fields[0], slice_of_text(WIRE_VERSION)) ||
        to_number(request->fields[1], &helper->seconds) != 0) {
        (void)refuse(&helper->refusal, WIRE_FAILED, "mtls-ca and mtls-ca-token are not of the same version");
    } else if (bytes_append(&uri, request->fields[2].data, request->fields[2].length) != 0) {
        (void)refuse(&helper->refusal, WIRE_FAILED, "memory is out");
    } else {
        (void)alarm(helper->seconds * PATIENCE);
        if (session_open(&helper->session, bytes_text(&uri), request->count > 3 ? &request->fields[3] : NULL,
                         &helper->refusal) == 0) {
            kind = WIRE_DONE;
        }
    }
    bytes_free(&uri);
    return kind;
}

static unsigned char serve_find(struct helper *helper)
{
    int found = private_key_find(&helper->session, &helper->answer, &helper->refusal);

    return found == 1 ? WIRE_KEY : found == 0 ? WIRE_ABSENT : 0;
}

static unsigned char serve_generate(struct helper *helper, const struct wire_message *request)
{
    int found;

    if (request->count != 3) {
        (void)refuse(&helper->refusal, WIRE_FAILED, "three fields say what to generate");
        return 0;
    }
    if (private_key_generate(&helper->session, request->fields[0], request->fields[1], request->fields[2],
                             &helper->refusal) != 0) {
        return 0;
    }
    found = private_key_find(&helper->session, &helper->answer, &helper->refusal);
    if (found == 0) {
        (void)refuse(&helper->refusal, WIRE_FAILED, "the key just generated is not found");
    }
    return found == 1 ? WIRE_KEY : 0;
}

static unsigned char serve_sign(struct helper *helper, const struct wire_message *request)
{
    if (request->count != 2 ||
        !slice_equal(request->fields[0], slice_of_text(helper->session.rsa ? "rsa" : "ec"))) {
        (void)refuse(&helper->refusal, WIRE_FAILED, "its key is of another kind");
        return 0;
    }
    return private_key_sign(&helper->session, request->fields[1], &helper->answer, &helper->refusal) == 0
               ? WIRE_SIGNATURE
               : 0;
}

static unsigned char serve(struct helper *helper, const struct wire_message *request)
{
    if (request->kind == WIRE_OPEN) {
        return serve_open(helper, request);
    }
    if (!helper->session.open) {
        (void)refuse(&helper->refusal, WIRE_FAILED, "no token is open");
        return 0;
    }
    switch (request->kind) {
    case WIRE_FIND:
        return serve_find(helper);
    case WIRE_GENERATE:
        return serve_generate(helper, request);
    case WIRE_SIGN:
        return serve_sign(helper, request);
    default:
        (void)refuse(&helper->refusal, WIRE_FAILED, "there is no such request");
        return 0;
    }
}

static int answer_send(struct helper *helper, unsigned char kind)
{
    const unsigned char code = (unsigned char)helper->refusal.code;
    const struct slice refusal[] = {{&code, 1}, slice_of_text(helper->refusal.sentence)};
    const struct slice field = slice_of(&helper->answer);
    struct bytes frame = BYTES_EMPTY;
    int status = kind == 0 ? wire_write(WIRE_REFUSED, refusal, 2, &frame)
                           : wire_write(kind, &field, helper->answer.length > 0 ? 1 : 0, &frame);

    if (status == 0 && wire_send(helper->socket, &frame, 0) != WIRE_OK) {
        status = -1;
    }
    bytes_free(&frame);
    return status;
}

/** Serves requests until the other side closes. A module that takes for ever is ended by the alarm, with this process. */
static int converse(struct helper *helper)
{
    struct bytes content = BYTES_EMPTY;
    struct wire_message request;
    int status = 0;

    while (status == 0 && wire_receive(helper->socket, 0, &content) == WIRE_OK) {
        unsigned char kind;

        bytes_clear(&helper->answer);
        (void)alarm(helper->seconds * PATIENCE);
        status = wire_read(slice_of(&content), &request);
        if (status == 0) {
            kind = serve(helper, &request);
            bytes_clear(&content); /* the PIN was in it */
            (void)alarm(0);
            status = answer_send(helper, kind);
        }
    }
    (void)alarm(helper->seconds);
    session_close(&helper->session);
    bytes_free(&content);
    bytes_free(&helper->answer);
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

    (void)setrlimit(RLIMIT_CORE, &none); /* the PIN is in here */
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

int main(int argc, char **argv)
{
    struct helper helper;
    struct stat input;

    memset(&helper, 0, sizeof(helper));
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return printf("mtls-ca-token %s\n", MTLSKIT_VERSION) > 0 ? 0 : 1;
    }
    if (argc != 1 || fstat(0, &input) != 0 || !S_ISSOCK(input.st_mode)) {
        (void)fputs("mtls-ca-token loads PKCS#11 modules for mtls-ca, which starts it; see mtls-ca(1)\n",
                    stderr);
        return 2;
    }
    if (settle(&helper.socket) != 0) {
        return 1;
    }
    /* without the goodbyes of a module's library, which are not always survived */
    _exit(converse(&helper) == 0 ? 0 : 1);
}
