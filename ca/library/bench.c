/* SPDX-License-Identifier: Apache-2.0 */
/* A bench. */
#include "library/bench.h"

#include <stdlib.h>

#include "base/digest.h"
#include "library/context.h"

#define MAKERS (KEY_FOREIGN + 1)

struct bench {
    struct pool_item item; /* first: a bench is found by it */
    struct context *context;
    struct key_maker *makers[MAKERS];
    struct serial_stock serials;
};

void bench_release(struct pool_item *item)
{
    struct bench *bench = (struct bench *)item;

    for (size_t i = 0; i < MAKERS; i++) {
        key_maker_free(bench->makers[i]);
    }
    context_free(bench->context);
    free(bench);
}

struct bench *bench_take(struct mtlskit_context *context, struct faults *faults)
{
    struct bench *bench = (struct bench *)pool_take(library_benches(context));

    if (bench != NULL) {
        return bench;
    }
    bench = calloc(1, sizeof(*bench));
    if (bench == NULL || (bench->context = library_draw(context)) == NULL) {
        free(bench);
        fault_memory(faults);
        return NULL;
    }
    return bench;
}

void bench_give(struct mtlskit_context *context, struct bench *bench)
{
    if (bench != NULL) {
        pool_give(library_benches(context), &bench->item);
    }
}

const struct context *bench_context(const struct bench *bench)
{
    return bench->context;
}

struct key *bench_key(struct bench *bench, const char *name, enum key_algorithm algorithm,
                      struct faults *faults)
{
    struct key_maker **maker = &bench->makers[algorithm];

    if (*maker == NULL && (*maker = key_maker_new(bench->context, algorithm, faults)) == NULL) {
        return NULL;
    }
    return key_maker_make_of(*maker, name, faults);
}

int bench_serial(struct bench *bench, const char *name, struct slice rest, struct serial *serial,
                 struct faults *faults)
{
    struct bytes purpose = BYTES_EMPTY;
    struct digest what;
    int status = bytes_append_text(&purpose, "serial");

    if (status == 0 && rest.length > 0) {
        status = digest_of(bench->context, rest, &what) != 0 || bytes_append_byte(&purpose, ' ') != 0 ||
                         bytes_append(&purpose, what.octets, sizeof(what.octets)) != 0
                     ? -1
                     : 0;
    }
    if (status == 0) {
        status = context_begin(bench->context, slice_of_text(name), slice_of(&purpose));
    }
    bytes_free(&purpose);
    if (status != 0) {
        fault_error(faults, NULL, name, NULL, "the seed gives no randomness");
        return -1;
    }
    if (serial_make_from(bench->context, &bench->serials, serial) != 0) {
        fault_openssl(faults, "no randomness for a serial number");
        return -1;
    }
    return 0;
}

struct slice bench_serial_probe(void)
{
    static const unsigned char one[] = {1};

    return (struct slice){one, sizeof(one)};
}
