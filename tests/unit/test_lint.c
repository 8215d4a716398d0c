/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509/lint: for every rule a certificate that breaks it beside one that does not, written octet by octet so that they can be as wrong
 * as anything met outside; a rule without such a certificate fails the test. Then: hostile bytes, and lookups.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/lint.h"
#include "x509/name.h"
#include "x509/oid.h"

/** A certificate in text. What is NULL is as in the sample it was made from. */
struct sample {
    const char *version;   /**< content of the INTEGER in hex; "": no field */
    const char *serial;    /**< content in hex */
    const char *algorithm; /**< both AlgorithmIdentifiers' content in hex */
    const char *outer;     /**< the outer one, where it differs */
    const char *issuer;    /**< RFC 4514; "#..." the content of the Name in hex */
    const char *from;      /**< U or G, and the content */
    const char *until;
    const char *subject;
    const char *key;      /**< content of the AlgorithmIdentifier in hex */
    size_t point;         /**< octets of the key; RSA: bits of the modulus */
    const char *exponent; /**< RSA: in hex */
    const char *unique;   /**< issuerUniqueID, content in hex */
    const char *
        extensions; /**< "NUMBER[!][?]=HEX ...": 2.5.29.NUMBER or an OID; ! critical, ? a FALSE written out */
};

#define P256             "06072a8648ce3d020106082a8648ce3d030107"
#define P521             "06072a8648ce3d020106052b81040023"
#define SECP256K1        "06072a8648ce3d020106052b8104000a"
#define EXPLICIT         "06072a8648ce3d02013003020101"
#define RSA              "06092a864886f70d0101010500"
#define DSA              "06072a8648ce380401"
#define ED25519          "06032b6570"
#define ECDSA_SHA256     "06082a8648ce3d040302"
#define RSA_SHA256       "06092a864886f70d01010b0500"
#define RSA_SHA1         "06092a864886f70d0101050500"
#define RSA_MD5          "06092a864886f70d0101040500"
#define PSS_DEFAULT      "06092a864886f70d01010a3000"

#define SKI_CA           "14=0402caca"
#define AKI_CA           "35=30048002caca"
#define SKI_LEAF         "14=0402abcd"
#define CONSTRAINTS_CA   "19!=30030101ff"
#define CONSTRAINTS_LEAF "19!=3000"
#define USAGE_CA         "15!=03020106"
#define USAGE_SIGN       "15!=03020780"
#define SERVER           "37=300a06082b06010505070301"
#define CLIENT           "37=300a06082b06010505070302"
#define BOTH             "37=301406082b0601050507030106082b06010505070302"
#define TEN(n)                                                                                               \
    " 1.2." n ".0=0500 1.2." n ".1=0500 1.2." n ".2=0500 1.2." n ".3=0500 1.2." n ".4=0500 1.2." n           \
    ".5=0500 1.2." n ".6=0500 1.2." n ".7=0500 1.2." n ".8=0500 1.2." n ".9=0500"
/* dns:www.example.com */
#define HOST      "17=3011820f7777772e6578616d706c652e636f6d"
#define LEAF_REST CONSTRAINTS_LEAF " " SKI_LEAF " " AKI_CA
#define CA_REST   CONSTRAINTS_CA " " USAGE_CA " " SKI_CA

static const struct sample root = {
    .version = "02",
    .serial = "0123456789abcdef01",
    .algorithm = ECDSA_SHA256,
    .issuer = "CN=CA",
    .from = "U260101000000Z",
    .until = "U360101000000Z",
    .subject = "CN=CA",
    .key = P256,
    .point = 65,
    .exponent = "010001",
    .extensions = CA_REST,
};
static const struct sample intermediate = {
    .subject = "CN=Intermediate",
    .extensions = CONSTRAINTS_CA " " USAGE_CA " 14=0402dada " AKI_CA,
};
static const struct sample server = {
    .subject = "CN=server",
    .until = "U270101000000Z",
    .extensions = LEAF_REST " " USAGE_SIGN " " SERVER " " HOST,
};
static const struct sample client = {
    .subject = "CN=client",
    .until = "U270101000000Z",
    .extensions = LEAF_REST " " USAGE_SIGN " " CLIENT,
};

