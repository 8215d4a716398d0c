/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's records: what is put in comes out, groups are whole or not at all, and what does not fit is refused. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/ledger_directory.h"
#include "ledger_fixture.h"

TestSuite(ledger, .init = fixture_start, .fini = fixture_stop);

static void begin(struct ledger *ledger)
{
    cr_assert_eq(ledger_begin(ledger, fixture_faults), 0, "%s", fixture_fault());
}

static void commit(struct ledger *ledger)
{
    cr_assert_eq(ledger_commit(ledger, fixture_faults), 0, "%s", fixture_fault());
}

static void expect_no_fault(void)
{
    cr_assert_eq(faults_count(fixture_faults), 0, "%s", fixture_fault());
}

/* Written, and read again after closing. */
static struct ledger *reopened(struct ledger *ledger, enum ledger_mode mode)
{
    ledger_close(ledger);
    return fixture_open(mode);
}

Test(ledger, generations_come_back)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    struct ledger_generation generation;
    int64_t first;
    int64_t second;

    begin(ledger);
    first = fixture_generation(ledger, "ca", 1);
    second = fixture_generation(ledger, "ca", 2);
    cr_assert_neq(first, second);
    cr_assert_neq(fixture_generation(ledger, "other", 1), first);
    commit(ledger);
    ledger = reopened(ledger, LEDGER_WRITE);
    cr_assert_eq(ledger_find_generation(ledger, "ca", &generation, fixture_faults), 1);
    cr_assert_eq(generation.id, second);
    cr_assert_str_eq(generation.name, "ca");
    cr_assert_eq(generation.spki.octets[0], 2);
    cr_assert_eq(generation.spki.octets[31], 2);
    cr_assert_eq(generation.created, 1002);
    cr_assert(generation.current);
    cr_assert_eq(ledger_find_generation(ledger, "none", &generation, fixture_faults), 0);

    /* A key that was there before is made current again, and keeps its id and its age. */
    memset(&generation, 0, sizeof(generation));
    strncpy(generation.name, "ca", sizeof(generation.name) - 1);
    memset(generation.spki.octets, 1, DIGEST_LENGTH);
    generation.created = 5555;
    begin(ledger);
    cr_assert_eq(ledger_put_generation(ledger, &generation, fixture_faults), 0);
    cr_assert_eq(generation.id, first);
    cr_assert_eq(generation.created, 1001);
    commit(ledger);
    cr_assert_eq(ledger_find_generation(ledger, "ca", &generation, fixture_faults), 1);
    cr_assert_eq(generation.id, first);
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, a_foreign_generation_is_nobodys_here)
{
    struct ledger_generation generation = {.name = "CN=Elsewhere", .created = 77};
    struct ledger_generation again = generation;
    struct ledger_generation other = generation;
    struct ledger *ledger;
    int64_t before = 0;
    int64_t head = 0;
    struct digest hash;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    cr_assert_eq(ledger_head(ledger, &before, &hash, fixture_faults), 0);
    cr_assert_eq(ledger_put_foreign_generation(ledger, &generation, fixture_faults), -1);
    fixture_expect_fault("no group");
    begin(ledger);
    memset(generation.spki.octets, 7, DIGEST_LENGTH);
    memset(other.spki.octets, 8, DIGEST_LENGTH);
    cr_assert_eq(ledger_put_foreign_generation(ledger, &generation, fixture_faults), 0);
    cr_assert_eq(generation.current, false);
    again.spki = generation.spki;
    again.created = 88;
    cr_assert_eq(ledger_put_foreign_generation(ledger, &again, fixture_faults), 0);
    cr_assert_eq(again.id, generation.id);
    cr_assert_eq(again.created, 77);
    /* another key of the same name is another generation */
    cr_assert_eq(ledger_put_foreign_generation(ledger, &other, fixture_faults), 0);
    cr_assert_neq(other.id, generation.id);
    commit(ledger);
    cr_assert_eq(ledger_find_generation(ledger, "CN=Elsewhere", &generation, fixture_faults), 0);
    /* no key of ours changed: the log has nothing to tell */
    cr_assert_eq(ledger_head(ledger, &head, &hash, fixture_faults), 0);
    cr_assert_eq(head, before);
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, a_generation_keeps_where_its_key_was)
{
    struct ledger_generation generation = {.name = "token"};
    struct ledger_authority authority = {.name = "token", .key = "pkcs11:object=1", .passphrase = "env:PIN"};
    struct ledger_authority kept;
    struct ledger *ledger;
    int64_t first;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    /* neither a row nor a generation */
    cr_assert_eq(ledger_keep_key(ledger, "token", fixture_faults), 0);
    memset(generation.spki.octets, 7, DIGEST_LENGTH);
    cr_assert_eq(ledger_put_authority(ledger, &authority, fixture_faults), 0);
    cr_assert_eq(ledger_put_generation(ledger, &generation, fixture_faults), 0);
    first = generation.id;
    cr_assert_eq(ledger_find_kept_key(ledger, first, &kept, fixture_faults), 0);
    cr_assert_eq(ledger_keep_key(ledger, "token", fixture_faults), 0);
    strncpy(authority.key, "pkcs11:object=2", sizeof(authority.key) - 1);
    cr_assert_eq(ledger_put_authority(ledger, &authority, fixture_faults), 0);
    memset(generation.spki.octets, 8, DIGEST_LENGTH);
    cr_assert_eq(ledger_put_generation(ledger, &generation, fixture_faults), 0);
    cr_assert_eq(ledger_keep_key(ledger, "token", fixture_faults), 0);
    commit(ledger);
    cr_assert_eq(ledger_find_kept_key(ledger, first, &kept, fixture_faults), 1);
    cr_assert_str_eq(kept.key, "pkcs11:object=1");
    cr_assert_eq(ledger_find_kept_key(ledger, generation.id, &kept, fixture_faults), 1);
    cr_assert_str_eq(kept.key, "pkcs11:object=2");
    cr_assert_str_eq(kept.passphrase, "env:PIN");
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, another_case_of_a_name_is_found_while_it_stands)
{
    struct ledger *ledger;
    char other[256];

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    fixture_issued(ledger, 1, "Alice", 40);
    commit(ledger);
    cr_assert_eq(ledger_find_other_case(ledger, "alice", other, fixture_faults), 1);
    cr_assert_str_eq(other, "Alice");
    cr_assert_eq(ledger_find_other_case(ledger, "Alice", other, fixture_faults), 0);
    cr_assert_eq(ledger_find_other_case(ledger, "alices", other, fixture_faults), 0);
    begin(ledger);
    cr_assert_eq(ledger_retire(ledger, "Alice", fixture_faults), 0);
    commit(ledger);
    cr_assert_eq(ledger_find_other_case(ledger, "alice", other, fixture_faults), 0);
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, a_certificate_comes_back)
{
    static const unsigned char serial[20] = {0x7f, 0, 1, 0xff};
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    struct ledger_certificate put = {.authority = true, .adopted = true, .not_before = -5, .not_after = 6};
    struct ledger_certificate got;
    unsigned char der[3000];
    int64_t created = INT64_C(253402300800); /* year 10000 */

    for (size_t i = 0; i < sizeof(der); i++) {
        der[i] = (unsigned char)(i * 7);
    }
    begin(ledger);
    put.generation = fixture_generation(ledger, "ca", 1);
    put.own_generation = fixture_generation(ledger, "m\xc3\xbcller", 2);
    snprintf(put.name, sizeof(put.name), "m\xc3\xbcller");
    memset(put.manifest, 'm', sizeof(put.manifest) - 1);
    memset(put.spki.octets, 0xab, DIGEST_LENGTH);
    memset(&put.facets, 1, sizeof(put.facets));
    put.facets.subject[0] = 2;
    put.facets.issuer[7] = 3;
    put.created = created;
    cr_assert_eq(bytes_append(&put.serial, serial, sizeof(serial)), 0);
    cr_assert_eq(ledger_put_intent(ledger, &put, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_gt(put.id, 0);
    commit(ledger);

    ledger = reopened(ledger, LEDGER_WRITE);
    cr_assert_eq(ledger_find_certificate(ledger, put.name, &got, fixture_faults), 0, "it is not issued yet");
    cr_assert_eq(ledger_find_intent(ledger, put.name, &got, fixture_faults), 1, "%s", fixture_fault());
    cr_assert_eq(got.state, LEDGER_INTENDED);
    cr_assert_eq(got.der.length, 0);
    cr_assert_eq(got.not_before, -5);
    ledger_certificate_free(&got);
    begin(ledger);
    cr_assert_eq(ledger_put_issued(ledger, put.id, (struct slice){der, sizeof(der)}, -62135596800, created,
                                   fixture_faults),
                 0, "%s", fixture_fault());
    commit(ledger);

    ledger = reopened(ledger, LEDGER_READ);
    cr_assert_eq(ledger_find_intent(ledger, put.name, &got, fixture_faults), 0, "it is issued now");
    cr_assert_eq(ledger_find_certificate(ledger, put.name, &got, fixture_faults), 1, "%s", fixture_fault());
    cr_assert_eq(got.id, put.id);
    cr_assert_eq(got.generation, put.generation);
    cr_assert_eq(got.own_generation, put.own_generation);
    cr_assert(slice_equal(slice_of(&got.serial), slice_of(&put.serial)));
    cr_assert_str_eq(got.name, put.name);
    cr_assert_str_eq(got.manifest, put.manifest);
    cr_assert(got.authority && got.adopted);
    cr_assert_eq(got.state, LEDGER_ISSUED);
    cr_assert(digest_equal(&got.spki, &put.spki));
    cr_assert_arr_eq(&got.facets, &put.facets, sizeof(put.facets));
    cr_assert(slice_equal(slice_of(&got.der), (struct slice){der, sizeof(der)}));
    cr_assert_eq(got.not_before, -62135596800);
    cr_assert_eq(got.not_after, created);
    cr_assert_eq(got.created, created);
    expect_no_fault();
    ledger_certificate_free(&got);
    ledger_certificate_free(&put);
    ledger_close(ledger);
}

Test(ledger, the_newer_one_replaces)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    struct ledger_certificate got;
    int64_t generation;
    int64_t second;
    int64_t orphan;

    begin(ledger);
    generation = fixture_generation(ledger, "ca", 1);
    fixture_issued(ledger, generation, "server", 1);
    second = fixture_issued(ledger, generation, "server", 2);
    fixture_intent(ledger, generation, "server", 3);
    orphan = fixture_intent(ledger, generation, "server", 4);
    commit(ledger);
    cr_assert_eq(fixture_certificates(ledger), 1);
    cr_assert_eq(ledger_find_certificate(ledger, "server", &got, fixture_faults), 1);
    cr_assert_eq(got.id, second);
    cr_assert_str_eq(bytes_text(&got.der), "der of server 2");
    ledger_certificate_free(&got);
    cr_assert_eq(ledger_find_intent(ledger, "server", &got, fixture_faults), 1);
    cr_assert_eq(got.id, orphan, "the newest intent");
    ledger_certificate_free(&got);
    begin(ledger);
    cr_assert_eq(ledger_retire(ledger, "server", fixture_faults), 0);
    cr_assert_eq(ledger_retire(ledger, "nobody", fixture_faults), 0);
    commit(ledger);
    cr_assert_eq(ledger_find_certificate(ledger, "server", &got, fixture_faults), 0);
    cr_assert_eq(fixture_certificates(ledger), 0);
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, one_from_before_stands_again)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    struct ledger_certificate got;
    int64_t first;

    begin(ledger);
    first = fixture_issued(ledger, fixture_generation(ledger, "ca", 1), "server", 1);
    fixture_issued(ledger, 1, "server", 2);
    cr_assert_eq(ledger_put_again(ledger, first, "server", "moved.yaml", fixture_faults), 0, "%s",
                 fixture_fault());
    cr_assert_eq(ledger_put_again(ledger, first, "server", "moved.yaml", fixture_faults), 0,
                 "also while it stands");
    commit(ledger);
    cr_assert_eq(fixture_certificates(ledger), 1);
    cr_assert_eq(ledger_find_certificate(ledger, "server", &got, fixture_faults), 1);
    cr_assert_eq(got.id, first);
    cr_assert_str_eq(got.manifest, "moved.yaml");
    cr_assert_str_eq(bytes_text(&got.der), "der of server 1");
    ledger_certificate_free(&got);
    begin(ledger);
    cr_assert_eq(ledger_put_again(ledger, 99, "nobody", "moved.yaml", fixture_faults), -1);
    ledger_rollback(ledger);
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, rows_stay_for_an_audit)
{
    struct ledger *ledger;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    fixture_issued(ledger, 1, "ca", 2);
    fixture_intent(ledger, 1, "ca", 3);
    commit(ledger);
    ledger_close(ledger);
    /* Fails with a constraint unless the three states have one row each, and both DERs are there. */
    fixture_sql("CREATE TABLE expected (ok INTEGER CHECK (ok)); PRAGMA ignore_check_constraints = OFF;"
                "INSERT INTO expected SELECT count(*) = 1 FROM certificate WHERE state = 0;"
                "INSERT INTO expected SELECT count(*) = 1 FROM certificate WHERE state = 1;"
                "INSERT INTO expected SELECT count(*) = 1 FROM certificate WHERE state = 2;"
                "INSERT INTO expected SELECT count(*) = 2 FROM certificate_der");
}

