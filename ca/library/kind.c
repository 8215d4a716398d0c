/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in kinds of certificates. */
#include "library/kind.h"

#include <stdlib.h>
#include <string.h>

#include "x509/extension.h"
#include "x509/general_name.h"
#include "x509/lint.h"

#define DAY       INT64_C(86400)
#define BACK      300 /* seconds before now that notBefore lies */

#define AUTHORITY (KEY_USAGE_KEY_CERT_SIGN | KEY_USAGE_CRL_SIGN)
#define SERVER    (KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_KEY_ENCIPHERMENT)

/* Kinds of names, as sets: DNS and the others have the bit of their number, UPN its own. */
#define DNS 0x1u
#define IP  0x2u
#define URI 0x4u
#define ALL 0x8u

struct kind {
    const char *name;
    const char *description;
    struct duration validity;
    const char *bundle;
    const char *usages[2]; /* extended */
    const char *lint_ignored;
    uint32_t key_usage;
    unsigned require, allow; /* kinds of names */
    int path_length;
    bool ca;
    bool common_name; /* the subject needs one */
    bool ocsp_no_check;
};

static const struct kind kinds[KIND_COUNT] = {
    {
        .name = "client",
        .description = "A TLS client (a person or a program)",
        .validity = {0, 397 * DAY},
        .usages = {"clientAuth"},
        .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
        .allow = ALL,
        .path_length = -1,
    },
    {
        .name = "device",
        .description = "A TLS client on a phone or tablet, handed over as a P12 bundle",
        .validity = {0, 397 * DAY},
        .bundle = "ios-legacy",
        .usages = {"clientAuth"},
        .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
        .allow = ALL,
        .path_length = -1,
    },
    {
        .name = "intermediate-ca",
        .description = "An authority that another one has signed",
        .validity = {60, 0},
        .key_usage = AUTHORITY,
        .ca = true,
        .common_name = true,
    },
    {
        .name = "ocsp-responder",
        .description = "An OCSP responder",
        .validity = {0, 90 * DAY},
        .usages = {"OCSPSigning"},
        .key_usage = KEY_USAGE_DIGITAL_SIGNATURE,
        .allow = DNS | URI,
        .path_length = -1,
        .common_name = true,
        .ocsp_no_check = true,
    },
    {
        .name = "peer",
        .description = "A TLS server that is a client as well (meshes, brokers, replication)",
        .validity = {0, 397 * DAY},
        .usages = {"serverAuth", "clientAuth"},
        .lint_ignored = "mtls-both-purposes",
        .key_usage = SERVER,
        .require = DNS | IP,
        .allow = DNS | IP | URI,
        .path_length = -1,
    },
    {
        .name = "root-ca",
        .description = "A self-signed authority, the root of a chain",
        .validity = {120, 0},
        .key_usage = AUTHORITY,
        .path_length = -1,
        .ca = true,
        .common_name = true,
    },
    {
        .name = "server",
        .description = "A TLS server",
        .validity = {0, 397 * DAY},
        .usages = {"serverAuth"},
        .key_usage = SERVER,
        .require = DNS | IP,
        .allow = DNS | IP | URI,
        .path_length = -1,
    },
};

const char *kind_name(size_t index)
{
    return index < KIND_COUNT ? kinds[index].name : NULL;
}

const char *kind_names(void)
{
    return "client, device, intermediate-ca, ocsp-responder, peer, root-ca, server";
}

/* A set of kinds of names as profiles have it. */
static uint32_t name_bits(unsigned set)
{
    static const struct {
        enum general_name_kind kind;
        unsigned sets;
    } rows[] = {
        {GENERAL_NAME_DNS, DNS | ALL}, {GENERAL_NAME_IP, IP | ALL}, {GENERAL_NAME_URI, URI | ALL},
        {GENERAL_NAME_EMAIL, ALL},     {GENERAL_NAME_UPN, ALL},     {GENERAL_NAME_RID, ALL},
        {GENERAL_NAME_DIRNAME, ALL},   {GENERAL_NAME_OTHER, ALL},
    };
    uint32_t bits = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bits |= (rows[i].sets & set) != 0 ? profile_san_bit((int)rows[i].kind) : 0;
    }
    return bits;
}

void kind_start(struct profile *profile)
{
    profile_init(profile);
    profile->key = KEY_EC_P256;
    profile->backdate = (struct duration){0, BACK};
    profile->san_allow = name_bits(ALL);
}

static int set_usages(const struct kind *kind, struct profile *profile)
{
    size_t count = kind->usages[0] == NULL ? 0 : kind->usages[1] == NULL ? 1 : 2;

    if (count == 0) {
        return 0;
    }
    profile->extended_key_usages = calloc(count, sizeof(*profile->extended_key_usages));
    if (profile->extended_key_usages == NULL) {
        return -1;
    }
    profile->extended_key_usage_count = count;
    for (size_t i = 0; i < count; i++) {
        if (oid_parse_extended_key_usage(kind->usages[i], &profile->extended_key_usages[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int require_common_name(struct profile *profile)
{
    profile->subject_require = calloc(1, sizeof(*profile->subject_require));
    if (profile->subject_require == NULL) {
        return -1;
    }
    profile->subject_require_count = 1;
    return name_type_parse("CN", profile->subject_require);
}

int kind_build(size_t index, struct profile *profile)
{
    const struct kind *kind = &kinds[index];

    size_t rule;

    kind_start(profile);
    if (kind->lint_ignored != NULL && lint_find(kind->lint_ignored, &rule)) {
        lint_set_add(&profile->lint_ignored, rule);
    }
    profile->name = strdup(kind->name);
    profile->description = strdup(kind->description);
    profile->bundle = kind->bundle != NULL ? strdup(kind->bundle) : NULL;
    profile->validity.duration = kind->validity;
    profile->ca = kind->ca;
    profile->path_length = kind->path_length;
    profile->key_usage = kind->key_usage;
    profile->san_require = name_bits(kind->require);
    profile->san_allow = name_bits(kind->allow);
    profile->ocsp_no_check = kind->ocsp_no_check;
    if (profile->name == NULL || profile->description == NULL ||
        (kind->bundle != NULL && profile->bundle == NULL) || set_usages(kind, profile) != 0 ||
        (kind->common_name && require_common_name(profile) != 0)) {
        return -1;
    }
    return 0;
}
