/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a profile's YAML, laid over a profile. */
#include "manifest/profile_fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "manifest/complaint.h"
#include "manifest/field.h"
#include "manifest/subject.h"
#include "manifest/value.h"
#include "x509/asn1_text.h"
#include "x509/bundle.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"

/** Minutes a certificate begins in the past by default, for clocks that are slow. */
#define BACKDATE_SECONDS (INT64_C(5) * 60)
#define PATH_LENGTH_MAX  255
#define EXTENSIONS_MAX   64
#define URL_MAX          2000

static const enum general_name_kind san_kinds[] = {
    GENERAL_NAME_DNS, GENERAL_NAME_IP,  GENERAL_NAME_EMAIL,   GENERAL_NAME_URI,
    GENERAL_NAME_UPN, GENERAL_NAME_RID, GENERAL_NAME_DIRNAME, GENERAL_NAME_OTHER,
};
#define SAN_KINDS (sizeof(san_kinds) / sizeof(san_kinds[0]))

void profile_fields_start(struct profile *profile)
{
    size_t i;

    profile_init(profile);
    profile->key = KEY_EC_P256;
    profile->backdate = (struct duration){0, BACKDATE_SECONDS};
    for (i = 0; i < SAN_KINDS; i++) {
        profile->san_allow |= profile_san_bit((int)san_kinds[i]);
    }
}

/* ---- lists of OIDs -------------------------------------------------------------------------------------------------- */

/** A list of OIDs while it is read: where it goes and how its items are parsed. */
struct oid_list {
    struct oid **items;
    size_t *count;
    int (*parse)(const char *text, struct oid *oid);
    const char *what;
    const char *hint;
    const char *(*nearest)(const char *text);
};

static int add_oid(void *state, const char *text, const struct node *node, const struct path *path,
                   struct faults *faults)
{
    struct oid_list *list = state;
    struct oid oid, *grown;
    char hint[COMPLAINT_HINT_MAX];
    size_t i;

    if (list->parse(text, &oid) != 0) {
        complaint_did_you_mean(hint, list->nearest != NULL ? list->nearest(text) : NULL, list->hint);
        field_error(faults, node, path, hint, "%s is not %s", field_quoted(text).text, list->what);
        return 0;
    }
    for (i = 0; i < *list->count; i++) {
        if (oid_equal(&oid, oid_slice(&(*list->items)[i]))) {
            field_error(faults, node, path, NULL, "%s is listed twice", field_quoted(text).text);
            return 0;
        }
    }
    if (*list->count == EXTENSIONS_MAX) {
        field_error(faults, node, path, NULL, "more than %d items", EXTENSIONS_MAX);
        return 0;
    }
    grown = realloc(*list->items, (*list->count + 1) * sizeof(oid));
    if (grown == NULL) {
        fault_memory(faults);
        return -1;
    }
    *list->items = grown;
    grown[(*list->count)++] = oid;
    return 0;
}

/** Replaces the list by what is written. */
static int read_oids(const struct node *node, const struct path *path, struct oid_list *list,
                     struct faults *faults)
{
    free(*list->items);
    *list->items = NULL;
    *list->count = 0;
    return value_each_text(node, path, true, add_oid, list, faults);
}

static const char *usage_nearest(const char *text)
{
    static const char *const words[] = {
        "serverAuth",      "clientAuth",       "codeSigning", "emailProtection",
        "timeStamping",    "OCSPSigning",      "ipsecIKE",    "anyExtendedKeyUsage",
        "documentSigning", "msSmartcardLogin", "eapOverLAN",
    };

    return field_nearest(text, words, sizeof(words) / sizeof(words[0]));
}

static int read_extended_key_usage(const struct node *node, const struct path *path, void *target,
                                   struct faults *faults)
{
    struct profile *profile = target;
    struct oid_list list = {&profile->extended_key_usages,
                            &profile->extended_key_usage_count,
                            oid_parse_extended_key_usage,
                            "an extended key usage",
                            "serverAuth, clientAuth, OCSPSigning and so on, or a dotted OID",
                            usage_nearest};

