/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiler attributes every room uses: results that must be looked at, and format strings that are checked.
 */
#ifndef MTLSKIT_BASE_ATTRIBUTES_H
#define MTLSKIT_BASE_ATTRIBUTES_H

/** The caller must use the result: ignoring a failure is a compile error. */
#define MUST_USE __attribute__((warn_unused_result))

/** Argument number @p text is a printf format, whose values start at argument number @p first. */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#endif
