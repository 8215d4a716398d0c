#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tests of the macOS backend can fail: mistakes that others have made there, put into a copy of a source, must turn them red.

    mutate.py --list           the names of the mistakes
    mutate.py NAME             0: a test was red. 1: none was. 2: it could not be tried

The copy is compiled and linked as the debug build does it ($MTLSKIT_BUILD), with warnings left out; the tree is not touched.
"""

import os
import shlex
import subprocess
import sys
import tempfile

ROOT = os.environ.get("MTLSKIT_ROOT") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("MTLSKIT_BUILD") or os.path.join(ROOT, "build", "debug")
ROOM = "keychain-import/macos/"

# name: source, what stands there and what is put in its place (once or more), test
MISTAKES = {
    # Passenger: the id of the key is kept in a local that hides the one it is deleted by.
    "the saved id of the key is shadowed": (
        "key_item.c",
        "    unsigned char name[QUERY_KEY_NAME];\n    OSStatus status = errSecSuccess;\n\n"
        "    if (name_key(opened, item, name, faults) != 0) {\n        return -1;\n    }\n    status = remove_key",
        "    unsigned char name[QUERY_KEY_NAME] = {0};\n    OSStatus status = errSecSuccess;\n\n    {\n"
        "        unsigned char name[QUERY_KEY_NAME];\n"
        "        if (name_key(opened, item, name, faults) != 0) {\n            return -1;\n        }\n    }\n    status = remove_key",
        "test_macos",
    ),
    "no search list": ("query.c", "size_t count = 1;", "size_t count = 0;", "test_macos"),
    "a found reference is forgotten on an error": (
        "query.c",
        "    if (*status != errSecSuccess) {\n        value_release(found);\n        found = NULL;",
        "    if (*status != errSecSuccess) {\n        found = NULL;",
        "test_macos_trouble",
    ),
    "an opened reference is forgotten on an error": (
        "file_keychain.c", "        value_release(got);\n", "", "test_macos_trouble",
    ),
    "imported items are let go only after success": (
        "key_import.c", "    value_release(items);\n", "    if (status == errSecSuccess) {\n        value_release(items);\n    }\n",
        "test_macos_trouble",
    ),
    "CoreFoundation copies the private key": (
        "key_import.c", "data = value_create_borrowed(slice_of(&der));", "data = value_create_data(slice_of(&der));", "test_macos",
    ),
    "a key that was read back is not wiped": (
        "key_import.c", "        OPENSSL_cleanse((void *)(uintptr_t)told.data, told.length);\n", "        told.length = told.length;\n",
        "test_macos",
    ),
    "macOS is given a P12": (
        "key_import.c",
        "#include <openssl/crypto.h>\n", "#include <openssl/crypto.h>\n#include <openssl/pkcs12.h>\n#include <openssl/x509.h>\n",
        "    OSStatus status = SecItemImport(data, NULL, &format, &type, 0, &parameters, keychain, &items);\n",
        """    const unsigned char *bytes = CFDataGetBytePtr(data);
    EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &bytes, CFDataGetLength(data));
    PKCS12 *p12 = PKCS12_create("p", "n", pkey, NULL, NULL, 0, 0, 0, 0, 0);
    unsigned char *made = NULL;
    int length = i2d_PKCS12(p12, &made);
    CFDataRef file = value_create_data((struct slice){made, length});
    CFDictionaryRef options = value_create_dictionary(
        (const void *[]){kSecImportExportPassphrase, CFSTR("p"), kSecImportExportKeychain, keychain, kSecImportExportAccess, access}, 3);
    OSStatus status = SecPKCS12Import(file, options, &items);
    value_release(options);
    value_release(file);
    OPENSSL_free(made);
    PKCS12_free(p12);
    EVP_PKEY_free(pkey);
