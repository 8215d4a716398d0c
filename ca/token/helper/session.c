/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a URI to a session: module, token, login.
 */
#include "token/helper/session.h"

#include <stdlib.h>
#include <string.h>

/** Slots looked at in a module. */
#define SLOTS_MAX 256

int session_refuse(struct refusal *refusal, const char *what, const char *object, CK_RV rv)
{
    return refuse(refusal, WIRE_FAILED, "%s%s%s failed: %s (0x%lx)", what, object != NULL ? " " : "",
                  object != NULL ? object : "", p11_kit_strerror(rv), rv);
}

/* ---- module --------------------------------------------------------------------------------------------------------- */

/** The module of module-path, loaded and initialised. */
static int load_one(struct session *session, const char *path, struct refusal *refusal)
{
    CK_RV rv;

    session->module = p11_kit_module_load(path, P11_KIT_MODULE_CRITICAL);
    if (session->module == NULL) {
        const char *why = p11_kit_message();

        return refuse(refusal, WIRE_MODULE, "the module %.300s cannot be loaded: %.100s", path,
                      why != NULL ? why : "p11-kit does not say why");
    }
    rv = p11_kit_module_initialize(session->module);
    if (rv != CKR_OK) {
        p11_kit_module_release(session->module);
        session->module = NULL;
        return refuse(refusal, WIRE_MODULE, "the module %.300s cannot be started: %s (0x%lx)", path,
                      p11_kit_strerror(rv), rv);
    }
    return 0;
}

/** Whether the URI means this module, of those that p11-kit is configured for. */
static bool module_is_meant(const struct session *session, CK_FUNCTION_LIST *module)
{
    const char *wanted = p11_kit_uri_get_module_name(session->uri);
    char *name = p11_kit_module_get_name(module);
    bool meant = wanted == NULL || (name != NULL && strcmp(name, wanted) == 0);
    CK_INFO info;

    free(name);
    return meant && module->C_GetInfo(&info) == CKR_OK &&
           p11_kit_uri_match_module_info(session->uri, &info) == 1;
}

/* ---- token ---------------------------------------------------------------------------------------------------------- */

/** Counts the tokens of @p module that the URI means; the last is kept in the session. */
static size_t tokens_match(struct session *session, CK_FUNCTION_LIST *module)
{
    CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(session->uri);
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    size_t found = 0;
    CK_ULONG i;

    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK || count > SLOTS_MAX) {
        return 0;
    }
    for (i = 0; i < count; i++) {
        CK_TOKEN_INFO token;
        CK_SLOT_INFO slot;

        memset(&token, 0, sizeof(token));
        memset(&slot, 0, sizeof(slot));
        if ((wanted != (CK_SLOT_ID)-1 && wanted != slots[i]) ||
            module->C_GetTokenInfo(slots[i], &token) != CKR_OK ||
            module->C_GetSlotInfo(slots[i], &slot) != CKR_OK || (token.flags & CKF_TOKEN_INITIALIZED) == 0 ||
            p11_kit_uri_match_token_info(session->uri, &token) != 1 ||
            p11_kit_uri_match_slot_info(session->uri, &slot) != 1) {
            continue;
        }
        session->module = module;
        session->slot = slots[i];
        session->flags = token.flags;
        found++;
    }
    return found;
}

static int find_token(struct session *session, struct refusal *refusal)
{
    const char *path = p11_kit_uri_get_module_path(session->uri);
    size_t found = 0;
    size_t i;

    if (path != NULL) {
        if (load_one(session, path, refusal) != 0 || session->module == NULL) {
            return -1;
        }
        found = tokens_match(session, session->module);
    } else {
        session->modules = p11_kit_modules_load_and_initialize(0);
        for (i = 0; session->modules != NULL && session->modules[i] != NULL; i++) {
            if (module_is_meant(session, session->modules[i])) {
                found += tokens_match(session, session->modules[i]);
            }
        }
    }
    if (found == 0) {
        return refuse(refusal, WIRE_NO_TOKEN, "no token fits the URI");
    }
    if (found > 1) {
        return refuse(refusal, WIRE_NO_TOKEN, "%zu tokens fit the URI: add serial= or slot-id=", found);
    }
    return 0;
}

/* ---- login ---------------------------------------------------------------------------------------------------------- */

static int login(struct session *session, CK_USER_TYPE user, struct refusal *refusal)
{
    bool pad = (session->flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    CK_RV rv;

    if (!session->has_pin && !pad) {
        return refuse(refusal, WIRE_PIN_WANTED, "it wants a PIN, and none is given");
    }
    rv = session->has_pin
             ? session->module->C_Login(session->handle, user, session->pin.data, session->pin.length)
             : session->module->C_Login(session->handle, user, NULL, 0);
    switch (rv) {
    case CKR_OK:
    case CKR_USER_ALREADY_LOGGED_IN:
        return 0;
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
        return refuse(refusal, WIRE_PIN_WRONG, "it does not take the PIN (%s)", p11_kit_strerror(rv));
    case CKR_PIN_LOCKED:
        return refuse(refusal, WIRE_PIN_LOCKED, "its PIN is locked");
    default:
        return session_refuse(refusal, "logging in", NULL, rv);
    }
}

int session_login_again(struct session *session, struct refusal *refusal)
{
    return login(session, CKU_CONTEXT_SPECIFIC, refusal);
}

int session_open(struct session *session, const char *uri, const struct slice *pin, struct refusal *refusal)
{
    CK_RV rv;

    p11_kit_be_quiet();
    session->uri = p11_kit_uri_new();
    if (session->uri == NULL || (pin != NULL && bytes_append(&session->pin, pin->data, pin->length) != 0)) {
        return refuse(refusal, WIRE_FAILED, "memory is out");
    }
    session->has_pin = pin != NULL;
    if (p11_kit_uri_parse(uri, P11_KIT_URI_FOR_ANY, session->uri) != P11_KIT_URI_OK) {
        return refuse(refusal, WIRE_FAILED, "p11-kit cannot read the URI");
    }
    if (find_token(session, refusal) != 0) {
        return -1;
    }
    if ((session->flags & CKF_USER_PIN_LOCKED) != 0) {
        return refuse(refusal, WIRE_PIN_LOCKED, "its PIN is locked");
    }
    rv = session->module->C_OpenSession(session->slot, CKF_SERIAL_SESSION, NULL, NULL, &session->handle);
    if (rv != CKR_OK) {
        return session_refuse(refusal, "opening", "a session", rv);
    }
    session->open = true;
    return (session->flags & CKF_LOGIN_REQUIRED) != 0 || session->has_pin ? login(session, CKU_USER, refusal)
                                                                          : 0;
}

void session_close(struct session *session)
{
    bytes_free(&session->pin);
    if (session->open) {
        (void)session->module->C_Logout(session->handle);
        (void)session->module->C_CloseSession(session->handle);
    }
    if (session->modules != NULL) {
        p11_kit_modules_finalize_and_release(session->modules);
    } else if (session->module != NULL) {
        (void)p11_kit_module_finalize(session->module);
        p11_kit_module_release(session->module);
    }
    p11_kit_uri_free(session->uri);
    memset(session, 0, sizeof(*session));
}
