/*
 * model - what a trace says, in the terms that writer and readers share.
 *
 * A *frame* is a place in a file: a module and an address in it, so the same
 * code has the same frame in every process and every run. A *node* is a frame
 * called from another node: a stack is a node, and its path to the root. The
 * child of the root is always a thread's frame, so a node also says whose
 * stack it is. A *site* is a node that asked for blocks of one size: the unit
 * that is counted. Where one node asks for more than MODEL_EXACT_SIZES sizes,
 * further sizes that are rare share sites by size class and `exact` is false.
 *
 * Numbers are indexes into tables. Entry 0 of nodes is the root.
 */
#ifndef MEMPROF_TRACE_MODEL_H
#define MEMPROF_TRACE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_NO_SITE UINT32_MAX
#define MODEL_NO_BLOCK UINT64_MAX
#define MODEL_NOT_BEGUN UINT64_MAX

enum {
	MODEL_NONE = -1,
	MODEL_EXACT_SIZES = 64,
};

enum model_kind {
	MODEL_HEAP,
	MODEL_MAPPING,
	MODEL_KINDS,
};

enum model_frame_kind {
	MODEL_FRAME_CODE, /* module, addr */
	MODEL_FRAME_THREAD, /* addr is a number of a thread */
	MODEL_FRAME_NO_INFO, /* the stack could not be followed further */
	MODEL_FRAME_CUT, /* frames were left out here */
	MODEL_FRAME_UNKNOWN, /* addr: code in no module, such as a JIT's */
	/* module is a number of code, addr an offset in its instructions, in
	 * bytes, or MODEL_NOT_BEGUN: Python's */
	MODEL_FRAME_PYTHON,
};

enum model_frame_flags {
	MODEL_FRAME_GUESSED = 1, /* found by frame pointer, not by CFI */
	MODEL_FRAME_EXACT = 2, /* addr itself, not the call before it */
};

enum model_origin {
	MODEL_ORIGIN_RUN,
	MODEL_ORIGIN_FORK,
	MODEL_ORIGIN_EXEC,
	MODEL_ORIGIN_ATTACH, /* had run before memprof came */
};

/* Strings are borrowed from the trace, and any byte may stand in them. */
struct model_process {
	int32_t pid;
	int32_t parent; /* number of a process, MODEL_NONE unknown */
	enum model_origin origin;
	const char *name; /* of the program: last part of its path */
	const char *exe; /* its path */
	uint64_t start; /* ns since the start of the run */
	uint64_t end; /* 0 not seen to end */
	const char *note; /* why it was not traced, NULL it was */
	const char *limits; /* what was not seen of it, NULL nothing */
};

struct model_thread {
	uint32_t process;
	int32_t tid;
	const char *name;
	uint64_t start, end; /* ns; 0 not seen to end */
};

struct model_module {
	const char *path;
	const uint8_t *build_id;
	uint32_t build_id_size;
	uint64_t bias; /* where it was mapped the first time */
	uint64_t size; /* bytes of address space */
	bool is_agent; /* memprof's own frames */
};

/* How the table of lines of a code object is written; see analyzer/lines.h. */
enum model_code_form {
	MODEL_CODE_LNOTAB, /* Python 3.6 to 3.9 */
	MODEL_CODE_LINETABLE, /* 3.10 */
	MODEL_CODE_LOCATIONS, /* 3.11 and later */
	MODEL_CODE_FORMS,
};

/* A code object of Python: a function, a module, a comprehension ... */
struct model_code {
	const char *
		file; /* as Python has it, UTF-8: may be relative, or "<...>" */
	const char *name;
	const char *qualified; /* name; empty before 3.11 */
	uint32_t first_line;
	enum model_code_form form;
	const uint8_t *lines;
	uint32_t lines_size; /* bytes */
};

struct model_frame {
	enum model_frame_kind kind;
	uint32_t flags; /* enum model_frame_flags */
	uint32_t module;
	uint64_t addr; /* as in the file's program headers */
};

struct model_node {
	uint32_t parent;
	uint32_t frame;
};

struct model_site {
	uint32_t node;
	uint8_t kind; /* enum model_kind */
	bool exact; /* every block here has `size` bytes */
	uint64_t size; /* bytes; if not exact the largest of the class */
};

/*
 * What happened at a site. `moved_in` are blocks that realloc made here,
 * `moved_out` blocks of here that realloc took elsewhere (or made anew here).
 * bytes and freed_bytes include them.
 */
