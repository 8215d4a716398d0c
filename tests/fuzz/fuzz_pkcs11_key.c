/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of keys, as tokens want them: each lies within the key, none is empty, and RSA's have no leading zeros. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "pkcs11/key_material.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void within(struct slice part, const uint8_t *data, size_t size, bool number)
{
    require(part.length > 0 && part.data >= data && part.data + part.length <= data + size);
    require(!number || part.data[0] != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = {data, size};
    struct public_material public;
    struct key_material private;

    if (public_material_read(input, &public) == 0) {
        within(public.rsa ? public.modulus : public.curve, data, size, public.rsa);
        within(public.rsa ? public.exponent : public.point, data, size, public.rsa);
    }
    if (key_material_read(input, &private) != 0) {
        return 0;
    }
    if (!private.rsa) {
        within(private.curve, data, size, false);
        within(private.scalar, data, size, false);
        return 0;
    }
    within(private.modulus, data, size, true);
    within(private.exponent, data, size, true);
    within(private.private_exponent, data, size, true);
    within(private.coefficient, data, size, true);
    for (size_t i = 0; i < 2; i++) {
        within(private.primes[i], data, size, true);
        within(private.exponents[i], data, size, true);
    }
    return 0;
}
