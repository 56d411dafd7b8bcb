/*
 * Design
 * ------
 * A *listing* is a function's source. First every call that the stacks have
 * gets the number of its listing, if the user wants it: calls with one file and
 * one name are of one, and so are all instances of a template.
 *
 * A stack is then charged by climbing from its node, but only to nodes whose
 * frame has a listed call. Which these are each node knows from its parent, so
 * that a stack costs as many steps as it has listed frames, which are few.
 *
 * Where a run has Python, its functions are looked through first: what they are
 * called is in the trace, and the symbols of the interpreter are large.
 */
#include "analyzer/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/kept.h"
#include "analyzer/profile.h"
#include "analyzer/selection.h"
#include "analyzer/target.h"
#include "analyzer/usage.h"
#include "analyzer/where.h"
#include "trace/xmalloc.h"

enum {
	NOT_LISTED = UINT32_MAX,
	SUGGESTIONS = 3,
	LINES_MAX = 20000, /* of a function */
};

struct listing {
	const char *file; /* NULL: no lines are known */
	const char *name; /* what tells it from others of the file */
	const char *module;
	int64_t module_number;
	int64_t code; /* of Python: a code object of it; MODEL_NONE native */
	uint32_t frame; /* one that has such a call, */
	uint32_t depth; /* and which of its calls it is */
	uint32_t site; /* charged last, + 1 */
	struct query_source_line *lines;
	size_t room, count;
	uint32_t *cells; /* of usage.h, one for each line */
	size_t cell_room;
	struct lookup lookup; /* of lines */
	struct query_counts total;
};

struct annotation {
	struct profile *profile;
	const struct query *query;
	const struct selection *selection; /* what counts */
	uint32_t *listing; /* by call */
	uint32_t *hit; /* by node: the nearest outwards with a listed call */
	const struct model_node *nodes;
	size_t node_count, frame_count;
	struct listing *items;
	size_t room;
	uint32_t count;
	struct lookup lookup; /* of items */
	struct usage *usage; /* NULL not wanted */
	bool own;
	bool is_python; /* only frames of Python are looked at */
};

/*
 * What the user wants
 */

enum want {
	WANT_FUNCTION,
	WANT_FILE,
	WANT_LINE, /* the function around it */
};

struct wish {
	const char *target;
	size_t length; /* of the file's name */
	uint32_t line;
};

static bool is_wished(const struct wish *w, enum want want,
		      const struct query_frame *f)
{
	if (want == WANT_FUNCTION && f->python)
		return f->function &&
		       target_is_python(w->target, f->module, f->function);
	if (want == WANT_FUNCTION)
		return f->function &&
		       target_is_function(w->target, f->function);
	return f->file && f->function &&
	       target_is_file(w->target, w->length, f->file);
}

/* Templates differ in parameters too; overloads differ in source. */
static const char *listing_name(struct profile *p, const char *function)
{
	char *brief = query_brief_name(function);
	const char *name = strstr(brief, "<>") ? brief : function;

	name = names_intern(&p->names, name);
	free(brief);
	return name;
}

static bool is_listing(const void *owner, uint32_t item, const void *key)
{
	const struct listing *a =
		&((const struct annotation *)owner)->items[item];
	const struct listing *b = key;

	return a->file == b->file && a->name == b->name &&
	       (a->file || a->module == b->module);
}

static uint32_t find_listing(struct annotation *a, uint32_t call)
{
	const struct query_frame *f = calls_frame(a->profile->calls, call);
	struct listing l = {
		.file = f->line ? f->file : NULL,
		.name = listing_name(a->profile, f->function),
		.module = f->module,
		.module_number = calls_module(a->profile->calls, call),
		.code = calls_code(a->profile->calls, call),
	};
	uint32_t hash =
		lookup_hash_numbers((uintptr_t)l.file, (uintptr_t)l.name);
	uint32_t found = lookup_find(&a->lookup, hash, is_listing, a, &l);

	if (found != LOOKUP_NONE)
		return found;
	a->items = xgrow(a->items, &a->room, (size_t)a->count + 1,
			 sizeof(*a->items));
	a->items[a->count] = l;
	lookup_init(&a->items[a->count].lookup);
	lookup_add(&a->lookup, hash, a->count);
	return a->count++;
}

