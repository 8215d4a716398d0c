/* SPDX-License-Identifier: Apache-2.0 */
/* manifest/table: CSV as RFC 4180 has it, and what is refused, with its place. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/table.h"
#include "told.h"

static struct faults *faults;
static struct bytes text;

static void setup(void)
{
    faults = faults_new();
    cr_assert_not_null(faults);
}

static void teardown(void)
{
    faults_free(faults);
    bytes_free(&text);
}

TestSuite(table, .init = setup, .fini = teardown);

static struct table *parse(const char *csv)
{
    return table_parse(slice_of_text(csv), "devices.csv", faults);
}

/** Columns and rows as one text: fields in <>, a row a line, refused rows as "!". */
static const char *all_of(const char *csv)
{
    struct table *table = parse(csv);
    struct table_row row = {.fields = NULL};
    struct table_mark mark;
    int found = 0;

    bytes_clear(&text);
    if (table == NULL) {
        return "";
    }
    for (size_t i = 0; i < table_columns(table); i++) {
        cr_assert_eq(bytes_printf(&text, "<%s>", table_column(table, i)), 0);
    }
    mark = table_start(table);
    while ((found = table_next(table, &mark, &row, faults)) != 0) {
        cr_assert_eq(bytes_append_text(&text, found == 1 ? "\n" : "\n!"), 0);
        for (size_t i = 0; found == 1 && i < table_columns(table); i++) {
            cr_assert_eq(bytes_printf(&text, "<%s>", row.fields[i].text), 0);
            cr_assert_eq(strlen(row.fields[i].text), row.fields[i].length);
        }
    }
    table_row_free(&row);
    table_free(table);
    return bytes_text(&text);
}

/** @p csv gives @p rows and is told @p complaints of. */
static void tells(const char *csv, const char *rows, const char *complaints)
{
    struct bytes all = BYTES_EMPTY;

    cr_assert_str_eq(all_of(csv), rows, "%s", csv);
    cr_assert_str_eq(told(faults, &all), complaints, "%s", csv);
    bytes_free(&all);
    faults_free(faults);
    faults = faults_new();
}

Test(table, rows_as_rfc_4180_has_them)
{
    tells("a,b\n1,2\n3,4\n", "<a><b>\n<1><2>\n<3><4>", "");
    tells("a,b\r\n1,2\r\n3,4", "<a><b>\n<1><2>\n<3><4>", "");
    tells("\xef\xbb\xbf"
          "a,b\n1,\n,2\n,\n",
          "<a><b>\n<1><>\n<><2>\n<><>", "");
    tells("\"a\",\"b,c\"\n\"1\"\"2\",\"x\ny\"\n\"\",\"\"\"\"\n", "<a><b,c>\n<1\"2><x\ny>\n<><\">", "");
    tells("a\n\n1\n\r\n2\n\n\n", "<a>\n<1>\n<2>", "");
    tells("a\n\"\"\n", "<a>\n<>", "");
    tells("a,b\n x , y \n\"x\r\ny\",z\n", "<a><b>\n< x >< y >\n<x\r\ny><z>", "");
    tells("größe\nÄ\n", "<größe>\n<Ä>", "");
    tells("a,b", "<a><b>", "");
}

Test(table, a_row_that_is_refused_does_not_hide_the_next)
{
    tells("a,b\n1\n2,3\n4,5,6\n7,8\n", "<a><b>\n!\n<2><3>\n!\n<7><8>",
          "devices.csv:2:1: the row has 1 field, and the table 2 columns (a field with a comma in it is "
          "written in "
          "quotes)\n"
          "devices.csv:4:1: the row has 3 fields, and the table 2 columns (a field with a comma in it is "
          "written in "
          "quotes)\n");
}

Test(table, quotes_have_their_place)
{
    tells("a,b\nü,x\"y\n1,2\n", "<a><b>\n!",
          "devices.csv:2:4: a quote in the middle of a field (put the whole field in quotes, and write the "
          "quote "
          "within it twice)\n");
    tells(
        "a,b\n1,\"x\"y\n", "<a><b>\n!",
        "devices.csv:2:6: text behind the closing quote (a quote within a quoted field is written twice)\n");
    tells("a,b\n\"x\ny\",\"z\n1,2\n", "<a><b>\n!",
          "devices.csv:3:4: the quote that opens here is never closed (close it)\n");
    tells("a\nx\ry\n", "<a>\n!",
          "devices.csv:2:2: a carriage return that is not followed by a line feed (lines end with CR LF or "
          "LF)\n");
}

Test(table, the_head_names_the_columns)
{
    tells("", "", "devices.csv:1:1: the table is empty (its first line names the columns: serial,host)\n");
    tells("\n\n", "",
          "devices.csv:1:1: the table is empty (its first line names the columns: serial,host)\n");
    tells("a,,c\n", "",
          "devices.csv:1:3: a column without a name (the first line names the columns: serial,host)\n");
    tells("a,b,a\n", "", "devices.csv:1:5: the name \"a\" is that of column 1, too\n");
    tells(
        "a, b\n", "",
        "devices.csv:1:3: a column whose name begins or ends with a space (the first line names the columns: "
        "serial,host)\n");
    tells("\xef\xbb\xbf"
          "a,\n",
          "", "devices.csv:1:3: a column without a name (the first line names the columns: serial,host)\n");
    tells("a{,b\n", "",
          "devices.csv:1:1: a column whose name has a brace, a tab or a line end (the first line names the "
          "columns: serial,host)\n");
}

