/* SPDX-License-Identifier: Apache-2.0 */
/* Token URIs (RFC 7512): what they say, and the ones that are refused with the reason. */
#include <string.h>

#include <criterion/criterion.h>

#include "base/token_uri.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Test(token_uri, says_what_it_names)
{
    struct token_uri uri;
    const char *why = NULL;

    cr_assert_eq(token_uri_read("pkcs11:token=My%20CA;object=root%3b2026;id=%00%ff?"
                                "module-path=/usr/lib/x.so&pin-source=file:/run/pin",
                                &uri, &why),
                 0, "%s", why);
    cr_assert_str_eq(bytes_text(&uri.token), "My CA");
    cr_assert_str_eq(bytes_text(&uri.object), "root;2026");
    cr_assert(slice_equal(slice_of(&uri.id), (struct slice){(const unsigned char *)"\0\xff", 2}));
    cr_assert_str_eq(bytes_text(&uri.module_path), "/usr/lib/x.so");
    cr_assert_str_eq(bytes_text(&uri.pin_source), "/run/pin");
    token_uri_free(&uri);
}

Test(token_uri, takes_every_attribute_of_the_rfc)
{
    static const char *const good[] = {
        "pkcs11:",
        "PKCS11:object=a",
        "pkcs11:object=a;type=private;serial=DECC0401648;manufacturer=Aladdin%20Ltd.;model=PKCS15",
        "pkcs11:library-manufacturer=Snake%20Oil;library-description=Soft%20Token",
        "pkcs11:library-version=3.2;slot-id=327",
        "pkcs11:slot-manufacturer=x;slot-description=y?module-name=softhsm2",
        "pkcs11:object=a?pin-source=file:///etc/pin",
        "pkcs11:object=a?pin-source=/etc/pin",
    };

    for (size_t i = 0; i < COUNT(good); i++) {
        struct token_uri uri;
        const char *why = NULL;

        cr_assert_eq(token_uri_read(good[i], &uri, &why), 0, "%s: %s", good[i], why);
        cr_assert(uri.pin_source.length == 0 || strcmp(bytes_text(&uri.pin_source), "/etc/pin") == 0);
        token_uri_free(&uri);
    }
}

Test(token_uri, refuses_with_the_reason)
{
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"pkcs12:object=a", "does not begin with pkcs11:"},
        {"", "does not begin with pkcs11:"},
        {"pkcs11:objekt=a", "has an attribute that RFC 7512 does not know"},
        {"pkcs11:object", "has an attribute that RFC 7512 does not know"},
        {"pkcs11:object=a;object=b", "has an attribute twice"},
        {"pkcs11:object=a?object=b", "has an attribute of the path behind its \"?\""},
        {"pkcs11:object=a;module-path=/x", "has an attribute of the query in front of its \"?\""},
        {"pkcs11:object=a b", "has a character that must be percent-encoded, or a broken %-escape"},
        {"pkcs11:object=a%2", "has a character that must be percent-encoded, or a broken %-escape"},
        {"pkcs11:object=%zz", "has a character that must be percent-encoded, or a broken %-escape"},
        {"pkcs11:object=%", "has a character that must be percent-encoded, or a broken %-escape"},
        {"pkcs11:object=\xc3\xa9", "has a character that must be percent-encoded, or a broken %-escape"},
        {"pkcs11:object=a%00b", "has a NUL in an attribute"},
        {"pkcs11:object=a;type=cert", "has a type= that is not private"},
        {"pkcs11:object=a?module-path=libx.so", "has a module-path that is not absolute"},
        {"pkcs11:object=a?pin-source=|/bin/pin",
         "has a pin-source that is a program, and none is started for a PIN"},
        {"pkcs11:object=a?pin-source=%7C/bin/pin",
         "has a pin-source that is a program, and none is started for a PIN"},
        {"pkcs11:object=a?pin-source=pin", "has a pin-source that is not the absolute path of a file"},
        {"pkcs11:object=a?pin-value=1234",
         "holds the PIN itself (pin-value), which belongs in no file and on no command line"},
        {"pkcs11:object=a;pin-value=1234",
         "holds the PIN itself (pin-value), which belongs in no file and on no command line"},
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        struct token_uri uri;
        const char *why = NULL;

        cr_assert_eq(token_uri_read(bad[i].text, &uri, &why), -1, "%s", bad[i].text);
        cr_assert_str_eq(why, bad[i].why, "%s: %s", bad[i].text, why);
        cr_assert_eq(uri.object.length + uri.token.length + uri.pin_source.length, 0);
    }
}

Test(token_uri, is_bounded)
{
    char text[TOKEN_URI_MAX + 2] = "pkcs11:object=";
    size_t start = strlen(text);
    struct token_uri uri;
    const char *why = NULL;

    memset(text + start, 'a', sizeof(text) - 1 - start);
    text[TOKEN_URI_MAX + 1] = 0;
    cr_assert_eq(token_uri_read(text, &uri, &why), -1);
    cr_assert_str_eq(why, "is longer than 1023 bytes");
    text[TOKEN_URI_MAX] = 0;
    cr_assert_eq(token_uri_read(text, &uri, &why), 0);
    token_uri_free(&uri);
}
