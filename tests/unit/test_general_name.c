/* SPDX-License-Identifier: Apache-2.0 */
/* GeneralNames against OpenSSL: the same DER from the same text, and the same reading of it. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/x509v3.h>

#include "x509/general_name.h"
#include "x509/host.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)  ((struct slice){(const unsigned char *)(text), sizeof(text) - 1})

/* OpenSSL's DER of the value of @p type. */
static void openssl_der(int type, const char *value, int constraint, struct bytes *der)
{
    GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, type, value, constraint);
    unsigned char *encoded = NULL;
    int length;

    cr_assert_not_null(name, "%s", value);
    length = i2d_GENERAL_NAME(name, &encoded);
    cr_assert_gt(length, 0);
    cr_assert_eq(bytes_append(der, encoded, (size_t)length), 0);
    OPENSSL_free(encoded);
    GENERAL_NAME_free(name);
}

static GENERAL_NAME *openssl_name(const struct bytes *der)
{
    const unsigned char *at = der->data;
    GENERAL_NAME *name = d2i_GENERAL_NAME(NULL, &at, (long)der->length);

    cr_assert_not_null(name);
    cr_assert_eq(at, der->data + der->length);
    return name;
}

static void parse(const char *text, enum general_name_kind *kind, struct bytes *der)
{
    const char *why = "nothing";

    cr_assert_eq(general_name_parse(text, kind, der, &why), 0, "%s: %s", text, why);
}

static void assert_formats(struct slice der, const char *expected)
{
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(general_name_format(der, &text), 0);
    cr_assert_str_eq(bytes_text(&text), expected, "%s instead of %s", bytes_text(&text), expected);
    cr_assert_eq(strlen(bytes_text(&text)), text.length);
    bytes_free(&text);
}

