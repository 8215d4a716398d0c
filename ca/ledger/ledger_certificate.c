/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates: intended, issued, replaced.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/ledger_event.h"
#include "ledger/ledger_rows.h"

/* The facets as they are kept: one after the other, in the order of the struct, which is made of octets only. */
_Static_assert(sizeof(struct ledger_facets) == 48, "facets are six times eight octets, without gaps");

void ledger_certificate_free(struct ledger_certificate *certificate)
{
    if (certificate != NULL) {
        bytes_free(&certificate->serial);
        bytes_free(&certificate->der);
    }
}

int ledger_certificate_copy(struct ledger_certificate *to, const struct ledger_certificate *from)
{
    *to = *from;
    memset(&to->serial, 0, sizeof(to->serial));
    memset(&to->der, 0, sizeof(to->der));
    return bytes_append(&to->serial, from->serial.data, from->serial.length) == 0 &&
                   bytes_append(&to->der, from->der.data, from->der.length) == 0
               ? 0
               : -1;
}

static struct slice slice_of_facets(const struct ledger_facets *facets)
{
    return (struct slice){(const unsigned char *)facets, sizeof(*facets)};
}

/* ---- writing --------------------------------------------------------------------------------------------------------- */

/* Says which rule of the schema an intent broke. */
static void refuse_intent(const struct ledger *ledger, const struct ledger_certificate *certificate,
                          int constraint, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct bytes serial = BYTES_EMPTY;

    if (constraint == SQLITE_CONSTRAINT_UNIQUE) {
        if (bytes_append_hex(&serial, slice_of(&certificate->serial), ':') != 0) {
            fault_memory(faults);
        } else {
            fault_error(faults, &place, NULL, NULL,
                        "serial %s is taken already in generation %lld of the issuer of \"%s\"",
                        bytes_text(&serial), (long long)certificate->generation, certificate->name);
        }
        bytes_free(&serial);
    } else if (constraint == SQLITE_CONSTRAINT_FOREIGNKEY) {
        fault_error(faults, &place, NULL, NULL, "the intent for \"%s\" names a generation that is not there",
                    certificate->name);
    } else {
        ledger_fault(ledger, constraint, "write table certificate", faults);
    }
}

int ledger_put_intent(struct ledger *ledger, struct ledger_certificate *certificate, struct faults *faults)
{
    struct query query;
    int constraint = SQLITE_OK;
    int result = ledger_need_group(ledger, faults);

    if (result != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_INTENT_PUT, faults);
    if (result == 0) {
        query_put_number(&query, certificate->generation);
        query_put_blob(&query, slice_of(&certificate->serial), LEDGER_SERIAL_MAX, "serial");
        query_put_text(&query, certificate->name, sizeof(certificate->name) - 1, "name");
        query_put_text(&query, certificate->manifest, sizeof(certificate->manifest) - 1, "manifest");
        query_put_number(&query, certificate->authority);
        query_put_number(&query, certificate->adopted);
        query_put_digest(&query, &certificate->spki);
        query_put_blob(&query, slice_of_facets(&certificate->facets), sizeof(certificate->facets), "facets");
        query_put_number(&query, certificate->not_before);
        query_put_number(&query, certificate->not_after);
        query_put_number(&query, certificate->created);
        query_put_reference(&query, certificate->own_generation);
        query_put_digest_if(&query, &certificate->request);
        result = query_step(&query, &constraint);
    }
    if (constraint != SQLITE_OK) {
        refuse_intent(ledger, certificate, constraint, faults);
    }
    result = query_end(&query, result);
    if (result == 0) {
        certificate->id = sqlite3_last_insert_rowid(ledger->database);
        certificate->state = LEDGER_INTENDED;
    }
    return result;
}

int ledger_retire(struct ledger *ledger, const char *name, struct faults *faults)
{
    struct ledger_event event = {.what = LEDGER_EVENT_PRUNED};
    struct query query;
    int result = ledger_need_group(ledger, faults);

    if (result != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_ISSUED_RETIRE, faults);
    if (result == 0) {
        query_put_text(&query, name, sizeof(((struct ledger_certificate *)NULL)->name) - 1, "name");
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        event.certificate = query_number(&query, 1, INT64_MAX);
        result = query_step(&query, NULL);
    }
    result = query_end(&query, result);
    if (result != 0 || event.certificate == 0) {
        return result;
    }
    (void)snprintf(event.detail, sizeof(event.detail), "%s", name);
    return ledger_put_event(ledger, &event, faults);
}

