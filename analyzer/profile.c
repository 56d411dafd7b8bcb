/*
 * Design
 * ------
 * Opening costs what the trace's tables cost. Symbols, places and stacks are
 * made when a question needs them, and kept.
 */
#include "analyzer/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/moment.h"
#include "analyzer/selection.h"
#include "trace/xmalloc.h"
#include "trace/weight.h"

static bool is_file(const char *path)
{
	return access(path, F_OK) == 0;
}

/*
 * Splits PATH@WHEN. The longest path that is there wins, so that every file
 * can be opened, and a mark's name may hold what it likes.
 */
static const char *split_spec(struct profile *p, const char *spec,
			      const char **when)
{
	const char *at = spec + strlen(spec);
	const char *last = strrchr(spec, '@');
	const char *path;

	*when = "end";
	if (is_file(spec))
		return spec;
	while (at-- > spec) {
		if (*at != '@')
			continue;
		path = arena_text(&p->arena, spec, (size_t)(at - spec));
		*when = at + 1;
		if (is_file(path))
			return path;
	}
	*when = "end";
	/* There is none: for the message. */
	if (!last || !moment_is_possible(last + 1))
		return spec;
	return arena_text(&p->arena, spec, (size_t)(last - spec));
}

static void borrow_tables(struct profile *p)
{
	p->sites = trace_sites(p->trace, &p->site_count);
	p->threads = trace_threads(p->trace, &p->thread_count);
	p->processes = trace_processes(p->trace, &p->process_count);
	p->modules = trace_modules(p->trace, &p->module_count);
}

static const char *const *copy_skip(struct profile *p,
				    const struct profile_options *o)
{
	const char **skip = arena_alloc(&p->arena, o->skips + 1, sizeof(*skip));

	for (size_t i = 0; i < o->skips; i++)
		skip[i] = names_intern(&p->names, o->skip[i]);
	return skip;
}

static void open_parts(struct profile *p, const struct profile_options *o)
{
	const struct trace_run *run = trace_run(p->trace);

	p->symbols = symbols_open(&(struct symbols_options){
		.modules = p->modules,
		.count = p->module_count,
		.arena = &p->arena,
		.names = &p->names,
		.cwd = run->cwd,
		.run_end = run->start_realtime + run->duration,
		.off = o->no_symbols,
		.quick = o->quick,
	});
	p->kept = kept_open(&(struct kept_options){
		.trace = p->trace,
		.arena = &p->arena,
		.names = &p->names,
		.symbols = p->symbols,
		.off = o->no_symbols,
		.thorough = o->thorough,
	});
	p->sources = sources_open(&(struct sources_options){
		.trace = p->trace,
		.arena = &p->arena,
		.run_start = run->start_realtime,
		.off = o->no_symbols,
	});
	p->scripts = scripts_open(&(struct scripts_options){
		.trace = p->trace,
		.arena = &p->arena,
		.names = &p->names,
		.sources = p->sources,
		.cwd = run->cwd,
	});
	p->calls = calls_open(&(struct calls_options){
		.trace = p->trace,
		.arena = &p->arena,
		.names = &p->names,
		.kept = p->kept,
		.scripts = p->scripts,
		.skip = copy_skip(p, o),
		.skips = o->skips,
		.no_libraries = o->no_libraries,
	});
	p->stacks = stacks_open(&(struct stacks_options){
		.trace = p->trace,
		.arena = &p->arena,
		.calls = p->calls,
		.native = o->native,
		.has_python = scripts_exist(p->scripts),
	});
	lost_open(p);
}

const struct model_peak *profile_peak(const struct profile *p,
				      enum model_kind kind)
{
	if (p->range)
		return &p->range->peak[kind];
	return p->is_end ? trace_peak(p->trace, kind)
			 : instant_peak(p->at, kind);
}

static void forget_answers(struct profile *p)
{
	for (size_t i = 0; i < MODEL_KINDS; i++)
		p->totals[i] = NULL;
	p->quality = NULL;
	selection_close(p->selection);
	p->selection = NULL;
}

/* Goes where `m` says, in all of the run. */
static int go_to(struct profile *p, const struct moment *m, struct err *err)
{
	bool is_end = m->kind == MOMENT_END ||
		      (p->leaks_only && lost_is_known(p, m->time));

	if (!is_end && !p->at)
		p->at = instant_open(p->trace);
	if (!is_end && moment_seek(m, p->trace, p->at, err) < 0)
		return -1;
	range_close(p->range);
	p->range = NULL;
	p->is_end = is_end;
	p->stats = is_end ? trace_stats(p->trace) : instant_stats(p->at);
	p->time = m->time;
	garbage_open(p);
	lost_move(p, m->kind != MOMENT_END);
	return 0;
}

/* Narrows down what is counted to the range of the options. */
static int narrow(struct profile *p, struct err *err)
{
	if (!p->from && !p->to)
		return 0;
	p->range = profile_make_range(p, err);
	if (!p->range)
		return -1;
	p->stats = p->range->stats;
	return 0;
}

