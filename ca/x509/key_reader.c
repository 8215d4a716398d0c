/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How keys of x509/key.h are read. The outer form is told by PEM label or DER shape, and what a key derivation would cost is
 * looked at before it is done (x509/key_scheme.h); the key itself is taken out by x509/key_decoder.h. OpenSSL's own passphrase callback would ask the terminal,
 * so every call that could gets ours.
 */
#include "x509/key.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/proverr.h>
#include <openssl/x509.h>

#include "x509/der.h"
#include "x509/form.h"
#include "x509/key_decoder.h"
#include "x509/key_scheme.h"
#include "x509/oid.h"
#include "x509/pem.h"

/* What is being read, and who is told. */
struct reading {
    const struct context *context;
    const struct bytes *passphrase; /* NULL: none */
    struct place place;
    struct faults *faults;
};

static void complain(const struct reading *reading, const char *hint, const char *sentence)
{
    ERR_clear_error();
    fault_error(reading->faults, &reading->place, NULL, hint, "%s", sentence);
}

static void complain_of_passphrase(const struct reading *reading)
{
    complain(reading, NULL, "the passphrase does not open the private key");
}

static void complain_of_form(const struct reading *reading)
{
    complain(reading, "is the file cut off or damaged?", "not a well-formed private key");
}

static int have_passphrase(const struct reading *reading)
{
    if (reading->passphrase == NULL) {
        complain(reading, "give its passphrase", "the private key is encrypted, and no passphrase is given");
        return -1;
    }
    if (reading->passphrase->length > INT_MAX) {
        complain(reading, NULL, "the passphrase is too long");
        return -1;
    }
    return 0;
}

/* ---- the shapes of DER ------------------------------------------------------------------------------------------- */

enum shape { SHAPE_UNKNOWN, SHAPE_PKCS8, SHAPE_ENCRYPTED, SHAPE_RSA, SHAPE_EC, SHAPE_PKCS12 };

/* By the first two values inside the SEQUENCE. */
static enum shape shape_of(struct slice der)
{
    struct der_item outer;
    struct der_item first;
    struct der_item second;

    if (der_expect(&der, DER_SEQUENCE, &outer) != 0 || der.length != 0 ||
        der_read(&outer.content, &first) != 1 || der_read(&outer.content, &second) != 1) {
        return SHAPE_UNKNOWN;
    }
    if (first.tag == DER_SEQUENCE && second.tag == DER_OCTET_STRING && outer.content.length == 0) {
        return SHAPE_ENCRYPTED;
    }
    if (first.tag != DER_INTEGER || first.content.length != 1) {
        return SHAPE_UNKNOWN;
    }
    switch (second.tag) {
    case DER_SEQUENCE:
        /* PrivateKeyInfo is version 0, or 1 with a public key (RFC 5958 section 2); PFX is version 3. */
        return first.content.data[0] <= 1   ? SHAPE_PKCS8
               : first.content.data[0] == 3 ? SHAPE_PKCS12
                                            : SHAPE_UNKNOWN;
    case DER_INTEGER:
        return SHAPE_RSA;
    case DER_OCTET_STRING:
        return SHAPE_EC;
    default:
        return SHAPE_UNKNOWN;
    }
}

static void complain_of_cipher(const struct reading *reading, struct slice type)
{
    struct bytes dotted = BYTES_EMPTY;

    ERR_clear_error();
    if (oid_format(type, &dotted) != 0) {
        bytes_clear(&dotted);
    }
    fault_error(reading->faults, &reading->place, NULL, "convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc",
                "the private key's encryption (%s) is not one that can be opened here", bytes_text(&dotted));
    bytes_free(&dotted);
}

static void complain_of_scheme(const struct reading *reading, enum key_scheme scheme, struct slice type)
{
    switch (scheme) {
    case KEY_SCHEME_UNKNOWN:
        complain_of_cipher(reading, type);
        break;
    case KEY_SCHEME_ROUNDS:
        fault_error(reading->faults, &reading->place, NULL, NULL,
                    "the private key's encryption asks for more than %d rounds of key derivation",
                    KEY_KDF_ITERATIONS_MAX);
        break;
    case KEY_SCHEME_SCRYPT:
        complain(reading, NULL, "the private key's encryption asks for a scrypt that costs more than 1 GiB");
        break;
    default:
        complain_of_form(reading);
        break;
    }
}