struct model_stats {
	uint64_t allocs, moved_in;
	uint64_t frees, moved_out;
	uint64_t bytes, freed_bytes;
	uint64_t temporary;
	uint64_t peak_blocks, peak_bytes; /* share in the peak of its kind */
};

static inline uint64_t model_live_blocks(const struct model_stats *s)
{
	return s->allocs + s->moved_in - s->frees - s->moved_out;
}

static inline uint64_t model_live_bytes(const struct model_stats *s)
{
	return s->bytes - s->freed_bytes;
}

struct model_peak {
	uint64_t bytes, blocks;
	uint64_t time; /* ns */
};

enum model_event_kind {
	MODEL_EVENT_ALLOC,
	MODEL_EVENT_FREE,
	MODEL_EVENT_FREE_TEMPORARY,
	MODEL_EVENT_REALLOC, /* ends block `old`, begins a new one */
	MODEL_EVENT_MAP,
	MODEL_EVENT_UNMAP, /* `size` bytes of a mapping of `site` */
	MODEL_EVENT_EXIT, /* process `site` ended: its memory is gone */
};

/*
 * Blocks are numbered in the order of the events that began them, heap blocks
 * only. Every event has a site: the one charged or relieved. A block that was
 * live where decoding began, in the middle of a run, has no number when it ends:
 * MODEL_NO_BLOCK.
 */
struct model_event {
	enum model_event_kind kind;
	uint32_t site;
	uint32_t old_site; /* REALLOC; MODEL_NO_SITE when old is not known */
	uint64_t size, old_size; /* bytes */
	uint64_t block; /* ALLOC, REALLOC: begun here; FREE: ended here */
	uint64_t old; /* REALLOC: block ended */
	uint64_t time; /* ns since start; about a millisecond coarse */
	bool ended; /* UNMAP: nothing is left of the mapping */
	bool moved; /* REALLOC of a known block: to another address */
};

enum model_mark_kind {
	MODEL_MARK_NAMED,
	MODEL_MARK_STARTED, /* recording began */
	MODEL_MARK_STOPPED,
	MODEL_MARK_KINDS,
};

enum model_mark_source {
	MODEL_MARK_PROGRAM, /* by memprof.h */
	MODEL_MARK_COMMAND, /* by `memprof mark` */
	MODEL_MARK_SIGNAL,
	MODEL_MARK_SOURCES,
};

/* A moment that was given a name; empty for other kinds. */
struct model_mark {
	enum model_mark_kind kind;
	enum model_mark_source source;
	const char *name;
	int32_t process; /* number, of a program; MODEL_NONE others */
	uint64_t time; /* ns */
	uint64_t events; /* before it */
};

/*
 * Memory at a time, over all processes: what is live of each kind, and the
 * highest it was since the sample before. Estimates when the run is a sample.
 */
struct model_sample {
	uint64_t time; /* ns */
	uint64_t bytes[MODEL_KINDS], high[MODEL_KINDS];
	size_t first, processes; /* entries of what processes used */
};

/* Of a process at that time. */
struct model_usage {
	uint32_t process; /* number */
	uint64_t bytes[MODEL_KINDS]; /* as recorded */
	uint64_t resident, shared; /* bytes, by the kernel; 0 not known */
};

/* What resident memory is for, as far as the kernel shows it. */
enum model_resident {
	MODEL_RESIDENT_HEAP, /* of the C library's allocator, but for large blocks */
	MODEL_RESIDENT_MAPPED, /* by the program itself, as recorded */
	MODEL_RESIDENT_STACK,
	MODEL_RESIDENT_FILE, /* code, data, and what else has a file */
	MODEL_RESIDENT_AGENT, /* memprof's library, and its ring */
	MODEL_RESIDENT_OTHER, /* such as the allocator's large blocks */
	MODEL_RESIDENTS,
};

/* Of a process at a time. */
struct model_balance {
	uint32_t process; /* number */
	uint64_t time; /* ns */
	uint64_t bytes[MODEL_RESIDENTS];
};

