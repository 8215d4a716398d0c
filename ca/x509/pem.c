/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PEM. Text between blocks is skipped; inside a block nothing but base64, white space and, at its front, RFC 1421 headers is
 * taken. Padding and the bits behind the last octet must be as RFC 4648 wants them.
 */
#include "x509/pem.h"

#include <stdint.h>
#include <string.h>

#include <openssl/crypto.h>

/* Octets of DER a block may hold. */
#define BLOCK_MAX ((size_t)16 * 1024 * 1024)

#define BEGIN     "-----BEGIN "
#define END       "-----END "
#define DASHES    "-----"

int pem_write(struct slice der, const char *label, struct bytes *pem)
{
    size_t label_length = strlen(label);

    /* One allocation for all of it: what a private key leaves behind is then only here. */
    if (der.length > BLOCK_MAX ||
        bytes_reserve(pem, 2 * label_length + der.length / 3 * 4 + der.length / 48 + 64) != 0) {
        return -1;
    }
    if (bytes_append_text(pem, BEGIN) != 0 || bytes_append(pem, label, label_length) != 0 ||
        bytes_append_text(pem, DASHES "\n") != 0 || bytes_append_base64(pem, der, 64) != 0) {
        return -1;
    }
    if (pem->data[pem->length - 1] != '\n' && bytes_append_byte(pem, '\n') != 0) {
        return -1;
    }
    if (bytes_append_text(pem, END) != 0 || bytes_append(pem, label, label_length) != 0 ||
        bytes_append_text(pem, DASHES "\n") != 0) {
        return -1;
    }
    return 0;
}

