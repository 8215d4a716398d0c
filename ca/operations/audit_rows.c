/* SPDX-License-Identifier: Apache-2.0 */
/* Rows: every certificate is what its row says, and the log tells of it; the same of revocations. */
#include <stdio.h>
#include <string.h>

#include "operations/auditing.h"
#include "x509/certificate.h"

/* ---- certificates --------------------------------------------------------------------------------------------------- */

/* Whether one of the issuing key's certificates has the name the certificate gives as its issuer's. */
static bool issuer_fits(const struct auditing *auditing, const struct ledger_certificate *row,
                        const struct certificate_view *view)
{
    for (size_t i = 0; i < auditing->authority_count; i++) {
        const struct audited_authority *authority = &auditing->authorities[i];
        struct certificate_view issuer;

        if (authority->generation == row->generation &&
            certificate_view_read(slice_of(&authority->der), &issuer) == 0 &&
            slice_equal(issuer.subject, view->issuer)) {
            return true;
        }
    }
    /* an authority whose issuer is elsewhere is recorded under its own key, another certificate under that of nobody here */
    return row->authority ? row->own_generation == row->generation : row->adopted;
}

/* What of @p row is not as its certificate says; NULL: nothing. */
static const char *difference(struct auditing *auditing, const struct ledger_certificate *row)
{
    struct certificate_view view;
    struct digest spki;

    if (certificate_view_read(slice_of(&row->der), &view) != 0) {
        return "is no certificate";
    }
    if (!slice_equal(serial_magnitude(view.serial), serial_magnitude(slice_of(&row->serial)))) {
        return "has another serial in its certificate";
    }
    if (digest_of(auditing->context, view.spki, &spki) != 0 || !digest_equal(&spki, &row->spki)) {
        return "has another public key in its certificate";
    }
    if (view.not_before != row->not_before || view.not_after != row->not_after) {
        return "has another validity in its certificate";
    }
    return issuer_fits(auditing, row, &view) ? NULL : "has another issuer in its certificate";
}

/* What the log tells of a certificate. */
struct told {
    const struct ledger_certificate *row;
    struct digest der;
    size_t issued;
    bool same;                /* with this content */
    bool revoked;             /* an event says so */
    struct digest revocation; /* the content of the last that does */
};

static int take_event(void *state, const struct ledger_event *event)
{
    struct told *told = state;

    if (event->what == LEDGER_EVENT_ISSUED || event->what == LEDGER_EVENT_ADOPTED) {
        told->issued++;
        told->same = digest_equal(&event->content, &told->der) &&
                     digest_equal(&event->request, &told->row->request) &&
                     strcmp(event->detail, told->row->name) == 0;
    }
    if (event->what == LEDGER_EVENT_REVOKED) {
        told->revoked = true;
        told->revocation = event->content;
    }
    return 0;
}

static int check_told(struct auditing *auditing, const struct ledger_certificate *row, const char *subject)
{
    struct told told = {.row = row};

    if (row->id <= auditing->before) {
        return 0;
    }
    if (digest_of(auditing->context, slice_of(&row->der), &told.der) != 0) {
        fault_openssl(auditing->faults, "a certificate cannot be hashed");
        return -1;
    }
    if (ledger_each_event_of(auditing->directory->ledger, row->id, take_event, &told, auditing->faults) !=
        0) {
        return -1;
    }
    if (told.issued != 1) {
        return audit_tell(auditing, "certificate-unlogged", true, subject, "%s",
                          told.issued == 0 ? "is in the ledger, and the log does not tell of it"
                                           : "was issued more than once, by the log");
    }
    return told.same ? 0
                     : audit_tell(auditing, "certificate-changed", true, subject,
                                  "is not the certificate the log tells of");
}

static int check_row(void *state, const struct ledger_certificate *row)
{
    struct auditing *auditing = state;
    const char *why;
    char subject[320];

    (void)snprintf(subject, sizeof(subject), "%s (certificate %lld)", row->name, (long long)row->id);
    if (row->state == LEDGER_INTENDED) {
        auditing->totals->orphans++;
        return audit_tell(
            auditing, "orphan", false, subject,
            "was begun and never completed: its serial is taken, and nobody saw the certificate");
    }
    auditing->totals->certificates++;
    why = difference(auditing, row);
    if (why != NULL && audit_tell(auditing, "certificate-differs", true, subject, "%s", why) != 0) {
        return -1;
    }
    return check_told(auditing, row, subject);
}

int audit_certificates(struct auditing *auditing)
{
    const struct ledger_filter all = {.any_state = true};

    return ledger_each_certificate(auditing->directory->ledger, &all, true, check_row, auditing,
                                   auditing->faults);
}

/* ---- revocations ---------------------------------------------------------------------------------------------------- */

static int check_revocation(void *state, const struct ledger_revocation *revocation)
{
    struct auditing *auditing = state;
    struct ledger *ledger = auditing->directory->ledger;
    struct ledger_certificate row = {0};
    struct told told = {.row = &row};
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
    found = ledger_get_certificate(ledger, revocation->certificate, &row, auditing->faults);
    if (found < 0 ||
        ledger_each_event_of(ledger, revocation->certificate, take_event, &told, auditing->faults) != 0) {
        status = -1;
    } else if (found == 0 || row.generation != revocation->generation ||
               !slice_equal(slice_of(&row.serial), slice_of(&revocation->serial))) {
        status = audit_tell(auditing, "revocation-differs", true, subject,
                            "names another serial or issuer than the certificate has");
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
        struct certificate_view view;
        struct digest spki;

        if (authority->generation == generation->id &&
            certificate_view_read(slice_of(&authority->der), &view) == 0 &&
            (digest_of(auditing->context, view.spki, &spki) != 0 ||
             !digest_equal(&spki, &generation->spki))) {
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