""",
        "test_macos",
    ),
    "every key is extractable": ("key_import.c", "extractable ? 3 : 2", "3", "test_macos"),
    "the list of programs is empty": (
        "access.c", "    array = value_create_array(all, made);", "    array = value_create_array(all, 0);", "test_macos",
    ),
    "partitions are forgotten": ("access.c", ": partition_add(access, programs[i], store, faults);", ": 0;", "test_macos"),
    "a duplicate is taken for the same": (
        "query.c", "} else if (slice_equal(value_bytes(data), der)) {", "} else if (rivals(value_bytes(data), der)) {", "test_macos",
    ),
    "the reference to delete is none of the keychain's": (
        "certificate_item.c",
        "            status = query_delete_certificate(opened->keychain, found);\n            value_release(found);",
        "            value_release(found);\n"
        "            found = opened_create_certificate(opened, item->certificate, faults);\n"
        "            status = query_delete_certificate(opened->keychain, found);\n            value_release(found);",
        "test_macos",
    ),
    "a key stays when its access cannot be set": ("key_item.c", "left = remove_key(opened, name);", "left = errSecSuccess;", "test_macos"),
    "an error is believed": (
        "key_item.c", "        if (status == errSecItemNotFound) {\n            return errSecSuccess;\n        }\n",
        "        if (status != errSecSuccess) {\n            return errSecSuccess;\n        }\n", "test_macos_trouble",
    ),
    "earlier trust is not put back": ("trust_item.c", "trust_words_read(before, &settings) != 0", "before.length > 99999", "test_macos"),
    "trust for one program is overwritten": ("trust.c", "CFDictionaryGetCount(dictionary) != count", "count < 0", "test_macos"),
    "after a lost change of trust another is begun": ("trust.c", "        domain->lost = true;\n", "        domain->lost = false;\n", "test_macos"),
    "questions stay off": ("quiet.c", "if (quiet->changed && restore() != errSecSuccess) {", "if (quiet->changed && false) {", "test_macos"),
    "the network is asked": ("judge.c", "SecTrustSetNetworkFetchAllowed(trust, false)", "SecTrustSetNetworkFetchAllowed(trust, true)", "test_macos"),
    "a missing keychain is open": ("file_keychain.c", "        *status = SecKeychainGetStatus(keychain, &state);\n", "        state = 0;\n", "test_macos"),
    "a reference is let go twice": ("judge.c", "    value_release(policy);\n    value_release(chain);", "    value_release(policy);\n    value_release(policy);\n    value_release(chain);", "test_macos"),
    "root opens a login keychain": ("opened.c", 'strcmp(place, "login") == 0 && opened_under_sudo()', 'strcmp(place, "login") == 0 && false', "test_macos"),
    "a keychain is left unlocked": ("opened.c", "        opened->relock = true;\n", "        opened->relock = false;\n", "test_macos"),
}


def commands(target):
    """What ninja runs for a target, the last one last."""
    run = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", target], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def give_up(why):
    print(f"mutate.py: {why}", file=sys.stderr)
    sys.exit(2)


def attempt(name, folder):
    source, *changes, test = MISTAKES[name]
    with open(os.path.join(ROOT, ROOM, source), encoding="utf-8") as file:
        text = file.read()
    for there, instead in zip(changes[::2], changes[1::2]):
        if text.count(there) != 1:
            give_up(f"{source} has what the mistake replaces {text.count(there)} times")
        text = text.replace(there, instead)
    copy = os.path.join(folder, source)
    with open(copy, "w", encoding="utf-8") as file:
        file.write(text)
    program = os.path.join(folder, test)
    object_there = f"tests/CMakeFiles/macos_backend.dir/__/{ROOM}{source}.o"
    object_copy = copy + ".o"
    compiling = shlex.split(commands(object_there)[-1])
    compiling = [word for word in compiling if word not in ("-Werror", "ccache") and not word.startswith("-M")]
    # What follows -MT and -MF are files, too.
    compiling = [word for word in compiling if word != object_there + ".d"]
    first = compiling.index("-o")
    del compiling[first : first + 2]
    compiling = [word for word in compiling if word != object_there]
    compiling[compiling.index("-c") + 1] = copy
    linking = commands("tests/" + test)[-1].replace(": && ", "", 1).removesuffix(" && :")
    linking = [object_copy if word == object_there else word for word in shlex.split(linking)]
    linking[linking.index("-o") + 1] = program
    for words in ([*compiling, "-w", "-o", object_copy], linking):
        run = subprocess.run(words, cwd=BUILD, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            give_up(f"{words[0]} failed: {run.stderr}")
    run = subprocess.run([program, "--jobs", "1"], capture_output=True, text=True, check=False, timeout=280)
    said = run.stdout + run.stderr
    # A test that aborts while it tidies up is a warning to Criterion; ctest takes it for a failure, as here.
    return run.returncode != 0 or "during its setup or teardown" in said or "Sanitizer" in said


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(MISTAKES))
        return 0
    if len(sys.argv) != 2 or sys.argv[1] not in MISTAKES:
        give_up("one name, or --list")
    with tempfile.TemporaryDirectory() as folder:
        return 0 if attempt(sys.argv[1], folder) else 1


sys.exit(main())
