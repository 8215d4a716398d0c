/* SPDX-License-Identifier: Apache-2.0 */
/* What --into means. */
#include <string.h>

#include <criterion/criterion.h>

#include "choice/choice.h"
#include "told.h"

static struct faults *faults;
static struct bytes text;
static struct choice choice;

static void start(void)
{
    faults = faults_new();
}

static void stop(void)
{
    choice_free(&choice);
    bytes_free(&text);
    faults_free(faults);
}

TestSuite(choice, .init = start, .fini = stop, .timeout = 60);

Test(choice, every_kind_is_in_the_table_or_says_why_it_is_not)
{
    static const char *const words[] = {"macos", "nss", "pkcs11", "system"};
    const struct choice_row *row = choice_rows();

    for (size_t i = 0; i < 4; i++, row++) {
        cr_assert_str_eq(row->word, words[i]);
        cr_assert_neq(row->kind == NULL, row->missing == NULL);
        cr_assert(row->kind == NULL || strcmp(row->kind->word, words[i]) == 0);
        cr_assert_eq(choice_parse(words[i], &choice, faults), row->kind != NULL ? 0 : -1);
    }
    cr_assert_null(row->word);
}

Test(choice, a_place_is_what_stands_behind_the_first_colon)
{
    struct bytes name = BYTES_EMPTY;

    for (const struct choice_row *row = choice_rows(); row->word != NULL; row++) {
        if (row->kind != NULL) {
            bytes_clear(&name);
            cr_assert_eq(bytes_printf(&name, "%s:sql:/a:b", row->word), 0);
            cr_assert_eq(choice_parse(bytes_text(&name), &choice, faults), 0);
            cr_assert_str_eq(bytes_text(&choice.place), "sql:/a:b");
            cr_assert_eq(choice.kind, row->kind);
            bytes_clear(&name);
            cr_assert_eq(choice_name(&choice, &name), 0);
            cr_assert_str_eq(bytes_text(&name) + strlen(row->word), ":sql:/a:b");
        }
    }
    bytes_free(&name);
}

Test(choice, no_such_kind)
{
    static const char *const wrong[] = {"", ":", "ns:x", "nssx", "nss ", "NSS", "system.", "pkcs1"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        cr_assert_eq(choice_parse(wrong[i], &choice, faults), -1, "%s", wrong[i]);
        cr_assert_null(choice.kind);
    }
    cr_assert_eq(faults_errors(faults), sizeof(wrong) / sizeof(wrong[0]));
    cr_assert_not_null(strstr(told(faults, &text), "there is no kind of store \"NSS\""));
}
