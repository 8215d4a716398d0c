/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a step needs of the world before it can be carried out.
 */
#include "issuing/needs.h"

#include "issuing/adoptee.h"
#include "issuing/kept_key.h"
#include "issuing/revocation_list.h"
#include "x509/bundle.h"
#include "x509/key.h"

/** Whether the bundle at @p path takes @p secret; the complaint says whose it is. */
static int passphrase_fits(const struct entry *entry, const struct entry_bundle *bundle, const char *path,
                           const struct bytes *secret, struct faults *faults)
{
    struct faults *why = faults_new();
    int status = -1;

    if (why == NULL) {
        fault_memory(faults);
    } else if (bundle_passphrase_check(bundle->target, secret, bundle->allow_empty_passphrase, why) == 0) {
        status = 0;
    } else {
        entry_error_at(faults, entry, (struct entry_spot){ENTRY_BUNDLE_PASSPHRASE, bundle}, NULL, "%s: %s",
                       path, faults_count(why) > 0 ? faults_text(why, 0) : "the passphrase is refused");
    }
    faults_free(why);
    return status;
}

/** The passphrases a step's files want. @p secrets: one a bundle, or NULL to only fetch and check them. */
int needs_passphrases(struct passphrases *passphrases, const struct plan_step *step,
                      const struct bytes **secrets, struct faults *faults)
{
    static const struct bytes none = BYTES_EMPTY;
    const struct entry *entry = step->entry;
    struct bytes path = BYTES_EMPTY;
    size_t i;
    int status = 0;

    if (entry->bundle_count == 0) {
        return 0;
    }
    for (i = 0; i < entry_output_count(entry); i++) {
        struct output output;
        const struct bytes *secret;

        bytes_clear(&path);
        if (entry_output_at(entry, i, &output, &path) != 0) {
            fault_memory(faults);
            status = -1;
            break;
        }
        if ((step->outputs & (UINT64_C(1) << i)) == 0 || output.kind != OUTPUT_BUNDLE ||
            (secrets == NULL && output.bundle->passphrase.source == PASSPHRASE_GENERATE)) {
            continue;
        }
        /* allow_empty_passphrase stands in for a SPEC */
        secret = output.bundle->passphrase.source == PASSPHRASE_NONE
                     ? &none
                     : passphrases_get_at(passphrases, &output.bundle->passphrase, entry,
                                          (struct entry_spot){ENTRY_BUNDLE_PASSPHRASE, output.bundle},
                                          bytes_text(&path), true, faults);
        if (secret == NULL || passphrase_fits(entry, output.bundle, bytes_text(&path), secret, faults) != 0) {
            status = -1; /* the others are looked at for their own complaints */
        } else if (secrets != NULL) {
            secrets[output.bundle - entry->bundles] = secret;
        }
    }
    bytes_free(&path);
    return status;
}

/** Whether a step needs the private key of its entry as it lies on disk. */
static bool key_is_needed(const struct plan_step *step)
{
    struct bytes path = BYTES_EMPTY;
    bool needed = plan_action_signs(step->action) && !step->new_key;
    size_t i;

    if (step->new_key || step->request.length > 0 ||
        (step->entry->kind == ENTRY_AUTHORITY && !entry_has_key_file(step->entry))) {
        return false;
    }
    if (step->renews.length > 0) {
        needed = false; /* the public key is in the certificate */
    }
    for (i = 0; i < entry_output_count(step->entry) && !needed; i++) {
        struct output output = {0};

        bytes_clear(&path);
        if ((step->outputs & (UINT64_C(1) << i)) == 0 ||
            entry_output_at(step->entry, i, &output, &path) != 0) {
            continue;
        }
        needed = output.kind == OUTPUT_KEY || output.kind == OUTPUT_K8S_SECRET ||
                 (output.kind == OUTPUT_BUNDLE && !output.bundle->target->anchors_only);
    }
    bytes_free(&path);
    return needed;
}

