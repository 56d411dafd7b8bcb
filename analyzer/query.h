/*
 * query - the only door to a trace for the front ends.
 *
 * A profile is a trace opened for questions. A question says which blocks
 * count, by what they are grouped and how rows are sorted; the answer is a
 * table of rows. Everything returned is borrowed until profile_close(), and
 * strings in it are as found in files: whoever shows them escapes them.
 *
 * Places
 * ------
 * A stack is charged to one frame, its *place*: the innermost one outside
 * allocators and allocation wrappers (see places.h for the rules). Lines,
 * functions, files and modules are those of the place.
 */
#ifndef MEMPROF_ANALYZER_QUERY_H
#define MEMPROF_ANALYZER_QUERY_H

#include "trace/err.h"
#include "trace/model.h"
#include "trace/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile;

enum query_by {
	QUERY_BY_LINE,
	QUERY_BY_FUNCTION,
	QUERY_BY_FILE,
	QUERY_BY_MODULE,
	QUERY_BY_STACK,
	QUERY_BY_THREAD,
	QUERY_BY_SIZE,
	QUERY_BY_PROCESS,
	QUERY_BY_TYPE, /* of Python's objects, where they were looked at */
	QUERY_BYS,
};

enum {
	QUERY_NO_GROUP = UINT32_MAX, /* of profile_slices() */
};

enum query_metric {
	QUERY_LIVE,
	QUERY_PEAK,
	QUERY_LEAKED,
	QUERY_ALLOCATED,
	QUERY_CALLS,
	QUERY_TEMPORARY,
	QUERY_FREED,
	QUERY_CYCLIC,
	QUERY_METRICS,
};

/* "line", "live": names as on the command line. -1 when there is none. */
int query_by_from_name(const char *name);
int query_metric_from_name(const char *name);
const char *query_by_name(enum query_by by);
const char *query_metric_name(enum query_metric metric);

/*
 * A function's name without parameters, and with <> for template arguments.
 * The caller frees it.
 */
char *query_brief_name(const char *name);

/*
 * Which blocks count, as the user writes it: memprof-where(7). NULL with err
 * set, "column 12: ...".
 */
struct where;
struct where *where_parse(const char *text, struct err *err);
void where_destroy(struct where *w);
const char *where_text(const struct where *w); /* as it was parsed */

struct profile_options {
	const char *const *skip; /* functions that wrap allocators, wildcards */
	size_t skips;
	bool no_symbols; /* addresses only */
	/* Frames of the interpreter stay in stacks that have Python's. */
	bool native;
	/*
	 * Python's standard library and installed packages are wrappers, and
	 * left out of stacks.
	 */
	bool no_libraries;
	/* Of libraries that only serve, as libc, lines are not looked up: */
	bool quick; /* ever */
	bool thorough; /* if not so, when the trace has names of them */
	/*
	 * Only what is allocated from one instant on and before another, as
	 * behind the @; NULL the start, and the instant of the profile. Freed
	 * and live are those of these allocations.
	 */
	const char *from, *to;
	/*
	 * Only leaks are asked for. Where processes were looked at at the
	 * instant, no events need be read: other figures are those of the end.
	 */
	bool leaks_only;
};

/*
 * Whom to tell of downloads of debug information, which come when names are
 * first asked for; for all profiles.
 */
void profile_on_download(void (*tell)(const char *path, uint64_t done,
				      uint64_t total));

/* NULL with err set. `spec` is a path, or PATH@WHEN (moment.h). */
struct profile *profile_open(const char *spec, const struct profile_options *o,
			     struct err *err);
/*
 * Moves to another instant: "peak", "12.5s", "mark:NAME#2". Answers from then
 * on are those of the run up to there; answers had before keep. -1 with err set
 * when there is no such instant, or it can not be read: the profile is then at
 * the end.
 */
int profile_seek(struct profile *p, const char *when, struct err *err);
/*
 * Moves to about there, an earlier moment that takes no reading of events, as
 * profile_time() then tells.
 */
