/*
 * web_choose - the stacks that a page keeps, and their tree; see web.h.
 *
 * A stack counts by the largest share that it has of any metric in any trace,
 * so that what dominates under one metric is there whichever is chosen.
 */
#include "cli/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/export.h"
#include "text/escape.h"
#include "trace/xmalloc.h"

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

static bool is_program(const struct profile *p, const char *module)
{
	size_t count;
	const struct model_process *list = profile_processes(p, &count);

	for (size_t i = 0; i < count; i++)
		if (list[i].exe && strcmp(list[i].exe, module) == 0)
			return true;
	return false;
}

/* What the program's author did not write, as far as paths tell. */
static bool is_library(const struct web *p, size_t side,
		       const struct query_frame *f)
{
	if (f->python)
		return f->library || f->wrapper;
	if (f->wrapper || begins(f->file, "/usr/include/") ||
	    begins(f->file, "/rustc/"))
		return true;
	if (!begins(f->module, "/usr/") && !begins(f->module, "/lib"))
		return false;
	return !is_program(p->side[side].profile, f->module);
}

static uint32_t text_of(struct web *p, const char *text)
{
	return web_text(&p->texts, escape_text(text ? text : ""));
}

static uint32_t function_of(struct web *p, size_t side,
			    const struct query_frame *f)
{
	char *name = export_name(f), *brief = query_brief_name(name);
	uint32_t item[WEB_FUNCTION_WIDTH] = {
		[WEB_BRIEF] = web_text(&p->texts, brief),
		[WEB_NAME] = web_text(&p->texts, name),
		[WEB_FLAGS] = is_library(p, side, f) ? WEB_LIBRARY : 0,
	};

	/* Two builds may be in two places. */
	if (p->sides == 1)
		item[WEB_MODULE] = text_of(p, f->module);
	return web_number(&p->functions, item, WEB_BRIEF);
}

uint32_t web_frame_of(struct web *p, size_t side, const struct query_frame *f)
{
	uint32_t item[WEB_FRAME_WIDTH];
	bool is_new;
	uint32_t seen =
		export_number(&p->seen[side], export_call_key(f), &is_new);

	if (!is_new)
		return p->seen_frame[side][seen];
	item[WEB_OF_FUNCTION] = function_of(p, side, f);
	item[WEB_FILE] = text_of(p, f->file);
	item[WEB_LINE] = f->line;
	item[WEB_OF_MODULE] = text_of(p, f->module);
	p->seen_frame[side] =
		xgrow(p->seen_frame[side], &p->seen_room[side],
		      (size_t)seen + 1, sizeof(*p->seen_frame[side]));
	return p->seen_frame[side][seen] =
		       web_number(&p->frames, item, WEB_FRAME_WIDTH);
}

uint32_t web_remark(struct web *p, const char *text)
{
	uint32_t function[WEB_FUNCTION_WIDTH] = { 0 };
	uint32_t frame[WEB_FRAME_WIDTH] = { 0 };

	function[WEB_NAME] = function[WEB_BRIEF] = text_of(p, text);
	function[WEB_FLAGS] = WEB_REST;
	frame[WEB_OF_FUNCTION] = web_number(&p->functions, function, WEB_BRIEF);
	return web_number(&p->frames, frame, WEB_FRAME_WIDTH);
}

