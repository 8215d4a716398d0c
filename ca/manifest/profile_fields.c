/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a profile's YAML, laid over a profile. */
#include "manifest/profile_fields.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/complaint.h"
#include "manifest/extension_fields.h"
#include "manifest/field.h"
#include "manifest/subject.h"
#include "manifest/url_fields.h"
#include "manifest/value.h"
#include "x509/bundle.h"
#include "x509/extension.h"
#include "x509/general_name.h"

/** Minutes a certificate begins in the past by default, for clocks that are slow. */
#define BACKDATE_SECONDS (INT64_C(5) * 60)
#define PATH_LENGTH_MAX  255
#define LIST_MAX         64

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
    if (*list->count == LIST_MAX) {
        field_error(faults, node, path, NULL, "more than %d items", LIST_MAX);
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

/** As with every list of a profile, what is written takes the place of what was inherited. */
static int read_lint_ignored(const struct node *node, const struct path *path, void *target,
                             struct faults *faults)
{
    struct profile *profile = target;

    memset(&profile->lint_ignored, 0, sizeof(profile->lint_ignored));
    return value_lint_ignored(node, path, &profile->lint_ignored, faults);
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
    {"crl_url", url_fields_read_crl, false},
    {"ocsp_url", url_fields_read_ocsp, false},
    {"ca_issuers_url", url_fields_read_ca_issuers, false},
    {"ocsp_no_check", read_ocsp_no_check, false},
    {"extensions", extension_fields_read, false},
    {"bundle", read_bundle, false},
    {"lint_ignore", read_lint_ignored, false},
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