    return read_oids(node, path, &list, faults);
}

static int read_policies(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    struct profile *profile = target;
    struct oid_list list = {&profile->policies, &profile->policy_count,           oid_parse,
                            "an OID",           "dotted, as 1.3.6.1.4.1.99999.1", NULL};

    return read_oids(node, path, &list, faults);
}

static int read_subject_require(const struct node *node, const struct path *path, void *target,
                                struct faults *faults)
{
    struct profile *profile = target;
    struct oid_list list = {
        &profile->subject_require, &profile->subject_require_count,     name_type_parse,
        "an attribute of a name",  "CN, O, OU, emailAddress and so on", name_type_nearest};

    return read_oids(node, path, &list, faults);
}

/* ---- sets of words -------------------------------------------------------------------------------------------------- */

static int add_key_usage(void *state, const char *text, const struct node *node, const struct path *path,
                         struct faults *faults)
{
    uint32_t *usage = state, bit = extension_key_usage_bit(text);
    const char *words[32];
    char hint[COMPLAINT_HINT_MAX];
    size_t count = 0;

    if (bit != 0) {
        *usage |= bit;
        return 0;
    }
    for (unsigned i = 0; i < 32 && extension_key_usage_name(i) != NULL; i++) {
        words[count++] = extension_key_usage_name(i);
    }
    complaint_did_you_mean(hint, field_nearest(text, words, count),
                           "digitalSignature, keyEncipherment, keyAgreement, keyCertSign, cRLSign and so on");
    field_error(faults, node, path, hint, "%s is not a key usage", field_quoted(text).text);
    return 0;
}

static int read_key_usage(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    struct profile *profile = target;

    profile->key_usage = 0;
    return value_each_text(node, path, true, add_key_usage, &profile->key_usage, faults);
}

static int add_san_kind(void *state, const char *text, const struct node *node, const struct path *path,
                        struct faults *faults)
{
    uint32_t *kinds = state;
    enum general_name_kind kind;

    if (general_name_kind_parse(text, &kind) == 0) {
        *kinds |= profile_san_bit((int)kind);
    } else {
        field_error(faults, node, path, "one of dns, ip, email, uri, upn, rid, dirname, other",
                    "%s is not a kind of name", field_quoted(text).text);
    }
    return 0;
}

static int read_san_require(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    struct profile *profile = target;

    profile->san_require = 0;
    return value_each_text(node, path, true, add_san_kind, &profile->san_require, faults);
}

static int read_san_allow(const struct node *node, const struct path *path, void *target,
                          struct faults *faults)
{
    struct profile *profile = target;

    profile->san_allow = 0;
    return value_each_text(node, path, true, add_san_kind, &profile->san_allow, faults);
}

static int read_san(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    static const struct field fields[] = {
        {"require", read_san_require, false},
        {"allow", read_san_allow, false},
        {NULL, NULL, false},
    };

    return fields_read(node, path, "san", fields, target, faults);
}

/* ---- subject -------------------------------------------------------------------------------------------------------- */

static int read_subject_defaults(const struct node *node, const struct path *path, void *target,
                                 struct faults *faults)
{
    struct profile *profile = target;
    struct subject *subject = calloc(1, sizeof(*subject));
    struct name name = {NULL, 0};
    int status = -1;