/** @p over laid over @p under. */
static struct sample laid(struct sample under, const struct sample *over)
{
#define TAKE(field) under.field = over->field != NULL ? over->field : under.field
    TAKE(version);
    TAKE(serial);
    TAKE(algorithm);
    TAKE(outer);
    TAKE(issuer);
    TAKE(from);
    TAKE(until);
    TAKE(subject);
    TAKE(key);
    TAKE(exponent);
    TAKE(unique);
    TAKE(extensions);
#undef TAKE
    under.point = over->point != 0 ? over->point : under.point;
    return under;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void put_hex(struct bytes *bytes, const char *hex, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2) {
        char pair[3] = {hex[i], hex[i + 1], 0};

        cr_assert_eq(bytes_append_byte(bytes, (unsigned char)strtoul(pair, NULL, 16)), 0);
    }
}

static void write_hex(struct der *der, unsigned char tag, const char *hex)
{
    struct bytes content = BYTES_EMPTY;

    put_hex(&content, hex, strlen(hex));
    der_value(der, tag, slice_of(&content));
    bytes_free(&content);
}

static void write_name(struct der *der, const char *text)
{
    struct name name = {NULL, 0};
    struct bytes encoded = BYTES_EMPTY;
    const char *why = NULL;

    if (text[0] == '#') {
        write_hex(der, DER_SEQUENCE, text + 1);
        return;
    }
    cr_assert_eq(name_parse(text, &name, &why), 0, "%s %s", text, why);
    cr_assert_eq(name_encode(&name, &encoded), 0);
    der_raw(der, slice_of(&encoded));
    name_free(&name);
    bytes_free(&encoded);
}

static void write_time(struct der *der, const char *text)
{
    der_value(der, text[0] == 'U' ? DER_UTC_TIME : DER_GENERALIZED_TIME, slice_of_text(text + 1));
}

/* Octets of 0x11, the first and the last as they are asked for. */
static void fill(struct bytes *bytes, size_t length, unsigned char first, unsigned char last)
{
    for (size_t i = 0; i < length; i++) {
        cr_assert_eq(bytes_append_byte(bytes, i == 0 ? first : i + 1 == length ? last : 0x11), 0);
    }
}

static void write_key(struct der *der, const struct sample *sample)
{
    struct bytes key = BYTES_EMPTY;

    der_begin(der, DER_SEQUENCE);
    write_hex(der, DER_SEQUENCE, sample->key);
    der_begin_bits(der);
    if (strcmp(sample->key, RSA) == 0) {
        fill(&key, (sample->point + 7) / 8, (unsigned char)(0x80 >> (8 - sample->point % 8) % 8), 0x11);
        der_begin(der, DER_SEQUENCE);
        der_unsigned(der, slice_of(&key));
        write_hex(der, DER_INTEGER, sample->exponent);
        der_end(der);
    } else {
        fill(&key, sample->point, 0x04, 0x11);
        der_raw(der, slice_of(&key));
    }
    der_end(der);
    der_end(der);
    bytes_free(&key);
}

static void write_extension(struct der *der, const char *text, size_t length)
{
    const char *equals = memchr(text, '=', length);
    size_t name = (size_t)(equals - text);
    struct bytes value = BYTES_EMPTY;
    struct oid type;
    char dotted[80];
    bool critical = memchr(text, '!', name) != NULL;
    bool written = memchr(text, '?', name) != NULL;

    cr_assert_not_null(equals);
    name -= (critical ? 1u : 0) + (written ? 1u : 0);
    snprintf(dotted, sizeof(dotted), "%s%.*s", memchr(text, '.', name) != NULL ? "" : "2.5.29.", (int)name,
             text);
    cr_assert_eq(oid_parse(dotted, &type), 0, "%s", dotted);
    put_hex(&value, equals + 1, length - (size_t)(equals + 1 - text));
    der_begin(der, DER_SEQUENCE);
    der_value(der, DER_OID, oid_slice(&type));
    if (critical || written) {
        der_boolean(der, critical);
    }
    der_value(der, DER_OCTET_STRING, slice_of(&value));
    der_end(der);
    bytes_free(&value);
}

static void write_extensions(struct der *der, const char *text)
{
    if (text[0] == '-') {
        return;
    }
    der_begin(der, DER_CONTEXT_CONSTRUCTED(3));
    der_begin(der, DER_SEQUENCE);
    while (*text != 0) {
        size_t length = strcspn(text, " ");

        if (length != 0) {
            write_extension(der, text, length);
        }
        text += length + (text[length] == ' ' ? 1 : 0);
    }
    der_end(der);
    der_end(der);
}

