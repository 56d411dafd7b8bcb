/*
 * calltree - see calltree.h.
 *
 * Nodes of the trace come in the order of their numbers, parents first, and so
 * do those made here. Only those on the way to a site that counts are looked
 * at: the symbols of the others are never read.
 *
 * A node of the trace may be passed by stacks that are shown as Python's and by
 * others (stacks.h), and then has a place for each.
 *
 * How often a stack passes a node is counted where it comes back to it. The
 * stack's last passes are a list of *turns*, newest first, each node once where
 * that is cheap: a stack of a thousand frames of one function has one turn.
 */
#include "analyzer/calltree.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/lookup.h"
#include "trace/xmalloc.h"

enum {
	NO_KEY = UINT32_MAX,
	TURNS_MAX = 64, /* that are looked through */
};

/* How a stack is shown. */
enum view {
	VIEW_NATIVE,
	VIEW_PYTHON,
	VIEWS,
};

struct turn {
	uint32_t node;
	uint32_t passes;
	uint32_t before; /* turn, 0 none */
};

struct builder {
	struct calltree *tree;
	const struct query *query;
	const struct query_tree_options *options;
	const struct selection *selection;
	const struct model_node *nodes;
	const struct model_frame *frames;
	size_t node_count, frame_count;
	struct lookup lookup; /* of nodes, by parent and key */
	uint32_t *keys; /* by call */
	size_t key_room;
	uint32_t *examples; /* by key: a call */
	size_t example_room;
	uint32_t key_count;
	struct lookup key_lookup;
	uint32_t *at[VIEWS], *turn[VIEWS]; /* by node of the trace */
	struct turn *turns;
	size_t turn_room;
	uint32_t turn_count;
	const char *start; /* interned name of what runs before main */
};

static bool is_same_function(const void *owner, uint32_t item, const void *key)
{
	const struct builder *b = owner;
	const struct query_frame *x = key;
	const struct query_frame *y =
		calls_frame(b->tree->profile->calls, b->examples[item]);

	/* What has no name is told apart by address. */
	return x->function == y->function && x->file == y->file &&
	       x->module == y->module &&
	       (x->function || (x->addr == y->addr && x->line == y->line));
}

static uint32_t find_key(struct builder *b, uint32_t call)
{
	const struct query_frame *f =
		calls_frame(b->tree->profile->calls, call);
	uint32_t hash = lookup_hash_numbers(
		(uintptr_t)f->function + (uintptr_t)f->module,
		(uintptr_t)f->file + (f->function ? 0 : f->addr));
	uint32_t found =
		lookup_find(&b->key_lookup, hash, is_same_function, b, f);

	if (found != LOOKUP_NONE)
		return found;
	b->examples = xgrow(b->examples, &b->example_room,
			    (size_t)b->key_count + 1, sizeof(*b->examples));
	b->examples[b->key_count] = call;
	lookup_add(&b->key_lookup, hash, b->key_count);
	return b->key_count++;
}

static uint32_t key_of(struct builder *b, uint32_t call)
{
	size_t had = b->key_room;

	if (b->options->lines)
		return call;
	if (call >= had) {
		b->keys = xgrow(b->keys, &b->key_room, (size_t)call + 1,
				sizeof(*b->keys));
		for (size_t i = had; i < b->key_room; i++)
			b->keys[i] = NO_KEY;
	}
	if (b->keys[call] == NO_KEY)
		b->keys[call] = find_key(b, call);
	return b->keys[call];
}

static bool is_child(const void *owner, uint32_t item, const void *key)
{
	const struct calltree_node *a =
		&((const struct builder *)owner)->tree->nodes[item];
	const struct calltree_node *b = key;

	return a->parent == b->parent && a->key == b->key && a->kind == b->kind;
}

static uint32_t add_node(struct calltree *t, const struct calltree_node *node)
{
	size_t had = t->room;

	t->nodes = xgrow(t->nodes, &t->room, (size_t)t->count + 1,
			 sizeof(*t->nodes));
	if (t->room != had) {
		t->own = xreallocarray(t->own, t->room, sizeof(*t->own));
		memset(t->own + had, 0, (t->room - had) * sizeof(*t->own));
	}
	t->nodes[t->count] = *node;
	return t->count++;
}

static uint32_t child_of(struct builder *b, const struct calltree_node *node)
{
	uint32_t hash = lookup_hash_numbers(
		(uint64_t)node->parent << 2 | node->kind, node->key);
	uint32_t found = lookup_find(&b->lookup, hash, is_child, b, node);

	if (found != LOOKUP_NONE)
		return found;
	found = add_node(b->tree, node);
	lookup_add(&b->lookup, hash, found);
	return found;
}

