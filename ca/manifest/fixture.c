/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a PKI a fixture: the texts of it, checked. */
#include "manifest/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/seed.h"
#include "base/utf8.h"
#include "manifest/value.h"
#include "x509/instant.h"

/** What is said of a seed that others are likely to choose as well. */
#define SHORT_SEED                                                                                           \
    "is shorter than 16 bytes: others may have chosen it, too, and their fixtures have the same keys"

void fixture_free(struct fixture *fixture)
{
    free(fixture->seed);
    *fixture = (struct fixture){0};
}

instant fixture_time(const struct fixture *fixture)
{
    return fixture->has_now ? fixture->now : SEED_TIME;
}

int fixture_set(struct fixture *fixture, const char *seed, const char *seed_shown, const char *now,
                const char *now_shown, struct faults *faults)
{
    const char *why = NULL;

    if (seed == NULL) {
        if (now != NULL) {
            fault_error(faults, NULL, now_shown,
                        "give its seed, too; where the manifest has fixtures:, the time stands there as now:",
                        "stands without a seed: it is the time at which a fixture is made");
        }
        return now != NULL ? -1 : 0;
    }
    if (!utf8_is_valid(slice_of_text(seed))) {
        fault_error(faults, NULL, seed_shown, NULL, "is not UTF-8");
        return -1;
    }
    if (seed[0] == 0 || strlen(seed) > FIXTURE_SEED_MAX) {
        fault_error(faults, NULL, seed_shown,
                    "any text, such as the project's name and what the fixture is for",
                    seed[0] == 0 ? "is empty" : "is longer than %d bytes", FIXTURE_SEED_MAX);
        return -1;
    }
    if (strlen(seed) < SEED_ADVISED_LENGTH) {
        fault_warning(faults, NULL, seed_shown, NULL, SHORT_SEED);
    }
    if (now != NULL && instant_parse(now, &fixture->now, &why) != 0) {
        fault_error(faults, NULL, now_shown, NULL, "\"%s\" %s", now, why);
        return -1;
    }
    fixture->has_now = now != NULL;
    fixture->seed = strdup(seed);
    if (fixture->seed == NULL) {
        fault_memory(faults);
    }
    return fixture->seed != NULL ? 0 : -1;
}

static int read_seed(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct fixture *fixture = target;
    size_t before = faults_errors(faults);
    int status = value_line(node, path, FIXTURE_SEED_MAX, &fixture->seed, faults);

    if (status == 0 && faults_errors(faults) == before && fixture->seed != NULL &&
        strlen(fixture->seed) < SEED_ADVISED_LENGTH) {
        field_warning(faults, node, path, NULL, SHORT_SEED);
    }
    return status;
}

static int read_now(const struct node *node, const struct path *path, void *target, struct faults *faults)
{
    struct fixture *fixture = target;
    const char *text = NULL;
    const char *why = NULL;
    int status = field_text(node, path, &text, faults);

    if (status == 0 && instant_parse(text, &fixture->now, &why) != 0) {
        field_error(faults, node, path, NULL, "%s %s", field_quoted(text).text, why);
    } else if (status == 0) {
        fixture->has_now = true;
    }
    return status < 0 ? -1 : 0;
}

static const struct field fixture_fields[] = {
    {"insecure_seed", read_seed, true},
    {"now", read_now, false},
    {NULL, NULL, false},
};

int fixture_read_given(const struct node *node, const struct path *path, struct fixture *fixture,
                       struct faults *faults)
{
    struct fixture written = {0};
    size_t before = faults_errors(faults);
    int status = fields_read(node, path, "fixtures", fixture_fields, &written, faults);

    if (status == 0 && faults_errors(faults) == before && fixture->seed != NULL &&
        !fixture_equal(fixture, &written)) {
        field_error(faults, node, path, "leave the options or these fields out",
                    "says another seed or time than --insecure-seed and --now");
    }
    if (fixture->seed == NULL) {
        *fixture = written;
    } else {
        fixture_free(&written);
    }
    return status;
}

int fixture_copy(struct fixture *to, const struct fixture *from)
{
    *to = *from;
    if (from->seed != NULL) {
        to->seed = strdup(from->seed);
    }
    return from->seed == NULL || to->seed != NULL ? 0 : -1;
}

bool fixture_equal(const struct fixture *one, const struct fixture *other)
{
    if (one->seed == NULL || other->seed == NULL) {
        return one->seed == other->seed;
    }
    return strcmp(one->seed, other->seed) == 0 && one->has_now == other->has_now &&
           (!one->has_now || one->now == other->now);
}
