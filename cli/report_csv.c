/*
 * report_csv - rows for spreadsheets, and for tests; see csv.h.
 */
#include "cli/report.h"

#include "cli/csv.h"

static const char *const figure_titles[] = {
	"calls",	"allocated_bytes", "freed_bytes", "live_bytes",
	"live_blocks",	"peak_bytes",	   "peak_blocks", "temporary",
	"leaked_bytes", "leaked_blocks",
};

static void put_figures(struct csv *w, const struct query_counts *c)
{
	csv_count(w, c->calls);
	csv_count(w, c->allocated_bytes);
	csv_count(w, c->freed_bytes);
	csv_count(w, c->live_bytes);
	csv_count(w, c->live_blocks);
	csv_count(w, c->peak_bytes);
	csv_count(w, c->peak_blocks);
	csv_count(w, c->temporary);
	csv_count(w, c->leaked_bytes);
	csv_count(w, c->leaked_blocks);
}

static void write_rows(struct csv *w, const struct query_result *result)
{
	csv_subject_titles(w);
	for (size_t i = 0; i < sizeof(figure_titles) / sizeof(*figure_titles);
	     i++)
		csv_text(w, figure_titles[i]);
	csv_end_line(w);
	for (size_t i = 0; i < result->count; i++) {
		csv_subject(w, &result->rows[i]);
		put_figures(w, &result->rows[i].counts);
		csv_end_line(w);
	}
}

static void write_report(const struct report *r, bool is_tsv)
{
	write_rows(&(struct csv){ .profile = r->profile,
				  .by = r->query.by,
				  .is_tsv = is_tsv },
		   r->result);
}

void report_csv(const struct report *r)
{
	write_report(r, false);
}

void report_tsv(const struct report *r)
{
	write_report(r, true);
}
