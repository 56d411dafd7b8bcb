/*
 * python - see python.h.
 *
 * Nothing is imported and nothing of the interpreter's is called while it
 * starts, but what says that it has started: the pending call comes between
 * two instructions of the main thread, with the GIL, and leaves an exception
 * that is under way as it was.
 */
#include "preload/python.h"
#include "preload/next.h"
#include "preload/python_api.h"
#include "preload/python_code.h"
#include "preload/python_frames.h"
#include "preload/python_gc.h"
#include "preload/python_loop.h"
#include "preload/python_objects.h"
#include "preload/python_symbols.h"
#include "preload/python_table.h"
#include "preload/python_test.h"
#include "preload/record.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <string.h>
#include <sys/single_threaded.h>

enum {
	POLL_EVERY = 32, /* calls */
};

_Atomic int python_state;

static struct {
	const struct link_map *map; /* of what exports the interpreter */
	void *place, *start; /* in it, and where it begins */
	const struct python_table *table;
	struct ring_python said; /* the note, once it is on */
	enum python_state before; /* it was away */
	_Atomic uint32_t polls;
	bool hooked_early; /* before it started */
} python;

static bool is_wanted(void)
{
	return atomic_load_explicit(&agent.state, memory_order_acquire) ==
		       AGENT_ON &&
	       agent.ring->header.flags & RING_PYTHON;
}

static void set_state(enum python_state state)
{
	/* Release: pairs with python_state_now(). */
	atomic_store_explicit(&python_state, state, memory_order_release);
}

/* In the name of who stands in a function of ours. */
static void note(enum ring_note kind, const void *payload, size_t size)
{
	const struct registers caller = CALLER_REGISTERS();
	struct thread *t = record_thread();
	bool inside = t != NULL;

	if (!inside)
		t = record_enter(&caller);
	if (!t)
		return;
	record_payload(t, RING_NOTE, kind, payload, size);
	if (!inside)
		record_leave();
}

static void refuse(const char *why)
{
	note(RING_NOTE_LIMIT, why, strlen(why));
	set_state(PYTHON_REFUSED);
}

/* "3.12.1 (main, ...": the number before the second dot. */
static unsigned int number_in(const char **text)
{
	unsigned int n = 0;

	for (; **text >= '0' && **text <= '9'; ++*text)
		n = n * 10 + (unsigned int)(**text - '0');
	if (**text == '.')
		++*text;
	return n;
}

static uint32_t read_version(const char *text)
{
	const uint32_t final = 0xf0;
	uint32_t major = number_in(&text);
	uint32_t minor = number_in(&text);

	return major << 24 | minor << 16 | number_in(&text) << 8 | final;
}

/* Its library is there; is it one that is known? */
static void set_up(void)
{
	const char *version;

	if (!python_api_find(python.map)) {
		refuse("Python: its functions are not exported: no Python "
		       "frames");
		return;
	}
	version = python_api.Py_GetVersion();
	python.said.version = read_version(version);
	python.table = python_table_find(python.said.version >> 16 & 0xff);
	if (python.said.version >> 24 != 3 || !python.table) {
		refuse("Python: this version is not known: no Python frames");
		return;
	}
	if (strstr(version, "free-threading")) {
		refuse("Python: without the GIL: no Python frames");
		return;
	}
	if (agent.sandboxed || !python_code_start(python.table)) {
		refuse("Python: no memory for its code: no Python frames");
		return;
	}
	set_state(PYTHON_WAITING);
}

static bool look_in(const struct link_map *map)
{
	struct dl_find_object found;
	void *place = python_symbols_find(map, "Py_GetVersion");

	if (!place || _dl_find_object(place, &found) != 0)
		return false;
	python.map = map;
	python.place = place;
	python.start = found.dlfo_map_start;
	return true;
}

/* Without a look at the library, which may be gone. */
static bool is_loaded(void)
{
	struct dl_find_object found;

	return _dl_find_object(python.place, &found) == 0 &&
	       found.dlfo_link_map == python.map &&
	       found.dlfo_map_start == python.start;
}

/* Nothing of it is left, hooks included. */
static void forget(void)
{
	python.map = NULL;
	python.hooked_early = false;
	python_code_forget();
	python_objects_forget();
	set_state(PYTHON_NONE);
}

/* While it is initialized nobody can unload it and live. */
void python_unload_begin(void)
{
	int now = python_state_now();

	if (now == PYTHON_NONE || now == PYTHON_REFUSED || now == PYTHON_AWAY ||
	    (now != PYTHON_MET && python_api.Py_IsInitialized()))
		return;
	if (atomic_compare_exchange_strong_explicit(
		    &python_state, &now, PYTHON_AWAY, memory_order_acq_rel,
		    memory_order_relaxed))
		python.before = (enum python_state)now;
}

void python_unload_end(void)
{
	if (python_state_now() != PYTHON_AWAY)
		return;
	if (is_loaded())
		set_state(python.before);
	else
		forget();
}

static bool wants_objects(void)
{
	return agent.ring->header.flags & RING_PYTHON_OBJECTS;
}

