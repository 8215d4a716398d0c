/* SPDX-License-Identifier: Apache-2.0 */
/* Questions read from standard input, and answers printed. */
#include "question.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 12

static void fail(const char *what, const char *which)
{
    fprintf(stderr, "agreement: %s: %s\n", which, what);
    exit(1);
}

void question_version(const char *name, const char *version)
{
    printf("version\t%s %s\n", name, version);
    fflush(stdout);
}

bool question_next(struct question *question)
{
    static char line[8192];
    const char *fields[FIELDS];
    char *rest = line;

    if (fgets(line, sizeof(line), stdin) == NULL) {
        return false;
    }
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = strsep(&rest, "\t");
        if (fields[i] == NULL) {
            fail("not a question", line);
        }
        if (strcmp(fields[i], "-") == 0) {
            fields[i] = NULL;
        }
    }
    *question = (struct question){fields[0], fields[1], fields[2], fields[3], fields[4],  fields[5],
                                  fields[6], fields[7], fields[8], fields[9], fields[10], fields[11]};
    return true;
}

void question_answer(const struct question *question, const char *verdict, const char *words, ...)
{
    char text[1024];
    va_list list;

    va_start(list, words);
    vsnprintf(text, sizeof(text), words, list);
    va_end(list);
    for (char *at = text; *at != '\0'; at++) {
        if (*at == '\n' || *at == '\t' || *at == '\r') {
            *at = ' ';
        }
    }
    printf("%s\t%s\t%s\n", question->name, verdict, text);
    fflush(stdout);
}

char *question_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    size_t room = (size_t)1 << 20;
    char *data = malloc(room);
    size_t size;

    if (file == NULL || data == NULL) {
        fail("cannot be read", path);
    }
    size = fread(data, 1, room - 1, file);
    if (ferror(file) != 0 || !feof(file)) {
        fail("cannot be read whole", path);
    }
    fclose(file);
    data[size] = '\0';
    if (length != NULL) {
        *length = size;
    }
    return data;
}

char *question_line(const char *path)
{
    char *text = question_file(path, NULL);

    text[strcspn(text, "\r\n")] = '\0';
    return text;
}
