/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca bundle: a certificate, its key and its chain into one P12 for a given reader; or anchors into a Java trust store.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/output_file.h"
#include "command/commands.h"
#include "console/file_option.h"
#include "console/passphrase_option.h"
#include "x509/bundle.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/name.h"
#include "x509/path.h"
#include "x509/verify.h"

/** What stands behind the bundle's name in the name of the file a generated passphrase goes to. */
#define PASSPHRASE_SUFFIX ".pass"

static const struct option_spec bundle_options[] = {
    {"cert", 'c', "FILE", false, "the certificate; others in its file go along"},
    {"key", 'k', "FILE", false, "its private key"},
    {"chain", 0, "FILE", true, "more certificates: intermediates and root, or anchors; can be repeated"},
    {"target", 't', "TARGET", false, "who is to read it (see above)"},
    {"passphrase", 'p', "SPEC", false,
     "the bundle's passphrase: env:NAME, file:PATH, fd:N, prompt, generate"},
    {"key-passphrase", 0, "SPEC", false, "the passphrase of an encrypted --key"},
    {"name", 'n', "NAME", false, "what readers show for it (friendlyName, alias); default: the CN"},
    {"output", 'o', "FILE", false, "the P12 to write"},
    {"force", 'f', NULL, false, "replace FILE when it is there"},
    {"allow-empty-passphrase", 0, NULL, false, "take an empty passphrase, which many readers refuse"},
    {NULL, 0, NULL, false, NULL},
};

/** What goes into a bundle, as it is read. */
struct material {
    const struct bundle_target *target;
    struct certificate_list certificates; /**< leaf and chain, or anchors */
    struct key *key;
    struct slice *chain; /**< borrowed from certificates */
    struct passphrase_option passphrase;
    struct bundle_content content;
};

static void material_free(struct material *material)
{
    certificate_list_free(&material->certificates);
    key_free(material->key);
    free(material->chain);
    passphrase_option_free(&material->passphrase);
}

/* ---- usage ---------------------------------------------------------------------------------------------------------- */

static const struct bundle_target *find_target(const struct invocation *invocation)
{
    const char *word = options_text(invocation->options, "target");
    const struct bundle_target *target = word == NULL ? NULL : bundle_target_find(word);
    struct bytes words = BYTES_EMPTY;

    for (size_t i = 0; target == NULL && bundle_target_at(i) != NULL; i++) {
        if (bytes_printf(&words, "%s%s", i == 0 ? "" : ", ", bundle_target_at(i)->word) != 0) {
            break;
        }
    }
    if (target == NULL && word == NULL) {
        usage_error(invocation->faults, bytes_text(&words), "--target is missing: who is to read the bundle");
    } else if (target == NULL) {
        usage_error(invocation->faults, bytes_text(&words), "there is no target \"%s\"", word);
    }
    bytes_free(&words);
    return target;
}

static void require(const struct invocation *invocation, const char *option, const char *hint)
{
    if (!options_given(invocation->options, option)) {
        usage_error(invocation->faults, hint, "--%s is missing", option);
    }
}

static void refuse(const struct invocation *invocation, const char *option, const char *target)
{
    if (options_given(invocation->options, option)) {
        usage_error(invocation->faults, "give the anchors with --chain", "target %s takes no --%s", target,
                    option);
    }
}

/** Whether the options fit together. */
static bool usage_is_right(const struct invocation *invocation, const struct bundle_target *target)
{
    const char *output = options_text(invocation->options, "output");

    if (target != NULL && target->anchors_only) {
        require(invocation, "chain", "the certificates to trust");
        refuse(invocation, "cert", target->word);
        refuse(invocation, "key", target->word);
        refuse(invocation, "key-passphrase", target->word);
    } else {
        require(invocation, "cert", NULL);
        require(invocation, "key", NULL);
    }
    require(invocation, "passphrase", "prompt, env:NAME, file:PATH, fd:N, or generate");
    require(invocation, "output", NULL);
    if (output != NULL && strcmp(output, "-") == 0) {
        usage_error(invocation->faults, "-o client.p12; ./- is a file of that name",
                    "a bundle is not written to standard output: name a file");
    }
    return passphrase_option_is_spec(invocation, "passphrase") &&
           passphrase_option_is_spec(invocation, "key-passphrase") && faults_errors(invocation->faults) == 0;
}

