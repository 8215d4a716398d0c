/* SPDX-License-Identifier: Apache-2.0 */
/* CK_TOKEN_INFO read. */
#include "pkcs11/helper/token_survey.h"

#include <string.h>

/** Slots looked at in a module. */
#define SLOTS_MAX 256

/** A text as PKCS#11 has it: padded with spaces, without an end. */
static int padded(struct bytes *text, const CK_UTF8CHAR *octets, size_t length)
{
    return bytes_append(text, octets, p11_kit_space_strlen(octets, length));
}

static const char *trouble_of(const CK_TOKEN_INFO *info)
{
    if ((info->flags & CKF_USER_PIN_LOCKED) != 0) {
        return "its PIN is locked";
    }
    if ((info->flags & CKF_WRITE_PROTECTED) != 0) {
        return "it cannot be written to";
    }
    if ((info->flags & CKF_LOGIN_REQUIRED) != 0 && (info->flags & CKF_USER_PIN_INITIALIZED) == 0) {
        return "its PIN is not set yet";
    }
    return "";
}

static int describe(const CK_TOKEN_INFO *info, struct bytes facts[TOKEN_FACTS], struct refusal *refusal)
{
    if (padded(&facts[0], info->label, sizeof(info->label)) != 0 ||
        padded(&facts[1], info->manufacturerID, sizeof(info->manufacturerID)) != 0 ||
        bytes_append_text(&facts[1], facts[1].length > 0 ? " " : "") != 0 ||
        padded(&facts[1], info->model, sizeof(info->model)) != 0 ||
        padded(&facts[2], info->serialNumber, sizeof(info->serialNumber)) != 0 ||
        bytes_append_text(&facts[3], trouble_of(info)) != 0) {
        return refuse(refusal, WIRE_FAILED, "memory is out");
    }
    return 0;
}

/** The tokens of one module: 1 when the one that *number says is among them, else *number is less by theirs. */
static int module_survey(CK_FUNCTION_LIST *module, unsigned *number, CK_TOKEN_INFO *info)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_ULONG i;

    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK || count > SLOTS_MAX) {
        return 0;
    }
    for (i = 0; i < count; i++) {
        memset(info, 0, sizeof(*info));
        if (module->C_GetTokenInfo(slots[i], info) != CKR_OK || (info->flags & CKF_TOKEN_INITIALIZED) == 0) {
            continue;
        }
        if (*number == 0) {
            return 1;
        }
        (*number)--;
    }
    return 0;
}

int token_survey(struct session *session, unsigned number, struct bytes facts[TOKEN_FACTS],
                 struct refusal *refusal)
{
    CK_TOKEN_INFO info;
    size_t i;

    if (session->modules == NULL) {
        p11_kit_be_quiet();
        session->modules = p11_kit_modules_load_and_initialize(0);
    }
    for (i = 0; session->modules != NULL && session->modules[i] != NULL; i++) {
        if (module_survey(session->modules[i], &number, &info) == 1) {
            return describe(&info, facts, refusal) == 0 ? 1 : -1;
        }
    }
    return 0;
}

int token_describe(struct session *session, struct bytes facts[TOKEN_FACTS], struct refusal *refusal)
{
    CK_TOKEN_INFO info;
    CK_RV rv;

    memset(&info, 0, sizeof(info));
    rv = session->module->C_GetTokenInfo(session->slot, &info);
    return rv == CKR_OK ? describe(&info, facts, refusal)
                        : session_refuse(refusal, "describing", "the token", rv);
}
