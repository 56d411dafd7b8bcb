/*
 * book - see book.h.
 *
 * Addresses used again
 * --------------------
 * A free is stamped before the allocator is called, an allocation after it
 * returned, so in order of stamps a block ends before its address begins
 * another. Where a processor puts the pair the wrong way round, the allocation
 * finds its address live. The free is then on its way: the old block ends now,
 * and the free that comes later, with a stamp that is not later, is taken for
 * it. In the same way a block that one thread hands to another may be freed
 * before it begins: it then ends as soon as it does.
 */
#include "trace/book.h"

#include <stdlib.h>
#include <string.h>

#include "trace/format.h"
#include "trace/xmalloc.h"

enum {
	EVENTS_AT_ONCE = 2, /* a block that ends unseen, and what follows */
	LOOK_EVERY = 4096, /* events between two looks at the columns */
	SIZE_MAX_PENDING = FORMAT_BLOCK_MAX / 4 * 3, /* bytes */
};

void book_init(struct book *b)
{
	*b = (struct book){ .most = SIZE_MAX_PENDING };
	frames_init(&b->frames);
	tree_init(&b->tree);
	sites_init(&b->sites);
	encoder_init(&b->encoder);
}

void book_release(struct book *b)
{
	for (size_t i = 0; i < b->process_count; i++)
		process_destroy(b->processes[i]);
	for (size_t i = 0; i < b->thread_count; i++)
		free((char *)b->threads[i].model.name);
	free(b->processes);
	free(b->threads);
	modules_release(&b->modules);
	codes_release(&b->codes);
	frames_release(&b->frames);
	tree_release(&b->tree);
	sites_release(&b->sites);
	encoder_release(&b->encoder);
	marks_release(&b->marks);
	gc_release(&b->gc);
}

struct process *book_add_process(struct book *b, uint32_t slot)
{
	struct process *p = process_create((uint32_t)b->process_count, slot);

	b->processes = xgrow(b->processes, &b->process_capacity,
			     b->process_count + 1, sizeof(*b->processes));
	b->processes[b->process_count++] = p;
	return p;
}

static void make_room(struct book *b)
{
	b->room = LOOK_EVERY;
	if (encoder_pending(&b->encoder) <
		    FORMAT_EVENTS_PER_BLOCK - LOOK_EVERY * EVENTS_AT_ONCE &&
	    encoder_size(&b->encoder) < b->most)
		return;
	b->full(b->context);
	book_time(b, b->last_ns);
}

/*
 * Before each event, and before anything that it changes: a block of events may
 * end here, and the next one list what is live.
 */
static inline void prepare(struct book *b)
{
	if (!b->room)
		make_room(b);
	b->room--;
}

void book_time(struct book *b, uint64_t ns)
{
	b->last_ns = ns;
	encoder_time(&b->encoder, ns);
}

static uint32_t site_for(struct book *b, struct thread *t, enum model_kind kind,
			 uint64_t size)
{
	uint32_t node = t->node;
	size_t count = b->sites.count;
	uint32_t site = sites_guess(&b->sites, node, kind, size);

	if (site)
		return site - 1;
	site = sites_find(&b->sites, node, kind, size);
	if (b->sites.count > count) {
		b->sites.list[site].sibling = t->process->first_site;
		t->process->first_site = site + 1;
	}
	return site;
}

/* What the encoder needs to know about a block that is no longer live. */
static struct encoder_block ended(const struct book *b, struct live_block block)
{
	const struct site *site = &b->sites.list[block.site];

	return (struct encoder_block){ .number = block.number,
				       .site = site,
				       .site_number = block.site,
				       .size = site->key.size - block.slack };
}

static void end_block(struct book *b, struct process *p,
		      const struct encoder_block *e, enum sites_end how)
{
	p->bytes[MODEL_HEAP] -= e->size;
	encoder_free(&b->encoder, e, how == SITES_TEMPORARY);
	sites_end(&b->sites, e->site_number, e->size, how);
}

