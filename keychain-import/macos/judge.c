/* SPDX-License-Identifier: Apache-2.0 */
/* macOS's judgement of a certificate. */
#include "macos/judge.h"

#include <stdbool.h>

#include <Security/Security.h>

#include "macos/status.h"
#include "macos/value.h"

static SecCertificateRef create_certificate(struct slice der)
{
    CFDataRef data = value_create_data(der);
    SecCertificateRef certificate = data == NULL ? NULL : SecCertificateCreateWithData(NULL, data);

    value_release(data);
    return certificate;
}

/* The leaf and what came with it; NULL when one is no certificate to macOS, or memory is out. */
static CFArrayRef create_chain(const struct store_question *question)
{
    const void *all[JUDGE_CHAIN_MAX + 1];
    CFArrayRef chain = NULL;
    size_t count = question->chain_count > JUDGE_CHAIN_MAX ? JUDGE_CHAIN_MAX : question->chain_count;
    size_t made = 0;

    while (made <= count && (all[made] = create_certificate(made == 0 ? question->certificate
                                                                      : question->chain[made - 1])) != NULL) {
        made++;
    }
    if (made == count + 1) {
        chain = value_create_array(all, made);
    }
    for (size_t i = 0; i < made; i++) {
        value_release(all[i]);
    }
    return chain;
}

static SecPolicyRef create_policy(const struct store_question *question)
{
    CFStringRef host = question->host == NULL ? NULL : value_create_text(question->host);
    SecPolicyRef policy = NULL;

    if (host != NULL || question->host == NULL) {
        policy = SecPolicyCreateSSL(question->policy != SCOPE_CLIENT, host);
    }
    value_release(host);
    return policy;
}

static SecTrustRef create_trust(CFArrayRef chain, SecPolicyRef policy, OSStatus *status)
{
    SecTrustRef trust = NULL;

    *status = SecTrustCreateWithCertificates(chain, policy, &trust);
    if (*status == errSecSuccess && trust == NULL) {
        *status = errSecInternalComponent;
    } else if (*status != errSecSuccess) {
        value_release(trust);
        trust = NULL;
    }
    return trust;
}

/* Ask; the error may be set whatever the answer is. */
static int evaluate(SecTrustRef trust, struct store_verdict *verdict)
{
    CFErrorRef error = NULL;
    CFStringRef reason = NULL;
    int status = 0;

    verdict->good = SecTrustEvaluateWithError(trust, &error);
    if (!verdict->good) {
        reason = error == NULL ? NULL : CFErrorCopyDescription(error);
        if (value_text(reason, &verdict->reason) != 0) {
            bytes_clear(&verdict->reason);
            status = bytes_append_text(&verdict->reason, "macOS does not trust it");
        }
    }
    value_release(reason);
    value_release(error);
    return status;
}

int judge_ask(const char *store, const struct store_question *question, struct store_verdict *verdict,
              struct faults *faults)
{
    CFArrayRef chain = create_chain(question);
    SecPolicyRef policy = create_policy(question);
    SecTrustRef trust = NULL;
    OSStatus status = errSecAllocate;
    int done = -1;

    if (chain != NULL && policy != NULL) {
        trust = create_trust(chain, policy, &status);
    }
    if (status == errSecSuccess) {
        status = SecTrustSetNetworkFetchAllowed(trust, false);
    }
    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "macOS cannot be asked about the certificate");
    } else if (evaluate(trust, verdict) != 0) {
        fault_memory(faults);
    } else {
        done = 0;
    }
    value_release(trust);
    value_release(policy);
    value_release(chain);
    return done;
}
