/*
 * report_types - see report_types.h.
 */
#include "cli/report_types.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/screen.h"
#include "cli/subject_text.h"
#include "text/amount.h"
#include "text/escape.h"
#include "text/place.h"

enum {
	PINS = 5, /* shown, unless all is asked for */
};

static void print_types(const struct report *r)
{
	const struct query_result *result = r->result;

	screen_style(SCREEN_TITLE);
	printf("%10s %7s %10s %10s  type\n", "live", "%", "objects", "one ref");
	screen_style(SCREEN_PLAIN);
	for (size_t i = 0; i < result->count; i++) {
		const struct query_row *row = &result->rows[i];

		printf("%10s", amount_bytes(row->counts.live_bytes).text);
		printf(" %7s", amount_share(row->counts.live_bytes,
					    result->total.live_bytes)
				       .text);
		printf(" %10s", amount_count(row->counts.live_blocks).text);
		printf(" %10s  ", amount_count(row->sole).text);
		escape_print(stdout, row->type ? row->type : "(no objects)");
		putchar('\n');
	}
	if (result->count < result->total_rows)
		printf("(%zu more: --limit 0 shows all)\n",
		       result->total_rows - result->count);
}

static void print_classes(const struct query_arenas *a)
{
	screen_style(SCREEN_TITLE);
	printf("\n%10s %10s %10s %10s %7s\n", "block", "pools", "blocks",
	       "room", "full");
	screen_style(SCREEN_PLAIN);
	for (size_t i = 0; i < QUERY_CLASSES; i++) {
		const struct model_size_class *c = &a->classes[i];

		if (!c->size)
			continue;
		printf("%8u B %10s", c->size, amount_count(c->pools).text);
		printf(" %10s", amount_count(c->blocks).text);
		printf(" %10s", amount_count(c->room).text);
		printf(" %7s\n", amount_share(c->blocks, c->room).text);
	}
}

static void print_pins(const struct report *r, const struct query_arenas *a)
{
	const struct place_style style = {
		.full = r->full, .cwd = profile_run(r->profile)->cwd
	};
	size_t most = r->full ? a->pin_count : PINS;

	screen_style(SCREEN_TITLE);
	printf("\n%10s %10s %10s  line\n", "kept free", "arenas", "blocks");
	screen_style(SCREEN_PLAIN);
	for (size_t i = 0; i < a->pin_count && i < most; i++) {
		char *text = place_line(&a->pins[i].place, &style);

		printf("%10s", amount_bytes(a->pins[i].bytes).text);
		printf(" %10s", amount_count(a->pins[i].arenas).text);
		printf(" %10s  ", amount_count(a->pins[i].blocks).text);
		puts(text);
		free(text);
	}
}

void report_types(const struct report *r)
{
	const struct query_arenas *a = profile_arenas(r->profile);

	putchar('\n');
	print_types(r);
	if (!a->arenas)
		return;
	printf("\narenas      %s of pymalloc's, %s",
	       amount_count(a->arenas).text, amount_bytes(a->bytes).text);
	printf(", of which %s free (%s pools)\n",
	       amount_bytes(a->free_bytes).text,
	       amount_count(a->free_pools).text);
	if (r->full)
		print_classes(a);
	print_pins(r, a);
}
