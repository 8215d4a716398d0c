/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Installations from any bytes: either one in which everything is said that its readers rely on, and which comes over from the child that
 * parses; or errors that begin with the file's name.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/confined_answer.h"
#include "installation/answer.h"
#include "installation/installation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "not so: %s\n", what);
        abort();
    }
}

static void check(const struct installation *installation)
{
    demand(installation->shown != NULL && installation->folder != NULL, "it has a name and a folder");
    for (size_t i = 0; i < installation->trust_count; i++) {
        const struct installation_trust *trust = &installation->trust[i];

        demand(trust->file_count > 0 && trust->file_count <= INSTALLATION_LIST_MAX, "trust names files");
        demand(trust->scope == SCOPE_SERVER || trust->scope == SCOPE_CLIENT, "for one scope");
        demand(trust->host == NULL || trust->scope == SCOPE_SERVER, "a host is a server's");
        for (size_t j = 0; j < trust->file_count; j++) {
            demand(trust->files[j][0] != '\0' && strcmp(trust->files[j], "-") != 0, "a file has a name");
        }
    }
    for (size_t i = 0; i < installation->identity_count; i++) {
        const struct installation_identity *identity = &installation->identities[i];

        demand((identity->p12 != NULL) != (identity->certificate != NULL), "an identity is a P12 or a pair");
        demand((identity->certificate != NULL) == (identity->key != NULL), "of certificate and key");
        demand(identity->passphrase.source != PASSPHRASE_GENERATE, "whose passphrase is known");
    }
    for (size_t i = 0; i < installation->allow_count; i++) {
        demand(installation->allow[i][0] == '/', "a program has an absolute path");
    }
}

/** What was parsed is what the parent takes from the child. */
static void check_answer(const struct installation *installation)
{
    struct installation over = {.shown = NULL};
    struct bytes answer = BYTES_EMPTY;
    struct bytes again = BYTES_EMPTY;
    struct faults *faults = faults_new();

    if (faults != NULL && installation_answer_append(installation, &answer) == 0 &&
        confined_answer_close(&answer, faults) == 0) {
        demand(installation_answer_read(slice_of(&answer), "i", "", &over, faults) == 0, "its answer is one");
        demand(installation_answer_append(&over, &again) != 0 || confined_answer_close(&again, faults) != 0 ||
                   slice_equal(slice_of(&answer), slice_of(&again)),
               "and says the same");
    }
    installation_free(&over);
    bytes_free(&answer);
    bytes_free(&again);
    faults_free(faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct installation installation = {.shown = NULL};
    struct faults *faults = faults_new();

    if (faults == NULL || size > INSTALLATION_SIZE_MAX) {
        faults_free(faults);
        return 0;
    }
    if (installation_parse((struct slice){data, size}, "i", "etc", &installation, faults) == 0) {
        demand(faults_errors(faults) == 0, "a good one complains of nothing");
        check(&installation);
        check_answer(&installation);
    } else {
        demand(faults_errors(faults) > 0, "a bad one does");
        for (size_t i = 0; i < faults_count(faults); i++) {
            demand(strncmp(faults_text(faults, i), "i:", 2) == 0, "with the file's name");
        }
    }
    installation_free(&installation);
    faults_free(faults);
    return 0;
}
