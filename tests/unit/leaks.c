/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leaks fail the test that made them. Criterion runs each test in a process of its own and asks only whether the test's body
 * came to its end; the leak report of AddressSanitizer comes later, at the exit of that process, and is not looked at. So the
 * body is followed by a check of its own, as part of the test. The linker puts the function below in the place of Criterion's
 * (--wrap, see tests/CMakeLists.txt), so a test needs to do nothing for it.
 *
 * Memory that a fixture's .init made and keeps in a static variable is no leak.
 */
#include <criterion/criterion.h>
#include <stddef.h>
#include <string.h>

#include <sanitizer/lsan_interface.h>

void __real_criterion_internal_test_main(void (*test)(void));
void __wrap_criterion_internal_test_main(void (*test)(void));

/* One test a process: this is that test's body. */
static void (*body)(void);

static void check(void)
{
    if (__lsan_do_recoverable_leak_check() != 0) {
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
    if (kind == CR_TEST_PARAMETERIZED) {
        __real_criterion_internal_test_main((void (*)(void))checked_with_parameter);
    } else {
        __real_criterion_internal_test_main(checked);
    }
}
