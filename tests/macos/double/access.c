/* SPDX-License-Identifier: Apache-2.0 */
/* Who may use a key: programs, their signatures, lists and partitions. */
#include "items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool apple_undocumented = true;

/* Programs there are. */
static const struct {
    const char *path;
    const char *partition;
    const char *team;
    bool platform;
} programs[] = {
    {APPLE_SELF, SELF_PARTITION, "OURSELVES1", false},
    {APPLE_CURL, "apple:", NULL, true},
    {APPLE_SAFARI, "apple:", NULL, true},
    {APPLE_CHROME, "teamid:BROWSERS12", "BROWSERS12", false},
    {APPLE_OWN, "cdhash:0102030405060708090a0b0c0d0e0f1011121314", NULL, false},
};

static size_t find(const char *path)
{
    size_t i = 0;

    while (i < sizeof(programs) / sizeof(programs[0]) && strcmp(programs[i].path, path) != 0) {
        i++;
    }
    return i;
}

bool program_known(const char *path)
{
    return find(path) < sizeof(programs) / sizeof(programs[0]);
}

const char *program_partition(const char *path)
{
    return program_known(path) ? programs[find(path)].partition : "unsigned:";
}

/* ---- programs ------------------------------------------------------------------------------------------------------- */

OSStatus SecTrustedApplicationCreateFromPath(const char *path, SecTrustedApplicationRef *program)
{
    struct turn turn = apple_turn("SecTrustedApplicationCreateFromPath");

    path = path == NULL ? APPLE_SELF : path;
    if (turn.before) {
        return turn.status;
    }
    if (!program_known(path)) {
        return errSecParam;
    }
    *program = (SecTrustedApplicationRef)object_of_bytes(TYPE_APPLICATION, path, strlen(path));
    return turn.status;
}

OSStatus SecTrustedApplicationCopyData(SecTrustedApplicationRef program, CFDataRef *data)
{
    struct turn turn = apple_turn("SecTrustedApplicationCopyData");
    const struct object *object = object_check(program, TYPE_APPLICATION, "SecTrustedApplicationCopyData");

    if (!turn.before) {
        /* With the NUL, from macOS 14 without. */
        *data = (CFDataRef)object_of_bytes(TYPE_DATA, object->bytes,
                                           object->length + (apple_version < 14 ? 1 : 0));
    }
    return turn.status;
}

OSStatus SecStaticCodeCreateWithPath(CFURLRef url, SecCSFlags flags, SecStaticCodeRef *code)
{
    struct turn turn = apple_turn("SecStaticCodeCreateWithPath");
    const struct object *object = object_check(url, TYPE_URL, "SecStaticCodeCreateWithPath");

    (void)flags;
    if (!turn.before) {
        *code = (SecStaticCodeRef)object_of_bytes(TYPE_CODE, object->bytes, object->length);
    }
    return turn.status;
}

OSStatus SecCodeCopySigningInformation(SecStaticCodeRef code, SecCSFlags flags, CFDictionaryRef *told)
{
    struct turn turn = apple_turn("SecCodeCopySigningInformation");
    const char *path = (const char *)object_check(code, TYPE_CODE, "SecCodeCopySigningInformation")->bytes;
    size_t i = find(path);
    struct object *dictionary = NULL;

    if (turn.before || flags != kSecCSSigningInformation || !program_known(path)) {
        return turn.before ? turn.status : errSecParam;
    }
    dictionary = object_new(TYPE_DICTIONARY);
    dictionary->values = calloc(2, sizeof(*dictionary->values));
    dictionary->count = 2;
    if (programs[i].platform) {
        struct object *number = object_new(TYPE_NUMBER);

        number->number = 14;
        dictionary->values[0] = kSecCodeInfoPlatformIdentifier;
        dictionary->values[1] = number;
    } else if (programs[i].team != NULL) {
        dictionary->values[0] = kSecCodeInfoTeamIdentifier;
        dictionary->values[1] = text_create(programs[i].team);
    } else {
        static const unsigned char hash[] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                             11, 12, 13, 14, 15, 16, 17, 18, 19, 20};

        dictionary->values[0] = kSecCodeInfoUnique;
        dictionary->values[1] = object_of_bytes(TYPE_DATA, hash, sizeof(hash));
    }
    *told = (CFDictionaryRef)dictionary;
    return turn.status;
}

/* ---- access --------------------------------------------------------------------------------------------------------- */

