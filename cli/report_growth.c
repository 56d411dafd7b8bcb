/*
 * report_growth - see report_growth.h.
 *
 * Rows that did not change are left out of the text: what stays as it is is no
 * answer to what grows.
 */
#include "cli/report_growth.h"

#include <stdio.h>

#include "cli/jsonout.h"
#include "cli/screen.h"
#include "cli/subject_json.h"
#include "cli/subject_text.h"
#include "text/amount.h"
#include "text/escape.h"

enum {
	FIGURES = 58, /* columns before what a row is about */
};

static void print_row(const struct report *r, const struct query_trend *t)
{
	size_t columns = screen_columns();
	const struct place_style style = {
		.columns = r->full	       ? 0
			   : columns > FIGURES ? columns - FIGURES
					       : 1,
		.cwd = profile_run(r->profile)->cwd,
		.full = r->full,
	};
	bool grows = t->kind == QUERY_TREND_GROWS;
	int64_t bytes = (int64_t)(t->bytes + (t->bytes < 0 ? -0.5 : 0.5));

	printf("%-8s", query_trend_name(t->kind));
	printf("%11s", grows ? amount_rate(t->blocks).text : "-");
	printf("%12s", grows ? amount_bytes_change(bytes).text : "-");
	printf("%12s", amount_bytes(t->first_bytes).text);
	printf("%12s  ", amount_bytes(t->last_bytes).text);
	if (r->query.by == QUERY_BY_STACK) {
		putchar('\n');
		subject_print_stack(r->profile, &t->row, &style);
	} else {
		subject_print(r->query.by, &t->row, &style);
	}
}

void report_growth_text(const struct report *r)
{
	const struct query_trends *all = r->trends;
	size_t shown = 0, changed = 0;

	fputs("Growth of what is live by ", stdout);
	fputs(query_by_name(r->query.by), stdout);
	printf(", over %zu iterations, each from one mark '", all->iterations);
	escape_print(stdout, all->mark);
	puts("' to the next");
	screen_style(SCREEN_TITLE);
	printf("%-8s%11s%12s%12s%12s  %s\n", "", "blocks each", "bytes each",
	       "first", "last", query_by_name(r->query.by));
	screen_style(SCREEN_PLAIN);
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].kind == QUERY_TREND_LEVEL)
			continue;
		changed++;
		if (r->query.limit && shown == r->query.limit)
			continue;
		shown++;
		print_row(r, &all->items[i]);
	}
	if (changed > shown)
		printf("and %zu more rows (--limit 0 shows all)\n",
		       changed - shown);
	if (!changed)
		puts("nothing changed");
}

static json_t *row(const struct report *r, const struct query_trend *t)
{
	json_t *o = json_object();

	subject_json(o, r->profile, r->query.by, &t->row);
	jsonout_text(o, "trend", query_trend_name(t->kind));
	json_object_set_new(o, "blocks_per_iteration", json_real(t->blocks));
	json_object_set_new(o, "bytes_per_iteration", json_real(t->bytes));
	jsonout_count(o, "first_bytes", t->first_bytes);
	jsonout_count(o, "first_blocks", t->first_blocks);
	jsonout_count(o, "last_bytes", t->last_bytes);
	jsonout_count(o, "last_blocks", t->last_blocks);
	return o;
}

void report_growth_json(const struct report *r)
{
	const struct query_trends *all = r->trends;
	json_t *o = json_object(), *list = json_array();
	const struct trace_run *run = profile_run(r->profile);
	size_t limit = r->query.limit ? r->query.limit : all->count;

	for (size_t i = 0; i < all->count && i < limit; i++)
		json_array_append_new(list, row(r, &all->items[i]));
	jsonout_text(o, "schema", "memprof.growth/1");
	json_object_set_new(o, "command", jsonout_command(run));
	json_object_set_new(o, "pid", json_integer(run->pid));
	json_object_set_new(o, "quality",
			    jsonout_quality(profile_quality(r->profile)));
	jsonout_text(o, "mark", all->mark);
	jsonout_count(o, "iterations", all->iterations);
	jsonout_text(o, "by", query_by_name(r->query.by));
	json_object_set_new(o, "rows", list);
	jsonout_file(o, stdout);
}
