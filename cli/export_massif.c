/*
 * export_massif - the output file of valgrind's massif, for ms_print and
 * massif-visualizer.
 *
 * Snapshots are the timeline's, thinned. Two are detailed: that of the peak,
 * and the last. Their trees show who called the allocators, callees first;
 * what is under a hundredth of the snapshot is summed up, and depth ends where
 * massif's does by default.
 *
 * A tree is made of stacks as numbers of calls, innermost first: sorted so,
 * the stacks of a node stand side by side.
 */
#include "cli/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "cli/export_numbers.h"
#include "trace/xmalloc.h"

enum {
	SNAPSHOTS = 100,
	DEPTH = 30, /* frames below the allocators */
	THRESHOLD = 100, /* of the snapshot, one part in so many */
};

/* Frames of a stack outside the allocators. */
struct stack {
	const uint32_t *calls;
	uint32_t count;
	uint64_t bytes;
};

struct tree {
	const struct export *export;
	struct export_numbers numbers;
	struct query_frame *frames; /* owned, by number */
	size_t frame_room;
	uint32_t *calls; /* owned, of all stacks */
	size_t call_count, call_room;
	struct stack *stacks; /* owned */
	size_t count;
	uint64_t least; /* bytes that are shown */
};

static uint32_t number_of(struct tree *t, const struct query_frame *f)
{
	bool is_new;
	uint32_t number =
		export_number(&t->numbers, export_call_key(f), &is_new);

	if (is_new) {
		t->frames = xgrow(t->frames, &t->frame_room, (size_t)number + 1,
				  sizeof(*t->frames));
		t->frames[number] = *f;
	}
	return number;
}

static void add_stack(struct tree *t, const struct query_row *row,
		      uint64_t bytes)
{
	size_t count, at = 0;
	const struct query_frame *f =
		profile_frames(t->export->profile, row, &count);
	struct stack *s = &t->stacks[t->count++];

	while (at + 1 < count && f[at].wrapper)
		at++;
	*s = (struct stack){ .bytes = bytes };
	for (; at < count && s->count < DEPTH; at++, s->count++) {
		t->calls = xgrow(t->calls, &t->call_room, t->call_count + 1,
				 sizeof(*t->calls));
		t->calls[t->call_count++] = number_of(t, &f[at]);
	}
}

static int compare_stacks(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	for (uint32_t i = 0; i < x->count && i < y->count; i++)
		if (x->calls[i] != y->calls[i])
			return x->calls[i] < y->calls[i] ? -1 : 1;
	return x->count < y->count ? -1 : x->count > y->count;
}

static void make_tree(struct tree *t, enum query_metric metric)
{
	const struct query_result *r = t->export->stacks;
	size_t at = 0;

	t->stacks = xcalloc(r->count + 1, sizeof(*t->stacks));
	for (size_t i = 0; i < r->count; i++) {
		uint64_t bytes = query_metric_of(&r->rows[i].counts, metric);

		if (bytes)
			add_stack(t, &r->rows[i], bytes);
	}
	/* The array stays where it is from here on. */
	for (size_t i = 0; i < t->count; i++) {
		t->stacks[i].calls = t->calls + at;
		at += t->stacks[i].count;
	}
	qsort(t->stacks, t->count, sizeof(*t->stacks), compare_stacks);
}

static void release_tree(struct tree *t)
{
	export_numbers_release(&t->numbers);
	free(t->frames);
	free(t->calls);
	free(t->stacks);
}

/* Stacks side by side that have the same calls up to some depth. */
struct node {
	size_t first, end;
	uint64_t bytes;
};

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* The callers of a node's calls, largest first; the caller frees the list. */
static struct node *children(const struct tree *t, const struct node *n,
			     uint32_t depth, size_t *count)
{
	struct node *list = NULL;
	size_t room = 0;

	*count = 0;
	for (size_t i = n->first; i < n->end; i++) {
		const struct stack *s = &t->stacks[i];

		if (s->count <= depth)
			continue;
		if (!*count || t->stacks[i - 1].count <= depth ||
		    t->stacks[i - 1].calls[depth] != s->calls[depth]) {
			list = xgrow(list, &room, *count + 1, sizeof(*list));
			list[(*count)++] = (struct node){ .first = i };
		}
		list[*count - 1].end = i + 1;
		list[*count - 1].bytes += s->bytes;
	}
	if (*count)
		qsort(list, *count, sizeof(*list), compare_nodes);
	return list;
}

