/* SPDX-License-Identifier: Apache-2.0 */
/* x509/pem: written as OpenSSL writes it, read whatever the line ends, and refused with its place when broken. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "base/fault.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/key.h"
#include "x509/pem.h"

/* "abc" */
#define BLOCK "-----BEGIN A THING-----\nYWJj\n-----END A THING-----\n"

static struct slice text(const char *string)
{
    return slice_of_text(string);
}

/* Read the only block of @p string and compare it with "abc". */
static void reads_abc(const char *string, size_t line)
{
    struct faults *faults = faults_new();
    struct slice rest = text(string);
    struct pem_block block;
    size_t at = 0;

    cr_assert_eq(pem_read(&rest, &at, "f.pem", &block, faults), 1, "%s: %s", string, faults_text(faults, 0));
    cr_assert_str_eq(block.label, "A THING");
    cr_assert(slice_equal(slice_of(&block.der), text("abc")), "%s", string);
    cr_assert_eq(block.line, line, "%s: line %zu", string, block.line);
    pem_block_free(&block);
    cr_assert_eq(pem_read(&rest, &at, "f.pem", &block, faults), 0, "%s: nothing more", string);
    cr_assert_eq(faults_errors(faults), 0);
    faults_free(faults);
}

/* @p string is refused by one fault that reads @p fault. */
static void refuses(const char *string, const char *fault)
{
    struct faults *faults = faults_new();
    struct slice rest = text(string);
    struct pem_block block;
    size_t at = 0;

    cr_assert_eq(pem_read(&rest, &at, "f.pem", &block, faults), -1, "taken: %s", string);
    cr_assert_eq(faults_count(faults), 1);
    cr_assert_not_null(strstr(faults_text(faults, 0), fault), "\"%s\" where \"%s\" was awaited",
                       faults_text(faults, 0), fault);
    faults_free(faults);
}

Test(pem, written_as_openssl_writes)
{
    unsigned char octets[500];

    for (size_t i = 0; i < sizeof(octets); i++) {
        octets[i] = (unsigned char)(i * 37 + 11);
    }
    for (size_t length = 1; length <= sizeof(octets); length++) {
        struct bytes pem = BYTES_EMPTY;
        BIO *bio = BIO_new(BIO_s_mem());
        char *theirs;
        long theirs_length;

        cr_assert_gt(PEM_write_bio(bio, "CERTIFICATE", "", octets, (long)length), 0);
        theirs_length = BIO_get_mem_data(bio, &theirs);
        cr_assert_eq(pem_write((struct slice){octets, length}, "CERTIFICATE", &pem), 0);
        cr_assert_eq(pem.length, (size_t)theirs_length, "length %zu", length);
        cr_assert_arr_eq(pem.data, theirs, pem.length, "length %zu", length);
        BIO_free(bio);
        bytes_free(&pem);
    }
}

Test(pem, reads_what_it_wrote)
{
    struct faults *faults = faults_new();
    unsigned char octets[500];

    for (size_t length = 0; length <= sizeof(octets); length++) {
        struct bytes pem = BYTES_EMPTY;
        struct pem_block block;
        struct slice rest;
        size_t line = 0;

        memset(octets, (int)(length & 0xff), sizeof(octets));
        cr_assert_eq(pem_write((struct slice){octets, length}, "X", &pem), 0);
        rest = slice_of(&pem);
        cr_assert_eq(pem_read(&rest, &line, NULL, &block, faults), 1, "length %zu", length);
        cr_assert(slice_equal(slice_of(&block.der), (struct slice){octets, length}), "length %zu", length);
        cr_assert(!block.has_headers);
        pem_block_free(&block);
        bytes_free(&pem);
    }
    faults_free(faults);
}

