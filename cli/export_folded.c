/*
 * export_folded - "main;parse;strdup 120", what flame graph tools fold stacks
 * to: flamegraph.pl, inferno, speedscope, Perfetto.
 *
 * A line a stack, its outermost call first; inlined callers stand above their
 * callees like others. A semicolon in a name would split it, and becomes a
 * colon. Stacks that have nothing of the metric are left out.
 */
#include "cli/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_name(const struct query_frame *f)
{
	char *name = export_name(f);

	for (char *c = name; (c = strchr(c, ';'));)
		*c = ':';
	fputs(name, stdout);
	free(name);
}

int export_folded(const struct export *e, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < e->stacks->count; i++) {
		const struct query_row *row = &e->stacks->rows[i];
		uint64_t value = query_metric_of(&row->counts, e->query.sort);
		const struct query_frame *frames;
		size_t count;

		if (!value)
			continue;
		frames = profile_frames(e->profile, row, &count);
		if (!count)
			fputs("[no stack]", stdout);
		while (count--) {
			print_name(&frames[count]);
			if (count)
				putchar(';');
		}
		printf(" %" PRIu64 "\n", value);
	}
	return 0;
}