int profile_seek_near(struct profile *p, const char *when, struct err *err);
/*
 * Asked now and then while events are read: true gives the call up that reads
 * them, which then fails.
 */
void profile_on_read(struct profile *p, bool (*stops)(void *arg), void *arg);
/* Gives back the memory of all rows had so far. */
void profile_forget(struct profile *p);
/* When that is, in ns, without moving there. */
int profile_moment(struct profile *p, const char *when, uint64_t *time,
		   struct err *err);
/* Does the spec name this profile's own file? `when` is then its instant. */
bool profile_is_file(struct profile *p, const char *spec, const char **when);
void profile_close(struct profile *p);

struct query_frame {
	const char *function; /* demangled; NULL unknown */
	const char *file; /* as in the debug information; NULL unknown */
	uint32_t line; /* 0 unknown */
	/* Path; NULL for code in no module. Of Python, "json.decoder". */
	const char *module;
	uint64_t addr; /* in the module's file */
	bool python; /* code of Python */
	bool library; /* and of its own, or of an installed package */
	bool inlined; /* into the frame after it */
	bool guessed; /* found by frame pointer */
	bool wrapper; /* an allocator or one that works for others */
};

/*
 * What points to blocks that were live when the program ended, by enum
 * model_leak_class; all 0 where nobody looked, and at other instants.
 */
struct query_classes {
	uint64_t blocks[MODEL_LEAK_CLASSES], bytes[MODEL_LEAK_CLASSES];
	/* Lost indirectly, with its definitely lost ones. */
	uint64_t held_blocks, held_bytes;
};

struct query_counts {
	uint64_t calls; /* allocations and reallocations */
	uint64_t allocations, reallocations;
	uint64_t allocated_bytes;
	uint64_t frees;
	uint64_t freed_bytes; /* of reallocated blocks too */
	uint64_t live_bytes, live_blocks;
	uint64_t peak_bytes, peak_blocks;
	uint64_t temporary;
	/* Freed by Python's cyclic collector, and not by reference counts. */
	uint64_t cyclic_bytes, cyclic_blocks;
	/* Lost, definitely or indirectly; where nobody looked all that lives */
	uint64_t leaked_bytes, leaked_blocks;
	struct query_classes classes;
	/* Of bytes, squared: 0 unless the trace is a sample; and of how many
	 * recorded blocks. See query_error_of(). */
	double allocated_variance, live_variance, peak_variance;
	uint64_t allocated_sampled, live_sampled, peak_sampled;
};

uint64_t query_metric_of(const struct query_counts *c, enum query_metric m);
/* The same in blocks. */
uint64_t query_blocks_of(const struct query_counts *c, enum query_metric m);
void query_counts_add(struct query_counts *c, const struct query_counts *other);
/* Standard error of an estimate, in bytes; 0 for exact figures and counts. */
uint64_t query_error_of(const struct query_counts *c, enum query_metric m);

/* Of blocks that were freed or taken by realloc, in ns, 1 ms coarse. */
struct query_lifetimes {
	uint64_t blocks; /* the rest is 0 when this is */
	uint64_t min, median, max; /* the median to 3 % */
	uint64_t lived; /* by all blocks, also by those that live on */
};

/* What realloc did. A chain is a block through all the calls that it took. */
struct query_growth {
	uint64_t moved; /* reallocations to another address */
	uint64_t copied_bytes; /* by those */
	uint64_t chains; /* whose last call was here */
	uint64_t steps,
		steps_max; /* calls, of all of them and of the longest */
};

/*
 * What a row is about. Members that do not apply to the grouping are NULL or
 * 0: `place` stands for line, function, file and module.
 *
 * A line has one row however many functions share it, as instances of a
 * template do; the function shown is the one that allocated most.
 */
struct query_row {
	struct query_counts counts;
	struct query_frame place;
	uint32_t stack; /* for profile_frames() */
	const struct model_thread *thread;
	const struct model_process *process;
	const char *type; /* NULL: what is no object, but belongs to some */
	uint64_t sole; /* objects of a type that one reference is left to */
	uint64_t size_min, size_max; /* bytes, by size */
	bool size_shared; /* a class of sizes: their sites have too many */
	struct query_lifetimes lifetimes; /* if asked for, as growth */
	struct query_growth growth;
};

