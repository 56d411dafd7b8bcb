/*
 * ring - the memory that traced programs and the collector share.
 *
 * One memfd, made, sized and sealed by the collector before it starts the
 * program, holds a header, a table of processes, a table of threads and a pool
 * of chunks. A traced thread takes a chunk from the pool, appends records to
 * it and links the next one; the collector walks each thread's chain, and
 * gives back what it has read. A chunk has one writer and one reader, so
 * nothing here is ever locked; the pool is a stack with a tag against ABA.
 *
 * Neither side trusts the other: a program may write anything at any time, so
 * the collector copies a word once and checks the copy, and the agent gives up
 * when the collector's heartbeat stops.
 *
 * Sharing one pool keeps the program small: chunks are reused last in, first
 * out, so while the collector keeps up the same few stay warm in the cache,
 * and a burst may still use RING_QUEUE_LIMIT of them.
 *
 * Deliberately not here: code. The agent's side is preload/ring_writer.h, the
 * collector's trace/ring.c.
 */
#ifndef MEMPROF_TRACE_RING_H
#define MEMPROF_TRACE_RING_H

#include <stdatomic.h>
#include <stdint.h>

#define RING_MAGIC 0x676e697266706d6dULL

enum {
	RING_VERSION = 3,
	RING_PROCESSES = 1024, /* at once */
	RING_THREADS = 16384, /* at once, over all processes */
	RING_CHUNK_SIZE = 16384, /* bytes, its header included */
	RING_CHUNKS = 4096,
	/* Chunks written and not yet read, beyond which writers wait: 8 MiB,
	 * the bound of what the ring adds to the program's resident size. */
	RING_QUEUE_LIMIT = 512,
	RING_DEPTH = 4096, /* frames of the deepest stack recorded */
	RING_OWN = 2, /* ranges of the agent's private memory */
};

/*
 * Who can not open the ring in /proc sends the nonce to the abstract socket of
 * this name, followed by the memfd's inode in hex, and is sent a descriptor.
 */
#define RING_DOOR "memprof."

/* Index + 1, so that zeroed memory means none. */
typedef uint32_t ring_ref;

/* What the collector asks of the agent; fixed before the program starts. */
enum ring_flags {
	RING_FOLLOW = 1, /* children are traced too */
	RING_DROP_WHEN_FULL = 2, /* else wait for the collector */
	RING_LEAKS = 4, /* who ends leaves a copy of its memory */
	RING_PYTHON = 8, /* Python's own frames stand in stacks, */
	RING_PYTHON_OBJECTS = 16, /* and blocks of its allocators count */
};

/* Is what happens written down? Blocks that are known end in any case. */
enum ring_recording {
	RING_RECORDING_ON,
	RING_RECORDING_NOT_YET, /* no block is known */
	RING_RECORDING_OFF,
};

enum ring_process_state {
	RING_PROCESS_FREE, /* set by the collector, before it is pooled */
	RING_PROCESS_LIVE, /* fields below are valid */
};

enum ring_process_origin {
	RING_ORIGIN_RUN, /* started by memprof */
	RING_ORIGIN_FORK,
	RING_ORIGIN_EXEC,
	RING_ORIGIN_ATTACH, /* had run before memprof came */
};

/*
 * Written by the agent when a process (or a new program in it) begins. A slot
 * is used again once its process has ended, so a parent has a serial as well.
 */
struct ring_process {
	_Atomic uint32_t state;
	uint32_t origin;
	int32_t pid; /* as the process itself sees it */
	/* Slot of the process that forked or executed it, 0 unknown. */
	ring_ref parent;
	uint64_t start; /* stamp */
	_Atomic uint64_t lost; /* events of threads that got no slot */
	_Atomic uint64_t checks; /* captures compared with libunwind */
	_Atomic uint64_t check_failures;
	uint32_t serial; /* no other process of the run has it */
	uint32_t parent_serial;
	_Atomic ring_ref next_free;
	uint32_t outside; /* its parent is not in its namespace of pids */
	_Atomic uint32_t copy; /* enum ring_copy_state; a futex */
	int32_t leaver; /* thread that makes it, as the process sees it */
	/* The same, of a copy that was asked for while the process goes on. */
	_Atomic uint32_t twin;
	_Atomic int32_t twin_pid;
	/* The agent's private memory: first byte, one past the last. */
	uint64_t own[RING_OWN][2];
	uint32_t pad[4];
};

/*
 * A process that ends leaves a copy of itself, in which nothing runs, for the
 * collector to read. It says so by RING_NOTE_COPY. The slot is not given to
 * another process before that copy has been read.
 */