/* What completing an intent has to know of it. */
struct intent {
    char name[256];
    bool adopted;
    struct digest request;
    instant not_before, not_after;
    bool replaces; /**< an issued one stands for its name */
};

static int read_intent(struct ledger *ledger, int64_t id, struct intent *intent, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct query query;
    int result = query_start(&query, ledger, LEDGER_INTENT_READ, faults);

    if (result == 0) {
        query_put_number(&query, id);
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        (void)query_number(&query, id, id);
        query_text(&query, intent->name, sizeof(intent->name));
        intent->adopted = query_flag(&query);
        query_digest_if(&query, &intent->request);
        intent->not_before = query_number(&query, INT64_MIN, INT64_MAX);
        intent->not_after = query_number(&query, INT64_MIN, INT64_MAX);
        intent->replaces = query_flag(&query);
    }
    result = query_end(&query, result);
    if (result == 0) {
        fault_error(faults, &place, NULL, NULL, "there is no intent with id %lld to be completed",
                    (long long)id);
    }
    return result == 1 ? 0 : -1;
}

/* The one that stood for @p name becomes replaced. */
static int replace(struct ledger *ledger, const char *name, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_ISSUED_REPLACE, faults);

    if (result == 0) {
        query_put_text(&query, name, sizeof(((struct ledger_certificate *)NULL)->name) - 1, "name");
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

/* The row of @p intent becomes issued. */
static int promote(struct ledger *ledger, int64_t id, const struct intent *intent, instant not_before,
                   instant not_after, struct faults *faults)
{
    bool dated = intent->not_before == not_before && intent->not_after == not_after;
    struct query query;
    int result = query_start(&query, ledger, dated ? LEDGER_ISSUED_PUT : LEDGER_ISSUED_PUT_DATES, faults);

    if (result == 0) {
        query_put_number(&query, id);
        if (!dated) {
            query_put_number(&query, not_before);
            query_put_number(&query, not_after);
        }
        result = query_step(&query, NULL);
    }
    return query_end(&query, result);
}

/* The row of a certificate that stood before; its name, for the event. */
static int stand_again(struct ledger *ledger, int64_t id, const char *manifest, struct ledger_event *event,
                       struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct query query;
    int result = query_start(&query, ledger, LEDGER_ISSUED_AGAIN, faults);

    if (result == 0) {
        query_put_number(&query, id);
        query_put_text(&query, manifest, sizeof(((struct ledger_certificate *)NULL)->manifest) - 1,
                       "manifest");
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        query_text(&query, event->detail, sizeof(((struct ledger_certificate *)NULL)->name));
        event->what = query_flag(&query) ? LEDGER_EVENT_ADOPTED : LEDGER_EVENT_ISSUED;
        event->certificate = id;
        result = query_step(&query, NULL);
    }
    result = query_end(&query, result);
    if (result == 0 && event->certificate == 0) {
        fault_error(faults, &place, NULL, NULL, "there is no certificate with id %lld before", (long long)id);
        return -1;
    }
    return result;
}

int ledger_put_again(struct ledger *ledger, int64_t id, const char *name, const char *manifest,
                     struct faults *faults)
{
    struct ledger_event event = {.certificate = 0};
    struct bytes der = BYTES_EMPTY;
    int status = -1;

    if (ledger_need_group(ledger, faults) == 0 && ledger_get_der(ledger, id, &der, faults) == 1 &&
        replace(ledger, name, faults) == 0 && stand_again(ledger, id, manifest, &event, faults) == 0 &&
        ledger_event_content(ledger, slice_of(&der), &event.content, faults) == 0) {
        status = ledger_put_event(ledger, &event, faults);
    }
    bytes_free(&der);
    return status;
}

int ledger_put_issued(struct ledger *ledger, int64_t id, struct slice der, instant not_before,
                      instant not_after, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct ledger_event event = {.certificate = id};
    struct intent intent = {.replaces = false};
    struct query query;
    int result;

    if (ledger_need_group(ledger, faults) != 0) {
        return -1;
    }
    if (der.length == 0 || der.length > LEDGER_BLOB_MAX) {
        fault_error(faults, &place, NULL, NULL,
                    "a certificate of %zu bytes cannot be kept: 1 to %d is the limit", der.length,
                    LEDGER_BLOB_MAX);
        return -1;
    }
    if (read_intent(ledger, id, &intent, faults) != 0 ||
        (intent.replaces && replace(ledger, intent.name, faults) != 0) ||
        promote(ledger, id, &intent, not_before, not_after, faults) != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_DER_PUT, faults);
    if (result == 0) {
        query_put_number(&query, id);
        query_put_blob(&query, der, LEDGER_BLOB_MAX, "der");
        result = query_step(&query, NULL);
    }
    if (query_end(&query, result) != 0) {
        return -1;
    }
    event.what = intent.adopted ? LEDGER_EVENT_ADOPTED : LEDGER_EVENT_ISSUED;
    event.request = intent.request;
    memcpy(event.detail, intent.name, sizeof(intent.name));
    return ledger_event_content(ledger, der, &event.content, faults) == 0
               ? ledger_put_event(ledger, &event, faults)
               : -1;
}

int ledger_put_facets(struct ledger *ledger, int64_t id, const struct ledger_facets *facets,
                      struct faults *faults)
{
    struct place place = ledger_place(ledger);
    struct query query;
    int changes = 0;
    int result = ledger_need_group(ledger, faults);

    if (result != 0) {
        return -1;
    }
    result = query_start(&query, ledger, LEDGER_FACETS_PUT, faults);
    if (result == 0) {
        query_put_number(&query, id);
        query_put_blob(&query, slice_of_facets(facets), sizeof(*facets), "facets");
        result = query_step(&query, NULL);
        changes = query_changes(&query);
    }
    result = query_end(&query, result);
    if (result == 0 && changes != 1) {
        fault_error(faults, &place, NULL, NULL, "there is no issued certificate with id %lld", (long long)id);
        return -1;
    }
    return result;
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

int ledger_read_certificate(struct query *query, struct ledger_certificate *certificate)
{
    struct slice serial;
    struct slice facets;

    bytes_clear(&certificate->serial);
    bytes_clear(&certificate->der);
    certificate->id = query_number(query, 1, INT64_MAX);
    certificate->generation = query_number(query, 1, INT64_MAX);
    serial = query_blob(query, 0, LEDGER_SERIAL_MAX);
    query_text(query, certificate->name, sizeof(certificate->name));
    query_text(query, certificate->manifest, sizeof(certificate->manifest));
    certificate->authority = query_flag(query);
    certificate->adopted = query_flag(query);
    certificate->state = (enum ledger_state)query_number(query, LEDGER_INTENDED, LEDGER_REPLACED);
    query_digest(query, &certificate->spki);
    facets = query_blob(query, sizeof(certificate->facets), sizeof(certificate->facets));
    certificate->not_before = query_number(query, INT64_MIN, INT64_MAX);
    certificate->not_after = query_number(query, INT64_MIN, INT64_MAX);
    certificate->created = query_number(query, INT64_MIN, INT64_MAX);
    certificate->own_generation = query_reference(query);
    query_digest_if(query, &certificate->request);
    if (query->failed) {
        return -1;
    }
    memcpy(&certificate->facets, facets.data, sizeof(certificate->facets));
    if (bytes_append(&certificate->serial, serial.data, serial.length) != 0) {
        fault_memory(query->faults);
        query->failed = true;
        return -1;
    }
    return 0;
}

int ledger_get_der(struct ledger *ledger, int64_t id, struct bytes *der, struct faults *faults)
{
    struct query query;
    struct slice blob;
    int result = query_start(&query, ledger, LEDGER_DER_FIND, faults);

    if (result == 0) {
        query_put_number(&query, id);
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        (void)query_number(&query, id, id);
        blob = query_blob(&query, 1, LEDGER_BLOB_MAX);
        if (!query.failed && bytes_append(der, blob.data, blob.length) != 0) {
            fault_memory(faults);
            query.failed = true;
        }
    }
    return query_end(&query, result);
}

int ledger_read_der(struct ledger *ledger, int64_t id, struct bytes *der, struct faults *faults)
{
    struct place place = ledger_place(ledger);
    int result = ledger_get_der(ledger, id, der, faults);

    if (result == 0) {
        fault_error(faults, &place, NULL, "the ledger is damaged: restore it from a backup",
                    "table certificate_der, rowid %lld: is missing, though the certificate was issued",
                    (long long)id);
    }
    return result == 1 ? 0 : -1;
}

int ledger_find_other_case(struct ledger *ledger, const char *name, char other[256], struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, LEDGER_ISSUED_FOLDED, faults);

    other[0] = '\0';
    if (result == 0) {
        query_seek_text(&query, name, sizeof(((struct ledger_certificate *)NULL)->name) - 1);
        result = query_step(&query, NULL);
    }
    if (result == 1) {
        query_text(&query, other, 256);
    }
    return query_end(&query, result);
}

/* One certificate without its DER, by name; by id when name is NULL. */
static int find_row(struct ledger *ledger, enum ledger_statement which, const char *name, int64_t id,
                    struct ledger_certificate *certificate, struct faults *faults)
{
    struct query query;
    int result = query_start(&query, ledger, which, faults);

    memset(certificate, 0, sizeof(*certificate));
    if (result == 0) {
        if (name != NULL) {
            query_seek_text(&query, name, sizeof(certificate->name) - 1);
        } else {
            query_put_number(&query, id);
        }
        result = query_step(&query, NULL);
    }
    if (result == 1 && ledger_read_certificate(&query, certificate) != 0) {
        result = -1;
    }
    result = query_end(&query, result);
    if (result != 1) {
        ledger_certificate_free(certificate);
    }
    return result;
}

static int find(struct ledger *ledger, enum ledger_statement which, const char *name, int64_t id,
                struct ledger_certificate *certificate, struct faults *faults)
{
    int result = find_row(ledger, which, name, id, certificate, faults);

    if (result == 1 && certificate->state != LEDGER_INTENDED &&
        ledger_read_der(ledger, certificate->id, &certificate->der, faults) != 0) {
        ledger_certificate_free(certificate);
        result = -1;
    }
    return result;
}

int ledger_find_certificate(struct ledger *ledger, const char *name, struct ledger_certificate *certificate,
                            struct faults *faults)
{
    return find(ledger, LEDGER_ISSUED_FIND, name, 0, certificate, faults);
}

int ledger_find_intent(struct ledger *ledger, const char *name, struct ledger_certificate *certificate,
                       struct faults *faults)
{
    return find(ledger, LEDGER_INTENT_FIND, name, 0, certificate, faults);
}

int ledger_get_certificate(struct ledger *ledger, int64_t id, struct ledger_certificate *certificate,
                           struct faults *faults)
{
    return find(ledger, LEDGER_CERTIFICATE_GET, NULL, id, certificate, faults);
}

int ledger_get_row(struct ledger *ledger, int64_t id, struct ledger_certificate *certificate,
                   struct faults *faults)
{
    return find_row(ledger, LEDGER_CERTIFICATE_GET, NULL, id, certificate, faults);
}

int ledger_next_name(struct ledger *ledger, const char *after, char name[256], char manifest[1024],
                     bool *authority, struct faults *faults)
{
    struct ledger_certificate certificate;
    struct query query;
    int result = query_start(&query, ledger, LEDGER_ISSUED_NEXT, faults);

    memset(&certificate, 0, sizeof(certificate));
    if (result == 0) {
        query_put_text(&query, after, sizeof(certificate.name) - 1, "name");
        result = query_step(&query, NULL);
    }
    if (result == 1 && ledger_read_certificate(&query, &certificate) != 0) {
        result = -1;
    }
    result = query_end(&query, result);
    if (result == 1) {
        memcpy(name, certificate.name, sizeof(certificate.name));
        memcpy(manifest, certificate.manifest, sizeof(certificate.manifest));
        *authority = certificate.authority;
    }
    ledger_certificate_free(&certificate);
    return result;
}