Test(ledger, facets_are_rewritten)
{
    struct ledger *ledger;
    struct ledger_certificate got;
    struct ledger_facets facets;
    int64_t intent;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    memset(&facets, 9, sizeof(facets));
    begin(ledger);
    cr_assert_eq(ledger_put_facets(ledger, 1, &facets, fixture_faults), 0, "%s", fixture_fault());
    intent = fixture_intent(ledger, 1, "other", 2);
    cr_assert_eq(ledger_put_facets(ledger, intent, &facets, fixture_faults), -1);
    fixture_expect_fault("no issued certificate with id 2");
    commit(ledger);
    cr_assert_eq(ledger_find_certificate(ledger, "ca", &got, fixture_faults), 1);
    cr_assert_arr_eq(&got.facets, &facets, sizeof(facets));
    ledger_certificate_free(&got);
    ledger_close(ledger);
}

Test(ledger, outputs_come_back)
{
    struct ledger *ledger;
    char path[] = "clients/a b.p12";
    struct ledger_output put = {.certificate = 1, .name = "ca", .kind = 4, .path = path};
    struct ledger_output got;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    memset(put.content.octets, 3, DIGEST_LENGTH);
    memset(put.inputs.octets, 4, DIGEST_LENGTH);
    put.stamp = (struct file_stamp){INT64_MAX, INT64_MIN, -1, 5};
    begin(ledger);
    cr_assert_eq(ledger_put_output(ledger, &put, fixture_faults), 0, "%s", fixture_fault());
    cr_assert_eq(fixture_output(ledger, 0, "ca", "of-no-certificate"), 0);
    cr_assert_eq(fixture_output(ledger, 1, "ca", "removed"), 0);
    cr_assert_eq(ledger_remove_output(ledger, "removed", fixture_faults), 0);
    cr_assert_eq(ledger_remove_output(ledger, "never there", fixture_faults), 0);
    commit(ledger);
    ledger = reopened(ledger, LEDGER_WRITE);
    cr_assert_eq(fixture_outputs(ledger), 2);
    cr_assert_eq(ledger_find_output(ledger, "removed", &got, fixture_faults), 0);
    cr_assert_eq(ledger_find_output(ledger, "of-no-certificate", &got, fixture_faults), 1);
    cr_assert_eq(got.certificate, 0);
    ledger_output_free(&got);
    cr_assert_eq(ledger_find_output(ledger, path, &got, fixture_faults), 1, "%s", fixture_fault());
    cr_assert_eq(got.certificate, 1);
    cr_assert_str_eq(got.name, "ca");
    cr_assert_eq(got.kind, 4);
    cr_assert_str_eq(got.path, path);
    cr_assert(digest_equal(&got.content, &put.content));
    cr_assert(digest_equal(&got.inputs, &put.inputs));
    cr_assert_eq(got.stamp.size, INT64_MAX);
    cr_assert_eq(got.stamp.mtime_ns, INT64_MIN);
    cr_assert_eq(got.stamp.ctime_ns, -1);
    cr_assert_eq(got.stamp.inode, 5);
    ledger_output_free(&got);

    /* The same path again: replaced. */
    put.kind = 2;
    begin(ledger);
    cr_assert_eq(ledger_put_output(ledger, &put, fixture_faults), 0);
    commit(ledger);
    cr_assert_eq(fixture_outputs(ledger), 2);
    cr_assert_eq(ledger_find_output(ledger, path, &got, fixture_faults), 1);
    cr_assert_eq(got.kind, 2);
    ledger_output_free(&got);
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, memos_come_back)
{
    static const unsigned char raw[] = {0, 1, 0xff, 0};
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    struct bytes value = BYTES_EMPTY;

    begin(ledger);
    cr_assert_eq(ledger_put_memo(ledger, "raw", (struct slice){raw, sizeof(raw)}, fixture_faults), 0);
    cr_assert_eq(ledger_put_memo(ledger, "empty", (struct slice){NULL, 0}, fixture_faults), 0);
    cr_assert_eq(ledger_put_memo(ledger, "twice", slice_of_text("one"), fixture_faults), 0);
    cr_assert_eq(ledger_put_memo(ledger, "twice", slice_of_text("two"), fixture_faults), 0);
    commit(ledger);
    ledger = reopened(ledger, LEDGER_READ);
    cr_assert_eq(ledger_get_memo(ledger, "raw", &value, fixture_faults), 1);
    cr_assert(slice_equal(slice_of(&value), (struct slice){raw, sizeof(raw)}));
    cr_assert_eq(ledger_get_memo(ledger, "twice", &value, fixture_faults), 1);
    cr_assert_str_eq(bytes_text(&value), "two");
    cr_assert_eq(ledger_get_memo(ledger, "empty", &value, fixture_faults), 1);
    cr_assert_eq(value.length, 0);
    cr_assert_eq(ledger_get_memo(ledger, "none", &value, fixture_faults), 0);
    expect_no_fault();
    bytes_free(&value);
    ledger_close(ledger);
}

