/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer of the child that parses install.yaml (installation_read): an installation's values, in the frame of
 * base/confined_answer.h. Hostile bytes may have taken the child over, so each part is bounded and checked again.
 *
 *     kind          octets                                          how often
 *     INTO          place, a line or nothing                        at most once
 *     TRUST         place, scope (1 octet)                          begins an entry, of
 *     FILE            a path                                          one or more
 *     HOST            a host name in A-labels, or an IP address       at most one, for servers
 *     IDENTITY      place                                           begins an identity, of
 *     P12             a path                                          either this,
 *     CERTIFICATE     a path                                          or this
 *     KEY             a path                                          and this
 *     PASSPHRASE      a SPEC (base/passphrase.h)                      at most one
 *     LABEL           a line                                          at most one
 *     EXTRACTABLE   enum extractable (1 octet)                      at most once
 *     PROGRAM       an absolute path                                INSTALLATION_LIST_MAX
 *
 *     place         line and column: 4 octets each, big-endian
 *     line, path    1 octet or more of UTF-8 without control characters; paths are as they stand in the file
 */
#ifndef MTLSKIT_INSTALLATION_ANSWER_H
#define MTLSKIT_INSTALLATION_ANSWER_H

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "installation/installation.h"

/** Longest answer, in bytes: much more than a file can say without repeating itself by aliases. */
#define INSTALLATION_ANSWER_MAX (16u * 1024 * 1024)

enum installation_part {
    INSTALLATION_INTO = 'i',
    INSTALLATION_TRUST = 't',
    INSTALLATION_FILE = 'f',
    INSTALLATION_HOST = 'h',
    INSTALLATION_IDENTITY = 'd',
    INSTALLATION_P12 = 'p',
    INSTALLATION_CERTIFICATE = 'c',
    INSTALLATION_KEY = 'k',
    INSTALLATION_PASSPHRASE = 's',
    INSTALLATION_LABEL = 'l',
    INSTALLATION_EXTRACTABLE = 'x',
    INSTALLATION_PROGRAM = 'a'
};

/** Append all parts of @p installation, which was parsed without a folder. -1 when memory is out. */
int installation_answer_append(const struct installation *installation, struct bytes *answer) MUST_USE;

/**
 * Take an answer apart; the child's complaints are added to @p faults. Paths start from @p folder. -1 when the child complained of an error,
 * or the answer is none: a fault that names @p shown. @p installation is replaced, and empty then.
 */
int installation_answer_read(struct slice octets, const char *shown, const char *folder,
                             struct installation *installation, struct faults *faults) MUST_USE;

#endif
