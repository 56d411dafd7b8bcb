/*
 * run_report - the report that `memprof run --report` makes when the program
 * has ended.
 */
#ifndef MEMPROF_CLI_RUN_REPORT_H
#define MEMPROF_CLI_RUN_REPORT_H

#include <limits.h>
#include <stdbool.h>

enum run_report_kind {
	RUN_REPORT_NONE,
	RUN_REPORT_TEXT,
	RUN_REPORT_HTML,
};

struct run_report {
	enum run_report_kind kind;
	bool force; /* replace a page that is there */
	char page[PATH_MAX]; /* that was written; empty: none */
};

/* "text" or "html", NULL for text; false when it is neither. */
bool run_report_parse(struct run_report *r, const char *arg);

/*
 * Of the trace at `path`. Text goes to stderr, where the program's own output
 * does not end up in a pipe with it; a page beside the trace. What fails is
 * said, and changes nothing else.
 */
void run_report_make(struct run_report *r, const char *path);

#endif
