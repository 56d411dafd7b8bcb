/*
 * plot_measure - what there is to draw; see plot.h.
 */
#include "cli/plot.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text/escape.h"
#include "trace/xmalloc.h"

static const uint64_t SECOND = 1000000000;

const char *plot_series_name(enum plot_series s)
{
	static const char *const names[PLOT_SERIES] = {
		[PLOT_HEAP] = "heap",
		[PLOT_MAPPING] = "mappings",
		[PLOT_RSS] = "rss",
	};

	return names[s];
}

uint64_t plot_value(const struct query_point *p, enum plot_series s)
{
	switch (s) {
	case PLOT_HEAP:
		return p->heap;
	case PLOT_MAPPING:
		return p->mapping;
	default:
		return p->resident;
	}
}

uint64_t plot_high(const struct query_point *p, enum plot_series s)
{
	switch (s) {
	case PLOT_HEAP:
		return p->heap_high;
	case PLOT_MAPPING:
		return p->mapping_high;
	default:
		return p->resident;
	}
}

uint64_t plot_highest(const struct plot *p, enum plot_series s)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < p->count; i++)
		if (plot_high(&p->points[i], s) > highest)
			highest = plot_high(&p->points[i], s);
	return highest;
}

/* A step that ends behind the window began in it. */
static void choose_points(struct plot *p)
{
	size_t all, first = 0, end;
	const struct query_point *points =
		profile_timeline(p->profile, p->pid, &all);

	while (first < all && points[first].time < p->from)
		first++;
	end = first;
	while (end < all && points[end].time <= p->to)
		end++;
	if (end < all)
		end++;
	p->points = points + first;
	p->count = end - first;
}

/* The trace knows it better than samples do. */
static void find_peak(struct plot *p)
{
	const struct query_totals *t = profile_totals(
		p->profile,
		p->first == PLOT_MAPPING ? MODEL_MAPPING : MODEL_HEAP);

	p->peak = plot_highest(p, p->first);
	for (size_t i = p->count; i--;)
		if (plot_high(&p->points[i], p->first) == p->peak)
			p->peak_time = p->points[i].time;
	if (p->first == PLOT_RSS || p->pid || t->peak_time_ns < p->from ||
	    t->peak_time_ns > p->to || t->peak_bytes < p->peak)
		return;
	p->peak = t->peak_bytes;
	p->peak_time = t->peak_time_ns;
}

void plot_measure(struct plot *p)
{
	bool any = false;

	choose_points(p);
	for (int s = PLOT_SERIES; s--;) {
		p->shown[s] =
			p->shown[s] && plot_highest(p, (enum plot_series)s);
		if (p->shown[s])
			p->first = (enum plot_series)s;
		any = any || p->shown[s];
	}
	if (!any)
		return;
	find_peak(p);
	p->highest = p->peak;
	for (int s = 0; s < PLOT_SERIES; s++) {
		uint64_t highest = plot_highest(p, (enum plot_series)s);

		if (p->shown[s] && highest > p->highest)
			p->highest = highest;
	}
}

char *plot_title(const struct plot *p)
{
	const struct trace_run *run = profile_run(p->profile);
	char *text = NULL;
	size_t size;
	FILE *out;

	if (p->title)
		return escape_text(p->title);
	out = open_memstream(&text, &size);
	if (!out)
		return xstrdup("");
	for (size_t i = 0; i < run->argc; i++) {
		if (i)
			fputc(' ', out);
		escape_print(out, run->argv[i]);
	}
	fclose(out);
	return text;
}

struct plot_date plot_date(const struct plot *p)
{
	time_t start =
		(time_t)(profile_run(p->profile)->start_realtime / SECOND);
	struct plot_date d = { "" };
	struct tm tm;

	if (localtime_r(&start, &tm))
		strftime(d.text, sizeof(d.text), "%Y-%m-%d, start at %H:%M:%S",
			 &tm);
	return d;
}

uint64_t plot_byte_step(uint64_t highest, unsigned int count)
{
	uint64_t step = 1;

	while (step < UINT64_MAX / 2 && highest / step > count)
		step *= 2;
	return step;
}

uint64_t plot_time_step(uint64_t length, unsigned int count)
{
	uint64_t step = 1;

	for (;;) {
		for (unsigned int i = 0; i < 3; i++) {
			uint64_t nice = step * (i == 0 ? 1 : i == 1 ? 2 : 5);

			if (length / nice <= count)
				return nice;
		}
		if (step > UINT64_MAX / 100)
			return step;
		step *= 10;
	}
}

uint64_t plot_inside(const struct plot *p, const struct query_activity *a)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < a->count; i++) {
		uint64_t from = a->stays[i].from, to = a->stays[i].to;

		from = from > p->from ? from : p->from;
		to = to < p->to ? to : p->to;
		sum += to > from ? to - from : 0;
	}
	return sum;
}
