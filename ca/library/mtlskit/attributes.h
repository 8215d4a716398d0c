/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every header of the library needs: what is exported, and which results must be looked at.
 */
#ifndef MTLSKIT_ATTRIBUTES_H
#define MTLSKIT_ATTRIBUTES_H

#if defined(__GNUC__)
/** A function of the library that programs may call. */
#define MTLSKIT_API __attribute__((visibility("default")))
/** The caller must use the result. */
#define MTLSKIT_MUST_USE __attribute__((warn_unused_result))
#else
#define MTLSKIT_API
#define MTLSKIT_MUST_USE
#endif

/** C++ calls these functions as C does. */
#ifdef __cplusplus
#define MTLSKIT_BEGIN extern "C" {
#define MTLSKIT_END   }
#else
#define MTLSKIT_BEGIN
#define MTLSKIT_END
#endif

#endif
