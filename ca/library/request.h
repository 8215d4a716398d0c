/* SPDX-License-Identifier: Apache-2.0 */
/* A request as the rest of the library sees it. */
#ifndef MTLSKIT_LIBRARY_REQUEST_H
#define MTLSKIT_LIBRARY_REQUEST_H

#include <stdint.h>

#include "x509/request.h"

struct mtlskit_request;

/** What it says, borrowed; NULL before it is there, and for NULL. */
const struct request_view *request_view_of(const struct mtlskit_request *request);
/** The kinds of its alternative names, as profile_san_bit has it. */
uint32_t request_name_kinds(const struct mtlskit_request *request);

#endif