Test(pem, line_ends_and_surroundings)
{
    reads_abc(BLOCK, 1);
    reads_abc("subject: CN=x\n\n" BLOCK "behind it\n", 3);
    reads_abc("-----BEGIN A THING-----\r\nYWJj\r\n-----END A THING-----\r\n", 1);
    reads_abc("\r-----BEGIN A THING-----\rYWJj\r-----END A THING-----\r", 2);
    reads_abc("-----BEGIN A THING-----\nYWJj\n-----END A THING-----", 1);
    reads_abc("-----BEGIN A THING-----  \nY W\tJj \n\n-----END A THING-----\t\n", 1);
    reads_abc("-----BEGIN A THING-----\nYW\nJj\n-----END A THING-----\n", 1);
}

Test(pem, several_blocks_in_order_with_their_lines)
{
    struct faults *faults = faults_new();
    struct slice rest = text("first\n" BLOCK "second\n-----BEGIN B-----\nZA==\n-----END B-----\n");
    struct pem_block block;
    size_t line = 0;

    cr_assert_eq(pem_read(&rest, &line, NULL, &block, faults), 1);
    cr_assert_eq(block.line, 2);
    pem_block_free(&block);
    cr_assert_eq(pem_read(&rest, &line, NULL, &block, faults), 1);
    cr_assert_eq(block.line, 6);
    cr_assert_str_eq(block.label, "B");
    cr_assert(slice_equal(slice_of(&block.der), text("d")));
    pem_block_free(&block);
    cr_assert_eq(pem_read(&rest, &line, NULL, &block, faults), 0);
    faults_free(faults);
}

Test(pem, headers_are_skipped_and_told)
{
    struct faults *faults = faults_new();
    struct slice rest = text(
        "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nYWJj\n-----END A-----\n");
    struct pem_block block;
    size_t line = 0;

    cr_assert_eq(pem_read(&rest, &line, NULL, &block, faults), 1);
    cr_assert(block.has_headers);
    cr_assert(slice_equal(slice_of(&block.der), text("abc")));
    pem_block_free(&block);
    faults_free(faults);
}

/* The dashes of a header are no boundary, whatever room they let one expect; every length of the last line comes out. */
Test(pem, bodies_of_every_length_behind_a_header_with_dashes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t length = 0; length < 300; length++) {
        struct faults *faults = faults_new();
        struct bytes pem = BYTES_EMPTY;
        struct pem_block block;
        struct slice rest;
        size_t line = 0;

        cr_assert_eq(bytes_append_text(&pem, "-----BEGIN A-----\nComment: -----\n\n"), 0);
        for (size_t i = 0; i < 4 * length; i++) {
            cr_assert_eq(bytes_append_byte(&pem, (unsigned char)digits[(i / 4 + i % 4) % 64]), 0);
            cr_assert(i % 61 != 60 || bytes_append_byte(&pem, '\n') == 0);
        }
        cr_assert_eq(bytes_append_text(&pem, "\n-----END A-----\n"), 0);
        rest = slice_of(&pem);
        cr_assert_eq(pem_read(&rest, &line, NULL, &block, faults), 1, "%zu: %s", length,
                     faults_count(faults) > 0 ? faults_text(faults, 0) : "");
        cr_assert_eq(block.der.length, 3 * length);
        for (size_t i = 0; i < length; i++) {
            const unsigned char *at = block.der.data + 3 * i;
            unsigned group = (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | at[2];
            unsigned digit = (unsigned)i % 64;

            cr_assert_eq(group,
                         digit << 18 | (digit + 1) % 64 << 12 | (digit + 2) % 64 << 6 | (digit + 3) % 64,
                         "group %zu of %zu", i, length);
        }
        cr_assert(block.der.data == NULL || block.der.data[block.der.length] == '\0');
        pem_block_free(&block);
        bytes_free(&pem);
        faults_free(faults);
    }
}