static struct bytes encode(const struct sample *sample)
{
    struct bytes bytes = BYTES_EMPTY;
    struct der der;

    der_start(&der, &bytes);
    der_begin(&der, DER_SEQUENCE);
    der_begin(&der, DER_SEQUENCE);
    if (sample->version[0] != 0) {
        der_begin(&der, DER_CONTEXT_CONSTRUCTED(0));
        write_hex(&der, DER_INTEGER, sample->version);
        der_end(&der);
    }
    write_hex(&der, DER_INTEGER, sample->serial);
    write_hex(&der, DER_SEQUENCE, sample->algorithm);
    write_name(&der, sample->issuer);
    der_begin(&der, DER_SEQUENCE);
    write_time(&der, sample->from);
    write_time(&der, sample->until);
    der_end(&der);
    write_name(&der, sample->subject);
    write_key(&der, sample);
    if (sample->unique != NULL) {
        write_hex(&der, DER_CONTEXT(1), sample->unique);
    }
    write_extensions(&der, sample->extensions);
    der_end(&der);
    write_hex(&der, DER_SEQUENCE, sample->outer != NULL ? sample->outer : sample->algorithm);
    write_hex(&der, DER_BIT_STRING, "0030060201010201");
    der_end(&der);
    cr_assert_eq(der_finish(&der), 0);
    return bytes;
}

/* ---- judging ----------------------------------------------------------------------------------------------------- */

/** Every rule that is broken, with a blank behind each; @p above may be NULL. */
static const char *broken(const struct sample *sample, const struct sample *above, struct lint_set *found,
                          struct bytes *text)
{
    struct bytes der = encode(sample);
    struct bytes issuer = above != NULL ? encode(above) : (struct bytes)BYTES_EMPTY;
    const struct slice row[] = {slice_of(&issuer)};
    const struct lint_question question = {slice_of(&der), row, above != NULL ? 1 : 0, NULL};
    struct lint_authority *authority = lint_authority_new();
    const struct lint_question at_hand = {.certificate = slice_of(&der), .issuer = authority};
    struct lint_set same;

    bytes_clear(text);
    cr_assert_eq(lint_certificate(&question, found), 0);
    /* an issuer that was read before says the same */
    cr_assert_not_null(authority);
    lint_authority_read(authority, slice_of(&issuer), NULL);
    cr_assert_eq(lint_certificate(&at_hand, &same), 0);
    cr_expect_arr_eq(&same, found, sizeof(same));
    for (size_t rule = 0; rule < lint_count(); rule++) {
        struct bytes detail = BYTES_EMPTY;

        if (lint_set_has(found, rule)) {
            cr_assert_eq(bytes_printf(text, "%s ", lint_rule(rule)->id), 0);
        }
        cr_assert_eq(lint_tell(&question, rule, &detail), 0);
        bytes_free(&detail);
    }
    lint_authority_free(authority);
    bytes_free(&der);
    bytes_free(&issuer);
    return bytes_text(text);
}

/** A certificate with which something is wrong. */
struct wrong {
    const char *rules; /**< all that it breaks, in the table's order, with a blank behind each */
    const struct sample *like;
    struct sample over;
    const struct sample *above; /**< laid over root; NULL: none */
};

/* Authorities above that matter to a row. */
static const struct sample limited = {.extensions = CA_REST " " SERVER};
static const struct sample shallow = {.extensions = "19!=30060101ff020100 " USAGE_CA " " SKI_CA};
static const struct sample narrow = {.extensions = CA_REST " 30!=3011a00f300d820b6578616d706c652e6e6574"};
static const struct sample short_lived = {.until = "U260601000000Z"};
static const struct sample other_key = {.extensions = CONSTRAINTS_CA " " USAGE_CA " 14=0402beef"};

