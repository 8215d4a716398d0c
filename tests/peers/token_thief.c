/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries everything that PKCS#11 has to get a private key out of a token, logged in as its user: token_thief MODULE TOKEN LABEL, the PIN on standard
 * input. One line for each attempt, "NAME CODE"; CKR_OK is one that worked.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static CK_FUNCTION_LIST *module;
static CK_SESSION_HANDLE session;

static void tell(const char *name, CK_RV rv)
{
    static const struct {
        CK_RV rv;
        const char *word;
    } words[] = {
        {CKR_OK, "CKR_OK"},
        {CKR_ATTRIBUTE_SENSITIVE, "CKR_ATTRIBUTE_SENSITIVE"},
        {CKR_ATTRIBUTE_READ_ONLY, "CKR_ATTRIBUTE_READ_ONLY"},
        {CKR_ATTRIBUTE_TYPE_INVALID, "CKR_ATTRIBUTE_TYPE_INVALID"},
        {CKR_ATTRIBUTE_VALUE_INVALID, "CKR_ATTRIBUTE_VALUE_INVALID"},
        {CKR_TEMPLATE_INCONSISTENT, "CKR_TEMPLATE_INCONSISTENT"},
        {CKR_KEY_UNEXTRACTABLE, "CKR_KEY_UNEXTRACTABLE"},
        {CKR_KEY_NOT_WRAPPABLE, "CKR_KEY_NOT_WRAPPABLE"},
        {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED"},
        {CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, "CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT"},
    };

    for (size_t i = 0; i < COUNT(words); i++) {
        if (words[i].rv == rv) {
            (void)printf("%s %s\n", name, words[i].word);
            return;
        }
    }
    (void)printf("%s 0x%lx\n", name, rv);
}

static CK_RV read_one(CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type)
{
    unsigned char room[4096];
    CK_ATTRIBUTE attribute = {type, room, sizeof(room)};

    return module->C_GetAttributeValue(session, key, &attribute, 1);
}

static void read_all(CK_OBJECT_HANDLE key, CK_KEY_TYPE type)
{
    static const struct {
        CK_KEY_TYPE of;
        CK_ATTRIBUTE_TYPE type;
        const char *name;
    } parts[] = {
        {CKK_EC, CKA_VALUE, "read-value"},
        {CKK_RSA, CKA_PRIVATE_EXPONENT, "read-private-exponent"},
        {CKK_RSA, CKA_PRIME_1, "read-prime-1"},
        {CKK_RSA, CKA_PRIME_2, "read-prime-2"},
        {CKK_RSA, CKA_EXPONENT_1, "read-exponent-1"},
        {CKK_RSA, CKA_EXPONENT_2, "read-exponent-2"},
        {CKK_RSA, CKA_COEFFICIENT, "read-coefficient"},
    };

    for (size_t i = 0; i < COUNT(parts); i++) {
        if (parts[i].of == type) {
            tell(parts[i].name, read_one(key, parts[i].type));
        }
    }
}

/* A wrapping key of ours, of this session. */
static CK_OBJECT_HANDLE wrapping_key(void)
{
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ULONG length = 32;
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE template[] = {
        {CKA_TOKEN, &no, sizeof(no)},     {CKA_VALUE_LEN, &length, sizeof(length)},
        {CKA_WRAP, &yes, sizeof(yes)},    {CKA_DECRYPT, &yes, sizeof(yes)},
        {CKA_ENCRYPT, &yes, sizeof(yes)}, {CKA_UNWRAP, &yes, sizeof(yes)},
    };
    CK_OBJECT_HANDLE key = 0;

    if (module->C_GenerateKey(session, &mechanism, template, COUNT(template), &key) != CKR_OK) {
        (void)printf("there is no key to wrap with\n");
    }
    return key;
}

static void wrap(CK_OBJECT_HANDLE key, const char *name)
{
    static unsigned char room[8192];
    CK_MECHANISM mechanism = {CKM_AES_KEY_WRAP_PAD, NULL, 0};
    CK_ULONG length = sizeof(room);
    CK_OBJECT_HANDLE wrapping = wrapping_key();

    tell(name, module->C_WrapKey(session, &mechanism, wrapping, key, room, &length));
    (void)module->C_DestroyObject(session, wrapping);
}

/* Something of ours unwrapped by the key would be a key whose value we know, with the token's blessing. */
static void unwrap(CK_OBJECT_HANDLE key)
{
    unsigned char wrapped[256] = {1};
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_KEY_TYPE, &type, sizeof(type)}};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    CK_OBJECT_HANDLE made = 0;

    tell("unwrap-with-it",
         module->C_UnwrapKey(session, &mechanism, key, wrapped, sizeof(wrapped), template, 2, &made));
}

