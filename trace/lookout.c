/*
 * lookout - see lookout.h.
 *
 * What is live has to be known as it is in the memory that is read. So the
 * process is stopped, then all is taken that it wrote into the ring, and only
 * then the copy made. Who stands in the midst of realloc() has a block that
 * may be at its old place or at its new one: it goes on, and is stopped again.
 */
#include "trace/lookout.h"

#include <stdio.h>
#include <time.h>

enum {
	FEW = 8, /* passes: what waits in the ring; more may come; */
	ALL = 1024, /* none comes */
	HOLDS = 50, /* times that a process is stopped; */
	HOLD_NAP = 1000000, /* ns, between two of them */
};

/* Takes what the process has written into the ring. */
static void settle(struct lookout *l, const struct process *p, int passes)
{
	do {
		l->pass(l->collector);
	} while (p->pending && --passes);
}

/* Then a block of it is neither where it was nor where it will be. */
static bool is_moving(const struct lookout *l, const struct process *p)
{
	for (size_t i = 0; i < l->census->count; i++)
		if (l->census->threads[i]->process == p &&
		    l->census->threads[i]->move_count)
			return true;
	return false;
}

/* Stops the process, when all that it has done is known. */
static bool hold(struct lookout *l, struct process *p, struct copies_hold *h)
{
	for (int i = 0; i < HOLDS; i++) {
		settle(l, p, FEW);
		if (!copies_hold(l->copies, p, h))
			return false;
		p->stands = true;
		settle(l, p, ALL);
		p->stands = false;
		if (!is_moving(l, p))
			return true;
		copies_let_go(l->copies, h);
		nanosleep(&(struct timespec){ .tv_nsec = HOLD_NAP }, NULL);
	}
	err_set(&h->why, "it was in realloc() whenever it was stopped");
	return false;
}

/* What stands in the way of looking at a process that goes on. */
static const char *hindrance(const struct lookout *l, const struct process *p)
{
	if (!p->visible)
		return "it runs in another namespace of processes";
	if (l->book->sites.sample)
		return "only a sample of its blocks is known";
	return l->copies->way ? NULL : "no program is looked at here";
}

/* As it is at a mark, which is made when there is none yet. */
static void look_at(struct lookout *l, struct process *p, const char *mark,
		    uint64_t *time)
{
	const char *why = hindrance(l, p);
	struct copies_hold h;
	bool held = !why && hold(l, p, &h);

	if (!*time) {
		book_time(l->book, l->clock->last.ns);
		*time = book_mark(
			l->book,
			&(struct model_mark){ .source = MODEL_MARK_COMMAND,
					      .name = mark,
					      .process = (int32_t)p->number });
		l->looked = *time;
	}
	if (held)
		copies_look_at(l->copies, l->book, *time, &h);
	else
		copies_say(l->copies, p, *time, why ? why : h.why.text);
}

static bool is_alive(const struct process *p)
{
	return !p->known_gone && !p->ended && !p->model.note;
}

int lookout_ask(struct lookout *l, int32_t pid, char *name, struct err *err)
{
	const struct census *s = l->census;
	uint64_t time = 0;

	for (size_t i = 0; i < s->alive_count; i++) {
		struct process *p = s->alive[i];

		if (p->model.pid != pid || !is_alive(p))
			continue;
		snprintf(name, LOOKOUT_NAME, "leaks-%u", ++l->asked);
		look_at(l, p, name, &time);
		return 0;
	}
	return err_set(err, "process %d is not recorded", pid);
}

bool lookout_is_busy(const struct lookout *l)
{
	for (size_t i = 0; i < l->copies->count; i++)
		if (l->copies->readers[i].goes_on)
			return true;
	return l->copies->leaks.written < l->copies->leaks.count;
}

/* A mark of a process is about that, others are about all. */
static void look_at_mark(struct lookout *l, struct model_mark mark)
{
	struct process *list[RING_PROCESSES];
	size_t count = 0;

	/* Records are taken meanwhile, and others may come and go. */
	for (size_t i = 0; i < l->census->alive_count; i++) {
		struct process *p = l->census->alive[i];

		if (is_alive(p) && (mark.process == MODEL_NONE ||
				    mark.process == (int32_t)p->number))
			list[count++] = p;
	}
	for (size_t i = 0; i < count; i++)
		if (is_alive(list[i]))
			look_at(l, list[i], NULL, &mark.time);
}

void lookout_look(struct lookout *l)
{
	for (; l->seen < l->book->marks.count; l->seen++) {
		const struct model_mark *m = &l->book->marks.list[l->seen];

		if (l->is_looked_at && m->kind == MODEL_MARK_NAMED && m->time &&
		    m->time != l->looked &&
		    l->is_looked_at(l->context, m->name))
			look_at_mark(l, *m);
	}
}
