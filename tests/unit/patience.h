/* SPDX-License-Identifier: Apache-2.0 */
/* How long tests wait for what must not take long: valgrind makes everything some fifty times as slow. */
#ifndef MTLSKIT_TESTS_PATIENCE_H
#define MTLSKIT_TESTS_PATIENCE_H

/** @p seconds, times what MTLSKIT_PATIENCE of the environment says (tests/run sets it for valgrind). */
double patience(double seconds);

#endif
