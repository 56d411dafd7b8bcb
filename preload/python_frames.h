/*
 * python_frames - what the thread's chain of Python's frames is, as a
 * difference to what it last was.
 *
 * As stack.h for native frames; but all of the chain is compared each time, by
 * code and instruction: a caller may have moved on while all inside of it lies
 * where it lay. What is equal in all frames decodes to an equal stack.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_FRAMES_H
#define MEMPROF_PRELOAD_PYTHON_FRAMES_H

#include "preload/agent.h"
#include "preload/python_table.h"

/* A frame as it is met. */
struct python_view {
	uintptr_t frame, code, at;
	uint64_t marks; /* RING_FRAME_ENTRY and RING_FRAME_GENERATOR */
};

/* Frames are read as this table says. */
void python_frames_start(const struct python_table *table);

/*
 * Bring t->python up to date with the chain of a thread state, 0 none. While
 * recording, in the state's own thread.
 */
void python_frames_read(struct thread *t, uintptr_t state);

static inline struct python_frame *python_frames_at(struct thread *t,
						    uint32_t i)
{
	return &t->python.page[i / AGENT_PAGE_FRAMES]
			->frame[i % AGENT_PAGE_FRAMES];
}

/* How memory is read: at once, or with a look whether it can be. */
typedef bool (*python_load)(uintptr_t addr, uintptr_t *value);

bool python_frames_load_checked(uintptr_t addr, uintptr_t *value);

static inline __attribute__((always_inline)) bool
python_frames_load(uintptr_t addr, uintptr_t *value)
{
	*value = *(const uintptr_t *)addr;
	return true;
}

/* The innermost frame, shims included; 0 none. */
static inline __attribute__((always_inline)) bool
python_frames_first(const struct python_table *table, uintptr_t state,
		    python_load load, uintptr_t *frame)
{
	*frame = 0;
	if (!state)
		return true;
	if (table->state.indirect &&
	    (!load(state + table->state.indirect, &state) || !state))
		return !state;
	return load(state + table->state.frame, frame);
}

static inline __attribute__((always_inline)) bool
python_frames_byte(uintptr_t addr, python_load load, uint8_t *byte)
{
	uintptr_t word;

	if (load == python_frames_load) {
		*byte = *(const uint8_t *)addr;
		return true;
	}
	/* Within an aligned word, which a load can not leave the page by. */
	if (!load(addr & ~(uintptr_t)7, &word))
		return false;
	*byte = (uint8_t)(word >> 8 * (addr & 7));
	return true;
}

/*
 * View the frame *onward, and go on to the one outside of it. False when a load
 * failed. A loop that was entered and has no frame yet is a view without code.
 * `entry` is the table's: where it is a constant, this is a few instructions.
 */
static inline __attribute__((always_inline)) bool
python_frames_step(const struct python_table *table, enum python_entry entry,
		   python_load load, uintptr_t *onward, struct python_view *v)
{
	uintptr_t frame = *onward, at;
	uint8_t owner = 0, is_entry = 1, outer = 0;

	v->frame = frame;
	v->marks = RING_FRAME_ENTRY;
	if (!load(frame + table->frame.previous, onward))
		return false;
	if (entry != PYTHON_ENTRY_ALL &&
	    !python_frames_byte(frame + table->frame.owner, load, &owner))
		return false;
	if (entry == PYTHON_ENTRY_SHIM && owner >= PYTHON_OWNER_SHIM) {
		v->code = v->at = 0;
		return true;
	}
	if (!load(frame + table->frame.code, &v->code) ||
	    !load(frame + table->frame.at, &at))
		return false;
	v->at = entry == PYTHON_ENTRY_ALL ? (uint32_t)at : at;
	if (entry == PYTHON_ENTRY_ALL)
		return true;
	if (entry == PYTHON_ENTRY_MARKED) {
		if (!python_frames_byte(frame + table->frame.is_entry, load,
					&is_entry))
			return false;
	} else if (*onward) {
		if (!python_frames_byte(*onward + table->frame.owner, load,
					&outer))
			return false;
		is_entry = outer >= PYTHON_OWNER_SHIM;
		if (is_entry && !load(*onward + table->frame.previous, onward))
			return false;
	}
	v->marks = (is_entry ? RING_FRAME_ENTRY : 0) |
		   (owner == PYTHON_OWNER_GENERATOR ? RING_FRAME_GENERATOR : 0);
	return true;
}

#endif
