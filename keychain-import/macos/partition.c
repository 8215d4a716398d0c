/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions. */
#include "macos/partition.h"

#include <string.h>

#include "base/hex.h"
#include "macos/file_keychain.h"
#include "macos/status.h"
#include "macos/value.h"

/* What the code signature of @p path says. */
static CFDictionaryRef copy_signing(const char *path, OSStatus *status)
{
    CFURLRef url =
        CFURLCreateFromFileSystemRepresentation(NULL, (const UInt8 *)path, (CFIndex)strlen(path), false);
    SecStaticCodeRef code = NULL;
    CFDictionaryRef told = NULL;

    *status = url == NULL ? errSecAllocate : SecStaticCodeCreateWithPath(url, 0, &code);
    if (*status == errSecSuccess) {
        *status = SecCodeCopySigningInformation(code, kSecCSSigningInformation, &told);
    }
    if (*status == errSecSuccess && told == NULL) {
        *status = errSecInternalComponent;
    } else if (*status != errSecSuccess) {
        value_release(told);
        told = NULL;
    }
    value_release(code);
    value_release(url);
    return told;
}

/* The order is that of securityd: the system's own, a developer's, then what has no identity but its hash. */
static int name_partition(CFDictionaryRef signing, struct bytes *partition)
{
    CFTypeRef team = value_get(signing, kSecCodeInfoTeamIdentifier);
    struct slice hash = value_bytes(value_get(signing, kSecCodeInfoUnique));
    int32_t platform = 0;

    if (value_number(value_get(signing, kSecCodeInfoPlatformIdentifier), &platform) == 0 && platform != 0) {
        return bytes_append_text(partition, "apple:");
    }
    if (team != NULL) {
        return bytes_append_text(partition, "teamid:") == 0 ? value_text(team, partition) : -1;
    }
    if (hash.length > 0) {
        return bytes_append_text(partition, "cdhash:") == 0 ? bytes_append_hex(partition, hash, '\0') : -1;
    }
    return bytes_append_text(partition, "unsigned:");
}

int partition_of(const char *path, const char *store, struct bytes *partition, struct faults *faults)
{
    OSStatus status = errSecSuccess;
    CFDictionaryRef signing = copy_signing(path, &status);
    int done = -1;

    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "the code signature of \"%s\" cannot be read", path);
    } else if (name_partition(signing, partition) != 0) {
        fault_memory(faults);
    } else {
        done = 0;
    }
    value_release(signing);
    return done;
}

/* The partitions that @p description tells: a dictionary; NULL when they cannot be read. */
static CFTypeRef copy_told(CFStringRef description)
{
    struct bytes text = BYTES_EMPTY;
    struct bytes octets = BYTES_EMPTY;
    CFDataRef data = NULL;
    CFTypeRef told = NULL;
    int octet = 0;

    if (value_text(description, &text) != 0 || text.length % 2 != 0) {
        goto out;
    }
    for (size_t i = 0; i < text.length; i += 2) {
        octet = hex_octet((const char *)text.data + i);
        if (octet < 0 || bytes_append_byte(&octets, (unsigned char)octet) != 0) {
            goto out;
        }
    }
    data = value_create_data(slice_of(&octets));
    told = data == NULL ? NULL : CFPropertyListCreateWithData(NULL, data, 0, NULL, NULL);
out:
    value_release(data);
    bytes_free(&octets);
    bytes_free(&text);
    return told;
}

/* Hexadecimal of the property list of @p partitions. */
static CFStringRef create_description(CFArrayRef partitions)
{
    CFStringRef name = value_create_text("Partitions");
    CFDictionaryRef all = NULL;
    CFDataRef data = NULL;
    struct bytes text = BYTES_EMPTY;
    CFStringRef description = NULL;

    if (name != NULL) {
        all = value_create_dictionary((const void *[]){name, partitions}, 1);
    }
    if (all != NULL) {
        data = CFPropertyListCreateData(NULL, all, kCFPropertyListXMLFormat_v1_0, 0, NULL);
    }
    if (data != NULL && bytes_append_hex(&text, value_bytes(data), '\0') == 0) {
        description = value_create_text(bytes_text(&text));
    }
    bytes_free(&text);
    value_release(data);
    value_release(all);
    value_release(name);
    return description;
}

/* @p told with @p partition; NULL when memory is out. *there: it has it already. */
static CFArrayRef create_longer(CFTypeRef told, CFStringRef partition, bool *there)
{
    CFStringRef name = value_create_text("Partitions");
    CFTypeRef before = name == NULL ? NULL : value_get(told, name);
    const void *all[PARTITIONS_MAX];
    size_t count = value_count(before);
    CFArrayRef longer = NULL;

    *there = false;
    if (name == NULL || count >= PARTITIONS_MAX) {
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        all[i] = value_at(before, i);
        *there = *there || CFEqual(all[i], partition);
    }
    all[count] = partition;
    longer = value_create_array(all, count + 1);
out:
    value_release(name);
    return longer;
}

/* The same for one list of the access; errors as of macOS. */
static OSStatus add_to_list(SecACLRef list, CFStringRef partition, bool *added)
{
    struct access_list contents;
    OSStatus status = file_keychain_read_list(list, &contents);
    CFTypeRef told = NULL;
    CFArrayRef longer = NULL;
    CFStringRef before = NULL;
    bool there = false;

    if (status != errSecSuccess) {
        return status;
    }
    before = contents.description;
    told = copy_told(before);
    longer = told == NULL ? NULL : create_longer(told, partition, &there);
    if (longer == NULL) {
        status = told == NULL ? errSecDecode : errSecAllocate;
    } else if (!there) {
        contents.description = create_description(longer);
        status = contents.description == NULL ? errSecAllocate : file_keychain_write_list(list, &contents);
        value_release(contents.description);
        *added = true;
    }
    value_release(longer);
    value_release(told);
    value_release(before);
    value_release(contents.programs);
    return status;
}

int partition_add(SecAccessRef access, const char *path, const char *store, struct faults *faults)
{
    OSStatus status = errSecSuccess;
    CFArrayRef lists = file_keychain_copy_lists(access, kSecACLAuthorizationPartitionID, &status);
    struct bytes partition = BYTES_EMPTY;
    CFStringRef text = NULL;
    bool added = false;
    int done = -1;

    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "the partitions of the key cannot be read");
        goto out;
    }
    if (value_count(lists) == 0) {
        done = 0;
        goto out;
    }
    if (partition_of(path, store, &partition, faults) != 0) {
        goto out;
    }
    text = value_create_text(bytes_text(&partition));
    status = text == NULL ? errSecAllocate : status;
    for (size_t i = 0; status == errSecSuccess && i < value_count(lists); i++) {
        status = add_to_list((SecACLRef)value_at(lists, i), text, &added);
    }
    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "the partition %s cannot be added", bytes_text(&partition));
    } else {
        done = added ? 1 : 0;
    }
out:
    value_release(text);
    bytes_free(&partition);
    value_release(lists);
    return done;
}
