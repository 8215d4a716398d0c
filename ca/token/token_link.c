/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Links, and what those to one token have in common: the address with its PIN, and a lock under which they are opened one after
 * the other. Some modules write when a user logs in, and whoever looks at that moment finds no token.
 */
#include "token/token_link.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct common {
    pthread_mutex_t lock;
    size_t links;
    bool full; /* one more was refused: none is tried again, for that could be a PIN tried again */
    const struct helper_kind *kind;
    char *uri, *program, *shown;
    struct bytes pin;
    bool has_pin;
};

struct token_link {
    struct common *common;
    struct helper_process *helper;
    pthread_mutex_t lock; /* of the helper, and of users */
    size_t users;
};

static struct common *common_new(const struct token_address *address, const char *shown)
{
    struct common *common = calloc(1, sizeof(*common));

    if (common == NULL || pthread_mutex_init(&common->lock, NULL) != 0) {
        free(common);
        return NULL;
    }
    common->kind = address->kind;
    common->has_pin = address->pin != NULL;
    common->uri = strdup(address->uri);
    common->shown = strdup(shown);
    common->program = address->program != NULL ? strdup(address->program) : NULL;
    if (common->uri == NULL || common->shown == NULL ||
        (address->program != NULL && common->program == NULL) ||
        (common->has_pin && bytes_append(&common->pin, address->pin->data, address->pin->length) != 0)) {
        bytes_free(&common->pin);
        free(common->uri);
        free(common->program);
        free(common->shown);
        (void)pthread_mutex_destroy(&common->lock);
        free(common);
        return NULL;
    }
    return common;
}

/** One link less; the last one takes all with it. */
static void common_leave(struct common *common)
{
    size_t left;

    (void)pthread_mutex_lock(&common->lock);
    left = --common->links;
    (void)pthread_mutex_unlock(&common->lock);
    if (left == 0) {
        (void)pthread_mutex_destroy(&common->lock);
        bytes_free(&common->pin);
        free(common->uri);
        free(common->program);
        free(common->shown);
        free(common);
    }
}

/** Starts a helper and has it open the token. @p common is locked. */
static struct helper_process *enter(const struct common *common, struct faults *faults)
{
    struct helper_process *helper =
        helper_process_start(common->kind, common->program, common->shown, faults);
    struct bytes content = BYTES_EMPTY;
    struct wire_message answer;
    char seconds[16];

    if (helper == NULL) {
        return NULL;
    }
    (void)snprintf(seconds, sizeof(seconds), "%u", helper_process_seconds(helper));

    const struct slice fields[] = {slice_of_text(WIRE_VERSION), slice_of_text(seconds),
                                   slice_of_text(common->uri), slice_of(&common->pin)};

    if (helper_process_ask(helper, WIRE_OPEN, fields, common->has_pin ? 4 : 3, WIRE_DONE, WIRE_DONE, &content,
                           &answer, faults) != 0) {
        helper_process_free(helper);
        helper = NULL;
    }
    bytes_free(&content);
    return helper;
}

/** A link with what is common; that counts it already. NULL with a fault, and the count is taken back. */
static struct token_link *link_new(struct common *common, struct faults *faults)
{
    struct token_link *link = calloc(1, sizeof(*link));

    if (link == NULL || pthread_mutex_init(&link->lock, NULL) != 0) {
        fault_memory(faults);
        free(link);
        common_leave(common);
        return NULL;
    }
    link->common = common;
    link->users = 1;
    (void)pthread_mutex_lock(&common->lock);
    if (!common->full) {
        link->helper = enter(common, faults);
        common->full = link->helper == NULL;
    }
    (void)pthread_mutex_unlock(&common->lock);
    if (link->helper == NULL) {
        token_link_leave(link);
        return NULL;
    }
    return link;
}

struct token_link *token_link_open(const struct token_address *address, const char *shown,
                                   struct faults *faults)
{
    struct common *common = common_new(address, shown);

    if (common == NULL) {
        fault_memory(faults);
        return NULL;
    }
    common->links = 1;
    return link_new(common, faults);
}

struct token_link *token_link_another(const struct token_link *link)
{
    struct common *common = link->common;
    struct faults *unheard = faults_new();
    struct token_link *another = NULL;
    bool room;

    (void)pthread_mutex_lock(&common->lock);
    room = unheard != NULL && !common->full && common->links < TOKEN_LINKS_MAX;
    common->links += room ? 1 : 0;
    (void)pthread_mutex_unlock(&common->lock);
    if (room) {
        another = link_new(common, unheard);
    }
    faults_free(unheard);
    return another;
}

struct token_link *token_link_share(struct token_link *link)
{
    (void)pthread_mutex_lock(&link->lock);
    link->users++;
    (void)pthread_mutex_unlock(&link->lock);
    return link;
}

void token_link_leave(struct token_link *link)
{
    size_t left = 1;

    if (link != NULL) {
        (void)pthread_mutex_lock(&link->lock);
        left = --link->users;
        (void)pthread_mutex_unlock(&link->lock);
    }
    if (left == 0) {
        helper_process_free(link->helper);
        (void)pthread_mutex_destroy(&link->lock);
        common_leave(link->common);
        free(link);
    }
}

int token_link_ask(struct token_link *link, unsigned char kind, const struct slice *fields, size_t count,
                   unsigned char wanted, unsigned char other, struct bytes *content,
                   struct wire_message *answer, struct faults *faults)
{
    int status;

    (void)pthread_mutex_lock(&link->lock);
    status = helper_process_ask(link->helper, kind, fields, count, wanted, other, content, answer, faults);
    (void)pthread_mutex_unlock(&link->lock);
    return status;
}
