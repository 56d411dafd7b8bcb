/*
 * hybrid - the stacks of a thread that runs Python.
 *
 * It has two, native and Python's own, and both are kept as they were sent.
 * What took memory is charged to one that is made of them: frames of Python in
 * the place of the native evaluation loops that run them (hybrid_node()); or,
 * for blocks of Python's own allocators, which are too many to look at native
 * frames for, to the frames of Python alone (hybrid_object_node()).
 */
#ifndef MEMPROF_TRACE_HYBRID_H
#define MEMPROF_TRACE_HYBRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct book;
struct process;
struct thread_frame;
struct hybrid;

/* `root` is the thread's own node. */
struct hybrid *hybrid_create(const struct thread_frame *root);
void hybrid_destroy(struct hybrid *h);

/* Frames of a record: keep so many outer ones, and add these, innermost first. */
struct hybrid_frames {
	const uint64_t *words; /* in the ring */
	uint32_t count;
	size_t keep;
};

/* False when there are not so many to keep, or too many then. */
bool hybrid_take_native(struct hybrid *h, const struct process *p,
			const struct hybrid_frames *f);
bool hybrid_take_python(struct hybrid *h, const struct hybrid_frames *f);

/* The node of both stacks, and of Python's alone, as they are. */
uint32_t hybrid_node(struct hybrid *h, struct book *b, struct process *p);
uint32_t hybrid_object_node(struct hybrid *h, struct book *b,
			    struct process *p);

#endif
