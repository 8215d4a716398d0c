/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A P12 put to the question: does it open, what is in it, do key and certificate belong together, who takes it.
 */
#ifndef MTLSKIT_COMMAND_VERIFY_P12_H
#define MTLSKIT_COMMAND_VERIFY_P12_H

#include <stdbool.h>

#include "base/attributes.h"
#include "console/command.h"
#include "x509/bundle.h"
#include "x509/certificate_list.h"
#include "x509/key.h"
#include "x509/verify.h"

/** What there is to go on with behind the checks of the P12 itself. */
enum verify_p12_content {
    VERIFY_P12_NOTHING,  /**< it does not open, or is empty: the report has the verdict */
    VERIFY_P12_IDENTITY, /**< a certificate, with or without its key */
    VERIFY_P12_ANCHORS   /**< authorities alone */
};

/**
 * Open @p content with what --passphrase says and add the checks of it to @p report.
 * @param target   whose readers must take it (--target), or NULL
 * @param identity something was asked that only an identity answers (--key, --host, --purpose)
 * @param chain    certificates are added: the key's own, its issuers in order, the rest; or the anchors
 * @param key      set to the private key (owned by the caller) where *key is NULL
 * -1 with faults: no P12, broken, no passphrase to be had.
 */
int verify_p12(const struct invocation *invocation, struct slice content, const char *path,
               const struct bundle_target *target, bool identity, struct verify_report *report,
               struct certificate_list *chain, struct key **key, enum verify_p12_content *found) MUST_USE;

#endif
