/* SPDX-License-Identifier: Apache-2.0 */
/* The names of an entry: its subject, laid over what it inherits, and its subject alternative names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/reading.h"
#include "manifest/value.h"
#include "x509/general_name.h"

#define SAN_MAX 2000

/** Keep @p value as "kind:value" when it is such a name: readers hold it against name constraints, too. */
static int keep_name_itself(struct entry_reading *entry, size_t slot, const char *kind, const char *value)
{
    struct bytes text = BYTES_EMPTY, der = BYTES_EMPTY;
    const char *why = NULL;
    int status = 0;

    if (bytes_printf(&text, "%s:%s", kind, value) != 0) {
        status = -1;
    } else if (general_name_parse(bytes_text(&text), NULL, &der, &why) == 0) {
        entry->draft->names_itself[slot] = strdup(bytes_text(&text));
        status = entry->draft->names_itself[slot] != NULL ? 0 : -1;
    }
    bytes_free(&text);
    bytes_free(&der);
    return status;
}

/** The e-mail address of a subject, and a common name that reads as a host name where no SAN has one. */
static int keep_names_itself(struct entry_reading *entry, bool has_dns)
{
    const struct subject *subject = &entry->reading->subject;
    const char *value = subject_find(subject, &entry->reading->email_type);

    if (value != NULL && keep_name_itself(entry, 0, "email", value) != 0) {
        return -1;
    }
    value = subject_find(subject, &entry->reading->common_name_type);
    if (!has_dns && value != NULL && strchr(value, '.') != NULL && entry->entry->kind == ENTRY_CERTIFICATE) {
        return keep_name_itself(entry, 1, "dns", value);
    }
    return 0;
}

/** Complain of attributes that the profile requires and the subject lacks. */
static void check_required(struct entry_reading *entry, const struct path *path)
{
    const struct profile *profile = entry->entry->profile;
    const struct node *node = reading_value(entry->draft->node, "subject");
    size_t i;

    for (i = 0; i < profile->subject_require_count; i++) {
        const struct oid *type = &profile->subject_require[i];
        const char *word = name_type_short(oid_slice(type));

        if (subject_find(&entry->reading->subject, type) == NULL) {
            struct place place = node != NULL ? node_place(node) : entry->entry->place;

            complaint_error(entry->reading->faults, place, path, NULL, "needs %s: profile \"%s\" requires it",
                            word != NULL ? word : "another attribute", profile->name);
        }
    }
}

/** Defaults and profile laid over each other: the same for all entries of most profiles, so it is kept. */
static int start_subject(struct reading *reading, const struct profile *profile)
{
    const struct profile *base = profile->subject_defaults.count > 0 ? profile : NULL;

    if (reading->subject_base == base && subject_restart(&reading->subject)) {
        return 0;
    }
    subject_clear(&reading->subject);
    subject_inherit(&reading->subject, &reading->defaults.subject);
    subject_inherit(&reading->subject, &profile->subject_defaults);
    reading->subject_base = base;
    return subject_keep_base(&reading->subject);
}

/** The subject: defaults and profile, and the entry's own laid over them. */
static int read_subject(struct entry_reading *entry, bool has_names, bool has_dns)
{
    struct reading *reading = entry->reading;
    const struct node *node = reading_value(entry->draft->node, "subject");
    struct path path = {entry->path, "subject", 0};
    size_t before = faults_errors(reading->faults);
    int status = -1;

    if (start_subject(reading, entry->entry->profile) != 0 ||
        (node != NULL && subject_read(&reading->subject, node, &path, reading->faults) != 0) ||
        subject_encode(&reading->subject, &path, &entry->entry->subject, reading->faults) != 0) {
        goto out;
    }
    if (faults_errors(reading->faults) == before) {
        check_required(entry, &path);
    }
    if (faults_errors(reading->faults) == before && !reading->subject.own && !has_names) {
        complaint_error(reading->faults, node != NULL ? node_place(node) : entry->entry->place, &path,
                        "subject: {CN: name}, or a san", "nothing would tell whose certificate this is");
    }
    status = keep_names_itself(entry, has_dns);
out:
    if (status != 0) {
        fault_memory(reading->faults);
    }
    return status;
}

