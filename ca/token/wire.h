/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wire between a program of ours and its helper, the process that loads a vendor's PKCS#11 module: over a pair of connected
 * stream sockets, requests one way, exactly one answer to each the other way. Neither side trusts the other's bytes.
 *
 *     frame   := length (4 octets, big-endian) content        1 <= length <= WIRE_CONTENT_MAX
 *     content := kind (1 octet) field*                        at most WIRE_FIELDS_MAX fields
 *     field   := length (4 octets, big-endian) octets
 *
 * Words that every helper knows:
 *
 * request                                            answer
 * OPEN version, seconds, URI [, PIN]                 DONE
 * SIGN "rsa" (DigestInfo) or "ec" (digest), octets   SIGNATURE as the token gives it: for "ec", r and s
 *
 * those of mtls-ca-token, which makes keys and takes none away:
 *
 * FIND                                               KEY SubjectPublicKeyInfo, or ABSENT
 * GENERATE algorithm (its word), label, id           KEY SubjectPublicKeyInfo
 *
 * and those of keychain-import-token, which are told in keychain-import/pkcs11/helper/main.c. SIGN is done by the key that was found
 * (mtls-ca-token), or seen (keychain-import-token), last. To each, in place of its answer, REFUSED code, sentence. The label of GENERATE is
 * for a URI that names none, the id likewise. The end of the stream ends the program.
 */
#ifndef MTLSKIT_TOKEN_WIRE_H
#define MTLSKIT_TOKEN_WIRE_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"

#define WIRE_VERSION     "1"
#define WIRE_CONTENT_MAX 65536
#define WIRE_FIELDS_MAX  5
/** Octets in front of a content. */
#define WIRE_HEAD 4

enum wire_kind {
    WIRE_OPEN = 1,
    WIRE_FIND,
    WIRE_GENERATE,
    WIRE_SIGN,
    WIRE_TOKENS,
    WIRE_WHICH,
    WIRE_SEE_CERTIFICATE,
    WIRE_SEE_KEY,
    WIRE_PUT_CERTIFICATE,
    WIRE_PUT_KEY,
    WIRE_TAKE_CERTIFICATE,
    WIRE_TAKE_KEY,
    WIRE_LIST,
    WIRE_DONE = 65,
    WIRE_KEY,
    WIRE_ABSENT,
    WIRE_SIGNATURE,
    WIRE_REFUSED,
    WIRE_TOKEN,
    WIRE_SIGHT,
    WIRE_CERTIFICATE
};
/** How many fields an answer of @p kind has; more than WIRE_FIELDS_MAX: it is no answer. */
size_t wire_answer_fields(unsigned char kind);

/** Why something was refused: what the other side can say of it beyond the sentence. One letter on the wire. */
enum wire_refusal {
    WIRE_FAILED = 'f',   /**< anything else */
    WIRE_MODULE = 'm',   /**< the module cannot be loaded */
    WIRE_NO_TOKEN = 't', /**< none, or several, match */
    WIRE_PIN_WANTED = 'w',
    WIRE_PIN_WRONG = 'p',
    WIRE_PIN_LOCKED = 'l',
    WIRE_KEYS = 'k' /**< several keys match */
};

/** A content taken apart; slices lie in the content. */
struct wire_message {
    unsigned char kind;
    struct slice fields[WIRE_FIELDS_MAX];
    size_t count;
};

/** Append a whole frame. -1: too much, or memory is out. */
int wire_write(unsigned char kind, const struct slice *fields, size_t count, struct bytes *frame) MUST_USE;
/** Take a content apart; -1: it is none. */
int wire_read(struct slice content, struct wire_message *message) MUST_USE;

enum wire_outcome {
    WIRE_OK,
    WIRE_ENDED, /**< the other side closed, or broke, the connection */
    WIRE_LATE,  /**< nothing complete within the time */
    WIRE_WRONG  /**< a length out of bounds; or memory is out */
};

/** Send @p frame over the non-blocking @p socket within about @p seconds (0: any time). */
enum wire_outcome wire_send(int socket, const struct bytes *frame, unsigned seconds) MUST_USE;
/** Receive the content of one frame, and no octet more, into @p content (replaced). */
enum wire_outcome wire_receive(int socket, unsigned seconds, struct bytes *content) MUST_USE;

#endif
