/*
 * export_speedscope - the file format of speedscope.app, for its viewer and
 * for others that read it; its JSON schema is named in the file.
 *
 * Three profiles to choose from: the metric asked for, then what is live and
 * what was allocated. Each is a list of samples (a stack, outermost call
 * first, as numbers of frames) and one of their weights in bytes or calls.
 * Frames are written last, when all have been met.
 */
#include "cli/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/export_numbers.h"
#include "cli/jsonout.h"
#include "trace/xmalloc.h"

struct frames {
	struct export_numbers numbers;
	struct query_frame *list; /* owned, by number */
	size_t room;
};

static uint32_t number_of(struct frames *all, const struct query_frame *f)
{
	bool is_new;
	uint32_t number =
		export_number(&all->numbers, export_call_key(f), &is_new);

	if (!is_new)
		return number;
	all->list = xgrow(all->list, &all->room, (size_t)number + 1,
			  sizeof(*all->list));
	all->list[number] = *f;
	return number;
}

static bool is_bytes(enum query_metric metric)
{
	return metric != QUERY_CALLS && metric != QUERY_TEMPORARY;
}

static uint64_t weight_of(const struct export *e, size_t row,
			  enum query_metric metric)
{
	return query_metric_of(&e->stacks->rows[row].counts, metric);
}

static void print_stack(const struct export *e, size_t row, struct frames *all)
{
	size_t count;
	const struct query_frame *f =
		profile_frames(e->profile, &e->stacks->rows[row], &count);

	putchar('[');
	while (count--)
		printf("%" PRIu32 "%s", number_of(all, &f[count]),
		       count ? "," : "");
	putchar(']');
}

static void print_samples(const struct export *e, enum query_metric metric,
			  struct frames *all)
{
	const char *comma = "";

	for (size_t i = 0; i < e->stacks->count; i++) {
		if (!weight_of(e, i, metric))
			continue;
		fputs(comma, stdout);
		print_stack(e, i, all);
		comma = ",\n";
	}
}

static uint64_t print_weights(const struct export *e, enum query_metric metric)
{
	const char *comma = "";
	uint64_t sum = 0;

	for (size_t i = 0; i < e->stacks->count; i++) {
		uint64_t weight = weight_of(e, i, metric);

		if (!weight)
			continue;
		printf("%s%" PRIu64, comma, weight);
		comma = ",";
		sum += weight;
	}
	return sum;
}

static void print_profile(const struct export *e, enum query_metric metric,
			  struct frames *all)
{
	uint64_t sum;

	printf("{\"type\":\"sampled\",\"name\":\"%s\",\"unit\":\"%s\",\n"
	       "\"samples\":[",
	       query_metric_name(metric), is_bytes(metric) ? "bytes" : "none");
	print_samples(e, metric, all);
	fputs("],\n\"weights\":[", stdout);
	sum = print_weights(e, metric);
	printf("],\n\"startValue\":0,\"endValue\":%" PRIu64 "}", sum);
}

static void print_frame(const struct query_frame *f)
{
	json_t *o = json_object();
	char *name = export_name(f);

	jsonout_text(o, "name", name);
	if (f->file)
		jsonout_text(o, "file", f->file);
	else if (f->module)
		jsonout_text(o, "file", f->module);
	if (f->line)
		jsonout_count(o, "line", f->line);
	jsonout_print(o);
	free(name);
}

static void print_frames(const struct frames *all)
{
	fputs("\"shared\":{\"frames\":[", stdout);
	for (uint32_t i = 0; i < all->numbers.count; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		print_frame(&all->list[i]);
	}
	fputs("]}", stdout);
}

static void print_name(const struct export *e)
{
	const struct trace_run *run = profile_run(e->profile);

	fputs("\"name\":", stdout);
	jsonout_print(jsonout_foreign(run->argc ? run->argv[0] : "memprof"));
}

int export_speedscope(const struct export *e, struct err *err)
{
	static const enum query_metric others[] = { QUERY_LIVE, QUERY_PEAK,
						    QUERY_ALLOCATED };
	struct frames all = { 0 };

	(void)err;
	fputs("{\"$schema\":"
	      "\"https://www.speedscope.app/file-format-schema.json\",\n"
	      "\"exporter\":\"memprof " MEMPROF_VERSION "\",\n",
	      stdout);
	print_name(e);
	fputs(",\n\"activeProfileIndex\":0,\n\"profiles\":[", stdout);
	print_profile(e, e->query.sort, &all);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		if (others[i] == e->query.sort)
			continue;
		fputs(",\n", stdout);
		print_profile(e, others[i], &all);
	}
	fputs("],\n", stdout);
	print_frames(&all);
	fputs("}\n", stdout);
	export_numbers_release(&all.numbers);
	free(all.list);
	return 0;
}
