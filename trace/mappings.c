/*
 * mappings - see mappings.h.
 *
 * A sorted array: the kernel allows a process 65,530 ranges, and mapping is
 * rare beside allocating.
 */
#include "trace/mappings.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

/* The first range that ends behind `addr`. */
static size_t seek(const struct mappings *m, uint64_t addr)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->ranges[middle].end <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert(struct mappings *m, size_t at, struct mappings_range range)
{
	m->ranges = xgrow(m->ranges, &m->capacity, m->count + 1,
			  sizeof(*m->ranges));
	memmove(&m->ranges[at + 1], &m->ranges[at],
		(m->count - at) * sizeof(*m->ranges));
	m->ranges[at] = range;
	m->count++;
	m->mappings[range.mapping].ranges++;
}

static void erase(struct mappings *m, size_t at)
{
	m->mappings[m->ranges[at].mapping].ranges--;
	m->count--;
	memmove(&m->ranges[at], &m->ranges[at + 1],
		(m->count - at) * sizeof(*m->ranges));
}

static uint32_t new_mapping(struct mappings *m, uint32_t site)
{
	uint32_t number;

	if (m->spare_count) {
		number = m->spare[--m->spare_count];
	} else {
		m->mappings = xgrow(m->mappings, &m->mapping_capacity,
				    m->mapping_count + 1, sizeof(*m->mappings));
		number = (uint32_t)m->mapping_count++;
	}
	m->mappings[number] = (struct mappings_mapping){ .site = site };
	return number;
}

void mappings_add(struct mappings *m, uint64_t start, uint64_t end,
		  uint32_t site)
{
	insert(m, seek(m, start),
	       (struct mappings_range){ .start = start,
					.end = end,
					.mapping = new_mapping(m, site) });
}

/* Takes start..end out of the range at `at`, which holds all of it. */
static void cut(struct mappings *m, size_t at, uint64_t start, uint64_t end)
{
	struct mappings_range whole = m->ranges[at];

	if (start == whole.start && end == whole.end) {
		erase(m, at);
	} else if (start == whole.start) {
		m->ranges[at].start = end;
	} else {
		m->ranges[at].end = start;
		whole.start = end;
		if (end < whole.end)
			insert(m, at + 1, whole);
	}
}

bool mappings_take(struct mappings *m, uint64_t start, uint64_t end,
		   struct mappings_part *part)
{
	size_t at = seek(m, start);
	struct mappings_range range;
	struct mappings_mapping *mapping;

	if (at == m->count || m->ranges[at].start >= end)
		return false;
	range = m->ranges[at];
	mapping = &m->mappings[range.mapping];
	if (range.start < start)
		range.start = start;
	if (range.end > end)
		range.end = end;
	cut(m, at, range.start, range.end);
	*part = (struct mappings_part){ .site = mapping->site,
					.size = range.end - range.start,
					.ended = !mapping->ranges };
	if (part->ended) {
		m->spare = xgrow(m->spare, &m->spare_capacity,
				 m->spare_count + 1, sizeof(*m->spare));
		m->spare[m->spare_count++] = range.mapping;
	}
	return true;
}

void mappings_release(struct mappings *m)
{
	free(m->ranges);
	free(m->mappings);
	free(m->spare);
	*m = (struct mappings){ 0 };
}
