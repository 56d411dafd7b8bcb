/*
 * check_baseline - see check_baseline.h.
 */
#include "cli/check/check_baseline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/check/check_words.h"
#include "cli/outfile.h"
#include "text/amount.h"
#include "text/escape.h"
#include "text/metric.h"
#include "text/place.h"
#include "trace/xmalloc.h"

#define TOTAL "(total)"

enum {
	FIELDS = 3 + CHECK_BASELINE_METRICS,
};

const enum query_metric check_baseline_metrics[CHECK_BASELINE_METRICS] = {
	QUERY_PEAK,	 QUERY_LIVE,  QUERY_LEAKED,
	QUERY_ALLOCATED, QUERY_CALLS, QUERY_TEMPORARY,
};

bool check_baseline_tolerance(const char *text, struct check_tolerance *t)
{
	const char *percent = strchr(text, '%');
	char *end;

	*t = (struct check_tolerance){ .text = (char *)text };
	if (!percent)
		return amount_read_bytes(text, &t->bytes);
	if (*text < '0' || *text > '9')
		return false;
	t->percent = strtod(text, &end);
	if (end != percent || t->percent > 1e6)
		return false;
	return !percent[1] ||
	       (percent[1] == '+' && amount_read_bytes(percent + 2, &t->bytes));
}

static struct check_row *add_row(struct check_baseline *b)
{
	b->rows = xgrow(b->rows, &b->room, b->count + 1, sizeof(*b->rows));
	b->rows[b->count] = (struct check_row){ .function = NULL };
	return &b->rows[b->count++];
}

static bool is_total(const struct check_row *r)
{
	return !strcmp(r->function, TOTAL) && !strcmp(r->file, "-");
}

static int compare(const void *a, const void *b)
{
	const struct check_row *x = a, *y = b;
	int order = is_total(y) - is_total(x);

	if (!order)
		order = strcmp(x->function, y->function);
	return order ? order : strcmp(x->file, y->file);
}

static void sort(struct check_baseline *b)
{
	if (b->count)
		qsort(b->rows, b->count, sizeof(*b->rows), compare);
}

const struct check_row *check_baseline_find(const struct check_baseline *b,
					    const struct check_row *row)
{
	return b->count ? bsearch(row, b->rows, b->count, sizeof(*row), compare)
			: NULL;
}

void check_baseline_release(struct check_baseline *b)
{
	for (size_t i = 0; i < b->count; i++) {
		free(b->rows[i].function);
		free(b->rows[i].file);
		free(b->rows[i].tolerance.text);
	}
	free(b->rows);
	*b = (struct check_baseline){ .rows = NULL };
}

/*
 * Files
 */

/* Parts the line at its tabs, in place. */
static size_t split(char *line, char **fields)
{
	size_t n = 0;

	for (char *at; (at = strsep(&line, "\t")); n++)
		if (n < FIELDS)
			fields[n] = at;
	return n;
}

static int parse_figures(struct check_row *r, char *const *fields,
			 struct err *err)
{
	for (size_t i = 0; i < CHECK_BASELINE_METRICS; i++) {
		const char *text = fields[i];

		if (!strcmp(text, "-"))
			continue;
		if (!amount_read_count(text, &r->figures[i]))
			return err_set(err, "'%s' is neither a number nor '-'",
				       text);
		r->is_known[i] = true;
	}
	return 0;
}

static int parse_line(struct check_baseline *b, char *line, struct err *err)
{
	char *fields[FIELDS];
	struct check_row *r;
	size_t n;

	line[strcspn(line, "\n")] = '\0';
	if (!*line || *line == '#')
		return 0;
	n = split(line, fields);
	if (n != FIELDS)
		return err_set(err, "%zu fields, where %d are parted by tabs",
			       n, FIELDS);
	r = add_row(b);
	r->function = xstrdup(fields[0]);
	r->file = xstrdup(fields[1]);
	if (!check_baseline_tolerance(fields[2], &r->tolerance)) {
		r->tolerance.text = NULL;
		return err_set(err, "'%s' is no tolerance, such as 5%%+4KiB",
			       fields[2]);
	}
	r->tolerance.text = xstrdup(fields[2]);
	return parse_figures(r, fields + 3, err);
}

int check_baseline_read(struct check_baseline *b, const char *path,
			struct err *err)
{
	FILE *f = fopen(path, "re");
	size_t size = 0, number = 0;
	char *line = NULL;
	struct err why;
	int ret = 0;

	if (!f)
		return err_errno(err, "cannot open '%s'", path);
	while (!ret && getline(&line, &size, f) > 0) {
		number++;
		ret = parse_line(b, line, &why);
	}
	if (ret)
		err_set(err, "%s:%zu: %s", path, number, why.text);
	else if (ferror(f))
		ret = err_errno(err, "cannot read '%s'", path);
	fclose(f);
	free(line);
	sort(b);
	if (!ret && (!b->count || !is_total(&b->rows[0])))
		ret = err_set(err, "%s: it has no row for " TOTAL, path);
	return ret;
}

