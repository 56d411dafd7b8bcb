/*
 * browse - the options of what looks through a trace in the terminal: `memprof
 * tui` and `memprof top`.
 */
#ifndef MEMPROF_CLI_BROWSE_H
#define MEMPROF_CLI_BROWSE_H

#include <argp.h>
#include <stdbool.h>

#include "cli/question.h"
#include "tui/tui.h"

struct browse {
	struct tui_options tui;
	struct question question;
	bool has_metric;
};

/* A child of the command's argp. Its input is what browse_default() gave. */
extern const struct argp browse_argp;

struct browse browse_default(void);
/* Runs it and releases the options; the exit status. */
int browse_run(struct browse *b);

#endif
