/* SPDX-License-Identifier: Apache-2.0 */
/* Verification: the question is gathered, x509/verify.h answers it. */
#include <stdlib.h>
#include <string.h>

#include <mtlskit/verification.h>

#include "library/authority.h"
#include "library/context.h"
#include "library/handle.h"
#include "library/identity.h"
#include "x509/host.h"
#include "x509/verify.h"

struct mtlskit_verification {
    struct handle handle;
    struct certificate_list chain, anchors;
    struct key *key;
    char *host;
    enum verify_purpose purpose;
    bool at_given;
    instant at;
    struct verify_report report;
};

struct mtlskit_verification *mtlskit_verification_new(struct mtlskit_context *context)
{
    struct mtlskit_verification *verification = calloc(1, sizeof(*verification));

    if (verification != NULL && handle_start(&verification->handle, context) != 0) {
        mtlskit_verification_free(verification);
        return NULL;
    }
    return verification;
}

void mtlskit_verification_free(struct mtlskit_verification *verification)
{
    if (verification != NULL) {
        certificate_list_free(&verification->chain);
        certificate_list_free(&verification->anchors);
        key_free(verification->key);
        free(verification->host);
        verify_report_free(&verification->report);
        handle_end(&verification->handle);
        free(verification);
    }
}

const char *mtlskit_verification_error(const struct mtlskit_verification *verification)
{
    return handle_error(verification != NULL ? &verification->handle : NULL);
}

/* ---- the question ------------------------------------------------------------------------------------------------ */

/* Read certificates behind those of @p list. */
static int take(struct mtlskit_verification *verification, const void *certificates, size_t length,
                const char *shown, struct certificate_list *list)
{
    if (certificates == NULL) {
        return handle_missing(&verification->handle, shown);
    }
    return certificate_list_read((struct slice){certificates, length}, shown, list,
                                 verification->handle.faults);
}

/* @p chain and @p key become those in question. */
static void put_chain(struct mtlskit_verification *verification, struct certificate_list chain,
                      struct key *key)
{
    certificate_list_free(&verification->chain);
    key_free(verification->key);
    verification->chain = chain;
    verification->key = key;
}

int mtlskit_verification_set_chain(struct mtlskit_verification *verification, const void *certificates,
                                   size_t length)
{
    struct certificate_list chain = {0};

    if (verification == NULL) {
        return -1;
    }
    handle_begin(&verification->handle);
    if (take(verification, certificates, length, "the chain", &chain) != 0) {
        return handle_settle(&verification->handle, -1);
    }
    put_chain(verification, chain, NULL);
    return handle_settle(&verification->handle, 0);
}

static int copy_list(const struct certificate_list *from, struct certificate_list *to)
{
    for (size_t i = 0; i < from->count; i++) {
        if (certificate_list_add(to, slice_of(&from->items[i])) != 0) {
            return -1;
        }
    }
    return 0;
}

int mtlskit_verification_set_identity(struct mtlskit_verification *verification,
                                      const struct mtlskit_identity *identity)
{
    struct certificate_list chain = {0};
    const struct key *key;
    struct key *copy = NULL;

    if (verification == NULL) {
        return -1;
    }
    handle_begin(&verification->handle);
    if (!identity_is_there(identity)) {
        return handle_settle(&verification->handle, handle_missing(&verification->handle, "the identity"));
    }
    key = identity_key(identity);
    if (copy_list(identity_certificates(identity), &chain) != 0 ||
        (key != NULL && (copy = key_from_pkey(key_pkey(key), verification->handle.faults)) == NULL)) {
        certificate_list_free(&chain);
        return handle_settle(&verification->handle, -1);
    }
    put_chain(verification, chain, copy);
    return handle_settle(&verification->handle, 0);
}

int mtlskit_verification_add_anchors(struct mtlskit_verification *verification, const void *certificates,
                                     size_t length)
{
    if (verification == NULL) {
        return -1;
    }
    handle_begin(&verification->handle);
    return handle_settle(&verification->handle,
                         take(verification, certificates, length, "the anchors", &verification->anchors));
}

int mtlskit_verification_add_authority(struct mtlskit_verification *verification,
                                       const struct mtlskit_authority *authority)
{
    const struct certificate_view *view = authority_view(authority);
    int status;

    if (verification == NULL) {
        return -1;
    }
    handle_begin(&verification->handle);
    if (view == NULL) {
        status = handle_missing(&verification->handle, "the authority");
    } else {
        status = certificate_list_add(&verification->anchors, view->whole);
    }
    return handle_settle(&verification->handle, status);
}

int mtlskit_verification_set_host(struct mtlskit_verification *verification, const char *host)
{
    char *copy = NULL;
    unsigned char octets[HOST_ADDRESS_MAX];
    const char *why;

    if (verification == NULL) {
        return -1;
    }
    handle_begin(&verification->handle);
    if (host != NULL && host_parse_address(slice_of_text(host), octets) == 0 &&
        (why = host_complaint(slice_of_text(host), HOST_PLAIN)) != NULL) {
        return handle_settle(&verification->handle,
                             handle_refuse(&verification->handle, "host", host, why, NULL));
    }
    if (host != NULL && (copy = strdup(host)) == NULL) {
        return handle_settle(&verification->handle, -1);
    }
    free(verification->host);
    verification->host = copy;
    return handle_settle(&verification->handle, 0);
}

