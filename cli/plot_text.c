/*
 * plot_text - memory over time in a terminal, as ms_print draws it.
 *
 * The first of what is shown is filled, in eighths of a character where the
 * terminal has them; the others are lines above it. Marks have a number below
 * the axis, the peak a P.
 */
#include "cli/plot.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text/amount.h"
#include "text/escape.h"
#include "text/place.h"
#include "cli/screen.h"
#include "trace/xmalloc.h"

enum {
	ROWS = 20,
	COLUMNS_PLAIN = 72, /* when there is no terminal to fill */
	LABEL = 9,
	PARTS = 8, /* of a character */
	MARKS_MAX = 35, /* 1 to 9, then letters */
};

struct canvas {
	const struct plot *plot;
	FILE *out;
	size_t columns;
	bool is_utf8;
	uint64_t *value[PLOT_SERIES]; /* by column */
};

static bool can_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static size_t choose_columns(void)
{
	size_t all = screen_columns();

	if (!isatty(STDOUT_FILENO) && !getenv("COLUMNS"))
		return COLUMNS_PLAIN;
	return all - LABEL - 4;
}

static size_t column_of(const struct canvas *c, uint64_t time)
{
	const struct plot *p = c->plot;
	double part;

	if (time <= p->from || p->to <= p->from)
		return 0;
	part = (double)(time - p->from) / (double)(p->to - p->from);
	return part >= 1 ? c->columns - 1 : (size_t)(part * (double)c->columns);
}

/* A step is as high as its highest in all columns that it touches. */
static void fill(struct canvas *c, enum plot_series s)
{
	const struct plot *p = c->plot;
	size_t from = 0, to;

	c->value[s] = xcalloc(c->columns, sizeof(**c->value));
	for (size_t i = 0; i < p->count; i++) {
		uint64_t high = plot_high(&p->points[i], s);

		to = column_of(c, p->points[i].time);
		for (size_t x = from; x <= to; x++)
			if (high > c->value[s][x])
				c->value[s][x] = high;
		from = to;
	}
	if (s != p->first || !p->peak_time)
		return;
	to = column_of(c, p->peak_time);
	if (p->peak > c->value[s][to])
		c->value[s][to] = p->peak;
}

/* Eighths of a row; what is not nothing shows. */
static size_t level(const struct canvas *c, uint64_t value)
{
	size_t n = (size_t)((double)value / (double)c->plot->highest * ROWS *
				    PARTS +
			    0.5);

	return value && !n ? 1 : n;
}

static const char *filled(const struct canvas *c, size_t parts, bool is_peak)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄",
					      "▅", "▆", "▇", "█" };

	if (c->is_utf8)
		return blocks[parts > PARTS ? PARTS : parts];
	if (parts * 2 < PARTS)
		return " ";
	return is_peak ? "#" : ":";
}

static const char *line_mark(const struct canvas *c, enum plot_series s)
{
	if (c->is_utf8)
		return s == PLOT_RSS ? "·" : "╌";
	return s == PLOT_RSS ? "." : "-";
}

/* The line of another series, where nothing is filled. */
static const char *above(const struct canvas *c, size_t x, size_t row)
{
	for (int s = PLOT_SERIES; s-- > (int)c->plot->first + 1;) {
		size_t n = c->value[s] ? level(c, c->value[s][x]) : 0;

		if (n && (n - 1) / PARTS == row)
			return line_mark(c, (enum plot_series)s);
	}
	return " ";
}

static const char *cell(const struct canvas *c, size_t x, size_t row)
{
	const struct plot *p = c->plot;
	size_t n = level(c, c->value[p->first][x]);
	bool is_peak = x == column_of(c, p->peak_time);
	size_t parts = n > row * PARTS ? n - row * PARTS : 0;
	/* In ASCII a row is all or nothing, and what is not nothing shows. */
	bool shows = c->is_utf8 ? parts : parts * 2 >= PARTS || (parts && !row);

	return shows ? filled(c, c->is_utf8 ? parts : PARTS, is_peak)
		     : above(c, x, row);
}

