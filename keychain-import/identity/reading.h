/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading: files become identities and anchors. The files are opened, and their bytes taken, by whoever runs the program; what is in them
 * is parsed by a child process, which as root has first become the user who called sudo (or nobody), and has confined itself (base/confine.h)
 * before it looks at a byte. It has bytes and passphrase in memory, being a copy of this process made by fork(2) (base/confined_call.h
 * says what that asks of a program with threads: read before they are started), and answers with plain DER over a pipe, which is bounded
 * and checked again on this side (identity/answer.h). A child that crashes, or takes longer than READING_SECONDS_MAX, is a fault that names the
 * file. Bytes, passphrases and keys are wiped on both sides.
 */
#ifndef MTLSKIT_IDENTITY_READING_H
#define MTLSKIT_IDENTITY_READING_H

#include "base/attributes.h"
#include "base/context.h"
#include "base/fault.h"
#include "identity/identity.h"

#define READING_SECONDS_MAX 30

/** What an identity is made of: a P12, or a certificate (with its chain) and a key. Borrowed. */
struct identity_files {
    const char *p12;                /**< or NULL */
    const char *certificate;        /**< PEM or DER; NULL with p12 */
    const char *key;                /**< PEM or DER; NULL with p12; "-", standard input, can be both */
    const struct bytes *passphrase; /**< of the P12 or the key; NULL: none is given */
};

/** -1 with all faults; a wrong passphrase is told apart from a broken file. @p identity is replaced. */
int identity_read(const struct context *context, const struct identity_files *files,
                  struct identity *identity, struct faults *faults) MUST_USE;
/** All certificates of @p path (PEM, DER, or a P12 without a key that needs no passphrase). @p anchors is replaced. */
int anchors_read(const struct context *context, const char *path, struct anchors *anchors,
                 struct faults *faults) MUST_USE;

#endif
