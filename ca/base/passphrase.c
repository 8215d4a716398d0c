/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases: SPECs are a table of prefixes, and each source has one function that fetches. */
#include "base/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/file.h"
#include "base/keychain.h"
#include "base/prompt.h"
#include "base/utf8.h"

#define HINT_SOURCES "env:NAME, file:PATH, fd:N, prompt, generate, or keychain:LABEL on macOS"

/* No 0 and 1, no l and o: nothing that is taken for something else when read off a screen. Five bits a letter. */
static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
#define GENERATED_LETTERS 20
#define GENERATED_GROUP   5

_Static_assert(sizeof(letters) - 1 == 32, "five bits a letter");
_Static_assert(GENERATED_LETTERS * 5 == PASSPHRASE_GENERATED_BITS, "as many bits as promised");

struct form {
    const char *word; /* with its colon when an argument follows */
    enum passphrase_source source;
};

static const struct form forms[] = {
    {"env:", PASSPHRASE_ENV},           {"file:", PASSPHRASE_FILE}, {"fd:", PASSPHRASE_FD},
    {"keychain:", PASSPHRASE_KEYCHAIN}, {"pass:", PASSPHRASE_TEXT}, {"prompt", PASSPHRASE_PROMPT},
    {"generate", PASSPHRASE_GENERATE},
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

static bool takes_argument(const struct form *form)
{
    return form->word[strlen(form->word) - 1] == ':';
}

/* ---- SPECs ------------------------------------------------------------------------------------------------------- */

static const struct form *form_of(const char *text)
{
    for (size_t i = 0; i < FORMS; i++) {
        size_t length = strlen(forms[i].word);

        if (strncmp(text, forms[i].word, length) == 0 &&
            (takes_argument(&forms[i]) || text[length] == '\0')) {
            return &forms[i];
        }
    }
    return NULL;
}

/* Digits alone, up to INT_MAX. */
static int parse_descriptor(const char *text, int *descriptor)
{
    int value = 0;

    if (text[0] == '\0') {
        return -1;
    }
    for (; *text != '\0'; text++) {
        int digit = *text - '0';

        if (digit < 0 || digit > 9 || value > (INT_MAX - digit) / 10) {
            return -1;
        }
        value = 10 * value + digit;
    }
    *descriptor = value;
    return 0;
}

/* What is wrong with @p argument of @p form, as a phrase, or NULL. *hint says what would be right. */
static const char *complaint_about(const struct form *form, const char *argument, int *descriptor,
                                   const char **hint)
{
    *hint = NULL;
    switch (form->source) {
    case PASSPHRASE_ENV:
        *hint = "name an environment variable: \"env:NAME\"";
        return argument[0] == '\0' || strchr(argument, '=') != NULL ? "\"env:\" names no environment variable"
                                                                    : NULL;
    case PASSPHRASE_FILE:
        *hint = "name a file: \"file:PATH\"";
        return argument[0] == '\0' ? "\"file:\" names no file" : NULL;
    case PASSPHRASE_FD:
        *hint = "name an open file descriptor: \"fd:3\"";
        return parse_descriptor(argument, descriptor) != 0 ? "\"fd:\" names no file descriptor" : NULL;
    case PASSPHRASE_KEYCHAIN:
#ifdef __APPLE__
        *hint = "name a generic password: \"keychain:LABEL\"";
        return argument[0] == '\0' ? "\"keychain:\" names no label" : NULL;
#else
        *hint = "env:NAME, file:PATH or prompt";
        return "\"keychain:\" needs macOS: this system has no keychain";
#endif
    default:
        return NULL;
    }
}

int passphrase_spec_parse(const char *text, const struct place *place, const char *path,
                          struct passphrase_spec *spec, struct faults *faults)
{
    const struct form *form = form_of(text);
    const char *argument;
    const char *why;
    const char *hint;

    *spec = (struct passphrase_spec){.source = PASSPHRASE_NONE, .descriptor = -1};
    if (form == NULL) {
        /* The text is not shown: it may be the passphrase itself. */
        fault_error(faults, place, path, HINT_SOURCES, "does not say where the passphrase comes from");
        return -1;
    }
    argument = text + strlen(form->word);
    why = complaint_about(form, argument, &spec->descriptor, &hint);
    if (why != NULL) {
        fault_error(faults, place, path, hint, "%s", why);
        return -1;
    }
    if (takes_argument(form) && form->source != PASSPHRASE_FD) {
        spec->argument = strdup(argument);
        if (spec->argument == NULL) {
            fault_memory(faults);
            return -1;
        }
    }
    if (form->source == PASSPHRASE_TEXT) {
        fault_warning(faults, place, path, "better env:NAME, file:PATH or prompt",
                      "\"pass:\" puts the passphrase where others may read it");
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
    *spec = (struct passphrase_spec){.source = PASSPHRASE_NONE, .descriptor = -1};
}

int passphrase_spec_describe(const struct passphrase_spec *spec, struct bytes *text)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (forms[i].source == spec->source) {
            if (bytes_append_text(text, forms[i].word) != 0) {
                return -1;
            }
            if (spec->source == PASSPHRASE_FD) {
                return bytes_printf(text, "%d", spec->descriptor);
            }
            if (spec->source == PASSPHRASE_TEXT) {
                return bytes_append_text(text, "***");
            }
            return spec->argument != NULL ? bytes_append_text(text, spec->argument) : 0;
        }
    }
    return 0;
}

