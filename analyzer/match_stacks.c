/*
 * Design
 * ------
 * A number is given to each call, to each list of calls as a chain of pairs
 * (call, list behind it), and to each stack as a pair (list, stack below);
 * equal pairs have the same number on both sides. All pairs are in one table:
 * what a pair is for is in its first member's range.
 *
 * In another build a call goes by function and text alone. Two lines of a
 * function that say the same are then one, and so are stacks through them:
 * rows with equal numbers are paired in the order of the answer.
 *
 * One of two traces may know more of the C library than the other: functions
 * that are not exported, inlined ones, lines. Then what is left over is matched
 * once more without the calls in modules of wrappers.
 */
#include "analyzer/match_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/places.h"
#include "analyzer/profile.h"
#include "trace/xmalloc.h"

struct pair {
	uint64_t part[4];
};

struct numbering {
	struct match_keys *keys;
	struct lookup lookup;
	struct pair *pairs;
	size_t room;
	uint32_t count;
	bool is_rough; /* calls in modules of wrappers have no number */
};

static bool is_pair(const void *owner, uint32_t item, const void *key)
{
	const struct numbering *n = owner;

	return memcmp(&n->pairs[item], key, sizeof(struct pair)) == 0;
}

/* Numbers begin at 1. */
static uint32_t number_of(struct numbering *n, const struct pair *p)
{
	uint32_t hash = lookup_hash_numbers(p->part[0] + (p->part[2] << 7),
					    p->part[1] + p->part[3]);
	uint32_t found = lookup_find(&n->lookup, hash, is_pair, n, p);

	if (found != LOOKUP_NONE)
		return found + 1;
	n->pairs = xgrow(n->pairs, &n->room, (size_t)n->count + 1,
			 sizeof(*n->pairs));
	n->pairs[n->count] = *p;
	lookup_add(&n->lookup, hash, n->count);
	return ++n->count;
}

static uint32_t number_call(struct numbering *n, struct profile *p,
			    const struct query_frame *f, bool is_new)
{
	struct match_place m = match_keys_place(n->keys, p, f, is_new);
	uint64_t file = (uint64_t)m.file << 32 | m.module;
	struct pair key = { { 1, m.brief, file, m.text } };

	if (n->is_rough && f->module && places_is_wrapper_module(f->module))
		return 0;
	if (m.is_fixed)
		key = (struct pair){ { 2, m.function, file,
				       m.line ? m.line : m.addr } };
	else if (!m.text && m.line)
		key = (struct pair){ { 3, m.brief, file, m.line } };
	else if (!m.text && !m.function)
		key = (struct pair){ { 4, m.addr, file } };
	return number_of(n, &key);
}

static uint32_t *number_calls(struct numbering *n, struct profile *p,
			      bool is_new)
{
	uint32_t count = calls_count(p->calls);
	uint32_t *numbers = xcalloc((size_t)count + 1, sizeof(*numbers));

	for (uint32_t i = 0; i < count; i++)
		numbers[i] =
			number_call(n, p, calls_frame(p->calls, i), is_new);
	return numbers;
}

/* The list `at` with one more call. */
static uint32_t number_behind(struct numbering *n, uint32_t at, uint32_t call,
			      bool is_inlined)
{
	if (!call)
		return at;
	return number_of(n, &(struct pair){ { 5, at, call, is_inlined } });
}

/* By stack of the profile. */
static uint32_t *number_stacks(struct numbering *n, struct profile *p,
			       bool is_new)
{
	uint32_t count = stacks_count(p->stacks);
	uint32_t *numbers = xcalloc((size_t)count + 1, sizeof(*numbers));
	uint32_t *calls = number_calls(n, p, is_new);

	for (uint32_t i = 1; i < count; i++) {
		const struct calls_list *l = stacks_list(p->stacks, i);
		uint32_t at = numbers[stacks_outer(p->stacks, i)];

		for (uint32_t j = l->count; j--;)
			at = number_behind(n, at, calls[l->calls[j]], j > 0);
		numbers[i] = at;
	}
	free(calls);
	return numbers;
}

/* Two instants of one profile: a stack has one row, and one number. */
static void match_numbers(const struct match_side *old,
			  const struct match_side *new, uint32_t *pair)
{
	uint32_t count = stacks_count(new->profile->stacks);
	uint32_t *row = xcalloc((size_t)count + 1, sizeof(*row));

	for (size_t i = 0; i < new->count; i++)
		row[new->rows[i].stack] = (uint32_t)i + 1;
	for (size_t i = 0; i < old->count; i++)
		if (row[old->rows[i].stack])
			pair[i] = row[old->rows[i].stack] - 1;
	free(row);
}

/* Pairs what has no counterpart yet; `used` are rows of `new`. */
static void pair_rows(struct numbering *n, const struct match_side *old,
		      const struct match_side *new, uint32_t *pair, bool *used)
{
	uint32_t *a = number_stacks(n, old->profile, false);
	uint32_t *b = number_stacks(n, new->profile, true);
	uint32_t *first = xcalloc((size_t)n->count + 1, sizeof(*first));
	uint32_t *next = xcalloc(new->count + 1, sizeof(*next));
	uint32_t *head;

	/* Lists of rows with one number, the first of the answer first. */
	for (size_t i = new->count; i--;) {
		if (used[i])
			continue;
		head = &first[b[new->rows[i].stack]];
		next[i] = *head;
		*head = (uint32_t)i + 1;
	}
	for (size_t i = 0; i < old->count; i++) {
		head = &first[a[old->rows[i].stack]];
		if (pair[i] != MATCH_NONE || !*head)
			continue;
		pair[i] = *head - 1;
		used[pair[i]] = true;
		*head = next[*head - 1];
	}
	free(a);
	free(b);
	free(first);
	free(next);
}

/* Are there lines in a module of wrappers? */
static bool has_lines(const struct profile *p)
{
	const struct query_frame *f;

	for (uint32_t i = 0; i < calls_count(p->calls); i++) {
		f = calls_frame(p->calls, i);
		if (f->line && f->module && places_is_wrapper_module(f->module))
			return true;
	}
	return false;
}

static void match_builds(struct match_keys *k, const struct match_side *old,
			 const struct match_side *new, uint32_t *pair)
{
	bool *used = xcalloc(new->count + 1, sizeof(*used));
	bool is_rough = false;

	do {
		struct numbering n = { .keys = k, .is_rough = is_rough };

		pair_rows(&n, old, new, pair, used);
		free(n.pairs);
		lookup_release(&n.lookup);
		is_rough = !is_rough &&
			   has_lines(old->profile) != has_lines(new->profile);
	} while (is_rough);
	free(used);
}

void match_stacks(struct match_keys *k, const struct match_side *old,
		  const struct match_side *new, uint32_t *pair)
{
	if (old->profile == new->profile)
		match_numbers(old, new, pair);
	else
		match_builds(k, old, new, pair);
}
