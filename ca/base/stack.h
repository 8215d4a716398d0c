/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stack below the caller, wiped. Whoever handles a secret wipes its own variables; but the dynamic loader saves the vector
 * registers on the stack when it binds a function at its first call, and with them what the last memcpy has moved.
 */
#ifndef MTLSKIT_BASE_STACK_H
#define MTLSKIT_BASE_STACK_H

/** Octets that stack_wipe wipes. */
#define STACK_WIPED (32 * 1024)

/** Wipe what calls that have returned left below the caller's frame. For the end of a program or thread. */
void stack_wipe(void);

#endif
