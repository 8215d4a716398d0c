/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign: each request becomes an item of an order, so that names are judged by the rules of a manifest; key and usages are judged by
 * request_rules. Reading the requests and proving that each is signed by its own key is done on all processors, and done before
 * anything is signed.
 */
#include "operations/sign.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "issuing/workers.h"
#include "operations/order.h"
#include "operations/standing.h"
#include "plan/facets.h"
#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/general_name.h"
#include "x509/name.h"
#include "x509/pem.h"
#include "x509/request.h"
#include "x509/request_rules.h"

/** Fewer requests than this are read by one thread. */
#define WORTH_WORKERS 16

/** One request on its way. */
struct petition {
    const char *file;
    struct bytes der;
    struct request_view view;
    struct bytes name;
    struct bytes subject; /**< text */
    struct bytes *names;  /**< texts */
    const char **texts;   /**< the same, borrowed */
    size_t name_count;
    struct entry entry;
    bool done;             /**< it was signed before */
    struct faults *faults; /**< what is wrong with the file */
};

struct signing {
    const struct context *context;
    const struct sign_order *order;
    struct faults *faults;
    struct act act;
    struct standing *standing;
    const struct entry *issuer;
    struct manifest *manifest;
    bool authorities; /* the profile makes authorities */
    struct petition *petitions;
    struct order_item *items;
    signed_fn told;
    void *state;
};

