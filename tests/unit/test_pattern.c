/* SPDX-License-Identifier: Apache-2.0 */
/* manifest/pattern: variables, braces, and values that stay values. */
#include <criterion/criterion.h>
#include <string.h>

#include "manifest/pattern.h"
#include "x509/name.h"

static struct faults *faults;
static struct table *table;
static struct table_row row;
static struct bytes text;

static void teardown(void)
{
    table_row_free(&row);
    table_free(table);
    faults_free(faults);
    bytes_free(&text);
}

TestSuite(pattern, .fini = teardown);

/** A table of one row, which is read. */
static void have(const char *csv)
{
    struct table_mark mark;

    faults = faults_new();
    table = table_parse(slice_of_text(csv), "t.csv", faults);
    cr_assert_not_null(table);
    mark = table_start(table);
    cr_assert_eq(table_next(table, &mark, &row, faults), 1);
}

static const char *expand(const char *pattern, enum pattern_syntax syntax, size_t *column)
{
    const struct pattern_values values = {table, &row, 42};
    const char *why = NULL;
    char hint[COMPLAINT_HINT_MAX];

    bytes_clear(&text);
    cr_assert_eq(pattern_check(pattern, table, &why, hint), 0, "%s %s", pattern, why);
    cr_assert_eq(pattern_expand(pattern, &values, syntax, &text, column, &why), 0, "%s %s", pattern, why);
    return bytes_text(&text);
}

Test(pattern, fields_and_braces)
{
    size_t column = 9;

    have("serial,host name\n007,a{row.serial}b\n");
    cr_assert_str_eq(expand("x-{row.serial}-{row.host name}", PATTERN_TEXT, &column), "x-007-a{row.serial}b");
    cr_assert_eq(column, 0);
    cr_assert_str_eq(expand("{{{row.host name}}}", PATTERN_TEXT, &column), "{a{row.serial}b}");
    cr_assert_eq(column, 1);
    cr_assert_str_eq(expand("{{row.serial}}", PATTERN_TEXT, &column), "{row.serial}");
    cr_assert_eq(column, 2);
    cr_assert_str_eq(expand("", PATTERN_TEXT, NULL), "");
}

Test(pattern, numbers)
{
    cr_assert_str_eq(expand("n{n}", PATTERN_TEXT, NULL), "n42");
    cr_assert_str_eq(expand("{n:01}/{n:06}", PATTERN_FILE, NULL), "42/000042");
    cr_assert_str_eq(expand("{n:018}", PATTERN_TEXT, NULL), "000000000000000042");
}

Test(pattern, what_is_no_variable)
{
    static const struct {
        bool with_table;
        const char *pattern, *why, *hint;
    } wrong[] = {
        {true, "{row.seral}", "has a variable that is no column of the table",
         "did you mean \"{row.serial}\"?"},
        {true, "{serial}", "has a variable that is no column of the table", "did you mean \"{row.serial}\"?"},
        {true, "{n}", "has a variable that is no column of the table",
         "{row.serial}, {row.host}; {{ and }} are braces"},
        {true, "{}", "has a variable that is no column of the table",
         "{row.serial}, {row.host}; {{ and }} are braces"},
        {true, "{row.}", "has a variable that is no column of the table",
         "{row.serial}, {row.host}; {{ and }} are braces"},
        {true, "a}", "has a closing brace that nothing opened",
         "{row.serial}, {row.host}; {{ and }} are braces"},
        {true, "{row.serial", "has a brace that is not closed", "did you mean \"{row.serial}\"?"},
        {true, "{row.{row.serial}}", "has a brace that is not closed",
         "{row.serial}, {row.host}; {{ and }} are braces"},
        {false, "{row.serial}", "has a variable that is none of a count",
         "{n}, or {n:06} with zeros before it; {{ and }} are braces"},
        {false, "{n:6}", "has a width that is none",
         "{n}, or {n:06} with zeros before it; {{ and }} are braces"},
        {false, "{n:00}", "has a width that is none",
         "{n}, or {n:06} with zeros before it; {{ and }} are braces"},
        {false, "{n:019}", "has a width that is none",
         "{n}, or {n:06} with zeros before it; {{ and }} are braces"},
    };

    have("serial,host\n1,2\n");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const char *why = NULL;
        char hint[COMPLAINT_HINT_MAX] = "";

        cr_assert_eq(pattern_check(wrong[i].pattern, wrong[i].with_table ? table : NULL, &why, hint), -1,
                     "%s", wrong[i].pattern);
        cr_assert_str_eq(why, wrong[i].why, "%s", wrong[i].pattern);
        cr_assert_str_eq(hint, wrong[i].hint, "%s", wrong[i].pattern);
    }
}

/** Every character that means something in RFC 4514 stays part of the value. */
Test(pattern, a_value_in_a_dn)
{
    static const char owner[] = "# \"A\"+B=C;\\<d>,CN=xü ";
    struct name name = {NULL, 0};
    struct bytes csv = BYTES_EMPTY;
    const char *why = NULL;

    cr_assert_eq(bytes_append_text(&csv, "owner\n\"# \"\"A\"\"+B=C;\\<d>,CN=xü \"\n"), 0);
    have(bytes_text(&csv));
    cr_assert_str_eq(row.fields[0].text, owner);
    cr_assert_eq(name_parse(expand("CN={row.owner},O=Org", PATTERN_DN, NULL), &name, &why), 0, "%s: %s",
                 bytes_text(&text), why);
    cr_assert_eq(name.count, 2);
    cr_assert_str_eq(name.attributes[1].value, owner);
    name_free(&name);
    bytes_free(&csv);
}

Test(pattern, values_that_do_not_fit)
{
    static const char *const bad[] = {"a/b", "..", ".", "a\\b", "/"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bytes csv = BYTES_EMPTY;
        const char *why = NULL;
        size_t column = 9;

        cr_assert_eq(bytes_printf(&csv, "one,two\nx,%s\n", bad[i]), 0);
        have(bytes_text(&csv));
        const struct pattern_values values = {table, &row, 0};

        cr_assert_eq(pattern_expand("{row.one}/{row.two}.p12", &values, PATTERN_FILE, &text, &column, &why),
                     1);
        cr_assert_eq(column, 1);
        cr_assert_not_null(why);
        cr_assert_eq(pattern_expand("X_{row.two}", &values, PATTERN_VARIABLE, &text, &column, &why), 1);
        cr_assert_eq(pattern_expand("X_{row.one}", &values, PATTERN_VARIABLE, &text, &column, &why), 0);
        bytes_free(&csv);
        if (i + 1 < sizeof(bad) / sizeof(bad[0])) {
            table_row_free(&row);
            table_free(table);
            faults_free(faults);
        }
    }
}
