/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lint rules on the traps of mutual TLS: purposes, names, and what a certificate and the authorities above it make of each other.
 */
#include <string.h>

#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/host.h"
#include "x509/lint_case.h"
#include "x509/name.h"

static bool usage_narrowed(const struct lint_case *c, struct lint_detail *detail)
{
    unsigned wanted = c->usages & (LINT_EKU_SERVER | LINT_EKU_CLIENT);

    for (const struct lint_case *above = c->above; c->leaf && above != NULL; above = above->above) {
        unsigned missing = wanted & ~above->usages;

        if (above->known[LINT_EXTENDED_KEY_USAGE] != NULL && (above->usages & LINT_EKU_ANY) == 0 &&
            missing != 0) {
            lint_say(detail, "an authority above lacks %s",
                     (missing & LINT_EKU_CLIENT) != 0 ? "clientAuth" : "serverAuth");
            return true;
        }
    }
    return false;
}

/* The same before there is a leaf under it: readers let no extended key usage of a root count. */
static bool ca_without_clients(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->ca && !c->self_signed && c->known[LINT_EXTENDED_KEY_USAGE] != NULL &&
           (c->usages & (LINT_EKU_CLIENT | LINT_EKU_ANY)) == 0;
}

static bool both_purposes(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->leaf && (c->usages & LINT_EKU_SERVER) != 0 && (c->usages & LINT_EKU_CLIENT) != 0;
}

static bool no_purpose(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->leaf && c->known[LINT_EXTENDED_KEY_USAGE] == NULL;
}

static bool any_purpose(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->leaf && (c->usages & LINT_EKU_ANY) != 0;
}

static bool no_signature(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return (c->server || c->client) && c->key_usage_any && (c->key_usage & KEY_USAGE_DIGITAL_SIGNATURE) == 0;
}

/* otherName of a UPN counts as a person, as every otherName here: no server is found by one. */
static bool is_person(const struct der_item *name)
{
    return name->tag == DER_CONTEXT(GENERAL_NAME_EMAIL) ||
           name->tag == DER_CONTEXT_CONSTRUCTED(GENERAL_NAME_OTHER);
}

static bool person_as_server(const struct lint_case *c, struct lint_detail *detail)
{
    return c->leaf && (c->usages & LINT_EKU_SERVER) != 0 && (c->usages & LINT_EKU_CLIENT) == 0 && !c->hosts &&
           lint_any_name(c, is_person, detail);
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c - 'A' + 'a') : c;
}

static bool equal_folded(struct slice one, struct slice other)
{
    for (size_t i = 0; i < one.length && one.length == other.length; i++) {
        if (lower(one.data[i]) != lower(other.data[i])) {
            return false;
        }
    }
    return one.length == other.length;
}

/* Whether dns name @p name is @p host, or a wildcard that covers it. */
static bool dns_covers(struct slice name, struct slice host)
{
    const unsigned char *dot = host.length == 0 ? NULL : memchr(host.data, '.', host.length);

    if (name.length > 2 && name.data[0] == '*' && name.data[1] == '.' && dot != NULL) {
        size_t front = (size_t)(dot - host.data);

        return equal_folded((struct slice){name.data + 1, name.length - 1},
                            (struct slice){dot, host.length - front});
    }
    return equal_folded(name, host);
}

/* Whether @p host, a name or an address, is among the alternative names. */
static bool among_names(const struct lint_case *c, struct slice host)
{
    unsigned char octets[HOST_ADDRESS_MAX];
    size_t length = host_parse_address(host, octets);
    const struct slice address = {octets, length};
    struct slice rest = c->san;
    struct der_item name;

    while (der_read(&rest, &name) == 1) {
        if (length != 0 ? name.tag == DER_CONTEXT(GENERAL_NAME_IP) && slice_equal(name.content, address)
                        : name.tag == DER_CONTEXT(GENERAL_NAME_DNS) && dns_covers(name.content, host)) {
            return true;
        }
    }
    return false;
}

static bool cn_missing(const struct lint_case *c, struct lint_detail *detail)
{
    struct slice rest = c->subject;
    struct der_item outer;
    struct der_item set;
    struct der_item pair;
    struct der_item type;
    struct der_item value;

    if (!c->server || der_expect(&rest, DER_SEQUENCE, &outer) != 0) {
        return false;
    }
    while (der_read(&outer.content, &set) == 1) {
        while (der_read(&set.content, &pair) == 1) {
            if (der_expect(&pair.content, DER_OID, &type) == 0 && type.content.length == 3 &&
                type.content.data[0] == 0x55 && type.content.data[1] == 0x04 && type.content.data[2] == 3 &&
                der_read(&pair.content, &value) == 1 && lint_looks_like_host(value.content) &&
                !among_names(c, value.content)) {
                lint_say(detail, "%.*s", (int)value.content.length, (const char *)value.content.data);
                return true;
            }
        }
    }
    return false;
}

static bool has_star(const struct der_item *name)
{
    return name->tag == DER_CONTEXT(GENERAL_NAME_DNS) && name->content.length != 0 &&
           memchr(name->content.data, '*', name->content.length) != NULL;
}

static bool wrong_star(const struct der_item *name)
{
    return has_star(name) && host_complaint(name->content, HOST_WILDCARD) != NULL;
}

static bool wildcard(const struct lint_case *c, struct lint_detail *detail)
{
    return lint_any_name(c, wrong_star, detail);
}

static bool wildcard_client(const struct lint_case *c, struct lint_detail *detail)
{
    return c->leaf && (c->usages & LINT_EKU_CLIENT) != 0 && (c->usages & LINT_EKU_SERVER) == 0 &&
           lint_any_name(c, has_star, detail);
}