/* Names or paths seen, put together; stops behind one of them. */
static int collect_certificate(void *state, const struct ledger_certificate *certificate)
{
    struct bytes *seen = state;

    cr_assert_eq(certificate->der.length, 0, "DER was not asked for");
    cr_assert_eq(bytes_printf(seen, "%s ", certificate->name), 0);
    return certificate->name[0] == 'b' ? 42 : 0;
}

static int collect_output(void *state, const struct ledger_output *output)
{
    cr_assert_eq(bytes_printf(state, "%s ", output->path), 0);
    return strcmp(output->path, "b/2") == 0 ? -7 : 0;
}

Test(ledger, each_goes_in_order_and_stops)
{
    static const char *const names[] = {"c", "B", "a", "d"};
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    struct bytes seen = BYTES_EMPTY;
    int64_t generation;

    begin(ledger);
    generation = fixture_generation(ledger, "ca", 1);
    for (size_t i = 0; i < 4; i++) {
        int64_t id = fixture_issued(ledger, generation, names[i], i + 1);

        cr_assert_eq(fixture_output(ledger, id, names[i],
                                    i == 0   ? "c/9"
                                    : i == 1 ? "b/1"
                                    : i == 2 ? "c/1"
                                             : "a"),
                     0);
    }
    cr_assert_eq(fixture_output(ledger, 1, "c", "a.pem"), 0);
    /* The group sees its own rows. */
    cr_assert_eq(ledger_each_certificate(ledger, NULL, false, collect_certificate, &seen, fixture_faults), 0);
    cr_assert_str_eq(bytes_text(&seen), "B a c d ");
    commit(ledger);
    bytes_clear(&seen);
    cr_assert_eq(ledger_each_output(ledger, NULL, collect_output, &seen, fixture_faults), 0);
    cr_assert_str_eq(bytes_text(&seen), "a a.pem b/1 c/1 c/9 ");
    bytes_clear(&seen);
    cr_assert_eq(ledger_each_output(ledger, "c", collect_output, &seen, fixture_faults), 0);
    cr_assert_str_eq(bytes_text(&seen), "a.pem c/9 ");
    begin(ledger);
    fixture_issued(ledger, generation, "b", 9);
    cr_assert_eq(fixture_output(ledger, 1, "c", "b/2"), 0);
    commit(ledger);
    bytes_clear(&seen);
    cr_assert_eq(ledger_each_certificate(ledger, NULL, false, collect_certificate, &seen, fixture_faults),
                 42);
    cr_assert_str_eq(bytes_text(&seen), "B a b ");
    bytes_clear(&seen);
    cr_assert_eq(ledger_each_output(ledger, NULL, collect_output, &seen, fixture_faults), -7);
    cr_assert_str_eq(bytes_text(&seen), "a a.pem b/1 b/2 ");
    expect_no_fault();
    bytes_free(&seen);
    ledger_close(ledger);
}

