/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaks fail the test that made them. Criterion runs each test in a process of its own and asks only whether the test's body
 * came to its end; the leak report of AddressSanitizer comes later, at the exit of that process, and is not looked at. So the
 * body is followed by a check of its own, as part of the test. The linker puts the function below in the place of Criterion's
 * (--wrap, see tests/CMakeLists.txt), so a test needs to do nothing for it.
 *
 * A body that is left half-way, because an assertion failed or it was meant to exit, cannot tidy up: then there is no check,
 * and no report at the exit of the process either.
 *
 * Memory that a fixture's .init made and keeps in a static variable is no leak.
 */
#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#include <sanitizer/lsan_interface.h>

void __real_criterion_internal_test_main(void (*test)(void));
void __wrap_criterion_internal_test_main(void (*test)(void));

int __lsan_is_turned_off(void) __attribute__((visibility("default")));

/* One test a process: this is that test's body, and whether it is to be let off. */
static void (*body)(void);
static int excused;

/* The leak checker asks this before it looks. */
int __lsan_is_turned_off(void)
{
    return excused;
}

/* What the body left on the stack below us would count as pointers still held. */
static void __attribute__((noinline)) scrub(void)
{
    volatile unsigned char below[16 * 1024];

    for (size_t i = 0; i < sizeof(below); i++) {
        below[i] = 0;
    }
}

static void check(void)
{
    excused = 0;
    scrub();
    if (__lsan_do_recoverable_leak_check() != 0) {
        excused = 1;
        cr_assert_fail("memory was leaked, see the report of LeakSanitizer");
    }
}

static void checked(void)
{
    body();
    check();
}

/* A parameterized test's body gets its parameter. */
static void checked_with_parameter(void *parameter)
{
    void (*with_parameter)(void *) = (void (*)(void *))body;

    with_parameter(parameter);
    check();
}

void __wrap_criterion_internal_test_main(void (*test)(void))
{
    const unsigned char *current = (const unsigned char *)criterion_current_test;
    const unsigned char *data;
    enum criterion_test_kind kind;

    /* Criterion packs the test it hands to this process without regard to alignment. */
    memcpy(&data, current + offsetof(struct criterion_test, data), sizeof(data));
    memcpy(&kind, data + offsetof(struct criterion_test_extra_data, kind_), sizeof(kind));
    body = test;
    excused = 1;
    if (kind == CR_TEST_PARAMETERIZED) {
        __real_criterion_internal_test_main((void (*)(void))checked_with_parameter);
    } else {
        __real_criterion_internal_test_main(checked);
    }
}
