/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder that outputs go to, for the publisher: its name in complaints, and what is done in it at once rather than in a group.
 */
#ifndef MTLSKIT_BASE_OUTPUT_FOLDER_H
#define MTLSKIT_BASE_OUTPUT_FOLDER_H

#include "base/attributes.h"
#include "base/fault.h"

struct output_folder {
    int directory; /**< open; borrowed */
    char *shown;   /**< its name for complaints; "" for none */
};

/** The hint for something in a target's place. */
#define OUTPUT_FOLDER_IN_THE_WAY "remove or rename what is there"
/** The hint for a system's @p error at writing, or NULL. */
const char *output_folder_hint(int error);
/** Complain of @p path below the folder ("": of the folder itself): @p what failed with @p error, or @p why. */
void output_folder_complain_system(const struct output_folder *folder, const char *path, int error,
                                   const char *what, struct faults *faults);
void output_folder_complain(const struct output_folder *folder, const char *path, const char *hint,
                            const char *why, struct faults *faults);
/** Whether @p path can name an output (file_name_is_safe); -1 with a fault. */
int output_folder_check_name(const char *path, struct faults *faults) MUST_USE;

/** As publisher_remove and publisher_sweep say. */
int output_folder_remove(const struct output_folder *folder, const char *path, struct faults *faults)
    MUST_USE;
int output_folder_sweep(const struct output_folder *folder, const char *path, struct faults *faults) MUST_USE;

#endif
