/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a plan.
 */
#include "plan/step.h"

const char *plan_action_word(enum plan_action action)
{
    static const char *const words[] = {
        [PLAN_UNCHANGED] = "unchanged", [PLAN_CREATE] = "create",     [PLAN_ADOPT] = "adopt",
        [PLAN_REISSUE] = "reissue",     [PLAN_RENEW] = "renew",       [PLAN_REWRITE] = "rewrite",
        [PLAN_REVOKE] = "revoke",       [PLAN_RELEASE] = "release",   [PLAN_CRL] = "crl",
        [PLAN_REPLACE] = "replace",     [PLAN_REMOVE] = "remove",     [PLAN_ORPHAN] = "orphan",
        [PLAN_PROTECT] = "protect",     [PLAN_NOT_OURS] = "not ours",
    };

    return words[action];
}

bool plan_action_signs(enum plan_action action)
{
    return action == PLAN_CREATE || action == PLAN_REISSUE || action == PLAN_RENEW || action == PLAN_REPLACE;
}

bool plan_action_makes(enum plan_action action)
{
    return plan_action_signs(action) || action == PLAN_ADOPT || action == PLAN_REWRITE;
}

const char *plan_reason_word(unsigned bit)
{
    static const char *const words[] = {
        "subject changed",
        "SAN changed",
        "profile changed",
        "key type changed",
        "validity changed",
        "issuer changed",
        "expires soon",
        "key file is missing",
        "key file changed",
        "file is missing",
        "file changed",
        "output definition changed",
        "asked for",
        "an earlier run was cut off",
        "expired",
        "name constraints changed",
        "revocation list is missing",
        "revocation list changed",
        "revocation list grows old",
        "something was revoked or released since",
        "readable by others",
    };

    return bit < sizeof(words) / sizeof(words[0]) ? words[bit] : NULL;
}

int plan_reasons_text(unsigned reasons, struct bytes *text)
{
    unsigned bit;
    bool first = true;

    for (bit = 0; plan_reason_word(bit) != NULL; bit++) {
        if ((reasons & (1u << bit)) == 0) {
            continue;
        }
        if ((!first && bytes_append_text(text, ", ") != 0) ||
            bytes_append_text(text, plan_reason_word(bit)) != 0) {
            return -1;
        }
        first = false;
    }
    return 0;
}

uint64_t plan_outputs(const struct entry *entry, bool key)
{
    size_t count = entry_output_count(entry);
    struct bytes path = BYTES_EMPTY;
    uint64_t outputs = 0;
    size_t i;

    for (i = 0; i < count && i < 64; i++) {
        struct output output;

        bytes_clear(&path);
        if (entry_output_at(entry, i, &output, &path) == 0 && (key || output.kind != OUTPUT_KEY)) {
            outputs |= UINT64_C(1) << i;
        }
    }
    bytes_free(&path);
    return outputs;
}
