/*
 * Design
 * ------
 * Colours are those of Okabe and Ito, which people who see fewer colours tell
 * apart, and each series differs in its kind of line too: the first is an area,
 * what is resident a full line, mappings a dashed one. As in mprof's plots the
 * peak is where two red dashed lines cross.
 */
#include "cli/plot_draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "text/escape.h"

struct colour {
	double red, green, blue;
};

static const struct colour ink = { 0.13, 0.13, 0.13 };
static const struct colour grey = { 0.45, 0.45, 0.45 };
static const struct colour faint = { 0.88, 0.88, 0.88 };
static const struct colour red = { 0.835, 0.369, 0 };

static const struct colour colours[PLOT_SERIES] = {
	[PLOT_HEAP] = { 0, 0.447, 0.698 },
	[PLOT_MAPPING] = { 0, 0.620, 0.451 },
	[PLOT_RSS] = { 0.13, 0.13, 0.13 },
};

/* Where the axes are, in units of the picture. */
enum {
	LEFT = 92,
	RIGHT = PLOT_WIDTH - 28,
	TOP = 86,
	BOTTOM = PLOT_HEIGHT - 56,
	FONT = 13,
	FONT_TITLE = 17,
	MARK_NAME_MAX = 24, /* characters */
	NAME_MAX_LENGTH = 40, /* of a function, the same */
	GC_HEIGHT = 4, /* of a generation */
	BRACKET = 9, /* half its height */
};

static const double HEADROOM = 1.06;

struct drawing {
	const struct plot *plot;
	cairo_t *c;
	double top; /* bytes at the upper end of the axis */
};

static void set_colour(cairo_t *c, const struct colour *k, double alpha)
{
	cairo_set_source_rgba(c, k->red, k->green, k->blue, alpha);
}

static double x_of(const struct drawing *d, uint64_t time)
{
	const struct plot *p = d->plot;
	double part =
		((double)time - (double)p->from) / (double)(p->to - p->from);

	return LEFT + fmin(fmax(part, 0), 1) * (RIGHT - LEFT);
}

static double y_of(const struct drawing *d, double bytes)
{
	return BOTTOM - bytes / d->top * (BOTTOM - TOP);
}

static void draw_line(cairo_t *c, double x1, double y1, double x2, double y2)
{
	cairo_move_to(c, x1, y1);
	cairo_line_to(c, x2, y2);
	cairo_stroke(c);
}

/* `align`: 0 the text begins at x, 1 it ends there, 0.5 it is centred. */
static void draw_text(cairo_t *c, const char *text, double x, double y,
		      double align)
{
	cairo_text_extents_t e;

	cairo_text_extents(c, text, &e);
	cairo_move_to(c, x - align * e.x_advance, y);
	cairo_show_text(c, text);
}

/* In the colour that is set, readable across lines. */
static void draw_note(cairo_t *c, const char *text, double x, double y,
		      double align)
{
	cairo_text_extents_t e;

	cairo_text_extents(c, text, &e);
	cairo_move_to(c, x - align * e.x_advance, y);
	cairo_text_path(c, text);
	cairo_save(c);
	cairo_set_source_rgba(c, 1, 1, 1, 0.85);
	cairo_set_line_width(c, 4);
	cairo_stroke_preserve(c);
	cairo_restore(c);
	cairo_fill(c);
}

static void draw_bytes_axis(const struct drawing *d)
{
	uint64_t step = plot_byte_step((uint64_t)d->top, 8);

	for (uint64_t at = 0; (double)at <= d->top; at += step) {
		double y = floor(y_of(d, (double)at)) + 0.5;

		set_colour(d->c, at ? &faint : &ink, 1);
		draw_line(d->c, LEFT, y, RIGHT, y);
		set_colour(d->c, &ink, 1);
		draw_text(d->c, amount_bytes(at).text, LEFT - 8, y + 4.5, 1);
	}
}

/* "2.5 s": no more digits than the step has. */
static void format_time(uint64_t ns, uint64_t step, char *text, size_t size)
{
	int digits = 0;

	for (uint64_t unit = 1000000000; unit > step && digits < 9; unit /= 10)
		digits++;
	snprintf(text, size, "%.*f s", digits, (double)ns / 1e9);
}

static void draw_time_axis(const struct drawing *d)
{
	const struct plot *p = d->plot;
	uint64_t step = plot_time_step(p->to - p->from, 9);
	uint64_t at = (p->from + step - 1) / step * step;
	char text[32];

	for (; at <= p->to; at += step) {
		double x = floor(x_of(d, at)) + 0.5;

		set_colour(d->c, &ink, 1);
		draw_line(d->c, x, BOTTOM, x, BOTTOM + 5);
		format_time(at, step, text, sizeof(text));
		draw_text(d->c, text, x, BOTTOM + 20, 0.5);
	}
}

