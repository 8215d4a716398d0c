/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The survey: what is recorded and what lies on disk, as the plan asks for it.
 */
#include "apply/survey.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "apply/list_look.h"
#include "apply/old_list.h"
#include "apply/strays.h"
#include "apply/withdrawal.h"
#include "base/file.h"
#include "base/publisher.h"
#include "issuing/adoptee.h"
#include "issuing/cut_off.h"
#include "issuing/retired_key.h"
#include "issuing/twin.h"
#include "ledger/ledger_directory.h"
#include "x509/certificate.h"
#include "x509/certificate_list.h"
#include "x509/key.h"

/** Largest output file that is read back to be compared. */
#define OUTPUT_SIZE_MAX (16u * 1024 * 1024)
/** Permissions of others than a file's owner. */
#define MODE_OTHERS (S_IRWXG | S_IRWXO)

struct survey {
    const struct context *context;
    int directory;
    bool made; /* the directory, by this run */
    struct ledger *ledger;
    struct passphrases *passphrases;
    struct digester *digester;
    struct plan_state state;
    struct strays strays;
    bool searched;         /* for them */
    struct bytes standing; /* of the entry asked for last: its certificate, where there is one, and name */
    bool standing_revoked;
    char standing_name[256];
};

/**
 * Whether a locked NAME.key, @p content, is the one that the cut-off run wrote: its passphrase is not asked for, so what counts
 * is that the key of generation @p generation was moved out of its way.
 */
static int locked_key_is_ahead(struct survey *survey, const char *name, int64_t generation,
                               struct slice content, bool *ahead, struct faults *faults)
{
    struct bytes path = BYTES_EMPTY;
    struct bytes kept = BYTES_EMPTY;
    struct faults *unused = faults_new();
    struct ledger_output row = {0};
    struct digest now;
    struct digest old;
    int status = -1;

