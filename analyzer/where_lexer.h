/*
 * where_lexer - the words, signs and values of an expression.
 *
 * Each function skips blanks first, and takes what it finds only when that is
 * what was asked for. Where it is not, where_lexer_fail() says so, with the
 * column; the first to fail is the one that is heard.
 */
#ifndef MEMPROF_ANALYZER_WHERE_LEXER_H
#define MEMPROF_ANALYZER_WHERE_LEXER_H

#include "trace/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct where_lexer {
	const char *text, *at; /* borrowed */
	char *strings, *free; /* room for all values; the caller frees it */
	struct err *err;
	bool failed;
};

void where_lexer_init(struct where_lexer *l, const char *text, struct err *err);

/* "column 12: ..."; always false. */
bool where_lexer_fail(struct where_lexer *l, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool where_lexer_is_at_end(struct where_lexer *l);

/* Bytes of the word that begins at `at`. */
size_t where_lexer_word(struct where_lexer *l);
bool where_lexer_take_word(struct where_lexer *l, const char *word);
bool where_lexer_has_sign(struct where_lexer *l, const char *sign);
bool where_lexer_take_sign(struct where_lexer *l, const char *sign);

/* Values. NULL or false when they failed. */
const char *where_lexer_text(struct where_lexer *l);
bool where_lexer_number(struct where_lexer *l, uint64_t *value);
bool where_lexer_bytes(struct where_lexer *l, uint64_t *value);
bool where_lexer_time(struct where_lexer *l, uint64_t *ns);

#endif
