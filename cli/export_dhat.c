/*
 * export_dhat - JSON of valgrind's DHAT, version 2, for dh_view.html.
 *
 * What blocks were read and written is not in a trace, so it is the form
 * without accesses. DHAT tells the most that a stack itself ever held; here
 * that is what it held at the peak of the program or at the end, whichever is
 * more. Lifetimes need every event of the run: of a sample, of mappings and of
 * what --max-size left, the form without them is written.
 *
 * dh_view takes no stack twice: those that read the same are added up.
 */
#include "cli/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/export_numbers.h"
#include "cli/jsonout.h"
#include "text/escape.h"
#include "trace/xmalloc.h"

enum {
	SHORT_LIVED = 1000, /* us: dh_view points at blocks below */
};

/* A program point. */
struct point {
	const struct query_row *row; /* that has its frames */
	struct query_counts counts;
	uint64_t lived; /* ns */
};

struct dhat {
	const struct export *export;
	bool has_lifetimes;
	struct export_numbers calls, paths;
	struct query_frame *frames; /* owned, by number of call */
	size_t frame_room;
	struct point *points; /* owned */
	size_t count, room;
	uint32_t *of_path; /* owned: number of point + 1 */
	size_t path_room;
};

static uint32_t call_of(struct dhat *d, const struct query_frame *f)
{
	bool is_new;
	uint32_t number = export_number(&d->calls, export_call_key(f), &is_new);

	if (is_new) {
		d->frames = xgrow(d->frames, &d->frame_room, (size_t)number + 1,
				  sizeof(*d->frames));
		d->frames[number] = *f;
	}
	return number;
}

/* The number of a stack; paths begin at UINT32_MAX. */
static uint32_t path_of(struct dhat *d, const struct query_row *row)
{
	size_t count;
	const struct query_frame *f =
		profile_frames(d->export->profile, row, &count);
	uint32_t path = UINT32_MAX;
	bool is_new;

	/* One of nothing is a path too. */
	path = export_number(&d->paths, (struct export_key){ { path } },
			     &is_new);
	for (size_t i = 0; i < count; i++)
		path = export_number(
			&d->paths,
			(struct export_key){ { path, call_of(d, &f[i]), 1 } },
			&is_new);
	return path;
}

static void add(struct dhat *d, const struct query_row *row)
{
	uint32_t path = path_of(d, row);
	size_t old = d->path_room;
	struct point *p;

	d->of_path = xgrow(d->of_path, &d->path_room, (size_t)path + 1,
			   sizeof(*d->of_path));
	for (size_t i = old; i < d->path_room; i++)
		d->of_path[i] = 0;
	if (!d->of_path[path]) {
		d->points = xgrow(d->points, &d->room, d->count + 1,
				  sizeof(*d->points));
		d->points[d->count] = (struct point){ .row = row };
		d->of_path[path] = (uint32_t)++d->count;
	}
	p = &d->points[d->of_path[path] - 1];
	query_counts_add(&p->counts, &row->counts);
	p->lived += row->lifetimes.lived;
}

static void print_frames(struct dhat *d, const struct query_row *row)
{
	size_t count;
	const struct query_frame *f =
		profile_frames(d->export->profile, row, &count);

	fputs(",\"fs\":[", stdout);
	for (size_t i = 0; i < count; i++)
		printf("%s%" PRIu32, i ? "," : "", call_of(d, &f[i]) + 1);
	putchar(']');
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void print_point(struct dhat *d, const struct point *p)
{
	const struct query_counts *c = &p->counts;

	printf("{\"tb\":%" PRIu64 ",\"tbk\":%" PRIu64, c->allocated_bytes,
	       c->calls);
	if (d->has_lifetimes) {
		printf(",\"tl\":%" PRIu64, p->lived / 1000);
		printf(",\"mb\":%" PRIu64 ",\"mbk\":%" PRIu64,
		       larger(c->peak_bytes, c->live_bytes),
		       larger(c->peak_blocks, c->live_blocks));
		printf(",\"gb\":%" PRIu64 ",\"gbk\":%" PRIu64, c->peak_bytes,
		       c->peak_blocks);
		printf(",\"eb\":%" PRIu64 ",\"ebk\":%" PRIu64, c->live_bytes,
		       c->live_blocks);
	}
	print_frames(d, p->row);
	putchar('}');
}

/* "name (file.c:12)", or "name (in /lib/libfoo.so)". */
static void print_frame(const struct query_frame *f)
{
	char *name = export_name(f), *text = NULL;
	int length;

	if (f->file && f->line)
		length = asprintf(&text, "%s (%s:%" PRIu32 ")", name, f->file,
				  f->line);
	else
		length = asprintf(&text, "%s (in %s)", name,
				  f->module ? f->module : "?");
	if (length < 0)
		xmalloc_failed();
	jsonout_print(jsonout_foreign(text));
	free(text);
	free(name);
}

static void print_command(const struct trace_run *run)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		xmalloc_failed();
	for (size_t i = 0; i < run->argc; i++)
		fprintf(out, "%s%s", i ? " " : "", run->argv[i]);
	if (fclose(out))
		xmalloc_failed();
	jsonout_member("cmd", jsonout_foreign(text));
	free(text);
}

static void print(struct dhat *d)
{
	struct profile *p = d->export->profile;
	const struct trace_run *run = profile_run(p);
	const struct query *q = &d->export->query;

	fputs("{\"dhatFileVersion\":2,\"mode\":\"heap\","
	      "\"verb\":\"Allocated\",\n",
	      stdout);
	printf("\"bklt\":%s,\"bkacc\":false,\"tu\":\"us\",\"Mtu\":\"s\",\n",
	       d->has_lifetimes ? "true" : "false");
	print_command(run);
	printf("\"pid\":%d,\"te\":%" PRIu64 ",\n", run->pid,
	       profile_time(p) / 1000);
	if (d->has_lifetimes)
		printf("\"tuth\":%d,\"tg\":%" PRIu64 ",\n", SHORT_LIVED,
		       profile_totals_of(p, q->kind, q->pid)->peak_time_ns /
			       1000);
	fputs("\"pps\":[", stdout);
	for (size_t i = 0; i < d->count; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		print_point(d, &d->points[i]);
	}
	fputs("],\n\"ftbl\":[\"[root]\"", stdout);
	for (uint32_t i = 0; i < d->calls.count; i++) {
		fputs(",\n", stdout);
		print_frame(&d->frames[i]);
	}
	fputs("]}\n", stdout);
}

bool export_dhat_has_lifetimes(const struct profile *p, const struct query *q)
{
	const struct trace_run *run = profile_run(p);

	return q->kind == MODEL_HEAP && !run->sample && !run->first_event;
}

int export_dhat(const struct export *e, struct err *err)
{
	struct dhat d = { .export = e, .has_lifetimes = e->query.lifetimes };

	(void)err;
	for (size_t i = 0; i < e->stacks->count; i++)
		add(&d, &e->stacks->rows[i]);
	print(&d);
	export_numbers_release(&d.calls);
	export_numbers_release(&d.paths);
	free(d.frames);
	free(d.points);
	free(d.of_path);
	return 0;
}