static int collect_stamp(void *state, const char *path, const struct file_stamp *stamp)
{
    cr_assert_eq(bytes_printf(state, "%s %lld %lld %lld %lld ", path, (long long)stamp->size,
                              (long long)stamp->mtime_ns, (long long)stamp->ctime_ns,
                              (long long)stamp->inode),
                 0);
    return strcmp(path, "b") == 0 ? -7 : 0;
}

/* Every column is where it belongs, rows are in order, and an answer ends the walk. */
Test(ledger, stamps_are_walked)
{
    static const struct ledger_output outputs[] = {
        {.path = (char *)"b", .name = "x", .stamp = {5, 6, 7, 8}},
        {.path = (char *)"c", .name = "x"},
        {.path = (char *)"a/1", .name = "y", .stamp = {1, 2, 3, 4}},
    };
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    struct bytes seen = BYTES_EMPTY;

    begin(ledger);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(ledger_put_output(ledger, &outputs[i], fixture_faults), 0, "%s", fixture_fault());
    }
    commit(ledger);
    cr_assert_eq(ledger_each_stamp(ledger, collect_stamp, &seen, fixture_faults), -7);
    cr_assert_str_eq(bytes_text(&seen), "a/1 1 2 3 4 b 5 6 7 8 ");
    expect_no_fault();
    bytes_free(&seen);
    ledger_close(ledger);
}

