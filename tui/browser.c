/*
 * browser - see browser.h.
 *
 * An action changes the question and asks anew, or changes what stands where on
 * the screen. The page before stays until the answer comes, so there is always
 * something to look at, and a cursor that can move in it.
 */
#include "tui/browser.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text/escape.h"
#include "text/metric.h"
#include "trace/xmalloc.h"
#include "tui/border.h"
#include "tui/saving.h"
#include "tui/view.h"

void browser_init(struct browser *b, const struct tui_options *o,
		  struct worker *w)
{
	*b = (struct browser){ .options = o, .worker = w };
	b->ask.metric = o->metric;
	b->ask.by = QUERY_BY_LINE;
	if (o->where)
		strncat(b->ask.where, o->where, ASK_WHERE - 1);
	cells_resize(&b->cells, o->rows, o->columns);
	browser_ask(b);
}

void browser_release(struct browser *b)
{
	for (int i = 0; i < VIEWS; i++)
		page_destroy(b->pages[i]);
	ask_release(&b->ask);
	cells_release(&b->cells);
	free(b->copied);
}

const struct page *browser_page(const struct browser *b)
{
	return b->pages[b->ask.view];
}

const struct page_row *browser_row(const struct browser *b)
{
	const struct page *p = browser_page(b);
	size_t cursor = b->lists[b->ask.view].cursor;

	return p && cursor < p->count ? &p->rows[cursor] : NULL;
}

