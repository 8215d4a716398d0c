/* SPDX-License-Identifier: Apache-2.0 */
/* ASN.1 values written as text. */
#include "x509/asn1_text.h"

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/err.h>

int asn1_text_encode(const char *text, struct bytes *der, const char **why)
{
    ASN1_TYPE *value = NULL;
    unsigned char *encoded = NULL;
    int length, status = -1;

    *why = NULL;
    if (strlen(text) > ASN1_TEXT_MAX) {
        *why = "is too long for a value in ASN.1";
        return -1;
    }
    value = ASN1_generate_v3(text, NULL);
    if (value == NULL) {
        *why = ERR_GET_REASON(ERR_peek_last_error()) == ASN1_R_SEQUENCE_OR_SET_NEEDS_CONFIG
                   ? "has a SEQUENCE or SET, which can only be given as der"
                   : "is not a value in ASN.1";
        goto out;
    }
    length = i2d_ASN1_TYPE(value, &encoded);
    if (length <= 0) {
        *why = "cannot be encoded";
        goto out;
    }
    status = bytes_append(der, encoded, (size_t)length);
out:
    ERR_clear_error();
    OPENSSL_free(encoded);
    ASN1_TYPE_free(value);
    return status;
}