static struct object *access_make(const struct rights *rights)
{
    struct object *object = object_new(TYPE_ACCESS);

    object->rights = malloc(sizeof(*rights));
    *object->rights = *rights;
    return object;
}

static void set_programs(struct list *list, CFArrayRef array, const char *call)
{
    memset(list, 0, sizeof(*list));
    list->nobody_said = array == NULL;
    for (size_t i = 0; array != NULL && i < object_check(array, TYPE_ARRAY, call)->count; i++) {
        list_add(list, (const char *)object_check(object_check(array, TYPE_ARRAY, call)->values[i],
                                                  TYPE_APPLICATION, call)
                           ->bytes);
    }
}

/* Without a list: the program that calls. With an empty one: nobody. */
OSStatus SecAccessCreate(CFStringRef description, CFArrayRef list, SecAccessRef *access)
{
    struct turn turn = apple_turn("SecAccessCreate");
    struct rights rights = {0};

    if (turn.before) {
        return turn.status;
    }
    copy_text(rights.description, text_of(description, "SecAccessCreate"));
    if (list != NULL) {
        set_programs(&rights.programs, list, "SecAccessCreate");
    } else {
        list_add(&rights.programs, APPLE_SELF);
    }
    *access = (SecAccessRef)access_make(&rights);
    return turn.status;
}

OSStatus SecKeychainItemCopyAccess(SecKeychainItemRef item, SecAccessRef *access)
{
    struct turn turn = apple_turn("SecKeychainItemCopyAccess");
    const struct kept *kept =
        kept_find(object_check(item, TYPE_KEY, "SecKeychainItemCopyAccess")->number, NULL);

    if (turn.before) {
        return turn.status;
    }
    if (kept == NULL) {
        return errSecItemNotFound;
    }
    *access = (SecAccessRef)access_make(&kept->rights);
    return turn.status;
}

static struct object *list_create(SecAccessRef access, bool partitions)
{
    struct object *list = object_new(TYPE_ACL);

    list->number = partitions ? 1 : 0;
    list->values = calloc(1, sizeof(*list->values));
    list->values[0] = CFRetain(access);
    list->count = 1;
    return list;
}

OSStatus SecAccessCopyACLList(SecAccessRef access, CFArrayRef *lists)
{
    struct turn turn = apple_turn("SecAccessCopyACLList");
    const struct object *object = object_check(access, TYPE_ACCESS, "SecAccessCopyACLList");
    const void *all[2];
    size_t count = 0;

    if (turn.before) {
        return turn.status;
    }
    all[count++] = list_create(access, false);
    if (object->rights->partitioned) {
        all[count++] = list_create(access, true);
    }
    *lists = array_create(all, count);
    for (size_t i = 0; i < count; i++) {
        CFRelease(all[i]);
    }
    return turn.status;
}

CFArrayRef SecACLCopyAuthorizations(SecACLRef list)
{
    const struct object *object = object_check(list, TYPE_ACL, "SecACLCopyAuthorizations");
    const void *what[] = {object->number == 1 ? kSecACLAuthorizationPartitionID : kSecACLAuthorizationSign};

    return apple_turn("SecACLCopyAuthorizations").status != 0 ? NULL : array_create(what, 1);
}

static struct rights *rights_of(SecACLRef list, const char *call, bool *partitions)
{
    const struct object *object = object_check(list, TYPE_ACL, call);

    *partitions = object->number == 1;
    return object_check(object->values[0], TYPE_ACCESS, call)->rights;
}

/* Partitions as macOS writes them: a property list in hexadecimal. */
static CFStringRef describe(const struct list *partitions)
{
    char list[TEXT_MAX * 4] = "<plist version=\"1.0\"><dict><key>Partitions</key><array>";
    char text[2 * sizeof(list)];
    size_t used = strlen(list);

    for (size_t i = 0; i < partitions->count; i++) {
        used +=
            (size_t)snprintf(list + used, sizeof(list) - used, "<string>%s</string>", partitions->texts[i]);
    }
    used += (size_t)snprintf(list + used, sizeof(list) - used, "</array></dict></plist>");
    for (size_t i = 0; i < used; i++) {
        (void)snprintf(text + 2 * i, 3, "%02x", (unsigned char)list[i]);
    }
    return text_create(text);
}

