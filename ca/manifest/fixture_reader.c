/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What being a fixture means for the entries of a manifest. One that says no time of its own must not rot: what nobody but a built-in
 * profile gives a validity is valid from 2020 to the end of 9999 (RFC 5280 section 4.1.2.5), and lists stand as long. With a time, all
 * durations count from it.
 */
#include "base/seed.h"
#include "manifest/complaint.h"
#include "manifest/reading.h"
#include "x509/instant.h"

/** Whether fixtures that are read are to be good for ever. */
bool reading_is_timeless(const struct reading *reading)
{
    return reading->fixture->seed != NULL && !reading->fixture->has_now;
}

void reading_fixture_defaults(struct entry_reading *entry)
{
    const struct reading *reading = entry->reading;
    struct entry *made = entry->entry;
    unsigned gives = profile_set_gives(reading->profiles, made->profile);

    if (!reading_is_timeless(reading) || (gives & PROFILE_GIVES_VALIDITY) != 0 ||
        (made->kind == ENTRY_CERTIFICATE && reading->defaults.has_validity)) {
        return;
    }
    made->validity =
        (struct validity){.fixed_from = true, .fixed_until = true, .from = SEED_TIME, .until = INSTANT_MAX};
    made->backdate = (struct duration){0, 0};
    made->renew_before_given = false;
}

void reading_warn_of_ended(const struct reading *reading)
{
    instant today = context_now(reading->context);
    size_t first = 0, count = 0, i;

    for (i = 0; i < reading->count && reading_is_timeless(reading); i++) {
        const struct validity *validity = &reading->entries[i].validity;

        if (reading->drafts[i].fleet == NULL && !validity->fixed_from && !validity->fixed_until &&
            instant_add(SEED_TIME, &validity->duration) < today) {
            first = count == 0 ? i : first;
            count++;
        }
    }
    if (count > 0) {
        const struct entry *entry = &reading->entries[first];
        const struct node *node = reading_value(reading->drafts[first].node, "validity");
        struct path top = reading_entry_top(entry), name = {&top, entry->name, 0},
                    path = {&name, "validity", 0};

        complaint_warning(reading->faults, node != NULL ? node_place(node) : entry->place, &path,
                          "give the fixture a time (--now), or leave the validity out: then it does not end",
                          "has ended, as durations of a fixture without a time count from 2020%s",
                          count > 1 ? ", and so have others" : "");
    }
}

instant reading_now(const struct reading *reading)
{
    return reading->fixture->seed != NULL ? fixture_time(reading->fixture) : context_now(reading->context);
}

struct duration reading_next_update(const struct reading *reading)
{
    /* instant_add cuts it off at the end of 9999 */
    return reading_is_timeless(reading) ? (struct duration){INT64_C(12) * 9999, 0}
                                        : (struct duration){0, LIST_NEXT_UPDATE_SECONDS};
}

/** Whether nobody can read an authority that has @p flaw, or take it for one. */
static bool keeps_from_issuing(enum flaw flaw)
{
    return flaw == FLAW_DUPLICATE_EXTENSION || flaw == FLAW_TIME_WITHOUT_Z ||
           flaw == FLAW_NO_BASIC_CONSTRAINTS;
}

int reading_fault(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct entry_reading *entry = target;
    enum flaw flaw = FLAW_NONE;
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (entry->reading->fixture->seed == NULL) {
        field_error(faults, node, path, "fixtures: {insecure_seed: \"a text of the project's own\"}",
                    "is for fixtures alone: nothing else is made wrong on purpose");
    } else if (flaw_parse(text, &flaw) != 0) {
        field_error(faults, node, path, flaw_words(), "%s is no fault that is known",
                    field_quoted(text).text);
    } else if (flaw_changes_serial(flaw)) {
        field_error(faults, node, path, "mtls-ca fixtures --only makes one",
                    "%s is not for an entry of a manifest, which the ledger knows by its serial number",
                    field_quoted(text).text);
    } else if (entry->entry->kind == ENTRY_AUTHORITY && keeps_from_issuing(flaw)) {
        field_error(faults, node, path, "mtls-ca fixtures has chains over such a one",
                    "%s is for certificates: an authority that has it can issue nothing",
                    field_quoted(text).text);
    } else {
        entry->entry->flaw = flaw;
    }
    return 0;
}

