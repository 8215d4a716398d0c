/* SPDX-License-Identifier: Apache-2.0 */
/* All there is, in words. */
#include "object.h"

#include <stdio.h>
#include <stdlib.h>

static void tell_list(FILE *out, const char *name, const struct list *list)
{
    (void)fprintf(out, " %s=", name);
    for (size_t i = 0; i < list->count; i++) {
        (void)fprintf(out, "[%s]", list->texts[i]);
    }
    if (list->nobody_said) {
        (void)fputs("everybody", out);
    }
}

/* Not what is only its number, so that something deleted and made again is the same. */
static void tell_item(FILE *out, const struct kept *kept)
{
    if (kept->id == 0) {
        return;
    }
    (void)fprintf(out, "  %s \"%s\" of %s", kept->key ? "key" : "certificate", kept->label, kept->owner);
    if (kept->key) {
        (void)fprintf(out, " %02x%02x%02x%02x%s", kept->name[0], kept->name[1], kept->name[2], kept->name[3],
                      kept->extractable ? " extractable" : "");
        (void)fprintf(out, " \"%s\"", kept->rights.description);
        tell_list(out, "programs", &kept->rights.programs);
        tell_list(out, "partitions", &kept->rights.partitions);
    } else {
        (void)fprintf(out, " %zu octets, last %02x", kept->length, kept->der[kept->length - 1]);
    }
    (void)fputc('\n', out);
}

char *apple_snapshot(void)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    for (size_t i = 0; i < apple_world.keychain_count; i++) {
        const struct keychain *keychain = &apple_world.keychains[i];

        (void)fprintf(out, "%s%s\n", keychain->path, keychain->locked ? " locked" : "");
        for (size_t j = 0; j < ITEMS_MAX; j++) {
            tell_item(out, &keychain->items[j]);
        }
    }
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        const struct record *record = &apple_world.records[i];

        if (record->der == NULL) {
            continue;
        }
        (void)fprintf(out, "trust in %zu octets, domain %u\n", record->length, record->domain);
        for (size_t j = 0; j < record->count; j++) {
            const struct setting *setting = &record->settings[j];

            (void)fprintf(out, "  %s%s host=%s result=%d/%d usage=%d/%d error=%d/%d program=%d\n",
                          setting->oid, setting->client ? " client" : "", setting->host, setting->has_result,
                          setting->result, setting->has_usage, setting->usage, setting->has_error,
                          setting->error, setting->has_program);
        }
    }
    (void)fprintf(out, "questions %s\n", apple_prompting ? "on" : "off");
    (void)fclose(out);
    return text;
}