Test(ledger, names_are_walked_one_by_one)
{
    struct ledger *ledger;
    struct bytes seen = BYTES_EMPTY;
    char name[256] = "";
    char manifest[1024];
    bool authority = true;
    int result;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    fixture_issued(ledger, 1, "client", 2);
    fixture_issued(ledger, 1, "Big", 3);
    fixture_intent(ledger, 1, "cb-not-issued", 4);
    commit(ledger);
    while ((result = ledger_next_name(ledger, name, name, manifest, &authority, fixture_faults)) == 1) {
        cr_assert_str_eq(manifest, "manifest-1");
        cr_assert_not(authority);
        cr_assert_eq(bytes_printf(&seen, "%s ", name), 0);
    }
    cr_assert_eq(result, 0);
    cr_assert_str_eq(bytes_text(&seen), "Big ca client ");
    expect_no_fault();
    bytes_free(&seen);
    ledger_close(ledger);
}

struct nested {
    struct ledger *ledger;
    int found;
};

/* While all are read, one is looked for by name, and its outputs are read. */
static int look_inside(void *state, const struct ledger_certificate *certificate)
{
    struct nested *nested = state;
    struct ledger_certificate again;

    cr_assert_eq(ledger_find_certificate(nested->ledger, certificate->name, &again, fixture_faults), 1);
    cr_assert_eq(again.id, certificate->id);
    cr_assert(slice_equal(slice_of(&again.der), slice_of(&certificate->der)));
    ledger_certificate_free(&again);
    cr_assert_eq(fixture_outputs(nested->ledger), 1);
    nested->found++;
    /* But not all again. */
    return ledger_each_certificate(nested->ledger, NULL, false, look_inside, state, fixture_faults);
}