struct query {
	enum query_by by;
	enum query_metric sort; /* largest first */
	size_t limit; /* rows wanted, 0 all */
	bool unsorted; /* in any order */
	enum model_kind kind; /* heap or mappings */
	int32_t pid; /* 0 all processes */
	const struct where *where; /* borrowed; NULL all blocks */
	/* Wanted in rows; both are for heap blocks and read all events. */
	bool lifetimes, growth;
};

struct query_result {
	const struct query_row *rows;
	size_t count;
	size_t total_rows; /* before the limit */
	struct query_counts total; /* over all rows, shown or not */
};

/* NULL with err set. */
const struct query_result *
profile_query(struct profile *p, const struct query *q, struct err *err);

/*
 * The calls of a row by stack, innermost first. Borrowed until the next call:
 * there may be a hundred thousand rows of a hundred frames each.
 */
const struct query_frame *
profile_frames(struct profile *p, const struct query_row *row, size_t *count);

/*
 * What stacks had at `count` instants up to the profile's, told one after the
 * other in order of time. Rows by stack are put together to groups, or left
 * out. Of the query kind, pid and where count. -1 with err set when that can
 * not be had: of a range of a run, or when the condition is about what becomes
 * of single blocks.
 */
struct query_slices {
	const uint32_t *stacks, *groups; /* of each row; or QUERY_NO_GROUP */
	size_t rows;
	size_t group_count;
	const uint64_t *times; /* ns */
	size_t count;
	/* Since the start, of each group. */
	void (*tell)(void *context, size_t instant,
		     const struct query_counts *counts);
	void *context;
};
int profile_slices(struct profile *p, const struct query *q,
		   const struct query_slices *s, struct err *err);

/*
 * Line `line`, from 1, of a source file as query_frame names it, without its
 * end: as the trace holds it, else as it is on the disk. NULL unknown. Any
 * bytes may stand in it.
 */
const char *profile_source_line(struct profile *p, const char *file,
				uint32_t line);
/*
 * NULL, or why that text may not be what `module` (a path, as in query_frame)
 * was made of: "is newer than the program ...", to follow the file's name.
 */
const char *profile_source_note(struct profile *p, const char *file,
				const char *module);

/*
 * The call tree of what a query is about. Node 0 is the root and stands for
 * all; a node has what was allocated below it. Callers are the parents of what
 * they call, unless callees come first. The query's `by` may be thread or
 * process, which then are below the root; else stacks of all threads are one
 * tree. Recursion is folded: no path has a function twice (calltree.h).
 */
struct query_tree;

struct query_tree_options {
	bool bottom_up; /* callees first */
	bool lines; /* lines of a function are nodes of their own */
	bool wrappers; /* so are allocators, and what runs before main */
};

struct query_node {
	uint32_t parent;
	struct query_frame frame; /* line 0: several */
	const struct model_thread *thread; /* that it stands for */
	const struct model_process *process;
	uint32_t recursion; /* how often a stack passes it, at most */
	struct query_counts total;
	struct query_counts own; /* callees first: without a caller */
};

/* NULL with err set. The caller closes it, before the profile. */
struct query_tree *profile_tree(struct profile *p, const struct query *q,
				const struct query_tree_options *o,
				struct err *err);
void query_tree_close(struct query_tree *t);

struct query_node query_tree_node(struct query_tree *t, uint32_t node);
/* Sorted by the query's metric; borrowed until the next call. */
const uint32_t *query_tree_children(struct query_tree *t, uint32_t node,
				    size_t *count);

/* Totals of the whole trace; contract.md's "totals". */
struct query_totals {
	uint64_t allocations, allocated_bytes;
	uint64_t frees, freed_bytes;
	uint64_t reallocations;
	uint64_t live_blocks, live_bytes;
	uint64_t peak_bytes, peak_blocks, peak_time_ns;
	uint64_t temporary;
	uint64_t leaked_bytes, leaked_blocks;
	struct query_classes classes;
};
const struct query_totals *profile_totals(struct profile *p,
					  enum model_kind kind);
