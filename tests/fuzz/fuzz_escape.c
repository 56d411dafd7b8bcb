/*
 * fuzz_escape - any text at all, on its way to a terminal and into JSON.
 *
 * What comes out is UTF-8 without what could steer a terminal, as narrow as
 * asked for, and text that is escaped already stays as it is.
 */
#include "tests/fuzz/file.h"

#include <locale.h>
#include <string.h>

#include "cli/escape.c"

static void check(const char *text, bool (*keeps)(struct piece))
{
	for (struct piece p; *text; text += p.length) {
		p = next_piece(text);
		if (!keeps(p) || !is_valid(p))
			abort();
	}
}

static void cut_to(const char *safe, size_t columns)
{
	char *middle = xstrdup(safe), *path = xstrdup(safe);

	escape_cut_middle(middle, columns);
	escape_cut_path(path, columns);
	check(middle, is_harmless);
	check(path, is_harmless);
	if (columns >= 8 && (escape_width(middle) > columns + 4))
		abort();
	free(middle);
	free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = xmemdup(data, size);
	char *safe = escape_text(text), *valid = escape_utf8(text);
	char *again = escape_text(safe);

	setlocale(LC_CTYPE, "C.UTF-8");
	check(safe, is_harmless);
	check(valid, is_valid);
	if (strcmp(safe, again) != 0)
		abort();
	for (size_t columns = 0; columns < 40; columns += 3)
		cut_to(safe, columns);
	free(again);
	free(valid);
	free(safe);
	free(text);
	return 0;
}
