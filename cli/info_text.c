/*
 * info_text - what was run, for people; see info_text.h.
 */
#include "cli/info_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "text/amount.h"
#include "cli/balance.h"
#include "cli/gc.h"
#include "text/escape.h"
#include "cli/marks.h"
#include "cli/screen.h"
#include "trace/xmalloc.h"

enum {
	THREADS_MAX = 20, /* listed without -v */
	TREE_DEPTH = 64,
};

static void print_label(const char *label)
{
	screen_style(SCREEN_TITLE);
	printf("%-11s", label);
	screen_style(SCREEN_PLAIN);
	putchar(' ');
}

static void print_field(const char *label, const char *text)
{
	print_label(label);
	escape_print(stdout, text ? text : "?");
	putchar('\n');
}

static void print_command(const struct trace_run *run)
{
	print_label("command");
	for (size_t i = 0; i < run->argc; i++) {
		fputs(i ? " " : "", stdout);
		escape_print(stdout, run->argv[i]);
	}
	putchar('\n');
}

static void print_start(const struct trace_run *run)
{
	time_t seconds = (time_t)(run->start_realtime / 1000000000);
	struct tm tm;
	char text[64] = "?";

	if (run->start_realtime && localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &tm);
	print_field("started", text);
}

static void print_status(const struct trace_run *run)
{
	char text[64] = "not known: its end was not seen";

	if (run->is_live)
		strcpy(text, "still being traced");

	if (run->status != -1 && WIFEXITED(run->status))
		snprintf(text, sizeof(text), "exited with %d",
			 WEXITSTATUS(run->status));
	else if (run->status != -1 && WIFSIGNALED(run->status))
		snprintf(text, sizeof(text), "killed by signal %d (%s)",
			 WTERMSIG(run->status),
			 strsignal(WTERMSIG(run->status)));
	print_field("status", text);
}

static void print_kept(const struct trace_run *run)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "events from %s on, of older ones what they add up to "
		 "(--max-size %s)",
		 amount_time(run->first_time).text,
		 amount_bytes(run->max_size).text);
	print_field("kept", text);
}

static void print_file(const char *path, const struct trace_run *run,
		       const struct query_quality *q)
{
	print_label("trace");
	escape_print(stdout, path);
	printf(", %s", amount_bytes(run->file_size).text);
	printf(", %s events", amount_count(run->events).text);
	if (run->events)
		printf(" (%.2f bytes each)",
		       (double)run->file_size / (double)run->events);
	puts(q->complete    ? ", complete"
	     : run->is_live ? ", still being written"
			    : ", incomplete");
}

/*
 * Processes, as a tree
 */

struct tree {
	const struct model_process *processes;
	size_t count;
	size_t *threads; /* of each process */
	/* Numbers + 1; the first child of nobody is that of number `count`. */
	size_t *child, *sibling;
};

static void print_process(const struct tree *t, size_t number, size_t depth)
{
	const struct model_process *p = &t->processes[number];

	printf("%*s%d  ", (int)(12 + 2 * depth), "", p->pid);
	escape_print(stdout, p->name ? p->name : "?");
	printf("  %s to ", amount_time(p->start).text);
	fputs(p->end ? amount_time(p->end).text : "the end", stdout);
	if (t->threads[number])
		printf(", %zu thread%s", t->threads[number],
		       t->threads[number] == 1 ? "" : "s");
	if (p->note) {
		fputs(", ", stdout);
		escape_print(stdout, p->note);
	}
	putchar('\n');
}

/* Parents have smaller numbers, so it is a tree whatever the trace says. */
static void link_children(struct tree *t)
{
	t->child = xcalloc(t->count + 1, sizeof(*t->child));
	t->sibling = xcalloc(t->count + 1, sizeof(*t->sibling));
	for (size_t i = t->count; i-- > 0;) {
		int64_t parent = t->processes[i].parent;
		size_t *first = &t->child[t->count];

		if (parent >= 0 && parent < (int64_t)i)
			first = &t->child[parent];
		t->sibling[i] = *first;
		*first = i + 1;
	}
}

static void print_children(const struct tree *t, size_t parent, size_t depth)
{
	for (size_t i = t->child[parent]; i; i = t->sibling[i - 1]) {
		print_process(t, i - 1, depth);
		if (depth < TREE_DEPTH)
			print_children(t, i - 1, depth + 1);
	}
}

