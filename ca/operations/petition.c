/* SPDX-License-Identifier: Apache-2.0 */
/* Two tasks, one after the other: reading is cheap and has to be done before anything is judged; proving is dear. */
#include "operations/petition.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/utf8.h"
#include "issuing/workers.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/name.h"

/** Fewer requests than this are read by one thread. */
#define WORTH_WORKERS 16

/** A petition as it is made. */
struct draft {
    struct petition petition;
    bool legible;
    struct faults *faults; /**< what is wrong with the file; NULL: nothing */
};

/** What one worker has. */
struct desk {
    struct faults *faults; /**< for a file's complaints, should it have any */
    struct bytes content;  /**< of the file that is read, */
    struct bytes der;      /**< its request, */
    struct bytes text;     /**< and one of its texts */
    struct arena kept;     /**< what the petitions read here consist of */
    struct signature_verifier *verifier;
};

struct petitions {
    const struct context *context;
    const char *const *files;
    const char *name;
    struct draft *drafts;
    size_t count;
    struct workers *workers;
    struct task reading, proving;
    struct desk desks[WORKERS_MAX];
};

struct petitions *petitions_new(const struct context *context, const char *const *files, size_t count,
                                const char *name)
{
    struct petitions *petitions = calloc(1, sizeof(*petitions));

    if (petitions == NULL) {
        return NULL;
    }
    petitions->context = context;
    petitions->files = files;
    petitions->name = name;
    petitions->count = count;
    petitions->drafts = calloc(count, sizeof(*petitions->drafts));
    petitions->workers = workers_new(workers_count());
    if (petitions->drafts == NULL || petitions->workers == NULL) {
        petitions_free(petitions);
        return NULL;
    }
    return petitions;
}

void petitions_free(struct petitions *petitions)
{
    size_t i;

    if (petitions == NULL) {
        return;
    }
    if (petitions->workers != NULL) {
        workers_stop(petitions->workers, &petitions->reading);
        (void)!workers_end(petitions->workers, &petitions->reading);
        workers_stop(petitions->workers, &petitions->proving);
        (void)!workers_end(petitions->workers, &petitions->proving);
    }
    workers_free(petitions->workers);
    for (i = 0; i < WORKERS_MAX; i++) {
        signature_verifier_free(petitions->desks[i].verifier);
        faults_free(petitions->desks[i].faults);
        bytes_free(&petitions->desks[i].content);
        bytes_free(&petitions->desks[i].der);
        bytes_free(&petitions->desks[i].text);
        arena_free(&petitions->desks[i].kept);
    }
    for (i = 0; petitions->drafts != NULL && i < petitions->count; i++) {
        faults_free(petitions->drafts[i].faults);
    }
    free(petitions->drafts);
    task_free(&petitions->reading);
    task_free(&petitions->proving);
    free(petitions);
}

const struct petition *petitions_at(const struct petitions *petitions, size_t index)
{
    return &petitions->drafts[index].petition;
}

