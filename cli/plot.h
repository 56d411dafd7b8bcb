/*
 * plot - memory over time, as `memprof plot` hands it to what draws it.
 */
#ifndef MEMPROF_CLI_PLOT_H
#define MEMPROF_CLI_PLOT_H

#include "analyzer/query.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum plot_series {
	PLOT_HEAP,
	PLOT_MAPPING,
	PLOT_RSS,
	PLOT_SERIES,
};

struct plot {
	struct profile *profile;
	const struct query_point *points; /* in the window */
	size_t count;
	uint64_t from, to; /* the window, ns */
	bool shown[PLOT_SERIES];
	const char *title; /* NULL: the command */
	int32_t pid; /* 0 all processes */
	const struct query_activities *functions; /* NULL not wanted */
	enum plot_series first; /* the one shown whose peak is marked */
	uint64_t peak, peak_time; /* of the window: bytes, ns */
	uint64_t highest; /* bytes, of all that is shown */
};

const char *plot_series_name(enum plot_series s); /* "heap" */
uint64_t plot_value(const struct query_point *p, enum plot_series s);
/* The highest of the step that ends there. */
uint64_t plot_high(const struct query_point *p, enum plot_series s);
/* Of the window. */
uint64_t plot_highest(const struct plot *p, enum plot_series s);

/* The window, the peak and the rest, from profile, pid and shown. */
void plot_measure(struct plot *p);

/* What of an activity's time is in the window, ns. */
uint64_t plot_inside(const struct plot *p, const struct query_activity *a);

/* The title, or the command as one line; the caller frees it. */
char *plot_title(const struct plot *p);
/* When the run began, as people write it. */
struct plot_date {
	char text[64];
};
struct plot_date plot_date(const struct plot *p);

/*
 * Distance between marks of an axis that is to have about `count` of them up to
 * `highest`: powers of two for bytes, 1, 2 and 5 for times.
 */
uint64_t plot_byte_step(uint64_t highest, unsigned int count);
uint64_t plot_time_step(uint64_t length, unsigned int count);

/* Each writes all of it; -1 with errno set. */
int plot_text(const struct plot *p, FILE *out);
int plot_json(const struct plot *p, FILE *out);
int plot_svg(const struct plot *p, FILE *out);
int plot_png(const struct plot *p, FILE *out);
int plot_html(const struct plot *p, FILE *out);

#endif
