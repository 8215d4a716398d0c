/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults: each is rendered when it is added, in a buffer of its largest size, and kept as a copy of its own. So the list
 * needs nothing of what was passed in, and printing it cannot fail.
 */
#include "base/fault.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "base/bytes.h"
#include "base/utf8.h"

/* Ends a text that was cut. */
#define CUT_MARK        "..."
#define CUT_MARK_LENGTH (sizeof(CUT_MARK) - 1)
/* A list is made with room for this many, so that the first complaints of a machine without memory are still told. */
#define FIRST_CAPACITY 2

#define MEMORY_TEXT    "memory is out"

struct fault {
    enum fault_severity severity;
    char *text; /* owned; NULL stands for MEMORY_TEXT */
    bool hinted;
    size_t file; /* octets of text that name the file of its place; 0: it has none */
    size_t line, column;
};

struct faults {
    struct fault *kept; /* first, until there are more */
    size_t count;
    size_t capacity;
    size_t added[2];       /* by severity, those not kept included */
    size_t kept_so_far[2]; /* by severity */
    struct fault first[FIRST_CAPACITY];
};

/* A fault's text while it is put together. */
struct rendering {
    char text[FAULT_TEXT_MAX + 1];
    size_t length;
    size_t file;     /* octets that name the file */
    size_t boundary; /* where to cut to have room for CUT_MARK without breaking a character */
    bool cut;
};

/* ---- rendering --------------------------------------------------------------------------------------------------- */

/* Append @p length octets that stand or fall together: one character, or one escape. */
static void put(struct rendering *rendering, const char *octets, size_t length)
{
    if (rendering->cut) {
        return;
    }
    if (length > FAULT_TEXT_MAX - rendering->length) {
        memcpy(rendering->text + rendering->boundary, CUT_MARK, CUT_MARK_LENGTH);
        rendering->length = rendering->boundary + CUT_MARK_LENGTH;
        rendering->cut = true;
        return;
    }
    memcpy(rendering->text + rendering->length, octets, length);
    rendering->length += length;
    if (rendering->length <= FAULT_TEXT_MAX - CUT_MARK_LENGTH) {
        rendering->boundary = rendering->length;
    }
}

static void put_escaped(struct rendering *rendering, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    struct slice rest = slice_of_text(text);

    while (rest.length != 0 && !rendering->cut) {
        uint32_t point = 0;
        size_t length = utf8_take(rest, &point);

        if (length != 0 && !utf8_is_control(point)) {
            put(rendering, (const char *)rest.data, length);
        } else {
            length = length == 0 ? 1 : length;
            for (size_t i = 0; i < length; i++) {
                const char escape[4] = {'\\', 'x', digits[rest.data[i] >> 4], digits[rest.data[i] & 0xf]};

                put(rendering, escape, sizeof(escape));
            }
        }
        rest.data += length;
        rest.length -= length;
    }
}

static void put_number(struct rendering *rendering, size_t number)
{
    char text[32];

    snprintf(text, sizeof(text), ":%zu", number);
    put_escaped(rendering, text);
}

/* "file:line:column: ", as much of it as is known. */
static void put_place(struct rendering *rendering, const struct place *place)
{
    if (place == NULL || (place->file == NULL ? place->line == 0 : place->file[0] == '\0')) {
        return;
    }
    put_escaped(rendering, place->file != NULL ? place->file : "line");
    rendering->file = rendering->length;
    if (place->line != 0) {
        put_number(rendering, place->line);
        if (place->column != 0) {
            put_number(rendering, place->column);
        }
    }
    put_escaped(rendering, ": ");
}

/*
 * The sentence. It is formatted into a buffer slightly longer than a fault can be: escaping never shortens, so what does
 * not fit here would have been cut anyway, and a character broken at this buffer's end is never shown.
 */
static void put_sentence(struct rendering *rendering, const char *format, va_list values) PRINTF_LIKE(2, 0);
static void put_sentence(struct rendering *rendering, const char *format, va_list values)
{
    char sentence[FAULT_TEXT_MAX + 8];

    if (vsnprintf(sentence, sizeof(sentence), format, values) < 0) {
        put_escaped(rendering, format);
    } else {
        put_escaped(rendering, sentence);
    }
}