Test(ledger, reading_may_nest_but_not_in_itself)
{
    struct nested nested = {NULL, 0};

    fixture_ledger();
    nested.ledger = fixture_open(LEDGER_WRITE);
    begin(nested.ledger);
    cr_assert_eq(fixture_output(nested.ledger, 1, "ca", "ca.crt"), 0);
    commit(nested.ledger);
    cr_assert_eq(ledger_each_certificate(nested.ledger, NULL, true, look_inside, &nested, fixture_faults),
                 -1);
    cr_assert_eq(nested.found, 1);
    fixture_expect_fault("being read");
    cr_assert_eq(fixture_certificates(nested.ledger), 1, "usable afterwards");
    ledger_close(nested.ledger);
}

Test(ledger, a_serial_is_taken_once_in_its_generation)
{
    struct ledger *ledger;
    int64_t other;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    cr_assert_eq(fixture_intent(ledger, 1, "server", 1), -1);
    fixture_expect_fault("serial 00:00:00:00:00:00:00:01 is taken already in generation 1");
    /* The group lives on, with another serial and in another generation. */
    cr_assert_gt(fixture_intent(ledger, 1, "server", 2), 0);
    other = fixture_generation(ledger, "other-ca", 2);
    cr_assert_gt(fixture_intent(ledger, other, "server", 1), 0);
    cr_assert_eq(fixture_intent(ledger, 77, "server", 3), -1);
    fixture_expect_fault("generation that is not there");
    commit(ledger);
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, what_does_not_fit_is_refused)
{
    static unsigned char large[1024 * 1024 + 1];
    struct ledger *ledger;
    struct ledger_certificate certificate = {.generation = 1};
    char path[] = "ok";
    struct ledger_output output = {.certificate = 99, .name = "ca", .path = path};
    char key[300];

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    cr_assert_eq(bytes_append(&certificate.serial, large, 21), 0);
    cr_assert_eq(ledger_put_intent(ledger, &certificate, fixture_faults), -1);
    fixture_expect_fault("serial is too long");
    bytes_clear(&certificate.serial);
    memset(certificate.name, 'n', sizeof(certificate.name)); /* no NUL */
    cr_assert_eq(ledger_put_intent(ledger, &certificate, fixture_faults), -1);
    fixture_expect_fault("name is too long");
    snprintf(certificate.name, sizeof(certificate.name), "\xff");
    cr_assert_eq(ledger_put_intent(ledger, &certificate, fixture_faults), -1);
    fixture_expect_fault("name is not UTF-8");
    snprintf(certificate.name, sizeof(certificate.name), "a\nb");
    cr_assert_eq(ledger_put_intent(ledger, &certificate, fixture_faults), -1);
    fixture_expect_fault("name holds a control character");
    snprintf(certificate.name, sizeof(certificate.name), "ok");
    cr_assert_eq(ledger_put_intent(ledger, &certificate, fixture_faults), 0, "serial 0: %s", fixture_fault());

    cr_assert_eq(
        ledger_put_issued(ledger, certificate.id, (struct slice){large, sizeof(large)}, 0, 1, fixture_faults),
        -1);
    fixture_expect_fault("1048577 bytes");
    cr_assert_eq(ledger_put_issued(ledger, certificate.id, (struct slice){NULL, 0}, 0, 1, fixture_faults),
                 -1);
    fixture_expect_fault("0 bytes");
    cr_assert_eq(ledger_put_issued(ledger, 1, slice_of_text("again"), 0, 1, fixture_faults), -1);
    fixture_expect_fault("no intent with id 1");
    cr_assert_eq(ledger_put_issued(ledger, certificate.id, (struct slice){large, sizeof(large) - 1}, 0, 1,
                                   fixture_faults),
                 0, "%s", fixture_fault());

    cr_assert_eq(ledger_put_output(ledger, &output, fixture_faults), -1);
    fixture_expect_fault("certificate 99, which is not there");
    cr_assert_eq(fixture_output(ledger, 1, "ca", "../escaped"), -1);
    fixture_expect_fault("cannot keep output");
    memset(key, 'k', sizeof(key));
    key[sizeof(key) - 1] = '\0';
    cr_assert_eq(ledger_put_memo(ledger, key, slice_of_text(""), fixture_faults), -1);
    fixture_expect_fault("key is too long");
    cr_assert_eq(ledger_put_memo(ledger, "k", (struct slice){large, sizeof(large)}, fixture_faults), -1);
    fixture_expect_fault("value is too long");
    commit(ledger);
    cr_assert_eq(fixture_certificates(ledger), 2);
    ledger_certificate_free(&certificate);
    ledger_close(ledger);
}