/* An event whose partner, of another thread, may come after it. */
static void keep_early(struct reorder *r, const struct thread *t, uint64_t addr,
		       uint64_t stamp)
{
	if (stamp)
		reorder_keep(r,
			     &(struct reorder_event){ addr, stamp, t->slot });
}

static bool is_late(struct book *b, struct reorder *r, const struct thread *t,
		    uint64_t addr, uint64_t stamp)
{
	struct reorder_event e = { addr, stamp, t->slot };

	if (!reorder_take(r, &e))
		return false;
	b->quality.reordered++;
	return true;
}

/* The end, or `n` of them, of a block that is not known. */
static void count_unknown(struct book *b, const struct process *p, int n)
{
	/* A sample has no more than the blocks that it has. */
	if (b->sites.sample)
		return;
	if (p->model.origin == MODEL_ORIGIN_FORK)
		b->quality.inherited_frees += (uint64_t)n;
	else if (b->was_off || p->model.origin == MODEL_ORIGIN_ATTACH)
		b->quality.unrecorded_frees += (uint64_t)n;
	else
		b->quality.unmatched_frees += (uint64_t)n;
}

/*
 * The end of a block that is not known: of one that is still to begin, or from
 * before the trace. When another thread ended a block there a moment ago, that
 * end may have been the early one, and this is the other's: so the block to
 * come may be of either.
 */
static void end_unknown(struct book *b, struct thread *t, uint64_t addr,
			uint64_t stamp)
{
	struct process *p = t->process;
	struct reorder_event own = { addr, stamp, t->slot }, other = own;

	if (reorder_take(&p->ends, &other))
		own.slot = REORDER_ANYBODY;
	count_unknown(b, p, 1);
	if (stamp)
		reorder_keep(&p->unbegun, &own);
}

/*
 * Ends the block that has just begun, when its end has come before; unless it
 * was of the next one, as its own thread will then say.
 */
static void end_if_ended(struct book *b, struct thread *t, uint64_t addr,
			 uint64_t stamp)
{
	struct process *p = t->process;
	struct reorder_event e = { addr, stamp, t->slot };
	struct live_block block;
	struct encoder_block end;

	if (!reorder_take(&p->unbegun, &e))
		return;
	prepare(b);
	b->quality.reordered++;
	count_unknown(b, p, -1);
	reorder_keep(&p->ends, &e);
	if (!live_take(&p->live, addr, &block))
		return;
	end = ended(b, block);
	end_block(b, p, &end, SITES_FREED);
}

/* What begins: the block with the encoder's next number. */
struct beginning {
	uint64_t addr, size;
	uint32_t site;
};

/* Makes it live; a block that was at its address ends. */
static void settle(struct book *b, struct thread *t,
		   const struct beginning *begin, uint64_t stamp)
{
	struct process *p = t->process;
	uint64_t most = b->sites.list[begin->site].key.size;
	struct live_block old,
		new = { .site = begin->site,
			.slack = (uint32_t)(most - begin->size),
			.number = encoder_next_block(&b->encoder) };
	struct encoder_block e;

	t->newest = new.number + 1;
	p->bytes[MODEL_HEAP] += begin->size;
	if (!live_put(&p->live, begin->addr, new, &old))
		return;
	e = ended(b, old);
	end_block(b, p, &e, SITES_FREED);
	keep_early(&p->reused, t, begin->addr, stamp);
}

void book_alloc(struct book *b, struct thread *t, uint64_t addr, uint64_t size,
		uint64_t stamp)
{
	uint32_t site;

	prepare(b);
	site = site_for(b, t, MODEL_HEAP, size);
	settle(b, t, &(struct beginning){ addr, size, site }, stamp);
	encoder_alloc(&b->encoder, site, &b->sites.list[site], size);
	sites_begin(&b->sites, site, size, false, b->encoder.time);
	end_if_ended(b, t, addr, stamp);
}

/*
 * A sample does not know what was allocated in between, and nobody does while
 * recording is off.
 */
