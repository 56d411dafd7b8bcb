/*
 * sample - see sample.h.
 *
 * Design
 * ------
 * The distance from one hit to the next is exponential, so a thread counts
 * bytes down to the next hit and does nothing else in between; since the
 * distribution has no memory, the rest of a block that was hit does not
 * matter.
 *
 * Recorded blocks stand in a table of cache lines, eight to a line, found by
 * hash. Entries come and go by compare-and-swap of one word, so nothing is ever
 * locked. A full line means that a block goes unrecorded, which is counted as
 * lost. The table is 8 MiB of address space, so who frees a block asks a filter
 * of 32 KiB first: looking into the table itself missed the cache each time and
 * touched all of its pages, 3 MiB that were never written.
 *
 * No floating point: the agent must leave its registers alone.
 */
#include "preload/sample.h"

#include <sys/mman.h>

enum {
	LINE = 8, /* words */
	LINE_BITS = 17,
	LINES = 1
		<< LINE_BITS, /* 8 MiB of address space, touched as it fills */
	LOG_BITS = 16, /* of a logarithm behind the point */
};

/* ln 2, with LOG_BITS behind the point */
#define LN_2 45426ULL

struct sample_table {
	_Alignas(64) _Atomic uintptr_t block[LINES][LINE];
	struct sample_filter filter;
};

static struct sample_table *table;
struct sample_filter *sample_filter;

/* A filter's count is of four lines, so it can not run over. */
_Static_assert((LINES >> SAMPLE_FILTER_BITS) * LINE < UINT8_MAX,
	       "counts fit their bytes");

bool sample_start(void)
{
	void *map;

	if (table)
		return !madvise(table, sizeof(*table), MADV_DONTNEED);
	map = mmap(NULL, sizeof(*table), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED)
		return false;
	madvise(map, sizeof(*table), MADV_NOHUGEPAGE);
	madvise(map, sizeof(*table), MADV_DONTDUMP);
	table = map;
	sample_filter = &table->filter;
	return true;
}

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift
 * generators", 2016. */
static uint32_t next_random(void)
{
	uint64_t x = guard.random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	guard.random = x;
	return (uint32_t)(x * 0x2545f4914f6cdd1dULL >> 32);
}

/* -log2(x / 2^32) for x > 0, with LOG_BITS behind the point. */
static uint64_t minus_log2(uint32_t x)
{
	unsigned int lead = (unsigned int)__builtin_clz(x);
	uint64_t mantissa = (uint64_t)x << lead; /* in [2^31, 2^32) */
	uint64_t log = 0;

	/* Squaring doubles the logarithm; its whole part is the next bit. */
	for (int i = 0; i < LOG_BITS; i++) {
		mantissa = mantissa * mantissa >> 31;
		log <<= 1;
		if (mantissa >> 32) {
			mantissa >>= 1;
			log |= 1;
		}
	}
	return ((uint64_t)(lead + 1) << LOG_BITS) - log;
}

static void draw(void)
{
	uint64_t log = minus_log2(next_random() | 1);
	uint64_t ln = log * LN_2 >> LOG_BITS;

	guard.countdown += 1 + (int64_t)(agent.sample * ln >> LOG_BITS);
}

bool sample_hit(size_t size)
{
	bool begun = guard.random != 0;

	if (!begun) {
		guard.random = agent_stamp() * 0x9e3779b97f4a7c15ULL ^
			       (uintptr_t)&guard;
		guard.random |= 1;
		guard.countdown = -(int64_t)(size ? size : 1);
		draw();
		if (guard.countdown > 0)
			return false;
	}
	guard.countdown = 0;
	draw();
	return true;
}

static _Atomic uintptr_t *line_of(const void *p)
{
	return table->block[sample_hash(p) >> (64 - LINE_BITS)];
}

static _Atomic uint8_t *count_of(const void *p)
{
	return &sample_filter
			->blocks[sample_hash(p) >> (64 - SAMPLE_FILTER_BITS)];
}

bool sample_add(const void *p)
{
	_Atomic uintptr_t *line = line_of(p);
	struct thread *t = guard.thread;

	for (int i = 0; i < LINE; i++) {
		uintptr_t none = 0;

		/* Relaxed: who frees the block got it from who allocated. */
		if (!atomic_load_explicit(&line[i], memory_order_relaxed) &&
		    atomic_compare_exchange_strong_explicit(
			    &line[i], &none, (uintptr_t)p, memory_order_relaxed,
			    memory_order_relaxed)) {
			atomic_fetch_add_explicit(count_of(p), 1,
						  memory_order_relaxed);
			return true;
		}
	}
	if (t && thread_is_own(t))
		atomic_fetch_add_explicit(&t->slot->lost, 1,
					  memory_order_relaxed);
	return false;
}

bool sample_remove_slowly(const void *p)
{
	_Atomic uintptr_t *line = line_of(p);

	for (int i = 0; i < LINE; i++) {
		if (atomic_load_explicit(&line[i], memory_order_relaxed) !=
		    (uintptr_t)p)
			continue;
		atomic_store_explicit(&line[i], 0, memory_order_relaxed);
		atomic_fetch_sub_explicit(count_of(p), 1, memory_order_relaxed);
		return true;
	}
	return false;
}
