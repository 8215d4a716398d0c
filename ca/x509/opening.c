/* SPDX-License-Identifier: Apache-2.0 */
/* A P12 being opened. */
#include "x509/opening.h"

#include <openssl/crypto.h>

int opening_broken(struct opening *opening, const char *what)
{
    fault_error(opening->faults, &opening->place, NULL, NULL, "this P12 is broken: %s", what);
    return -1;
}

/* Whether another derivation of @p iterations is still within what one file may cost. */
static int spend(struct opening *opening, long iterations)
{
    opening->iterations += iterations;
    return opening->iterations <= OPENING_ITERATIONS_MAX
               ? 0
               : opening_broken(opening, "it asks for more than 3,000,000 iterations in all");
}

/* Go over to the other form of the empty passphrase; false when there is none to try. */
static bool try_other_form(struct opening *opening)
{
    if (opening->form_settled) {
        return false;
    }
    passphrase_forms_free(&opening->passphrase);
    opening->form_settled = true;
    return true;
}

static int wrong_passphrase(struct opening *opening)
{
    fault_error(opening->faults, &opening->place, NULL, "or the file was altered after it was made",
                "the passphrase does not open it");
    return -1;
}

static int unavailable(struct opening *opening, const char *name, bool legacy)
{
    fault_error(
        opening->faults, &opening->place, NULL,
        legacy ? "convert it with `openssl pkcs12 -legacy` and make a new one by `mtls-ca bundle`" : NULL,
        legacy
            ? "it is encrypted with %s, which OpenSSL 3 keeps in its legacy provider, and that is not loaded"
            : "it is protected with %s, which is not known here",
        name);
    return -1;
}

int opening_decrypt(struct opening *opening, const struct pbe *pbe, struct slice encrypted,
                    struct bytes *plain)
{
    enum pbe_result result;

    do {
        if (spend(opening, pbe->derivation.iterations) != 0) {
            return -1;
        }
        result = pbe_crypt(opening->context, pbe, &opening->passphrase, false, encrypted, plain);
    } while (result == PBE_WRONG && try_other_form(opening));
    switch (result) {
    case PBE_DONE:
        opening->form_settled = true;
        return 0;
    case PBE_WRONG:
        return opening->authenticated
                   ? opening_broken(opening, "what is encrypted does not decrypt, though its MAC is right")
                   : wrong_passphrase(opening);
    case PBE_UNAVAILABLE:
        return unavailable(opening, pbe->name, pbe_is_legacy(pbe));
    case PBE_FAILED:
        break;
    }
    fault_memory(opening->faults);
    return -1;
}

int opening_check_mac(struct opening *opening, const struct pbe_mac *mac, struct slice content)
{
    unsigned char value[PBE_DIGEST_MAX];
    enum pbe_result result;
    size_t length = 0;
    bool right;

    do {
        if (spend(opening, mac->derivation.iterations) != 0) {
            return -1;
        }
        result = pbe_mac_compute(opening->context, mac, &opening->passphrase, content, value, &length);
        right = result == PBE_DONE && length == mac->value.length &&
                CRYPTO_memcmp(value, mac->value.data, length) == 0;
    } while (result == PBE_DONE && !right && try_other_form(opening));
    opening->form_settled = true;
    if (right) {
        opening->authenticated = true;
        return 0;
    }
    switch (result) {
    case PBE_DONE:
    case PBE_WRONG:
        return wrong_passphrase(opening);
    case PBE_UNAVAILABLE:
        return unavailable(opening, mac->name, false);
    case PBE_FAILED:
        break;
    }
    fault_memory(opening->faults);
    return -1;
}