void pem_block_free(struct pem_block *block)
{
    bytes_free(&block->der);
    memset(block->label, 0, sizeof(block->label));
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* The next line of *rest without its end (LF, CR LF or CR) and without white space behind it; false at the end. */
static bool next_line(struct slice *rest, struct slice *line)
{
    const unsigned char *newline;
    const unsigned char *carriage;
    size_t length;
    size_t end;

    if (rest->length == 0) {
        return false;
    }
    newline = memchr(rest->data, '\n', rest->length);
    length = newline != NULL ? (size_t)(newline - rest->data) : rest->length;
    carriage = memchr(rest->data, '\r', length);
    if (carriage != NULL) {
        length = (size_t)(carriage - rest->data);
    }
    end = length;
    if (end < rest->length) {
        end += rest->data[end] == '\r' && end + 1 < rest->length && rest->data[end + 1] == '\n' ? 2 : 1;
    }
    line->data = rest->data;
    rest->data += end;
    rest->length -= end;
    while (length > 0 && (line->data[length - 1] == ' ' || line->data[length - 1] == '\t')) {
        length -= 1;
    }
    line->length = length;
    return true;
}

static bool starts_with(struct slice line, const char *prefix)
{
    size_t length = strlen(prefix);

    return line.length >= length && memcmp(line.data, prefix, length) == 0;
}

/* Take the label of a boundary line that starts with @p prefix; -1 when the line does not close, or the label is no label. */
static int boundary_label(struct slice line, const char *prefix, char label[64])
{
    size_t front = strlen(prefix);
    size_t back = strlen(DASHES);
    size_t length;

    if (line.length < front + back || memcmp(line.data + line.length - back, DASHES, back) != 0) {
        return -1;
    }
    length = line.length - front - back;
    /* RFC 7468 section 3: no two hyphens side by side */
    if (length == 0 || length > 63 || memmem(line.data + front, length, "--", 2) != NULL) {
        return -1;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = line.data[front + i];

        if (c < 0x20 || c > 0x7e) {
            return -1;
        }
    }
    memcpy(label, line.data + front, length);
    label[length] = '\0';
    return 0;
}

/* A base64 text taken in piece by piece. */
struct decoder {
    struct bytes *out;
    uint32_t group; /* bits of the group of four being read */
    unsigned int count;
    unsigned int padding;
    bool ended; /* a group with padding ends the text */
};

/* Six bits, or -1. A place for every octet: nothing is compared. */
static int sextet(unsigned char c)
{
    static const signed char values[256] = {
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, -1, 63,
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1, -1, 0,  1,  2,  3,  4,  5,  6,
        7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, -1,
        -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48,
        49, 50, 51, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
        -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    };

    return values[c];
}

/* Octets that @p length characters hold at most, with those that wait for them. */
static size_t octets_of(size_t length)
{
    return (length / 4 + 1) * 3;
}

/* Three octets at the end of what is out, where there is room; how many of them count the caller says. */
static void put_group(struct bytes *out, uint32_t group, size_t length)
{
    unsigned char *at = out->data + out->length;

    at[0] = (unsigned char)(group >> 16 & 0xff);
    at[1] = (unsigned char)(group >> 8 & 0xff);
    at[2] = (unsigned char)(group & 0xff);
    out->length += length;
}

/* Put the octets of a whole group where they belong. -1: bits behind the last octet. */
static int decoder_group(struct decoder *decoder)
{
    uint32_t unused = decoder->padding == 2 ? 0xffff : decoder->padding == 1 ? 0xff : 0;

    if ((decoder->group & unused) != 0) {
        return -1;
    }
    put_group(decoder->out, decoder->group, 3 - decoder->padding);
    decoder->ended = decoder->padding != 0;
    decoder->group = 0;
    decoder->count = 0;
    return 0;
}

/* The groups of four at the front of *line, as far as nothing else is between them: nearly all of every line. */
static void decoder_groups(struct decoder *decoder, struct slice *line)
{
    const unsigned char *c = line->data;
    const unsigned char *end = c + line->length;

    if (decoder->count != 0 || decoder->ended) {
        return;
    }
    for (; end - c >= 4; c += 4) {
        int group =
            sextet(c[0]) * (1 << 18) | sextet(c[1]) * (1 << 12) | sextet(c[2]) * (1 << 6) | sextet(c[3]);

        if (group < 0) {
            break;
        }
        put_group(decoder->out, (uint32_t)group, 3);
    }
    *line = (struct slice){c, (size_t)(end - c)};
}

static int decoder_line(struct decoder *decoder, struct slice line)
{
    if (bytes_reserve(decoder->out, octets_of(line.length)) != 0) {
        return -1;
    }
    decoder_groups(decoder, &line);
    for (size_t i = 0; i < line.length; i++) {
        unsigned char c = line.data[i];
        int value = sextet(c);

        if (c == ' ' || c == '\t') {
            continue;
        }
        if (decoder->ended || (value < 0 && c != '=') || (value >= 0 && decoder->padding != 0) ||
            (c == '=' && decoder->count < 2)) {
            return -1;
        }
        if (c == '=') {
            decoder->padding += 1;
            value = 0;
        }
        decoder->group = decoder->group << 6 | (uint32_t)value;
        decoder->count += 1;
        if (decoder->count == 4 && decoder_group(decoder) != 0) {
            return -1;
        }
    }
    decoder->out->data[decoder->out->length] = '\0';
    return 0;
}

/* Room for all that comes before the next boundary: what a private key would leave behind in smaller pieces is then only here. */
static int body_make_room(struct slice rest, struct bytes *der)
{
    const unsigned char *end = memmem(rest.data, rest.length, DASHES, strlen(DASHES));

    return bytes_reserve(der, octets_of(end != NULL ? (size_t)(end - rest.data) : rest.length));
}

/* Everything between the BEGIN line, which was read, and the END line. */
static int read_body(struct slice *rest, size_t *line_number, const char *shown, struct pem_block *block,
                     struct faults *faults)
{
    struct place place = {shown, block->line, 0};
    struct decoder decoder = {.out = &block->der};
    bool first = true;
    bool in_headers = false;
    char label[64];
    struct slice line;
    int status = -1;

    if (body_make_room(*rest, &block->der) != 0) {
        fault_memory(faults);
        return -1;
    }
    while (next_line(rest, &line)) {
        *line_number += 1;
        if (starts_with(line, END)) {
            place.line = *line_number;
            if (boundary_label(line, END, label) != 0 || strcmp(label, block->label) != 0) {
                fault_error(faults, &place, NULL, NULL, "the END line does not fit \"BEGIN %s\" in line %zu",
                            block->label, block->line);
            } else if (in_headers || decoder.count != 0) {
                fault_error(faults, &place, NULL, NULL, "the base64 text of \"%s\" breaks off", block->label);
            } else {
                status = 0;
            }
            goto out;
        }
        if (starts_with(line, DASHES)) {
            break;
        }
        if (first) {
            in_headers = memchr(line.data, ':', line.length) != NULL;
            block->has_headers = in_headers;
            first = false;
        }
        if (in_headers) {
            in_headers = line.length != 0;
            continue;
        }
        if (decoder_line(&decoder, line) != 0 || block->der.length > BLOCK_MAX) {
            place.line = *line_number;
            fault_error(faults, &place, NULL, NULL,
                        block->der.length > BLOCK_MAX ? "\"%s\" is longer than 16 MiB"
                                                      : "not base64 in \"%s\"",
                        block->label);
            goto out;
        }
    }
    fault_error(faults, &place, NULL, "is the file cut off?", "\"BEGIN %s\" has no END line", block->label);
out:
    OPENSSL_cleanse(&decoder, sizeof(decoder));
    return status;
}

int pem_read(struct slice *rest, size_t *line_number, const char *shown, struct pem_block *block,
             struct faults *faults)
{
    struct place place = {shown, 0, 0};
    struct slice line;

    memset(block, 0, sizeof(*block));
    while (next_line(rest, &line)) {
        *line_number += 1;
        if (!starts_with(line, BEGIN)) {
            continue;
        }
        block->line = *line_number;
        place.line = *line_number;
        if (boundary_label(line, BEGIN, block->label) != 0) {
            fault_error(faults, &place, NULL,
                        memmem(line.data, line.length, END, sizeof(END) - 1) != NULL
                            ? "the line breaks are missing: BEGIN and END stand in lines of their own"
                            : "such as -----BEGIN CERTIFICATE-----",
                        "malformed BEGIN line");
            return -1;
        }
        if (read_body(rest, line_number, shown, block, faults) != 0) {
            pem_block_free(block);
            return -1;
        }
        return 1;
    }
    return 0;
}
