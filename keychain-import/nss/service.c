/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answering questions. Each question is taken apart whole before anything is done.
 */
#include "nss/service.h"

#include <stdlib.h>
#include <string.h>

#include "nss/certificate.h"
#include "nss/database.h"
#include "nss/judgement.h"
#include "nss/key.h"
#include "nss/listing.h"
#include "nss/place.h"
#include "nss/trust.h"

/* Most intermediates that come with a question. */
#define CHAIN_MAX 32

struct service {
    int socket;
    const struct owner *owner;
    struct nss_database database;
    bool opened;         /* nss_database_open was called */
    struct message done; /* the answer that is being made */
    struct faults *faults;
};

void nss_item_write(struct message *message, const struct item *item)
{
    message_number(message, (uint32_t)item->kind);
    message_slice(message, item->certificate);
    message_text(message, item->label);
    message_number(message, (uint32_t)item->extractable);
    message_number(message, (uint32_t)item->scope);
}

void nss_item_read(struct inbound *inbound, struct item *item)
{
    uint32_t kind = inbound_number(inbound);
    uint32_t extractable;
    uint32_t scope;

    memset(item, 0, sizeof(*item));
    item->certificate = inbound_slice(inbound);
    item->label = inbound_text(inbound);
    extractable = inbound_number(inbound);
    scope = inbound_number(inbound);
    if (kind > ITEM_TRUST || extractable > EXTRACTABLE_YES || scope > SCOPE_ANY) {
        inbound->failed = true;
        return;
    }
    item->kind = (enum item_kind)kind;
    item->extractable = (enum extractable)extractable;
    item->scope = (enum scope)scope;
}

/** A question that is none. */
static int refuse(struct service *service)
{
    fault_error(service->faults, NULL, NULL, NULL, "nss: a question to the database could not be read");
    return -1;
}

static int open_database(struct service *service, struct inbound *inbound)
{
    const char *text = inbound_text(inbound);
    const char *given = inbound_text(inbound);
    uint32_t has_passphrase = inbound_number(inbound);
    struct bytes passphrase = BYTES_EMPTY;
    struct bytes folder = BYTES_EMPTY;
    struct nss_place place;
    struct slice secret = inbound_slice(inbound);
    uint32_t writing = inbound_number(inbound);
    int result = -1;

    if (!inbound_finished(inbound) || text == NULL || service->opened) {
        return refuse(service);
    }
    if (bytes_append(&passphrase, secret.data, secret.length) != 0 ||
        (given != NULL && bytes_append_text(&folder, given) != 0)) {
        fault_memory(service->faults);
        goto done;
    }
    if (nss_place_parse(text, &place, service->faults) != 0 ||
        (given == NULL && nss_place_find(&place, service->owner, &folder, service->faults) != 0)) {
        goto done;
    }
    service->opened = true;
    result = nss_database_open(&service->database, bytes_text(&folder),
                               has_passphrase != 0 ? &passphrase : NULL, writing != 0, service->faults);
    if (result == 0 && !service->database.open && place.kind == PLACE_CHROMIUM && has_passphrase != 0) {
        fault_error(
            service->faults, NULL, NULL, "leave the passphrase out",
            "nss:chromium: its database is still to be made, and Chromium cannot use one with a password");
        result = -1;
    }
    message_text(&service->done, bytes_text(&folder));

done:
    bytes_free(&passphrase);
    bytes_free(&folder);
    return result;
}

static int send_place(void *state, const char *name, const char *where, const char *unusable)
{
    struct service *service = state;
    struct message message;
    int result;

    message_begin(&message, MESSAGE_ENTRY);
    message_text(&message, name);
    message_text(&message, where);
    message_text(&message, unusable);
    result = message_send(service->socket, &message);
    message_free(&message);
    return result;
}

static int survey(struct service *service, struct inbound *inbound)
{
    return inbound_finished(inbound) ? nss_place_survey(service->owner, send_place, service, service->faults)
                                     : refuse(service);
}

