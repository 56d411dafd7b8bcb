/*
 * web_slices - what each stack of a page did in each part of the run.
 *
 * A slice of a stack is written only if something happened there, as five
 * numbers: slices since the last one that is written, calls, bytes allocated,
 * bytes freed, temporary blocks. What was live before the first slice is told
 * apart: it is not 0 where --max-size left the beginning out.
 */
#include "cli/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "trace/xmalloc.h"

enum {
	SHORTEST = 1000000, /* ns: how fine times are in a trace */
	NUMBERS = 5,
};

struct series {
	int64_t *numbers; /* owned */
	size_t count, room;
	size_t last; /* slice that was written */
	struct query_counts before;
	uint64_t base; /* bytes that are live before the first slice */
};

struct slices {
	struct series *of_stack;
	size_t stacks;
	uint64_t times[WEB_SLICES + 1];
	size_t count; /* edges: one more than slices */
	bool is_whole; /* what is before the first edge is of the first */
};

static void add(struct series *s, size_t slice, const struct query_counts *now)
{
	const struct query_counts *old = &s->before;
	const int64_t numbers[NUMBERS] = {
		(int64_t)(slice - s->last),
		(int64_t)(now->calls - old->calls),
		(int64_t)(now->allocated_bytes - old->allocated_bytes),
		(int64_t)(now->freed_bytes - old->freed_bytes),
		(int64_t)(now->temporary - old->temporary),
	};

	s->before = *now;
	if (!numbers[1] && !numbers[2] && !numbers[3] && !numbers[4])
		return;
	s->numbers = xgrow(s->numbers, &s->room, s->count + NUMBERS,
			   sizeof(*s->numbers));
	for (size_t i = 0; i < NUMBERS; i++)
		s->numbers[s->count++] = numbers[i];
	s->last = slice;
}

static void tell(void *context, size_t instant,
		 const struct query_counts *counts)
{
	struct slices *s = context;

	for (size_t i = 0; i < s->stacks; i++) {
		if (instant) {
			add(&s->of_stack[i], instant - 1, &counts[i]);
		} else if (!s->is_whole) {
			s->of_stack[i].before = counts[i];
			s->of_stack[i].base = counts[i].live_bytes;
		}
	}
}

static void set_times(struct slices *s, struct profile *p)
{
	uint64_t from = profile_run(p)->first_time, to = profile_time(p);
	uint64_t length = to > from ? to - from : 0;
	uint64_t count = length / SHORTEST;

	if (count > WEB_SLICES)
		count = WEB_SLICES;
	if (!count)
		count = 1;
	s->is_whole = !profile_run(p)->first_event;
	s->count = count + 1;
	for (size_t i = 0; i <= count; i++)
		s->times[i] = from + (uint64_t)((double)length * (double)i /
						(double)count);
	s->times[count] = to;
}

static void print_series(const struct series *s)
{
	putchar('[');
	for (size_t i = 0; i < s->count; i++)
		printf("%s%" PRId64, i ? "," : "", s->numbers[i]);
	putchar(']');
}

static void print(const struct slices *s)
{
	fputs("\"slices\":{\"times\":[", stdout);
	for (size_t i = 0; i < s->count; i++)
		printf("%s%" PRIu64, i ? "," : "", s->times[i]);
	fputs("],\n\"base\":[", stdout);
	for (size_t i = 0; i < s->stacks; i++)
		printf("%s%" PRIu64, i ? "," : "", s->of_stack[i].base);
	fputs("],\n\"of\":[", stdout);
	for (size_t i = 0; i < s->stacks; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		print_series(&s->of_stack[i]);
	}
	fputs("]},\n", stdout);
}

/* -1 with err set when parts of the run can not be told apart. */
static int walk(const struct web *p, struct slices *s, struct err *err)
{
	uint32_t *stacks =
		xreallocarray(NULL, p->row_count + 1, sizeof(*stacks));
	const struct query_slices q = {
		.stacks = stacks,
		.groups = p->stack_of_row,
		.rows = p->row_count,
		.group_count = p->stack_count,
		.times = s->times,
		.count = s->count,
		.tell = tell,
		.context = s,
	};
	int ret;

	for (size_t i = 0; i < p->row_count; i++)
		stacks[i] = p->rows[i].side[0]->stack;
	ret = profile_slices(p->side[0].profile, &p->query, &q, err);
	free(stacks);
	return ret;
}

void web_slices(const struct web *p)
{
	struct slices s = { .stacks = p->stack_count };
	struct err err;

	if (p->sides > 1)
		return;
	s.of_stack = xcalloc(s.stacks + 1, sizeof(*s.of_stack));
	set_times(&s, p->side[0].profile);
	if (walk(p, &s, &err) == 0) {
		print(&s);
	} else {
		fputs("\"no_slices\":", stdout);
		web_print_text(err.text);
		fputs(",\n", stdout);
	}
	for (size_t i = 0; i < s.stacks; i++)
		free(s.of_stack[i].numbers);
	free(s.of_stack);
}
