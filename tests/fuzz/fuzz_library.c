/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library is given from outside: content for everything that reads, and texts for everything that is told. A reader that fails
 * says why and gives nothing out; one that does not gives out what can be read again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mtlskit/certificate.h>
#include <mtlskit/context.h>
#include <mtlskit/crl.h>
#include <mtlskit/identity.h>
#include <mtlskit/lint.h>
#include <mtlskit/profile.h>
#include <mtlskit/request.h>
#include <mtlskit/verification.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool good)
{
    if (!good) {
        abort();
    }
}

/* What every call promises. A macro, for the error is to be asked for behind the call. */
#define SETTLED(call, error)                                                                                 \
    do {                                                                                                     \
        int settled = (call);                                                                                \
                                                                                                             \
        need((settled == 0) == (*(error) == '\0'));                                                          \
    } while (0)

static void certificates(struct mtlskit_context *context, const uint8_t *data, size_t size)
{
    struct mtlskit_certificate *certificate = mtlskit_certificate_new(context);
    struct mtlskit_certificate *again = mtlskit_certificate_new(context);
    struct mtlskit_lint *lint = mtlskit_lint_new(context);
    struct mtlskit_identity *identity = mtlskit_identity_new(context, "fuzz");
    struct mtlskit_verification *check = mtlskit_verification_new(context);
    int status = mtlskit_certificate_read(certificate, data, size);

    SETTLED(status, mtlskit_certificate_error(certificate));
    need((mtlskit_certificate_pem(certificate) != NULL) == (status == 0));
    if (status == 0) {
        const char *pem = mtlskit_certificate_pem(certificate);

        need(mtlskit_certificate_read(again, pem, strlen(pem)) == 0);
        need(strcmp(mtlskit_certificate_fingerprint(certificate), mtlskit_certificate_fingerprint(again)) ==
             0);
    }
    SETTLED(mtlskit_lint_run(lint, data, size), mtlskit_lint_error(lint));
    SETTLED(mtlskit_identity_read(identity, data, size, NULL, 0, NULL), mtlskit_identity_error(identity));
    if (mtlskit_verification_set_chain(check, data, size) == 0 &&
        mtlskit_verification_add_anchors(check, data, size) == 0) {
        SETTLED(mtlskit_verification_run(check), mtlskit_verification_error(check));
    }
    mtlskit_verification_free(check);
    mtlskit_identity_free(identity);
    mtlskit_lint_free(lint);
    mtlskit_certificate_free(again);
    mtlskit_certificate_free(certificate);
}

static void others(struct mtlskit_context *context, const uint8_t *data, size_t size)
{
    struct mtlskit_request *request = mtlskit_request_new(context, "fuzz");
    struct mtlskit_crl *crl = mtlskit_crl_new(context);

    SETTLED(mtlskit_request_read(request, data, size), mtlskit_request_error(request));
    for (size_t i = 0; i < mtlskit_request_name_count(request); i++) {
        need(mtlskit_request_name(request, i) != NULL);
    }
    SETTLED(mtlskit_crl_read(crl, data, size), mtlskit_crl_error(crl));
    (void)mtlskit_crl_reason(crl, "01");
    mtlskit_crl_free(crl);
    mtlskit_request_free(request);
}

static void texts(struct mtlskit_context *context, const char *text)
{
    struct mtlskit_identity *identity = mtlskit_identity_new(context, "fuzz");
    struct mtlskit_profile *profile = mtlskit_profile_new(context, "fuzz");
    struct mtlskit_crl *crl = mtlskit_crl_new(context);

    SETTLED(mtlskit_identity_set_subject(identity, text), mtlskit_identity_error(identity));
    SETTLED(mtlskit_identity_add_name(identity, text), mtlskit_identity_error(identity));
    SETTLED(mtlskit_identity_set_validity(identity, text), mtlskit_identity_error(identity));
    SETTLED(mtlskit_profile_set_key_usages(profile, text), mtlskit_profile_error(profile));
    SETTLED(mtlskit_profile_set_extended_key_usages(profile, text), mtlskit_profile_error(profile));
    SETTLED(mtlskit_profile_set_names_allowed(profile, text), mtlskit_profile_error(profile));
    SETTLED(mtlskit_profile_set_subject_required(profile, text), mtlskit_profile_error(profile));
    SETTLED(mtlskit_profile_add_crl_url(profile, text), mtlskit_profile_error(profile));
    SETTLED(mtlskit_crl_revoke(crl, text, text), mtlskit_crl_error(crl));
    SETTLED(mtlskit_crl_revoke(crl, text, NULL), mtlskit_crl_error(crl));
    mtlskit_crl_free(crl);
    mtlskit_profile_free(profile);
    mtlskit_identity_free(identity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mtlskit_context *context = mtlskit_context_new(NULL);
    char *text = malloc(size + 1);

    need(context != NULL && text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    certificates(context, data, size);
    others(context, data, size);
    texts(context, text);
    free(text);
    mtlskit_context_free(context);
    return 0;
}
