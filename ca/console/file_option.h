/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and keys in files that options name (--cert FILE, --chain FILE, --key FILE).
 */
#ifndef MTLSKIT_CONSOLE_FILE_OPTION_H
#define MTLSKIT_CONSOLE_FILE_OPTION_H

#include "base/attributes.h"
#include "console/command.h"
#include "x509/certificate_list.h"
#include "x509/key.h"

/** Append the certificates of all files that option @p name (must be in the table) was given; none is no failure. */
int file_option_certificates(const struct invocation *invocation, const char *name,
                             struct certificate_list *list) MUST_USE;
/**
 * The private key in the file that option @p name was given, opened with what option @p passphrase says where it is encrypted. NULL
 * with a fault; the caller owns it.
 */
struct key *file_option_key(const struct invocation *invocation, const char *name, const char *passphrase);

#endif
