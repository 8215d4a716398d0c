/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and judging, into one place that keeps it. */
#include "commands/intake.h"

#include <stdlib.h>

#include "base/passphrase.h"
#include "identity/reading.h"

void intake_free(struct intake *intake)
{
    wanted_free(&intake->wanted);
    for (size_t i = 0; i < intake->identity_count; i++) {
        identity_free(&intake->identities[i]);
    }
    for (size_t i = 0; i < intake->anchor_count; i++) {
        anchors_free(&intake->anchors[i]);
    }
    free(intake->identities);
    free(intake->anchors);
    *intake = (struct intake){NULL, 0, NULL, 0, {NULL, 0}};
}

/** What is taken in, and by which rules. */
struct taking {
    struct intake *intake;
    const struct invocation *invocation;
    const struct intake_rules *rules;
    const struct installation *installation;
    bool apart; /**< the store keeps an anchor's certificate and the trust in it as two items */
};

/** Room for all, so that what is wanted can borrow from it. */
static int make_room(const struct taking *taking)
{
    const struct installation *installation = taking->installation;
    size_t files = 0;

    for (size_t i = 0; i < installation->trust_count; i++) {
        files += installation->trust[i].file_count;
    }
    taking->intake->identities =
        calloc(installation->identity_count + 1, sizeof(*taking->intake->identities));
    taking->intake->anchors = calloc(files + 1, sizeof(*taking->intake->anchors));
    if (taking->intake->identities == NULL || taking->intake->anchors == NULL) {
        fault_memory(taking->invocation->faults);
        return -1;
    }
    return 0;
}

/** Fetch the passphrase of an identity. *secret is what identity_read takes: NULL when none is named. */
static int fetch(const struct taking *taking, const struct installation_identity *wanted,
                 struct bytes *passphrase, const struct bytes **secret)
{
    const char *shown = wanted->p12 != NULL ? wanted->p12 : wanted->key;

    *secret = NULL;
    if (wanted->passphrase.source == PASSPHRASE_NONE) {
        return 0;
    }
    if (passphrase_obtain(taking->invocation->context, &wanted->passphrase, taking->installation->folder,
                          shown, false, passphrase, taking->invocation->faults) != 0) {
        return -1;
    }
    *secret = passphrase;
    return 0;
}

static int take_identity(const struct taking *taking, const struct installation_identity *wanted)
{
    const struct installation *installation = taking->installation;
    const struct context *context = taking->invocation->context;
    struct faults *faults = taking->invocation->faults;
    struct identity *identity = &taking->intake->identities[taking->intake->identity_count++];
    struct identity_files files = {wanted->p12, wanted->certificate, wanted->key, NULL};
    const struct wanted_manner manner = {
        .label = wanted->label,
        .extractable = installation->extractable,
        .programs = (const char *const *)installation->allow,
        .program_count = installation->allow_count,
    };
    struct bytes passphrase = BYTES_EMPTY;
    int status = fetch(taking, wanted, &passphrase, &files.passphrase);

    if (status == 0) {
        status = identity_read(context, &files, identity, faults);
    }
    if (status == 0 && taking->rules->judged) {
        status = identity_judge(context, identity, &taking->rules->judgement, faults);
    }
    if (status == 0) {
        status = wanted_add_identity(context, &taking->intake->wanted, identity, &manner, faults);
    }
    bytes_free(&passphrase);
    return status;
}

static int take_anchors(const struct taking *taking, const struct installation_trust *trust, const char *path)
{
    const struct context *context = taking->invocation->context;
    struct faults *faults = taking->invocation->faults;
    struct anchors *anchors = &taking->intake->anchors[taking->intake->anchor_count++];
    enum scope scope = taking->rules->for_any ? SCOPE_ANY : trust->scope;
    int status = 0;

    if (anchors_read(context, path, anchors, faults) != 0 ||
        (taking->rules->judged && anchors_judge(context, anchors, &taking->rules->judgement, faults) != 0)) {
        return -1;
    }
    for (size_t i = 0; i < anchors->certificates.count; i++) {
        if (wanted_add_anchor(context, &taking->intake->wanted, slice_of(&anchors->certificates.items[i]),
                              scope, trust->host, taking->apart, taking->rules->insecure_for_any,
                              faults) != 0) {
            status = -1;
        }
    }
    return status;
}

int intake_take(struct intake *intake, const struct invocation *invocation, const struct store *store,
                const struct intake_rules *rules, const struct installation *installation)
{
    const struct taking taking = {intake, invocation, rules, installation,
                                  store_can(store, STORE_TRUST_APART)};
    int status = make_room(&taking);

    if (status != 0) {
        return -1;
    }
    for (size_t i = 0; i < installation->identity_count; i++) {
        if (take_identity(&taking, &installation->identities[i]) != 0) {
            status = -1;
        }
    }
    for (size_t i = 0; i < installation->trust_count; i++) {
        for (size_t k = 0; k < installation->trust[i].file_count; k++) {
            if (take_anchors(&taking, &installation->trust[i], installation->trust[i].files[k]) != 0) {
                status = -1;
            }
        }
    }
    return status;
}