static void petition_free(struct petition *petition)
{
    size_t i;

    for (i = 0; i < petition->name_count; i++) {
        bytes_free(&petition->names[i]);
    }
    free(petition->names);
    free((void *)petition->texts);
    bytes_free(&petition->der);
    bytes_free(&petition->name);
    bytes_free(&petition->subject);
    faults_free(petition->faults);
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/** The file's name without folders and ending. */
static int name_of_file(const char *file, struct bytes *name)
{
    const char *base = strrchr(file, '/');
    const char *end;

    base = base != NULL ? base + 1 : file;
    end = strrchr(base, '.');
    return bytes_append(name, base, end != NULL && end != base ? (size_t)(end - base) : strlen(base));
}

/** The names asked for, as text. */
static int petition_names(struct petition *petition)
{
    struct slice rest = petition->view.subject_alternative_names;
    struct der_item name;
    size_t count = 0;

    while (der_read(&rest, &name) == 1) {
        count++;
    }
    petition->names = calloc(count > 0 ? count : 1, sizeof(*petition->names));
    petition->texts = calloc(count > 0 ? count : 1, sizeof(*petition->texts));
    if (petition->names == NULL || petition->texts == NULL) {
        return -1;
    }
    rest = petition->view.subject_alternative_names;
    while (der_read(&rest, &name) == 1) {
        struct bytes *text = &petition->names[petition->name_count];

        if (general_name_format(name.whole, text) != 0) {
            return -1;
        }
        petition->texts[petition->name_count++] = bytes_text(text);
    }
    return 0;
}

static int petition_read(struct signing *signing, struct petition *petition, const char *file)
{
    const struct sign_order *order = signing->order;
    struct bytes content = BYTES_EMPTY;
    const char *why = NULL;
    int status = -1;

    petition->file = file;
    if (file_read(AT_FDCWD, file, FILE_LIMIT_CERTIFICATES, &content, petition->faults) != 0 ||
        request_read(slice_of(&content), file, &petition->der, petition->faults) != 0 ||
        request_view_read(slice_of(&petition->der), &petition->view) != 0) {
        goto out;
    }
    if ((order->name != NULL ? bytes_append_text(&petition->name, order->name)
                             : name_of_file(file, &petition->name)) != 0 ||
        name_format(petition->view.subject, &petition->subject) != 0 || petition_names(petition) != 0) {
        fault_error(petition->faults, NULL, file, NULL, "its names cannot be read");
        goto out;
    }
    if (request_verify(signing->context, &petition->view, &why) != 0) {
        fault_error(petition->faults, NULL, file, "whoever asks must hold the key", "its signature %s", why);
        goto out;
    }
    status = 0;
out:
    bytes_free(&content);
    return status;
}

/** One request, on a worker; what is wrong with it does not keep the others from being looked at. */
static int work_read(void *state, size_t worker, size_t index)
{
    struct signing *signing = state;
    struct petition *petition = &signing->petitions[index];

    (void)worker;
    petition->faults = faults_new();
    if (petition->faults == NULL) {
        return -1;
    }
    if (petition_read(signing, petition, signing->order->requests[index]) != 0 &&
        faults_errors(petition->faults) == 0) {
        fault_memory(petition->faults);
    }
    return 0;
}

/** Reads and proves all requests. Complaints of every file are told. */
static int petitions_prove(struct signing *signing)
{
    struct workers *workers = workers_new(workers_count());
    struct task task = {0};
    size_t i;
    int status = -1;

    if (workers == NULL) {
        goto out;
    }
    if (signing->order->count >= WORTH_WORKERS) {
        workers_start(workers);
    }
    if (workers_begin(workers, &task, signing->order->count, work_read, signing) == 0) {
        status = workers_end(workers, &task);
    }
out:
    for (i = 0; i < signing->order->count; i++) {
        if (signing->petitions[i].faults != NULL) {
            faults_move(signing->faults, signing->petitions[i].faults);
        }
    }
    task_free(&task);
    workers_free(workers);
    if (status != 0 && faults_errors(signing->faults) == 0) {
        fault_memory(signing->faults);
    }
    return faults_errors(signing->faults) == 0 ? 0 : -1;
}

/** All requests as one order. */
static int petitions_read(struct signing *signing)
{
    const struct sign_order *order = signing->order;
    struct order whole = {
        .issuer = signing->issuer->name,
        .profile = order->profile,
        .validity = order->validity,
        .profiles = order->profiles,
        .profile_count = order->profile_count,
        .count = order->count,
        .authorities = signing->authorities,
    };
    size_t i;

    signing->petitions = calloc(order->count, sizeof(*signing->petitions));
    signing->items = calloc(order->count, sizeof(*signing->items));
    if (signing->petitions == NULL || signing->items == NULL) {
        fault_memory(signing->faults);
        return -1;
    }
    if (petitions_prove(signing) != 0) {
        return -1;
    }
    for (i = 0; i < order->count; i++) {
        struct petition *petition = &signing->petitions[i];
        struct order_item *item = &signing->items[i];

        item->name = bytes_text(&petition->name);
        item->subject = order->subject != NULL ? order->subject : bytes_text(&petition->subject);
        item->names = order->name_count > 0 ? order->names : (const char *const *)petition->texts;
        item->name_count = order->name_count > 0 ? order->name_count : petition->name_count;
    }
    whole.items = signing->items;
    signing->manifest = order_read(signing->context, &whole, signing->faults);
    return signing->manifest != NULL ? 0 : -1;
}

/* ---- judging -------------------------------------------------------------------------------------------------------- */

/** What the certificate of @p row, made from the same request, is not that is asked for now; NULL: nothing, or NULL with a fault. */
static const char *what_differs(const struct signing *signing, const struct petition *petition,
                                const struct ledger_certificate *row)
{
    struct digester *digester = digester_new(signing->context);
    struct ledger_certificate authority = {0};
    struct plan_facets facets;
    const char *why = NULL;

    if (digester == NULL || plan_facets_of(digester, &petition->entry, NULL, &facets, signing->faults) != 0 ||
        ledger_find_certificate(signing->act.directory.ledger, signing->issuer->name, &authority,
                                signing->faults) < 0) {
        if (digester == NULL) {
            fault_memory(signing->faults);
        }
    } else if (authority.own_generation != row->generation) {
        why = "by another authority or key";
    } else if (memcmp(facets.subject, row->facets.subject, sizeof(facets.subject)) != 0) {
        why = "with another subject";
    } else if (memcmp(facets.names, row->facets.names, sizeof(facets.names)) != 0) {
        why = "with other subject alternative names";
    } else if (memcmp(facets.profile, row->facets.profile, sizeof(facets.profile)) != 0) {
        why = "by another profile";
    } else if (memcmp(facets.validity, row->facets.validity, sizeof(facets.validity)) != 0) {
        why = "with another validity";
    } else if (row->not_after <= context_now(signing->context)) {
        why = "and has ended";
    }
    ledger_certificate_free(&authority);
    digester_free(digester);
    return why;
}

/** Tells when the certificate of @p row is not what signing the same request again would give. */
static int check_same(const struct signing *signing, const struct petition *petition,
                      const struct ledger_certificate *row)
{
    struct ledger_revocation revocation = {0};
    int found = ledger_find_revocation(signing->act.directory.ledger, row->id, &revocation, signing->faults);
    const char *why = found == 0 ? what_differs(signing, petition, row) : NULL;

    ledger_revocation_free(&revocation);
    if (found == 1) {
        fault_error(signing->faults, NULL, petition->file, "a request for another key is signed",
                    "\"%s\" was signed from this request already, and is revoked (%s)", row->name,
                    ledger_reason_name(revocation.reason));
    } else if (why != NULL) {
        fault_error(signing->faults, NULL, petition->file,
                    "--name gives another name; mtls-ca renew makes it again as it was",
                    "\"%s\" was signed from this request already, %s", row->name, why);
    }
    return found < 0 ? -1 : 0;
}

/** Whether the ledger has a certificate for this very request under its name. */
static int petition_was_signed(const struct signing *signing, struct petition *petition)
{
    struct ledger_certificate row = {0};
    struct digest request;
    int found = ledger_find_certificate(signing->act.directory.ledger, bytes_text(&petition->name), &row,
                                        signing->faults);
    int status = found < 0 ? -1 : 0;

    if (found == 1 && digest_of(signing->context, slice_of(&petition->der), &request) != 0) {
        fault_openssl(signing->faults, "SHA-256 failed");
        status = -1;
    } else if (found == 1) {
        petition->done = memcmp(request.octets, row.request.octets, DIGEST_LENGTH) == 0;
        if (petition->done) {
            status = check_same(signing, petition, &row);
        } else {
            fault_error(signing->faults, NULL, petition->file,
                        "--name gives another name; mtls-ca renew makes it again",
                        "\"%s\" was issued already, and not from this request", bytes_text(&petition->name));
        }
    }
    ledger_certificate_free(&row);
    return status;
}

static int petition_judge(struct signing *signing, struct petition *petition)
{
    const struct entry *entry = manifest_find(signing->manifest, bytes_text(&petition->name));

    petition->entry = *entry;
    petition->entry.kind = ENTRY_CERTIFICATE; /* its key is not here: it is no authority of this directory */
    petition->entry.issuer = signing->issuer;
    petition->entry.formats = signing->order->ledger_only ? 0 : FORMAT_PEM;
    if (signing->order->subject == NULL) {
        /* as the request encodes it: what was checked is its text */
        bytes_clear(&petition->subject);
        if (bytes_append(&petition->subject, petition->view.subject.data, petition->view.subject.length) !=
            0) {
            fault_memory(signing->faults);
            return -1;
        }
        petition->entry.subject = petition->subject;
    }
    request_rules_check(entry->profile, &petition->view, signing->order->ignore_usages, petition->file,
                        signing->faults);
    if (standing_check_issuers(&petition->entry, signing->authorities, signing->faults) != 0 ||
        standing_check_names(signing->standing, &petition->entry, signing->faults) != 0) {
        return 0; /* told, and the next one is looked at */
    }
    return petition_was_signed(signing, petition);
}

/* ---- signing -------------------------------------------------------------------------------------------------------- */

static struct plan_step petition_step(const struct petition *petition)
{
    struct plan_step step = {
        .action = PLAN_CREATE,
        .name = petition->entry.name,
        .entry = &petition->entry,
        .request = slice_of(&petition->der),
        .outputs = plan_outputs(&petition->entry, false),
    };

    return step;
}

/** PEM of the intermediates above what is signed: what is its own issuer is none. */
static int chain_above(const struct signing *signing, struct bytes *pem)
{
    const struct entry *above = signing->issuer;
    int status = 0;

    for (; status == 0 && above != NULL; above = above->issuer) {
        struct ledger_certificate authority = {0};
        struct certificate_view view;

        status = ledger_find_certificate(signing->act.directory.ledger, above->name, &authority,
                                         signing->faults) == 1 &&
                         certificate_view_read(slice_of(&authority.der), &view) == 0
                     ? 0
                     : -1;
        if (status == 0 && !slice_equal(view.subject, view.issuer)) {
            status = pem_write(view.whole, "CERTIFICATE", pem);
        }
        ledger_certificate_free(&authority);
    }
    return status;
}

/** @p chain: room for the certificate before @p above. */
static int petition_tell(struct signing *signing, const struct petition *petition, const struct bytes *above,
                         struct bytes *chain)
{
    struct ledger_certificate row = {0};
    int status = -1;

    bytes_clear(chain);
    if (ledger_find_certificate(signing->act.directory.ledger, bytes_text(&petition->name), &row,
                                signing->faults) == 1 &&
        pem_write(slice_of(&row.der), "CERTIFICATE", chain) == 0 &&
        bytes_append(chain, above->data, above->length) == 0) {
        status = signing->told(signing->state, &row, slice_of(chain));
    }
    ledger_certificate_free(&row);
    return status;
}

static int all_tell(struct signing *signing)
{
    struct bytes above = BYTES_EMPTY;
    struct bytes chain = BYTES_EMPTY;
    size_t i;
    int status = chain_above(signing, &above);

    for (i = 0; i < signing->order->count && status == 0; i++) {
        status = petition_tell(signing, &signing->petitions[i], &above, &chain);
    }
    bytes_free(&above);
    bytes_free(&chain);
    return status;
}

static int all_sign(struct signing *signing)
{
    size_t count = signing->order->count;
    size_t i;

    for (i = 0; i < count; i++) {
        struct petition *petition = &signing->petitions[i];
        struct plan_step step;

        if (petition_judge(signing, petition) != 0) {
            return -1;
        }
        step = petition_step(petition);
        if (!petition->done && faults_errors(signing->faults) == 0 &&
            act_foresee(&signing->act, &step, signing->faults) != 0) {
            return -1;
        }
    }
    if (faults_errors(signing->faults) > 0) {
        return -1;
    }
    for (i = 0; i < count; i++) {
        struct plan_step step = petition_step(&signing->petitions[i]);

        if (!signing->petitions[i].done && act_take(&signing->act, &step, signing->faults) != 0) {
            return -1;
        }
    }
    if (act_flush(&signing->act, signing->faults) != 0) {
        return -1;
    }
    return signing->told != NULL ? all_tell(signing) : 0;
}

int sign_run(const struct context *context, const char *directory, const struct sign_order *order,
             const struct act_observer *observer, signed_fn told, void *state, struct faults *faults)
{
    struct signing signing = {
        .context = context, .order = order, .faults = faults, .act = ACT_EMPTY, .told = told, .state = state};
    size_t i;
    int status = -1;

    if (order->count == 0 || order->count > SIGN_MAX) {
        fault_error(faults, NULL, NULL, NULL, "at most %d requests are signed in one run", SIGN_MAX);
        return -1;
    }
    if (act_open(&signing.act, context, directory, observer, faults) == 0 &&
        (signing.standing = standing_new(&signing.act.directory, order->issuer_passphrase, faults)) != NULL &&
        (signing.issuer = standing_authority(signing.standing, order->issuer, faults)) != NULL &&
        order_looks_for_authorities(order->profile, order->profiles, order->profile_count,
                                    &signing.authorities, faults) == 0 &&
        petitions_read(&signing) == 0) {
        status = all_sign(&signing);
    }
    act_close(&signing.act);
    manifest_free(signing.manifest);
    standing_free(signing.standing);
    for (i = 0; signing.petitions != NULL && i < order->count; i++) {
        petition_free(&signing.petitions[i]);
    }
    free(signing.petitions);
    free(signing.items);
    return status;
}
