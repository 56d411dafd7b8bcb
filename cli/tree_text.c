/*
 * tree_text - the call tree that people read.
 *
 * Figures stand in columns on the left, the tree on the right. A node that is
 * the only one below its parent stands under it without a step to the right,
 * so that the long single file from main() to where things part costs no
 * width.
 */
#include "cli/tree.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "text/escape.h"
#include "text/metric.h"
#include "text/place.h"
#include "cli/screen.h"
#include "trace/xmalloc.h"

enum {
	FIGURE_COLUMNS = 10 + 8 + 11 + 12 + 2,
	NAME_MIN = 24,
	STEP_COLUMNS = 3,
};

struct lines {
	const char *fork, *last, *bar;
};

static const struct lines plain_lines = { "|- ", "`- ", "|  " };
static const struct lines utf8_lines = { "\u251c\u2500 ", "\u2514\u2500 ",
					 "\u2502  " };

struct text {
	const struct tree *tree;
	const struct lines *lines;
	struct place_style style;
	uint64_t whole; /* of the metric */
	char *prefix; /* of what stands below the line shown last; owned */
	size_t room;
	size_t *ends; /* of the prefix, by depth; owned */
	size_t *steps; /* to the right, by depth; owned */
	size_t end_room, step_room;
};

static struct amount metric_text(const struct text *t,
				 const struct query_counts *c)
{
	return metric_amount(t->tree->query.sort,
			     query_metric_of(c, t->tree->query.sort));
}

static void print_titles(const struct text *t)
{
	enum query_metric sort = t->tree->query.sort;

	screen_style(SCREEN_TITLE);
	printf("%10s %7s %10s %11s  %s", metric_title(sort), "%", "own",
	       sort == QUERY_CALLS ? "allocated" : "calls", "function");
	screen_style(SCREEN_PLAIN);
	putchar('\n');
}

static void print_figures(const struct text *t, const struct query_node *n)
{
	enum query_metric sort = t->tree->query.sort;

	printf("%10s", metric_text(t, &n->total).text);
	printf(" %7s",
	       amount_share(query_metric_of(&n->total, sort), t->whole).text);
	printf(" %10s", metric_text(t, &n->own).text);
	if (sort == QUERY_CALLS)
		printf(" %11s", amount_bytes(n->total.allocated_bytes).text);
	else
		printf(" %11s", amount_count(n->total.calls).text);
	fputs("  ", stdout);
}

static void append(struct text *t, size_t at, const char *text)
{
	t->prefix = xgrow(t->prefix, &t->room, at + strlen(text) + 1, 1);
	strcpy(t->prefix + at, text);
}

/* What stands before the line, and from then on before those below it. */
static size_t print_prefix(struct text *t, const struct tree_line *line)
{
	size_t at = line->depth ? t->ends[line->depth - 1] : 0;
	size_t steps = line->depth ? t->steps[line->depth - 1] : 0;
	const char *below = line->is_last ? "   " : t->lines->bar;

	t->ends =
		xgrow(t->ends, &t->end_room, line->depth + 1, sizeof(*t->ends));
	t->steps = xgrow(t->steps, &t->step_room, line->depth + 1,
			 sizeof(*t->steps));
	append(t, at, "");
	fputs(t->prefix, stdout);
	if (!line->is_only) {
		fputs(line->is_last ? t->lines->last : t->lines->fork, stdout);
		append(t, at, below);
		at += strlen(below);
		steps++;
	}
	t->ends[line->depth] = at;
	t->steps[line->depth] = steps;
	return steps * STEP_COLUMNS;
}

static void print_process(const struct model_process *p)
{
	printf("process %d ", p->pid);
	escape_print(stdout, p->name ? p->name : "?");
}

static void print_marks(const struct query_node *n)
{
	if (n->recursion > 1)
		printf(" (recursive x%" PRIu32 ")", n->recursion);
	if (n->frame.inlined)
		fputs(" (inlined)", stdout);
	if (n->frame.guessed)
		fputs(" (guessed)", stdout);
}

static void print_call(const struct text *t, const struct query_node *n,
		       size_t indent)
{
	struct place_style style = t->style;
	char *text;

	if (style.columns)
		style.columns = style.columns > indent + NAME_MIN
					? style.columns - indent
					: NAME_MIN;
	text = place_line(&n->frame, &style);
	fputs(text, stdout);
	free(text);
	print_marks(n);
}

static void print_subject(const struct text *t, const struct tree_line *line,
			  const struct query_node *n, size_t indent)
{
	if (!line->depth) {
		fputs("all", stdout);
	} else if (n->thread) {
		fputs("thread ", stdout);
		escape_print(stdout, n->thread->name ? n->thread->name : "?");
		printf(" tid %d, ", n->thread->tid);
		if (n->process)
			print_process(n->process);
	} else if (n->process) {
		print_process(n->process);
	} else {
		print_call(t, n, indent);
	}
	putchar('\n');
}

static void show_rest(struct text *t, const struct tree_line *line)
{
	enum query_metric sort = t->tree->query.sort;

	printf("%10s", metric_amount(sort, line->rest_value).text);
	printf(" %7s %10s %11s  ",
	       amount_share(line->rest_value, t->whole).text, "", "");
	print_prefix(t, line);
	printf("%zu more\n", line->rest);
}

static void show(void *context, const struct tree_line *line,
		 const struct query_node *n)
{
	struct text *t = context;
	size_t indent;

	if (line->rest) {
		show_rest(t, line);
		return;
	}
	if (!line->depth)
		t->whole = query_metric_of(&n->total, t->tree->query.sort);
	print_figures(t, n);
	indent = print_prefix(t, line);
	print_subject(t, line, n, indent);
}

static void print_heading(const struct tree *t)
{
	const struct query *q = &t->query;

	printf("%s by %s, %s\n", q->kind == MODEL_HEAP ? "Heap" : "Mappings",
	       t->options.bottom_up ? "callees" : "callers",
	       metric_sentence(q->sort));
	if (strcmp(profile_instant(t->profile), "end") != 0) {
		fputs("at ", stdout);
		escape_print(stdout, profile_instant(t->profile));
		printf(", after %s\n",
		       amount_time(profile_time(t->profile)).text);
	}
	if (q->where) {
		fputs("filtered: ", stdout);
		escape_print(stdout, where_text(q->where));
		putchar('\n');
	}
}

void tree_text(const struct tree *t)
{
	size_t columns = screen_columns();
	struct text text = {
		.tree = t,
		.lines = &plain_lines,
		.style = { .cwd = profile_run(t->profile)->cwd,
			   .full = t->full },
	};

	if (!t->full)
		text.style.columns = columns > FIGURE_COLUMNS + NAME_MIN
					     ? columns - FIGURE_COLUMNS
					     : NAME_MIN;
	if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
		text.lines = &utf8_lines;
	print_heading(t);
	print_titles(&text);
	tree_walk(t, show, &text);
	free(text.prefix);
	free(text.ends);
	free(text.steps);
}