    if (subject == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (subject_read(subject, node, path, faults) == 0 && subject_build(subject, path, &name, faults) == 0) {
        name_free(&profile->subject_defaults);
        profile->subject_defaults = name;
        name = (struct name){NULL, 0};
        status = 0;
    }
    subject_free(subject);
    free(subject);
    name_free(&name);
    return status;
}

static int read_subject(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    static const struct field fields[] = {
        {"require", read_subject_require, false},
        {"defaults", read_subject_defaults, false},
        {NULL, NULL, false},
    };

    return fields_read(node, path, "a profile's subject", fields, target, faults);
}

/* ---- constraints ---------------------------------------------------------------------------------------------------- */

static int read_ca(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return field_boolean(node, path, &((struct profile *)target)->ca, faults) < 0 ? -1 : 0;
}

static int read_path_length(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    struct profile *profile = target;
    int64_t length = profile->path_length;

    if (node_kind(node) == NODE_SCALAR && strcmp(node_text(node), "none") == 0) {
        profile->path_length = -1;
        return 0;
    }
    if (field_integer(node, path, 0, PATH_LENGTH_MAX, &length, faults) < 0) {
        return -1;
    }
    profile->path_length = (int)length;
    return 0;
}

static int read_basic_constraints(const struct node *node, const struct path *path, void *target,
                                  struct faults *faults)
{
    static const struct field fields[] = {
        {"ca", read_ca, false},
        {"path_length", read_path_length, false},
        {NULL, NULL, false},
    };

    return fields_read(node, path, "basic constraints", fields, target, faults);
}

static int read_name_constraints(const struct node *node, const struct path *path, void *target,
                                 struct faults *faults)
{
    struct profile *profile = target;
    struct constraints constraints = {false, BYTES_EMPTY, BYTES_EMPTY};
    int status = value_constraints(node, path, &constraints, faults);

    profile->name_constraints_auto = constraints.automatic;
    bytes_move(&profile->permitted, &constraints.permitted);
    bytes_move(&profile->excluded, &constraints.excluded);
    constraints_free(&constraints);
    return status;
}

/* ---- URLs ----------------------------------------------------------------------------------------------------------- */

/** Whether @p text is a URL that may stand in a certificate; else a complaint. -1 when memory is out. */
static int check_url(const char *text, const struct node *node, const struct path *path, bool *good,
                     struct faults *faults)
{
    struct bytes san = BYTES_EMPTY, der = BYTES_EMPTY;
    const char *why = NULL;
    int status = -1;

    *good = false;
    if (strlen(text) > URL_MAX) {
        field_error(faults, node, path, NULL, "has more than %d bytes", URL_MAX);
        return 0;
    }
    if (bytes_printf(&san, "uri:%s", text) == 0) {
        *good = general_name_parse(bytes_text(&san), NULL, &der, &why) == 0;
        if (!*good) {
            field_error(faults, node, path, "http://example.com/ca.crl", "%s %s", field_quoted(text).text,
                        why != NULL ? why : "is not a URI");
        }
        status = 0;
    } else {
        fault_memory(faults);
    }
    bytes_free(&san);
    bytes_free(&der);
    return status;
}

static int add_crl_url(void *state, const char *text, const struct node *node, const struct path *path,
                       struct faults *faults)
{
    struct profile *profile = state;
    char **grown, *copy;
    bool good = false;