static void print_processes(const struct profile *p)
{
	struct tree t;
	size_t count;
	const struct model_thread *threads = profile_threads(p, &count);

	t.processes = profile_processes(p, &t.count);
	t.threads = xcalloc(t.count + 1, sizeof(*t.threads));
	for (size_t i = 0; i < count; i++)
		if (threads[i].process < t.count)
			t.threads[threads[i].process]++;
	print_label("processes");
	printf("%zu\n", t.count);
	link_children(&t);
	print_children(&t, t.count, 0);
	free(t.threads);
	free(t.child);
	free(t.sibling);
}

static void print_threads(const struct profile *p, bool all)
{
	size_t count;
	const struct model_thread *threads = profile_threads(p, &count);

	print_label("threads");
	printf("%zu\n", count);
	for (size_t i = 0; i < count && (all || i < THREADS_MAX); i++) {
		printf("%*s%d  ", 12, "", threads[i].tid);
		escape_print(stdout, threads[i].name ? threads[i].name : "?");
		printf("  %s to ", amount_time(threads[i].start).text);
		puts(threads[i].end ? amount_time(threads[i].end).text
				    : "the end");
	}
	if (!all && count > THREADS_MAX)
		printf("%*sand %zu more (-v lists all)\n", 12, "",
		       count - THREADS_MAX);
}

static void print_modules(const struct profile *p, bool all)
{
	size_t count;
	const struct model_module *modules = profile_modules(p, &count);

	print_label("modules");
	printf("%zu%s\n", count, all || !count ? "" : " (-v lists them)");
	for (size_t i = 0; i < count && all; i++) {
		printf("%*s", 12, "");
		escape_print(stdout, modules[i].path ? modules[i].path : "?");
		fputs("  ", stdout);
		for (uint32_t b = 0; b < modules[i].build_id_size; b++)
			printf("%02x", modules[i].build_id[b]);
		puts(modules[i].build_id_size ? "" : "no build-id");
	}
}

/*
 * Quality
 */

static void print_figure(const char *what, uint64_t count)
{
	printf("%*s%s %s\n", 12, "", amount_count(count).text, what);
}

static void print_some(const char *what, uint64_t count)
{
	if (count)
		print_figure(what, count);
}

static void print_capture(const struct model_quality *c)
{
	print_figure("events lost", c->lost_events);
	print_some("frees of unknown blocks", c->unmatched_frees);
	print_some("frees of blocks from before a fork", c->inherited_frees);
	print_some("frees of blocks from before recording",
		   c->unrecorded_frees);
	print_some("stacks cut short", c->truncated_stacks);
	print_some("calls of signal handlers that interrupted memprof",
		   c->reentrant);
	print_some("times the program waited for memprof", c->waits);
	print_some("frees paired by order of addresses", c->reordered);
	if (c->checks) {
		print_figure("stacks compared with libunwind", c->checks);
		print_figure("of them different", c->check_failures);
	}
}

static void print_quality(const struct query_quality *q)
{
	print_label("quality");
	puts(q->complete ? "complete" : "incomplete");
	print_capture(&q->capture);
	print_figure("frames guessed by frame pointer", q->guessed_frames);
	printf("%*s%s allocated without a line\n", 12, "",
	       amount_bytes(q->bytes_without_line).text);
	for (size_t i = 0; i < q->note_count; i++) {
		printf("%*s", 12, "");
		escape_print(stdout, q->notes[i]);
		putchar('\n');
	}
	for (size_t i = 0; i < q->gap_count; i++) {
		printf("%*s", 12, "");
		escape_print(stdout, q->gaps[i].path);
		printf(" %s", q->gaps[i].why);
		if (q->gaps[i].fix) {
			fputs(": ", stdout);
			escape_print(stdout, q->gaps[i].fix);
		}
		putchar('\n');
	}
}

void info_text(struct profile *p, const char *path, bool is_verbose)
{
	const struct trace_run *run = profile_run(p);
	const struct query_quality *q = profile_quality(p);

	print_file(path, run, q);
	print_command(run);
	print_field("directory", run->cwd);
	print_field("host", run->host);
	print_start(run);
	print_field("duration", amount_time(run->duration).text);
	if (run->first_event)
		print_kept(run);
	print_status(run);
	print_field("memprof", run->version);
	print_processes(p);
	print_threads(p, is_verbose);
	marks_text(p, is_verbose);
	print_modules(p, is_verbose);
	balance_text(p);
	if (profile_gc(p)->runs) {
		print_label("collector");
		gc_table(p);
	}
	print_quality(q);
}
