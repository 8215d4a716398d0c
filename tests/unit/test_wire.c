/* SPDX-License-Identifier: Apache-2.0 */
/* The wire to the token's program: contents written are read again, foreign ones are held against their bounds, time is kept. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "token/wire.h"

static int ends[2];

static void connect_ends(void)
{
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
    }
}

static void part_ends(void)
{
    (void)close(ends[0]);
    (void)close(ends[1]);
}

TestSuite(wire, .init = connect_ends, .fini = part_ends);

Test(wire, what_is_written_is_read)
{
    const struct slice fields[] = {slice_of_text("one"), {NULL, 0}, slice_of_text("three")};
    struct bytes frame = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;
    struct wire_message message;

    cr_assert_eq(wire_write(WIRE_SIGN, fields, 3, &frame), 0);
    cr_assert_eq(wire_send(ends[0], &frame, 1), WIRE_OK);
    cr_assert_eq(wire_send(ends[0], &frame, 1), WIRE_OK);
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(wire_receive(ends[1], 1, &content), WIRE_OK);
        cr_assert_eq(wire_read(slice_of(&content), &message), 0);
        cr_assert_eq(message.kind, WIRE_SIGN);
        cr_assert_eq(message.count, 3);
        for (size_t j = 0; j < 3; j++) {
            cr_assert(slice_equal(message.fields[j], fields[j]));
        }
    }
    bytes_free(&frame);
    bytes_free(&content);
}

Test(wire, contents_out_of_bounds_are_refused)
{
    static const struct {
        const char *octets;
        size_t length;
    } bad[] = {
        {"", 0},
        {"\x01\0\0\0", 4},
        {"\x01\0\0\0\x01", 5},
        {"\x01\xff\xff\xff\xff", 5},
        {"\x01\0\0\0\x02x", 6},
        {"\x01\0\0\0\x01xy", 7},
        {"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 25}, /* six fields */
    };
    /* well formed, but for its one octet too many: a field of 0xfffc octets */
    static unsigned char huge[WIRE_CONTENT_MAX + 1] = {WIRE_SIGN, 0, 0, 0xff, 0xfc};
    struct wire_message message;

    cr_assert_eq(wire_read((struct slice){huge, sizeof(huge)}, &message), -1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct slice content = {(const unsigned char *)bad[i].octets, bad[i].length};

        cr_assert_eq(wire_read(content, &message), -1, "%zu", i);
    }
}

Test(wire, too_much_is_not_written)
{
    static unsigned char octets[WIRE_CONTENT_MAX];
    const struct slice whole = {octets, sizeof(octets)};
    const struct slice fits = {octets, WIRE_CONTENT_MAX - 5};
    struct bytes frame = BYTES_EMPTY;

    cr_assert_eq(wire_write(WIRE_SIGN, &whole, 1, &frame), -1);
    cr_assert_eq(frame.length, 0);
    cr_assert_eq(wire_write(WIRE_SIGN, &fits, 1, &frame), 0);
    cr_assert_eq(frame.length, WIRE_HEAD + WIRE_CONTENT_MAX);
    bytes_free(&frame);
}

Test(wire, lengths_out_of_bounds_are_refused)
{
    static const char *const heads[] = {"\0\0\0\0", "\xff\xff\xff\xff", "\0\1\0\1", "nons"};
    struct bytes content = BYTES_EMPTY;

    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(write(ends[0], heads[i], 4), 4);
        cr_assert_eq(wire_receive(ends[1], 1, &content), WIRE_WRONG);
        cr_assert_eq(content.length, 0);
    }
    bytes_free(&content);
}

Test(wire, silence_and_half_a_frame_run_out_of_time)
{
    struct bytes content = BYTES_EMPTY;

    cr_assert_eq(wire_receive(ends[1], 1, &content), WIRE_LATE);
    cr_assert_eq(write(ends[0], "\0\0\0\x05hell", 8), 8);
    cr_assert_eq(wire_receive(ends[1], 1, &content), WIRE_LATE);
    cr_assert_eq(content.length, 0);
    bytes_free(&content);
}

Test(wire, who_does_not_read_runs_out_of_time)
{
    static unsigned char octets[WIRE_CONTENT_MAX - 5];
    const struct slice field = {octets, sizeof(octets)};
    struct bytes frame = BYTES_EMPTY;
    enum wire_outcome outcome = WIRE_OK;

    cr_assert_eq(wire_write(WIRE_SIGN, &field, 1, &frame), 0);
    for (int i = 0; i < 64 && outcome == WIRE_OK; i++) {
        outcome = wire_send(ends[0], &frame, 1);
    }
    cr_assert_eq(outcome, WIRE_LATE);
    bytes_free(&frame);
}

Test(wire, the_end_is_told)
{
    struct bytes frame = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;

    cr_assert_eq(wire_write(WIRE_FIND, NULL, 0, &frame), 0);
    cr_assert_eq(write(ends[0], "\0\0\0\x05he", 6), 6);
    (void)close(ends[0]);
    cr_assert_eq(wire_receive(ends[1], 1, &content), WIRE_ENDED);
    cr_assert_eq(wire_send(ends[1], &frame, 1), WIRE_ENDED);
    bytes_free(&frame);
    bytes_free(&content);
}
