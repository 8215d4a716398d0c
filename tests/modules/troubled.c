/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that goes wrong on demand: another module (TROUBLED_MODULE) with some of its functions replaced, TROUBLE saying which:
 * one of the names below, or ACTION@FUNCTION#N for the N-th call of a function in a process, ACTION being
 *
 *     fail         it does nothing and says so
 *     crash, hang  it does nothing, and the process ends, or waits for ever
 *     failed       it does what it should, and says that it did not
 *     crashed      it does what it should, and the process ends
 *
 * With TROUBLE_LOGINS, a path, each login adds an octet to that file. With TROUBLE_KEEP nothing is destroyed, whatever else happens. Each process begins to count anew; with TROUBLE_ONCE, a path, trouble comes once: whoever makes the file has it.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

static CK_FUNCTION_LIST mine, *real;

static bool trouble(const char *name)
{
    const char *now = getenv("TROUBLE");

    return now != NULL && strcmp(now, name) == 0;
}

static void hang(void)
{
    for (;;) {
        (void)pause();
    }
}

static void crash(void)
{
    (void)signal(SIGSEGV, SIG_DFL);
    (void)raise(SIGSEGV);
}

/* Whether this process is the only one that has the module: others hold a lock on SoftHSM's configuration. */
static bool alone(void)
{
    const char *path = getenv("SOFTHSM2_CONF");
    int file = path != NULL ? open(path, O_RDONLY) : -1;

    return file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0; /* held as long as the process lives */
}

/* ---- any call ------------------------------------------------------------------------------------------------------- */

/* Whether trouble comes now: always, or to whoever makes the file first. */
static bool comes(void)
{
    const char *path = getenv("TROUBLE_ONCE");
    int file;

    if (path == NULL) {
        return true;
    }
    file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file >= 0) {
        (void)close(file);
    }
    return file >= 0;
}

/* Whether this call of @p function is the one with trouble, and which; *after: it is to be done first. */
static const char *meant(const char *function, bool after)
{
    static long calls = 0;
    static char action[16];
    const char *now = getenv("TROUBLE");
    const char *at = now != NULL ? strchr(now, '@') : NULL;
    const char *number = at != NULL ? strchr(at, '#') : NULL;
    size_t length = at != NULL ? (size_t)(at - now) : 0;

    if (number == NULL || length >= sizeof(action) || strlen(function) != (size_t)(number - at - 1) ||
        strncmp(function, at + 1, strlen(function)) != 0) {
        return NULL;
    }
    calls += after ? 0 : 1;
    memcpy(action, now, length);
    action[length] = 0;
    if (calls != strtol(number + 1, NULL, 10) ||
        (strncmp(action, "failed", 6) == 0 || strcmp(action, "crashed") == 0) != after || !comes()) {
        return NULL;
    }
    return action;
}

static CK_RV happen(const char *action, CK_RV otherwise)
{
    if (action == NULL) {
        return otherwise;
    }
    if (strncmp(action, "crash", 5) == 0) {
        crash();
    } else if (strcmp(action, "hang") == 0) {
        hang();
    }
    return CKR_DEVICE_ERROR;
}

/* Calls the real function, with trouble before or after it. */
#define AROUND(function, ...)                                                                                \
    do {                                                                                                     \
        CK_RV before_ = happen(meant(#function, false), CKR_OK);                                             \
        CK_RV rv_ = before_ == CKR_OK ? real->function(__VA_ARGS__) : before_;                               \
                                                                                                             \
        return before_ == CKR_OK ? happen(meant(#function, true), rv_) : rv_;                                \
    } while (0)

static CK_RV around_slots(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)
{
    AROUND(C_GetSlotList, present, slots, count);
}

static CK_RV around_token(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    if (trouble("odd-token") && real->C_GetTokenInfo(slot, info) == CKR_OK) {
        memset(info->label, 0xff, sizeof(info->label));
        memset(info->serialNumber, 0x1b, sizeof(info->serialNumber));
        return CKR_OK;
    }
    if (trouble("write-protected") && real->C_GetTokenInfo(slot, info) == CKR_OK) {
        info->flags |= CKF_WRITE_PROTECTED;
        return CKR_OK;
    }
    AROUND(C_GetTokenInfo, slot, info);
}

static CK_RV around_open(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                         CK_SESSION_HANDLE *session)
{
    if (trouble("write-protected") && (flags & CKF_RW_SESSION) != 0) {
        return CKR_TOKEN_WRITE_PROTECTED;
    }
    AROUND(C_OpenSession, slot, flags, application, notify, session);
}

static CK_RV around_session(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
    AROUND(C_GetSessionInfo, session, info);
}

static CK_RV around_begin(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
    AROUND(C_FindObjectsInit, session, template, count);
}

static CK_RV around_find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *count)
{
    AROUND(C_FindObjects, session, objects, room, count);
}

static CK_RV around_end(CK_SESSION_HANDLE session)
{
    AROUND(C_FindObjectsFinal, session);
}

static CK_RV around_attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *wanted,
                              CK_ULONG count)
{
    AROUND(C_GetAttributeValue, session, object, wanted, count);
}

static CK_RV around_create(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
                           CK_OBJECT_HANDLE *object)
{
    static CK_BBOOL yes = CK_TRUE;
    CK_ULONG i;

    /* a token that does not care what it is asked for */
    for (i = 0; i < count; i++) {
        if (template[i].type == CKA_EXTRACTABLE && trouble("lax-create")) {
            template[i].pValue = &yes;
        }
    }
    AROUND(C_CreateObject, session, template, count, object);
}

static CK_RV around_destroy(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    if (trouble("keep-all") || getenv("TROUBLE_KEEP") != NULL) {
        return CKR_OK;
    }
    AROUND(C_DestroyObject, session, object);
}

static CK_RV around_sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    AROUND(C_SignInit, session, mechanism, key);
}

static CK_RV around_sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length, CK_BYTE *signature,
                         CK_ULONG *room)
{
    AROUND(C_Sign, session, data, length, signature, room);
}

