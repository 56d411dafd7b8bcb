/*
 * copies - see copies.h.
 *
 * The memory of a program may hold secrets: it is read in place, never stored,
 * and leaves no core file.
 */
#include "trace/copies.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/futex.h>

#include "trace/column.h"
#include "trace/heap.h"
#include "trace/objects.h"
#include "trace/peek.h"
#include "trace/roots.h"
#include "trace/scan.h"
#include "trace/xmalloc.h"

enum {
	MADE_PATIENCE = 100, /* naps of 10 ms until a copy has been made */
	DTV_OFFSET = 8, /* in a thread control block: where its modules' are */
	DTV_START = 16, /* from what it points to, back to where that begins */
	WHY_MAX = 256,
};

static _Atomic uint32_t *word_of(const struct copies *c,
				 const struct process *p)
{
	return &c->ring->process[p->slot].copy;
}

/* What a reader works on. */
struct task {
	const struct book *book;
	const struct process *process;
	/* Of the thread that made the copy; NULL: one of those that stood. */
	const struct ring_copy *copy;
	int32_t pid; /* to be read */
	struct peek peek;
	const struct freeze *stopped; /* other threads, NULL none */
	int32_t leaver;
	const struct ring_process *slot;
	bool strict;
	struct heap heap;
	struct roots_thread *threads; /* these two are owned */
	struct scan_word *words;
	size_t thread_count, word_count;
	struct model_leaks found;
	struct model_objects objects;
	bool has_objects;
};

static void wake(_Atomic uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

/* The copy may end. */
static void dismiss(const struct copies *c, const struct process *p)
{
	_Atomic uint32_t *word = word_of(c, p);

	atomic_store(word, RING_COPY_READ);
	wake(word);
}

static void refuse(struct model_leaks *l, const char *why)
{
	l->why = xstrdup(why);
}

static void refuse_for(struct model_leaks *l, const char *what, int error)
{
	char text[WHY_MAX];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(error));
	refuse(l, text);
}

static struct scan_word *add_thread(struct task *t, struct scan_word *w,
				    const struct roots_thread *thread,
				    const uint64_t *registers, size_t count)
{
	uint64_t dtv = 0;

	if (thread->thread_pointer)
		peek_read(&t->peek, thread->thread_pointer + DTV_OFFSET, &dtv,
			  sizeof(dtv));
	*w++ = (struct scan_word){ .value = dtv - DTV_START,
				   .kind = MODEL_ROOT_THREAD_LOCAL,
				   .tid = thread->tid };
	for (size_t i = 0; i < count; i++)
		*w++ = (struct scan_word){ .value = registers[i],
					   .kind = MODEL_ROOT_REGISTER,
					   .tid = thread->tid };
	return w;
}

static struct scan_word *add_leaver(struct task *t, struct scan_word *w)
{
	const struct roots_thread leaver = {
		.tid = t->leaver,
		.sp = t->copy->sp,
		.thread_pointer = t->copy->thread_pointer,
	};

	t->threads[t->thread_count++] = leaver;
	return add_thread(t, w, &leaver, t->copy->registers,
			  RING_COPY_REGISTERS);
}

/* The thread that made the copy, and those that were stopped for it. */
static void find_threads(struct task *t)
{
	size_t others = t->stopped ? t->stopped->count : 0;
	struct scan_word *w =
		xcalloc((others + 1) * (FREEZE_REGISTERS + 1), sizeof(*w));

	t->threads = xcalloc(others + 1, sizeof(*t->threads));
	t->words = w;
	if (t->copy)
		w = add_leaver(t, w);
	for (size_t i = 0; i < others; i++) {
		const struct freeze_thread *f = &t->stopped->list[i];
		const struct roots_thread thread = {
			.tid = f->tid,
			.sp = f->sp,
			.thread_pointer = f->thread_pointer,
		};

		/* It has ended. */
		if (!f->thread_pointer)
			continue;
		t->threads[t->thread_count++] = thread;
		w = add_thread(t, w, &thread, f->registers, FREEZE_REGISTERS);
	}
	t->word_count = (size_t)(w - t->words);
}

