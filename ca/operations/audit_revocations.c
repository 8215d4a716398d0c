/* SPDX-License-Identifier: Apache-2.0 */
/* Revocations: each is of the certificate it names, and as the log tells; and the keys of generations. */
#include <stdio.h>

#include "operations/auditing.h"

static int check_revocation(void *state, const struct ledger_revocation *revocation)
{
    struct auditing *auditing = state;
    struct ledger *ledger = auditing->directory->ledger;
    struct ledger_certificate row = {0};
    struct audited_story told = {.row = &row};
    struct digest hash;
    char subject[48];
    int found;
    int status = 0;

    auditing->totals->revocations++;
    if (ledger_revocation_hash(auditing->digester, revocation, &hash) != 0) {
        fault_openssl(auditing->faults, "a revocation cannot be hashed");
        return -1;
    }
    (void)snprintf(subject, sizeof(subject), "the revocation of certificate %lld",
                   (long long)revocation->certificate);
    found = ledger_get_row(ledger, revocation->certificate, &row, auditing->faults);
    if (found < 0 ||
        ledger_each_event_of(ledger, revocation->certificate, audit_hear, &told, auditing->faults) != 0) {
        status = -1;
    } else if (found == 0 || row.generation != revocation->generation ||
               !slice_equal(slice_of(&row.serial), slice_of(&revocation->serial))) {
        status = audit_tell(auditing, "revocation-differs", true, subject,
                            "names another serial or issuer than the certificate has");
    } else if (revocation->not_after != row.not_after) {
        status =
            audit_tell(auditing, "revocation-differs", true, subject, "has another end than the certificate");
    } else if (!told.revoked) {
        status = audit_tell(auditing, "revocation-unlogged", true, subject, "is not told of by the log");
    } else if (!digest_equal(&told.revocation, &hash)) {
        status = audit_tell(auditing, "revocation-changed", true, subject,
                            "has another date or reason than the log tells of");
    }
    ledger_certificate_free(&row);
    return status;
}

/* The key of a generation is the one its authority's certificates have. */
static int check_key(struct auditing *auditing, const struct ledger_generation *generation)
{
    char subject[320];

    (void)snprintf(subject, sizeof(subject), "%s (generation %lld)", generation->name,
                   (long long)generation->id);
    for (size_t i = 0; i < auditing->authority_count; i++) {
        const struct audited_authority *authority = &auditing->authorities[i];

        if (authority->generation == generation->id && authority->issuer.length != 0 &&
            !digest_equal(&authority->spki, &generation->spki)) {
            return audit_tell(auditing, "generation-differs", true, subject,
                              "has another public key in its certificate");
        }
    }
    return 0;
}

static int check_generation(void *state, const struct ledger_generation *generation)
{
    struct auditing *auditing = state;

    if (check_key(auditing, generation) != 0) {
        return -1;
    }
    return ledger_each_revocation(auditing->directory->ledger, generation->id, true, check_revocation,
                                  auditing, auditing->faults);
}

int audit_revocations(struct auditing *auditing)
{
    return ledger_each_generation(auditing->directory->ledger, NULL, check_generation, auditing,
                                  auditing->faults);
}
