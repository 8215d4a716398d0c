/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A keyed hash of texts for tables in memory (SipHash-1-3 of Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012). Whoever
 * writes a file cannot choose keys that fall on one place of a table without knowing the seed. Never stored, never printed.
 */
#ifndef MTLSKIT_MANIFEST_TEXT_HASH_H
#define MTLSKIT_MANIFEST_TEXT_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t text_hash(const uint64_t seed[2], const char *text, size_t length);

#endif
