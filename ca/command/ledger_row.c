/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the ledger as JSON. Texts of the ledger hold no control characters: it refuses them when it is read. */
#include "command/ledger_row.h"

#include <stdlib.h>
#include <string.h>

#include "console/json.h"

static int note_issuer(void *state, const struct ledger_generation *generation)
{
    struct ledger_rows *rows = state;
    struct row_issuer *grown = realloc(rows->issuers, (rows->issuer_count + 1) * sizeof(*grown));

    if (grown == NULL) {
        fault_memory(rows->faults);
        return -1;
    }
    rows->issuers = grown;
    grown[rows->issuer_count].generation = generation->id;
    memcpy(grown[rows->issuer_count].name, generation->name, sizeof(generation->name));
    rows->issuer_count++;
    return 0;
}

int ledger_rows_start(struct ledger_rows *rows, struct ledger *ledger, const struct context *context,
                      struct faults *faults)
{
    rows->ledger = ledger;
    rows->now = context_now(context);
    rows->faults = faults;
    return ledger_each_generation(ledger, NULL, note_issuer, rows, faults);
}

void ledger_rows_free(struct ledger_rows *rows)
{
    free(rows->issuers);
    memset(rows, 0, sizeof(*rows));
}

bool ledger_rows_has_issuer(const struct ledger_rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->issuer_count; i++) {
        if (strcmp(rows->issuers[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *issuer_name(const struct ledger_rows *rows, int64_t generation)
{
    for (size_t i = 0; i < rows->issuer_count; i++) {
        if (rows->issuers[i].generation == generation) {
            return rows->issuers[i].name;
        }
    }
    return "";
}

/* null for a digest that is zero */
static json_t *digest_json(const struct digest *digest)
{
    static const struct digest none = {{0}};

    return digest_equal(digest, &none) ? json_null()
                                       : json_hex((struct slice){digest->octets, DIGEST_LENGTH});
}

static json_t *revocation_json(const struct ledger_revocation *revocation)
{
    json_t *object = json_object();

    if (object == NULL || json_put(object, "date", json_instant(revocation->revoked)) != 0 ||
        json_put(object, "reason", json_string(ledger_reason_name(revocation->reason))) != 0 ||
        (revocation->invalidity != LEDGER_NEVER &&
         json_put(object, "invalidity_date", json_instant(revocation->invalidity)) != 0)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* The revocation, null when there is none; NULL with a fault. */
static json_t *find_revocation(struct ledger_rows *rows, int64_t id)
{
    struct ledger_revocation revocation;
    json_t *object = NULL;
    int found = ledger_find_revocation(rows->ledger, id, &revocation, rows->faults);

    if (found >= 0) {
        object = found == 1 ? revocation_json(&revocation) : json_null();
        if (object == NULL) {
            fault_memory(rows->faults);
        }
    }
    ledger_revocation_free(&revocation);
    return object;
}

json_t *ledger_row_json(struct ledger_rows *rows, const struct ledger_certificate *certificate)
{
    static const char *const states[] = {"intended", "issued", "replaced"};
    json_t *revocation = find_revocation(rows, certificate->id);
    json_t *row;

    if (revocation == NULL) {
        return NULL;
    }
    row = json_object();
    if (row == NULL || json_put(row, "id", json_integer(certificate->id)) != 0 ||
        json_put(row, "name", json_text(slice_of_text(certificate->name))) != 0 ||
        json_put(row, "issuer", json_text(slice_of_text(issuer_name(rows, certificate->generation)))) != 0 ||
        json_put(row, "generation", json_integer(certificate->generation)) != 0 ||
        json_put(row, "serial", json_hex(slice_of(&certificate->serial))) != 0 ||
        json_put(row, "state", json_string(states[certificate->state])) != 0 ||
        json_put(row, "authority", json_boolean(certificate->authority)) != 0 ||
        json_put(row, "adopted", json_boolean(certificate->adopted)) != 0 ||
        json_put(row, "manifest",
                 certificate->manifest[0] != '\0' ? json_text(slice_of_text(certificate->manifest))
                                                  : json_null()) != 0 ||
        json_put(row, "not_before", json_instant(certificate->not_before)) != 0 ||
        json_put(row, "not_after", json_instant(certificate->not_after)) != 0 ||
        json_put(row, "expired", json_boolean(certificate->not_after < rows->now)) != 0 ||
        json_put(row, "recorded", json_instant(certificate->created)) != 0 ||
        json_put(row, "spki_sha256", digest_json(&certificate->spki)) != 0 ||
        json_put(row, "request_sha256", digest_json(&certificate->request)) != 0 ||
        json_put(row, "revocation", json_incref(revocation)) != 0) {
        json_decref(row);
        row = NULL;
        fault_memory(rows->faults);
    }
    json_decref(revocation);
    return row;
}

json_t *ledger_event_json(const struct ledger_event *event, struct faults *faults)
{
    json_t *object = json_object();

    if (object == NULL || json_put(object, "number", json_integer(event->number)) != 0 ||
        json_put(object, "when", json_instant(event->when)) != 0 ||
        json_put(object, "who", json_text(slice_of_text(event->who))) != 0 ||
        json_put(object, "what", json_string(ledger_event_name(event->what))) != 0 ||
        json_put(object, "detail", json_text(slice_of_text(event->detail))) != 0 ||
        json_put(object, "certificate",
                 event->certificate != 0 ? json_integer(event->certificate) : json_null()) != 0 ||
        json_put(object, "request_sha256", digest_json(&event->request)) != 0 ||
        json_put(object, "content_sha256", digest_json(&event->content)) != 0 ||
        json_put(object, "hash", digest_json(&event->hash)) != 0) {
        json_decref(object);
        fault_memory(faults);
        return NULL;
    }
    return object;
}

const char *ledger_row_word(const json_t *row)
{
    const char *state = json_string_value(json_object_get(row, "state"));
    const json_t *revocation = json_object_get(row, "revocation");
    const char *reason = json_string_value(json_object_get(revocation, "reason"));

    if (reason != NULL) {
        return strcmp(reason, ledger_reason_name(LEDGER_REASON_HOLD)) == 0 ? "on hold" : "revoked";
    }
    if (state == NULL || strcmp(state, "intended") == 0) {
        return "never completed";
    }
    if (strcmp(state, "replaced") == 0) {
        return "replaced";
    }
    return json_is_true(json_object_get(row, "expired")) ? "expired" : "valid";
}