/* Of one process, its peak being its share; of all when `pid` is 0. */
const struct query_totals *profile_totals_of(struct profile *p,
					     enum model_kind kind, int32_t pid);

/* What Python's cyclic collector did, up to the instant. */
enum {
	QUERY_GENERATIONS = 3,
};
struct query_generation {
	uint64_t runs;
	uint64_t time, longest; /* ns */
	uint64_t collected, uncollectable; /* objects, as Python counts */
	uint64_t blocks, bytes; /* freed by the runs */
};
struct query_gc {
	uint64_t runs; /* 0: it never ran, or nobody saw it */
	struct query_generation generation[QUERY_GENERATIONS];
	uint64_t waited; /* ns at most, all blocks together */
	uint64_t peak_bytes; /* garbage in the peak of the heap, at most */
};
const struct query_gc *profile_gc(struct profile *p);
/* Each run, in the order in which they ended. */
const struct model_gc *profile_gc_runs(const struct profile *p, size_t *n);

/*
 * Memory that pymalloc took to make small blocks of, where somebody looked: an
 * arena goes back when no block is left in it, so what is free in the others is
 * kept by the blocks that are.
 */
enum {
	QUERY_CLASSES = 64,
	QUERY_CLASS_STEP = 8, /* bytes */
};
struct query_pin {
	struct query_frame place;
	uint64_t arenas; /* with blocks of the place, each site's counted */
	uint64_t blocks;
	uint64_t bytes; /* free in these, shared out by blocks */
};
struct query_arenas {
	bool looked;
	uint64_t arenas, bytes, free_bytes, free_pools;
	struct model_size_class classes[QUERY_CLASSES]; /* size 0: none */
	const struct query_pin *pins; /* largest first */
	size_t pin_count;
};
const struct query_arenas *profile_arenas(struct profile *p);

/* What the capture and the symbols leave in the dark. */
struct query_module_gap {
	const char *path;
	const char *why; /* "no debug information", "file has changed" ... */
	const char *fix; /* a command, or NULL */
	uint64_t bytes; /* allocated at places in it */
};

struct query_quality {
	struct model_quality capture;
	bool complete; /* nothing lost, finished, undamaged */
	uint64_t guessed_frames;
	uint64_t bytes_without_line; /* allocated */
	const struct query_module_gap *gaps; /* largest first */
	size_t gap_count;
	const char *const *notes; /* sentences for people */
	size_t note_count;
	const char *leaks; /* what "leaked" means in this trace, if not that */
};
const struct query_quality *profile_quality(struct profile *p);

/*
 * What is known of leaks: was every process looked at when it ended? Or at the
 * instant, as then those that somebody wanted to know of.
 */
struct query_leaks {
	bool classified; /* all of the processes */
	bool some; /* at least one */
	const char *why; /* not all of them */
	uint64_t unread; /* bytes of memory that could not be read */
	bool is_then; /* at the instant */
	uint64_t stopped; /* ns: a process stood still for that, at most */
	const char *held; /* why one stood until all was read; NULL none did */
	size_t replaced; /* processes that executed another program */
};
const struct query_leaks *profile_leaks(struct profile *p);

/* Who holds what was reachable then; words of a variable are one. */
struct query_root {
	enum model_root_kind kind;
	const char *name; /* of a variable; NULL unknown */
	const char *file; /* where it is declared; NULL unknown */
	uint32_t line;
	const char *module; /* path; NULL none */
	/* In the module's file, or in what is local to a thread of it, or at run
	 * time; 0: several, unless it is of a module and local. */
	uint64_t addr;
	const struct model_process *process;
	int32_t tid; /* of a thread's stack and what is local to it; 0 none */
	uint64_t blocks, bytes;
};

/* Largest first. */
const struct query_root *profile_roots(struct profile *p, size_t *count);

