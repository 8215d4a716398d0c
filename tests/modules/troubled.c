/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PKCS#11 module that goes wrong on demand: another module (TROUBLED_MODULE) with some of its functions replaced, TROUBLE saying which.
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
    CK_RV rv = real->C_FindObjects(session, objects, room, count);

    if (trouble("many-objects")) {
        *count = 1000000;
    }
    return rv;
}

static CK_RV attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *wanted,
                       CK_ULONG count)
{
    CK_RV rv = real->C_GetAttributeValue(session, object, wanted, count);

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
    rv = real->C_Sign(session, data, length, signature, room);
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
    *list = &mine;
    return CKR_OK;
}
