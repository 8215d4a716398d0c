/* SPDX-License-Identifier: Apache-2.0 */
/* The signed head of the log. What is read is written again and must come out the same, so that one head has one text. */
#include "issuing/crl_head.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/hex.h"
#include "x509/signature.h"

#define FIRST_LINE "mtlskit-crl-head 1\n"

/* Longest AlgorithmIdentifier and signature, in octets. */
#define ALGORITHM_MAX 256
#define SIGNATURE_MAX 5000

static int put_digest(struct bytes *text, const struct digest *digest)
{
    return bytes_append_hex(text, (struct slice){digest->octets, DIGEST_LENGTH}, 0);
}

/* Everything the signature is over. */
static int put_lines(const struct crl_head *head, struct slice algorithm, struct bytes *text)
{
    return bytes_printf(text, FIRST_LINE "authority: %s\nkey: ", head->authority) == 0 &&
                   put_digest(text, &head->key) == 0 &&
                   bytes_printf(text, "\ncrl: %" PRIu64 " ", head->crl_number) == 0 &&
                   put_digest(text, &head->crl) == 0 &&
                   bytes_printf(text, "\nevent: %" PRId64 " ", head->event) == 0 &&
                   put_digest(text, &head->hash) == 0 && bytes_append_text(text, "\nalgorithm: ") == 0 &&
                   bytes_append_hex(text, algorithm, 0) == 0 && bytes_append_byte(text, '\n') == 0
               ? 0
               : -1;
}

int crl_head_write(const struct crl_head *head, struct signer *signer, struct bytes *text,
                   struct faults *faults)
{
    struct bytes lines = BYTES_EMPTY;
    struct bytes signature = BYTES_EMPTY;
    int status = -1;

    if (put_lines(head, signer_algorithm(signer), &lines) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (signer_sign(signer, slice_of(&lines), &signature, faults) != 0) {
        goto out;
    }
    if (bytes_append(text, lines.data, lines.length) != 0 || bytes_append_text(text, "signature: ") != 0 ||
        bytes_append_hex(text, slice_of(&signature), 0) != 0 || bytes_append_byte(text, '\n') != 0) {
        fault_memory(faults);
        goto out;
    }
    status = 0;
out:
    bytes_free(&lines);
    bytes_free(&signature);
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static int take_text(struct slice *rest, const char *text)
{
    size_t length = strlen(text);

    if (rest->length < length || memcmp(rest->data, text, length) != 0) {
        return -1;
    }
    rest->data += length;
    rest->length -= length;
    return 0;
}

static bool is_upper(unsigned char digit)
{
    return digit >= 'A' && digit <= 'F';
}

/* Lower-case hexadecimal digits up to the line's end, which is taken, too. */
static int take_hex(struct slice *rest, unsigned char *octets, size_t room, size_t *length)
{
    *length = 0;
    while (rest->length >= 2 && rest->data[0] != '\n') {
        int octet = hex_octet((const char *)rest->data);

        if (octet < 0 || is_upper(rest->data[0]) || is_upper(rest->data[1]) || *length == room) {
            return -1;
        }
        octets[(*length)++] = (unsigned char)octet;
        rest->data += 2;
        rest->length -= 2;
    }
    return take_text(rest, "\n");
}

static int take_digest(struct slice *rest, struct digest *digest)
{
    size_t length = 0;

    return take_hex(rest, digest->octets, sizeof(digest->octets), &length) == 0 &&
                   length == sizeof(digest->octets)
               ? 0
               : -1;
}

/* A number and the blank behind it. */
static int take_number(struct slice *rest, uint64_t *number)
{
    size_t digits = 0;

    *number = 0;
    while (rest->length > 0 && rest->data[0] >= '0' && rest->data[0] <= '9' && digits++ < 18) {
        *number = *number * 10 + (uint64_t)(rest->data[0] - '0');
        rest->data += 1;
        rest->length -= 1;
    }
    return digits > 0 ? take_text(rest, " ") : -1;
}

static int take_name(struct slice *rest, char name[256])
{
    const unsigned char *end = rest->length > 0 ? memchr(rest->data, '\n', rest->length) : NULL;
    size_t length = end != NULL ? (size_t)(end - rest->data) : 0;

    if (length == 0 || length > 255 || memchr(rest->data, '\0', length) != NULL) {
        return -1;
    }
    memcpy(name, rest->data, length);
    name[length] = '\0';
    rest->data += length + 1;
    rest->length -= length + 1;
    return 0;
}

struct parts {
    unsigned char algorithm[ALGORITHM_MAX];
    unsigned char signature[SIGNATURE_MAX];
    size_t algorithm_length, signature_length;
    struct slice lines; /* what was signed */
};

static int read_parts(struct slice text, struct crl_head *head, struct parts *parts)
{
    struct slice rest = text;
    uint64_t event = 0;

    memset(head, 0, sizeof(*head));
    if (text.length > CRL_HEAD_MAX || take_text(&rest, FIRST_LINE "authority: ") != 0 ||
        take_name(&rest, head->authority) != 0 || take_text(&rest, "key: ") != 0 ||
        take_digest(&rest, &head->key) != 0 || take_text(&rest, "crl: ") != 0 ||
        take_number(&rest, &head->crl_number) != 0 || take_digest(&rest, &head->crl) != 0 ||
        take_text(&rest, "event: ") != 0 || take_number(&rest, &event) != 0 ||
        take_digest(&rest, &head->hash) != 0 || take_text(&rest, "algorithm: ") != 0 ||
        take_hex(&rest, parts->algorithm, ALGORITHM_MAX, &parts->algorithm_length) != 0) {
        return -1;
    }
    head->event = (int64_t)event;
    parts->lines = (struct slice){text.data, text.length - rest.length};
    return take_text(&rest, "signature: ") == 0 &&
                   take_hex(&rest, parts->signature, SIGNATURE_MAX, &parts->signature_length) == 0 &&
                   rest.length == 0
               ? 0
               : -1;
}

/* Whether the lines are those that say the same when they are written here. */
static int read_same(struct slice text, struct crl_head *head, struct parts *parts)
{
    struct bytes again = BYTES_EMPTY;
    int status = -1;

    if (read_parts(text, head, parts) == 0 &&
        put_lines(head, (struct slice){parts->algorithm, parts->algorithm_length}, &again) == 0 &&
        slice_equal(slice_of(&again), parts->lines)) {
        status = 0;
    }
    bytes_free(&again);
    return status;
}

int crl_head_read(struct slice text, struct crl_head *head)
{
    struct parts parts;

    return read_same(text, head, &parts);
}

int crl_head_verify(const struct context *context, struct slice text, struct slice spki,
                    struct crl_head *head, const char **why)
{
    struct digest key;
    struct parts parts;

    if (read_same(text, head, &parts) != 0) {
        *why = "is not one that mtls-ca wrote";
        return -1;
    }
    if (digest_of(context, spki, &key) != 0 || !digest_equal(&key, &head->key)) {
        *why = "names another key than the authority's";
        return -1;
    }
    if (signature_verify(context, (struct slice){parts.algorithm, parts.algorithm_length}, spki, parts.lines,
                         (struct slice){parts.signature, parts.signature_length}, why) != 0) {
        *why = "has a wrong signature";
        return -1;
    }
    return 0;
}