/* Blocks that memprof does not know may hold those that it does. */
static bool knows_all(const struct task *t)
{
	return t->process->model.origin != MODEL_ORIGIN_ATTACH &&
	       t->process->model.origin != MODEL_ORIGIN_FORK &&
	       !t->book->was_off;
}

/* Python's small blocks are known, and what was in freed ones is no pointer. */
static void leave_out_arenas(const struct task *t, struct roots *roots)
{
	const struct mappings *m = &t->process->mappings;
	uint32_t version = t->process->python.version;

	for (size_t i = 0; i < m->count && !roots->all; i++)
		if (objects_is_arena(&t->heap, version, &m->ranges[i]))
			roots_leave_out(roots, m->ranges[i].start,
					m->ranges[i].end);
}

static void find_objects(struct task *t)
{
	struct objects_task task = { .heap = &t->heap,
				     .mappings = &t->process->mappings,
				     .peek = &t->peek,
				     .version = t->process->python.version,
				     .site_count = t->book->sites.count };

	if (!task.version || t->found.why)
		return;
	t->objects.process = t->found.process;
	t->objects.time = t->found.time;
	t->has_objects = true;
	objects_find(&task, &t->objects);
}

static void scan_copy(struct task *t)
{
	struct roots roots = { .process = t->process,
			       .modules = &t->book->modules,
			       .heap = &t->heap,
			       .peek = &t->peek,
			       .threads = t->threads,
			       .thread_count = t->thread_count,
			       .all = !knows_all(t),
			       .strict = t->strict };
	struct scan scan = { .heap = &t->heap,
			     .peek = &t->peek,
			     .words = t->words,
			     .word_count = t->word_count,
			     .space = &t->process->space,
			     .site_count = t->book->sites.count,
			     .python = t->process->python.version != 0 };

	for (size_t i = 0; i < RING_OWN; i++)
		roots_leave_out(&roots, t->slot->own[i][0], t->slot->own[i][1]);
	leave_out_arenas(t, &roots);
	if (!roots_find(&roots)) {
		refuse_for(&t->found, "its copy can not be looked at", errno);
		return;
	}
	scan.ranges = roots.list;
	scan.range_count = roots.count;
	scan_run(&scan, &t->found);
	roots_release(&roots);
}

static void look_at_copy(struct task *t, struct live *live)
{
	uint64_t sp = t->copy ? t->copy->sp : t->stopped->list[0].sp;

	peek_open(&t->peek, t->pid);
	if (!peek_is_readable(&t->peek, sp)) {
		refuse_for(&t->found, "its copy can not be read",
			   t->peek.error);
		return;
	}
	heap_init(&t->heap, live, &t->book->sites);
	/* This is the reader's own, and takes as much as all the rest. */
	live_release(live);
	find_threads(t);
	scan_copy(t);
	find_objects(t);
	if (t->peek.gone && !t->found.why)
		refuse_for(&t->found, "its copy has gone", t->peek.error);
	peek_close(&t->peek);
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n <= 0)
			return false;
		bytes += n;
		size -= (size_t)n;
	}
	return true;
}

/* Each answer stands behind its size. */
static bool send(int fd, struct column *columns, size_t count)
{
	struct column payload = { 0 };
	uint64_t size;

	columns_pack(columns, count, &payload);
	size = payload.size;
	return write_all(fd, (const uint8_t *)&size, sizeof(size)) &&
	       write_all(fd, payload.bytes, payload.size);
}

/* In a child of the collector. */
static _Noreturn void read_copy(const struct copies *c, struct task *t,
				const struct copies_reader *r)
{
	const struct rlimit none = { 0 };
	struct column columns[LEAKS_COLUMNS] = { 0 };
	sigset_t all;
	bool ok;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	t->found = (struct model_leaks){ .process = r->process->number,
					 .time = r->time,
					 .goes_on = r->goes_on };
	look_at_copy(t, &r->process->live);
	if (!r->goes_on)
		dismiss(c, r->process);
	leaks_put(&t->found, columns);
	ok = send(r->file, columns, LEAKS_COLUMNS);
	if (ok && t->has_objects) {
		struct column more[OBJECTS_COLUMNS] = { 0 };

		objects_put(&t->objects, more);
		ok = send(r->file, more, OBJECTS_COLUMNS);
	}
	_exit(ok ? 0 : 1);
}

