/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that the system does not swap out to a disk, for keys that are never to be on one.
 */
#ifndef MTLSKIT_BASE_MEMORY_LOCK_H
#define MTLSKIT_BASE_MEMORY_LOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

enum memory_lock {
    MEMORY_LOCKED, /**< all of the process, from here on */
    MEMORY_LOCKED_SECRETS, /**< what OpenSSL keeps in its secure heap: the private values of keys, but not what is derived from them */
    MEMORY_UNLOCKED
};

/**
 * Lock the memory of this process, all of it where that has no limit (mlockall(2); RLIMIT_MEMLOCK), else OpenSSL's secure heap
 * (CRYPTO_secure_malloc_init(3)), which then has room for the keys of @p keys entries, if that is not too many. For the process and
 * to its end; before there are threads, and before the keys.
 */
enum memory_lock memory_lock(size_t keys);
/**
 * Whether memory may come to be on a disk in the clear: something is swapped to that is not memory itself (zram), or the system does not tell.
 * macOS encrypts what it swaps.
 */
bool memory_is_swapped(void);

#endif
