/*
 * terminal - cells to a real screen, keys from a real keyboard: the only file
 * that knows curses.
 *
 * There is one terminal. Whatever ends the process gives it back as it was:
 * terminal_close(), exit(), the signals that end, and those of a crash.
 * Ctrl-Z stops the process with the terminal given back, as curses does it.
 */
#ifndef MEMPROF_TUI_TERMINAL_H
#define MEMPROF_TUI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/cells.h"
#include "analyzer/query.h"

/* -1 with err set when there is none, or one that can not move a cursor. */
int terminal_open(struct err *err);
void terminal_close(void);

void terminal_size(int *rows, int *columns);
void terminal_show(const struct cells *c);
/* What is on the screen is not what we think. */
void terminal_redraw(void);

enum terminal_kind {
	TERMINAL_NOTHING,
	TERMINAL_KEY,
	TERMINAL_CLICK,
	TERMINAL_WHEEL,
	TERMINAL_RESIZE,
};

struct terminal_event {
	enum terminal_kind kind;
	uint32_t key; /* as in keys.h */
	int row, column; /* of a click; rows of a wheel, down */
};

/* What has come; never waits. */
struct terminal_event terminal_read(void);
/*
 * Until there may be something to read from the terminal or from `fd`, or so
 * many ms have gone by; -1: any time. The number of a signal that asks to end,
 * else 0.
 */
int terminal_wait(int fd, int ms);

/* Runs a program that takes the terminal; its wait status, or -1. */
int terminal_run(char *const argv[]);

#endif
