/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library that leaves a mark when somebody loads it: the file that MTLSKIT_MARK names. It is no PKCS#11 module, and needs not be one.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((constructor)) static void mark(void)
{
    const char *path = getenv("MTLSKIT_MARK");
    int file = path != NULL ? open(path, O_CREAT | O_WRONLY, 0600) : -1;

    if (file >= 0) {
        (void)close(file);
    }
}
