/* SPDX-License-Identifier: Apache-2.0 */
/* Firefox's lists of profiles: whatever they hold, what is kept is within its bounds, and the default one is one of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nss/profiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct firefox_profiles profiles;
    const struct firefox_profile *first;

    memset(&profiles, 0, sizeof(profiles));
    /* two lists, one after the other */
    require(firefox_profiles_read(&profiles, (struct slice){data, size / 2}) == 0);
    require(firefox_profiles_read(&profiles, (struct slice){data + size / 2, size - size / 2}) == 0);
    require(profiles.count <= PROFILES_MAX && profiles.default_count <= PROFILES_DEFAULTS);
    for (size_t i = 0; i < profiles.count; i++) {
        require(profiles.list[i].name != NULL && *profiles.list[i].path != '\0');
    }
    first = firefox_profiles_default(&profiles);
    require(first == NULL || (first >= profiles.list && first < profiles.list + profiles.count));
    firefox_profiles_free(&profiles);
    return 0;
}
