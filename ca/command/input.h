/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in a file: told by its content, never by its name. A PEM file may hold many things, a DER file holds one.
 */
#ifndef MTLSKIT_COMMAND_INPUT_H
#define MTLSKIT_COMMAND_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"

enum input_kind {
    INPUT_CERTIFICATE,
    INPUT_REQUEST, /**< PKCS#10 */
    INPUT_CRL,
    INPUT_PRIVATE_KEY,
    INPUT_ENCRYPTED_KEY,
    INPUT_PUBLIC_KEY,
    INPUT_P12,
    INPUT_OTHER /**< PEM with another label */
};

/** One thing found. */
struct input_object {
    enum input_kind kind;
    char label[64];     /**< PEM's; "" for DER */
    size_t line;        /**< of its BEGIN; 0 for DER */
    struct bytes bytes; /**< DER, or the whole PEM text of a key, which its encryption may be part of */
};

/** Starts as all zeros. */
struct input {
    struct input_object *objects;
    size_t count;
};

/** Most objects taken from one file. */
#define INPUT_OBJECTS_MAX 10000

/** Take @p content apart; at least one object, or a fault naming @p shown. */
int input_read(struct slice content, const char *shown, struct input *input, struct faults *faults) MUST_USE;
void input_free(struct input *input);

#endif
