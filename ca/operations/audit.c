/* SPDX-License-Identifier: Apache-2.0 */
/* The order of an audit: the authorities' certificates and the heads they signed first, for the log is held against them. */
#include "operations/audit.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/ledger_directory.h"
#include "operations/auditing.h"
#include "x509/certificate.h"

/* ---- authorities ---------------------------------------------------------------------------------------------------- */

/* A generation whose certificates are looked for. */
struct search {
    struct auditing *auditing;
    const struct ledger_generation *generation;
};

/* What of the certificate is needed; it is told with its row when it has none of that. */
static int read_authority(struct auditing *auditing, struct audited_authority *authority)
{
    struct faults *unused = faults_new();
    struct certificate_view view;

    if (unused == NULL) {
        fault_memory(auditing->faults);
        return -1;
    }
    if (certificate_view_read(slice_of(&authority->der), &view) == 0 &&
        digest_of(auditing->context, view.spki, &authority->spki) == 0) {
        authority->issuer = view.subject;
        authority->end = view.not_after;
        authority->key = key_from_spki(auditing->context, view.spki, unused);
    }
    faults_free(unused);
    return 0;
}

static int take_authority(void *state, const struct ledger_certificate *row)
{
    struct search *search = state;
    struct auditing *auditing = search->auditing;
    struct audited_authority *authority;

    if (row->state == LEDGER_INTENDED || row->own_generation != search->generation->id) {
        return 0;
    }
    if (audit_grow(auditing, (void **)&auditing->authorities, auditing->authority_count,
                   sizeof(*auditing->authorities)) != 0) {
        return -1;
    }
    authority = &auditing->authorities[auditing->authority_count];
    memset(authority, 0, sizeof(*authority));
    authority->generation = search->generation->id;
    authority->current = search->generation->current;
    authority->stands = row->state == LEDGER_ISSUED;
    memcpy(authority->name, search->generation->name, sizeof(authority->name));
    auditing->authority_count++;
    return ledger_get_der(auditing->directory->ledger, row->id, &authority->der, auditing->faults) >= 0
               ? read_authority(auditing, authority)
               : -1;
}

static int take_generation(void *state, const struct ledger_generation *generation)
{
    struct search search = {state, generation};

    return ledger_each_of_name(search.auditing->directory->ledger, generation->name, false, take_authority,
                               &search, search.auditing->faults);
}

int audit_authorities(struct auditing *auditing)
{
    return ledger_each_generation(auditing->directory->ledger, NULL, take_generation, auditing,
                                  auditing->faults);
}

/* Two that stand for one: each list of theirs is without what the other revoked, and to readers the newer one counts. */
static int audit_twins(struct auditing *auditing)
{
    int status = 0;

    for (size_t i = 0; i < auditing->authority_count && status == 0; i++) {
        const struct audited_authority *authority = &auditing->authorities[i];

        for (size_t j = 0; j < i && status == 0; j++) {
            const struct audited_authority *other = &auditing->authorities[j];

            if (authority->stands && other->stands && strcmp(authority->name, other->name) != 0 &&
                audit_is_twin(authority, other)) {
                status = audit_tell(
                    auditing, "authority-twice", true, authority->name,
                    "has the key and the subject of \"%s\", so that each one's list lacks what the "
                    "other revoked: move its certificates under \"%s\", and apply --prune it",
                    other->name, other->name);
            }
        }
    }
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------ */

int audit_run(const struct context *context, const struct directory *directory,
              const struct audit_observer *observer, struct audit_totals *totals, struct faults *faults)
{
    struct auditing auditing = {.context = context,
                                .directory = directory,
                                .observer = observer,
                                .totals = totals,
                                .faults = faults,
                                .when = INT64_MIN};
    int status = -1;

    memset(totals, 0, sizeof(*totals));
    auditing.digester = digester_new(context);
    auditing.verifier = signature_verifier_new(context);
    if (auditing.digester == NULL || auditing.verifier == NULL) {
        fault_memory(faults);
    } else if (ledger_check_storage(directory->ledger, faults) == 0 && audit_authorities(&auditing) == 0 &&
               audit_heads(&auditing) == 0 && audit_log(&auditing) == 0 &&
               audit_certificates(&auditing) == 0 && audit_revocations(&auditing) == 0 &&
               audit_lists(&auditing) == 0 && audit_twins(&auditing) == 0 && audit_files(&auditing) == 0) {
        status = 0;
    }
    for (size_t i = 0; i < auditing.authority_count; i++) {
        key_free(auditing.authorities[i].key);
        bytes_free(&auditing.authorities[i].der);
    }
    free(auditing.authorities);
    free(auditing.heads);
    free(auditing.lists);
    signature_verifier_free(auditing.verifier);
    digester_free(auditing.digester);
    return status;
}
