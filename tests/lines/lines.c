/*
 * lines - compares what analyzer/lines.h makes of Python's tables of lines with
 * what Python itself says, both read from stdin as tables.py writes them.
 *
 * Prints how many tables and instructions there were, and every difference of
 * the first few; fails when there is one.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/lines.h"

enum {
	LINES_ONLY = 1, /* numbers an instruction */
	POSITIONS = 4, /* line, end line, column, end column */
	SHOWN = 10,
	UNIT = 2, /* bytes of an instruction */
};

struct head {
	int32_t form, first_line, size, units, width;
};

static uint64_t tables, units, differences;

static void get(void *to, size_t size)
{
	if (size && fread(to, size, 1, stdin) != 1) {
		fprintf(stderr, "lines: input ends early\n");
		exit(3);
	}
}

static bool is_same(const struct lines_span *s, const int32_t *want, int width)
{
	uint32_t line = want[0] > 0 ? (uint32_t)want[0] : 0;

	if (s->line != line || width == LINES_ONLY)
		return s->line == line;
	return (int64_t)s->end_line == (line ? want[1] : 0) &&
	       s->column == want[2] && s->end_column == want[3];
}

static void compare(const struct model_code *code, const struct head *h,
		    const int32_t *want)
{
	struct lines_cursor c;
	struct lines_span s = { 0 };
	bool has = true;

	lines_begin(&c, code);
	for (int32_t i = 0; i < h->units; i++, want += h->width) {
		while (has && (uint64_t)i * UNIT >= s.end)
			has = lines_next(&c, &s);
		if (has && is_same(&s, want, h->width))
			continue;
		if (differences++ < SHOWN)
			printf("table %ju, first line %d, offset %d: line %u "
			       "for %d\n",
			       (uintmax_t)tables, h->first_line, i * UNIT,
			       s.line, want[0]);
	}
}

/* What is looked up alone is what the walk found. */
static void look_up(const struct model_code *code, const struct head *h,
		    const int32_t *want)
{
	int32_t at = h->units / 2;
	struct lines_span s;

	if (!h->units)
		return;
	lines_at(code, (uint64_t)at * UNIT, &s);
	if (!is_same(&s, want + (size_t)at * (size_t)h->width, h->width))
		differences++;
}

static bool read_table(void)
{
	struct head h;
	uint8_t *table;
	int32_t *want;
	size_t count;
	struct model_code code;

	if (fread(&h, sizeof(h), 1, stdin) != 1)
		return false;
	count = (size_t)h.units * (size_t)h.width;
	table = malloc((size_t)h.size + 1);
	want = malloc(count * sizeof(*want) + 1);
	get(table, (size_t)h.size);
	get(want, count * sizeof(*want));
	code = (struct model_code){ .form = (enum model_code_form)h.form,
				    .first_line = (uint32_t)h.first_line,
				    .lines = table,
				    .lines_size = (uint32_t)h.size };
	compare(&code, &h, want);
	look_up(&code, &h, want);
	tables++;
	units += (uint64_t)h.units;
	free(table);
	free(want);
	return true;
}

int main(void)
{
	while (read_table())
		continue;
	printf("%ju tables, %ju instructions, %ju differences\n",
	       (uintmax_t)tables, (uintmax_t)units, (uintmax_t)differences);
	return differences != 0 || !tables;
}
