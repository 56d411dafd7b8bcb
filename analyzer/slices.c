/*
 * slices - what stacks had at instants of a run, all in one walk.
 *
 * Stacks are put together to the groups that the caller asks about, so that
 * memory goes with these and not with stacks times instants.
 */
#include <stdlib.h>

#include "analyzer/profile.h"
#include "analyzer/where_sites.h"
#include "trace/xmalloc.h"

struct asker {
	struct where_sites *sites;
	uint32_t site;
};

static enum where_answer ask(void *context, const struct where_test *test)
{
	const struct asker *a = context;

	return where_sites_ask(a->sites, a->site, test);
}

/* The group of each stack, by the stack's number. */
static uint32_t *groups_of_stacks(const struct profile *p,
				  const struct query_slices *s, size_t *count)
{
	uint32_t *groups;

	*count = stacks_count(p->stacks);
	groups = xreallocarray(NULL, *count + 1, sizeof(*groups));
	for (size_t i = 0; i < *count; i++)
		groups[i] = QUERY_NO_GROUP;
	for (size_t i = 0; i < s->rows; i++)
		if (s->stacks[i] < *count)
			groups[s->stacks[i]] = s->groups[i];
	return groups;
}

/* The group of each site; false when single blocks decide. */
static bool assign(struct profile *p, const struct query *q,
		   const struct query_slices *s, uint32_t *of_site)
{
	struct asker a = { .sites = q->where ? where_sites_open(p, q->where)
					     : NULL };
	size_t count;
	uint32_t *groups = groups_of_stacks(p, s, &count);
	bool is_known = true;

	for (; a.site < p->site_count; a.site++) {
		uint32_t node = p->sites[a.site].node, stack;
		enum where_answer answer = WHERE_YES;

		of_site[a.site] = QUERY_NO_GROUP;
		if (p->sites[a.site].kind != q->kind ||
		    !profile_is_of(p, a.site, q->pid))
			continue;
		if (q->where)
			answer = where_evaluate(q->where, ask, &a);
		is_known &= answer != WHERE_MAYBE;
		stack = stacks_stack(p->stacks, node);
		if (answer == WHERE_YES && stack < count)
			of_site[a.site] = groups[stack];
	}
	if (a.sites)
		where_sites_close(a.sites);
	free(groups);
	return is_known;
}

static void sum(const struct profile *p, const struct query_slices *s,
		const struct model_stats *stats, const uint32_t *of_site,
		struct query_counts *counts)
{
	for (size_t g = 0; g < s->group_count; g++)
		counts[g] = (struct query_counts){ 0 };
	for (size_t i = 0; i < p->site_count; i++)
		if (of_site[i] != QUERY_NO_GROUP)
			profile_add_stats(p, &counts[of_site[i]], i, &stats[i]);
}

static int walk(const struct profile *p, const struct query_slices *s,
		const uint32_t *of_site, struct err *err)
{
	struct query_counts *counts =
		xcalloc(s->group_count + 1, sizeof(*counts));
	struct instant *at = instant_open(p->trace);
	int ret = 0;

	for (size_t i = 0; i < s->count && !ret; i++) {
		ret = instant_seek_time(at, s->times[i], err);
		if (ret)
			break;
		sum(p, s, instant_stats(at), of_site, counts);
		s->tell(s->context, i, counts);
	}
	instant_close(at);
	free(counts);
	return ret;
}

int profile_slices(struct profile *p, const struct query *q,
		   const struct query_slices *s, struct err *err)
{
	uint32_t *of_site;
	int ret;

	if (p->range)
		return err_set(err, "only allocations of a range are counted");
	of_site = xreallocarray(NULL, p->site_count + 1, sizeof(*of_site));
	if (assign(p, q, s, of_site))
		ret = walk(p, s, of_site, err);
	else
		ret = err_set(err, "--where depends on single blocks");
	free(of_site);
	return ret;
}
