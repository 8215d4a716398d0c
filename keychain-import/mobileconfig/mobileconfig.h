/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration profile (.mobileconfig) that carries anchors: how trust gets into a Mac, an iPhone or an iPad where a program may not set it,
 * with a person who opens the profile, looks at it and installs it (--pending-trust). An XML property list after Apple's "Device
 * Management" (TopLevel, CertificateRoot, CertificatePKCS1), written by libplist; not signed, so that it is shown as such.
 *
 * Same anchors, same profile: its identifiers are made of the certificates, so that one that is installed again replaces itself.
 */
#ifndef MTLSKIT_MOBILECONFIG_H
#define MTLSKIT_MOBILECONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"
#include "store/item.h"

/** Most anchors in one profile. */
#define MOBILECONFIG_ANCHORS_MAX 100

/** Whether this build can write one (libplist). */
bool mobileconfig_available(void);

/**
 * Whether a profile may carry the trust of @p item (ITEM_TRUST). A profile's root is trusted for every kind of check and for every host: so what is
 * for clients alone, which would be let vouch for every server on the way, and what is for one host are refused, with a fault. A
 * scope of servers gets a warning.
 */
int mobileconfig_takes(const struct item *item, struct faults *faults) MUST_USE;

/**
 * Append the profile of @p anchors (DER, at least one): self-issued ones as com.apple.security.root, others as
 * com.apple.security.pkcs1. -1 with a fault.
 */
int mobileconfig_write(const struct context *context, const struct slice *anchors, size_t count,
                       struct bytes *profile, struct faults *faults) MUST_USE;

#endif
