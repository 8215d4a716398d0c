/* SPDX-License-Identifier: Apache-2.0 */
/* base/tar: headers, sums and padding, octet by octet. (fleet.bats reads archives with other programs.) */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tar.h"
#include "scratch.h"

static struct tar tar;
static struct bytes written;
static struct faults *faults;

static void setup(void)
{
    scratch_start();
    faults = faults_new();
    tar = (struct tar){.file = openat(scratch_directory, "a.tar", O_WRONLY | O_CREAT | O_EXCL, 0600)};
    cr_assert_geq(tar.file, 0);
}

static void teardown(void)
{
    tar_free(&tar);
    close(tar.file);
    bytes_free(&written);
    faults_free(faults);
    scratch_stop();
}

TestSuite(tar, .init = setup, .fini = teardown);

static const unsigned char *all(void)
{
    cr_assert_eq(tar_end(&tar), 0);
    cr_assert_eq(file_read(scratch_directory, "a.tar", 1u << 20, &written, faults), 0);
    return written.data;
}

static void add(const char *path, const char *content, mode_t mode, int64_t modified)
{
    cr_assert_eq(tar_add(&tar, path, slice_of_text(content), mode, modified), 0);
}

/** The sum in the header at @p at is that of its octets. */
static void sum_holds(const unsigned char *at)
{
    unsigned sum = 0;
    char text[8];

    for (size_t i = 0; i < 512; i++) {
        sum += i >= 148 && i < 156 ? ' ' : at[i];
    }
    (void)snprintf(text, sizeof(text), "%06o", sum);
    cr_assert_eq(memcmp(at + 148, text, 7), 0);
    cr_assert_eq(at[155], ' ');
}

Test(tar, one_file)
{
    const unsigned char *at;

    add("dir/a.key", "content", 0600, 1700000000);
    at = all();
    cr_assert_eq(written.length, 10240);
    cr_assert_str_eq((const char *)at, "dir/a.key");
    cr_assert_str_eq((const char *)at + 100, "0000600");
    cr_assert_str_eq((const char *)at + 108, "0000000");
    cr_assert_str_eq((const char *)at + 116, "0000000");
    cr_assert_str_eq((const char *)at + 124, "00000000007");
    cr_assert_str_eq((const char *)at + 136, "14524770400");
    cr_assert_eq(at[156], '0');
    cr_assert_eq(memcmp(at + 257, "ustar\00000", 8), 0);
    sum_holds(at);
    cr_assert_str_eq((const char *)at + 512, "content");
    for (size_t i = 512 + 7; i < written.length; i++) {
        cr_assert_eq(at[i], 0);
    }
}

Test(tar, content_of_whole_blocks_and_none)
{
    char block[513];
    const unsigned char *at;

    memset(block, 'x', 512);
    block[512] = '\0';
    add("full", block, 0644, 0);
    add("empty", "", 0644, -5);
    add("next", "n", 0644, 0);
    at = all();
    cr_assert_str_eq((const char *)at + 1024, "empty");
    cr_assert_str_eq((const char *)at + 1024 + 136, "00000000000");
    cr_assert_str_eq((const char *)at + 1536, "next");
    sum_holds(at + 1536);
}

Test(tar, a_path_too_long_for_its_header)
{
    char path[101 + 1], record[200];
    const unsigned char *at;

    memset(path, 'p', 100);
    path[100] = '\0';
    add(path, "fits", 0600, 0);
    path[100] = 'q';
    path[101] = '\0';
    add(path, "long", 0600, 0);
    at = all();
    cr_assert_eq(at[156], '0');
    cr_assert_eq(memcmp(at, path, 100), 0);
    at += 1024;
    cr_assert_eq(at[156], 'x');
    (void)snprintf(record, sizeof(record), "111 path=%s\n", path);
    cr_assert_eq(strlen(record), 111);
    cr_assert_str_eq((const char *)at + 124, "00000000157");
    cr_assert_str_eq((const char *)at + 512, record);
    sum_holds(at);
    at += 1024;
    cr_assert_eq(at[156], '0');
    cr_assert_eq(memcmp(at, path, 100), 0);
    cr_assert_str_eq((const char *)at + 512, "long");
}

/** The number that counts itself: where it gets a digit more. */
Test(tar, a_record_that_counts_itself)
{
    char path[1001];

    for (size_t length = 985; length <= 1000; length++) {
        memset(path, 'p', length);
        path[length] = '\0';
        add(path, "", 0600, 0);
    }
    const unsigned char *at = all();

    for (size_t length = 985; length <= 1000; length++) {
        char *end = NULL;
        size_t said = strtoul((const char *)at + 512, &end, 10);

        cr_assert_eq(strncmp(end, " path=", 6), 0);
        cr_assert_eq(at[512 + said - 1], '\n', "%zu", length);
        cr_assert_eq(at[512 + said - 2], 'p', "%zu", length);
        at += 512 + (said + 511) / 512 * 512 + 512;
    }
}

Test(tar, what_cannot_be_written_is_told)
{
    struct tar nowhere = {.file = -1};

    cr_assert_eq(tar_add(&nowhere, "a", slice_of_text("a"), 0600, 0), 0);
    cr_assert_eq(tar_end(&nowhere), -1);
    tar_free(&nowhere);
}
