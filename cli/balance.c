/*
 * balance - see balance.h. The lines add up to what is resident.
 */
#include "cli/balance.h"

#include <stddef.h>
#include <stdio.h>

#include "text/amount.h"
#include "cli/jsonout.h"

static const struct {
	const char *name; /* in JSON */
	const char *text;
	size_t offset;
	int sign;
} lines[] = {
	{ "requested_bytes", "live on the heap, as requested",
	  offsetof(struct query_balance, requested), 1 },
	{ "rounding_bytes", "rounding of these to the allocator's sizes",
	  offsetof(struct query_balance, rounding), 1 },
	{ "free_bytes", "free in the allocator",
	  offsetof(struct query_balance, free), 1 },
	{ "untouched_bytes", "of these not touched, or swapped out",
	  offsetof(struct query_balance, untouched), -1 },
	{ "objects_bytes", "small objects of Python, as requested",
	  offsetof(struct query_balance, pooled), 1 },
	{ "mapped_bytes", "mapped by the program itself",
	  offsetof(struct query_balance, mapped), 1 },
	{ "stack_bytes", "stacks", offsetof(struct query_balance, stacks), 1 },
	{ "file_bytes", "programs, libraries and other files",
	  offsetof(struct query_balance, files), 1 },
	{ "memprof_bytes", "memprof's own",
	  offsetof(struct query_balance, agent), 1 },
	{ "unexplained_bytes", "unexplained",
	  offsetof(struct query_balance, unexplained), 1 },
};

enum {
	LINES = sizeof(lines) / sizeof(*lines),
};

static uint64_t line_value(const struct query_balance *b, size_t i)
{
	return *(const uint64_t *)((const char *)b + lines[i].offset);
}

static void print_balance(const struct query_balance *b, const char *which)
{
	printf("%-12s%s resident at %s, %s\n", "balance",
	       amount_bytes(b->resident).text, amount_time(b->time).text,
	       which);
	for (size_t i = 0; i < LINES; i++) {
		int64_t value = (int64_t)line_value(b, i) * lines[i].sign;

		if (value)
			printf("%*s%11s  %s\n", 12, "",
			       value < 0 ? amount_bytes_change(value).text
					 : amount_bytes((uint64_t)value).text,
			       lines[i].text);
	}
}

void balance_text(struct profile *p)
{
	struct query_balance high, last;
	struct err err;

	if (profile_balance(p, true, &high, &err) < 0 ||
	    profile_balance(p, false, &last, &err) < 0 || !last.resident) {
		printf("%-12snot looked at\n", "balance");
		return;
	}
	if (high.time != last.time)
		print_balance(&high, "the most that was looked at");
	print_balance(&last, "the last that was looked at");
}

void balance_line(struct profile *p, int32_t pid)
{
	size_t count;
	const struct query_point *points = profile_timeline(p, pid, &count);
	const struct query_point *most = points;

	for (size_t i = 0; i < count; i++)
		if (points[i].resident > most->resident)
			most = &points[i];
	if (!count || !most->resident)
		return;
	printf("resident    %s at most, at %s; %s of heap then",
	       amount_bytes(most->resident).text, amount_time(most->time).text,
	       amount_bytes(most->heap).text);
	puts(pid ? "" : " ('memprof info' tells of what)");
}

static json_t *balance_object(struct profile *p, bool highest)
{
	struct query_balance b;
	struct err err;
	json_t *o;

	if (profile_balance(p, highest, &b, &err) < 0 || !b.resident)
		return json_null();
	o = json_object();
	jsonout_count(o, "time_ns", b.time);
	jsonout_count(o, "resident_bytes", b.resident);
	for (size_t i = 0; i < LINES; i++)
		jsonout_count(o, lines[i].name, line_value(&b, i));
	return o;
}

json_t *balance_json(struct profile *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "highest", balance_object(p, true));
	json_object_set_new(o, "last", balance_object(p, false));
	return o;
}