int profile_seek(struct profile *p, const char *when, struct err *err)
{
	const struct moment end = { .kind = MOMENT_END,
				    .time = trace_run(p->trace)->duration };
	struct err ignored;
	struct moment m;

	if (moment_parse(p->trace, when, &m, err) < 0)
		return -1;
	forget_answers(p);
	p->instant = names_intern(&p->names, when);
	if (go_to(p, &m, err) == 0 && narrow(p, err) == 0)
		return 0;
	/* Its figures are gone; those of the end are always there. */
	p->instant = "end";
	go_to(p, &end, &ignored);
	return -1;
}

int profile_seek_near(struct profile *p, const char *when, struct err *err)
{
	char text[32];
	struct moment m;

	if (moment_parse(p->trace, when, &m, err) < 0)
		return -1;
	if (p->from || p->to)
		return profile_seek(p, when, err);
	if (!p->at)
		p->at = instant_open(p->trace);
	if (instant_seek_near(p->at, m.time, err) < 0)
		return profile_seek(p, when, err);
	snprintf(text, sizeof(text), "%" PRIu64 "ns", instant_time(p->at));
	forget_answers(p);
	p->instant = names_intern(&p->names, text);
	range_close(p->range);
	p->range = NULL;
	p->is_end = false;
	p->stats = instant_stats(p->at);
	p->time = instant_time(p->at);
	garbage_open(p);
	lost_move(p, true);
	return 0;
}

void profile_on_read(struct profile *p, bool (*stops)(void *arg), void *arg)
{
	trace_on_read(p->trace, stops, arg);
}

void profile_forget(struct profile *p)
{
	arena_release(&p->answers);
	arena_init(&p->answers);
}

int profile_moment(struct profile *p, const char *when, uint64_t *time,
		   struct err *err)
{
	struct moment m;

	if (moment_parse(p->trace, when, &m, err) < 0)
		return -1;
	*time = m.time;
	return 0;
}

