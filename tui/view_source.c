/*
 * view_source - a function's source, with figures beside its lines.
 *
 * It is the function around what was chosen when the view was entered. A line
 * is charged with what the functions that it calls allocate, too.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "text/metric.h"
#include "text/place.h"
#include "trace/xmalloc.h"
#include "tui/rows.h"
#include "tui/view.h"

enum {
	TAB = 8,
	LINES_MAX = 5000,
};

/* With tabs as blanks, since the text does not begin at a tab stop. */
static char *widen(const char *text)
{
	char *wide = xmalloc(strlen(text) * TAB + 1), *end = wide;
	size_t column = 0;

	for (; *text; text++) {
		size_t blanks = *text == '\t' ? TAB - column % TAB : 1;

		memset(end, *text == '\t' ? ' ' : *text, blanks);
		end += blanks;
		/* Bytes that continue a character take no column. */
		if ((*text & 0xc0) != 0x80)
			column += blanks;
	}
	*end = '\0';
	return wide;
}

static const struct query_counts *counts_of(const struct query_listing *l,
					    uint32_t line)
{
	for (size_t i = 0; l && i < l->count; i++)
		if (l->lines[i].line == line)
			return &l->lines[i].counts;
	return NULL;
}

struct listing {
	struct profile *profile;
	const struct query_listing *now, *before; /* before NULL: no A */
	bool compares;
};

static void add_line(struct page *p, const struct listing *l, uint32_t line)
{
	const char *text = profile_source_line(l->profile, l->now->file, line);
	const struct rows_figures f = {
		.metric = p->ask.metric,
		.compares = l->compares,
		.has_classes = p->head.has_classes,
		.now = counts_of(l->now, line),
		.before = counts_of(l->before, line),
		.whole = query_metric_of(&l->now->total, p->ask.metric),
	};
	struct page_row row = { .style = CELLS_DIM };
	char *wide = widen(text ? text : "");

	if (f.now || f.before) {
		rows_figures(&row, &f);
		row.style = CELLS_PLAIN;
	}
	row.text = page_format(p, "%5" PRIu32 "  %s", line, wide);
	row.frame = (struct query_frame){
		.file = page_text(p, l->now->file),
		.function = page_text(p, l->now->function),
		.line = line,
	};
	row.key = page_hash_number(page_hash(0, l->now->file), line);
	*page_add(p) = row;
	free(wide);
}

static void add_note(struct page *p, const char *subject, const char *text)
{
	struct page_row *row = page_add(p);

	row->text = page_format(p, "! %s %s", subject, text);
	row->style = CELLS_WARNING;
}

static void add_listing(struct page *p, const struct listing *l)
{
	const struct query_listing *now = l->now;
	const char *where = now->file ? now->file : now->module;
	const struct place_style style = { .cwd = p->head.cwd };
	const struct query_frame f = { .file = now->file,
				       .module = now->module };
	uint32_t first = now->first, last = now->last;

	p->summary = page_format(p, "%s  %s", now->function,
				 page_own(p, place_file(&f, &style)));
	if (now->note)
		add_note(p, where ? where : "this", now->note);
	if (now->fix)
		add_note(p, "try:", now->fix);
	if (!now->file) {
		add_note(p, "without lines only the sum is known:",
			 metric_amount(
				 p->ask.metric,
				 query_metric_of(&now->total, p->ask.metric))
				 .text);
		return;
	}
	if (now->count && (!first || first > now->lines[0].line))
		first = now->lines[0].line;
	if (now->count && last < now->lines[now->count - 1].line)
		last = now->lines[now->count - 1].line;
	for (uint32_t line = first;
	     line && line <= last && line - first < LINES_MAX; line++)
		add_line(p, l, line);
}

static const struct query_listing *find(struct profile *profile,
					const struct asker *a,
					const struct ask *ask, struct err *err)
{
	struct query q = asker_query(a, ask);
	const struct query_listings *found =
		profile_annotate(profile, ask->target, &q, false, err);

	return found && found->count ? &found->items[0] : NULL;
}

/* The cursor begins at the line that was aimed at. */
static void aim(struct page *p)
{
	const char *colon = strrchr(p->ask.target, ':');
	char file[ASK_TARGET];

	if (!colon)
		return;
	memcpy(file, p->ask.target, (size_t)(colon - p->ask.target));
	file[colon - p->ask.target] = '\0';
	p->start = page_hash_number(page_hash(0, file),
				    strtoul(colon + 1, NULL, 10));
}

int view_source_fill(struct asker *a, struct page *p, struct err *err)
{
	struct listing l = { .profile = a->now,
			     .compares = asker_compares(a, &p->ask) };
	struct err ignored;

	if (!*p->ask.target) {
		page_add(p)->text = "Choose a row in another view first, and "
				    "press Enter or 4 there.";
		return 0;
	}
	l.now = find(a->now, a, &p->ask, err);
	if (!l.now)
		return -1;
	if (l.compares)
		l.before = find(a->base, a, &p->ask, &ignored);
	rows_titles(p, p->ask.metric, l.compares);
	p->title = " line";
	add_listing(p, &l);
	aim(p);
	return 0;
}