static const struct wrong wrongs[] = {
    /* fields */
    {"rfc5280-der ", &server, {.serial = "000123456789abcdef01"}, NULL},
    {"rfc5280-extensions-version ", &client, {.version = "01"}, NULL},
    {"rfc5280-version mtls-no-purpose ", &client, {.version = "", .extensions = "-"}, NULL},
    {"rfc5280-unique-ids ", &client, {.unique = "0011"}, NULL},
    {"rfc5280-serial-positive ", &client, {.serial = "8123456789abcdef01"}, NULL},
    {"rfc5280-serial-positive rfc5280-serial-random ", &client, {.serial = "00"}, NULL},
    {"rfc5280-serial-length ", &client, {.serial = "0123456789abcdef0123456789abcdef0123456789"}, NULL},
    {"rfc5280-serial-random ", &client, {.serial = "01"}, NULL},
    {"rfc5280-algorithms-equal ", &client, {.outer = RSA_SHA256}, NULL},
    {"rfc5280-algorithm-parameters ", &client, {.algorithm = ECDSA_SHA256 "0500"}, NULL},
    {"rfc5280-algorithm-parameters ", &client, {.algorithm = "06092a864886f70d01010b"}, NULL},
    {"rfc5280-time-form ", &client, {.until = "U2701010000Z"}, NULL},
    {"rfc5280-time-form ", &client, {.from = "U260101000000+0100"}, NULL},
    {"rfc5280-time-form ", &client, {.until = "G20270101000000.5Z"}, NULL},
    {"rfc5280-time-type ", &client, {.until = "G20270101000000Z"}, NULL},
    {"rfc5280-validity-order ", &client, {.until = "U250101000000Z"}, NULL},
    {"rfc5280-key ", &client, {.point = 64}, NULL},
    {"rfc5480-named-curve ", &client, {.key = EXPLICIT}, NULL},
    {"rfc5280-extensions-empty rfc5280-leaf-key-identifier rfc5280-authority-key-identifier mtls-no-purpose ",
     &client,
     {.extensions = ""},
     NULL},
    /* extensions */
    {"rfc5280-extension-twice ",
     &client,
     {.extensions = LEAF_REST " " USAGE_SIGN " " CLIENT " " SKI_LEAF},
     NULL},
    {"rfc5280-extension-malformed ", &client, {.extensions = LEAF_REST " " CLIENT " 15!=0203020780"}, NULL},
    {"rfc5280-extension-malformed ", &client, {.extensions = LEAF_REST " " CLIENT " 31=0500"}, NULL},
    {"rfc5280-extensions-many ",
     &client,
     {.extensions = LEAF_REST " " CLIENT TEN("1") TEN("2") TEN("3") TEN("4")},
     NULL},
    {"rfc5280-default-written ",
     &client,
     {.extensions = SKI_LEAF " " AKI_CA " " CLIENT " 19!=3003010100"},
     NULL},
    {"rfc5280-default-written ",
     &client,
     {.extensions = SKI_LEAF " " AKI_CA " 37?=300a06082b06010505070302"},
     NULL},
    {"rfc5280-critical-unknown ", &client, {.extensions = LEAF_REST " " CLIENT " 1.2.3.4!=0500"}, NULL},
    {"rfc5280-basic-constraints-critical ",
     &root,
     {.extensions = "19=30030101ff " USAGE_CA " " SKI_CA},
     NULL},
    {"rfc5280-cert-sign ", &client, {.extensions = LEAF_REST " " CLIENT " 15!=03020284"}, NULL},
    {"rfc5280-ca-key-usage ", &root, {.extensions = CONSTRAINTS_CA " " SKI_CA}, NULL},
    {"rfc5280-ca-cert-sign ", &root, {.extensions = CONSTRAINTS_CA " " SKI_CA " 15!=03020102"}, NULL},
    {"rfc5280-path-length ", &client, {.extensions = SKI_LEAF " " AKI_CA " " CLIENT " 19!=3003020100"}, NULL},
    {"rfc5280-path-length-exceeded ", &intermediate, {.version = NULL}, &shallow},
    {"rfc5280-key-usage-empty ", &client, {.extensions = LEAF_REST " " CLIENT " 15!=030100"}, NULL},
    {"rfc5280-key-usage-critical ", &client, {.extensions = LEAF_REST " " CLIENT " 15=03020780"}, NULL},
    {"rfc5280-key-usage-key ", &client, {.extensions = LEAF_REST " " CLIENT " 15!=030205a0"}, NULL},
    {"rfc5280-key-usage-key ",
     &client,
     {.extensions = LEAF_REST " " CLIENT " 15!=03020388", .key = RSA, .point = 2048},
     NULL},
    {"rfc5280-subject-key-identifier ", &root, {.extensions = CONSTRAINTS_CA " " USAGE_CA}, NULL},
    {"rfc5280-leaf-key-identifier ", &client, {.extensions = AKI_CA " " CLIENT}, NULL},
    {"rfc5280-authority-key-identifier ", &client, {.extensions = SKI_LEAF " " CLIENT}, NULL},
    {"rfc5280-authority-key-differs ", &client, {.version = NULL}, &other_key},
    {"rfc5280-authority-key-pair ",
     &client,
     {.extensions = SKI_LEAF " " CLIENT " 35=30078002caca820101"},
     NULL},
    {"rfc5280-never-critical ", &client, {.extensions = SKI_LEAF " " CLIENT " 35!=30048002caca"}, NULL},
    {"rfc5280-always-critical ",
     &root,
     {.extensions = CA_REST " 30=3011a00f300d820b6578616d706c652e6e6574"},
     NULL},
    {"rfc5280-name-constraints-leaf ",
     &client,
     {.extensions = LEAF_REST " " CLIENT " 30!=3011a00f300d820b6578616d706c652e6e6574"},
     NULL},
    {"rfc5280-name-constraints-empty ", &root, {.extensions = CA_REST " 30!=3000"}, NULL},
    {"rfc5280-extended-usage-empty ", &client, {.extensions = LEAF_REST " 37=3000"}, NULL},
    {"rfc5280-extended-usage-key-usage mtls-digital-signature ",
     &client,
     {.extensions = LEAF_REST " " CLIENT " 15!=03020640"},
     NULL},
    {"rfc5280-policy-twice ",
     &client,
     {.extensions = LEAF_REST " " CLIENT " 32=300c300406022a03300406022a03"},
     NULL},
    /* CRL distribution point https://a */
    {"rfc5280-https-revocation ",
     &client,
     {.extensions = LEAF_REST " " CLIENT " 31=3011300fa00da00b860968747470733a2f2f61"},
     NULL},
    /* names */
    {"rfc5280-issuer-empty ", &client, {.issuer = ""}, NULL},
    {"rfc5280-ca-subject ", &intermediate, {.subject = ""}, NULL},
    {"rfc5280-nameless ", &client, {.subject = ""}, NULL},
    {"rfc5280-string-type ", &client, {.subject = "#310b300906035504031e020041"}, NULL},
    {"rfc5280-country ", &client, {.subject = "#310b300906035504060c025553"}, NULL},
    {"rfc5280-name-length ",
     &client,
     {.subject = "#314a304806035504030c4161616161616161616161616161616161616161616161616161616161616161616161"
                 "61616161616161616161616161616161616161616161616161616161616161"},
     NULL},
    {"rfc5280-name-empty-value ", &client, {.subject = "#3109300706035504030c00"}, NULL},
    {"rfc5280-name-characters ", &client, {.subject = "#310a30080603550403130140"}, NULL},
    {"rfc5280-name-characters ", &client, {.subject = "#310a300806035504030c01ff"}, NULL},
    {"rfc5280-name-blanks ", &client, {.subject = "#310b300906035504030c026120"}, NULL},
    {"rfc5280-email-in-subject ", &client, {.subject = "emailAddress=a@example.com"}, NULL},
    {"rfc5280-san-critical ", &client, {.subject = "", .extensions = LEAF_REST " " CLIENT " " HOST}, NULL},
    {"rfc5280-san-not-critical ",
     &client,
     {.extensions = LEAF_REST " " CLIENT " 17!=3011820f7777772e6578616d706c652e636f6d"},
     NULL},
    {"rfc5280-san-empty ", &client, {.extensions = LEAF_REST " " CLIENT " 17=3000"}, NULL},
    {"rfc5280-san-dns ", &client, {.extensions = LEAF_REST " " CLIENT " 17=30048202612e"}, NULL},
    {"rfc5280-san-dns ", &client, {.extensions = LEAF_REST " " CLIENT " 17=30028200"}, NULL},
    {"rfc5280-san-ip ", &client, {.extensions = LEAF_REST " " CLIENT " 17=300587037f0001"}, NULL},
    {"rfc5280-san-email ", &client, {.extensions = LEAF_REST " " CLIENT " 17=300481026140"}, NULL},
    {"rfc5280-san-uri ", &client, {.extensions = LEAF_REST " " CLIENT " 17=300486026161"}, NULL},
    {"rfc5280-name-constraints ", &server, {.version = NULL}, &narrow},
    /* platforms */
    {"apple-san ", &server, {.extensions = LEAF_REST " " SERVER}, NULL},
    {"apple-validity-825 ", &server, {.until = "U280405010001Z"}, NULL},
    {"apple-validity-398 ", &server, {.until = "U280405010000Z"}, NULL},
    {"apple-validity-398 ", &server, {.until = "U270203000001Z"}, NULL},
    {"", &server, {.until = "U270203000000Z"}, NULL},
    {"", &server, {.from = "U190630235959Z", .until = "U360101000000Z"}, NULL},
    {"", &client, {.until = "U350101000000Z"}, NULL},
    {"apple-server-auth mtls-no-purpose ", &server, {.extensions = LEAF_REST " " HOST}, NULL},
    {"apple-sha2 strength-hash ", &server, {.algorithm = RSA_SHA1}, NULL},
    {"strength-hash ", &client, {.algorithm = PSS_DEFAULT}, NULL},
    {"", &root, {.algorithm = RSA_SHA1}, NULL},
    {"apple-rsa-2048 strength-rsa ", &server, {.key = RSA, .point = 1024}, NULL},
    {"apple-key android-key java-key ", &client, {.key = ED25519, .point = 32}, NULL},
    {"ios-root-cn ", &root, {.subject = "O=Example", .issuer = "O=Example"}, NULL},
    {"rfc5280-version android-root-ca ", &root, {.version = "", .extensions = "-"}, NULL},
    {"android-p521 ", &client, {.key = P521, .point = 133}, NULL},
    {"java-disabled strength-hash ", &client, {.algorithm = RSA_MD5}, NULL},
    {"java-disabled strength-rsa ", &client, {.key = RSA, .point = 512}, NULL},
    /* traps of mutual TLS */
    {"mtls-usage-narrowed ", &client, {.version = NULL}, &limited},
    {"mtls-ca-without-clients ",
     &root,
     {.issuer = "CN=above", .extensions = CA_REST " 35=30048002cbcb " SERVER},
     NULL},
    {"", &root, {.issuer = "CN=above", .extensions = CA_REST " 35=30048002cbcb " CLIENT}, NULL},
    {"", &root, {.extensions = CA_REST " " SERVER}, NULL},
    {"mtls-both-purposes ", &server, {.extensions = LEAF_REST " " BOTH " " HOST}, NULL},
    {"mtls-no-purpose ", &client, {.extensions = LEAF_REST}, NULL},
    {"mtls-any-purpose ", &client, {.extensions = LEAF_REST " 37=30060604551d2500"}, NULL},
    {"mtls-digital-signature ",
     &server,
     {.extensions = LEAF_REST " " SERVER " " HOST " 15!=03020520", .key = RSA, .point = 2048},
     NULL},
    {"apple-san mtls-person-as-server ",
     &server,
     {.extensions = LEAF_REST " " SERVER " 17=30058103614062"},
     NULL},
    {"mtls-cn-not-in-san ", &server, {.subject = "CN=mail.example.com"}, NULL},
    {"mtls-cn-not-in-san ", &server, {.subject = "CN=127.0.0.1"}, NULL},
    {"", &server, {.subject = "CN=WWW.example.com"}, NULL},
    /* *.example.com */
    {"",
     &server,
     {.subject = "CN=mail.example.com",
      .extensions = LEAF_REST " " SERVER " 17=300f820d2a2e6578616d706c652e636f6d"},
     NULL},
    {"mtls-wildcard ", &server, {.extensions = LEAF_REST " " SERVER " 17=300782052a2e636f6d"}, NULL},
    {"mtls-wildcard-client ",
     &client,
     {.extensions = LEAF_REST " " CLIENT " 17=300f820d2a2e6578616d706c652e636f6d"},
     NULL},
    {"mtls-address-as-dns ",
     &server,
     {.extensions = LEAF_REST " " SERVER " 17=300b82093132372e302e302e31"},
     NULL},
    {"mtls-ca-with-hosts ", &root, {.extensions = CA_REST " " HOST}, NULL},
    {"mtls-self-signed-leaf ", &client, {.issuer = "CN=client", .extensions = CLIENT " " SKI_LEAF}, NULL},
    {"mtls-named-as-issuer ", &client, {.issuer = "CN=client"}, NULL},
    {"mtls-outlives-issuer ", &client, {.version = NULL}, &short_lived},
    {"mtls-crl-sign ", &root, {.extensions = CONSTRAINTS_CA " " SKI_CA " 15!=03020204"}, NULL},
    {"mtls-issuer-pair ",
     &client,
     {.extensions = SKI_LEAF " " CLIENT " 35=300e8002caca"
                             "a1058203414243"
                             "820101"},
     NULL},
    /* strength */
    {"strength-rsa-exponent ", &client, {.key = RSA, .point = 2048, .exponent = "03"}, NULL},
    {"strength-rsa-exponent ", &client, {.key = RSA, .point = 2048, .exponent = "010002"}, NULL},
    {"strength-rsa-modulus ", &client, {.key = RSA, .point = 2049}, NULL},
    {"strength-curve ", &client, {.key = SECP256K1}, NULL},
    {"strength-dsa ", &client, {.key = DSA}, NULL},
};

