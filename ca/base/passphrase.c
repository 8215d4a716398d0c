/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passphrase SPECs: their text, and the sources that need no terminal. Asking for one is passphrase_prompt.c's.
 */
#include "base/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/file.h"
#include "base/passphrase_prompt.h"

/** The forms a SPEC has, for hints. */
#define SPEC_FORMS "env:NAME, file:PATH, fd:N, prompt, generate"

/** Letters of a generated passphrase: 32, without l and o, 0 and 1. */
static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
#define GENERATED_LETTERS 20
#define GENERATED_GROUP   5

/** A source, its word, and whether an argument follows. */
struct form {
    const char *word;
    enum passphrase_source source;
    bool argument;
};

static const struct form forms[] = {
    {"env:", PASSPHRASE_ENV, true},
    {"file:", PASSPHRASE_FILE, true},
    {"fd:", PASSPHRASE_FD, true},
    {"keychain:", PASSPHRASE_KEYCHAIN, true},
    {"pass:", PASSPHRASE_TEXT, true},
    {"prompt", PASSPHRASE_PROMPT, false},
    {"generate", PASSPHRASE_GENERATE, false},
};

static const struct form *form_find(const char *text)
{
    size_t i;

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t length = strlen(forms[i].word);

        if (forms[i].argument ? strncmp(text, forms[i].word, length) == 0
                              : strcmp(text, forms[i].word) == 0) {
            return &forms[i];
        }
    }
    return NULL;
}

/** A descriptor's number: digits, small. -1: not one. */
static int descriptor_parse(const char *text)
{
    char *end = NULL;
    long number = strtol(text, &end, 10);

    return text[0] >= '0' && text[0] <= '9' && *end == 0 && number <= 65535 ? (int)number : -1;
}

int passphrase_spec_parse(const char *text, const struct place *place, const char *path,
                          struct passphrase_spec *spec, struct faults *faults)
{
    const struct form *form = form_find(text);
    const char *argument = NULL;

    memset(spec, 0, sizeof(*spec));
    if (form == NULL) {
        /* the text may be the passphrase itself: it is not shown */
        fault_error(faults, place, path, SPEC_FORMS, "a passphrase is given by where it comes from");
        return -1;
    }
    argument = form->argument ? text + strlen(form->word) : NULL;
    if (argument != NULL && argument[0] == 0 && form->source != PASSPHRASE_TEXT) {
        fault_error(faults, place, path, SPEC_FORMS, "%s needs something behind it", form->word);
        return -1;
    }
    if (form->source == PASSPHRASE_FD && (spec->descriptor = descriptor_parse(argument)) < 0) {
        fault_error(faults, place, path, "fd:3", "\"%s\" is not a file descriptor", text);
        return -1;
    }
    if (form->source == PASSPHRASE_TEXT) {
        if (strlen(argument) > PASSPHRASE_MAX) {
            fault_error(faults, place, path, NULL, "the passphrase is longer than %d bytes", PASSPHRASE_MAX);
            return -1;
        }
        fault_warning(faults, place, path, SPEC_FORMS,
                      "pass: leaves the passphrase readable where it is written");
    }
    if (argument != NULL && form->source != PASSPHRASE_FD && (spec->argument = strdup(argument)) == NULL) {
        fault_memory(faults);
        return -1;
    }
    spec->source = form->source;
    return 0;
}

void passphrase_spec_free(struct passphrase_spec *spec)
{
    if (spec->argument != NULL) {
        OPENSSL_cleanse(spec->argument, strlen(spec->argument));
        free(spec->argument);
    }
    memset(spec, 0, sizeof(*spec));
}

int passphrase_spec_describe(const struct passphrase_spec *spec, struct bytes *text)
{
    size_t i;

    if (spec->source == PASSPHRASE_NONE) {
        return 0;
    }
    if (spec->source == PASSPHRASE_TEXT) {
        return bytes_append_text(text, "pass:***");
    }
    if (spec->source == PASSPHRASE_FD) {
        return bytes_printf(text, "fd:%d", spec->descriptor);
    }
    for (i = 0; forms[i].source != spec->source; i++) {
    }
    if (bytes_append_text(text, forms[i].word) != 0) {
        return -1;
    }
    return spec->argument != NULL ? bytes_append_text(text, spec->argument) : 0;
}

/** Cuts @p secret after its first line. A passphrase cannot hold a NUL. */
static int first_line(const char *shown, struct bytes *secret, struct faults *faults)
{
    size_t length = 0;

    while (length < secret->length && secret->data[length] != '\n') {
        length++;
    }
    if (length > 0 && length < secret->length && secret->data[length - 1] == '\r') {
        length--;
    }
    if (length > PASSPHRASE_MAX || (length > 0 && memchr(secret->data, 0, length) != NULL)) {
        fault_error(faults, NULL, NULL, NULL,
                    length > PASSPHRASE_MAX
                        ? "%s: the passphrase is longer than %d bytes"
                        : "%s: the passphrase holds a NUL (at most %d bytes of text are taken)",
                    shown, PASSPHRASE_MAX);
        return -1;
    }
    if (secret->data != NULL) {
        OPENSSL_cleanse(secret->data + length, secret->length - length);
        secret->length = length;
    }
    return 0;
}

