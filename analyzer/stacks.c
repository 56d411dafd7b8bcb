/*
 * Design
 * ------
 * Threads and stacks follow from the parent's, and a parent's number is smaller
 * than its child's. So a question climbs until it meets a node that is already
 * answered, and answers the ones it passed on the way back: every node is
 * visited once, and those without sites under them never. A place is climbed
 * to, and only that far.
 *
 * Whether a frame is folded depends on whether Python comes further in, so a
 * node has two stacks: as it is, and folded; which one is shown the innermost
 * node says. Frames that are folded are known by their module alone, and the
 * interpreter's symbols are never read for them.
 */
#include "analyzer/stacks.h"

#include <stdlib.h>

#include "analyzer/lookup.h"
#include "trace/xmalloc.h"

enum {
	UNKNOWN = UINT32_MAX - 1, /* not asked yet */
	ROOT = 0, /* the stack without frames */
	ANSWERED = 2, /* added to numbers of calls, where 0 is not asked yet */
};

struct stack {
	uint32_t outer; /* stack */
	uint32_t list; /* number of the frame's list of calls */
	uint32_t frame; /* one that has this list */
};

struct stacks {
	struct stacks_options options;
	struct calls *calls;
	const struct model_node *nodes;
	const struct model_frame *model;
	size_t node_count, frame_count, thread_count;
	bool *is_python; /* by node; NULL when there is no Python */
	/* By node; NULL not yet needed. */
	uint32_t *thread, *stack, *folded, *scripts;
	/* The same, with ANSWERED added: of stacks that pass through Python,
	 * and of others. */
	uint32_t *python_place, *place;
	uint32_t *payers; /* by frame, with ANSWERED added */
	struct stack *stacks;
	size_t stack_room;
	uint32_t stack_count;
	struct lookup stack_lookup;
	uint32_t *path; /* scratch: nodes passed on the way up */
	size_t path_room;
	struct query_frame *shown; /* what stacks_frames() returned */
	size_t shown_room;
};

static void find_python(struct stacks *s)
{
	s->is_python = xcalloc(s->node_count + 1, sizeof(*s->is_python));
	/* The reader has checked that parents come first. */
	for (uint32_t i = 1; i < s->node_count; i++)
		s->is_python[i] = s->is_python[s->nodes[i].parent] ||
				  calls_in_python(s->calls, s->nodes[i].frame);
}

struct stacks *stacks_open(const struct stacks_options *o)
{
	struct stacks *s = arena_alloc(o->arena, 1, sizeof(*s));

	s->options = *o;
	s->calls = o->calls;
	s->nodes = trace_nodes(o->trace, &s->node_count);
	s->model = trace_frames(o->trace, &s->frame_count);
	trace_threads(o->trace, &s->thread_count);
	if (o->has_python)
		find_python(s);
	s->stacks = xgrow(NULL, &s->stack_room, 1, sizeof(*s->stacks));
	s->stacks[ROOT] = (struct stack){ .list = CALLS_NONE };
	s->stack_count = 1;
	lookup_init(&s->stack_lookup);
	return s;
}

void stacks_close(struct stacks *s)
{
	if (!s)
		return;
	free(s->place);
	free(s->python_place);
	free(s->payers);
	free(s->is_python);
	free(s->thread);
	free(s->stack);
	free(s->folded);
	free(s->scripts);
	free(s->stacks);
	free(s->path);
	free(s->shown);
	lookup_release(&s->stack_lookup);
}

/* What `node` answers, when its parent answers `outer`. */
typedef uint32_t derive_fn(struct stacks *s, uint32_t node, uint32_t outer);

static uint32_t answer(struct stacks *s, uint32_t **column, uint32_t node,
		       uint32_t root, derive_fn *derive)
{
	uint32_t value;
	size_t depth = 0;

	if (!*column) {
		*column = xreallocarray(NULL, s->node_count + 1,
					sizeof(**column));
		for (size_t i = 0; i < s->node_count; i++)
			(*column)[i] = UNKNOWN;
	}
	while (node && node < s->node_count && (*column)[node] == UNKNOWN) {
		s->path = xgrow(s->path, &s->path_room, depth + 1,
				sizeof(*s->path));
		s->path[depth++] = node;
		/* The reader checks it; a loop here would never end. */
		if (s->nodes[node].parent >= node)
			node = 0;
		else
			node = s->nodes[node].parent;
	}
	value = node && node < s->node_count ? (*column)[node] : root;
	while (depth) {
		node = s->path[--depth];
		value = derive(s, node, value);
		(*column)[node] = value;
	}
	return value;
}

static const struct calls_list *calls_of(struct stacks *s, uint32_t node)
{
	return calls_list(s->calls, s->nodes[node].frame);
}

