/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca crl: revocation lists, written anew.
 */
#include "command/commands.h"
#include "command/directory_option.h"
#include "command/told_lists.h"
#include "operations/lists.h"

static const struct option_spec crl_options[] = {
    {"directory", 'd', "DIR", false, "the PKI directory (default: pki)"},
    {"next-update", 0, "DURATION", false,
     "how long the lists stand; default: as the manifest said, else 30d"},
    {"issuer-passphrase", 0, "SPEC", false, "of the authority's key; default: as recorded, else prompt"},
    {"backwards", 0, NULL, false, "also when the last list has a later date: the clock was ahead then"},
    {"json", 0, NULL, false, "tell what was written as JSON"},
    {NULL, 0, NULL, false, NULL},
};

static int tell_list(void *state, const struct lists_made *made)
{
    return told_lists_tell(state, made);
}

static int print_document(struct told_lists *told)
{
    json_t *document;

    if (told->rows == NULL) {
        return 0;
    }
    document = json_document("mtlskit.crl/1");
    if (json_put(document, "directory", json_text(slice_of_text(told->directory))) != 0 ||
        json_put(document, "lists", json_incref(told->rows)) != 0) {
        json_decref(document);
        fault_memory(told->invocation->faults);
        return -1;
    }
    return json_print(told->invocation->terminal, document);
}

static enum exit_status crl_command(struct invocation *invocation)
{
    const struct options *options = invocation->options;
    const char *directory = directory_option(options);
    struct duration next_update = {0, 0};
    struct lists_order order = {
        .names = options_arguments(options),
        .count = options_argument_count(options),
        .backwards = options_given(options, "backwards"),
    };
    struct told_lists told = {0};
    enum exit_status status = EXIT_FAILED;

    if (!told_lists_read_options(invocation, &order, &next_update)) {
        return EXIT_USAGE;
    }
    if (told_lists_start(&told, invocation, directory) == 0 &&
        lists_run(invocation->context, directory, &order, tell_list, &told, invocation->faults) == 0 &&
        print_document(&told) == 0) {
        status = EXIT_DONE;
    }
    told_lists_free(&told);
    return status;
}

const struct command command_crl = {
    .name = "crl",
    .summary = "write the lists of revoked certificates",
    .arguments = "[AUTHORITY...]",
    .least = 0,
    .most = SIZE_MAX,
    .options = crl_options,
    .about =
        "Writes AUTHORITY.crl (DER), AUTHORITY.crl.pem and AUTHORITY.crl.head, for all authorities whose "
        "key\n"
        "is at hand when none is named. A list holds every certificate of the authority that is revoked and\n"
        "has not ended. Servers and clients need a new one before the next update it names: write them from\n"
        "a timer.\n",
    .examples = "  mtls-ca crl -d out\n"
                "  mtls-ca crl client-ca --next-update 7d -d out\n",
    .run = crl_command,
};