enum ring_copy_state {
	RING_COPY_NONE,
	RING_COPY_BEGUN, /* by one of its threads: once in its life */
	RING_COPY_ASKED, /* the collector is to stop the other threads, */
	RING_COPY_ALLOWED, /* and has done so, */
	RING_COPY_REFUSED, /* or can not */
	RING_COPY_MADE, /* it is there, and holds nothing but memory */
	RING_COPY_READ, /* by the collector: it may end */
};

enum ring_thread_state {
	RING_THREAD_FREE, /* set by the collector, before it is pooled */
	RING_THREAD_LIVE, /* set by the agent, after the fields below */
};

/*
 * `open` is the stamp of an event that is being written and not yet
 * committed, 0 when there is none: the collector does not merge past it.
 */
struct ring_thread {
	_Atomic uint32_t state;
	int32_t tid;
	ring_ref process;
	ring_ref first; /* chunk */
	_Atomic uint64_t open;
	_Atomic uint64_t lost; /* events, when the ring was full */
	_Atomic uint64_t truncated; /* stacks cut at RING_DEPTH */
	_Atomic uint64_t reentrant; /* calls from within the agent */
	_Atomic uint64_t waited; /* times the ring was full */
	_Atomic ring_ref next_free;
	uint32_t pad;
	uint64_t start; /* stamp */
	uint64_t pad2[7]; /* `open` changes often: no line is shared */
};

struct ring_header {
	uint64_t magic;
	uint32_t version;
	uint32_t flags; /* enum ring_flags */
	uint64_t size; /* of the whole mapping */
	uint64_t nonce;
	int32_t collector; /* its pid */
	uint32_t verify; /* compare every Nth capture with libunwind, 0 never */
	uint64_t sample; /* mean bytes between sampled ones, 0 records all */
	/* enum ring_recording; by the collector and by programs. */
	_Atomic uint32_t recording;
	uint32_t pad0;
	uint64_t reserved[9];

	/* Written by the collector, about every millisecond. */
	_Atomic uint64_t heartbeat; /* a stamp; 0 once it has gone away */
	_Atomic uint64_t given; /* chunks given back, ever */
	uint64_t pad1[6];

	/* Written by agents. */
	_Atomic uint32_t processes; /* highest slot ever taken + 1 */
	_Atomic uint32_t threads; /* highest slot ever taken + 1 */
	_Atomic uint64_t lost; /* events of threads without a process */
	_Atomic uint64_t refused; /* processes that got no slot */
	_Atomic uint64_t unfollowed; /* forked children, without RING_FOLLOW */
	_Atomic uint64_t interrupted; /* children forked within the agent */
	_Atomic uint64_t sandboxed; /* programs executed in a sandbox */
	_Atomic uint32_t serial; /* of the process that began last */
	uint32_t pad2[3];

	/* Pools: low half a ring_ref, high half the tag. */
	_Atomic uint64_t free_processes;
	_Atomic uint64_t free_threads;
	_Atomic uint64_t free_chunks;
	_Atomic uint32_t fresh_chunks; /* chunks never used yet, taken so far */
	_Atomic int32_t queued; /* chunks full and not yet read */
	/* A futex: waiters sleep on it, the collector counts it up and wakes
	 * them when half of the queue has been read. */
	_Atomic uint32_t room;
	_Atomic uint32_t waiters;
	uint64_t pad3[3];
};

/* Words follow the header. `used` counts committed bytes after it. */
struct ring_chunk {
	_Atomic uint32_t used; /* release: publishes whole records */
	_Atomic ring_ref next; /* chunk of the same thread, 0 not yet */
	_Atomic ring_ref next_free;
	ring_ref thread;
	uint64_t words[(RING_CHUNK_SIZE - 16) / 8];
};

struct ring {
	struct ring_header header;
	struct ring_process process[RING_PROCESSES];
	struct ring_thread thread[RING_THREADS];
	_Alignas(4096) struct ring_chunk chunk[RING_CHUNKS];
};

_Static_assert(sizeof(struct ring_process) == 128, "ring layout");
_Static_assert(sizeof(struct ring_thread) == 128, "ring layout");
_Static_assert(sizeof(struct ring_header) == 320, "ring layout");
_Static_assert(sizeof(struct ring_chunk) == RING_CHUNK_SIZE, "ring layout");