/* How much of the truth a trace holds. */
struct model_quality {
	bool finished; /* has its last block: the collector ended in order */
	bool damaged; /* a block was cut, missing or failed its checksum */
	uint64_t good_until; /* ns: last moment known when not finished */
	uint64_t lost_events; /* the ring was full, or no slot was left */
	uint64_t unmatched_frees; /* blocks from before the trace */
	uint64_t inherited_frees; /* blocks that came with a fork */
	uint64_t unrecorded_frees; /* blocks from when recording was off */
	uint64_t truncated_stacks;
	uint64_t reentrant; /* calls from within the agent */
	uint64_t waits; /* times the program waited for the collector */
	uint64_t checks, check_failures; /* MEMPROF_VERIFY */
	uint64_t reordered; /* frees paired by alternation, not by stamp */
};

/* What points to a block that is live, when its process ends. */
enum model_leak_class {
	MODEL_LEAK_DEFINITE, /* nothing does */
	MODEL_LEAK_INDIRECT, /* blocks that are lost themselves */
	MODEL_LEAK_POSSIBLE, /* only what points into it, not to its start */
	MODEL_LEAK_REACHABLE,
	MODEL_LEAK_CLASSES,
};

struct model_leak {
	uint32_t site;
	uint64_t blocks[MODEL_LEAK_CLASSES], bytes[MODEL_LEAK_CLASSES];
	/* Lost indirectly, with its definitely lost ones; of any site. */
	uint64_t held_blocks, held_bytes;
};

enum model_root_kind {
	MODEL_ROOT_GLOBAL, /* module, address in it */
	MODEL_ROOT_THREAD_LOCAL, /* thread */
	MODEL_ROOT_STACK, /* thread */
	MODEL_ROOT_REGISTER, /* thread */
	MODEL_ROOT_MAPPING, /* address of it at run time */
	MODEL_ROOT_KINDS,
};

/* What holds blocks; one that several hold counts with the first. */
struct model_root {
	enum model_root_kind kind;
	int64_t module; /* number, MODEL_NONE none */
	uint64_t addr; /* 0: several of the kind */
	int32_t tid;
	uint64_t blocks, bytes;
};

/* Blocks of one site that are objects of one type of Python. */
struct model_object {
	uint32_t site;
	uint32_t type; /* MODEL_NO_TYPE: no objects, but what they point to */
	uint64_t blocks, bytes;
	uint64_t sole; /* that one reference is left to */
};

#define MODEL_NO_TYPE UINT32_MAX

/* A type of Python. */
struct model_type {
	const char *name;
	/* Instances of a class of the program's that have a dictionary: */
	uint64_t instances, bytes; /* with that, and what holds its values */
	uint64_t values; /* attributes, of all of them */
};

/* Blocks of one size, of pymalloc's. */
struct model_size_class {
	uint32_t size; /* bytes */
	uint64_t pools, blocks,
		room; /* room: blocks that the pools could hold */
};

/* A site whose blocks keep arenas from being given back. */
struct model_pin {
	uint32_t site;
	uint64_t arenas, blocks;
	uint64_t bytes; /* free in these arenas, shared out by blocks */
};

/* What a process of Python had at a moment. */
struct model_objects {
	uint32_t process;
	uint64_t time; /* ns */
	const struct model_type *types;
	size_t type_count;
	const struct model_object *objects; /* by site */
	size_t object_count;
	uint64_t arenas, arena_bytes, free_bytes, free_pools;
	const struct model_size_class *classes; /* by size */
	size_t class_count;
	const struct model_pin *pins; /* by site */
	size_t pin_count;
};

/* What only Python's cyclic collector freed, of one site. */
struct model_gc_site {
	uint32_t site;
	uint64_t blocks, bytes;
	uint64_t waited; /* ns at most, all blocks together, to be freed */
};

/* A run of it. */
struct model_gc {
	uint32_t process, generation;
	uint64_t time, duration; /* ns; it began */
	uint64_t since; /* ns: what was garbage by then has gone before */
	uint64_t collected, uncollectable; /* objects, as Python counts */
	const struct model_gc_site *sites; /* in order */
	size_t site_count;
};

/* What was found in one process. */
struct model_leaks {
	uint32_t process;
	uint64_t time; /* ns */
	const char *why; /* it was not looked at; NULL: it was */
	bool replaced; /* by another program: what it had went then */
	bool goes_on; /* it was not at its end, but went on */
	uint64_t stopped; /* ns: for so long it stood still for that */
	const char *held; /* it stood until all was read; NULL: it did not */
	uint64_t unread; /* bytes that could not be read */
	const struct model_leak *sites; /* in order */
	size_t site_count;
	const struct model_root *roots; /* largest first */
	size_t root_count;
};

#endif
