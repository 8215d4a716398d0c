/* SPDX-License-Identifier: Apache-2.0 */
/* Words of installations. */
#include "manifest/install_fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "manifest/hostname.h"
#include "manifest/value.h"
#include "x509/host.h"

/** One of @p words; else a complaint. */
static int read_word(const struct node *node, const struct path *path, const char *const *words, size_t count,
                     const char *wanted, const char *hint, const char **word, struct faults *faults)
{
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], text) == 0) {
            *word = words[i];
            return 0;
        }
    }
    field_error(faults, node, path, hint, "must be %s, but is %s", wanted, field_quoted(text).text);
    return 0;
}

int install_scope(const struct node *node, const struct path *path, const char **word, struct faults *faults)
{
    static const char *const words[] = {"server", "client"};

    return read_word(node, path, words, 2, "server or client",
                     "server: to check servers; client: to check clients", word, faults);
}

int install_extractable(const struct node *node, const struct path *path, const char **word,
                        struct faults *faults)
{
    static const char *const words[] = {"best", "true", "false"};

    return read_word(node, path, words, 3, "best, true or false",
                     "best: not extractable where the store can see to that", word, faults);
}

int install_host(const struct node *node, const struct path *path, char **host, struct faults *faults)
{
    unsigned char address[HOST_ADDRESS_MAX];
    struct bytes ascii = BYTES_EMPTY;
    const char *text = NULL;
    const char *why = NULL;
    int status = field_text(node, path, &text, faults);

    if (status != 0) {
        return status < 0 ? -1 : 0;
    }
    if (hostname_to_ascii(text, &ascii, &why) != 0) {
        field_error(faults, node, path, NULL, "%s %s", field_quoted(text).text, why);
    } else if (host_parse_address(slice_of(&ascii), address) == 0 &&
               host_complaint(slice_of(&ascii), HOST_PLAIN) != NULL) {
        field_error(faults, node, path, "such as api.example.com or 192.0.2.1",
                    "%s is neither a host name nor an IP address", field_quoted(text).text);
    } else {
        free(*host);
        *host = strdup(bytes_text(&ascii));
        if (*host == NULL) {
            fault_memory(faults);
            status = -1;
        }
    }
    bytes_free(&ascii);
    return status;
}

int install_program(const struct node *node, const struct path *path, char **program, struct faults *faults)
{
    const char *text = NULL;
    int status = field_text(node, path, &text, faults);

    if (status == 0 && text[0] != '/') {
        field_error(faults, node, path, "such as /usr/bin/curl", "%s is not the absolute path of a program",
                    field_quoted(text).text);
        return 0;
    }
    return status == 0 ? value_line(node, path, INSTALL_PATH_MAX, program, faults) : status < 0 ? -1 : 0;
}