static void read_partitions(struct list *partitions, const char *text)
{
    char list[TEXT_MAX * 4];
    const char *place = list;
    size_t length = strlen(text) / 2;

    for (size_t i = 0; i < length; i++) {
        const char digits[] = {text[2 * i], text[2 * i + 1], '\0'};

        list[i] = (char)strtoul(digits, NULL, 16);
    }
    list[length] = '\0';
    partitions->count = 0;
    while ((place = strstr(place, "<string>")) != NULL) {
        char one[TEXT_MAX];
        size_t end = 0;

        place += strlen("<string>");
        end = strcspn(place, "<");
        memcpy(one, place, end);
        one[end] = '\0';
        list_add(partitions, one);
    }
}

OSStatus SecACLCopyContents(SecACLRef list, CFArrayRef *array, CFStringRef *description,
                            SecKeychainPromptSelector *prompt)
{
    struct turn turn = apple_turn("SecACLCopyContents");
    bool partitions = false;
    const struct rights *rights = rights_of(list, "SecACLCopyContents", &partitions);
    const void *all[LIST_MAX];

    if (turn.before) {
        return turn.status;
    }
    *prompt = 0;
    *description = partitions ? describe(&rights->partitions) : text_create(rights->description);
    *array = NULL;
    if (!partitions && !rights->programs.nobody_said) {
        for (size_t i = 0; i < rights->programs.count; i++) {
            all[i] = object_of_bytes(TYPE_APPLICATION, rights->programs.texts[i],
                                     strlen(rights->programs.texts[i]));
        }
        *array = array_create(all, rights->programs.count);
        for (size_t i = 0; i < rights->programs.count; i++) {
            CFRelease(all[i]);
        }
    }
    return turn.status;
}

OSStatus SecACLSetContents(SecACLRef list, CFArrayRef array, CFStringRef description,
                           SecKeychainPromptSelector prompt)
{
    struct turn turn = apple_turn("SecACLSetContents");
    bool partitions = false;
    struct rights *rights = rights_of(list, "SecACLSetContents", &partitions);

    (void)prompt;
    if (turn.before) {
        return turn.status;
    }
    if (partitions) {
        read_partitions(&rights->partitions, text_of(description, "SecACLSetContents"));
    } else {
        copy_text(rights->description, text_of(description, "SecACLSetContents"));
        set_programs(&rights->programs, array, "SecACLSetContents");
    }
    return turn.status;
}

/* Only whoever owns the item changes its access unasked, and nobody its partitions without the keychain's password. */
static OSStatus set_access(SecKeychainItemRef item, SecAccessRef access, bool with_password, const char *call)
{
    struct keychain *keychain = NULL;
    struct kept *kept = kept_find(object_check(item, TYPE_KEY, call)->number, &keychain);
    const struct rights *rights = object_check(access, TYPE_ACCESS, call)->rights;
    OSStatus status = kept == NULL ? errSecItemNotFound : keychain_writable(keychain);

    if (status == errSecSuccess && !with_password &&
        (strcmp(kept->owner, APPLE_SELF) != 0 || rights->partitions.count != kept->rights.partitions.count)) {
        status = asked();
    }
    if (status == errSecSuccess) {
        kept->rights = *rights;
    }
    return status;
}

OSStatus SecKeychainItemSetAccess(SecKeychainItemRef item, SecAccessRef access)
{
    struct turn turn = apple_turn("SecKeychainItemSetAccess");
    OSStatus status = turn.before ? turn.status : set_access(item, access, false, "SecKeychainItemSetAccess");

    return status != errSecSuccess ? status : turn.status;
}

/* Not in any header. */
static OSStatus with_password(SecKeychainItemRef item, SecAccessRef access, UInt32 length,
                              const void *password)
{
    struct turn turn = apple_turn("SecKeychainItemSetAccessWithPassword");
    OSStatus status = turn.status;

    if (turn.before) {
        return status;
    }
    if (length != strlen(APPLE_PASS) || memcmp(password, APPLE_PASS, length) != 0) {
        return errSecAuthFailed;
    }
    status = set_access(item, access, true, "SecKeychainItemSetAccessWithPassword");
    return status != errSecSuccess ? status : turn.status;
}

void *apple_dlsym(void *handle, const char *name)
{
    OSStatus (*call)(SecKeychainItemRef, SecAccessRef, UInt32, const void *) = with_password;
    void *found = NULL;

    (void)handle;
    if (apple_undocumented && strcmp(name, "SecKeychainItemSetAccessWithPassword") == 0) {
        memcpy(&found, &call, sizeof(found));
    }
    return found;
}
