/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keychain-import list: what is in a store; with a policy, the identities that match it, and those that are valid.
 */
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/policy_option.h"
#include "commands/session.h"
#include "console/json.h"
#include "steps/verdict.h"
#include "steps/wanted.h"
#include "x509/certificate.h"

static const struct option_spec list_options[] = {
    {"policy", 0, "POLICY", false,
     "ssl-client or ssl-server: identities alone, those that match and those that are valid"},
    SESSION_OPTIONS,
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** What is said of one certificate. */
struct line {
    const struct shelf_item *item;
    struct digest digest;
    struct bytes subject;
    bool matches;
    struct store_verdict verdict;
};
/** The list as it is told. */
struct listing {
    const struct invocation *invocation;
    enum scope policy; /**< SCOPE_NONE: everything */
    struct shelf shelf;
    struct line *lines;
    size_t count;
};

static void listing_free(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        bytes_free(&listing->lines[i].subject);
        bytes_free(&listing->lines[i].verdict.reason);
    }
    free(listing->lines);
    shelf_free(&listing->shelf);
}

/** Make the line of one certificate; by policy, judge it. */
static int make_line(struct listing *listing, struct store *store, const struct shelf_item *item)
{
    struct faults *faults = listing->invocation->faults;
    struct line *line = &listing->lines[listing->count++];
    struct store_question question = {.certificate = slice_of(&item->certificate), .policy = listing->policy};
    bool by_store;

    line->item = item;
    if (digest_of(listing->invocation->context, question.certificate, &line->digest) != 0 ||
        wanted_subject(question.certificate, &line->subject) != 0) {
        fault_memory(faults);
        return -1;
    }
    line->matches = listing->policy != SCOPE_NONE && verdict_matches(question.certificate, listing->policy);
    return line->matches ? verdict_find(listing->invocation->context, store, &listing->shelf, &question,
                                        &line->verdict, &by_store, faults)
                         : 0;
}

static int make_lines(struct listing *listing, struct store *store)
{
    int status = 0;

    listing->count = 0;
    listing->lines = calloc(listing->shelf.count + 1, sizeof(*listing->lines));
    if (listing->lines == NULL) {
        fault_memory(listing->invocation->faults);
        return -1;
    }
    for (size_t i = 0; status == 0 && i < listing->shelf.count; i++) {
        const struct shelf_item *item = &listing->shelf.items[i];

        if (listing->policy == SCOPE_NONE || item->has_key) {
            status = make_line(listing, store, item);
        }
    }
    return status;
}

/* ---- text ------------------------------------------------------------------------------------------------------------- */

/** "  1) 0f3a... "client" CN=client", numbered from 1. */
static void print_line(const struct listing *listing, const struct line *line, size_t number)
{
    struct terminal *terminal = listing->invocation->terminal;
    struct bytes text = BYTES_EMPTY;

    if (bytes_append_hex(&text, (struct slice){line->digest.octets, DIGEST_LENGTH}, 0) == 0 &&
        (line->item->label.length == 0 ||
         bytes_printf(&text, " \"%s\"", bytes_text(&line->item->label)) == 0)) {
        terminal_print(terminal, "  %zu) %s  %s", number, bytes_text(&text), bytes_text(&line->subject));
    }
    if (line->item->scope != SCOPE_NONE) {
        terminal_print(terminal, "  (trusted for %s%s%s)", scope_word(line->item->scope),
                       line->item->host.length > 0 ? ", host " : "", bytes_text(&line->item->host));
    }
    terminal_print(terminal, "\n");
    bytes_free(&text);
}

/** What a group holds. */
enum group { GROUP_IDENTITIES, GROUP_ANCHORS, GROUP_OTHERS, GROUP_MATCHING, GROUP_VALID };

static bool is_in(const struct line *line, enum group group)
{
    switch (group) {
    case GROUP_IDENTITIES:
        return line->item->has_key;
    case GROUP_ANCHORS:
        return line->item->scope != SCOPE_NONE;
    case GROUP_OTHERS:
        return !line->item->has_key && line->item->scope == SCOPE_NONE;
    case GROUP_MATCHING:
        return line->matches;
    case GROUP_VALID:
        break;
    }
    return line->matches && line->verdict.good;
}

static void print_group(const struct listing *listing, const char *title, enum group group)
{
    struct terminal *terminal = listing->invocation->terminal;
    size_t count = 0;

    terminal_paint(terminal, PAINT_BOLD, "%s\n", title);
    for (size_t i = 0; i < listing->count; i++) {
        if (is_in(&listing->lines[i], group)) {
            print_line(listing, &listing->lines[i], ++count);
            if (group == GROUP_MATCHING && !listing->lines[i].verdict.good) {
                terminal_paint(terminal, PAINT_DIM, "     not valid: %s\n",
                               bytes_text(&listing->lines[i].verdict.reason));
            }
        }
    }
    if (count == 0) {
        terminal_print(terminal, "  none\n");
    }
}

