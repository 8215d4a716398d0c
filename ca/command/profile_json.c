/* SPDX-License-Identifier: Apache-2.0 */
/* A profile shown: as JSON, and as the YAML it could be read from. */
#include "command/profile_json.h"

#include <stdlib.h>
#include <string.h>

#include "command/description_part.h"
#include "console/json.h"
#include "x509/der.h"
#include "x509/extension.h"
#include "x509/general_name.h"

static json_t *duration_json(const struct duration *duration)
{
    struct bytes text = BYTES_EMPTY;
    int status = duration_format(duration, &text);

    return json_made(&text, status);
}

static json_t *validity_json(const struct validity *validity)
{
    json_t *object;

    if (!validity->fixed_from && !validity->fixed_until) {
        return duration_json(&validity->duration);
    }
    object = json_object();
    if (object == NULL ||
        (validity->fixed_from && json_put(object, "from", json_instant(validity->from)) != 0) ||
        (validity->fixed_until ? json_put(object, "until", json_instant(validity->until))
                               : json_put(object, "duration", duration_json(&validity->duration))) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/** OIDs by @p name where it knows one, else dotted. */
static json_t *oids_json(const struct oid *oids, size_t count, const char *(*name)(struct slice content))
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < count; i++) {
        const char *word = name != NULL ? name(oid_slice(&oids[i])) : NULL;
        struct bytes text = BYTES_EMPTY;
        int status = word != NULL ? bytes_append_text(&text, word) : oid_format(oid_slice(&oids[i]), &text);

        json_add(&list, json_made(&text, status));
    }
    return list;
}

static json_t *kinds_json(uint32_t kinds)
{
    static const enum general_name_kind all[] = {
        GENERAL_NAME_DNS, GENERAL_NAME_IP,  GENERAL_NAME_EMAIL,   GENERAL_NAME_URI,
        GENERAL_NAME_UPN, GENERAL_NAME_RID, GENERAL_NAME_DIRNAME, GENERAL_NAME_OTHER,
    };
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < sizeof(all) / sizeof(all[0]); i++) {
        if ((kinds & profile_san_bit((int)all[i])) != 0) {
            json_add(&list, json_string(general_name_kind_word(all[i])));
        }
    }
    return list;
}

/** A name in the list form of a subject, which keeps everything: one item an RDN. */
static json_t *name_json(const struct name *name)
{
    json_t *list = json_array(), *rdn = NULL;

    for (size_t i = 0; list != NULL && i < name->count; i++) {
        const struct name_attribute *attribute = &name->attributes[i];
        const char *word = name_type_short(oid_slice(&attribute->type));
        struct bytes text = BYTES_EMPTY;
        int status =
            word != NULL ? bytes_append_text(&text, word) : oid_format(oid_slice(&attribute->type), &text);

        if (!attribute->joins_last || rdn == NULL) {
            rdn = json_object();
            json_add(&list, rdn);
        }
        if (status != 0 || list == NULL ||
            json_put(rdn, bytes_text(&text), json_text(slice_of_text(attribute->value))) != 0) {
            json_decref(list);
            list = NULL;
        }
        bytes_free(&text);
    }
    return list;
}

/** GeneralNames of a name constraint, as "kind:value". */
static json_t *bases_json(const struct bytes *bases)
{
    json_t *list = json_array();
    struct slice rest = slice_of(bases);
    struct der_item item;

    while (list != NULL && rest.length > 0) {
        struct bytes text = BYTES_EMPTY;
        int status = der_read(&rest, &item) == 1 ? general_name_format_constraint(item.whole, &text) : -1;

        json_add(&list, json_made(&text, status));
    }
    return list;
}

