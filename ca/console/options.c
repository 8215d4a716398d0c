/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options by table, over getopt_long.
 */
#include "console/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "manifest/field.h"

/** Options a command may have, its own and the common ones together. */
#define OPTIONS_MAX 48
/** getopt codes of long options start here, above every letter. */
#define CODE_FIRST 256

struct value {
    const char **texts;
    size_t count;
};

struct options {
    const struct option_spec *specs[OPTIONS_MAX];
    struct value values[OPTIONS_MAX];
    size_t count;
    const char *const *arguments;
    size_t argument_count;
};

static const struct option_spec common[] = {
    {"quiet", 'q', NULL, false, "say nothing but errors"},
    {"verbose", 'v', NULL, true, "say more; twice: still more"},
    {"help", 'h', NULL, false, "show this help"},
    {NULL, 0, NULL, false, NULL},
};

const struct option_spec *options_common(void)
{
    return common;
}

static size_t options_index(const struct options *options, const char *name)
{
    size_t i = 0;

    while (i < options->count && strcmp(options->specs[i]->name, name) != 0) {
        i++;
    }
    return i;
}

/** The short option string and the long option table that getopt_long wants. */
static int options_prepare(struct options *options, const struct option_spec *specs, struct bytes *letters,
                           struct option *longs)
{
    const struct option_spec *tables[2] = {specs, common};
    size_t i;

    /* ':' first: getopt tells a missing argument from an unknown option */
    if (bytes_append_byte(letters, ':') != 0) {
        return -1;
    }
    for (i = 0; i < 2; i++) {
        const struct option_spec *spec;

        for (spec = tables[i]; spec != NULL && spec->name != NULL; spec++) {
            struct option *one = &longs[options->count];

            if (options->count == OPTIONS_MAX) {
                return -1;
            }
            one->name = spec->name;
            one->has_arg = spec->argument != NULL ? required_argument : no_argument;
            one->val = CODE_FIRST + (int)options->count;
            options->specs[options->count++] = spec;
            if (spec->letter != 0 && (bytes_append_byte(letters, (unsigned char)spec->letter) != 0 ||
                                      (spec->argument != NULL && bytes_append_byte(letters, ':') != 0))) {
                return -1;
            }
        }
    }
    return 0;
}

static int options_store(struct options *options, size_t index, const char *text, struct faults *faults)
{
    struct value *value = &options->values[index];
    const struct option_spec *spec = options->specs[index];
    const char **texts;

    if (value->count > 0 && !spec->repeats) {
        fault_error(faults, NULL, NULL, NULL, "option --%s is given twice", spec->name);
        return -1;
    }
    if (*text == 0 && spec->argument != NULL &&
        (strcmp(spec->argument, "DIR") == 0 || strcmp(spec->argument, "FILE") == 0)) {
        fault_error(faults, NULL, NULL, "a shell variable that is not set?", "option --%s is empty",
                    spec->name);
        return -1;
    }
    texts = realloc(value->texts, (value->count + 1) * sizeof(*texts));
    if (texts == NULL) {
        fault_memory(faults);
        return -1;
    }
    texts[value->count++] = text;
    value->texts = texts;
    return 0;
}

/** The complaint for an option that is not in the table. */
static void options_unknown(const struct options *options, const char *given, struct faults *faults)
{
    const char *names[OPTIONS_MAX];
    const char *nearest = NULL;
    struct bytes hint = BYTES_EMPTY;
    struct bytes bare = BYTES_EMPTY;
    size_t i;

    for (i = 0; i < options->count; i++) {
        names[i] = options->specs[i]->name;
    }
    if (strncmp(given, "--", 2) == 0 && bytes_append(&bare, given + 2, strcspn(given + 2, "=")) == 0) {
        nearest = field_nearest(bytes_text(&bare), names, options->count);
    }
    if (nearest != NULL && bytes_printf(&hint, "did you mean --%s?", nearest) == 0) {
        fault_error(faults, NULL, NULL, bytes_text(&hint), "there is no option %s", given);
    } else {
        fault_error(faults, NULL, NULL, NULL, "there is no option %s", given);
    }
    bytes_free(&bare);
    bytes_free(&hint);
}

static int options_scan(struct options *options, int argc, char **argv, const char *letters,
                        const struct option *longs, struct faults *faults)
{
    int code;

    /* getopt's state is the C library's: this is the one place that uses it, once a process */
    opterr = 0;
    optind = 1;
    while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        size_t index = 0;

        if (code == '?' || code == ':') {
            const char *given = argv[optind - 1];

            if (code == '?' && optopt >= CODE_FIRST) {
                fault_error(faults, NULL, NULL, NULL, "option --%s takes no value",
                            options->specs[optopt - CODE_FIRST]->name);
            } else if (code == '?') {
                char letter[3] = {'-', (char)optopt, 0};

                options_unknown(options, optopt != 0 ? letter : given, faults);
            } else {
                fault_error(faults, NULL, NULL, NULL, "option %s needs a value", given);
            }
            return -1;
        }
        if (code >= CODE_FIRST) {
            index = (size_t)(code - CODE_FIRST);
        } else {
            while (index < options->count && options->specs[index]->letter != code) {
                index++;
            }
        }
        if (index >= options->count) {
            options_unknown(options, argv[optind - 1], faults);
            return -1;
        }
        if (options_store(options, index, optarg != NULL ? optarg : "", faults) != 0) {
            return -1;
        }
    }
    options->arguments = (const char *const *)argv + optind;
    options->argument_count = (size_t)(argc - optind);
    return 0;
}

struct options *options_parse(const struct option_spec *specs, int argc, char **argv, struct faults *faults)
{
    struct option longs[OPTIONS_MAX + 1] = {{NULL, 0, NULL, 0}};
    struct bytes letters = BYTES_EMPTY;
    struct options *options = calloc(1, sizeof(*options));
    int status = -1;

    if (options == NULL || options_prepare(options, specs, &letters, longs) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = options_scan(options, argc, argv, bytes_text(&letters), longs, faults);
out:
    bytes_free(&letters);
    if (status != 0) {
        options_free(options);
        options = NULL;
    }
    return options;
}

void options_free(struct options *options)
{
    size_t i;

    if (options == NULL) {
        return;
    }
    for (i = 0; i < options->count; i++) {
        free(options->values[i].texts);
    }
    free(options);
}

bool options_given(const struct options *options, const char *name)
{
    return options_count(options, name) > 0;
}

const char *options_text(const struct options *options, const char *name)
{
    size_t count = options_count(options, name);

    return count > 0 ? options_at(options, name, count - 1) : NULL;
}

size_t options_count(const struct options *options, const char *name)
{
    size_t index = options_index(options, name);

    return index < options->count ? options->values[index].count : 0;
}

const char *options_at(const struct options *options, const char *name, size_t index)
{
    return options->values[options_index(options, name)].texts[index];
}

const char *const *options_list(const struct options *options, const char *name)
{
    size_t index = options_index(options, name);

    return index < options->count ? options->values[index].texts : NULL;
}

size_t options_argument_count(const struct options *options)
{
    return options->argument_count;
}

const char *options_argument(const struct options *options, size_t index)
{
    return options->arguments[index];
}

const char *const *options_arguments(const struct options *options)
{
    return options->arguments;
}
