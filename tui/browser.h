/*
 * browser - the state of the interface: the question, the pages that answer
 * it, a cursor in each, and what is being typed.
 *
 * Keys go in, cells come out. It knows nothing of the terminal, so a script
 * drives it as a person does.
 */
#ifndef MEMPROF_TUI_BROWSER_H
#define MEMPROF_TUI_BROWSER_H

#include "tui/cells.h"
#include "tui/keys.h"
#include "tui/list.h"
#include "tui/page.h"
#include "tui/prompt.h"
#include "tui/tui.h"
#include "tui/worker.h"

struct browser {
	const struct tui_options *options; /* borrowed */
	struct worker *worker; /* borrowed */
	struct cells cells;
	struct ask ask;
	struct page *pages[VIEWS]; /* owned; the newest of each, NULL none */
	struct list lists[VIEWS];
	enum view_id previous; /* the view before */
	char aimed[ASK_TARGET]; /* the source's cursor went there */
	struct prompt prompt;
	char search[ASK_WHERE]; /* "" nothing yet */
	char message[512]; /* for the footer, until the next key */
	uint32_t early[16]; /* keys for a page that is to come */
	size_t early_count;
	char *copied; /* owned; what `y` kept */
	size_t copied_size;
	uint64_t answered; /* number of the newest answer */
	uint64_t asked_at; /* ns, by the monotonic clock */
	bool is_waiting_long; /* long enough to say so */
	bool is_paused, is_ending;
	bool wants_editor, wants_redraw;
};

void browser_init(struct browser *b, const struct tui_options *o,
		  struct worker *w);
void browser_release(struct browser *b);

void browser_resize(struct browser *b, int rows, int columns);
void browser_key(struct browser *b, uint32_t key);
/* A click on a cell, or turns of the wheel: rows down. */
void browser_click(struct browser *b, int row, int column);
void browser_wheel(struct browser *b, int rows);
/* Takes what the worker has. */
void browser_update(struct browser *b);
/* The trace has grown. */
void browser_reload(struct browser *b);
bool browser_is_waiting(const struct browser *b);
/* Since the last question, in ms. */
int browser_waited(const struct browser *b);
void browser_draw(struct browser *b);

/*
 * For views
 */

const struct page *browser_page(const struct browser *b); /* NULL none */
const struct page_row *browser_row(const struct browser *b); /* NULL none */
void browser_say(struct browser *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Asks what the state now says. */
void browser_ask(struct browser *b);
void browser_show(struct browser *b, enum view_id view);
void browser_group(struct browser *b);
/* These are done: true. */
bool browser_fold(struct browser *b);
bool browser_filter(struct browser *b, const char *where);
bool browser_source(struct browser *b);
/* To an instant of the run, in ns or as behind the @. */
void browser_go(struct browser *b, uint64_t ns);
void browser_go_to(struct browser *b, const char *when);

#endif