/*
 * Two answers, row by row. A row of one profile and its counterpart of the
 * other are the same place, thread, stack ...: see match.h for what is the same
 * place in two builds of a program.
 */
enum query_change {
	QUERY_SAME,
	QUERY_NEW, /* nothing before */
	QUERY_GONE, /* nothing any more */
	QUERY_GREW,
	QUERY_SHRANK,
	QUERY_CHANGES,
};

const char *query_change_name(enum query_change change);

struct query_diff_row {
	enum query_change change; /* of the metric sorted by */
	const struct query_row *before, *after; /* one of them may be NULL */
};

struct query_diff {
	const struct query_diff_row *rows; /* largest change first */
	size_t count;
	size_t total_rows; /* before the limit */
	size_t changes[QUERY_CHANGES]; /* rows of each, before the limit */
	struct query_counts before, after; /* over all rows, shown or not */
};

/*
 * Rows that did not change are left out unless `all`. Borrowed until either
 * profile is closed; NULL with err set.
 */
const struct query_diff *profile_diff(struct profile *before,
				      struct profile *after,
				      const struct query *q, bool all,
				      struct err *err);

/* Of two instants, as for profile_seek(); the profile is then at `after`. */
const struct query_diff *profile_diff_instants(struct profile *p,
					       const char *const when[2],
					       const struct query *q, bool all,
					       struct err *err);

/* What a metric grew by; less than 0 when it shrank. */
int64_t query_diff_of(const struct query_diff_row *row, enum query_metric m);

/*
 * A limit on what a profile counts, for a gate. It is kept or broken only where
 * enough was seen to know: a gate must not pass because nothing was seen. What
 * has to be known of a trace for that is its trust.
 */
enum query_trust {
	QUERY_TRUST_ANY, /* whatever there is */
	QUERY_TRUST_COMPLETE, /* all of all processes, and leaks told apart */
	QUERY_TRUST_EXACT, /* and nothing guessed, cut or from before */
	QUERY_TRUSTS,
};

/* "any", "complete", "exact"; -1 when there is no such. */
int query_trust_from_name(const char *name);
const char *query_trust_name(enum query_trust trust);

/* NULL, or why the trace is not to be trusted so far, as a sentence. */
const char *profile_doubt(struct profile *p, enum query_trust trust);

/* NULL, or why "leaked" is not what was lost. */
const char *profile_doubt_leaks(struct profile *p);

struct suppressions; /* suppressions.h */

struct query_limit {
	enum query_metric metric;
	bool is_growth; /* of live bytes, at any line, in an iteration */
	const char *mark; /* that ends one; NULL the most frequent */
	uint64_t most; /* bytes or a count, as query_metric_of() */
	const struct where *where; /* borrowed; NULL all blocks */
	int32_t pid; /* 0 all processes */
	enum query_trust trust;
	struct suppressions *known; /* leaks that do not count, or NULL */
};

/*
 * How what is live goes on from one mark to the next of the same name, or of
 * names that differ in a number at their end: an iteration. What grows with
 * every one is a leak, though something may still point to all of it; what grew
 * once, or up to a level, is a table or a cache.
 */
enum query_trend_kind {
	QUERY_TREND_LEVEL, /* as much at the last as at the first */
	QUERY_TREND_GROWS,
	QUERY_TREND_ONCE, /* in one iteration */
	QUERY_TREND_SETTLES, /* not any more */
	QUERY_TREND_VARIES,
	QUERY_TREND_SHRINKS,
	QUERY_TRENDS,
};

/* "grows", "once" ... */
const char *query_trend_name(enum query_trend_kind kind);

struct query_trend {
	struct query_row row; /* at the instant of the profile */
	enum query_trend_kind kind;
	double blocks, bytes; /* an iteration, fitted */
	uint64_t first_bytes, last_bytes; /* at the first and the last mark */
	uint64_t first_blocks, last_blocks;
};

struct query_trends {
	const char *mark; /* without the number */
	size_t iterations;
	const struct query_trend *items; /* those that grow first */
	size_t count;
};

