/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request may ask for under a profile, besides its names: the key it brings and the extensions it wishes for.
 */
#ifndef MTLSKIT_X509_REQUEST_RULES_H
#define MTLSKIT_X509_REQUEST_RULES_H

#include <stdbool.h>

#include "base/fault.h"
#include "x509/profile.h"
#include "x509/request.h"

/** Smallest and largest RSA modulus that is certified, in bits. */
#define REQUEST_RSA_BITS_MIN 2048
#define REQUEST_RSA_BITS_MAX 16384

/**
 * Hold @p view against @p profile; what is refused goes to @p faults as errors, @p shown before each: a weak or unusual
 * key, a CA where the profile makes none, the fixture mark, and - unless @p ignore_usages - an extended key usage that the profile does
 * not give. Other wishes that are merely not granted are one warning.
 */
void request_rules_check(const struct profile *profile, const struct request_view *view, bool ignore_usages,
                         const char *shown, struct faults *faults);

#endif
