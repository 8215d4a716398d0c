/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a manifest says of revocation: `revoked:` of an entry, and `crl:` of an authority and of the defaults.
 */
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/reading.h"
#include "manifest/value.h"
#include "x509/crl.h"
#include "x509/extension.h"

/* ---- revoked -------------------------------------------------------------------------------------------------------- */

/** `revoked:` while it is read. */
struct revoked_reading {
    struct entry_revocation revocation;
    instant now;
    bool timeless; /* a fixture to which nobody gave a time */
};

static int read_reason(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct revoked_reading *reading = target;
    enum crl_reason reason = CRL_UNSPECIFIED;
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (crl_reason_parse(text, &reason) != 0) {
        field_error(faults, node, path, crl_reason_words(), "%s is no reason to revoke",
                    field_quoted(text).text);
    } else {
        reading->revocation.reason = (int)reason;
    }
    return 0;
}

/** An instant that is not still to come. */
static int read_past(const struct node *node, const struct path *path, const struct revoked_reading *reading,
                     instant *value, struct faults *faults)
{
    const char *text = NULL, *why = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (instant_parse(text, value, &why) != 0) {
        field_error(faults, node, path, NULL, "%s %s", field_quoted(text).text, why);
    } else if (*value > reading->now) {
        field_error(faults, node, path,
                    reading->timeless ? "a fixture without a time is made as 2020 begins: give it one (--now)"
                                      : NULL,
                    "%s is still to come", field_quoted(text).text);
    }
    return 0;
}

static int read_date(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct revoked_reading *reading = target;

    reading->revocation.has_date = true;
    return read_past(node, path, reading, &reading->revocation.date, faults);
}

static int read_invalidity(const struct node *node, const struct path *path, void *target,
                           struct faults *faults)
{
    struct revoked_reading *reading = target;

    reading->revocation.has_invalidity = true;
    return read_past(node, path, reading, &reading->revocation.invalidity, faults);
}

static const struct field revoked_fields[] = {
    {"reason", read_reason, false},
    {"date", read_date, false},
    {"invalidity_date", read_invalidity, false},
    {NULL, NULL, false},
};

int reading_revoked(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct entry_reading *entry = target;
    struct revoked_reading reading = {.revocation = {.wanted = true, .reason = CRL_UNSPECIFIED},
                                      .now = reading_now(entry->reading),
                                      .timeless = reading_is_timeless(entry->reading)};
    size_t before = faults_errors(faults);
    int status;

    if (node_kind(node) == NODE_SCALAR) {
        status = read_reason(node, path, &reading, faults);
    } else {
        status = fields_read(node, path, "a revocation", revoked_fields, &reading, faults);
    }
    if (status == 0 && faults_errors(faults) == before) {
        entry->entry->revoked = reading.revocation;
        entry->entry->revoked_place = node_place(node);
    }
    return status;
}

/** Lists are of issuers: who has none here cannot be on one. */
void reading_check_revoked(struct reading *reading, size_t index)
{
    const struct entry *entry = &reading->entries[index];
    struct path top = reading_entry_top(entry), name = {&top, entry->name, 0}, path = {&name, "revoked", 0};

    if (!entry->revoked.wanted || entry->kind != ENTRY_AUTHORITY || entry->issuer != NULL ||
        reading->drafts[index].issuer != NO_ENTRY) {
        return;
    }
    if (entry->adopt_certificate != NULL) {
        complaint_error(reading->faults, entry->revoked_place, &path, NULL,
                        "its issuer is not in this manifest, and only that can revoke it");
    } else {
        complaint_error(reading->faults, entry->revoked_place, &path,
                        "take it out of the trust stores instead",
                        "a root has no issuer that could revoke it");
    }
}

/* ---- crl ------------------------------------------------------------------------------------------------------------ */

static int read_next_update(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    return value_duration(node, path, &((struct list_times *)target)->next_update, faults);
}

static const struct field crl_fields[] = {
    {"next_update", read_next_update, false},
    {NULL, NULL, false},
};

int reading_crl(const struct reading *reading, const struct node *node, const struct path *path,
                struct list_times *times, struct faults *faults)
{
    struct list_times read = {true, reading_next_update(reading)};
    int status;

    if (node_kind(node) == NODE_SCALAR) {
        status = field_boolean(node, path, &read.wanted, faults);
    } else {
        status = fields_read(node, path, "a revocation list", crl_fields, &read, faults);
    }
    if (status == 0) {
        *times = read;
    }
    return status < 0 ? -1 : 0;
}

/** Whether the authority can sign lists later; what only the defaults ask for is left out without a word. */
void reading_check_crl(struct entry_reading *entry)
{
    struct entry *made = entry->entry;
    const struct node *node = reading_value(entry->draft->node, "crl");
    struct path path = {entry->path, "crl", 0};
    const char *why = NULL;

    if (node == NULL) {
        made->crl = entry->reading->defaults.crl;
    }
    if (!made->crl.wanted) {
        return;
    }
    if (made->ephemeral) {
        why = "an ephemeral key is gone when the list must be renewed";
    } else if (made->adopt_certificate == NULL && made->profile != NULL &&
               (made->profile->key_usage & KEY_USAGE_CRL_SIGN) == 0) {
        why = "the profile's key_usage has no cRLSign (RFC 5280 section 4.2.1.3)";
    }
    if (why != NULL) {
        made->crl.wanted = false;
    }
    if (why != NULL && node != NULL) {
        field_error(entry->reading->faults, node, &path, NULL, "%s", why);
    }
}
