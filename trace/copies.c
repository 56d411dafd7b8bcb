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
#include <unistd.h>

#include <linux/futex.h>

#include "trace/column.h"
#include "trace/heap.h"
#include "trace/peek.h"
#include "trace/roots.h"
#include "trace/scan.h"
#include "trace/xmalloc.h"

enum {
	WORDS = RING_COPY_REGISTERS + 1,
	DTV_OFFSET = 8, /* in a thread control block: where its modules' are */
	DTV_START = 16, /* from what it points to, back to where that begins */
	WHY_MAX = 256,
};

/* What a reader works on. */
struct task {
	const struct book *book;
	const struct process *process;
	const struct ring_copy *copy;
	struct peek image;
	struct heap heap;
	struct model_leaks found;
};

/* The copy may end. */
static void dismiss(const struct copies *c, const struct process *p)
{
	_Atomic uint32_t *word = &c->ring->process[p->slot].copy;

	atomic_store(word, RING_COPY_READ);
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
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

static size_t registers(struct task *t, struct scan_word *words, int32_t tid)
{
	size_t n = 0;
	uint64_t dtv = 0;

	peek_read(&t->image, t->copy->thread_pointer + DTV_OFFSET, &dtv,
		  sizeof(dtv));
	words[n++] = (struct scan_word){ .value = dtv - DTV_START,
					 .kind = MODEL_ROOT_THREAD_LOCAL,
					 .tid = tid };
	for (size_t i = 0; i < RING_COPY_REGISTERS; i++)
		words[n++] = (struct scan_word){ .value = t->copy->registers[i],
						 .kind = MODEL_ROOT_REGISTER,
						 .tid = tid };
	return n;
}

/* Blocks that memprof does not know may hold those that it does. */
static bool knows_all(const struct task *t)
{
	return t->process->model.origin != MODEL_ORIGIN_ATTACH &&
	       t->process->model.origin != MODEL_ORIGIN_FORK &&
	       !t->book->was_off;
}

static void scan_copy(struct task *t)
{
	const struct roots_thread thread = {
		.tid = t->process->model.pid,
		.sp = t->copy->sp,
		.thread_pointer = t->copy->thread_pointer,
	};
	struct roots roots = { .process = t->process,
			       .modules = &t->book->modules,
			       .heap = &t->heap,
			       .image = &t->image,
			       .threads = &thread,
			       .thread_count = 1,
			       .all = !knows_all(t) };
	struct scan_word words[WORDS];
	struct scan scan = { .heap = &t->heap,
			     .image = &t->image,
			     .words = words,
			     .site_count = t->book->sites.count };

	for (size_t i = 0; i < RING_COPY_OWN; i++)
		roots_leave_out(&roots, t->copy->own[i][0], t->copy->own[i][1]);
	if (!roots_find(&roots)) {
		refuse_for(&t->found, "its copy can not be looked at", errno);
		return;
	}
	scan.word_count = registers(t, words, thread.tid);
	scan.ranges = roots.list;
	scan.range_count = roots.count;
	scan_run(&scan, &t->found);
	roots_release(&roots);
}

static void look_at_copy(struct task *t)
{
	peek_open(&t->image, t->copy->pid);
	if (!peek_is_readable(&t->image, t->copy->sp)) {
		refuse_for(&t->found, "its copy can not be read",
			   t->image.error);
		return;
	}
	heap_init(&t->heap, &t->process->live, &t->book->sites);
	scan_copy(t);
	if (t->image.gone && !t->found.why)
		refuse_for(&t->found, "its copy has gone", t->image.error);
	peek_close(&t->image);
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

/* In a child of the collector. */
static _Noreturn void read_copy(const struct copies *c, struct task *t,
				const struct copies_reader *r)
{
	const struct rlimit none = { 0 };
	struct column columns[LEAKS_COLUMNS] = { 0 };
	struct column payload = { 0 };
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CORE, &none);
	t->found = (struct model_leaks){ .process = r->process->number,
					 .time = r->time };
	look_at_copy(t);
	dismiss(c, r->process);
	leaks_put(&t->found, columns);
	columns_pack(columns, LEAKS_COLUMNS, &payload);
	_exit(write_all(r->file, payload.bytes, payload.size) ? 0 : 1);
}

static void add_refused(struct copies *c, const struct process *p,
			uint64_t time, const char *why)
{
	struct model_leaks l = { .process = p->number, .time = time };

	refuse(&l, why);
	leaks_add(&c->leaks, &l);
}

static void start_reader(struct copies *c, const struct book *b,
			 struct process *p, const struct ring_copy *copy)
{
	struct task task = { .book = b, .process = p, .copy = copy };
	struct copies_reader r = { .process = p, .time = b->encoder.time };

	r.file = memfd_create("memprof-leaks", MFD_CLOEXEC);
	r.pid = r.file < 0 ? -1 : fork();
	if (!r.pid)
		read_copy(c, &task, &r);
	if (r.pid > 0) {
		c->readers = xgrow(c->readers, &c->capacity, c->count + 1,
				   sizeof(*c->readers));
		c->readers[c->count++] = r;
		p->copy_is_read = true;
		return;
	}
	if (r.file >= 0)
		close(r.file);
	dismiss(c, p);
	add_refused(c, p, r.time, "memprof could not fork to look at it");
}

/* Why a process says that it has left no copy. */
static void say_error(struct copies *c, const struct book *b,
		      const struct process *p, int error)
{
	struct model_leaks l = { .process = p->number,
				 .time = b->encoder.time };

	if (error == EBUSY)
		refuse(&l, "it had several threads");
	else
		refuse_for(&l, "no copy of it could be made", error);
	leaks_add(&c->leaks, &l);
}

void copies_take(struct copies *c, const struct book *b, struct process *p,
		 const struct ring_copy *copy)
{
	if (!c->wanted || leaks_has(&c->leaks, p->number))
		return;
	if (copy->pid <= 0) {
		say_error(c, b, p, copy->error);
	} else if (!p->visible) {
		dismiss(c, p);
		add_refused(c, p, b->encoder.time,
			    "it runs in another namespace of processes");
	} else if (b->sites.sample) {
		dismiss(c, p);
		add_refused(c, p, b->encoder.time,
			    "only a sample of its blocks is known");
	} else {
		start_reader(c, b, p, copy);
	}
}

/* What a reader has found; of the collector's own making, and yet checked. */
static void learn(struct copies *c, const struct copies_reader *r)
{
	struct model_leaks l = { .process = r->process->number,
				 .time = r->time };
	uint64_t budget = UINT64_MAX;
	size_t count = c->leaks.count;
	struct stat st;
	void *map = MAP_FAILED;

	if (!fstat(r->file, &st) && st.st_size > 0)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED,
			   r->file, 0);
	if (map == MAP_FAILED ||
	    !leaks_read(&c->leaks, map, (size_t)st.st_size, &budget)) {
		if (c->leaks.count == count) {
			refuse(&l, "memprof failed to look at it");
			leaks_add(&c->leaks, &l);
		}
	}
	if (map != MAP_FAILED)
		munmap(map, (size_t)st.st_size);
	close(r->file);
	/* Should it have died. */
	dismiss(c, r->process);
	r->process->copy_is_read = false;
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
	if (c->count)
		look(c, WNOHANG);
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

	look(c, 0);
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
	for (size_t i = 0; i < c->count; i++)
		close(c->readers[i].file);
	free(c->readers);
	leaks_release(&c->leaks);
}
