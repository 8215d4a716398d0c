/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of any kind as `mtls-ca inspect` and `mtls-ca verify` get them: told apart, described, and, where they hold certificates,
 * verified against themselves. What is described must be printable, whatever stands in names.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/utf8.h"
#include "command/description.h"
#include "command/input.h"
#include "x509/certificate_list.h"
#include "x509/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_printable(const char *text)
{
    struct slice rest = {(const unsigned char *)text, strlen(text)};
    uint32_t point = 0;

    while (rest.length > 0) {
        size_t length = utf8_take(rest, &point);

        if (length == 0 || utf8_is_control(point)) {
            abort();
        }
        rest.data += length;
        rest.length -= length;
    }
}

static void walk(json_t *tree)
{
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_string(tree)) {
        must_be_printable(json_string_value(tree));
    } else if (json_is_array(tree)) {
        json_array_foreach(tree, i, value)
        {
            walk(value);
        }
    } else {
        json_object_foreach(tree, key, value)
        {
            walk(value);
        }
    }
}

static void describe(const struct context *context, struct slice content, struct faults *faults)
{
    const struct description description = {context, NULL, "fuzz", faults};
    struct input input = {NULL, 0};

    if (input_read(content, "fuzz", &input, faults) != 0 && faults_errors(faults) == 0) {
        abort();
    }
    for (size_t i = 0; i < input.count; i++) {
        json_t *tree = description_of(&description, &input.objects[i]);

        if (tree == NULL && faults_errors(faults) == 0) {
            abort();
        }
        walk(tree);
        json_decref(tree);
    }
    input_free(&input);
}

static void verify(const struct context *context, struct slice content, struct faults *faults)
{
    struct certificate_list list = {NULL, 0};
    struct verify_question question = {&list, &list, "a.example.com", VERIFY_SERVER, NULL, true, 1893456000};
    struct verify_report report = {NULL, 0, false};

    if (certificate_list_read(content, "fuzz", &list, faults) == 0) {
        for (size_t purpose = VERIFY_ANY_PURPOSE; purpose <= VERIFY_CLIENT; purpose++) {
            question.purpose = (enum verify_purpose)purpose;
            if (verify_certificate(context, &question, &report, faults) == 0 && report.count == 0) {
                abort();
            }
            for (size_t i = 0; i < report.count; i++) {
                must_be_printable(bytes_text(&report.checks[i].detail));
            }
            verify_report_free(&report);
            question.anchors = NULL;
        }
    }
    certificate_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct context *context = context_new(NULL);
    struct faults *faults = faults_new();
    struct slice content = {data, size};

    if (context != NULL && faults != NULL) {
        describe(context, content, faults);
        verify(context, content, faults);
    }
    faults_free(faults);
    context_free(context);
    return 0;
}