static void put_hint(struct rendering *rendering, const char *hint)
{
    if (hint != NULL) {
        put_escaped(rendering, " (");
        put_escaped(rendering, hint);
        put_escaped(rendering, ")");
    }
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

struct faults *faults_new(void)
{
    struct faults *faults = calloc(1, sizeof(*faults));

    if (faults == NULL) {
        return NULL;
    }
    faults->kept = faults->first;
    faults->capacity = FIRST_CAPACITY;
    return faults;
}

void faults_free(struct faults *faults)
{
    if (faults == NULL) {
        return;
    }
    for (size_t i = 0; i < faults->count; i++) {
        free(faults->kept[i].text);
    }
    if (faults->kept != faults->first) {
        free(faults->kept);
    }
    free(faults);
}

/* Room for one more of @p severity? */
static bool has_room(struct faults *faults, enum fault_severity severity)
{
    if (faults->kept_so_far[severity] >= FAULT_LIST_MAX) {
        return false;
    }
    if (faults->count == faults->capacity) {
        bool few = faults->kept == faults->first;
        struct fault *more = realloc(few ? NULL : faults->kept, 2 * faults->capacity * sizeof(*more));

        if (more == NULL) {
            return false;
        }
        if (few) {
            memcpy(more, faults->first, sizeof(faults->first));
        }
        faults->kept = more;
        faults->capacity *= 2;
    }
    return true;
}

/* Keep @p fault, whose text is owned from here on. */
static void keep(struct faults *faults, struct fault fault)
{
    if (has_room(faults, fault.severity)) {
        faults->kept[faults->count++] = fault;
        faults->kept_so_far[fault.severity] += 1;
    } else {
        free(fault.text);
    }
}

/* Counts a fault. False: that is all, for as many as are kept are there. */
static bool is_kept(struct faults *faults, enum fault_severity severity)
{
    faults->added[severity] += 1;
    return faults->kept_so_far[severity] < FAULT_LIST_MAX;
}

static void add(struct faults *faults, enum fault_severity severity, const struct place *place,
                struct rendering *rendering, bool hinted)
{
    rendering->text[rendering->length] = '\0';
    keep(faults, (struct fault){.severity = severity,
                                .text = strdup(rendering->text),
                                .hinted = hinted,
                                .file = rendering->file,
                                .line = place != NULL ? place->line : 0,
                                .column = place != NULL ? place->column : 0});
}

bool faults_full(const struct faults *faults)
{
    return faults->kept_so_far[FAULT_ERROR] >= FAULT_LIST_MAX;
}

size_t faults_errors(const struct faults *faults)
{
    return faults->added[FAULT_ERROR];
}

size_t faults_warnings(const struct faults *faults)
{
    return faults->added[FAULT_WARNING];
}

size_t faults_count(const struct faults *faults)
{
    return faults->count;
}

const char *faults_text(const struct faults *faults, size_t index)
{
    if (index >= faults->count) {
        return "";
    }
    return faults->kept[index].text != NULL ? faults->kept[index].text : MEMORY_TEXT;
}

enum fault_severity faults_severity(const struct faults *faults, size_t index)
{
    return index < faults->count ? faults->kept[index].severity : FAULT_ERROR;
}

void faults_move(struct faults *to, struct faults *from)
{
    if (to == from) {
        return;
    }
    for (size_t i = 0; i < from->count; i++) {
        keep(to, from->kept[i]);
    }
    from->count = 0;
    for (size_t severity = 0; severity < 2; severity++) {
        to->added[severity] += from->added[severity];
        from->added[severity] = 0;
        from->kept_so_far[severity] = 0;
    }
}

/* Whether both are of places in one file, and the first one's comes later. */
static bool stands_behind(const struct fault *fault, const struct fault *other)
{
    if (fault->file == 0 || fault->file != other->file || fault->text == NULL || other->text == NULL ||
        memcmp(fault->text, other->text, fault->file) != 0) {
        return false;
    }
    return fault->line != other->line ? fault->line > other->line : fault->column > other->column;
}

void faults_sort(struct faults *faults)
{
    for (size_t i = 1; i < faults->count; i++) {
        for (size_t j = i; j > 0 && stands_behind(&faults->kept[j - 1], &faults->kept[j]); j--) {
            struct fault later = faults->kept[j - 1];

            faults->kept[j - 1] = faults->kept[j];
            faults->kept[j] = later;
        }
    }
}

/* ---- adding ------------------------------------------------------------------------------------------------------ */

/* One that will not be kept is not rendered: a file may have any number of mistakes. */
static void tell(struct faults *faults, enum fault_severity severity, const struct place *place,
                 const char *path, const char *hint, const char *format, va_list values) PRINTF_LIKE(6, 0);
static void tell(struct faults *faults, enum fault_severity severity, const struct place *place,
                 const char *path, const char *hint, const char *format, va_list values)
{
    if (is_kept(faults, severity)) {
        struct rendering rendering = {.length = 0};

        put_place(&rendering, place);
        if (path != NULL) {
            put_escaped(&rendering, path);
            put_escaped(&rendering, ": ");
        }
        put_sentence(&rendering, format, values);
        put_hint(&rendering, hint);
        add(faults, severity, place, &rendering, hint != NULL);
    }
}

/* One that was cut has no room for more. */
static void advise(struct fault *fault, const char *advice)
{
    struct rendering rendering = {.length = 0};
    size_t length = fault->text != NULL ? strlen(fault->text) : 0;
    char *text;

    if (length == 0 || (fault->hinted && fault->text[length - 1] != ')')) {
        return;
    }
    if (fault->hinted) {
        fault->text[--length] = '\0';
        put_escaped(&rendering, fault->text);
        put_escaped(&rendering, fault->text[length - 1] == '?' ? " " : "; ");
        put_escaped(&rendering, advice);
        put_escaped(&rendering, ")");
        fault->text[length] = ')';
    } else {
        put_escaped(&rendering, fault->text);
        put_hint(&rendering, advice);
    }
    rendering.text[rendering.length] = '\0';
    text = strdup(rendering.text);
    if (text != NULL) {
        free(fault->text);
        fault->text = text;
        fault->hinted = true;
    }
}

void faults_advise(struct faults *faults, const char *advice)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->kept[i].severity == FAULT_ERROR) {
            advise(&faults->kept[i], advice);
        }
    }
}

