/* SPDX-License-Identifier: Apache-2.0 */
/* Names of outputs: what keeps a text from being one, and what an entry's own files are called. */
#include "manifest/output_name.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "manifest/name_index.h"

/** What stands behind NAME in the files an entry has or may come to have. */
static const char *const suffixes[] = {".crt", ".key", ".cer", ".trust.pem", ".crl", ".crl.pem", ".crl.head"};
#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

/** Files of the ledger begin with this. */
#define LEDGER_PREFIX "ledger.db"

/** Whether a part of @p path is NAME.generation-N, or begins with that and a dot: keys and lists of keys that an authority had before. */
static bool is_of_generation(const char *path)
{
    static const char word[] = ".generation-";
    const char *at;

    for (at = path; *at != '\0'; at++) {
        size_t digits = 0;

        if (strncasecmp(at, word, strlen(word)) == 0) {
            digits = strspn(at + strlen(word), "0123456789");
        }
        if (digits > 0 && strchr("./", at[strlen(word) + digits]) != NULL) {
            return true; /* strchr finds the end as well */
        }
    }
    return false;
}

const char *output_name_fault(const char *path)
{
    const char *why = NULL;
    char start[sizeof(LEDGER_PREFIX)] = "";
    size_t i;

    if (!file_name_is_safe(path, &why)) {
        return why;
    }
    for (i = 0; path[i] != '\0'; i++) {
        if ((unsigned char)path[i] >= 0x80) {
            return "has letters beyond ASCII, which file systems do not agree on";
        }
        if (path[i] == '-' && (i == 0 || path[i - 1] == '/')) {
            return "begins with a dash, as options do";
        }
    }
    if (is_of_generation(path)) {
        return "is kept for what an authority had before it was replaced";
    }
    memcpy(start, path, i < sizeof(start) ? i : sizeof(start) - 1);
    return name_index_equal(start, LEDGER_PREFIX) ? "is kept for the ledger" : NULL;
}

const char *output_name_entry_fault(const char *name)
{
    if (strlen(name) > ENTRY_NAME_MAX) {
        return "has more than 200 bytes";
    }
    if (strchr(name, '/') != NULL) {
        return "has a slash";
    }
    return output_name_fault(name);
}

size_t output_name_stem(const char *path, size_t length)
{
    size_t i;

    for (i = 0; i < SUFFIXES; i++) {
        size_t end = strlen(suffixes[i]);
        char tail[16] = "";

        if (length > end) {
            memcpy(tail, path + length - end, end);
            if (name_index_equal(tail, suffixes[i])) {
                return length - end;
            }
        }
    }
    return 0;
}