    if (unused == NULL || bytes_printf(&path, "%s.key", name) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = ledger_find_output(survey->ledger, bytes_text(&path), &row, faults);
    if (status != 1) {
        goto out;
    }
    status = -1;
    bytes_clear(&path);
    if (bytes_printf(&path, "%s.generation-%lld.key", name, (long long)generation) != 0) {
        fault_memory(faults);
        goto out;
    }
    if (file_read(survey->directory, bytes_text(&path), FILE_LIMIT_KEY, &kept, unused) == 0) {
        if (digest_of(survey->context, content, &now) != 0 ||
            digest_of(survey->context, slice_of(&kept), &old) != 0) {
            fault_openssl(faults, "SHA-256 failed");
            goto out;
        }
        *ahead = digest_equal(&old, &row.content) && !digest_equal(&now, &row.content);
    }
    status = 0;
out:
    ledger_output_free(&row);
    bytes_free(&kept);
    bytes_free(&path);
    faults_free(unused);
    return status < 0 ? -1 : 0;
}

/**
 * Whether NAME.key holds the key that the cut-off run intended, @p generation being the authority's one before it. An unreadable
 * one does not count.
 */
static int key_is_ahead(struct survey *survey, const struct ledger_certificate *intent, int64_t generation,
                        bool *ahead, struct faults *faults)
{
    struct faults *unused = faults_new();
    struct bytes path = BYTES_EMPTY;
    struct bytes content = BYTES_EMPTY;
    struct digest digest;
    struct key *key = NULL;
    int status = -1;

    *ahead = false;
    if (unused == NULL || bytes_printf(&path, "%s.key", intent->name) != 0) {
        fault_memory(faults);
        goto out;
    }
    status = 0;
    if (file_read(survey->directory, bytes_text(&path), FILE_LIMIT_KEY, &content, unused) != 0) {
        goto out;
    }
    if (key_is_encrypted(slice_of(&content))) {
        status = locked_key_is_ahead(survey, intent->name, generation, slice_of(&content), ahead, faults);
        goto out;
    }
    if ((key = key_read(survey->context, slice_of(&content), NULL, bytes_text(&path), unused)) == NULL ||
        key_spki_digest(survey->context, key, &digest, unused) != 0) {
        goto out;
    }
    *ahead = digest_equal(&digest, &intent->spki);
out:
    key_free(key);
    bytes_free(&content);
    bytes_free(&path);
    faults_free(unused);
    return status;
}

/** Fills in what a certificate's row says. */
static int record_certificate(struct survey *survey, const struct ledger_certificate *row,
                              struct plan_record *record)
{
    record->issued = true;
    record->adopted = row->adopted;
    memcpy(record->manifest, row->manifest, sizeof(record->manifest));
    memcpy(&record->facets, &row->facets, sizeof(record->facets));
    record->not_before = row->not_before;
    record->not_after = row->not_after;
    digester_add(survey->digester, slice_of(&row->der));
    if (digester_final(survey->digester, &record->certificate) != 0) {
        return -1;
    }
    if (row->authority) {
        struct certificate_view view;

        if (certificate_view_read(slice_of(&row->der), &view) != 0) {
            return -1;
        }
        return plan_identity(survey->digester, view.spki, view.subject, &record->identity);
    }
    return 0;
}

/** Whether anything is recorded from before the run. What the run itself records is no matter of the plan: it asks for each entry once, first. */
static bool has_past(const struct survey *survey)
{
    return survey->ledger != NULL && !survey->made;
}

static int state_record(void *state, const char *name, struct plan_record *record, struct faults *faults)
{
    struct survey *survey = state;
    struct ledger_certificate row = {0};
    int found;
    int status = -1;

    survey->standing_name[0] = '\0';
    if (!has_past(survey)) {
        return 0;
    }
    found = ledger_find_certificate(survey->ledger, name, &row, faults);
    if (found < 0) {
        goto out;
    }
    if (found == 1 && record_certificate(survey, &row, record) != 0) {
        fault_error(faults, NULL, NULL, NULL, "the ledger's certificate of %s cannot be read", name);
        goto out;
    }
    if (found == 1 && withdrawal_recall(survey->ledger, name, row.id, record, faults) != 0) {
        goto out;
    }
    if (found == 0 && ledger_find_other_case(survey->ledger, name, record->other_case, faults) < 0) {
        goto out;
    }
    if (found == 1) {
        survey->standing_revoked = record->revoked;
        bytes_move(&survey->standing, &row.der);
        memcpy(survey->standing_name, row.name, sizeof(row.name));
    }
    int64_t issued = row.id;
    int64_t generation = row.own_generation;
    struct digest issued_key = row.spki;
    ledger_certificate_free(&row);
    found = ledger_find_intent(survey->ledger, name, &row, faults);
    if (found < 0) {
        goto out;
    }
    if (found == 1 && row.id > issued) {
        enum cut_off seen;

        record->unfinished = true;
        if (cut_off_look(survey->context, survey->directory, survey->ledger, name, &seen, faults) != 0) {
            goto out;
        }
        record->visible = seen == CUT_OFF_VISIBLE;
        record->locked = seen == CUT_OFF_LOCKED;
        if (!record->issued) {
            memcpy(record->manifest, row.manifest, sizeof(record->manifest));
        }
        /* the key that stands is not ahead of itself */
        if (row.authority && (issued == 0 || !digest_equal(&issued_key, &row.spki))) {
            struct ledger_revocation revocation = {0};
            int revoked = ledger_find_revocation(survey->ledger, row.id, &revocation, faults);

            ledger_revocation_free(&revocation);
            /* nor is it gone on with when what it was to certify was revoked */
            if (revoked < 0 ||
                (revoked == 0 && key_is_ahead(survey, &row, generation, &record->key_ahead, faults) != 0)) {
                goto out;
            }
        }
    }
    status = 0;
out:
    ledger_certificate_free(&row);
    return status;
}

struct slice survey_standing(const struct survey *survey, const char *name)
{
    return strcmp(survey->standing_name, name) == 0 ? slice_of(&survey->standing) : (struct slice){NULL, 0};
}

bool survey_is_revoked(const struct survey *survey, const char *name)
{
    return strcmp(survey->standing_name, name) == 0 && survey->standing_revoked;
}

/** Whether the file at @p path has the content that was recorded. */
static int output_compare(struct survey *survey, const struct output *output, const char *path,
                          const struct ledger_output *row, const struct file_stamp *stamp,
                          enum output_state *found, struct faults *faults)
{
    struct bytes content = BYTES_EMPTY;
    struct digest digest;
    int status = -1;

    if (memcmp(&row->stamp, stamp, sizeof(*stamp)) == 0) {
        *found = OUTPUT_SAME;
        return 0;
    }
    if (output->kind == OUTPUT_BUNDLE_PASSPHRASE) {
        /* no digest of a passphrase is kept: its size has to do */
        *found = row->stamp.size == stamp->size ? OUTPUT_SAME : OUTPUT_CHANGED;
        return 0;
    }
    if (file_read(survey->directory, path, OUTPUT_SIZE_MAX, &content, faults) != 0) {
        goto out;
    }
    digester_add(survey->digester, slice_of(&content));
    if (digester_final(survey->digester, &digest) != 0) {
        fault_openssl(faults, "%s: SHA-256 failed", path);
        goto out;
    }
    *found = digest_equal(&digest, &row->content) ? OUTPUT_SAME : OUTPUT_CHANGED;
    status = 0;
out:
    bytes_free(&content);
    return status;
}

static int adoptee_find(struct survey *survey, const struct entry *entry, struct bytes *der,
                        struct faults *faults);

/** A file that holds nothing but the certificate that is taken in is as good as none: a run that was cut off may have left it. */
static int adopted_is_there(struct survey *survey, const struct entry *entry, const char *path,
                            enum output_state *found, struct faults *faults)
{
    struct faults *unused = faults_new();
    struct certificate_list list = {NULL, 0};
    struct bytes content = BYTES_EMPTY, der = BYTES_EMPTY;
    int status = unused != NULL ? 0 : -1;

