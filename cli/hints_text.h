/*
 * hints_text - findings for people.
 */
#ifndef MEMPROF_CLI_HINTS_TEXT_H
#define MEMPROF_CLI_HINTS_TEXT_H

#include "analyzer/hints.h"

/* `spec`: the trace as it was given, for the commands that show more. */
void hints_text(struct profile *p, const char *spec,
		const struct query_hints *hints);

/* What to do, and the command that shows more: its words before the trace. */
const char *hints_advice(enum query_hint_kind kind);
const char *hints_command(enum query_hint_kind kind);

#endif
