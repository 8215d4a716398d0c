/* SPDX-License-Identifier: Apache-2.0 */
/* A SoftHSM of a test's own, in its scratch folder. */
#ifndef MTLSKIT_TESTS_SOFTHSM_H
#define MTLSKIT_TESTS_SOFTHSM_H

#include <stdbool.h>

#define SOFTHSM_TOKEN "Test CA"
#define SOFTHSM_PIN   "4711-secret"

/** Make a token SOFTHSM_TOKEN; scratch_start first. False: SoftHSM, or the helper, is not here. */
bool softhsm_start(void);
/** The module's path. */
const char *softhsm_module(void);
/** Run softhsm2-util with these arguments, the last one NULL; its exit status. */
int softhsm_util(const char *const *arguments);

#endif
