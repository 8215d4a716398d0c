/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From argv to a command and its exit status; --help and --version on the way.
 */
#include "console/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/process.h"
#include "base/stack.h"
#include "manifest/field.h"

/** Width of the left column of --help. */
#define HELP_COLUMN 32

static void help_overview(const struct program *program, FILE *stream)
{
    size_t i;

    (void)fprintf(stream, "%s: %s\n\nusage: %s COMMAND [options] ...\n\ncommands:\n", program->name,
                  program->summary, program->name);
    for (i = 0; program->commands[i] != NULL; i++) {
        (void)fprintf(stream, "  %-20s %s\n", program->commands[i]->name, program->commands[i]->summary);
    }
    (void)fprintf(stream,
                  "\noptions:\n"
                  "  -h, --help     show this help\n"
                  "      --version  show the version\n"
                  "\nexamples:\n%s",
                  program->examples);
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

static void help_command(const struct program *program, const struct command *command)
{
    (void)printf("%s %s: %s\n\nusage: %s %s [options]%s%s\n", program->name, command->name, command->summary,
                 program->name, command->name, command->arguments[0] != 0 ? " " : "", command->arguments);
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

static const struct command *command_find(const struct program *program, const char *name,
                                          struct faults *faults)
{
    const char *names[PROGRAM_COMMANDS_MAX + 1] = {NULL};
    const char *nearest;
    struct bytes hint = BYTES_EMPTY;
    size_t i;

    for (i = 0; i < PROGRAM_COMMANDS_MAX && program->commands[i] != NULL; i++) {
        if (strcmp(program->commands[i]->name, name) == 0) {
            return program->commands[i];
        }
        names[i] = program->commands[i]->name;
    }
    if (name[0] == '-') {
        names[0] = "--help";
        names[1] = "--version";
        i = 2;
    }
    nearest = field_nearest(name, names, i);
    if ((nearest != NULL ? bytes_printf(&hint, "did you mean %s?", nearest)
                         : bytes_printf(&hint, "%s --help lists them", program->name)) != 0) {
        bytes_clear(&hint);
    }
    if (name[0] == '-') {
        usage_error(faults,
                    nearest != NULL ? bytes_text(&hint) : "the command comes first, its options behind it",
                    "there is no option %s in front of a command", name);
    } else {
        usage_error(faults, bytes_text(&hint), "there is no command %s", name);
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

static enum exit_status command_start(const struct program *program, const struct command *command,
                                      const struct options *options, struct faults *faults)
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
    if (faults_errors(faults) > 0 && status != EXIT_USAGE && command->failure == 0) {
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
        (void)fprintf(stderr, "%s: memory is out\n", program->name);
    }
    if (status == EXIT_USAGE) {
        (void)fprintf(stderr, "see: %s %s --help\n", program->name, command->name);
    }
    context_free(context);
    terminal_free(terminal);
    return status;
}

/** Faults found before there is a terminal. */
static void faults_print(const struct program *program, const struct faults *faults)
{
    size_t i;

    for (i = 0; i < faults_count(faults); i++) {
        (void)fprintf(stderr, "%s: %s\n", program->name, faults_text(faults, i));
    }
}

/** What was printed without a terminal is out, or that is told. */
static enum exit_status printed(const struct program *program)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return EXIT_DONE;
    }
    (void)fprintf(stderr, "%s: standard output could not be written\n", program->name);
    return EXIT_FAILED;
}

static enum exit_status command_run(const struct program *program, const struct command *command, int argc,
                                    char **argv, struct faults *faults)
{
    struct options *options = options_parse(command->options, argc, argv, faults);
    enum exit_status status = EXIT_USAGE;

    if (options != NULL && options_given(options, "help")) {
        help_command(program, command);
        status = printed(program);
    } else if (options == NULL || arguments_check(command, options, faults) != 0) {
        faults_print(program, faults);
        (void)fprintf(stderr, "see: %s %s --help\n", program->name, command->name);
        if (command->failure != 0) {
            status = (enum exit_status)command->failure;
        }
    } else {
        status = command_start(program, command, options, faults);
    }
    options_free(options);
    return status;
}

/*
 * How a program has OpenSSL. Without its configuration: OPENSSL_CONF could load foreign engines and providers into the process that
 * holds keys. Without its clearing up at the end, which frees some thousands of small things right before all memory goes. Without the
 * table of all it had before there were providers, which costs every run what a signature costs, and is asked in two places that
 * matter: X509_verify looks there for the hash of a signature, and PEM for the cipher of a key that is encrypted as before PKCS #8; these
 * are entered. And with the DRBG made of SHA-256 instead of the one
 * made of AES (both are of NIST SP 800-90A): this one fetches every cipher of the library at the first random number, which a run that
 * makes one certificate has no other use for.
 */
static void library_start(void)
{
    const EVP_MD *const hashes[] = {
        EVP_md5(),        EVP_sha1(),       EVP_sha224(),   EVP_sha256(),   EVP_sha384(),   EVP_sha512(),
        EVP_sha512_224(), EVP_sha512_256(), EVP_sha3_224(), EVP_sha3_256(), EVP_sha3_384(), EVP_sha3_512(),
    };
    const EVP_CIPHER *const ciphers[] = {
        EVP_des_cbc(),      EVP_des_ede3_cbc(),     EVP_aes_128_cbc(),      EVP_aes_192_cbc(),
        EVP_aes_256_cbc(),  EVP_camellia_128_cbc(), EVP_camellia_192_cbc(), EVP_camellia_256_cbc(),
        EVP_aria_128_cbc(), EVP_aria_192_cbc(),     EVP_aria_256_cbc(),
    };
    size_t i;

    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT |
                                  OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS,
                              NULL);
    for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        (void)EVP_add_digest(hashes[i]);
    }
    for (i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++) {
        (void)EVP_add_cipher(ciphers[i]);
    }
    (void)RAND_set_DRBG_type(NULL, "HASH-DRBG", NULL, NULL, "SHA2-256");
}

int program_run(const struct program *program, int argc, char **argv)
{
    struct faults *faults = faults_new();
    const struct command *command;
    enum exit_status status = EXIT_USAGE;

    library_start();
    process_keep_from_disk();
    if (faults == NULL) {
        (void)fprintf(stderr, "%s: memory is out\n", program->name);
        return EXIT_FAILED;
    }
    if (argc < 2) {
        help_overview(program, stderr);
    } else if (strcmp(argv[1], "--version") == 0) {
        (void)printf("%s %s (%s)\n", program->name, program->version, OpenSSL_version(OPENSSL_VERSION));
        status = printed(program);
    } else if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        help_overview(program, stdout);
        status = printed(program);
    } else {
        command = command_find(program, argv[1], faults);
        if (command == NULL) {
            faults_print(program, faults);
        } else {
            status = command_run(program, command, argc - 1, argv + 1, faults);
        }
    }
    faults_free(faults);
    stack_wipe();
    return (int)status;
}