static void print_cells(const struct canvas *c, size_t row)
{
	size_t end = c->columns;

	while (end && strcmp(cell(c, end - 1, row), " ") == 0)
		end--;
	for (size_t x = 0; x < end; x++)
		fputs(cell(c, x, row), c->out);
	fputc('\n', c->out);
}

static void print_rows(const struct canvas *c)
{
	const struct plot *p = c->plot;

	for (size_t row = ROWS; row--;) {
		const char *label = "", *edge = "|";

		if (row == ROWS - 1) {
			label = amount_bytes(p->highest).text;
			edge = "^";
		} else if (row == ROWS / 2 - 1) {
			label = amount_bytes(p->highest / 2).text;
		}
		fprintf(c->out, "%*s %s", LABEL, label, edge);
		print_cells(c, row);
	}
}

static char mark_sign(size_t number)
{
	return number < 9 ? (char)('1' + number) : (char)('a' + number - 9);
}

static bool is_shown(const struct plot *p, const struct model_mark *m,
		     size_t number)
{
	return number < MARKS_MAX && m->time >= p->from && m->time <= p->to;
}

static void print_axis(const struct canvas *c)
{
	const struct plot *p = c->plot;
	struct amount end = amount_time(p->to);
	char *signs = xcalloc(c->columns + 1, 1);
	const struct model_mark *marks;
	size_t n;

	fprintf(c->out, "%*s +", LABEL, "0 B");
	for (size_t x = 0; x < c->columns; x++)
		fputc('-', c->out);
	memset(signs, ' ', c->columns);
	marks = profile_marks(p->profile, &n);
	for (size_t i = 0; i < n; i++)
		if (is_shown(p, &marks[i], i))
			signs[column_of(c, marks[i].time)] = mark_sign(i);
	signs[column_of(c, p->peak_time)] = 'P';
	for (size_t x = c->columns; signs[x - 1] == ' '; x--)
		signs[x - 1] = '\0';
	fprintf(c->out, ">\n%*s  %s\n", LABEL, "", signs);
	fprintf(c->out, "%*s  %-*s%s\n", LABEL, "",
		(int)(c->columns - strlen(end.text)), amount_time(p->from).text,
		end.text);
	free(signs);
}

/* Runs of Python's cyclic collector, of each column the one that went deepest. */
static void print_gc(const struct canvas *c)
{
	const struct plot *p = c->plot;
	char *row = xcalloc(c->columns + 1, 1);
	bool any = false;
	size_t n;
	const struct model_gc *runs = profile_gc_runs(p->profile, &n);

	memset(row, ' ', c->columns);
	for (size_t i = 0; i < n; i++) {
		uint32_t generation = runs[i].generation;
		char sign = (char)('0' + (generation < 9 ? generation : 9));
		char *at;

		if (runs[i].time < p->from || runs[i].time > p->to)
			continue;
		at = &row[column_of(c, runs[i].time)];
		if (*at == ' ' || *at < sign)
			*at = sign;
		any = true;
	}
	for (size_t x = c->columns; x && row[x - 1] == ' '; x--)
		row[x - 1] = '\0';
	if (any)
		fprintf(c->out, "%*s  %s\n", LABEL, "gc", row);
	free(row);
}

/* "[===]" from the first to the last column of a stay. */
static void mark_stay(const struct canvas *c, const struct query_stay *s,
		      char *row)
{
	size_t from, to;

	if (s->to < c->plot->from || s->from > c->plot->to)
		return;
	from = column_of(c, s->from);
	to = column_of(c, s->to);
	if (from == to) {
		row[from] = '|';
		return;
	}
	memset(row + from, '=', to - from);
	row[from] = '[';
	row[to] = ']';
}