/* Along the highest of each step, and at last what there was at its end. */
static void trace_series(const struct drawing *d, enum plot_series s)
{
	const struct plot *p = d->plot;
	bool begun = false;

	cairo_new_path(d->c);
	for (size_t i = 0; i < p->count; i++) {
		const struct query_point *at = &p->points[i];
		double x = x_of(d, at->time);

		if (s == PLOT_RSS && !at->resident)
			continue;
		if (!begun && s != PLOT_RSS && p->from == 0)
			cairo_line_to(d->c, x_of(d, 0), y_of(d, 0));
		begun = true;
		cairo_line_to(d->c, x, y_of(d, (double)plot_high(at, s)));
	}
	if (begun && p->count)
		cairo_line_to(d->c, x_of(d, p->points[p->count - 1].time),
			      y_of(d, (double)plot_value(
					      &p->points[p->count - 1], s)));
}

static void fill_series(const struct drawing *d, enum plot_series s)
{
	cairo_path_t *path;
	double x, y, left;

	if (!cairo_has_current_point(d->c))
		return;
	cairo_get_current_point(d->c, &x, &y);
	path = cairo_copy_path(d->c);

	cairo_path_extents(d->c, &left, NULL, NULL, NULL);
	cairo_line_to(d->c, x, BOTTOM);
	cairo_line_to(d->c, left, BOTTOM);
	cairo_close_path(d->c);
	set_colour(d->c, &colours[s], 0.25);
	cairo_fill(d->c);
	cairo_append_path(d->c, path);
	cairo_path_destroy(path);
}

static void set_line(cairo_t *c, enum plot_series s)
{
	static const double dashes[] = { 7, 4 };

	set_colour(c, &colours[s], 1);
	cairo_set_line_width(c, 1.6);
	cairo_set_dash(c, dashes, s == PLOT_MAPPING ? 2 : 0, 0);
}

static void draw_series(const struct drawing *d, enum plot_series s)
{
	trace_series(d, s);
	if (s == d->plot->first)
		fill_series(d, s);
	set_line(d->c, s);
	cairo_stroke(d->c);
	cairo_set_dash(d->c, NULL, 0, 0);
}

static void draw_peak(const struct drawing *d)
{
	static const double dashes[] = { 5, 4 };
	const struct plot *p = d->plot;
	double x = x_of(d, p->peak_time), y = y_of(d, (double)p->peak);
	bool is_right = x > (LEFT + RIGHT) / 2.0;
	char text[80];

	set_colour(d->c, &red, 1);
	cairo_set_line_width(d->c, 1.2);
	cairo_set_dash(d->c, dashes, 2, 0);
	draw_line(d->c, LEFT, y, RIGHT, y);
	draw_line(d->c, x, TOP, x, BOTTOM);
	cairo_set_dash(d->c, NULL, 0, 0);
	snprintf(text, sizeof(text), "%s at %s", amount_bytes(p->peak).text,
		 amount_time(p->peak_time).text);
	draw_note(d->c, text, is_right ? x - 6 : x + 6, y - 5,
		  is_right ? 1 : 0);
}

static const struct colour bracket_colours[] = {
	{ 0.902, 0.624, 0 },  { 0.337, 0.706, 0.914 }, { 0.800, 0.475, 0.655 },
	{ 0, 0.447, 0.698 },  { 0, 0.620, 0.451 },     { 0.835, 0.369, 0 },
	{ 0.45, 0.45, 0.45 }, { 0.6, 0.4, 0.2 },
};

/* As in mprof's plots: "[" where it began, "]" where it ended. */
static void draw_bracket(const struct drawing *d, uint64_t time, uint64_t bytes,
			 double width)
{
	double x = x_of(d, time), y = y_of(d, (double)bytes);

	if (time < d->plot->from || time > d->plot->to)
		return;
	cairo_move_to(d->c, x + width, y - BRACKET);
	cairo_line_to(d->c, x, y - BRACKET);
	cairo_line_to(d->c, x, y + BRACKET);
	cairo_line_to(d->c, x + width, y + BRACKET);
	cairo_stroke(d->c);
}

static void draw_function(const struct drawing *d, size_t number)
{
	const struct query_activity *a = &d->plot->functions->items[number];
	double y = TOP + BRACKET * 2 + (double)number * (FONT + 4);
	char *name = query_brief_name(a->frame.function);
	char *safe = escape_text(name), text[128];

	set_colour(d->c,
		   &bracket_colours[number % (sizeof(bracket_colours) /
					      sizeof(*bracket_colours))],
		   1);
	cairo_set_line_width(d->c, 2);
	for (size_t i = 0; i < a->count; i++) {
		draw_bracket(d, a->stays[i].from, a->stays[i].from_bytes, 5);
		draw_bracket(d, a->stays[i].to, a->stays[i].to_bytes, -5);
	}
	escape_cut_middle(safe, NAME_MAX_LENGTH);
	snprintf(text, sizeof(text), "[ ]  %.80s  %s", safe,
		 amount_time(plot_inside(d->plot, a)).text);
	draw_note(d->c, text, LEFT + 12, y, 0);
	free(safe);
	free(name);
}

