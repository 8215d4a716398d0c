/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records as text: lines of JSON, written and read back.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "base/hex.h"
#include "journal/record.h"

/** A line longer than this is not one of ours. */
#define LINE_MAX_BYTES (1024u * 1024)

static const char *const act_words[] = {"put", "join", "take"};
static const char *const kind_words[] = {"certificate", "key", "trust"};
static const char *const scope_words[] = {"none", "server", "client", "any"};

#define WORD_COUNT(words) (sizeof(words) / sizeof((words)[0]))

/* ---- writing -------------------------------------------------------------------------------------------------------- */

/** Append the object as a line; it is freed. -1: it is NULL, or no memory. */
static int write_line(json_t *object, struct bytes *text)
{
    char *line = object != NULL ? json_dumps(object, JSON_COMPACT) : NULL;
    int status =
        line != NULL && bytes_append_text(text, line) == 0 && bytes_append_byte(text, '\n') == 0 ? 0 : -1;

    json_decref(object);
    free(line);
    return status;
}

static json_t *base64_json(const struct bytes *octets)
{
    struct bytes text = BYTES_EMPTY;
    json_t *value =
        bytes_append_base64(&text, slice_of(octets), 0) == 0 ? json_string(bytes_text(&text)) : NULL;

    bytes_free(&text);
    return value;
}

static json_t *digest_json(const struct digest *digest)
{
    struct bytes text = BYTES_EMPTY;
    struct slice octets = {digest->octets, DIGEST_LENGTH};
    json_t *value = bytes_append_hex(&text, octets, 0) == 0 ? json_string(bytes_text(&text)) : NULL;

    bytes_free(&text);
    return value;
}

/** A text of anybody's: what is no UTF-8 is kept as base64 under another name, so that it comes back as it was. */
static int put_text(json_t *object, const char *name, const char *name_base64, const struct bytes *text)
{
    json_t *value;

    if (text->length == 0) {
        return 0;
    }
    value = json_stringn(bytes_text(text), text->length);
    if (value != NULL) {
        return json_object_set_new(object, name, value);
    }
    return json_object_set_new(object, name_base64, base64_json(text));
}

static int put_programs(json_t *object, const struct claim *claim)
{
    json_t *list = NULL;
    int status = 0;

    if (claim->program_count == 0) {
        return 0;
    }
    list = json_array();
    for (size_t i = 0; status == 0 && i < claim->program_count; i++) {
        status = json_array_append_new(list, base64_json(&claim->programs[i]));
    }
    return json_object_set_new(object, "programs", list) == 0 ? status : -1;
}

int record_write_head(const struct record *record, struct bytes *text)
{
    return write_line(json_pack("{s:i, s:s%, s:s%, s:I, s:I}", "journal", 1, "store",
                                bytes_text(&record->store), record->store.length, "command",
                                bytes_text(&record->command), record->command.length, "pid",
                                (json_int_t)record->pid, "began", (json_int_t)record->began),
                      text);
}

int record_write_claim(const struct claim *claim, size_t number, struct bytes *text)
{
    json_t *object =
        json_pack("{s:I, s:s, s:s, s:s}", "claim", (json_int_t)number, "act", act_words[claim->act], "item",
                  kind_words[claim->kind], "scope", scope_words[claim->scope]);

    if (object == NULL || json_object_set_new(object, "certificate", base64_json(&claim->certificate)) != 0 ||
        json_object_set_new(object, "owner", digest_json(&claim->owner)) != 0 ||
        json_object_set_new(object, "before", base64_json(&claim->before)) != 0 ||
        put_text(object, "label", "label64", &claim->label) != 0 ||
        put_text(object, "host", "host64", &claim->host) != 0 || put_programs(object, claim) != 0) {
        json_decref(object);
        return -1;
    }
    return write_line(object, text);
}

int record_write_state(enum claim_state state, size_t number, struct bytes *text)
{
    return write_line(json_pack("{s:I}", state == CLAIM_RELEASED ? "released" : "done", (json_int_t)number),
                      text);
}

int record_write_decided(struct bytes *text)
{
    return write_line(json_pack("{s:b}", "decided", 1), text);
}

int record_write_end(struct bytes *text)
{
    return write_line(json_pack("{s:b}", "ended", 1), text);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/** The number of the word that @p name says; -1: none of them. */
static int read_word(const json_t *object, const char *name, const char *const *words, size_t count)
{
    const char *text = json_string_value(json_object_get(object, name));
    int found = -1;

    for (size_t i = 0; text != NULL && found < 0 && i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            found = (int)i;
        }
    }
    return found;
}

/** Append what the base64 in @p value stands for. -1: it is none, or no memory. */
static int read_base64(const json_t *value, struct bytes *octets)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    size_t padding = 0;
    int decoded;

    if (text == NULL || length % 4 != 0 || length > LINE_MAX_BYTES) {
        return -1;
    }
    if (length == 0) {
        return 0;
    }
    while (padding < 2 && text[length - 1 - padding] == '=') {
        padding++;
    }
    if (bytes_reserve(octets, length) != 0) {
        return -1;
    }
    decoded = EVP_DecodeBlock(octets->data + octets->length, (const unsigned char *)text, (int)length);
    if (decoded < 0 || (size_t)decoded < padding) {
        return -1;
    }
    octets->length += (size_t)decoded - padding;
    octets->data[octets->length] = '\0';
    return 0;
}

static int read_digest(const json_t *value, struct digest *digest)
{
    const char *text = json_string_value(value);

    if (text == NULL || json_string_length(value) != (size_t)2 * DIGEST_LENGTH) {
        return -1;
    }
    for (size_t i = 0; i < DIGEST_LENGTH; i++) {
        int octet = hex_octet(text + 2 * i);

        if (octet < 0) {
            return -1;
        }
        digest->octets[i] = (unsigned char)octet;
    }
    return 0;
}

