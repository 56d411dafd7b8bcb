/*
 * census - see census.h.
 *
 * Whether /proc/PID is our process
 * --------------------------------
 * An agent says its pid as it sees it, which in a container may be anybody
 * else's here. A process that has mapped the ring is ours. One that is already
 * gone when we look, or runs another program, can not be asked: it is taken to
 * have lived beside its parent, when that is in our namespace, unless it says
 * that its parent is outside of its own. Then it is looked for by the pids that
 * processes have in namespaces below ours; where nobody has its own, it has
 * ended. All others are left alone until the end of the run.
 */
#include "trace/census.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "trace/procfs.h"
#include "trace/exepath.h"
#include "trace/xmalloc.h"

enum {
	SWEEP_EVERY = 250000000, /* ns */
	SWEEP_IN_NEED = 10000000, /* ns, when slots or chunks run short */
	SWEEP_CROWD = 512, /* threads come since the last sweep: one more */
	SLOTS_SHORT = RING_THREADS - SWEEP_CROWD,
	CHUNKS_SHORT = RING_CHUNKS - SWEEP_CROWD,
	NAMES_A_SWEEP = 64,
	NESTED_A_SWEEP = 2, /* each a look at all processes */
	NAME_SIZE = 64,
	LOOKS = 4, /* for new processes, at one time */
	/* A program may claim any number of processes: all take memory. */
	PROCESSES_MAX = 1 << 18, /* in one run, about */
};

void census_init(struct census *c, struct book *book, struct pool *pool,
		 struct clock *clock, const char *program)
{
	char path[PATH_MAX];
	struct stat st;

	*c = (struct census){ .book = book, .pool = pool, .clock = clock };
	if (program && exepath_find(program, path, sizeof(path)))
		c->program = xstrdup(path);
	else if (program)
		c->program = xstrdup(program);
	if (!fstat(pool->fd, &st)) {
		c->device = st.st_dev;
		c->inode = st.st_ino;
	}
	c->proc_is_ours = procfs_is_ours();
}

void census_release(struct census *c)
{
	for (size_t i = 0; i < c->count; i++)
		thread_destroy(c->threads[i]);
	free(c->threads);
	free((char *)c->program);
}

/* When a slot says that it began: no later than now. */
static uint64_t time_of(const struct census *c, uint64_t stamp)
{
	uint64_t ns = clock_ns(c->clock, stamp);
	uint64_t now = clock_now(c->clock);

	return ns < now ? ns : now;
}

/* The process that has the pid and has not ended. */
static struct process *find_pid(const struct census *c, int32_t pid,
				const struct process *but)
{
	for (size_t i = c->alive_count; i-- > 0;) {
		struct process *p = c->alive[i];

		if (p != but && p->model.pid == pid && !p->known_gone)
			return p;
	}
	return NULL;
}

static void set_program(struct census *c, struct process *p,
			const struct process *parent)
{
	char exe[PATH_MAX];

	if (p->visible && procfs_exe(p->model.pid, exe, sizeof(exe)))
		process_set(&p->model.exe, exe);
	else if (p->model.origin == MODEL_ORIGIN_FORK && parent)
		process_set(&p->model.exe, parent->model.exe);
	else if (p->model.origin == MODEL_ORIGIN_RUN && c->program)
		process_set(&p->model.exe, c->program);
	process_set(&p->model.name,
		    p->model.exe ? exepath_name(p->model.exe) : "?");
}

/* Its memory and threads are no more; its records may still wait. */
static void mark_gone(struct census *c, struct process *p)
{
	p->known_gone = true;
	for (size_t i = 0; i < c->count; i++)
		if (c->threads[i]->process == p)
			c->threads[i]->gone = true;
}

/* The process that had the slot when it had the serial; NULL none. */
static struct process *find_slot(const struct census *c, ring_ref slot,
				 uint32_t serial, const struct process *but)
{
	struct process *p;

	if (!slot || slot > RING_PROCESSES)
		return NULL;
	p = c->process[slot - 1];
	if (p && p != but && p->serial == serial)
		return p;
	/* It has ended, a moment ago. */
	for (size_t i = c->book->process_count; i-- > 0;) {
		p = c->book->processes[i];
		if (p != but && p->slot == slot - 1 && p->serial == serial)
			return p;
	}
	return NULL;
}

