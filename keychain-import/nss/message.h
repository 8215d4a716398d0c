/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between a store and the process that keeps its database (nss/keeper.h), over a pair of connected stream sockets. Neither side
 * trusts the other's bytes: whoever reads a database may be led astray by it.
 *
 *     message := length (4 octets, big-endian) kind (1 octet) field*
 *     field   := number (4 octets, big-endian) | length (4 octets) octets
 *
 * Which fields a kind has is known to nss/service.c and nss/nss.c alone.
 */
#ifndef MTLSKIT_NSS_MESSAGE_H
#define MTLSKIT_NSS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"

/** Longest message, in octets behind the length. */
#define MESSAGE_MAX (4u * 1024 * 1024)

enum message_kind {
    /* questions */
    MESSAGE_OPEN = 1,
    MESSAGE_SURVEY,
    MESSAGE_LOOK,
    MESSAGE_PUT,
    MESSAGE_TAKE,
    MESSAGE_PROVE,
    MESSAGE_EACH,
    MESSAGE_JUDGE,
    MESSAGE_NICKNAME,
    MESSAGE_CLOSE,
    /* answers: any number of ENTRY and FAULT, then one DONE or FAILED */
    MESSAGE_ENTRY = 65,
    MESSAGE_FAULT,
    MESSAGE_DONE,
    MESSAGE_FAILED
};

/** What is written; failures stick. Starts with message_begin. */
struct message {
    struct bytes octets; /**< may hold a secret; freed (wiped) by message_free */
    bool failed;
};
void message_begin(struct message *message, enum message_kind kind);
void message_number(struct message *message, uint32_t number);
void message_slice(struct message *message, struct slice slice);
/** NULL is told from "". */
void message_text(struct message *message, const char *text);
void message_free(struct message *message);
/** Send it. -1: it is too long, memory is out, or the other side is gone. */
int message_send(int socket, struct message *message) MUST_USE;

/** What is read: an incoming message, taken apart from its front; a failure sticks, and every field after it is empty. */
struct inbound {
    struct bytes octets; /**< wiped by inbound_free */
    struct slice rest;
    unsigned char kind;
    bool failed;
};
/** Receive one (replaces what was there). -1: the other side is gone, or sent none. */
int inbound_receive(int socket, struct inbound *inbound) MUST_USE;
/** Begin with octets at hand (kind and fields), copied: for fuzzing. */
int inbound_begin(struct slice octets, struct inbound *inbound) MUST_USE;
uint32_t inbound_number(struct inbound *inbound);
struct slice inbound_slice(struct inbound *inbound);
/** NUL-terminated, inside the message; NULL for NULL. One with a NUL inside is a failure. */
const char *inbound_text(struct inbound *inbound);
/** Whether all went well and nothing is left. */
bool inbound_finished(const struct inbound *inbound);
void inbound_free(struct inbound *inbound);

#endif
