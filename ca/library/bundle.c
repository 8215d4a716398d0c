/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle. What was written is opened again and compared before it counts. */
#include "x509/bundle.h"

#include <stdlib.h>
#include <string.h>

#include <mtlskit/bundle.h>

#include "library/context.h"
#include "library/handle.h"
#include "library/identity.h"
#include "x509/certificate_list.h"

#define TARGETS "ios-legacy, android-legacy, modern, java, java-truststore"

struct mtlskit_bundle {
    struct handle handle;
    const struct bundle_target *target;
    struct bytes passphrase;
    char *friendly_name; /* NULL: the common name */
    struct bytes p12;
};

struct mtlskit_bundle *mtlskit_bundle_new(struct mtlskit_context *context)
{
    struct mtlskit_bundle *bundle = calloc(1, sizeof(*bundle));

    if (bundle == NULL) {
        return NULL;
    }
    bundle->target = bundle_target_find("modern");
    if (handle_start(&bundle->handle, context) != 0) {
        mtlskit_bundle_free(bundle);
        return NULL;
    }
    return bundle;
}

void mtlskit_bundle_free(struct mtlskit_bundle *bundle)
{
    if (bundle != NULL) {
        bytes_free(&bundle->passphrase);
        bytes_free(&bundle->p12);
        free(bundle->friendly_name);
        handle_end(&bundle->handle);
        free(bundle);
    }
}

const char *mtlskit_bundle_error(const struct mtlskit_bundle *bundle)
{
    return handle_error(bundle != NULL ? &bundle->handle : NULL);
}

int mtlskit_bundle_set_target(struct mtlskit_bundle *bundle, const char *target)
{
    const struct bundle_target *found = target != NULL ? bundle_target_find(target) : NULL;
    int status = 0;

    if (bundle == NULL) {
        return -1;
    }
    handle_begin(&bundle->handle);
    if (target == NULL) {
        status = handle_missing(&bundle->handle, "the target");
    } else if (found == NULL) {
        status = handle_refuse(&bundle->handle, "target", target, "is none", TARGETS);
    } else {
        bundle->target = found;
    }
    return handle_settle(&bundle->handle, status);
}

int mtlskit_bundle_set_passphrase(struct mtlskit_bundle *bundle, const char *passphrase)
{
    struct bytes copy = BYTES_EMPTY;

    if (bundle == NULL) {
        return -1;
    }
    handle_begin(&bundle->handle);
    if (passphrase == NULL) {
        return handle_settle(&bundle->handle, handle_missing(&bundle->handle, "the passphrase"));
    }
    if (bytes_append_text(&copy, passphrase) != 0) {
        fault_memory(bundle->handle.faults);
        return handle_settle(&bundle->handle, -1);
    }
    bytes_move(&bundle->passphrase, &copy);
    return handle_settle(&bundle->handle, 0);
}