/* A row of brackets each, as long as the function was at work. */
static void print_functions(const struct canvas *c)
{
	const struct query_activities *all = c->plot->functions;
	char *row = xcalloc(c->columns + 1, 1), *brief, *name;
	size_t end;

	for (size_t i = 0; i < all->count; i++) {
		memset(row, ' ', c->columns);
		for (size_t j = 0; j < all->items[i].count; j++)
			mark_stay(c, &all->items[i].stays[j], row);
		for (end = c->columns; end && row[end - 1] == ' '; end--)
			continue;
		brief = query_brief_name(all->items[i].frame.function);
		name = escape_text(brief);
		escape_cut_middle(name, LABEL);
		fprintf(c->out, "%*s%s  %.*s\n",
			(int)(LABEL - escape_width(name)), "", name, (int)end,
			row);
		free(name);
		free(brief);
	}
	free(row);
}

static void print_function_legend(const struct canvas *c)
{
	const struct place_style style = {
		.cwd = profile_run(c->plot->profile)->cwd
	};
	const struct query_activities *all = c->plot->functions;

	fputs("\nfunctions, by allocation: from the first to the last of a "
	      "stay\n",
	      c->out);
	for (size_t i = 0; i < all->count; i++) {
		const struct query_activity *a = &all->items[i];
		char *text = place_line(&a->frame, &style);

		fprintf(c->out, "   %s  %s", text,
			amount_time(plot_inside(c->plot, a)).text);
		if (a->count == 1)
			fprintf(c->out, ", %s to %s",
				amount_bytes(a->stays[0].from_bytes).text,
				amount_bytes(a->stays[0].to_bytes).text);
		else
			fprintf(c->out, " in %zu stays", a->count);
		fputc('\n', c->out);
		free(text);
	}
}

static void print_legend(const struct canvas *c)
{
	const struct plot *p = c->plot;
	const struct model_mark *marks;
	size_t n;

	fprintf(c->out, "\nP  peak of %s, %s at %s\n",
		plot_series_name(p->first), amount_bytes(p->peak).text,
		amount_time(p->peak_time).text);
	fprintf(c->out, "%s  %s\n", filled(c, PARTS, false),
		plot_series_name(p->first));
	for (int s = (int)p->first + 1; s < PLOT_SERIES; s++)
		if (p->shown[s])
			fprintf(c->out, "%s  %s, up to %s\n",
				line_mark(c, (enum plot_series)s),
				plot_series_name((enum plot_series)s),
				amount_bytes(
					plot_highest(p, (enum plot_series)s))
					.text);
	marks = profile_marks(p->profile, &n);
	for (size_t i = 0; i < n; i++) {
		if (!is_shown(p, &marks[i], i))
			continue;
		fprintf(c->out, "%c  ", mark_sign(i));
		escape_print(c->out, marks[i].name);
		fprintf(c->out, " at %s\n", amount_time(marks[i].time).text);
	}
}

static void print_title(const struct canvas *c)
{
	char *title = plot_title(c->plot);
	size_t width;

	escape_cut_middle(title, c->columns);
	width = escape_width(title);
	fprintf(c->out, "%*s%s\n", (int)(LABEL + 2 + (c->columns - width) / 2),
		"", title);
	free(title);
}

int plot_text(const struct plot *p, FILE *out)
{
	struct canvas c = { .plot = p,
			    .out = out,
			    .columns = choose_columns(),
			    .is_utf8 = can_utf8() };

	for (int s = 0; s < PLOT_SERIES; s++)
		if (p->shown[s])
			fill(&c, (enum plot_series)s);
	print_title(&c);
	print_rows(&c);
	print_axis(&c);
	print_gc(&c);
	if (p->functions)
		print_functions(&c);
	print_legend(&c);
	if (p->functions)
		print_function_legend(&c);
	for (int s = 0; s < PLOT_SERIES; s++)
		free(c.value[s]);
	return 0;
}