static struct process *find_parent(struct census *c, struct process *p,
				   const struct ring_process *r)
{
	struct process *parent = find_slot(c, r->parent, r->parent_serial, p);
	struct process *before = parent;

	if (p->model.origin != MODEL_ORIGIN_EXEC)
		return parent;
	/* An exec in place: who had the pid before has ended. */
	if (!before)
		before = find_pid(c, p->model.pid, p);
	if (before && before->model.pid == p->model.pid) {
		if (!before->known_gone)
			mark_gone(c, before);
		return before;
	}
	if (!parent && p->visible)
		parent = find_pid(c, procfs_parent(p->model.pid), p);
	return parent;
}

/* To know when it ends; it may have done so. */
static void watch(struct census *c, struct process *p, int32_t pid)
{
	p->host_pid = pid;
	p->start_time = procfs_start_time(pid);
	p->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (!p->start_time && p->pidfd < 0)
		mark_gone(c, p);
}

static void look_for_nested(struct census *c, struct process *p)
{
	int32_t pid;

	if (!p->nested || !c->proc_is_ours)
		return;
	pid = procfs_find_nested(p->model.pid, c->device, c->inode);
	if (pid > 0)
		watch(c, p, pid);
	else if (!pid)
		mark_gone(c, p);
}

/* Has it become what `p` is, where it was known to us? */
static bool is_same_process(const struct process *before,
			    const struct process *p)
{
	return p->nested && p->model.origin == MODEL_ORIGIN_EXEC && before &&
	       before->nested && before->model.pid == p->model.pid &&
	       before->host_pid;
}

static void add_process(struct census *c, uint32_t slot)
{
	const struct ring_process *r = &c->pool->ring->process[slot];
	struct process *p = book_add_process(c->book, slot);
	struct process *parent;
	uint32_t origin = r->origin;

	c->process[slot] = p;
	c->alive[c->alive_count++] = p;
	p->serial = r->serial;
	p->model.pid = r->pid;
	p->model.origin = origin <= RING_ORIGIN_ATTACH
				  ? (enum model_origin)origin
				  : MODEL_ORIGIN_RUN;
	/* Its own idea may be of another namespace. */
	if (p->model.origin == MODEL_ORIGIN_ATTACH)
		p->model.pid = c->pid;
	p->model.start = time_of(c, r->start);
	p->visible = p->model.pid == c->pid ||
		     procfs_maps_file(p->model.pid, c->device, c->inode);
	parent = find_parent(c, p, r);
	p->model.parent = parent ? (int32_t)parent->number : MODEL_NONE;
	set_program(c, p, parent);
	if (p->model.origin == MODEL_ORIGIN_FORK)
		p->heir_of = parent;
	p->beside = p->visible || (parent && parent->beside && !r->outside);
	p->nested = !p->beside && (r->outside || (parent && parent->nested));
	if (p->beside)
		watch(c, p, p->model.pid);
	else if (is_same_process(parent, p))
		watch(c, p, parent->host_pid);
	else
		look_for_nested(c, p);
}

