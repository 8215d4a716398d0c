/* SPDX-License-Identifier: Apache-2.0 */
/* Names against OpenSSL: the same DER from the same attributes, the same text from the same DER. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/bio.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "x509/asn1_string.h"
#include "x509/der.h"
#include "x509/name.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct name parsed(const char *text)
{
    struct name name = {NULL, 0};
    const char *why = "nothing";

    cr_assert_eq(name_parse(text, &name, &why), 0, "%s: %s", text, why);
    return name;
}

/* The value of @p name in DER, read by OpenSSL. */
static X509_NAME *openssl_name(struct slice der)
{
    const unsigned char *at = der.data;
    X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)der.length);

    cr_assert_not_null(name);
    cr_assert_eq((size_t)(at - der.data), der.length);
    return name;
}

static void openssl_print(const X509_NAME *name, struct bytes *text)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;
    long length;

    cr_assert_geq(X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB),
                  0);
    length = BIO_get_mem_data(bio, &data);
    cr_assert_eq(bytes_append(text, data, (size_t)length), 0);
    BIO_free(bio);
}

static void openssl_der(const X509_NAME *name, struct bytes *der)
{
    unsigned char *encoded = NULL;
    int length = i2d_X509_NAME(name, &encoded);

    cr_assert_gt(length, 0);
    cr_assert_eq(bytes_append(der, encoded, (size_t)length), 0);
    OPENSSL_free(encoded);
}

