/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account that runs the program, by name: who a log says it was.
 */
#ifndef MTLSKIT_BASE_ACCOUNT_H
#define MTLSKIT_BASE_ACCOUNT_H

#include "base/attributes.h"
#include "base/bytes.h"

/** Longest name account_name gives, in bytes. */
#define ACCOUNT_NAME_MAX 200

/**
 * Append the name of the account whose rights the process has ("alice"; "uid 1000" for one without a name), and, for root, who
 * it was before sudo(8): "root (sudo by alice)". Long names are cut, and what cannot be printed is
 * escaped. -1 when memory is out.
 */
int account_name(struct bytes *name) MUST_USE;

#endif
