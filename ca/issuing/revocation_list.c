/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists: from the ledger's rows to a signed CRL and its files. */
#include "issuing/revocation_list.h"

#include <stdio.h>

#include "issuing/crl_head.h"
#include "issuing/settled.h"
#include "x509/certificate.h"
#include "x509/crl.h"
#include "x509/extension.h"
#include "x509/pem.h"

static const char *const endings[REVOCATION_LIST_FILES] = {".crl", ".crl.pem", ".crl.head"};

int revocation_list_path(const char *name, int64_t generation, bool current, enum revocation_list_file file,
                         struct bytes *path)
{
    return current ? bytes_printf(path, "%s%s", name, endings[file])
                   : bytes_printf(path, "%s.generation-%lld%s", name, (long long)generation, endings[file]);
}

const char *revocation_list_forbidden(struct slice certificate)
{
    struct certificate_view view;

    if (certificate_view_read(certificate, &view) != 0) {
        return "has a certificate that cannot be read";
    }
    if (view.has_key_usage && (view.key_usage & KEY_USAGE_CRL_SIGN) == 0) {
        return "has a certificate that does not allow it to sign CRLs (key usage without cRLSign)";
    }
    return NULL;
}

/* ---- one list on its way ----------------------------------------------------------------------------------------- */

struct making {
    const struct context *context;
    const struct revocation_list *list;
    struct ledger *ledger;
    struct faults *faults;
    struct ledger_crl crl;
    struct crl_head head;
    struct crl_writer *writer;
    struct bytes der, pem, signed_head;
};

/* The number, and where the log stands: durable before anything is signed. */
static int take_number(struct making *making)
{
    struct ledger_crl *crl = &making->crl;
    struct faults *faults = making->faults;

    crl->generation = making->list->generation;
    crl->this_update = context_now(making->context);
    crl->next_update = instant_add(crl->this_update, &making->list->next_update);
    if (ledger_begin(making->ledger, faults) != 0) {
        return -1;
    }
    if (ledger_head(making->ledger, &making->head.event, &making->head.hash, faults) != 0 ||
        ledger_put_crl_intent(making->ledger, crl, making->list->backwards, faults) != 0) {
        ledger_rollback(making->ledger);
        return -1;
    }
    return ledger_commit(making->ledger, faults);
}

static int add_entry(void *state, const struct ledger_revocation *revocation)
{
    struct making *making = state;
    const struct crl_entry entry = {
        .serial = slice_of(&revocation->serial),
        .revoked = revocation->revoked,
        .reason = revocation->reason,
        .has_invalidity = revocation->invalidity != LEDGER_NEVER,
        .invalidity = revocation->invalidity,
    };

    return crl_writer_add(making->writer, &entry, making->faults);
}

static int sign(struct making *making)
{
    const struct revocation_list *list = making->list;
    unsigned char identifier[20];
    struct certificate_view view;
    struct crl_fields fields;

    if (certificate_view_read(list->certificate, &view) != 0 ||
        certificate_key_identifier(making->context, view.spki, identifier) != 0) {
        fault_error(making->faults, NULL, list->name, NULL, "its certificate cannot be read");
        return -1;
    }
    /* without an SKI of its own: the identifier that stands in for it in what it issued */
    fields = (struct crl_fields){
        .issuer = view.subject,
        .authority_key_identifier = view.subject_key_identifier.length != 0
                                        ? view.subject_key_identifier
                                        : (struct slice){identifier, sizeof(identifier)},
        .number = making->crl.number,
        .this_update = making->crl.this_update,
        .next_update = making->crl.next_update,
    };
    making->crl.entries = crl_writer_count(making->writer);
    return crl_writer_sign(making->writer, &fields, list->signer, &making->der, making->faults);
}

static int sign_head(struct making *making)
{
    const struct revocation_list *list = making->list;
    struct crl_head *head = &making->head;

    if (digest_of(making->context, slice_of(&making->der), &making->crl.content) != 0 ||
        digest_of(making->context, signer_spki(list->signer), &head->key) != 0 ||
        pem_write(slice_of(&making->der), CRL_LABEL, &making->pem) != 0) {
        fault_memory(making->faults);
        return -1;
    }
    if (context_is_fixture(making->context)) {
        /* the log says who did what, and when: its head does not follow from the seed, so a fixture's vouches for none of it */
        head->event = 0;
        head->hash = (struct digest){{0}};
    }
    (void)snprintf(head->authority, sizeof(head->authority), "%s", list->name);
    head->crl_number = making->crl.number;
    head->crl = making->crl.content;
    return crl_head_write(head, list->signer, &making->signed_head, making->faults);
}

static int publish(struct making *making, struct publisher *publisher)
{
    const struct revocation_list *list = making->list;
    const struct bytes *contents[REVOCATION_LIST_FILES] = {&making->der, &making->pem, &making->signed_head};
    struct bytes path = BYTES_EMPTY;
    int status = 0;

    for (int i = 0; status == 0 && i < REVOCATION_LIST_FILES; i++) {
        bytes_clear(&path);
        if (revocation_list_path(list->name, list->generation, list->current, (enum revocation_list_file)i,
                                 &path) != 0) {
            fault_memory(making->faults);
            publisher_abandon(publisher);
            status = -1;
        } else {
            status = publisher_add(publisher, bytes_text(&path), slice_of(contents[i]), 0644, making->faults);
        }
    }
    bytes_free(&path);
    return status == 0 ? publisher_commit(publisher, making->faults) : -1;
}

/* The list stands: the ledger knows it as complete. A run of a manifest looks anew at what is due. */
static int record(struct making *making)
{
    if (ledger_begin(making->ledger, making->faults) != 0) {
        return -1;
    }
    if (ledger_put_crl(making->ledger, &making->crl, making->faults) != 0 ||
        settled_forget(making->ledger, making->faults) != 0) {
        ledger_rollback(making->ledger);
        return -1;
    }
    return ledger_commit(making->ledger, making->faults);
}

int revocation_list_publish(const struct context *context, const struct revocation_list *list,
                            struct ledger *ledger, struct publisher *publisher, struct ledger_crl *made,
                            struct faults *faults)
{
    struct making making = {.context = context, .list = list, .ledger = ledger, .faults = faults};
    const char *forbidden = revocation_list_forbidden(list->certificate);
    int status = -1;

    if (forbidden != NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s %s", list->name, forbidden);
        return -1;
    }
    making.writer = crl_writer_new(faults);
    if (making.writer == NULL || take_number(&making) != 0 ||
        ledger_each_revocation(ledger, list->generation, false, add_entry, &making, faults) != 0 ||
        sign(&making) != 0 || sign_head(&making) != 0 || publish(&making, publisher) != 0) {
        goto out;
    }
    status = record(&making);
    if (status == 0 && made != NULL) {
        making.crl.complete = true;
        *made = making.crl;
    }
out:
    crl_writer_free(making.writer);
    bytes_free(&making.der);
    bytes_free(&making.pem);
    bytes_free(&making.signed_head);
    return status;
}