    if (status == 0 && file_read(survey->directory, path, FILE_LIMIT_CERTIFICATES, &content, unused) == 0 &&
        certificate_list_read(slice_of(&content), path, &list, unused) == 0 && list.count == 1 &&
        adoptee_find(survey, entry, &der, unused) == 0 &&
        slice_equal(slice_of(&list.items[0]), slice_of(&der))) {
        *found = OUTPUT_UNRECORDED;
    }
    if (status != 0) {
        fault_memory(faults);
    }
    certificate_list_free(&list);
    bytes_free(&content);
    bytes_free(&der);
    faults_free(unused);
    return status;
}

static int state_output(void *state, const struct entry *entry, const struct output *output, const char *path,
                        const struct digest *inputs, struct output_standing *standing, struct faults *faults)
{
    struct survey *survey = state;
    struct ledger_output row = {0};
    struct file_stamp stamp;
    mode_t mode = 0;
    const char *why = NULL;
    int there = 0;
    int recorded = 0;
    int status = -1;

    standing->state = OUTPUT_UNRECORDED;
    /* an entry of a fleet is asked for once, before it is made */
    if (survey->directory < 0 || (survey->made && entry_is_of_fleet(entry))) {
        return 0;
    }
    memset(&stamp, 0, sizeof(stamp));
    there = file_stamp_read_mode(survey->directory, path, &stamp, &mode, &why);
    if (survey->ledger != NULL) {
        recorded = ledger_find_output(survey->ledger, path, &row, faults);
        if (recorded < 0) {
            goto out;
        }
    }
    if (recorded == 1 && strcmp(row.name, entry->name) != 0) {
        recorded = 0;
    }
    status = 0;
    if (there < 0) {
        standing->state = OUTPUT_BLOCKED;
    } else if (recorded == 1) {
        standing->same_inputs = digest_equal(&row.inputs, inputs);
        standing->exposed = there == 1 && output_is_secret(output->kind) && (mode & MODE_OTHERS) != 0;
        standing->state = OUTPUT_MISSING;
        if (there == 1) {
            status = output_compare(survey, output, path, &row, &stamp, &standing->state, faults);
        }
    } else if (there == 1) {
        standing->state = OUTPUT_FOREIGN;
        if (entry->adopt_certificate != NULL &&
            (output->kind == OUTPUT_CERTIFICATE || output->kind == OUTPUT_DER)) {
            status = adopted_is_there(survey, entry, path, &standing->state, faults);
        }
    }
out:
    ledger_output_free(&row);
    return status;
}

/** The certificate to adopt; where its file is gone, the one that was adopted. */
static int adoptee_find(struct survey *survey, const struct entry *entry, struct bytes *der,
                        struct faults *faults)
{
    struct ledger_certificate row = {0};
    int found = 0;

    if (survey->ledger != NULL && adoptee_is_gone(entry->adopt_certificate)) {
        found = ledger_find_certificate(survey->ledger, entry->name, &row, faults);
    }
    if (found == 1 && row.adopted) {
        entry_warning_at(faults, entry, (struct entry_spot){ENTRY_ADOPT_CERTIFICATE, NULL}, NULL,
                         "%s is gone: the certificate that was adopted serves in its stead",
                         entry->adopt_certificate);
        bytes_move(der, &row.der);
    } else if (found >= 0) {
        found = adoptee_read(entry, der, faults);
    }
    ledger_certificate_free(&row);
    return found < 0 ? -1 : 0;
}

static int state_adoptee(void *state, const struct entry *entry, struct digest *identity,
                         struct digest *certificate, bool *key, struct faults *faults)
{
    struct survey *survey = state;
    struct bytes der = BYTES_EMPTY;
    struct certificate_view view;
    int status = -1;

