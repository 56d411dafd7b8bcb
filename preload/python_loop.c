/*
 * python_loop - see python_loop.h.
 *
 * Compilers put what a function seldom does elsewhere (its .cold part), and a
 * stripped interpreter has no symbol for that. But it has unwind information
 * of its own, in which the frame is there from the first instruction; the
 * function jumps to it, and it jumps back. Jumps are looked for at every byte:
 * what is found by chance does not come to such a place.
 */
#include "preload/python_loop.h"
#include "preload/rule.h"

#include <string.h>

enum {
	LONGEST = 4 << 20, /* bytes of a function */
	ENTRY_CFA = 8, /* above sp, where a function is entered */
};

/* The target of a jump, conditional or not, of 4 bytes; 0 there is none. */
static uintptr_t target_at(const uint8_t *at, const uint8_t *end)
{
	int32_t distance;

	if (at[0] == 0xe9 && end - at >= 5)
		at += 1;
	else if (at[0] == 0x0f && end - at >= 6 && (at[1] & 0xf0) == 0x80)
		at += 2;
	else
		return 0;
	memcpy(&distance, at, sizeof(distance));
	return (uintptr_t)at + 4 + (uintptr_t)(intptr_t)distance;
}

static bool holds(const uint64_t range[2], uintptr_t addr)
{
	return addr >= range[0] && addr < range[1];
}

static bool jumps_into(const struct extent *from, const uint64_t range[2])
{
	const uint8_t *end = (const uint8_t *)from->high;

	for (const uint8_t *at = (const uint8_t *)from->low; at < end; at++) {
		if (holds(range, target_at(at, end)))
			return true;
	}
	return false;
}

/* Is it a part of the function in `hot`, and no function? */
static bool is_part(const struct module *m, uintptr_t target,
		    const uint64_t hot[2], struct extent *part)
{
	struct rule rule;

	if (!rule_extent(m, target, part) || part->high - part->low > LONGEST ||
	    holds(hot, part->low))
		return false;
	rule = rule_from_cfi(m, part->low);
	return (rule.kind == RULE_FP ||
		(rule.kind == RULE_SP && rule.cfa_offset > ENTRY_CFA)) &&
	       jumps_into(part, hot);
}

static bool is_known(uint64_t range[][2], uint32_t count, uintptr_t addr)
{
	for (uint32_t i = 0; i < count; i++) {
		if (holds(range[i], addr))
			return true;
	}
	return false;
}

uint32_t python_loop_find(uintptr_t start,
			  uint64_t range[RING_PYTHON_RANGES][2])
{
	struct extent own, part;
	uint32_t count = 1;
	const uint8_t *end;
	struct module m;

	if (!modules_find(start, &m) || !rule_extent(&m, start, &own) ||
	    own.high - own.low > LONGEST)
		return 0;
	range[0][0] = own.low;
	range[0][1] = own.high;
	end = (const uint8_t *)own.high;
	for (const uint8_t *at = (const uint8_t *)own.low;
	     at < end && count < RING_PYTHON_RANGES; at++) {
		uintptr_t target = target_at(at, end);

		if (target < m.start || target >= m.end ||
		    is_known(range, count, target) ||
		    !is_part(&m, target, range[0], &part))
			continue;
		range[count][0] = part.low;
		range[count++][1] = part.high;
	}
	return count;
}
