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

struct world apple_world;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct object *all;
static struct {
    long calls, nth;
    enum apple_mode mode;
    OSStatus status;
    bool on;
    const char *failed;
} trouble;
static struct {
    unsigned char bytes[64];
    size_t length;
} secrets[16];
static size_t secret_count;
int apple_spilled;

_Noreturn void apple_panic(const char *format, ...)
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

void apple_fail(long nth, enum apple_mode mode, OSStatus status, bool on)
{
    memset(&trouble, 0, sizeof(trouble));
    trouble.nth = nth;
    trouble.mode = mode;
    trouble.status = status;
    trouble.on = on;
}

long apple_calls(void)
{
    return trouble.calls;
}

const char *apple_failed(void)
{
    return trouble.failed;
}

struct turn apple_turn(const char *call)
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

void apple_secret(const void *bytes, size_t length)
{
    if (length > sizeof(secrets[0].bytes) || secret_count == sizeof(secrets) / sizeof(secrets[0])) {
        apple_panic("too many or too long secrets");
    }
    memcpy(secrets[secret_count].bytes, bytes, length);
    secrets[secret_count++].length = length;
}

void apple_scan(const void *memory, size_t length)
{
    for (size_t i = 0; i < secret_count; i++) {
        if (length >= secrets[i].length &&
            memmem(memory, length, secrets[i].bytes, secrets[i].length) != NULL) {
            apple_spilled++;
        }
    }
}

/* ---- life ----------------------------------------------------------------------------------------------------------- */

struct object *object_new(enum type type)
{
    struct object *object = calloc(1, sizeof(*object));

    if (object == NULL) {
        apple_panic("memory is out");
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
        apple_panic("memory is out");
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
        apple_panic("%s: NULL", call);
    }
    if (object->mark == DEAD) {
        apple_panic("%s: the reference was let go before", call);
    }
    if (object->mark != ALIVE) {
        apple_panic("%s: this is no reference", call);
    }
    return object;
}

struct object *object_check(const void *reference, enum type type, const char *call)
{
    struct object *object = object_any(reference, call);

    if (object->type != type) {
        apple_panic("%s: a reference of type %d, not %d", call, (int)object->type, (int)type);
    }
    return object;
}

static void bury(struct object *object)
{
    if (!object->borrowed && object->bytes != NULL) {
        apple_scan(object->bytes, object->length);
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

long apple_live(void)
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
    for (size_t i = 0; i < apple_world.keychain_count; i++) {
        for (size_t j = 0; j < ITEMS_MAX; j++) {
            free(apple_world.keychains[i].items[j].der);
            EVP_PKEY_free(apple_world.keychains[i].items[j].pkey);
        }
    }
    for (size_t i = 0; i < RECORDS_MAX; i++) {
        free(apple_world.records[i].der);
    }
    memset(&apple_world, 0, sizeof(apple_world));
}

void apple_start(void)
{
    free_world();
    apple_version = 15;
    apple_uid = 0;
    apple_prompting = true;
    apple_prompts = 0;
    apple_networked = false;
    apple_undocumented = true;
    apple_person = PERSON_GRANTS;
    apple_protected = true;
    apple_world.verdict = true;
    apple_world.next_id = 1;
    apple_spilled = 0;
    secret_count = 0;
    apple_fail(0, FAIL_BEFORE, 0, false);
    apple_keychain(APPLE_SYSTEM, 0, false);
    apple_keychain(APPLE_LOGIN, 501, true);
}

void apple_stop(void)
{
    long live = apple_live();

    if (live != 0) {
        for (const struct object *each = all; each != NULL; each = each->next) {
            if (each->mark == ALIVE && !each->immortal) {
                (void)fprintf(stderr, "double: still held: type %d, %ld references\n", (int)each->type,
                              each->references);
            }
        }
        apple_panic("%ld references are still held", live);
    }
    if (apple_spilled != 0) {
        apple_panic("a secret lay in memory that was given back, %d times", apple_spilled);
    }
    if (!apple_prompting) {
        apple_panic("the switch for questions was not put back");
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

uid_t apple_geteuid(void)
{
    return apple_uid;
}
