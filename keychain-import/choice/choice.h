/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of a store: the table of all kinds, what `--into STORE[:PLACE]` means, and which store is meant when nobody says.
 */
#ifndef MTLSKIT_CHOICE_CHOICE_H
#define MTLSKIT_CHOICE_CHOICE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"
#include "base/fault.h"
#include "store/store.h"

/** A kind of store, by its word. */
struct choice_row {
    const char *word;              /**< "nss" */
    const struct store_kind *kind; /**< NULL: left out of this program */
    const char *missing; /**< why it is left out, a phrase that goes on after the program's name; else NULL */
};
/** All kinds there are, in the order they are told; ended by a NULL word. */
const struct choice_row *choice_rows(void);

/** One place of one kind. Starts as all zeros. */
struct choice {
    const struct store_kind *kind;
    struct bytes place; /**< what stands behind "nss:"; may be empty */
};
void choice_free(struct choice *choice);

/** The kind that @p into names before its colon; NULL with a fault: there is none, whatever this program has. */
const struct choice_row *choice_row_of(const char *into, struct faults *faults);
/** Read what stands behind --into: a kind and, behind a colon, its place. -1 with a fault: no such kind, or one that is left out. @p choice is replaced. */
int choice_parse(const char *into, struct choice *choice, struct faults *faults) MUST_USE;
/**
 * The one store of this machine that can do all of @p abilities (enum store_ability). -1 with a fault that lists the places when there are
 * several, and says what is in the way of each when there is none. @p choice is replaced.
 */
int choice_make(const struct store_setting *setting, unsigned abilities, struct choice *choice,
                struct faults *faults) MUST_USE;
/** Append "nss:chromium", as --into takes it. */
int choice_name(const struct choice *choice, struct bytes *name) MUST_USE;

#endif