static bool is_temporary(const struct book *b, const struct thread *t,
			 const struct live_block *block)
{
	return t->newest == block->number + 1 && !b->sites.sample &&
	       block->number >= b->switched && !b->off;
}

void book_free(struct book *b, struct thread *t, uint64_t addr, uint64_t stamp)
{
	struct process *p = t->process;
	struct live_block block;
	struct encoder_block e;

	if (is_late(b, &p->reused, t, addr, stamp))
		return;
	prepare(b);
	if (!live_take(&p->live, addr, &block)) {
		end_unknown(b, t, addr, stamp);
		return;
	}
	keep_early(&p->ends, t, addr, stamp);
	e = ended(b, block);
	if (__builtin_expect(t->gc != NULL, 0))
		gc_free(t->gc,
			&(struct gc_block){ e.number, e.size, e.site_number });
	end_block(b, p, &e,
		  is_temporary(b, t, &block) ? SITES_TEMPORARY : SITES_FREED);
}

void book_move_out(struct book *b, struct thread *t, uint64_t addr,
		   uint64_t stamp)
{
	struct process *p = t->process;
	struct live_block there;
	struct thread_move *move;

	while (t->move_count >= THREAD_MOVES)
		book_move_back(b, t);
	move = &t->moves[t->move_count++];
	*move = (struct thread_move){ .addr = addr };
	if (is_late(b, &p->reused, t, addr, stamp))
		return;
	move->known = live_take(&p->live, addr, &move->block);
	if (!move->known) {
		end_unknown(b, t, addr, stamp);
		return;
	}
	keep_early(&p->ends, t, addr, stamp);
	live_put(&p->moving, move->block.number + 1,
		 (struct live_block){ .site = move->block.site,
				      .number = ended(b, move->block).size },
		 &there);
}

/* What the thread moved out last is its own no longer. */
static struct thread_move take_move(struct thread *t)
{
	struct thread_move move = t->moves[--t->move_count];
	struct live_block there;

	if (move.known)
		live_take(&t->process->moving, move.block.number + 1, &there);
	return move;
}

static void move_from_unknown(struct book *b, struct thread *t, uint64_t addr,
			      uint64_t size, uint64_t stamp)
{
	uint32_t site = site_for(b, t, MODEL_HEAP, size);

	settle(b, t, &(struct beginning){ addr, size, site }, stamp);
	encoder_moved_in(&b->encoder, site, &b->sites.list[site], size);
	sites_begin(&b->sites, site, size, true, b->encoder.time);
	end_if_ended(b, t, addr, stamp);
}

void book_move_in(struct book *b, struct thread *t, uint64_t addr,
		  uint64_t size, uint64_t stamp)
{
	struct thread_move move = { 0 };
	struct encoder_block old;
	uint32_t site;

	prepare(b);
	if (t->move_count)
		move = take_move(t);
	else
		count_unknown(b, t->process, 1);
	if (!move.known) {
		move_from_unknown(b, t, addr, size, stamp);
		return;
	}
	site = site_for(b, t, MODEL_HEAP, size);
	settle(b, t, &(struct beginning){ addr, size, site }, stamp);
	old = ended(b, move.block);
	t->process->bytes[MODEL_HEAP] -= old.size;
	old.moved = move.addr != addr;
	encoder_realloc(&b->encoder, &old, site, &b->sites.list[site], size);
	sites_end(&b->sites, old.site_number, old.size, SITES_MOVED);
	sites_begin(&b->sites, site, size, true, b->encoder.time);
	end_if_ended(b, t, addr, stamp);
}

static void end_move(struct book *b, struct process *p,
		     const struct thread_move *move)
{
	struct encoder_block e = ended(b, move->block);

	end_block(b, p, &e, SITES_FREED);
}

void book_move_end(struct book *b, struct thread *t)
{
	struct thread_move move = { 0 };

	prepare(b);
	if (t->move_count)
		move = take_move(t);
	if (move.known)
		end_move(b, t->process, &move);
}

