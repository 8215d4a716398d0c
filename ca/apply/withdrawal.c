/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Withdrawal. That a manifest revoked the certificate with some id of a name is a memo: "revoked NAME" holds the id. Ledgers in which
 * no manifest ever revoked anything lack the memo "revoked", which spares a question for each name.
 */
#include "apply/withdrawal.h"

#include <string.h>

#include "issuing/settled.h"
#include "ledger/ledger_directory.h"

/** Room for a memo's key. */
#define KEY_MAX 300
#define KEY     "revoked"

static void memo_key(const char *name, char key[KEY_MAX])
{
    size_t length = strlen(name);

    length = length < KEY_MAX - sizeof(KEY " ") ? length : KEY_MAX - sizeof(KEY " ");
    memcpy(key, KEY " ", sizeof(KEY));
    memcpy(key + sizeof(KEY), name, length);
    key[sizeof(KEY) + length] = '\0';
}

static int memo_put(struct ledger *ledger, const char *name, int64_t id, struct faults *faults)
{
    char key[KEY_MAX];

    memo_key(name, key);
    return ledger_put_memo(ledger, KEY, (struct slice){(const unsigned char *)"1", 1}, faults) == 0
               ? ledger_put_memo(ledger, key, (struct slice){(const unsigned char *)&id, sizeof(id)}, faults)
               : -1;
}

/** The certificate of @p name that a manifest revoked; 0: none. */
static int memo_get(struct ledger *ledger, const char *name, int64_t *id, struct faults *faults)
{
    struct bytes value = BYTES_EMPTY;
    int found = ledger_get_memo(ledger, KEY, &value, faults);

    *id = 0;
    if (found == 1) {
        char key[KEY_MAX];

        memo_key(name, key);
        bytes_clear(&value);
        found = ledger_get_memo(ledger, key, &value, faults);
    }
    if (found == 1 && value.length == sizeof(*id)) {
        memcpy(id, value.data, sizeof(*id));
    }
    bytes_free(&value);
    return found < 0 ? -1 : 0;
}

/** Whether the certificate is revoked for @p reason already: one of a fixture that left the manifest and came back. */
static bool stands_revoked(struct ledger *ledger, int64_t id, int reason, struct faults *faults)
{
    struct ledger_revocation revocation = {0};
    bool same = ledger_find_revocation(ledger, id, &revocation, faults) == 1 && revocation.reason == reason;

    ledger_revocation_free(&revocation);
    return same;
}

int withdrawal_carry_out(struct ledger *ledger, const struct plan_step *step, instant now,
                         const char *manifest_id, struct faults *faults)
{
    const struct entry_revocation *wanted = &step->entry->revoked;
    struct ledger_certificate row = {0};
    struct ledger_revocation revocation = {0};
    int status = -1;

    if (settled_forget(ledger, faults) != 0) {
        return -1;
    }
    if (ledger_find_certificate(ledger, step->name, &row, faults) != 1) {
        if (faults_errors(faults) == 0) {
            entry_error(faults, step->entry, NULL, "the ledger holds no certificate of it");
        }
        goto out;
    }
    if (step->action == PLAN_RELEASE) {
        status = ledger_remove_revocation(ledger, row.id, faults) == 0
                     ? memo_put(ledger, step->name, 0, faults)
                     : -1;
        goto out;
    }
    if (step->entry->revoked.wanted && stands_revoked(ledger, row.id, wanted->reason, faults)) {
        status = memo_put(ledger, step->name, row.id, faults);
        goto out;
    }
    revocation.certificate = row.id;
    revocation.revoked = wanted->has_date ? wanted->date : now;
    revocation.reason = wanted->reason;
    revocation.invalidity = wanted->has_invalidity ? wanted->invalidity : LEDGER_NEVER;
    status = ledger_put_revocation(ledger, &revocation, manifest_id, faults) == 0
                 ? memo_put(ledger, step->name, row.id, faults)
                 : -1;
out:
    ledger_revocation_free(&revocation);
    ledger_certificate_free(&row);
    return status;
}

int withdrawal_claim(struct ledger *ledger, const char *name, struct faults *faults)
{
    struct ledger_certificate row = {0};
    int found = ledger_find_certificate(ledger, name, &row, faults);

    if (found == 1) {
        found = memo_put(ledger, name, row.id, faults);
    }
    ledger_certificate_free(&row);
    return found;
}

int withdrawal_recall(struct ledger *ledger, const char *name, int64_t id, struct plan_record *record,
                      struct faults *faults)
{
    struct ledger_revocation revocation = {0};
    int found = ledger_find_revocation(ledger, id, &revocation, faults);
    int64_t by_manifest = 0;

    if (found == 1) {
        record->revoked = true;
        record->revoked_reason = revocation.reason;
        record->revoked_date = revocation.revoked;
        record->revoked_invalidity =
            revocation.invalidity == LEDGER_NEVER ? INSTANT_MIN : revocation.invalidity;
    }
    ledger_revocation_free(&revocation);
    if (found < 0 || memo_get(ledger, name, &by_manifest, faults) != 0) {
        return -1;
    }
    record->revoked_here = by_manifest == id;
    record->revoked_other = by_manifest != 0 && by_manifest != id;
    return 0;
}