/* Goal: what is taken has OpenSSL's DER, its kind, and comes back as the same text. */
Test(general_name, names_agree_with_openssl)
{
    static const struct {
        const char *text;
        enum general_name_kind kind;
        int type;
        const char *value;     /* as OpenSSL takes it; NULL: what is behind the colon */
        const char *formatted; /* NULL: as it was */
    } cases[] = {
        {"dns:localhost", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"dns:example.com", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"dns:*.example.com", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"dns:Example.COM", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"dns:a-b.c1.1a", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"dns:AZaz09.AZ09az", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"dns:_sip._tls.example.com", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"dns:1.example.com", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"dns:xn--bcher-kva.example", GENERAL_NAME_DNS, GEN_DNS, NULL, NULL},
        {"ip:127.0.0.1", GENERAL_NAME_IP, GEN_IPADD, NULL, NULL},
        {"ip:255.255.255.255", GENERAL_NAME_IP, GEN_IPADD, NULL, NULL},
        {"ip:::1", GENERAL_NAME_IP, GEN_IPADD, NULL, NULL},
        {"ip:::", GENERAL_NAME_IP, GEN_IPADD, NULL, NULL},
        {"ip:2001:DB8:0:0:1:0:0:1", GENERAL_NAME_IP, GEN_IPADD, NULL, "ip:2001:db8::1:0:0:1"},
        {"ip:::ffff:192.0.2.1", GENERAL_NAME_IP, GEN_IPADD, NULL, NULL},
        {"email:client1@example.local", GENERAL_NAME_EMAIL, GEN_EMAIL, NULL, NULL},
        {"email:a+b'c@localhost", GENERAL_NAME_EMAIL, GEN_EMAIL, NULL, NULL},
        {"uri:https://example.com/x?y=1,2#z", GENERAL_NAME_URI, GEN_URI, NULL, NULL},
        {"uri:spiffe://cluster.local/ns/a/sa/b", GENERAL_NAME_URI, GEN_URI, NULL, NULL},
        {"uri:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", GENERAL_NAME_URI, GEN_URI, NULL, NULL},
        {"uri:http://user@[2001:db8::1]:8080/%20", GENERAL_NAME_URI, GEN_URI, NULL, NULL},
        {"uri:http://127.0.0.1:80", GENERAL_NAME_URI, GEN_URI, NULL, NULL},
        {"uri:ldap://host?a?b", GENERAL_NAME_URI, GEN_URI, NULL, NULL},
        {"rid:1.2.3.4", GENERAL_NAME_RID, GEN_RID, NULL, NULL},
        {"upn:user@example.com", GENERAL_NAME_UPN, GEN_OTHERNAME, "msUPN;UTF8:user@example.com", NULL},
        {"upn:jürgen@bücher.example", GENERAL_NAME_UPN, GEN_OTHERNAME,
         "msUPN;FORMAT:UTF8,UTF8:jürgen@bücher.example", NULL},
        {"other:1.2.3.4;utf8:some text", GENERAL_NAME_OTHER, GEN_OTHERNAME, "1.2.3.4;UTF8:some text", NULL},
        {"other:1.2.3.4;ia5:text", GENERAL_NAME_OTHER, GEN_OTHERNAME, "1.2.3.4;IA5STRING:text", NULL},
        {"other:1.2.3.4;der:0201FF", GENERAL_NAME_OTHER, GEN_OTHERNAME, "1.2.3.4;INTEGER:-1",
         "other:1.2.3.4;der:0201ff"},
        {"other:1.2.3.4;der:0c0141", GENERAL_NAME_OTHER, GEN_OTHERNAME, "1.2.3.4;UTF8:A",
         "other:1.2.3.4;utf8:A"},
        {"other:1.3.6.1.4.1.311.20.2.3;utf8:a@b", GENERAL_NAME_UPN, GEN_OTHERNAME, "msUPN;UTF8:a@b",
         "upn:a@b"},
        {"other:1.3.6.1.4.1.311.20.2.3;utf8:a", GENERAL_NAME_UPN, GEN_OTHERNAME, "msUPN;UTF8:a", NULL},
        {"other:1.3.6.1.4.1.311.20.2.3;ia5:a@b", GENERAL_NAME_UPN, GEN_OTHERNAME, "msUPN;IA5STRING:a@b",
         NULL},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *value = cases[i].value == NULL ? strchr(cases[i].text, ':') + 1 : cases[i].value;
        const char *formatted = cases[i].formatted == NULL ? cases[i].text : cases[i].formatted;
        enum general_name_kind kind;
        struct bytes expected = BYTES_EMPTY;
        struct bytes der = BYTES_EMPTY;
        struct bytes again = BYTES_EMPTY;

        parse(cases[i].text, &kind, &der);
        cr_assert_eq(kind, cases[i].kind, "%s", cases[i].text);
        openssl_der(cases[i].type, value, 0, &expected);
        cr_assert(slice_equal(slice_of(&der), slice_of(&expected)), "%s", cases[i].text);
        cr_assert_eq(general_name_kind_of(slice_of(&der), &kind), 0);
        cr_assert_eq(kind, cases[i].kind);
        assert_formats(slice_of(&der), formatted);
        parse(formatted, NULL, &again);
        cr_assert(slice_equal(slice_of(&der), slice_of(&again)), "%s", formatted);
        bytes_free(&der);
        bytes_free(&again);
        bytes_free(&expected);
    }
}

Test(general_name, a_directory_name_is_read_by_openssl)
{
    enum general_name_kind kind;
    struct bytes der = BYTES_EMPTY;
    GENERAL_NAME *theirs;
    X509_NAME *directory;
    char text[128];
    int type;

    parse("dirname:CN=Jane\\, Dr.,O=Example,C=US", &kind, &der);
    cr_assert_eq(kind, GENERAL_NAME_DIRNAME);
    theirs = openssl_name(&der);
    directory = GENERAL_NAME_get0_value(theirs, &type);
    cr_assert_eq(type, GEN_DIRNAME);
    cr_assert_eq(X509_NAME_get_text_by_NID(directory, NID_commonName, text, sizeof(text)), 9);
    cr_assert_str_eq(text, "Jane, Dr.");
    cr_assert_str_eq(X509_NAME_oneline(directory, text, sizeof(text)), "/C=US/O=Example/CN=Jane, Dr.");
    assert_formats(slice_of(&der), "dirname:CN=Jane\\, Dr.,O=Example,C=US");
    GENERAL_NAME_free(theirs);
    bytes_free(&der);
}

