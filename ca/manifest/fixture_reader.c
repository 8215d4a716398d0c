/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What being a fixture means for the entries of a manifest. One that says no time of its own must not rot: what nobody but a built-in
 * profile gives a validity is valid from 2020 to the end of 9999 (RFC 5280 section 4.1.2.5), and lists stand as long. With a time, all
 * durations count from it.
 */
#include "manifest/reading.h"
#include "x509/instant.h"

/** Whether fixtures that are read are to be good for ever. */
static bool is_endless(const struct reading *reading)
{
    return reading->fixture->seed != NULL && !reading->fixture->has_now;
}

void reading_fixture_defaults(struct entry_reading *entry)
{
    const struct reading *reading = entry->reading;
    struct entry *made = entry->entry;
    unsigned gives = profile_set_gives(reading->profiles, made->profile);

    if (!is_endless(reading) || (gives & PROFILE_GIVES_VALIDITY) != 0 ||
        (made->kind == ENTRY_CERTIFICATE && reading->defaults.has_validity)) {
        return;
    }
    made->validity = (struct validity){
        .fixed_from = true, .fixed_until = true, .from = FIXTURE_BEGIN, .until = INSTANT_MAX};
    made->backdate = (struct duration){0, 0};
    made->renew_before_given = false;
}

instant reading_now(const struct reading *reading)
{
    return reading->fixture->seed != NULL ? fixture_time(reading->fixture) : context_now(reading->context);
}

struct duration reading_next_update(const struct reading *reading)
{
    /* instant_add cuts it off at the end of 9999 */
    return is_endless(reading) ? (struct duration){INT64_C(12) * 9999, 0}
                               : (struct duration){0, LIST_NEXT_UPDATE_SECONDS};
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
