/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is not swapped: what is locked under which limit, each in a process of its own, for it lasts. That all of a process is locked
 * where that is allowed is tested by tests/cli/ephemeral.bats: AddressSanitizer turns mlockall into nothing.
 */
#include <criterion/criterion.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/memory_lock.h"
#include "x509/key.h"

#define MIB (1024 * 1024)
/* An answer that is none. */
#define FAILED 99

/* What memory_lock says to an account without privileges that may lock @p limit bytes: and a key made then is in
 * the secure heap if it says so. */
static int answer(rlim_t limit, size_t keys, enum key_algorithm algorithm)
{
    pid_t process = fork();
    int status;

    cr_assert_geq(process, 0);
    if (process == 0) {
        const struct rlimit limits = {limit, limit};
        struct context *context = context_new(NULL);
        struct faults *faults = faults_new();
        struct key_maker *maker;
        enum memory_lock lock;
        struct key *key = NULL;

        if (setrlimit(RLIMIT_MEMLOCK, &limits) != 0 || (geteuid() == 0 && setuid(54321) != 0)) {
            _exit(FAILED);
        }
        lock = memory_lock(keys);
        maker = key_maker_new(context, algorithm, faults);
        key = maker != NULL ? key_maker_make(maker, faults) : NULL;
        _exit(key == NULL || (CRYPTO_secure_malloc_initialized() && CRYPTO_secure_used() > 0) !=
                                 (lock == MEMORY_LOCKED_SECRETS)
                  ? FAILED
                  : (int)lock);
    }
    cr_assert_eq(waitpid(process, &status, 0), process);
    cr_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

Test(memory_lock, has_a_heap_for_secrets_under_a_limit)
{
    cr_assert_eq(answer(8 * MIB, 2, KEY_EC_P256), MEMORY_LOCKED_SECRETS);
    cr_assert_eq(answer(8 * MIB, 256, KEY_RSA_2048), MEMORY_LOCKED_SECRETS);
    cr_assert_eq(answer(8 * MIB, 1, KEY_ED25519), MEMORY_LOCKED_SECRETS);
}

Test(memory_lock, locks_nothing_where_the_heap_would_be_too_small)
{
    cr_assert_eq(answer(8 * MIB, 257, KEY_EC_P256), MEMORY_UNLOCKED);
    cr_assert_eq(answer(64 * 1024, 1, KEY_EC_P256), MEMORY_UNLOCKED);
    cr_assert_eq(answer(0, 1, KEY_EC_P256), MEMORY_UNLOCKED);
}
