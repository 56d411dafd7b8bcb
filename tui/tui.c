/*
 * tui - see tui.h.
 *
 * The loop draws, waits for a key, a page or the next second, and does what
 * came. A script does the same without a terminal and waits for each answer, so
 * that the same keys always end in the same screen.
 */
#include "tui/tui.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/browser.h"
#include "tui/editor.h"
#include "tui/terminal.h"

enum {
	PATIENCE = 150, /* ms until it is said that one waits */
	REFRESH = 1000, /* ms, of what is still written */
};

static int save_screen(struct browser *b, const char *path, struct err *err)
{
	FILE *out;
	bool is_good;

	if (!path)
		return 0;
	out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
	if (!out)
		return err_errno(err, "cannot write '%s'", path);
	cells_write(&b->cells, out);
	if (out == stdout)
		return 0;
	is_good = !ferror(out);
	is_good = fclose(out) == 0 && is_good;
	return is_good ? 0 : err_errno(err, "cannot write '%s'", path);
}

/* A trace that can not be opened ends it all. */
static int judge(const struct browser *b, struct err *err)
{
	const struct page *p = browser_page(b);

	return p && p->is_fatal ? err_set(err, "%s", p->error) : 0;
}

/*
 * Scripts
 */

static void settle(struct browser *b)
{
	worker_wait(b->worker);
	browser_update(b);
	browser_draw(b);
}

static int play(struct browser *b, const char *script, struct err *err)
{
	struct keys_input input;
	size_t used;

	settle(b);
	for (; *script && !b->is_ending; script += used) {
		used = keys_parse(script, &input);
		if (!used)
			return err_set(err, "no key at '%.20s' of the script",
				       script);
		if (input.key)
			browser_key(b, input.key);
		else
			browser_resize(b, input.rows, input.columns);
		settle(b);
	}
	return judge(b, err);
}

/*
 * People
 */

static void take_event(struct browser *b, const struct terminal_event *e)
{
	int rows, columns;

	switch (e->kind) {
	case TERMINAL_KEY:
		browser_key(b, e->key);
		return;
	case TERMINAL_CLICK:
		browser_click(b, e->row, e->column);
		return;
	case TERMINAL_WHEEL:
		browser_wheel(b, e->row);
		return;
	case TERMINAL_RESIZE:
		terminal_size(&rows, &columns);
		browser_resize(b, rows, columns);
		return;
	default:
		return;
	}
}

static void take_events(struct browser *b)
{
	struct terminal_event e;

	while (!b->is_ending && !b->wants_editor) {
		e = terminal_read();
		if (e.kind == TERMINAL_NOTHING)
			return;
		take_event(b, &e);
	}
}

static void show(struct browser *b)
{
	browser_draw(b);
	if (b->wants_redraw)
		terminal_redraw();
	b->wants_redraw = false;
	terminal_show(&b->cells);
}

static bool is_growing(const struct browser *b)
{
	const struct page *p = browser_page(b);

	return b->options->is_live && (!p || p->head.is_live) && !b->is_paused;
}

/* The signal that ended it, or 0. */
static int interact(struct browser *b)
{
	int number = 0, rows, columns;

	terminal_size(&rows, &columns);
	browser_resize(b, rows, columns);
	while (!b->is_ending && !number) {
		bool waits = browser_is_waiting(b) && !b->is_waiting_long;
		bool is_live = is_growing(b);

		show(b);
		number = terminal_wait(worker_descriptor(b->worker),
				       waits	 ? PATIENCE
				       : is_live ? REFRESH
						 : -1);
		browser_update(b);
		b->is_waiting_long =
			browser_is_waiting(b) && browser_waited(b) >= PATIENCE;
		take_events(b);
		if (b->wants_editor)
			editor_run(b);
		b->wants_editor = false;
		if (is_live && browser_waited(b) >= REFRESH)
			browser_reload(b);
	}
	return number;
}

static int run(struct browser *b, struct err *err)
{
	int number;

	if (b->options->script)
		return play(b, b->options->script, err);
	if (terminal_open(err) < 0)
		return -1;
	number = interact(b);
	terminal_close();
	if (!number)
		return judge(b, err);
	/* Whoever sent it sees that it worked. */
	signal(number, SIG_DFL);
	raise(number);
	return 0;
}

int tui_run(const struct tui_options *o, struct err *err)
{
	struct worker *worker = worker_start(o, err);
	struct browser b;
	int ret;

	if (!worker)
		return -1;
	browser_init(&b, o, worker);
	ret = run(&b, err);
	if (ret == 0)
		ret = save_screen(&b, o->screen, err);
	if (b.copied)
		fwrite(b.copied, 1, b.copied_size, stdout);
	/* What it is at may take long, and nobody waits for it any more. */
	if (!worker_stop(worker) && ret == 0) {
		fflush(stdout);
		_exit(0);
	}
	browser_release(&b);
	return ret;
}
