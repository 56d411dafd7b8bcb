/*
 * fuzz_where - any text at all, given to --where.
 *
 * What is accepted is asked about blocks of which nothing, something and
 * everything is known: an answer that was sure must stay.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/where.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum where_answer ask_little(void *context,
				    const struct where_test *test)
{
	(void)context;
	switch (test->field) {
	case WHERE_SIZE:
		return where_fits_number(test, 100) ? WHERE_YES : WHERE_NO;
	case WHERE_FILE:
		return where_fits_path(test, "/a/bb/c.c") ? WHERE_YES
							  : WHERE_NO;
	default:
		return WHERE_MAYBE;
	}
}

static enum where_answer ask_all(void *context, const struct where_test *test)
{
	enum where_answer known = ask_little(context, test);

	if (known != WHERE_MAYBE)
		return known;
	if (test->text)
		return where_fits_text(test, "name") ? WHERE_YES : WHERE_NO;
	return where_fits_number(test, 7) ? WHERE_YES : WHERE_NO;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	enum where_answer little, all;
	struct where *w;
	struct err err;

	memcpy(text, data, size);
	text[size] = '\0';
	w = where_parse(text, &err);
	if (w) {
		little = where_evaluate(w, ask_little, NULL);
		all = where_evaluate(w, ask_all, NULL);
		if (all == WHERE_MAYBE ||
		    (little != WHERE_MAYBE && little != all))
			__builtin_trap();
	} else if (strncmp(err.text, "column ", 7) != 0) {
		__builtin_trap();
	}
	where_destroy(w);
	free(text);
	return 0;
}