/*
 * Of the query, `by`, `where`, `pid` and `kind` count. `mark` is a name, or
 * NULL for the one that is there most often. NULL with err set when there are
 * not marks enough.
 */
const struct query_trends *profile_trends(struct profile *p,
					  const struct query *q,
					  const char *mark, struct err *err);

/* A stack that has a part in it. */
struct query_share {
	struct query_row row; /* by stack, for profile_frames() */
	struct query_frame place; /* that pays for it */
	uint64_t value, blocks;
	const struct query_trend *trend; /* of a limit on growth, else NULL */
	size_t iterations;
};

enum query_ruling {
	QUERY_KEPT,
	QUERY_BROKEN,
	QUERY_UNKNOWN, /* not enough was seen */
};

struct query_judgement {
	enum query_ruling ruling;
	uint64_t value, blocks; /* of the metric, as far as it is known */
	uint64_t known, known_blocks; /* not in it: suppressed */
	bool is_empty; /* nothing was ever allocated that it is about */
	const char *why; /* unknown: a sentence */
	const struct query_share *shares; /* largest first */
	size_t count;
};

/* -1 with err set when the trace can not be asked that. */
int profile_judge(struct profile *p, const struct query_limit *limit,
		  struct query_judgement *j, struct err *err);

/*
 * The answers of many traces as one, by place or size: rows that read the same
 * are one. A profile may be closed when it has been added.
 */
struct query_combined_row {
	struct query_row row;
	uint32_t traces; /* that have it */
};

struct query_combined {
	const struct query_combined_row *rows; /* largest first */
	size_t count;
	size_t total_rows; /* before the limit */
	struct query_counts total; /* over all rows, shown or not */
	/* Sums: peaks of different times add up too. */
	struct query_totals totals[MODEL_KINDS];
	struct query_quality quality;
	uint64_t duration; /* of the longest, ns */
	size_t traces;
	bool has_sample; /* some figures are estimates */
};

struct query_combiner;

/* By line, function, file, module or size. */
struct query_combiner *query_combiner_open(const struct query *q);
/* -1 with err set, and nothing added. */
int query_combiner_add(struct query_combiner *c, struct profile *p,
		       struct err *err);
/* To be asked for once; borrowed until the combiner is closed. */
const struct query_combined *query_combiner_result(struct query_combiner *c,
						   size_t limit);
void query_combiner_close(struct query_combiner *c);

/*
 * The source of functions, with what was allocated through each line.
 *
 * A stack that passes through a function is charged to the line where it does:
 * the innermost, where it passes more than once. So the lines of a function add
 * up to what the function and all it calls allocated. With `own` a stack is
 * charged only if its place is in the function.
 */
struct query_source_line {
	uint32_t line;
	struct query_counts counts;
	uint64_t usage; /* bytes; of Python, as usage.h has it */
	int64_t increment;
};

struct query_listing {
	const char *function; /* a template's without its arguments */
	const char *file; /* NULL unknown: then there are no lines */
	const char *module;
	uint32_t first, last; /* lines of the function, as far as known */
	const struct query_source_line *lines; /* those charged, in order */
	size_t count;
	struct query_counts total; /* of the lines, or of what has none */
	/*
	 * Of Python: lines have usage and increment, and this is what the heap
	 * held before the function allocated. Not when what counts depends on
	 * what became of single blocks.
	 */
	bool has_usage;
	uint64_t before; /* bytes */
	const char *note; /* why the text may be wrong, or lines are unknown */
	const char *fix; /* a command, or NULL */
};

struct query_listings {
	const struct query_listing
		*items; /* largest first; of a file, by line */
	size_t count;
	bool is_file;
};

/*
 * `target`: a function, by its name in full or in part or as a pattern with *
 * and ?, of Python also behind its class and module; the end of a path; or that and ":LINE" for the function around it.
 * Of the query, `sort`, `kind` and `pid` count. NULL with err set, also when
 * nothing has that name.
 */
const struct query_listings *profile_annotate(struct profile *p,
					      const char *target,
					      const struct query *q, bool own,
					      struct err *err);

