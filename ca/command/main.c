/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca: a table of commands.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/stack.h"
#include "command/command.h"
#include "manifest/field.h"

/** The commands, in the order --help lists them. Ends with NULL. */
static const struct command *const commands[] = {
    /* clang-format off */
    &command_apply,
    &command_issue,
    &command_sign,
    &command_renew,
    &command_revoke,
    &command_crl,
    &command_list,
    &command_show,
    &command_audit,
    &command_csr,
    &command_install_certificate,
    &command_bundle,
    &command_inspect,
    &command_lint,
    &command_verify,
    &command_profile,
    &command_key,
    NULL,
    /* clang-format on */
};

/** Width of the left column of --help. */
#define HELP_COLUMN 32

static void help_overview(FILE *stream)
{
    size_t i;

    (void)fputs("mtls-ca: from one YAML file to certificates, P12 bundles and a working mTLS connection\n\n"
                "usage: mtls-ca COMMAND [options] ...\n\ncommands:\n",
                stream);
    for (i = 0; commands[i] != NULL; i++) {
        (void)fprintf(stream, "  %-20s %s\n", commands[i]->name, commands[i]->summary);
    }
    (void)fputs("\noptions:\n"
                "  -h, --help     show this help\n"
                "      --version  show the version\n"
                "\nexamples:\n"
                "  mtls-ca apply pki.yaml -d out      make what the manifest asks for\n"
                "  mtls-ca apply pki.yaml --plan      only say what would be done\n"
                "  mtls-ca verify out/server.crt --ca out/server-ca.crt --host localhost\n"
                "  mtls-ca COMMAND --help             about one command, with examples\n",
                stream);
}

static void help_options(const struct option_spec *specs)
{
    for (; specs != NULL && specs->name != NULL; specs++) {
        char letter[5] = "    ";
        int width;

        if (specs->letter != 0) {
            (void)snprintf(letter, sizeof(letter), "-%c, ", specs->letter);
        }
        width = printf("  %s--%s%s%s", letter, specs->name, specs->argument != NULL ? " " : "",
                       specs->argument != NULL ? specs->argument : "");
        (void)printf("%*s%s\n", width < HELP_COLUMN ? HELP_COLUMN - width : 1, "", specs->help);
    }
}

static void help_command(const struct command *command)
{
    (void)printf("mtls-ca %s: %s\n\nusage: mtls-ca %s [options]%s%s\n", command->name, command->summary,
                 command->name, command->arguments[0] != 0 ? " " : "", command->arguments);
    if (command->about != NULL) {
        (void)printf("\n%s", command->about);
    }
    (void)puts("\noptions:");
    help_options(command->options);
    help_options(options_common());
    (void)printf("\nexamples:\n%s", command->examples);
}

void usage_error(struct faults *faults, const char *hint, const char *format, ...)
{
    char line[FAULT_TEXT_MAX];
    va_list values;

    va_start(values, format);
    (void)vsnprintf(line, sizeof(line), format, values);
    va_end(values);
    fault_error(faults, NULL, NULL, hint, "%s", line);
}

static const struct command *command_find(const char *name, struct faults *faults)
{
    const char *names[sizeof(commands) / sizeof(commands[0]) + 1] = {NULL}; /* room for two options, too */
    const char *nearest;
    struct bytes hint = BYTES_EMPTY;
    size_t i;

    for (i = 0; commands[i] != NULL; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
        names[i] = commands[i]->name;
    }
    if (name[0] == '-') {
        names[0] = "--help";
        names[1] = "--version";
        i = 2;
    }
    nearest = field_nearest(name, names, i);
    if (nearest == NULL || bytes_printf(&hint, "did you mean %s?", nearest) != 0) {
        bytes_clear(&hint);
    }
    if (name[0] == '-') {
        usage_error(faults,
                    hint.length > 0 ? bytes_text(&hint) : "the command comes first, its options behind it",
                    "there is no option %s in front of a command", name);
    } else {
        usage_error(faults, hint.length > 0 ? bytes_text(&hint) : "mtls-ca --help lists them",
                    "there is no command %s", name);
    }
    bytes_free(&hint);
    return NULL;
}