/* ---- decoding ---------------------------------------------------------------------------------------------------- */

/* As OpenSSL does it. @p type is EVP_PKEY_NONE for PKCS#8. */
static EVP_PKEY *decode_foreign(const struct context *context, int type, struct slice der)
{
    const unsigned char *at = der.data;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    EVP_PKEY *pkey = NULL;

    if (type == EVP_PKEY_NONE) {
        info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.length);
        pkey = info == NULL ? NULL : EVP_PKCS82PKEY_ex(info, context_libctx(context), NULL);
    } else {
        pkey = d2i_PrivateKey_ex(type, NULL, &at, (long)der.length, context_libctx(context), NULL);
    }
    PKCS8_PRIV_KEY_INFO_free(info);
    return pkey;
}

/* A private key in DER: PKCS#8 for EVP_PKEY_NONE, PKCS#1 for EVP_PKEY_RSA, SEC1 for EVP_PKEY_EC. */
static enum key_decoded decode(const struct context *context, int type, struct slice der, EVP_PKEY **pkey)
{
    enum key_decoded decoded = type == EVP_PKEY_RSA  ? key_decode_rsa(context, der, pkey)
                               : type == EVP_PKEY_EC ? key_decode_ec(context, der, pkey)
                                                     : key_decode_pkcs8(context, der, pkey);

    if (decoded == KEY_DECODED_FOREIGN) {
        *pkey = decode_foreign(context, type, der);
        decoded = *pkey != NULL ? KEY_DECODED : KEY_DECODED_FOREIGN;
    }
    return decoded;
}

static EVP_PKEY *from_plain(const struct reading *reading, int type, struct slice der)
{
    EVP_PKEY *pkey = NULL;

    switch (decode(reading->context, type, der, &pkey)) {
    case KEY_DECODED:
        break;
    case KEY_DECODED_MALFORMED:
        complain_of_form(reading);
        break;
    case KEY_DECODED_FOREIGN:
        complain(reading, NULL, "the private key is damaged, or of a kind this OpenSSL does not know");
        break;
    }
    return pkey;
}

/* Tell what made a decryption fail: an early error speaks of the cipher, a late one of padding or of content. */
static void complain_of_decryption(const struct reading *reading, struct slice cipher)
{
    unsigned long first = ERR_peek_error();
    unsigned long last = ERR_peek_last_error();
    int reason = ERR_GET_REASON(last);

    if (ERR_GET_LIB(first) == ERR_LIB_PROV && ERR_GET_REASON(first) == PROV_R_WRONG_FINAL_BLOCK_LENGTH) {
        complain_of_form(reading);
    } else if (ERR_GET_LIB(last) == ERR_LIB_PKCS12 &&
               (reason == PKCS12_R_PKCS12_CIPHERFINAL_ERROR || reason == PKCS12_R_DECODE_ERROR)) {
        complain_of_passphrase(reading);
    } else {
        complain_of_cipher(reading, cipher);
    }
}

static EVP_PKEY *from_encrypted(const struct reading *reading, struct slice der)
{
    const unsigned char *at = der.data;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    X509_SIG *encrypted = NULL;
    EVP_PKEY *pkey = NULL;
    unsigned char *plain = NULL;
    int length;
    struct slice cipher = {NULL, 0};
    enum key_scheme scheme;

    if (have_passphrase(reading) != 0) {
        return NULL;
    }
    scheme = key_scheme_check(der, &cipher);
    if (scheme != KEY_SCHEME_GOOD) {
        complain_of_scheme(reading, scheme, cipher);
        return NULL;
    }
    encrypted = d2i_X509_SIG(NULL, &at, (long)der.length);
    if (encrypted == NULL || at != der.data + der.length) {
        complain_of_form(reading);
        goto out;
    }
    ERR_clear_error();
    info = PKCS8_decrypt_ex(encrypted, bytes_text(reading->passphrase), (int)reading->passphrase->length,
                            context_libctx(reading->context), NULL);
    if (info == NULL) {
        complain_of_decryption(reading, cipher);
        goto out;
    }
    length = i2d_PKCS8_PRIV_KEY_INFO(info, &plain);
    if (length <= 0) {
        complain_of_form(reading);
        goto out;
    }
    pkey = from_plain(reading, EVP_PKEY_NONE, (struct slice){plain, (size_t)length});
    OPENSSL_clear_free(plain, (size_t)length);
out:
    PKCS8_PRIV_KEY_INFO_free(info);
    X509_SIG_free(encrypted);
    return pkey;
}

