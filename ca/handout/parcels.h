/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parcels: a handout as folders that each come into view whole. In the target are `authorities`, with the files of all of them, and
 * `0001`, `0002` and so on, each with all files of up to PARCEL_ENTRIES certificates.
 */
#ifndef MTLSKIT_HANDOUT_PARCELS_H
#define MTLSKIT_HANDOUT_PARCELS_H

#include "handout/handout_sink.h"

#include "base/context.h"

/** Most certificates in a folder. */
#define PARCEL_ENTRIES 1000

/**
 * A sink that fills the folder at @p path (copied), which is made (0700), or is empty. Each parcel is staged under a temporary name
 * (0700), flushed, and renamed. A run that fails takes back those it renamed. A killed run leaves whole parcels and temporaries; the latter
 * are removed by the next run here. There is one run at a time in a folder: it is locked. NULL when memory is out.
 */
struct handout_sink *parcels_new(const struct context *context, const char *path);

#endif
