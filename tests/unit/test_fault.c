/* SPDX-License-Identifier: Apache-2.0 */
/* base/fault: one sentence with its place, safe to print, never longer than promised, and counted even when not kept. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "base/utf8.h"

static struct faults *faults;

static void set_up(void)
{
    faults = faults_new();
}

static void tear_down(void)
{
    faults_free(faults);
}

TestSuite(fault, .init = set_up, .fini = tear_down);

static const char *last(void)
{
    cr_assert_gt(faults_count(faults), 0);
    return faults_text(faults, faults_count(faults) - 1);
}

Test(fault, the_shape)
{
    const struct place place = {"pki.yaml", 12, 7};

    fault_error(faults, &place, "certificates.server.san[1]", "try \"ip:192.0.2.1\"",
                "\"%s\" is not an IP address", "ip:300.1.1.1");
    cr_assert_str_eq(last(),
                     "pki.yaml:12:7: certificates.server.san[1]: \"ip:300.1.1.1\" is not an IP address "
                     "(try \"ip:192.0.2.1\")");
}

Test(fault, as_much_of_the_place_as_is_known)
{
    static const struct {
        struct place place;
        const char *text;
    } cases[] = {
        {{"a", 1, 2}, "a:1:2: wrong"}, {{"a", 1, 0}, "a:1: wrong"},       {{"a", 0, 3}, "a: wrong"},
        {{"a", 0, 0}, "a: wrong"},     {{NULL, 4, 5}, "line:4:5: wrong"}, {{NULL, 0, 0}, "wrong"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fault_error(faults, &cases[i].place, NULL, NULL, "wrong");
        cr_assert_str_eq(last(), cases[i].text);
    }
    fault_error(faults, NULL, NULL, NULL, "wrong");
    cr_assert_str_eq(last(), "wrong");
    fault_error(faults, NULL, "field", NULL, "wrong");
    cr_assert_str_eq(last(), "field: wrong");
}

/* Goal: nothing that a stranger chose can steer the terminal it is shown on. */
Test(fault, what_steers_a_terminal_is_escaped)
{
    const struct place place = {"a\x1b[2Jb", 1, 1};

    fault_error(faults, &place, "p\tq", "h\rh", "%s", "x\ny\x7fz\xc2\x9b\xe2\x80\xae\xe2\x80\xa8");
    cr_assert_str_eq(last(), "a\\x1B[2Jb:1:1: p\\x09q: x\\x0Ay\\x7Fz\\xC2\\x9B\\xE2\\x80\\xAE\\xE2\\x80\\xA8 "
                             "(h\\x0Dh)");
}

Test(fault, broken_utf8_is_escaped_and_whole_utf8_is_not)
{
    fault_error(faults, NULL, NULL, NULL, "%s",
                "K\xc3\xb6ln \xf0\x9f\x94\x91 \xe2\x82\xff \xc0\xaf \xed\xa0\x80 \xc3");
    cr_assert_str_eq(last(), "K\xc3\xb6ln \xf0\x9f\x94\x91 \\xE2\\x82\\xFF \\xC0\\xAF \\xED\\xA0\\x80 \\xC3");
}

Test(fault, the_longest_fits_and_one_more_is_cut)
{
    char text[FAULT_TEXT_MAX + 2];

    memset(text, 'a', sizeof(text));
    text[FAULT_TEXT_MAX] = '\0';
    fault_error(faults, NULL, NULL, NULL, "%s", text);
    cr_assert_str_eq(last(), text);
    text[FAULT_TEXT_MAX] = 'a';
    text[FAULT_TEXT_MAX + 1] = '\0';
    fault_error(faults, NULL, NULL, NULL, "%s", text);
    cr_assert_eq(strlen(last()), FAULT_TEXT_MAX);
    cr_assert_eq(strncmp(last(), text, FAULT_TEXT_MAX - 3), 0);
    cr_assert_str_eq(last() + FAULT_TEXT_MAX - 3, "...");
}

/* Goal: wherever the cut falls, no character and no escape is broken. */
Test(fault, a_cut_breaks_no_character)
{
    for (size_t shift = 0; shift < 5; shift++) {
        char text[4 * FAULT_TEXT_MAX] = "aaaaa";
        const char *cut;

        for (size_t at = shift; at + 4 < sizeof(text); at += 4) {
            memcpy(text + at, "\xf0\x9f\x94\x91", 5);
        }
        fault_error(faults, NULL, NULL, "hint", "%s", text);
        cut = last();
        cr_assert(utf8_is_valid(slice_of_text(cut)), "shift %zu", shift);
        cr_assert_null(strstr(cut, "\\x"), "shift %zu", shift);
        cr_assert_leq(strlen(cut), FAULT_TEXT_MAX);
        cr_assert_geq(strlen(cut), FAULT_TEXT_MAX - 6);
        cr_assert_str_eq(cut + strlen(cut) - 3, "...");
    }
    for (size_t shift = 0; shift < 5; shift++) {
        char text[FAULT_TEXT_MAX + 1] = "aaaaa";

        memset(text + shift, 1, FAULT_TEXT_MAX - shift);
        text[FAULT_TEXT_MAX] = '\0';
        fault_error(faults, NULL, NULL, NULL, "%s", text);
        cr_assert_str_eq(last() + strlen(last()) - 7, "\\x01...", "shift %zu", shift);
    }
}

