/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and judging, into one place that keeps it. */
#include "commands/intake.h"

#include <stdlib.h>

void intake_free(struct intake *intake)
{
    wanted_free(&intake->wanted);
    for (size_t i = 0; i < intake->identity_count; i++) {
        identity_free(intake->identities[i]);
        free(intake->identities[i]);
    }
    for (size_t i = 0; i < intake->anchor_count; i++) {
        anchors_free(intake->anchors[i]);
        free(intake->anchors[i]);
    }
    free(intake->identities);
    free(intake->anchors);
    *intake = (struct intake){NULL, 0, NULL, 0, {NULL, 0}};
}

static struct identity *new_identity(struct intake *intake)
{
    struct identity **more =
        realloc(intake->identities, (intake->identity_count + 1) * sizeof(*intake->identities));

    intake->identities = more != NULL ? more : intake->identities;
    if (more == NULL || (more[intake->identity_count] = calloc(1, sizeof(**more))) == NULL) {
        return NULL;
    }
    return more[intake->identity_count++];
}

static struct anchors *new_anchors(struct intake *intake)
{
    struct anchors **more = realloc(intake->anchors, (intake->anchor_count + 1) * sizeof(*intake->anchors));

    intake->anchors = more != NULL ? more : intake->anchors;
    if (more == NULL || (more[intake->anchor_count] = calloc(1, sizeof(**more))) == NULL) {
        return NULL;
    }
    return more[intake->anchor_count++];
}

int intake_identity(struct intake *intake, const struct intake_rules *rules,
                    const struct identity_files *files, const struct wanted_manner *manner,
                    struct faults *faults)
{
    struct identity *identity = new_identity(intake);

    if (identity == NULL) {
        fault_memory(faults);
        return -1;
    }
    return identity_read(rules->context, files, identity, faults) == 0 &&
                   identity_judge(rules->context, identity, &rules->judgement, faults) == 0 &&
                   wanted_add_identity(rules->context, &intake->wanted, identity, manner, faults) == 0
               ? 0
               : -1;
}

int intake_anchors(struct intake *intake, const struct intake_rules *rules, const char *path,
                   enum scope scope, const char *host, struct faults *faults)
{
    struct anchors *anchors = new_anchors(intake);
    int status = 0;

    if (anchors == NULL) {
        fault_memory(faults);
        return -1;
    }
    if (anchors_read(rules->context, path, anchors, faults) != 0 ||
        anchors_judge(rules->context, anchors, &rules->judgement, faults) != 0) {
        return -1;
    }
    for (size_t i = 0; i < anchors->certificates.count; i++) {
        if (wanted_add_anchor(rules->context, &intake->wanted, slice_of(&anchors->certificates.items[i]),
                              scope, host, rules->apart, rules->insecure_for_any, faults) != 0) {
            status = -1;
        }
    }
    return status;
}