static int compare_new(const void *a, const void *b)
{
	const struct census_new *x = a, *y = b;

	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static size_t find_new(struct census *c)
{
	const struct ring *ring = c->pool->ring;
	uint32_t n = atomic_load_explicit(&ring->header.processes,
					  memory_order_relaxed);
	size_t count = 0;

	if (n > RING_PROCESSES)
		n = RING_PROCESSES;
	for (uint32_t i = 0; i < n; i++) {
		const struct ring_process *r = &ring->process[i];

		/* Acquire: the slot's fields are whole. */
		if (!c->process[i] &&
		    atomic_load_explicit(&r->state, memory_order_acquire) ==
			    RING_PROCESS_LIVE)
			c->fresh[count++] = (struct census_new){ r->serial, i };
	}
	return count;
}

/*
 * Parents first, who began before. One that was missed, as it began behind the
 * look at its slot and still had a child that was not, is found by another.
 */
static void look_for_processes(struct census *c)
{
	size_t count = find_new(c), before = 0;

	for (int i = 0; i < LOOKS && count != before; i++) {
		before = count;
		count = find_new(c);
	}
	qsort(c->fresh, count, sizeof(*c->fresh), compare_new);
	for (size_t i = 0; i < count; i++)
		add_process(c, c->fresh[i].slot);
}

static void add_thread(struct census *c, uint32_t slot)
{
	const struct ring_thread *r = &c->pool->ring->thread[slot];
	ring_ref ref = r->process;
	struct process *p =
		ref && ref <= RING_PROCESSES ? c->process[ref - 1] : NULL;
	uint64_t start = r->start;
	char name[NAME_SIZE];
	struct thread *t;

	if (!p || p->ended)
		return;
	t = thread_create(p, slot);
	t->tid = r->tid;
	t->gone = p->known_gone;
	if (!p->visible ||
	    !procfs_thread_name(p->model.pid, t->tid, name, sizeof(name)))
		snprintf(name, sizeof(name), "%s", p->model.name);
	stream_start(&t->stream, c->pool, r->first, start);
	book_enter_thread(c->book, t, name, time_of(c, start));
	p->live_threads++;
	c->by_slot[slot] = t;
	c->threads = xgrow(c->threads, &c->capacity, c->count + 1,
			   sizeof(*c->threads));
	c->threads[c->count++] = t;
}

static void look_for_threads(struct census *c)
{
	struct ring *ring = c->pool->ring;
	uint32_t n = atomic_load_explicit(&ring->header.threads,
					  memory_order_relaxed);

	if (n > RING_THREADS)
		n = RING_THREADS;
	for (uint32_t i = 0; i < n; i++) {
		/* Acquire: the slot's fields are whole. */
		if (!c->by_slot[i] &&
		    atomic_load_explicit(&ring->thread[i].state,
					 memory_order_acquire) ==
			    RING_THREAD_LIVE)
			add_thread(c, i);
	}
}

/* Who has ended is known at once: what comes after is not to be added up. */
static void look_for_ends(struct census *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->alive_count; i++) {
		const struct process *p = c->alive[i];

		if (p->pidfd >= 0 && !p->known_gone)
			c->ends[n++] = (struct pollfd){ .fd = p->pidfd,
							.events = POLLIN };
	}
	if (!n || poll(c->ends, n, 0) <= 0)
		return;
	n = 0;
	for (size_t i = 0; i < c->alive_count; i++) {
		struct process *p = c->alive[i];

		if (p->pidfd >= 0 && !p->known_gone && c->ends[n++].revents)
			mark_gone(c, p);
	}
}

/* What a slot has counted since the last look was lost since then. */
static void look_for_losses_of(struct census *c, struct thread *t)
{
	const struct ring_thread *r = &c->pool->ring->thread[t->slot];
	uint64_t lost = atomic_load_explicit(&r->lost, memory_order_relaxed);
	uint64_t start = c->book->threads[t->number].model.start;

	if (lost > t->lost)
		losses_add(&t->process->losses,
			   &(struct losses){ .events = lost - t->lost,
					     .from = t->looked ? c->last_look
							       : start,
					     .until = c->clock->last.ns,
					     .thread = t->number + 1 });
	t->lost = lost;
	t->looked = true;
}

static void look_for_losses(struct census *c)
{
	for (size_t i = 0; i < c->count; i++)
		look_for_losses_of(c, c->threads[i]);
	c->last_look = c->clock->last.ns;
}

void census_look(struct census *c)
{
	look_for_ends(c);
	look_for_processes(c);
	look_for_threads(c);
	look_for_losses(c);
}

static void add_counts(const struct ring_thread *r, struct model_quality *q)
{
	q->lost_events += atomic_load_explicit(&r->lost, memory_order_relaxed);
	q->truncated_stacks +=
		atomic_load_explicit(&r->truncated, memory_order_relaxed);
	q->reentrant +=
		atomic_load_explicit(&r->reentrant, memory_order_relaxed);
	q->waits += atomic_load_explicit(&r->waited, memory_order_relaxed);
}

