/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x509/name_constraints: each verdict is the one OpenSSL gives of a real chain with these constraints and names; what is told of a
 * breach; constraints read back out of an extension, and broken ones.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/fault.h"
#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/issuer.h"
#include "x509/name.h"
#include "x509/name_constraints.h"
#include "x509/oid.h"

#define NOW             1750000000
#define LITERAL(octets) ((struct slice){(const unsigned char *)(octets), sizeof(octets) - 1})

static struct context *context;
static struct faults *faults;
static struct key *key;
static struct profile authority_profile, leaf_profile;

static void set_up(void)
{
    struct key_maker *maker;

    context = context_new(NULL);
    faults = faults_new();
    maker = key_maker_new(context, KEY_EC_P256, faults);
    key = key_maker_make(maker, faults);
    key_maker_free(maker);
    profile_init(&authority_profile);
    authority_profile.ca = true;
    authority_profile.key_usage = KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN;
    profile_init(&leaf_profile);
    leaf_profile.key_usage = KEY_USAGE_DIGITAL_SIGNATURE;
}

static void tear_down(void)
{
    profile_free(&authority_profile);
    profile_free(&leaf_profile);
    key_free(key);
    faults_free(faults);
    context_free(context);
}

TestSuite(name_constraints, .init = set_up, .fini = tear_down);

/* ---- chains ------------------------------------------------------------------------------------------------------ */

/* Names, or bases of constraints, one after the other; the texts are separated by spaces. */
static void parse_all(const char *texts, bool constraint, struct bytes *der)
{
    char *copy = strdup(texts), *at = copy;

    while (*at != '\0') {
        size_t length = strcspn(at, " ");
        const char *why = NULL;
        char *next = at[length] == ' ' ? at + length + 1 : at + length;

        at[length] = '\0';
        cr_assert_eq(constraint ? general_name_parse_constraint(at, NULL, der, &why)
                                : general_name_parse(at, NULL, der, &why),
                     0, "%s %s", at, why);
        at = next;
    }
    free(copy);
}

static struct bytes subject_of(const char *text)
{
    struct name name = {NULL, 0};
    struct bytes der = BYTES_EMPTY;
    const char *why = NULL;

    cr_assert_eq(name_parse(text, &name, &why), 0, "%s %s", text, why);
    cr_assert_eq(name_encode(&name, &der), 0);
    name_free(&name);
    return der;
}

static struct issuance order(const struct profile *profile, struct slice subject, const struct bytes *spki,
                             const struct serial *serial)
{
    return (struct issuance){.profile = profile,
                             .subject = subject,
                             .spki = slice_of(spki),
                             .family = key_family_of(key),
                             .serial = serial_slice(serial),
                             .not_before = NOW - 3600,
                             .not_after = NOW + 86400,
                             .path_length = -1};
}

static X509 *parse(const struct bytes *der)
{
    const unsigned char *at = der->data;
    X509 *x509 = d2i_X509(NULL, &at, (long)der->length);

    cr_assert_not_null(x509);
    return x509;
}

static int verify(const struct bytes *root, const struct bytes *leaf)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *verification = X509_STORE_CTX_new();
    X509 *certificates[2] = {parse(leaf), parse(root)};
    int status;

    cr_assert_eq(X509_STORE_add_cert(store, certificates[1]), 1);
    cr_assert_eq(X509_STORE_CTX_init(verification, store, certificates[0], NULL), 1);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(verification), NOW);
    status = X509_verify_cert(verification) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(verification);
    X509_STORE_CTX_free(verification);
    X509_STORE_free(store);
    X509_free(certificates[0]);
    X509_free(certificates[1]);
    return status;
}

/* One authority's constraints, one leaf under it, and the first name of it that is told of. */
struct row {
    const char *permitted, *excluded;
    const char *subject, *names;
    const char *told; /* NULL: all fit */
};

static int note_first(void *state, const struct name_breach *breach)
{
    struct bytes *text = state;

    cr_assert_eq(name_breach_text(breach, text), 0);
    return 1;
}