/*
 * Records
 * -------
 * A record is a run of 64-bit words; its first is
 *
 *	bits  0..3	kind
 *	bit   4		a stamp follows the record's fixed words
 *	bits  5..15	count (new frames, or words of a payload)
 *	bits 16..63	address
 *
 * Stamps are the processor's cycle counter. A process that has one thread
 * writes none; a stampless event happened after its thread's last stamp.
 * The stamp of an event that takes memory is read after the allocator
 * returned, of one that gives it back before the allocator is called, so that
 * of two events on one address the later has the larger stamp.
 *
 * Stacks are sent as differences: an event that takes memory keeps the `keep`
 * outermost frames of its thread's stack as last sent, and appends `count`
 * frames, listed from the innermost outwards. More frames than
 * RING_INLINE_FRAMES go ahead in RING_STACK records, outermost part first.
 */
enum ring_kind {
	RING_END, /* never written: reading a zero means a broken record */
	RING_ALLOC, /* addr; size:48 keep:16; [stamp]; frames */
	RING_FREE, /* addr; [stamp]. Of 0: what RING_REALLOC took is gone */
	RING_REALLOC, /* old addr, before the allocator is called; [stamp] */
	RING_REALLOCATED, /* new addr; size:48 keep:16; [stamp]; frames */
	RING_NOT_REALLOCATED, /* the call failed, the old block stays; [stamp] */
	RING_MAP, /* addr; size:48 keep:16; [stamp]; frames */
	RING_UNMAP, /* addr; size; [stamp] */
	RING_STACK, /* addr field is keep, and RING_STACK_PYTHON; frames */
	RING_CLOCK, /* stamp bit set; stamp */
	RING_MODULE, /* [stamp]; payload: struct ring_module and its bytes */
	RING_MODULE_GONE, /* addr: its `start`; [stamp] */
	RING_NAME, /* [stamp]; payload: the thread's new name, zero padded */
	RING_NOTE, /* addr field: enum ring_note; [stamp]; payload: text */
	RING_OBJECT, /* as RING_ALLOC, with frames of Python and no others */
	RING_OBJECT_MOVED, /* as RING_REALLOCATED, the same */
};

enum {
	RING_STAMPED = 16,
	RING_COUNT_SHIFT = 5,
	RING_COUNT_MAX = 2047,
	RING_ADDR_SHIFT = 16,
	RING_KEEP_SHIFT = 48,
	RING_INLINE_FRAMES = 512,
	/* In the address of RING_STACK: its frames are of Python. */
	RING_STACK_PYTHON = 1 << 20,
};

/*
 * In the address of a block that the program took from a pool of its own
 * (memprof.h): it may lie where a block of the heap begins.
 */
#define RING_POOL_ADDR (1ULL << 47)

/*
 * Frames are return addresses, with marks in the bits that no address of user
 * space uses. Values below RING_FRAME_SPECIAL_END are no addresses.
 */
#define RING_FRAME_GUESSED (1ULL << 63) /* found by frame pointer */
#define RING_FRAME_EXACT (1ULL << 62) /* interrupted here: no call before it */
#define RING_FRAME_PC ((1ULL << 48) - 1)

enum ring_frame {
	RING_FRAME_NO_INFO = 1, /* unwinding ended: no unwind information */
	RING_FRAME_CUT = 2, /* frames were left out here */
	RING_FRAME_SPECIAL_END = 16,
};

/*
 * Frames of Python are a stack of their own, of which differences are sent in
 * the same way. An event with native frames is of both stacks as they are then,
 * and what reads puts them together (trace/hybrid.h); so who has frames of
 * Python, or had some, brings them up to date ahead of it by RING_STACK. A
 * thread that never sent any is not asked.
 *
 *	bits  0..23	instruction under way, in units of 2 bytes, + 1; 0: none
 *			has begun
 *	bits 24..46	number of the code object, that RING_NOTE_CODE gave it
 *	bit  47		always set
 *	bit  62		a native evaluation loop was entered with this frame
 *	bit  63		the frame belongs to a generator or coroutine
 *
 * Code that has no number because there are too many, is RING_CODE_UNKNOWN.
 * RING_CODE_NONE stands for a loop that was entered and has no frame of Python
 * yet. All frames of the chain are sent, those too that Python hides.
 */
#define RING_FRAME_PYTHON (1ULL << 47)
#define RING_FRAME_ENTRY (1ULL << 62)
#define RING_FRAME_GENERATOR (1ULL << 63)

enum {
	RING_CODE_SHIFT = 24,
	RING_CODES = (1 << 23) - 2,
	RING_CODE_UNKNOWN = RING_CODES,
	RING_CODE_NONE = RING_CODES + 1,
	RING_INSTRUCTIONS = (1 << 24) - 1, /* more are told as the last */
};

