/*
 * held - see held.h.
 */
#include "analyzer/held.h"

#include <stdlib.h>

#include "trace/instant.h"
#include "trace/weight.h"
#include "trace/xmalloc.h"

uint64_t held_weigh(const struct held *h, uint64_t size)
{
	uint64_t sample = trace_run(h->profile->trace)->sample;

	return sample ? (uint64_t)((double)size * weight_of(size, sample))
		      : size;
}

/* Where the first events were left out, what was live by then. */
static int start_late(struct held *h, struct err *err)
{
	const struct profile *p = h->profile;
	uint64_t first = trace_run(p->trace)->first_event;
	struct instant *at = first ? instant_open(p->trace) : NULL;
	const struct model_stats *stats = NULL;
	int ret = 0;

	if (at)
		ret = instant_seek_event(at, first, err);
	if (at && !ret)
		stats = instant_stats(at);
	for (size_t i = 0; stats && i < p->site_count; i++) {
		uint64_t bytes = model_live_bytes(&stats[i]);

		if (p->sites[i].kind != MODEL_HEAP)
			continue;
		h->bytes[h->process[i]] += bytes;
		h->total += bytes;
	}
	instant_close(at);
	return ret;
}

int held_init(struct held *h, struct profile *p, struct err *err)
{
	*h = (struct held){ .profile = p };
	h->bytes = xcalloc(p->process_count + 1, sizeof(*h->bytes));
	h->process = xcalloc(p->site_count + 1, sizeof(*h->process));
	for (size_t i = 0; i < p->site_count; i++) {
		uint32_t process = profile_process_of(p, i);

		h->process[i] = process < p->process_count
					? process
					: (uint32_t)p->process_count;
	}
	return start_late(h, err);
}

void held_release(struct held *h)
{
	free(h->bytes);
	free(h->process);
}

static void add(struct held *h, uint32_t site, uint64_t bytes)
{
	h->bytes[h->process[site]] += bytes;
	h->total += bytes;
}

void held_begin(struct held *h, const struct model_event *e)
{
	add(h, e->site, held_weigh(h, e->size));
}

void held_end(struct held *h, const struct model_event *e)
{
	if (e->kind != MODEL_EVENT_REALLOC)
		add(h, e->site, -held_weigh(h, e->size));
	else if (e->old_site != MODEL_NO_SITE)
		add(h, e->old_site, -held_weigh(h, e->old_size));
}

void held_exit(struct held *h, uint32_t process)
{
	if (process >= h->profile->process_count)
		return;
	h->total -= h->bytes[process];
	h->bytes[process] = 0;
}

uint64_t held_of(const struct held *h, uint32_t site)
{
	return h->bytes[h->process[site]];
}
