/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages. A text has its NUL with it on the wire, so that it can be used where it lies; NULL has no octets at all.
 */
#include "nss/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#define HEAD 4

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

static void append(struct message *message, const void *data, size_t length)
{
    if (!message->failed && bytes_append(&message->octets, data, length) != 0) {
        message->failed = true;
    }
}

static void write_number(unsigned char octets[HEAD], uint32_t number)
{
    for (int i = 0; i < HEAD; i++) {
        octets[i] = (unsigned char)(number >> (8 * (HEAD - 1 - i)));
    }
}

static uint32_t read_number(const unsigned char *octets)
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
}

void message_begin(struct message *message, enum message_kind kind)
{
    static const unsigned char no_length[HEAD] = {0};
    unsigned char octet = (unsigned char)kind;

    memset(message, 0, sizeof(*message));
    append(message, no_length, HEAD);
    append(message, &octet, 1);
}

void message_number(struct message *message, uint32_t number)
{
    unsigned char octets[HEAD];

    write_number(octets, number);
    append(message, octets, HEAD);
}

void message_slice(struct message *message, struct slice slice)
{
    if (slice.length > MESSAGE_MAX) {
        message->failed = true;
        return;
    }
    message_number(message, (uint32_t)slice.length);
    append(message, slice.data, slice.length);
}

void message_text(struct message *message, const char *text)
{
    struct slice slice = {(const unsigned char *)text, text != NULL ? strlen(text) + 1 : 0};

    message_slice(message, slice);
}

void message_free(struct message *message)
{
    bytes_free(&message->octets);
    memset(message, 0, sizeof(*message));
}

int message_send(int socket, struct message *message)
{
    size_t sent = 0;

    if (message->failed || message->octets.length > MESSAGE_MAX + HEAD) {
        return -1;
    }
    write_number(message->octets.data, (uint32_t)(message->octets.length - HEAD));
    while (sent < message->octets.length) {
        ssize_t count =
            send(socket, message->octets.data + sent, message->octets.length - sent, MSG_NOSIGNAL);

        if (count < 0 && errno != EINTR) {
            return -1;
        }
        sent += count > 0 ? (size_t)count : 0;
    }
    return 0;
}

static int receive(int socket, unsigned char *octets, size_t length)
{
    while (length > 0) {
        ssize_t count = recv(socket, octets, length, 0);

        if (count == 0 || (count < 0 && errno != EINTR)) {
            return -1;
        }
        if (count > 0) {
            octets += count;
            length -= (size_t)count;
        }
    }
    return 0;
}

static void start(struct inbound *inbound)
{
    inbound->kind = inbound->octets.data[0];
    inbound->rest.data = inbound->octets.data + 1;
    inbound->rest.length = inbound->octets.length - 1;
    inbound->failed = false;
}

int inbound_receive(int socket, struct inbound *inbound)
{
    unsigned char head[HEAD];
    uint32_t length;

    inbound_free(inbound);
    if (receive(socket, head, HEAD) != 0) {
        return -1;
    }
    length = read_number(head);
    if (length == 0 || length > MESSAGE_MAX || bytes_reserve(&inbound->octets, length) != 0 ||
        receive(socket, inbound->octets.data, length) != 0) {
        return -1;
    }
    inbound->octets.length = length;
    start(inbound);
    return 0;
}

int inbound_begin(struct slice octets, struct inbound *inbound)
{
    inbound_free(inbound);
    if (octets.length == 0 || octets.length > MESSAGE_MAX ||
        bytes_append(&inbound->octets, octets.data, octets.length) != 0) {
        return -1;
    }
    start(inbound);
    return 0;
}

/** Take @p length octets from the front. */
static struct slice take(struct inbound *inbound, size_t length)
{
    struct slice taken = {inbound->rest.data, length};

    if (inbound->failed || inbound->rest.length < length) {
        inbound->failed = true;
        return (struct slice){NULL, 0};
    }
    inbound->rest.data += length;
    inbound->rest.length -= length;
    return taken;
}

uint32_t inbound_number(struct inbound *inbound)
{
    struct slice octets = take(inbound, HEAD);

    return octets.length == HEAD ? read_number(octets.data) : 0;
}

struct slice inbound_slice(struct inbound *inbound)
{
    return take(inbound, inbound_number(inbound));
}

const char *inbound_text(struct inbound *inbound)
{
    struct slice text = inbound_slice(inbound);

    if (text.length == 0) {
        return NULL;
    }
    if (memchr(text.data, '\0', text.length) != text.data + text.length - 1) {
        inbound->failed = true;
        return NULL;
    }
    return (const char *)text.data;
}

bool inbound_finished(const struct inbound *inbound)
{
    return !inbound->failed && inbound->rest.length == 0;
}

void inbound_free(struct inbound *inbound)
{
    bytes_free(&inbound->octets);
    memset(inbound, 0, sizeof(*inbound));
}
