/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading: here the files are opened and their bytes taken, unread; a confined child has them by being a copy of this process.
 */
#include "identity/reading.h"

#include <fcntl.h>
#include <string.h>

#include "base/confined_call.h"
#include "base/file.h"
#include "identity/answer.h"
#include "identity/parsing.h"

/* What the child may use beyond what this process has: one derivation by scrypt (KEY_SCRYPT_COST_MAX), and the file a few times over. */
#define MEMORY_MAX ((size_t)1536 * 1024 * 1024)

/** The name for complaints: that of base/file.h. */
static const char *shown_of(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/** Lets the child parse, and reads its answer. */
static int parse(confined_fn run, struct parsing *parsing, const char *shown, struct answer *answer,
                 struct faults *faults)
{
    const struct confined_call call = {
        .run = run,
        .state = parsing,
        .shown = shown,
        .confinement = {MEMORY_MAX, READING_SECONDS_MAX},
        .answer_max = ANSWER_MAX,
    };
    struct bytes octets = BYTES_EMPTY;
    int status = confined_call(&call, &octets, faults);

    if (status == 0) {
        status = answer_read(parsing->context, slice_of(&octets), shown, answer, faults);
    }
    bytes_free(&octets);
    return status;
}

static int wrong_answer(const char *shown, struct answer *answer, struct faults *faults)
{
    const struct place place = {.file = shown};

    fault_error(faults, &place, NULL, NULL, "the process that parses it did not answer the question");
    answer_free(answer);
    return -1;
}

/** Reads the certificate's and the key's file; both can be standard input. */
static int read_pair(const struct identity_files *files, struct bytes *certificate, struct bytes *key,
                     struct faults *faults)
{
    int status = file_read(AT_FDCWD, files->certificate, FILE_LIMIT_CERTIFICATES, certificate, faults);

    if (strcmp(files->certificate, "-") == 0 && strcmp(files->key, "-") == 0) {
        if (status == 0 && bytes_append(key, certificate->data, certificate->length) != 0) {
            fault_memory(faults);
            status = -1;
        }
        return status;
    }
    return file_read(AT_FDCWD, files->key, FILE_LIMIT_KEY, key, faults) == 0 ? status : -1;
}

/** The answer's parts go over to the identity. */
static int take_identity(struct answer *answer, const char *shown, struct identity *identity,
                         struct faults *faults)
{
    if (answer->key == NULL || answer->certificates.count == 0) {
        return wrong_answer(shown, answer, faults);
    }
    if (bytes_append_text(&identity->shown, shown) != 0) {
        fault_memory(faults);
        answer_free(answer);
        return -1;
    }
    identity->key = answer->key;
    identity->chain = answer->certificates;
    bytes_move(&identity->name, &answer->name);
    return 0;
}

int identity_read(const struct context *context, const struct identity_files *files,
                  struct identity *identity, struct faults *faults)
{
    const char *shown = shown_of(files->p12 != NULL ? files->p12 : files->certificate);
    struct bytes certificate = BYTES_EMPTY;
    struct bytes key = BYTES_EMPTY;
    struct answer answer = {NULL, {NULL, 0}, BYTES_EMPTY};
    struct parsing parsing = {.context = context, .passphrase = files->passphrase};
    int status;

    identity_free(identity);
    status = files->p12 != NULL
                 ? file_read(AT_FDCWD, files->p12, FILE_LIMIT_CERTIFICATES, &certificate, faults)
                 : read_pair(files, &certificate, &key, faults);
    if (status == 0) {
        struct parsed_file first = {slice_of(&certificate), shown};

        if (files->p12 != NULL) {
            parsing.p12 = first;
        } else {
            parsing.certificate = first;
            parsing.key = (struct parsed_file){slice_of(&key), shown_of(files->key)};
        }
        status = parse(parsing_identity, &parsing, shown, &answer, faults);
    }
    if (status == 0) {
        status = take_identity(&answer, shown, identity, faults);
    }
    bytes_free(&certificate);
    bytes_free(&key);
    return status;
}

int anchors_read(const struct context *context, const char *path, struct anchors *anchors,
                 struct faults *faults)
{
    const char *shown = shown_of(path);
    struct bytes content = BYTES_EMPTY;
    struct answer answer = {NULL, {NULL, 0}, BYTES_EMPTY};
    struct parsing parsing = {.context = context};
    int status;

    anchors_free(anchors);
    status = file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &content, faults);
    if (status == 0) {
        parsing.certificate = (struct parsed_file){slice_of(&content), shown};
        status = parse(parsing_anchors, &parsing, shown, &answer, faults);
    }
    if (status == 0 && (answer.key != NULL || answer.certificates.count == 0)) {
        status = wrong_answer(shown, &answer, faults);
    }
    if (status == 0 && bytes_append_text(&anchors->shown, shown) != 0) {
        fault_memory(faults);
        answer_free(&answer);
        status = -1;
    }
    if (status == 0) {
        anchors->certificates = answer.certificates;
        bytes_free(&answer.name);
    }
    bytes_free(&content);
    return status;
}