/* The thread has ended and its last record has been read. */
static void part_with_thread(struct census *c, struct thread *t)
{
	struct book_thread *entry = &c->book->threads[t->number];

	while (t->move_count && !t->process->ended)
		book_move_back(c->book, t);
	look_for_losses_of(c, t);
	add_counts(&c->pool->ring->thread[t->slot], &c->ended);
	entry->model.end = c->clock->last.ns;
	entry->changed = true;
	t->process->live_threads--;
	c->by_slot[t->slot] = NULL;
	stream_end(&t->stream, c->pool);
	pool_give_thread(c->pool, t->slot);
	thread_destroy(t);
}

static void add_process_counts(const struct ring_process *r,
			       struct model_quality *q)
{
	q->lost_events += atomic_load_explicit(&r->lost, memory_order_relaxed);
	q->checks += atomic_load_explicit(&r->checks, memory_order_relaxed);
	q->check_failures +=
		atomic_load_explicit(&r->check_failures, memory_order_relaxed);
}

/* The process has ended and so have all of its threads. */
static void part_with_process(struct census *c, struct process *p)
{
	add_process_counts(&c->pool->ring->process[p->slot], &c->ended);
	c->process[p->slot] = NULL;
	pool_give_process(c->pool, p->slot);
}

static void part_with_processes(struct census *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->alive_count; i++) {
		struct process *p = c->alive[i];

		if (p->known_gone && !p->live_threads && !p->ended)
			book_exit(c->book, p, c->clock->last.ns);
		if (p->ended && !p->live_threads && !p->readers &&
		    c->book->process_count < PROCESSES_MAX)
			part_with_process(c, p);
		else
			c->alive[kept++] = p;
	}
	c->alive_count = kept;
}

void census_part(struct census *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++) {
		struct thread *t = c->threads[i];

		if (t->gone && t->idle)
			part_with_thread(c, t);
		else
			c->threads[kept++] = t;
	}
	c->count = kept;
	part_with_processes(c);
}

static bool process_is_gone(const struct process *p)
{
	/* Its first thread may have ended, and others live: a pidfd knows. */
	return p->host_pid && p->pidfd < 0 &&
	       procfs_start_time(p->host_pid) != p->start_time;
}

static bool thread_is_gone(const struct thread *t)
{
	return t->process->beside &&
	       syscall(SYS_tgkill, t->process->model.pid, t->tid, 0) < 0 &&
	       errno == ESRCH;
}

static void ask_name(struct census *c, struct thread *t)
{
	char name[NAME_SIZE];

	if (!t->named && !t->gone && t->process->visible &&
	    procfs_thread_name(t->process->model.pid, t->tid, name,
			       sizeof(name)))
		book_name_thread(c->book, t, name);
}

/* Those whose ends could not be watched for, by turns. */
static void look_again(struct census *c)
{
	int looks = 0;

	for (size_t i = 0; i < c->alive_count && looks < NESTED_A_SWEEP; i++) {
		struct process *p = c->alive[c->next_nested++ % c->alive_count];

		if (!p->nested || p->host_pid || p->known_gone)
			continue;
		look_for_nested(c, p);
		looks++;
	}
}

static void find_gone(struct census *c)
{
	look_again(c);
	for (size_t i = 0; i < c->alive_count; i++) {
		struct process *p = c->alive[i];

		if (!p->known_gone && process_is_gone(p))
			mark_gone(c, p);
	}
	for (size_t i = 0; i < c->count; i++) {
		struct thread *t = c->threads[i];

		if (!t->gone && t->idle && thread_is_gone(t))
			t->gone = true;
	}
}

/* An ended thread keeps its slot and a chunk until it is found. */
static bool is_in_need(const struct census *c)
{
	const struct ring_header *h = &c->pool->ring->header;

	return (atomic_load(&h->threads) > SLOTS_SHORT &&
		!(uint32_t)atomic_load(&h->free_threads)) ||
	       (atomic_load(&h->fresh_chunks) > CHUNKS_SHORT &&
		!(uint32_t)atomic_load(&h->free_chunks));
}