/* Takes the place of OpenSSL's callback: hands over the passphrase at hand. */
static int give_passphrase(char *buffer, int size, int writing, void *user)
{
    const struct bytes *passphrase = user;

    (void)writing;
    if (size < 0 || passphrase->length > (size_t)size) {
        return -1;
    }
    if (passphrase->length > 0) {
        memcpy(buffer, passphrase->data, passphrase->length);
    }
    return (int)passphrase->length;
}

/* PKCS#1 or SEC1 under RFC 1421 headers; @p text is the PEM block. */
static EVP_PKEY *from_traditional(const struct reading *reading, int type, struct slice text)
{
    EVP_CIPHER_INFO cipher;
    char *name = NULL;
    char *header = NULL;
    unsigned char *data = NULL;
    long allocated = 0;
    long length;
    BIO *bio = NULL;
    EVP_PKEY *pkey = NULL;

    if (have_passphrase(reading) != 0) {
        return NULL;
    }
    bio = BIO_new_mem_buf(text.data, (int)text.length);
    if (bio == NULL || PEM_read_bio(bio, &name, &header, &data, &allocated) != 1) {
        complain_of_form(reading);
        goto out;
    }
    if (PEM_get_EVP_CIPHER_INFO(header, &cipher) != 1) {
        complain(
            reading, "convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc",
            "the private key's Proc-Type and DEK-Info headers name no encryption that can be opened here");
        goto out;
    }
    length = allocated;
    if (PEM_do_header(&cipher, data, &length, give_passphrase, (void *)reading->passphrase) != 1) {
        complain_of_passphrase(reading);
        goto out;
    }
    /* A wrong passphrase can by chance give good padding, but hardly a key. */
    if (decode(reading->context, type, (struct slice){data, (size_t)length}, &pkey) != KEY_DECODED) {
        complain_of_passphrase(reading);
    }
out:
    OPENSSL_clear_free(data, (size_t)allocated);
    OPENSSL_free(header);
    OPENSSL_free(name);
    BIO_free(bio);
    return pkey;
}

static EVP_PKEY *from_der(const struct reading *reading, struct slice der)
{
    switch (shape_of(der)) {
    case SHAPE_PKCS8:
        return from_plain(reading, EVP_PKEY_NONE, der);
    case SHAPE_ENCRYPTED:
        return from_encrypted(reading, der);
    case SHAPE_RSA:
        return from_plain(reading, EVP_PKEY_RSA, der);
    case SHAPE_EC:
        return from_plain(reading, EVP_PKEY_EC, der);
    case SHAPE_PKCS12:
        complain(reading, "take the key out with: openssl pkcs12 -nocerts",
                 "a PKCS#12 file, not a private key");
        return NULL;
    default:
        complain_of_form(reading);
        return NULL;
    }
}

/* ---- PEM --------------------------------------------------------------------------------------------------------- */

/* Whether the block's RFC 1421 headers say that it is encrypted. */
static bool headers_encrypted(const struct pem_block *block, struct slice text)
{
    static const char word[] = "ENCRYPTED";

    if (!block->has_headers) {
        return false;
    }
    for (size_t i = 0; i + sizeof(word) - 1 <= text.length; i++) {
        if (memcmp(text.data + i, word, sizeof(word) - 1) == 0) {
            return true;
        }
    }
    return false;
}

static EVP_PKEY *from_block(const struct reading *reading, const struct pem_block *block, struct slice text)
{
    struct slice der = slice_of(&block->der);
    int type = strcmp(block->label, "RSA PRIVATE KEY") == 0  ? EVP_PKEY_RSA
               : strcmp(block->label, "EC PRIVATE KEY") == 0 ? EVP_PKEY_EC
                                                             : EVP_PKEY_NONE;

    if (type != EVP_PKEY_NONE) {
        return headers_encrypted(block, text) ? from_traditional(reading, type, text)
                                              : from_plain(reading, type, der);
    }
    if (strcmp(block->label, "PRIVATE KEY") == 0) {
        return from_plain(reading, EVP_PKEY_NONE, der);
    }
    if (strcmp(block->label, "ENCRYPTED PRIVATE KEY") == 0) {
        return from_encrypted(reading, der);
    }
    if (strcmp(block->label, "OPENSSH PRIVATE KEY") == 0) {
        complain(reading, "convert a copy of it: ssh-keygen -p -m PKCS8 -f FILE",
                 "OpenSSH's own format of private keys is not taken");
    } else {
        fault_error(reading->faults, &reading->place, NULL, "PKCS#8, PKCS#1 or SEC1", "\"%s\" is not taken",
                    block->label);
    }
    return NULL;
}

