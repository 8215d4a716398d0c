/* SPDX-License-Identifier: Apache-2.0 */
/* The top of a manifest: its keys, and what stands behind them. */
#include "manifest/top.h"

#include "manifest/value.h"

/** Longest id, in bytes: paths to manifests serve as ids where none is given. */
#define ID_MAX 1023

static int read_fixtures(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    return fixture_read_given(node, path, ((struct top *)target)->fixture, faults);
}

static int read_id(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    return value_line(node, path, ID_MAX, ((struct top *)target)->id, faults);
}

static int read_defaults(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    (void)path;
    (void)faults;
    ((struct top *)target)->defaults = node;
    return 0;
}

static int read_profiles(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    (void)path;
    (void)faults;
    ((struct top *)target)->profiles = node;
    return 0;
}

/** A mapping of names to entries. */
static int read_section(const struct node *node, const struct path *path, const struct node **section,
                        struct faults *faults)
{
    if (field_is(node, path, NODE_MAPPING, faults)) {
        *section = node;
    }
    return 0;
}

static int read_authorities(const struct node *node, const struct path *path, void *target,
                            struct faults *faults)
{
    return read_section(node, path, &((struct top *)target)->authorities, faults);
}

static int read_certificates(const struct node *node, const struct path *path, void *target,
                             struct faults *faults)
{
    return read_section(node, path, &((struct top *)target)->certificates, faults);
}

static int read_installs(const struct node *node, const struct path *path, void *target,
                         struct faults *faults)
{
    return read_section(node, path, &((struct top *)target)->installs, faults);
}

static const struct field top_fields[] = {
    {"mtlskit", value_grammar, true},
    {"id", read_id, false},
    {"defaults", read_defaults, false},
    {"profiles", read_profiles, false},
    {"authorities", read_authorities, false},
    {"certificates", read_certificates, false},
    {"installs", read_installs, false},
    {"fixtures", read_fixtures, false},
    {NULL, NULL, false},
};

int top_read(const struct node *root, struct top *top, struct faults *faults)
{
    struct path path = {NULL, "fixtures", 0};
    int status = fields_read(root, NULL, "a manifest", top_fields, top, faults);
    const struct node *fixtures = node_find(root, "fixtures");

    /* elsewhere what is empty counts as absent; here it would make a PKI that ends, with keys that nobody can make again */
    if (status == 0 && fixtures != NULL && node_is_null(fixtures)) {
        field_error(
            faults, fixtures, &path,
            "fixtures: {insecure_seed: \"a text of the project's own\"}; what is no fixture has no fixtures:",
            "is empty: there is no seed");
    }
    return status;
}
