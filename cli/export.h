/*
 * export - what `memprof export` hands to the writers of other tools' formats.
 *
 * Every format is about stacks. Rows are asked for once; the frames of a row
 * are fetched, written and forgotten, so that a trace with a hundred thousand
 * stacks is never in memory as text.
 */
#ifndef MEMPROF_CLI_EXPORT_H
#define MEMPROF_CLI_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/query.h"
#include "trace/err.h"

struct export
{
	struct profile *profile;
	struct query query; /* by stack; its sort is the metric asked for */
	const struct query_result *stacks;
	const char *path; /* to write to, NULL: stdout */
	/* html only: the trace to compare with, and both as they were given. */
	struct profile *before;
	const char *spec[2];
};

/* Each writes a whole file, to stdout unless it says. -1 with err set. */
/* Wants rows with lifetimes where it can tell them. */
bool export_dhat_has_lifetimes(const struct profile *p, const struct query *q);
int export_dhat(const struct export *e, struct err *err);
int export_folded(const struct export *e, struct err *err);
int export_html(const struct export *e, struct err *err);
int export_massif(const struct export *e, struct err *err);
int export_pprof(const struct export *e, struct err *err);
int export_speedscope(const struct export *e, struct err *err);
/* A database at `path`, an empty file. */
int export_sqlite(const struct export *e, struct err *err);

/*
 * What a frame is called where only one name is: its function, or
 * "[libfoo.so+0x1234]". No control characters, valid UTF-8; caller frees.
 */
char *export_name(const struct query_frame *f);

#endif
