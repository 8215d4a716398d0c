/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the journal from any bytes: a crash, or a full disk, can leave anything at their end. What is read is written again and reads as
 * the same; half of it reads as a part of it.
 */
#include <stdint.h>
#include <stdlib.h>

#include "journal/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void write_again(const struct record *record, struct bytes *text)
{
    require(record_write_head(record, text) == 0);
    for (size_t i = 0; i < record->claim_count; i++) {
        require(record_write_claim(&record->claims[i], i, text) == 0);
        if (record->claims[i].state != CLAIM_BEGUN) {
            require(record_write_state(record->claims[i].state, i, text) == 0);
        }
    }
    require(!record->decided || record_write_decided(text) == 0);
    require(!record->ended || record_write_end(text) == 0);
}

static void require_same(const struct record *one, const struct record *other)
{
    require(slice_equal(slice_of(&one->store), slice_of(&other->store)) && one->ended == other->ended &&
            one->decided == other->decided && one->claim_count == other->claim_count);
    for (size_t i = 0; i < one->claim_count; i++) {
        const struct claim *first = &one->claims[i];
        const struct claim *second = &other->claims[i];

        require(claim_same(first, second) && first->act == second->act && first->state == second->state &&
                first->scope == second->scope && digest_equal(&first->owner, &second->owner) &&
                slice_equal(slice_of(&first->before), slice_of(&second->before)) &&
                slice_equal(slice_of(&first->label), slice_of(&second->label)) &&
                slice_equal(slice_of(&first->host), slice_of(&second->host)) &&
                first->program_count == second->program_count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct faults *faults = faults_new();
    struct record record = {.pid = 0};
    struct record again = {.pid = 0};
    struct bytes text = BYTES_EMPTY;

    require(faults != NULL);
    if (record_read((struct slice){data, size}, "record", &record, faults) == 0) {
        size_t claims = record.claim_count;

        require(claims <= RECORD_CLAIMS_MAX);
        write_again(&record, &text);
        require(record_read(slice_of(&text), "record", &again, faults) == 0);
        require_same(&record, &again);
        if (record_read((struct slice){data, size / 2}, "record", &again, faults) == 0) {
            require(again.claim_count <= claims);
        }
    } else {
        require(faults_errors(faults) == 1);
    }
    record_free(&record);
    record_free(&again);
    bytes_free(&text);
    faults_free(faults);
    return 0;
}