/** SANs while they are read. */
struct san_reading {
    struct entry_reading *entry;
    struct name_index seen;
    uint32_t kinds;
    size_t count;
};

static int add_san(void *state, const char *text, const struct node *node, const struct path *path,
                   struct faults *faults)
{
    struct san_reading *san = state;
    const struct profile *profile = san->entry->entry->profile;
    enum general_name_kind kind = GENERAL_NAME_OTHER;
    size_t length = san->entry->entry->names.length;
    int status = value_san(node, path, text, &kind, &san->entry->entry->names, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if ((profile->san_allow & profile_san_bit((int)kind)) == 0) {
        san->entry->entry->names.length = length;
        field_error(faults, node, path, NULL, "profile \"%s\" does not allow %s names", profile->name,
                    general_name_kind_word(kind));
        return 0;
    }
    san->kinds |= profile_san_bit((int)kind);
    san->count++;
    return name_index_add(&san->seen, text, san->count);
}

/** Words of the kinds in @p kinds, " or " between them. */
static void kinds_text(uint32_t kinds, char *text, size_t size)
{
    static const enum general_name_kind all[] = {
        GENERAL_NAME_DNS, GENERAL_NAME_IP,  GENERAL_NAME_EMAIL,   GENERAL_NAME_URI,
        GENERAL_NAME_UPN, GENERAL_NAME_RID, GENERAL_NAME_DIRNAME, GENERAL_NAME_OTHER,
    };
    size_t used = 0, i;

    text[0] = '\0';
    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if ((kinds & profile_san_bit((int)all[i])) != 0 && used < size) {
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? " or " : "",
                                     general_name_kind_word(all[i]));
        }
    }
}

/** The SANs: each checked, allowed by the profile, none twice; at least one of the kinds the profile requires. */
static int read_names(struct entry_reading *entry, bool *has_names, bool *has_dns)
{
    struct san_reading san = {entry, {NULL, 0, 0}, 0, 0};
    const struct node *node = reading_value(entry->draft->node, "san");
    struct path path = {entry->path, "san", 0};
    struct faults *faults = entry->reading->faults;
    size_t before = faults_errors(faults), i;
    char words[80];
    int status = 0;

    if (node != NULL && node_kind(node) == NODE_SEQUENCE && node_count(node) > SAN_MAX) {
        field_error(faults, node, &path, NULL, "holds more than %d names", SAN_MAX);
    } else if (node != NULL) {
        status = value_each_text(node, &path, true, add_san, &san, faults);
    }
    name_index_sort(&san.seen);
    for (i = 1; i < san.seen.count; i++) {
        if (strcmp(san.seen.rows[i].text, san.seen.rows[i - 1].text) == 0) {
            field_error(faults, node, &path, NULL, "%s is listed twice",
                        field_quoted(san.seen.rows[i].text).text);
        }
    }
    if (faults_errors(faults) == before && entry->entry->profile->san_require != 0 &&
        (san.kinds & entry->entry->profile->san_require) == 0) {
        kinds_text(entry->entry->profile->san_require, words, sizeof(words));
        complaint_error(faults, node != NULL ? node_place(node) : entry->entry->place, &path,
                        "san: [dns:example.com]", "needs a name of kind %s: profile \"%s\" requires it",
                        words, entry->entry->profile->name);
    }
    *has_names = san.count > 0 || faults_errors(faults) != before;
    *has_dns = (san.kinds & profile_san_bit(GENERAL_NAME_DNS)) != 0;
    if (status != 0) {
        fault_memory(faults);
    }
    name_index_free(&san.seen);
    return status;
}

int reading_names(struct entry_reading *entry)
{
    bool has_names = false, has_dns = false;

    if (entry->entry->kind == ENTRY_CERTIFICATE && read_names(entry, &has_names, &has_dns) != 0) {
        return -1;
    }
    return read_subject(entry, has_names, has_dns);
}