/* The innermost call of a frame that is no wrapper, CALLS_NONE without one. */
static uint32_t find_payer(struct stacks *s, uint32_t frame)
{
	const struct calls_list *l;

	if (calls_in_wrapper_module(s->calls, frame))
		return CALLS_NONE;
	l = calls_list(s->calls, frame);
	for (uint32_t i = 0; i < l->count; i++)
		if (!calls_is_wrapper(s->calls, l->calls[i]))
			return l->calls[i];
	return CALLS_NONE;
}

bool stacks_is_python(const struct stacks *s, uint32_t node)
{
	return s->is_python && node < s->node_count && s->is_python[node];
}

static uint32_t payer(struct stacks *s, uint32_t frame)
{
	if (frame >= s->frame_count)
		return CALLS_NONE;
	if (!s->payers)
		s->payers = xcalloc(s->frame_count + 1, sizeof(*s->payers));
	if (!s->payers[frame])
		s->payers[frame] = find_payer(s, frame) + ANSWERED;
	return s->payers[frame] - ANSWERED;
}

/* The same, for stacks that pass through Python: not all native frames pay. */
static uint32_t python_payer(struct stacks *s, uint32_t frame)
{
	uint32_t found;

	if (calls_in_python(s->calls, frame))
		return payer(s, frame);
	if (calls_in_interpreter(s->calls, frame))
		return CALLS_NONE;
	found = payer(s, frame);
	if (found == CALLS_NONE || !calls_frame(s->calls, found)->line)
		return CALLS_NONE;
	return found;
}

/*
 * Most stacks have their place in the first frame or two, and what is further
 * out need not be looked up for it.
 */
static uint32_t find_place(struct stacks *s, uint32_t node)
{
	bool is_python = stacks_is_python(s, node);
	uint32_t **places = is_python ? &s->python_place : &s->place;
	uint32_t place = CALLS_NONE, frame;
	size_t depth = 0;

	if (!*places)
		*places = xcalloc(s->node_count + 1, sizeof(**places));
	while (node && node < s->node_count && place == CALLS_NONE &&
	       !(*places)[node]) {
		s->path = xgrow(s->path, &s->path_room, depth + 1,
				sizeof(*s->path));
		s->path[depth++] = node;
		frame = s->nodes[node].frame;
		place = is_python ? python_payer(s, frame) : payer(s, frame);
		/* The reader checks it; a loop here would never end. */
		node = s->nodes[node].parent < node ? s->nodes[node].parent : 0;
	}
	if (place == CALLS_NONE && node && node < s->node_count)
		place = (*places)[node] - ANSWERED;
	while (depth)
		(*places)[s->path[--depth]] = place + ANSWERED;
	return place;
}

/*
 * All are wrappers, as when the loader works for nobody: the innermost, of
 * Python if there is one.
 */
static uint32_t innermost(struct stacks *s, uint32_t node)
{
	bool is_python = stacks_is_python(s, node);
	const struct calls_list *l;

	for (; node && node < s->node_count; node = s->nodes[node].parent) {
		if (is_python &&
		    !calls_in_python(s->calls, s->nodes[node].frame))
			continue;
		l = calls_of(s, node);
		if (l->count && !calls_is_mark(s->calls, l->calls[0]))
			return l->calls[0];
		if (s->nodes[node].parent >= node)
			break;
	}
	return CALLS_NONE;
}

uint32_t stacks_place(struct stacks *s, uint32_t node)
{
	uint32_t place = find_place(s, node);

	return place == CALLS_NONE ? innermost(s, node) : place;
}

static uint32_t derive_thread(struct stacks *s, uint32_t node, uint32_t outer)
{
	uint32_t number = s->nodes[node].frame;
	const struct model_frame *f = &s->model[number];

	if (outer != STACKS_NONE || number >= s->frame_count ||
	    f->kind != MODEL_FRAME_THREAD || f->addr >= s->thread_count)
		return outer;
	return (uint32_t)f->addr;
}

uint32_t stacks_thread(struct stacks *s, uint32_t node)
{
	return answer(s, &s->thread, node, STACKS_NONE, derive_thread);
}

static bool is_stack(const void *owner, uint32_t item, const void *key)
{
	const struct stack *a = &((const struct stacks *)owner)->stacks[item];
	const struct stack *b = key;

	return a->outer == b->outer && a->list == b->list;
}

