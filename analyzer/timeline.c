/*
 * timeline - memory over time, from the samples in a trace.
 */
#include "analyzer/profile.h"

struct samples_view {
	const struct model_sample *list;
	const struct model_usage *usage;
};

/* What a process with the pid had; of several, as after exec, what all had. */
static bool add_process(const struct profile *p, const struct samples_view *v,
			size_t sample, int32_t pid, struct query_point *point)
{
	const struct model_sample *s = &v->list[sample];
	bool found = false;

	for (size_t i = 0; i < s->processes; i++) {
		const struct model_usage *u = &v->usage[s->first + i];

		if (u->process >= p->process_count ||
		    (pid && p->processes[u->process].pid != pid))
			continue;
		found = true;
		point->resident += u->resident;
		point->shared += u->shared;
		if (!pid)
			continue;
		point->heap += u->bytes[MODEL_HEAP];
		point->mapping += u->bytes[MODEL_MAPPING];
	}
	return found;
}

static bool make_point(const struct profile *p, const struct samples_view *v,
		       size_t sample, int32_t pid, struct query_point *point)
{
	const struct model_sample *s = &v->list[sample];
	bool found;

	*point = (struct query_point){ .time = s->time };
	found = add_process(p, v, sample, pid, point);
	if (pid) {
		point->heap_high = point->heap;
		point->mapping_high = point->mapping;
		return found;
	}
	point->heap = s->bytes[MODEL_HEAP];
	point->heap_high = s->high[MODEL_HEAP];
	point->mapping = s->bytes[MODEL_MAPPING];
	point->mapping_high = s->high[MODEL_MAPPING];
	return true;
}

const struct query_point *profile_timeline(struct profile *p, int32_t pid,
					   size_t *n)
{
	struct samples_view v;
	struct query_point *points;
	size_t count;

	v.list = trace_samples(p->trace, &count, &v.usage);
	points = arena_alloc(&p->arena, count + 1, sizeof(*points));
	*n = 0;
	for (size_t i = 0; i < count; i++)
		if (make_point(p, &v, i, pid, &points[*n]))
			++*n;
	return points;
}