Test(general_name, wrong_names_are_refused_and_say_why)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"", "has no kind"},
        {"localhost", "has no kind"},
        {"::1", "unknown kind"},
        {"host:localhost", "unknown kind"},
        {"dn:x", "unknown kind"},
        {"DNS:localhost", "upper case"},
        {"IP:127.0.0.1", "upper case"},
        {"dns:", "empty host name"},
        {"dns:.", "ends in a dot"},
        {"dns:example.com.", "ends in a dot"},
        {"dns:.example.com", "empty label"},
        {"dns:a..b", "empty label"},
        {"dns:a b", "host names do not have"},
        {"dns:a/b", "host names do not have"},
        {"dns:a:443", "host names do not have"},
        {"dns:a@b", "host names do not have"},
        {"dns:a[b", "host names do not have"},
        {"dns:a`b", "host names do not have"},
        {"dns:a{b", "host names do not have"},
        {"dns:a,b", "host names do not have"},
        {"dns:*.example.c-", "a hyphen"},
        {"dns:a\nb", "host names do not have"},
        {"dns:bücher.example", "not ASCII"},
        {"dns:-a.example", "a hyphen"},
        {"dns:a-.example", "a hyphen"},
        {"dns:127.0.0.1", "is an IP address; write"},
        {"dns:::1", "is an IP address; write"},
        {"dns:example.123", "digits alone"},
        {"dns:1.2.3", "digits alone"},
        {"dns:123", "digits alone"},
        {"dns:*", "fewer than two labels"},
        {"dns:*.com", "fewer than two labels"},
        {"dns:*.localhost", "fewer than two labels"},
        {"dns:*.example.", "ends in a dot"},
        {"dns:**.example.com", "has a wildcard"},
        {"dns:a.*.example.com", "has a wildcard"},
        {"dns:f*.example.com", "has a wildcard"},
        {"dns:*a.example.com", "has a wildcard"},
        {"dns:*.*.example.com", "has a wildcard"},
        {"dns:example.com*", "has a wildcard"},
        {"ip:", "is not an IP address"},
        {"ip:300.1.1.1", "is not an IP address"},
        {"ip:1.2.3", "is not an IP address"},
        {"ip:1.2.3.4.5", "is not an IP address"},
        {"ip:01.2.3.4", "is not an IP address"},
        {"ip:1.2.3.4 ", "is not an IP address"},
        {"ip:::1::", "is not an IP address"},
        {"ip:1:2:3:4:5:6:7:8:9", "is not an IP address"},
        {"ip:localhost", "is not an IP address"},
        {"ip:10.0.0.0/8", "is a network"},
        {"ip:fe80::1%eth0", "has a zone"},
        {"ip:[::1]", "has brackets"},
        {"email:", "lacks the @"},
        {"email:example.com", "lacks the @"},
        {"email:a@b@c", "more than one @"},
        {"email:@example.com", "nothing, or more"},
        {"email:a@", "empty host name"},
        {"email:a b@example.com", "before the @"},
        {"email:a,b@example.com", "before the @"},
        {"email:a\x01@example.com", "before the @"},
        {"email:\"a\"@example.com", "before the @"},
        {"email:jürgen@example.com", "RFC 9598"},
        {"email:a@bücher.example", "not ASCII"},
        {"email:a@*.example.com", "has a wildcard"},
        {"email:a@127.0.0.1", "has an IP address"},
        {"email:a@exa mple.com", "host names do not have"},
        {"uri:", "a scheme"},
        {"uri:example.com", "a scheme"},
        {"uri://example.com", "a scheme"},
        {"uri:1http://x", "a scheme"},
        {"uri:0http://x", "a scheme"},
        {"uri:ht_tp://x", "a scheme"},
        {"uri:://x", "a scheme"},
        {"uri:http:", "nothing behind"},
        {"uri:http://", "no host"},
        {"uri:http:///path", "no host"},
        {"uri:http://:80/", "no host"},
        {"uri:http://user@/", "no host"},
        {"uri:file:///etc/passwd", "no host"},
        {"uri:http://a b/", "a space"},
        {"uri:http://x/\x07", "a space"},
        {"uri:http://bücher.example/", "a space"},
        {"uri:http://x/<y>", "percent-encode"},
        {"uri:http://x/%", "percent sign"},
        {"uri:http://x/%4", "percent sign"},
        {"uri:http://x/%zz", "percent sign"},
        {"uri:http://[::1", "brackets"},
        {"uri:http://[]/", "brackets"},
        {"uri:http://[1.2.3.4]/", "brackets"},
        {"uri:http://[::1]x/", "port number"},
        {"uri:http://x:8x/", "port number"},
        {"uri:http://x:80:90/", "port number"},
        {"uri:http://x:-1/", "port number"},
        {"uri:http://*.example.com/", "has a wildcard"},
        {"uri:http://1.2.3/", "digits alone"},
        {"uri:http://a..b/", "empty label"},
        {"upn:", "empty value"},
        {"upn:user", "user principal name"},
        {"upn:@example.com", "user principal name"},
        {"upn:user@", "user principal name"},
        {"upn:us\xff@example.com", "not valid UTF-8"},
        {"upn:us\x1b@example.com", "control character"},
        {"rid:", "object identifier"},
        {"rid:1", "object identifier"},
        {"rid:serverAuth", "object identifier"},
        {"dirname:", "empty name"},
        {"dirname:/CN=x", "with slashes"},
        {"dirname:C=us", "lower case"},
        {"other:", "not of the form"},
        {"other:1.2.3.4", "not of the form"},
        {"other:;utf8:x", "not of the form"},
        {"other:1.2.3.x;utf8:x", "object identifier"},
        {"other:1.2.3.4;", "unknown type"},
        {"other:1.2.3.4;bmp:x", "unknown type"},
        {"other:1.2.3.4;utf8:", "empty value"},
        {"other:1.2.3.4;utf8:\xc3", "not valid UTF-8"},
        {"other:1.2.3.4;utf8:\n", "control character"},
        {"other:1.2.3.4;ia5:ü", "outside ASCII"},
        {"other:1.2.3.4;ia5:\x7f", "control character"},
        {"other:1.2.3.4;der:", "well-formed DER"},
        {"other:1.2.3.4;der:0", "well-formed DER"},
        {"other:1.2.3.4;der:05", "well-formed DER"},
        {"other:1.2.3.4;der:0500ff", "well-formed DER"},
        {"other:1.2.3.4;der:05 00", "well-formed DER"},
        {"other:1.2.3.4;der:0x05", "well-formed DER"},
        {"other:1.2.3.4;der:3080", "well-formed DER"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes der = BYTES_EMPTY;
        const char *why = NULL;

        cr_assert_eq(bytes_append_text(&der, "kept"), 0);
        cr_assert_eq(general_name_parse(cases[i].text, NULL, &der, &why), -1, "%s", cases[i].text);
        cr_assert_not_null(why);
        cr_assert_not_null(strstr(why, cases[i].why), "%s: %s", cases[i].text, why);
        cr_assert_str_eq(bytes_text(&der), "kept");
        bytes_free(&der);
    }
}