void python_start(void)
{
	if (!is_wanted())
		return;
	python_objects_wanted = wants_objects();
	/* What went while nothing was recorded, went without a word. */
	if (python_state_now() != PYTHON_NONE &&
	    python_state_now() != PYTHON_REFUSED && !is_loaded())
		forget();
	if (python_state_now() == PYTHON_ON) {
		note(RING_NOTE_PYTHON, &python.said, sizeof(python.said));
		return;
	}
	if (python_state_now() != PYTHON_NONE)
		return;
	for (const struct link_map *m = _r_debug.r_map; m; m = m->l_next) {
		if (!look_in(m))
			continue;
		set_up();
		python.hooked_early = python_state_now() == PYTHON_WAITING &&
				      wants_objects() && !next_is_late();
		if (python.hooked_early)
			python_objects_hook();
		return;
	}
}

void python_stop(void)
{
	python_objects_wanted = false;
	python_gc_end_wanted = false;
}

void python_meet(uintptr_t start)
{
	struct dl_find_object found;

	if (!is_wanted() || python_state_now() != PYTHON_NONE ||
	    _dl_find_object((void *)start, &found) != 0)
		return;
	if (look_in(found.dlfo_link_map))
		set_state(PYTHON_MET);
}

/* The interpreter runs, and the table of offsets holds. */
static void go(void)
{
	python_frames_start(python.table);
	python_code_watch();
	python.said.ranges =
		python_loop_find((uintptr_t)python_api._PyEval_EvalFrameDefault,
				 python.said.range);
	note(RING_NOTE_PYTHON, &python.said, sizeof(python.said));
	set_state(PYTHON_ON);
	python_gc_end_wanted = agent.ring->header.flags & RING_LEAKS;
	python_gc_watch();
}

/* The interpreter calls this only when no exception is under way. */
static int pending(void *unused)
{
	void *type, *value, *trace;
	int saved_errno = errno;
	bool passed;

	(void)unused;
	if (python_state_now() != PYTHON_ASKED || !is_wanted())
		return 0;
	if (wants_objects())
		python_objects_hook();
	passed = python_test(python.table);
	python_api.PyErr_Fetch(&type, &value, &trace);
	if (passed)
		go();
	else if (type)
		set_state(PYTHON_WAITING);
	else
		refuse("Python: it does not look as its version does: no "
		       "Python frames");
	python_api.PyErr_Restore(type, value, trace);
	errno = saved_errno;
	return type ? -1 : 0;
}

/*
 * Have it called, with the GIL. False: it can not be now. We may be inside of
 * malloc: the interpreter takes the lock of its queue, under which it never
 * allocates, and errno is the program's.
 */
static bool queue(int (*call)(void *))
{
	int saved_errno = errno;
	int finishing = 0;
	bool queued;

	if (python.table->finishing)
		memcpy(&finishing,
		       (const char *)python_api._PyRuntime +
			       python.table->finishing,
		       sizeof(finishing));
	queued = !finishing && !python_api.is_finalizing() &&
		 python_api.Py_AddPendingCall(call, NULL) == 0;
	errno = saved_errno;
	return queued;
}

static void ask(void)
{
	int waiting = PYTHON_WAITING;

	if (!python_api.Py_IsInitialized() ||
	    !atomic_compare_exchange_strong_explicit(
		    &python_state, &waiting, PYTHON_ASKED, memory_order_acq_rel,
		    memory_order_relaxed))
		return;
	if (!queue(pending))
		set_state(PYTHON_WAITING);
}

void python_poll(void)
{
	int met = PYTHON_MET;
	uint32_t n = atomic_fetch_add_explicit(&python.polls, 1,
					       memory_order_relaxed);

	if (python.hooked_early && python_state_now() == PYTHON_WAITING &&
	    __libc_single_threaded && !python_api.Py_IsInitialized())
		python_objects_hook_early();
	if (n % POLL_EVERY)
		return;
	if (python_state_now() == PYTHON_WAITING)
		ask();
	else if (python_state_now() == PYTHON_MET &&
		 atomic_compare_exchange_strong_explicit(
			 &python_state, &met, PYTHON_REFUSED,
			 memory_order_acq_rel, memory_order_relaxed))
		set_up();
}

void python_read_holder(struct thread *t)
{
	python_frames_read(t, (uintptr_t)python_api.current_state());
}

/*
 * Up to 3.11 the current state is the process's, of whatever thread; and
 * a thread that is in another interpreter than the main one has it there, and
 * not where its own is looked for.
 */
static bool is_in_other(const void *own, const void *current)
{
	uintptr_t thread;

	if (!current || current == own)
		return false;
	if (python.table->entry == PYTHON_ENTRY_SHIM)
		return true;
	if (!python_api.PyInterpreterState_Head ||
	    !python_api.PyInterpreterState_Next ||
	    !python_api.PyInterpreterState_Next(
		    python_api.PyInterpreterState_Head()))
		return false;
	memcpy(&thread, (const char *)current + python.table->state.thread,
	       sizeof(thread));
	return thread == (uintptr_t)pthread_self();
}

void python_read(struct thread *t)
{
	void *own = python_api.PyGILState_GetThisThreadState();
	void *current = python_api.current_state();

	if (is_in_other(own, current))
		own = current;
	/* While it ends it frees the states of threads that are elsewhere. */
	if (own && own != current && python_api.is_finalizing())
		own = NULL;
	python_frames_read(t, (uintptr_t)own);
}