void fault_error(struct faults *faults, const struct place *place, const char *path, const char *hint,
                 const char *format, ...)
{
    va_list values;

    va_start(values, format);
    tell(faults, FAULT_ERROR, place, path, hint, format, values);
    va_end(values);
}

void fault_warning(struct faults *faults, const struct place *place, const char *path, const char *hint,
                   const char *format, ...)
{
    va_list values;

    va_start(values, format);
    tell(faults, FAULT_WARNING, place, path, hint, format, values);
    va_end(values);
}

/* The text of an errno value; strerror_r comes in two shapes. */
void faults_move_under(struct faults *to, struct faults *from, const struct place *place, const char *path)
{
    for (size_t i = 0; i < from->count; i++) {
        size_t severity = from->kept[i].severity;

        (severity == FAULT_ERROR ? fault_error : fault_warning)(to, place, path, NULL, "%s",
                                                                faults_text(from, i));
        from->added[severity] -= 1;
        free(from->kept[i].text);
    }
    from->count = 0;
    faults_move(to, from);
}

static void put_errno(struct rendering *rendering, int error)
{
    char text[256] = "";
#ifdef __GLIBC__
    put_escaped(rendering, strerror_r(error, text, sizeof(text)));
#else
    if (strerror_r(error, text, sizeof(text)) != 0) {
        snprintf(text, sizeof(text), "error %d", error);
    }
    put_escaped(rendering, text);
#endif
}

void fault_system(struct faults *faults, int error, const char *subject, const char *hint, const char *format,
                  ...)
{
    struct rendering rendering = {.length = 0};
    va_list values;

    if (subject != NULL) {
        put_escaped(&rendering, subject);
        put_escaped(&rendering, ": ");
    }
    va_start(values, format);
    put_sentence(&rendering, format, values);
    va_end(values);
    put_escaped(&rendering, ": ");
    put_errno(&rendering, error);
    put_hint(&rendering, hint);
    if (is_kept(faults, FAULT_ERROR)) {
        add(faults, FAULT_ERROR, NULL, &rendering, hint != NULL);
    }
}

/* The reason of the newest entry that has one. OpenSSL hands the queue out oldest first, so all of it is taken off. */
static void put_openssl_reason(struct rendering *rendering)
{
    unsigned long code;
    unsigned long telling = 0;

    while ((code = ERR_get_error()) != 0) {
        if (ERR_SYSTEM_ERROR(code) || ERR_reason_error_string(code) != NULL) {
            telling = code;
        }
    }
    if (telling == 0) {
        put_escaped(rendering, "OpenSSL gives no reason");
    } else if (ERR_SYSTEM_ERROR(telling)) {
        put_errno(rendering, ERR_GET_REASON(telling));
    } else {
        put_escaped(rendering, ERR_reason_error_string(telling));
    }
}

void fault_openssl(struct faults *faults, const char *format, ...)
{
    struct rendering rendering = {.length = 0};
    va_list values;

    va_start(values, format);
    put_sentence(&rendering, format, values);
    va_end(values);
    put_escaped(&rendering, ": ");
    put_openssl_reason(&rendering);
    if (is_kept(faults, FAULT_ERROR)) {
        add(faults, FAULT_ERROR, NULL, &rendering, false);
    }
}

void fault_memory(struct faults *faults)
{
    faults->added[FAULT_ERROR] += 1;
    keep(faults, (struct fault){.severity = FAULT_ERROR});
}