/* A host name of labels of @p label characters, @p length characters in all. */
static void long_host(size_t label, size_t length, struct bytes *text)
{
    for (size_t i = 1; i <= length; i++) {
        cr_assert_eq(bytes_append_byte(text, i % (label + 1) == 0 && i != length ? '.' : 'a'), 0);
    }
}

Test(general_name, host_names_are_bounded)
{
    static const struct {
        size_t label;
        size_t length;
        bool taken;
    } cases[] = {{63, 63, true},   {64, 64, false}, {63, 253, true},
                 {63, 254, false}, {10, 253, true}, {10, 300, false}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes text = BYTES_EMPTY;
        struct bytes der = BYTES_EMPTY;
        const char *why = "nothing";

        cr_assert_eq(bytes_append_text(&text, "dns:"), 0);
        long_host(cases[i].label, cases[i].length, &text);
        cr_assert_eq(general_name_parse(bytes_text(&text), NULL, &der, &why), cases[i].taken ? 0 : -1,
                     "%s: %s", bytes_text(&text), why);
        cr_assert_eq(der.length != 0, cases[i].taken);
        bytes_free(&text);
        bytes_free(&der);
    }
}

Test(general_name, mailboxes_are_bounded)
{
    struct bytes text = BYTES_EMPTY;
    struct bytes der = BYTES_EMPTY;
    const char *why = "nothing";

    cr_assert_eq(bytes_append_text(&text, "email:"), 0);
    long_host(64, 64, &text);
    cr_assert_eq(bytes_append_text(&text, "@example.com"), 0);
    cr_assert_eq(general_name_parse(bytes_text(&text), NULL, &der, &why), 0, "%s", why);
    bytes_clear(&text);
    cr_assert_eq(bytes_append_text(&text, "email:"), 0);
    long_host(65, 65, &text);
    cr_assert_eq(bytes_append_text(&text, "@example.com"), 0);
    cr_assert_eq(general_name_parse(bytes_text(&text), NULL, &der, &why), -1);
    bytes_free(&text);
    bytes_free(&der);
}