static void relax(CK_OBJECT_HANDLE key, CK_KEY_TYPE type)
{
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        CK_BBOOL value;
        const char *set, *copy;
    } wishes[] = {
        {CKA_EXTRACTABLE, CK_TRUE, "set-extractable", "copy-extractable"},
        {CKA_SENSITIVE, CK_FALSE, "set-not-sensitive", "copy-not-sensitive"},
    };
    CK_BBOOL no = CK_FALSE;

    for (size_t i = 0; i < COUNT(wishes); i++) {
        CK_BBOOL value = wishes[i].value;
        CK_ATTRIBUTE one = {wishes[i].type, &value, sizeof(value)};
        CK_ATTRIBUTE both[] = {one, {CKA_TOKEN, &no, sizeof(no)}};
        CK_OBJECT_HANDLE copy = 0;
        CK_RV rv = module->C_CopyObject(session, key, both, 2, &copy);

        tell(wishes[i].copy, rv);
        if (rv == CKR_OK) {
            wrap(copy, "wrap-copy");
            read_all(copy, type);
        }
        tell(wishes[i].set, module->C_SetAttributeValue(session, key, &one, 1));
    }
    read_all(key, type);
    wrap(key, "wrap-afterwards");
}

static bool open_token(const char *token, char *pin)
{
    CK_SLOT_ID slots[16];
    CK_ULONG count = COUNT(slots);

    if (module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) {
        return false;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;

        if (module->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            p11_kit_space_strlen(info.label, sizeof(info.label)) == strlen(token) &&
            memcmp(info.label, token, strlen(token)) == 0) {
            return module->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                         &session) == CKR_OK &&
                   module->C_Login(session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin)) == CKR_OK;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    char pin[64] = "";
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = 0;
    CK_OBJECT_HANDLE key = 0;
    CK_ULONG found = 0;

    if (argc != 4 || fgets(pin, sizeof(pin), stdin) == NULL) {
        return 2;
    }
    pin[strcspn(pin, "\n")] = 0;
    module = p11_kit_module_load(argv[1], 0);
    if (module == NULL || p11_kit_module_initialize(module) != CKR_OK || !open_token(argv[2], pin)) {
        return 1;
    }

    CK_ATTRIBUTE template[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_LABEL, argv[3], strlen(argv[3])}};
    CK_ATTRIBUTE kind = {CKA_KEY_TYPE, &type, sizeof(type)};

    if (module->C_FindObjectsInit(session, template, 2) != CKR_OK ||
        module->C_FindObjects(session, &key, 1, &found) != CKR_OK || found != 1 ||
        module->C_FindObjectsFinal(session) != CKR_OK ||
        module->C_GetAttributeValue(session, key, &kind, 1) != CKR_OK) {
        return 1;
    }
    read_all(key, type);
    wrap(key, "wrap");
    if (type == CKK_RSA) {
        unwrap(key);
    }
    relax(key, type);
    (void)module->C_Logout(session);
    (void)p11_kit_module_finalize(module);
    p11_kit_module_release(module);
    return 0;
}
