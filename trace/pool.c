/*
 * pool - see pool.h.
 *
 * The memfd's size is subject to RLIMIT_FSIZE, as if it were a file on a disk.
 * The soft limit is raised for the moment of sizing; where the hard limit is
 * too low as well, the signal that would kill is held back and it is an error.
 */
#include "trace/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "trace/stamp.h"

/* ftruncate() that no file size limit can kill. */
static int set_size(int fd, off_t size)
{
	const struct timespec now = { 0 };
	sigset_t xfsz, before;
	int ret, reason;

	sigemptyset(&xfsz);
	sigaddset(&xfsz, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &xfsz, &before);
	ret = ftruncate(fd, size);
	reason = errno;
	if (ret < 0 && reason == EFBIG && !sigismember(&before, SIGXFSZ))
		sigtimedwait(&xfsz, NULL, &now);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = reason;
	return ret;
}

/* set_size() with as high a limit as can be had. */
static int set_size_unlimited(int fd, off_t size)
{
	struct rlimit before, high;
	int ret, reason;

	if (getrlimit(RLIMIT_FSIZE, &before) < 0)
		return set_size(fd, size);
	high = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	if (setrlimit(RLIMIT_FSIZE, &high) < 0) {
		high.rlim_cur = high.rlim_max = before.rlim_max;
		setrlimit(RLIMIT_FSIZE, &high);
	}
	ret = set_size(fd, size);
	reason = errno;
	setrlimit(RLIMIT_FSIZE, &before);
	errno = reason;
	return ret;
}

static int make_memfd(struct pool *p, int given, struct err *err)
{
	p->fd = given > 0 ? fcntl(given, F_DUPFD_CLOEXEC, 0)
			  : memfd_create("memprof",
					 MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (p->fd < 0)
		return err_errno(err, "cannot make the ring");
	if (set_size_unlimited(p->fd, sizeof(struct ring)) < 0) {
		if (errno == EFBIG)
			return err_set(
				err,
				"cannot make the ring: the limit on file sizes "
				"(ulimit -f) is under %zu MiB",
				sizeof(struct ring) >> 20);
		return err_errno(err, "cannot make the ring of %zu MiB",
				 sizeof(struct ring) >> 20);
	}
	if (fcntl(p->fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return err_errno(err, "cannot seal the ring");
	return 0;
}

static void fill_header(struct pool *p, const struct pool_options *o)
{
	struct ring_header *h = &p->ring->header;

	if (getrandom(&p->nonce, sizeof(p->nonce), GRND_NONBLOCK) < 0)
		p->nonce = stamp_now();
	h->magic = RING_MAGIC;
	h->version = RING_VERSION;
	h->flags = o->flags;
	h->size = sizeof(struct ring);
	h->nonce = p->nonce;
	h->collector = getpid();
	h->verify = o->verify;
	h->sample = o->sample;
	atomic_store(&h->heartbeat, stamp_now());
}

int pool_create(struct pool *p, const struct pool_options *o, struct err *err)
{
	void *map;

	*p = (struct pool){ .fd = -1 };
	if (make_memfd(p, o->fd, err) < 0) {
		pool_destroy(p);
		return -1;
	}
	map = mmap(NULL, sizeof(struct ring), PROT_READ | PROT_WRITE,
		   MAP_SHARED, p->fd, 0);
	if (map == MAP_FAILED) {
		err_errno(err, "cannot map the ring of %zu MiB",
			  sizeof(struct ring) >> 20);
		pool_destroy(p);
		return -1;
	}
	p->ring = map;
	fill_header(p, o);
	return 0;
}

void pool_destroy(struct pool *p)
{
	if (p->ring) {
		/* Agents that are left then record no more. */
		atomic_store(&p->ring->header.heartbeat, 0);
		munmap(p->ring, sizeof(struct ring));
	}
	if (p->fd >= 0)
		close(p->fd);
	*p = (struct pool){ .fd = -1 };
}

struct ring_chunk *pool_chunk(const struct pool *p, ring_ref ref)
{
	return ref && ref <= RING_CHUNKS ? &p->ring->chunk[ref - 1] : NULL;
}

/* Pushes `ref` on a stack whose links are at `next`. */
static void push(_Atomic uint64_t *head, _Atomic ring_ref *next, ring_ref ref)
{
	uint64_t was = atomic_load_explicit(head, memory_order_relaxed);

	/* Release: who pops it finds the link, and that we are done. */
	do
		atomic_store_explicit(next, (ring_ref)was,
				      memory_order_relaxed);
	while (!atomic_compare_exchange_weak_explicit(
		head, &was, ((was >> 32) + 1) << 32 | ref, memory_order_release,
		memory_order_relaxed));
}

void pool_give_chunk(struct pool *p, ring_ref ref)
{
	struct ring_chunk *chunk = pool_chunk(p, ref);

	if (!chunk)
		return;
	atomic_store_explicit(&chunk->used, 0, memory_order_relaxed);
	atomic_store_explicit(&chunk->next, 0, memory_order_relaxed);
	push(&p->ring->header.free_chunks, &chunk->next_free, ref);
	/* Relaxed: a sign of life, it orders nothing. */
	atomic_fetch_add_explicit(&p->ring->header.given, 1,
				  memory_order_relaxed);
}

void pool_unqueue(struct pool *p)
{
	/* Relaxed: a count for waiting, it orders nothing. */
	atomic_fetch_sub_explicit(&p->ring->header.queued, 1,
				  memory_order_relaxed);
}

void pool_make_room(struct pool *p)
{
	struct ring_header *h = &p->ring->header;

	/* Relaxed: who comes too late sleeps for 10 ms at most. */
	if (!atomic_load_explicit(&h->waiters, memory_order_relaxed) ||
	    atomic_load_explicit(&h->queued, memory_order_relaxed) >
		    RING_QUEUE_LIMIT / 2)
		return;
	atomic_fetch_add_explicit(&h->room, 1, memory_order_relaxed);
	syscall(SYS_futex, &h->room, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void pool_give_thread(struct pool *p, uint32_t slot)
{
	struct ring_thread *t = &p->ring->thread[slot];

	atomic_store_explicit(&t->state, RING_THREAD_FREE,
			      memory_order_relaxed);
	push(&p->ring->header.free_threads, &t->next_free, slot + 1);
}

void pool_give_process(struct pool *p, uint32_t slot)
{
	struct ring_process *r = &p->ring->process[slot];

	atomic_store_explicit(&r->state, RING_PROCESS_FREE,
			      memory_order_relaxed);
	atomic_store_explicit(&r->lost, 0, memory_order_relaxed);
	atomic_store_explicit(&r->checks, 0, memory_order_relaxed);
	atomic_store_explicit(&r->check_failures, 0, memory_order_relaxed);
	push(&p->ring->header.free_processes, &r->next_free, slot + 1);
}
