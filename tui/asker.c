/*
 * asker - see asker.h.
 */
#include "tui/asker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "trace/xmalloc.h"
#include "tui/view.h"

enum {
	MARKS_MAX = 1000,
	FAR = 500000, /* events of a run in which going somewhere takes time */
};

/* Whoever reads names as the trace's: one trace twice is the same words. */
static const char *spec_of(const struct asker *a, bool is_base)
{
	const struct tui_options *o = a->options;

	return o->spec[o->specs == 2 && !is_base ? 1 : 0];
}

bool asker_compares(const struct asker *a, const struct ask *ask)
{
	return ask->base[0] || a->options->specs == 2;
}

/* There, whatever was open before. */
static int go(struct asker *a, struct profile **p, const char *when,
	      struct err *err)
{
	bool is_base = p == &a->base;

	if (!*p) {
		*p = profile_open(spec_of(a, is_base), &a->options->profile,
				  err);
		if (!*p)
			return -1;
		profile_on_read(*p, a->stops, a->arg);
	}
	profile_forget(*p);
	if (!*when || strcmp(profile_instant(*p), when) == 0)
		return 0;
	return profile_seek(*p, when, err);
}

static int parse_where(struct asker *a, const char *text, struct err *err)
{
	if (a->where && strcmp(where_text(a->where), text) == 0)
		return 0;
	where_destroy(a->where);
	a->where = NULL;
	if (!*text)
		return 0;
	a->where = where_parse(text, err);
	return a->where ? 0 : -1;
}

/* What has grown since is another profile. */
static void reload(struct asker *a)
{
	profile_close(a->now);
	profile_close(a->base);
	a->now = a->base = NULL;
}

static int prepare(struct asker *a, const struct ask *ask, struct err *err)
{
	if (ask->reload)
		reload(a);
	if (go(a, &a->now, ask->now, err) < 0)
		return -1;
	if (asker_compares(a, ask) && go(a, &a->base, ask->base, err) < 0)
		return -1;
	return parse_where(a, ask->where, err);
}

static char *command_of(const struct trace_run *run)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return xstrdup("");
	for (size_t i = 0; i < run->argc; i++)
		fprintf(out, i ? " %s" : "%s", run->argv[i]);
	fclose(out);
	return text;
}

/* Marks of the same name as `i` before `end`. */
static size_t count_before(const struct model_mark *marks, size_t i, size_t end)
{
	size_t count = 0;

	for (size_t j = 0; j < end; j++)
		count += marks[j].kind == MODEL_MARK_NAMED &&
			 strcmp(marks[j].name, marks[i].name) == 0;
	return count;
}

/* Times are coarser than marks: "mark:NAME#2", where that can be said. */
static const char *when_of(struct page *p, const struct model_mark *marks,
			   size_t i, size_t count)
{
	const struct model_mark *m = &marks[i];

	if (strchr(m->name, '#') || strlen(m->name) > ASK_WHEN / 2)
		return page_format(p, "%" PRIu64 "ns", m->time);
	if (count_before(marks, i, count) == 1)
		return page_format(p, "mark:%s", m->name);
	return page_format(p, "mark:%s#%zu", m->name,
			   count_before(marks, i, i) + 1);
}

static void add_marks(struct asker *a, struct page *p)
{
	size_t count, room = 0;
	const struct model_mark *marks = profile_marks(a->now, &count);

	for (size_t i = 0; i < count && p->mark_count < MARKS_MAX; i++) {
		if (marks[i].kind != MODEL_MARK_NAMED)
			continue;
		p->marks = xgrow(p->marks, &room, p->mark_count + 1,
				 sizeof(*p->marks));
		p->marks[p->mark_count++] =
			(struct page_mark){ page_text(p, marks[i].name),
					    when_of(p, marks, i, count),
					    marks[i].time };
	}
}

static void describe(struct asker *a, struct page *p)
{
	const struct trace_run *run = profile_run(a->now);
	const struct query_quality *q = profile_quality(a->now);
	struct page_head *h = &p->head;

	h->command = page_own(p, command_of(run));
	h->cwd = page_text(p, run->cwd);
	h->now = page_text(p, profile_instant(a->now));
	h->time = profile_time(a->now);
	h->duration = run->duration;
	h->totals =
		*profile_totals_of(a->now, a->options->kind, a->options->pid);
	h->is_complete = q->complete;
	h->is_live = run->is_live;
	h->has_classes = !profile_doubt_leaks(a->now) &&
			 strcmp(profile_instant(a->now), "end") == 0;
	h->is_sample = run->sample != 0;
	h->notes = q->note_count + q->gap_count;
	h->problem = page_text(p, profile_problem(a->now));
	add_marks(a, p);
	h->has_two = a->options->specs == 2;
	if (!asker_compares(a, &p->ask))
		return;
	h->base = page_text(p, profile_instant(a->base));
	h->base_time = profile_time(a->base);
	h->base_live =
		profile_totals_of(a->base, a->options->kind, a->options->pid)
			->live_bytes;
}

static bool is_far(const struct asker *a, const struct ask *ask)
{
	/* A condition may have to follow blocks, which takes as long. */
	return a->now && !ask->reload && *ask->now && !*ask->where &&
	       strcmp(profile_instant(a->now), ask->now) != 0 &&
	       profile_run(a->now)->events > FAR;
}

struct page *asker_answer_near(struct asker *a, const struct ask *ask)
{
	struct err err;
	struct ask near;
	struct page *p;

	if (!is_far(a, ask) || profile_seek_near(a->now, ask->now, &err) < 0)
		return NULL;
	ask_copy(&near, ask);
	snprintf(near.now, sizeof(near.now), "%s", profile_instant(a->now));
	p = asker_answer(a, &near);
	p->is_near = true;
	strcpy(p->ask.now, ask->now);
	ask_release(&near);
	return p;
}

struct page *asker_answer(struct asker *a, const struct ask *ask)
{
	struct page *p = page_create(ask);
	struct err err = { "" };
	int ret = prepare(a, ask, &err);

	if (a->now)
		describe(a, p);
	if (ret == 0)
		ret = view_of(ask->view)->fill(a, p, &err);
	if (ret < 0)
		p->error = page_text(p, err.text);
	p->is_fatal = !a->now || (a->options->specs == 2 && !a->base);
	return p;
}

void asker_release(struct asker *a)
{
	where_destroy(a->where);
	profile_close(a->base);
	profile_close(a->now);
}

struct query asker_query(const struct asker *a, const struct ask *ask)
{
	return (struct query){
		.by = QUERY_BY_LINE,
		.sort = ask->metric,
		.kind = a->options->kind,
		.pid = a->options->pid,
		.where = a->where,
	};
}
