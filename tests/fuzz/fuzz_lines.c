/*
 * fuzz_lines - any bytes at all, taken for the table of lines of Python code.
 *
 * The first byte is the form, the next four the first line. A table has an
 * end, its spans follow each other, and looking one up finds it again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_span(const struct model_code *code,
		       const struct lines_span *s, uint64_t end)
{
	struct lines_span found;

	if (s->start != end || s->end < s->start || s->line > INT32_MAX ||
	    s->end_line < s->line || s->end_line > INT32_MAX)
		abort();
	if (s->start == s->end)
		return;
	if (lines_at(code, s->start, &found) != (s->line != 0) ||
	    found.line != s->line || found.end_column != s->end_column)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model_code code = { 0 };
	struct lines_cursor c;
	struct lines_span span;
	uint64_t end = 0;
	uint32_t extent[2];
	uint8_t *table;
	int count = 0;

	if (size < 5)
		return 0;
	code.form = (enum model_code_form)(data[0] % MODEL_CODE_FORMS);
	memcpy(&code.first_line, data + 1, sizeof(code.first_line));
	/* A copy of its own, so that reading behind it is found. */
	table = malloc(size - 5 + 1);
	memcpy(table, data + 5, size - 5);
	code.lines = realloc(table, size - 5 ? size - 5 : 1);
	code.lines_size = (uint32_t)(size - 5);
	lines_begin(&c, &code);
	while (lines_next(&c, &span)) {
		if (count++ < 1000)
			check_span(&code, &span, end);
		end = span.end;
	}
	lines_extent(&code, extent);
	free((void *)code.lines);
	return 0;
}
