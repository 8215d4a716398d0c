/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of the child that parses install.yaml, which hostile bytes may have taken over: either one in which everything is said that the
 * readers of an installation rely on, or a fault and nothing taken.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "installation/answer.h"
#include "manifest/install_fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

static void check_line(const char *text, size_t most, const char *what)
{
    demand(text[0] != '\0' && strlen(text) <= most && utf8_is_printable(slice_of_text(text)), what);
}

static void check_path(const char *path)
{
    check_line(path, INSTALL_PATH_MAX + sizeof("etc/"), "a path is a line");
    demand(path[0] == '/' || (strncmp(path, "etc/", 4) == 0 && path[4] != '\0'), "it starts from the folder");
    demand(strcmp(path, "etc/-") != 0, "it is not standard input");
}

static void check_place(const struct installation *installation, const struct place *place)
{
    demand(place->file == installation->shown, "a place is in the file");
    demand(place->line <= INSTALLATION_SIZE_MAX + 1 && place->column <= INSTALLATION_SIZE_MAX + 1,
           "and no further than it is long");
}

static void check_identity(const struct installation *installation,
                           const struct installation_identity *identity)
{
    const struct passphrase_spec *spec = &identity->passphrase;

    check_place(installation, &identity->place);
    demand((identity->p12 != NULL) != (identity->certificate != NULL), "an identity is a P12 or a pair");
    demand((identity->certificate != NULL) == (identity->key != NULL), "of certificate and key");
    check_path(identity->p12 != NULL ? identity->p12 : identity->certificate);
    if (identity->key != NULL) {
        check_path(identity->key);
    }
    if (identity->label != NULL) {
        check_line(identity->label, INSTALL_LABEL_MAX, "a label is a line");
    }
    demand(spec->source != PASSPHRASE_GENERATE, "a passphrase is known");
    demand(spec->argument == NULL || utf8_is_valid(slice_of_text(spec->argument)), "its SPEC is UTF-8");
}

static void check(const struct installation *installation)
{
    size_t files = 0;

    demand(strcmp(installation->shown, "i") == 0 && strcmp(installation->folder, "etc") == 0,
           "name and folder are the parent's");
    demand(installation->trust_count + installation->identity_count > 0, "something is wanted");
    demand(installation->trust_count <= INSTALLATION_LIST_MAX &&
               installation->identity_count <= INSTALLATION_LIST_MAX &&
               installation->allow_count <= INSTALLATION_LIST_MAX,
           "lists are bounded");
    demand(installation->extractable <= EXTRACTABLE_YES, "extractable is one of three");
    if (installation->into != NULL) {
        check_place(installation, &installation->into_place);
        check_line(installation->into, INSTALL_PATH_MAX, "into is a line");
    }
    for (size_t i = 0; i < installation->trust_count; i++) {
        const struct installation_trust *trust = &installation->trust[i];

        check_place(installation, &trust->place);
        demand(trust->scope == SCOPE_SERVER || trust->scope == SCOPE_CLIENT, "trust has one scope");
        demand(trust->file_count > 0, "and names files");
        demand(trust->host == NULL || trust->scope == SCOPE_SERVER, "a host is a server's");
        files += trust->file_count;
        for (size_t j = 0; j < trust->file_count; j++) {
            check_path(trust->files[j]);
        }
    }
    demand(files <= INSTALLATION_LIST_MAX, "files are bounded");
    for (size_t i = 0; i < installation->identity_count; i++) {
        check_identity(installation, &installation->identities[i]);
    }
    for (size_t i = 0; i < installation->allow_count; i++) {
        demand(installation->allow[i][0] == '/', "a program has an absolute path");
        check_line(installation->allow[i], INSTALL_PATH_MAX, "which is a line");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct installation installation = {.shown = NULL};
    struct faults *faults = faults_new();

    if (faults == NULL) {
        return 0;
    }
    if (installation_answer_read((struct slice){data, size}, "i", "etc", &installation, faults) == 0) {
        demand(faults_errors(faults) == 0, "a good answer complains of nothing");
        check(&installation);
    } else {
        demand(faults_errors(faults) > 0, "a bad one does");
        demand(installation.shown == NULL && installation.trust == NULL && installation.identities == NULL &&
                   installation.allow == NULL && installation.into == NULL,
               "and nothing is taken of it");
    }
    installation_free(&installation);
    faults_free(faults);
    return 0;
}
