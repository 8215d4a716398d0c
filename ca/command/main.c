/* SPDX-License-Identifier: Apache-2.0 */
/* The program mtls-ca. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        if (puts("mtls-ca " MTLSKIT_VERSION) == EOF) {
            return 1;
        }
        return 0;
    }
    fputs("usage: mtls-ca --version\n", stderr);
    return 2;
}