Test(lint, the_samples_are_clean)
{
    const struct sample *const clean[] = {&root, &intermediate, &server, &client};

    for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++) {
        struct sample sample = laid(root, clean[i]);
        struct bytes text = BYTES_EMPTY;
        struct lint_set found;

        cr_expect_str_eq(broken(&sample, NULL, &found, &text), "", "%s", sample.subject);
        cr_expect_str_eq(broken(&sample, i == 0 ? NULL : &root, &found, &text), "", "%s, its issuer known",
                         sample.subject);
        bytes_free(&text);
    }
}

Test(lint, each_rule_is_broken_by_a_certificate_and_by_that_alone)
{
    struct lint_set met = {{0}};
    size_t missing = 0;

    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        const struct wrong *wrong = &wrongs[i];
        struct sample like = laid(root, wrong->like);
        struct sample sample = laid(like, &wrong->over);
        struct sample above = wrong->above != NULL ? laid(root, wrong->above) : root;
        struct bytes text = BYTES_EMPTY;
        struct lint_set found;

        cr_expect_str_eq(broken(&sample, wrong->above != NULL ? &above : NULL, &found, &text), wrong->rules,
                         "row %zu", i);
        for (size_t rule = 0; rule < lint_count(); rule++) {
            if (lint_set_has(&found, rule)) {
                lint_set_add(&met, rule);
            }
        }
        bytes_free(&text);
    }
    for (size_t rule = 0; rule < lint_count(); rule++) {
        if (!lint_set_has(&met, rule)) {
            missing += 1;
            cr_log_error("no certificate breaks %s", lint_rule(rule)->id);
        }
    }
    cr_expect_eq(missing, 0);
}

