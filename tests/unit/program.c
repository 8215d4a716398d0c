/* SPDX-License-Identifier: Apache-2.0 */
/* Other programs. */
#include "program.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#define WORDS_MAX 32

bool program_there(const char *name)
{
    const char *path = getenv("PATH");
    char file[512];

    while (path != NULL && *path != '\0') {
        size_t length = strcspn(path, ":");

        (void)snprintf(file, sizeof(file), "%.*s/%s", (int)length, path, name);
        if (access(file, X_OK) == 0) {
            return true;
        }
        path += length + (path[length] == ':' ? 1 : 0);
    }
    return false;
}

static _Noreturn void become(const char *const *words, int output)
{
    char *copy[WORDS_MAX] = {NULL};
    int nothing = open("/dev/null", O_RDONLY);

    for (size_t i = 0; i < WORDS_MAX - 1 && words[i] != NULL; i++) {
        copy[i] = strdup(words[i]);
    }
    (void)dup2(nothing, 0);
    (void)dup2(output, 1);
    (void)dup2(output, 2);
    (void)execvp(copy[0], copy);
    _exit(127);
}

char *program_output(const char *const *words, int *status)
{
    size_t length = 0;
    size_t room = 4096;
    char *text = malloc(room);
    int ends[2];
    int ended = -1;
    pid_t child;

    cr_assert(text != NULL && pipe(ends) == 0);
    child = fork();
    if (child == 0) {
        become(words, ends[1]);
    }
    cr_assert(child > 0);
    (void)close(ends[1]);
    for (;;) {
        ssize_t count = read(ends[0], text + length, room - length - 1);

        if (count <= 0) {
            break;
        }
        length += (size_t)count;
        if (room - length < 2) {
            room *= 2;
            text = realloc(text, room);
            cr_assert(text != NULL);
        }
    }
    text[length] = '\0';
    (void)close(ends[0]);
    cr_assert_eq(waitpid(child, &ended, 0), child);
    ended = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
    if (status != NULL) {
        *status = ended;
    } else {
        cr_assert_eq(ended, 0, "%s ended with %d: %s", words[0], ended, text);
    }
    return text;
}

char *program_line(int *status, const char *line, ...)
{
    const char *words[WORDS_MAX] = {NULL};
    size_t count = 0;
    char text[2048];
    char *rest = text;
    va_list arguments;

    va_start(arguments, line);
    (void)vsnprintf(text, sizeof(text), line, arguments);
    va_end(arguments);
    for (char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " ")) {
        cr_assert_lt(count, WORDS_MAX - 1);
        words[count++] = word;
    }
    return program_output(words, status);
}
