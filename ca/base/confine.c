/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Confinement. The filter names what is allowed, so a call nobody thought of is refused. It fails with EPERM, and does not end the process:
 * libraries look for files and processors they can do without, and a sanitizer's report comes out as far as it gets.
 */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#ifdef MTLSKIT_SECCOMP
#include <seccomp.h>
#endif
#endif
#ifdef __APPLE__
#include <sandbox.h>
#endif

/* valgrind does not live in a filter: it makes calls of its own for the program it looks at. Builds for users do not know of it. */
#if defined(__linux__) && !defined(NDEBUG) && __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define IS_LOOKED_AT (RUNNING_ON_VALGRIND != 0)
#else
#define IS_LOOKED_AT false
#endif

const char *confine_means(void)
{
#if defined(__linux__) && defined(MTLSKIT_SECCOMP)
    return IS_LOOKED_AT ? NULL : "seccomp";
#elif defined(__APPLE__)
    return "sandbox";
#else
    return NULL;
#endif
}

/* What getrlimit takes. */
#ifdef __GLIBC__
typedef __rlimit_resource_t resource_id;
#else
typedef int resource_id;
#endif

/* ---- limits --------------------------------------------------------------------------------------------------------- */

/** Bytes of address space this process has; 0 when that is not told. */
static uintmax_t memory_now(void)
{
    uintmax_t pages = 0;
#ifdef __linux__
    char text[64];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof(text) - 1);
    long page = sysconf(_SC_PAGESIZE);

    if (file >= 0) {
        (void)close(file);
    }
    if (length > 0 && page > 0) {
        text[length] = '\0';
        pages = strtoull(text, NULL, 10) * (uintmax_t)page;
    }
#endif
    return pages;
}

/* Limit @p resource to @p most, which cannot be raised above @p upper again. */
static int limit_below(resource_id resource, uintmax_t most, uintmax_t upper, const char *what,
                       struct faults *faults)
{
    struct rlimit now = {(rlim_t)most, (rlim_t)upper};
    struct rlimit old = now;

    if (getrlimit(resource, &old) == 0 && old.rlim_max < now.rlim_max) {
        /* who is not root cannot raise a limit that is there */
        now.rlim_max = old.rlim_max;
        now.rlim_cur = now.rlim_cur < now.rlim_max ? now.rlim_cur : now.rlim_max;
    }
    if (setrlimit(resource, &now) != 0) {
        /* valgrind has descriptors of its own beyond the program's, so that the upper limit is not for sale */
        now.rlim_max = old.rlim_max;
        if (errno != EPERM || setrlimit(resource, &now) != 0) {
            fault_system(faults, errno, NULL, NULL, "a process that parses cannot be limited in %s", what);
            return -1;
        }
    }
    return 0;
}

static int limit(resource_id resource, uintmax_t most, const char *what, struct faults *faults)
{
    return limit_below(resource, most, most, what, faults);
}

static int limit_all(const struct confinement *confinement, struct faults *faults)
{
    uintmax_t now = memory_now();

    if (limit(RLIMIT_CORE, 0, "core dumps", faults) != 0 ||
        limit(RLIMIT_NPROC, 0, "processes", faults) != 0 ||
        /* at the upper limit of this one the system kills, and does not say for what */
        limit_below(RLIMIT_CPU, confinement->seconds, confinement->seconds + 1, "processor time", faults) !=
            0) {
        return -1;
    }
    /* All address space where it is known how much there is already (a sanitizer has terabytes of it), else what is written to. */
    if ((now != 0 ? limit(RLIMIT_AS, now + confinement->memory, "memory", faults)
                  : limit(RLIMIT_DATA, confinement->memory, "memory", faults)) != 0) {
        return -1;
    }
    return limit(RLIMIT_NOFILE, 0, "descriptors", faults);
}

/* ---- Linux ---------------------------------------------------------------------------------------------------------- */

#ifdef __linux__
/** The filter ends with its process; and when whoever waits for the answer dies, so does this process. */
static int settle_process(struct faults *faults)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) {
        fault_system(faults, errno, NULL, NULL, "a process that parses cannot give up its privileges");
        return -1;
    }
    return 0;
}

#ifdef MTLSKIT_SECCOMP
static const int allowed[] = {
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(mmap2),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    /* the answer, random bytes, the time */
    SCMP_SYS(write),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_gettime64),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    /* itself */
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(close),
    /* locks without a second thread, signals to nobody */
    SCMP_SYS(futex),
    SCMP_SYS(futex_time64),
    SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    /* the end */
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

static int filter(struct faults *faults)
{
    /* abort(3) */
    const struct scmp_arg_cmp own = {0, SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0};
    scmp_filter_ctx rules;
    int error;

    if (IS_LOOKED_AT) {
        return 0;
    }
    rules = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    error = rules == NULL ? -ENOMEM : 0;
    for (size_t i = 0; error == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        error = seccomp_rule_add(rules, SCMP_ACT_ALLOW, allowed[i], 0);
        /* a call this architecture does not have */
        error = error == -EDOM ? 0 : error;
    }
    if (error == 0) {
        error = seccomp_rule_add_array(rules, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &own);
    }
    if (error == 0) {
        error = seccomp_load(rules);
    }
    seccomp_release(rules);
    if (error != 0) {
        fault_system(faults, -error, NULL, "the system must let processes set seccomp filters",
                     "a process that parses cannot be confined");
        return -1;
    }
    return 0;
}
#else
static int filter(struct faults *faults)
{
    (void)faults;
    return 0;
}
#endif
#endif

/* ---- macOS ---------------------------------------------------------------------------------------------------------- */

#ifdef __APPLE__
static int settle_process(struct faults *faults)
{
    (void)faults;
    return 0;
}

/* Declared deprecated since 10.8, without anything in its place for a program that is no bundle. */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
static int filter(struct faults *faults)
{
    char *why = NULL;

    if (sandbox_init(kSBXProfilePureComputation, SANDBOX_NAMED, &why) != 0) {
        fault_error(faults, NULL, NULL, NULL, "a process that parses cannot be confined: %s",
                    why != NULL ? why : "the sandbox does not say why");
        sandbox_free_error(why);
        return -1;
    }
    return 0;
}
#pragma clang diagnostic pop
#endif

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

int confine_process(const struct confinement *confinement, struct faults *faults)
{
    if (settle_process(faults) != 0 || limit_all(confinement, faults) != 0 || filter(faults) != 0) {
        return -1;
    }
    return 0;
}
