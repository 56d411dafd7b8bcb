/*
 * book - everything that a run adds up to, kept while it runs.
 *
 * Told what happened in order, it finds what each free ends, counts, and hands
 * events to the encoder. Knows nothing of the ring, nor of files: when the
 * encoder's columns are full it calls `full`.
 */
#ifndef MEMPROF_TRACE_BOOK_H
#define MEMPROF_TRACE_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/codes.h"
#include "trace/encoder.h"
#include "trace/frames.h"
#include "trace/gc.h"
#include "trace/marks.h"
#include "trace/model.h"
#include "trace/modules.h"
#include "trace/process.h"
#include "trace/ring.h"
#include "trace/sites.h"
#include "trace/thread.h"
#include "trace/tree.h"

struct book_thread {
	struct model_thread model; /* owns its name */
	bool changed; /* since it was written to the trace */
};

struct book {
	struct modules modules;
	struct codes codes;
	struct frames frames;
	struct tree tree;
	struct sites sites;
	struct encoder encoder;
	struct model_quality quality;
	struct marks marks;
	struct gc gc;
	struct process **processes; /* owned, by number */
	size_t process_count, process_capacity;
	struct book_thread *threads; /* owned, by number */
	size_t thread_count, thread_capacity;
	uint64_t last_ns; /* of book_time() */
	bool off; /* nothing that begins is recorded */
	bool was_off; /* ever */
	uint64_t switched; /* heap blocks begun when that changed last */
	size_t most; /* bytes in the columns */
	uint32_t room; /* events until the columns' size is looked at */
	void (*full)(void *context);
	/* A process has left a copy of itself; NULL: nobody wants to know. */
	void (*copied)(void *context, struct process *p,
		       const struct ring_copy *copy);
	void *context;
};

void book_init(struct book *b);
void book_release(struct book *b);

struct process *book_add_process(struct book *b, uint32_t slot);
/*
 * Gives a thread its entry and the root of its stacks. After BOOK_ROOTS of
 * them in a process, threads of one name share an entry.
 */
enum {
	BOOK_ROOTS = 1024,
	BOOK_SHARED = 64, /* entries for the others; the last takes the rest */
};
void book_enter_thread(struct book *b, struct thread *t, const char *name,
		       uint64_t ns);
void book_name_thread(struct book *b, struct thread *t, const char *name);

/* It is later now. */
void book_time(struct book *b, uint64_t ns);

/* By a thread, with its stack as it is. Stamps are of the ring, 0 none. */
void book_alloc(struct book *b, struct thread *t, uint64_t addr, uint64_t size,
		uint64_t stamp);
void book_free(struct book *b, struct thread *t, uint64_t addr, uint64_t stamp);
/* What book_move_out() set aside last is freed: its successor is no sample. */
void book_move_end(struct book *b, struct thread *t);
void book_move_out(struct book *b, struct thread *t, uint64_t addr,
		   uint64_t stamp);
void book_move_in(struct book *b, struct thread *t, uint64_t addr,
		  uint64_t size, uint64_t stamp);
/* The last block moved out stays where it was. */
void book_move_back(struct book *b, struct thread *t);
void book_map(struct book *b, struct thread *t, uint64_t addr, uint64_t size);
void book_unmap(struct book *b, struct process *p, uint64_t addr,
		uint64_t size);

/*
 * Gives the moment a name, or says that recording was switched; time and
 * events are filled in. Gives the time.
 */
uint64_t book_mark(struct book *b, const struct model_mark *mark);

/*
 * The thread begins to collect cycles, or has ended that and says how many
 * objects were collected and how many could not be.
 */
void book_gc_begin(struct book *b, struct thread *t, const struct ring_gc *gc);
void book_gc_end(struct book *b, struct thread *t, const uint64_t objects[2]);

/* What is live, into a fresh block of events: see encoder_list(). */
void book_list_live(struct book *b);

/* The process has ended and all of its events have been told. */
void book_exit(struct book *b, struct process *p, uint64_t ns);

#endif