static bool list_calls(struct annotation *a, const struct wish *w,
		       enum want want)
{
	const struct calls *calls = a->profile->calls;
	bool found = false;

	for (uint32_t i = 0; i < calls_count(calls); i++) {
		a->listing[i] = NOT_LISTED;
		if (calls_is_mark(calls, i) ||
		    !is_wished(w, want, calls_frame(calls, i)))
			continue;
		a->listing[i] = find_listing(a, i);
		found = true;
	}
	return found;
}

/* A file's name with a line, a function's name, a file's name. */
static bool list_wished(struct annotation *a, struct wish *w, enum want *want)
{
	w->length = target_split(w->target, &w->line);
	*want = WANT_LINE;
	if (w->line && list_calls(a, w, *want))
		return true;
	w->length = strlen(w->target);
	*want = WANT_FUNCTION;
	if (list_calls(a, w, *want))
		return true;
	*want = WANT_FILE;
	return list_calls(a, w, *want);
}

static bool is_similar(const char *name, const char *target, const char *last)
{
	return name && name != last && strcasestr(name, target);
}

static int refuse(const struct annotation *a, const char *target,
		  struct err *err)
{
	const struct calls *calls = a->profile->calls;
	const char *last = NULL;
	char found[256] = "";
	size_t n = 0, used = 0;

	for (uint32_t i = 0; i < calls_count(calls) && n < SUGGESTIONS; i++) {
		const char *name = calls_frame(calls, i)->function;

		if (!is_similar(name, target, last) ||
		    used + strlen(name) + 5 > sizeof(found))
			continue;
		used += (size_t)sprintf(found + used, "%s'%s'", n++ ? ", " : "",
					name);
		last = name;
	}
	return err_set(err,
		       "no function or file '%s' is on any stack of this "
		       "trace%s%s",
		       target, n ? "; there is " : "", found);
}

/*
 * Charging
 */

static bool has_line(const void *owner, uint32_t item, const void *key)
{
	return ((const struct listing *)owner)->lines[item].line ==
	       *(const uint32_t *)key;
}

/* The line's number in the listing. */
static uint32_t line_of(struct annotation *a, struct listing *l, uint32_t line)
{
	uint32_t hash = lookup_hash_numbers(line, 0);
	uint32_t found = lookup_find(&l->lookup, hash, has_line, l, &line);

	if (found != LOOKUP_NONE)
		return found;
	l->lines = xgrow(l->lines, &l->room, l->count + 1, sizeof(*l->lines));
	l->lines[l->count] = (struct query_source_line){ .line = line };
	l->cells =
		xgrow(l->cells, &l->cell_room, l->count + 1, sizeof(*l->cells));
	if (a->usage)
		l->cells[l->count] = usage_cell(a->usage);
	lookup_add(&l->lookup, hash, (uint32_t)l->count);
	return (uint32_t)l->count++;
}

static void charge_line(struct annotation *a, struct listing *l, uint32_t call,
			uint32_t site)
{
	struct profile *p = a->profile;
	uint32_t line = line_of(a, l, calls_frame(p->calls, call)->line);

	profile_add_stats(p, &l->lines[line].counts, site,
			  &a->selection->stats[site]);
	if (a->usage)
		usage_pass(a->usage, site, (uint32_t)(l - a->items),
			   l->cells[line]);
}

/* Once a listing: the innermost call of a stack comes first. */
static void charge(struct annotation *a, uint32_t call, uint32_t site)
{
	const struct model_stats *stats = &a->selection->stats[site];
	struct profile *p = a->profile;
	struct listing *l;

	if (a->listing[call] == NOT_LISTED)
		return;
	l = &a->items[a->listing[call]];
	if (l->site == site + 1)
		return;
	l->site = site + 1;
	profile_add_stats(p, &l->total, site, stats);
	if (l->file)
		charge_line(a, l, call, site);
}

