/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust settings read from macOS and written to it, under a time limit.
 */
#ifndef MTLSKIT_MACOS_TRUST_H
#define MTLSKIT_MACOS_TRUST_H

#include <stdbool.h>

#include <Security/Security.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "macos/trust_words.h"

/** Where settings are kept, and how long a person has to answer. Starts as all zeros. */
struct trust_domain {
    SecTrustSettingsDomain domain;
    unsigned seconds;
    const char *store; /**< for complaints; borrowed */
    /** A write did not come back: whether it is done nobody knows, and no other may be begun in this process. */
    bool lost;
};

/**
 * What there is (replaced). *foreign: what cannot be told in words and so not be put back (settings for one program of the user's, say); then
 * @p settings have only the rest. -1 with a fault.
 */
int trust_read(const struct trust_domain *domain, SecCertificateRef certificate,
               struct trust_settings *settings, bool *foreign, struct faults *faults) MUST_USE;
/**
 * Write @p settings over what there is; settings that are not present take all away. -1 with a fault: it may have been done all the same.
 */
int trust_write(struct trust_domain *domain, SecCertificateRef certificate,
                const struct trust_settings *settings, struct faults *faults) MUST_USE;

#endif