/* ---- sources ----------------------------------------------------------------------------------------------------- */

static int from_environment(const char *name, const struct place *place, struct bytes *secret,
                            struct faults *faults)
{
    const char *value = getenv(name);

    if (value == NULL) {
        fault_error(faults, place, NULL, "export it, or name another source",
                    "the environment variable %s is not set", name);
        return -1;
    }
    if (bytes_append_text(secret, value) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/* The first line of a file. */
static int from_file(const char *path, const char *base, struct bytes *secret, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    struct bytes name = BYTES_EMPTY;
    const unsigned char *end;
    struct stat stat_of;
    int status = -1;

    if (file_join(strcmp(path, "-") == 0 ? NULL : base, path, &name) != 0) {
        fault_memory(faults);
        goto out;
    }
    if ((base != NULL
             ? file_read_named(bytes_text(&name), FILE_LIMIT_PASSPHRASE, &content, faults)
             : file_read(AT_FDCWD, bytes_text(&name), FILE_LIMIT_PASSPHRASE, &content, faults)) != 0) {
        goto out;
    }
    if (stat(bytes_text(&name), &stat_of) == 0 && S_ISREG(stat_of.st_mode) &&
        (stat_of.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        const struct place place = {.file = bytes_text(&name)};

        fault_warning(faults, &place, NULL, "chmod 600 it", "holds a passphrase and can be read by others");
    }
    end = content.length == 0 ? NULL : memchr(content.data, '\n', content.length);
    if (bytes_append(secret, content.data, end == NULL ? content.length : (size_t)(end - content.data)) !=
        0) {
        fault_memory(faults);
        goto out;
    }
    status = 0;
out:
    bytes_free(&content);
    bytes_free(&name);
    return status;
}

/* One line, octet by octet, so that what follows stays there for the next that reads. */
static int from_descriptor(int descriptor, const struct place *place, struct bytes *secret,
                           struct faults *faults)
{
    bool anything = false;

    for (;;) {
        unsigned char octet = 0;
        ssize_t got = read(descriptor, &octet, 1);

        if (got == -1 && errno == EINTR) {
            continue;
        }
        if (got == -1) {
            fault_system(faults, errno, place->file, NULL,
                         "the passphrase cannot be read from file descriptor %d", descriptor);
            return -1;
        }
        if (got == 0 && !anything) {
            fault_error(faults, place, NULL, NULL, "file descriptor %d gives no passphrase: it is at its end",
                        descriptor);
            return -1;
        }
        if (got == 0 || octet == '\n' || secret->length > PASSPHRASE_MAX) {
            return 0;
        }
        anything = true;
        if (bytes_append_byte(secret, octet) != 0) {
            fault_memory(faults);
            return -1;
        }
    }
}

/* "Passphrase for client.p12: ". What could steer the terminal in a name shows as "?". */
static int append_question(struct bytes *question, const char *start, const char *label)
{
    struct slice rest = slice_of_text(label);

    if (bytes_append_text(question, start) != 0) {
        return -1;
    }
    while (rest.length != 0) {
        uint32_t point = 0;
        size_t length = utf8_take(rest, &point);
        bool plain = length != 0 && !utf8_is_control(point);

        length = length == 0 ? 1 : length;
        if (bytes_append(question, plain ? rest.data : (const unsigned char *)"?", plain ? length : 1) != 0) {
            return -1;
        }
        rest.data += length;
        rest.length -= length;
    }
    return bytes_append_text(question, ": ");
}

static int from_prompt(const char *label, bool confirm, const struct place *place, struct bytes *secret,
                       struct faults *faults)
{
    struct bytes question = BYTES_EMPTY;
    enum prompt_outcome outcome = PROMPT_FAILED;
    int error;

    errno = ENOMEM;
    if (append_question(&question, confirm ? "New passphrase for " : "Passphrase for ",
                        label != NULL ? label : "the key") == 0) {
        outcome =
            prompt_ask(bytes_text(&question), confirm ? "The same again: " : NULL, PASSPHRASE_MAX, secret);
    }
    error = errno;
    bytes_free(&question);
    switch (outcome) {
    case PROMPT_DONE:
        break;
    case PROMPT_NO_TERMINAL:
        fault_error(faults, place, NULL, "env:NAME, file:PATH or fd:N",
                    "there is no terminal to ask for the passphrase at");
        break;
    case PROMPT_INTERRUPTED:
        fault_error(faults, place, NULL, NULL, "the question for the passphrase was interrupted");
        break;
    case PROMPT_NOTHING:
        fault_error(faults, place, NULL, NULL, "no passphrase was given at the terminal");
        break;
    case PROMPT_TOO_LONG:
        fault_error(faults, place, NULL, NULL, "the passphrase is longer than %d bytes", PASSPHRASE_MAX);
        break;
    case PROMPT_DIFFERENT:
        fault_error(faults, place, NULL, NULL, "the two passphrases differ");
        break;
    case PROMPT_FAILED:
        fault_system(faults, error, place->file, NULL, "the passphrase cannot be asked for at the terminal");
        break;
    }
    return outcome == PROMPT_DONE ? 0 : -1;
}

static int from_randomness(const struct context *context, const struct place *place, struct bytes *secret,
                           struct faults *faults)
{
    unsigned char random[GENERATED_LETTERS];
    int status = -1;

    if (bytes_reserve(secret, GENERATED_LETTERS + GENERATED_LETTERS / GENERATED_GROUP) != 0) {
        fault_memory(faults);
        return -1;
    }
    if (context_random(context, random, sizeof(random)) != 0) {
        fault_error(faults, place, NULL, NULL, "there is no randomness to generate a passphrase from");
        goto out;
    }
    for (size_t i = 0; i < GENERATED_LETTERS; i++) {
        if (i != 0 && i % GENERATED_GROUP == 0 && bytes_append_byte(secret, '-') != 0) {
            goto out;
        }
        if (bytes_append_byte(secret, (unsigned char)letters[random[i] & 31]) != 0) {
            goto out;
        }
    }
    status = 0;
out:
    OPENSSL_cleanse(random, sizeof(random));
    return status;
}

static int fetch(const struct context *context, const struct passphrase_spec *spec, const char *base,
                 const char *label, bool confirm, struct bytes *secret, struct faults *faults)
{
    const struct place place = {.file = label};

    switch (spec->source) {
    case PASSPHRASE_ENV:
        return from_environment(spec->argument, &place, secret, faults);
    case PASSPHRASE_FILE:
        return from_file(spec->argument, base, secret, faults);
    case PASSPHRASE_FD:
        return from_descriptor(spec->descriptor, &place, secret, faults);
    case PASSPHRASE_PROMPT:
        return from_prompt(label, confirm, &place, secret, faults);
    case PASSPHRASE_GENERATE:
        return from_randomness(context, &place, secret, faults);
    case PASSPHRASE_KEYCHAIN:
        return keychain_fetch(spec->argument, &place, secret, faults);
    case PASSPHRASE_TEXT:
        if (bytes_append_text(secret, spec->argument) != 0) {
            fault_memory(faults);
            return -1;
        }
        return 0;
    case PASSPHRASE_NONE:
        break;
    }
    fault_error(faults, &place, NULL, HINT_SOURCES, "nothing says where the passphrase comes from");
    return -1;
}

/* A line may have ended in CR LF; that end is no part of what a file or descriptor holds. */
static void drop_carriage_return(const struct passphrase_spec *spec, struct bytes *secret)
{
    if ((spec->source == PASSPHRASE_FILE || spec->source == PASSPHRASE_FD) && secret->length != 0 &&
        secret->data[secret->length - 1] == '\r') {
        secret->data[--secret->length] = '\0';
    }
}

int passphrase_obtain(const struct context *context, const struct passphrase_spec *spec, const char *base,
                      const char *label, bool confirm, struct bytes *secret, struct faults *faults)
{
    const struct place place = {.file = label};
    int status;

    bytes_clear(secret);
    status = fetch(context, spec, base, label, confirm, secret, faults);
    if (status == 0) {
        drop_carriage_return(spec, secret);
        if (secret->length > PASSPHRASE_MAX) {
            fault_error(faults, &place, NULL, NULL, "the passphrase is longer than %d bytes", PASSPHRASE_MAX);
            status = -1;
        } else if (secret->length != 0 && memchr(secret->data, '\0', secret->length) != NULL) {
            fault_error(faults, &place, NULL, NULL, "the passphrase holds a NUL");
            status = -1;
        }
    }
    if (status != 0) {
        bytes_clear(secret);
    }
    return status;
}