/** Whether a key of @p family has a signature as the flaw needs it (signer_weaken). */
static bool can_sign(enum key_family family, enum flaw flaw)
{
    return (flaw != FLAW_MD5 && flaw != FLAW_SHA1) || family == KEY_FAMILY_RSA ||
           (flaw == FLAW_SHA1 && family == KEY_FAMILY_EC);
}

/** Whether @p flaw keeps everybody from reading what has it, our own bundles too, which look for its key. */
static bool is_unreadable(enum flaw flaw)
{
    return flaw == FLAW_DUPLICATE_EXTENSION || flaw == FLAW_TIME_WITHOUT_Z;
}

static bool has_identity_bundle(const struct entry *entry)
{
    size_t i;

    for (i = 0; i < entry->bundle_count; i++) {
        if (!entry->bundles[i].target->anchors_only) {
            return true;
        }
    }
    return false;
}

/** Complain of a fault that what @p made has besides keeps from being made. */
static void check_fault_content(const struct reading *reading, const struct entry *made,
                                const struct node *node, const struct path *path)
{
    const char *word = flaw_text(made->flaw);

    if (made->flaw == FLAW_NON_CRITICAL_SAN && made->kind == ENTRY_AUTHORITY) {
        complaint_error(reading->faults, node_place(node), path, "a server with san: [dns:localhost]",
                        "\"%s\" is for certificates: it takes the subject away, and an authority needs one",
                        word);
    } else if (made->flaw == FLAW_NON_CRITICAL_SAN && made->names.length == 0) {
        complaint_error(reading->faults, node_place(node), path, "san: [dns:localhost]",
                        "\"%s\" needs a SAN, and the certificate has none", word);
    } else if (is_unreadable(made->flaw) && has_identity_bundle(made)) {
        complaint_error(reading->faults, node_place(node), path,
                        "take the bundles out: the certificate and its key are files of their own",
                        "with \"%s\" nobody can read the certificate, and no bundle can be made of it", word);
    }
}

void reading_check_fault(const struct reading *reading, size_t index)
{
    const struct entry *made = &reading->entries[index];
    const struct node *entry = reading->drafts[index].node;
    struct path top = reading_entry_top(made), name = {&top, made->name, 0}, path = {&name, "fault", 0};
    bool root = made->kind == ENTRY_AUTHORITY && reading_value(entry, "issuer") == NULL;
    const struct entry *signs = root ? made : made->issuer;
    const struct node *node;

    if (made->flaw == FLAW_NONE) {
        return;
    }
    node = reading_value(entry, "fault");
    /* of a key or an issuer that is not known others complained */
    if (signs != NULL && signs->key != KEY_NONE && !can_sign(key_algorithm_family(signs->key), made->flaw)) {
        bool md5 = made->flaw == FLAW_MD5;

        complaint_error(reading->faults, node_place(node), &path,
                        md5 ? "key: rsa-2048 there" : "key: rsa-2048 or ec-p256 there",
                        "\"%s\" is for what an RSA key%s signs, and that of \"%s\" is %s",
                        flaw_text(made->flaw), md5 ? "" : " or an EC key", signs->name,
                        key_algorithm_text(signs->key));
    }
    check_fault_content(reading, made, node, &path);
}

void reading_check_fixture(struct entry_reading *entry)
{
    const struct entry *made = entry->entry;

    if (entry->reading->fixture->seed == NULL) {
        return;
    }
    if (made->adopt_certificate != NULL) {
        entry_error(entry->reading->faults, made, "a manifest of its own, without a seed, adopts it",
                    "what is adopted is no fixture, and nothing of a fixture may come under it");
    } else if (made->token_uri != NULL) {
        entry_error(entry->reading->faults, made, "key: ec-p256",
                    "a key in a token follows from no seed, and a fixture's key is public");
    }
}
