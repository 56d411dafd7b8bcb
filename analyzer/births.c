/*
 * births - see births.h.
 */
#include "analyzer/births.h"

#include <stdlib.h>

#include "trace/xmalloc.h"

enum {
	STEPS_MAX = 1 << 22,
};

void births_init(struct births *b, uint64_t duration)
{
	*b = (struct births){ .grain = duration / STEPS_MAX + 1 };
}

void births_release(struct births *b)
{
	free(b->steps);
}

uint64_t births_add(struct births *b, uint64_t block, uint64_t time)
{
	const struct births_step *last =
		b->count ? &b->steps[b->count - 1] : NULL;

	/* Of a trace that lies about its duration the rest is one step. */
	if (last && (b->count == STEPS_MAX || time < last->time ||
		     time - last->time < b->grain))
		return last->time;
	b->steps =
		xgrow(b->steps, &b->capacity, b->count + 1, sizeof(*b->steps));
	b->steps[b->count++] =
		(struct births_step){ .block = block, .time = time };
	return time;
}

uint64_t births_time(const struct births *b, uint64_t block)
{
	size_t high = b->count, step = 1, low, middle;

	/* Most blocks that end are young. */
	while (step < high && b->steps[high - step].block > block)
		step *= 2;
	low = step < high ? high - step : 0;
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (b->steps[middle].block <= block)
			low = middle;
		else
			high = middle;
	}
	return b->count ? b->steps[low].time : 0;
}
