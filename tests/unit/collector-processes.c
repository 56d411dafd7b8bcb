/*
 * collector-processes - processes and threads come and go.
 *
 * Real processes are forked, because the collector asks the kernel who lives;
 * each writes the ring as an agent would.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fake_agent.h"
#include "session.h"
#include "trace/stamp.h"

enum {
	CODE = 0x10000000,
	MANY = 1500, /* threads, one after the other */
};

static const uint64_t frames[] = { CODE + 8, CODE + 4 };
static const struct fake_stack stack = { .count = 2, .frames = frames };

static void poll_for(struct session *s, unsigned int ms)
{
	for (unsigned int i = 0; i < ms; i++) {
		session_poll(s);
		usleep(1000);
	}
}

/* Takes 1,000 bytes, and frees what it inherited and what it did not. */
static void child_work(struct ring *ring, ring_ref parent)
{
	uint64_t stamp = stamp_now();
	ring_ref process =
		fake_process(ring, getpid(), RING_ORIGIN_FORK, parent, stamp);
	struct fake_thread t;

	prctl(PR_SET_NAME, "kid");
	fake_thread_start(&t, ring, process, getpid(), stamp);
	fake_take(&t, RING_ALLOC, 0x1000, 1000, &stack, 0);
	fake_give(&t, RING_FREE, 0x9000, 0);
	/* Long enough to be seen. */
	usleep(300000);
	_exit(0);
}

/* The number of the only site of `size` bytes. */
static size_t site_of(const struct trace *t, uint64_t size)
{
	size_t n;
	const struct model_site *s = trace_sites(t, &n);

	for (size_t i = 0; i < n; i++)
		if (s[i].size == size)
			return i;
	fail_msg("no site of %d bytes", (int)size);
	return 0;
}

static uint64_t count_exits(const struct trace *t)
{
	struct trace_events *e = trace_events_open(t);
	struct model_event event;
	struct err err;
	uint64_t exits = 0;

	while (trace_events_next(e, &event, &err) > 0)
		exits += event.kind == MODEL_EVENT_EXIT;
	trace_events_close(e);
	return exits;
}

static void test_fork(void **state)
{
	struct session s;
	struct ring *ring;
	struct fake_thread t;
	const struct model_process *p;
	struct trace *trace;
	ring_ref process;
	size_t n;
	pid_t pid;

	(void)state;
	session_start(&s, 0);
	ring = fake_ring(collector_ring_fd(s.collector));
	process = fake_process(ring, getpid(), RING_ORIGIN_RUN, 0, stamp_now());
	fake_thread_start(&t, ring, process, getpid(), stamp_now());
	fake_module(&t, CODE, CODE + 4096, "/lib/one.so", stamp_now());
	fake_take(&t, RING_ALLOC, 0x9000, 500, &stack, 0);
	pid = fork();
	if (!pid)
		child_work(ring, process);
	poll_for(&s, 100);
	assert_int_equal(collector_live_processes(s.collector), 2);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	poll_for(&s, 600);
	assert_int_equal(collector_live_processes(s.collector), 1);
	/* The child's memory is gone: no new peak. */
	fake_take(&t, RING_ALLOC, 0xa000, 900, &stack, 0);
	poll_for(&s, 5);
	session_finish(&s);

	trace = session_open(&s);
	assert_null(trace_problem(trace));
	p = trace_processes(trace, &n);
	assert_int_equal(n, 2);
	assert_int_equal(p[1].pid, pid);
	assert_int_equal(p[1].parent, 0);
	assert_int_equal(p[1].origin, MODEL_ORIGIN_FORK);
	assert_non_null(strstr(p[1].name, "collector-processes"));
	assert_true(p[1].end > p[1].start);
	assert_int_equal(p[0].end, 0);
	assert_string_equal(trace_threads(trace, &n)[1].name, "kid");
	assert_int_equal(trace_quality(trace)->inherited_frees, 1);
	assert_int_equal(trace_quality(trace)->unmatched_frees, 0);
	assert_int_equal(count_exits(trace), 1);
	assert_int_equal(trace_peak(trace, MODEL_HEAP)->bytes, 1500);
	/* Live at the end of its process, and in the peak. */
	assert_int_equal(
		model_live_bytes(&trace_stats(trace)[site_of(trace, 1000)]),
		1000);
	assert_int_equal(trace_stats(trace)[site_of(trace, 1000)].peak_bytes,
			 1000);
	assert_int_equal(trace_stats(trace)[site_of(trace, 900)].peak_bytes, 0);
	/* The child has its parent's modules. */
	trace_modules(trace, &n);
	assert_int_equal(n, 1);
	trace_frames(trace, &n);
	assert_int_equal(n, 1 + 2 + 2);
	trace_close(trace);
	session_end(&s);
	munmap(ring, sizeof(*ring));
}