static void charge_stack(struct annotation *a, uint32_t site)
{
	uint32_t node = a->hit[a->profile->sites[site].node];

	while (node) {
		const struct model_node *n = &a->nodes[node];
		const struct calls_list *l =
			calls_list(a->profile->calls, n->frame);

		for (uint32_t i = 0; i < l->count; i++)
			charge(a, l->calls[i], site);
		node = a->hit[n->parent];
	}
}

static void charge_place(struct annotation *a, uint32_t site)
{
	struct profile *p = a->profile;
	uint32_t place = stacks_place(p->stacks, p->sites[site].node);

	if (place != CALLS_NONE)
		charge(a, place, site);
}

static bool is_listed_frame(struct annotation *a, uint32_t frame)
{
	const struct calls_list *l;
	bool is_listed = false;

	if (a->is_python && !calls_in_python(a->profile->calls, frame))
		return false;
	l = calls_list(a->profile->calls, frame);
	for (uint32_t i = 0; i < l->count; i++) {
		uint32_t number = a->listing[l->calls[i]];

		if (number == NOT_LISTED)
			continue;
		a->items[number].frame = frame;
		a->items[number].depth = i;
		is_listed = true;
	}
	return is_listed;
}

static void find_hits(struct annotation *a)
{
	bool *listed = xcalloc(a->frame_count + 1, sizeof(*listed));

	for (uint32_t i = 0; i < a->frame_count; i++)
		listed[i] = is_listed_frame(a, i);
	a->hit = xcalloc(a->node_count + 1, sizeof(*a->hit));
	/* The reader has checked that parents come first. */
	for (uint32_t i = 1; i < a->node_count; i++)
		a->hit[i] = listed[a->nodes[i].frame]
				    ? i
				    : a->hit[a->nodes[i].parent];
	free(listed);
}

static void charge_all(struct annotation *a)
{
	struct profile *p = a->profile;

	find_hits(a);
	for (uint32_t i = 0; i < p->site_count; i++) {
		if (!selection_has(p, a->selection, a->query, i))
			continue;
		if (a->own)
			charge_place(a, i);
		else
			charge_stack(a, i);
	}
}

/*
 * Showing
 */

static int compare_lines(const void *a, const void *b)
{
	const struct query_source_line *x = a, *y = b;

	return x->line < y->line ? -1 : x->line > y->line;
}

static void set_note(struct profile *p, const struct listing *l,
		     struct query_listing *out)
{
	struct query_module_gap gap = { .path = l->module };

	if (l->code != MODEL_NONE && !l->file) {
		out->note = "has no line here";
		return;
	}
	if (l->file) {
		out->note = profile_source_note(p, l->file, l->module);
		return;
	}
	out->note = "is code in no module";
	if (l->module_number == MODEL_NONE)
		return;
	quality_explain(p, (uint32_t)l->module_number, &gap);
	out->note = gap.why;
	out->fix = gap.fix;
}

static const char *text_at(struct profile *p, const struct query_listing *l,
			   uint32_t line)
{
	const char *text = profile_source_line(p, l->file, line);

	return text ? text : "";
}

/* Of another function, or of a declaration before this one. */
static bool ends_another(const char *text)
{
	size_t length = strlen(text);

	return length && !strchr(" \t#/*", *text) &&
	       (*text == '}' || text[length - 1] == ';');
}

/* What begins in the first column of a file tells functions apart. */
static void clip(struct profile *p, const struct query_listing *l,
		 uint32_t lines[2])
{
	for (uint32_t i = l->first; i-- > lines[0];)
		if (ends_another(text_at(p, l, i)))
			lines[0] = i + 1;
	while (lines[0] < l->first && !*text_at(p, l, lines[0]))
		lines[0]++;
	for (uint32_t i = l->last; i < lines[1]; i++)
		if (*text_at(p, l, i) == '}')
			lines[1] = i;
}

/* Of all code objects with its name, the one whose lines were charged. */
static void extend_python(struct profile *p, const struct listing *l,
			  struct query_listing *out)
{
	uint32_t lines[2];

	if (!scripts_extent(p->scripts, (uint32_t)l->code, lines) ||
	    lines[1] - lines[0] >= LINES_MAX)
		return;
	if (lines[0] < out->first)
		out->first = lines[0];
	if (lines[1] > out->last)
		out->last = lines[1];
}