    if (check_url(text, node, path, &good, faults) != 0) {
        return -1;
    }
    if (!good) {
        return 0;
    }
    if (profile->crl_url_count == EXTENSIONS_MAX) {
        field_error(faults, node, path, NULL, "more than %d items", EXTENSIONS_MAX);
        return 0;
    }
    copy = strdup(text);
    grown = realloc(profile->crl_urls, (profile->crl_url_count + 1) * sizeof(*grown));
    if (grown != NULL) {
        profile->crl_urls = grown;
    }
    if (copy == NULL || grown == NULL) {
        free(copy);
        fault_memory(faults);
        return -1;
    }
    grown[profile->crl_url_count++] = copy;
    return 0;
}

static int read_crl_url(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct profile *profile = target;

    while (profile->crl_url_count > 0) {
        free(profile->crl_urls[--profile->crl_url_count]);
    }
    return value_each_text(node, path, true, add_crl_url, profile, faults);
}

static int read_url(const struct node *node, const struct path *path, char **url, struct faults *faults)
{
    const char *text = NULL;
    bool good = false;
    int status = field_text(node, path, &text, faults);

    if (status == 0) {
        status = check_url(text, node, path, &good, faults);
    }
    if (good) {
        status = field_string(node, path, url, faults);
    }
    return status < 0 ? -1 : 0;
}

static int read_ocsp_url(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    return read_url(node, path, &((struct profile *)target)->ocsp_url, faults);
}

static int read_ca_issuers_url(const struct node *node, const struct path *path, void *target,
                               struct faults *faults)
{
    return read_url(node, path, &((struct profile *)target)->ca_issuers_url, faults);
}

/* ---- own extensions ------------------------------------------------------------------------------------------------- */

/** Extensions that have fields of their own, or that the program writes itself. */
static const struct {
    const char *oid;
    const char *field;
} taken[] = {
    {"2.5.29.14", "is written by itself"},
    {"2.5.29.35", "is written by itself"},
    {"2.5.29.17", "is written from san"},
    {"2.5.29.19", "is written from basic_constraints"},
    {"2.5.29.15", "is written from key_usage"},
    {"2.5.29.37", "is written from extended_key_usage"},
    {"2.5.29.30", "is written from name_constraints"},
    {"2.5.29.32", "is written from certificate_policies"},
    {"2.5.29.31", "is written from crl_url"},
    {"1.3.6.1.5.5.7.1.1", "is written from ocsp_url and ca_issuers_url"},
    {"1.3.6.1.5.5.7.48.1.5", "is written from ocsp_no_check"},
};

static const char *extension_taken(const struct oid *type)
{
    struct oid other;
    size_t i;

    for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (oid_parse(taken[i].oid, &other) == 0 && oid_equal(&other, oid_slice(type))) {
            return taken[i].field;
        }
    }
    return oid_equal(certificate_fixture_mark(), oid_slice(type)) ? "marks fixtures" : NULL;
}

/** One extension while it is read. */
struct extension_reading {
    struct profile_extension extension;
    bool has_value;
};

static int read_extension_oid(const struct node *node, const struct path *path, void *target,
                              struct faults *faults)
{
    struct extension_reading *reading = target;
    const char *text = NULL, *why;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (oid_parse(text, &reading->extension.type) != 0) {
        field_error(faults, node, path, "dotted, as 1.3.6.1.4.1.99999.1", "%s is not an OID",
                    field_quoted(text).text);
        return 0;
    }
    why = extension_taken(&reading->extension.type);
    if (why != NULL) {
        field_error(faults, node, path, NULL, "extension %s %s", text, why);
    }
    return 0;
}

static int read_extension_critical(const struct node *node, const struct path *path, void *target,
                                   struct faults *faults)
{
    struct extension_reading *reading = target;

    return field_boolean(node, path, &reading->extension.critical, faults) < 0 ? -1 : 0;
}

/** Hexadecimal, with blanks or colons between octets. 1 when it is none, -1 when memory is out. */
static int hex_decode(const char *text, struct bytes *octets)
{
    while (*text != '\0') {
        int octet = hex_octet(text);

        if (*text == ' ' || *text == ':' || *text == '\n') {
            text++;
            continue;
        }
        if (octet < 0) {
            return 1;
        }
        if (bytes_append_byte(octets, (unsigned char)octet) != 0) {
            return -1;
        }
        text += 2;
    }
    return 0;
}

static int read_extension_der(const struct node *node, const struct path *path, void *target,
                              struct faults *faults)
{
    struct extension_reading *reading = target;
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (reading->has_value) {
        field_error(faults, node, path, NULL, "has both der and asn1");
        return 0;
    }
    reading->has_value = true;
    status = hex_decode(text, &reading->extension.value);
    if (status < 0) {
        fault_memory(faults);
        return -1;
    }
    if (status != 0) {
        field_error(faults, node, path, "0c0474657874", "is not hexadecimal");
    } else if (!der_is_well_formed(slice_of(&reading->extension.value))) {
        field_error(faults, node, path, "0c0474657874 is the UTF8String \"text\"",
                    "is not one well-formed value in DER");
    }
    return 0;
}