/* A peak after a process has ended leaves its memory out. */
static void test_peak_after_exit(void **state)
{
	struct session s;
	struct ring *ring;
	struct fake_thread t;
	struct trace *trace;
	ring_ref process;
	pid_t pid;

	(void)state;
	session_start(&s, 0);
	ring = fake_ring(collector_ring_fd(s.collector));
	process = fake_process(ring, getpid(), RING_ORIGIN_RUN, 0, stamp_now());
	fake_thread_start(&t, ring, process, getpid(), stamp_now());
	fake_take(&t, RING_ALLOC, 0x9000, 500, &stack, 0);
	pid = fork();
	if (!pid)
		child_work(ring, process);
	waitpid(pid, NULL, 0);
	poll_for(&s, 600);
	fake_take(&t, RING_ALLOC, 0xa000, 3000, &stack, 0);
	session_finish(&s);
	trace = session_open(&s);
	assert_int_equal(trace_peak(trace, MODEL_HEAP)->bytes, 3500);
	assert_int_equal(trace_stats(trace)[site_of(trace, 1000)].peak_bytes,
			 0);
	trace_close(trace);
	session_end(&s);
	munmap(ring, sizeof(*ring));
}

struct visitor {
	struct ring *ring;
	ring_ref process;
	unsigned int number;
};

static void *visit(void *argument)
{
	struct visitor *v = argument;
	struct fake_thread t;
	char name[16];

	snprintf(name, sizeof(name), "visitor %u", v->number % 3);
	fake_thread_start(&t, v->ring, v->process, gettid(), stamp_now());
	fake_payload(&t, RING_NAME, 0, name, strlen(name), stamp_now());
	fake_take(&t, RING_ALLOC, 0x100000 + v->number * 64, 64, &stack,
		  stamp_now());
	return NULL;
}

/* Slots are given back, and entries are shared when there are too many. */
static void test_many_threads(void **state)
{
	struct session s;
	struct visitor v = { 0 };
	struct trace *trace;
	const struct model_stats *stats;
	uint64_t allocs = 0;
	size_t threads, n;

	(void)state;
	session_start(&s, 0);
	v.ring = fake_ring(collector_ring_fd(s.collector));
	v.process =
		fake_process(v.ring, getpid(), RING_ORIGIN_RUN, 0, stamp_now());
	for (; v.number < MANY; v.number++) {
		pthread_t thread;

		pthread_create(&thread, NULL, visit, &v);
		pthread_join(thread, NULL);
		session_poll(&s);
		if (!(v.number % 300))
			poll_for(&s, 300);
	}
	assert_true(atomic_load(&v.ring->header.threads) < 700);
	session_finish(&s);
	trace = session_open(&s);
	assert_null(trace_problem(trace));
	trace_threads(trace, &threads);
	assert_true(threads <= 1024 + 64);
	stats = trace_stats(trace);
	trace_sites(trace, &n);
	for (size_t i = 0; i < n; i++)
		allocs += stats[i].allocs;
	assert_int_equal(allocs, MANY);
	assert_string_equal(trace_threads(trace, &threads)[1].name,
			    "visitor 1");
	trace_close(trace);
	session_end(&s);
	munmap(v.ring, sizeof(*v.ring));
}