/*
 * From where the function is declared to its last line: as far as the trace
 * holds its text, or as the debug information has it.
 */
static void extend(struct profile *p, const struct listing *l,
		   struct query_listing *out)
{
	uint32_t held[2] = { out->first, out->last }, lines[2];
	size_t count;
	const struct model_frame *f = &trace_frames(p->trace, &count)[l->frame];

	if (l->code != MODEL_NONE) {
		extend_python(p, l, out);
		return;
	}
	sources_extend(p->sources, l->file, held, LINES_MAX);
	if (held[0] == out->first && held[1] == out->last &&
	    f->kind == MODEL_FRAME_CODE &&
	    symbols_extent(p->symbols, f->module, kept_address(f), l->depth,
			   lines) &&
	    lines[0] <= out->first && lines[0] + LINES_MAX > out->last) {
		held[0] = lines[0];
		if (lines[1] > held[1])
			held[1] = lines[1];
	}
	clip(p, out, held);
	out->first = held[0];
	out->last = held[1];
}

static void show_usage(const struct annotation *a, const struct listing *l,
		       struct query_listing *out)
{
	struct usage_figures f;

	out->has_usage = true;
	out->before = usage_before(a->usage, (uint32_t)(l - a->items));
	for (size_t i = 0; i < l->count; i++) {
		f = usage_of(a->usage, l->cells[i]);
		l->lines[i].usage = f.usage;
		l->lines[i].increment = f.increment;
	}
}

static struct query_listing show(const struct annotation *a,
				 const struct listing *l)
{
	struct profile *p = a->profile;
	struct query_source_line *lines =
		arena_alloc(&p->arena, l->count + 1, sizeof(*lines));
	struct query_listing out = {
		.function = l->name,
		.file = l->file,
		.module = l->module,
		.lines = lines,
		.count = l->count,
		.total = l->total,
	};

	if (a->usage && l->count)
		show_usage(a, l, &out);
	if (l->count) {
		memcpy(lines, l->lines, l->count * sizeof(*lines));
		qsort(lines, l->count, sizeof(*lines), compare_lines);
		out.first = lines[0].line;
		out.last = lines[l->count - 1].line;
		extend(p, l, &out);
	}
	set_note(p, l, &out);
	return out;
}

static int compare_text(const char *a, const char *b)
{
	return a == b ? 0 : !a ? -1 : !b ? 1 : strcmp(a, b);
}

static int compare_sources(const void *a, const void *b)
{
	const struct query_listing *x = a, *y = b;
	int order = compare_text(x->file, y->file);

	if (!order && x->first != y->first)
		order = x->first < y->first ? -1 : 1;
	return order ? order : compare_text(x->function, y->function);
}

static int compare_metrics(const void *a, const void *b, void *metric)
{
	const struct query_listing *x = a, *y = b;
	enum query_metric m = *(enum query_metric *)metric;
	uint64_t vx = query_metric_of(&x->total, m);
	uint64_t vy = query_metric_of(&y->total, m);

	if (vx != vy)
		return vx > vy ? -1 : 1;
	return compare_sources(a, b);
}

/* How far the line is from those with figures. */
static uint32_t distance(const struct query_listing *l, uint32_t line)
{
	uint32_t first = l->lines[0].line;
	uint32_t last = l->lines[l->count - 1].line;

	return line < first ? first - line : line > last ? line - last : 0;
}

/*
 * Is `a` rather than `b` meant? Text around a lambda may be that of the whole
 * function which has it, so lines with figures tell more than the extent.
 */
static bool is_nearer(const struct query_listing *a,
		      const struct query_listing *b, uint32_t line)
{
	uint32_t x = distance(a, line), y = distance(b, line);

	if (a->last < line || b->last < line)
		return a->last >= line || b->last < line;
	if (x != y)
		return x < y;
	return a->lines[a->count - 1].line - a->lines[0].line <=
	       b->lines[b->count - 1].line - b->lines[0].line;
}

