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

#include <stdbool.h>
#include <stdint.h>

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

/*
 * The rule for the code at `pc`, from the table or by rule_from_cfi(). Any
 * thread, any time, no locks.
 */
struct rule rule_find(uintptr_t pc);

/* Map the table. False when there is no memory. */
bool rule_start(void);

/* Forget the rules of addresses from `low` up to `high`. */
void rule_forget(uintptr_t low, uintptr_t high);

#endif
