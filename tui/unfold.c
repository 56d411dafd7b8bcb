/*
 * unfold - see unfold.h.
 *
 * The stacks of a place are what the analyzer answers to a condition on that
 * place, together with the user's own.
 */
#include "tui/unfold.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/place.h"
#include "text/subject.h"
#include "trace/xmalloc.h"
#include "tui/rows.h"

enum {
	STACKS_MAX = 10, /* of a place */
	CALLERS_MAX = 8, /* of a stack that are named in its row */
};

/* As a text of the language of conditions. */
static char *quote(const char *text)
{
	char *quoted = xmalloc(2 * strlen(text) + 3), *end = quoted;

	*end++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*end++ = '\\';
		*end++ = *text;
	}
	strcpy(end, "\"");
	return quoted;
}

static const char *condition(struct page *p, const char *field,
			     const char *text)
{
	char *quoted = quote(text);
	const char *made = page_format(p, "%s = %s", field, quoted);

	free(quoted);
	return made;
}

void unfold_offer(struct page *p, struct page_row *row, enum query_by by)
{
	const struct query_frame *f = &row->frame;
	const char *where = NULL;

	if (by == QUERY_BY_MODULE)
		where = f->module ? condition(p, "module", f->module) : NULL;
	else if (by == QUERY_BY_FILE)
		where = f->file ? condition(p, "file", f->file) : NULL;
	else if (by == QUERY_BY_LINE && f->file && f->line)
		where = page_format(p, "%s and line = %" PRIu32,
				    condition(p, "file", f->file), f->line);
	else if (f->function)
		where = condition(p, "function", f->function);
	if (!where)
		return;
	row->stacks = where;
	row->fold = PAGE_FOLDED;
}

static void print_frame(FILE *out, const struct query_frame *f)
{
	const struct query_frame name = { .function = f->function };
	const struct place_style brief = { .columns = 0 };
	char *function;

	if (!f->function) {
		fprintf(out, "0x%" PRIx64, f->addr);
		return;
	}
	function = place_line(&name, &brief);
	fputs(function, out);
	if (f->line)
		fprintf(out, ":%" PRIu32, f->line);
	free(function);
}

/* "serve:27 < main:45", from the inside out; the place is in the row above. */
static const char *callers(struct page *p, struct profile *profile,
			   const struct query_row *row)
{
	bool has_place =
		p->ask.by == QUERY_BY_LINE || p->ask.by == QUERY_BY_FUNCTION;
	size_t count, size, i = 0, shown = 0;
	const struct query_frame *f = profile_frames(profile, row, &count);
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_failed();
	while (i + 1 < count && f[i].wrapper)
		i++;
	for (; i < count && shown < CALLERS_MAX; i++) {
		if (!has_place) {
			fputs(shown++ ? " < " : "", out);
			print_frame(out, &f[i]);
		}
		has_place = false;
		if (subject_is_outermost(&f[i]))
			break;
	}
	if (!shown)
		fputs("directly", out);
	fclose(out);
	return page_own(p, text);
}

static void add_stack(struct page *p, struct profile *profile,
		      const struct query_row *r, const struct rows_figures *f)
{
	struct page_row row = { .style = CELLS_DIM };

	rows_figures(&row, f);
	row.stack = rows_stack(p, profile, r);
	row.key = page_hash(0, row.stack);
	row.text = page_format(p, "    %s", callers(p, profile, r));
	*page_add(p) = row;
}

static void add_plain(struct asker *a, struct page *p, const struct query *q)
{
	struct err ignored;
	const struct query_result *r = profile_query(a->now, q, &ignored);
	struct rows_figures f = { .metric = q->sort,
				  .has_classes = p->head.has_classes,
				  .whole = p->whole };

	for (size_t i = 0; r && i < r->count; i++) {
		f.now = &r->rows[i].counts;
		if (query_metric_of(f.now, q->sort))
			add_stack(p, a->now, &r->rows[i], &f);
	}
}

static void add_changes(struct asker *a, struct page *p, const struct query *q)
{
	struct err ignored;
	const struct query_diff *d =
		profile_diff(a->base, a->now, q, false, &ignored);
	struct rows_figures f = { .metric = q->sort, .compares = true };

	for (size_t i = 0; d && i < d->count; i++) {
		const struct query_diff_row *r = &d->rows[i];

		f.now = r->after ? &r->after->counts : NULL;
		f.before = r->before ? &r->before->counts : NULL;
		add_stack(p, r->after ? a->now : a->base,
			  r->after ? r->after : r->before, &f);
	}
}

/* The largest stacks that lead to the place of a row. */
static void add_stacks(struct asker *a, struct page *p, const struct query *q,
		       const struct page_row *row)
{
	size_t from = p->count;
	struct query stacks = *q;
	struct err ignored;
	struct where *w;

	w = where_parse(*p->ask.where ? page_format(p, "(%s) and %s",
						    p->ask.where, row->stacks)
				      : row->stacks,
			&ignored);
	if (!w)
		return;
	stacks.by = QUERY_BY_STACK;
	stacks.where = w;
	stacks.limit = STACKS_MAX;
	(asker_compares(a, &p->ask) ? add_changes : add_plain)(a, p, &stacks);
	where_destroy(w);
	for (; from < p->count; from++)
		p->rows[from].parent = row->key;
}

static void add_frames(struct page *p, const struct page_row *row)
{
	char *lines = xstrdup(row->stack), *rest = lines, *line;

	while ((line = strsep(&rest, "\n")) && *line)
		*page_add(p) = (struct page_row){
			.text = page_format(p, "    %s", line),
			.style = CELLS_DIM,
			.parent = row->key,
			.stack = row->stack,
		};
	free(lines);
}

void unfold_rows(struct asker *a, struct page *p, const struct query *q)
{
	struct page_row *rows = p->rows;
	size_t count = p->count;

	p->rows = NULL;
	p->count = p->room = 0;
	for (size_t i = 0; i < count; i++) {
		bool is_open = rows[i].fold == PAGE_FOLDED &&
			       ask_is_toggled(&p->ask, rows[i].key);

		if (is_open)
			rows[i].fold = PAGE_OPEN;
		*page_add(p) = rows[i];
		if (is_open && rows[i].stacks)
			add_stacks(a, p, q, &rows[i]);
		else if (is_open)
			add_frames(p, &rows[i]);
	}
	free(rows);
}