/** Helps with a task to its end; one that could not be begun has none. */
static int end(struct petitions *petitions, struct task *task)
{
    int helped = task->count > 0 ? workers_help(petitions->workers, task, task->count - 1) : 0;
    int status = workers_end(petitions->workers, task);

    return helped != 0 ? helped : status;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/** The file's name without folders and ending. */
static struct slice name_of_file(const char *file)
{
    const char *base = strrchr(file, '/');
    const char *ending;

    base = base != NULL ? base + 1 : file;
    ending = strrchr(base, '.');
    return (struct slice){(const unsigned char *)base,
                          ending != NULL && ending != base ? (size_t)(ending - base) : strlen(base)};
}

/** A name of a kind as text, kept at @p desk; NULL: it cannot be read, or memory is out. */
static const char *keep_formatted(struct desk *desk, struct slice name,
                                  int (*format)(struct slice name, struct bytes *text))
{
    bytes_clear(&desk->text);
    return format(name, &desk->text) == 0 ? arena_copy_text(&desk->kept, slice_of(&desk->text)) : NULL;
}

/** The names asked for, as text. */
static int read_names(struct petition *petition, struct desk *desk)
{
    struct slice rest = petition->view.subject_alternative_names;
    struct der_item name;
    size_t count = 0;

    while (der_read(&rest, &name) == 1) {
        count++;
    }
    if (count == 0) {
        return 0;
    }
    petition->names = arena_take(&desk->kept, count * sizeof(*petition->names), sizeof(*petition->names));
    if (petition->names == NULL) {
        return -1;
    }
    rest = petition->view.subject_alternative_names;
    while (der_read(&rest, &name) == 1) {
        const char *text = keep_formatted(desk, name.whole, general_name_format);

        if (text == NULL) {
            return -1;
        }
        petition->names[petition->name_count++] = text;
    }
    return 0;
}

/** The request that was read, where it can stay. */
static int keep_request(struct petition *petition, struct desk *desk)
{
    unsigned char *der = arena_take(&desk->kept, desk->der.length, 1);

    if (der == NULL) {
        return -1;
    }
    memcpy(der, desk->der.data, desk->der.length);
    request_view_move(&petition->view, der);
    return 0;
}

static int read_draft(const struct petitions *petitions, struct petition *petition, const char *file,
                      struct desk *desk)
{
    struct slice name = petitions->name != NULL ? slice_of_text(petitions->name) : name_of_file(file);
    struct faults *faults = desk->faults;

    petition->file = file;
    if (file_read(AT_FDCWD, file, FILE_LIMIT_CERTIFICATES, &desk->content, faults) != 0 ||
        request_read(slice_of(&desk->content), file, &desk->der, &petition->view, faults) != 0) {
        return -1;
    }
    if (!utf8_is_valid(name)) {
        fault_error(faults, NULL, file, "rename it, or give one request --name",
                    "its name, which the certificate would have, is not UTF-8");
        return -1;
    }
    petition->name = arena_copy_text(&desk->kept, name);
    petition->subject = keep_formatted(desk, petition->view.subject, name_format);
    if (keep_request(petition, desk) != 0 || petition->name == NULL || petition->subject == NULL ||
        read_names(petition, desk) != 0) {
        fault_error(faults, NULL, file, NULL, "its names cannot be read");
        return -1;
    }
    return 0;
}

/** One request, on a worker; what is wrong with it does not keep the others from being looked at. */
static int work_read(void *state, size_t worker, size_t index)
{
    struct petitions *petitions = state;
    struct draft *draft = &petitions->drafts[index];
    struct desk *desk = &petitions->desks[worker];

    if (desk->faults == NULL && (desk->faults = faults_new()) == NULL) {
        return -1;
    }
    draft->legible = read_draft(petitions, &draft->petition, petitions->files[index], desk) == 0;
    if (!draft->legible && faults_errors(desk->faults) == 0) {
        fault_memory(desk->faults);
    }
    if (faults_count(desk->faults) > 0) {
        draft->faults = desk->faults;
        desk->faults = NULL;
    }
    return 0;
}

int petitions_begin_reading(struct petitions *petitions)
{
    if (petitions->count >= WORTH_WORKERS) {
        workers_start(petitions->workers);
    }
    return workers_begin(petitions->workers, &petitions->reading, petitions->count, work_read, petitions);
}

int petitions_read(struct petitions *petitions)
{
    size_t i;

    if (end(petitions, &petitions->reading) != 0) {
        return -1;
    }
    for (i = 0; i < petitions->count && petitions->drafts[i].legible; i++) {
    }
    return i == petitions->count ? 0 : -1;
}

/* ---- proving -------------------------------------------------------------------------------------------------------- */

static int work_prove(void *state, size_t worker, size_t index)
{
    struct petitions *petitions = state;
    struct draft *draft = &petitions->drafts[index];
    struct desk *desk = &petitions->desks[worker];
    const char *why = NULL;

    if (desk->verifier == NULL && (desk->verifier = signature_verifier_new(petitions->context)) == NULL) {
        return -1;
    }
    if (!draft->legible || request_verify_next(desk->verifier, &draft->petition.view, &why) == 0) {
        return 0;
    }
    if (draft->faults == NULL && (draft->faults = faults_new()) == NULL) {
        return -1;
    }
    fault_error(draft->faults, NULL, draft->petition.file, "whoever asks must hold the key",
                "its signature %s", why);
    return 0;
}

int petitions_begin_proof(struct petitions *petitions)
{
    return workers_begin(petitions->workers, &petitions->proving, petitions->count, work_prove, petitions);
}

int petitions_prove(struct petitions *petitions, struct faults *faults)
{
    size_t before = faults_errors(faults);
    int status = end(petitions, &petitions->proving);
    size_t i;

    for (i = 0; i < petitions->count; i++) {
        if (petitions->drafts[i].faults != NULL) {
            faults_move(faults, petitions->drafts[i].faults);
        }
    }
    if (status != 0 && faults_errors(faults) == before) {
        fault_memory(faults);
    }
    return faults_errors(faults) == before ? 0 : -1;
}
