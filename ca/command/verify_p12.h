/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A P12 put to the question: does it open, what is in it, do key and certificate belong together, who takes it.
 */
#ifndef MTLSKIT_COMMAND_VERIFY_P12_H
#define MTLSKIT_COMMAND_VERIFY_P12_H

#include <stdbool.h>

#include "base/attributes.h"
#include "command/command.h"
#include "x509/key.h"
#include "x509/pem.h"
#include "x509/verify.h"

/**
 * Open @p content with what --passphrase says and add the checks of it to @p report.
 * @param chain certificates are added: the key's own, its issuers in order, the rest
 * @param key   set to the private key (owned by the caller) where *key is NULL
 * @param whole set to whether there is an identity to go on with; if not, @p report has the verdict
 * -1 with faults: no P12, broken, no passphrase to be had.
 */
int verify_p12(const struct invocation *invocation, struct slice content, const char *path,
               struct verify_report *report, struct certificate_list *chain, struct key **key, bool *whole)
    MUST_USE;

#endif
