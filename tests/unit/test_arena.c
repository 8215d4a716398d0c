/* SPDX-License-Identifier: Apache-2.0 */
/* base/arena: pieces of every size and alignment stay what they are until all are given back. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

/* Sizes from none to more than a block of any size has. */
static const size_t sizes[] = {0, 1, 3, 8, 100, 4096, 70000, 1, 200000, 15};
#define PIECES 500

static void fill(struct arena *arena, unsigned char *pieces[PIECES])
{
    for (size_t i = 0; i < PIECES; i++) {
        size_t size = sizes[i % (sizeof(sizes) / sizeof(sizes[0]))];
        size_t alignment = (size_t)1 << i % 5;

        pieces[i] = arena_take(arena, size, alignment);
        cr_assert_not_null(pieces[i]);
        cr_assert_eq((uintptr_t)pieces[i] % alignment, 0, "piece %zu", i);
        memset(pieces[i], (int)(i % 251), size);
    }
}

static void check(unsigned char *const pieces[PIECES])
{
    for (size_t i = 0; i < PIECES; i++) {
        for (size_t j = 0; j < sizes[i % (sizeof(sizes) / sizeof(sizes[0]))]; j++) {
            cr_assert_eq(pieces[i][j], i % 251, "octet %zu of piece %zu", j, i);
        }
    }
}

Test(arena, pieces_do_not_touch)
{
    unsigned char *pieces[PIECES];
    struct arena arena = {NULL};

    fill(&arena, pieces);
    check(pieces);
    arena_free(&arena);
    cr_assert_null(arena.last);
    fill(&arena, pieces);
    check(pieces);
    arena_free_wiped(&arena);
    cr_assert_null(arena.last);
    arena_free(&arena);
}

Test(arena, texts_are_copied_with_their_end)
{
    struct arena arena = {NULL};
    char text[] = "a text";
    const char *copy = arena_copy_text(&arena, slice_of_text(text));
    const char *part = arena_copy_text(&arena, (struct slice){(const unsigned char *)text, 1});
    const char *none = arena_copy_text(&arena, (struct slice){NULL, 0});

    memset(text, 'x', sizeof(text) - 1);
    cr_assert_str_eq(copy, "a text");
    cr_assert_str_eq(part, "a");
    cr_assert_str_eq(none, "");
    cr_assert_null(arena_copy_text(&arena, (struct slice){(const unsigned char *)text, SIZE_MAX}));
    arena_free(&arena);
}
