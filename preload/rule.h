/*
 * rule - how to step from one frame to its caller, in one word.
 *
 * On x86-64 nearly all code can be unwound with the stack pointer and the
 * frame pointer alone, so a frame is (pc, sp, fp) and a rule says how the
 * caller's follow from it:
 *
 *	cfa = sp + offset, or fp + offset, or the word at fp + offset
 *	caller's sp = cfa, pc = the word at cfa - 8
 *	caller's fp = fp, or the word at cfa + n, or at fp + n
 *
 * The third form is that of functions that realign their stack.
 */
#ifndef MEMPROF_PRELOAD_RULE_H
#define MEMPROF_PRELOAD_RULE_H

#include "preload/modules.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum rule_kind {
	RULE_NONE, /* zero: not in the table */
	RULE_SP, /* cfa = sp + cfa_offset */
	RULE_FP, /* cfa = fp + cfa_offset */
	RULE_FP_WORD, /* cfa = the word at fp + cfa_offset */
	RULE_SIGNAL, /* a signal's frame: registers are in the ucontext */
	RULE_END, /* the outermost frame */
	RULE_GUESS, /* no information: try the frame pointer */
};

enum rule_fp {
	RULE_FP_SAME,
	RULE_FP_AT_CFA, /* saved at cfa + fp_offset */
	RULE_FP_AT_FP, /* saved at fp + fp_offset */
};

struct rule {
	uint8_t kind; /* enum rule_kind */
	uint8_t fp; /* enum rule_fp */
	int16_t fp_offset; /* bytes */
	int32_t cfa_offset; /* bytes */
};

/*
 * Read the rule for `pc` from the module's .eh_frame: RULE_GUESS when it has
 * none, or one that this form can not express. Believes no byte of it.
 */
struct rule rule_from_cfi(const struct module *m, uintptr_t pc);

/* The function, or part of one, that holds `pc`. False: not known. */
bool rule_extent(const struct module *m, uintptr_t pc, struct extent *extent);

/* Map the table. False when there is no memory. */
bool rule_start(void);

/* Forget all. */
void rule_restart(void);

/* Forget the rules of addresses from `low` up to `high`. */
void rule_forget(uintptr_t low, uintptr_t high);

enum {
	RULE_TABLE_BITS = 17, /* 1 MiB, touched as it fills */
	RULE_TABLE_SIZE = 1 << RULE_TABLE_BITS,
	RULE_PROBES = 8, /* one cache line */
	RULE_NUMBERS = 65535,
};

/* See rule.c. */
struct rule_table {
	_Alignas(64) _Atomic uint64_t slot[RULE_TABLE_SIZE];
	_Atomic uint64_t rule[RULE_NUMBERS + 1];
};

extern struct rule_table *rule_table;

/* Make a rule that is not in the table, and put it there. */
struct rule rule_make(uintptr_t pc);

static inline size_t rule_line(uintptr_t pc)
{
	uint64_t hash = pc * 0x9e3779b97f4a7c15ULL;

	return (size_t)(hash >> (64 - RULE_TABLE_BITS)) &
	       ~(size_t)(RULE_PROBES - 1);
}

/*
 * The rule for the code at `pc`, from the table or by rule_from_cfi(). Any
 * thread, any time, no locks.
 */
static inline struct rule rule_find(uintptr_t pc)
{
	_Atomic uint64_t *line = &rule_table->slot[rule_line(pc)];
	struct rule rule;

	/* While a module is being unloaded its addresses may change meaning. */
	if (__builtin_expect(modules_are_unloading(), 0))
		return rule_make(pc);
	for (size_t i = 0; i < RULE_PROBES; i++) {
		/* Acquire: pairs with rule_make(), for the rule's word. */
		uint64_t word =
			atomic_load_explicit(&line[i], memory_order_acquire);

		if (word >> 16 != pc || !word)
			continue;
		word = atomic_load_explicit(
			&rule_table->rule[word & RULE_NUMBERS],
			memory_order_relaxed);
		memcpy(&rule, &word, sizeof(rule));
		return rule;
	}
	return rule_make(pc);
}

#endif
