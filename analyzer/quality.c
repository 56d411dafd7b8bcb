/*
 * Design
 * ------
 * What the capture missed is in the trace. What the symbols miss is found by
 * looking at the place of every heap site: bytes without a line are summed by
 * module, and the module's symbols say why. Modules in which nothing was
 * allocated are nobody's concern and are not even opened.
 *
 * Every gap has a command that closes it, as far as there is one; which one
 * depends on whose file it is, the user's or the distribution's.
 */
#include "analyzer/profile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/distribution.h"
#include "trace/xmalloc.h"

enum {
	NOTES_MAX = 64,
};

struct notes {
	struct arena *arena;
	const char **items;
	size_t count;
};

__attribute__((format(printf, 2, 3))) static void
add_note(struct notes *n, const char *format, ...)
{
	char text[1024];
	va_list ap;

	if (n->count == NOTES_MAX)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	n->items[n->count++] = arena_text(n->arena, text, strlen(text));
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void note_losses(struct notes *n, const struct model_quality *q)
{
	if (q->lost_events)
		add_note(n,
			 "%ju event%s lost: all figures are too low, and frees "
			 "of lost blocks are unmatched",
			 (uintmax_t)q->lost_events, plural(q->lost_events));
	if (q->unmatched_frees)
		add_note(n, "%ju free%s of blocks that the trace does not know",
			 (uintmax_t)q->unmatched_frees,
			 plural(q->unmatched_frees));
	if (q->unrecorded_frees)
		add_note(n,
			 "recording was off at times: %ju free%s of blocks "
			 "from then",
			 (uintmax_t)q->unrecorded_frees,
			 plural(q->unrecorded_frees));
	if (q->reentrant)
		add_note(n,
			 "%ju call%s from within the agent (signal handlers) "
			 "not recorded",
			 (uintmax_t)q->reentrant, plural(q->reentrant));
	if (q->check_failures)
		add_note(n,
			 "%ju of %ju stacks differ from libunwind's: please "
			 "report this as a bug",
			 (uintmax_t)q->check_failures, (uintmax_t)q->checks);
}

static void note_stacks(struct notes *n, const struct query_quality *q)
{
	uint64_t cut = q->capture.truncated_stacks;

	if (cut)
		add_note(n,
			 "%ju stack%s deeper than memprof records: frames in "
			 "the middle are left out",
			 (uintmax_t)cut, plural(cut));
	if (q->guessed_frames)
		add_note(n,
			 "%ju frame%s found by frame pointer, for want of "
			 "unwind information: callers may be missing",
			 (uintmax_t)q->guessed_frames,
			 plural(q->guessed_frames));
}

static void note_sample(struct notes *n, uint64_t sample)
{
	if (sample)
		add_note(n,
			 "a sample: one byte in %ju was recorded, and all "
			 "figures are estimates with a standard error; "
			 "temporary blocks can not be told from others",
			 (uintmax_t)sample);
}

static void note_kept(struct notes *n, const struct trace_run *run)
{
	if (run->first_event)
		add_note(n,
			 "events before %.3f s were left out to keep the trace "
			 "small (--max-size): totals, peaks and what is live "
			 "are exact, instants before can not be had",
			 (double)run->first_time / 1e9);
}

/* Was recording off from the first to the last? */
static void note_never_on(struct notes *n, const struct trace *t)
{
	size_t count, on = 0;
	const struct model_mark *marks = trace_marks(t, &count);

	for (size_t i = 0; i < count; i++)
		on += marks[i].kind == MODEL_MARK_STARTED;
	if (!on && count && marks[0].kind == MODEL_MARK_STOPPED &&
	    !marks[0].time)
		add_note(n, "recording was never switched on (--start-off)");
}

static void note_process(struct notes *n, const struct model_process *p,
			 const char *text)
{
	if (text)
		add_note(n, "process %d (%s): %s", p->pid,
			 p->name ? p->name : "?", text);
}

static void note_attached(struct notes *n, const struct model_process *p)
{
	if (p->origin == MODEL_ORIGIN_ATTACH)
		add_note(n,
			 "process %d (%s) had run before memprof attached: "
			 "blocks from before are in no figure",
			 p->pid, p->name ? p->name : "?");
}

static void note_processes(struct notes *n, const struct profile *p)
{
	for (size_t i = 0; i < p->process_count; i++) {
		note_attached(n, &p->processes[i]);
		note_process(n, &p->processes[i], p->processes[i].note);
		note_process(n, &p->processes[i], p->processes[i].limits);
	}
}

static void note_modules(struct notes *n, const struct profile *p)
{
	for (uint32_t i = 0; i < p->module_count; i++)
		if (kept_state(p->kept, i) == SYMBOLS_SPLIT)
			add_note(n,
				 "%s: its split debug information (.dwo or "
				 ".dwp) is not found: inlined functions are "
				 "not told apart",
				 p->modules[i].path);
	if (symbols_gave_up(p->symbols))
		add_note(n, "the debuginfod servers in DEBUGINFOD_URLS do not "
			    "answer: lines may be missing");
}

static void make_notes(struct profile *p, struct query_quality *q)
{
	struct notes n = { .arena = &p->arena };
	const char *problem = trace_problem(p->trace);

	n.items = arena_alloc(n.arena, NOTES_MAX, sizeof(*n.items));
	if (problem)
		add_note(&n, "%s", problem);
	note_never_on(&n, p->trace);
	note_sample(&n, trace_run(p->trace)->sample);
	note_kept(&n, trace_run(p->trace));
	note_losses(&n, &q->capture);
	note_stacks(&n, q);
	note_processes(&n, p);
	note_modules(&n, p);
	q->notes = n.items;
	q->note_count = n.count;
}

void quality_explain(struct profile *p, uint32_t module,
		     struct query_module_gap *gap)
{
	switch (kept_state(p->kept, module)) {
	case SYMBOLS_NAMES:
		gap->why = "has no debug information";
		gap->fix = distribution_debug_hint(&p->arena, gap->path);
		break;
	case SYMBOLS_LINES:
	case SYMBOLS_SPLIT:
		gap->why = "has debug information for a part only";
		gap->fix = distribution_debug_hint(&p->arena, gap->path);
		break;
	case SYMBOLS_MISSING:
		gap->why = "is not there any more";
		break;
	case SYMBOLS_CHANGED:
		gap->why = "has changed since the run";
		gap->fix = "run the program again";
		break;
	case SYMBOLS_UNREADABLE:
		gap->why = "can not be read as an ELF file";
		break;
	case SYMBOLS_LATE:
		gap->why = "was not looked at in the time that there was";
		gap->fix = "memprof symbolize, on the machine of the run";
		break;
	case SYMBOLS_UNUSED:
	case SYMBOLS_NO_FILE:
		gap->why = "is no file";
		break;
	}
}

static int compare_gaps(const void *a, const void *b)
{
	const struct query_module_gap *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return strcmp(x->path, y->path);
}

static void make_gaps(struct profile *p, struct query_quality *q,
		      const uint64_t *bytes, const bool *has_gap)
{
	struct query_module_gap *gaps =
		arena_alloc(&p->arena, p->module_count + 1, sizeof(*gaps));
	size_t count = 0;

	for (uint32_t i = 0; i < p->module_count; i++) {
		if (!has_gap[i] || !p->modules[i].path)
			continue;
		gaps[count].path = p->modules[i].path;
		gaps[count].bytes = bytes[i];
		quality_explain(p, i, &gaps[count++]);
	}
	if (count)
		qsort(gaps, count, sizeof(*gaps), compare_gaps);
	q->gaps = gaps;
	q->gap_count = count;
}

/* Rust's compiler makes a main() that has no line by design. */
static bool is_compilers(const struct profile *p, uint32_t place)
{
	const struct query_frame *f = calls_frame(p->calls, place);
	int64_t module = calls_module(p->calls, place);

	return f->function && strcmp(f->function, "main") == 0 &&
	       module != MODEL_NONE &&
	       kept_state(p->kept, (uint32_t)module) == SYMBOLS_LINES;
}

static void find_gaps(struct profile *p, struct query_quality *q)
{
	uint64_t *bytes = xcalloc(p->module_count + 1, sizeof(*bytes));
	bool *has_gap = xcalloc(p->module_count + 1, sizeof(*has_gap));
	uint32_t place;
	int64_t module;

	for (size_t i = 0; i < p->site_count; i++) {
		if (p->sites[i].kind != MODEL_HEAP)
			continue;
		place = stacks_place(p->stacks, p->sites[i].node);
		if (place != CALLS_NONE && calls_frame(p->calls, place)->line)
			continue;
		q->bytes_without_line += p->stats[i].bytes;
		/* A runtime that works for nobody needs no line. */
		if (place == CALLS_NONE || calls_is_wrapper(p->calls, place) ||
		    is_compilers(p, place))
			continue;
		module = calls_module(p->calls, place);
		if (module == MODEL_NONE)
			continue;
		bytes[module] += p->stats[i].bytes;
		has_gap[module] = true;
	}
	make_gaps(p, q, bytes, has_gap);
	free(bytes);
	free(has_gap);
}

static uint64_t count_guessed(const struct profile *p)
{
	size_t count;
	const struct model_frame *f = trace_frames(p->trace, &count);
	uint64_t guessed = 0;

	for (size_t i = 0; i < count; i++)
		guessed += (f[i].flags & MODEL_FRAME_GUESSED) != 0;
	return guessed;
}

static const char *explain_leaks(struct profile *p)
{
	const struct query_leaks *l = profile_leaks(p);
	char text[1200];

	if (!p->is_end)
		return "nothing counts as leaked before the end";
	if (l->classified)
		return "leaked is what nothing pointed to when the program "
		       "ended";
	if (!p->lost.count)
		return "leaked is all that was live at the end: what was still "
		       "reachable is not told apart (memprof run --leaks does)";
	snprintf(text, sizeof(text),
		 "leaks are not classified: %s; leaked is all that was live at "
		 "the end of processes that were not looked at",
		 l->why);
	return arena_text(&p->arena, text, strlen(text));
}

static struct query_quality *make_quality(struct profile *p)
{
	struct query_quality *q = arena_alloc(&p->arena, 1, sizeof(*q));

	q->capture = *trace_quality(p->trace);
	q->complete = q->capture.finished && !q->capture.damaged &&
		      !q->capture.lost_events;
	q->guessed_frames = count_guessed(p);
	q->leaks = explain_leaks(p);
	find_gaps(p, q);
	make_notes(p, q);
	return q;
}

const struct query_quality *profile_quality(struct profile *p)
{
	if (!p->quality)
		p->quality = make_quality(p);
	return p->quality;
}
