/* SPDX-License-Identifier: Apache-2.0 */
/* Trust settings in words. */
#include "macos/trust_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"

#define HEADING "macos trust 1\n"

/* SecTrustSettingsResult, trusted as a root or although it is none. */
#define RESULT_ROOT    1
#define RESULT_AS_ROOT 2

static const char *const policies[] = {
    [TRUST_ALL] = "all",
    [TRUST_SSL_SERVER] = "ssl-server",
    [TRUST_SSL_CLIENT] = "ssl-client",
    [TRUST_BASIC] = "basic",
    [TRUST_OTHER] = "oid:",
};

void trust_settings_free(struct trust_settings *settings)
{
    free(settings->all);
    memset(settings, 0, sizeof(*settings));
}

struct trust_setting *trust_settings_add(struct trust_settings *settings)
{
    struct trust_setting *all = NULL;

    if (settings->count >= TRUST_SETTINGS_MAX) {
        return NULL;
    }
    all = realloc(settings->all, (settings->count + 1) * sizeof(*all));
    if (all == NULL) {
        return NULL;
    }
    settings->all = all;
    memset(&all[settings->count], 0, sizeof(*all));
    return &all[settings->count++];
}

static bool same(const struct trust_setting *one, const struct trust_setting *other)
{
    return one->policy == other->policy && strcmp(one->oid, other->oid) == 0 &&
           one->has_host == other->has_host && strcmp(one->host, other->host) == 0 &&
           one->has_result == other->has_result && one->result == other->result &&
           one->has_usage == other->has_usage && one->usage == other->usage &&
           one->has_error == other->has_error && one->error == other->error;
}

bool trust_settings_equal(const struct trust_settings *one, const struct trust_settings *other)
{
    bool taken[TRUST_SETTINGS_MAX] = {false};

    if (one->present != other->present || one->count != other->count) {
        return false;
    }
    for (size_t i = 0; i < one->count; i++) {
        size_t found = 0;

        while (found < other->count && (taken[found] || !same(&one->all[i], &other->all[found]))) {
            found++;
        }
        if (found == other->count) {
            return false;
        }
        taken[found] = true;
    }
    return true;
}

static int add(struct trust_settings *settings, enum trust_policy policy, const char *host, int32_t result)
{
    struct trust_setting *setting = trust_settings_add(settings);

    if (setting == NULL) {
        return -1;
    }
    setting->policy = policy;
    setting->has_result = true;
    setting->result = result;
    if (host != NULL) {
        setting->has_host = true;
        memcpy(setting->host, host, strlen(host) + 1);
    }
    return 0;
}

int trust_settings_of(enum scope scope, const char *host, int32_t result, struct trust_settings *settings)
{
    trust_settings_free(settings);
    if (host != NULL && strlen(host) >= TRUST_HOST_MAX) {
        return -1;
    }
    if (scope == SCOPE_NONE) {
        return 0;
    }
    settings->present = true;
    if (((scope & SCOPE_SERVER) != 0 && add(settings, TRUST_SSL_SERVER, host, result) != 0) ||
        ((scope & SCOPE_CLIENT) != 0 && add(settings, TRUST_SSL_CLIENT, host, result) != 0) ||
        (host == NULL && add(settings, TRUST_BASIC, NULL, result) != 0)) {
        trust_settings_free(settings);
        return -1;
    }
    return 0;
}

enum scope trust_settings_scope(const struct trust_settings *settings, const char **host)
{
    unsigned scope = SCOPE_NONE;
    bool everywhere = false;
    const char *only = NULL;

    if (settings->present && settings->count == 0) {
        scope = SCOPE_ANY;
        everywhere = true;
    }
    for (size_t i = 0; i < settings->count; i++) {
        const struct trust_setting *setting = &settings->all[i];
        unsigned given = setting->policy == TRUST_SSL_SERVER   ? SCOPE_SERVER
                         : setting->policy == TRUST_SSL_CLIENT ? SCOPE_CLIENT
                         : setting->policy == TRUST_ALL        ? SCOPE_ANY
                                                               : SCOPE_NONE;

        if (given == SCOPE_NONE ||
            (setting->has_result && setting->result != RESULT_ROOT && setting->result != RESULT_AS_ROOT)) {
            continue;
        }
        scope |= given;
        everywhere = everywhere || !setting->has_host || (only != NULL && strcmp(only, setting->host) != 0);
        only = setting->host;
    }
    *host = everywhere || scope == SCOPE_NONE ? NULL : only;
    return (enum scope)scope;
}

static int write_number(struct bytes *words, const char *name, bool there, int32_t number)
{
    return there ? bytes_printf(words, " %s=%" PRId32, name, number) : 0;
}