/* The stack comes back to a node; gives its newest turn then. */
static uint32_t pass_again(struct builder *b, uint32_t node, uint32_t newest)
{
	struct turn turn = { .node = node, .passes = 2, .before = newest };
	uint32_t *most = &b->tree->nodes[node].recursion;
	uint32_t at = newest;

	for (int i = 0; at && i < TURNS_MAX; i++) {
		if (b->turns[at].node == node) {
			turn.passes = b->turns[at].passes + 1;
			break;
		}
		at = b->turns[at].before;
	}
	if (newest && b->turns[newest].node == node)
		turn.before = b->turns[newest].before;
	if (turn.passes > *most)
		*most = turn.passes;
	b->turns = xgrow(b->turns, &b->turn_room, (size_t)b->turn_count + 1,
			 sizeof(*b->turns));
	b->turns[b->turn_count] = turn;
	return b->turn_count++;
}

struct step {
	uint32_t call;
	bool is_inlined, is_guessed;
};

/* The node on the way to the root that stands for the function, or the root. */
static uint32_t find_outer(const struct calltree *t, uint32_t from,
			   uint32_t key)
{
	while (t->nodes[from].kind == CALLTREE_CALL &&
	       t->nodes[from].key != key)
		from = t->nodes[from].parent;
	return t->nodes[from].kind == CALLTREE_CALL ? from : CALLTREE_ROOT;
}

static uint32_t go_in(struct builder *b, uint32_t from, const struct step *s,
		      uint32_t *turn)
{
	const struct calls *calls = b->tree->profile->calls;
	struct calltree_node node = { .kind = CALLTREE_CALL,
				      .parent = from,
				      .key = key_of(b, s->call),
				      .call = s->call,
				      .recursion = 1 };
	uint32_t found = CALLTREE_ROOT;
	struct calltree_node *n;

	if (!calls_is_mark(calls, s->call))
		found = find_outer(b->tree, from, node.key);
	if (found != CALLTREE_ROOT)
		*turn = pass_again(b, found, *turn);
	else
		found = child_of(b, &node);
	n = &b->tree->nodes[found];
	n->is_plain |= !s->is_inlined;
	n->is_guessed |= s->is_guessed;
	n->is_mixed |= n->call != s->call;
	return found;
}

static bool is_hidden(const struct builder *b, uint32_t call)
{
	const struct calls *calls = b->tree->profile->calls;

	if (b->options->wrappers || calls_is_mark(calls, call))
		return false;
	return calls_is_wrapper(calls, call) ||
	       calls_plain_name(calls, call) == b->start;
}

static uint32_t thread_node(struct builder *b, const struct model_frame *f)
{
	const struct profile *p = b->tree->profile;
	struct calltree_node node = { .parent = CALLTREE_ROOT,
				      .key = (uint32_t)f->addr };

	if (f->addr >= p->thread_count)
		return CALLTREE_ROOT;
	switch (b->query->by) {
	case QUERY_BY_THREAD:
		node.kind = CALLTREE_THREAD;
		return child_of(b, &node);
	case QUERY_BY_PROCESS:
		node.kind = CALLTREE_PROCESS;
		node.key = p->threads[f->addr].process;
		return child_of(b, &node);
	default:
		return CALLTREE_ROOT;
	}
}

static bool is_folded(const struct builder *b, uint32_t frame, uint32_t at)
{
	const struct calltree *t = b->tree;

	return stacks_folds(t->profile->stacks, frame,
			    t->nodes[at].kind != CALLTREE_CALL);
}

static void place_node(struct builder *b, uint32_t number, enum view view)
{
	const struct model_node *n = &b->nodes[number];
	const struct model_frame *f = &b->frames[n->frame];
	uint32_t at = b->at[view][n->parent];
	uint32_t turn = b->turn[view][n->parent];
	const struct calls_list *l;

	b->at[view][number] = at;
	b->turn[view][number] = turn;
	if (f->kind == MODEL_FRAME_THREAD) {
		b->at[view][number] = thread_node(b, f);
		return;
	}
	if (view == VIEW_PYTHON && is_folded(b, n->frame, at))
		return;
	l = calls_list(b->tree->profile->calls, n->frame);
	for (uint32_t i = l->count; i--;) {
		const struct step s = { .call = l->calls[i],
					.is_inlined = i + 1 < l->count,
					.is_guessed = l->guessed };

		if (!is_hidden(b, s.call))
			at = go_in(b, at, &s, &turn);
	}
	b->at[view][number] = at;
	b->turn[view][number] = turn;
}

static enum view view_of(const struct builder *b, uint32_t node)
{
	return stacks_is_python(b->tree->profile->stacks, node) ? VIEW_PYTHON
								: VIEW_NATIVE;
}