/* ---- the chain ------------------------------------------------------------------------------------------------------ */

/** Which certificate of --cert is the key's; the first where none is, for bundle_write to complain of. */
static size_t find_leaf(const struct invocation *invocation, const struct material *material)
{
    size_t count = material->certificates.count;

    for (size_t i = 0; i < count && i < PATH_LENGTH_MAX; i++) {
        if (verify_key_matches(invocation->context, slice_of(&material->certificates.items[i]),
                               material->key)) {
            return i;
        }
    }
    return 0;
}

static void warn_of_leaf(const struct invocation *invocation, const struct path *path, size_t leaf)
{
    const struct place place = {options_text(invocation->options, "cert"), 0, 0};
    struct bytes name = BYTES_EMPTY;

    if (name_format(path->all[leaf].view.subject, &name) != 0) {
        fault_memory(invocation->faults);
    } else {
        fault_warning(
            invocation->faults, &place, NULL, "servers and clients want their own certificate first",
            "certificate %zu, %s, is the key's, and is taken for the bundle's", leaf + 1, bytes_text(&name));
    }
    bytes_free(&name);
}

/** Certificates that the way up from the leaf does not pass: a gap before them, or strangers. */
static void warn_of_strays(const struct invocation *invocation, const struct path *path)
{
    const struct path_certificate *last = path->steps[path->length - 1];
    const struct path_certificate *stray = NULL;
    struct bytes subject = BYTES_EMPTY;
    struct bytes issuer = BYTES_EMPTY;
    struct bytes name = BYTES_EMPTY;

    /* an authority rather than somebody's leaf: the one that was meant to lead on */
    for (size_t i = 0; i < path->count; i++) {
        if (!path_has(path, &path->all[i]) && (stray == NULL || (!stray->view.ca && path->all[i].view.ca))) {
            stray = &path->all[i];
        }
    }
    if (stray == NULL) {
        return;
    }
    if (name_format(last->view.subject, &subject) != 0 || name_format(last->view.issuer, &issuer) != 0 ||
        name_format(stray->view.subject, &name) != 0) {
        fault_memory(invocation->faults);
    } else if (path->end == PATH_UNTRUSTED_ROOT || !stray->view.ca) {
        fault_warning(invocation->faults, NULL, NULL, "leave it out, unless a reader asks for it",
                      "%s is no issuer of the certificate, and goes along all the same", bytes_text(&name));
    } else if (path->end == PATH_OTHER_KEY || path->end == PATH_ALTERED) {
        fault_warning(invocation->faults, NULL, NULL,
                      "give the certificate of the authority that issued it, with --chain",
                      "the chain has a gap: %s was not signed by the key of the %s given",
                      bytes_text(&subject), bytes_text(&issuer));
    } else {
        fault_warning(invocation->faults, NULL, NULL, "give the missing certificate with --chain",
                      "the chain has a gap: %s was issued by %s, which is not there, and %s does not lead on",
                      bytes_text(&subject), bytes_text(&issuer), bytes_text(&name));
    }
    bytes_free(&subject);
    bytes_free(&issuer);
    bytes_free(&name);
}

/** The leaf first, each issuer behind whom it issued, the rest behind them: in whatever order they were given. */
static int order_certificates(const struct invocation *invocation, struct material *material, size_t leaf)
{
    struct certificate_list ordered = {NULL, 0};
    struct path path = {0};
    int status =
        path_find(invocation->context, &material->certificates, leaf, NULL, &path, invocation->faults);

    if (status == 0 && path_order(&path, &ordered) != 0) {
        fault_memory(invocation->faults);
        status = -1;
    }
    if (status == 0) {
        if (leaf != 0) {
            warn_of_leaf(invocation, &path, leaf);
        }
        warn_of_strays(invocation, &path);
    }
    path_free(&path);
    certificate_list_free(&material->certificates);
    material->certificates = ordered;
    return status;
}

