/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: the values, and which claims are about the same.
 */
#include "journal/record.h"

#include <stdlib.h>

void claim_free(struct claim *claim)
{
    for (size_t i = 0; i < claim->program_count; i++) {
        bytes_free(&claim->programs[i]);
    }
    free(claim->programs);
    bytes_free(&claim->certificate);
    bytes_free(&claim->label);
    bytes_free(&claim->host);
    bytes_free(&claim->before);
    *claim = (struct claim){.act = CLAIM_PUT};
}

int claim_programs(struct claim *claim, const char *const *programs, size_t count)
{
    if (count > RECORD_PROGRAMS_MAX || (claim->programs = calloc(count, sizeof(*claim->programs))) == NULL) {
        return -1;
    }
    claim->program_count = count;
    for (size_t i = 0; i < count; i++) {
        if (bytes_append_text(&claim->programs[i], programs[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

struct item claim_item(const struct claim *claim)
{
    return (struct item){
        .kind = claim->kind,
        .certificate = slice_of(&claim->certificate),
        .label = claim->label.length > 0 ? bytes_text(&claim->label) : NULL,
        .scope = claim->scope,
        .host = claim->host.length > 0 ? bytes_text(&claim->host) : NULL,
    };
}

bool claim_same(const struct claim *one, const struct claim *other)
{
    return one->kind == other->kind &&
           slice_equal(slice_of(&one->certificate), slice_of(&other->certificate));
}

void record_free(struct record *record)
{
    for (size_t i = 0; i < record->claim_count; i++) {
        claim_free(&record->claims[i]);
    }
    free(record->claims);
    bytes_free(&record->file);
    bytes_free(&record->store);
    bytes_free(&record->command);
    *record = (struct record){.pid = 0};
}

bool record_is_unfinished(const struct record *record)
{
    return !record->ended && !record->alive;
}