Test(fault, a_long_place_is_cut_as_well)
{
    char name[2 * FAULT_TEXT_MAX];
    struct place place = {name, 1, 1};

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    fault_error(faults, &place, name, name, "%s", name);
    cr_assert_eq(strlen(last()), FAULT_TEXT_MAX);
}

Test(fault, warnings_are_no_errors)
{
    fault_warning(faults, NULL, "field", "hint", "number %d", 7);
    cr_assert_eq(faults_errors(faults), 0);
    cr_assert_eq(faults_warnings(faults), 1);
    cr_assert_eq(faults_severity(faults, 0), FAULT_WARNING);
    cr_assert_str_eq(last(), "field: number 7 (hint)");
    fault_error(faults, NULL, NULL, NULL, "bad");
    cr_assert_eq(faults_errors(faults), 1);
    cr_assert_eq(faults_warnings(faults), 1);
    cr_assert_eq(faults_severity(faults, 1), FAULT_ERROR);
}

Test(fault, the_systems_reason)
{
    fault_system(faults, ENOENT, "pki.yaml", "make it", "cannot be read");
    cr_assert_str_eq(last(), "pki.yaml: cannot be read: No such file or directory (make it)");
    fault_system(faults, EACCES, NULL, NULL, "cannot be %s", "opened");
    cr_assert_str_eq(last(), "cannot be opened: Permission denied");
    fault_system(faults, 99999, NULL, NULL, "odd");
    cr_assert_eq(strncmp(last(), "odd: ", 5), 0);
    cr_assert_gt(strlen(last()), 5);
}

Test(fault, the_newest_reason_of_openssl_without_noise)
{
    ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
    ERR_raise(ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM);
    fault_openssl(faults, "the key \"%s\" cannot be used", "k");
    cr_assert_str_eq(last(), "the key \"k\" cannot be used: unsupported algorithm");
    cr_assert_eq(ERR_peek_error(), 0, "the queue is emptied");
    fault_openssl(faults, "nothing");
    cr_assert_str_eq(last(), "nothing: OpenSSL gives no reason");
    ERR_raise(ERR_LIB_SYS, ENOSPC);
    fault_openssl(faults, "system");
    cr_assert_str_eq(last(), "system: No space left on device");
}

Test(fault, a_reason_beats_a_later_entry_without_one)
{
    ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
    ERR_raise(ERR_LIB_USER, 77);
    fault_openssl(faults, "decrypting");
    cr_assert_str_eq(last(), "decrypting: bad decrypt");
}

Test(fault, memory)
{
    fault_memory(faults);
    cr_assert_eq(faults_errors(faults), 1);
    cr_assert_str_eq(last(), "memory is out");
}

Test(fault, more_than_the_list_keeps_are_counted)
{
    for (int i = 0; i < FAULT_LIST_MAX + 10; i++) {
        fault_error(faults, NULL, NULL, NULL, "error %d", i);
    }
    fault_warning(faults, NULL, NULL, NULL, "a warning still has room");
    fault_memory(faults);
    cr_assert(faults_full(faults));
    cr_assert_eq(faults_errors(faults), FAULT_LIST_MAX + 11);
    cr_assert_eq(faults_count(faults), FAULT_LIST_MAX + 1);
    cr_assert_str_eq(faults_text(faults, 0), "error 0");
    cr_assert_str_eq(faults_text(faults, FAULT_LIST_MAX - 1), "error 999");
    cr_assert_str_eq(last(), "a warning still has room");
    cr_assert_str_eq(faults_text(faults, faults_count(faults)), "");
}

Test(fault, move_keeps_order_and_counts)
{
    struct faults *other = faults_new();

    fault_error(faults, NULL, NULL, NULL, "one");
    fault_warning(other, NULL, NULL, NULL, "two");
    fault_memory(other);
    faults_move(faults, other);
    cr_assert_eq(faults_count(other), 0);
    cr_assert_eq(faults_errors(other) + faults_warnings(other), 0);
    cr_assert_eq(faults_count(faults), 3);
    cr_assert_eq(faults_errors(faults), 2);
    cr_assert_eq(faults_warnings(faults), 1);
    cr_assert_str_eq(faults_text(faults, 0), "one");
    cr_assert_str_eq(faults_text(faults, 1), "two");
    cr_assert_str_eq(faults_text(faults, 2), "memory is out");
    fault_error(other, NULL, NULL, NULL, "used again");
    cr_assert_str_eq(faults_text(other, 0), "used again");
    faults_move(other, other);
    cr_assert_eq(faults_count(other), 1);
    faults_free(other);
}

