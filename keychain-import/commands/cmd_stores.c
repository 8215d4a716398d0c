/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import stores: what this machine has, and what each kind of store can enforce.
 */
#include "base/confine.h"
#include "choice/choice.h"
#include "commands/commands.h"
#include "commands/session.h"
#include "console/json.h"

static const struct option_spec stores_options[] = {
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** Abilities, as JSON and people name them. */
static const struct {
    enum store_ability ability;
    const char *word, *phrase;
} abilities[] = {
    {STORE_IDENTITIES, "identities", "identities"},
    {STORE_ANCHORS, "anchors", "anchors"},
    {STORE_SCOPE_SERVER, "scope-server", "trust for servers alone"},
    {STORE_SCOPE_CLIENT, "scope-client", "trust for clients alone"},
    {STORE_HOSTS, "hosts", "trust for one host"},
    {STORE_UNEXTRACTABLE, "unextractable", "keys that cannot be read back"},
    {STORE_PROGRAMS, "programs", "which programs use a key"},
    {STORE_SIGNS, "signs", "a signature as proof"},
    {STORE_SHARED_BY_ALL, "shared-by-all", "seen by all users"},
};
#define ABILITY_COUNT (sizeof(abilities) / sizeof(abilities[0]))

/** While the places of one kind are told. */
struct telling {
    struct terminal *terminal;
    json_t *places; /**< NULL: as text, or memory is out */
    bool json;
    size_t count;
};

static int tell_place(void *state, const char *name, const char *where, const char *unusable)
{
    struct telling *telling = state;
    json_t *object;

    telling->count++;
    if (!telling->json) {
        terminal_print(telling->terminal, "    %-20s %s%s%s%s\n", name, where, unusable != NULL ? " (" : "",
                       unusable != NULL ? unusable : "", unusable != NULL ? ")" : "");
        return 0;
    }
    object = json_object();
    if (json_put(object, "name", json_printable(slice_of_text(name))) != 0 ||
        json_put(object, "where", json_printable(slice_of_text(where))) != 0 ||
        json_put(object, "usable", json_boolean(unusable == NULL)) != 0 ||
        (unusable != NULL && json_put(object, "why", json_printable(slice_of_text(unusable))) != 0)) {
        json_decref(object);
        object = NULL;
    }
    json_add(&telling->places, object);
    return 0;
}

/* ---- text ------------------------------------------------------------------------------------------------------------- */

static void print_abilities(const struct invocation *invocation, const struct store_kind *kind)
{
    const char *between = "";

    terminal_print(invocation->terminal, "    can: ");
    for (size_t i = 0; i < ABILITY_COUNT; i++) {
        if ((kind->abilities & abilities[i].ability) != 0) {
            terminal_print(invocation->terminal, "%s%s", between, abilities[i].phrase);
            between = ", ";
        }
    }
    terminal_print(invocation->terminal, "\n");
    if (kind->caveat != NULL) {
        terminal_print(invocation->terminal, "    but: %s\n", kind->caveat);
    }
}

static int print_row(const struct invocation *invocation, const struct store_setting *setting,
                     const struct choice_row *row)
{
    struct telling telling = {invocation->terminal, NULL, false, 0};
    int status;

    if (row->kind == NULL) {
        terminal_paint(invocation->terminal, PAINT_DIM, "%s: this keychain-import %s\n", row->word,
                       row->missing);
        return 0;
    }
    terminal_print(invocation->terminal, "%s: %s\n", row->word, row->kind->summary);
    print_abilities(invocation, row->kind);
    status = row->kind->survey(setting, tell_place, &telling, invocation->faults);
    if (status == 0 && telling.count == 0) {
        terminal_print(invocation->terminal, "    no place on this machine\n");
    }
    return status;
}

/** What holds the child that parses files. */
static void print_confinement(const struct invocation *invocation)
{
    const char *means = confine_means();

    if (means != NULL) {
        terminal_print(invocation->terminal, "files: parsed by a child that is confined (%s)\n", means);
    } else {
        terminal_paint(
            invocation->terminal, PAINT_DIM,
            "files: parsed by a child that is held by limits alone: this keychain-import has no seccomp\n");
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------- */

static json_t *abilities_json(const struct store_kind *kind)
{
    json_t *list = json_array();

    for (size_t i = 0; i < ABILITY_COUNT; i++) {
        if ((kind->abilities & abilities[i].ability) != 0) {
            json_add(&list, json_string(abilities[i].word));
        }
    }
    return list;
}

static json_t *row_json(const struct invocation *invocation, const struct store_setting *setting,
                        const struct choice_row *row)
{
    struct telling telling = {invocation->terminal, NULL, true, 0};
    json_t *object = json_object();

    if (row->kind == NULL) {
        if (json_put(object, "kind", json_string(row->word)) != 0 ||
            json_put(object, "built", json_false()) != 0 ||
            json_put(object, "why", json_string(row->missing)) != 0) {
            goto failed;
        }
        return object;
    }
    telling.places = json_array();
    if (row->kind->survey(setting, tell_place, &telling, invocation->faults) != 0 ||
        json_put(object, "kind", json_string(row->word)) != 0 ||
        json_put(object, "built", json_true()) != 0 ||
        json_put(object, "summary", json_string(row->kind->summary)) != 0 ||
        json_put(object, "abilities", abilities_json(row->kind)) != 0 ||
        (row->kind->caveat != NULL && json_put(object, "caveat", json_string(row->kind->caveat)) != 0) ||
        json_put(object, "places", json_incref(telling.places)) != 0) {
        goto failed;
    }
    json_decref(telling.places);
    return object;
failed:
    json_decref(telling.places);
    json_decref(object);
    return NULL;
}

static enum exit_status stores_run(struct invocation *invocation)
{
    const struct store_setting setting = {.context = invocation->context, .writing = true};
    bool json = options_given(invocation->options, "json");
    json_t *document = json ? json_document("mtlskit.stores/1") : NULL;
    json_t *list = json ? json_array() : NULL;

    for (const struct choice_row *row = choice_rows(); row->word != NULL; row++) {
        if (json) {
            json_add(&list, row_json(invocation, &setting, row));
        } else if (print_row(invocation, &setting, row) != 0) {
            return EXIT_FAILED;
        }
    }
    if (!json) {
        print_confinement(invocation);
    } else if (json_put(document, "stores", json_incref(list)) != 0 ||
               json_put(document, "confinement",
                        confine_means() != NULL ? json_string(confine_means()) : json_null()) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(list);
    if (json && json_print(invocation->terminal, document) != 0) {
        if (faults_errors(invocation->faults) == 0) {
            fault_memory(invocation->faults);
        }
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

const struct command command_stores = {
    .name = "stores",
    .summary = "what this machine has, and what each store can enforce",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = stores_options,
    .about = "The names are what --into takes.\n",
    .examples = "  keychain-import stores\n",
    .run = stores_run,
};