/*
 * Makes a trace portable: puts names, lines and the text of source lines of
 * all its stacks into `fd`, which holds what the trace's file does up to
 * profile_kept_offset(), or is that file; what stands behind is replaced.
 * -1 with err set, and nothing added, when that could not be written.
 */
struct query_keep {
	uint64_t until; /* of CLOCK_MONOTONIC in ns: give up then; 0 never */
	bool no_sources; /* no text */
	bool redact; /* neither text nor directories of source files */
};
int profile_keep_symbols(struct profile *p, int fd,
			 const struct query_keep *options, struct err *err);
uint64_t profile_kept_offset(const struct profile *p);

/* What brings the lines of a file that has none; caller frees. */
char *query_debug_hint(const char *path);

const struct trace_run *profile_run(const struct profile *p);
/* The range that allocations are of; false when they are of all the run. */
bool profile_range(const struct profile *p, uint64_t *from, uint64_t *to);
/* What stands behind the @: "end", "mark:warm"; and when that was, in ns. */
const char *profile_instant(const struct profile *p);
uint64_t profile_time(const struct profile *p);
/* In order of time. */
const struct model_mark *profile_marks(const struct profile *p, size_t *n);

/*
 * Memory over time, in order. A step ends at `time`; the highest values are of
 * the whole step, the others of its end. Of one process, the highest that is
 * known is that of the end.
 */
struct query_point {
	uint64_t time; /* ns */
	uint64_t heap, heap_high; /* bytes */
	uint64_t mapping, mapping_high;
	uint64_t resident, shared; /* by the kernel; 0 not known */
};
/* Of the process with the pid, or all when it is 0; of the whole run. */
const struct query_point *profile_timeline(struct profile *p, int32_t pid,
					   size_t *n);
/*
 * When functions were at work, as far as allocations tell: a thread stays in
 * one from the first allocation that passes through it up to the last before
 * the thread allocates elsewhere. Stays with little time between them are one,
 * and so are those of threads at the same time.
 */
struct query_stay {
	uint64_t from, to; /* ns */
	uint64_t from_bytes, to_bytes; /* of the heap, before and after */
};

struct query_activity {
	struct query_frame frame; /* line 0 */
	uint64_t allocated; /* bytes, in what it calls too */
	uint64_t inside; /* ns, of all stays */
	const struct query_stay *stays; /* in order */
	size_t count;
};

struct query_activities {
	const struct query_activity *items; /* most allocated first */
	size_t count;
};

struct query_activity_options {
	/* As for profile_annotate(); none: a few of the program's own. */
	const char *const *targets;
	size_t count;
	int32_t pid; /* 0 all processes */
};

/* Of the whole run; NULL with err set. */
const struct query_activities *
profile_activities(struct profile *p, const struct query_activity_options *o,
		   struct err *err);

/*
 * What resident memory consists of, in bytes: of all processes that were looked
 * at, at the time when it was most or the last time. The parts add up to it
 * with `untouched` taken away. `resident` is 0 when nobody looked.
 */
struct query_balance {
	uint64_t time; /* ns */
	uint64_t resident;
	uint64_t heap; /* of it the allocator's: the next four */
	uint64_t requested, rounding; /* of live blocks */
	uint64_t free; /* neither */
	uint64_t untouched; /* of live blocks not resident */
	uint64_t pooled; /* live objects of Python, in what it mapped */
	uint64_t mapped; /* by the program itself, without these */
	uint64_t stacks, files, agent;
	uint64_t unexplained;
};
int profile_balance(struct profile *p, bool highest, struct query_balance *b,
		    struct err *err);

const char *profile_problem(const struct profile *p); /* as trace_problem() */
bool profile_damaged(const struct profile *p); /* parts could not be read */
const struct model_process *profile_processes(const struct profile *p,
					      size_t *n);
const struct model_thread *profile_threads(const struct profile *p, size_t *n);
const struct model_module *profile_modules(const struct profile *p, size_t *n);

#endif