/** What was made from a seed is bundled for tests; whoever is handed it elsewhere is to know. The leaf comes first, and is named if it is one. */
static void warn_of_fixture(const struct invocation *invocation, const struct certificate_list *certificates)
{
    struct certificate_view view = {.fixture = false};
    struct bytes name = BYTES_EMPTY;

    for (size_t i = 0; i < certificates->count && !view.fixture; i++) {
        /* reading the list has read it once */
        if (certificate_view_read(slice_of(&certificates->items[i]), &view) != 0) {
            return;
        }
    }
    if (!view.fixture) {
        return;
    }
    if (name_format(view.subject, &name) != 0) {
        fault_memory(invocation->faults);
    } else {
        fault_warning(invocation->faults, NULL, NULL, "use the bundle in tests alone",
                      "%s carries the fixture mark: it was made from a seed, and its key counts as public",
                      name.length > 0 ? bytes_text(&name) : "a certificate");
    }
    bytes_free(&name);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/** Certificates, key, then the passphrase: a prompt comes only when all files could be read. */
static int read_material(const struct invocation *invocation, struct material *material)
{
    const struct options *options = invocation->options;
    size_t first = material->target->anchors_only ? 0 : 1;
    size_t leaf = 0;

    if (first == 1) {
        if (file_option_certificates(invocation, "cert", &material->certificates) != 0) {
            return -1;
        }
        material->key = file_option_key(invocation, "key", "key-passphrase");
        if (material->key == NULL) {
            return -1;
        }
        leaf = find_leaf(invocation, material);
    }
    if (file_option_certificates(invocation, "chain", &material->certificates) != 0 ||
        (first == 1 && order_certificates(invocation, material, leaf) != 0)) {
        return -1;
    }
    warn_of_fixture(invocation, &material->certificates);
    material->chain = calloc(material->certificates.count, sizeof(*material->chain));
    if (material->chain == NULL) {
        fault_memory(invocation->faults);
        return -1;
    }
    for (size_t i = first; i < material->certificates.count; i++) {
        material->chain[i - first] = slice_of(&material->certificates.items[i]);
    }
    if (passphrase_option_fetch(invocation, "passphrase", options_text(options, "output"), true,
                                &material->passphrase) != 0) {
        return -1;
    }
    material->content.key = material->key;
    if (first == 1) {
        material->content.leaf = slice_of(&material->certificates.items[0]);
    }
    material->content.chain = material->chain;
    material->content.chain_count = material->certificates.count - first;
    material->content.name = options_text(options, "name");
    material->content.passphrase = &material->passphrase.secret;
    material->content.allow_empty_passphrase = options_given(options, "allow-empty-passphrase");
    return 0;
}

/* ---- writing -------------------------------------------------------------------------------------------------------- */

/** Nothing may be in the way, unless --force. */
static int refuse_existing(const struct invocation *invocation, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        fault_error(invocation->faults, NULL, NULL, "name the file in it: client.p12", "%s is a folder",
                    path);
        return -1;
    }
    if (!options_given(invocation->options, "force") && (lstat(path, &st) == 0 || errno != ENOENT)) {
        fault_error(invocation->faults, NULL, NULL, "--force replaces it", "%s is there already", path);
        return -1;
    }
    return 0;
}

/** --force must not write over what the bundle is made of. */
static int refuse_inputs(const struct invocation *invocation, const char *path)
{
    static const char *const inputs[] = {"cert", "key", "chain"};
    struct stat output;
    struct stat input;

    if (stat(path, &output) != 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        for (size_t j = 0; j < options_count(invocation->options, inputs[i]); j++) {
            if (stat(options_at(invocation->options, inputs[i], j), &input) == 0 &&
                input.st_dev == output.st_dev && input.st_ino == output.st_ino) {
                fault_error(invocation->faults, NULL, NULL, "write to another file",
                            "%s is what --%s reads, and would be lost", path, inputs[i]);
                return -1;
            }
        }
    }
    return 0;
}

