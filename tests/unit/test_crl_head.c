/* SPDX-License-Identifier: Apache-2.0 */
/* issuing/crl_head: what is written is read and proven; nothing of it can be changed. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "foreign.h"
#include "issuing/crl_head.h"
#include "x509/key.h"

static struct context *context;
static struct faults *faults;

static void set_up(void)
{
    context = foreign_context();
    faults = faults_new();
}

static void tear_down(void)
{
    faults_free(faults);
    context_free(context);
}

TestSuite(crl_head, .init = set_up, .fini = tear_down);

static struct key *make_key(enum key_algorithm algorithm)
{
    struct key_maker *maker = key_maker_new(context, algorithm, faults);
    struct key *key = key_maker_make(maker, faults);

    key_maker_free(maker);
    cr_assert_not_null(key);
    return key;
}

static struct bytes write_head(const struct key *key, const char *name, struct crl_head *head)
{
    struct signer *signer = signer_from_key(context, key, faults);
    struct bytes text = BYTES_EMPTY;

    memset(head, 0, sizeof(*head));
    snprintf(head->authority, sizeof(head->authority), "%s", name);
    cr_assert_eq(digest_of(context, signer_spki(signer), &head->key), 0);
    cr_assert_eq(digest_of(context, slice_of_text("a CRL"), &head->crl), 0);
    cr_assert_eq(digest_of(context, slice_of_text("an event"), &head->hash), 0);
    head->crl_number = 12;
    head->event = 345;
    cr_assert_eq(crl_head_write(head, signer, &text, faults), 0);
    signer_free(signer);
    return text;
}

static int verify(struct slice text, const struct key *key, struct crl_head *head, const char **why)
{
    struct bytes spki = BYTES_EMPTY;
    int status;

    cr_assert_eq(key_spki(key, &spki, faults), 0);
    status = crl_head_verify(context, text, slice_of(&spki), head, why);
    bytes_free(&spki);
    return status;
}

Test(crl_head, what_is_written_is_read_and_proven)
{
    static const enum key_algorithm algorithms[] = {KEY_EC_P256, KEY_EC_P384, KEY_ED25519, KEY_RSA_2048};

    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        struct key *key = make_key(algorithms[i]);
        struct crl_head head;
        struct crl_head read;
        struct bytes text = write_head(key, "clients of the house", &head);
        const char *why = NULL;

        cr_assert_eq(crl_head_read(slice_of(&text), &read), 0);
        cr_assert_eq(verify(slice_of(&text), key, &read, &why), 0, "%s", why);
        cr_assert_str_eq(read.authority, "clients of the house");
        cr_assert_eq(read.crl_number, 12);
        cr_assert_eq(read.event, 345);
        cr_assert(digest_equal(&read.crl, &head.crl));
        cr_assert(digest_equal(&read.hash, &head.hash));
        cr_assert_eq(
            strncmp(bytes_text(&text), "mtlskit-crl-head 1\nauthority: clients of the house\nkey: ", 56), 0);
        bytes_free(&text);
        key_free(key);
    }
}

Test(crl_head, no_octet_of_it_can_be_changed_added_or_left_out)
{
    struct key *key = make_key(KEY_ED25519);
    struct crl_head head;
    struct bytes text = write_head(key, "ca", &head);
    const char *why = NULL;

    for (size_t i = 0; i < text.length; i++) {
        unsigned char was = text.data[i];

        text.data[i] = was == '0' ? '1' : (unsigned char)(was ^ 1);
        cr_assert_eq(verify(slice_of(&text), key, &head, &why), -1, "octet %zu", i);
        text.data[i] = (unsigned char)(was ^ 0x20); /* the same digit in upper case */
        cr_assert_eq(verify(slice_of(&text), key, &head, &why), -1, "octet %zu", i);
        text.data[i] = was;
        cr_assert_eq(verify((struct slice){text.data, i}, key, &head, &why), -1, "%zu octets", i);
    }
    cr_assert_eq(verify(slice_of(&text), key, &head, &why), 0);
    cr_assert_eq(bytes_append_byte(&text, '\n'), 0);
    cr_assert_eq(verify(slice_of(&text), key, &head, &why), -1);
    cr_assert_str_eq(why, "is not one that mtls-ca wrote");
    bytes_free(&text);
    key_free(key);
}

Test(crl_head, of_another_key_it_proves_nothing)
{
    struct key *key = make_key(KEY_ED25519);
    struct key *other = make_key(KEY_ED25519);
    struct signer *signer = signer_from_key(context, other, faults);
    struct crl_head head;
    struct bytes text = write_head(key, "ca", &head);
    const char *why = NULL;

    cr_assert_eq(verify(slice_of(&text), other, &head, &why), -1);
    cr_assert_str_eq(why, "names another key than the authority's");
    /* the right key is named, another one signed */
    bytes_clear(&text);
    cr_assert_eq(crl_head_write(&head, signer, &text, faults), 0);
    cr_assert_eq(verify(slice_of(&text), key, &head, &why), -1);
    cr_assert_str_eq(why, "has a wrong signature");
    signer_free(signer);
    bytes_free(&text);
    key_free(key);
    key_free(other);
}