static bool is_address(const struct der_item *name)
{
    unsigned char octets[HOST_ADDRESS_MAX];

    return name->tag == DER_CONTEXT(GENERAL_NAME_DNS) && host_parse_address(name->content, octets) != 0;
}

static bool address_as_dns(const struct lint_case *c, struct lint_detail *detail)
{
    return lint_any_name(c, is_address, detail);
}

static bool ca_as_server(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->ca && c->hosts;
}

static bool self_signed_leaf(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->leaf && c->self_signed;
}

static bool named_as_issuer(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->self_issued && !c->ca && !name_is_empty(c->subject) &&
           (!c->self_signed || (c->above != NULL && !slice_equal(c->above->spki, c->spki)));
}

static bool outlives(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->above != NULL && c->time_read[1] && c->above->time_read[1] && c->at[1] > c->above->at[1];
}

static bool no_crl_sign(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->ca && c->key_usage_any && (c->key_usage & KEY_USAGE_CRL_SIGN) == 0;
}

static bool issuer_pair(const struct lint_case *c, struct lint_detail *detail)
{
    (void)detail;
    return c->aki_pair && !c->self_issued;
}

static const struct lint_rule rules[] = {
    {"mtls-usage-narrowed", LINT_ERROR, LINT_MTLS,
     "CA/Browser Forum Baseline Requirements section 7.1.2.10.6",
     "an authority above is limited to other purposes: OpenSSL, Apple, Windows and Firefox refuse the "
     "certificate",
     "an authority without extended_key_usage, or with what stands under it", usage_narrowed},
    {"mtls-ca-without-clients", LINT_NOTICE, LINT_MTLS,
     "CA/Browser Forum Baseline Requirements section 7.1.2.10.6",
     "the authority is limited to other purposes than clientAuth: no client under it is let in",
     "an authority without extended_key_usage, or with clientAuth", ca_without_clients},
    {"mtls-both-purposes", LINT_NOTICE, LINT_MTLS, "RFC 5280 section 4.2.1.12; mkcert issues 273 and 547",
     "it is good as a server and as a client: a stolen server key opens what asks for clients",
     "two certificates, unless it is a peer", both_purposes},
    {"mtls-no-purpose", LINT_WARNING, LINT_MTLS, "RFC 5280 section 4.2.1.12",
     "it has no extended key usage: servers take it as a client, and clients as a server",
     "extended_key_usage: [clientAuth] or [serverAuth]", no_purpose},
    {"mtls-any-purpose", LINT_WARNING, LINT_MTLS, "RFC 5280 section 4.2.1.12",
     "it is good for any purpose (anyExtendedKeyUsage)", "the purposes it has", any_purpose},
    {"mtls-digital-signature", LINT_ERROR, LINT_MTLS, "RFC 8446 section 4.4.2.2",
     "keyUsage lacks digitalSignature: there is no TLS 1.3 with it, and no ECDHE", "digitalSignature",
     no_signature},
    {"mtls-person-as-server", LINT_WARNING, LINT_MTLS, "RFC 9525 section 6.2",
     "its names are a person's, and it is good as a server alone", "profile client", person_as_server},
    {"mtls-cn-not-in-san", LINT_WARNING, LINT_MTLS, "RFC 9525 section 2",
     "the CN is a host that is not among the alternative names, where alone clients look",
     "the host in the SAN, too", cn_missing},
    {"mtls-wildcard", LINT_ERROR, LINT_MTLS, "RFC 9525 section 6.3",
     "a wildcard stands where clients do not take one", "as the whole left-most label: *.example.com",
     wildcard},
    {"mtls-wildcard-client", LINT_WARNING, LINT_MTLS, "RFC 9525 section 6.3",
     "a client's name is a wildcard: nobody can say who it is", "a name of its own", wildcard_client},
    {"mtls-address-as-dns", LINT_ERROR, LINT_MTLS, "RFC 5280 section 4.2.1.6, RFC 9525 section 6.5",
     "a dns name is an address, where nobody looks for addresses", "ip:ADDRESS", address_as_dns},
    {"mtls-ca-with-hosts", LINT_WARNING, LINT_MTLS, "Firefox: MOZILLA_PKIX_ERROR_CA_CERT_USED_AS_END_ENTITY",
     "an authority has names of hosts; as a server it is refused by Firefox and Apple",
     "a server certificate issued by it", ca_as_server},
    {"mtls-self-signed-leaf", LINT_NOTICE, LINT_MTLS, "RFC 5280 section 3.2",
     "it signed itself: everybody must be told of each new one", "an authority that issues it",
     self_signed_leaf},
    {"mtls-named-as-issuer", LINT_WARNING, LINT_MTLS,
     "RFC 5280 section 3.2; MySQL Reference Manual, Creating SSL Certificates and Keys Using openssl",
     "its subject is its issuer's: programs that go by names take it for self-signed", "another subject",
     named_as_issuer},
    {"mtls-outlives-issuer", LINT_WARNING, LINT_MTLS, "RFC 5280 section 6.1.3 (a)",
     "it lives longer than its issuer, with which it ends", "a shorter validity, or a new authority",
     outlives},
    {"mtls-crl-sign", LINT_WARNING, LINT_MTLS, "RFC 5280 section 6.3.3 (f)",
     "the authority's keyUsage lacks cRLSign: its CRLs are refused", "keyCertSign and cRLSign", no_crl_sign},
    {"mtls-issuer-pair", LINT_NOTICE, LINT_MTLS, "RFC 5280 section 4.2.1.1",
     "its authorityKeyIdentifier names the issuer's serial number: a renewed authority does not fit it",
     "the key identifier alone", issuer_pair},
};

const struct lint_family lint_mtls = {rules, sizeof(rules) / sizeof(rules[0])};
