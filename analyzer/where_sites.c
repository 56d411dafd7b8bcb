/*
 * where_sites - see where_sites.h.
 *
 * A test on the stack has the answer of the parent's stack, unless it fits one
 * of the node's own calls. A parent's number is smaller than its child's, so
 * one walk up to a node that is known and back answers all that lie between.
 */
#include "analyzer/where_sites.h"

#include <stdlib.h>
#include <string.h>

#include "trace/sites.h"
#include "trace/xmalloc.h"

enum known {
	UNKNOWN,
	KNOWN_NO,
	KNOWN_YES,
};

/* What is known of one test. */
struct column {
	uint8_t *calls; /* enum known */
	size_t call_count;
	uint8_t *nodes;
};

struct where_sites {
	struct profile *profile;
	const struct model_node *nodes;
	size_t node_count;
	struct column *columns; /* by test */
	size_t count;
	uint32_t *path; /* scratch */
	size_t path_room;
};

struct where_sites *where_sites_open(struct profile *p, const struct where *w)
{
	struct where_sites *s = xcalloc(1, sizeof(*s));

	s->profile = p;
	s->nodes = trace_nodes(p->trace, &s->node_count);
	s->count = where_tests(w);
	s->columns = xcalloc(s->count, sizeof(*s->columns));
	return s;
}

void where_sites_close(struct where_sites *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++) {
		free(s->columns[i].calls);
		free(s->columns[i].nodes);
	}
	free(s->columns);
	free(s->path);
	free(s);
}

static bool fits_call(const struct calls *calls, const struct where_test *test,
		      uint32_t call)
{
	static const struct query_frame nowhere;
	const struct query_frame *f =
		call == CALLS_NONE ? &nowhere : calls_frame(calls, call);

	switch (test->field) {
	case WHERE_FUNCTION:
	case WHERE_STACK:
		return where_fits_name(test, f->function,
				       call == CALLS_NONE
					       ? NULL
					       : calls_plain_name(calls, call));
	case WHERE_FILE:
	case WHERE_STACKFILE:
		return where_fits_path(test, f->file);
	case WHERE_MODULE:
	case WHERE_STACKMODULE:
		return where_fits_path(test, f->module);
	default:
		return where_fits_number(test, f->line);
	}
}

/* The same, from memory. */
static bool ask_call(struct where_sites *s, const struct where_test *test,
		     uint32_t call)
{
	struct column *c = &s->columns[test->index];
	const struct calls *calls = s->profile->calls;
	size_t had = c->call_count;

	if (call == CALLS_NONE)
		return fits_call(calls, test, call);
	if (call >= had) {
		c->calls = xgrow(c->calls, &c->call_count, (size_t)call + 1, 1);
		memset(c->calls + had, UNKNOWN, c->call_count - had);
	}
	if (c->calls[call] == UNKNOWN)
		c->calls[call] =
			fits_call(calls, test, call) ? KNOWN_YES : KNOWN_NO;
	return c->calls[call] == KNOWN_YES;
}

static enum known ask_node(struct where_sites *s, const struct where_test *test,
			   uint32_t node)
{
	const struct calls_list *l =
		calls_list(s->profile->calls, s->nodes[node].frame);

	for (uint32_t i = 0; i < l->count; i++)
		if (ask_call(s, test, l->calls[i]))
			return KNOWN_YES;
	return KNOWN_NO;
}

/* Does any call of the stack fit? */
static bool ask_stack(struct where_sites *s, const struct where_test *test,
		      uint32_t node)
{
	struct column *c = &s->columns[test->index];
	enum known known;
	size_t depth = 0;

	if (!c->nodes)
		c->nodes = xcalloc(s->node_count + 1, 1);
	while (node && node < s->node_count && !c->nodes[node]) {
		s->path = xgrow(s->path, &s->path_room, depth + 1,
				sizeof(*s->path));
		s->path[depth++] = node;
		node = s->nodes[node].parent < node ? s->nodes[node].parent : 0;
	}
	known = node && node < s->node_count ? c->nodes[node] : KNOWN_NO;
	while (depth) {
		node = s->path[--depth];
		if (known != KNOWN_YES)
			known = ask_node(s, test, node);
		c->nodes[node] = known;
	}
	return known == KNOWN_YES;
}

/* None fits is what the negation of a test on stacks means. */
static bool fits_stack(struct where_sites *s, const struct where_test *test,
		       uint32_t node)
{
	struct where_test positive = *test;

	if (test->compare == WHERE_UNEQUAL)
		positive.compare = WHERE_EQUAL;
	if (test->compare == WHERE_UNLIKE)
		positive.compare = WHERE_LIKE;
	return ask_stack(s, &positive, node) ==
	       (positive.compare == test->compare);
}

static bool fits_thread(const struct profile *p, const struct where_test *test,
			uint32_t node)
{
	uint32_t number = stacks_thread(p->stacks, node);
	const struct model_thread *t =
		number < p->thread_count ? &p->threads[number] : NULL;
	const struct model_process *process =
		t && t->process < p->process_count ? &p->processes[t->process]
						   : NULL;

	switch (test->field) {
	case WHERE_THREAD:
		return where_fits_text(test, t ? t->name : NULL);
	case WHERE_TID:
		return where_fits_number(test, t ? (uint64_t)t->tid : 0);
	case WHERE_PROCESS:
		return where_fits_text(test, process ? process->name : NULL);
	default:
		return where_fits_number(test,
					 process ? (uint64_t)process->pid : 0);
	}
}

/* Sizes from `low` to `high`. */
static enum where_answer fits_range(const struct where_test *test, uint64_t low,
				    uint64_t high)
{
	bool is_first = where_fits_number(test, low);
	bool is_inside = test->number >= low && test->number <= high;
	bool is_equality =
		test->compare == WHERE_EQUAL || test->compare == WHERE_UNEQUAL;

	if (is_first != where_fits_number(test, high) ||
	    (is_equality && is_inside && low != high))
		return WHERE_MAYBE;
	return is_first ? WHERE_YES : WHERE_NO;
}

static enum where_answer fits_size(const struct model_site *site,
				   const struct where_test *test)
{
	/* What is unmapped has no size of its own. */
	if (site->exact || site->kind == MODEL_MAPPING)
		return fits_range(test, site->size, site->size);
	return fits_range(test, sites_class_min(site->size), site->size);
}

enum where_answer where_sites_ask(struct where_sites *s, uint32_t site,
				  const struct where_test *test)
{
	struct profile *p = s->profile;
	uint32_t node = p->sites[site].node;
	bool fits;

	switch (test->field) {
	case WHERE_FUNCTION:
	case WHERE_FILE:
	case WHERE_LINE:
	case WHERE_MODULE:
		fits = ask_call(s, test, stacks_place(p->stacks, node));
		break;
	case WHERE_STACK:
	case WHERE_STACKFILE:
	case WHERE_STACKMODULE:
		fits = fits_stack(s, test, node);
		break;
	case WHERE_THREAD:
	case WHERE_TID:
	case WHERE_PROCESS:
	case WHERE_PID:
		fits = fits_thread(p, test, node);
		break;
	case WHERE_SIZE:
		return fits_size(&p->sites[site], test);
	default:
		return WHERE_MAYBE;
	}
	return fits ? WHERE_YES : WHERE_NO;
}
