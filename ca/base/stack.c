/* SPDX-License-Identifier: Apache-2.0 */
/* The stack, wiped by a frame that lies where those of earlier calls lay. */
#include "base/stack.h"

#include <openssl/crypto.h>

/* Not inlined: in the caller's own frame the array would lie beside the remains, not over them. */
__attribute__((noinline)) void stack_wipe(void)
{
    unsigned char below[STACK_WIPED];

    OPENSSL_cleanse(below, sizeof(below));
}
