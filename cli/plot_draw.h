/*
 * plot_draw - memory over time on a surface of cairo's.
 */
#ifndef MEMPROF_CLI_PLOT_DRAW_H
#define MEMPROF_CLI_PLOT_DRAW_H

#include <cairo.h>

#include "cli/plot.h"

enum {
	PLOT_WIDTH = 1000,
	PLOT_HEIGHT = 520,
};

/* All of it, in units of a picture of PLOT_WIDTH by PLOT_HEIGHT. */
void plot_draw(const struct plot *p, cairo_t *c);

#endif