static uint32_t derive_stack(struct stacks *s, uint32_t node, uint32_t outer)
{
	const struct calls_list *l = calls_of(s, node);
	struct stack key = { .outer = outer,
			     .list = l->number,
			     .frame = s->nodes[node].frame };
	uint32_t hash = lookup_hash_numbers(outer, l->number);
	uint32_t found;

	if (!l->count)
		return outer;
	found = lookup_find(&s->stack_lookup, hash, is_stack, s, &key);
	if (found != LOOKUP_NONE)
		return found;
	s->stacks = xgrow(s->stacks, &s->stack_room, (size_t)s->stack_count + 1,
			  sizeof(*s->stacks));
	s->stacks[s->stack_count] = key;
	lookup_add(&s->stack_lookup, hash, s->stack_count);
	return s->stack_count++;
}

/* Is all of the frame a wrapper? For frames of Python. */
static bool is_hidden(struct stacks *s, uint32_t frame)
{
	const struct calls_list *l = calls_list(s->calls, frame);

	for (uint32_t i = 0; i < l->count; i++)
		if (!calls_is_wrapper(s->calls, l->calls[i]))
			return false;
	return true;
}

/* The same, but of Python all is shown. */
static bool folds_native(const struct stacks *s, uint32_t frame, bool is_first)
{
	if (s->options.native || calls_in_python(s->calls, frame))
		return false;
	return calls_in_interpreter(s->calls, frame) ||
	       (is_first && calls_in_wrapper_module(s->calls, frame));
}

bool stacks_folds(struct stacks *s, uint32_t frame, bool is_first)
{
	if (calls_in_python(s->calls, frame))
		return is_hidden(s, frame);
	return folds_native(s, frame, is_first);
}

static uint32_t derive_folded(struct stacks *s, uint32_t node, uint32_t outer)
{
	if (stacks_folds(s, s->nodes[node].frame, outer == ROOT))
		return outer;
	return derive_stack(s, node, outer);
}

static uint32_t derive_scripts(struct stacks *s, uint32_t node, uint32_t outer)
{
	if (folds_native(s, s->nodes[node].frame, outer == ROOT))
		return outer;
	return derive_stack(s, node, outer);
}

uint32_t stacks_stack(struct stacks *s, uint32_t node)
{
	uint32_t stack;

	if (!stacks_is_python(s, node))
		return answer(s, &s->stack, node, ROOT, derive_stack);
	stack = answer(s, &s->folded, node, ROOT, derive_folded);
	if (stack != ROOT)
		return stack;
	/* All of it is hidden: shown, for something has to be. */
	return answer(s, &s->scripts, node, ROOT, derive_scripts);
}

uint32_t stacks_count(const struct stacks *s)
{
	return s->stack_count;
}

uint32_t stacks_outer(const struct stacks *s, uint32_t stack)
{
	return s->stacks[stack].outer;
}

const struct calls_list *stacks_list(const struct stacks *s, uint32_t stack)
{
	return calls_list(s->calls, s->stacks[stack].frame);
}

/* A call of a stack, and the way outwards from it. */
struct cursor {
	uint32_t stack;
	uint32_t call; /* index in the list */
};

static bool cursor_get(const struct stacks *s, struct cursor *c,
		       struct query_frame *out)
{
	const struct calls_list *l;

	if (c->stack == ROOT)
		return false;
	l = calls_list(s->calls, s->stacks[c->stack].frame);
	*out = *calls_frame(s->calls, l->calls[c->call]);
	out->guessed = l->guessed;
	out->inlined = ++c->call < l->count;
	if (!out->inlined)
		*c = (struct cursor){ .stack = s->stacks[c->stack].outer };
	return true;
}

const struct query_frame *stacks_frames(struct stacks *s, uint32_t stack,
					size_t *count)
{
	struct cursor c = { .stack = stack };
	size_t n = 0;

	do
		s->shown = xgrow(s->shown, &s->shown_room, n + 1,
				 sizeof(*s->shown));
	while (cursor_get(s, &c, &s->shown[n]) && ++n);
	*count = n;
	return s->shown;
}

static int compare_calls(const struct stacks *s, uint32_t a, uint32_t b)
{
	struct cursor x = { .stack = a }, y = { .stack = b };
	struct query_frame fx, fy;
	bool has_x, has_y;
	int order = 0;

	while (!order) {
		has_x = cursor_get(s, &x, &fx);
		has_y = cursor_get(s, &y, &fy);
		if (!has_x || !has_y)
			return has_x - has_y;
		order = calls_compare(&fx, &fy);
	}
	return order;
}

int stacks_compare(const struct stacks *s, uint32_t a, uint32_t b)
{
	/* What begins with the same frames is compared from there on. */
	while (a != b && a != ROOT && b != ROOT &&
	       s->stacks[a].frame == s->stacks[b].frame) {
		a = s->stacks[a].outer;
		b = s->stacks[b].outer;
	}
	if (a == b)
		return 0;
	return compare_calls(s, a, b);
}
