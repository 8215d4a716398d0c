/* SPDX-License-Identifier: Apache-2.0 */
/* Quiet. */
#include "macos/quiet.h"

#include "macos/file_keychain.h"
#include "macos/status.h"

static OSStatus restore(void)
{
    OSStatus status = file_keychain_allow_prompts(true);

    return status == errSecSuccess ? status : file_keychain_allow_prompts(true);
}

int quiet_begin(struct quiet *quiet, const char *store, struct faults *faults)
{
    bool allowed = true;
    OSStatus status = file_keychain_prompting(&allowed);

    quiet->changed = false;
    if (status == errSecSuccess && allowed) {
        status = file_keychain_allow_prompts(false);
        quiet->changed = true;
    }
    if (status != errSecSuccess) {
        status_fault(faults, store, status, NULL, "questions on the screen cannot be turned off");
        quiet_end(quiet, store, faults);
        return -1;
    }
    return 0;
}

void quiet_end(struct quiet *quiet, const char *store, struct faults *faults)
{
    if (quiet->changed && restore() != errSecSuccess) {
        fault_warning(faults, NULL, NULL, NULL,
                      "%s: questions on the screen stay off until this program ends", store);
    }
    quiet->changed = false;
}
