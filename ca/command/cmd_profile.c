/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mtls-ca profile: list the profiles one can name, show one with all it inherits, check files before they are used.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "command/commands.h"
#include "command/profile_json.h"
#include "console/json.h"
#include "manifest/profile_reader.h"

static const struct option_spec profile_options[] = {
    {"profiles", 0, "DIR", true, "a folder with profiles of your own, as profiles: in a manifest"},
    {"json", 0, NULL, false, "print JSON"},
    {NULL, 0, NULL, false, NULL},
};

/** The built-in profiles and those of --profiles; not resolved yet. NULL with faults. */
static struct profile_set *load(const struct invocation *invocation)
{
    struct profile_set *set = profile_set_new(invocation->faults);
    size_t count = options_count(invocation->options, "profiles"), i;

    for (i = 0; set != NULL && i < count; i++) {
        /* what is wrong is among the faults, and ends the command */
        (void)!profile_set_add_folder(set, options_at(invocation->options, "profiles", i),
                                      invocation->faults);
    }
    return set;
}

/* ---- list ----------------------------------------------------------------------------------------------------------- */

static json_t *list_row(const struct profile *profile, const char *origin)
{
    json_t *row = json_object();

    if (row == NULL || json_put(row, "name", json_string(profile->name)) != 0 ||
        json_put(row, "description",
                 profile->description != NULL ? json_text(slice_of_text(profile->description))
                                              : json_null()) != 0 ||
        json_put(row, "authority", json_boolean(profile->ca)) != 0 ||
        json_put(row, "origin", json_text(slice_of_text(origin))) != 0) {
        json_decref(row);
        return NULL;
    }
    return row;
}

static int list_json(const struct invocation *invocation, const struct profile_set *set)
{
    json_t *document = json_document("mtlskit.profiles/1"), *rows = json_array();
    const char *origin = NULL;
    size_t i;

    for (i = 0; i < profile_set_count(set); i++) {
        const struct profile *profile = profile_set_at(set, i, &origin);

        if (json_array_append_new(rows, list_row(profile, origin)) != 0) {
            json_decref(rows);
            rows = NULL;
        }
    }
    if (document == NULL || json_put(document, "profiles", rows) != 0) {
        json_decref(document);
        document = NULL;
    }
    return json_print(invocation->terminal, document);
}

static void list_text(const struct invocation *invocation, const struct profile_set *set)
{
    const char *origin = NULL;
    size_t width = 0, i;

    for (i = 0; i < profile_set_count(set); i++) {
        size_t length = strlen(profile_set_at(set, i, NULL)->name);

        width = length > width ? length : width;
    }
    for (i = 0; i < profile_set_count(set); i++) {
        const struct profile *profile = profile_set_at(set, i, &origin);
        const char *description = profile->description != NULL ? profile->description : "";

        terminal_print(invocation->terminal, "%-*s  %.*s\n", (int)width, profile->name,
                       (int)strcspn(description, "\n"), description);
    }
}

static enum exit_status profile_list(struct invocation *invocation)
{
    struct profile_set *set = NULL;
    enum exit_status status = EXIT_FAILED;

    if (options_argument_count(invocation->options) > 1) {
        usage_error(invocation->faults, "mtls-ca profile list", "list takes no arguments");
        return EXIT_USAGE;
    }
    set = load(invocation);
    if (set == NULL || profile_set_resolve(set, invocation->faults) != 0 ||
        faults_errors(invocation->faults) > 0) {
        goto out;
    }
    if (!options_given(invocation->options, "json")) {
        list_text(invocation, set);
    } else if (list_json(invocation, set) != 0) {
        fault_memory(invocation->faults);
        goto out;
    }
    status = EXIT_DONE;
out:
    profile_set_free(set);
    return status;
}

/* ---- show ----------------------------------------------------------------------------------------------------------- */

static enum exit_status profile_show(struct invocation *invocation)
{
    const struct profile *profile;
    struct profile_set *set = NULL;
    struct bytes text = BYTES_EMPTY;
    enum exit_status status = EXIT_FAILED;
    const char *name, *nearest;
    int told = -1;

