/* SPDX-License-Identifier: Apache-2.0 */
/* Answers, read by the parent. */
#include "identity/answer.h"

#include <stdbool.h>

#include "base/confined_answer.h"
#include "base/utf8.h"
#include "x509/certificate.h"
#include "x509/form.h"

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
    bool named;
};

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
    return certificate_list_add(&reading->answer->certificates, octets) == 0 ? NULL : CONFINED_NO_MEMORY;
}

static const char *read_name(struct reading *reading, struct slice octets)
{
    if (reading->named || octets.length > ANSWER_NAME_MAX) {
        return "a name too many, or too long";
    }
    if (!utf8_is_printable(octets)) {
        return "a name that cannot be shown";
    }
    reading->named = true;
    return bytes_append(&reading->answer->name, octets.data, octets.length) == 0 ? NULL : CONFINED_NO_MEMORY;
}

/** A confined_part_fn. */
static const char *read_part(void *state, unsigned char kind, struct slice octets)
{
    struct reading *reading = state;

    switch (kind) {
    case ANSWER_KEY:
        return read_key(reading, octets);
    case ANSWER_CERTIFICATE:
        return read_certificate(reading, octets);
    case ANSWER_NAME:
        return read_name(reading, octets);
    default:
        return CONFINED_UNKNOWN;
    }
}

int answer_read(const struct context *context, struct slice octets, const char *shown, struct answer *answer,
                struct faults *faults)
{
    struct reading reading = {context, shown, answer, false};
    int status = confined_answer_read(octets, shown, read_part, &reading, faults);

    if (status != 0) {
        answer_free(answer);
    }
    return status;
}
