/* SPDX-License-Identifier: Apache-2.0 */
/* Eight bytes at a time while they are printable ASCII; one character at a time otherwise. */
#include "manifest/encoding.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

#define ONES 0x0101010101010101u

static uint64_t word_at(const unsigned char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Whether all eight bytes lie between 0x20 and 0x7e. */
static bool is_plain_word(const unsigned char *bytes)
{
    uint64_t word = word_at(bytes);

    return ((word | (word + ONES) | (word - 0x20 * ONES)) & (0x80 * ONES)) == 0;
}

static bool excluded(uint32_t character)
{
    if (character < 0x20) {
        return character != '\t' && character != '\n' && character != '\r';
    }
    return (character >= 0x7f && character <= 0x9f) || character == 0x2028 || character == 0x2029 ||
           character == 0xfeff || character == 0xfffe || character == 0xffff;
}

/* Complain about the excluded character at @p place. */
static void refuse(const struct place *place, uint32_t character, struct faults *faults)
{
    switch (character) {
    case 0:
        fault_error(faults, place, NULL, "remove it: a YAML file is text", "a NUL byte");
        break;
    case 0x85:
    case 0x2028:
    case 0x2029:
        fault_error(faults, place, NULL, "put the text in double quotes and write it as an escape",
                    "the character U+%04X, which is a line break to some readers of YAML and none to others",
                    (unsigned)character);
        break;
    case 0xfeff:
        fault_error(faults, place, NULL, "remove it",
                    "a byte order mark (U+FEFF) that is not at the start of the file");
        break;
    default:
        fault_error(faults, place, NULL, "put the text in double quotes and write it as an escape",
                    "the control character U+%04X", (unsigned)character);
    }
}

/* UTF-16 or UTF-32, by byte order mark or by the zeros its ASCII characters have. */
static bool is_wide(struct slice content)
{
    const unsigned char *bytes = content.data;

    return content.length >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) ||
                                   (bytes[0] == 0xfe && bytes[1] == 0xff) || bytes[0] == 0 || bytes[1] == 0);
}

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Where a run of more than ENCODING_BLANKS_MAX blanks begins, or content.length. Such a run covers one of the bytes looked at. */
static size_t find_long_blank(struct slice content)
{
    const size_t step = ENCODING_BLANKS_MAX / 2;

    for (size_t at = step; at < content.length; at += step) {
        size_t first = at;
        size_t end = at;

        while (first > 0 && at - first <= ENCODING_BLANKS_MAX && is_blank(content.data[first - 1])) {
            first--;
        }
        while (end < content.length && end - at <= ENCODING_BLANKS_MAX && is_blank(content.data[end])) {
            end++;
        }
        if (end - first > ENCODING_BLANKS_MAX && end > at) {
            return first;
        }
    }
    return content.length;
}

int encoding_check(struct slice *content, const char *shown, struct faults *faults)
{
    const unsigned char *bytes = content->data;
    struct place place = {shown, 1, 1};
    size_t at = 0;

    if (is_wide(*content)) {
        fault_error(faults, &place, NULL, "save the file as UTF-8",
                    "the file is UTF-16 or UTF-32, or no text");
        return -1;
    }
    if (content->length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        content->data += 3;
        content->length -= 3;
        bytes += 3;
    }
    while (at < content->length) {
        uint32_t character = 0;
        size_t length;

        if (content->length - at >= 8 && is_plain_word(bytes + at)) {
            at += 8;
            continue;
        }
        length = utf8_take((struct slice){bytes + at, content->length - at}, &character);
        if (length == 0) {
            place = encoding_place(*content, shown, at);
            fault_error(faults, &place, NULL, "save the file as UTF-8", "the byte 0x%02X is not UTF-8",
                        bytes[at]);
            return -1;
        }
        if (excluded(character)) {
            place = encoding_place(*content, shown, at);
            refuse(&place, character, faults);
            return -1;
        }
        at += length;
    }
    at = find_long_blank(*content);
    if (at < content->length) {
        place = encoding_place(*content, shown, at);
        fault_error(faults, &place, NULL, "remove them", "more than %d spaces and line breaks in a row",
                    ENCODING_BLANKS_MAX);
        return -1;
    }
    return 0;
}

struct place encoding_place(struct slice content, const char *shown, size_t offset)
{
    struct place place = {shown, 1, 1};

    for (size_t i = 0; i < offset && i < content.length; i++) {
        unsigned char byte = content.data[i];
        bool ends =
            byte == '\n' || (byte == '\r' && (i + 1 == content.length || content.data[i + 1] != '\n'));

        if (ends) {
            place.line++;
            place.column = 1;
        } else if ((byte & 0xc0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

size_t encoding_offset(struct slice content, size_t index)
{
    size_t at = 0;

    while (at < content.length) {
        if (index >= 8 && content.length - at >= 8 && (word_at(content.data + at) & (0x80 * ONES)) == 0) {
            at += 8;
            index -= 8;
            continue;
        }
        if ((content.data[at] & 0xc0) != 0x80) {
            if (index == 0) {
                break;
            }
            index--;
        }
        at++;
    }
    return at;
}