/* Goal: each attribute type, alone, is encoded as OpenSSL does with its default table. */
Test(name, each_type_is_encoded_as_openssl_does)
{
    static const struct {
        const char *type;
        const char *openssl; /* its name there, when it differs */
        const char *value;
    } cases[] = {
        {"C", NULL, "NO"},
        {"ST", NULL, "Texas"},
        {"L", NULL, "Tromsø"},
        {"O", NULL, "Example & Sons"},
        {"OU", NULL, "Unit"},
        {"CN", NULL, "日本語"},
        {"emailAddress", NULL, "a@example.com"},
        {"serialNumber", NULL, "4711-A"},
        {"DC", NULL, "example"},
        {"UID", NULL, "jdoe"},
        {"title", NULL, "Dr"},
        {"GN", NULL, "Jane"},
        {"SN", NULL, "Doe"},
        {"initials", NULL, "JD"},
        {"generationQualifier", NULL, "III"},
        {"dnQualifier", NULL, "1a"},
        {"pseudonym", NULL, "nobody"},
        {"name", NULL, "Jane Doe"},
        {"description", NULL, "text"},
        {"businessCategory", NULL, "Private Organization"},
        {"postalCode", NULL, "78701"},
        {"STREET", "street", "Main 1"},
        {"organizationIdentifier", NULL, "VATDE-1"},
        {"jurisdictionL", NULL, "Austin"},
        {"jurisdictionST", NULL, "Texas"},
        {"jurisdictionC", NULL, "US"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *theirs_type = cases[i].openssl == NULL ? cases[i].type : cases[i].openssl;
        X509_NAME *theirs = X509_NAME_new();
        struct bytes expected = BYTES_EMPTY;
        struct bytes der = BYTES_EMPTY;
        struct name name = {NULL, 0};
        const char *why = "nothing";
        struct oid type;

        cr_assert_eq(X509_NAME_add_entry_by_txt(theirs, theirs_type, MBSTRING_UTF8,
                                                (const unsigned char *)cases[i].value, -1, -1, 0),
                     1, "%s", theirs_type);
        openssl_der(theirs, &expected);
        cr_assert_eq(name_type_parse(cases[i].type, &type), 0, "%s", cases[i].type);
        cr_assert_str_eq(name_type_short(oid_slice(&type)), cases[i].type);
        cr_assert_eq(name_add(&name, &type, cases[i].value, false, &why), 0, "%s: %s", cases[i].type, why);
        cr_assert_eq(name_encode(&name, &der), 0);
        cr_assert(slice_equal(slice_of(&der), slice_of(&expected)), "%s", cases[i].type);
        cr_assert_str_eq(name_find(&name, &type), cases[i].value);
        name_free(&name);
        bytes_free(&der);
        bytes_free(&expected);
        X509_NAME_free(theirs);
    }
}

/* Goal: text to DER and back gives the canonical text, and OpenSSL prints the same. */
Test(name, text_agrees_with_openssl)
{
    static const struct {
        const char *text;
        const char *formatted; /* NULL: as it was */
    } cases[] = {
        {"CN=server", NULL},
        {"C=AZ", NULL},
        {"C=ZA", NULL},
        {"serialNumber=AZaz09 '()-./:=?", NULL},
        {"CN=server,OU=Unit,O=Example,L=Austin,ST=Texas,C=US", NULL},
        {" CN = server , O = Example ", "CN=server,O=Example"},
        {"cn=server,commonName=x,2.5.4.10=y,OID.2.5.4.11=z", "CN=server,CN=x,O=y,OU=z"},
        {"CN=Sm\\C3\\B8rg\\c3\\a5s", "CN=Smørgås"},
        {"CN=Smørgås", NULL},
        {"CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h", NULL},
        {"CN=a=b\\=c", "CN=a=b=c"},
        {"CN=\\ lead and trail\\ ", NULL},
        {"CN=  trimmed  inside  ", "CN=trimmed  inside"},
        {"CN=\\ ", NULL},
        {"CN=\\ \\ ", NULL},
        {"CN=\\#hash # inside", NULL},
        {"CN=\\23hash", "CN=\\#hash"},
        {"CN=a\\2cb", "CN=a\\,b"},
        {"CN=x\\20", "CN=x\\ "},
        {"CN=#0c0141", "CN=A"},
        {"CN=#1E0400410042", "CN=AB"},
        {"CN=#13014a , O=#160178", "CN=J,O=x"},
        {"UID=jdoe+CN=Jane,DC=example,DC=net", "CN=Jane+UID=jdoe,DC=example,DC=net"},
        {"CN=b + OU=a + O=c", "CN=b+O=c+OU=a"},
        {"emailAddress=a@example.com,serialNumber=12,C=DE", NULL},
        {"CN=\xf0\x9f\x94\x91", NULL},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *expected = cases[i].formatted == NULL ? cases[i].text : cases[i].formatted;
        struct name name = parsed(cases[i].text);
        struct bytes der = BYTES_EMPTY;
        struct bytes text = BYTES_EMPTY;
        struct bytes theirs = BYTES_EMPTY;
        X509_NAME *other;

        cr_assert_eq(name_encode(&name, &der), 0);
        cr_assert_eq(name_format(slice_of(&der), &text), 0);
        cr_assert_str_eq(bytes_text(&text), expected, "%s: %s", cases[i].text, bytes_text(&text));
        other = openssl_name(slice_of(&der));
        openssl_print(other, &theirs);
        /* The one difference: OpenSSL prints the attributes of an RDN from the last to the first, too. */
        if (strchr(cases[i].text, '+') == NULL || strstr(cases[i].text, "\\+") != NULL) {
            cr_assert_str_eq(bytes_text(&theirs), expected);
        }
        X509_NAME_free(other);
        bytes_free(&theirs);
        bytes_free(&text);
        bytes_free(&der);
        name_free(&name);
    }
}

/* Goal: the first RDN in DER is the last in the text, and attributes of one RDN are sorted as DER wants. */
Test(name, order_in_der_agrees_with_openssl)
{
    X509_NAME *theirs = X509_NAME_new();
    struct name name = parsed("UID=u+CN=c+OU=longer than the others,O=Example,C=US");
    struct bytes expected = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(
        X509_NAME_add_entry_by_txt(theirs, "C", MBSTRING_UTF8, (const unsigned char *)"US", -1, -1, 0), 1);
    cr_assert_eq(
        X509_NAME_add_entry_by_txt(theirs, "O", MBSTRING_UTF8, (const unsigned char *)"Example", -1, -1, 0),
        1);
    cr_assert_eq(
        X509_NAME_add_entry_by_txt(theirs, "UID", MBSTRING_UTF8, (const unsigned char *)"u", -1, -1, 0), 1);
    cr_assert_eq(
        X509_NAME_add_entry_by_txt(theirs, "CN", MBSTRING_UTF8, (const unsigned char *)"c", -1, -1, -1), 1);
    cr_assert_eq(X509_NAME_add_entry_by_txt(theirs, "OU", MBSTRING_UTF8,
                                            (const unsigned char *)"longer than the others", -1, -1, -1),
                 1);
    openssl_der(theirs, &expected);
    cr_assert_eq(name_encode(&name, &der), 0);
    cr_assert(slice_equal(slice_of(&der), slice_of(&expected)));
    cr_assert_str_eq(name.attributes[0].value, "US");
    cr_assert_str_eq(name.attributes[2].value, "u");
    cr_assert(!name.attributes[2].joins_last && name.attributes[3].joins_last &&
              name.attributes[4].joins_last);
    bytes_free(&der);
    bytes_free(&expected);
    name_free(&name);
    X509_NAME_free(theirs);
}

Test(name, the_empty_name)
{
    struct name name = parsed("");
    struct bytes der = BYTES_EMPTY;
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(name.count, 0);
    cr_assert_eq(name_encode(&name, &der), 0);
    cr_assert(name_is_empty(slice_of(&der)));
    cr_assert_eq(name_format(slice_of(&der), &text), 0);
    cr_assert_eq(text.length, 0);
    cr_assert_eq(name_common_name(slice_of(&der), &text), 0);
    cr_assert(!name_is_empty((struct slice){NULL, 0}));
    cr_assert(!name_is_empty((struct slice){(const unsigned char *)"\x30\x01", 2}));
    bytes_free(&text);
    bytes_free(&der);
}

Test(name, wrong_texts_are_refused_and_say_why)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"/C=US/CN=server", "with slashes"},
        {"server", "not TYPE=VALUE"},
        {"CN=a,", "not TYPE=VALUE"},
        {"CN=a+", "not TYPE=VALUE"},
        {",CN=a", "not TYPE=VALUE"},
        {"CN=a,,O=b", "not TYPE=VALUE"},
        {"CN=a,b", "not TYPE=VALUE"},
        {"=a", "unknown attribute type"},
        {"XY=a", "unknown attribute type"},
        {"1.2.03=a", "unknown attribute type"},
        {"CN=", "without a value"},
        {"CN= ,O=x", "without a value"},
        {"O=\"Example, Inc.\"", "not quoted"},
        {"CN=a;O=b", "not quoted"},
        {"CN=a<b", "not quoted"},
        {"CN=a\\", "a backslash"},
        {"CN=a\\x", "a backslash"},
        {"CN=a\\4", "a backslash"},
        {"CN=\\C3", "not valid UTF-8"},
        {"CN=\xc3(", "not valid UTF-8"},
        {"CN=\\ED\\A0\\80", "not valid UTF-8"},
        {"CN=a\\00b", "a control character"},
        {"CN=a\nb", "a control character"},
        {"CN=a\\7f", "a control character"},
        {"CN=\\E2\\80\\AEx", "a control character"},
        {"CN=#", "hexadecimal DER"},
        {"CN=#0c", "hexadecimal DER"},
        {"CN=#0c014", "hexadecimal DER"},
        {"CN=#0c0141zz", "hexadecimal DER"},
        {"CN=#0c0141ff", "hexadecimal DER"},
        {"CN=#020101", "hexadecimal DER"},
        {"CN=#3000", "hexadecimal DER"},
        {"CN=#0c01c3", "hexadecimal DER"},
        {"CN=#0c0141 x", "behind a value"},
        {"CN=a+CN=b", "in the same RDN"},
        {"C=USA", "two letters"},
        {"C=U", "two letters"},
        {"C=U1", "two letters"},
        {"C=1U", "two letters"},
        {"C=@A", "two letters"},
        {"C=A[", "two letters"},
        {"C=`a", "two letters"},
        {"C=a{", "two letters"},
        {"C=zA", "in lower case"},
        {"C=Az", "in lower case"},
        {"C=us", "in lower case"},
        {"C=Us", "in lower case"},
        {"serialNumber=4711*", "does not take"},
        {"dnQualifier=ü", "does not take"},
        {"emailAddress=ü@example.com", "outside ASCII"},
        {"DC=bücher", "outside ASCII"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct name name = parsed("CN=kept");
        const char *why = NULL;

        cr_assert_eq(name_parse(cases[i].text, &name, &why), -1, "%s", cases[i].text);
        cr_assert_not_null(why);
        cr_assert_not_null(strstr(why, cases[i].why), "%s: %s", cases[i].text, why);
        cr_assert(name.count == 1 && strcmp(name.attributes[0].value, "kept") == 0);
        name_free(&name);
    }
}

