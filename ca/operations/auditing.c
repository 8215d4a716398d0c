/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of an audit do alike: telling of findings, making room. */
#include "operations/auditing.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int audit_tell(struct auditing *auditing, const char *id, bool problem, const char *subject,
               const char *format, ...)
{
    char text[FAULT_TEXT_MAX];
    struct audit_finding finding = {id, problem, subject, text};
    va_list values;

    va_start(values, format);
    (void)vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    auditing->totals->problems += problem;
    return auditing->observer->found(auditing->observer->state, &finding) == 0 ? 0 : -1;
}

int audit_grow(struct auditing *auditing, void **items, size_t count, size_t size)
{
    void *grown;

    /* room is made at every power of two */
    if ((count & (count - 1)) != 0) {
        return 0;
    }
    if (count > SIZE_MAX / 2 / size ||
        (grown = realloc(*items, (count == 0 ? 1 : count * 2) * size)) == NULL) {
        fault_memory(auditing->faults);
        return -1;
    }
    *items = grown;
    return 0;
}

int audit_hear(void *story, const struct ledger_event *event)
{
    struct audited_story *told = story;

    if (event->what == LEDGER_EVENT_ISSUED || event->what == LEDGER_EVENT_ADOPTED) {
        told->same = (told->issued == 0 || told->same) && digest_equal(&event->content, &told->der) &&
                     digest_equal(&event->request, &told->row->request) &&
                     strcmp(event->detail, told->row->name) == 0;
        told->issued++;
    }
    if (event->what == LEDGER_EVENT_REVOKED) {
        told->revoked = true;
        told->revocation = event->content;
    }
    return 0;
}

bool audit_seen_before(const struct auditing *auditing, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (auditing->authorities[i].generation == auditing->authorities[index].generation) {
            return true;
        }
    }
    return false;
}

bool audit_is_twin(const struct audited_authority *one, const struct audited_authority *other)
{
    return one->issuer.length != 0 && digest_equal(&one->spki, &other->spki) &&
           slice_equal(one->issuer, other->issuer);
}

bool audit_is_there(const struct auditing *auditing, const char *path)
{
    struct stat status;

    return fstatat(auditing->directory->folder, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

int audit_list_path(struct auditing *auditing, const struct audited_authority *authority,
                    enum revocation_list_file file, struct bytes *path)
{
    bytes_clear(path);
    if (revocation_list_path(authority->name, authority->generation, authority->current, file, path) != 0) {
        fault_memory(auditing->faults);
        return -1;
    }
    return 0;
}