/* The function that has the line, or else the one that begins before it. */
static struct query_listing *around(struct query_listing *items, size_t count,
				    uint32_t line)
{
	struct query_listing *best = NULL;

	for (size_t i = 0; i < count; i++)
		if (items[i].count && items[i].first <= line &&
		    (!best || is_nearer(&items[i], best, line)))
			best = &items[i];
	return best;
}

static struct query_listings *show_all(struct annotation *a,
				       const struct wish *w, enum want want)
{
	struct arena *arena = &a->profile->arena;
	struct query_listings *r = arena_alloc(arena, 1, sizeof(*r));
	struct query_listing *items =
		arena_alloc(arena, (size_t)a->count + 1, sizeof(*items));
	enum query_metric sort = a->query->sort;

	for (uint32_t i = 0; i < a->count; i++)
		if (a->items[i].site)
			items[r->count++] = show(a, &a->items[i]);
	r->items = items;
	r->is_file = want == WANT_FILE;
	if (!r->count)
		return r;
	if (want == WANT_FUNCTION)
		qsort_r(items, r->count, sizeof(*items), compare_metrics,
			&sort);
	else
		qsort(items, r->count, sizeof(*items), compare_sources);
	if (want == WANT_LINE) {
		r->items = around(items, r->count, w->line);
		r->count = r->items != NULL;
	}
	return r;
}

static void start(struct annotation *a, struct profile *p)
{
	a->profile = p;
	a->nodes = trace_nodes(p->trace, &a->node_count);
	trace_frames(p->trace, &a->frame_count);
	lookup_init(&a->lookup);
}

/* Looks through all calls, or those of Python. */
static bool find_wished(struct annotation *a, struct wish *w, enum want *want)
{
	const struct calls *calls = a->profile->calls;

	for (uint32_t i = 0; i < a->frame_count; i++)
		if (!a->is_python || calls_in_python(calls, i))
			calls_list(a->profile->calls, i);
	free(a->listing);
	a->listing =
		xcalloc((size_t)calls_count(calls) + 1, sizeof(*a->listing));
	return list_wished(a, w, want);
}

static bool find(struct annotation *a, struct wish *w, enum want *want)
{
	a->is_python = scripts_exist(a->profile->scripts);
	if (a->is_python && find_wished(a, w, want))
		return true;
	a->is_python = false;
	return find_wished(a, w, want);
}

/* Which blocks count must follow from where they were allocated. */
static bool wants_usage(const struct annotation *a)
{
	const struct query *q = a->query;

	return a->is_python && q->kind == MODEL_HEAP &&
	       !(q->where && (where_uses(q->where, WHERE_TIME) ||
			      where_uses(q->where, WHERE_LIFETIME) ||
			      where_uses(q->where, WHERE_LIVE) ||
			      where_uses(q->where, WHERE_TEMPORARY)));
}

static const struct query_listings *answer(struct annotation *a,
					   const struct wish *w, enum want want,
					   struct err *err)
{
	const struct query_listings *r;

	if (wants_usage(a))
		a->usage = usage_open(a->profile);
	charge_all(a);
	if (a->usage && usage_follow(a->usage, err) < 0)
		return NULL;
	r = show_all(a, w, want);
	if (r->count)
		return r;
	err_set(err, "nothing was allocated through '%s'", w->target);
	return NULL;
}

static void stop(struct annotation *a)
{
	for (uint32_t i = 0; i < a->count; i++) {
		lookup_release(&a->items[i].lookup);
		free(a->items[i].lines);
		free(a->items[i].cells);
	}
	lookup_release(&a->lookup);
	free(a->items);
	free(a->listing);
	free(a->hit);
	usage_close(a->usage);
}

const struct query_listings *profile_annotate(struct profile *p,
					      const char *target,
					      const struct query *q, bool own,
					      struct err *err)
{
	struct annotation a = { .query = q, .own = own };
	struct wish wish = { .target = target };
	const struct query_listings *r = NULL;
	enum want want;

	a.selection = selection_of(p, q, err);
	if (!a.selection)
		return NULL;
	start(&a, p);
	if (find(&a, &wish, &want))
		r = answer(&a, &wish, want, err);
	else
		refuse(&a, target, err);
	stop(&a);
	return r;
}
