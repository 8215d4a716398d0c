/* SPDX-License-Identifier: Apache-2.0 */
/* Who may use a key. */
#include "macos/access.h"

#include <stdbool.h>
#include <string.h>

#include "macos/file_keychain.h"
#include "macos/partition.h"
#include "macos/status.h"
#include "macos/value.h"

/* This program first, then those named; all of @p programs + 1 are to be let go. */
static CFArrayRef create_programs(const char *store, const char *const *programs, size_t count,
                                  struct faults *faults)
{
    const void *all[ACCESS_PROGRAMS_MAX + 1];
    size_t made = 0;
    CFArrayRef array = NULL;
    OSStatus status = errSecSuccess;

    if (count > ACCESS_PROGRAMS_MAX) {
        fault_error(faults, NULL, NULL, NULL, "%s: more than %d programs for one key", store,
                    ACCESS_PROGRAMS_MAX);
        return NULL;
    }
    for (size_t i = 0; i <= count; i++) {
        const char *path = i == 0 ? NULL : programs[i - 1];

        all[made] = file_keychain_create_program(path, &status);
        if (status != errSecSuccess) {
            status_fault(faults, store, status, "the path of a program or an application that is there",
                         "\"%s\" cannot be put on the list of programs",
                         path == NULL ? "this program" : path);
            goto out;
        }
        made++;
    }
    array = value_create_array(all, made);
    if (array == NULL) {
        fault_memory(faults);
    }
out:
    for (size_t i = 0; i < made; i++) {
        value_release(all[i]);
    }
    return array;
}

SecAccessRef access_create(const char *store, const char *label, const char *const *programs, size_t count,
                           struct faults *faults)
{
    CFArrayRef array = create_programs(store, programs, count, faults);
    CFStringRef description = NULL;
    SecAccessRef access = NULL;
    OSStatus status = errSecAllocate;

    if (array == NULL) {
        return NULL;
    }
    description = value_create_text(label);
    if (description != NULL) {
        access = file_keychain_create_access(description, array, &status);
    }
    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "the key's list of programs cannot be made");
    }
    value_release(description);
    value_release(array);
    return access;
}

/* 1: @p programs have that one, 0: no, -1: it cannot be told. */
static int has_program(CFArrayRef programs, const char *path)
{
    int found = 0;

    for (size_t i = 0; found == 0 && i < value_count(programs); i++) {
        OSStatus status = errSecSuccess;
        CFDataRef data =
            file_keychain_copy_program_path((SecTrustedApplicationRef)value_at(programs, i), &status);
        struct slice told = value_bytes(data);

        /* Some releases count the NUL at its end. */
        if (told.length > 0 && told.data[told.length - 1] == '\0') {
            told.length--;
        }
        if (status != errSecSuccess) {
            found = -1;
        } else if (slice_equal(told, slice_of_text(path))) {
            found = 1;
        }
        value_release(data);
    }
    return found;
}

/* Put @p program at the end of one list of the access. */
static OSStatus lengthen(SecACLRef list, const struct access_list *before, SecTrustedApplicationRef program)
{
    const void *all[ACCESS_PROGRAMS_MAX + 1];
    size_t count = value_count(before->programs);
    struct access_list after = *before;
    OSStatus status = errSecAllocate;

    if (count > ACCESS_PROGRAMS_MAX) {
        return errSecParam;
    }
    for (size_t i = 0; i < count; i++) {
        all[i] = value_at(before->programs, i);
    }
    all[count] = program;
    after.programs = value_create_array(all, count + 1);
    if (after.programs != NULL) {
        status = file_keychain_write_list(list, &after);
    }
    value_release(after.programs);
    return status;
}

/* One list; *changed is set when it was. A list without programs is everybody's already. */
static OSStatus add_to_list(SecACLRef list, const char *path, bool *changed)
{
    struct access_list contents;
    SecTrustedApplicationRef program = NULL;
    OSStatus status = file_keychain_read_list(list, &contents);
    int found =
        status != errSecSuccess || contents.programs == NULL ? 1 : has_program(contents.programs, path);

    if (found == 0) {
        program = file_keychain_create_program(path, &status);
        if (status == errSecSuccess) {
            status = lengthen(list, &contents, program);
            *changed = true;
        }
    } else if (found < 0) {
        status = errSecInternalComponent;
    }
    value_release(program);
    value_release(contents.programs);
    value_release(contents.description);
    return status;
}

/* The lists of @p access that say who may sign. */
static int add_program(const char *store, SecAccessRef access, const char *path, bool *changed,
                       struct faults *faults)
{
    OSStatus status = errSecSuccess;
    CFArrayRef lists = file_keychain_copy_lists(access, kSecACLAuthorizationSign, &status);

    for (size_t i = 0; status == errSecSuccess && i < value_count(lists); i++) {
        status = add_to_list((SecACLRef)value_at(lists, i), path, changed);
    }
    value_release(lists);
    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "\"%s\" cannot be put on the key's list of programs", path);
        return -1;
    }
    return 0;
}

int access_allow(const char *store, SecKeyRef key, const char *const *programs, size_t count,
                 const struct bytes *passphrase, struct faults *faults)
{
    SecKeychainItemRef item = (SecKeychainItemRef)key;
    OSStatus status = errSecSuccess;
    SecAccessRef access = NULL;
    bool changed = false;
    bool partitioned = false;
    int done = -1;

    if (count == 0) {
        return 0;
    }
    access = file_keychain_copy_access(item, &status);
    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "who may use the key cannot be read");
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        int added = add_program(store, access, programs[i], &changed, faults) != 0
                        ? -1
                        : partition_add(access, programs[i], store, faults);

        if (added < 0) {
            goto out;
        }
        partitioned = partitioned || added == 1;
    }
    if (partitioned && passphrase == NULL) {
        fault_error(faults, NULL, NULL, "--keychain-passphrase SPEC",
                    "%s: this keychain wants its passphrase before another program may use a key", store);
        goto out;
    }
    if (changed || partitioned) {
        status = file_keychain_set_access(item, access, passphrase);
    }
    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "who may use the key cannot be written");
    } else {
        done = 0;
    }
out:
    value_release(access);
    return done;
}