static void compare(const struct row *row)
{
    struct bytes permitted = BYTES_EMPTY, excluded = BYTES_EMPTY, names = BYTES_EMPTY, spki = BYTES_EMPTY;
    struct bytes root = BYTES_EMPTY, leaf = BYTES_EMPTY, text = BYTES_EMPTY;
    struct bytes root_name = subject_of("CN=Root"), subject = subject_of(row->subject);
    struct serial serial;
    struct issuance issuance;
    struct signer *signer = signer_from_key(context, key, faults);
    struct name_constraints constraints;
    struct issuer *issuer;
    int found, verdict;

    parse_all(row->permitted, true, &permitted);
    parse_all(row->excluded, true, &excluded);
    parse_all(row->names, false, &names);
    cr_assert_eq(key_spki(key, &spki, faults), 0);
    cr_assert_eq(serial_make(context, &serial), 0);
    issuance = order(&authority_profile, slice_of(&root_name), &spki, &serial);
    issuance.permitted = slice_of(&permitted);
    issuance.excluded = slice_of(&excluded);
    cr_assert_eq(issuer_self_sign(context, signer, &issuance, &root, faults), 0, "%s",
                 faults_text(faults, 0));
    issuer = issuer_new(context, slice_of(&root), signer, faults);
    cr_assert_not_null(issuer);
    issuance = order(&leaf_profile, slice_of(&subject), &spki, &serial);
    issuance.names = slice_of(&names);
    cr_assert_eq(issuer_issue(issuer, &issuance, &leaf, faults), 0, "%s", faults_text(faults, 0));

    constraints = (struct name_constraints){slice_of(&permitted), slice_of(&excluded)};
    found =
        name_constraints_check(&constraints, slice_of(&subject), slice_of(&names), true, note_first, &text);
    verdict = verify(&root, &leaf);
    cr_expect_eq(found, row->told != NULL ? 1 : 0, "[%s] [%s] against %s %s: %s", row->permitted,
                 row->excluded, row->subject, row->names, bytes_text(&text));
    cr_expect_str_eq(bytes_text(&text), row->told != NULL ? row->told : "");
    cr_expect_eq(verdict == X509_V_OK, found == 0, "[%s] [%s] against %s %s: OpenSSL says %s", row->permitted,
                 row->excluded, row->subject, row->names, X509_verify_cert_error_string(verdict));

    issuer_free(issuer);
    bytes_free(&permitted);
    bytes_free(&excluded);
    bytes_free(&names);
    bytes_free(&spki);
    bytes_free(&root);
    bytes_free(&leaf);
    bytes_free(&text);
    bytes_free(&root_name);
    bytes_free(&subject);
}

#define COMPARE(rows)                                                                                        \
    for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) {                                          \
        compare(&(rows)[i]);                                                                                 \
    }

Test(name_constraints, hosts_as_openssl_judges_them)
{
    static const struct row rows[] = {
        {"dns:example.com", "", "CN=a", "dns:example.com", NULL},
        {"dns:example.com", "", "CN=a", "dns:WWW.EXAMPLE.com", NULL},
        {"dns:example.com", "", "CN=a", "dns:*.example.com", NULL},
        {"dns:example.com", "", "CN=a", "dns:badexample.com",
         "dns:badexample.com lies outside of what is permitted"},
        {"dns:example.com", "", "CN=a", "dns:com", "dns:com lies outside of what is permitted"},
        {"dns:.example.com", "", "CN=a", "dns:example.com",
         "dns:example.com lies outside of what is permitted"},
        {"dns:.example.com", "", "CN=a", "dns:a.b.example.com", NULL},
        {"dns:example.org dns:example.com", "", "CN=a", "dns:example.com dns:a.example.org", NULL},
        {"dns:example.com", "", "CN=a", "ip:192.0.2.1 email:a@example.org", NULL},
        {"dns:example.com", "dns:secret.example.com", "CN=a", "dns:www.example.com", NULL},
        {"dns:example.com", "dns:secret.example.com", "CN=a", "dns:a.secret.example.com",
         "dns:a.secret.example.com is excluded by dns:secret.example.com"},
        {"", "dns:example.com", "CN=a", "dns:example.org", NULL},
        {"", "dns:example.com", "CN=a", "dns:example.org dns:example.com",
         "dns:example.com is excluded by dns:example.com"},
        /* a common name counts where no SAN has a host, and only when it reads as one */
        {"dns:example.com", "", "CN=www.example.org", "",
         "dns:www.example.org lies outside of what is permitted"},
        {"dns:example.com", "", "CN=www.example.org", "dns:www.example.com", NULL},
        {"dns:example.com", "", "CN=localhost", "", NULL},
        {"dns:example.com", "", "CN=Jane Doe Jr. of example.org", "", NULL},
        {"", "dns:example.com", "CN=www.example.com", "ip:192.0.2.1",
         "dns:www.example.com is excluded by dns:example.com"},
    };

    COMPARE(rows)
}