enum ring_note {
	RING_NOTE_OFF = 1, /* the agent switched itself off; text says why */
	RING_NOTE_LIMIT = 2, /* something it could not see; text says what */
	RING_NOTE_MARK = 3, /* the program names this moment */
	RING_NOTE_STARTED = 4, /* the program switched recording on, */
	RING_NOTE_STOPPED = 5, /* and off */
	RING_NOTE_PROGRAM = 6, /* the path of what the process runs */
	RING_NOTE_COPY = 7, /* it has left one: struct ring_copy */
	RING_NOTE_PYTHON = 8, /* there is one: struct ring_python */
	RING_NOTE_CODE = 9, /* a code object: struct ring_code_part and bytes */
	RING_NOTE_GC = 10, /* Python's collector runs: struct ring_gc */
};

enum {
	RING_COPY_REGISTERS = 6, /* that a call preserves */
};

/* Payload of RING_NOTE_COPY. */
struct ring_copy {
	int32_t pid; /* as the process sees it; 0 there is none: */
	int32_t error; /* errno of what failed */
	uint64_t sp; /* of the thread that ends it: what lies above is its */
	uint64_t thread_pointer;
	uint64_t registers[RING_COPY_REGISTERS];
};

enum {
	RING_PYTHON_RANGES = 8,
	RING_CODE_TEXTS = 3, /* file, name, qualified name (3.11 and later) */
	RING_CODE_BYTES = 1 << 22, /* the most that one takes */
	RING_GC_OWN = 16,
};

/* Payload of RING_NOTE_PYTHON; the last one counts. */
struct ring_python {
	uint32_t version; /* as PY_VERSION_HEX */
	uint32_t ranges;
	/* Code of the native evaluation loop: first byte, one past the last. */
	uint64_t range[RING_PYTHON_RANGES][2];
};

/*
 * Payload of RING_NOTE_CODE: bytes `at` and on of `size`, that are a struct
 * ring_code and what follows it. Parts come in order. A number may be given
 * again, to say the same, or by a child for another code object: each process
 * has those that its parent had at the fork, until it says otherwise.
 */
struct ring_code_part {
	uint32_t number;
	uint32_t at, size;
	uint32_t pad;
};

enum ring_code_form {
	RING_CODE_LNOTAB, /* 3.6 to 3.9 */
	RING_CODE_LINETABLE, /* 3.10 */
	RING_CODE_LOCATIONS, /* 3.11 and later */
	RING_CODE_FORMS,
};

/* Texts follow, characters of `width` bytes, and then the table of lines. */
struct ring_code {
	uint32_t form; /* enum ring_code_form, of the table */
	int32_t first_line;
	/* Frames before this instruction are hidden, in units of 2 bytes. */
	uint32_t first_traceable;
	uint32_t lines; /* bytes */
	struct {
		uint32_t count; /* characters */
		uint32_t width; /* bytes: 1, 2 or 4 */
	} text[RING_CODE_TEXTS];
};

/* Payload of RING_NOTE_GC: of the thread that collects. */
struct ring_gc {
	uint32_t ended; /* 0 it begins */
	uint32_t generation;
	uint64_t collected, uncollectable; /* objects, when it has ended */
	/* When it begins: blocks that are there only to tell of it; 0 none. */
	uint64_t own[RING_GC_OWN];
};

enum ring_module_flags {
	RING_MODULE_AGENT = 1, /* its frames are memprof's own */
	RING_MODULE_PROGRAM = 2, /* it is what the process runs */
};

/* Payload of RING_MODULE; build-id bytes and then the path follow. */
struct ring_module {
	uint64_t start; /* first and one past the last mapped address */
	uint64_t end;
	uint64_t bias; /* run time address minus address in the file */
	uint16_t build_id_size; /* bytes */
	uint16_t path_size; /* bytes; 0 for a program that has none */
	uint32_t flags; /* enum ring_module_flags */
};

_Static_assert(sizeof(struct ring_module) == 32, "ring layout");
_Static_assert(sizeof(struct ring_copy) == 72, "ring layout");
_Static_assert(sizeof(struct ring_python) == 136, "ring layout");
_Static_assert(sizeof(struct ring_code_part) == 16, "ring layout");
_Static_assert(sizeof(struct ring_code) == 40, "ring layout");
_Static_assert(sizeof(struct ring_gc) == 152, "ring layout");

#endif
