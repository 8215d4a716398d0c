/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca key: what is done to a key file. So far: its passphrase.
 */
#include <stdlib.h>
#include <string.h>

#include "command/commands.h"
#include "command/directory_option.h"
#include "console/passphrase_option.h"
#include "issuing/settings.h"
#include "operations/key_lock.h"

static const struct option_spec key_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory of NAME (default: pki)"},
    {"old", 0, "SPEC", false, "the passphrase it has: env:NAME, file:PATH, fd:N, prompt (default: prompt)"},
    {"new", 0, "SPEC", false, "the passphrase it gets (default: prompt)"},
    {"kdf", 0, "KDF", false, "pbkdf2 or scrypt: how it becomes a key (default: as it is, else pbkdf2)"},
    {"remove", 0, NULL, false, "it gets none: the key is written in the clear, 0600"},
    {NULL, 0, NULL, false, NULL},
};

/** Whether the options can be what somebody wants. */
static bool usage_is_right(const struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *new = options_text(options, "new");
    const char *kdf = options_text(options, "kdf");
    enum key_kdf known;

    if (strcmp(options_argument(options, 0), "passphrase") != 0) {
        usage_error(invocation->faults, "key passphrase NAME", "key cannot \"%s\"",
                    options_argument(options, 0));
        return false;
    }
    if (options_argument_count(options) != 2) {
        usage_error(invocation->faults, NULL, "the NAME or FILE of a key is missing");
        return false;
    }
    if (new != NULL && options_given(options, "remove")) {
        usage_error(invocation->faults, NULL, "--new gives a passphrase and --remove takes it: one of them");
        return false;
    }
    if (kdf != NULL && options_given(options, "remove")) {
        usage_error(invocation->faults, NULL, "--kdf is for a passphrase and --remove takes it: one of them");
        return false;
    }
    if (kdf != NULL && key_kdf_parse(kdf, &known) != 0) {
        usage_error(invocation->faults, "--kdf scrypt or --kdf pbkdf2", "--kdf \"%s\" derives no key here",
                    kdf);
        return false;
    }
    if (new != NULL && strcmp(new, "generate") == 0) {
        usage_error(invocation->faults, "env:NAME, file:PATH, fd:N or prompt",
                    "--new generate: nobody would be told the passphrase");
        return false;
    }
    return passphrase_option_is_spec(invocation, "old") && passphrase_option_is_spec(invocation, "new");
}

/** Fetches what --@p name says; not given, it is asked for at the terminal. */
static int fetch(const struct invocation *invocation, const char *name, const char *path, bool confirm,
                 struct passphrase_option *option)
{
    const struct passphrase_spec prompt = {PASSPHRASE_PROMPT, NULL, 0};
    struct bytes label = BYTES_EMPTY;
    int status = -1;

    if (bytes_printf(&label, "%s, %s passphrase", path, name) != 0) {
        fault_memory(invocation->faults);
    } else if (options_given(invocation->options, name)) {
        status = passphrase_option_fetch(invocation, name, bytes_text(&label), confirm, option);
    } else {
        status = passphrase_obtain(invocation->context, &prompt, NULL, bytes_text(&label), confirm,
                                   &option->secret, invocation->faults);
        option->given = status == 0;
    }
    bytes_free(&label);
    return status;
}

/** Where the new passphrase came from, as the ledger remembers it; "" when there is none. */
static int spec_of(const struct invocation *invocation, bool remove, struct bytes *text)
{
    const char *given = options_text(invocation->options, "new");
    struct passphrase_spec spec = {remove ? PASSPHRASE_NONE : PASSPHRASE_PROMPT, NULL, 0};
    struct faults *unused = faults_new(); /* it was parsed before, and warned of */
    int status = -1;

    if (unused != NULL && (given == NULL || passphrase_spec_parse(given, NULL, NULL, &spec, unused) == 0)) {
        status = settings_spec(&spec, NULL, text);
    }
    if (status != 0) {
        fault_memory(invocation->faults);
    }
    passphrase_spec_free(&spec);
    faults_free(unused);
    return status;
}

/** How the file is to be encrypted: as --kdf says, else as it is. */
static enum key_kdf kdf_of(const struct options *options, const struct key_lock *lock)
{
    const char *given = options_text(options, "kdf");
    enum key_kdf kdf = key_lock_kdf(lock);

