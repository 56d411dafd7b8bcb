/*
 * glyphs - the signs that lines and boxes are drawn with, as the locale has
 * them: of Unicode, or of ASCII.
 */
#ifndef MEMPROF_TUI_GLYPHS_H
#define MEMPROF_TUI_GLYPHS_H

struct glyphs {
	const char *fork, *last, *bar; /* of trees, three columns */
	const char *folded, *open;
	const char *line, *wall; /* across, and upright */
	const char *eighths[9]; /* from nothing to a full cell, upwards */
	const char *full, *half; /* of a bar */
	const char *cursor; /* in time */
};

const struct glyphs *glyphs(void);

#endif
