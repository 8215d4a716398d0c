/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a person for a passphrase, at the terminal, without showing it.
 */
#ifndef MTLSKIT_BASE_PASSPHRASE_PROMPT_H
#define MTLSKIT_BASE_PASSPHRASE_PROMPT_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

/**
 * Ask for the passphrase of @p label at /dev/tty, twice when @p confirm; appended to @p secret. The terminal is put back
 * before a signal that ends or stops the process takes effect. -1: no terminal, two different answers, too long.
 */
int passphrase_prompt(const char *label, bool confirm, struct bytes *secret, struct faults *faults) MUST_USE;

#endif