    return given == NULL || key_kdf_parse(given, &kdf) == 0 ? kdf : KEY_KDF_PBKDF2;
}

/** What became of it. @p before: its KDF when it had a passphrase. */
static void tell(const struct invocation *invocation, const struct key_lock *lock, bool was, bool is,
                 enum key_kdf before, enum key_kdf kdf)
{
    const char *path = key_lock_path(lock);

    if (!was && !is) {
        terminal_print(invocation->terminal, "%s had no passphrase\n", path);
    } else {
        terminal_print(invocation->terminal,
                       is ? was ? "%s has another passphrase now\n" : "%s has a passphrase now\n"
                          : "%s has no passphrase any more\n",
                       path);
    }
    if (was != is && key_lock_is_known(lock)) {
        terminal_print(invocation->terminal,
                       is ? "its manifest should say so, too (passphrase: SPEC), or apply "
                            "writes it in the clear again\n"
                          : "its manifest should say no passphrase either, or apply "
                            "encrypts it again\n");
    }
    if (is && before != kdf && key_lock_is_known(lock)) {
        terminal_print(invocation->terminal,
                       "its manifest should say passphrase_kdf: %s, or apply encrypts it by %s again\n",
                       key_kdf_text(kdf), key_kdf_text(before));
    }
}

static enum exit_status key_run(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    bool remove = options_given(options, "remove");
    struct passphrase_option old = {false, false, BYTES_EMPTY};
    struct passphrase_option new = {false, false, BYTES_EMPTY};
    struct bytes spec = BYTES_EMPTY;
    struct key_lock *lock = NULL;
    enum exit_status status = EXIT_FAILED;

    if (!usage_is_right(invocation)) {
        return EXIT_USAGE;
    }
    lock = key_lock_open(invocation->context, options_argument(options, 1), directory_option(options),
                         invocation->faults);
    if (lock == NULL) {
        goto out;
    }

    bool was = key_lock_is_set(lock);
    enum key_kdf before = key_lock_kdf(lock);
    enum key_kdf kdf = kdf_of(options, lock);

    if (remove && !was) {
        tell(invocation, lock, false, false, before, before);
        status = EXIT_DONE;
        goto out;
    }
    if ((was && fetch(invocation, "old", key_lock_path(lock), false, &old) != 0) ||
        (!remove && fetch(invocation, "new", key_lock_path(lock), true, &new) != 0)) {
        goto out;
    }
    if (spec_of(invocation, remove, &spec) == 0 &&
        key_lock_change(lock, passphrase_option_secret(&old), passphrase_option_secret(&new), kdf,
                        bytes_text(&spec), invocation->faults) == 0) {
        tell(invocation, lock, was, !remove, before, kdf);
        status = EXIT_DONE;
    }
out:
    key_lock_free(lock);
    bytes_free(&spec);
    passphrase_option_free(&old);
    passphrase_option_free(&new);
    return status;
}

const struct command command_key = {
    .name = "key",
    .summary = "change, set or remove the passphrase of a key file",
    .arguments = "passphrase NAME|FILE",
    .least = 1,
    .most = 2,
    .options = key_options,
    .about =
        "NAME is an authority or certificate of the PKI directory; what has a slash in it, or ends in .key "
        "or .pem, is\n"
        "the path of a FILE. The key itself stays as it is, and so does every certificate. The file is "
        "exchanged whole,\n"
        "with mode 0600, and the ledger knows the new one: apply has nothing to do afterwards, once "
        "passphrase: in the\n"
        "manifest is as it should be.\n"
        "Encrypted files are PKCS#8 with PBES2: AES-256-CBC, and PBKDF2 with HMAC-SHA-256 and 600,000 "
        "rounds, or "
        "scrypt\n"
        "with N 16,384, r 8 and p 5 (16 MiB), which OpenSSL reads and GnuTLS and Java do not.\n",
    .examples =
        "  mtls-ca key passphrase server-ca -d out --new prompt    the key gets one, or another one\n"
        "  mtls-ca key passphrase server-ca -d out --old prompt --new env:CA_PASSWORD\n"
        "  mtls-ca key passphrase server-ca -d out --old env:CA_PASSWORD --new env:CA_PASSWORD --kdf scrypt\n"
        "  mtls-ca key passphrase out/server-ca.key --old env:CA_PASSWORD --remove\n",
    .run = key_run,
};
