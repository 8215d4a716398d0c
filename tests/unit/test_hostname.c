/* SPDX-License-Identifier: Apache-2.0 */
/* Internationalised host names: to A-labels, alone and within SANs; what cannot be translated says why. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "manifest/hostname.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct sample {
    const char *from;
    const char *to; /* NULL: refused with the reason */
    const char *why;
};

#define MALFORMED  "has a part \"xn--...\" that is not well-formed (RFC 3492)"
#define NO_NAME    "has a part \"xn--...\" that no name is translated to (RFC 5891, section 5.4)"
#define DISALLOWED "has a character that no host name may have (RFC 5892)"

typedef int (*translate_fn)(const char *from, struct bytes *ascii, const char **why);

static void translates(translate_fn translate, const struct sample *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes ascii = BYTES_EMPTY;
        const char *why = NULL;
        int status;

        cr_assert_eq(bytes_append_text(&ascii, "before "), 0);
        status = translate(samples[i].from, &ascii, &why);
        if (samples[i].to != NULL) {
            cr_assert_eq(status, 0, "%s: %s", samples[i].from, why);
            cr_assert_str_eq(bytes_text(&ascii) + strlen("before "), samples[i].to);
        } else {
            cr_assert_eq(status, -1, "%s gave %s", samples[i].from, bytes_text(&ascii));
            cr_assert_str_eq(why, samples[i].why, "%s: %s", samples[i].from, why);
            cr_assert_str_eq(bytes_text(&ascii), "before ", "%s left something", samples[i].from);
        }
        cr_assert_eq(ascii.length, strlen(bytes_text(&ascii)));
        bytes_free(&ascii);
    }
}

Test(hostname, hosts)
{
    static const struct sample samples[] = {
        /* ASCII passes, whatever it is */
        {"", "", NULL},
        {"localhost", "localhost", NULL},
        {"WWW.Example.COM.", "WWW.Example.COM.", NULL},
        {"-not a host-", "-not a host-", NULL},
        {"*.example.com", "*.example.com", NULL},
        {"xn--bcher-kva.example", "xn--bcher-kva.example", NULL},
        /* RFC 5891; sharp s and final sigma as they are (non-transitional) */
        {"bücher.example", "xn--bcher-kva.example", NULL},
        {"BÜCHER.Example", "xn--bcher-kva.example", NULL},
        {"bu\xcc\x88"
         "cher.example",
         "xn--bcher-kva.example", NULL}, /* decomposed */
        {"faß.de", "xn--fa-hia.de", NULL},
        {"例え.テスト", "xn--r8jz45g.xn--zckzah", NULL},
        {"пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f", NULL},
        {"a。bücher", "a.xn--bcher-kva", NULL},
        {"*.bücher.example", "*.xn--bcher-kva.example", NULL},
        {".bücher.example", ".xn--bcher-kva.example", NULL},
        {"_sip._tcp.bücher.example", "_sip._tcp.xn--bcher-kva.example", NULL},
        {"bücher.example.", "xn--bcher-kva.example.", NULL},
        /* refused */
        {"☃.example", NULL, DISALLOWED},
        {"ü b.example", NULL, DISALLOWED},
        {"ü/b", NULL, DISALLOWED},
        {"evil℀.example", NULL, DISALLOWED},
        {"user＠example.com", NULL, DISALLOWED},
        {"-ü.example", NULL, "has a part that begins or ends with \"-\""},
        {"\xcc\x81"
         "a.example",
         NULL, "has a part that begins with a combining character"},
        {"ab--ü.example", NULL,
         "has a part with \"--\" at its third and fourth place, which only \"xn--...\" may have"},
        {"אa.example", NULL, "mixes left-to-right and right-to-left characters (RFC 5893)"},
        {"ü\xe2\x80\x8d.example", NULL,
         "has a character that may not stand in this context (RFC 5892, appendix A)"},
        {"\xff.example", NULL, "is not valid UTF-8"},
        {"üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü.example", NULL,
         "has a part longer than 63 characters, in the form \"xn--...\""},
    };

    translates(hostname_to_ascii, samples, COUNT(samples));
}

Test(hostname, sans)
{
    static const struct sample samples[] = {
        {"dns:bücher.example", "dns:xn--bcher-kva.example", NULL},
        {"DNS:*.bücher.example", "DNS:*.xn--bcher-kva.example", NULL},
        {"dns:", "dns:", NULL},
        {"dns:localhost", "dns:localhost", NULL},
        {"email:a@bücher.example", "email:a@xn--bcher-kva.example", NULL},
        {"email:jörg@bücher.example", "email:jörg@xn--bcher-kva.example", NULL},
        {"email:\"a@b\"@bücher.example", "email:\"a@b\"@xn--bcher-kva.example", NULL},
        {"email:bücher.example", "email:xn--bcher-kva.example", NULL},
        {"email:.bücher.example", "email:.xn--bcher-kva.example", NULL},
        {"email:jörg", "email:jörg", NULL},
        {"uri:https://bücher.example", "uri:https://xn--bcher-kva.example", NULL},
        {"uri:https://jö:x@bücher.example:8443/ü?ü#ü", "uri:https://jö:x@xn--bcher-kva.example:8443/ü?ü#ü",
         NULL},
        {"uri:https://bücher.example?q", "uri:https://xn--bcher-kva.example?q", NULL},
        {"uri:https://[::1]/ü", "uri:https://[::1]/ü", NULL},
        {"uri:https:///ü", "uri:https:///ü", NULL},
        {"uri:https://example/@ü", "uri:https://example/@ü", NULL},
        {"uri:spiffe://bücher.example/x", "uri:spiffe://xn--bcher-kva.example/x", NULL},
        {"uri:urn:ü", "uri:urn:ü", NULL},
        {"ip:127.0.0.1", "ip:127.0.0.1", NULL},
        {"upn:jörg@bücher.example", "upn:jörg@bücher.example", NULL},
        {"dirname:CN=ü", "dirname:CN=ü", NULL},
        {"bücher.example", "bücher.example", NULL},
        {"", "", NULL},
        /* A-labels that are written as such */
        {"dns:xn--bcher-kva.example", "dns:xn--bcher-kva.example", NULL},
        {"dns:*.XN--Bcher-KVA.example", "dns:*.XN--Bcher-KVA.example", NULL},
        {"dns:xn--fa-hia.de", "dns:xn--fa-hia.de", NULL},
        {"uri:https://xn--bcher-kva.example:8443/xn--a", "uri:https://xn--bcher-kva.example:8443/xn--a",
         NULL},
        {"dns:www.xn--.example", NULL, MALFORMED},
        {"dns:xn--a.example", NULL, DISALLOWED},
        {"dns:xn--example-.com", NULL, MALFORMED},
        {"email:a@xn--99999999999.example", NULL, MALFORMED},
        {"uri:https://xn--zz-.example/", NULL, MALFORMED},
        {"dns:xn--bcher-kvb.example", NULL, NO_NAME}, /* U+01C8, which is written as lj */
        {"dns:xn--ls8h.example", NULL, DISALLOWED},   /* U+1F4A9, no letter */
        {"dns:☃.example", NULL, DISALLOWED},
        {"uri:https://evil℀.example/x", NULL, DISALLOWED},
        {"email:a@ü b", NULL, DISALLOWED},
    };

    translates(hostname_in_san_to_ascii, samples, COUNT(samples));
}