/* Goal: bases of name constraints have OpenSSL's DER and come back as text. */
Test(general_name, constraints_agree_with_openssl)
{
    static const struct {
        const char *text;
        enum general_name_kind kind;
        int type;
        const char *value;
    } cases[] = {
        {"dns:example.com", GENERAL_NAME_DNS, GEN_DNS, "example.com"},
        {"dns:.example.com", GENERAL_NAME_DNS, GEN_DNS, ".example.com"},
        {"dns:local", GENERAL_NAME_DNS, GEN_DNS, "local"},
        {"ip:10.0.0.0/8", GENERAL_NAME_IP, GEN_IPADD, "10.0.0.0/255.0.0.0"},
        {"ip:192.0.2.129/32", GENERAL_NAME_IP, GEN_IPADD, "192.0.2.129/255.255.255.255"},
        {"ip:192.0.2.128/25", GENERAL_NAME_IP, GEN_IPADD, "192.0.2.128/255.255.255.128"},
        {"ip:0.0.0.0/0", GENERAL_NAME_IP, GEN_IPADD, "0.0.0.0/0.0.0.0"},
        {"ip:2001:db8::/32", GENERAL_NAME_IP, GEN_IPADD, "2001:db8::/ffff:ffff::"},
        {"ip:::1/128", GENERAL_NAME_IP, GEN_IPADD, "::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"email:example.com", GENERAL_NAME_EMAIL, GEN_EMAIL, "example.com"},
        {"email:.example.com", GENERAL_NAME_EMAIL, GEN_EMAIL, ".example.com"},
        {"email:a@example.com", GENERAL_NAME_EMAIL, GEN_EMAIL, "a@example.com"},
        {"uri:example.com", GENERAL_NAME_URI, GEN_URI, "example.com"},
        {"uri:.example.com", GENERAL_NAME_URI, GEN_URI, ".example.com"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        enum general_name_kind kind;
        struct bytes expected = BYTES_EMPTY;
        struct bytes der = BYTES_EMPTY;
        struct bytes text = BYTES_EMPTY;
        const char *why = "nothing";

        cr_assert_eq(general_name_parse_constraint(cases[i].text, &kind, &der, &why), 0, "%s: %s",
                     cases[i].text, why);
        cr_assert_eq(kind, cases[i].kind);
        if (cases[i].type == GEN_URI) {
            /* OpenSSL takes the base as it is. */
            cr_assert_eq(der.data[0], 0x86);
            cr_assert(
                slice_equal((struct slice){der.data + 2, der.length - 2}, slice_of_text(cases[i].value)));
        } else {
            openssl_der(cases[i].type, cases[i].value, 1, &expected);
            cr_assert(slice_equal(slice_of(&der), slice_of(&expected)), "%s", cases[i].text);
        }
        cr_assert_eq(general_name_format_constraint(slice_of(&der), &text), 0);
        cr_assert_str_eq(bytes_text(&text), cases[i].text);
        bytes_free(&text);
        bytes_free(&der);
        bytes_free(&expected);
    }
}

Test(general_name, a_directory_name_constrains)
{
    struct bytes der = BYTES_EMPTY;
    struct bytes same = BYTES_EMPTY;
    const char *why = "nothing";

    cr_assert_eq(general_name_parse_constraint("dirname:O=Example,C=US", NULL, &der, &why), 0, "%s", why);
    parse("dirname:O=Example,C=US", NULL, &same);
    cr_assert(slice_equal(slice_of(&der), slice_of(&same)));
    bytes_free(&der);
    bytes_free(&same);
}

Test(general_name, wrong_constraints_are_refused_and_say_why)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        {"dns:", "empty host name"},
        {"dns:.", "ends in a dot"},
        {"dns:..example.com", "empty label"},
        {"dns:*.example.com", "has a wildcard"},
        {"dns:a.*.com", "has a wildcard"},
        {"dns:10.0.0.1", "has an IP address"},
        {"ip:10.0.0.0", "lacks the length"},
        {"ip:10.0.0.1/8", "bits set behind"},
        {"ip:10.0.0.0/33", "no valid prefix length"},
        {"ip:10.0.0.0/", "no valid prefix length"},
        {"ip:10.0.0.0/08", "no valid prefix length"},
        {"ip:10.0.0.0/8x", "no valid prefix length"},
        {"ip:10.0.0.0/-1", "no valid prefix length"},
        {"ip:10.0.0.0/255.0.0.0", "no valid prefix length"},
        {"ip:10.0.0/8", "is not an IP network"},
        {"ip:2001:db8::1/64", "bits set behind"},
        {"ip:2001:db8::/129", "no valid prefix length"},
        {"ip:2001:db8::/9999999999", "no valid prefix length"},
        {"email:", "empty host name"},
        {"email:@example.com", "before the @"},
        {"uri:https://example.com/", "is a whole URI"},
        {"uri:", "empty host name"},
        {"upn:a@b", "constrains nothing"},
        {"rid:1.2.3", "constrains nothing"},
        {"other:1.2.3;utf8:x", "constrains nothing"},
        {"dirname:", "empty name"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes der = BYTES_EMPTY;
        const char *why = NULL;

        cr_assert_eq(general_name_parse_constraint(cases[i].text, NULL, &der, &why), -1, "%s", cases[i].text);
        cr_assert_not_null(why);
        cr_assert_not_null(strstr(why, cases[i].why), "%s: %s", cases[i].text, why);
        cr_assert_eq(der.length, 0);
        bytes_free(&der);
    }
}

/* Goal: nothing a stranger's certificate holds is printed raw. */
Test(general_name, foreign_names_are_escaped_or_shown_in_hexadecimal)
{
    static const struct {
        struct slice der;
        const char *text;
    } cases[] = {
        {{(const unsigned char *)"\x82\x05good\0", 7}, "dns:good\\00"},
        {{(const unsigned char *)"\x82\x0c"
                                 "a\0,dns:evil!",
          14},
         "dns:a\\00\\2Cdns:evil!"},
        {{(const unsigned char *)"\x82\x04"
                                 "a\x1b\xff ",
          6},
         "dns:a\\1B\\FF\\20"},
        {{(const unsigned char *)"\x82\x02"
                                 "\\\"",
          4},
         "dns:\\5C\\22"},
        {{(const unsigned char *)"\x82\x00", 2}, "dns:"},
        {{(const unsigned char *)"\x81\x03"
                                 "a,b",
          5},
         "email:a\\2Cb"},
        {{(const unsigned char *)"\x86\x04"
                                 "a,\n\x7f",
          6},
         "uri:a,\\0A\\7F"},
        {{(const unsigned char *)"\x87\x05"
                                 "12345",
          7},
         "other:#87053132333435"},
        {{(const unsigned char *)"\x87\x00", 2}, "other:#8700"},
        {{(const unsigned char *)"\x88\x01\x80", 3}, "other:#880180"},
        {{(const unsigned char *)"\xa3\x00", 2}, "other:#a300"},
        {{(const unsigned char *)"\xa5\x00", 2}, "other:#a500"},
        {{(const unsigned char *)"\xa4\x02\x31\x00", 4}, "other:#a4023100"},
        {{(const unsigned char *)"\xa4\x02\x30\x00", 4}, "dirname:"},
        {{(const unsigned char *)"\xa0\x00", 2}, "other:#a000"},
        {{(const unsigned char *)"\xa0\x03\x06\x01\x2a", 5}, "other:#a00306012a"},
        {{(const unsigned char *)"\xa0\x07\x06\x01\x2a\xa0\x02\x05\x00", 9}, "other:1.2;der:0500"},
        {{(const unsigned char *)"\xa0\x09\x06\x01\x2a\xa0\x02\x05\x00\x05\x00", 11},
         "other:#a00906012aa00205000500"},
        {{(const unsigned char *)"\xa0\x08\x06\x01\x2a\xa0\x03\x0c\x01\x07", 10}, "other:1.2;der:0c0107"},
        {{(const unsigned char *)"\xa0\x08\x06\x01\x2a\xa0\x03\x16\x01\xff", 10}, "other:1.2;der:1601ff"},
        {{(const unsigned char *)"\xa0\x07\x06\x01\x2a\xa0\x02\x0c\x00", 9}, "other:1.2;der:0c00"},
        {{(const unsigned char *)"\x82\x05"
                                 "a",
          3},
         "other:#820561"},
        {{(const unsigned char *)"\x82\x01"
                                 "ab",
          4},
         "other:#82016162"},
        {{(const unsigned char *)"\x30\x00", 2}, "other:#3000"},
        {{NULL, 0}, "other:#"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_formats(cases[i].der, cases[i].text);
    }
}

Test(general_name, foreign_constraints)
{
    static const struct {
        struct slice der;
        const char *text;
    } cases[] = {
        {{(const unsigned char *)"\x87\x08\x0a\0\0\0\xff\0\xff\0", 10}, "ip:10.0.0.0/255.0.255.0"},
        {{(const unsigned char *)"\x87\x08\x0a\0\0\0\x7f\0\0\0", 10}, "ip:10.0.0.0/127.0.0.0"},
        {{(const unsigned char *)"\x87\x04\x0a\0\0\0", 6}, "other:#87040a000000"},
        {{(const unsigned char *)"\x82\x00", 2}, "dns:"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes text = BYTES_EMPTY;

        cr_assert_eq(general_name_format_constraint(cases[i].der, &text), 0);
        cr_assert_str_eq(bytes_text(&text), cases[i].text);
        bytes_free(&text);
    }
}

Test(general_name, kinds)
{
    static const char *const words[] = {"dns", "ip", "email", "uri", "upn", "rid", "dirname", "other"};
    enum general_name_kind kind;

    for (size_t i = 0; i < COUNT(words); i++) {
        cr_assert_eq(general_name_kind_parse(words[i], &kind), 0, "%s", words[i]);
        cr_assert_str_eq(general_name_kind_word(kind), words[i]);
    }
    cr_assert_eq(general_name_kind_parse("DNS", &kind), -1);
    cr_assert_eq(general_name_kind_parse("", &kind), -1);
    cr_assert_eq(general_name_kind_of(BYTES("\xa3\x00"), &kind), -1);
    cr_assert_eq(general_name_kind_of(BYTES("\xa2\x00"), &kind), -1, "a constructed dNSName");
    cr_assert_eq(general_name_kind_of(BYTES("\x82\x00\x00"), &kind), -1);
    cr_assert_eq(general_name_kind_of((struct slice){NULL, 0}, &kind), -1);
}

Test(host, addresses_have_two_lengths)
{
    unsigned char octets[HOST_ADDRESS_MAX];
    struct bytes text = BYTES_EMPTY;

    cr_assert_eq(host_parse_address(BYTES("1.2.3.4"), octets), 4);
    cr_assert_eq(host_parse_address(BYTES("1.2.3.4\0x"), octets), 0);
    cr_assert_eq(host_parse_address((struct slice){NULL, 0}, octets), 0);
    cr_assert_eq(host_format_address(BYTES("12345"), &text), -1);
    cr_assert_eq(host_format_address((struct slice){NULL, 0}, &text), -1);
    cr_assert_eq(text.length, 0);
    bytes_free(&text);
}