Test(table, only_text_is_taken)
{
    struct table *table =
        table_parse((struct slice){(const unsigned char *)"a\nx\0y\n", 6}, "devices.csv", faults);

    cr_assert_null(table);
    cr_assert_str_eq(told(faults, &text), "devices.csv:2:2: a NUL byte (remove it: a table is text)\n");
    faults_free(faults);
    faults = faults_new();
    tells("a\nxy\xff\n", "", "devices.csv:2:3: this is not UTF-8 (save the table as UTF-8)\n");
    tells("\xff\xfe"
          "a",
          "", "devices.csv:1:1: this is not UTF-8 (save the table as UTF-8)\n");
    tells("a\nx\x1bz\n", "", "devices.csv:2:2: the control character U+001B (remove it: a table is text)\n");
    tells("a\nx\xe2\x80\xae\n", "",
          "devices.csv:2:2: the control character U+202E (remove it: a table is text)\n");
}

/** "a" and a line, then @p before, @p length letters, and @p after. */
static struct table *long_one(const char *before, size_t length, const char *after)
{
    struct bytes csv = BYTES_EMPTY;
    struct table *table;

    cr_assert_eq(bytes_printf(&csv, "a\n%s", before), 0);
    for (size_t i = 0; i < length; i++) {
        cr_assert_eq(bytes_append_byte(&csv, 'x'), 0);
    }
    cr_assert_eq(bytes_append_text(&csv, after), 0);
    table = table_parse(slice_of(&csv), "devices.csv", faults);
    bytes_free(&csv);
    cr_assert_not_null(table);
    return table;
}

Test(table, sizes_are_bounded)
{
    struct table_row row = {.fields = NULL};
    struct table *table = long_one("", TABLE_FIELD_MAX, "\n");
    struct table_mark mark = table_start(table);

    cr_assert_eq(table_next(table, &mark, &row, faults), 1);
    cr_assert_eq(row.fields[0].length, TABLE_FIELD_MAX);
    cr_assert_eq(table_next(table, &mark, &row, faults), 0);
    table_free(table);
    table = long_one("\"", TABLE_FIELD_MAX + 1, "\"\n");
    mark = table_start(table);
    cr_assert_eq(table_next(table, &mark, &row, faults), -1);
    cr_assert_str_eq(told(faults, &text),
                     "devices.csv:2:8194: the field has more than 8,192 bytes (is a quote missing?)\n");
    cr_assert_eq(table_next(table, &mark, &row, faults), 0);
    table_free(table);
    table_row_free(&row);
}

Test(table, lines_are_bounded)
{
    struct bytes csv = BYTES_EMPTY;
    struct table *table;

    cr_assert_eq(bytes_append_text(&csv, "a"), 0);
    for (size_t i = 0; i < TABLE_LINES_MAX; i++) {
        cr_assert_eq(bytes_append_byte(&csv, '\n'), 0);
    }
    table = table_parse(slice_of(&csv), "devices.csv", faults);
    cr_assert_not_null(table);
    table_free(table);
    cr_assert_eq(bytes_append_byte(&csv, '\n'), 0);
    cr_assert_null(table_parse(slice_of(&csv), "devices.csv", faults));
    cr_assert_str_eq(told(faults, &text), "devices.csv: the table has more than 1000001 lines (split it)\n");
    bytes_free(&csv);
}

Test(table, columns_are_bounded)
{
    struct bytes csv = BYTES_EMPTY;

    for (size_t i = 0; i <= TABLE_COLUMNS_MAX; i++) {
        cr_assert_eq(bytes_printf(&csv, "%sc%zu", i > 0 ? "," : "", i), 0);
    }
    cr_assert_null(parse(bytes_text(&csv)));
    cr_assert_not_null(strstr(told(faults, &text), "the row has more than 256 fields"));
    bytes_free(&csv);
}

Test(table, a_walk_can_be_had_again_from_any_mark)
{
    struct table *table = parse("a,b\n1,2\n\n\"x\ny\",4\n5,ü\n");
    struct table_row row = {.fields = NULL};
    struct table_mark mark, second;
    struct place place;

    cr_assert_not_null(table);
    mark = table_start(table);
    cr_assert_eq(table_next(table, &mark, &row, faults), 1);
    second = mark;
    cr_assert_eq(table_next(table, &mark, &row, faults), 1);
    cr_assert_eq(table_next(table, &mark, &row, faults), 1);
    place = table_place(table, &row, 1);
    cr_assert_eq(place.line, 6);
    cr_assert_eq(place.column, 3);
    cr_assert_eq(table_next(table, &second, &row, faults), 1);
    cr_assert_str_eq(row.fields[0].text, "x\ny");
    place = table_place(table, &row, 1);
    cr_assert_eq(place.line, 5);
    cr_assert_eq(place.column, 4);
    place = table_place(table, &row, TABLE_COLUMNS_MAX);
    cr_assert_eq(place.line, 4);
    cr_assert_eq(place.column, 1);
    table_row_free(&row);
    table_free(table);
}