static void add_refused(struct copies *c, const struct process *p,
			uint64_t time, const char *why)
{
	struct model_leaks l = { .process = p->number, .time = time };

	refuse(&l, why);
	leaks_add(&c->leaks, &l);
}

static const struct copies_stop *stop_of(const struct copies *c,
					 const struct process *p)
{
	for (size_t i = 0; i < c->stop_count; i++)
		if (c->stops[i].process == p)
			return &c->stops[i];
	return NULL;
}

/* Lets the process make its copy, and waits until it has. */
static void await_copy(_Atomic uint32_t *word)
{
	const struct timespec time = { .tv_nsec = 10000000 };
	uint32_t asked = RING_COPY_ASKED;

	if (!atomic_compare_exchange_strong(word, &asked, RING_COPY_ALLOWED))
		return;
	wake(word);
	for (int i = 0;
	     i < MADE_PATIENCE && atomic_load(word) == RING_COPY_ALLOWED; i++)
		syscall(SYS_futex, word, FUTEX_WAIT, RING_COPY_ALLOWED, &time,
			NULL, 0);
}

static void stop_threads(struct copies *c, const struct book *b,
			 struct process *p)
{
	_Atomic uint32_t *word = word_of(c, p);
	struct copies_stop stop = { .process = p };
	struct model_leaks l = { .process = p->number,
				 .time = b->encoder.time };

	if (!p->visible)
		errno = ESRCH;
	if (p->visible && freeze_start(&stop.freeze, p->model.pid,
				       c->ring->process[p->slot].leaver)) {
		await_copy(word);
		freeze_end(&stop.freeze);
	} else {
		refuse_for(&l, "its threads could not be stopped", errno);
		leaks_add(&c->leaks, &l);
		atomic_store(word, RING_COPY_REFUSED);
		wake(word);
	}
	c->stops = xgrow(c->stops, &c->stop_capacity, c->stop_count + 1,
			 sizeof(*c->stops));
	c->stops[c->stop_count++] = stop;
}

void copies_stop(struct copies *c, const struct book *b,
		 struct process *const *alive, size_t count)
{
	if (!c->wanted)
		return;
	for (size_t i = 0; i < count; i++)
		if (atomic_load(word_of(c, alive[i])) == RING_COPY_ASKED &&
		    !stop_of(c, alive[i]))
			stop_threads(c, b, alive[i]);
}

/* False: it can not be. */
static bool start_reader(struct copies *c, struct task *task,
			 struct copies_reader *r)
{
	task->process = r->process;
	task->strict = c->strict;
	task->slot = &c->ring->process[r->process->slot];
	r->file = memfd_create("memprof-leaks", MFD_CLOEXEC);
	r->pid = r->file < 0 ? -1 : fork();
	if (!r->pid)
		read_copy(c, task, r);
	if (r->pid > 0) {
		c->readers = xgrow(c->readers, &c->capacity, c->count + 1,
				   sizeof(*c->readers));
		c->readers[c->count++] = *r;
		r->process->readers++;
		return true;
	}
	if (r->file >= 0)
		close(r->file);
	return false;
}

static const char no_fork[] = "memprof could not fork to look at it";

static void read_last(struct copies *c, const struct book *b, struct process *p,
		      const struct ring_copy *copy)
{
	const struct copies_stop *stop = stop_of(c, p);
	struct task task = { .book = b,
			     .copy = copy,
			     .pid = copy->pid,
			     .stopped = stop ? &stop->freeze : NULL,
			     .leaver = c->ring->process[p->slot].leaver };
	struct copies_reader r = { .process = p,
				   .time = b->encoder.time,
				   .twin = -1 };

	if (start_reader(c, &task, &r))
		return;
	dismiss(c, p);
	add_refused(c, p, r.time, no_fork);
}

/* Why a process says that it has left no copy. */
static void say_error(struct copies *c, const struct book *b,
		      const struct process *p, int error)
{
	struct model_leaks l = { .process = p->number,
				 .time = b->encoder.time };

	refuse_for(&l, "no copy of it could be made", error);
	leaks_add(&c->leaks, &l);
}

