/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patience: how long a run waits for others in all, whatever it finds held. Each wait takes from the same minute.
 */
#ifndef MTLSKIT_BASE_PATIENCE_H
#define MTLSKIT_BASE_PATIENCE_H

#include <stdbool.h>

#include "base/attributes.h"

/** What a run has of it, in seconds. */
#define PATIENCE_SECONDS 60

/** A value; copied freely. */
struct patience {
    unsigned most_ms;   /**< 0: waits for nobody */
    unsigned waited_ms; /**< so far */
};
#define PATIENCE_WHOLE ((struct patience){.most_ms = PATIENCE_SECONDS * 1000u})

/**
 * Sleep for a moment, then what is held can be tried again; false: patience is at its end. @p turn: how often this one thing was waited for,
 * 0 the first time: the pauses grow from 1 ms to 20.
 */
bool patience_wait(struct patience *patience, unsigned turn) MUST_USE;

#endif
