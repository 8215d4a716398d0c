/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca fixtures: certificates, lists and bundles that are wrong in every known way, for tests of whatever verifies them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/seed.h"
#include "command/commands.h"
#include "command/fixtures_json.h"
#include "fixtures/publication.h"
#include "fixtures/workshop.h"
#include "manifest/complaint.h"
#include "manifest/field.h"
#include "manifest/fixture.h"

static const struct option_spec fixtures_options[] = {
    {"directory", 'd', "DIR", false, "the folder that the cases go to (default: fixtures)"},
    {"insecure-seed", 0, "TEXT", false, "make them from this text; default: one that everybody has"},
    {"now", 0, "TIME", false, "good leaves are valid for 825 days from then, as Apple wants it"},
    {"only", 0, "CASE,...", true, "only these cases; can be repeated"},
    {"list", 0, NULL, false, "only say which cases there are"},
    {"json", 0, NULL, false, "print fixtures.json"},
    {NULL, 0, NULL, false, NULL},
};

/* What was asked for. */
struct fixtures_order {
    const char *directory;
    struct fixture fixture; /* the seed, and where leaves begin to be valid if that was told */
    bool *chosen;           /* by index of the catalogue */
    size_t count;           /* of the catalogue */
};

static const instant *order_time(const struct fixtures_order *order)
{
    return order->fixture.has_now ? &order->fixture.now : NULL;
}

/* ---- options ----------------------------------------------------------------------------------------------------- */

/* Complain of a case that there is not, with the nearest. */
static void refuse_case(const struct fixtures_order *order, const char *name, struct faults *faults)
{
    const char **names = calloc(order->count + 1, sizeof(*names));
    char hint[COMPLAINT_HINT_MAX];
    const char *nearest = NULL;

    for (size_t i = 0; names != NULL && i < order->count; i++) {
        names[i] = fixture_case_at(i)->name;
    }
    if (names != NULL) {
        nearest = field_nearest(name, names, order->count);
    }
    free(names);
    usage_error(faults, complaint_did_you_mean(hint, nearest, "mtls-ca fixtures --list names them"),
                "there is no case \"%s\"", name);
}

/* The cases of one --only: NAME,NAME. */
static bool choose(struct fixtures_order *order, const char *names, struct faults *faults)
{
    char *copy = strdup(names);
    char *rest = copy;
    bool all = copy != NULL;

    while (rest != NULL) {
        char *name = strsep(&rest, ",");
        size_t i = 0;

        while (i < order->count && strcmp(fixture_case_at(i)->name, name) != 0) {
            i++;
        }
        if (i < order->count) {
            order->chosen[i] = true;
        } else {
            refuse_case(order, name, faults);
            all = false;
        }
    }
    free(copy);
    return all;
}

static bool choose_cases(const struct invocation *invocation, struct fixtures_order *order)
{
    size_t count = options_count(invocation->options, "only");
    bool all = true;

    while (fixture_case_at(order->count) != NULL) {
        order->count++;
    }
    order->chosen = calloc(order->count + 1, sizeof(*order->chosen));
    if (order->chosen == NULL) {
        fault_memory(invocation->faults);
        return false;
    }
    for (size_t i = 0; i < order->count; i++) {
        order->chosen[i] = count == 0;
    }
    for (size_t i = 0; i < count; i++) {
        all = choose(order, options_at(invocation->options, "only", i), invocation->faults) && all;
    }
    return all;
}

/* What they are made from: the words of apply, and a time that the dates of the catalogue leave room for. */
static bool read_fixture(const struct invocation *invocation, struct fixtures_order *order)
{
    const struct options *options = invocation->options;
    const char *seed = options_text(options, "insecure-seed");
    const char *now = options_text(options, "now");
    struct fixture *fixture = &order->fixture;

    if (fixture_set(fixture, seed != NULL ? seed : FIXTURE_SEED, "--insecure-seed", now, "--now",
                    invocation->faults) != 0) {
        return false;
    }
    if (fixture->has_now && (fixture->now < FIXTURE_AT_MIN || fixture->now >= FIXTURE_AT_MAX)) {
        usage_error(invocation->faults, "a time from 2022 to 9969",
                    "--now: at \"%s\" what is to have expired has not, or what is not to be valid yet is",
                    now);
        return false;
    }
    return true;
}