static int read_text(const json_t *object, const char *name, const char *name_base64, struct bytes *text)
{
    const json_t *value = json_object_get(object, name);

    if (json_is_string(value)) {
        return bytes_append(text, json_string_value(value), json_string_length(value));
    }
    value = json_object_get(object, name_base64);
    return value != NULL ? read_base64(value, text) : 0;
}

static int read_programs(const json_t *list, struct claim *claim)
{
    size_t count = json_array_size(list);

    if (count == 0) {
        return 0;
    }
    if (count > RECORD_PROGRAMS_MAX || (claim->programs = calloc(count, sizeof(*claim->programs))) == NULL) {
        return -1;
    }
    claim->program_count = count;
    for (size_t i = 0; i < count; i++) {
        if (read_base64(json_array_get(list, i), &claim->programs[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

/** The claim that @p object tells; -1: it is none that is understood. */
static int read_claim(const json_t *object, struct claim *claim)
{
    int act = read_word(object, "act", act_words, WORD_COUNT(act_words));
    int kind = read_word(object, "item", kind_words, WORD_COUNT(kind_words));
    int scope = read_word(object, "scope", scope_words, WORD_COUNT(scope_words));

    if (act < 0 || kind < 0 || scope < 0) {
        return -1;
    }
    claim->act = (enum claim_act)act;
    claim->kind = (enum item_kind)kind;
    claim->scope = (enum scope)scope;
    return read_base64(json_object_get(object, "certificate"), &claim->certificate) == 0 &&
                   claim->certificate.length > 0 &&
                   read_base64(json_object_get(object, "before"), &claim->before) == 0 &&
                   read_digest(json_object_get(object, "owner"), &claim->owner) == 0 &&
                   read_text(object, "label", "label64", &claim->label) == 0 &&
                   read_text(object, "host", "host64", &claim->host) == 0 &&
                   read_programs(json_object_get(object, "programs"), claim) == 0
               ? 0
               : -1;
}

/** Take the claim of a line into the record. Its number must be the next one. -1: no memory. */
static int take_claim(const json_t *object, size_t *capacity, struct record *record)
{
    struct claim claim = {.act = CLAIM_PUT};
    json_int_t number = json_integer_value(json_object_get(object, "claim"));

    if (number < 0 || (size_t)number != record->claim_count || record->claim_count >= RECORD_CLAIMS_MAX ||
        read_claim(object, &claim) != 0) {
        claim_free(&claim);
        return 0;
    }
    if (record->claim_count == *capacity) {
        size_t wanted = *capacity == 0 ? 16 : *capacity * 2;
        struct claim *more = realloc(record->claims, wanted * sizeof(*more));

        if (more == NULL) {
            claim_free(&claim);
            return -1;
        }
        record->claims = more;
        *capacity = wanted;
    }
    record->claims[record->claim_count++] = claim;
    return 0;
}

static void take_state(const json_t *number, enum claim_state state, struct record *record)
{
    json_int_t value = json_integer_value(number);

    if (json_is_integer(number) && value >= 0 && (size_t)value < record->claim_count &&
        record->claims[value].state < state) {
        record->claims[value].state = state;
    }
}

static int take_head(const json_t *object, struct record *record)
{
    const json_t *store = json_object_get(object, "store");
    const json_t *command = json_object_get(object, "command");

    if (json_integer_value(json_object_get(object, "journal")) != 1 || !json_is_string(store) ||
        !json_is_string(command)) {
        return 0;
    }
    record->pid = (long)json_integer_value(json_object_get(object, "pid"));
    record->began = (instant)json_integer_value(json_object_get(object, "began"));
    return bytes_append(&record->store, json_string_value(store), json_string_length(store)) == 0 &&
                   bytes_append(&record->command, json_string_value(command), json_string_length(command)) ==
                       0
               ? 0
               : -1;
}

/** -1: no memory; a line that is not understood is none. */
static int take_line(struct slice line, size_t *capacity, struct record *record)
{
    json_t *object = json_loadb((const char *)line.data, line.length, JSON_REJECT_DUPLICATES, NULL);
    int status = 0;

    if (!json_is_object(object)) {
        goto out;
    }
    if (record->store.length == 0) {
        status = take_head(object, record);
    } else if (json_object_get(object, "claim") != NULL) {
        status = take_claim(object, capacity, record);
    } else if (json_is_true(json_object_get(object, "ended"))) {
        record->ended = true;
    } else if (json_is_true(json_object_get(object, "decided"))) {
        record->decided = true;
    } else {
        take_state(json_object_get(object, "done"), CLAIM_DONE, record);
        take_state(json_object_get(object, "released"), CLAIM_RELEASED, record);
    }
out:
    json_decref(object);
    return status;
}

int record_read(struct slice text, const char *shown, struct record *record, struct faults *faults)
{
    const struct place place = {shown, 0, 0};
    size_t capacity = 0;
    int status = 0;

    record_free(record);
    while (status == 0 && text.length > 0) {
        const unsigned char *end = memchr(text.data, '\n', text.length);
        struct slice line = {text.data, end != NULL ? (size_t)(end - text.data) : 0};

        if (end == NULL) {
            break;
        }
        if (line.length > 0 && line.length <= LINE_MAX_BYTES) {
            status = take_line(line, &capacity, record);
        }
        text = (struct slice){end + 1, text.length - line.length - 1};
    }
    if (status != 0) {
        fault_memory(faults);
    } else if (record->store.length == 0) {
        fault_error(faults, &place, NULL, NULL, "is no record of the journal");
        status = -1;
    }
    if (status != 0) {
        record_free(record);
    }
    return status;
}