static void print_frame(const struct query_frame *f)
{
	char *name = escape_text(f->function ? f->function : "???");
	char *file = escape_text(f->file ? f->file : "");
	char *module = escape_text(f->module ? f->module : "???");

	printf("0x%" PRIX64 ": %s ", f->addr, name);
	if (f->file && f->line)
		printf("(%s:%" PRIu32 ")\n", file, f->line);
	else
		printf("(in %s)\n", module);
	free(name);
	free(file);
	free(module);
}

static void print_small(const struct node *list, size_t count, uint32_t depth)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < count; i++)
		bytes += list[i].bytes;
	printf("%*sn0: %" PRIu64 " in %zu place%s, %s massif's threshold "
	       "(%.2f%%)\n",
	       (int)depth, "", bytes, count, count > 1 ? "s" : "",
	       count > 1 ? "all below" : "below", 100.0 / THRESHOLD);
}

/* The calls that `n` came from. At most DEPTH deep. */
static void print_node(const struct tree *t, const struct node *n,
		       uint32_t depth)
{
	size_t count, large = 0;
	struct node *list = children(t, n, depth, &count);

	while (large < count && list[large].bytes >= t->least)
		large++;
	printf("%*sn%zu: %" PRIu64 " ", (int)depth, "", large + (large < count),
	       n->bytes);
	if (depth)
		print_frame(&t->frames[t->stacks[n->first].calls[depth - 1]]);
	else
		fputs("(heap allocation functions) malloc/new/new[], "
		      "--alloc-fns, etc.\n",
		      stdout);
	for (size_t i = 0; i < large; i++)
		print_node(t, &list[i], depth + 1);
	if (large < count)
		print_small(list + large, count - large, depth + 1);
	free(list);
}

static void print_tree(const struct export *e, enum query_metric metric)
{
	struct tree t = { .export = e };
	struct node all = { 0 };

	make_tree(&t, metric);
	all.end = t.count;
	for (size_t i = 0; i < t.count; i++)
		all.bytes += t.stacks[i].bytes;
	t.least = all.bytes / THRESHOLD;
	print_node(&t, &all, 0);
	release_tree(&t);
}

static void print_snapshot(size_t number, uint64_t time, uint64_t bytes)
{
	printf("#-----------\nsnapshot=%zu\n#-----------\ntime=%" PRIu64 "\n"
	       "mem_heap_B=%" PRIu64 "\nmem_heap_extra_B=0\nmem_stacks_B=0\n",
	       number, time / 1000000, bytes);
}

static void print_command(const struct trace_run *run)
{
	fputs("cmd:", stdout);
	for (size_t i = 0; i < run->argc; i++) {
		putchar(' ');
		escape_print(stdout, run->argv[i]);
	}
	putchar('\n');
}

static size_t print_peak(const struct export *e, size_t number)
{
	const struct query_totals *total =
		profile_totals_of(e->profile, e->query.kind, e->query.pid);

	print_snapshot(number, total->peak_time_ns, total->peak_bytes);
	fputs("heap_tree=peak\n", stdout);
	print_tree(e, QUERY_PEAK);
	return number + 1;
}

static uint64_t bytes_at(const struct export *e, const struct query_point *p)
{
	return e->query.kind == MODEL_HEAP ? p->heap : p->mapping;
}

/* Those before the last, and the peak's where it belongs. */
static size_t print_snapshots(const struct export *e, uint64_t end)
{
	size_t count, number = 0;
	const struct query_point *points =
		profile_timeline(e->profile, e->query.pid, &count);
	size_t step = count / SNAPSHOTS + 1;
	uint64_t peak =
		profile_totals_of(e->profile, e->query.kind, e->query.pid)
			->peak_time_ns;
	bool is_out = false;

	for (size_t i = 0; i < count && points[i].time < end; i += step) {
		if (!is_out && points[i].time >= peak) {
			number = print_peak(e, number);
			is_out = true;
		}
		print_snapshot(number++, points[i].time,
			       bytes_at(e, &points[i]));
		fputs("heap_tree=empty\n", stdout);
	}
	return is_out ? number : print_peak(e, number);
}

int export_massif(const struct export *e, struct err *err)
{
	const struct query_totals *total =
		profile_totals_of(e->profile, e->query.kind, e->query.pid);
	uint64_t end = profile_time(e->profile);

	(void)err;
	fputs("desc: memprof " MEMPROF_VERSION "\n", stdout);
	print_command(profile_run(e->profile));
	fputs("time_unit: ms\n", stdout);
	print_snapshot(print_snapshots(e, end), end, total->live_bytes);
	fputs("heap_tree=detailed\n", stdout);
	print_tree(e, QUERY_LIVE);
	return 0;
}