static int send_entry(void *state, const struct store_entry *entry)
{
    struct service *service = state;
    struct message message;
    int result;

    message_begin(&message, MESSAGE_ENTRY);
    message_slice(&message, entry->certificate);
    message_text(&message, entry->label);
    message_number(&message, entry->has_key);
    message_number(&message, entry->extractable);
    message_number(&message, (uint32_t)entry->scope);
    result = message_send(service->socket, &message);
    message_free(&message);
    return result;
}

static int list(struct service *service, struct inbound *inbound)
{
    return inbound_finished(inbound) ? nss_list(&service->database, send_entry, service, service->faults)
                                     : refuse(service);
}

static int look(struct service *service, struct inbound *inbound)
{
    struct nss_database *database = &service->database;
    struct sighting sighting;
    struct item item;
    int result = -1;

    memset(&sighting, 0, sizeof(sighting));
    nss_item_read(inbound, &item);
    if (!inbound_finished(inbound)) {
        return refuse(service);
    }
    switch (item.kind) {
    case ITEM_CERTIFICATE:
        result = nss_certificate_look(database, &item, &sighting, service->faults);
        break;
    case ITEM_KEY:
        result = nss_key_look(database, &item, &sighting, service->faults);
        break;
    case ITEM_TRUST:
        result = nss_trust_look(database, &item, &sighting, service->faults);
        break;
    }
    message_number(&service->done, (uint32_t)sighting.presence);
    message_slice(&service->done, slice_of(&sighting.reason));
    message_number(&service->done, (uint32_t)sighting.scope);
    message_slice(&service->done, slice_of(&sighting.before));
    sighting_free(&sighting);
    return result;
}

static int put(struct service *service, struct inbound *inbound)
{
    struct nss_database *database = &service->database;
    struct slice pkcs8;
    struct item item;
    int result = -1;

    nss_item_read(inbound, &item);
    pkcs8 = inbound_slice(inbound);
    if (!inbound_finished(inbound)) {
        return refuse(service);
    }
    switch (item.kind) {
    case ITEM_CERTIFICATE:
        result = nss_certificate_put(database, &item, service->faults);
        break;
    case ITEM_KEY:
        result = nss_key_put(database, &item, pkcs8, service->faults);
        break;
    case ITEM_TRUST:
        result = nss_trust_put(database, &item, service->faults);
        break;
    }
    return result;
}

static int take(struct service *service, struct inbound *inbound)
{
    struct nss_database *database = &service->database;
    struct slice before;
    struct item item;
    int result = -1;

    nss_item_read(inbound, &item);
    before = inbound_slice(inbound);
    if (!inbound_finished(inbound)) {
        return refuse(service);
    }
    switch (item.kind) {
    case ITEM_CERTIFICATE:
        result = nss_certificate_take(database, &item, service->faults);
        break;
    case ITEM_KEY:
        result = nss_key_take(database, &item, service->faults);
        break;
    case ITEM_TRUST:
        result = nss_trust_take(database, &item, before, service->faults);
        break;
    }
    return result;
}

static int prove(struct service *service, struct inbound *inbound)
{
    struct nss_database *database = &service->database;
    CERTCertificate *found = NULL;
    struct item item;
    int result = -1;

    nss_item_read(inbound, &item);
    if (!inbound_finished(inbound)) {
        return refuse(service);
    }
    switch (item.kind) {
    case ITEM_CERTIFICATE:
        found = nss_certificate_find(database, item.certificate);
        if (found == NULL) {
            fault_error(service->faults, NULL, NULL, NULL, "%s: the certificate is not found again",
                        bytes_text(&database->name));
        } else {
            CERT_DestroyCertificate(found);
            result = 0;
        }
        break;
    case ITEM_KEY:
        result = nss_key_prove(database, &item, service->faults);
        break;
    case ITEM_TRUST:
        result = nss_trust_prove(database, &item, service->faults);
        break;
    }
    return result;
}