/* ---- lookups ----------------------------------------------------------------------------------------------------- */

Test(lint, the_table_is_sound)
{
    cr_assert_leq(lint_count(), LINT_RULES_MAX);
    cr_expect_null(lint_rule(lint_count()));
    for (size_t rule = 0; rule < lint_count(); rule++) {
        const struct lint_rule *one = lint_rule(rule);
        size_t found;

        cr_expect(lint_find(one->id, &found));
        cr_expect_eq(found, rule, "%s is there twice", one->id);
        cr_expect_eq(strspn(one->id, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(one->id), "%s",
                     one->id);
        cr_expect(one->document[0] != 0 && one->wrong[0] != 0 && one->right[0] != 0, "%s", one->id);
        cr_expect_neq(one->wrong[strlen(one->wrong) - 1], '.', "%s", one->id);
    }
}

Test(lint, words_of_sources_and_severities)
{
    enum lint_source source;
    size_t rule;

    for (size_t i = 0; i < LINT_SOURCES; i++) {
        cr_expect_eq(lint_source_parse(lint_source_word((enum lint_source)i), &source), 0);
        cr_expect_eq(source, (enum lint_source)i);
    }
    cr_expect_eq(lint_source_parse("zlint", &source), -1);
    cr_expect_not(lint_find("apple", &rule));
    cr_expect_str_eq(lint_severity_word(LINT_ERROR), "error");
    cr_expect_str_eq(lint_severity_word(LINT_NOTICE), "notice");
}

Test(lint, details_are_of_the_certificate_at_hand)
{
    struct sample sample = laid(root, &server);
    struct bytes detail = BYTES_EMPTY;
    struct bytes der;
    struct lint_question question = {.above_count = 0};
    size_t rule;

    sample.until = "U280927000000Z";
    sample.subject = "CN=mail.example.com";
    der = encode(&sample);
    question.certificate = slice_of(&der);
    cr_assert(lint_find("apple-validity-825", &rule));
    cr_expect_eq(lint_tell(&question, rule, &detail), 0);
    cr_expect_str_eq(bytes_text(&detail), "1000 days");
    bytes_clear(&detail);
    cr_assert(lint_find("mtls-cn-not-in-san", &rule));
    cr_expect_eq(lint_tell(&question, rule, &detail), 0);
    cr_expect_str_eq(bytes_text(&detail), "mail.example.com");
    cr_expect_eq(lint_tell(&question, LINT_RULES_MAX, &detail), -1);
    bytes_free(&detail);
    bytes_free(&der);
}

Test(lint, names_of_a_certificate_too_broken_for_others)
{
    struct sample sample = laid(root, &client);
    struct lint_names names;
    struct bytes der;

    sample.extensions = SKI_LEAF " " AKI_CA " " SKI_LEAF;
    der = encode(&sample);
    cr_assert_eq(lint_names_read(slice_of(&der), &names), 0);
    cr_expect(slice_equal(names.subject_key_identifier, slice_of_text("\xab\xcd")));
    cr_expect(slice_equal(names.authority_key_identifier, slice_of_text("\xca\xca")));
    cr_expect_not(slice_equal(names.subject, names.issuer));
    bytes_free(&der);
}

/* ---- hostile bytes ----------------------------------------------------------------------------------------------- */

/* Every octet changed in three ways and every length cut: answers may be anything, memory stays whole. */
Test(lint, survives_every_changed_octet)
{
    struct sample samples[3];
    size_t refused = 0;

    samples[0] = laid(root, &server);
    samples[1] = root;
    samples[1].extensions =
        CA_REST " 30!=3011a00f300d820b6578616d706c652e6e6574 32=300c300406022a03300406022a03 "
                "31=3011300fa00da00b860968747470733a2f2f61";
    samples[2] = laid(root, &client);
    samples[2].key = RSA;
    samples[2].point = 512;
    for (size_t which = 0; which < 3; which++) {
        struct bytes whole = encode(&samples[which]);
        struct bytes above = encode(&samples[1]);
        struct bytes detail = BYTES_EMPTY;
        const struct slice row[] = {slice_of(&above), slice_of(&whole)};
        struct lint_authority *authorities[2] = {lint_authority_new(), lint_authority_new()};

        cr_assert(authorities[0] != NULL && authorities[1] != NULL);
        for (size_t at = 0; at < whole.length; at++) {
            static const unsigned char flips[] = {0x01, 0x80, 0xff};
            /* a copy of its own length, so that a read past it is seen */
            unsigned char *cut = malloc(at + 1);
            struct lint_set found;

            memcpy(cut, whole.data, at + 1);
            for (size_t flip = 0; flip < 3; flip++) {
                struct lint_question question = {slice_of(&whole), row, 2, NULL};
                struct lint_question at_hand = {.certificate = row[1], .issuer = authorities[0]};
                struct lint_set same;

                whole.data[at] ^= flips[flip];
                lint_authority_read(authorities[1], row[1], NULL);
                lint_authority_read(authorities[0], row[0], authorities[1]);
                cr_expect_eq(lint_certificate(&at_hand, &same), lint_certificate(&question, &found));
                cr_expect_arr_eq(&same, &found, sizeof(same));
                refused += lint_certificate(&question, &found) != 0;
                (void)(lint_tell(&question, at % lint_count(), &detail) == 0);
                bytes_clear(&detail);
                whole.data[at] ^= flips[flip];
            }
            cr_expect_eq(lint_certificate(&(struct lint_question){{cut, at + 1}, NULL, 0, NULL}, &found),
                         at + 1 == whole.length ? 0 : -1);
            free(cut);
        }
        lint_authority_free(authorities[0]);
        lint_authority_free(authorities[1]);
        bytes_free(&whole);
        bytes_free(&above);
        bytes_free(&detail);
    }
    cr_expect_gt(refused, 0);
}