static bool read_options(const struct invocation *invocation, struct fixtures_order *order)
{
    const struct options *options = invocation->options;

    order->directory = options_given(options, "directory") ? options_text(options, "directory") : "fixtures";
    return read_fixture(invocation, order) && choose_cases(invocation, order);
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

/* All of it in memory. */
struct fixtures_made {
    struct fixture_content *contents; /* by index of the catalogue; empty where not chosen or left out */
    json_t *document;
    size_t cases;
};

static struct fixture_workshop *open_workshop(const struct invocation *invocation,
                                              const struct fixtures_order *order, struct seed *seed)
{
    if (seed == NULL) {
        fault_memory(invocation->faults);
        return NULL;
    }
    return fixture_workshop_new(invocation->context, seed, order_time(order), invocation->faults);
}

static int make(const struct invocation *invocation, struct fixtures_order *order, struct fixtures_made *made)
{
    struct seed *seed = seed_new(context_libctx(invocation->context), slice_of_text(order->fixture.seed));
    struct fixture_workshop *workshop = open_workshop(invocation, order, seed);
    const char *why;
    int status = workshop != NULL ? 0 : -1;

    made->contents = calloc(order->count + 1, sizeof(*made->contents));
    if (status == 0 && made->contents == NULL) {
        fault_memory(invocation->faults);
        status = -1;
    }
    for (size_t i = 0; status == 0 && i < order->count; i++) {
        const struct fixture_case *fixture = fixture_case_at(i);

        if (!order->chosen[i]) {
            continue;
        }
        if (!fixture_workshop_can(workshop, fixture, &why)) {
            if (options_given(invocation->options, "only")) {
                fault_error(invocation->faults, NULL, NULL, NULL, "%s cannot be made here: it %s",
                            fixture->name, why);
                status = -1;
                continue;
            }
            fault_warning(invocation->faults, NULL, NULL, NULL, "%s is left out: it %s", fixture->name, why);
            fixtures_json_leave_out(&made->document, fixture, why);
            order->chosen[i] = false;
            continue;
        }
        status = fixture_workshop_make(workshop, fixture, &made->contents[i], invocation->faults);
        fixtures_json_add(&made->document, fixture);
        made->cases += 1;
    }
    fixture_workshop_free(workshop);
    seed_free(seed);
    return status;
}

static int publish(const struct invocation *invocation, const struct fixtures_order *order,
                   const struct fixtures_made *made)
{
    struct fixture_publication *publication =
        fixture_publication_new(invocation->context, order->directory, invocation->faults);
    struct bytes index = BYTES_EMPTY;
    int status = publication != NULL ? 0 : -1;

    if (status == 0 && fixtures_json_text(made->document, &index) != 0) {
        fault_memory(invocation->faults);
        status = -1;
    }
    if (status == 0) {
        status = fixture_publication_add_index(publication, slice_of(&index), invocation->faults);
    }
    for (size_t i = 0; status == 0 && i < order->count; i++) {
        if (order->chosen[i]) {
            status = fixture_publication_add(publication, fixture_case_at(i), &made->contents[i],
                                             invocation->faults);
        }
    }
    if (status == 0) {
        status = fixture_publication_commit(publication, invocation->faults);
    }
    if (status == 0 && !options_given(invocation->options, "json")) {
        terminal_tell(invocation->terminal, "%s: %zu cases, %zu files written, %zu unchanged\n",
                      order->directory, made->cases, fixture_publication_written(publication),
                      fixture_publication_unchanged(publication));
    }
    bytes_free(&index);
    fixture_publication_free(publication);
    return status;
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static void print_list(const struct invocation *invocation, const struct fixtures_order *order)
{
    int width = 0;

    for (size_t i = 0; i < order->count; i++) {
        int length = (int)strlen(fixture_case_at(i)->name);

        width = order->chosen[i] && length > width ? length : width;
    }
    for (size_t i = 0; i < order->count; i++) {
        const struct fixture_case *fixture = fixture_case_at(i);

        if (order->chosen[i]) {
            terminal_print(invocation->terminal, "%-*s  %s  %s\n", width, fixture->name,
                           fixture->accept ? "accept" : "reject", fixture->description);
        }
    }
}

static enum exit_status list(const struct invocation *invocation, const struct fixtures_order *order,
                             struct fixtures_made *made)
{
    if (!options_given(invocation->options, "json")) {
        print_list(invocation, order);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < order->count; i++) {
        if (order->chosen[i]) {
            fixtures_json_add(&made->document, fixture_case_at(i));
        }
    }
    if (json_print(invocation->terminal, json_incref(made->document)) != 0) {
        fault_memory(invocation->faults);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static enum exit_status make_and_tell(const struct invocation *invocation, struct fixtures_order *order,
                                      struct fixtures_made *made)
{
    if (make(invocation, order, made) != 0 || publish(invocation, order, made) != 0) {
        return EXIT_FAILED;
    }
    if (options_given(invocation->options, "json") &&
        json_print(invocation->terminal, json_incref(made->document)) != 0) {
        fault_memory(invocation->faults);
        return EXIT_FAILED;
    }
    terminal_note(invocation->terminal,
                  "these are fixtures: whoever knows the seed has their keys, so trust them "
                  "in tests alone");
    return EXIT_DONE;
}

static enum exit_status fixtures_command(struct invocation *invocation)
{
    struct fixtures_order order = {.directory = NULL};
    struct fixtures_made made = {.document = NULL};
    enum exit_status status = EXIT_USAGE;

    if (read_options(invocation, &order)) {
        made.document = fixtures_json(order.fixture.seed, order_time(&order));
        status = options_given(invocation->options, "list") ? list(invocation, &order, &made)
                                                            : make_and_tell(invocation, &order, &made);
    }
    for (size_t i = 0; made.contents != NULL && i < order.count; i++) {
        fixture_content_free(&made.contents[i]);
    }
    free(made.contents);
    json_decref(made.document);
    fixture_free(&order.fixture);
    free(order.chosen);
    return status;
}

const struct command command_fixtures = {
    .name = "fixtures",
    .summary = "make a catalogue of what can be wrong with certificates, to test against",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = fixtures_options,
    .about =
        "Makes a folder for each case: chain.pem, key.pem, anchors.pem and what else it needs, and "
        "fixtures.json,\n"
        "which says of each what a correct verifier does. All of it follows from a seed and is the same\n"
        "everywhere, and valid from 2020 to 9999. Its keys are public: never trust it outside of tests.\n",
    .examples = "  mtls-ca fixtures -d fixtures\n"
                "  mtls-ca fixtures --list\n"
                "  mtls-ca fixtures -d fixtures --only expired,wrong-host\n"
                "  mtls-ca fixtures -d fixtures --now 2030-01-31   leaves that Apple takes, too\n",
    .run = fixtures_command,
};
