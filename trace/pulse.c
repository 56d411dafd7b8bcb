/*
 * pulse - see pulse.h.
 */
#include "trace/pulse.h"

#include <signal.h>
#include <time.h>

#include "trace/stamp.h"

enum {
	EVERY = 20000000, /* ns; writers wait for 75 ms at least */
	SECOND = 1000000000,
	STACK = 1 << 16, /* bytes */
	WAIT = 100000000, /* stamps: 25 to 100 ms that a disk may take */
};

#define HUNG (64ULL * SECOND) /* stamps: 16 to 64 s */

static bool may_beat(const struct pulse *p, uint64_t now)
{
	/* Relaxed: each is a hint of its own. */
	uint64_t waiting =
		atomic_load_explicit(&p->waiting, memory_order_relaxed);
	uint64_t beat = atomic_load_explicit(&p->beat, memory_order_relaxed);

	return (!waiting || (int64_t)(now - waiting) < WAIT) &&
	       (int64_t)(now - beat) < (int64_t)HUNG;
}

static struct timespec time_in(long ns)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += ns;
	t.tv_sec += t.tv_nsec / SECOND;
	t.tv_nsec %= SECOND;
	return t;
}

static void *run(void *arg)
{
	struct pulse *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		const struct timespec then = time_in(EVERY);
		uint64_t now = stamp_now();

		if (may_beat(p, now))
			atomic_store_explicit(p->heart, now,
					      memory_order_relaxed);
		pthread_cond_timedwait(&p->stopped, &p->lock, &then);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* The thread takes no signal that is meant for the collector. */
static bool start_thread(struct pulse *p)
{
	pthread_attr_t attr;
	sigset_t all, before;
	bool runs;

	if (pthread_attr_init(&attr))
		return false;
	pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	runs = !pthread_create(&p->thread, &attr, run, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return runs;
}

void pulse_init(struct pulse *p, _Atomic uint64_t *heart)
{
	*p = (struct pulse){ .heart = heart };
	pulse_beat(p);
}

void pulse_start(struct pulse *p)
{
	pthread_condattr_t attr;

	if (p->started)
		return;
	p->started = true;
	if (pthread_condattr_init(&attr))
		return;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->stopped, &attr);
	pthread_condattr_destroy(&attr);
	p->runs = start_thread(p);
}

void pulse_stop(struct pulse *p)
{
	if (!p->runs)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_signal(&p->stopped);
	pthread_mutex_unlock(&p->lock);
	pthread_join(p->thread, NULL);
	p->runs = false;
}

uint64_t pulse_beat(struct pulse *p)
{
	uint64_t now = stamp_now();

	atomic_store_explicit(&p->beat, now, memory_order_relaxed);
	atomic_store_explicit(p->heart, now, memory_order_relaxed);
	return now;
}

void pulse_wait(struct pulse *p)
{
	if (p)
		atomic_store_explicit(&p->waiting, stamp_now(),
				      memory_order_relaxed);
}

void pulse_go_on(struct pulse *p)
{
	if (p)
		atomic_store_explicit(&p->waiting, 0, memory_order_relaxed);
}
