/* SPDX-License-Identifier: Apache-2.0 */
/* Installations written by the child that parses, and read by its parent. */
#include "installation/answer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/confined_answer.h"
#include "base/file.h"
#include "base/utf8.h"
#include "manifest/document.h"
#include "manifest/install_fields.h"
#include "x509/host.h"

/* Octets of a place. */
#define PLACE 8

/* ---- in the child --------------------------------------------------------------------------------------------------- */

/** Nothing for a text that is not there. */
static int append_text(struct bytes *answer, unsigned char kind, const char *text)
{
    return text == NULL ? 0 : confined_answer_append(answer, kind, slice_of_text(text));
}

/** A part that begins with a place. */
static int append_placed(struct bytes *answer, unsigned char kind, const struct place *place,
                         struct slice rest)
{
    struct bytes octets = BYTES_EMPTY;
    int status = -1;

    if (confined_number_append(&octets, place->line) == 0 &&
        confined_number_append(&octets, place->column) == 0 &&
        bytes_append(&octets, rest.data, rest.length) == 0) {
        status = confined_answer_append(answer, kind, slice_of(&octets));
    }
    bytes_free(&octets);
    return status;
}

static int append_octet(struct bytes *answer, unsigned char kind, unsigned char octet)
{
    return confined_answer_append(answer, kind, (struct slice){&octet, 1});
}

static int append_trust(struct bytes *answer, const struct installation_trust *trust)
{
    const unsigned char scope = (unsigned char)trust->scope;
    int status = append_placed(answer, INSTALLATION_TRUST, &trust->place, (struct slice){&scope, 1});

    for (size_t i = 0; status == 0 && i < trust->file_count; i++) {
        status = append_text(answer, INSTALLATION_FILE, trust->files[i]);
    }
    return status == 0 ? append_text(answer, INSTALLATION_HOST, trust->host) : -1;
}

/** The SPEC as it can be parsed again: with the passphrase in it, where it is written there. */
static int append_passphrase(struct bytes *answer, const struct passphrase_spec *spec)
{
    struct bytes text = BYTES_EMPTY;
    int status = spec->source == PASSPHRASE_TEXT ? bytes_printf(&text, "pass:%s", spec->argument)
                                                 : passphrase_spec_describe(spec, &text);

    if (status == 0 && spec->source != PASSPHRASE_NONE) {
        status = confined_answer_append(answer, INSTALLATION_PASSPHRASE, slice_of(&text));
    }
    bytes_free(&text);
    return status;
}

static int append_identity(struct bytes *answer, const struct installation_identity *identity)
{
    if (append_placed(answer, INSTALLATION_IDENTITY, &identity->place, slice_of_text("")) != 0 ||
        append_text(answer, INSTALLATION_P12, identity->p12) != 0 ||
        append_text(answer, INSTALLATION_CERTIFICATE, identity->certificate) != 0 ||
        append_text(answer, INSTALLATION_KEY, identity->key) != 0 ||
        append_text(answer, INSTALLATION_LABEL, identity->label) != 0) {
        return -1;
    }
    return append_passphrase(answer, &identity->passphrase);
}

int installation_answer_append(const struct installation *installation, struct bytes *answer)
{
    int status = 0;

    if (installation->into_place.line != 0) {
        status = append_placed(answer, INSTALLATION_INTO, &installation->into_place,
                               slice_of_text(installation->into != NULL ? installation->into : ""));
    }
    for (size_t i = 0; status == 0 && i < installation->trust_count; i++) {
        status = append_trust(answer, &installation->trust[i]);
    }
    for (size_t i = 0; status == 0 && i < installation->identity_count; i++) {
        status = append_identity(answer, &installation->identities[i]);
    }
    for (size_t i = 0; status == 0 && i < installation->allow_count; i++) {
        status = append_text(answer, INSTALLATION_PROGRAM, installation->allow[i]);
    }
    return status == 0
               ? append_octet(answer, INSTALLATION_EXTRACTABLE, (unsigned char)installation->extractable)
               : -1;
}

/* ---- in the parent -------------------------------------------------------------------------------------------------- */

/** An answer being read. */
struct reading {
    struct installation *installation;
    struct installation_trust *trust;       /**< the entry that was begun last, or */
    struct installation_identity *identity; /**< the identity; both NULL before that */
    size_t file_count;                      /**< files of all entries */
    bool into, extractable;                 /**< whether they were said */
};

#define NO_PLACE  "a place that is none"
#define NO_TEXT   "a text that cannot be"
#define MISPLACED "a part where none of its kind can be"

/** Takes a place off the front, in the installation's file. */
static bool take_place(const struct reading *reading, struct slice *octets, struct place *place)
{
    if (octets->length < PLACE) {
        return false;
    }
    place->file = reading->installation->shown;
    place->line = confined_number(octets->data);
    place->column = confined_number(octets->data + PLACE / 2);
    octets->data += PLACE;
    octets->length -= PLACE;
    return place->line <= INSTALLATION_SIZE_MAX + 1 && place->column <= INSTALLATION_SIZE_MAX + 1;
}

