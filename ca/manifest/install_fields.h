/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words that `installs:` of a manifest and an install.yaml (mtlskit-install(5)) share, so that what one takes the other does. The readers
 * are as those of manifest/value.h: they complain through faults, leave the target as it was when the value does not fit, and answer
 * -1 only when memory is out.
 */
#ifndef MTLSKIT_MANIFEST_INSTALL_FIELDS_H
#define MTLSKIT_MANIFEST_INSTALL_FIELDS_H

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/document.h"
#include "manifest/field.h"

/** Longest path and longest label, in bytes. */
#define INSTALL_PATH_MAX  4095
#define INSTALL_LABEL_MAX 255

/** What an anchor is trusted for: "server" or "client", static. */
int install_scope(const struct node *node, const struct path *path, const char **word, struct faults *faults)
    MUST_USE;
/** A host name, turned to A-labels, or an IP address. *host is owned; what was there is freed. */
int install_host(const struct node *node, const struct path *path, char **host, struct faults *faults)
    MUST_USE;
/** Whether a key can be read back: "best", "true" or "false", static. */
int install_extractable(const struct node *node, const struct path *path, const char **word,
                        struct faults *faults) MUST_USE;
/** Absolute path of a program. *program is owned; what was there is freed. */
int install_program(const struct node *node, const struct path *path, char **program, struct faults *faults)
    MUST_USE;

#endif