static int read_extension_asn1(const struct node *node, const struct path *path, void *target,
                               struct faults *faults)
{
    struct extension_reading *reading = target;
    const char *text = NULL, *why = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (reading->has_value) {
        field_error(faults, node, path, NULL, "has both der and asn1");
        return 0;
    }
    reading->has_value = true;
    if (asn1_text_encode(text, &reading->extension.value, &why) != 0) {
        if (why == NULL) {
            fault_memory(faults);
            return -1;
        }
        field_error(faults, node, path, "UTF8String:text, BOOLEAN:TRUE, INTEGER:5, NULL and so on", "%s %s",
                    field_quoted(text).text, why);
    }
    return 0;
}

static const struct field extension_fields[] = {
    {"oid", read_extension_oid, true},
    {"critical", read_extension_critical, false},
    {"der", read_extension_der, false},
    {"asn1", read_extension_asn1, false},
    {NULL, NULL, false},
};

static int read_extension(struct profile *profile, const struct node *node, const struct path *path,
                          struct faults *faults)
{
    struct extension_reading reading = {{.value = BYTES_EMPTY}, false};
    struct profile_extension *grown;
    size_t before = faults_errors(faults), i;
    int status = -1;

    if (fields_read(node, path, "an extension", extension_fields, &reading, faults) != 0) {
        goto out;
    }
    status = 0;
    if (node_kind(node) == NODE_MAPPING && !reading.has_value) {
        field_error(faults, node, path, "der: 0c0474657874, or asn1: UTF8String:text", "needs der or asn1");
    }
    for (i = 0; faults_errors(faults) == before && i < profile->extension_count; i++) {
        if (oid_equal(&reading.extension.type, oid_slice(&profile->extensions[i].type))) {
            field_error(faults, node, path, NULL, "the same oid as item %zu (RFC 5280 section 4.2)", i);
        }
    }
    if (faults_errors(faults) != before) {
        goto out;
    }
    grown = realloc(profile->extensions, (profile->extension_count + 1) * sizeof(*grown));
    if (grown == NULL) {
        fault_memory(faults);
        status = -1;
        goto out;
    }
    profile->extensions = grown;
    grown[profile->extension_count++] = reading.extension;
    reading.extension.value = (struct bytes)BYTES_EMPTY;
out:
    bytes_free(&reading.extension.value);
    return status;
}

static int read_extensions(const struct node *node, const struct path *path, void *target,
                           struct faults *faults)
{
    struct profile *profile = target;
    struct path below = {path, NULL, 0};

