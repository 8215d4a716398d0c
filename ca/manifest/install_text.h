/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of an install.yaml (mtlskit-install(5)): what one of `installs:` comes to. Paths in it start from its own folder, so that the PKI directory
 * can be carried to where it is installed.
 */
#ifndef MTLSKIT_MANIFEST_INSTALL_TEXT_H
#define MTLSKIT_MANIFEST_INSTALL_TEXT_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "manifest/manifest.h"

/** Anchors. */
struct install_trust {
    size_t *authorities; /**< the caller's numbers */
    size_t authority_count;
    const char *scope; /**< a word of install_fields.h */
    char *host;        /**< or NULL */
};

/** An identity: one bundle of an entry, or its certificate and key. */
struct install_identity {
    const struct entry *entry;         /**< borrowed */
    const struct entry_bundle *bundle; /**< borrowed; or NULL */
};

/** Starts as all zeros; install_text_free. */
struct install_text {
    const char *name; /**< borrowed */
    char *file;       /**< output path of the text itself */
    char *into, *label;
    const char *extractable; /**< a word of install_fields.h, or NULL */
    struct install_trust *trust;
    size_t trust_count;
    struct install_identity *identities;
    size_t identity_count;
    char **allow;
    size_t allow_count;
};
void install_text_free(struct install_text *text);

/**
 * Append the document. @p entries: what the authorities' numbers count in. @p folder: where relative file: SPECs start; they are written
 * absolute, for nobody knows yet where the PKI directory is from there. No secret is written: for pass:TEXT, prompt stands.
 * -1 when memory is out.
 */
int install_text_write(const struct install_text *text, const struct entry *entries, const char *folder,
                       struct bytes *yaml) MUST_USE;

#endif
