/*
 * selection - see selection.h.
 */
#include "analyzer/selection.h"

#include <stdlib.h>
#include <string.h>

#include "trace/xmalloc.h"

/* What is kept. */
struct kept {
	struct selection public; /* first: selection_close() gets this */
	char *where; /* text, NULL none */
	size_t sites;
	struct model_stats *stats; /* NULL those of the profile */
	uint8_t *decided;
	struct sketch *lifetimes;
	uint64_t *lived;
	struct fates_growth *growth;
};

void selection_close(struct selection *s)
{
	struct kept *k = (struct kept *)s;

	if (!k)
		return;
	for (size_t i = 0; k->lifetimes && i < k->sites; i++)
		sketch_release(&k->lifetimes[i]);
	free(k->where);
	free(k->stats);
	free(k->decided);
	free(k->lifetimes);
	free(k->lived);
	free(k->growth);
	free(k);
}

static bool is_for(const struct kept *k, const struct query *q)
{
	const char *where = q->where ? where_text(q->where) : NULL;

	if (!k || (q->lifetimes && !k->lifetimes) || (q->growth && !k->growth))
		return false;
	if (!where || !k->where)
		return where == k->where;
	return strcmp(where, k->where) == 0;
}

struct asker {
	struct where_sites *sites;
	uint32_t site;
};

static enum where_answer ask(void *context, const struct where_test *test)
{
	const struct asker *a = context;

	return where_sites_ask(a->sites, a->site, test);
}

/* Sites as a whole. True when that leaves blocks to be looked at. */
static bool decide(const struct profile *p, struct kept *k,
		   const struct where *where, struct where_sites *sites)
{
	struct asker a = { .sites = sites };
	bool is_open = false;

	memcpy(k->stats, p->stats, k->sites * sizeof(*k->stats));
	for (; a.site < k->sites; a.site++) {
		enum where_answer answer = where_evaluate(where, ask, &a);

		/* Of mappings nothing more will be known. */
		if (answer == WHERE_MAYBE &&
		    p->sites[a.site].kind == MODEL_MAPPING)
			answer = WHERE_NO;
		k->decided[a.site] = (uint8_t)answer;
		if (answer == WHERE_YES)
			continue;
		k->stats[a.site] = (struct model_stats){ 0 };
		is_open |= answer == WHERE_MAYBE;
	}
	return is_open;
}

static int choose(struct profile *p, struct kept *k, const struct where *where,
		  struct err *err)
{
	struct where_sites *sites = NULL;
	bool is_open = k->lifetimes || k->growth;
	int ret = 0;

	memset(k->decided, WHERE_YES, k->sites);
	if (where) {
		k->stats = xcalloc(k->sites + 1, sizeof(*k->stats));
		sites = where_sites_open(p, where);
		is_open |= decide(p, k, where, sites);
	}
	if (is_open)
		ret = fates_follow(&(struct fates){ .profile = p,
						    .where = where,
						    .sites = sites,
						    .decided = k->decided,
						    .stats = k->stats,
						    .lifetimes = k->lifetimes,
						    .lived = k->lived,
						    .growth = k->growth },
				   err);
	where_sites_close(sites);
	return ret;
}

static struct kept *create(const struct profile *p, const struct query *q)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->sites = p->site_count;
	k->decided = xcalloc(k->sites + 1, sizeof(*k->decided));
	if (q->where)
		k->where = xstrdup(where_text(q->where));
	if (q->lifetimes) {
		k->lifetimes = xcalloc(k->sites + 1, sizeof(*k->lifetimes));
		k->lived = xcalloc(k->sites + 1, sizeof(*k->lived));
	}
	if (q->growth)
		k->growth = xcalloc(k->sites + 1, sizeof(*k->growth));
	return k;
}

const struct selection *selection_of(struct profile *p, const struct query *q,
				     struct err *err)
{
	struct kept *k = (struct kept *)p->selection;

	if (is_for(k, q))
		return p->selection;
	selection_close(p->selection);
	p->selection = NULL;
	k = create(p, q);
	if (choose(p, k, q->where, err) < 0) {
		selection_close(&k->public);
		return NULL;
	}
	k->public = (struct selection){
		.stats = k->stats ? k->stats : p->stats,
		.lifetimes = k->lifetimes,
		.lived = k->lived,
		.growth = k->growth,
	};
	p->selection = &k->public;
	return p->selection;
}

bool selection_has(const struct profile *p, const struct selection *s,
		   const struct query *q, size_t site)
{
	const struct model_stats *stats = &s->stats[site];

	/* A site may have begun nothing yet, or nothing that counts. */
	return p->sites[site].kind == q->kind &&
	       (stats->allocs || stats->moved_in) &&
	       profile_is_of(p, site, q->pid);
}