int mtlskit_verification_set_purpose(struct mtlskit_verification *verification, const char *purpose)
{
    static const struct {
        const char *word;
        enum verify_purpose purpose;
    } words[] = {{"any", VERIFY_ANY_PURPOSE}, {"server", VERIFY_SERVER}, {"client", VERIFY_CLIENT}};

    if (verification == NULL) {
        return -1;
    }
    handle_begin(&verification->handle);
    if (purpose == NULL) {
        return handle_settle(&verification->handle, handle_missing(&verification->handle, "the purpose"));
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].word, purpose) == 0) {
            verification->purpose = words[i].purpose;
            return handle_settle(&verification->handle, 0);
        }
    }
    return handle_settle(&verification->handle, handle_refuse(&verification->handle, "purpose", purpose,
                                                              "is none", "server, client, or any"));
}

int mtlskit_verification_set_time(struct mtlskit_verification *verification, int64_t at)
{
    int status = 0;

    if (verification == NULL) {
        return -1;
    }
    handle_begin(&verification->handle);
    if (at < INSTANT_MIN || at > INSTANT_MAX) {
        fault_error(verification->handle.faults, NULL, "time", NULL, "the year is not between 0 and 9999");
        status = -1;
    } else {
        verification->at = at;
        verification->at_given = true;
    }
    return handle_settle(&verification->handle, status);
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

/* What failed becomes the message. */
static void tell_failures(struct mtlskit_verification *verification)
{
    for (size_t i = 0; i < verification->report.count; i++) {
        const struct verify_check *check = &verification->report.checks[i];

        if (check->verdict == VERIFY_FAIL) {
            fault_error(verification->handle.faults, NULL, check->id,
                        check->advice.length > 0 ? bytes_text(&check->advice) : NULL, "%s",
                        bytes_text(&check->detail));
        }
    }
}

int mtlskit_verification_run(struct mtlskit_verification *verification)
{
    struct verify_question question = {0};
    int status;

    if (verification == NULL) {
        return -1;
    }
    handle_begin(&verification->handle);
    verify_report_free(&verification->report);
    if (verification->anchors.count == 0) {
        return handle_settle(&verification->handle, handle_missing(&verification->handle, "what is trusted"));
    }
    question.chain = &verification->chain;
    question.anchors = &verification->anchors;
    question.host = verification->host;
    question.purpose = verification->purpose;
    question.key = verification->key;
    question.at_given = verification->at_given;
    question.at = verification->at;
    status = verify_certificate(library_context(verification->handle.context), &question,
                                &verification->report, verification->handle.faults);
    if (status != 0) {
        verify_report_free(&verification->report);
    } else if (verification->report.failed) {
        tell_failures(verification);
        status = 1;
    }
    return handle_settle(&verification->handle, status);
}

size_t mtlskit_verification_count(const struct mtlskit_verification *verification)
{
    return verification != NULL ? verification->report.count : 0;
}

static const struct verify_check *check_at(const struct mtlskit_verification *verification, size_t index)
{
    return index < mtlskit_verification_count(verification) ? &verification->report.checks[index] : NULL;
}

static const char *verdict_text(const struct verify_check *check)
{
    switch (check->verdict) {
    case VERIFY_PASS:
        return "pass";
    case VERIFY_FAIL:
        return "fail";
    case VERIFY_WARN:
        return "warn";
    default:
        return "skipped";
    }
}

const char *mtlskit_verification_id(const struct mtlskit_verification *verification, size_t index)
{
    const struct verify_check *check = check_at(verification, index);

    return check != NULL ? check->id : NULL;
}

const char *mtlskit_verification_title(const struct mtlskit_verification *verification, size_t index)
{
    const struct verify_check *check = check_at(verification, index);

    return check != NULL ? check->title : NULL;
}

const char *mtlskit_verification_verdict(const struct mtlskit_verification *verification, size_t index)
{
    const struct verify_check *check = check_at(verification, index);

    return check != NULL ? verdict_text(check) : NULL;
}

const char *mtlskit_verification_detail(const struct mtlskit_verification *verification, size_t index)
{
    const struct verify_check *check = check_at(verification, index);

    return check != NULL ? bytes_text(&check->detail) : NULL;
}

const char *mtlskit_verification_advice(const struct mtlskit_verification *verification, size_t index)
{
    const struct verify_check *check = check_at(verification, index);

    return check != NULL ? bytes_text(&check->advice) : NULL;
}

const char *mtlskit_verification_verdict_of(const struct mtlskit_verification *verification, const char *id)
{
    for (size_t i = 0; id != NULL && i < mtlskit_verification_count(verification); i++) {
        if (strcmp(verification->report.checks[i].id, id) == 0) {
            return verdict_text(&verification->report.checks[i]);
        }
    }
    return NULL;
}