Test(pem, broken_ones_are_refused_with_their_place)
{
    refuses("-----BEGIN A-----\nYWJj\n", "f.pem:1: \"BEGIN A\" has no END line");
    refuses("\n-----BEGIN A-----\nYWJj\n-----BEGIN A-----\nYWJj\n-----END A-----\n",
            "f.pem:2: \"BEGIN A\" has no END line");
    refuses("-----BEGIN A-----\nYWJj\n-----END B-----\n",
            "f.pem:3: the END line does not fit \"BEGIN A\" in line 1");
    refuses("-----BEGIN A-----\nYWJj\n-----END A----\n", "f.pem:3: the END line does not fit");
    refuses("-----BEGIN A----\nYWJj\n-----END A-----\n", "f.pem:1: malformed BEGIN line");
    refuses("-----BEGIN -----\nYWJj\n-----END -----\n", "f.pem:1: malformed BEGIN line");
    refuses("-----BEGIN A\x01-----\nYWJj\n", "f.pem:1: malformed BEGIN line");
    refuses("-----BEGIN A-----\nYW!j\n-----END A-----\n", "f.pem:2: not base64 in \"A\"");
    refuses("-----BEGIN A-----\nYWJ\n-----END A-----\n", "f.pem:3: the base64 text of \"A\" breaks off");
    refuses("-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n-----END A-----\n",
            "f.pem:3: the base64 text of \"A\" breaks off");
}

Test(pem, base64_is_canonical)
{
    refuses("-----BEGIN A-----\nYWJj=\n-----END A-----\n", "f.pem:2: not base64");
    refuses("-----BEGIN A-----\nY===\n-----END A-----\n", "f.pem:2: not base64");
    refuses("-----BEGIN A-----\nZA==\nYWJj\n-----END A-----\n", "f.pem:3: not base64");
    refuses("-----BEGIN A-----\nZA=a\n-----END A-----\n", "f.pem:2: not base64");
    refuses("-----BEGIN A-----\nZB==\n-----END A-----\n", "f.pem:2: not base64"); /* bits behind the octet */
    refuses("-----BEGIN A-----\nZGF=\n-----END A-----\n", "f.pem:2: not base64");
}

Test(pem, base64_knows_its_alphabet_at_every_place_of_a_group)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (int c = 1; c < 256; c++) {
        const char *known = strchr(alphabet, c);

        /* the ends of a line, what is between groups, padding, and what may begin a header or the last line: other tests' */
        if (strchr("\n\r\t =-:", c) != NULL) {
            continue;
        }
        for (size_t at = 0; at < 8; at++) {
            char pem[] = "-----BEGIN A-----\nAAAAAAAA\n-----END A-----\n";
            struct slice rest = text(pem);
            struct pem_block block = {.line = 0};
            struct faults *faults = faults_new();
            size_t line = 0;
            int status;

            pem[strlen("-----BEGIN A-----\n") + at] = (char)c;
            status = pem_read(&rest, &line, "f.pem", &block, faults);
            cr_assert_eq(status, known != NULL ? 1 : -1, "octet %d at %zu", c, at);
            if (known != NULL) {
                uint32_t bits = (uint32_t)(known - alphabet) << (18 - 6 * (at % 4));
                const unsigned char *group = block.der.data + 3 * (at / 4);

                cr_assert_eq(block.der.length, 6);
                cr_assert_eq((uint32_t)group[0] << 16 | (uint32_t)group[1] << 8 | group[2], bits,
                             "octet %d at %zu", c, at);
            }
            pem_block_free(&block);
            faults_free(faults);
        }
    }
}

Test(pem, long_labels)
{
    char label[80];
    char pem[300];

    memset(label, 'L', sizeof(label));
    label[64] = '\0';
    snprintf(pem, sizeof(pem), "-----BEGIN %s-----\nYWJj\n-----END %s-----\n", label, label);
    refuses(pem, "malformed BEGIN line");
    label[63] = '\0';
    snprintf(pem, sizeof(pem), "-----BEGIN %s-----\nYW!j\n-----END %s-----\n", label, label);
    refuses(pem, "f.pem:2: not base64");
}

/* ---- lists of certificates --------------------------------------------------------------------------------------- */

struct material {
    struct faults *faults;
    struct context *context;
    struct bytes der; /* a certificate */
    struct bytes pem;
    struct bytes key_pem;
};

