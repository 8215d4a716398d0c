/* SPDX-License-Identifier: Apache-2.0 */
/* One table; the first row that fits is taken. */
#include "manifest/syntax.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define ANY_BYTE (-2)

/* Which place a sentence is about. */
enum where {
    HERE,       /* where the parser stopped */
    AT_START,   /* where the thing it was reading begins */
    TELL_START, /* where the parser stopped; the sentence ends in the place of the start */
    TELL_BYTE   /* where the parser stopped; the sentence ends in the character there */
};

struct row {
    const char *problem; /* NULL: any */
    const char *context; /* NULL: any; otherwise how it begins */
    int byte;
    enum where where;
    const char *sentence;
    const char *hint;
};

static const struct row rows[] = {
    {"could not find expected ':'", NULL, ANY_BYTE, AT_START, "a text without \": \" where a key is expected",
     "write \"key: value\", with a space after the \":\""},
    {"mapping values are not allowed in this context", NULL, ANY_BYTE, HERE, "a \":\" that cannot stand here",
     "put the text in quotes when the \":\" belongs to it; otherwise check the indentation"},
    {"block sequence entries are not allowed in this context", NULL, ANY_BYTE, HERE,
     "a list cannot begin here with \"- \"", "begin it on a line of its own, or write it as [a, b]"},
    {"mapping keys are not allowed in this context", NULL, ANY_BYTE, HERE, "a \"? \" that cannot stand here",
     "put the text in quotes when the \"?\" belongs to it"},
    {"found character that cannot start any token", NULL, '\t', HERE, "a tab used for indentation",
     "use spaces"},
    {"found a tab character where an indentation space is expected", NULL, ANY_BYTE, HERE,
     "a tab used for indentation", "use spaces"},
    {"found a tab character that violates indentation", NULL, ANY_BYTE, HERE, "a tab used for indentation",
     "use spaces"},
    {"found character that cannot start any token", NULL, ANY_BYTE, TELL_BYTE, "a text cannot begin with",
     "put it in quotes"},
    {"found unexpected end of stream", "while scanning a quoted scalar", ANY_BYTE, AT_START,
     "the quote that opens here is never closed", "close it"},
    {"found unexpected document indicator", "while scanning a quoted scalar", ANY_BYTE, AT_START,
     "the quote that opens here is not closed before the document ends", "close it"},
    {"found unknown escape character", NULL, ANY_BYTE, HERE, "an unknown escape in a double-quoted text",
     "write \\\\ for a backslash, or use single quotes"},
    {"did not find expected hexdecimal number", NULL, ANY_BYTE, HERE,
     "an escape without its hexadecimal digits", "two follow \\x, four \\u, eight \\U"},
    {"found invalid Unicode character escape code", NULL, ANY_BYTE, HERE,
     "an escape that is no Unicode character", "write one up to 10FFFF, and none from D800 to DFFF"},
    {"did not find expected ',' or ']'", NULL, ANY_BYTE, TELL_START,
     "expected \",\" or \"]\" in the list that begins", "close the list, or put the text in quotes"},
    {"did not find expected ',' or '}'", NULL, ANY_BYTE, TELL_START,
     "expected \",\" or \"}\" in the mapping that begins", "close the mapping, or put the text in quotes"},
    {"did not find expected '-' indicator", NULL, ANY_BYTE, TELL_START,
     "expected \"- \" of the list that begins", "check the indentation"},
    {"did not find expected key", NULL, ANY_BYTE, TELL_START, "expected a key of the mapping that begins",
     "check the indentation, and quotes that close too early"},
    {"did not find expected node content", NULL, ':', HERE, "a key is missing before \":\"",
     "write \"key: value\""},
    {"did not find expected node content", NULL, ANY_BYTE, HERE, "a value is expected here",
     "write one, or put the text in quotes when it begins with a special character"},
    {"did not find expected <document start>", NULL, ANY_BYTE, HERE, "expected \"---\" after the directives",
     "remove the directives, the lines that begin with \"%\""},
    {NULL, "while scanning an anchor", ANY_BYTE, HERE,
     "expected a name of letters, digits, \"-\" and \"_\" after \"&\"",
     "put a text that begins with \"&\" in quotes"},
    {NULL, "while scanning an alias", ANY_BYTE, HERE,
     "expected a name of letters, digits, \"-\" and \"_\" after \"*\"",
     "put a text that begins with \"*\" in quotes"},
    {NULL, "while scanning a tag", ANY_BYTE, HERE, "a tag, which is not taken",
     "remove it, or put a text that begins with \"!\" in quotes"},
    {NULL, "while parsing a tag", ANY_BYTE, HERE, "a tag, which is not taken",
     "remove it, or put a text that begins with \"!\" in quotes"},
    {"found undefined tag handle", NULL, ANY_BYTE, HERE, "a tag, which is not taken",
     "remove it, or put a text that begins with \"!\" in quotes"},
    {"did not find expected comment or line break", NULL, ANY_BYTE, HERE,
     "text behind \"|\" or \">\" on the same line",
     "begin it on the next line, indented; or put it in quotes"},
    {"found an indentation indicator equal to 0", NULL, ANY_BYTE, HERE,
     "an indentation of 0 behind \"|\" or \">\"", "leave the number out"},
    {"found unexpected ':'", NULL, ANY_BYTE, HERE, "a \":\" that cannot stand here",
     "put the text in quotes"},
    {NULL, "while scanning a directive", ANY_BYTE, HERE, "a directive that is not understood",
     "remove the line"},
    {NULL, "while scanning a %", ANY_BYTE, HERE, "a directive that is not understood", "remove the line"},
    {"found incompatible YAML document", NULL, ANY_BYTE, HERE, "a version of YAML that is not known",
     "remove the line"},
    {"found duplicate %YAML directive", NULL, ANY_BYTE, HERE, "a second \"%YAML\"", "remove the line"},
};

static bool fits(const struct row *row, const struct syntax_problem *problem)
{
    if (row->problem != NULL && strcmp(row->problem, problem->problem) != 0) {
        return false;
    }
    if (row->context != NULL &&
        (problem->context == NULL || strncmp(row->context, problem->context, strlen(row->context)) != 0)) {
        return false;
    }
    return row->byte == ANY_BYTE || row->byte == problem->byte;
}

static void tell(const struct row *row, const struct syntax_problem *problem, const char *path,
                 struct faults *faults)
{
    bool known = problem->context_at.line > 0;
    const struct place *at = row->where == AT_START && known ? &problem->context_at : &problem->at;

    if (row->where == TELL_START && known) {
        fault_error(faults, at, path, row->hint, "%s at line %zu, column %zu", row->sentence,
                    problem->context_at.line, problem->context_at.column);
    } else if (row->where == TELL_START) {
        fault_error(faults, at, path, row->hint, "%s before this place", row->sentence);
    } else if (row->where == TELL_BYTE && problem->byte > ' ' && problem->byte < 0x7f) {
        fault_error(faults, at, path, row->hint, "%s \"%c\"", row->sentence, problem->byte);
    } else if (row->where == TELL_BYTE) {
        fault_error(faults, at, path, row->hint, "%s this character", row->sentence);
    } else {
        fault_error(faults, at, path, row->hint, "%s", row->sentence);
    }
}

void syntax_explain(const struct syntax_problem *problem, const char *path, struct faults *faults)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (fits(&rows[i], problem)) {
            tell(&rows[i], problem, path, faults);
            return;
        }
    }
    fault_error(faults, &problem->at, path, NULL, "not valid YAML: %s%s%s", problem->problem,
                problem->context == NULL ? "" : " ", problem->context == NULL ? "" : problem->context);
}