bool profile_is_file(struct profile *p, const char *spec, const char **when)
{
	const char *path = split_spec(p, spec, when);
	struct stat a, b;

	return stat(p->path, &a) == 0 && stat(path, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

struct profile *profile_open(const char *spec, const struct profile_options *o,
			     struct err *err)
{
	static const struct profile_options defaults;
	struct profile *p = xcalloc(1, sizeof(*p));
	const char *path, *when;

	arena_init(&p->arena);
	arena_init(&p->answers);
	names_init(&p->names, &p->arena);
	path = split_spec(p, spec, &when);
	p->path = path;
	p->trace = trace_open(path, err);
	p->from = o ? o->from : NULL;
	p->to = o ? o->to : NULL;
	p->leaks_only = o && o->leaks_only;
	if (p->trace)
		borrow_tables(p);
	if (!p->trace || profile_seek(p, when, err) < 0) {
		profile_close(p);
		return NULL;
	}
	open_parts(p, o ? o : &defaults);
	return p;
}

void profile_close(struct profile *p)
{
	if (!p)
		return;
	selection_close(p->selection);
	sources_close(p->sources);
	stacks_close(p->stacks);
	calls_close(p->calls);
	kept_close(p->kept);
	symbols_close(p->symbols);
	instant_close(p->at);
	range_close(p->range);
	if (p->trace)
		trace_close(p->trace);
	names_release(&p->names);
	arena_release(&p->answers);
	arena_release(&p->arena);
	free(p);
}

static uint64_t scale(uint64_t count, double weight)
{
	return (uint64_t)((double)count * weight + 0.5);
}

static double squared(uint64_t bytes)
{
	return (double)bytes * (double)bytes;
}

/* What the recorded blocks of a site stand for, and how surely. */
static struct model_stats estimate(struct query_counts *c,
				   const struct model_stats *s, uint64_t sample)
{
	uint64_t blocks = s->allocs + s->moved_in;
	uint64_t size = blocks ? s->bytes / blocks : 0;
	uint64_t moved_in, moved_out;
	double weight = weight_of(size, sample);
	double variance = weight_variance(size, sample) * squared(size);

	c->allocated_sampled += blocks;
	c->live_sampled += model_live_blocks(s);
	c->peak_sampled += s->peak_blocks;
	c->allocated_variance += (double)blocks * variance;
	c->live_variance += (double)model_live_blocks(s) * variance;
	c->peak_variance += (double)s->peak_blocks * variance;
	/* Rounded as sums: no more blocks may end than began. */
	moved_in = scale(s->moved_in, weight);
	moved_out = scale(s->moved_out, weight);
	return (struct model_stats){
		.allocs = scale(blocks, weight) - moved_in,
		.moved_in = moved_in,
		.frees = scale(s->frees + s->moved_out, weight) - moved_out,
		.moved_out = moved_out,
		.bytes = scale(s->bytes, weight),
		.freed_bytes = scale(s->freed_bytes, weight),
		.temporary = scale(s->temporary, weight),
		.peak_blocks = scale(s->peak_blocks, weight),
		.peak_bytes = scale(s->peak_bytes, weight),
	};
}

void profile_add_stats(const struct profile *p, struct query_counts *c,
		       size_t site, const struct model_stats *stats)
{
	uint64_t sample = trace_run(p->trace)->sample;
	struct model_stats s = *stats;
	uint64_t live_blocks, live_bytes;

	if (sample && p->sites[site].kind == MODEL_HEAP)
		s = estimate(c, &s, sample);
	live_blocks = model_live_blocks(&s);
	live_bytes = model_live_bytes(&s);
	c->calls += s.allocs + s.moved_in;
	c->allocations += s.allocs;
	c->reallocations += s.moved_in;
	c->allocated_bytes += s.bytes;
	c->frees += s.frees;
	c->freed_bytes += s.freed_bytes;
	c->live_bytes += live_bytes;
	c->live_blocks += live_blocks;
	c->peak_bytes += s.peak_bytes;
	c->peak_blocks += s.peak_blocks;
	c->temporary += s.temporary;
	garbage_add(p, c, site, stats);
	/* Nothing is lost before the end, but what somebody looked for. */
	if (p->is_end || p->lost.is_then)
		lost_add(p, c, site, stats);
}

void profile_add_site(const struct profile *p, struct query_counts *c,
		      size_t site)
{
	profile_add_stats(p, c, site, &p->stats[site]);
}

uint32_t profile_process_of(const struct profile *p, size_t site)
{
	uint32_t thread = stacks_thread(p->stacks, p->sites[site].node);

	return thread == STACKS_NONE ? STACKS_NONE : p->threads[thread].process;
}

bool profile_is_of(const struct profile *p, size_t site, int32_t pid)
{
	uint32_t process;

	if (!pid)
		return true;
	process = profile_process_of(p, site);
	return process < p->process_count && p->processes[process].pid == pid;
}

static struct query_totals *sum_totals(struct profile *p, enum model_kind kind,
				       int32_t pid)
{
	struct query_totals *t = arena_alloc(&p->arena, 1, sizeof(*t));
	const struct model_peak *peak = profile_peak(p, kind);
	bool sample = kind == MODEL_HEAP && trace_run(p->trace)->sample;
	bool shares = sample || pid;
	struct query_counts c = { 0 };

	for (size_t i = 0; i < p->site_count; i++)
		if (p->sites[i].kind == kind && profile_is_of(p, i, pid))
			profile_add_site(p, &c, i);
	t->frees = c.frees;
	t->allocations = c.allocations;
	t->allocated_bytes = c.allocated_bytes;
	t->freed_bytes = c.freed_bytes;
	t->reallocations = c.reallocations;
	t->live_blocks = c.live_blocks;
	t->live_bytes = c.live_bytes;
	t->peak_bytes = shares ? c.peak_bytes : peak->bytes;
	t->peak_blocks = shares ? c.peak_blocks : peak->blocks;
	t->peak_time_ns = peak->time;
	t->temporary = c.temporary;
	t->leaked_bytes = c.leaked_bytes;
	t->leaked_blocks = c.leaked_blocks;
	t->classes = c.classes;
	return t;
}

const struct query_totals *profile_totals(struct profile *p,
					  enum model_kind kind)
{
	if (!p->totals[kind])
		p->totals[kind] = sum_totals(p, kind, 0);
	return p->totals[kind];
}

const struct query_totals *profile_totals_of(struct profile *p,
					     enum model_kind kind, int32_t pid)
{
	return pid ? sum_totals(p, kind, pid) : profile_totals(p, kind);
}

void profile_on_download(void (*tell)(const char *path, uint64_t done,
				      uint64_t total))
{
	symbols_on_download(tell);
}

const char *profile_source_line(struct profile *p, const char *file,
				uint32_t line)
{
	return sources_line(p->sources, file, line);
}

const char *profile_source_note(struct profile *p, const char *file,
				const char *module)
{
	return sources_note(p->sources, file, module);
}

const struct trace_run *profile_run(const struct profile *p)
{
	return trace_run(p->trace);
}

const char *profile_instant(const struct profile *p)
{
	return p->instant;
}

uint64_t profile_time(const struct profile *p)
{
	return p->time;
}

const struct model_mark *profile_marks(const struct profile *p, size_t *n)
{
	return trace_marks(p->trace, n);
}

const char *profile_problem(const struct profile *p)
{
	return trace_problem(p->trace);
}

bool profile_damaged(const struct profile *p)
{
	return trace_quality(p->trace)->damaged;
}

const struct model_process *profile_processes(const struct profile *p,
					      size_t *n)
{
	*n = p->process_count;
	return p->processes;
}

const struct model_thread *profile_threads(const struct profile *p, size_t *n)
{
	*n = p->thread_count;
	return p->threads;
}

const struct model_module *profile_modules(const struct profile *p, size_t *n)
{
	*n = p->module_count;
	return p->modules;
}