static void set_up(struct material *material)
{
    static const unsigned char name[] = {0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06,
                                         0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 'a'};
    static const unsigned char serial[] = {1};
    struct certificate_fields fields = {
        .serial = {serial, 1}, .issuer = {name, sizeof(name)}, .subject = {name, sizeof(name)}};
    struct key_maker *maker;
    struct key *key;
    struct signer *signer;

    memset(material, 0, sizeof(*material));
    material->faults = faults_new();
    material->context = context_new(NULL);
    maker = key_maker_new(material->context, KEY_EC_P256, material->faults);
    key = key_maker_make(maker, material->faults);
    signer = signer_from_key(material->context, key, material->faults);
    fields.spki = signer_spki(signer);
    cr_assert_eq(certificate_sign(&fields, signer, &material->der, material->faults), 0);
    cr_assert_eq(pem_write(slice_of(&material->der), "CERTIFICATE", &material->pem), 0);
    cr_assert_eq(key_pkcs8_pem(key, &material->key_pem, material->faults), 0);
    signer_free(signer);
    key_free(key);
    key_maker_free(maker);
}

static void tear_down(struct material *material)
{
    bytes_free(&material->der);
    bytes_free(&material->pem);
    bytes_free(&material->key_pem);
    context_free(material->context);
    faults_free(material->faults);
}

static int read_list(struct material *material, const struct bytes *content, struct certificate_list *list)
{
    return certificate_list_read(slice_of(content), "f", list, material->faults);
}

Test(pem, list_of_pem_with_other_things_between)
{
    struct material material;
    struct certificate_list list = {NULL, 0};
    struct bytes content = BYTES_EMPTY;

    set_up(&material);
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(bytes_append_text(&content, "0 s:CN = a\n"), 0);
        cr_assert_eq(bytes_append(&content, material.pem.data, material.pem.length), 0);
        cr_assert_eq(bytes_append(&content, material.key_pem.data, material.key_pem.length), 0);
    }
    cr_assert_eq(read_list(&material, &content, &list), 0, "%s", faults_text(material.faults, 0));
    cr_assert_eq(list.count, 5);
    for (size_t i = 0; i < list.count; i++) {
        cr_assert(slice_equal(slice_of(&list.items[i]), slice_of(&material.der)));
    }
    certificate_list_free(&list);
    cr_assert_eq(list.count, 0);
    bytes_free(&content);
    tear_down(&material);
}

Test(pem, list_of_one_in_der)
{
    struct material material;
    struct certificate_list list = {NULL, 0};

    set_up(&material);
    cr_assert_eq(read_list(&material, &material.der, &list), 0);
    cr_assert_eq(list.count, 1);
    cr_assert_eq(read_list(&material, &material.der, &list), 0, "appends");
    cr_assert_eq(list.count, 2);
    certificate_list_free(&list);
    tear_down(&material);
}

Test(pem, list_of_old_label)
{
    struct material material;
    struct certificate_list list = {NULL, 0};

    set_up(&material);
    bytes_clear(&material.pem);
    cr_assert_eq(pem_write(slice_of(&material.der), "X509 CERTIFICATE", &material.pem), 0);
    cr_assert_eq(read_list(&material, &material.pem, &list), 0);
    cr_assert_eq(list.count, 1);
    certificate_list_free(&list);
    tear_down(&material);
}

/* Refused with @p fault; what the list held before is still there, and nothing else. */
static void refuses_list(struct material *material, const struct bytes *content, const char *fault)
{
    struct certificate_list list = {NULL, 0};
    size_t before = faults_count(material->faults);

    cr_assert_eq(certificate_list_add(&list, slice_of(&material->der)), 0);
    cr_assert_eq(read_list(material, content, &list), -1);
    cr_assert_eq(list.count, 1);
    cr_assert_eq(faults_count(material->faults), before + 1);
    cr_assert_not_null(strstr(faults_text(material->faults, before), fault), "%s",
                       faults_text(material->faults, before));
    certificate_list_free(&list);
}

