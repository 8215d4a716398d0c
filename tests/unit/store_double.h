/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in memory, whose verbs fail when they are told to: what is decided, carried out, rolled back and recovered is proved against it. Its
 * content is flat, so that two states are compared as bytes, and in shared memory, so that it outlives a child that is killed.
 */
#ifndef MTLSKIT_TESTS_STORE_DOUBLE_H
#define MTLSKIT_TESTS_STORE_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "store/store.h"

#define DOUBLE_ITEMS_MAX  40
#define DOUBLE_OCTETS_MAX 1400

struct double_item {
    size_t length;
    enum item_kind kind; /**< meaningful while length is not 0 */
    enum scope scope;
    unsigned char der[DOUBLE_OCTETS_MAX];
    char label[64], host[64], program[64];
};
/* Items are compared as they lie there. */
_Static_assert(sizeof(struct double_item) ==
                   sizeof(size_t) + sizeof(enum item_kind) + sizeof(enum scope) + DOUBLE_OCTETS_MAX + 192,
               "nothing lies between its members");
/** What is in it, sorted, the free ones at the end as zeros. */
struct double_content {
    struct double_item items[DOUBLE_ITEMS_MAX];
};

/** When a verb fails. */
enum double_failing {
    DOUBLE_WELL,
    DOUBLE_BEFORE,        /**< and has done nothing */
    DOUBLE_AFTER,         /**< and has done it all the same */
    DOUBLE_KILLED_BEFORE, /**< the process is killed */
    DOUBLE_KILLED_AFTER
};

struct double_machine {
    struct double_content content;
    unsigned abilities; /**< enum store_ability */
    unsigned calls;     /**< of verbs, counted from the last double_plan */
    unsigned at;        /**< the call that fails, from 1 */
    bool forever;       /**< and all behind it */
    enum double_failing failing;
    bool unsettled;   /**< something was changed since the last store_settle */
    unsigned settled; /**< how often */
    unsigned proved;
};
/** The one machine; in shared memory, made by double_start and gone with double_stop. */
extern struct double_machine *double_machine;

void double_start(unsigned abilities);
void double_stop(void);
/** From here on, let verb number @p at fail; 0: none. */
void double_plan(unsigned at, enum double_failing failing, bool forever);
/** Whether the planned failure has come. */
bool double_failed(void);

/** Put an item there without any verb; its `host` and `label` may be NULL. */
void double_set(const struct item *item);
/** Whether it is there; for trust: with just this scope. */
bool double_has(const struct item *item);
size_t double_count(void);

/** The kind; its place is of no meaning. */
extern const struct store_kind store_double;

#endif