static uint32_t child(struct web *p, uint32_t node, uint32_t frame)
{
	const uint32_t item[WEB_NODE_WIDTH] = { node, frame };

	return web_number(&p->nodes, item, WEB_NODE_WIDTH);
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

static double score_of(const struct web *p, const struct web_row *row)
{
	double most = 0;

	for (size_t s = 0; s < p->sides; s++) {
		for (int m = 0; row->side[s] && m < QUERY_METRICS; m++) {
			enum query_metric metric = (enum query_metric)m;
			double part = share(
				query_metric_of(&row->side[s]->counts, metric),
				query_metric_of(&p->side[s].total, metric));

			if (part > most)
				most = part;
		}
	}
	return most;
}

struct scored {
	double score;
	size_t row;
};

static int compare_scores(const void *a, const void *b)
{
	const struct scored *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* The side that names a row's frames. */
static size_t owner_of(const struct web_row *row)
{
	return row->side[1] ? 1 : 0;
}

static const struct query_frame *
frames_of(const struct web *p, const struct web_row *row, size_t *count)
{
	size_t side = owner_of(row);

	return profile_frames(p->side[side].profile, row->side[side], count);
}

static const struct query_frame *place_of(const struct query_frame *f,
					  size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!f[i].wrapper)
			return &f[i];
	return f;
}

static size_t add_stack(struct web *p, const struct web_stack *s)
{
	p->stacks = xgrow(p->stacks, &p->stack_room, p->stack_count + 1,
			  sizeof(*p->stacks));
	p->stacks[p->stack_count] = *s;
	return p->stack_count++;
}

static uint32_t add_nodes(struct web *p, size_t side,
			  const struct query_frame *f, size_t count)
{
	uint32_t node = 0;
	char text[64];

	for (size_t i = count; i--;) {
		if (count > WEB_DEPTH && i == count - WEB_DEPTH / 2) {
			snprintf(text, sizeof(text), "(%zu calls left out)",
				 count - WEB_DEPTH);
			node = child(p, node, web_remark(p, text));
			i = WEB_DEPTH / 2 - 1;
		}
		node = child(p, node, web_frame_of(p, side, &f[i]));
	}
	return node;
}

static void keep(struct web *p, size_t row)
{
	const struct web_row *r = &p->rows[row];
	size_t count, side = owner_of(r);
	const struct query_frame *f = frames_of(p, r, &count), *place;
	struct web_stack s = { .profile = p->side[side].profile };

	if (count) {
		place = place_of(f, count);
		s.file = place->file;
		s.place = web_frame_of(p, side, place);
		s.node = add_nodes(p, side, f, count);
	} else {
		s.place = web_remark(p, "(no stack)");
		s.node = child(p, 0, s.place);
	}
	for (size_t i = 0; i < p->sides; i++)
		if (r->side[i])
			s.counts[i] = r->side[i]->counts;
	p->stack_of_row[row] = (uint32_t)add_stack(p, &s);
}

/* Stacks that are not kept, by frame of their place. */
struct rest {
	uint32_t *stack; /* owned: number + 1, 0 none */
	size_t room;
	uint32_t frame; /* above all of them */
};

/* The stack that stands for those of a place; NULL file: for any place. */
static uint32_t rest_of(struct web *p, struct rest *r, uint32_t place,
			const char *file, size_t side)
{
	struct web_stack s = { .profile = p->side[side].profile,
			       .file = file,
			       .place = place };
	size_t old = r->room;

	r->stack =
		xgrow(r->stack, &r->room, (size_t)place + 1, sizeof(*r->stack));
	memset(r->stack + old, 0, (r->room - old) * sizeof(*r->stack));
	if (r->stack[place])
		return r->stack[place] - 1;
	if (place != r->frame && p->stack_count >= p->kept + WEB_PLACES)
		return rest_of(p, r, r->frame, NULL, side);
	s.node = child(p, 0, r->frame);
	if (place != r->frame)
		s.node = child(p, s.node, place);
	r->stack[place] = (uint32_t)add_stack(p, &s) + 1;
	return r->stack[place] - 1;
}

static void sum_up(struct web *p, struct rest *rest, size_t row)
{
	const struct web_row *r = &p->rows[row];
	size_t count, side = owner_of(r);
	const struct query_frame *f = frames_of(p, r, &count);
	uint32_t frame = rest->frame, stack;

	if (count) {
		f = place_of(f, count);
		frame = web_frame_of(p, side, f);
	}
	stack = rest_of(p, rest, frame, count ? f->file : NULL, side);
	p->stack_of_row[row] = stack;
	for (size_t i = 0; i < p->sides; i++)
		if (r->side[i])
			query_counts_add(&p->stacks[stack].counts[i],
					 &r->side[i]->counts);
}

static struct scored *sort_rows(const struct web *p)
{
	struct scored *list = xcalloc(p->row_count + 1, sizeof(*list));

	for (size_t i = 0; i < p->row_count; i++)
		list[i] = (struct scored){ score_of(p, &p->rows[i]), i };
	qsort(list, p->row_count, sizeof(*list), compare_scores);
	return list;
}

void web_choose(struct web *p)
{
	struct scored *list = sort_rows(p);
	struct rest rest = { 0 };
	size_t i;

	p->functions.width = WEB_FUNCTION_WIDTH;
	p->frames.width = WEB_FRAME_WIDTH;
	p->nodes.width = WEB_NODE_WIDTH;
	text_of(p, NULL);
	child(p, 0, web_remark(p, "all"));
	p->stack_of_row = xcalloc(p->row_count + 1, sizeof(uint32_t));
	for (i = 0;
	     i < p->row_count && i < WEB_STACKS && p->nodes.count < WEB_NODES;
	     i++)
		keep(p, list[i].row);
	p->kept = i;
	if (i < p->row_count)
		rest.frame = web_remark(p, "(smaller stacks)");
	for (; i < p->row_count; i++)
		sum_up(p, &rest, list[i].row);
	free(rest.stack);
	free(list);
}

void web_release(struct web *p)
{
	for (size_t i = 0; i < 2; i++) {
		export_numbers_release(&p->seen[i]);
		free(p->seen_frame[i]);
	}
	web_texts_release(&p->texts);
	web_table_release(&p->functions);
	web_table_release(&p->frames);
	web_table_release(&p->nodes);
	free(p->stacks);
	free(p->stack_of_row);
	free(p->rows);
}