static int judge(struct service *service, struct inbound *inbound)
{
    struct slice chain[CHAIN_MAX];
    struct store_question question = {.chain = chain};
    struct store_verdict verdict;
    uint32_t policy = inbound_number(inbound);
    uint64_t now;
    int result;

    memset(&verdict, 0, sizeof(verdict));
    question.policy = (enum scope)policy;
    question.host = inbound_text(inbound);
    now = (uint64_t)inbound_number(inbound) << 32;
    now |= inbound_number(inbound);
    question.certificate = inbound_slice(inbound);
    while (!inbound->failed && inbound->rest.length > 0 && question.chain_count < CHAIN_MAX) {
        chain[question.chain_count++] = inbound_slice(inbound);
    }
    if (!inbound_finished(inbound) || policy > SCOPE_ANY) {
        return refuse(service);
    }
    result = nss_judge(&service->database, &question, (instant)now, &verdict, service->faults);
    message_number(&service->done, verdict.good);
    message_slice(&service->done, slice_of(&verdict.reason));
    bytes_free(&verdict.reason);
    return result < 0 ? -1 : 0;
}

static int nickname(struct service *service, struct inbound *inbound)
{
    CERTCertificate *found = NULL;
    struct item item;

    nss_item_read(inbound, &item);
    if (!inbound_finished(inbound)) {
        return refuse(service);
    }
    found = nss_certificate_find(&service->database, item.certificate);
    if (found == NULL) {
        fault_error(service->faults, NULL, NULL, NULL, "%s: the certificate is not there",
                    bytes_text(&service->database.name));
        return -1;
    }
    message_text(&service->done, found->nickname != NULL ? found->nickname : "");
    CERT_DestroyCertificate(found);
    return 0;
}

static int close_database(struct service *service)
{
    int result = 0;

    if (service->opened) {
        result = nss_database_close(&service->database, service->faults);
        service->opened = false;
    }
    return result;
}

/** Do what is asked. */
static int act(struct service *service, struct inbound *inbound)
{
    switch (inbound->kind) {
    case MESSAGE_OPEN:
        return open_database(service, inbound);
    case MESSAGE_SURVEY:
        return survey(service, inbound);
    case MESSAGE_LOOK:
        return look(service, inbound);
    case MESSAGE_PUT:
        return put(service, inbound);
    case MESSAGE_TAKE:
        return take(service, inbound);
    case MESSAGE_PROVE:
        return prove(service, inbound);
    case MESSAGE_EACH:
        return list(service, inbound);
    case MESSAGE_JUDGE:
        return judge(service, inbound);
    case MESSAGE_NICKNAME:
        return nickname(service, inbound);
    case MESSAGE_CLOSE:
        return close_database(service);
    default:
        return refuse(service);
    }
}

static int send_faults(const struct service *service)
{
    int result = 0;

    for (size_t i = 0; i < faults_count(service->faults) && result == 0; i++) {
        struct message message;

        message_begin(&message, MESSAGE_FAULT);
        message_number(&message, (uint32_t)faults_severity(service->faults, i));
        message_text(&message, faults_text(service->faults, i));
        result = message_send(service->socket, &message);
        message_free(&message);
    }
    return result;
}

/** Answer one question; -1: the other side is gone. */
static int answer(struct service *service, struct inbound *inbound)
{
    struct message failed;
    int result;

    message_begin(&service->done, MESSAGE_DONE);
    message_begin(&failed, MESSAGE_FAILED);
    service->faults = faults_new();
    if (service->faults == NULL) {
        result = message_send(service->socket, &failed);
    } else {
        bool good = act(service, inbound) == 0;

        result = send_faults(service);
        if (result == 0) {
            result = message_send(service->socket, good ? &service->done : &failed);
        }
    }
    faults_free(service->faults);
    service->faults = NULL;
    message_free(&service->done);
    message_free(&failed);
    return result;
}

int nss_serve(int socket, const struct owner *owner)
{
    struct service service;
    struct inbound inbound;
    int result = 0;

    memset(&service, 0, sizeof(service));
    memset(&inbound, 0, sizeof(inbound));
    service.socket = socket;
    service.owner = owner;
    while (inbound_receive(socket, &inbound) == 0 && answer(&service, &inbound) == 0) {
        inbound_free(&inbound);
    }
    inbound_free(&inbound);
    if (service.opened) {
        /* Nobody asked for it: the other side is gone. */
        service.faults = faults_new();
        result = service.faults != NULL && close_database(&service) == 0 ? 0 : 1;
        faults_free(service.faults);
    }
    return result;
}