void copies_take(struct copies *c, const struct book *b, struct process *p,
		 const struct ring_copy *copy, bool is_near)
{
	if (!c->wanted || leaks_has(&c->leaks, p->number))
		return;
	if (copy->pid <= 0) {
		say_error(c, b, p, copy->error);
	} else if (!is_near) {
		dismiss(c, p);
		add_refused(c, p, b->encoder.time,
			    "it runs in another namespace of processes");
	} else if (b->sites.sample) {
		dismiss(c, p);
		add_refused(c, p, b->encoder.time,
			    "only a sample of its blocks is known");
	} else {
		read_last(c, b, p, copy);
	}
}

/* Its threads have gone on; should one have ended meanwhile, it is waited for. */
static void keep_late(struct copies *c, const struct freeze *f)
{
	c->stops = xgrow(c->stops, &c->stop_capacity, c->stop_count + 1,
			 sizeof(*c->stops));
	c->stops[c->stop_count++] = (struct copies_stop){ .freeze = *f };
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

bool copies_hold(struct copies *c, struct process *p, struct copies_hold *h)
{
	*h = (struct copies_hold){ .process = p };
	h->way = c->way->open(p->model.pid, &h->why);
	h->since = now();
	if (freeze_start(&h->freeze, p->model.pid, 0))
		return true;
	err_errno(&h->why, "its threads could not be stopped");
	copies_let_go(c, h);
	return false;
}

void copies_let_go(struct copies *c, struct copies_hold *h)
{
	freeze_end(&h->freeze);
	keep_late(c, &h->freeze);
	c->way->close(h->way);
}

void copies_say(struct copies *c, const struct process *p, uint64_t time,
		const char *why)
{
	struct model_leaks l = { .process = p->number,
				 .time = time,
				 .goes_on = true };

	refuse(&l, why);
	leaks_add(&c->leaks, &l);
}

/* It is not needed any more: the process may be asked for another. */
static void end_twin(const struct copies *c, const struct copies_reader *r)
{
	if (r->twin < 0)
		return;
	syscall(SYS_pidfd_send_signal, r->twin, SIGKILL, NULL, 0);
	close(r->twin);
	atomic_store(&c->ring->process[r->process->slot].twin, RING_COPY_NONE);
}

/* Makes the copy, and lets the process go on. Gives its pid, or -1. */
static int32_t make_twin(struct copies *c, struct copies_hold *h,
			 struct copies_reader *r)
{
	int32_t pid = h->way ? c->way->make(h->way, &h->freeze, &h->why) : -1;

	r->twin = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	if (r->twin < 0) {
		r->held = xstrdup(h->why.text);
		return -1;
	}
	freeze_end(&h->freeze);
	r->stopped = now() - h->since;
	return pid;
}

void copies_look_at(struct copies *c, const struct book *b, uint64_t time,
		    struct copies_hold *h)
{
	struct copies_reader r = { .process = h->process,
				   .time = time,
				   .goes_on = true,
				   .stopped = h->since };
	int32_t twin = make_twin(c, h, &r);
	struct task task = { .book = b,
			     .pid = twin > 0 ? twin : h->process->model.pid,
			     .stopped = &h->freeze };

	r.freeze = h->freeze;
	if (h->freeze.count && start_reader(c, &task, &r)) {
		c->way->close(h->way);
		return;
	}
	end_twin(c, &r);
	free(r.held);
	copies_say(c, h->process, time, no_fork);
	copies_let_go(c, h);
}

/* Adds to what was found what the reader did not know. */
static void complete(struct copies *c, struct copies_reader *r)
{
	struct model_leaks *l = &c->leaks.list[c->leaks.count - 1];

	if (r->twin < 0) {
		freeze_end(&r->freeze);
		r->stopped = now() - r->stopped;
	}
	keep_late(c, &r->freeze);
	end_twin(c, r);
	l->stopped = r->stopped;
	l->held = r->held;
}

/* Of what a reader has left; payload NULL: there is no more. */
struct answer {
	const uint8_t *payload;
	size_t size;
	const uint8_t *next; /* what is behind */
	size_t left;
};

static struct answer answer_at(const uint8_t *at, size_t left)
{
	uint64_t size;

	if (left < sizeof(size))
		return (struct answer){ 0 };
	memcpy(&size, at, sizeof(size));
	at += sizeof(size);
	left -= sizeof(size);
	if (size > left)
		return (struct answer){ 0 };
	return (struct answer){ .payload = at,
				.size = size,
				.next = at + size,
				.left = left - size };
}

/* What a reader has found; of the collector's own making, and yet checked. */
static void learn(struct copies *c, struct copies_reader *r)
{
	struct model_leaks l = { .process = r->process->number,
				 .time = r->time,
				 .goes_on = r->goes_on };
	struct answer leaks, objects;
	uint64_t budget = UINT64_MAX;
	size_t count = c->leaks.count;
	struct stat st;
	void *map = MAP_FAILED;

	if (!fstat(r->file, &st) && st.st_size > 0)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED,
			   r->file, 0);
	leaks = map == MAP_FAILED ? (struct answer){ 0 }
				  : answer_at(map, (size_t)st.st_size);
	objects = answer_at(leaks.next, leaks.left);
	if (!leaks.payload ||
	    !leaks_read(&c->leaks, leaks.payload, leaks.size, &budget)) {
		if (c->leaks.count == count) {
			refuse(&l, "memprof failed to look at it");
			leaks_add(&c->leaks, &l);
		}
	}
	if (objects.payload)
		objects_read(&c->objects, objects.payload, objects.size,
			     &budget);
	if (map != MAP_FAILED)
		munmap(map, (size_t)st.st_size);
	close(r->file);
	r->process->readers--;
	/* Should it have died. */
	if (r->goes_on)
		complete(c, r);
	else
		dismiss(c, r->process);
}

