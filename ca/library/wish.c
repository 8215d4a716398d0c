/* SPDX-License-Identifier: Apache-2.0 */
/* A wish. */
#include "library/wish.h"

#include <stdlib.h>
#include <string.h>

#include "base/seed.h"
#include "library/context.h"
#include "library/kind.h"
#include "library/profile.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/issuer.h"

#define NAMES_MAX 2000 /* subject alternative names, as in a manifest */

int wish_start(struct wish *wish, struct handle *handle, const char *name)
{
    memset(wish, 0, sizeof(*wish));
    wish->handle = handle;
    wish->path_length = -1;
    profile_init(&wish->own);
    wish->name = name != NULL ? strdup(name) : NULL;
    return wish->name != NULL ? 0 : -1;
}

void wish_end(struct wish *wish)
{
    free(wish->name);
    profile_free(&wish->own);
    name_free(&wish->subject);
    bytes_free(&wish->names);
    key_free(wish->key);
    bytes_free(&wish->permitted);
    bytes_free(&wish->excluded);
}

/* ---- profile ----------------------------------------------------------------------------------------------------- */

int wish_set_profile_name(struct wish *wish, const char *name)
{
    const struct profile *profile = name != NULL ? library_profile(wish->handle->context, name) : NULL;

    if (name == NULL) {
        return handle_missing(wish->handle, "the profile's name");
    }
    if (profile == NULL) {
        return handle_refuse(wish->handle, "profile", name, "is none of the built-in profiles", kind_names());
    }
    wish->profile = profile;
    wish->profile_gives = false;
    return 0;
}

