/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form that the bytes of a file have, as far as it keeps them from being read: a text in another form than PEM wants it, DER
 * that is cut off or that something follows.
 */
#ifndef MTLSKIT_X509_FORM_H
#define MTLSKIT_X509_FORM_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/** Whether "-----BEGIN " stands in @p content, so that it holds PEM rather than DER. */
bool form_is_pem(struct slice content);
/** Whether @p content begins as a P12 does (a PFX, version 3). */
bool form_is_p12(struct slice content);

/**
 * Refuse, with one sentence at @p shown, what is not taken for certificates and keys though it has a name: UTF-16, a byte order mark,
 * PEM that is indented or has lost its BEGIN, PKCS#7 in DER, JKS; and DER that is cut off or has octets behind its end. 0: nothing of these; it may still be anything.
 */
int form_check(struct slice content, const char *shown, struct faults *faults) MUST_USE;

#endif
