/*
 * lookup - find the number of a thing by the thing.
 *
 * A hash table of numbers. The things themselves stand in an array of the
 * owner's, so the owner also says when two are equal.
 */
#ifndef MEMPROF_ANALYZER_LOOKUP_H
#define MEMPROF_ANALYZER_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LOOKUP_NONE = UINT32_MAX,
};

struct lookup_slot {
	uint32_t hash;
	uint32_t item; /* number + 1, 0 free */
};

struct lookup {
	struct lookup_slot *slots;
	size_t room, count;
};

void lookup_init(struct lookup *l);
void lookup_release(struct lookup *l);

/* Is thing `item` of `owner` the one that `key` describes? */
typedef bool lookup_equal(const void *owner, uint32_t item, const void *key);

/* The number of `key`, or LOOKUP_NONE. */
uint32_t lookup_find(const struct lookup *l, uint32_t hash, lookup_equal *equal,
		     const void *owner, const void *key);

/* Of a thing that is not there yet. */
void lookup_add(struct lookup *l, uint32_t hash, uint32_t item);

uint32_t lookup_hash_numbers(uint64_t a, uint64_t b);
uint32_t lookup_hash_text(const char *text, size_t length);

#endif
