# SPDX-License-Identifier: Apache-2.0
"""Calls that have no place in the tree, or only one. Read as text by `calls`, and in what was compiled by `symbols`."""

NEVER = """
    strcpy strcat stpcpy sprintf vsprintf gets strtok alloca system popen mktemp tmpnam tempnam tmpfile
    atoi atol atoll atof
""".split()

# Time and randomness come from struct context, signatures from struct signer. Each call, and the files that may make it.
PLACED = {
    r"RAND_(?!set_DRBG_type\b)\w+": ("ca/base/context.c",),
    # Draws nothing: says what OpenSSL's own randomness is made with, once, before there is any.
    r"RAND_set_DRBG_type": ("ca/console/program.c",),
    r"time|gettimeofday|clock|ftime|timespec_get": ("ca/base/context.c",),
    r"arc4random\w*|getrandom|getentropy": ("ca/base/context.c",),
    # Fit for tests, which want the same numbers each time.
    r"rand|srand|rand_r|random|srandom|[dejlmn]rand48": (),
    # How long something took, for the eyes of who waits; how long an answer is waited for.
    r"clock_gettime": ("ca/base/context.c", "ca/console/terminal.c", "ca/base/confined_call.c", "ca/base/patience.c"),
    # Never: these ask for the time themselves, or want the key itself.
    r"X509_gmtime_adj|X509_cmp_current_time|X509_time_adj\w*|X509_cmp_time|ASN1_TIME_adj|X509_sign|X509_sign_ctx"
    r"|X509_CRL_sign\w*|X509_REQ_sign\w*|ASN1_item_sign\w*": (),
}

# Errors are values: only console and command speak, and only main ends the program.
SILENT = r"printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|putc|fputc|perror|dprintf|syslog|warnx?|errx?|exit|_exit|_Exit|quick_exit|abort|psignal"

# Where a forked child ends itself by _exit(), which ends nothing else.
CHILDREN = ("ca/ledger/ledger_holder.c", "ca/base/confined_call.c", "keychain-import/nss/keeper.c")
