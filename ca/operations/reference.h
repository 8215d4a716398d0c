/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a user writes to mean one certificate of the ledger: the name of an entry, a serial number, or a file that holds it.
 */
#ifndef MTLSKIT_OPERATIONS_REFERENCE_H
#define MTLSKIT_OPERATIONS_REFERENCE_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "issuing/directory.h"
#include "ledger/ledger.h"

/**
 * Find the certificate @p text means in @p directory (open):
 *  - NAME: the one that stands for that name now; where none does, the last that was begun for it and never completed;
 *  - SERIAL: hexadecimal, as openssl and this program print it, with colons or without, of any that was issued or begun, the replaced too;
 *  - FILE: a certificate in PEM (the first) or DER; the ledger must have the very same one, or have begun one of that serial and key.
 * What could mean two certificates is refused and both are told. On success the caller frees @p certificate
 * (ledger_certificate_free). -1 with a fault.
 */
int reference_find(const struct context *context, const struct directory *directory, const char *text,
                   struct ledger_certificate *certificate, struct faults *faults) MUST_USE;

#endif