int mtlskit_bundle_set_friendly_name(struct mtlskit_bundle *bundle, const char *name)
{
    char *copy = NULL;

    if (bundle == NULL) {
        return -1;
    }
    handle_begin(&bundle->handle);
    if (name != NULL && (copy = strdup(name)) == NULL) {
        fault_memory(bundle->handle.faults);
        return handle_settle(&bundle->handle, -1);
    }
    free(bundle->friendly_name);
    bundle->friendly_name = copy;
    return handle_settle(&bundle->handle, 0);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* Write @p content, whose salts are those of @p name's bundle for this target. */
static int write(struct mtlskit_bundle *bundle, const char *name, struct bundle_content *content)
{
    struct faults *faults = bundle->handle.faults;
    struct context *context = library_draw(bundle->handle.context);
    struct bytes purpose = BYTES_EMPTY;
    int status = -1;

    content->name = bundle->friendly_name;
    content->passphrase = &bundle->passphrase;
    if (context == NULL || bytes_printf(&purpose, "bundle %s", bundle->target->word) != 0 ||
        context_begin(context, slice_of_text(name), slice_of(&purpose)) != 0) {
        fault_memory(faults);
    } else if (bundle_passphrase_check(bundle->target, &bundle->passphrase, false, faults) == 0 &&
               bundle_write(context, bundle->target, content, &bundle->p12, faults) == 0) {
        status = bundle_check(context, bundle->target, content, slice_of(&bundle->p12), faults);
    }
    bytes_free(&purpose);
    context_free(context);
    return status;
}

/* The certificates of @p list from number @p first on, borrowed; freed by the caller. */
static struct slice *slices_of(const struct certificate_list *list, size_t first)
{
    struct slice *slices = calloc(list->count + 1, sizeof(*slices));

    for (size_t i = first; slices != NULL && i < list->count; i++) {
        slices[i - first] = slice_of(&list->items[i]);
    }
    return slices;
}

static int write_identity(struct mtlskit_bundle *bundle, const struct mtlskit_identity *identity)
{
    const struct certificate_list *all;
    struct bundle_content content = {0};
    struct slice *chain;
    int status;

    if (!identity_is_there(identity)) {
        return handle_missing(&bundle->handle, "the identity");
    }
    if (bundle->target->anchors_only || identity_key(identity) == NULL) {
        fault_error(bundle->handle.faults, NULL, "bundle", NULL,
                    bundle->target->anchors_only ? "target \"%s\" holds no key"
                                                 : "the key of \"%s\" is elsewhere",
                    bundle->target->anchors_only ? bundle->target->word : identity_name(identity));
        return -1;
    }
    all = identity_certificates(identity);
    chain = slices_of(all, 1);
    if (chain == NULL) {
        fault_memory(bundle->handle.faults);
        return -1;
    }
    content.key = identity_key(identity);
    content.leaf = slice_of(&all->items[0]);
    content.chain = chain;
    content.chain_count = all->count - 1;
    status = write(bundle, identity_name(identity), &content);
    free(chain);
    return status;
}

static int write_anchors(struct mtlskit_bundle *bundle, struct slice certificates)
{
    struct certificate_list list = {0};
    struct bundle_content content = {0};
    struct slice *anchors = NULL;
    int status = -1;

    if (certificates.data == NULL) {
        return handle_missing(&bundle->handle, "the certificate");
    }
    if (!bundle->target->anchors_only) {
        return handle_refuse(&bundle->handle, "target", bundle->target->word,
                             "is for an identity, which mtlskit_bundle_write() writes", "java-truststore");
    }
    if (certificate_list_read(certificates, "certificates", &list, bundle->handle.faults) == 0) {
        anchors = slices_of(&list, 0);
        if (anchors == NULL) {
            fault_memory(bundle->handle.faults);
        } else {
            content.chain = anchors;
            content.chain_count = list.count;
            status = write(bundle, "", &content);
        }
    }
    free(anchors);
    certificate_list_free(&list);
    return status;
}

int mtlskit_bundle_write(struct mtlskit_bundle *bundle, const struct mtlskit_identity *identity)
{
    int status;

    if (bundle == NULL) {
        return -1;
    }
    handle_begin(&bundle->handle);
    bytes_clear(&bundle->p12);
    status = write_identity(bundle, identity);
    if (status != 0) {
        bytes_clear(&bundle->p12);
    }
    return handle_settle(&bundle->handle, status);
}

int mtlskit_bundle_write_anchors(struct mtlskit_bundle *bundle, const void *certificates, size_t length)
{
    int status;

    if (bundle == NULL) {
        return -1;
    }
    handle_begin(&bundle->handle);
    bytes_clear(&bundle->p12);
    status = write_anchors(bundle, (struct slice){certificates, length});
    if (status != 0) {
        bytes_clear(&bundle->p12);
    }
    return handle_settle(&bundle->handle, status);
}

const unsigned char *mtlskit_bundle_p12(const struct mtlskit_bundle *bundle, size_t *length)
{
    bool there = bundle != NULL && bundle->p12.length > 0;

    if (length != NULL) {
        *length = there ? bundle->p12.length : 0;
    }
    return there ? bundle->p12.data : NULL;
}
