/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the helper, talking to it, and telling how it ended.
 */
#include "token/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

/** How long a helper may take to end by itself, in waits of 100 ms. */
#define END_WAITS 20
/** Longest sentence of the helper's that is passed on. */
#define SENTENCE_MAX 400
/* What posix_spawn lets a process end with whose program could not be started, where it cannot say so itself. */
#define NOT_STARTED 127

extern char **environ;

struct helper_process {
    const struct helper_kind *kind;
    pid_t pid; /* 0: gone */
    int socket;
    unsigned seconds;
    char *shown;
    struct bytes broken; /* how it ended; empty while it runs */
};

/* ---- environment ---------------------------------------------------------------------------------------------------- */

/** What modules and what they lean on are known to read; a "*" at the end stands for anything. */
static const char *const passed[] = {
    "HOME",       "LANG",         "LC_*",          "LD_LIBRARY_PATH",
    "LOGNAME",    "PATH",         "TMPDIR",        "TZ",
    "USER",       "XDG_*",        "P11_KIT_*",     "SOFTHSM2_*",
    "OPENSC_*",   "PKCS11_*",     "TPM2_PKCS11_*", "TPM2TOOLS_*",
    "YUBIHSM_*",  "CKNFAST_*",    "NFAST_*",       "ChrystokiConfigurationPath",
    "CLOUDHSM_*", "KMS_PKCS11_*", "PCSCLITE_*",    "DBUS_SESSION_BUS_ADDRESS",
};

static bool name_matches(const char *pattern, size_t pattern_length, const char *name, size_t length)
{
    if (pattern_length > 0 && pattern[pattern_length - 1] == '*') {
        return length >= pattern_length - 1 && memcmp(pattern, name, pattern_length - 1) == 0;
    }
    return length == pattern_length && memcmp(pattern, name, length) == 0;
}

static bool variable_passes(const char *variable, const char *more)
{
    size_t length = strcspn(variable, "=");
    size_t i;

    for (i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) {
        if (name_matches(passed[i], strlen(passed[i]), variable, length)) {
            return true;
        }
    }
    while (more != NULL && *more != 0) {
        size_t next = strcspn(more, ",");

        if (next == length && memcmp(more, variable, length) == 0) {
            return true;
        }
        more += next + (more[next] == ',' ? 1 : 0);
    }
    return false;
}

/** The variables that are passed on, in an array to be freed; they themselves are the environment's. */
static char **environment_of_helper(void)
{
    const char *more = getenv(HELPER_ENVIRONMENT);
    size_t count = 0;
    size_t used = 0;
    size_t i;
    char **kept;

    while (environ[count] != NULL) {
        count++;
    }
    kept = calloc(count + 1, sizeof(*kept));
    for (i = 0; kept != NULL && i < count; i++) {
        if (variable_passes(environ[i], more)) {
            kept[used++] = environ[i];
        }
    }
    return kept;
}

static int seconds_allowed(unsigned *seconds, struct faults *faults)
{
    const char *text = getenv(HELPER_TIMEOUT);
    char *end = NULL;
    long value = HELPER_TIMEOUT_SECONDS;

    if (text != NULL && *text != 0) {
        value = strtol(text, &end, 10);
        if (*end != 0 || value < 1 || value > 3600) {
            fault_error(faults, NULL, NULL, "1 to 3600", "%s is no number of seconds", HELPER_TIMEOUT);
            return -1;
        }
    }
    *seconds = (unsigned)value;
    return 0;
}

/* ---- the program ---------------------------------------------------------------------------------------------------- */

/** Path of the program that runs. */
static int own_path(char path[PATH_MAX])
{
#ifdef __APPLE__
    char raw[PATH_MAX];
    uint32_t size = sizeof(raw);

    return _NSGetExecutablePath(raw, &size) == 0 && realpath(raw, path) != NULL ? 0 : -1;
#else
    ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);

    if (length <= 0 || length >= PATH_MAX - 1) {
        return -1;
    }
    path[length] = 0;
    return 0;
#endif
}

/** Finds the helper: in the build tree it is our neighbour, installed it is in libexec, wherever that was moved with us. */
static int program_find(const char *name, struct bytes *path, struct faults *faults)
{
    static const char *const ways[] = {"/", "/../libexec/mtlskit/"};
    char own[PATH_MAX];
    size_t i;

    if (own_path(own) == 0 && strrchr(own, '/') != NULL) {
        *strrchr(own, '/') = 0;
        for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
            bytes_clear(path);
            if (bytes_append_text(path, own) != 0 || bytes_append_text(path, ways[i]) != 0 ||
                bytes_append_text(path, name) != 0) {
                fault_memory(faults);
                return -1;
            }
            if (access(bytes_text(path), X_OK) == 0) {
                return 0;
            }
        }
    }
    bytes_clear(path);
    if (bytes_append_text(path, MTLSKIT_LIBEXECDIR "/") != 0 || bytes_append_text(path, name) != 0) {
        fault_memory(faults);
        return -1;
    }
    if (access(bytes_text(path), X_OK) == 0) {
        return 0;
    }
