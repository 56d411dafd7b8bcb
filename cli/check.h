/*
 * check - what `memprof check` hands to the writers of its formats: what was
 * to be kept, and what was found of it in each trace.
 */
#ifndef MEMPROF_CLI_CHECK_H
#define MEMPROF_CLI_CHECK_H

#include "analyzer/query.h"
#include "cli/check/check_rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* One limit, put to one trace, or to one process of it. */
struct check_result {
	const struct check_limit *limit;
	const struct check_scope *scope;
	struct profile *profile; /* of the shares; borrowed */
	const struct model_process *process; /* NULL all */
	struct query_judgement judgement;
};

struct check_trace {
	const char *spec;
	const char
		*name; /* for people: the spec, or the program that was run */
	struct profile **profiles; /* one for each scope; some are the same */
	struct profile *profile; /* of the whole run; NULL not opened */
	char *trouble; /* why it is not passed whatever the limits; owned */
	struct check_result *results; /* owned */
	struct check_figure *figures; /* of a baseline; owned */
	size_t count, room;
	enum query_ruling ruling; /* of all of it */
};

enum {
	CHECK_STATUS_ANY = -1,
	CHECK_STATUS_DEFAULT = -2, /* 0 of a program that is run, else any */
};

struct check {
	const struct check_rules *rules;
	const struct check_baseline *baseline; /* NULL none */
	const char *tolerance; /* of what is not in it */
	const char **skip; /* owned */
	size_t skips;
	int status; /* that the program has to exit with */
	bool per_process;
	struct check_trace *traces; /* owned */
	size_t count;
	enum query_ruling ruling;
	struct suppressions *known; /* leaks that do not count; borrowed */
	bool is_strict; /* with them */
	bool full; /* text: nothing is shortened */
};

/* Each writes all that was found. Text has colours when it is for a terminal,
 * and is for stdout only. */
void check_text(const struct check *c, FILE *out);
void check_json(const struct check *c, FILE *out);
void check_junit(const struct check *c, FILE *out);
void check_sarif(const struct check *c, FILE *out);
void check_markdown(const struct check *c, FILE *out);
/* Commands for the runner of GitHub Actions, which shows them at the lines. */
void check_github(const struct check *c, FILE *out);

#endif
