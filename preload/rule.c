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
	RECENT = 1024,
};

struct rule_table *rule_table;

static _Atomic uint32_t rule_count = 1; /* numbered, may pass RULE_NUMBERS */
/* Number of the last rule that hashed here, to number few rules twice. */
static _Atomic uint16_t recent[RECENT];

bool rule_start(void)
{
	void *map = mmap(NULL, sizeof(*rule_table), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return false;
	madvise(map, sizeof(*rule_table), MADV_NOHUGEPAGE);
	madvise(map, sizeof(*rule_table), MADV_DONTDUMP);
	rule_table = map;
	return true;
}

void rule_restart(void)
{
	madvise(rule_table, sizeof(*rule_table), MADV_DONTNEED);
	for (size_t i = 0; i < RECENT; i++)
		atomic_store_explicit(&recent[i], 0, memory_order_relaxed);
	atomic_store_explicit(&rule_count, 1, memory_order_relaxed);
}

static uint64_t rule_word(struct rule rule)
{
	uint64_t word;

	_Static_assert(sizeof(rule) == sizeof(word), "a rule is one word");
	memcpy(&word, &rule, sizeof(word));
	return word;
}

/* Number a rule. 0 when there are too many. */
static uint64_t number_of(uint64_t word)
{
	size_t slot = (word * 0x9e3779b97f4a7c15ULL >> 54) % RECENT;
	uint16_t number =
		atomic_load_explicit(&recent[slot], memory_order_relaxed);
	uint32_t fresh;

	if (number && atomic_load_explicit(&rule_table->rule[number],
					   memory_order_relaxed) == word)
		return number;
	if (atomic_load_explicit(&rule_count, memory_order_relaxed) >
	    RULE_NUMBERS)
		return 0;
	fresh = atomic_fetch_add_explicit(&rule_count, 1, memory_order_relaxed);
	if (fresh > RULE_NUMBERS)
		return 0;
	atomic_store_explicit(&rule_table->rule[fresh], word,
			      memory_order_relaxed);
	atomic_store_explicit(&recent[slot], (uint16_t)fresh,
			      memory_order_relaxed);
	return fresh;
}

static void insert(uintptr_t pc, struct rule rule)
{
	uint64_t number = number_of(rule_word(rule));
	size_t line = rule_line(pc);
	size_t at = line;

	if (!number)
		return;
	for (size_t i = line; i < line + RULE_PROBES; i++) {
		if (!atomic_load_explicit(&rule_table->slot[i],
					  memory_order_relaxed)) {
			at = i;
			break;
		}
	}
	/* Release: the rule's word is seen by whoever sees its number. */
	atomic_store_explicit(&rule_table->slot[at], pc << 16 | number,
			      memory_order_release);
}

struct rule rule_make(uintptr_t pc)
{
	struct rule rule = { .kind = RULE_GUESS };
	struct module m;

	if (pc >> 48)
		return (struct rule){ .kind = RULE_END };
	if (modules_find(pc, &m))
		rule = rule_from_cfi(&m, pc);
	if (!modules_are_unloading())
		insert(pc, rule);
	return rule;
}

void rule_forget(uintptr_t low, uintptr_t high)
{
	for (size_t i = 0; i < RULE_TABLE_SIZE; i++) {
		uint64_t word = atomic_load_explicit(&rule_table->slot[i],
						     memory_order_relaxed);

		if (word && word >> 16 >= low && word >> 16 < high)
			atomic_store_explicit(&rule_table->slot[i], 0,
					      memory_order_relaxed);
	}
}
