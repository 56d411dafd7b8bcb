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

	if (guess_next(g) == number)
		flags = EVENTS_GUESSED;
	else
		column_put(&e->columns[EVENTS_SITES], number);
	guess_learn(g, number);
	if (!site->key.exact)
		column_put(&e->columns[EVENTS_SLACKS], site->key.size - size);
	return flags;
}

/* The same for the site of a block that began before these columns. */
static unsigned int put_ended_site(struct encoder *e,
				   const struct encoder_block *b)
{
	struct guess *g = &e->ends;
	unsigned int flags = EVENTS_BEFORE;

	if (guess_next(g) == b->site_number)
		flags |= EVENTS_END_GUESSED;
	else
		column_put(&e->columns[EVENTS_ENDED_SITES], b->site_number);
	guess_learn(g, b->site_number);
	if (!b->site->key.exact)
		column_put(&e->columns[EVENTS_SLACKS],
			   b->site->key.size - b->size);
	return flags;
}

static unsigned int put_end(struct encoder *e, const struct encoder_block *b)
{
	uint64_t age = e->blocks - b->number;
	unsigned int flags = 0;

	if (age == 1)
		flags = EVENTS_YOUNGEST;
	else
		scale_put(&e->columns[EVENTS_AGES], age);
	if (b->number < e->first_block)
		flags |= put_ended_site(e, b);
	return flags;
}

void encoder_alloc(struct encoder *e, uint32_t number, const struct site *site,
		   uint64_t size)
{
	put_op(e, EVENTS_ALLOC | put_site(e, number, site, size));
	e->events++;
	e->blocks++;
}

void encoder_moved_in(struct encoder *e, uint32_t number,
		      const struct site *site, uint64_t size)
{
	put_op(e, EVENTS_MOVED_IN | put_site(e, number, site, size));
	e->events++;
	e->blocks++;
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

	put_op(e, EVENTS_REALLOC | flags | put_site(e, number, site, size));
	e->events++;
	e->blocks++;
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

void encoder_exit(struct encoder *e, uint32_t process)
{
	put_op(e, EVENTS_EXIT);
	column_put(&e->columns[EVENTS_NUMBERS], process);
	e->events++;
}

uint64_t encoder_pending(const struct encoder *e)
{
	return e->events - e->first_event;
}

size_t encoder_size(const struct encoder *e)
{
	return columns_size(e->columns, EVENTS_COLUMNS);
}

void encoder_close(struct encoder *e)
{
	struct column *head = &e->columns[EVENTS_HEAD];

	head->size = 0;
	column_put(head, encoder_pending(e));
	column_put(head, e->first_event);
	column_put(head, e->first_block);
	column_put(head, e->first_time);
}

void encoder_next(struct encoder *e, bool fresh)
{
	columns_clear(e->columns, EVENTS_COLUMNS);
	e->first_event = e->events;
	e->first_block = e->blocks;
	e->first_time = e->time;
	e->fresh = fresh;
	if (!fresh)
		return;
	guess_reset(&e->begins);
	guess_reset(&e->ends);
}
