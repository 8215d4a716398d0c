/* SPDX-License-Identifier: Apache-2.0 */
/* The PKI directory: there is one unless the user says otherwise. */
#include "command/directory_option.h"

const char *directory_option(const struct options *options)
{
    return options_given(options, "directory") ? options_text(options, "directory") : "pki";
}