Test(name_constraints, mailboxes_as_openssl_judges_them)
{
    static const struct row rows[] = {
        {"email:example.com", "", "CN=a", "email:a@EXAMPLE.com", NULL},
        {"email:example.com", "", "CN=a", "email:a@b.example.com",
         "email:a@b.example.com lies outside of what is permitted"},
        {"email:.example.com", "", "CN=a", "email:a@b.example.com", NULL},
        {"email:.example.com", "", "CN=a", "email:a@example.com",
         "email:a@example.com lies outside of what is permitted"},
        {"email:a@example.com", "", "CN=a", "email:a@Example.com", NULL},
        {"email:a@example.com", "", "CN=a", "email:A@example.com",
         "email:A@example.com lies outside of what is permitted"},
        {"email:a@example.com", "", "CN=a", "email:b@example.com",
         "email:b@example.com lies outside of what is permitted"},
        {"", "email:example.com", "CN=a", "email:a@example.com",
         "email:a@example.com is excluded by email:example.com"},
        /* those in the subject count, too */
        {"email:example.com", "", "emailAddress=a@example.com,CN=a", "", NULL},
        {"email:example.com", "", "emailAddress=a@example.org,CN=a", "",
         "email:a@example.org lies outside of what is permitted"},
        {"", "email:example.org", "CN=a+emailAddress=a@example.org,O=b", "email:b@example.com",
         "email:a@example.org is excluded by email:example.org"},
    };

    COMPARE(rows)
}

Test(name_constraints, addresses_and_uris_as_openssl_judges_them)
{
    static const struct row rows[] = {
        {"ip:10.0.0.0/8", "", "CN=a", "ip:10.255.0.1", NULL},
        {"ip:10.0.0.0/8", "", "CN=a", "ip:11.0.0.1", "ip:11.0.0.1 lies outside of what is permitted"},
        {"ip:10.0.0.0/8", "", "CN=a", "ip:::1", "ip:::1 lies outside of what is permitted"},
        {"ip:2001:db8::/33", "", "CN=a", "ip:2001:db8:7fff::1", NULL},
        {"ip:2001:db8::/33", "", "CN=a", "ip:2001:db8:8000::1",
         "ip:2001:db8:8000::1 lies outside of what is permitted"},
        {"ip:10.0.0.0/8", "ip:10.9.8.0/23", "CN=a", "ip:10.9.9.1",
         "ip:10.9.9.1 is excluded by ip:10.9.8.0/23"},
        {"", "ip:0.0.0.0/0 ip:::/0", "CN=a", "ip:192.0.2.1", "ip:192.0.2.1 is excluded by ip:0.0.0.0/0"},
        {"uri:example.com", "", "CN=a", "uri:https://EXAMPLE.com/a", NULL},
        {"uri:example.com", "", "CN=a", "uri:https://example.com:8443/", NULL},
        {"uri:example.com", "", "CN=a", "uri:https://www.example.com/",
         "uri:https://www.example.com/ lies outside of what is permitted"},
        {"uri:.example.com", "", "CN=a", "uri:spiffe://a.example.com/b", NULL},
        {"uri:.example.com", "", "CN=a", "uri:spiffe://example.com/b",
         "uri:spiffe://example.com/b lies outside of what is permitted"},
        {"", "uri:example.com", "CN=a", "uri:https://example.com/",
         "uri:https://example.com/ is excluded by uri:example.com"},
        {"", "uri:example.com", "CN=a", "uri:urn:uuid:f81d4fae",
         "uri:urn:uuid:f81d4fae has a form that cannot be held against name constraints"},
        {"dns:example.com", "", "CN=a", "uri:urn:uuid:f81d4fae dns:example.com", NULL},
    };

    COMPARE(rows)
}

Test(name_constraints, directory_names_as_openssl_judges_them)
{
    static const struct row rows[] = {
        {"dirname:O=Example,C=US", "", "CN=a,O=Example,C=US", "", NULL},
        {"dirname:O=Example,C=US", "", "CN=a,O=EXAMPLE,C=US", "", NULL},
        {"dirname:O=Example,C=US", "", "CN=a,O=Other,C=US", "",
         "dirname:CN=a,O=Other,C=US lies outside of what is permitted"},
        {"dirname:O=Example,C=US", "", "C=US", "", "dirname:C=US lies outside of what is permitted"},
        {"dirname:C=US", "dirname:O=Example,C=US", "CN=a,O=Example,C=US", "",
         "dirname:CN=a,O=Example,C=US is excluded by dirname:O=Example,C=US"},
        {"dirname:O=Example", "", "CN=a,O=Example", "dirname:O=Other",
         "dirname:O=Other lies outside of what is permitted"},
        {"dirname:O=Example", "", "CN=a,O=Example", "dns:example.com", NULL},
        /* an empty subject is no name */
        {"dirname:O=Example", "", "", "dns:example.com", NULL},
    };

    COMPARE(rows)
}

