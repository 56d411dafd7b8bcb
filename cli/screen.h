/*
 * screen - what standard output can show.
 */
#ifndef MEMPROF_CLI_SCREEN_H
#define MEMPROF_CLI_SCREEN_H

#include <stddef.h>

enum screen_style {
	SCREEN_PLAIN,
	SCREEN_TITLE,
	SCREEN_WARNING,
};

/* Of the terminal; else of $COLUMNS, or 100. */
size_t screen_columns(void);

/* Nothing unless on a terminal that has it and NO_COLOR is unset. */
void screen_style(enum screen_style style);

#endif