/** A text without a NUL, copied; what is there already is one too many. */
static const char *take_text(struct slice octets, size_t most, char **text)
{
    if (*text != NULL) {
        return MISPLACED;
    }
    if (octets.length == 0 || octets.length > most || !utf8_is_printable(octets)) {
        return NO_TEXT;
    }
    *text = slice_copy(octets);
    return *text != NULL ? NULL : CONFINED_NO_MEMORY;
}

/** A path, from the file's folder. */
static const char *take_path(const struct reading *reading, struct slice octets, char **path)
{
    struct bytes joined = BYTES_EMPTY;
    char *line = NULL;
    const char *wrong = *path != NULL ? MISPLACED : take_text(octets, INSTALL_PATH_MAX, &line);

    if (wrong == NULL && strcmp(line, "-") == 0) {
        wrong = NO_TEXT;
    }
    if (wrong == NULL) {
        *path =
            file_join(reading->installation->folder, line, &joined) == 0 ? strdup(bytes_text(&joined)) : NULL;
        wrong = *path != NULL ? NULL : CONFINED_NO_MEMORY;
    }
    bytes_free(&joined);
    free(line);
    return wrong;
}

/** Room for one item more, which is all zeros; NULL without memory. @p items stays where it was then. */
static void *grow(void *items, size_t count, size_t size)
{
    unsigned char *more = realloc(items, (count + 1) * size);

    if (more != NULL) {
        memset(more + count * size, 0, size);
    }
    return more;
}

static const char *read_into(struct reading *reading, struct slice octets)
{
    struct installation *installation = reading->installation;

    if (reading->into) {
        return MISPLACED;
    }
    reading->into = true;
    if (!take_place(reading, &octets, &installation->into_place)) {
        return NO_PLACE;
    }
    return octets.length == 0 ? NULL : take_text(octets, INSTALL_PATH_MAX, &installation->into);
}

static const char *begin_trust(struct reading *reading, struct slice octets)
{
    struct installation *installation = reading->installation;
    struct installation_trust *more;

    if (installation->trust_count == INSTALLATION_LIST_MAX) {
        return "too many entries of trust";
    }
    more = grow(installation->trust, installation->trust_count, sizeof(*more));
    if (more == NULL) {
        return CONFINED_NO_MEMORY;
    }
    installation->trust = more;
    reading->trust = &more[installation->trust_count++];
    reading->identity = NULL;
    if (!take_place(reading, &octets, &reading->trust->place)) {
        return NO_PLACE;
    }
    if (octets.length != 1 || (octets.data[0] != SCOPE_SERVER && octets.data[0] != SCOPE_CLIENT)) {
        return "a scope that is none";
    }
    reading->trust->scope = octets.data[0] == SCOPE_SERVER ? SCOPE_SERVER : SCOPE_CLIENT;
    return NULL;
}

static const char *read_file(struct reading *reading, struct slice octets)
{
    struct installation_trust *trust = reading->trust;
    const char *wrong;
    char **more;

    if (trust == NULL || reading->file_count == INSTALLATION_LIST_MAX) {
        return MISPLACED;
    }
    more = grow(trust->files, trust->file_count, sizeof(*more));
    if (more == NULL) {
        return CONFINED_NO_MEMORY;
    }
    trust->files = more;
    wrong = take_path(reading, octets, &trust->files[trust->file_count]);
    if (wrong == NULL) {
        trust->file_count++;
        reading->file_count++;
    }
    return wrong;
}

static const char *read_host(struct reading *reading, struct slice octets)
{
    unsigned char address[HOST_ADDRESS_MAX];

    if (reading->trust == NULL || reading->trust->scope != SCOPE_SERVER) {
        return MISPLACED;
    }
    if (host_parse_address(octets, address) == 0 && host_complaint(octets, HOST_PLAIN) != NULL) {
        return "a host that is none";
    }
    return take_text(octets, octets.length, &reading->trust->host);
}

static const char *begin_identity(struct reading *reading, struct slice octets)
{
    struct installation *installation = reading->installation;
    struct installation_identity *more;

    if (installation->identity_count == INSTALLATION_LIST_MAX) {
        return "too many identities";
    }
    more = grow(installation->identities, installation->identity_count, sizeof(*more));
    if (more == NULL) {
        return CONFINED_NO_MEMORY;
    }
    installation->identities = more;
    reading->identity = &more[installation->identity_count++];
    reading->trust = NULL;
    return take_place(reading, &octets, &reading->identity->place) && octets.length == 0 ? NULL : NO_PLACE;
}