static json_t *constraints_json(const struct profile *profile)
{
    json_t *object;

    if (profile->name_constraints_auto) {
        return json_string("auto");
    }
    object = json_object();
    if (object == NULL || json_put(object, "permitted", bases_json(&profile->permitted)) != 0 ||
        json_put(object, "excluded", bases_json(&profile->excluded)) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *extensions_json(const struct profile *profile)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < profile->extension_count; i++) {
        const struct profile_extension *extension = &profile->extensions[i];
        json_t *object = json_object();
        struct bytes oid = BYTES_EMPTY;
        int status = oid_format(oid_slice(&extension->type), &oid);

        if (object == NULL || json_put(object, "oid", json_made(&oid, status)) != 0 ||
            json_put(object, "critical", json_boolean(extension->critical)) != 0 ||
            json_put(object, "der", json_hex(slice_of(&extension->value))) != 0) {
            json_decref(object);
            object = NULL;
        }
        json_add(&list, object);
    }
    return list;
}

/** Put a pair of values under @p key. */
static int put_pair(json_t *object, const char *key, const char *first_key, json_t *first,
                    const char *second_key, json_t *second)
{
    json_t *pair = json_object();
    int status = 0;

    if (pair == NULL) {
        json_decref(first);
        json_decref(second);
        return -1;
    }
    status |= json_put(pair, first_key, first);
    status |= json_put(pair, second_key, second);
    if (status != 0) {
        json_decref(pair);
        return -1;
    }
    return json_put(object, key, pair);
}

static json_t *urls_json(char *const *urls, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < count; i++) {
        json_add(&list, json_text(slice_of_text(urls[i])));
    }
    return list;
}

static json_t *rules_json(const struct lint_set *rules)
{
    json_t *list = json_array();

    for (size_t rule = 0; list != NULL && rule < lint_count(); rule++) {
        if (lint_set_has(rules, rule)) {
            json_add(&list, json_string(lint_rule(rule)->id));
        }
    }
    return list;
}

/** Fields every profile has. */
static int put_fixed(json_t *object, const struct profile *profile)
{
    json_t *basic = json_object();
    int status = 0;

    if (profile->description != NULL) {
        status |= json_put(object, "description", json_text(slice_of_text(profile->description)));
    }
    status |= json_put(object, "key", json_string(key_algorithm_text(profile->key)));
    status |= json_put(object, "validity", validity_json(&profile->validity));
    status |= json_put(object, "backdate", duration_json(&profile->backdate));
    if (basic != NULL) {
        status |= json_put(basic, "ca", json_boolean(profile->ca));
        if (profile->path_length >= 0) {
            status |= json_put(basic, "path_length", json_integer(profile->path_length));
        }
    }
    status |= json_put(object, "basic_constraints", basic);
    status |= json_put(object, "key_usage", description_key_usages(profile->key_usage));
    status |= json_put(object, "extended_key_usage",
                       oids_json(profile->extended_key_usages, profile->extended_key_usage_count,
                                 oid_extended_key_usage_name));
    status |= put_pair(object, "san", "require", kinds_json(profile->san_require), "allow",
                       kinds_json(profile->san_allow));
    status |= put_pair(object, "subject", "require",
                       oids_json(profile->subject_require, profile->subject_require_count, name_type_short),
                       "defaults", name_json(&profile->subject_defaults));
    return status;
}

/** Fields that are left out where a profile has none. */
static int put_optional(json_t *object, const struct profile *profile)
{
    int status = 0;

    if (profile->name_constraints_auto || profile->permitted.length > 0 || profile->excluded.length > 0) {
        status |= json_put(object, "name_constraints", constraints_json(profile));
    }
    if (profile->policy_count > 0) {
        status |= json_put(object, "certificate_policies",
                           oids_json(profile->policies, profile->policy_count, NULL));
    }
    if (profile->crl_url_count > 0) {
        status |= json_put(object, "crl_url", urls_json(profile->crl_urls, profile->crl_url_count));
    }
    if (profile->ocsp_url != NULL) {
        status |= json_put(object, "ocsp_url", json_text(slice_of_text(profile->ocsp_url)));
    }
    if (profile->ca_issuers_url != NULL) {
        status |= json_put(object, "ca_issuers_url", json_text(slice_of_text(profile->ca_issuers_url)));
    }
    if (profile->ocsp_no_check) {
        status |= json_put(object, "ocsp_no_check", json_true());
    }
    if (profile->extension_count > 0) {
        status |= json_put(object, "extensions", extensions_json(profile));
    }
    if (!lint_set_is_empty(&profile->lint_ignored)) {
        status |= json_put(object, "lint_ignore", rules_json(&profile->lint_ignored));
    }
    if (profile->bundle != NULL) {
        status |= json_put(object, "bundle", json_string(profile->bundle));
    }
    return status;
}

