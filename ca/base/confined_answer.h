/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a confined child (base/confined_call.h) answers: parts, each framed, and what it has to complain of. Hostile bytes may have taken the
 * child over, so whoever reads an answer bounds and checks every part again; the frame and the complaints are read here.
 *
 *     answer := part* end
 *     part   := kind (1 octet) length (4 octets, big-endian) octets
 *
 *     kind          octets                                          how often
 *     ERROR         a complaint in whole                            FAULT_LIST_MAX
 *     WARNING       likewise                                        FAULT_LIST_MAX
 *     MORE          how many errors and how many warnings were      at most once
 *                   counted beyond those: 4 octets each
 *     END           none                                            once, as the last
 *
 * All other kinds are the caller's.
 */
#ifndef MTLSKIT_BASE_CONFINED_ANSWER_H
#define MTLSKIT_BASE_CONFINED_ANSWER_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

enum confined_part { CONFINED_ERROR = 'e', CONFINED_WARNING = 'w', CONFINED_MORE = 'm', CONFINED_END = '.' };

/** Most errors, and most warnings, that are counted without being told. */
#define CONFINED_MORE_MAX 4000000

/** Append a part, in the child; -1 when memory is out. */
int confined_answer_append(struct bytes *answer, unsigned char kind, struct slice octets) MUST_USE;
/** Append all of @p faults, as they are told, and the end. */
int confined_answer_close(struct bytes *answer, const struct faults *faults) MUST_USE;

/** Numbers of 4 octets, big-endian, in parts. */
int confined_number_append(struct bytes *octets, size_t number) MUST_USE;
uint32_t confined_number(const unsigned char octets[4]) MUST_USE;

/** Takes a part of the caller's kinds: NULL, or what is wrong, a static phrase ("two keys"). */
typedef const char *(*confined_part_fn)(void *state, unsigned char kind, struct slice octets);
/** Phrases for what can be wrong with any part. */
#define CONFINED_UNKNOWN   "something unknown"
#define CONFINED_NO_MEMORY "more than memory takes"

/**
 * Take an answer apart, in the parent; the child's complaints are added to @p faults. -1 when it complained of an error, or the answer is
 * none: a fault that names @p shown. What @p take has taken until then is the caller's to free.
 */
int confined_answer_read(struct slice octets, const char *shown, confined_part_fn take, void *state,
                         struct faults *faults) MUST_USE;
/** The fault for an answer that cannot be: @p wrong is a phrase as above. */
void confined_answer_refuse(const char *shown, const char *wrong, struct faults *faults);

#endif