int trust_words_write(const struct trust_settings *settings, struct bytes *words)
{
    if (!settings->present) {
        return 0;
    }
    if (bytes_append_text(words, HEADING) != 0) {
        return -1;
    }
    for (size_t i = 0; i < settings->count; i++) {
        const struct trust_setting *setting = &settings->all[i];

        if (bytes_printf(words, "policy=%s%s", policies[setting->policy], setting->oid) != 0 ||
            (setting->has_host && (bytes_append_text(words, " host=") != 0 ||
                                   bytes_append_hex(words, slice_of_text(setting->host), '\0') != 0)) ||
            write_number(words, "result", setting->has_result, setting->result) != 0 ||
            write_number(words, "usage", setting->has_usage, setting->usage) != 0 ||
            write_number(words, "error", setting->has_error, setting->error) != 0 ||
            bytes_append_byte(words, '\n') != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

/* What stands before @p end, which is passed over; -1: it does not come. */
static int cut(struct slice *rest, char end, struct slice *piece)
{
    const unsigned char *found = rest->length == 0 ? NULL : memchr(rest->data, end, rest->length);

    if (found == NULL) {
        return -1;
    }
    piece->data = rest->data;
    piece->length = (size_t)(found - rest->data);
    rest->data = found + 1;
    rest->length -= piece->length + 1;
    return 0;
}

static bool starts(struct slice *word, const char *with)
{
    size_t length = strlen(with);

    if (word->length < length || memcmp(word->data, with, length) != 0) {
        return false;
    }
    word->data += length;
    word->length -= length;
    return true;
}

static int read_policy(struct slice word, struct trust_setting *setting)
{
    for (size_t i = TRUST_ALL; i < TRUST_OTHER; i++) {
        if (slice_equal(word, slice_of_text(policies[i]))) {
            setting->policy = (enum trust_policy)i;
            return 0;
        }
    }
    if (!starts(&word, policies[TRUST_OTHER]) || word.length == 0 || word.length >= TRUST_OID_MAX) {
        return -1;
    }
    for (size_t i = 0; i < word.length; i++) {
        if (strchr("0123456789.", word.data[i]) == NULL || word.data[i] == '\0') {
            return -1;
        }
        setting->oid[i] = (char)word.data[i];
    }
    setting->policy = TRUST_OTHER;
    return 0;
}

static int read_host(struct slice word, struct trust_setting *setting)
{
    if (setting->has_host || word.length % 2 != 0 || word.length / 2 >= TRUST_HOST_MAX) {
        return -1;
    }
    for (size_t i = 0; i < word.length; i += 2) {
        int octet = hex_octet((const char *)word.data + i);

        if (octet <= 0) {
            return -1;
        }
        setting->host[i / 2] = (char)octet;
    }
    setting->has_host = true;
    return 0;
}

static int read_number(struct slice word, bool *there, int32_t *number)
{
    bool negative = starts(&word, "-");
    int64_t value = 0;

    if (*there || word.length == 0 || word.length > 10) {
        return -1;
    }
    for (size_t i = 0; i < word.length; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') {
            return -1;
        }
        value = value * 10 + (word.data[i] - '0');
    }
    value = negative ? -value : value;
    if (value < INT32_MIN || value > INT32_MAX) {
        return -1;
    }
    *there = true;
    *number = (int32_t)value;
    return 0;
}

static int read_line(struct slice line, struct trust_setting *setting)
{
    unsigned char copy[TRUST_HOST_MAX * 2 + TRUST_OID_MAX + 128];
    struct slice rest = {copy, line.length + 1};
    struct slice word;
    bool policy = false;

    if (line.length >= sizeof(copy)) {
        return -1;
    }
    /* A blank behind each word, so that all end alike. */
    memcpy(copy, line.data, line.length);
    copy[line.length] = ' ';
    while (rest.length > 0) {
        int status = -1;

        if (cut(&rest, ' ', &word) != 0) {
            return -1;
        }
        if (starts(&word, "policy=") && !policy) {
            status = read_policy(word, setting);
            policy = true;
        } else if (starts(&word, "host=")) {
            status = read_host(word, setting);
        } else if (starts(&word, "result=")) {
            status = read_number(word, &setting->has_result, &setting->result);
        } else if (starts(&word, "usage=")) {
            status = read_number(word, &setting->has_usage, &setting->usage);
        } else if (starts(&word, "error=")) {
            status = read_number(word, &setting->has_error, &setting->error);
        }
        if (status != 0) {
            return -1;
        }
    }
    return policy ? 0 : -1;
}

int trust_words_read(struct slice words, struct trust_settings *settings)
{
    struct slice line;

    trust_settings_free(settings);
    if (words.length == 0) {
        return 0;
    }
    if (words.length > TRUST_WORDS_MAX || !starts(&words, HEADING)) {
        return -1;
    }
    settings->present = true;
    while (words.length > 0) {
        struct trust_setting *setting = NULL;

        if (cut(&words, '\n', &line) == 0) {
            setting = trust_settings_add(settings);
        }
        if (setting == NULL || read_line(line, setting) != 0) {
            trust_settings_free(settings);
            return -1;
        }
    }
    return 0;
}
