/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the macOS backend begin with. */
#include "mac.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "macos/macos.h"
#include "told.h"

struct mac mac;
static struct bytes told_text;

void __real_free(void *memory);
void __wrap_free(void *memory);

/* All memory that our code gives back is looked through for what should have been wiped. */
void __wrap_free(void *memory)
{
    if (memory != NULL) {
        apple_scan(memory, malloc_usable_size(memory));
    }
    __real_free(memory);
}

/* The secrets: the middle of the private key (of its scalar, or of its first prime), and the keychain's passphrase. */
static void watch(void)
{
    struct bytes der = BYTES_EMPTY;

    cr_assert_eq(key_traditional(mac.leaf->key, &der, mac.faults), 0);
    /* ECPrivateKey: the scalar begins at the seventh octet. RSAPrivateKey: far behind modulus and exponent. */
    apple_secret(der.data + (der.length > 600 ? 600 : 12), 16);
    bytes_free(&der);
    apple_secret(APPLE_PASS, strlen(APPLE_PASS));
}

void mac_start(const char *algorithm)
{
    static const char *const programs[] = {APPLE_CURL};

    memset(&mac, 0, sizeof(mac));
    apple_start();
    mac.context = foreign_context();
    mac.faults = faults_new();
    mac.ca = foreign_make(
        &(struct recipe){.name = "testServerCA", .extensions = "basicConstraints=critical,CA:TRUE"});
    mac.leaf = foreign_make(&(struct recipe){.key = algorithm, .name = "testClientTLS", .issuer = mac.ca});
    cr_assert_eq(bytes_append_text(&mac.passphrase, APPLE_PASS), 0);
    watch();
    mac.setting = (struct store_setting){.context = mac.context, .writing = true, .patience = 30};
    mac.certificate = (struct item){
        .kind = ITEM_CERTIFICATE, .certificate = foreign_der(mac.leaf), .label = "testClientTLS"};
    mac.key = mac.certificate;
    mac.key.kind = ITEM_KEY;
    mac.key.key = mac.leaf->key;
    mac.key.programs = programs;
    mac.key.program_count = 1;
    mac.trust = (struct item){.kind = ITEM_TRUST, .certificate = foreign_der(mac.ca), .scope = SCOPE_SERVER};
}

void mac_restart(void)
{
    mac_close();
    mac_forget();
    apple_stop();
    apple_start();
    watch();
}

void mac_close(void)
{
    store_close(mac.store);
    mac.store = NULL;
}

void mac_stop(void)
{
    mac_close();
    bytes_free(&mac.passphrase);
    bytes_free(&told_text);
    foreign_free(mac.leaf);
    foreign_free(mac.ca);
    faults_free(mac.faults);
    context_free(mac.context);
    /* Criterion hears no assertion that fails behind a test's body; an abort it does. */
    apple_stop();
}

void mac_open(const char *place)
{
    mac.store = store_open(&store_macos, &mac.setting, place, mac.faults);
    cr_assert_not_null(mac.store, "%s", mac_told());
}

const char *mac_told(void)
{
    return told(mac.faults, &told_text);
}

void mac_forget(void)
{
    faults_free(mac.faults);
    mac.faults = faults_new();
}