/** Checks the number of arguments against the table. */
static int arguments_check(const struct command *command, const struct options *options,
                           struct faults *faults)
{
    size_t count = options_argument_count(options);

    if (count < command->least) {
        usage_error(faults, NULL, "%s is missing", command->arguments);
    } else if (count > command->most) {
        usage_error(faults, NULL, "\"%s\" is one argument too many",
                    options_argument(options, command->most));
    }
    return faults_errors(faults) == 0 ? 0 : -1;
}

static enum exit_status command_start(const struct command *command, const struct options *options,
                                      struct faults *faults)
{
    struct terminal *terminal = NULL;
    struct context *context = NULL;
    enum exit_status status = EXIT_FAILED;

    terminal = terminal_new(options_given(options, "quiet"), (int)options_count(options, "verbose"));
    context = context_new(NULL);
    if (terminal == NULL || context == NULL) {
        fault_memory(faults);
        goto out;
    }
    struct invocation invocation = {context, options, terminal, faults};
    status = command->run(&invocation);
    if (faults_errors(faults) > 0 && status != EXIT_USAGE) {
        status = EXIT_FAILED;
    }
    if (terminal_flush(terminal) != 0) {
        fault_error(faults, NULL, NULL, NULL, "standard output could not be written");
        status = EXIT_FAILED;
    }
out:
    if (terminal != NULL) {
        terminal_faults(terminal, faults);
    } else {
        (void)fputs("mtls-ca: memory is out\n", stderr);
    }
    if (status == EXIT_USAGE) {
        (void)fprintf(stderr, "see: mtls-ca %s --help\n", command->name);
    }
    context_free(context);
    terminal_free(terminal);
    return status;
}

/** Faults found before there is a terminal. */
static void faults_print(const struct faults *faults)
{
    size_t i;

    for (i = 0; i < faults_count(faults); i++) {
        (void)fprintf(stderr, "mtls-ca: %s\n", faults_text(faults, i));
    }
}

static enum exit_status command_run(const struct command *command, int argc, char **argv,
                                    struct faults *faults)
{
    struct options *options = options_parse(command->options, argc, argv, faults);
    enum exit_status status = EXIT_USAGE;

    if (options != NULL && options_given(options, "help")) {
        help_command(command);
        status = fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
    } else if (options == NULL || arguments_check(command, options, faults) != 0) {
        faults_print(faults);
        (void)fprintf(stderr, "see: mtls-ca %s --help\n", command->name);
    } else {
        status = command_start(command, options, faults);
    }
    options_free(options);
    return status;
}

int main(int argc, char **argv)
{
    struct faults *faults = faults_new();
    const struct command *command;
    enum exit_status status = EXIT_USAGE;

    /* OPENSSL_CONF could load foreign engines and providers into the process that holds CA keys */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    if (faults == NULL) {
        (void)fputs("mtls-ca: memory is out\n", stderr);
        return EXIT_FAILED;
    }
    if (argc < 2) {
        help_overview(stderr);
    } else if (strcmp(argv[1], "--version") == 0) {
        status = printf("mtls-ca %s (%s)\n", MTLSKIT_VERSION, OpenSSL_version(OPENSSL_VERSION)) > 0
                     ? EXIT_DONE
                     : EXIT_FAILED;
    } else if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        help_overview(stdout);
        status = EXIT_DONE;
    } else {
        command = command_find(argv[1], faults);
        if (command == NULL) {
            faults_print(faults);
        } else {
            status = command_run(command, argc - 1, argv + 1, faults);
        }
    }
    faults_free(faults);
    stack_wipe();
    return (int)status;
}
