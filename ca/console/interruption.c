/* SPDX-License-Identifier: Apache-2.0 */
/* One flag, for a signal handler can have nothing else; each signal is caught once. */
#include "console/interruption.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int came;

static void note(int number)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};

    (void)number;
    atomic_store(&came, 1);
    /* whichever comes next ends the program */
    (void)sigaction(SIGINT, &plain, NULL);
    (void)sigaction(SIGTERM, &plain, NULL);
    (void)sigaction(SIGHUP, &plain, NULL);
}

void interruption_catch(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

    for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
        struct sigaction action;

        if (sigaction(caught[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN) {
            action = (struct sigaction){.sa_handler = note, .sa_flags = SA_RESTART};
            sigemptyset(&action.sa_mask);
            sigaddset(&action.sa_mask, SIGINT);
            sigaddset(&action.sa_mask, SIGTERM);
            sigaddset(&action.sa_mask, SIGHUP);
            (void)sigaction(caught[i], &action, NULL);
        }
    }
}

bool interruption_came(void)
{
    return atomic_load(&came) != 0;
}