void census_sweep(struct census *c, uint64_t now)
{
	if (now < c->next_sweep && c->count < c->crowd)
		return;
	c->next_sweep = now + (is_in_need(c) ? SWEEP_IN_NEED : SWEEP_EVERY);
	find_gone(c);
	c->crowd = SWEEP_CROWD;
	for (size_t i = 0; i < c->count; i++)
		c->crowd += !c->threads[i]->gone;
	for (size_t i = 0; i < NAMES_A_SWEEP && i < c->count; i++)
		ask_name(c, c->threads[c->next_name++ % c->count]);
}

size_t census_live_processes(struct census *c)
{
	size_t live = 0;

	for (size_t i = 0; i < c->alive_count; i++) {
		struct process *p = c->alive[i];

		if (!p->known_gone && process_is_gone(p))
			mark_gone(c, p);
		/* Of others nobody knows whether they ended. */
		live += p->host_pid && !p->known_gone;
	}
	return live;
}

static void tell_losses(struct census *c, struct process *p)
{
	const struct losses *l = &p->losses;
	const char *name =
		l->thread ? c->book->threads[l->thread - 1].model.name : NULL;
	char text[256];

	if (!l->events)
		return;
	losses_describe(l, name, text, sizeof(text));
	process_add_limit(p, text);
	p->changed = true;
}

/* Said of the first process: the others are not in the trace. */
static void tell_of_others(struct census *c)
{
	const struct ring_header *h = &c->pool->ring->header;
	const struct {
		const _Atomic uint64_t *count;
		const char *one, *many, *why;
	} others[] = {
		{ &h->unfollowed, "forked child was not followed",
		  "forked children were not followed", " (--no-follow)" },
		{ &h->interrupted, "child was not recorded",
		  "children were not recorded",
		  ": forked by a signal handler that interrupted memprof" },
		{ &h->sandboxed, "program was not recorded",
		  "programs were not recorded",
		  ": executed in a sandbox (seccomp)" },
		{ &h->refused, "more process was not recorded",
		  "more processes were not recorded",
		  ": there is room for 1024 at a time" },
	};
	struct process *p =
		c->book->process_count ? c->book->processes[0] : NULL;
	char text[128];

	_Static_assert(RING_PROCESSES == 1024, "as is said");
	for (size_t i = 0; p && i < sizeof(others) / sizeof(*others); i++) {
		uintmax_t n = atomic_load_explicit(others[i].count,
						   memory_order_relaxed);

		if (!n)
			continue;
		snprintf(text, sizeof(text), "%ju %s%s", n,
			 n == 1 ? others[i].one : others[i].many,
			 others[i].why);
		process_add_limit(p, text);
		p->changed = true;
	}
}

void census_finish(struct census *c, uint64_t now)
{
	tell_of_others(c);
	look_for_losses(c);
	find_gone(c);
	for (size_t i = 0; i < c->count; i++) {
		struct thread *t = c->threads[i];
		struct book_thread *entry = &c->book->threads[t->number];

		ask_name(c, t);
		while (t->move_count)
			book_move_back(c->book, t);
		if (t->gone && !t->shares_entry) {
			entry->model.end = now;
			entry->changed = true;
		}
	}
	for (size_t i = 0; i < c->book->process_count; i++) {
		struct process *p = c->book->processes[i];

		tell_losses(c, p);
		if (p->ended || !p->known_gone)
			continue;
		p->model.end = now;
		p->changed = true;
	}
}

void census_quality(const struct census *c, struct model_quality *q)
{
	const struct ring *ring = c->pool->ring;

	*q = c->book->quality;
	q->lost_events +=
		c->ended.lost_events +
		atomic_load_explicit(&ring->header.lost, memory_order_relaxed);
	q->truncated_stacks += c->ended.truncated_stacks;
	q->reentrant += c->ended.reentrant;
	q->waits += c->ended.waits;
	for (size_t i = 0; i < c->count; i++)
		add_counts(&ring->thread[c->threads[i]->slot], q);
	q->checks += c->ended.checks;
	q->check_failures += c->ended.check_failures;
	for (size_t i = 0; i < c->alive_count; i++)
		add_process_counts(&ring->process[c->alive[i]->slot], q);
}
