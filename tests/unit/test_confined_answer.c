/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of what a confined child answers, and its complaints: as many as a list keeps of each kind, and the count of all. */
#include <string.h>

#include <criterion/criterion.h>

#include "base/confined_answer.h"
#include "told.h"

struct world {
    struct faults *said, *heard;
    struct bytes answer, text;
    size_t taken;
};

static void open_world(struct world *world)
{
    memset(world, 0, sizeof(*world));
    world->said = faults_new();
    world->heard = faults_new();
}

static void close_world(struct world *world)
{
    faults_free(world->said);
    faults_free(world->heard);
    bytes_free(&world->answer);
    bytes_free(&world->text);
}

static const char *take(void *state, unsigned char kind, struct slice octets)
{
    struct world *world = state;

    world->taken++;
    return kind == 'k' && slice_equal(octets, slice_of_text("octets")) ? NULL : CONFINED_UNKNOWN;
}

static int hear(struct world *world)
{
    return confined_answer_read(slice_of(&world->answer), "f", take, world, world->heard);
}

static void complain(struct world *world, size_t errors, size_t warnings)
{
    for (size_t i = 0; i < errors; i++) {
        fault_error(world->said, NULL, NULL, NULL, "error %zu", i);
    }
    for (size_t i = 0; i < warnings; i++) {
        fault_warning(world->said, NULL, NULL, NULL, "warning %zu", i);
    }
}

Test(confined_answer, parts_and_warnings_come_over)
{
    struct world world;

    open_world(&world);
    complain(&world, 0, 2);
    cr_assert_eq(confined_answer_append(&world.answer, 'k', slice_of_text("octets")), 0);
    cr_assert_eq(confined_answer_append(&world.answer, 'k', slice_of_text("octets")), 0);
    cr_assert_eq(confined_answer_close(&world.answer, world.said), 0);
    cr_assert_eq(hear(&world), 0);
    cr_assert_eq(world.taken, 2);
    cr_assert_str_eq(told(world.heard, &world.text), "warning: warning 0\nwarning: warning 1\n");
    close_world(&world);
}

Test(confined_answer, as_many_complaints_as_a_list_keeps_and_the_count_of_the_others)
{
    static const size_t counts[][2] = {{1, 0},       {1000, 1000}, {1001, 1000}, {1, 1000},
                                       {1000, 1001}, {5000, 7000}, {3, 2000}};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct world world;
        struct bytes text = BYTES_EMPTY;

        open_world(&world);
        complain(&world, counts[i][0], counts[i][1]);
        cr_assert_eq(confined_answer_close(&world.answer, world.said), 0);
        cr_assert_eq(hear(&world), -1);
        cr_assert_eq(faults_errors(world.heard), counts[i][0]);
        cr_assert_eq(faults_warnings(world.heard), counts[i][1]);
        cr_assert_str_eq(told(world.heard, &world.text), told(world.said, &text));
        bytes_free(&text);
        close_world(&world);
    }
}

/** Refused, with one sentence. */
static void refused(struct world *world, const char *wrong)
{
    cr_assert_eq(confined_answer_append(&world->answer, CONFINED_END, slice_of_text("")), 0);
    cr_assert_eq(hear(world), -1);
    cr_assert_eq(faults_count(world->heard), 1);
    cr_assert_eq(strncmp(faults_text(world->heard, 0), "f: the process that parses it answered with ", 44),
                 0);
    cr_assert_not_null(strstr(faults_text(world->heard, 0), wrong), "%s", faults_text(world->heard, 0));
    cr_assert_eq(faults_errors(world->heard), 1);
    cr_assert_eq(faults_warnings(world->heard), 0);
}

Test(confined_answer, complaints_are_bounded)
{
    static const unsigned char kinds[] = {CONFINED_ERROR, CONFINED_WARNING};
    static const char text[FAULT_TEXT_MAX + 1] = {'x'};

    for (size_t i = 0; i < 2; i++) {
        struct world world;

        open_world(&world);
        for (size_t k = 0; k < FAULT_LIST_MAX + 1; k++) {
            cr_assert_eq(confined_answer_append(&world.answer, kinds[i], slice_of_text("x")), 0);
        }
        refused(&world, "too many complaints");
        close_world(&world);

        open_world(&world);
        cr_assert_eq(confined_answer_append(&world.answer, kinds[i],
                                            (struct slice){(const unsigned char *)text, sizeof(text)}),
                     0);
        refused(&world, "too long ones");
        close_world(&world);

        open_world(&world);
        cr_assert_eq(confined_answer_append(&world.answer, kinds[i], slice_of_text("")), 0);
        refused(&world, "too long ones");
        close_world(&world);
    }
}

Test(confined_answer, so_is_their_count)
{
    static const unsigned char most[] = {0, 0x3d, 0x09, 0, 0, 0, 0, 0};
    static const unsigned char more[] = {0, 0x3d, 0x09, 1, 0, 0, 0, 0};
    static const struct slice cases[] = {{more, 8}, {most, 7}, {most, 0}};
    struct world world;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]) + 1; i++) {
        open_world(&world);
        complain(&world, FAULT_LIST_MAX, 0);
        cr_assert_eq(confined_answer_close(&world.answer, world.said), 0);
        world.answer.length -= 5;
        cr_assert_eq(
            confined_answer_append(&world.answer, CONFINED_MORE, i < 3 ? cases[i] : (struct slice){most, 8}),
            0);
        if (i < 3) {
            refused(&world, "complaints that cannot be counted");
        } else {
            cr_assert_eq(confined_answer_append(&world.answer, CONFINED_END, slice_of_text("")), 0);
            cr_assert_eq(hear(&world), -1);
            cr_assert_eq(faults_errors(world.heard), FAULT_LIST_MAX + CONFINED_MORE_MAX);
        }
        close_world(&world);
    }
    /* a list that is not full leaves nothing out */
    open_world(&world);
    cr_assert_eq(confined_answer_append(&world.answer, CONFINED_MORE, (struct slice){most, 8}), 0);
    refused(&world, "complaints that cannot be counted");
    close_world(&world);
}
