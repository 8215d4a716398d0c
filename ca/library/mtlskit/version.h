/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library's version, by semantic versioning. Before 1.0 a new minor version may change functions, and its shared library has
 * another soname (libmtlskit.so.0.1); from 1.0 on only a new major version does.
 */
#ifndef MTLSKIT_VERSION_H
#define MTLSKIT_VERSION_H

#include <mtlskit/attributes.h>

MTLSKIT_BEGIN

/** The version that a program is compiled with. */
#define MTLSKIT_VERSION_MAJOR 0
#define MTLSKIT_VERSION_MINOR 1
#define MTLSKIT_VERSION_PATCH 0

/** The version that it runs with: "0.1.0". Static. */
MTLSKIT_API const char *mtlskit_version_text(void);

MTLSKIT_END

#endif
