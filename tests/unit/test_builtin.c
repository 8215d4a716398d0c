/* SPDX-License-Identifier: Apache-2.0 */
/* manifest/builtin: the profiles inside the program are the files of templates/profiles, octet for octet. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "manifest/builtin.h"

Test(builtin, each_is_its_file)
{
    for (size_t i = 0; i < builtin_profile_count(); i++) {
        const struct builtin_profile *profile = builtin_profile_at(i);
        char path[1024];
        char content[64 * 1024];
        size_t length;
        FILE *file;

        snprintf(path, sizeof(path), "%s/../templates/profiles/%s.yaml", MTLSKIT_TESTS_DIR, profile->name);
        file = fopen(path, "rb");
        cr_assert_not_null(file, "%s is missing", path);
        length = fread(content, 1, sizeof(content), file);
        fclose(file);
        cr_assert_eq(length, profile->length, "%s: length", profile->name);
        cr_assert_arr_eq(content, profile->text, length, "%s: text", profile->name);
        cr_assert_eq(profile->text[length], '\0', "%s: NUL behind the text", profile->name);
    }
}

Test(builtin, sorted_by_name)
{
    for (size_t i = 1; i < builtin_profile_count(); i++) {
        cr_assert_lt(strcmp(builtin_profile_at(i - 1)->name, builtin_profile_at(i)->name), 0);
    }
}

Test(builtin, nothing_beyond_the_last)
{
    cr_assert_null(builtin_profile_at(builtin_profile_count()));
    cr_assert_null(builtin_profile_at((size_t)-1));
}