static void print_listing(const struct listing *listing, const char *store)
{
    terminal_print(listing->invocation->terminal, "%s\n", store);
    if (listing->policy == SCOPE_NONE) {
        print_group(listing, "Identities", GROUP_IDENTITIES);
        print_group(listing, "Anchors", GROUP_ANCHORS);
        print_group(listing, "Other certificates", GROUP_OTHERS);
    } else {
        print_group(listing, "Matching identities", GROUP_MATCHING);
        print_group(listing, "Valid identities", GROUP_VALID);
    }
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------- */

static int put_dates(json_t *object, struct slice certificate)
{
    struct certificate_view view;

    if (certificate_view_read(certificate, &view) != 0) {
        return 0;
    }
    return json_put(object, "not_before", json_instant(view.not_before)) == 0 &&
                   json_put(object, "not_after", json_instant(view.not_after)) == 0
               ? 0
               : -1;
}

static json_t *line_json(const struct listing *listing, const struct line *line)
{
    const struct shelf_item *item = line->item;
    json_t *object = json_object();
    int status = 0;

    if (json_put(object, "sha256", json_hex((struct slice){line->digest.octets, DIGEST_LENGTH})) != 0 ||
        json_put(object, "subject", json_printable(slice_of(&line->subject))) != 0 ||
        (item->label.length > 0 && json_put(object, "label", json_printable(slice_of(&item->label))) != 0) ||
        put_dates(object, slice_of(&item->certificate)) != 0 ||
        json_put(object, "identity", json_boolean(item->has_key)) != 0 ||
        (item->has_key && json_put(object, "extractable", json_boolean(item->extractable)) != 0) ||
        json_put(object, "trusted_for", json_string(scope_word(item->scope))) != 0 ||
        (item->host.length > 0 && json_put(object, "host", json_printable(slice_of(&item->host))) != 0)) {
        status = -1;
    }
    if (status == 0 && listing->policy != SCOPE_NONE) {
        status = json_put(object, "matches", json_boolean(line->matches)) == 0 &&
                         json_put(object, "valid", json_boolean(line->matches && line->verdict.good)) == 0 &&
                         (!line->matches || line->verdict.good ||
                          json_put(object, "why", json_printable(slice_of(&line->verdict.reason))) == 0)
                     ? 0
                     : -1;
    }
    if (status != 0) {
        json_decref(object);
        object = NULL;
    }
    return object;
}

static json_t *listing_json(const struct listing *listing, const char *store)
{
    json_t *document = json_document("mtlskit.store-list/1");
    json_t *list = json_array();

    for (size_t i = 0; i < listing->count; i++) {
        json_add(&list, line_json(listing, &listing->lines[i]));
    }
    if (json_put(document, "store", json_printable(slice_of_text(store))) != 0 ||
        (listing->policy != SCOPE_NONE &&
         json_put(document, "policy", json_string(policy_word(listing->policy))) != 0) ||
        json_put(document, "certificates", json_incref(list)) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(list);
    return document;
}

static enum exit_status list_run(struct invocation *invocation)
{
    struct listing listing = {.invocation = invocation, .policy = SCOPE_NONE};
    struct session session = {.invocation = invocation};
    enum exit_status status = EXIT_FAILED;

    if (!policy_option(invocation, &listing.policy) || !session_options_are_good(invocation)) {
        return EXIT_USAGE;
    }
    if (session_open(&session, invocation, NULL, listing.policy == SCOPE_NONE ? 0 : STORE_IDENTITIES,
                     SESSION_LOOK, NULL) == 0 &&
        shelf_read(session.store, &listing.shelf, invocation->faults) == 0 &&
        make_lines(&listing, session.store) == 0) {
        status = EXIT_DONE;
        if (!options_given(invocation->options, "json")) {
            print_listing(&listing, store_name(session.store));
        } else if (json_print(invocation->terminal, listing_json(&listing, store_name(session.store))) != 0) {
            fault_memory(invocation->faults);
        }
    }
    listing_free(&listing);
    session_close(&session);
    return status;
}

const struct command command_list_store = {
    .name = "list",
    .summary = "what is in a store",
    .arguments = "",
    .least = 0,
    .most = 0,
    .options = list_options,
    .about = "With --policy, identities alone: those whose certificate may be used so, and of these the ones "
             "that are valid by what the\n"
             "store trusts for it.\n",
    .examples = "  keychain-import list --into nss:chromium\n"
                "  keychain-import list --policy ssl-client --into pkcs11:token=T\n",
    .run = list_run,
};