void book_move_back(struct book *b, struct thread *t)
{
	struct thread_move move;
	struct process *p = t->process;
	struct live_block there;

	if (!t->move_count)
		return;
	prepare(b);
	move = take_move(t);
	if (!move.known)
		return;
	if (live_find(&p->live, move.addr, &there)) {
		/* Its address is in use: it did go away. */
		end_move(b, p, &move);
		return;
	}
	live_put(&p->live, move.addr, move.block, &there);
}

void book_unmap(struct book *b, struct process *p, uint64_t addr, uint64_t size)
{
	struct mappings_part part;

	while (mappings_take(&p->mappings, addr, addr + size, &part)) {
		prepare(b);
		encoder_unmap(&b->encoder, part.site, part.size, part.ended);
		p->bytes[MODEL_MAPPING] -= part.size;
		sites_unmap(&b->sites, part.site, part.size, part.ended);
	}
}

void book_map(struct book *b, struct thread *t, uint64_t addr, uint64_t size)
{
	uint32_t site;

	if (!size)
		return;
	book_unmap(b, t->process, addr, size);
	prepare(b);
	site = site_for(b, t, MODEL_MAPPING, size);
	mappings_add(&t->process->mappings, addr, addr + size, site);
	t->process->bytes[MODEL_MAPPING] += size;
	encoder_map(&b->encoder, site, &b->sites.list[site], size);
	sites_begin(&b->sites, site, size, false, b->encoder.time);
}

static uint64_t now(const struct book *b)
{
	return b->last_ns > b->encoder.time ? b->last_ns : b->encoder.time;
}

uint64_t book_mark(struct book *b, const struct model_mark *mark)
{
	struct model_mark m = *mark;

	m.time = now(b);
	m.events = b->encoder.events;
	marks_add(&b->marks, &m);
	if (m.kind == MODEL_MARK_NAMED)
		return m.time;
	b->off = m.kind == MODEL_MARK_STOPPED;
	b->was_off = true;
	b->switched = encoder_next_block(&b->encoder);
	return m.time;
}

void book_gc_begin(struct book *b, struct thread *t, const struct ring_gc *gc)
{
	struct process *p = t->process;
	const struct gc_birth birth = { encoder_next_block(&b->encoder),
					now(b) };
	struct live_block own;

	gc_drop(t->gc);
	if (!p->gc)
		p->gc = xcalloc(1, sizeof(*p->gc));
	t->gc = gc_begin(p->gc, p->number, gc->generation, &birth);
	for (size_t i = 0; i < RING_GC_OWN; i++)
		if (gc->own[i] && live_find(&p->live, gc->own[i], &own))
			t->gc->own[t->gc->own_count++] = own.number;
}

void book_gc_end(struct book *b, struct thread *t, const uint64_t objects[2])
{
	if (t->gc)
		gc_end(&b->gc, t->gc, now(b), objects);
	t->gc = NULL;
}

/* What the process still has ends with it. */
static void lose_blocks(struct book *b, struct process *p)
{
	struct order *order = &b->encoder.order;
	uint64_t oldest = order->next, reach = 0, addr;
	struct live_block block;

	for (size_t at = 0; live_next(&p->live, &at, &block, &addr);)
		if (block.number < oldest)
			oldest = block.number;
	for (size_t at = 0; live_next(&p->moving, &at, &block, &addr);)
		if (addr - 1 < oldest)
			oldest = addr - 1;
	if (oldest < order->next)
		reach = order_rank(order, oldest) + 1;
	encoder_exit(&b->encoder, p->number, reach);
	for (size_t at = 0; live_next(&p->live, &at, &block, &addr);)
		encoder_lose(&b->encoder, block.number);
	for (size_t at = 0; live_next(&p->moving, &at, &block, &addr);)
		encoder_lose(&b->encoder, addr - 1);
}

void book_exit(struct book *b, struct process *p, uint64_t ns)
{
	p->ended = true;
	p->changed = true;
	p->model.end = ns;
	prepare(b);
	/* Nothing may have happened for long before. */
	encoder_time(&b->encoder, ns);
	lose_blocks(b, p);
	for (uint32_t at = p->first_site; at;
	     at = b->sites.list[at - 1].sibling)
		sites_kill(&b->sites, at - 1);
	process_retire(p);
}