static int obtain_environment(const char *name, struct bytes *secret, struct faults *faults)
{
    const char *value = getenv(name);

    if (value == NULL) {
        fault_error(faults, NULL, NULL, "export it, or give the passphrase another way",
                    "the environment variable %s is not set", name);
        return -1;
    }
    if (strlen(value) > PASSPHRASE_MAX) {
        fault_error(faults, NULL, NULL, NULL, "%s: the passphrase is longer than %d bytes", name,
                    PASSPHRASE_MAX);
        return -1;
    }
    if (bytes_append_text(secret, value) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

static int obtain_file(const char *base, const char *name, struct bytes *secret, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    struct stat status;
    int result = -1;

    if (file_join(base, name, &path) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (file_read(AT_FDCWD, bytes_text(&path), FILE_LIMIT_PASSPHRASE, secret, faults) != 0) {
        goto out;
    }
    if (stat(bytes_text(&path), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) != 0) {
        fault_warning(faults, NULL, NULL, "chmod 600", "%s: others can read this passphrase",
                      bytes_text(&path));
    }
    result = first_line(bytes_text(&path), secret, faults);
out:
    bytes_free(&path);
    return result;
}

/** Reads to the end of the line and no further: the descriptor may hold more for somebody else. */
static int obtain_descriptor(int descriptor, struct bytes *secret, struct faults *faults)
{
    char shown[32] = "the file descriptor";
    unsigned char byte = 0;
    ssize_t got = 0;

    do {
        do {
            got = read(descriptor, &byte, 1);
        } while (got < 0 && errno == EINTR);
        if (got < 0) {
            fault_system(faults, errno, NULL, NULL, "the passphrase cannot be read from descriptor %d",
                         descriptor);
            return -1;
        }
        if (got == 1 && (secret->length > PASSPHRASE_MAX + 2 || bytes_append_byte(secret, byte) != 0)) {
            fault_error(faults, NULL, NULL, NULL, "descriptor %d: the passphrase is longer than %d bytes",
                        descriptor, PASSPHRASE_MAX);
            return -1;
        }
    } while (got == 1 && byte != '\n');
    OPENSSL_cleanse(&byte, 1);
    return first_line(shown, secret, faults);
}

static int obtain_generated(const struct context *context, struct bytes *secret, struct faults *faults)
{
    unsigned char random[GENERATED_LETTERS];
    size_t i;
    int status = -1;

    if (context_random(context, random, sizeof(random)) != 0) {
        fault_openssl(faults, "no randomness for a passphrase");
        return -1;
    }
    for (i = 0; i < GENERATED_LETTERS; i++) {
        if ((i > 0 && i % GENERATED_GROUP == 0 && bytes_append_byte(secret, '-') != 0) ||
            bytes_append_byte(secret, (unsigned char)alphabet[random[i] % 32]) != 0) {
            fault_memory(faults);
            goto out;
        }
    }
    status = 0;
out:
    OPENSSL_cleanse(random, sizeof(random));
    return status;
}

int passphrase_obtain(const struct context *context, const struct passphrase_spec *spec, const char *base,
                      const char *label, bool confirm, struct bytes *secret, struct faults *faults)
{
    int status = -1;

    bytes_clear(secret);
    switch (spec->source) {
    case PASSPHRASE_NONE:
        fault_error(faults, NULL, NULL, SPEC_FORMS, "%s: no passphrase was given", label);
        break;
    case PASSPHRASE_ENV:
        status = obtain_environment(spec->argument, secret, faults);
        break;
    case PASSPHRASE_FILE:
        status = obtain_file(base, spec->argument, secret, faults);
        break;
    case PASSPHRASE_FD:
        status = obtain_descriptor(spec->descriptor, secret, faults);
        break;
    case PASSPHRASE_PROMPT:
        status = passphrase_prompt(label, confirm, secret, faults);
        break;
    case PASSPHRASE_GENERATE:
        status = obtain_generated(context, secret, faults);
        break;
    case PASSPHRASE_KEYCHAIN:
        fault_error(faults, NULL, NULL, SPEC_FORMS,
                    "keychain:%s: the macOS keychain is not read by this build", spec->argument);
        break;
    case PASSPHRASE_TEXT:
        status = bytes_append_text(secret, spec->argument);
        if (status != 0) {
            fault_memory(faults);
        }
        break;
    }
    if (status != 0) {
        bytes_clear(secret);
    }
    return status;
}
