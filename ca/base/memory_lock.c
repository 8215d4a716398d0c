/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locking memory.
 */
#include "base/memory_lock.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/crypto.h>

/** OpenSSL's secure heap, its smallest piece, and how many keys it has room for: of RSA with 4,096 bits it holds 1.8 KiB. */
#define HEAP_BYTES  (1u << 20)
#define PIECE_BYTES 32
#define KEYS_MOST   256

#ifdef MCL_ONFAULT
#define LOCK_ALL (MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) /* what is never touched takes no memory */
#else
#define LOCK_ALL (MCL_CURRENT | MCL_FUTURE)
#endif

/** How much may be locked, in bytes. */
static rlim_t lock_limit(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 ? limit.rlim_cur : 0;
}

/**
 * Whether this process may lock more than @p limit. Tried, with addresses that no memory is behind: a capability says little, for one
 * that counts in a user namespace alone does not lift the limit.
 */
static bool is_privileged(size_t limit)
{
#ifdef MLOCK_ONFAULT
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (limit / page + 1) * page;
    void *place = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bool locked;

    if (place == MAP_FAILED) {
        return false;
    }
    locked = mlock2(place, size, MLOCK_ONFAULT) == 0;
    (void)munmap(place, size);
    return locked;
#else
    (void)limit;
    return false;
#endif
}

/** Whether nothing limits what may be locked: under a limit, a later allocation would fail. */
static bool is_unlimited(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
        return false;
    }
    if (limit.rlim_max != RLIM_INFINITY) {
        return limit.rlim_cur < SIZE_MAX / 2 && is_privileged((size_t)limit.rlim_cur);
    }
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_MEMLOCK, &limit) == 0;
}

enum memory_lock memory_lock(size_t keys)
{
    if (is_unlimited() && mlockall(LOCK_ALL) == 0) {
        return MEMORY_LOCKED;
    }
    /* a heap that is full gives no memory: OpenSSL asks nowhere else then */
    if (keys > KEYS_MOST || lock_limit() < HEAP_BYTES) {
        return MEMORY_UNLOCKED;
    }
    return CRYPTO_secure_malloc_init(HEAP_BYTES, PIECE_BYTES) == 1 ? MEMORY_LOCKED_SECRETS : MEMORY_UNLOCKED;
}

bool memory_is_swapped(void)
{
#ifdef __APPLE__
    return false;
#else
    /* proc(5): a line of titles, then one for each file or device, its path first */
    FILE *swaps = fopen("/proc/swaps", "re");
    char line[512];
    bool swapped = swaps == NULL;

    if (swaps != NULL) {
        swapped = fgets(line, sizeof(line), swaps) == NULL;
        while (!swapped && fgets(line, sizeof(line), swaps) != NULL) {
            swapped = strncmp(line, "/dev/zram", strlen("/dev/zram")) != 0;
        }
        (void)fclose(swaps);
    }
    return swapped;
#endif
}
