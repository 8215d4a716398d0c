/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca csr: a request for a certificate that is made elsewhere.
 */
#include "base/token_uri.h"
#include "command/commands.h"
#include "command/directory_option.h"
#include "command/order_option.h"
#include "console/json.h"
#include "console/passphrase_option.h"
#include "operations/csr.h"

static const struct option_spec csr_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory, made when it is missing (default: pki)"},
    {"profile", 0, "NAME", false, "what it is to be: intermediate-ca, server, client, or one of your own"},
    {"profiles", 0, "DIR", true, "a folder with profiles of your own"},
    {"subject", 's', "DN", false, "such as \"CN=Issuing CA,O=Example\" (RFC 4514); default: CN=NAME"},
    {"san", 0, "KIND:VALUE", true, "dns:localhost, ip:127.0.0.1, email:a@example.com; can be repeated"},
    {"key", 0, "ALGORITHM|URI", false, "of a key that is made; or pkcs11:..., of an authority's in a token"},
    {"generate", 0, "ALGORITHM", false, "make the key in the token when it is not there"},
    {"key-passphrase", 0, "SPEC", false,
     "lock a new NAME.key with this passphrase, or open the one there; a token's PIN"},
    {"kdf", 0, "KDF", false, "pbkdf2 or scrypt: how it becomes a key, of a new NAME.key (default: pbkdf2)"},
    {"json", 0, NULL, false, "tell what was made as JSON"},
    {NULL, 0, NULL, false, NULL},
};

static bool usage_is_right(const struct invocation *invocation, const struct csr_order *order)
{
    order_options_check(invocation, false);
    order_option_check_kdf(invocation, NULL);
    order_option_check_name(invocation, order->name);
    if (order->profile == NULL) {
        usage_error(invocation->faults, "intermediate-ca for an authority", "--profile is missing");
    }
    if (order->key_kdf != NULL && order->key != NULL && token_uri_is(order->key)) {
        usage_error(invocation->faults, "leave it out", "--kdf is of a key file, and the key is in a token");
    }
    if (order->generate != NULL && order->key != NULL && !token_uri_is(order->key)) {
        usage_error(invocation->faults, "--key says of which algorithm a file's is",
                    "--generate is of a key in a token, and --key names none");
    }
    return passphrase_option_is_spec(invocation, "key-passphrase") && faults_errors(invocation->faults) == 0;
}

/* What is told. */
struct telling {
    struct terminal *terminal;
    const char *directory;
    json_t *written; /* NULL: text */
};

static void tell_written(void *state, const char *path)
{
    struct telling *telling = state;

    if (telling->written != NULL) {
        json_add(&telling->written, json_text(slice_of_text(path)));
    } else {
        terminal_tell(telling->terminal, "wrote %s/%s\n", telling->directory, path);
    }
}

static json_t *key_json(const struct csr_report *report, const char *name)
{
    json_t *key = json_object();
    struct bytes file = BYTES_EMPTY;

    if (key == NULL || bytes_printf(&file, "%s.key", name) != 0 ||
        json_put(key, "algorithm", json_string(key_algorithm_text(report->algorithm))) != 0 ||
        json_put(key, "file", report->uri == NULL ? json_text(slice_of(&file)) : json_null()) != 0 ||
        json_put(key, "uri", report->uri != NULL ? json_text(slice_of_text(report->uri)) : json_null()) !=
            0 ||
        json_put(key, "made", json_boolean(report->made)) != 0 ||
        json_put(key, "spki_sha256", json_hex((struct slice){report->spki.octets, DIGEST_LENGTH})) != 0) {
        json_decref(key);
        key = NULL;
    }
    bytes_free(&file);
    return key;
}

static int print_document(const struct invocation *invocation, const struct telling *telling,
                          const char *name, const struct csr_report *report)
{
    json_t *document = json_document("mtlskit.csr/1");
    struct bytes file = BYTES_EMPTY;

    if (document == NULL || bytes_printf(&file, "%s.csr", name) != 0 ||
        json_put(document, "directory", json_text(slice_of_text(telling->directory))) != 0 ||
        json_put(document, "name", json_text(slice_of_text(name))) != 0 ||
        json_put(document, "subject", json_text(slice_of(&report->subject))) != 0 ||
        json_put(document, "key", key_json(report, name)) != 0 ||
        json_put(document, "request", json_text(slice_of(&file))) != 0 ||
        json_put(document, "request_sha256",
                 json_hex((struct slice){report->request.octets, DIGEST_LENGTH})) != 0 ||
        json_put(document, "written", json_incref(telling->written)) != 0) {
        json_decref(document);
        document = NULL;
    }
    bytes_free(&file);
    if (json_print(invocation->terminal, document) != 0) {
        fault_memory(invocation->faults);
        return -1;
    }
    return 0;
}

static enum exit_status csr_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    const struct csr_order order = {
        .name = options_argument(options, 0),
        .profile = options_text(options, "profile"),
        .profiles = options_list(options, "profiles"),
        .profile_count = options_count(options, "profiles"),
        .subject = options_text(options, "subject"),
        .names = options_list(options, "san"),
        .name_count = options_count(options, "san"),
        .key = options_text(options, "key"),
        .generate = options_text(options, "generate"),
        .key_passphrase = options_text(options, "key-passphrase"),
        .key_kdf = options_text(options, "kdf"),
    };
    struct telling telling = {invocation->terminal, directory,
                              options_given(options, "json") ? json_array() : NULL};
    bool json = options_given(options, "json");
    struct csr_report report = {0};
    enum exit_status status = EXIT_FAILED;

    if (!usage_is_right(invocation, &order)) {
        status = EXIT_USAGE;
    } else if (csr_run(invocation->context, directory, &order, &report, tell_written, &telling,
                       invocation->faults) == 0) {
        status =
            json && print_document(invocation, &telling, order.name, &report) != 0 ? EXIT_FAILED : EXIT_DONE;
        if (!json) {
            terminal_tell(invocation->terminal,
                          "when it is signed: mtls-ca install-certificate %s FILE -d %s\n", order.name,
                          directory);
        }
    }
    json_decref(telling.written);
    csr_report_free(&report);
    return status;
}

const struct command command_csr = {
    .name = "csr",
    .summary = "ask for a certificate that is made elsewhere, such as by an offline root",
    .arguments = "NAME",
    .least = 1,
    .most = 1,
    .options = csr_options,
    .about = "Writes NAME.key, unless it is there, and NAME.csr (PKCS #10) into the PKI directory. The "
             "request is\n"
             "signed elsewhere (mtls-ca sign), and mtls-ca install-certificate takes the certificate in.\n",
    .examples =
        "  mtls-ca csr issuing-ca --profile intermediate-ca --subject \"CN=Issuing CA,O=Example\" -d out\n"
        "  mtls-ca csr www --profile server --san dns:www.example.com -d out\n",
    .run = csr_command,
};
