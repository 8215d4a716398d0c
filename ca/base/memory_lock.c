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
#ifdef __linux__
#include <linux/capability.h>
#include <sys/syscall.h>
#endif

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

size_t memory_lock_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) {
        return 0;
    }
    return limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > SIZE_MAX ? SIZE_MAX : (size_t)limit.rlim_cur;
}

/** Whether this process may lock whatever it likes: capabilities(7). */
static bool is_privileged(void)
{
#ifdef __linux__
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};

    return syscall(SYS_capget, &header, data) == 0 &&
           (data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK)) != 0;
#else
    return false;
#endif
}

/** Whether nothing limits what may be locked: under a limit, a later allocation would fail. */
static bool is_unlimited(void)
{
    struct rlimit limit;

    if (is_privileged()) {
        return true;
    }
    if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_max != RLIM_INFINITY) {
        return false;
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
    if (keys > KEYS_MOST || memory_lock_limit() < HEAP_BYTES) {
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