Test(ledger, writing_wants_a_group)
{
    struct ledger *ledger;
    struct ledger_generation generation = {.name = "x"};
    struct ledger_certificate certificate = {.generation = 1, .name = "x"};
    struct ledger_facets facets = {{0}, {0}, {0}, {0}, {0}, {0}};

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    cr_assert_eq(ledger_put_generation(ledger, &generation, fixture_faults), -1);
    fixture_expect_fault("no group");
    cr_assert_eq(ledger_put_intent(ledger, &certificate, fixture_faults), -1);
    fixture_expect_fault("no group");
    cr_assert_eq(ledger_put_issued(ledger, 1, slice_of_text("x"), 0, 0, fixture_faults), -1);
    fixture_expect_fault("no group");
    cr_assert_eq(ledger_put_facets(ledger, 1, &facets, fixture_faults), -1);
    fixture_expect_fault("no group");
    cr_assert_eq(fixture_output(ledger, 1, "x", "x"), -1);
    fixture_expect_fault("no group");
    cr_assert_eq(ledger_remove_output(ledger, "x", fixture_faults), -1);
    fixture_expect_fault("no group");
    cr_assert_eq(ledger_retire(ledger, "ca", fixture_faults), -1);
    fixture_expect_fault("no group");
    cr_assert_eq(ledger_put_memo(ledger, "x", slice_of_text("x"), fixture_faults), -1);
    fixture_expect_fault("no group");
    cr_assert_eq(ledger_commit(ledger, fixture_faults), -1);
    fixture_expect_fault("no group");
    ledger_rollback(ledger); /* nothing to do, no harm */
    begin(ledger);
    cr_assert_eq(ledger_begin(ledger, fixture_faults), -1);
    fixture_expect_fault("begun already");
    commit(ledger);
    ledger = reopened(ledger, LEDGER_READ);
    cr_assert_eq(ledger_begin(ledger, fixture_faults), -1);
    fixture_expect_fault("reading only");
    cr_assert_eq(fixture_certificates(ledger), 1);
    ledger_close(ledger);
    ledger_close(NULL);
}

