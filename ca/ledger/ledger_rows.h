/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates as rows: what finding one (ledger_certificate.c) and listing many (ledger_list.c) share. Internal to ledger/.
 */
#ifndef MTLSKIT_LEDGER_ROWS_H
#define MTLSKIT_LEDGER_ROWS_H

#include "ledger/ledger_query.h"

/** The columns of a certificate. What @p certificate holds is replaced, its memory used again. */
int ledger_read_certificate(struct query *query, struct ledger_certificate *certificate) MUST_USE;
/** The DER of certificate @p id, which was issued: one that is missing is a fault. */
int ledger_read_der(struct ledger *ledger, int64_t id, struct bytes *der, struct faults *faults) MUST_USE;

#endif
