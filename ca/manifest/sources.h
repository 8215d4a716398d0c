/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sources: the files that what is made of a manifest depends on. For builds, which make it again when one of them changes.
 */
#ifndef MTLSKIT_MANIFEST_SOURCES_H
#define MTLSKIT_MANIFEST_SOURCES_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/fault.h"
#include "manifest/manifest.h"

/** Paths, sorted, each once; relative ones start from the working directory. Starts as all zeros. */
struct sources {
    char **paths;
    size_t count, room;
};

/**
 * The sources of @p manifest, which was read from @p path: itself, the folders of its profiles (for files that come and go) and every
 * profile in them, the tables of its fleets, what it adopts, and the files of passphrases and PINs. What is not there, such as
 * the key of an adopted authority that was taken away, is left out: a build would wait for it.
 * -1 with a fault when memory is out. Freed with sources_free either way.
 */
int sources_of(const struct manifest *manifest, const char *path, struct sources *sources,
               struct faults *faults) MUST_USE;
void sources_free(struct sources *sources);

#endif
