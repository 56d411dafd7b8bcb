/*
 * diff_csv - the difference as rows; see csv.h. Three fields a figure.
 */
#include "cli/diff.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/csv.h"

static const char *const figures[] = {
	"calls",	"allocated_bytes", "freed_bytes", "live_bytes",
	"live_blocks",	"peak_bytes",	   "peak_blocks", "temporary",
	"leaked_bytes", "leaked_blocks",
};

enum {
	FIGURES = sizeof(figures) / sizeof(*figures),
};

static void put_titles(struct csv *w)
{
	static const char *const parts[] = { "old", "new", "delta" };
	char title[40];

	csv_text(w, "class");
	csv_subject_titles(w);
	for (size_t i = 0; i < 3 * FIGURES; i++) {
		snprintf(title, sizeof(title), "%s_%s", figures[i / 3],
			 parts[i % 3]);
		csv_text(w, title);
	}
	csv_end_line(w);
}

static void get_figures(const struct query_row *row, uint64_t out[FIGURES])
{
	static const struct query_counts none;
	const struct query_counts *c = row ? &row->counts : &none;
	const uint64_t all[FIGURES] = {
		c->calls,	  c->allocated_bytes, c->freed_bytes,
		c->live_bytes,	  c->live_blocks,     c->peak_bytes,
		c->peak_blocks,	  c->temporary,	      c->leaked_bytes,
		c->leaked_blocks,
	};

	for (size_t i = 0; i < FIGURES; i++)
		out[i] = all[i];
}

static void put_row(struct csv *w, const struct diff *d,
		    const struct query_diff_row *row)
{
	uint64_t old[FIGURES], new[FIGURES];

	w->profile = diff_owner(d, row);
	csv_text(w, query_change_name(row->change));
	csv_subject(w, diff_subject(row));
	get_figures(row->before, old);
	get_figures(row->after, new);
	for (size_t i = 0; i < FIGURES; i++) {
		csv_count(w, old[i]);
		csv_count(w, new[i]);
		csv_change(w, (int64_t)(new[i] - old[i]));
	}
	csv_end_line(w);
}

static void write_rows(const struct diff *d, bool is_tsv)
{
	struct csv w = { .by = d->query.by, .is_tsv = is_tsv };

	put_titles(&w);
	for (size_t i = 0; i < d->result->count; i++)
		put_row(&w, d, &d->result->rows[i]);
}

void diff_csv(const struct diff *d)
{
	write_rows(d, false);
}

void diff_tsv(const struct diff *d)
{
	write_rows(d, true);
}
