/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interruption: the first SIGINT, SIGTERM or SIGHUP is a wish to stop, which a long command grants where it leaves nothing half done; the
 * second ends the program at once, as if nothing had been caught.
 */
#ifndef MTLSKIT_CONSOLE_INTERRUPTION_H
#define MTLSKIT_CONSOLE_INTERRUPTION_H

#include <stdbool.h>

/** From here on catch the first one; what is ignored stays ignored. */
void interruption_catch(void);
/** Whether one came. From any thread. */
bool interruption_came(void);

#endif
