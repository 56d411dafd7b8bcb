/*
 * clock - see clock.h.
 */
#include "trace/clock.h"

#include <time.h>

#include "trace/stamp.h"

enum {
	LOOK_EVERY = 1000000, /* ns: closer looks measure their own noise */
	LOOK_TRIES = 4,
	LOOK_FAST = 2000, /* cycles that a look takes, unless disturbed */
};

static uint64_t monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* Both clocks at one moment: the quickest of some tries. */
static struct clock_look look(const struct clock *c)
{
	struct clock_look best = { 0 };
	uint64_t best_took = UINT64_MAX;

	for (int i = 0; i < LOOK_TRIES && best_took > LOOK_FAST; i++) {
		uint64_t before = stamp_now();
		uint64_t ns = monotonic();
		uint64_t took = stamp_now() - before;

		if (took >= best_took)
			continue;
		best_took = took;
		best.stamp = before + took / 2;
		best.ns = ns - c->origin;
	}
	return best;
}

void clock_start(struct clock *c)
{
	*c = (struct clock){ .origin = monotonic() };
	c->first = c->before = c->last = look(c);
}

void clock_look(struct clock *c)
{
	struct clock_look now = look(c);

	if (now.ns < c->last.ns + LOOK_EVERY || now.stamp <= c->last.stamp)
		return;
	c->before = c->last;
	c->last = now;
}

/* On the line through two looks. */
static uint64_t place(struct clock_look a, struct clock_look b, uint64_t stamp)
{
	double rate = 1;
	double ns;

	if (b.stamp > a.stamp)
		rate = (double)(b.ns - a.ns) / (double)(b.stamp - a.stamp);
	ns = (double)b.ns - ((double)b.stamp - (double)stamp) * rate;
	return ns > 0 ? (uint64_t)ns : 0;
}

uint64_t clock_now(const struct clock *c)
{
	return monotonic() - c->origin;
}

uint64_t clock_ns(const struct clock *c, uint64_t stamp)
{
	if (stamp <= c->first.stamp)
		return c->first.ns;
	if (stamp < c->before.stamp)
		return place(c->first, c->before, stamp);
	return place(c->before, c->last, stamp);
}

uint64_t clock_stamps(const struct clock *c, uint64_t ns)
{
	uint64_t stamps = c->last.stamp - c->first.stamp;
	uint64_t past = c->last.ns - c->first.ns;

	if (!past)
		return ns;
	return (uint64_t)((double)stamps / (double)past * (double)ns);
}
