/* SPDX-License-Identifier: Apache-2.0 */
/* How many times longer than natively things may take, as the environment says. */
#include "patience.h"

#include <stdlib.h>

double patience(double seconds)
{
    const char *times = getenv("MTLSKIT_PATIENCE");

    double factor = times != NULL ? strtod(times, NULL) : 0;

    return factor > 1 ? seconds * factor : seconds;
}
