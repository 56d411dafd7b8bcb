/*
 * check_rules - what a gate demands: limits, each within a scope.
 *
 * A scope says which blocks count: those of a condition, of a part of the run,
 * or all. Scopes come from the command line, where what chooses blocks goes for
 * the limits that follow it, or are the sections of a file.
 */
#ifndef MEMPROF_CLI_CHECK_RULES_H
#define MEMPROF_CLI_CHECK_RULES_H

#include "analyzer/query.h"
#include "trace/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct check_scope {
	char *name; /* of the section, owned; NULL none */
	char *condition; /* owned; NULL all blocks */
	struct where *where; /* what it says; owned */
	char *from, *to; /* as for profile_options; owned; NULL none */
	size_t limits;
};

struct check_limit {
	const char *name; /* "max-peak" */
	char *text; /* as it was given, "200MiB"; owned */
	enum query_metric metric;
	bool is_growth; /* of it, in an iteration */
	uint64_t most;
	size_t scope; /* index */
};

struct check_rules {
	struct check_scope *scopes; /* owned; the first is never named */
	size_t scope_count, scope_room;
	struct check_limit *limits; /* owned */
	size_t count, room;
	enum query_trust trust;
	char *mark; /* that ends an iteration; owned; NULL any */
	/* Files that a file of rules names. */
	char *baseline; /* owned; NULL none */
	char **known; /* suppressions; owned, each of them */
	size_t known_count, known_room;
};

void check_rules_init(struct check_rules *r);
void check_rules_release(struct check_rules *r);

/* -1 with err set, also when `name` is no limit. */
int check_rules_limit(struct check_rules *r, const char *name,
		      const char *value, struct err *err);
/*
 * "where", "from" and "to" of a scope. A scope that has limits already is
 * followed by another.
 */
int check_rules_choose(struct check_rules *r, const char *name,
		       const char *value, struct err *err);
/* For all limits on growth. */
int check_rules_mark(struct check_rules *r, const char *value, struct err *err);
/* "baseline" or "suppressions"; of the latter there may be many. */
int check_rules_file(struct check_rules *r, const char *name, const char *path,
		     struct err *err);
/* Of "any", "complete" and "exact". */
int check_rules_trust(struct check_rules *r, const char *value,
		      struct err *err);
/* A scope is now whole: a condition behind all limits goes for all. */
int check_rules_finish(struct check_rules *r, struct err *err);

/* What is given next is of another scope, with the name, which may be NULL. */
void check_rules_begin(struct check_rules *r, const char *name);

#endif
