/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passphrase SPECs: where a passphrase comes from, so that it never rides on a command line.
 *
 *     env:NAME   file:PATH   fd:N   prompt   generate   keychain:LABEL (macOS)   pass:TEXT (with a warning)
 *
 * A file's first line is the passphrase, without its line end (LF or CR LF). From a descriptor one line is taken, and no byte
 * more, so that several passphrases can come through the same one. A generated one reads like "k3vdm-8xqph-w2yta-n6ubz":
 * letters and digits that are not taken for one another.
 */
#ifndef MTLSKIT_BASE_PASSPHRASE_H
#define MTLSKIT_BASE_PASSPHRASE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/fault.h"

enum passphrase_source {
    PASSPHRASE_NONE, /**< no SPEC was given */
    PASSPHRASE_ENV,
    PASSPHRASE_FILE,
    PASSPHRASE_FD,
    PASSPHRASE_PROMPT,
    PASSPHRASE_GENERATE,
    PASSPHRASE_KEYCHAIN,
    PASSPHRASE_TEXT
};

/** Random characters of a generated passphrase: 20 out of 32, so 100 bits; shown in groups of five. */
#define PASSPHRASE_GENERATED_BITS 100
/** Longest passphrase taken, in bytes. */
#define PASSPHRASE_MAX 1023

struct passphrase_spec {
    enum passphrase_source source;
    char *argument; /**< NAME, PATH, LABEL or TEXT; owned; NULL for others */
    int descriptor; /**< for fd:N */
};

/**
 * Parse @p text. @p place and @p path are for complaints and may be NULL; complaints do not show @p text, which may be the
 * passphrase itself. pass:TEXT adds a warning. keychain:LABEL is refused where there is no keychain.
 * @param spec overwritten (not freed before); PASSPHRASE_NONE when -1 is returned
 * The spec is freed with passphrase_spec_free, which wipes.
 */
int passphrase_spec_parse(const char *text, const struct place *place, const char *path,
                          struct passphrase_spec *spec, struct faults *faults) MUST_USE;
void passphrase_spec_free(struct passphrase_spec *spec);
/** The spec as text for plans and logs; pass:TEXT shows as "pass:***", PASSPHRASE_NONE as nothing. Appended. */
int passphrase_spec_describe(const struct passphrase_spec *spec, struct bytes *text) MUST_USE;

/**
 * Fetch the passphrase.
 * @param base    folder that file:PATH starts from; NULL: the working directory
 * @param label   what it is for, shown by prompt ("client.p12")
 * @param confirm prompt asks twice (a new secret) or once (an existing one)
 * @param secret  replaced; may come out empty (an empty passphrase), whoever needs one refuses it
 * @param faults the fault, which names @p label; or a warning about a file that others can read
 * prompt reads from /dev/tty with echo off and restores the terminal also when interrupted by a signal (base/prompt.h).
 * -1: not set, not readable, no terminal, two different answers, too long, holds a NUL.
 */
int passphrase_obtain(const struct context *context, const struct passphrase_spec *spec, const char *base,
                      const char *label, bool confirm, struct bytes *secret, struct faults *faults) MUST_USE;

#endif