Test(ledger, rollback_and_close_forget)
{
    struct ledger *ledger;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    begin(ledger);
    fixture_issued(ledger, 1, "rolled-back", 2);
    cr_assert_eq(fixture_certificates(ledger), 2);
    ledger_rollback(ledger);
    cr_assert_eq(fixture_certificates(ledger), 1);
    begin(ledger);
    fixture_issued(ledger, 1, "closed", 2);
    ledger = reopened(ledger, LEDGER_READ);
    cr_assert_eq(fixture_certificates(ledger), 1);
    expect_no_fault();
    ledger_close(ledger);
}

/* Goal: who commits without flushing sees the rows, as all do; another thread may flush while more is written. */
static void *flush_often(void *state)
{
    struct faults *faults = faults_new();
    intptr_t failed = 0;

    for (int i = 0; i < 20; i++) {
        failed += ledger_flush(state, faults) != 0;
    }
    faults_free(faults);
    return (void *)failed;
}

Test(ledger, groups_are_flushed_later)
{
    struct ledger *ledger = fixture_open(LEDGER_WRITE);
    struct ledger *reader;
    pthread_t flusher;
    void *failed = NULL;

    cr_assert_eq(ledger_flush(ledger, fixture_faults), 0, "nothing was written");
    begin(ledger);
    fixture_generation(ledger, "ca", 1);
    cr_assert_eq(ledger_commit_unflushed(ledger, fixture_faults), 0);
    for (uint64_t serial = 1; serial <= 50; serial++) {
        begin(ledger);
        fixture_issued(ledger, 1, "server", serial);
        cr_assert_eq(ledger_commit_unflushed(ledger, fixture_faults), 0);
        if (serial == 1) {
            cr_assert_eq(pthread_create(&flusher, NULL, flush_often, ledger), 0);
        }
    }
    cr_assert_eq(pthread_join(flusher, &failed), 0);
    cr_assert_null(failed);
    reader = fixture_open(LEDGER_READ);
    cr_assert_eq(fixture_certificates(reader), 1);
    ledger_close(reader);
    cr_assert_eq(ledger_commit_unflushed(ledger, fixture_faults), -1);
    fixture_expect_fault("no group was begun");
    ledger_close(ledger);
    cr_assert_neq(access(fixture_wal, F_OK), 0, "what was not flushed was, and was moved");
    ledger = fixture_open(LEDGER_WRITE);
    cr_assert_eq(fixture_certificates(ledger), 1);
    expect_no_fault();
    ledger_close(ledger);
}

Test(ledger, statements_survive_many_groups)
{
    struct ledger *ledger;
    struct ledger_certificate got;

    fixture_ledger();
    ledger = fixture_open(LEDGER_WRITE);
    for (uint64_t group = 0; group < 300; group++) {
        begin(ledger);
        fixture_issued(ledger, 1, "server", 100 + group);
        cr_assert_eq(fixture_output(ledger, 1, "server", "server.crt"), 0);
        if (group % 3 == 0) {
            cr_assert_eq(fixture_intent(ledger, 1, "ca", 1), -1);
            fixture_expect_fault("taken already");
        }
        if (group % 2 == 0) {
            ledger_rollback(ledger);
        } else {
            commit(ledger);
        }
        cr_assert_eq(fixture_certificates(ledger), group == 0 ? 1 : 2);
    }
    cr_assert_eq(ledger_find_certificate(ledger, "server", &got, fixture_faults), 1);
    cr_assert_str_eq(bytes_text(&got.der), "der of server 399");
    ledger_certificate_free(&got);
    expect_no_fault();
    ledger_close(ledger);
}
