/*
 * tui - look through a trace in the terminal.
 *
 * `memprof tui` and `memprof top` come in here. The interface is one thread,
 * which draws and takes keys, and a worker, which asks the analyzer; the first
 * never waits for the second.
 */
#ifndef MEMPROF_TUI_TUI_H
#define MEMPROF_TUI_TUI_H

#include "analyzer/query.h"

#include <stdbool.h>
#include <stddef.h>

struct tui_options {
	const char *spec[2]; /* TRACE[@WHEN]; with two, A and B */
	size_t specs;
	struct profile_options profile;
	const char *where; /* as it begins; NULL all blocks */
	enum model_kind kind;
	int32_t pid; /* 0 all processes */
	enum query_metric metric;
	bool is_live; /* being written: look again each second */
	const char *script; /* keys, no terminal; NULL none */
	const char *screen; /* file for the last screen; NULL none */
	int rows, columns; /* of the screen of a script */
};

/* -1 with err set. What was copied is printed on stdout. */
int tui_run(const struct tui_options *o, struct err *err);

#endif
