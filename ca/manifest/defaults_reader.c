/* SPDX-License-Identifier: Apache-2.0 */
/* `defaults:` of a manifest. */
#include "manifest/reading.h"
#include "manifest/value.h"

static int read_default_subject(const struct node *node, const struct path *path, void *target,
                                struct faults *faults)
{
    struct reading *reading = target;

    subject_clear(&reading->subject);
    if (subject_read(&reading->subject, node, path, faults) != 0 ||
        subject_build(&reading->subject, path, &reading->defaults.subject, faults) != 0) {
        return -1;
    }
    return 0;
}

static int read_default_key(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    return value_key_algorithm(node, path, &((struct reading *)target)->defaults.key, faults);
}

static int read_default_validity(const struct node *node, const struct path *path, void *target,
                                 struct faults *faults)
{
    struct defaults *defaults = &((struct reading *)target)->defaults;

    defaults->has_validity = true;
    return value_validity(node, path, &defaults->validity, faults);
}

static int read_default_backdate(const struct node *node, const struct path *path, void *target,
                                 struct faults *faults)
{
    struct defaults *defaults = &((struct reading *)target)->defaults;

    defaults->has_backdate = true;
    return value_backdate(node, path, &defaults->backdate, faults);
}

static int read_default_renew_before(const struct node *node, const struct path *path, void *target,
                                     struct faults *faults)
{
    struct defaults *defaults = &((struct reading *)target)->defaults;

    defaults->has_renew_before = true;
    return value_duration(node, path, &defaults->renew_before, faults);
}

static int read_default_formats(const struct node *node, const struct path *path, void *target,
                                struct faults *faults)
{
    return reading_formats(node, path, &((struct reading *)target)->defaults.formats, faults);
}

static int read_default_lint_ignored(const struct node *node, const struct path *path, void *target,
                                     struct faults *faults)
{
    return value_lint_ignored(node, path, &((struct reading *)target)->defaults.lint_ignored, faults);
}

static int read_default_reuse_key(const struct node *node, const struct path *path, void *target,
                                  struct faults *faults)
{
    return field_boolean(node, path, &((struct reading *)target)->defaults.reuse_key, faults) < 0 ? -1 : 0;
}

static int read_default_profile(const struct node *node, const struct path *path, void *target,
                                struct faults *faults)
{
    struct reading *reading = target;

    (void)faults;
    reading->defaults.profile = reading_profile(reading, node, path, ENTRY_CERTIFICATE);
    reading->defaults.profile_wrong = reading->defaults.profile == NULL;
    return 0;
}

static int read_default_crl(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    return reading_crl(target, node, path, &((struct reading *)target)->defaults.crl, faults);
}

static const struct field default_fields[] = {
    {"subject", read_default_subject, false},
    {"key", read_default_key, false},
    {"validity", read_default_validity, false},
    {"backdate", read_default_backdate, false},
    {"renew_before", read_default_renew_before, false},
    {"reuse_key", read_default_reuse_key, false},
    {"formats", read_default_formats, false},
    {"profile", read_default_profile, false},
    {"crl", read_default_crl, false},
    {"lint_ignore", read_default_lint_ignored, false},
    {NULL, NULL, false},
};

int reading_defaults(struct reading *reading, const struct node *node, struct faults *faults)
{
    struct path path = {NULL, "defaults", 0};

    return fields_read(node, &path, "defaults", default_fields, reading, faults);
}