/* An agent's notes and counters are in the trace. */
static void test_notes(void **state)
{
	struct session s;
	struct fake_thread t;
	struct ring *ring;
	struct trace *trace;
	const struct model_process *p;
	const struct model_quality *q;
	ring_ref process;
	size_t n;

	(void)state;
	session_start(&s, 0);
	ring = fake_ring(collector_ring_fd(s.collector));
	process = fake_process(ring, SESSION_PID, RING_ORIGIN_RUN, 0,
			       stamp_now());
	fake_thread_start(&t, ring, process, SESSION_PID, stamp_now());
	fake_payload(&t, RING_NOTE, RING_NOTE_LIMIT, "no maps", 7, stamp_now());
	fake_payload(&t, RING_NOTE, RING_NOTE_LIMIT, "no maps", 7, stamp_now());
	fake_payload(&t, RING_NOTE, RING_NOTE_LIMIT, "dlmopen", 7, stamp_now());
	fake_payload(&t, RING_NOTE, RING_NOTE_OFF, "no way", 6, stamp_now());
	atomic_store(&ring->process[process - 1].checks, 7);
	atomic_store(&ring->process[process - 1].check_failures, 2);
	atomic_store(&t.slot->lost, 3);
	atomic_store(&t.slot->truncated, 4);
	atomic_store(&t.slot->reentrant, 5);
	atomic_store(&t.slot->waited, 6);
	session_finish(&s);
	trace = session_open(&s);
	p = trace_processes(trace, &n);
	assert_string_equal(p[0].note, "no way");
	assert_non_null(strstr(p[0].limits, "no maps; dlmopen; 3 events lost"));
	assert_non_null(strstr(p[0].limits, "s, in thread fake"));
	q = trace_quality(trace);
	assert_int_equal(q->checks, 7);
	assert_int_equal(q->check_failures, 2);
	assert_int_equal(q->lost_events, 3);
	assert_int_equal(q->truncated_stacks, 4);
	assert_int_equal(q->reentrant, 5);
	assert_int_equal(q->waits, 6);
	trace_close(trace);
	session_end(&s);
	munmap(ring, sizeof(*ring));
}

/* Polls until the file can not be written. */
static int poll_until_full(struct session *s, struct fake_thread *t,
			   struct err *err)
{
	for (uint64_t i = 1; i < 1000000; i++) {
		fake_take(t, RING_ALLOC, i * 7919 * 16, (i * 31) % 5000, &stack,
			  0);
		if (i % 100)
			continue;
		usleep(100);
		if (collector_poll(s->collector, err) < 0)
			return -1;
	}
	return 0;
}

static void test_full_disk(void **state)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit small = { 65536, RLIM_INFINITY };
	struct session s;
	struct fake_thread t;
	struct ring *ring;
	struct trace *trace;
	struct err err;
	ring_ref process;

	(void)state;
	session_start(&s, 1000000);
	ring = fake_ring(collector_ring_fd(s.collector));
	process = fake_process(ring, SESSION_PID, RING_ORIGIN_RUN, 0,
			       stamp_now());
	fake_thread_start(&t, ring, process, SESSION_PID, stamp_now());
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(poll_until_full(&s, &t, &err), -1);
	assert_string_equal(err.text, "cannot write the trace: File too large");
	/* Said once; the program goes on. */
	assert_int_equal(poll_until_full(&s, &t, &err), 0);
	assert_int_equal(collector_finish(s.collector, 0, &err), -1);
	setrlimit(RLIMIT_FSIZE, &none);
	collector_destroy(s.collector);
	trace = session_open(&s);
	assert_non_null(strstr(trace_problem(trace),
			       "it could not be written further"));
	assert_true(trace_quality(trace)->finished);
	assert_true(trace_quality(trace)->lost_events >= 999999);
	trace_close(trace);
	session_end(&s);
	munmap(ring, sizeof(*ring));
}

/* Slots of those that have ended serve others, who are their own parent's. */
static void test_slots(void **state)
{
	struct session s;
	struct ring *ring;
	struct fake_thread t;
	const struct model_process *p;
	struct trace *trace;
	ring_ref process;
	size_t n;

	(void)state;
	session_start(&s, 0);
	ring = fake_ring(collector_ring_fd(s.collector));
	process = fake_process(ring, getpid(), RING_ORIGIN_RUN, 0, stamp_now());
	fake_thread_start(&t, ring, process, getpid(), stamp_now());
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (!pid) {
			fake_process(ring, getpid(), RING_ORIGIN_FORK, process,
				     stamp_now());
			_exit(0);
		}
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		session_poll(&s);
	}
	assert_int_equal(atomic_load(&ring->header.processes), 2);
	session_finish(&s);
	trace = session_open(&s);
	p = trace_processes(trace, &n);
	assert_int_equal(n, 6);
	for (size_t i = 1; i < n; i++) {
		assert_int_equal(p[i].parent, 0);
		assert_true(p[i].end > 0);
	}
	trace_close(trace);
	session_end(&s);
	munmap(ring, sizeof(*ring));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_fork),
		cmocka_unit_test(test_peak_after_exit),
		cmocka_unit_test(test_many_threads),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
