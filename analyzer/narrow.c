/*
 * narrow - count only what is allocated in a part of the run.
 *
 * The edges of the part are instants; they are looked for with one of their
 * own, since the profile's figures lie in the other.
 */
#include "analyzer/moment.h"
#include "analyzer/profile.h"
#include "trace/xmalloc.h"

static int find_edge(const struct profile *p, struct instant *i,
		     const char *when, struct range_edge *edge, struct err *err)
{
	struct moment m;

	/* As it is written behind a trace's name. */
	when += *when == '@';
	if (moment_parse(p->trace, when, &m, err) < 0 ||
	    moment_seek(&m, p->trace, i, err) < 0)
		return -1;
	*edge = range_edge_at(i);
	edge->time = m.time;
	return 0;
}

/* The profile's own instant. */
static int find_instant(const struct profile *p, struct instant *i,
			struct range_edge *edge, struct err *err)
{
	if (p->is_end) {
		if (instant_seek_event(i, trace_run(p->trace)->events, err) < 0)
			return -1;
		*edge = range_edge_at(i);
	} else {
		*edge = range_edge_at(p->at);
	}
	edge->time = p->time;
	return 0;
}

static int find_edges(const struct profile *p, struct instant *i,
		      struct range *r, struct err *err)
{
	struct range_edge now;

	if (find_instant(p, i, &now, err) < 0 ||
	    (p->from && find_edge(p, i, p->from, &r->from, err) < 0))
		return -1;
	r->to = now;
	if (p->to && find_edge(p, i, p->to, &r->to, err) < 0)
		return -1;
	if (r->from.events > now.events)
		return err_set(err, "the range begins at %s, behind @%s",
			       p->from, p->instant);
	if (r->from.events > r->to.events)
		return err_set(err,
			       "the range ends at %s, before it begins "
			       "at %s",
			       p->to, p->from);
	if (r->to.events > now.events)
		r->to = now;
	r->until = now.events;
	r->is_end = p->is_end;
	return 0;
}

struct range *profile_make_range(struct profile *p, struct err *err)
{
	struct range *r = xcalloc(1, sizeof(*r));
	struct instant *i = instant_open(p->trace);

	if (find_edges(p, i, r, err) < 0 ||
	    range_sum(r, p->trace, i, err) < 0) {
		range_close(r);
		r = NULL;
	}
	instant_close(i);
	return r;
}

bool profile_range(const struct profile *p, uint64_t *from, uint64_t *to)
{
	if (!p->range)
		return false;
	*from = p->range->from.time;
	*to = p->range->to.time;
	return true;
}