#ifdef MTLSKIT_PKCS11
    fault_error(faults, NULL, NULL, "install mtlskit whole",
                "%s, the program that talks to tokens, is not there", bytes_text(path));
#else
    fault_error(faults, NULL, NULL,
                "build mtlskit where p11-kit is (Debian: libp11-kit-dev, Homebrew: p11-kit)",
                "this build has no PKCS#11: keys in tokens cannot be used");
#endif
    return -1;
}

/** Two connected sockets; ours, the first, does not block. Neither outlives an exec. */
static int sockets_make(int sockets[2])
{
    int i;

#ifdef SOCK_CLOEXEC
    const int kind = SOCK_STREAM | SOCK_CLOEXEC;
#else
    const int kind = SOCK_STREAM;
#endif

    if (socketpair(AF_UNIX, kind, 0, sockets) != 0) {
        return -1;
    }
    for (i = 0; i < 2; i++) {
        (void)fcntl(sockets[i], F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
        (void)setsockopt(sockets[i], SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
    }
    if (fcntl(sockets[0], F_SETFL, O_NONBLOCK) != 0) {
        (void)close(sockets[0]);
        (void)close(sockets[1]);
        return -1;
    }
    return 0;
}

/** A process group of its own, so that a Ctrl-C at the terminal is ours to handle; no signal blocked or ignored. */
static int attributes_set(posix_spawnattr_t *attributes)
{
    short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    sigset_t none;
    sigset_t all;

#ifdef POSIX_SPAWN_CLOEXEC_DEFAULT
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)sigdelset(&all, SIGKILL);
    (void)sigdelset(&all, SIGSTOP);
    return posix_spawnattr_setpgroup(attributes, 0) == 0 &&
                   posix_spawnattr_setsigmask(attributes, &none) == 0 &&
                   posix_spawnattr_setsigdefault(attributes, &all) == 0 &&
                   posix_spawnattr_setflags(attributes, flags) == 0
               ? 0
               : -1;
}

/** Starts @p program with @p socket as its standard input. 0, or an errno value. */
static int spawn(const char *program, const char *name, int socket, pid_t *pid)
{
    char *const arguments[] = {(char *)name, NULL};
    char **environment = environment_of_helper();
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = ENOMEM;

    if (environment == NULL) {
        return error;
    }
    if (posix_spawn_file_actions_init(&actions) != 0) {
        goto out;
    }
    if (posix_spawnattr_init(&attributes) != 0) {
        goto no_attributes;
    }
    if (attributes_set(&attributes) == 0 && posix_spawn_file_actions_adddup2(&actions, socket, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0) {
        error = posix_spawn(pid, program, &actions, &attributes, arguments, environment);
    }
    (void)posix_spawnattr_destroy(&attributes);
no_attributes:
    (void)posix_spawn_file_actions_destroy(&actions);
out:
    free(environment);
    return error;
}

struct helper_process *helper_process_start(const struct helper_kind *kind, const char *program,
                                            const char *shown, struct faults *faults)
{
    struct helper_process *helper = calloc(1, sizeof(*helper));
    struct bytes path = BYTES_EMPTY;
    int sockets[2] = {-1, -1};
    int error;

    if (helper == NULL || (helper->shown = strdup(shown)) == NULL) {
        fault_memory(faults);
        goto failed;
    }
    helper->kind = kind;
    helper->socket = -1;
    if (seconds_allowed(&helper->seconds, faults) != 0 ||
        (program == NULL && program_find(kind->name, &path, faults) != 0)) {
        goto failed;
    }
    if (sockets_make(sockets) != 0) {
        fault_system(faults, errno, NULL, NULL, "no connection to %s can be made", kind->name);
        goto failed;
    }
    helper->socket = sockets[0];
    error = spawn(program != NULL ? program : bytes_text(&path), kind->name, sockets[1], &helper->pid);
    (void)close(sockets[1]);
    if (error != 0) {
        helper->pid = 0;
        fault_system(faults, error, program != NULL ? program : bytes_text(&path), NULL,
                     "it cannot be started");
        goto failed;
    }
    bytes_free(&path);
    return helper;
failed:
    bytes_free(&path);
    helper_process_free(helper);
    return NULL;
}

/* ---- its end -------------------------------------------------------------------------------------------------------- */

/** Waits for the process, which is killed when it was not asked to end. @p status: as waitpid has it; -1 when that failed. */
static int reap(struct helper_process *helper, bool ended)
{
    int status = -1;
    pid_t found = 0;
    int waits;

    for (waits = 0; ended && waits < END_WAITS && found == 0; waits++) {
        found = waitpid(helper->pid, &status, WNOHANG);
        if (found == 0) {
            (void)poll(NULL, 0, waits < 2 ? 5 : 100);
        }
    }
    if (found == 0) {
        (void)kill(helper->pid, SIGKILL);
        do {
            found = waitpid(helper->pid, &status, 0);
        } while (found < 0 && errno == EINTR);
        status = ended ? status : -1;
    }
    helper->pid = 0;
    return found > 0 ? status : -1;
}

void helper_process_free(struct helper_process *helper)
{
    if (helper == NULL) {
        return;
    }
    if (helper->socket >= 0) {
        (void)close(helper->socket);
    }
    if (helper->pid > 0) {
        (void)reap(helper, true);
    }
    bytes_free(&helper->broken);
    free(helper->shown);
    free(helper);
}

unsigned helper_process_seconds(const struct helper_process *helper)
{
    return helper->seconds;
}

/** Ends a connection that is of no use any more and tells why; a dead one may have a better reason. */
static int break_off(struct helper_process *helper, enum wire_outcome outcome, unsigned seconds,
                     struct faults *faults)
{
    struct bytes *words = &helper->broken;
    int status = reap(helper, outcome == WIRE_ENDED);
    int appended;

    (void)close(helper->socket);
    helper->socket = -1;
    if (outcome == WIRE_LATE) {
        appended = bytes_printf(words, "the module gave no answer for %u seconds and was ended", seconds);
    } else if (outcome == WIRE_WRONG) {
        appended = bytes_append_text(words, "the module's process answered what is no answer and was ended");
    } else if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == NOT_STARTED) {
        appended = bytes_append_text(words, "its helper program cannot be started");
    } else if (status >= 0 && WIFSIGNALED(status)) {
        appended = bytes_printf(words, "the module crashed (signal %d)", WTERMSIG(status));
    } else {
        appended = bytes_append_text(words, "the module ended its process");
    }
    if (appended != 0) {
        fault_memory(faults);
        return -1;
    }
    fault_error(faults, NULL, NULL, NULL, "%s: %s", helper->shown, bytes_text(words));
    return -1;
}

/* ---- questions ------------------------------------------------------------------------------------------------------ */

static const char *refusal_hint(const struct helper_kind *kind, unsigned char code)
{
    switch (code) {
    case WIRE_PIN_WANTED:
        return kind->pin_hint;
    case WIRE_PIN_WRONG:
        return "it was tried once and is not tried again: tokens lock after a few wrong ones";
    case WIRE_PIN_LOCKED:
        return "the token's security officer can unlock it";
    case WIRE_NO_TOKEN:
        return "p11tool --list-token-urls shows them";
    case WIRE_KEYS:
        return kind->key_hint;
    case WIRE_MODULE:
        return "module-path= in the URI names the module's file";
    default:
        return NULL;
    }
}

/** What the helper refused, in its words: those are cut, and made safe to print where all faults are. */
static int refused(const struct helper_process *helper, const struct wire_message *answer,
                   struct faults *faults)
{
    struct slice code = answer->fields[0];
    struct slice sentence = answer->fields[1];
    size_t length = sentence.length < SENTENCE_MAX ? sentence.length : SENTENCE_MAX;

    fault_error(faults, NULL, NULL, code.length == 1 ? refusal_hint(helper->kind, code.data[0]) : NULL,
                "%s: %.*s", helper->shown, (int)length, (const char *)sentence.data);
    return -1;
}

/** Whether the answer is one that can be worked with. */
static bool fits(const struct wire_message *answer, unsigned char wanted, unsigned char other)
{
    return (answer->kind == wanted || answer->kind == other) &&
           answer->count == wire_answer_fields(answer->kind);
}

int helper_process_ask(struct helper_process *helper, unsigned char kind, const struct slice *fields,
                       size_t count, unsigned char wanted, unsigned char other, struct bytes *content,
                       struct wire_message *answer, struct faults *faults)
{
    unsigned seconds = helper->seconds * (kind == WIRE_GENERATE ? 5 : 1);
    struct bytes frame = BYTES_EMPTY;
    enum wire_outcome outcome;
    int status = -1;

    if (helper->socket < 0) {
        fault_error(faults, NULL, NULL, NULL, "%s: %s", helper->shown, bytes_text(&helper->broken));
        return -1;
    }
    if (wire_write(kind, fields, count, &frame) != 0) {
        fault_memory(faults);
        goto out;
    }
    outcome = wire_send(helper->socket, &frame, seconds);
    if (outcome == WIRE_OK) {
        outcome = wire_receive(helper->socket, seconds, content);
    }
    if (outcome == WIRE_OK && wire_read(slice_of(content), answer) != 0) {
        outcome = WIRE_WRONG;
    }
    if (outcome == WIRE_OK && answer->kind == WIRE_REFUSED && answer->count == 2) {
        status = refused(helper, answer, faults);
    } else if (outcome == WIRE_OK && fits(answer, wanted, other)) {
        status = 0;
    } else {
        status = break_off(helper, outcome == WIRE_OK ? WIRE_WRONG : outcome, seconds, faults);
    }
out:
    bytes_free(&frame);
    return status;
}
