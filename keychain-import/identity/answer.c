/* SPDX-License-Identifier: Apache-2.0 */
/* Answers written by the child and read by its parent. */
#include "identity/answer.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "x509/certificate.h"
#include "x509/form.h"

/* Octets in front of a part's own. */
#define HEAD 5

int answer_append(enum answer_kind kind, struct slice octets, struct bytes *answer)
{
    const unsigned char head[HEAD] = {
        (unsigned char)kind,
        (unsigned char)(octets.length >> 24),
        (unsigned char)(octets.length >> 16),
        (unsigned char)(octets.length >> 8),
        (unsigned char)octets.length,
    };

    if (octets.length > ANSWER_MAX || bytes_append(answer, head, sizeof(head)) != 0) {
        return -1;
    }
    return bytes_append(answer, octets.data, octets.length);
}

int answer_append_faults(const struct faults *faults, struct bytes *answer)
{
    for (size_t i = 0; i < faults_count(faults); i++) {
        if (answer_append(faults_severity(faults, i) == FAULT_ERROR ? ANSWER_ERROR : ANSWER_WARNING,
                          slice_of_text(faults_text(faults, i)), answer) != 0) {
            return -1;
        }
    }
    return 0;
}

void answer_free(struct answer *answer)
{
    key_free(answer->key);
    answer->key = NULL;
    certificate_list_free(&answer->certificates);
    bytes_free(&answer->name);
}

/** An answer being read. */
struct reading {
    const struct context *context;
    const char *shown;
    struct answer *answer;
    struct faults *faults;
    struct faults *told; /**< what the child complains of */
    bool named;
};

/** Takes one part off the front. false: there is none whole. */
static bool take_part(struct slice *rest, unsigned char *kind, struct slice *octets)
{
    if (rest->length < HEAD) {
        return false;
    }
    *kind = rest->data[0];
    octets->length = (size_t)rest->data[1] << 24 | (size_t)rest->data[2] << 16 | (size_t)rest->data[3] << 8 |
                     rest->data[4];
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

static const char *read_key(struct reading *reading, struct slice octets)
{
    struct faults *why;

    if (reading->answer->key != NULL) {
        return "two keys";
    }
    why = faults_new();
    if (why != NULL && !form_is_pem(octets)) {
        reading->answer->key = key_read(reading->context, octets, NULL, reading->shown, why);
    }
    faults_free(why);
    return reading->answer->key != NULL ? NULL : "a key that is none";
}

static const char *read_certificate(struct reading *reading, struct slice octets)
{
    struct certificate_view view;

    if (reading->answer->certificates.count == CERTIFICATE_LIST_MAX) {
        return "too many certificates";
    }
    if (certificate_view_read(octets, &view) != 0) {
        return "a certificate that is none";
    }
    return certificate_list_add(&reading->answer->certificates, octets) == 0 ? NULL
                                                                             : "more than memory takes";
}

static const char *read_name(struct reading *reading, struct slice octets)
{
    struct slice rest = octets;
    uint32_t point = 0;

    if (reading->named || octets.length > ANSWER_NAME_MAX) {
        return "a name too many, or too long";
    }
    while (rest.length > 0) {
        size_t length = utf8_take(rest, &point);

        if (length == 0 || utf8_is_control(point)) {
            return "a name that cannot be shown";
        }
        rest.data += length;
        rest.length -= length;
    }
    reading->named = true;
    return bytes_append(&reading->answer->name, octets.data, octets.length) == 0 ? NULL
                                                                                 : "more than memory takes";
}

static const char *read_complaint(struct reading *reading, bool error, struct slice octets)
{
    char text[FAULT_TEXT_MAX + 1];

    if (octets.length == 0 || octets.length > FAULT_TEXT_MAX ||
        faults_count(reading->told) >= FAULT_LIST_MAX) {
        return "too many complaints, or too long ones";
    }
    memcpy(text, octets.data, octets.length);
    text[octets.length] = '\0';
    if (error) {
        fault_error(reading->told, NULL, NULL, NULL, "%s", text);
    } else {
        fault_warning(reading->told, NULL, NULL, NULL, "%s", text);
    }
    return NULL;
}

/** Reads one part; NULL, or what is wrong with it. */
static const char *read_part(struct reading *reading, unsigned char kind, struct slice octets)
{
    switch (kind) {
    case ANSWER_KEY:
        return read_key(reading, octets);
    case ANSWER_CERTIFICATE:
        return read_certificate(reading, octets);
    case ANSWER_NAME:
        return read_name(reading, octets);
    case ANSWER_ERROR:
    case ANSWER_WARNING:
        return read_complaint(reading, kind == ANSWER_ERROR, octets);
    default:
        return "something unknown";
    }
}

/** Reads up to the end; NULL, or what is wrong. */
static const char *read_parts(struct reading *reading, struct slice rest)
{
    struct slice octets = {NULL, 0};
    unsigned char kind = 0;
    const char *wrong = NULL;

    while (wrong == NULL) {
        if (!take_part(&rest, &kind, &octets)) {
            return "no end";
        }
        if (kind == ANSWER_END) {
            return octets.length == 0 && rest.length == 0 ? NULL : "more behind its end";
        }
        wrong = read_part(reading, kind, octets);
    }
    return wrong;
}

int answer_read(const struct context *context, struct slice octets, const char *shown, struct answer *answer,
                struct faults *faults)
{
    const struct place place = {.file = shown};
    struct reading reading = {context, shown, answer, faults, faults_new(), false};
    const char *wrong;
    int status = -1;

    if (reading.told == NULL) {
        fault_memory(faults);
        return -1;
    }
    wrong = read_parts(&reading, octets);
    if (wrong != NULL) {
        fault_error(faults, &place, NULL, "the file may be made to do this; nothing was taken from it",
                    "the process that parses it answered with %s", wrong);
    } else if (faults_errors(reading.told) == 0) {
        status = 0;
    }
    if (wrong == NULL) {
        faults_move(faults, reading.told);
    }
    if (status != 0) {
        answer_free(answer);
    }
    faults_free(reading.told);
    return status;
}