Test(pem, list_refusals)
{
    struct material material;
    struct certificate_list empty = {NULL, 0};
    struct bytes content = BYTES_EMPTY;

    set_up(&material);
    refuses_list(&material, &content, "f: holds no certificate");
    refuses_list(&material, &material.key_pem, "f: holds no certificate (it holds a private key only)");
    cr_assert_eq(pem_write(slice_of(&material.der), "TRUSTED CERTIFICATE", &content), 0);
    refuses_list(&material, &content, "f:1: OpenSSL's TRUSTED CERTIFICATE");
    bytes_clear(&content);
    cr_assert_eq(pem_write(slice_of(&material.der), "PKCS7", &content), 0);
    refuses_list(&material, &content, "openssl pkcs7 -print_certs");
    bytes_clear(&content);
    cr_assert_eq(bytes_append(&content, material.pem.data, material.pem.length), 0);
    cr_assert_eq(
        pem_write((struct slice){material.der.data, material.der.length - 1}, "CERTIFICATE", &content), 0);
    refuses_list(&material, &content, ": not a well-formed certificate");
    cr_assert_eq(read_list(&material, &content, &empty), -1, "a good one before the broken one");
    cr_assert(empty.count == 0 && empty.items == NULL, "nothing to free");
    bytes_clear(&content);
    cr_assert_eq(bytes_append_text(&content, "\x30\x03\x02\x01\x01"), 0);
    refuses_list(&material, &content, "f: not a well-formed certificate");
    /* a text is no DER, whatever it begins with */
    bytes_clear(&content);
    cr_assert_eq(bytes_append_text(&content, "0 s:CN = Root\n"), 0);
    refuses_list(&material, &content, "f: holds no certificate");
    bytes_clear(&content);
    cr_assert_eq(bytes_append(&content, material.der.data, material.der.length), 0);
    cr_assert_eq(bytes_append_text(&content, "\n"), 0);
    refuses_list(&material, &content, "f: 1 octet follows the end of its DER (");
    cr_assert_eq(bytes_append(&content, material.der.data, material.der.length), 0);
    refuses_list(&material, &content, " octets follow the end of its DER (");
    content.length = material.der.length - 1;
    refuses_list(&material, &content, "f: it is DER, and cut off: of ");
    bytes_clear(&content);
    cr_assert_eq(bytes_append_text(&content, "\xef\xbb\xbf"), 0);
    cr_assert_eq(bytes_append(&content, material.pem.data, material.pem.length), 0);
    refuses_list(&material, &content, "f: it starts with a byte order mark");
    content.data[0] = 0xff;
    content.data[1] = 0xfe;
    refuses_list(&material, &content, "f: it is UTF-16 text");
    bytes_clear(&content);
    cr_assert_eq(bytes_append_text(&content, "  "), 0);
    cr_assert_eq(bytes_append(&content, material.pem.data, material.pem.length), 0);
    refuses_list(&material, &content, "f: its -----BEGIN stands in the middle of a line (");
    bytes_clear(&content);
    cr_assert_eq(bytes_append_base64(&content, slice_of(&material.der), 64), 0);
    refuses_list(&material, &content, "f: it is base64 without the BEGIN and END lines of PEM (");
    bytes_clear(&content);
    cr_assert_eq(bytes_append(&content, "\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 15),
                 0);
    refuses_list(&material, &content, "f: it is PKCS#7 in DER (");
    bytes_clear(&content);
    cr_assert_eq(bytes_append(&content, "\xfe\xed\xfe\xed\0\0\0\2", 8), 0);
    refuses_list(&material, &content, "f: it is a Java keystore of the old kind (JKS) (");
    bytes_clear(&content);
    cr_assert_eq(bytes_append_text(&content, "-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----\n"),
                 0);
    refuses_list(&material, &content, "f:1: malformed BEGIN line (the line breaks are missing");
    bytes_free(&content);
    tear_down(&material);
}

Test(pem, list_is_bounded)
{
    struct material material;
    struct bytes content = BYTES_EMPTY;

    set_up(&material);
    for (int i = 0; i <= CERTIFICATE_LIST_MAX; i++) {
        cr_assert_eq(bytes_append(&content, material.pem.data, material.pem.length), 0);
    }
    refuses_list(&material, &content, ": more than 10000 certificates");
    bytes_free(&content);
    tear_down(&material);
}
