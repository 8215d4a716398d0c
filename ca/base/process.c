/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other processes. Linux tells arguments in /proc/PID/cmdline, one after the other, each ended by a NUL (proc(5)); macOS tells a name.
 */
#include "base/process.h"

#include <stdio.h>
#include <string.h>
#ifdef __APPLE__
#include <libproc.h>
#endif

#include <sys/resource.h>

#include "base/utf8.h"

#ifndef __APPLE__
/* Whether a word is the name of a command: lower-case letters and dashes. */
static bool is_command(const char *word)
{
    size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyz-");

    return length > 0 && length <= 30 && word[length] == '\0' && word[0] != '-';
}
#endif

/* The program and its command, each "" when unknown, in what @p room has. */
static void look_up(long process, char *room, size_t size, const char **program, const char **command)
{
#ifdef __APPLE__
    *program = proc_name((int)process, room, (uint32_t)size) > 0 ? room : "";
    *command = "";
#else
    char path[64];
    FILE *file;
    size_t length = 0;
    const char *slash;

    *program = "";
    *command = "";
    (void)snprintf(path, sizeof(path), "/proc/%ld/cmdline", process);
    file = fopen(path, "re");
    if (file != NULL) {
        length = fread(room, 1, size - 1, file);
        (void)fclose(file);
    }
    room[length] = '\0';
    slash = strrchr(room, '/');
    *program = slash != NULL ? slash + 1 : room;
    if (strlen(room) + 1 < length && is_command(room + strlen(room) + 1)) {
        *command = room + strlen(room) + 1;
    }
#endif
}

int process_describe(long process, struct bytes *text)
{
    char room[512];
    const char *program;
    const char *command;

    look_up(process, room, sizeof(room), &program, &command);
    if (bytes_printf(text, "process %ld", process) != 0) {
        return -1;
    }
    if (program[0] == '\0') {
        return 0;
    }
    return bytes_append_text(text, " (") == 0 && utf8_append_printable(text, slice_of_text(program)) == 0 &&
                   bytes_printf(text, "%s%s)", command[0] != '\0' ? " " : "", command) == 0
               ? 0
               : -1;
}

void process_keep_from_disk(void)
{
    const struct rlimit none = {0, 0};

    (void)setrlimit(RLIMIT_CORE, &none);
}