    while (profile->extension_count > 0) {
        bytes_free(&profile->extensions[--profile->extension_count].value);
    }
    if (!field_is(node, path, NODE_SEQUENCE, faults)) {
        return 0;
    }
    if (node_count(node) > EXTENSIONS_MAX) {
        field_error(faults, node, path, NULL, "holds more than %d items", EXTENSIONS_MAX);
        return 0;
    }
    for (below.index = 0; below.index < node_count(node); below.index++) {
        if (read_extension(profile, node_item(node, below.index), &below, faults) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- the rest ------------------------------------------------------------------------------------------------------- */

static int read_description(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    return value_description(node, path, &((struct profile *)target)->description, faults);
}

static int read_key(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return value_key_algorithm(node, path, &((struct profile *)target)->key, faults);
}

static int read_validity(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    return value_validity(node, path, &((struct profile *)target)->validity, faults);
}

static int read_backdate(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    return value_backdate(node, path, &((struct profile *)target)->backdate, faults);
}

static int read_ocsp_no_check(const struct node *node, const struct path *path, void *target,
                              struct faults *faults)
{
    return field_boolean(node, path, &((struct profile *)target)->ocsp_no_check, faults) < 0 ? -1 : 0;
}

static int read_bundle(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct profile *profile = target;
    const struct bundle_target *found = NULL;
    const char *text = NULL;
    char hint[COMPLAINT_HINT_MAX];
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (strcmp(text, "none") == 0) {
        free(profile->bundle);
        profile->bundle = NULL;
        return 0;
    }
    found = value_bundle_target(text, hint);
    if (found == NULL) {
        field_error(faults, node, path, hint, "%s is not a target for bundles", field_quoted(text).text);
    } else if (found->anchors_only) {
        field_error(faults, node, path, NULL, "%s holds no identity", field_quoted(text).text);
    } else {
        status = field_string(node, path, &profile->bundle, faults);
    }
    return status < 0 ? -1 : 0;
}

/** `extends` is read before the others, by the set. */
static int read_extends(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    const char *text = NULL;

    (void)target;
    return field_text(node, path, &text, faults) < 0 ? -1 : 0;
}

static const struct field profile_fields[] = {
    {"extends", read_extends, false},
    {"description", read_description, false},
    {"key", read_key, false},
    {"validity", read_validity, false},
    {"backdate", read_backdate, false},
    {"basic_constraints", read_basic_constraints, false},
    {"key_usage", read_key_usage, false},
    {"extended_key_usage", read_extended_key_usage, false},
    {"san", read_san, false},
    {"subject", read_subject, false},
    {"name_constraints", read_name_constraints, false},
    {"certificate_policies", read_policies, false},
    {"crl_url", read_crl_url, false},
    {"ocsp_url", read_ocsp_url, false},
    {"ca_issuers_url", read_ca_issuers_url, false},
    {"ocsp_no_check", read_ocsp_no_check, false},
    {"extensions", read_extensions, false},
    {"bundle", read_bundle, false},
    {NULL, NULL, false},
};

/** Complain at @p field when it is written, else at the profile as a whole. */
static void complain(const struct node *root, const char *field, struct faults *faults, const char *hint,
                     const char *sentence)
{
    const struct node *node = node_find(root, field);
    struct path path = {NULL, field, 0};

    field_error(faults, node != NULL ? node : root, &path, hint, "%s", sentence);
}

/** What only the whole can tell: RFC 5280 sections 4.2.1.3, 4.2.1.9 and 4.2.1.10. */
static void check_whole(const struct node *root, const struct profile *profile, struct faults *faults)
{
    bool signs = (profile->key_usage & KEY_USAGE_KEY_CERT_SIGN) != 0;

    if (!profile->validity.fixed_until && profile->validity.duration.months == 0 &&
        profile->validity.duration.seconds == 0) {
        field_error(faults, root, NULL, "validity: 90d, or extends: a profile that has one",
                    "a profile needs the key \"validity\"");
    }
    if (profile->ca && !signs) {
        complain(root, "key_usage", faults, "key_usage: [keyCertSign, cRLSign]",
                 "an authority needs keyCertSign (RFC 5280 section 4.2.1.3)");
    }
    if (!profile->ca && signs) {
        complain(root, "key_usage", faults, "basic_constraints: {ca: true}",
                 "keyCertSign is for authorities (RFC 5280 section 4.2.1.9)");
    }
    if (!profile->ca && profile->path_length >= 0) {
        complain(root, "basic_constraints", faults, "ca: true, or path_length: none",
                 "path_length is for authorities (RFC 5280 section 4.2.1.9)");
    }
    if (!profile->ca &&
        (profile->name_constraints_auto || profile->permitted.length > 0 || profile->excluded.length > 0)) {
        complain(root, "name_constraints", faults, NULL, "are for authorities (RFC 5280 section 4.2.1.10)");
    }
    if ((profile->san_require & ~profile->san_allow) != 0) {
        complain(root, "san", faults, NULL, "requires a kind of name that it does not allow");
    }
}

int profile_fields_read(const struct node *root, struct profile *profile, bool whole, struct faults *faults)
{
    size_t before = faults_errors(faults);

    if (fields_read(root, NULL, "a profile", profile_fields, profile, faults) != 0) {
        return -1;
    }
    if (whole && faults_errors(faults) == before) {
        check_whole(root, profile, faults);
    }
    return 0;
}