/* Goal: upper bounds are counted in characters; at the bound a value is taken, above it not. */
Test(name, upper_bounds)
{
    static const struct {
        const char *type;
        size_t bound;
        const char *character;
    } cases[] = {
        {"CN", 64, "ü"},    {"O", 64, "日"},         {"OU", 64, "x"},
        {"L", 128, "x"},    {"ST", 128, "ö"},        {"serialNumber", 64, "1"},
        {"title", 64, "x"}, {"pseudonym", 128, "x"}, {"emailAddress", 255, "x"},
        {"GN", 32768, "x"}, {"1.2.3.4", 32768, "x"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes value = BYTES_EMPTY;
        struct name name = {NULL, 0};
        const char *why = NULL;
        struct oid type;

        cr_assert_eq(name_type_parse(cases[i].type, &type), 0);
        for (size_t count = 0; count < cases[i].bound; count++) {
            cr_assert_eq(bytes_append_text(&value, cases[i].character), 0);
        }
        cr_assert_eq(name_add(&name, &type, bytes_text(&value), false, &why), 0, "%s", cases[i].type);
        cr_assert_eq(bytes_append_text(&value, cases[i].character), 0);
        cr_assert_eq(name_add(&name, &type, bytes_text(&value), false, &why), -1, "%s", cases[i].type);
        cr_assert_not_null(strstr(why, "longer"), "%s", why);
        cr_assert_eq(name.count, 1);
        name_free(&name);
        bytes_free(&value);
    }
}

Test(name, wrong_values_are_refused_and_say_why)
{
    static const struct {
        const char *type;
        const char *value;
        const char *why;
    } cases[] = {
        {"CN", "", "is empty"},       {"CN", "a\x01", "control"},   {"CN", "\xff", "not valid UTF-8"},
        {"C", "usa", "two letters"},  {"C", "us", "in upper case"}, {"serialNumber", "a_b", "does not take"},
        {"DC", "ü", "outside ASCII"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct name name = {NULL, 0};
        const char *why = NULL;
        struct oid type;

        cr_assert_eq(name_type_parse(cases[i].type, &type), 0);
        cr_assert_eq(name_add(&name, &type, cases[i].value, false, &why), -1, "%s", cases[i].value);
        cr_assert_not_null(strstr(why, cases[i].why), "%s: %s", cases[i].value, why);
        cr_assert_eq(name.count, 0);
        name_free(&name);
    }
}

Test(name, attributes_and_rdns_are_bounded)
{
    struct bytes der = BYTES_EMPTY;
    X509_NAME *other;
    struct name name = {NULL, 0};
    const char *why = NULL;
    struct oid type;

    cr_assert_eq(name_type_parse("OU", &type), 0);
    cr_assert_eq(name_add(&name, &type, "x", true, &why), -1, "nothing to join");
    for (size_t i = 0; i < NAME_ATTRIBUTES_MAX; i++) {
        cr_assert_eq(name_add(&name, &type, "x", false, &why), 0, "%s", why);
    }
    cr_assert_eq(name_add(&name, &type, "x", false, &why), -1);
    cr_assert_not_null(strstr(why, "at most 64"));
    cr_assert_eq(name_encode(&name, &der), 0);
    other = openssl_name(slice_of(&der));
    cr_assert_eq(X509_NAME_entry_count(other), NAME_ATTRIBUTES_MAX);
    X509_NAME_free(other);
    bytes_free(&der);
    name_free(&name);
    cr_assert(name.count == 0 && name.attributes == NULL);
}

Test(name, types_by_name)
{
    struct oid one;
    struct oid other;

    cr_assert_eq(name_type_parse("ORGANIZATIONNAME", &one), 0);
    cr_assert_eq(name_type_parse("o", &other), 0);
    cr_assert(oid_equal(&one, oid_slice(&other)));
    cr_assert_eq(name_type_parse("E", &one), 0);
    cr_assert_str_eq(name_type_short(oid_slice(&one)), "emailAddress");
    cr_assert_eq(name_type_parse("1.2.3.4", &one), 0);
    cr_assert_null(name_type_short(oid_slice(&one)));
    cr_assert_eq(name_type_parse("", &one), -1);
    cr_assert_eq(name_type_parse("C ", &one), -1);
    cr_assert_eq(name_type_parse("OID.", &one), -1);
}

Test(name, nearest_type)
{
    cr_assert_str_eq(name_type_nearest("comonName"), "CN");
    cr_assert_str_eq(name_type_nearest("CM"), "CN");
    cr_assert_str_eq(name_type_nearest("emailAdress"), "emailAddress");
    cr_assert_str_eq(name_type_nearest("Organization"), "O");
    cr_assert_str_eq(name_type_nearest("country"), "C");
    cr_assert_str_eq(name_type_nearest("serial_number"), "serialNumber");
    cr_assert_null(name_type_nearest(""));
    cr_assert_null(name_type_nearest("X"));
    cr_assert_null(name_type_nearest("something else"));
    cr_assert_null(name_type_nearest("a word that is far too long to be near to anything the table has"));
}

/* A name of one attribute, of any string type. OpenSSL writes no broken ones, so it is put together here. */
static void foreign_name(const char *type, int string, const char *content, int length, struct bytes *der)
{
    ASN1_OBJECT *object = OBJ_txt2obj(type, 0);
    struct der writer;

    cr_assert_not_null(object);
    der_start(&writer, der);
    der_begin(&writer, DER_SEQUENCE);
    der_begin(&writer, DER_SET);
    der_begin(&writer, DER_SEQUENCE);
    der_value(&writer, DER_OID, (struct slice){OBJ_get0_data(object), OBJ_length(object)});
    der_value(&writer, (unsigned char)string, (struct slice){(const unsigned char *)content, (size_t)length});
    der_end(&writer);
    der_end(&writer);
    der_end(&writer);
    cr_assert_eq(der_finish(&writer), 0);
    ASN1_OBJECT_free(object);
}

/* Goal: what other issuers write is shown as text, escaped, or in full as hexadecimal. */
Test(name, foreign_strings)
{
    static const struct {
        int string;
        const char *content;
        int length;
        const char *text;
        bool openssl; /* reads it, and prints it the same */
    } cases[] = {
        {V_ASN1_T61STRING, "M\xfcller", 6, "CN=Müller", true},
        {V_ASN1_BMPSTRING, "\0M\0\xfc\x65\xe5", 6, "CN=Mü日", true},
        {V_ASN1_BMPSTRING, "\xd8\x3d\xdd\x11", 4, "CN=\xf0\x9f\x94\x91", false},
        {V_ASN1_BMPSTRING, "\xd8\x00\xdc\x00\xdb\xff\xdf\xff", 8, "CN=\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
         false},
        {V_ASN1_BMPSTRING, "\xd8\x3d\0x", 4, "CN=#1e04d83d0078", false},
        {V_ASN1_BMPSTRING, "\xd8\x3d", 2, "CN=#1e02d83d", false},
        {V_ASN1_BMPSTRING, "\xe0\0\xdc\0", 4, "CN=#1e04e000dc00", false},
        {V_ASN1_BMPSTRING, "\xd8\x3d\xdb\xff", 4, "CN=#1e04d83ddbff", false},
        {V_ASN1_BMPSTRING, "\xd8\x3d\xe0\0", 4, "CN=#1e04d83de000", false},
        {V_ASN1_NUMERICSTRING, "12", 2, "CN=12", false},
        {V_ASN1_IA5STRING, "\x7e\x80", 2, "CN=#16027e80", false},
        {V_ASN1_BMPSTRING, "\0x\0", 3, "CN=#1e03007800", false},
        {V_ASN1_UNIVERSALSTRING, "\0\1\xf5\x11\0\0\0x", 8, "CN=\xf0\x9f\x94\x91x", true},
        {V_ASN1_UNIVERSALSTRING, "\0\x11\0\0", 4, "CN=#1c0400110000", false},
        {V_ASN1_UTF8STRING, "\xc3(", 2, "CN=#0c02c328", false},
        {V_ASN1_PRINTABLESTRING, "M\xfc", 2, "CN=#13024dfc", false},
        {V_ASN1_UTF8STRING, "a\0b", 3, "CN=a\\00b", false},
        {V_ASN1_UTF8STRING, "a\x1b[31m\xc2\x9b", 8, "CN=a\\1B[31m\\C2\\9B", false},
        {V_ASN1_UTF8STRING, "a\xe2\x80\xae", 4, "CN=a\\E2\\80\\AE", false},
        {V_ASN1_VISIBLESTRING, "x", 1, "CN=x", false},
        {V_ASN1_UTF8STRING, "", 0, "CN=", false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes der = BYTES_EMPTY;
        struct bytes text = BYTES_EMPTY;

        foreign_name("CN", cases[i].string, cases[i].content, cases[i].length, &der);
        cr_assert_eq(name_format(slice_of(&der), &text), 0);
        cr_assert_str_eq(bytes_text(&text), cases[i].text, "case %zu: %s", i, bytes_text(&text));
        cr_assert_eq(strlen(bytes_text(&text)), text.length);
        if (cases[i].openssl) {
            X509_NAME *other = openssl_name(slice_of(&der));
            struct bytes theirs = BYTES_EMPTY;

            openssl_print(other, &theirs);
            cr_assert_str_eq(bytes_text(&theirs), cases[i].text);
            bytes_free(&theirs);
            X509_NAME_free(other);
        }
        bytes_free(&der);
        bytes_free(&text);
    }
}

Test(name, unknown_types_are_dotted_with_hex)
{
    struct bytes der = BYTES_EMPTY;
    struct bytes text = BYTES_EMPTY;
    struct bytes again = BYTES_EMPTY;
    struct name name;

    foreign_name("1.2.3.4", V_ASN1_UTF8STRING, "A", 1, &der);
    cr_assert_eq(name_format(slice_of(&der), &text), 0);
    cr_assert_str_eq(bytes_text(&text), "1.2.3.4=#0c0141");
    name = parsed(bytes_text(&text));
    cr_assert_eq(name_encode(&name, &again), 0);
    cr_assert(slice_equal(slice_of(&der), slice_of(&again)));
    name_free(&name);
    bytes_free(&der);
    bytes_free(&text);
    bytes_free(&again);
}

Test(name, malformed_der_is_refused)
{
    static const struct slice cases[] = {
        {NULL, 0},
        {(const unsigned char *)"\x31\x00", 2},                                      /* no SEQUENCE */
        {(const unsigned char *)"\x30\x00\x00", 3},                                  /* a rest */
        {(const unsigned char *)"\x30\x02\x31\x00", 4},                              /* empty RDN */
        {(const unsigned char *)"\x30\x02\x30\x00", 4},                              /* RDN no SET */
        {(const unsigned char *)"\x30\x04\x31\x02\x30\x00", 6},                      /* empty attribute */
        {(const unsigned char *)"\x30\x09\x31\x07\x30\x05\x06\x03\x55\x04\x03", 11}, /* no value */
        {(const unsigned char *)"\x30\x0b\x31\x09\x30\x07\x06\x01\x80\x0c\x02\x61\x62", 13}, /* OID cut off */
        {(const unsigned char *)"\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x01\x61\x05\x00",
         16}, /* third */
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes text = BYTES_EMPTY;

        cr_assert_eq(bytes_append_text(&text, "kept"), 0);
        cr_assert_eq(name_format(cases[i], &text), -1, "case %zu", i);
        cr_assert_str_eq(bytes_text(&text), "kept");
        cr_assert_neq(name_common_name(cases[i], &text), 1);
        bytes_free(&text);
    }
}

Test(name, common_name)
{
    struct name name = parsed("CN=last,OU=x,CN=first,C=US");
    struct bytes der = BYTES_EMPTY;
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(name_encode(&name, &der), 0);
    cr_assert_eq(name_common_name(slice_of(&der), &text), 1);
    cr_assert_str_eq(bytes_text(&text), "last");
    bytes_clear(&der);
    bytes_clear(&text);
    foreign_name("CN", V_ASN1_UTF8STRING, "good.example\0.evil", 18, &der);
    cr_assert_eq(name_common_name(slice_of(&der), &text), -1, "a NUL would cut the name short");
    bytes_clear(&der);
    foreign_name("O", V_ASN1_UTF8STRING, "x", 1, &der);
    cr_assert_eq(name_common_name(slice_of(&der), &text), 0);
    cr_assert_eq(name_common_name((struct slice){der.data, der.length - 1}, &text), -1);
    cr_assert_eq(text.length, 0);
    name_free(&name);
    bytes_free(&der);
    bytes_free(&text);
}

/* Goal: a text that fails half-way leaves what was there. */
Test(asn1_string, failure_leaves_the_text)
{
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(bytes_append_text(&text, "kept"), 0);
    cr_assert_eq(
        asn1_string_to_utf8(DER_BMP_STRING, (struct slice){(const unsigned char *)"\0x\xdc\0", 4}, &text),
        -1);
    cr_assert_str_eq(bytes_text(&text), "kept");
    cr_assert_eq(text.length, 4);
    cr_assert_eq(asn1_string_to_utf8(DER_INTEGER, (struct slice){(const unsigned char *)"\1", 1}, &text), -1);
    cr_assert_eq(
        asn1_string_to_utf8(DER_NUMERIC_STRING, (struct slice){(const unsigned char *)"12", 2}, &text), 0);
    cr_assert_str_eq(bytes_text(&text), "kept12");
    bytes_free(&text);
}