/* ---- one name ---------------------------------------------------------------------------------------------------- */

Test(name_constraints, forms_that_cannot_be_judged)
{
    static const struct {
        const char *name;
        const char *base;
        size_t name_length, base_length;
        enum name_verdict verdict;
    } rows[] = {
#define ROW(name, base, verdict) {name, base, sizeof(name) - 1, sizeof(base) - 1, verdict}
        ROW("\x82\x01"
            "a",
            "\x82\x01"
            "a",
            NAME_FITS),
        ROW("\x82\x02"
            "a\0",
            "\x82\x01"
            "a",
            NAME_UNJUDGED), /* NUL */
        ROW("\x82\x02"
            "a\xe4",
            "\x82\x00", NAME_UNJUDGED), /* not ASCII */
        ROW("\x87\x03\x7f\x00\x00", "\x87\x08\x7f\x00\x00\x00\xff\x00\x00\x00",
            NAME_UNJUDGED),                                                         /* no address */
        ROW("\x87\x04\x7f\x00\x00\x01", "\x87\x04\x7f\x00\x00\x01", NAME_UNJUDGED), /* no network */
        ROW("\x81\x01"
            "a",
            "\x81\x01"
            "b",
            NAME_UNJUDGED),                                             /* no mailbox */
        ROW("\x88\x01\x2a", "\x88\x01\x2a", NAME_UNJUDGED),             /* registeredID */
        ROW("\xa4\x03\x30\x01\x31", "\xa4\x02\x30\x00", NAME_UNJUDGED), /* broken Name */
        ROW("\x82\x05"
            "a",
            "\x81\x01"
            "b",
            NAME_UNJUDGED), /* longer than it is */
        ROW("\x88\x01\x2a",
            "\x82\x01"
            "a",
            NAME_FITS),
        ROW("\x86\x11"
            "https://[::1]/aaa",
            "\x86\x03"
            "::1",
            NAME_UNJUDGED), /* RFC 5280: a host must be a name */
        ROW("\x86\x10"
            "https://10.0.0.1",
            "\x86\x08"
            "10.0.0.1",
            NAME_UNJUDGED),
        ROW("\x86\x0d"
            "ldap://u:p@aa",
            "\x86\x02"
            "aa",
            NAME_FITS),
#undef ROW
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct name_constraints constraints = {{(const unsigned char *)rows[i].base, rows[i].base_length},
                                               {NULL, 0}};

        cr_expect_eq(
            name_constraints_match(
                &constraints, (struct slice){(const unsigned char *)rows[i].name, rows[i].name_length}, NULL),
            rows[i].verdict, "row %zu", i);
    }
}

/* ---- the extension ----------------------------------------------------------------------------------------------- */

Test(name_constraints, an_extension_is_read_back)
{
    struct bytes permitted = BYTES_EMPTY, excluded = BYTES_EMPTY;

    cr_assert_eq(name_constraints_read(LITERAL("\x30\x10\xa0\x07\x30\x05\x82\x03"
                                               "com\xa1\x05\x30\x03\x82\x01"
                                               "a"),
                                       &permitted, &excluded),
                 0);
    cr_expect(slice_equal(slice_of(&permitted), LITERAL("\x82\x03"
                                                        "com")));
    cr_expect(slice_equal(slice_of(&excluded), LITERAL("\x82\x01"
                                                       "a")));
    /* a maximum; a third list; cut short; more behind it */
    cr_expect_eq(name_constraints_read(LITERAL("\x30\x0a\xa0\x08\x30\x06\x82\x01"
                                               "a\x81\x01\x01"),
                                       &permitted, &excluded),
                 -1);
    cr_expect_eq(name_constraints_read(LITERAL("\x30\x07\xa2\x05\x30\x03\x82\x01"
                                               "a"),
                                       &permitted, &excluded),
                 -1);
    cr_expect_eq(name_constraints_read(LITERAL("\x30\x07\xa0\x05\x30\x04\x82\x01"
                                               "a"),
                                       &permitted, &excluded),
                 -1);
    cr_expect_eq(name_constraints_read(LITERAL("\x30\x00\x00"), &permitted, &excluded), -1);
    cr_expect_eq(permitted.length, 5);
    bytes_free(&permitted);
    bytes_free(&excluded);
}
