/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The targets of bundles: the table, and what a target asks of passphrase and key. Algorithms and counts are explicit here:
 * nothing is left to a library's default.
 */
#include "x509/bundle.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/objects.h>

#include "base/utf8.h"

/*
 * Iterations of the AES targets: Java's default, and no less than any other writer in use has. They slow down guessing a
 * passphrase that a person chose, and every bundle pays for them six times (MAC, certificates, key; written and checked): 10,000
 * are 15 ms a bundle, 100,000 would be 150, which a fleet of devices with generated passphrases would pay for nothing. The 3DES
 * targets stay with 2,048, which every old reader has seen.
 */
#define ITERATIONS_AES 10000

static const struct bundle_target targets[] = {
    {BUNDLE_IOS_LEGACY, "ios-legacy", "every iPhone, iPad and Mac", true, false, false,
     BUNDLE_ITERATIONS_MIN},
    {BUNDLE_ANDROID_LEGACY, "android-legacy", "every Android, 12 and earlier too", false, false, false,
     BUNDLE_ITERATIONS_MIN},
    {BUNDLE_MODERN, "modern", "OpenSSL 3, browsers, iOS 18, macOS 15, Android 13 and later", false, false,
     false, ITERATIONS_AES},
    {BUNDLE_JAVA, "java", "a Java KeyStore of type PKCS12 with a key", false, true, false, ITERATIONS_AES},
    {BUNDLE_JAVA_TRUSTSTORE, "java-truststore", "a Java KeyStore of type PKCS12 with anchors", false, true,
     true, ITERATIONS_AES},
};
#define TARGET_COUNT (sizeof(targets) / sizeof(targets[0]))

const struct bundle_target *bundle_target_find(const char *word)
{
    for (size_t i = 0; i < TARGET_COUNT; i++) {
        if (strcmp(targets[i].word, word) == 0) {
            return &targets[i];
        }
    }
    return NULL;
}

const struct bundle_target *bundle_target_at(size_t index)
{
    return index < TARGET_COUNT ? &targets[index] : NULL;
}

int bundle_passphrase_check(const struct bundle_target *target, const struct bytes *passphrase,
                            bool allow_empty, struct faults *faults)
{
    struct slice text = {NULL, 0};

    if (passphrase != NULL) {
        text = slice_of(passphrase);
    }
    if (text.length == 0 && !allow_empty) {
        fault_error(
            faults, NULL, NULL, "give a passphrase, or generate one",
            "an empty passphrase is refused: it has two encodings, macOS and iOS read one of them each, "
            "and the settings of an iPhone take neither");
        return -1;
    }
    if (!utf8_is_valid(text)) {
        fault_error(faults, NULL, NULL, NULL, "the passphrase is not UTF-8");
        return -1;
    }
    for (size_t i = 0; target->ascii_passphrase && i < text.length; i++) {
        if (text.data[i] < 0x20 || text.data[i] > 0x7e) {
            fault_error(faults, NULL, NULL, "use printable ASCII characters",
                        "target %s: Java takes ASCII passphrases only, and this one has another character",
                        target->word);
            return -1;
        }
    }
    return 0;
}

bool bundle_key_suits_apple(const struct key *key)
{
    static const int curves[] = {NID_X9_62_prime192v1, NID_secp224r1, NID_X9_62_prime256v1, NID_secp384r1,
                                 NID_secp521r1};
    char name[80] = "";
    size_t length = 0;
    int curve;

    if (key_family_of(key) != KEY_FAMILY_EC) {
        return key_family_of(key) == KEY_FAMILY_RSA;
    }
    if (EVP_PKEY_get_group_name(key_pkey(key), name, sizeof(name), &length) != 1) {
        return false;
    }
    curve = OBJ_txt2nid(name);
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (curve == curves[i]) {
            return true;
        }
    }
    return false;
}