static bool has_ended(pid_t pid, int options)
{
	pid_t got;

	do {
		got = waitpid(pid, NULL, options);
	} while (got < 0 && errno == EINTR);
	/* Somebody else may have waited for all children. */
	return got != 0;
}

static void look(struct copies *c, int options)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->count; i++) {
		if (has_ended(c->readers[i].pid, options))
			learn(c, &c->readers[i]);
		else
			c->readers[kept++] = c->readers[i];
	}
	c->count = kept;
}

void copies_look(struct copies *c)
{
	size_t kept = 0;

	if (c->count)
		look(c, WNOHANG);
	for (size_t i = 0; i < c->stop_count; i++) {
		struct copies_stop *s = &c->stops[i];

		/* Somebody may not have stopped in time. */
		if (freeze_end_late(&s->freeze) ||
		    (s->process && !s->process->ended))
			c->stops[kept++] = *s;
		else
			freeze_release(&s->freeze);
	}
	c->stop_count = kept;
}

static bool is_replaced(const struct book *b, const struct process *p)
{
	for (size_t i = p->number + 1; i < b->process_count; i++)
		if (b->processes[i]->model.origin == MODEL_ORIGIN_EXEC &&
		    b->processes[i]->model.pid == p->model.pid)
			return true;
	return false;
}

/* Why a process that said nothing was not looked at. */
static const char *reason(const struct process *p, bool replaced, int status,
			  char *text)
{
	if (replaced)
		return "another program took its place";
	if (!p->known_gone && !p->ended)
		return "it had not ended";
	if (!p->number && status >= 0 && WIFSIGNALED(status)) {
		snprintf(text, WHY_MAX, "signal %d killed it",
			 WTERMSIG(status));
		return text;
	}
	return "it ended by a signal, or where it could not say so";
}

void copies_finish(struct copies *c, const struct book *b, int status)
{
	char text[WHY_MAX];

	if (!c->wanted)
		return;
	for (size_t i = 0; i < b->process_count; i++) {
		const struct process *p = b->processes[i];
		struct model_leaks l = { .process = p->number,
					 .time = p->model.end,
					 .replaced = is_replaced(b, p) };

		if (leaks_has(&c->leaks, p->number))
			continue;
		refuse(&l, reason(p, l.replaced, status, text));
		leaks_add(&c->leaks, &l);
	}
}

void copies_release(struct copies *c)
{
	for (size_t i = 0; i < c->count; i++) {
		close(c->readers[i].file);
		free(c->readers[i].held);
	}
	for (size_t i = 0; i < c->stop_count; i++)
		freeze_release(&c->stops[i].freeze);
	free(c->stops);
	free(c->readers);
	leaks_release(&c->leaks);
	objects_release(&c->objects);
}
