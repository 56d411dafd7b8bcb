/*
 * report_csv - rows for spreadsheets, and for tests; see csv.h.
 */
#include "cli/report.h"

#include "cli/csv.h"

static const char *const lifetime_titles[] = { "lifetime_min_ns",
					       "lifetime_median_ns",
					       "lifetime_max_ns" };

static const char *const growth_titles[] = {
	"reallocations",  "reallocations_moved", "reallocations_copied_bytes",
	"realloc_chains", "realloc_chain_steps", "realloc_chain_max",
};

/* Empty where no block was freed. */
static void put_lifetimes(struct csv *w, const struct query_lifetimes *l)
{
	const uint64_t figures[] = { l->min, l->median, l->max };

	for (size_t i = 0; i < sizeof(figures) / sizeof(*figures); i++) {
		if (l->blocks)
			csv_count(w, figures[i]);
		else
			csv_text(w, "");
	}
}

static void put_growth(struct csv *w, const struct query_row *row)
{
	csv_count(w, row->counts.reallocations);
	csv_count(w, row->growth.moved);
	csv_count(w, row->growth.copied_bytes);
	csv_count(w, row->growth.chains);
	csv_count(w, row->growth.steps);
	csv_count(w, row->growth.steps_max);
}

static void put_titles(struct csv *w, const char *const *titles, size_t count)
{
	for (size_t i = 0; i < count; i++)
		csv_text(w, titles[i]);
}

#define TITLES(list) list, sizeof(list) / sizeof(*(list))

static void write_rows(struct csv *w, const struct report *r)
{
	const struct query_result *result = r->result;

	csv_subject_titles(w);
	csv_count_titles(w);
	if (r->query.lifetimes)
		put_titles(w, TITLES(lifetime_titles));
	if (r->query.growth)
		put_titles(w, TITLES(growth_titles));
	csv_end_line(w);
	for (size_t i = 0; i < result->count; i++) {
		csv_subject(w, &result->rows[i]);
		csv_counts(w, &result->rows[i].counts);
		if (r->query.lifetimes)
			put_lifetimes(w, &result->rows[i].lifetimes);
		if (r->query.growth)
			put_growth(w, &result->rows[i]);
		csv_end_line(w);
	}
}

static void write_report(const struct report *r, bool is_tsv)
{
	write_rows(&(struct csv){ .profile = r->profile,
				  .by = r->query.by,
				  .is_tsv = is_tsv },
		   r);
}

void report_csv(const struct report *r)
{
	write_report(r, false);
}

void report_tsv(const struct report *r)
{
	write_report(r, true);
}