/* Where what is live is put in order: one entry a block, by age. */
struct listing {
	const struct order *order;
	uint32_t *site;
	uint64_t *size;
};

static void list_block(const struct listing *l, uint64_t number, uint32_t site,
		       uint64_t size)
{
	uint64_t place;

	if (!order_has(l->order, number))
		return;
	place = l->order->live - 1 - order_rank(l->order, number);
	l->site[place] = site;
	l->size[place] = size;
}

static void list_process(const struct book *b, const struct process *p,
			 const struct listing *l)
{
	struct live_block block;
	uint64_t addr;

	for (size_t at = 0; live_next(&p->live, &at, &block, &addr);)
		list_block(l, block.number, block.site, ended(b, block).size);
	for (size_t at = 0; live_next(&p->moving, &at, &block, &addr);)
		list_block(l, addr - 1, block.site, block.number);
}

void book_list_live(struct book *b)
{
	const struct order *order = &b->encoder.order;
	struct listing l = { .order = order,
			     .site = xcalloc(order->live, sizeof(*l.site)),
			     .size = xcalloc(order->live, sizeof(*l.size)) };

	for (size_t i = 0; i < b->process_count; i++)
		list_process(b, b->processes[i], &l);
	encoder_list(&b->encoder, &(struct encoder_live){
					  .sites = &b->sites,
					  .site = l.site,
					  .size = l.size,
					  .count = order->live,
				  });
	free(l.site);
	free(l.size);
}

static uint32_t add_thread(struct book *b, struct thread *t, const char *name,
			   uint64_t ns)
{
	struct book_thread *new;

	b->threads = xgrow(b->threads, &b->thread_capacity, b->thread_count + 1,
			   sizeof(*b->threads));
	new = &b->threads[b->thread_count];
	*new = (struct book_thread){ .model = { .process = t->process->number,
						.tid = t->tid,
						.start = ns } };
	process_set(&new->model.name, name);
	return (uint32_t)b->thread_count++;
}

/* The entry for threads of that name beyond those with their own. */
static uint32_t shared_entry(struct book *b, struct thread *t, const char *name,
			     uint64_t ns)
{
	struct process *p = t->process;
	uint32_t number;

	for (size_t i = 0; i < p->thread_names_count; i++) {
		number = p->thread_names[i];
		if (i == BOOK_SHARED - 1 ||
		    !strcmp(b->threads[number].model.name, name))
			return number;
	}
	if (p->thread_names_count == BOOK_SHARED - 1)
		name = "other threads";
	number = add_thread(b, t, name, ns);
	b->threads[number].model.tid = 0;
	p->thread_names =
		xgrow(p->thread_names, &p->thread_names_capacity,
		      p->thread_names_count + 1, sizeof(*p->thread_names));
	p->thread_names[p->thread_names_count++] = number;
	return number;
}

void book_enter_thread(struct book *b, struct thread *t, const char *name,
		       uint64_t ns)
{
	struct model_frame root = { .kind = MODEL_FRAME_THREAD };
	uint32_t frame;

	t->shares_entry = t->process->roots >= BOOK_ROOTS;
	if (t->shares_entry) {
		t->number = shared_entry(b, t, name, ns);
	} else {
		t->number = add_thread(b, t, name, ns);
		t->process->roots++;
	}
	root.addr = t->number;
	frame = frames_intern(&b->frames, &root);
	t->stack[0].path = tree_path(0, frame);
	t->stack[0].node = tree_child(
		&b->tree, &(struct tree_step){ .path = t->stack[0].path },
		frame);
	t->node = t->stack[0].node;
}

void book_name_thread(struct book *b, struct thread *t, const char *name)
{
	struct book_thread *entry = &b->threads[t->number];

	if (t->shares_entry || !strcmp(entry->model.name, name))
		return;
	process_set(&entry->model.name, name);
	entry->changed = true;
}
