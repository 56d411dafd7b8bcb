/*
 * fuzz_escape - any text at all, on its way to a terminal and into JSON.
 *
 * What comes out is UTF-8 without what could steer a terminal, as narrow as
 * asked for, and text that is escaped already stays as it is.
 */
#include "tests/fuzz/file.h"

#include <locale.h>
#include <string.h>

#include "text/escape.h"
#include "trace/xmalloc.h"

/* `plain`: for a terminal. */
static void check(const char *text, bool plain)
{
	for (struct escape_piece p; *text; text += p.length) {
		p = escape_next(text);
		if (!p.is_valid || (plain && !escape_is_harmless(p)))
			abort();
	}
}

static void cut_to(const char *safe, size_t columns,
		   void (*cut)(char *, size_t))
{
	char *text = xstrdup(safe);

	cut(text, columns);
	check(text, true);
	if (columns >= 4 && escape_width(text) > columns)
		abort();
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmemdup(data, size);
	char *safe = escape_text(text), *valid = escape_utf8(text);
	char *again = escape_text(safe);

	setlocale(LC_CTYPE, "C.UTF-8");
	check(safe, true);
	check(valid, false);
	if (strcmp(safe, again) != 0)
		abort();
	for (size_t columns = 0; columns < 40; columns += 3) {
		cut_to(safe, columns, escape_cut_middle);
		cut_to(safe, columns, escape_cut_path);
	}
	free(again);
	free(valid);
	free(safe);
	free(text);
	return 0;
}
