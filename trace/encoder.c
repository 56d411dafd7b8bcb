/*
 * encoder - see encoder.h.
 */
#include "trace/encoder.h"

static void put_op(struct encoder *e, unsigned int op)
{
	struct column *ops = &e->columns[EVENTS_OPS];

	if (ops->size == ops->capacity)
		column_reserve(ops, 1);
	ops->bytes[ops->size++] = (uint8_t)op;
}

void encoder_init(struct encoder *e)
{
	*e = (struct encoder){ .fresh = true };
}

void encoder_release(struct encoder *e)
{
	columns_release(e->columns, EVENTS_COLUMNS);
	guess_release(&e->begins);
	guess_release(&e->ends);
	order_release(&e->order);
}

void encoder_time(struct encoder *e, uint64_t ns)
{
	uint64_t ticks;

	if (!encoder_pending(e)) {
		if (ns > e->time)
			e->time = ns;
		e->first_time = e->time;
		return;
	}
	if (ns < e->time + EVENTS_STEP)
		return;
	ticks = (ns - e->time) >> EVENTS_TICK_SHIFT;
	e->time += ticks << EVENTS_TICK_SHIFT;
	put_op(e, EVENTS_TIME);
	column_put(&e->columns[EVENTS_TIMES], ticks);
}

/* Writes the site that begins and gives the flags to go with it. */
static unsigned int put_site(struct encoder *e, uint32_t number,
			     const struct site *site, uint64_t size)
{
	struct guess *g = &e->begins;
	unsigned int flags = 0;

	if (guess_next(g) == number) {
		flags = EVENTS_GUESSED;
	} else {
		column_put(&e->columns[EVENTS_SITES], number);
		e->missed++;
	}
	guess_learn(g, number);
	if (!site->key.exact)
		column_put(&e->columns[EVENTS_SLACKS], site->key.size - size);
	return flags;
}

static unsigned int put_end(struct encoder *e, const struct encoder_block *b)
{
	uint64_t rank = order_end(&e->order, b->number);

	if (!rank)
		return EVENTS_YOUNGEST;
	scale_put(&e->columns[EVENTS_RANKS], rank - 1, &e->rank);
	return 0;
}

void encoder_alloc(struct encoder *e, uint32_t number, const struct site *site,
		   uint64_t size)
{
	put_op(e, EVENTS_ALLOC | put_site(e, number, site, size));
	e->events++;
	order_add(&e->order);
}

void encoder_moved_in(struct encoder *e, uint32_t number,
		      const struct site *site, uint64_t size)
{
	put_op(e, EVENTS_MOVED_IN | put_site(e, number, site, size));
	e->events++;
	order_add(&e->order);
}

void encoder_free(struct encoder *e, const struct encoder_block *b,
		  bool temporary)
{
	put_op(e, EVENTS_FREE | put_end(e, b) |
			  (temporary ? EVENTS_TEMPORARY : 0));
	e->events++;
}

void encoder_realloc(struct encoder *e, const struct encoder_block *old,
		     uint32_t number, const struct site *site, uint64_t size)
{
	unsigned int flags = put_end(e, old);

	if (old->moved)
		flags |= EVENTS_TEMPORARY;
	put_op(e, EVENTS_REALLOC | flags | put_site(e, number, site, size));
	e->events++;
	order_add(&e->order);
}

void encoder_map(struct encoder *e, uint32_t number, const struct site *site,
		 uint64_t size)
{
	put_op(e, EVENTS_MAP | put_site(e, number, site, size));
	e->events++;
}

void encoder_unmap(struct encoder *e, uint32_t number, uint64_t size,
		   bool ended)
{
	struct guess *g = &e->ends;
	unsigned int flags = ended ? EVENTS_TEMPORARY : 0;

	if (guess_next(g) == number)
		flags |= EVENTS_END_GUESSED;
	else
		column_put(&e->columns[EVENTS_ENDED_SITES], number);
	guess_learn(g, number);
	put_op(e, EVENTS_UNMAP | flags);
	column_put(&e->columns[EVENTS_NUMBERS], size);
	e->events++;
}

void encoder_exit(struct encoder *e, uint32_t process, uint64_t reach)
{
	put_op(e, EVENTS_EXIT);
	column_put(&e->columns[EVENTS_NUMBERS], process);
	column_put(&e->columns[EVENTS_NUMBERS], reach);
	e->events++;
}

void encoder_lose(struct encoder *e, uint64_t number)
{
	order_take(&e->order, number);
}

uint64_t encoder_pending(const struct encoder *e)
{
	return e->events - e->first_event;
}

size_t encoder_size(const struct encoder *e)
{
	return columns_size(e->columns, EVENTS_COLUMNS);
}

/* Moves the bytes of SITES to the columns that they are for. */
static void part_sites(struct encoder *e)
{
	struct column *sites = &e->columns[EVENTS_SITES];
	unsigned int plane = 0;
	size_t first = 0;

	for (size_t i = 0; i < sites->size; i++) {
		uint8_t byte = sites->bytes[i];

		if (plane)
			scale_put_byte(&sites[plane], byte);
		else
			sites->bytes[first++] = byte;
		if (byte < 0x80)
			plane = 0;
		else if (plane < EVENTS_PLANES - 1)
			plane++;
	}
	sites->size = first;
}

void encoder_close(struct encoder *e)
{
	struct column *head = &e->columns[EVENTS_HEAD];
	/* Most sites are a surprise: no repetition would be torn apart. */
	bool planes = e->missed > (e->order.next - e->first_block) / 4 * 3;

	if (planes)
		part_sites(e);
	head->size = 0;
	column_put(head, encoder_pending(e));
	column_put(head, e->first_event);
	column_put(head, e->first_block);
	column_put(head, e->first_time);
	column_put(head, e->first_live);
	column_put(head, planes);
}

void encoder_next(struct encoder *e, bool fresh)
{
	columns_clear(e->columns, EVENTS_COLUMNS);
	e->first_event = e->events;
	e->first_block = e->order.next;
	e->first_live = e->order.live;
	e->first_time = e->time;
	e->rank = 0;
	e->missed = 0;
	e->fresh = fresh;
	if (!fresh)
		return;
	guess_reset(&e->begins);
	guess_reset(&e->ends);
}

void encoder_list(struct encoder *e, const struct encoder_live *live)
{
	struct column *sites = &e->columns[EVENTS_LIVE_SITES];
	struct guess g = { 0 };

	for (size_t i = 0; i < live->count; i++) {
		const struct model_site *key =
			&live->sites->list[live->site[i]].key;

		if (guess_next(&g) == live->site[i])
			column_put(sites, 0);
		else
			column_put(sites, (uint64_t)live->site[i] + 1);
		guess_learn(&g, live->site[i]);
		if (!key->exact)
			column_put(&e->columns[EVENTS_LIVE_SLACKS],
				   key->size - live->size[i]);
	}
	guess_release(&g);
}