static void draw_functions(const struct drawing *d)
{
	const struct query_activities *all = d->plot->functions;

	for (size_t i = 0; all && i < all->count; i++)
		draw_function(d, i);
}

static void draw_mark(const struct drawing *d, const struct model_mark *m)
{
	static const double dots[] = { 1.5, 3 };
	double x = floor(x_of(d, m->time)) + 0.5;
	char *name = escape_text(m->name);

	escape_cut_middle(name, MARK_NAME_MAX);
	set_colour(d->c, &grey, 1);
	cairo_set_line_width(d->c, 1);
	cairo_set_dash(d->c, dots, 2, 0);
	draw_line(d->c, x, TOP, x, BOTTOM);
	cairo_set_dash(d->c, NULL, 0, 0);
	cairo_save(d->c);
	cairo_translate(d->c, x + 4, TOP + 4);
	cairo_rotate(d->c, M_PI / 2);
	draw_note(d->c, name, 0, 0, 0);
	cairo_restore(d->c);
	free(name);
}

static void draw_marks(const struct drawing *d)
{
	const struct plot *p = d->plot;
	size_t n;
	const struct model_mark *marks = profile_marks(p->profile, &n);

	for (size_t i = 0; i < n; i++)
		if (marks[i].time >= p->from && marks[i].time <= p->to)
			draw_mark(d, &marks[i]);
}

/* Below the axis, the higher the older what it looked at. */
static void draw_gc(const struct drawing *d)
{
	const struct plot *p = d->plot;
	size_t n;
	const struct model_gc *runs = profile_gc_runs(p->profile, &n);

	set_colour(d->c, &grey, 1);
	cairo_set_line_width(d->c, 1);
	for (size_t i = 0; i < n; i++) {
		double x = floor(x_of(d, runs[i].time)) + 0.5;
		double height =
			GC_HEIGHT *
			(runs[i].generation < 2 ? runs[i].generation + 1 : 3);

		if (runs[i].time >= p->from && runs[i].time <= p->to)
			draw_line(d->c, x, BOTTOM - height, x, BOTTOM);
	}
}

static void draw_title(const struct drawing *d)
{
	char *title = plot_title(d->plot);

	set_colour(d->c, &ink, 1);
	cairo_set_font_size(d->c, FONT_TITLE);
	escape_cut_middle(title, 100);
	draw_text(d->c, title, LEFT, 30, 0);
	free(title);
	cairo_set_font_size(d->c, FONT);
	set_colour(d->c, &grey, 1);
	draw_text(d->c, plot_date(d->plot).text, LEFT, 50, 0);
}

/* From the right, in a line of its own above the axes. */
static void draw_legend(const struct drawing *d)
{
	static const char *const names[PLOT_SERIES] = {
		[PLOT_HEAP] = "heap",
		[PLOT_MAPPING] = "mappings",
		[PLOT_RSS] = "resident (RSS)",
	};
	cairo_text_extents_t e;
	double x = RIGHT;

	for (int s = PLOT_SERIES; s--;) {
		if (!d->plot->shown[s])
			continue;
		cairo_text_extents(d->c, names[s], &e);
		x -= e.x_advance;
		set_colour(d->c, &ink, 1);
		draw_text(d->c, names[s], x, 70, 0);
		if (s == (int)d->plot->first) {
			set_colour(d->c, &colours[s], 0.25);
			cairo_rectangle(d->c, x - 34, 60, 28, 11);
			cairo_fill(d->c);
		}
		set_line(d->c, (enum plot_series)s);
		draw_line(d->c, x - 34, 65, x - 6, 65);
		cairo_set_dash(d->c, NULL, 0, 0);
		x -= 56;
	}
}

void plot_draw(const struct plot *p, cairo_t *c)
{
	struct drawing d = { .plot = p, .c = c };
	uint64_t step = plot_byte_step(p->highest, 8);

	/* Room for the words above the highest line. */
	d.top = ceil((double)p->highest * HEADROOM / (double)step) *
		(double)step;
	cairo_set_source_rgb(c, 1, 1, 1);
	cairo_paint(c);
	cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
			       CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
	cairo_set_line_width(c, 1);
	draw_title(&d);
	draw_legend(&d);
	cairo_set_line_width(c, 1);
	draw_bytes_axis(&d);
	draw_time_axis(&d);
	for (int s = 0; s < PLOT_SERIES; s++)
		if (p->shown[s])
			draw_series(&d, (enum plot_series)s);
	draw_gc(&d);
	draw_marks(&d);
	draw_peak(&d);
	draw_functions(&d);
}
