/*
 * web - the data of the HTML report, before they are written.
 *
 * A page shows one trace, or two as before and after. It must open fast
 * however long the run was, so it holds a part of the stacks, those that
 * matter most by any metric; what the others had is summed up by place, so
 * that lines and totals are still whole. What was left out is said on the
 * page.
 *
 * Texts, functions, frames and nodes of the tree of stacks are numbered, and
 * named once. All texts are escaped as for a terminal.
 */
#ifndef MEMPROF_CLI_WEB_H
#define MEMPROF_CLI_WEB_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/lookup.h"
#include "analyzer/query.h"
#include "cli/export_numbers.h"

enum {
	WEB_STACKS = 4000, /* kept at most */
	WEB_NODES = 200000, /* of their tree */
	WEB_DEPTH = 200, /* frames of a stack; of more the middle goes */
	WEB_PLACES = 2000, /* of all other stacks */
	WEB_SLICES = 100, /* of time */
	WEB_POINTS = 800, /* of the timeline */
	WEB_NAMES = 4 << 20, /* bytes of names */
	WEB_SOURCES = 1 << 20, /* bytes of source text */
};

/* A table of numbered things that are some numbers each. */
struct web_table {
	uint32_t *items; /* owned, `width` numbers each */
	size_t width, room;
	uint32_t count;
	struct lookup lookup;
};

/* The number of `item`; of those met before only the first `key` count. */
uint32_t web_number(struct web_table *t, const uint32_t *item, size_t key);
void web_table_release(struct web_table *t);

struct web_texts {
	char **list; /* owned; 0 is empty */
	size_t room;
	uint32_t count;
	struct lookup lookup;
};

/* Of an escaped text, which is given up. */
uint32_t web_text(struct web_texts *t, char *text);
void web_texts_release(struct web_texts *t);

/* What stands in the tables' items. */
enum web_function {
	WEB_NAME,
	WEB_MODULE, /* 0 where two traces are compared */
	WEB_BRIEF, /* name without parameters */
	WEB_FLAGS,
	WEB_FUNCTION_WIDTH,
};

enum web_flag {
	WEB_LIBRARY = 1, /* not the program's own code */
	WEB_REST = 2, /* stands for stacks that were left out */
};

enum web_frame {
	WEB_OF_FUNCTION,
	WEB_FILE,
	WEB_LINE,
	WEB_OF_MODULE,
	WEB_FRAME_WIDTH,
};

enum web_node {
	WEB_PARENT,
	WEB_OF_FRAME,
	WEB_NODE_WIDTH,
};

/* A row by stack of either trace; NULL: that has none. */
struct web_row {
	const struct query_row *side[2];
};

struct web_stack {
	uint32_t node, place; /* place: a frame */
	struct query_counts counts[2];
	struct profile *profile; /* that has the text of the place */
	const char *file; /* of the place, as the profile knows it */
};

struct web_side {
	struct profile *profile;
	const char *spec;
	struct query_counts total;
};

struct web {
	struct web_side side[2];
	size_t sides;
	struct query query;
	struct web_row *rows; /* owned */
	size_t row_count;

	struct web_texts texts;
	struct web_table functions, frames, nodes;
	struct export_numbers seen[2]; /* calls of each side */
	uint32_t *seen_frame[2]; /* owned: the frame of each */
	size_t seen_room[2];
	struct web_stack *stacks; /* owned */
	size_t stack_count, stack_room;
	uint32_t *stack_of_row; /* owned; stacks that were left out share */
	size_t kept; /* stacks that are whole */
	const struct query_diff *lines; /* by line; NULL of one trace */
};

/* From the rows; all else of the page follows from it. */
void web_choose(struct web *p);
/* The frame of a call of side `side`. */
uint32_t web_frame_of(struct web *p, size_t side, const struct query_frame *f);
/* A frame that is no code. */
uint32_t web_remark(struct web *p, const char *text);
void web_release(struct web *p);

/*
 * Each writes members of the page's JSON object to stdout, with a comma behind
 * all. JSON stands in a script element there: no "<" is written.
 */
void web_print(json_t *value); /* gives it up */
void web_print_text(const char *text); /* escaped already */
void web_runs(const struct web *p);
void web_stacks(const struct web *p);
void web_slices(const struct web *p);
void web_sources(const struct web *p);
/* Of two traces. */
void web_lines(struct web *p);

#endif
