/* SPDX-License-Identifier: Apache-2.0 */
/* SoftHSM in a folder of the test's. */
#include "softhsm.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

const char *softhsm_module(void)
{
    static const char *const paths[] = {
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
        "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (access(paths[i], R_OK) == 0) {
            return paths[i];
        }
    }
    return NULL;
}

int softhsm_util(const char *const *arguments)
{
    char name[] = "softhsm2-util";
    char *words[24] = {name};
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        int nothing = open("/dev/null", O_WRONLY);

        for (size_t i = 0; i < 22 && arguments[i] != NULL; i++) {
            words[i + 1] = (char *)arguments[i];
        }
        (void)dup2(nothing, 1);
        (void)dup2(nothing, 2);
        (void)execvp(words[0], words);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

bool softhsm_start(void)
{
    static const char *const init[] = {"--init-token", "--free", "--label",   SOFTHSM_TOKEN, "--so-pin",
                                       "officer-0815", "--pin",  SOFTHSM_PIN, NULL};
    char text[256];
    char path[128];

    if (softhsm_module() == NULL || access(MTLSKIT_TOKEN_PROGRAM, X_OK) != 0) {
        return false;
    }
    (void)snprintf(path, sizeof(path), "%s/tokens", scratch_folder);
    (void)mkdir(path, 0700);
    (void)snprintf(text, sizeof(text),
                   "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", path);
    scratch_write("softhsm2.conf", text, 0600);
    (void)snprintf(path, sizeof(path), "%s/softhsm2.conf", scratch_folder);
    (void)setenv("SOFTHSM2_CONF", path, 1);
    return softhsm_util(init) == 0;
}