/* Has the path no call, but at most remarks that it is not whole? */
static bool is_empty(const struct calltree *t, uint32_t at)
{
	while (t->nodes[at].kind == CALLTREE_CALL &&
	       calls_is_mark(t->profile->calls, t->nodes[at].call))
		at = t->nodes[at].parent;
	return t->nodes[at].kind != CALLTREE_CALL;
}

/* Where a site's blocks are own. All may be wrappers: then at its place. */
static uint32_t node_of(struct builder *b, uint32_t site)
{
	struct profile *p = b->tree->profile;
	uint32_t node = p->sites[site].node, turn = 0;
	uint32_t at = b->at[view_of(b, node)][node];
	struct step s = { .call = CALLS_NONE };

	if (is_empty(b->tree, at))
		s.call = stacks_place(p->stacks, node);
	return s.call == CALLS_NONE ? at : go_in(b, at, &s, &turn);
}

/* Marks the nodes between the sites that count and the root, by view. */
static uint8_t *find_needed(const struct builder *b)
{
	const struct profile *p = b->tree->profile;
	uint8_t *needed = xcalloc(b->node_count + 1, 1);

	for (size_t i = 0; i < p->site_count; i++) {
		uint32_t node = p->sites[i].node;
		uint8_t bit = (uint8_t)(1 << view_of(b, node));

		if (!selection_has(p, b->selection, b->query, i))
			continue;
		for (; node && !(needed[node] & bit);
		     node = b->nodes[node].parent)
			needed[node] |= bit;
	}
	return needed;
}

static void place_all(struct builder *b)
{
	struct calltree *t = b->tree;
	uint8_t *needed = find_needed(b);

	for (uint32_t i = 1; i < b->node_count; i++)
		for (int view = 0; view < VIEWS; view++)
			if (needed[i] >> view & 1)
				place_node(b, i, (enum view)view);
	free(needed);
	for (uint32_t i = 0; i < t->profile->site_count; i++) {
		uint32_t node;

		if (!selection_has(t->profile, b->selection, b->query, i))
			continue;
		node = node_of(b, i);
		profile_add_stats(t->profile, &t->own[node], i,
				  &b->selection->stats[i]);
	}
}

void calltree_build(struct calltree *t, struct profile *p,
		    const struct query *q, const struct query_tree_options *o,
		    const struct selection *s)
{
	struct builder b = { .tree = t,
			     .query = q,
			     .options = o,
			     .selection = s,
			     .turn_count = 1 };

	*t = (struct calltree){ .profile = p };
	add_node(t, &(struct calltree_node){ .kind = CALLTREE_ALL });
	b.nodes = trace_nodes(p->trace, &b.node_count);
	b.frames = trace_frames(p->trace, &b.frame_count);
	for (int i = 0; i < VIEWS; i++) {
		b.at[i] = xcalloc(b.node_count + 1, sizeof(*b.at[i]));
		b.turn[i] = xcalloc(b.node_count + 1, sizeof(*b.turn[i]));
	}
	b.start = names_intern(&p->names, "_start");
	place_all(&b);
	lookup_release(&b.lookup);
	lookup_release(&b.key_lookup);
	free(b.keys);
	free(b.examples);
	for (int i = 0; i < VIEWS; i++) {
		free(b.at[i]);
		free(b.turn[i]);
	}
	free(b.turns);
}

void calltree_release(struct calltree *t)
{
	free(t->nodes);
	free(t->own);
}

static struct query_frame frame_of(const struct calltree *t,
				   const struct calltree_node *n)
{
	struct query_frame f = *calls_frame(t->profile->calls, n->call);

	if (n->is_mixed)
		f.line = 0;
	f.inlined = !n->is_plain;
	f.guessed = n->is_guessed;
	return f;
}

struct query_node calltree_describe(const struct calltree *t,
				    const struct calltree_node *n)
{
	const struct profile *p = t->profile;
	struct query_node out = { .recursion = n->recursion };
	uint32_t process = n->key;

	switch (n->kind) {
	case CALLTREE_ALL:
		return out;
	case CALLTREE_CALL:
		out.frame = frame_of(t, n);
		return out;
	case CALLTREE_THREAD:
		out.thread = &p->threads[n->key];
		process = out.thread->process;
		break;
	case CALLTREE_PROCESS:
		break;
	}
	if (process < p->process_count)
		out.process = &p->processes[process];
	return out;
}

int calltree_compare(const struct calltree *t, const struct calltree_node *a,
		     const struct calltree_node *b)
{
	struct query_frame x, y;
	int order = 0;

	if (a->kind == CALLTREE_CALL && b->kind == CALLTREE_CALL) {
		x = frame_of(t, a);
		y = frame_of(t, b);
		order = calls_compare(&x, &y);
	}
	if (order)
		return order;
	return a->key < b->key ? -1 : a->key > b->key;
}
