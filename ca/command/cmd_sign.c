/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca sign: certificates for keys that are elsewhere.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/output_file.h"
#include "command/commands.h"
#include "command/directory_option.h"
#include "command/issued.h"
#include "command/order_option.h"
#include "console/passphrase_option.h"
#include "operations/sign.h"
#include "x509/certificate_list.h"
#include "x509/pem.h"

static const struct option_spec sign_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"issuer", 0, "CA", false, "the authority that signs; may be left out where there is only one"},
    {"profile", 0, "NAME", false,
     "the kind of certificate: server, client, device, peer, or one of your own"},
    {"profiles", 0, "DIR", true, "a folder with profiles of your own"},
    {"output", 'o', "FILE", false,
     "write certificate and chain there: a file, a folder, or - (standard output)"},
    {"name", 'n', "NAME", false, "name in the ledger; default: the request's file name without its ending"},
    {"subject", 's', "DN", false, "in place of the request's subject (RFC 4514)"},
    {"san", 0, "KIND:VALUE", true, "in place of the request's subject alternative names; can be repeated"},
    {"validity", 0, "DURATION", false, "such as 90d or 1y; default: the profile's"},
    {"ignore-usages", 0, NULL, false,
     "sign although extended key usages are asked for that the profile lacks"},
    {"ledger-only", 0, NULL, false, "write no NAME.crt into the PKI directory"},
    {"issuer-passphrase", 0, "SPEC", false, "of the authority's key; default: as recorded, else prompt"},
    {"json", 0, NULL, false, "tell what was made as JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** Where certificates go besides the PKI directory. */
struct delivery {
    struct invocation *invocation;
    struct issued issued;
    const char *output; /* NULL: nowhere else */
    bool folder;
};

/** Whether all blocks are certificates: what reads certificates passes over a key among them. */
static bool only_certificates(struct slice content, const char *path, struct faults *faults)
{
    struct pem_block block = {0};
    size_t line = 1;
    bool only = true;
    int found;

    while (only && (found = pem_read(&content, &line, path, &block, faults)) != 0) {
        only = found == 1 && strcmp(block.label, "CERTIFICATE") == 0;
        if (found == 1) {
            pem_block_free(&block);
        }
    }
    return only;
}

/** What is there is replaced where it holds certificates alone, or nothing: anything else, a key above all, is nothing to write over. */
static bool may_be_replaced(const char *path, struct faults *faults)
{
    const struct place place = {.file = path};
    struct faults *unused = faults_new();
    struct certificate_list list = {0};
    struct bytes content = BYTES_EMPTY;
    struct stat status;
    bool may = false;

    if (unused == NULL) {
        fault_memory(faults);
    } else if (stat(path, &status) != 0 || !S_ISREG(status.st_mode)) {
        may = true; /* nothing is there, or what no file is put in the place of */
    } else if (file_read(AT_FDCWD, path, FILE_LIMIT_CERTIFICATES, &content, faults) == 0) {
        may = content.length == 0 || (certificate_list_read(slice_of(&content), path, &list, unused) == 0 &&
                                      only_certificates(slice_of(&content), path, unused));
        if (!may) {
            fault_error(faults, &place, NULL, "remove it, or name another file",
                        "something is there that is no certificate");
        }
    }
    certificate_list_free(&list);
    bytes_free(&content);
    faults_free(unused);
    return may;
}

static int deliver(void *state, const struct ledger_certificate *certificate, struct slice chain)
{
    struct delivery *delivery = state;
    struct bytes path = BYTES_EMPTY;
    const char *beside = NULL;
    int status = -1;

    if (delivery->output != NULL && strcmp(delivery->output, "-") == 0) {
        terminal_print(delivery->invocation->terminal, "%.*s", (int)chain.length, (const char *)chain.data);
        return 0;
    }
    if (delivery->output != NULL) {
        if ((delivery->folder ? bytes_printf(&path, "%s/%s.crt", delivery->output, certificate->name)
                              : bytes_append_text(&path, delivery->output)) != 0) {
            fault_memory(delivery->invocation->faults);
            goto out;
        }
        beside = bytes_text(&path);
        if (!may_be_replaced(beside, delivery->invocation->faults) ||
            output_file_publish(delivery->invocation->context, beside, chain, 0644,
                                delivery->invocation->faults) != 0) {
            goto out;
        }
    }
    status = issued_tell(&delivery->issued, certificate, beside);
out:
    bytes_free(&path);
    return status;
}

/** Whether anybody is to hear of single certificates. */
static bool delivery_is_wanted(const struct delivery *delivery)
{
    return delivery->output != NULL || !terminal_is_quiet(delivery->invocation->terminal) ||
           options_given(delivery->invocation->options, "json");
}

static bool is_folder(const char *path)
{
    struct stat status;

    return path != NULL && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool usage_is_right(const struct invocation *invocation, const struct delivery *delivery)
{
    static const char *const single[] = {"name", "subject", "san"};
    const struct options *options = invocation->options;
    const char *name = options_text(options, "name");
    bool many = options_argument_count(options) > 1;
    size_t i;

    order_options_check(invocation, false);
    if (name != NULL) {
        order_option_check_name(invocation, name);
    }
    if (!options_given(options, "profile")) {
        usage_error(invocation->faults, "server, client, device, peer, or one of your own",
                    "--profile is missing");
    }
    for (i = 0; many && i < sizeof(single) / sizeof(single[0]); i++) {
        if (options_given(options, single[i])) {
            usage_error(invocation->faults, "sign them one by one", "--%s is for one request, not for %zu",
                        single[i], options_argument_count(options));
        }
    }
    if (many && delivery->output != NULL && !delivery->folder && strcmp(delivery->output, "-") != 0) {
        usage_error(invocation->faults, "name a folder that is there",
                    "-o %s is no folder for %zu certificates", delivery->output,
                    options_argument_count(options));
    }
    if (options_given(options, "json") && delivery->output != NULL && strcmp(delivery->output, "-") == 0) {
        usage_error(invocation->faults, NULL, "--json and -o - both want standard output");
    }
    return passphrase_option_is_spec(invocation, "issuer-passphrase") &&
           faults_errors(invocation->faults) == 0;
}

/** What is signed stays signed, so a place that -o cannot write to is told before. */
static bool output_is_ready(const struct delivery *delivery)
{
    struct bytes path = BYTES_EMPTY;
    int status = 0;

    if (delivery->output == NULL || strcmp(delivery->output, "-") == 0) {
        return true;
    }
    status = bytes_printf(&path, "%s%s", delivery->output, delivery->folder ? "/" : "");
    if (status != 0) {
        fault_memory(delivery->invocation->faults);
    } else {
        status = output_file_check(bytes_text(&path), delivery->invocation->faults);
        if (status == 0 && !delivery->folder &&
            !may_be_replaced(delivery->output, delivery->invocation->faults)) {
            status = -1;
        }
    }
    bytes_free(&path);
    return status == 0;
}

static enum exit_status sign_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    struct delivery delivery = {.invocation = invocation,
                                .output = options_text(options, "output"),
                                .folder = is_folder(options_text(options, "output"))};
    const struct sign_order order = {
        .requests = options_arguments(options),
        .count = options_argument_count(options),
        .issuer = options_text(options, "issuer"),
        .profile = options_text(options, "profile"),
        .profiles = options_list(options, "profiles"),
        .profile_count = options_count(options, "profiles"),
        .name = options_text(options, "name"),
        .subject = options_text(options, "subject"),
        .names = options_list(options, "san"),
        .name_count = options_count(options, "san"),
        .validity = options_text(options, "validity"),
        .issuer_passphrase = options_text(options, "issuer-passphrase"),
        .ignore_usages = options_given(options, "ignore-usages"),
        .ledger_only = options_given(options, "ledger-only"),
    };
    enum exit_status status = EXIT_FAILED;

    if (!usage_is_right(invocation, &delivery)) {
        return EXIT_USAGE;
    }
    if (output_is_ready(&delivery) && issued_start(&delivery.issued, invocation, directory, "signed") == 0 &&
        sign_run(invocation->context, directory, &order, issued_observer(&delivery.issued),
                 delivery_is_wanted(&delivery) ? deliver : NULL, &delivery, invocation->faults) == 0) {
        bool printed = delivery.output != NULL && strcmp(delivery.output, "-") == 0;

        status = printed || issued_finish(&delivery.issued, "mtlskit.sign/1") == 0 ? EXIT_DONE : EXIT_FAILED;
    }
    issued_free(&delivery.issued);
    return status;
}

const struct command command_sign = {
    .name = "sign",
    .summary = "sign certification requests: certificates for keys that are elsewhere",
    .arguments = "REQUEST...",
    .least = 1,
    .most = SIZE_MAX,
    .options = sign_options,
    .about = "Takes requests (PKCS #10; PEM or DER), checks that each is signed by its own key, and holds "
             "subject, names,\n"
             "key and usages against the profile; when anything is refused, nothing is signed. Certificate "
             "and chain go to\n"
             "NAME.crt in the PKI directory and, with -o, elsewhere, too. The same request again gives the "
             "same certificate.\n",
    .examples = "  mtls-ca sign router.csr --issuer client-ca --profile client -d out -o router.crt\n"
                "  mtls-ca sign sub.csr --issuer client-ca --profile intermediate-ca -d out -o sub.crt\n"
                "  mtls-ca sign requests/*.csr --issuer client-ca --profile device -d out -o certificates/\n"
                "  mtls-ca sign - --name api --issuer server-ca --profile server --san dns:api.example.com "
                "-d out \\\n"
                "      -o - <api.csr >api.crt\n",
    .run = sign_command,
};
