/* SPDX-License-Identifier: Apache-2.0 */
/* What every object of the library begins with. */
#include "library/handle.h"

#include <string.h>

#include <openssl/err.h>

#define NO_MEMORY  "memory is out"
#define QUOTED_MAX 60 /* octets of a text that a complaint repeats */

int handle_start(struct handle *handle, struct mtlskit_context *context)
{
    memset(handle, 0, sizeof(*handle));
    handle->context = context;
    handle->faults = faults_new();
    return handle->faults != NULL && context != NULL ? 0 : -1;
}

void handle_end(struct handle *handle)
{
    faults_free(handle->faults);
    bytes_free(&handle->message);
}

void handle_begin(struct handle *handle)
{
    bytes_clear(&handle->message);
    handle->failed = false;
    ERR_set_mark();
}

/* All errors, one a line. */
static int take_message(struct handle *handle)
{
    int status = 0;

    for (size_t i = handle->told; status == 0 && i < faults_count(handle->faults); i++) {
        const char *text = faults_text(handle->faults, i);

        if (faults_severity(handle->faults, i) == FAULT_ERROR) {
            status = handle->message.length == 0 ? 0 : bytes_append_byte(&handle->message, '\n');
            status = status != 0 ? -1 : bytes_append_text(&handle->message, text);
        }
    }
    return status;
}

int handle_settle(struct handle *handle, int status)
{
    handle->failed = status != 0;
    if (status != 0 && take_message(handle) != 0) {
        bytes_free(&handle->message);
    }
    handle->told = faults_count(handle->faults);
    if (handle->told > 0) {
        struct faults *empty = faults_new();

        if (empty != NULL) {
            faults_free(handle->faults);
            handle->faults = empty;
            handle->told = 0;
        }
    }
    (void)ERR_pop_to_mark();
    return status;
}

const char *handle_error(const struct handle *handle)
{
    return handle == NULL || (handle->failed && handle->message.length == 0) ? NO_MEMORY
                                                                             : bytes_text(&handle->message);
}

int handle_missing(struct handle *handle, const char *what)
{
    fault_error(handle->faults, NULL, NULL, NULL, "%s is missing", what);
    return -1;
}

/* How much of @p text a complaint repeats: all, or less where that would leave no room for why. No character is cut in two. */
static size_t shown_of(const char *text)
{
    size_t shown = strlen(text);

    if (shown > QUOTED_MAX) {
        shown = QUOTED_MAX;
        while (shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80) {
            shown--;
        }
    }
    return shown;
}

int handle_refuse(struct handle *handle, const char *what, const char *text, const char *why,
                  const char *hint)
{
    if (why == NULL) {
        fault_memory(handle->faults);
    } else {
        size_t shown = shown_of(text);

        fault_error(handle->faults, NULL, what, hint, "\"%.*s%s\" %s", (int)shown, text,
                    text[shown] != '\0' ? "..." : "", why);
    }
    return -1;
}