static void print_row(FILE *out, const struct check_row *r,
		      const struct check_row *before)
{
	fprintf(out, "%s\t%s\t%s", r->function, r->file,
		before ? before->tolerance.text : r->tolerance.text);
	for (size_t i = 0; i < CHECK_BASELINE_METRICS; i++)
		if (r->is_known[i])
			fprintf(out, "\t%" PRIu64, r->figures[i]);
		else
			fputs("\t-", out);
	fputc('\n', out);
}

struct versions {
	const struct check_baseline *now, *before;
};

static void print_rows(const void *context, FILE *out)
{
	const struct versions *v = context;

	fputs("# Written by memprof check --update-baseline; tolerances may be "
	      "edited.\n# function\tfile\ttolerance",
	      out);
	for (size_t i = 0; i < CHECK_BASELINE_METRICS; i++)
		fprintf(out, "\t%s",
			query_metric_name(check_baseline_metrics[i]));
	fputc('\n', out);
	for (size_t i = 0; i < v->now->count; i++)
		print_row(out, &v->now->rows[i],
			  check_baseline_find(v->before, &v->now->rows[i]));
}

int check_baseline_write(const struct check_baseline *b,
			 const struct check_baseline *before, const char *path,
			 struct err *err)
{
	const struct versions v = { .now = b, .before = before };

	return outfile_write(path, print_rows, &v, err);
}

/*
 * Profiles
 */

/* Below the current directory, or by its last part: no machine's paths. */
static char *file_name(const struct query_frame *f)
{
	const char *path;

	if (!f->file)
		return escape_text(f->module ? place_base(f->module) : "-");
	path = check_words_path(f->file);
	return escape_text(*path == '/' ? place_base(path) : path);
}

static char *function_name(const struct query_frame *f)
{
	char *brief, *text;

	if (!f->function)
		return xstrdup("?");
	brief = query_brief_name(f->function);
	text = escape_text(brief);
	free(brief);
	return text;
}

static void set_figures(struct check_row *r, const struct query_counts *c,
			bool knows_leaks)
{
	for (size_t i = 0; i < CHECK_BASELINE_METRICS; i++) {
		enum query_metric m = check_baseline_metrics[i];

		r->is_known[i] = m != QUERY_LEAKED || knows_leaks;
		r->figures[i] = r->is_known[i] ? query_metric_of(c, m) : 0;
	}
}

/* Rows that read the same are one: rows of profiles tell more apart. */
static void merge(struct check_baseline *b)
{
	size_t kept = 0;

	sort(b);
	for (size_t i = 1; i < b->count; i++) {
		struct check_row *to = &b->rows[kept], *from = &b->rows[i];

		if (compare(to, from) != 0) {
			b->rows[++kept] = *from;
			continue;
		}
		/* By allocated bytes, which all have. */
		if (from->figures[3] > to->figures[3])
			to->place = from->place;
		for (size_t m = 0; m < CHECK_BASELINE_METRICS; m++)
			to->figures[m] += from->figures[m];
		free(from->function);
		free(from->file);
		free(from->tolerance.text);
	}
	if (b->count)
		b->count = kept + 1;
}

int check_baseline_take(struct check_baseline *b, struct profile *p,
			const char *tolerance, struct err *err)
{
	const struct query q = { .by = QUERY_BY_FUNCTION, .unsorted = true };
	const struct query_result *result = profile_query(p, &q, err);
	bool knows_leaks = !profile_doubt_leaks(p);
	struct check_row *r;

	if (!result)
		return -1;
	for (size_t i = 0; i <= result->count; i++) {
		bool is_row = i < result->count;
		const struct query_frame *f = &result->rows[i].place;

		r = add_row(b);
		r->function = is_row ? function_name(f) : xstrdup(TOTAL);
		r->file = is_row ? file_name(f) : xstrdup("-");
		check_baseline_tolerance(tolerance, &r->tolerance);
		r->tolerance.text = xstrdup(tolerance);
		set_figures(r,
			    is_row ? &result->rows[i].counts : &result->total,
			    knows_leaks);
		if (is_row)
			r->place = *f;
	}
	merge(b);
	return 0;
}

uint64_t check_baseline_most(const struct check_row *before, size_t metric,
			     const struct check_tolerance *otherwise)
{
	const struct check_tolerance *t =
		before ? &before->tolerance : otherwise;
	bool is_bytes = metric_is_bytes(check_baseline_metrics[metric]);
	uint64_t was, more;

	if (!before)
		return is_bytes ? t->bytes : UINT64_MAX;
	if (!before->is_known[metric])
		return UINT64_MAX;
	was = before->figures[metric];
	more = (uint64_t)((double)was * t->percent / 100) +
	       (is_bytes ? t->bytes : 0);
	return was > UINT64_MAX - more ? UINT64_MAX : was + more;
}
