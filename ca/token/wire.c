/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames written, read, sent and received. Time is told by counting waits of at most a tenth of a second, so that a peer who
 * sends octet by octet runs out of it as well.
 */
#include "token/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#ifndef MSG_NOSIGNAL /* macOS: the socket has SO_NOSIGPIPE instead */
#define MSG_NOSIGNAL 0
#endif

#define WAIT_MS          100
#define WAITS_PER_SECOND 10

static int number_append(struct bytes *bytes, size_t number)
{
    const unsigned char octets[4] = {
        (unsigned char)(number >> 24),
        (unsigned char)(number >> 16),
        (unsigned char)(number >> 8),
        (unsigned char)number,
    };

    return bytes_append(bytes, octets, sizeof(octets));
}

static size_t number_read(const unsigned char octets[4])
{
    return (size_t)octets[0] << 24 | (size_t)octets[1] << 16 | (size_t)octets[2] << 8 | octets[3];
}

int wire_write(unsigned char kind, const struct slice *fields, size_t count, struct bytes *frame)
{
    size_t length = 1;
    size_t i;

    if (count > WIRE_FIELDS_MAX) {
        return -1;
    }
    for (i = 0; i < count; i++) {
        if (fields[i].length > WIRE_CONTENT_MAX) {
            return -1;
        }
        length += 4 + fields[i].length;
    }
    if (length > WIRE_CONTENT_MAX || bytes_reserve(frame, WIRE_HEAD + length) != 0 ||
        number_append(frame, length) != 0 || bytes_append_byte(frame, kind) != 0) {
        return -1;
    }
    for (i = 0; i < count; i++) {
        if (number_append(frame, fields[i].length) != 0 ||
            bytes_append(frame, fields[i].data, fields[i].length) != 0) {
            return -1;
        }
    }
    return 0;
}

int wire_read(struct slice content, struct wire_message *message)
{
    message->count = 0;
    if (content.length == 0 || content.length > WIRE_CONTENT_MAX) {
        return -1;
    }
    message->kind = content.data[0];
    content.data++;
    content.length--;
    while (content.length > 0) {
        struct slice *field = &message->fields[message->count];

        if (message->count == WIRE_FIELDS_MAX || content.length < 4) {
            return -1;
        }
        field->length = number_read(content.data);
        field->data = content.data + 4;
        content.length -= 4;
        if (field->length > content.length) {
            return -1;
        }
        content.data += 4 + field->length;
        content.length -= field->length;
        message->count++;
    }
    return 0;
}

size_t wire_answer_fields(unsigned char kind)
{
    switch (kind) {
    case WIRE_DONE:
    case WIRE_ABSENT:
        return 0;
    case WIRE_KEY:
    case WIRE_SIGNATURE:
        return 1;
    case WIRE_REFUSED:
        return 2;
    case WIRE_SIGHT:
    case WIRE_CERTIFICATE:
        return 3;
    case WIRE_TOKEN:
        return 4;
    default:
        return WIRE_FIELDS_MAX + 1;
    }
}

/** Waits until the socket is ready. Each call costs one of *left, unless time does not matter. */
static enum wire_outcome wait_for(int socket, short what, unsigned seconds, uint64_t *left)
{
    struct pollfd row = {.fd = socket, .events = what};
    int ready;

    do {
        if (seconds > 0 && *left == 0) {
            return WIRE_LATE;
        }
        *left -= seconds > 0 ? 1 : 0;
        ready = poll(&row, 1, WAIT_MS);
    } while (ready == 0 || (ready < 0 && errno == EINTR));
    return ready > 0 ? WIRE_OK : WIRE_ENDED;
}

static bool try_again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

enum wire_outcome wire_send(int socket, const struct bytes *frame, unsigned seconds)
{
    uint64_t left = (uint64_t)seconds * WAITS_PER_SECOND;
    size_t sent = 0;

    while (sent < frame->length) {
        enum wire_outcome outcome = wait_for(socket, POLLOUT, seconds, &left);
        ssize_t now;

        if (outcome != WIRE_OK) {
            return outcome;
        }
        now = send(socket, frame->data + sent, frame->length - sent, MSG_NOSIGNAL);
        if (now < 0 && !try_again()) {
            return WIRE_ENDED;
        }
        sent += now > 0 ? (size_t)now : 0;
    }
    return WIRE_OK;
}

/** Receives exactly @p length octets, appended. */
static enum wire_outcome receive(int socket, size_t length, unsigned seconds, uint64_t *left,
                                 struct bytes *content)
{
    size_t wanted = content->length + length;

    if (bytes_reserve(content, length) != 0) {
        return WIRE_WRONG;
    }
    while (content->length < wanted) {
        enum wire_outcome outcome = wait_for(socket, POLLIN, seconds, left);
        ssize_t now;

        if (outcome != WIRE_OK) {
            return outcome;
        }
        now = recv(socket, content->data + content->length, wanted - content->length, 0);
        if (now == 0 || (now < 0 && !try_again())) {
            return WIRE_ENDED;
        }
        content->length += now > 0 ? (size_t)now : 0;
        content->data[content->length] = 0;
    }
    return WIRE_OK;
}

enum wire_outcome wire_receive(int socket, unsigned seconds, struct bytes *content)
{
    uint64_t left = (uint64_t)seconds * WAITS_PER_SECOND;
    struct bytes head = BYTES_EMPTY;
    enum wire_outcome outcome = receive(socket, WIRE_HEAD, seconds, &left, &head);

    bytes_clear(content);
    if (outcome == WIRE_OK) {
        size_t length = number_read(head.data);

        outcome = length == 0 || length > WIRE_CONTENT_MAX ? WIRE_WRONG
                                                           : receive(socket, length, seconds, &left, content);
    }
    if (outcome != WIRE_OK) {
        bytes_clear(content);
    }
    bytes_free(&head);
    return outcome;
}