    if (options_argument_count(invocation->options) != 2) {
        usage_error(invocation->faults, "mtls-ca profile list names them",
                    "show takes the NAME of one profile");
        return EXIT_USAGE;
    }
    name = options_argument(invocation->options, 1);
    set = load(invocation);
    if (set == NULL || profile_set_resolve(set, invocation->faults) != 0 ||
        faults_errors(invocation->faults) > 0) {
        goto out;
    }
    profile = profile_set_find(set, name);
    if (profile == NULL) {
        nearest = profile_set_nearest(set, name);
        if (nearest == NULL || bytes_printf(&text, "did you mean %s?", nearest) != 0) {
            bytes_clear(&text);
        }
        fault_error(invocation->faults, NULL, NULL,
                    text.length > 0 ? bytes_text(&text) : "mtls-ca profile list names them",
                    "there is no profile \"%s\"", name);
        goto out;
    }
    if (options_given(invocation->options, "json")) {
        told = json_print(invocation->terminal, profile_json(profile, true));
    } else if (profile_yaml(profile, &text) == 0) {
        terminal_print(invocation->terminal, "%s", bytes_text(&text));
        told = 0;
    }
    if (told != 0) {
        fault_memory(invocation->faults);
        goto out;
    }
    status = EXIT_DONE;
out:
    bytes_free(&text);
    profile_set_free(set);
    return status;
}

/* ---- check ---------------------------------------------------------------------------------------------------------- */

/** Add one file under its own name. */
static void add_file(const struct invocation *invocation, struct profile_set *set, const char *path)
{
    static const char suffix[] = ".yaml";
    struct bytes content = BYTES_EMPTY;
    const char *slash = strrchr(path, '/');
    char *name = strdup(slash != NULL ? slash + 1 : path);
    size_t length;

    if (name == NULL) {
        fault_memory(invocation->faults);
        return;
    }
    length = strlen(name);
    if (length > strlen(suffix) && strcmp(name + length - strlen(suffix), suffix) == 0) {
        name[length - strlen(suffix)] = '\0';
    }
    if (file_read(AT_FDCWD, path, PROFILE_SIZE_MAX, &content, invocation->faults) == 0) {
        /* complaints are among the faults */
        (void)!profile_set_add_text(set, name, slice_of(&content), path, invocation->faults);
    }
    bytes_free(&content);
    free(name);
}

static enum exit_status profile_check(struct invocation *invocation)
{
    size_t count = options_argument_count(invocation->options), i;
    struct profile_set *set = NULL;
    enum exit_status status = EXIT_FAILED;

    if (count < 2) {
        usage_error(invocation->faults, NULL, "check takes a FILE or a folder of profiles");
        return EXIT_USAGE;
    }
    if (options_given(invocation->options, "json")) {
        usage_error(invocation->faults, "its exit status says whether all is well",
                    "--json is for list and show");
        return EXIT_USAGE;
    }
    set = load(invocation);
    for (i = 1; set != NULL && i < count; i++) {
        const char *path = options_argument(invocation->options, i);
        struct stat st;

        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            (void)!profile_set_add_folder(set, path, invocation->faults);
        } else {
            add_file(invocation, set, path);
        }
    }
    if (set == NULL || profile_set_resolve(set, invocation->faults) != 0 ||
        faults_errors(invocation->faults) > 0) {
        goto out;
    }
    for (i = 0; i < profile_set_count(set); i++) {
        const struct profile *profile = profile_set_at(set, i, NULL);

        if (profile_set_is_own(set, profile)) {
            terminal_tell(invocation->terminal, "%s: ok\n", profile->name);
        }
    }
    status = EXIT_DONE;
out:
    profile_set_free(set);
    return status;
}

/* ---- the command ---------------------------------------------------------------------------------------------------- */

static enum exit_status profile_run(struct invocation *invocation)
{
    static const struct {
        const char *word;
        enum exit_status (*run)(struct invocation *invocation);
    } verbs[] = {{"list", profile_list}, {"show", profile_show}, {"check", profile_check}};
    const char *word = options_argument(invocation->options, 0);
    size_t i;

    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(verbs[i].word, word) == 0) {
            return verbs[i].run(invocation);
        }
    }
    usage_error(invocation->faults, "list, show NAME, check FILE", "profile cannot \"%s\"", word);
    return EXIT_USAGE;
}

const struct command command_profile = {
    .name = "profile",
    .summary = "list, show and check profiles: kinds of certificates",
    .arguments = "list | show NAME | check FILE...",
    .least = 1,
    .most = SIZE_MAX,
    .options = profile_options,
    .about = "A profile says what a kind of certificate is like: key, usages, validity, which names it "
             "takes. Built-in\n"
             "profiles can be extended by files of your own (extends:), which a manifest names with "
             "profiles: [DIR].\n"
             "show prints a profile with all it inherits, in the form of such a file. check reads files, or "
             "all *.yaml\n"
             "of a folder, as a manifest would, and tells everything that is wrong with them.\n",
    .examples = "  mtls-ca profile list\n"
                "  mtls-ca profile show client > profiles/staff.yaml   a start for one of your own\n"
                "  mtls-ca profile check profiles\n"
                "  mtls-ca profile show staff --profiles profiles --json\n",
    .run = profile_run,
};