static int write_bundle(const struct invocation *invocation, const struct material *material)
{
    const char *path = options_text(invocation->options, "output");
    struct bytes passphrase_path = BYTES_EMPTY;
    struct bytes passphrase = BYTES_EMPTY;
    struct bytes p12 = BYTES_EMPTY;
    int status = -1;

    if (bytes_printf(&passphrase_path, "%s%s", path, PASSPHRASE_SUFFIX) != 0) {
        fault_memory(invocation->faults);
        goto out;
    }
    if (refuse_existing(invocation, path) != 0 ||
        (material->passphrase.generated && refuse_existing(invocation, bytes_text(&passphrase_path)) != 0) ||
        bundle_write(invocation->context, material->target, &material->content, &p12, invocation->faults) !=
            0 ||
        bundle_check(invocation->context, material->target, &material->content, slice_of(&p12),
                     invocation->faults) != 0) {
        goto out;
    }
    /* the passphrase first: a bundle nobody can open is worth less than a passphrase too many */
    if (material->passphrase.generated) {
        if (bytes_append(&passphrase, material->passphrase.secret.data, material->passphrase.secret.length) !=
                0 ||
            bytes_append_byte(&passphrase, '\n') != 0) {
            fault_memory(invocation->faults);
            goto out;
        }
        if (output_file_publish(invocation->context, bytes_text(&passphrase_path), slice_of(&passphrase),
                                0600, invocation->faults) != 0) {
            goto out;
        }
    }
    if (output_file_publish(invocation->context, path, slice_of(&p12), 0600, invocation->faults) != 0) {
        goto out;
    }
    if (material->passphrase.secret.length == 0) {
        fault_warning(invocation->faults, NULL, NULL, "give it a passphrase, or have one generated",
                      "the passphrase of %s is empty, which has two encodings: Apple's devices, and others "
                      "that read one of them alone, do not take it",
                      path);
    }
    terminal_tell(invocation->terminal, "wrote %s (%s: %s)\n", path, material->target->word,
                  material->target->description);
    if (material->passphrase.generated) {
        terminal_tell(invocation->terminal, "wrote %s, its passphrase\n", bytes_text(&passphrase_path));
    }
    status = 0;
out:
    bytes_free(&passphrase_path);
    bytes_free(&passphrase);
    bytes_free(&p12);
    return status;
}

static enum exit_status bundle_run(struct invocation *invocation)
{
    struct material material;
    enum exit_status status = EXIT_FAILED;

    memset(&material, 0, sizeof(material));
    material.target = find_target(invocation);
    if (!usage_is_right(invocation, material.target) || material.target == NULL) {
        return EXIT_USAGE;
    }
    if (refuse_existing(invocation, options_text(invocation->options, "output")) == 0 &&
        refuse_inputs(invocation, options_text(invocation->options, "output")) == 0 &&
        read_material(invocation, &material) == 0 && write_bundle(invocation, &material) == 0) {
        status = EXIT_DONE;
    }
    material_free(&material);
    return status;
}

const struct command command_bundle = {
    .name = "bundle",
    .summary = "put a certificate, its key and chain into one P12 that a given reader takes",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = bundle_options,
    .about = "Targets say who is to read the bundle; each has its algorithms, and what that reader would "
             "refuse is\n"
             "refused here, with the reason:\n"
             "  ios-legacy       3DES, SHA-1 MAC: every iPhone, iPad and Mac; RSA and EC keys\n"
             "  android-legacy   3DES, SHA-1 MAC: every Android, 12 and earlier too\n"
             "  modern           AES-256, SHA-256 MAC: OpenSSL 3, browsers, iOS 18, macOS 15, Android 13 and "
             "later\n"
             "  java             as modern, for a Java KeyStore; ASCII passphrases\n"
             "  java-truststore  certificates Java trusts (--chain), no key\n"
             "The bundle is opened again and compared before it is written, with mode 0600. --passphrase "
             "generate puts\n"
             "a new passphrase into FILE.pass.\n",
    .examples =
        "  mtls-ca bundle --cert client.crt --key client.key --chain client-ca.crt --target ios-legacy \\\n"
        "      --passphrase prompt -o client.p12\n"
        "  P12_PASSWORD=... mtls-ca bundle -c client.crt -k client.key -t modern -p env:P12_PASSWORD -o "
        "client.p12\n"
        "  mtls-ca bundle --target java-truststore --chain server-ca.crt --passphrase generate -o "
        "trust.p12\n",
    .run = bundle_run,
};