/* ---- calls with trouble of their own -------------------------------------------------------------------------------- */

static CK_RV initialize(void *arguments)
{
    if (trouble("one-process") && !alone()) {
        return CKR_DEVICE_ERROR;
    }
    if (trouble("crash-start")) {
        crash();
    } else if (trouble("fail-start")) {
        return CKR_DEVICE_ERROR;
    }
    return real->C_Initialize(arguments);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length)
{
    const char *log = getenv("TROUBLE_LOGINS");
    int file = log != NULL ? open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;

    /* one octet for each time */
    if (file >= 0) {
        if (write(file, "x", 1) != 1) {
            return CKR_GENERAL_ERROR;
        }
        (void)close(file);
    }
    if (trouble("locked-login")) {
        return CKR_PIN_LOCKED;
    }
    if (trouble("hang-login")) {
        hang();
    } else if (trouble("exit-login")) {
        _exit(0);
    }
    return real->C_Login(session, user, pin, length);
}

/* Speaks into whatever is open. */
static void chatter(void)
{
    static const char words[] = "nonsense nonsense nonsense";
    int descriptor;

    for (descriptor = 0; descriptor < 64; descriptor++) {
        if (write(descriptor, words, sizeof(words)) < 0) {
            continue;
        }
    }
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *count)
{
    CK_RV rv = around_find(session, objects, room, count);

    if (trouble("many-objects")) {
        *count = 1000000;
    }
    return rv;
}

static CK_RV attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *wanted,
                       CK_ULONG count)
{
    CK_RV rv = around_attribute(session, object, wanted, count);

    if (trouble("huge-attribute")) {
        wanted->ulValueLen = (CK_ULONG)-1 / 2;
    }
    return rv;
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length, CK_BYTE *signature,
                  CK_ULONG *room)
{
    CK_RV rv;

    if (trouble("crash-sign")) {
        crash();
    } else if (trouble("hang-sign")) {
        hang();
    } else if (trouble("chatter-sign")) {
        chatter();
    } else if (trouble("refuse-sign")) {
        return CKR_DEVICE_REMOVED;
    }
    rv = around_sign(session, data, length, signature, room);
    if (trouble("wrong-sign")) {
        signature[*room - 1] ^= 1;
    } else if (trouble("short-sign")) {
        *room = 3;
    } else if (trouble("long-sign")) {
        *room = 1000000;
    }
    return rv;
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
    const char *path = getenv("TROUBLED_MODULE");
    void *library = path != NULL ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
    CK_RV (*get)(CK_FUNCTION_LIST **) = NULL;

    if (library != NULL) {
        *(void **)&get = dlsym(library, "C_GetFunctionList");
    }
    if (get == NULL || get(&real) != CKR_OK) {
        return CKR_GENERAL_ERROR;
    }
    mine = *real;
    mine.C_GetFunctionList = C_GetFunctionList;
    mine.C_Initialize = initialize;
    mine.C_Login = login;
    mine.C_FindObjects = find;
    mine.C_GetAttributeValue = attribute;
    mine.C_Sign = sign;
    mine.C_GetSlotList = around_slots;
    mine.C_GetTokenInfo = around_token;
    mine.C_OpenSession = around_open;
    mine.C_GetSessionInfo = around_session;
    mine.C_FindObjectsInit = around_begin;
    mine.C_FindObjectsFinal = around_end;
    mine.C_CreateObject = around_create;
    mine.C_DestroyObject = around_destroy;
    mine.C_SignInit = around_sign_init;
    *list = &mine;
    return CKR_OK;
}