    *key = entry->adopt_key != NULL && !adoptee_is_gone(entry->adopt_key);
    if (adoptee_find(survey, entry, &der, faults) != 0) {
        goto out;
    }
    digester_add(survey->digester, slice_of(&der));
    if (certificate_view_read(slice_of(&der), &view) != 0 ||
        digester_final(survey->digester, certificate) != 0 ||
        plan_identity(survey->digester, view.spki, view.subject, identity) != 0) {
        fault_openssl(faults, "%s: SHA-256 failed", entry->adopt_certificate);
        goto out;
    }
    status = survey->ledger != NULL ? twin_refuse(survey->context, survey->ledger, entry, &view, faults) : 0;
out:
    bytes_free(&der);
    return status;
}

static struct list_place place_of_lists(const struct survey *survey)
{
    return (struct list_place){survey->context, survey->directory, survey->ledger};
}

static int state_crl(void *state, const struct entry *entry, struct plan_crl *crl, struct faults *faults)
{
    struct survey *survey = state;
    const struct list_place place = place_of_lists(survey);
    struct ledger_certificate row = {0};
    int found =
        survey->ledger != NULL ? ledger_find_certificate(survey->ledger, entry->name, &row, faults) : 0;

    if (found == 1) {
        found = list_look(&place, entry->name, row.own_generation, crl, faults);
    }
    ledger_certificate_free(&row);
    return found;
}

static int state_old_crl(void *state, const struct entry *entry, int64_t after, int64_t *generation,
                         struct plan_crl *crl, struct faults *faults)
{
    struct survey *survey = state;
    const struct list_place place = place_of_lists(survey);
    struct old_list old = {.context = survey->context, .ledger = survey->ledger, .name = entry->name};
    struct bytes stem = BYTES_EMPTY;
    int there;
    int found = survey->ledger != NULL ? old_list_next(&old, after, faults) : 0;

    if (found == 1) {
        there = retired_key_is_there(survey->directory, survey->ledger, entry->name, old.generation, faults);
        if (there < 0) {
            found = -1;
        } else if (bytes_printf(&stem, "%s.generation-%lld", entry->name, (long long)old.generation) != 0) {
            fault_memory(faults);
            found = -1;
        } else if (list_look(&place, bytes_text(&stem), old.generation, crl, faults) != 0) {
            found = -1;
        }
        *generation = old.generation;
        crl->keyless = there == 0;
    }
    bytes_free(&stem);
    old_list_free(&old);
    return found;
}

static int state_next(void *state, const char *after, char name[256], char manifest[1024], bool *authority,
                      struct faults *faults)
{
    struct survey *survey = state;

    return has_past(survey) ? ledger_next_name(survey->ledger, after, name, manifest, authority, faults) : 0;
}

static int state_next_file(void *state, const char *after, struct bytes *path, char name[256], bool *key,
                           struct faults *faults)
{
    struct survey *survey = state;
    struct ledger_output row = {0};
    int found = has_past(survey) ? ledger_next_output(survey->ledger, after, &row, faults) : 0;

    while (found == 1 && ledger_output_is_claim(&row)) {
        struct ledger_output next = {0};

        found = ledger_next_output(survey->ledger, row.path, &next, faults);
        ledger_output_free(&row);
        row = next;
    }
    if (found == 1) {
        bytes_clear(path);
        memcpy(name, row.name, sizeof(row.name));
        *key = row.kind == (int)OUTPUT_KEY;
        if (bytes_append_text(path, row.path) != 0) {
            fault_memory(faults);
            found = -1;
        }
    }
    ledger_output_free(&row);
    return found;
}

static int state_stray(void *state, const struct manifest *manifest, const char *manifest_id, size_t index,
                       const char **path, bool *authority, struct faults *faults)
{
    struct survey *survey = state;

    if (!survey->searched && has_past(survey) &&
        strays_find(&survey->strays, survey->directory, survey->ledger, manifest, manifest_id, faults) != 0) {
        return -1;
    }
    survey->searched = true;
    if (index >= survey->strays.count) {
        return 0;
    }
    *path = survey->strays.items[index].path;
    *authority = survey->strays.items[index].authority;
    return 1;
}

struct survey *survey_new(const struct context *context, int directory, struct ledger *ledger,
                          struct passphrases *passphrases, struct faults *faults)
{
    struct survey *survey = calloc(1, sizeof(*survey));

    if (survey == NULL || (survey->digester = digester_new(context)) == NULL) {
        fault_memory(faults);
        survey_free(survey);
        return NULL;
    }
    survey->context = context;
    survey->directory = directory;
    survey->ledger = ledger;
    survey->passphrases = passphrases;
    survey->state.state = survey;
    survey->state.record = state_record;
    survey->state.output = state_output;
    survey->state.adoptee = state_adoptee;
    survey->state.crl = state_crl;
    survey->state.old_crl = state_old_crl;
    survey->state.next = state_next;
    survey->state.next_file = state_next_file;
    survey->state.stray = state_stray;
    return survey;
}

void survey_free(struct survey *survey)
{
    if (survey != NULL) {
        digester_free(survey->digester);
        strays_free(&survey->strays);
        bytes_free(&survey->standing);
        free(survey);
    }
}

void survey_use(struct survey *survey, const struct directory *directory)
{
    survey->directory = directory->folder;
    survey->ledger = directory->ledger;
    survey->made = directory->made;
}

const struct plan_state *survey_state(const struct survey *survey)
{
    return &survey->state;
}
