/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A prompt asks at the controlling terminal for something that must not be seen: the echo is off while it is typed.
 */
#ifndef MTLSKIT_BASE_PROMPT_H
#define MTLSKIT_BASE_PROMPT_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"

enum prompt_outcome {
    PROMPT_DONE,
    PROMPT_NO_TERMINAL, /**< errno says why /dev/tty cannot be used */
    PROMPT_INTERRUPTED, /**< a signal came that the program survived */
    PROMPT_NOTHING,     /**< end of input before a line was complete */
    PROMPT_TOO_LONG,    /**< a line of more than the limit */
    PROMPT_DIFFERENT,   /**< the second answer is not the first */
    PROMPT_FAILED       /**< the terminal or memory failed; errno */
};

/**
 * Write @p question to /dev/tty and read a line from it, without its end, into @p answer (replaced; empty unless PROMPT_DONE).
 * With @p again, that is asked next and must be answered the same.
 * @param limit longest answer, in bytes
 *
 * The terminal is as it was when this returns, and also when the process ends or stops by SIGINT, SIGTERM, SIGHUP, SIGQUIT,
 * SIGALRM or SIGTSTP: while the echo is off these are blocked, looked for ten times a second, and let through once the
 * terminal is restored. After a stop the question is asked again. (Other threads must have them blocked.)
 */
enum prompt_outcome prompt_ask(const char *question, const char *again, size_t limit, struct bytes *answer)
    MUST_USE;

#endif
