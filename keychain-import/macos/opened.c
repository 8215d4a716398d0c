/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing keychains. */
#include "macos/opened.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "macos/file_keychain.h"
#include "macos/macos.h"
#include "macos/quiet.h"
#include "macos/status.h"
#include "macos/value.h"

bool opened_under_sudo(void)
{
    return geteuid() == 0 && getenv("SUDO_UID") != NULL;
}

/* "macos:system", "macos:login" or "macos:PATH". */
static char *name_of(const char *place)
{
    struct bytes name = BYTES_EMPTY;
    char *copy = NULL;

    if (bytes_printf(&name, "macos:%s", place) == 0) {
        copy = strdup(bytes_text(&name));
    }
    bytes_free(&name);
    return copy;
}

static SecKeychainRef create_system(const struct store_setting *setting, OSStatus *status)
{
    struct bytes path = BYTES_EMPTY;
    SecKeychainRef keychain = NULL;

    *status = errSecAllocate;
    if (bytes_printf(&path, "%s%s", setting->root == NULL ? "" : setting->root, MACOS_SYSTEM_KEYCHAIN) == 0) {
        keychain = file_keychain_create_open(bytes_text(&path), status);
    }
    bytes_free(&path);
    return keychain;
}

/* -1 with a fault when this place is not for whoever asks. */
static int admitted(const struct store_setting *setting, const char *place, const char *name,
                    struct faults *faults)
{
    if (strcmp(place, "system") == 0 && setting->writing && geteuid() != 0) {
        fault_error(faults, NULL, NULL, "run it with sudo",
                    "%s: only root may write the keychain of the machine", name);
        return -1;
    }
    if (strcmp(place, "login") == 0 && opened_under_sudo()) {
        fault_error(faults, NULL, NULL, "run it without sudo, as the user whose keychain is meant",
                    "%s: under sudo it is not certain whose login keychain that is", name);
        return -1;
    }
    return 0;
}

/* Unlock with the passphrase there is; what was unlocked before is left as it is. */
static OSStatus unlock(struct opened *opened)
{
    bool unlocked = true;
    OSStatus status = errSecSuccess;

    if (opened->passphrase == NULL) {
        return errSecSuccess;
    }
    status = file_keychain_unlocked(opened->keychain, &unlocked);
    if (status == errSecSuccess && !unlocked) {
        status = file_keychain_unlock(opened->keychain, opened->passphrase);
        opened->relock = true;
    }
    return status;
}

static OSStatus open_keychain(struct opened *opened, const struct store_setting *setting, const char *place)
{
    OSStatus status = errSecSuccess;

    if (strcmp(place, "system") == 0) {
        opened->keychain = create_system(setting, &status);
    } else if (strcmp(place, "login") == 0) {
        opened->keychain = file_keychain_copy_login(&status);
    } else {
        opened->keychain = file_keychain_create_open(place, &status);
    }
    return status == errSecSuccess ? unlock(opened) : status;
}

struct opened *opened_new(const struct store_setting *setting, const char *place, struct faults *faults)
{
    struct opened *opened = calloc(1, sizeof(*opened));
    struct quiet quiet = {false};
    OSStatus status = errSecSuccess;
    int done = -1;

    if (place[0] == '\0') {
        place = geteuid() == 0 ? "system" : "login";
    }
    if (opened == NULL || (opened->store.name = name_of(place)) == NULL) {
        fault_memory(faults);
        goto out;
    }
    opened->store.kind = &store_macos;
    opened->store.context = setting->context;
    opened->passphrase = setting->passphrase;
    opened->relock = setting->shut;
    opened->trust.store = opened->store.name;
    opened->trust.domain = geteuid() == 0 ? kSecTrustSettingsDomainAdmin : kSecTrustSettingsDomainUser;
    opened->trust.seconds = setting->patience != 0 ? setting->patience : MACOS_PATIENCE;
    if (admitted(setting, place, opened->store.name, faults) != 0 ||
        quiet_begin(&quiet, opened->store.name, faults) != 0) {
        goto out;
    }
    status = open_keychain(opened, setting, place);
    quiet_end(&quiet, opened->store.name, faults);
    if (status != errSecSuccess) {
        status_fault(faults, opened->store.name, status, NULL, "the keychain cannot be opened");
        goto out;
    }
    done = 0;
out:
    if (done != 0 && opened != NULL) {
        char *name = opened->store.name;

        opened_free(opened);
        free(name);
        opened = NULL;
    }
    return opened;
}

void opened_free(struct opened *opened)
{
    /* Nobody can be told; a keychain that stays open closes itself when the user logs out, at the latest. */
    if (opened->relock && opened->keychain != NULL && file_keychain_lock(opened->keychain) != errSecSuccess) {
        (void)!file_keychain_lock(opened->keychain);
    }
    value_release(opened->keychain);
    free(opened);
}

SecCertificateRef opened_create_certificate(const struct opened *opened, struct slice der,
                                            struct faults *faults)
{
    CFDataRef data = value_create_data(der);
    SecCertificateRef certificate = data == NULL ? NULL : SecCertificateCreateWithData(NULL, data);

    if (certificate == NULL) {
        fault_error(faults, NULL, NULL, NULL, "%s: macOS cannot read the certificate", opened->store.name);
    }
    value_release(data);
    return certificate;
}