/** The SPEC is judged as where it is written; what there is to say of it the child has said. */
static const char *read_passphrase(struct passphrase_spec *spec, struct slice octets)
{
    struct bytes text = BYTES_EMPTY;
    struct faults *said;
    const char *wrong = NULL;

    if (spec->source != PASSPHRASE_NONE) {
        return MISPLACED;
    }
    if (octets.length > DOCUMENT_SCALAR_MAX || !utf8_is_valid(octets) ||
        (octets.length > 0 && memchr(octets.data, '\0', octets.length) != NULL)) {
        return NO_TEXT;
    }
    said = faults_new();
    if (said == NULL || bytes_append(&text, octets.data, octets.length) != 0) {
        wrong = CONFINED_NO_MEMORY;
    } else if (passphrase_spec_parse(bytes_text(&text), NULL, NULL, spec, said) != 0 ||
               spec->source == PASSPHRASE_GENERATE) {
        wrong = "a passphrase that comes from nowhere";
    }
    faults_free(said);
    bytes_free(&text);
    return wrong;
}

static const char *read_of_identity(struct reading *reading, unsigned char kind, struct slice octets)
{
    struct installation_identity *identity = reading->identity;

    if (identity == NULL) {
        return MISPLACED;
    }
    switch (kind) {
    case INSTALLATION_P12:
        return take_path(reading, octets, &identity->p12);
    case INSTALLATION_CERTIFICATE:
        return take_path(reading, octets, &identity->certificate);
    case INSTALLATION_KEY:
        return take_path(reading, octets, &identity->key);
    case INSTALLATION_LABEL:
        return take_text(octets, INSTALL_LABEL_MAX, &identity->label);
    default:
        return read_passphrase(&identity->passphrase, octets);
    }
}

static const char *read_extractable(struct reading *reading, struct slice octets)
{
    if (reading->extractable || octets.length != 1 || octets.data[0] > EXTRACTABLE_YES) {
        return MISPLACED;
    }
    reading->extractable = true;
    reading->installation->extractable = (enum extractable)octets.data[0];
    return NULL;
}

static const char *read_program(struct reading *reading, struct slice octets)
{
    struct installation *installation = reading->installation;
    const char *wrong;
    char **more;

    if (installation->allow_count == INSTALLATION_LIST_MAX || octets.length == 0 || octets.data[0] != '/') {
        return "a program too many, or none";
    }
    more = grow(installation->allow, installation->allow_count, sizeof(*more));
    if (more == NULL) {
        return CONFINED_NO_MEMORY;
    }
    installation->allow = more;
    wrong = take_text(octets, INSTALL_PATH_MAX, &installation->allow[installation->allow_count]);
    installation->allow_count += wrong == NULL ? 1 : 0;
    return wrong;
}

/** A confined_part_fn. */
static const char *read_part(void *state, unsigned char kind, struct slice octets)
{
    switch (kind) {
    case INSTALLATION_INTO:
        return read_into(state, octets);
    case INSTALLATION_TRUST:
        return begin_trust(state, octets);
    case INSTALLATION_FILE:
        return read_file(state, octets);
    case INSTALLATION_HOST:
        return read_host(state, octets);
    case INSTALLATION_IDENTITY:
        return begin_identity(state, octets);
    case INSTALLATION_P12:
    case INSTALLATION_CERTIFICATE:
    case INSTALLATION_KEY:
    case INSTALLATION_PASSPHRASE:
    case INSTALLATION_LABEL:
        return read_of_identity(state, kind, octets);
    case INSTALLATION_EXTRACTABLE:
        return read_extractable(state, octets);
    case INSTALLATION_PROGRAM:
        return read_program(state, octets);
    default:
        return CONFINED_UNKNOWN;
    }
}

/** What is missing in the whole, or NULL. */
static const char *lacks(const struct installation *installation)
{
    for (size_t i = 0; i < installation->trust_count; i++) {
        if (installation->trust[i].file_count == 0) {
            return "trust in nothing";
        }
    }
    for (size_t i = 0; i < installation->identity_count; i++) {
        const struct installation_identity *identity = &installation->identities[i];

        if ((identity->p12 != NULL) == (identity->certificate != NULL) ||
            (identity->certificate != NULL) != (identity->key != NULL)) {
            return "an identity that is none";
        }
    }
    return installation->trust_count + installation->identity_count > 0 ? NULL : "nothing";
}

int installation_answer_read(struct slice octets, const char *shown, const char *folder,
                             struct installation *installation, struct faults *faults)
{
    struct reading reading = {.installation = installation};
    const char *wrong;
    int status = -1;

    installation_free(installation);
    installation->shown = strdup(shown);
    installation->folder = strdup(folder);
    if (installation->shown == NULL || installation->folder == NULL) {
        fault_memory(faults);
    } else {
        status = confined_answer_read(octets, shown, read_part, &reading, faults);
    }
    wrong = status == 0 ? lacks(installation) : NULL;
    if (wrong != NULL) {
        confined_answer_refuse(shown, wrong, faults);
        status = -1;
    }
    if (status != 0) {
        installation_free(installation);
    }
    return status;
}
