/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of answers, written by the child and read by its parent. */
#include "base/confined_answer.h"

#include <stdbool.h>
#include <string.h>

/* Octets in front of a part's own, and of a number. */
#define HEAD   5
#define NUMBER 4

/* ---- in the child --------------------------------------------------------------------------------------------------- */

int confined_number_append(struct bytes *octets, size_t number)
{
    const unsigned char written[NUMBER] = {
        (unsigned char)(number >> 24),
        (unsigned char)(number >> 16),
        (unsigned char)(number >> 8),
        (unsigned char)number,
    };

    return number > UINT32_MAX ? -1 : bytes_append(octets, written, sizeof(written));
}

int confined_answer_append(struct bytes *answer, unsigned char kind, struct slice octets)
{
    if (bytes_append_byte(answer, kind) != 0 || confined_number_append(answer, octets.length) != 0) {
        return -1;
    }
    return bytes_append(answer, octets.data, octets.length);
}

static size_t at_most(size_t number)
{
    return number < CONFINED_MORE_MAX ? number : CONFINED_MORE_MAX;
}

int confined_answer_close(struct bytes *answer, const struct faults *faults)
{
    struct bytes more = BYTES_EMPTY;
    size_t errors = faults_errors(faults);
    size_t warnings = faults_warnings(faults);
    int status = 0;

    for (size_t i = 0; status == 0 && i < faults_count(faults); i++) {
        bool error = faults_severity(faults, i) == FAULT_ERROR;

        errors -= error ? 1 : 0;
        warnings -= error ? 0 : 1;
        status = confined_answer_append(answer, error ? CONFINED_ERROR : CONFINED_WARNING,
                                        slice_of_text(faults_text(faults, i)));
    }
    if (status == 0 && errors + warnings > 0 &&
        (confined_number_append(&more, at_most(errors)) != 0 ||
         confined_number_append(&more, at_most(warnings)) != 0 ||
         confined_answer_append(answer, CONFINED_MORE, slice_of(&more)) != 0)) {
        status = -1;
    }
    bytes_free(&more);
    return status == 0 ? confined_answer_append(answer, CONFINED_END, slice_of_text("")) : -1;
}

/* ---- in the parent -------------------------------------------------------------------------------------------------- */

uint32_t confined_number(const unsigned char octets[NUMBER])
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
}

/** An answer being read. */
struct reading {
    struct faults *told; /**< what the child complains of */
    size_t count[2];     /**< of those, by severity */
    bool more;           /**< further ones were counted */
};

/** Takes one part off the front. false: there is none whole. */
static bool take_part(struct slice *rest, unsigned char *kind, struct slice *octets)
{
    if (rest->length < HEAD) {
        return false;
    }
    *kind = rest->data[0];
    octets->length = confined_number(rest->data + 1);
    octets->data = rest->data + HEAD;
    rest->data += HEAD;
    rest->length -= HEAD;
    if (octets->length > rest->length) {
        return false;
    }
    rest->data += octets->length;
    rest->length -= octets->length;
    return true;
}

static void tell(struct reading *reading, enum fault_severity severity, const char *text)
{
    (severity == FAULT_ERROR ? fault_error : fault_warning)(reading->told, NULL, NULL, NULL, "%s", text);
}

static const char *read_complaint(struct reading *reading, enum fault_severity severity, struct slice octets)
{
    char text[FAULT_TEXT_MAX + 1];

    if (octets.length == 0 || octets.length > FAULT_TEXT_MAX || reading->more ||
        reading->count[severity] == FAULT_LIST_MAX) {
        return "too many complaints, or too long ones";
    }
    memcpy(text, octets.data, octets.length);
    text[octets.length] = '\0';
    reading->count[severity]++;
    tell(reading, severity, text);
    return NULL;
}

/** Counts further ones of a severity; there are any only where the list is full. */
static bool count_more(struct reading *reading, enum fault_severity severity, uint32_t number)
{
    if (number > CONFINED_MORE_MAX || (number > 0 && reading->count[severity] < FAULT_LIST_MAX)) {
        return false;
    }
    for (; number > 0; number--) {
        tell(reading, severity, "");
    }
    return true;
}

static const char *read_more(struct reading *reading, struct slice octets)
{
    if (reading->more || octets.length != (size_t)2 * NUMBER ||
        !count_more(reading, FAULT_ERROR, confined_number(octets.data)) ||
        !count_more(reading, FAULT_WARNING, confined_number(octets.data + NUMBER))) {
        return "complaints that cannot be counted";
    }
    reading->more = true;
    return NULL;
}

/** Reads up to the end; NULL, or what is wrong. */
static const char *read_parts(struct reading *reading, struct slice rest, confined_part_fn take, void *state)
{
    struct slice octets = {NULL, 0};
    unsigned char kind = 0;
    const char *wrong = NULL;

    while (wrong == NULL) {
        if (!take_part(&rest, &kind, &octets)) {
            return "no end";
        }
        switch (kind) {
        case CONFINED_END:
            return octets.length == 0 && rest.length == 0 ? NULL : "more behind its end";
        case CONFINED_ERROR:
        case CONFINED_WARNING:
            wrong = read_complaint(reading, kind == CONFINED_ERROR ? FAULT_ERROR : FAULT_WARNING, octets);
            break;
        case CONFINED_MORE:
            wrong = read_more(reading, octets);
            break;
        default:
            wrong = take(state, kind, octets);
        }
    }
    return wrong;
}

void confined_answer_refuse(const char *shown, const char *wrong, struct faults *faults)
{
    const struct place place = {.file = shown};

    fault_error(faults, &place, NULL, "the file may be made to do this; nothing was taken from it",
                "the process that parses it answered with %s", wrong);
}

int confined_answer_read(struct slice octets, const char *shown, confined_part_fn take, void *state,
                         struct faults *faults)
{
    struct reading reading = {.told = faults_new()};
    const char *wrong;
    int status = -1;

    if (reading.told == NULL) {
        fault_memory(faults);
        return -1;
    }
    wrong = read_parts(&reading, octets, take, state);
    if (wrong != NULL) {
        confined_answer_refuse(shown, wrong, faults);
    } else {
        status = faults_errors(reading.told) == 0 ? 0 : -1;
        faults_move(faults, reading.told);
    }
    faults_free(reading.told);
    return status;
}