static bool is_private_label(const char *label)
{
    static const char end[] = "PRIVATE KEY";
    size_t length = strlen(label);

    return length >= sizeof(end) - 1 && strcmp(label + length - (sizeof(end) - 1), end) == 0;
}

/*
 * The first private key's block: 1 found, with *text its PEM; 0 none; -1 malformed. Others are skipped, so also the
 * EC PARAMETERS that openssl writes before a SEC1 key.
 */
static int find_block(struct slice content, const char *shown, struct pem_block *block, struct slice *text,
                      struct faults *faults)
{
    size_t line = 0;
    int status;

    for (;;) {
        text->data = content.data;
        status = pem_read(&content, &line, shown, block, faults);
        if (status != 1) {
            return status;
        }
        if (is_private_label(block->label)) {
            text->length = (size_t)(content.data - text->data);
            return 1;
        }
        pem_block_free(block);
    }
}

static EVP_PKEY *from_pem(struct reading *reading, struct slice content)
{
    struct pem_block block;
    struct slice text;
    EVP_PKEY *pkey = NULL;
    int status = find_block(content, reading->place.file, &block, &text, reading->faults);

    if (status == 1) {
        reading->place.line = block.line;
        pkey = from_block(reading, &block, text);
        pem_block_free(&block);
    } else if (status == 0) {
        complain(reading, NULL, "holds no private key");
    }
    return pkey;
}

/* ---- the contract ------------------------------------------------------------------------------------------------ */

/* In a PKCS#8 or SEC1 file the two halves of an EC key lie side by side, and need not fit. */
static int check_pair(const struct reading *reading, EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *check = NULL;
    int status = 0;

    if (!EVP_PKEY_is_a(pkey, "EC")) {
        return 0;
    }
    check = EVP_PKEY_CTX_new_from_pkey(context_libctx(reading->context), pkey, NULL);
    if (check == NULL || EVP_PKEY_pairwise_check(check) != 1) {
        complain(reading, NULL, "the private key does not fit the public key beside it");
        status = -1;
    }
    EVP_PKEY_CTX_free(check);
    return status;
}

struct key *key_read(const struct context *context, struct slice content, const struct bytes *passphrase,
                     const char *shown, struct faults *faults)
{
    struct reading reading = {context, passphrase, {shown, 0, 0}, faults};
    struct slice rest = content;
    struct der_item item;
    struct key *key = NULL;
    EVP_PKEY *pkey;

    if (content.length > INT_MAX) {
        complain(&reading, NULL, "too long for a private key");
        return NULL;
    }
    if (form_check(content, shown, faults) != 0) {
        return NULL;
    }
    if (content.length > 0 && content.data[0] == DER_SEQUENCE && der_read(&rest, &item) == 1 &&
        rest.length == 0) {
        pkey = from_der(&reading, content);
    } else {
        pkey = from_pem(&reading, content);
    }
    if (pkey != NULL && check_pair(&reading, pkey) == 0) {
        key = key_from_pkey(pkey, faults);
    }
    if (key != NULL && !key_is_private(key)) {
        complain(&reading, NULL, "the key holds no private part");
        key_free(key);
        key = NULL;
    }
    EVP_PKEY_free(pkey);
    return key;
}

bool key_is_encrypted(struct slice content)
{
    struct faults *unheard = NULL;
    struct pem_block block;
    struct slice text;
    bool encrypted = false;

    if (shape_of(content) != SHAPE_UNKNOWN) {
        return shape_of(content) == SHAPE_ENCRYPTED;
    }
    unheard = faults_new();
    if (unheard != NULL && find_block(content, NULL, &block, &text, unheard) == 1) {
        encrypted = strcmp(block.label, "ENCRYPTED PRIVATE KEY") == 0 || headers_encrypted(&block, text);
        pem_block_free(&block);
    }
    faults_free(unheard);
    return encrypted;
}
