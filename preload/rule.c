/*
 * rule - the table from return address to unwinding rule.
 *
 * Design
 * ------
 * One word per address: 48 bits of it and 16 bits that number a rule. A load
 * and a compare find it, a store replaces it, and no reader ever sees half of
 * one, so any thread may read and write at any time. Programs have few
 * distinct rules (cc1plus: 1,100 for 190,000 return addresses), and they stay
 * in the first cache level.
 *
 * An address has PROBES places, in one cache line; when all are taken the
 * first is replaced, since what falls out is only made again.
 */
#include "preload/rule.h"
#include "preload/agent.h"

#include <string.h>
#include <sys/mman.h>

enum {
	TABLE_BITS = 17, /* 1 MiB, touched as it fills */
	TABLE_SIZE = 1 << TABLE_BITS,
	PROBES = 8,
	RULES = 65535,
	RECENT = 1024,
};

struct rules {
	_Alignas(64) _Atomic uint64_t table[TABLE_SIZE];
	_Atomic uint64_t rule[RULES + 1];
	_Atomic uint32_t count; /* rules numbered so far, may pass RULES */
	_Atomic uint16_t recent[RECENT]; /* number of the last rule that hashed
					  * here, to number few rules twice */
};

static struct rules *rules;

bool rule_start(void)
{
	void *map = mmap(NULL, sizeof(*rules), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return false;
	madvise(map, sizeof(*rules), MADV_NOHUGEPAGE);
	madvise(map, sizeof(*rules), MADV_DONTDUMP);
	rules = map;
	atomic_store_explicit(&rules->count, 1, memory_order_relaxed);
	return true;
}

static uint64_t rule_word(struct rule rule)
{
	uint64_t word;

	_Static_assert(sizeof(rule) == sizeof(word), "a rule is one word");
	memcpy(&word, &rule, sizeof(word));
	return word;
}

static struct rule rule_of_word(uint64_t word)
{
	struct rule rule;

	memcpy(&rule, &word, sizeof(rule));
	return rule;
}

static size_t line_of(uintptr_t pc)
{
	uint64_t hash = pc * 0x9e3779b97f4a7c15ULL;

	return (size_t)(hash >> (64 - TABLE_BITS)) & ~(size_t)(PROBES - 1);
}

/* Number a rule. 0 when there are too many. */
static uint64_t number_of(uint64_t word)
{
	size_t slot = (word * 0x9e3779b97f4a7c15ULL >> 54) % RECENT;
	uint16_t number = atomic_load_explicit(&rules->recent[slot],
					       memory_order_relaxed);
	uint32_t fresh;

	if (number && atomic_load_explicit(&rules->rule[number],
					   memory_order_relaxed) == word)
		return number;
	if (atomic_load_explicit(&rules->count, memory_order_relaxed) > RULES)
		return 0;
	fresh = atomic_fetch_add_explicit(&rules->count, 1,
					  memory_order_relaxed);
	if (fresh > RULES)
		return 0;
	atomic_store_explicit(&rules->rule[fresh], word, memory_order_relaxed);
	atomic_store_explicit(&rules->recent[slot], (uint16_t)fresh,
			      memory_order_relaxed);
	return fresh;
}

static void insert(uintptr_t pc, struct rule rule)
{
	uint64_t number = number_of(rule_word(rule));
	size_t line = line_of(pc);
	size_t at = line;

	if (!number)
		return;
	for (size_t i = line; i < line + PROBES; i++) {
		if (!atomic_load_explicit(&rules->table[i],
					  memory_order_relaxed)) {
			at = i;
			break;
		}
	}
	/* Release: the rule's word is seen by whoever sees its number. */
	atomic_store_explicit(&rules->table[at], pc << 16 | number,
			      memory_order_release);
}

static struct rule make(uintptr_t pc, bool keep)
{
	struct rule rule = { .kind = RULE_GUESS };
	struct module m;

	if (modules_find(pc, &m))
		rule = rule_from_cfi(&m, pc);
	if (keep)
		insert(pc, rule);
	return rule;
}

struct rule rule_find(uintptr_t pc)
{
	size_t line = line_of(pc);

	if (pc >> 48)
		return (struct rule){ .kind = RULE_END };
	/* While a module is being unloaded its addresses may change meaning. */
	if (atomic_load_explicit(&agent.local->unloading, memory_order_relaxed))
		return make(pc, false);
	for (size_t i = line; i < line + PROBES; i++) {
		/* Acquire: pairs with insert(), for the rule's word. */
		uint64_t word = atomic_load_explicit(&rules->table[i],
						     memory_order_acquire);

		if (word >> 16 == pc && word)
			return rule_of_word(
				atomic_load_explicit(&rules->rule[word & RULES],
						     memory_order_relaxed));
	}
	return make(pc, true);
}

void rule_forget(uintptr_t low, uintptr_t high)
{
	for (size_t i = 0; i < TABLE_SIZE; i++) {
		uint64_t word = atomic_load_explicit(&rules->table[i],
						     memory_order_relaxed);

		if (word && word >> 16 >= low && word >> 16 < high)
			atomic_store_explicit(&rules->table[i], 0,
					      memory_order_relaxed);
	}
}
