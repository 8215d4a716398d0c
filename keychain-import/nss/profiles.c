/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of profiles. A section's lines are gathered and kept when the section ends.
 */
#include "nss/profiles.h"

#include <stdlib.h>
#include <string.h>

static const struct firefox_profile no_profile = {NULL, NULL, false, false};

enum section { SECTION_OTHER, SECTION_PROFILE, SECTION_INSTALL };

struct gathering {
    struct firefox_profiles *profiles;
    enum section section;
    struct firefox_profile profile;
    char *fallback; /* Default= of an installation */
};

static bool begins(struct slice text, const char *word)
{
    return text.length >= strlen(word) && memcmp(text.data, word, strlen(word)) == 0;
}

static void profile_clear(struct firefox_profile *profile)
{
    free(profile->name);
    free(profile->path);
    *profile = no_profile;
}

/** Keep one more default; takes @p path over. */
static void keep_default(struct firefox_profiles *profiles, char *path)
{
    for (size_t i = 0; i < profiles->default_count; i++) {
        if (strcmp(profiles->defaults[i], path) == 0) {
            free(path);
            return;
        }
    }
    if (profiles->default_count == PROFILES_DEFAULTS) {
        free(path);
        return;
    }
    profiles->defaults[profiles->default_count++] = path;
}

/** The section is over. */
static void keep(struct gathering *gathering)
{
    struct firefox_profiles *profiles = gathering->profiles;
    struct firefox_profile *profile = &gathering->profile;

    if (gathering->section == SECTION_PROFILE && profile->name != NULL && profile->path != NULL &&
        *profile->path != '\0' && profiles->count < PROFILES_MAX) {
        profiles->list[profiles->count++] = *profile;
        *profile = no_profile;
    }
    profile_clear(profile);
    if (gathering->fallback != NULL) {
        keep_default(profiles, gathering->fallback);
        gathering->fallback = NULL;
    }
}

static enum section section_of(struct slice line)
{
    if (begins(line, "[Profile")) {
        return SECTION_PROFILE;
    }
    /* in installs.ini a section is the installation's number alone */
    return begins(line, "[Install") || (line.length > 1 && strchr("0123456789ABCDEF", line.data[1]) != NULL)
               ? SECTION_INSTALL
               : SECTION_OTHER;
}

/** Set @p *to to a copy of @p value. */
static int set(char **to, struct slice value)
{
    char *taken = slice_copy(value);

    if (taken == NULL) {
        return -1;
    }
    free(*to);
    *to = taken;
    return 0;
}

static int take_line(struct gathering *gathering, struct slice line)
{
    const unsigned char *sign;
    struct slice value;

    if (begins(line, "[")) {
        keep(gathering);
        gathering->section = section_of(line);
        return 0;
    }
    sign = line.length > 0 ? memchr(line.data, '=', line.length) : NULL;
    if (sign == NULL) {
        return 0;
    }
    value.data = sign + 1;
    value.length = line.length - (size_t)(sign + 1 - line.data);
    if (memchr(value.data, '\0', value.length) != NULL) {
        return 0;
    }
    if (gathering->section == SECTION_INSTALL) {
        return begins(line, "Default=") && value.length > 0 ? set(&gathering->fallback, value) : 0;
    }
    if (begins(line, "Name=")) {
        return set(&gathering->profile.name, value);
    }
    if (begins(line, "Path=")) {
        return set(&gathering->profile.path, value);
    }
    if (begins(line, "IsRelative=")) {
        gathering->profile.relative = begins(value, "1");
    } else if (begins(line, "Default=")) {
        gathering->profile.first = begins(value, "1");
    }
    return 0;
}

int firefox_profiles_read(struct firefox_profiles *profiles, struct slice text)
{
    struct gathering gathering = {.profiles = profiles};
    int result = 0;

    while (text.length > 0 && result == 0) {
        const unsigned char *end = memchr(text.data, '\n', text.length);
        struct slice line = {text.data, end != NULL ? (size_t)(end - text.data) : text.length};
        size_t whole = line.length + (end != NULL ? 1 : 0);

        if (line.length > 0 && line.data[line.length - 1] == '\r') {
            line.length--;
        }
        result = take_line(&gathering, line);
        text.data += whole;
        text.length -= whole;
    }
    keep(&gathering);
    return result;
}

const struct firefox_profile *firefox_profiles_default(const struct firefox_profiles *profiles)
{
    const struct firefox_profile *found = NULL;

    if (profiles->default_count > 1) {
        return NULL;
    }
    for (size_t i = 0; i < profiles->count; i++) {
        const struct firefox_profile *profile = &profiles->list[i];

        if (profiles->default_count == 1 ? strcmp(profile->path, profiles->defaults[0]) == 0
                                         : profile->first || profiles->count == 1) {
            if (found != NULL) {
                return NULL;
            }
            found = profile;
        }
    }
    return found;
}

void firefox_profiles_free(struct firefox_profiles *profiles)
{
    for (size_t i = 0; i < profiles->count; i++) {
        profile_clear(&profiles->list[i]);
    }
    for (size_t i = 0; i < profiles->default_count; i++) {
        free(profiles->defaults[i]);
    }
    memset(profiles, 0, sizeof(*profiles));
}
