/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of certificates, grown and read: each certificate is checked for its form, and what is none is said to be what it is. */
#include "x509/certificate_list.h"

#include <stdlib.h>
#include <string.h>

#include "x509/certificate.h"
#include "x509/der.h"
#include "x509/form.h"
#include "x509/pem.h"

int certificate_list_add(struct certificate_list *list, struct slice der)
{
    struct bytes item = BYTES_EMPTY;

    /* The room is the count's next power of two, so it is made whenever the count is such a power. */
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count == 0 ? 1 : list->count * 2;
        struct bytes *items = realloc(list->items, room * sizeof(*items));

        if (items == NULL) {
            return -1;
        }
        list->items = items;
    }
    if (bytes_append(&item, der.data, der.length) != 0) {
        return -1;
    }
    list->items[list->count++] = item;
    return 0;
}

void certificate_list_free(struct certificate_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        bytes_free(&list->items[i]);
    }
    free(list->items);
    list->items = NULL;
    list->count = 0;
}

static int add_checked(struct certificate_list *list, struct slice der, const struct place *place,
                       struct faults *faults)
{
    struct certificate_view view;

    if (list->count == CERTIFICATE_LIST_MAX) {
        fault_error(faults, place, NULL, NULL, "more than %d certificates", CERTIFICATE_LIST_MAX);
        return -1;
    }
    if (certificate_view_read(der, &view) != 0) {
        fault_error(faults, place, NULL,
                    form_is_p12(der) ? "it is a P12; take the certificates out with: openssl pkcs12 -nokeys"
                                     : NULL,
                    "not a well-formed certificate");
        return -1;
    }
    if (certificate_list_add(list, der) != 0) {
        fault_memory(faults);
        return -1;
    }
    return 0;
}

/* What a block's label means here. 1: a certificate; 0: something else, to be skipped; -1: refused. */
static int label_status(const struct pem_block *block, const struct place *place, const char **other,
                        struct faults *faults)
{
    if (strcmp(block->label, "CERTIFICATE") == 0 || strcmp(block->label, "X509 CERTIFICATE") == 0) {
        return 1;
    }
    if (strcmp(block->label, "TRUSTED CERTIFICATE") == 0) {
        fault_error(faults, place, NULL, "convert it: openssl x509 -in FILE -out NEW",
                    "OpenSSL's TRUSTED CERTIFICATE carries trust settings of its own and is not taken");
        return -1;
    }
    if (strcmp(block->label, "PKCS7") == 0 || strcmp(block->label, "CMS") == 0) {
        *other = "it holds PKCS#7; take the certificates out with: openssl pkcs7 -print_certs";
    } else if (strstr(block->label, "PRIVATE KEY") != NULL && *other == NULL) {
        *other = "it holds a private key only";
    } else if (strstr(block->label, "CERTIFICATE REQUEST") != NULL && *other == NULL) {
        *other = "it holds a certificate request, which is not yet a certificate";
    }
    return 0;
}

static int list_read_pem(struct slice content, const char *shown, struct certificate_list *list,
                         struct faults *faults)
{
    struct place place = {shown, 0, 0};
    struct pem_block block;
    size_t before = list->count;
    const char *other = NULL;
    size_t line = 0;
    int status;

    while ((status = pem_read(&content, &line, shown, &block, faults)) == 1) {
        int wanted;

        place.line = block.line;
        wanted = label_status(&block, &place, &other, faults);
        if (wanted == 1) {
            wanted = add_checked(list, slice_of(&block.der), &place, faults);
        }
        pem_block_free(&block);
        if (wanted < 0) {
            return -1;
        }
    }
    if (status == 0 && list->count == before) {
        place.line = 0;
        fault_error(faults, &place, NULL, other, "holds no certificate");
        return -1;
    }
    return status;
}

int certificate_list_read(struct slice content, const char *shown, struct certificate_list *list,
                          struct faults *faults)
{
    size_t before = list->count;
    struct place place = {shown, 0, 0};
    struct slice rest = content;
    struct der_item item;
    int status;

    if (form_check(content, shown, faults) != 0) {
        status = -1;
    } else if (content.length > 0 && content.data[0] == DER_SEQUENCE && der_read(&rest, &item) == 1 &&
               rest.length == 0) {
        status = add_checked(list, content, &place, faults);
    } else {
        status = list_read_pem(content, shown, list, faults);
    }
    while (status != 0 && list->count > before) {
        list->count -= 1;
        bytes_free(&list->items[list->count]);
    }
    if (list->count == 0) {
        certificate_list_free(list);
    }
    return status;
}
