/*
 * web_lines - the lines that two traces differ in.
 *
 * A page of one trace adds up its lines from stacks. Of two traces a line may
 * be known again where its stacks are not, so they are compared as lines.
 */
#include "cli/web.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	LINES = 5000,
};

static void print_side(const struct query_row *row)
{
	for (int m = 0; m < QUERY_METRICS; m++)
		printf(",%" PRIu64,
		       row ? query_metric_of(&row->counts, (enum query_metric)m)
			   : 0);
}

void web_lines(struct web *p)
{
	size_t count = p->lines->count < LINES ? p->lines->count : LINES;

	fputs("\"lines\":[", stdout);
	for (size_t i = 0; i < count; i++) {
		const struct query_diff_row *row = &p->lines->rows[i];
		const struct query_row *shown =
			row->after ? row->after : row->before;

		printf("%s[%" PRIu32, i ? ",\n" : "\n",
		       web_frame_of(p, row->after ? 1 : 0, &shown->place));
		print_side(row->before);
		print_side(row->after);
		putchar(']');
	}
	printf("],\n\"lines_in_all\":%zu,\n", p->lines->count);
}
