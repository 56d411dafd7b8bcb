/*
 * where - a condition on blocks, as the user writes it.
 *
 *	file ~ "src/p*.c" and size > 4KiB and not (lifetime < 1ms or live)
 *
 * This knows the language only: what a field of a block is, the one who asks
 * tells through a function, which may also say that it does not know yet. The
 * fields are described in man/memprof-where.7.
 */
#ifndef MEMPROF_ANALYZER_WHERE_H
#define MEMPROF_ANALYZER_WHERE_H

#include "analyzer/query.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum where_field {
	/* Of the place. */
	WHERE_FUNCTION,
	WHERE_FILE,
	WHERE_LINE,
	WHERE_MODULE,
	/* Of any frame. */
	WHERE_STACK,
	WHERE_STACKFILE,
	WHERE_STACKMODULE,

	WHERE_THREAD,
	WHERE_TID,
	WHERE_PROCESS,
	WHERE_PID,
	WHERE_SIZE,
	/* Of one block, which only events tell. */
	WHERE_TIME,
	WHERE_LIFETIME,
	WHERE_LIVE,
	WHERE_TEMPORARY,
	WHERE_FIELDS,
};

enum where_compare {
	WHERE_EQUAL,
	WHERE_UNEQUAL,
	WHERE_LESS,
	WHERE_AT_MOST,
	WHERE_MORE,
	WHERE_AT_LEAST,
	WHERE_LIKE,
	WHERE_UNLIKE,
};

struct where_test {
	enum where_field field;
	enum where_compare compare;
	const char *text; /* of fields that are text */
	uint64_t number; /* bytes, ns or as it is; 1 for a field alone */
	uint32_t index; /* of this test among all, from 0 */
};

enum where_answer {
	WHERE_NO,
	WHERE_YES,
	WHERE_MAYBE,
};

typedef enum where_answer where_ask(void *context,
				    const struct where_test *test);

/* Asks no more than it takes to know. */
enum where_answer where_evaluate(const struct where *w, where_ask *ask,
				 void *context);

size_t where_tests(const struct where *w);
bool where_uses(const struct where *w, enum where_field field);

bool where_fits_number(const struct where_test *test, uint64_t number);
/* A function has a name with and one without parameters: either may fit. */
bool where_fits_name(const struct where_test *test, const char *full,
		     const char *plain);
/* Paths also fit from behind any slash on. NULL text is unknown. */
bool where_fits_text(const struct where_test *test, const char *text);
bool where_fits_path(const struct where_test *test, const char *path);

#endif