void browser_say(struct browser *b, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(b->message, sizeof(b->message), format, ap);
	va_end(ap);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void browser_ask(struct browser *b)
{
	b->ask.number++;
	b->asked_at = now();
	worker_ask(b->worker, &b->ask);
	b->ask.reload = false;
}

bool browser_is_waiting(const struct browser *b)
{
	return b->answered < b->ask.number;
}

int browser_waited(const struct browser *b)
{
	return (int)((now() - b->asked_at) / 1000000);
}

static void catch_up(struct browser *b);

void browser_update(struct browser *b)
{
	struct page *p = worker_take(b->worker);
	enum view_id view;

	if (!p)
		return;
	/* One that was given up is late, not wrong: but not wanted. */
	if (p->ask.number <= b->answered) {
		page_destroy(p);
		return;
	}
	b->answered = p->ask.number - p->is_near;
	b->is_ending = b->is_ending || p->is_fatal;
	view = p->ask.view;
	page_destroy(b->pages[view]);
	b->pages[view] = p;
	if (p->start && strcmp(b->aimed, p->ask.target) != 0) {
		b->lists[view].key = p->start;
		b->lists[view].cursor = 1;
		strcpy(b->aimed, p->ask.target);
	}
	list_follow(&b->lists[view], p);
	catch_up(b);
}

void browser_reload(struct browser *b)
{
	if (b->is_paused || browser_is_waiting(b))
		return;
	b->ask.reload = true;
	browser_ask(b);
}

void browser_resize(struct browser *b, int rows, int columns)
{
	cells_resize(&b->cells, rows, columns);
}

/*
 * What views do
 */

/* The source follows what is chosen. */
static void aim(struct browser *b)
{
	const struct page_row *row = browser_row(b);
	const struct query_frame *f;

	if (!row)
		return;
	f = &row->frame;
	if (f->file && f->line)
		snprintf(b->ask.target, ASK_TARGET, "%s:%" PRIu32, f->file,
			 f->line);
	else if (f->function)
		snprintf(b->ask.target, ASK_TARGET, "%s", f->function);
}

void browser_show(struct browser *b, enum view_id view)
{
	if (view == b->ask.view)
		return;
	if (view == VIEW_SOURCE)
		aim(b);
	b->previous = b->ask.view;
	b->ask.view = view;
	browser_ask(b);
}

void browser_group(struct browser *b)
{
	static const enum query_by next[QUERY_BYS] = {
		[QUERY_BY_LINE] = QUERY_BY_FUNCTION,
		[QUERY_BY_FUNCTION] = QUERY_BY_FILE,
		[QUERY_BY_FILE] = QUERY_BY_MODULE,
		[QUERY_BY_MODULE] = QUERY_BY_STACK,
		[QUERY_BY_STACK] = QUERY_BY_PROCESS,
		[QUERY_BY_PROCESS] = QUERY_BY_LINE,
	};

	b->ask.by = next[b->ask.by];
	browser_ask(b);
}

bool browser_fold(struct browser *b)
{
	const struct page_row *row = browser_row(b);
	uint64_t key;

	if (!row)
		return true;
	key = row->fold == PAGE_LEAF ? row->parent : row->key;
	if (!key)
		return true;
	ask_toggle(&b->ask, key);
	b->lists[b->ask.view].key = key;
	browser_ask(b);
	return true;
}

bool browser_filter(struct browser *b, const char *where)
{
	char both[ASK_WHERE];
	int length;

	length = snprintf(both, sizeof(both),
			  *b->ask.where ? "(%s) and %s" : "%s%s", b->ask.where,
			  where);
	if (length < 0 || length >= ASK_WHERE) {
		browser_say(b, "the filter is too long");
		return true;
	}
	strcpy(b->ask.where, both);
	browser_show(b, VIEW_LINES);
	return true;
}

bool browser_source(struct browser *b)
{
	browser_show(b, VIEW_SOURCE);
	return true;
}

void browser_go_to(struct browser *b, const char *when)
{
	b->ask.now[0] = '\0';
	strncat(b->ask.now, when, ASK_WHEN - 1);
	browser_ask(b);
}

void browser_go(struct browser *b, uint64_t ns)
{
	char when[32];

	snprintf(when, sizeof(when), "%" PRIu64 "ns", ns);
	browser_go_to(b, when);
}

/*
 * Prompts
 */

static void search(struct browser *b, int step)
{
	const struct page *p = browser_page(b);

	if (!p || !*b->search)
		return;
	if (!list_search(&b->lists[b->ask.view], p, b->search, step))
		browser_say(b, "no row has '%s'", b->search);
}

static void set_filter(struct browser *b)
{
	struct err err;
	struct where *w;

	if (*b->prompt.text) {
		w = where_parse(b->prompt.text, &err);
		if (!w) {
			snprintf(b->prompt.error, sizeof(b->prompt.error), "%s",
				 err.text);
			return;
		}
		where_destroy(w);
	}
	snprintf(b->ask.where, ASK_WHERE, "%s", b->prompt.text);
	b->prompt.kind = PROMPT_NONE;
	browser_ask(b);
}

static void finish_prompt(struct browser *b)
{
	switch (b->prompt.kind) {
	case PROMPT_SEARCH:
		if (*b->prompt.text)
			snprintf(b->search, sizeof(b->search), "%s",
				 b->prompt.text);
		b->prompt.kind = PROMPT_NONE;
		search(b, 1);
		return;
	case PROMPT_FILTER:
		set_filter(b);
		return;
	default:
		b->prompt.kind = PROMPT_NONE;
		saving_view(b, b->prompt.text);
	}
}

/*
 * Actions
 */

static void set_metric(struct browser *b, int step)
{
	/* In the order of what is asked most; leaked is the leaks' view. */
	static const enum query_metric order[] = {
		QUERY_PEAK,	 QUERY_LIVE,  QUERY_ALLOCATED, QUERY_CALLS,
		QUERY_TEMPORARY, QUERY_FREED, QUERY_CYCLIC,    QUERY_LEAKED,
	};
	const int count = sizeof(order) / sizeof(*order);
	int at = 0;

	while (at < count - 1 && order[at] != b->ask.metric)
		at++;
	b->ask.metric = order[(at + step + count) % count];
	browser_ask(b);
}

static void set_base(struct browser *b)
{
	const struct page *p = browser_page(b);

	if (!p || p->error)
		return;
	if (b->options->specs == 2) {
		browser_say(b, "A is the first trace, as it was opened");
		return;
	}
	/* "end" and "peak" of a trace that grows would move. */
	if (p->head.is_live || !*b->ask.now)
		snprintf(b->ask.base, ASK_WHEN, "%" PRIu64 "ns", p->head.time);
	else
		strcpy(b->ask.base, b->ask.now);
	if (!p->head.is_live && !*b->ask.now && strlen(p->head.now) < ASK_WHEN)
		strcpy(b->ask.base, p->head.now);
	/* Peaks of two instants differ by nothing as often as not. */
	if (b->ask.metric == QUERY_PEAK)
		b->ask.metric = QUERY_LIVE;
	browser_say(b, "A is here; go on to see what changes");
	browser_ask(b);
}

static void clear_base(struct browser *b)
{
	b->ask.base[0] = '\0';
	browser_ask(b);
}

static void go_to_mark(struct browser *b, int step)
{
	const struct page *p = browser_page(b);
	const struct page_mark *best = NULL;
	uint64_t time;

	if (!p)
		return;
	time = p->head.time;
	for (size_t i = 0; i < p->mark_count; i++) {
		const struct page_mark *m = &p->marks[i];

		if (step > 0 && m->time > time && !best)
			best = m;
		else if (step < 0 && m->time < time)
			best = m;
	}
	if (best)
		browser_go_to(b, best->when);
	else
		browser_say(b, p->mark_count ? "no further mark"
					     : "this run has no marks");
}

static void fold_all(struct browser *b, enum page_fold fold)
{
	const struct page *p = browser_page(b);
	const struct page_row *row = browser_row(b);
	size_t steps = 0;

	if (!p || !row)
		return;
	for (size_t i = 0; i < p->count && steps < ASK_WHERE; i++) {
		if (p->rows[i].fold != fold)
			continue;
		ask_toggle(&b->ask, p->rows[i].key);
		steps++;
	}
	browser_ask(b);
}

static void move(struct browser *b, enum action action)
{
	struct list *l = &b->lists[b->ask.view];
	const struct page *p = browser_page(b);
	long page = l->rows > 1 ? l->rows - 1 : 1;

	if (!p)
		return;
	switch (action) {
	case ACTION_DOWN:
		list_move(l, p, 1);
		return;
	case ACTION_UP:
		list_move(l, p, -1);
		return;
	case ACTION_PAGE_DOWN:
		list_move(l, p, page);
		return;
	case ACTION_PAGE_UP:
		list_move(l, p, -page);
		return;
	case ACTION_HALF_DOWN:
		list_move(l, p, (page + 1) / 2);
		return;
	case ACTION_HALF_UP:
		list_move(l, p, -(page + 1) / 2);
		return;
	case ACTION_FIRST:
		list_go(l, p, 0);
		return;
	default:
		list_go(l, p, p->count);
	}
}

static void stop(struct browser *b)
{
	if (browser_is_waiting(b)) {
		b->answered = b->ask.number;
		worker_give_up(b->worker);
		b->early_count = 0;
		browser_say(b, "stopped waiting; what is shown is from before");
	} else {
		b->search[0] = '\0';
	}
}

static void change_shape(struct browser *b, enum action action)
{
	switch (action) {
	case ACTION_METRIC:
	case ACTION_METRIC_BACK:
		set_metric(b, action == ACTION_METRIC ? 1 : -1);
		return;
	case ACTION_SORT:
		b->ask.order = (b->ask.order + 1) % ASK_ORDERS;
		browser_ask(b);
		return;
	case ACTION_REVERSE:
		b->ask.is_reversed = !b->ask.is_reversed;
		browser_ask(b);
		return;
	case ACTION_FLIP:
		b->ask.bottom_up = !b->ask.bottom_up;
		b->ask.zoom = 0;
		browser_ask(b);
		return;
	case ACTION_UNFOLD_ALL:
		fold_all(b, PAGE_FOLDED);
		return;
	case ACTION_FOLD_ALL:
		fold_all(b, PAGE_OPEN);
		return;
	default:
		return;
	}
}

static void travel(struct browser *b, enum action action)
{
	switch (action) {
	case ACTION_MARK_A:
		set_base(b);
		return;
	case ACTION_MARK_B:
		browser_show(b, VIEW_DIFF);
		return;
	case ACTION_CLEAR:
		clear_base(b);
		return;
	case ACTION_NEXT_MARK:
	case ACTION_PREVIOUS_MARK:
		go_to_mark(b, action == ACTION_NEXT_MARK ? 1 : -1);
		return;
	case ACTION_PEAK:
	case ACTION_PAUSE:
		if (b->options->is_live)
			b->is_paused = !b->is_paused;
		else
			browser_go_to(b, "peak");
		return;
	default:
		return;
	}
}

static void work(struct browser *b, enum action action)
{
	switch (action) {
	case ACTION_SEARCH:
		prompt_start(&b->prompt, PROMPT_SEARCH, "");
		return;
	case ACTION_FILTER:
		prompt_start(&b->prompt, PROMPT_FILTER, b->ask.where);
		return;
	case ACTION_WRITE:
		prompt_start(&b->prompt, PROMPT_WRITE, "");
		return;
	case ACTION_NEXT:
	case ACTION_PREVIOUS:
		search(b, action == ACTION_NEXT ? 1 : -1);
		return;
	case ACTION_COPY:
		saving_copy(b);
		return;
	case ACTION_EDIT:
		b->wants_editor = true;
		return;
	case ACTION_STOP:
		stop(b);
		return;
	case ACTION_REDRAW:
		b->wants_redraw = true;
		return;
	case ACTION_QUIT:
		b->is_ending = true;
		return;
	default:
		return;
	}
}

static void act(struct browser *b, enum action action)
{
	const struct view *view = view_of(b->ask.view);
	int id = b->ask.view;

	if (view->act && browser_page(b) && view->act(b, action))
		return;
	if (action >= ACTION_VIEW && action <= ACTION_VIEW_LAST)
		browser_show(b, (enum view_id)(action - ACTION_VIEW));
	else if (action == ACTION_NEXT_VIEW)
		browser_show(b, (enum view_id)((id + 1) % VIEWS));
	else if (action == ACTION_PREVIOUS_VIEW)
		browser_show(b, (enum view_id)((id + VIEWS - 1) % VIEWS));
	else if (action == ACTION_BACK)
		browser_show(b, b->previous);
	else if (action >= ACTION_UP && action <= ACTION_LAST)
		move(b, action);
	else if (action >= ACTION_UNFOLD_ALL && action <= ACTION_REVERSE)
		change_shape(b, action);
	else if (action >= ACTION_MARK_A && action <= ACTION_PEAK)
		travel(b, action);
	else
		work(b, action);
}

/* Whoever types ahead means the view that is not there yet. */
static bool is_early(const struct browser *b, enum action action)
{
	bool is_for_all =
		action == ACTION_QUIT || action == ACTION_STOP ||
		(action >= ACTION_NEXT_VIEW && action <= ACTION_VIEW_LAST);

	return !browser_page(b) && browser_is_waiting(b) && !is_for_all &&
	       b->early_count < sizeof(b->early) / sizeof(*b->early);
}

static void catch_up(struct browser *b)
{
	size_t count = b->early_count;
	uint32_t keys[sizeof(b->early) / sizeof(*b->early)];

	memcpy(keys, b->early, sizeof(keys));
	b->early_count = 0;
	for (size_t i = 0; i < count; i++)
		browser_key(b, keys[i]);
}

void browser_key(struct browser *b, uint32_t key)
{
	enum action action = keys_action(key);

	b->message[0] = '\0';
	if (b->prompt.kind == PROMPT_NONE && is_early(b, action))
		b->early[b->early_count++] = key;
	else if (b->prompt.kind == PROMPT_NONE)
		act(b, action);
	else if (prompt_key(&b->prompt, key))
		finish_prompt(b);
}

/*
 * Mouse and screen
 */

void browser_click(struct browser *b, int row, int column)
{
	struct area area = border_area(b);
	struct list *l = &b->lists[b->ask.view];
	const struct page *p = browser_page(b);
	int view = border_tab_at(b, row, column);

	b->message[0] = '\0';
	if (view >= 0)
		browser_show(b, (enum view_id)view);
	else if (p && !p->error && view_of(b->ask.view)->click)
		view_of(b->ask.view)->click(b, area, row, column);
	else if (p && row >= area.top + area.rows - l->rows &&
		 row < area.top + area.rows)
		list_go(l, p,
			l->top +
				(size_t)(row - area.top - area.rows + l->rows));
}

void browser_wheel(struct browser *b, int rows)
{
	const struct page *p = browser_page(b);

	if (p)
		list_move(&b->lists[b->ask.view], p, rows);
}

static void draw_error(struct browser *b, struct area area, const char *text)
{
	struct pen pen = pen_at(&b->cells, area.top);

	pen.style = CELLS_WARNING;
	pen_put(&pen, text);
}

void browser_draw(struct browser *b)
{
	const struct view *view = view_of(b->ask.view);
	const struct page *p = browser_page(b);
	const struct list_look look = { .match = *b->search ? b->search : NULL,
					.has_cursor = true };
	struct area area = border_area(b);

	cells_resize(&b->cells, b->cells.rows, b->cells.columns);
	border_draw(b);
	if (area.rows < 1)
		return;
	if (!p)
		draw_error(b, area, "one moment ...");
	else if (p->error)
		draw_error(b, area, p->error);
	else if (view->draw)
		view->draw(b, area);
	else
		list_draw(&b->lists[b->ask.view], p, &b->cells, area, &look);
}