/** Passphrase of the entry's key file: NULL where none is wanted. -1 with a fault. */
int needs_key_passphrase(struct passphrases *passphrases, const struct plan_step *step,
                         const struct bytes **secret, struct faults *faults)
{
    const struct entry *entry = step->entry;
    struct bytes path = BYTES_EMPTY;
    int status = -1;

    *secret = NULL;
    if (entry->passphrase.source == PASSPHRASE_NONE || (!step->new_key && !key_is_needed(step))) {
        return 0;
    }
    if (bytes_printf(&path, "%s.key", entry->name) != 0) {
        fault_memory(faults);
        goto out;
    }
    *secret = passphrases_get_at(passphrases, &entry->passphrase, entry,
                                 (struct entry_spot){ENTRY_PASSPHRASE, NULL}, bytes_text(&path),
                                 step->new_key, faults);
    if (*secret != NULL && (*secret)->length == 0) {
        entry_error_at(faults, entry, (struct entry_spot){ENTRY_PASSPHRASE, NULL},
                       "leave passphrase out for a key in the clear",
                       "%s: an empty passphrase does not encrypt a private key", bytes_text(&path));
        *secret = NULL;
    }
    status = *secret != NULL ? 0 : -1;
out:
    bytes_free(&path);
    return status;
}

int needs_changed_key(const struct context *context, int directory, const struct plan_step *step,
                      const struct bytes *secret, struct faults *faults)
{
    const struct entry *entry = step->entry;
    struct faults *why = NULL;
    struct bytes content = BYTES_EMPTY;
    struct key *key = NULL;
    int status = -1;

    if ((step->reasons & REASON_KEY_CHANGED) == 0 || step->authority || !key_is_needed(step)) {
        return 0;
    }
    why = faults_new();
    if (why == NULL) {
        fault_memory(faults);
    } else if (kept_key_read(directory, entry, &content, faults) == 0) {
        key = kept_key_open(context, entry, slice_of(&content), secret, why);
        if (key == NULL) {
            entry_faults_move(faults, entry, (struct entry_spot){ENTRY_WHOLE, NULL}, why);
        }
        status = key != NULL ? 0 : -1;
    }
    key_free(key);
    bytes_free(&content);
    faults_free(why);
    return status;
}

int needs_list(struct authorities *authorities, const struct entry *entry, bool anew, struct faults *faults)
{
    struct faults *unused = faults_new();
    struct bytes der = BYTES_EMPTY;
    const char *forbidden = NULL;
    int status = -1;

    if (unused == NULL) {
        fault_memory(faults);
        goto out;
    }
    if (!anew) {
        struct authority_at_work *authority = authorities_recall(authorities, entry, faults);

        if (authority == NULL) {
            goto out;
        }
        forbidden = revocation_list_forbidden(slice_of(&authority->certificate));
        (void)!authorities_load_key(authorities, authority, faults);
    } else if (entry->adopt_certificate != NULL && adoptee_read(entry, &der, unused) == 0) {
        forbidden = revocation_list_forbidden(slice_of(&der));
    }
    if (forbidden != NULL) {
        entry_error_at(faults, entry, (struct entry_spot){ENTRY_CRL, NULL}, "crl: false", "%s %s",
                       entry->name, forbidden);
    }
    status = 0;
out:
    bytes_free(&der);
    faults_free(unused);
    return status;
}

int needs_existing(int directory, struct ledger *ledger, struct job *job, struct faults *faults)
{
    const struct entry *entry = job->step.entry;
    struct ledger_certificate row = {0};
    int status = -1;

    if (key_is_needed(&job->step) && kept_key_read(directory, entry, &job->existing_key, faults) != 0) {
        goto out;
    }
    if (job->step.action == PLAN_ADOPT) {
        status = adoptee_read(entry, &job->existing_certificate, faults);
        goto out;
    }
    if (job->step.action == PLAN_REWRITE) {
        if (ledger_find_certificate(ledger, entry->name, &row, faults) != 1) {
            entry_error(faults, entry, NULL, "the ledger holds no certificate of it");
            goto out;
        }
        job->intent = row.id;
        bytes_move(&job->existing_certificate, &row.der);
    }
    status = 0;
out:
    ledger_certificate_free(&row);
    return status;
}