/* By place, each file for itself; what has no place stays where it is, and so do two of one place. */
Test(fault, a_files_places_come_in_order)
{
    static const struct {
        struct place place;
        const char *text;
    } told[] = {
        {{"a", 9, 1}, "a:9:1: 0"}, {{"a", 2, 7}, "a:2:7: 1"},   {{"a", 2, 5}, "a:2:5: 2"},
        {{"a", 2, 7}, "a:2:7: 3"}, {{"aa", 1, 1}, "aa:1:1: 4"}, {{"a", 5, 0}, "a:5: 5"},
        {{"a", 1, 1}, "a:1:1: 6"}, {{NULL, 0, 0}, "7"},         {{"a", 1, 0}, "a:1: 8"},
    };
    static const int order[] = {2, 1, 3, 0, 4, 6, 5, 7, 8};

    for (size_t i = 0; i < 9; i++) {
        ((i & 1) != 0 ? fault_warning : fault_error)(faults, &told[i].place, NULL, NULL, "%zu", i);
    }
    faults_sort(faults);
    for (size_t i = 0; i < 9; i++) {
        cr_expect_str_eq(faults_text(faults, i), told[order[i]].text);
        cr_expect_eq(faults_severity(faults, i), (order[i] & 1) != 0 ? FAULT_WARNING : FAULT_ERROR);
    }
}

Test(fault, move_counts_what_has_no_room)
{
    struct faults *other = faults_new();

    for (int i = 0; i < FAULT_LIST_MAX; i++) {
        fault_error(faults, NULL, NULL, NULL, "kept");
        fault_error(other, NULL, NULL, NULL, "too many");
    }
    faults_move(faults, other);
    cr_assert_eq(faults_count(faults), FAULT_LIST_MAX);
    cr_assert_eq(faults_errors(faults), 2 * FAULT_LIST_MAX);
    cr_assert_str_eq(last(), "kept");
    faults_free(other);
    faults_free(NULL);
}

/* What a caller knows can be done joins what the reader knew. */
Test(fault, advice_joins_the_hint)
{
    char text[FAULT_TEXT_MAX + 1];

    fault_error(faults, NULL, NULL, NULL, "a.key holds nothing (really)");
    fault_error(faults, NULL, NULL, "give its passphrase", "a.key is locked");
    fault_error(faults, NULL, NULL, "is it damaged?", "a.key is no key");
    fault_warning(faults, NULL, NULL, NULL, "a.key is old");
    fault_memory(faults);
    memset(text, 'x', FAULT_TEXT_MAX);
    text[FAULT_TEXT_MAX] = '\0';
    fault_error(faults, NULL, NULL, "lost", "%s", text);
    faults_advise(faults, "put it back");
    faults_advise(faults, "or not");
    cr_assert_eq(faults_errors(faults), 5);
    cr_assert_str_eq(faults_text(faults, 0), "a.key holds nothing (really) (put it back; or not)");
    cr_assert_str_eq(faults_text(faults, 1), "a.key is locked (give its passphrase; put it back; or not)");
    cr_assert_str_eq(faults_text(faults, 2), "a.key is no key (is it damaged? put it back; or not)");
    cr_assert_str_eq(faults_text(faults, 3), "a.key is old");
    cr_assert_str_eq(faults_text(faults, 4), "memory is out");
    cr_assert_eq(strlen(faults_text(faults, 5)), FAULT_TEXT_MAX);
    cr_assert_str_eq(faults_text(faults, 5) + FAULT_TEXT_MAX - 4, "x...");
}

Test(fault, what_is_moved_under_a_place_says_so)
{
    struct faults *from = faults_new();
    const struct place inner = {"secret", 0, 0}, outer = {"pki.yaml", 12, 7};

    fault_error(from, &inner, NULL, "chmod 600 it", "cannot be read");
    fault_warning(from, NULL, NULL, NULL, "old");
    faults_move_under(faults, from, &outer, "certificates.a.passphrase");
    cr_assert_eq(faults_errors(faults), 1);
    cr_assert_eq(faults_warnings(faults), 1);
    cr_assert_str_eq(faults_text(faults, 0),
                     "pki.yaml:12:7: certificates.a.passphrase: secret: cannot be read (chmod 600 it)");
    cr_assert_str_eq(faults_text(faults, 1), "pki.yaml:12:7: certificates.a.passphrase: old");
    cr_assert_eq(faults_errors(from) + faults_warnings(from) + faults_count(from), 0);
    /* those that no list keeps are counted */
    for (size_t i = 0; i < FAULT_LIST_MAX + 5; i++) {
        fault_error(from, NULL, NULL, NULL, "again");
    }
    faults_move_under(faults, from, &outer, "a");
    cr_assert_eq(faults_errors(faults), FAULT_LIST_MAX + 6);
    cr_assert_eq(faults_count(faults), FAULT_LIST_MAX + 1);
    faults_free(from);
}