json_t *profile_json(const struct profile *profile, bool document)
{
    json_t *object = document ? json_document("mtlskit.profile/1") : json_object();

    if (object == NULL || (document && json_put(object, "name", json_string(profile->name)) != 0) ||
        put_fixed(object, profile) != 0 || put_optional(object, profile) != 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* ---- YAML ----------------------------------------------------------------------------------------------------------- */

/** Whether @p text needs no quotes: a letter or digit, then letters, digits, ".", "-", "_"; nothing YAML reads as null. */
static bool is_plain(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t length = strspn(text, letters);

    length += strspn(text + length, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
    return text[0] != '\0' && strchr(letters, text[0]) != NULL && text[length] == '\0' &&
           strcmp(text, "null") != 0 && strcmp(text, "Null") != 0 && strcmp(text, "NULL") != 0;
}

static int write_value(const json_t *value, struct bytes *yaml);

/** A text; in double quotes, where YAML has the escapes of JSON. */
static int write_text(const char *text, struct bytes *yaml)
{
    json_t *string;
    char *quoted;
    int status = -1;

    if (is_plain(text)) {
        return bytes_append_text(yaml, text);
    }
    string = json_string(text);
    quoted = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    if (quoted != NULL) {
        status = bytes_append_text(yaml, quoted);
    }
    free(quoted);
    json_decref(string);
    return status;
}

static int write_list(const json_t *list, struct bytes *yaml)
{
    int status = bytes_append_text(yaml, "[");

    for (size_t i = 0; i < json_array_size(list); i++) {
        status |= bytes_append_text(yaml, i > 0 ? ", " : "");
        status |= write_value(json_array_get(list, i), yaml);
    }
    return status | bytes_append_text(yaml, "]");
}

static int write_mapping(const json_t *object, struct bytes *yaml)
{
    int status = bytes_append_text(yaml, "{");
    const char *separator = "", *key;
    json_t *value;

    /* jansson iterates over a const object only by a cast */
    json_object_foreach((json_t *)object, key, value)
    {
        status |= bytes_append_text(yaml, separator);
        status |= write_text(key, yaml);
        status |= bytes_append_text(yaml, ": ");
        status |= write_value(value, yaml);
        separator = ", ";
    }
    return status | bytes_append_text(yaml, "}");
}

static int write_value(const json_t *value, struct bytes *yaml)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return write_mapping(value, yaml);
    case JSON_ARRAY:
        return write_list(value, yaml);
    case JSON_STRING:
        return write_text(json_string_value(value), yaml);
    case JSON_INTEGER:
        return bytes_printf(yaml, "%lld", (long long)json_integer_value(value));
    case JSON_TRUE:
        return bytes_append_text(yaml, "true");
    default:
        return bytes_append_text(yaml, "false");
    }
}

int profile_yaml(const struct profile *profile, struct bytes *yaml)
{
    json_t *object = profile_json(profile, false);
    const char *key;
    json_t *value;
    int status = 0;

    if (object == NULL) {
        return -1;
    }
    json_object_foreach(object, key, value)
    {
        status |= bytes_append_text(yaml, key);
        status |= bytes_append_text(yaml, ": ");
        status |= write_value(value, yaml);
        status |= bytes_append_text(yaml, "\n");
    }
    json_decref(object);
    return status != 0 ? -1 : 0;
}
