/* SPDX-License-Identifier: Apache-2.0 */
/* Counted objects: born, held, let go, and kept when dead so that whoever still uses them is caught. */
#include "object.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIVE 0xa11fe001
#define DEAD  0xdeadbeef

struct world double_world;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct object *all;
static struct {
    long calls, nth;
    enum double_mode mode;
    OSStatus status;
    bool on;
    const char *failed;
} trouble;
static struct {
    unsigned char bytes[64];
    size_t length;
} secrets[16];
static size_t secret_count;
int double_spilled;

_Noreturn void double_panic(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    (void)fputs("double: ", stderr);
    (void)vfprintf(stderr, format, values);
    (void)fputc('\n', stderr);
    va_end(values);
    abort();
}

/* ---- trouble -------------------------------------------------------------------------------------------------------- */

void double_fail(long nth, enum double_mode mode, OSStatus status, bool on)
{
    memset(&trouble, 0, sizeof(trouble));
    trouble.nth = nth;
    trouble.mode = mode;
    trouble.status = status;
    trouble.on = on;
}

long double_calls(void)
{
    return trouble.calls;
}

const char *double_failed(void)
{
    return trouble.failed;
}

struct turn double_turn(const char *call)
{
    struct turn turn = {false, false, errSecSuccess};

    (void)pthread_mutex_lock(&lock);
    trouble.calls++;
    if (trouble.nth != 0 && (trouble.calls == trouble.nth || (trouble.on && trouble.calls > trouble.nth))) {
        turn.before = trouble.mode == FAIL_BEFORE;
        turn.after = !turn.before;
        turn.status = trouble.status;
        trouble.failed = trouble.failed == NULL ? call : trouble.failed;
    }
    (void)pthread_mutex_unlock(&lock);
    return turn;
}

void double_secret(const void *bytes, size_t length)
{
    if (length > sizeof(secrets[0].bytes) || secret_count == sizeof(secrets) / sizeof(secrets[0])) {
        double_panic("too many or too long secrets");
    }
    memcpy(secrets[secret_count].bytes, bytes, length);
    secrets[secret_count++].length = length;
}

void double_scan(const void *memory, size_t length)
{
    for (size_t i = 0; i < secret_count; i++) {
        if (length >= secrets[i].length &&
            memmem(memory, length, secrets[i].bytes, secrets[i].length) != NULL) {
            double_spilled++;
        }
    }
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

struct object *object_new(enum type type)
{
    struct object *object = calloc(1, sizeof(*object));

    if (object == NULL) {
        double_panic("memory is out");
    }
    object->mark = ALIVE;
    object->type = type;
    object->references = 1;
    (void)pthread_mutex_lock(&lock);
    object->next = all;
    all = object;
    (void)pthread_mutex_unlock(&lock);
    return object;
}

struct object *object_of_bytes(enum type type, const void *bytes, size_t length)
{
    struct object *object = object_new(type);
    unsigned char *copy = malloc(length + 1);

    if (copy == NULL) {
        double_panic("memory is out");
    }
    if (length > 0) {
        memcpy(copy, bytes, length);
    }
    copy[length] = '\0';
    object->bytes = copy;
    object->length = length;
    return object;
}

struct object *object_any(const void *reference, const char *call)
{
    struct object *object = (struct object *)(uintptr_t)reference;

    if (object == NULL) {
        double_panic("%s: NULL", call);
    }
    if (object->mark == DEAD) {
        double_panic("%s: the reference was let go before", call);
    }
    if (object->mark != ALIVE) {
        double_panic("%s: this is no reference", call);
    }
    return object;
}

struct object *object_check(const void *reference, enum type type, const char *call)
{
    struct object *object = object_any(reference, call);

    if (object->type != type) {
        double_panic("%s: a reference of type %d, not %d", call, (int)object->type, (int)type);
    }
    return object;
}

static void bury(struct object *object)
{
    if (!object->borrowed && object->bytes != NULL) {
        double_scan(object->bytes, object->length);
        free((void *)(uintptr_t)object->bytes);
    }
    EVP_PKEY_free(object->pkey);
    free(object->rights);
    object->bytes = NULL;
    object->pkey = NULL;
    object->rights = NULL;
}

CFTypeRef CFRetain(CFTypeRef reference)
{
    struct object *object = object_any(reference, "CFRetain");

    (void)pthread_mutex_lock(&lock);
    object->references++;
    (void)pthread_mutex_unlock(&lock);
    return reference;
}

void CFRelease(CFTypeRef reference)
{
    struct object *object = object_any(reference, "CFRelease");
    long left = 0;

    if (object->immortal) {
        return;
    }
    (void)pthread_mutex_lock(&lock);
    left = --object->references;
    (void)pthread_mutex_unlock(&lock);
    if (left > 0) {
        return;
    }
    for (size_t i = 0; i < object->count; i++) {
        CFRelease(object->values[i]);
    }
    free(object->values);
    object->values = NULL;
    object->count = 0;
    bury(object);
    object->mark = DEAD;
}

CFTypeID CFGetTypeID(CFTypeRef reference)
{
    return (CFTypeID)object_any(reference, "CFGetTypeID")->type;
}

long double_live(void)
{
    long live = 0;

    (void)pthread_mutex_lock(&lock);
    for (const struct object *each = all; each != NULL; each = each->next) {
        live += each->mark == ALIVE && !each->immortal ? 1 : 0;
    }
    (void)pthread_mutex_unlock(&lock);
    return live;
}

static void free_world(void)
{
    for (size_t i = 0; i < double_world.keychain_count; i++) {
        for (size_t j = 0; j < ITEMS_MAX; j++) {
            free(double_world.keychains[i].items[j].der);
            EVP_PKEY_free(double_world.keychains[i].items[j].pkey);
        }
    }
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        free(double_world.records[i].der);
    }
    memset(&double_world, 0, sizeof(double_world));
}

void double_start(void)
{
    free_world();
    double_version = 15;
    double_uid = 0;
    double_prompting = true;
    double_prompts = 0;
    double_networked = false;
    double_undocumented = true;
    double_person = PERSON_GRANTS;
    double_protected = true;
    double_world.verdict = true;
    double_world.next_id = 1;
    double_spilled = 0;
    secret_count = 0;
    double_fail(0, FAIL_BEFORE, 0, false);
    double_keychain(DOUBLE_SYSTEM, 0, false);
    double_keychain(DOUBLE_LOGIN, 501, true);
}

void double_stop(void)
{
    long live = double_live();

    if (live != 0) {
        for (const struct object *each = all; each != NULL; each = each->next) {
            if (each->mark == ALIVE && !each->immortal) {
                (void)fprintf(stderr, "double: still held: type %d, %ld references\n", (int)each->type,
                              each->references);
            }
        }
        double_panic("%ld references are still held", live);
    }
    while (all != NULL) {
        struct object *each = all;

        all = each->next;
        if (each->immortal) {
            free((void *)(uintptr_t)each->bytes);
        }
        free(each);
    }
    free_world();
}

uid_t double_geteuid(void)
{
    return double_uid;
}
