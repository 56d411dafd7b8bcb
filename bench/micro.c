/*
 * micro - what a pair of malloc and free costs in a loop that does little else.
 *
 *	micro THREADS DEPTH PAIRS [PATHS FRAMES]
 *
 * Each thread keeps 1,024 blocks of 16 to 256 bytes. A pair frees one of them
 * at random and allocates another, from one of 8 places, DEPTH frames below
 * where the thread began. Stacks are stable as long as PATHS is not given: only
 * the innermost frame differs. Else the FRAMES innermost frames are left and
 * entered again for each pair, on one of PATHS paths at random, so that there
 * are PATHS distinct stacks.
 *
 * Printed are ns a pair, the mean of the threads: by the clock on the wall and
 * by the thread's own CPU clock. The first hundredth of the pairs is not
 * counted. Nothing but the pairs allocates between two readings of a clock.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NOINLINE __attribute__((noinline))

enum { SLOTS = 1024, SITES = 8, THREADS = 4096, FRAMES = 60 };

struct worker {
	pthread_t thread;
	uint64_t pairs, paths;
	unsigned outer, inner; /* frames kept, frames entered each time */
	uint64_t random, path;
	size_t size;
	double wall, cpu; /* ns a pair */
	void *slots[SLOTS];
};

static pthread_barrier_t barrier;

/* Each has a call of its own, and work after it: no tail call, no merging. */
#define SITE(n)                                                                \
	static NOINLINE void *site##n(size_t size)                             \
	{                                                                      \
		void *block = malloc(size);                                    \
                                                                               \
		__asm__ volatile("# %1" : "+r"(block) : "i"(n));               \
		return block;                                                  \
	}
SITE(0)
SITE(1)
SITE(2)
SITE(3)
SITE(4)
SITE(5)
SITE(6)
SITE(7)

static void *(*const sites[SITES])(size_t) = { site0, site1, site2, site3,
					       site4, site5, site6, site7 };

static uint64_t next_random(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static NOINLINE void *right(struct worker *w, unsigned level);

/* One frame for each level; the path's bit there says which function's. */
static NOINLINE void *left(struct worker *w, unsigned level)
{
	void *block;

	if (!level)
		block = sites[w->path % SITES](w->size);
	else if (w->path >> (level - 1) & 1)
		block = right(w, level - 1);
	else
		block = left(w, level - 1);
	__asm__ volatile("# 1" : "+r"(block));
	return block;
}

static NOINLINE void *right(struct worker *w, unsigned level)
{
	void *block;

	if (!level)
		block = sites[w->path % SITES](w->size);
	else if (w->path >> (level - 1) & 1)
		block = right(w, level - 1);
	else
		block = left(w, level - 1);
	__asm__ volatile("# 2" : "+r"(block));
	return block;
}

static void run_pairs(struct worker *w, uint64_t pairs)
{
	while (pairs--) {
		uint64_t random = next_random(w);
		void **slot = &w->slots[random % SLOTS];

		free(*slot);
		w->size = 16 + (random >> 10) % 241;
		if (w->inner) {
			w->path = (random >> 20) % w->paths;
			*slot = left(w, w->inner - 1);
		} else {
			*slot = sites[(random >> 20) % SITES](w->size);
		}
	}
}

static double clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void measure(struct worker *w)
{
	double wall, cpu;

	run_pairs(w, w->pairs / 100);
	pthread_barrier_wait(&barrier);
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	run_pairs(w, w->pairs);
	w->cpu = (clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu) / (double)w->pairs;
	w->wall = (clock_ns(CLOCK_MONOTONIC) - wall) / (double)w->pairs;
}

static NOINLINE void descend(struct worker *w, unsigned level)
{
	if (level)
		descend(w, level - 1);
	else
		measure(w);
	__asm__ volatile("");
}

static void *work(void *arg)
{
	struct worker *w = arg;

	descend(w, w->outer);
	for (size_t i = 0; i < SLOTS; i++)
		free(w->slots[i]);
	return NULL;
}

static uint64_t number(const char *text, uint64_t least, uint64_t most)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	if (end == text || *end || n < least || n > most) {
		fprintf(stderr, "micro: '%s' is not a number of %llu to %llu\n",
			text, (unsigned long long)least,
			(unsigned long long)most);
		exit(2);
	}
	return n;
}

/* All at once: one in the first thread, more in threads of their own. */
static void run(struct worker *workers, size_t count)
{
	if (pthread_barrier_init(&barrier, NULL, (unsigned)count))
		exit(1);
	if (count == 1) {
		work(workers);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (!pthread_create(&workers[i].thread, NULL, work,
				    &workers[i]))
			continue;
		fprintf(stderr, "micro: cannot create thread %zu\n", i);
		exit(1);
	}
	for (size_t i = 0; i < count; i++)
		pthread_join(workers[i].thread, NULL);
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS];
	double wall = 0, cpu = 0;
	size_t threads;

	if (argc != 4 && argc != 6) {
		fprintf(stderr, "usage: micro THREADS DEPTH PAIRS "
				"[PATHS FRAMES]\n");
		return 2;
	}
	threads = number(argv[1], 1, THREADS);
	for (size_t i = 0; i < threads; i++) {
		struct worker *w = &workers[i];
		uint64_t depth = number(argv[2], 3, 10000);

		w->random = 88172645463325252 + i * 7919;
		w->pairs = number(argv[3], 100, UINT64_MAX);
		w->paths = argc > 4 ? number(argv[4], 1, UINT32_MAX) : SITES;
		if (argc > 5)
			w->inner = (unsigned)number(argv[5], 1, FRAMES);
		if (w->inner + 3 > depth)
			w->inner = (unsigned)depth - 3;
		w->outer = (unsigned)depth - w->inner - 3;
	}
	run(workers, threads);
	for (size_t i = 0; i < threads; i++) {
		wall += workers[i].wall / (double)threads;
		cpu += workers[i].cpu / (double)threads;
	}
	printf("ns a pair: wall %.2f cpu %.2f\n", wall, cpu);
	return 0;
}