int wish_set_profile(struct wish *wish, const struct mtlskit_profile *profile)
{
    const struct profile *values = profile_values(profile);

    if (values == NULL) {
        return handle_missing(wish->handle, "the profile");
    }
    if (profile_check(values, wish->handle->faults) != 0) {
        return -1;
    }
    if (profile_copy(&wish->own, values) != 0) {
        fault_memory(wish->handle->faults);
        return -1;
    }
    wish->profile = &wish->own;
    wish->profile_gives = profile_has_validity(profile);
    return 0;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

int wish_set_subject(struct wish *wish, const char *subject)
{
    const char *why = NULL;

    if (subject == NULL) {
        return handle_missing(wish->handle, "the subject");
    }
    if (name_parse(subject, &wish->subject, &why) != 0) {
        return handle_refuse(wish->handle, "subject", subject, why, "such as \"CN=name,O=Example\"");
    }
    wish->has_subject = true;
    return 0;
}

/* Whether @p name, GeneralName DER, is one of @p names. */
static bool is_there(struct slice names, struct slice name)
{
    struct der_item item;

    while (der_read(&names, &item) == 1) {
        if (slice_equal(item.whole, name)) {
            return true;
        }
    }
    return false;
}

int wish_add_name(struct wish *wish, const char *name)
{
    struct bytes der = BYTES_EMPTY;
    enum general_name_kind kind;
    const char *why = NULL;
    int status = -1;

    if (name == NULL) {
        return handle_missing(wish->handle, "the name");
    }
    if (general_name_parse(name, &kind, &der, &why) != 0) {
        status =
            handle_refuse(wish->handle, "name", name, why, "such as \"dns:localhost\", \"ip:127.0.0.1\"");
    } else if (is_there(slice_of(&wish->names), slice_of(&der))) {
        status = handle_refuse(wish->handle, "name", name, "is there already", NULL);
    } else if (wish->name_count == NAMES_MAX) {
        status = handle_refuse(wish->handle, "name", name, "is one too many: a certificate has at most 2000",
                               NULL);
    } else if (bytes_append(&wish->names, der.data, der.length) != 0) {
        fault_memory(wish->handle->faults);
    } else {
        wish->kinds |= profile_san_bit((int)kind);
        wish->name_count++;
        status = 0;
    }
    bytes_free(&der);
    return status;
}

/* The words of the kinds in @p kinds, " or " between them. */
static int kinds_text(uint32_t kinds, struct bytes *text)
{
    static const enum general_name_kind all[] = {
        GENERAL_NAME_DNS, GENERAL_NAME_IP,  GENERAL_NAME_EMAIL,   GENERAL_NAME_URI,
        GENERAL_NAME_UPN, GENERAL_NAME_RID, GENERAL_NAME_DIRNAME, GENERAL_NAME_OTHER,
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if ((kinds & profile_san_bit((int)all[i])) != 0 &&
            bytes_printf(text, "%s%s", text->length > 0 ? " or " : "", general_name_kind_word(all[i])) != 0) {
            return -1;
        }
    }
    return 0;
}

static const char *profile_text(const struct profile *profile)
{
    return profile->name != NULL ? profile->name : "";
}

int wish_check_names(const struct wish *wish, const struct profile *profile, uint32_t kinds)
{
    struct faults *faults = wish->handle->faults;
    uint32_t refused = kinds & ~profile->san_allow;
    bool lacking = profile->san_require != 0 && (kinds & profile->san_require) == 0;
    struct bytes text = BYTES_EMPTY;

    if (refused == 0 && !lacking) {
        return 0;
    }
    if (kinds_text(refused != 0 ? refused : profile->san_require, &text) != 0) {
        fault_memory(faults);
    } else if (refused != 0) {
        fault_error(faults, NULL, wish->name, NULL, "profile \"%s\" does not allow names of kind %s",
                    profile_text(profile), bytes_text(&text));
    } else {
        fault_error(faults, NULL, wish->name, "such as \"dns:example.com\"",
                    "it needs a name of kind %s: profile \"%s\" requires it", bytes_text(&text),
                    profile_text(profile));
    }
    bytes_free(&text);
    return -1;
}

/* Whether Name @p der has an attribute of @p type. */
static bool name_has(struct slice der, const struct oid *type)
{
    struct der_item name;
    struct der_item rdn;
    struct der_item attribute;
    struct der_item found;

    if (der_expect(&der, DER_SEQUENCE, &name) != 0) {
        return false;
    }
    while (der_read(&name.content, &rdn) == 1) {
        while (der_read(&rdn.content, &attribute) == 1) {
            if (der_read(&attribute.content, &found) == 1 && oid_equal(type, found.content)) {
                return true;
            }
        }
    }
    return false;
}

int wish_check_subject(const struct wish *wish, const struct profile *profile, struct slice der)
{
    for (size_t i = 0; i < profile->subject_require_count; i++) {
        const struct oid *type = &profile->subject_require[i];
        const char *word = name_type_short(oid_slice(type));

        if (!name_has(der, type)) {
            fault_error(wish->handle->faults, NULL, wish->name, NULL,
                        "the subject needs %s: profile \"%s\" requires it",
                        word != NULL ? word : "another attribute", profile_text(profile));
            return -1;
        }
    }
    return 0;
}

int wish_subject(const struct wish *wish, const struct profile *profile, struct bytes *der)
{
    if (name_encode(wish->has_subject ? &wish->subject : &profile->subject_defaults, der) != 0) {
        fault_memory(wish->handle->faults);
        return -1;
    }
    return wish_check_subject(wish, profile, slice_of(der));
}

int wish_add_constraint(struct wish *wish, const char *name, struct bytes *constraints)
{
    const char *why = NULL;

    if (name == NULL) {
        return handle_missing(wish->handle, "the name");
    }
    if (general_name_parse_constraint(name, NULL, constraints, &why) != 0) {
        return handle_refuse(wish->handle, "name constraint", name, why,
                             "such as \"dns:example.com\", \"ip:10.0.0.0/8\"");
    }
    return 0;
}

/* ---- key --------------------------------------------------------------------------------------------------------- */

int wish_set_key_algorithm(struct wish *wish, const char *algorithm)
{
    enum key_algorithm parsed;

    if (algorithm == NULL) {
        return handle_missing(wish->handle, "the key's algorithm");
    }
    if (key_algorithm_parse(algorithm, &parsed) != 0) {
        return handle_refuse(wish->handle, "key", algorithm, "is not a key algorithm", key_algorithm_words());
    }
    wish->algorithm = parsed;
    return 0;
}

struct key *wish_read_key(struct handle *handle, const void *content, size_t length, const char *passphrase)
{
    struct bytes secret = BYTES_EMPTY;
    struct key *key = NULL;

    if (content == NULL) {
        (void)handle_missing(handle, "the key");
    } else if (passphrase != NULL && bytes_append_text(&secret, passphrase) != 0) {
        fault_memory(handle->faults);
    } else {
        key = key_read(library_context(handle->context), (struct slice){content, length},
                       passphrase != NULL ? &secret : NULL, "key", handle->faults);
    }
    bytes_free(&secret);
    return key;
}

int wish_set_key(struct wish *wish, const void *key, size_t length, const char *passphrase)
{
    struct key *read = wish_read_key(wish->handle, key, length, passphrase);

    if (read == NULL) {
        return -1;
    }
    key_free(wish->key);
    wish->key = read;
    return 0;
}

/* ---- time -------------------------------------------------------------------------------------------------------- */

int wish_set_validity(struct wish *wish, const char *duration)
{
    struct validity validity = {0};
    const char *why = NULL;

    if (duration == NULL) {
        return handle_missing(wish->handle, "the validity");
    }
    if (duration_parse(duration, false, &validity.duration, &why) != 0) {
        return handle_refuse(wish->handle, "validity", duration, why, "such as \"90d\", \"1y6mo\"");
    }
    wish->validity = validity;
    wish->has_validity = true;
    return 0;
}

int wish_set_dates(struct wish *wish, int64_t not_before, int64_t not_after)
{
    struct validity validity = {
        .fixed_from = true, .fixed_until = true, .from = not_before, .until = not_after};

    if (not_before < INSTANT_MIN || not_after > INSTANT_MAX) {
        fault_error(wish->handle->faults, NULL, "dates", NULL, "the year is not between 0 and 9999");
        return -1;
    }
    if (not_after < not_before) {
        fault_error(wish->handle->faults, NULL, "dates", NULL, "the end lies before the beginning");
        return -1;
    }
    wish->validity = validity;
    wish->has_validity = true;
    return 0;
}

/*
 * Its validity. Where nothing has a time, one that nobody told is for ever, and durations of its own count from the very beginning: what
 * a manifest does (manifest/fixture_reader.c).
 */
static struct validity validity_of(const struct wish *wish, const struct profile *profile)
{
    struct validity validity = wish->has_validity ? wish->validity : profile->validity;

    if (!library_is_timeless(wish->handle->context) || validity.fixed_until ||
        (!wish->has_validity && wish->profile_gives)) {
        return validity;
    }
    validity.fixed_from = true;
    validity.from = SEED_TIME;
    if (!wish->has_validity) {
        validity.duration = (struct duration){INT64_C(12) * 9999, 0};
    }
    return validity;
}

int wish_dates(const struct wish *wish, const struct profile *profile, instant now, instant ceiling,
               instant *not_before, instant *not_after)
{
    struct validity validity = validity_of(wish, profile);
    const char *why = NULL;
    bool clipped;

    if (validity_resolve(&validity, &profile->backdate, now, ceiling, not_before, not_after, &clipped,
                         &why) != 0) {
        fault_error(wish->handle->faults, NULL, wish->name, NULL, "the certificate %s", why);
        return -1;
    }
    return 0;
}
